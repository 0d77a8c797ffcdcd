"""Drawing: canvases, fonts, and the panels that pictures are made of."""
