from .evaluation import Backtest, backtest
from .insight.attention import attention_weights
from .insight.attention_by_class import attention_by_class, plot_attention_by_class
from .insight.attention_maps import AttentionMap, attention_map, step_attention
from .insight.attention_plots import plot_attention
from .insight.confusion_plot import plot_confusion
from .insight.deletion import Deletion, deletion_curve, plot_deletion
from .insight.gates import gates
from .insight.gradients import gradient_flow
from .insight.inside_plots import plot_gates, plot_gradient_flow
from .insight.plots import plot_backtest, plot_forecast, plot_history
from .models.classifier import Classifier, build_classifier
from .models.forecaster import Forecaster, build_forecaster
from .models.recurrent import build_recurrent
from .recipes.classifier import train_classifier
from .recipes.forecaster import train_forecaster
from .samples import Samples, read_sequences, read_texts
from .scoring import ClassScores, score_classifier
from .sequences import Sequences, take_sequences
from .tables import Split, read_csv, split
from .windows import Windows, make_windows, reshape

__all__ = [
    "AttentionMap",
    "Backtest",
    "ClassScores",
    "Classifier",
    "Deletion",
    "Forecaster",
    "Samples",
    "Sequences",
    "Split",
    "Windows",
    "attention_by_class",
    "attention_map",
    "attention_weights",
    "backtest",
    "build_classifier",
    "build_forecaster",
    "build_recurrent",
    "deletion_curve",
    "gates",
    "gradient_flow",
    "make_windows",
    "plot_attention",
    "plot_attention_by_class",
    "plot_backtest",
    "plot_confusion",
    "plot_deletion",
    "plot_forecast",
    "plot_gates",
    "plot_gradient_flow",
    "plot_history",
    "read_csv",
    "read_sequences",
    "read_texts",
    "reshape",
    "score_classifier",
    "split",
    "step_attention",
    "take_sequences",
    "train_classifier",
    "train_forecaster",
]
