"""Pretraining: series that no one has measured, and the small network that learns from them alone.

`draw.py` draws synthetic series, as many as a training asks for, from a NumPy generator; no real data enter. Its parts:
the kinds of series (`structural.py`, `arima.py`, `two_seasons.py`, `switching.py`, `gaussian_processes.py`,
`counts.py`, `shapes.py`), the seasons (`seasons.py`, `patterns.py`), what is done to a series afterwards
(`changes.py`, `past_changes.py`), how much of it is known and what is told of it (`histories.py`), and the arithmetic
that they share (`parts.py`).

`network.py` is the network, and `train.py` the script that trains it and writes its weights. `weights.py` loads those
that come with the package, `synthetic.weights.h5`; `synthetic.weights.md` says how they were made. `forecast.py` is
the network as a layer, raw series in and quantiles out, and `paths.py` has the steps beyond its 64.
"""
