from .evaluation import Backtest, backtest
from .insight.attention import attention_weights
from .insight.attention_plots import plot_attention
from .insight.gates import gates
from .insight.gradients import gradient_flow
from .insight.inside_plots import plot_gates, plot_gradient_flow
from .insight.plots import plot_backtest, plot_forecast, plot_history
from .models.forecaster import Forecaster, build_forecaster
from .models.recurrent import build_recurrent
from .recipes import train_forecaster
from .tables import Split, read_csv, split
from .windows import Windows, make_windows, reshape

__all__ = [
    "Backtest",
    "Forecaster",
    "Split",
    "Windows",
    "attention_weights",
    "backtest",
    "build_forecaster",
    "build_recurrent",
    "gates",
    "gradient_flow",
    "make_windows",
    "plot_attention",
    "plot_backtest",
    "plot_forecast",
    "plot_gates",
    "plot_gradient_flow",
    "plot_history",
    "read_csv",
    "reshape",
    "split",
    "train_forecaster",
]
