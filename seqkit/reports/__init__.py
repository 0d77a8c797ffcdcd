"""A report that one can send: one HTML file with the forecast or the scores, drawn by Plotly, without any network.

`report` makes it. `page` holds the file, `page.html`, `page.css` and `page.js` its look and its behaviour;
`forecast_page` and `classifier_page` say what stands on it.
"""
