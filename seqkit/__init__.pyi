from seqkit.evaluation import Backtest, backtest
from seqkit.insight.plots import plot_backtest, plot_forecast, plot_history
from seqkit.models.forecaster import Forecaster, build_forecaster
from seqkit.recipes import train_forecaster
from seqkit.tables import Split, read_csv, split
from seqkit.windows import Windows, make_windows, reshape

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
