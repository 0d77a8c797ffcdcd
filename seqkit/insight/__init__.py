"""Look at a model and what it does: pictures of its training, its forecasts and its scores."""

from seqkit.insight.plots import plot_backtest, plot_forecast, plot_history

__all__ = ["plot_backtest", "plot_forecast", "plot_history"]
