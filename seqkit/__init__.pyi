from .evaluation import Backtest, backtest
from .insight.plots import plot_backtest, plot_forecast, plot_history
from .models.forecaster import Forecaster, build_forecaster
from .recipes import train_forecaster
from .tables import Split, read_csv, split
from .windows import Windows, make_windows, reshape

__all__ = [
    "Backtest",
    "Forecaster",
    "Split",
    "Windows",
    "backtest",
    "build_forecaster",
    "make_windows",
    "plot_backtest",
    "plot_forecast",
    "plot_history",
    "read_csv",
    "reshape",
    "split",
    "train_forecaster",
]
