from .evaluation import Backtest, backtest
from .insight.alignments import plot_alignment
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
from .models.captioner import Captioner, build_captioner
from .models.classifier import Classifier, build_classifier
from .models.forecaster import Forecaster, build_forecaster
from .models.language_model import LanguageModel, build_language_model
from .models.recurrent import build_recurrent
from .models.seq2seq import Alignment, Seq2Seq, build_seq2seq
from .models.tagger import TaggedToken, Tagger, build_tagger
from .recipes.classifier import train_classifier
from .recipes.forecaster import train_forecaster
from .recipes.language_model import train_language_model
from .recipes.seq2seq import train_seq2seq
from .recipes.tagger import train_tagger
from .samples import Samples, read_sequences, read_texts
from .scoring import ClassScores, score_classifier
from .sequences import Sequences, take_sequences
from .tables import Split, read_csv, split
from .tag_scoring import TagScores, score_tagger
from .windows import Windows, make_windows, reshape

__all__ = [
    "Alignment",
    "AttentionMap",
    "Backtest",
    "Captioner",
    "ClassScores",
    "Classifier",
    "Deletion",
    "Forecaster",
    "LanguageModel",
    "Samples",
    "Seq2Seq",
    "Sequences",
    "Split",
    "TagScores",
    "TaggedToken",
    "Tagger",
    "Windows",
    "attention_by_class",
    "attention_map",
    "attention_weights",
    "backtest",
    "build_captioner",
    "build_classifier",
    "build_forecaster",
    "build_language_model",
    "build_recurrent",
    "build_seq2seq",
    "build_tagger",
    "deletion_curve",
    "gates",
    "gradient_flow",
    "make_windows",
    "plot_alignment",
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
    "score_tagger",
    "split",
    "step_attention",
    "take_sequences",
    "train_classifier",
    "train_forecaster",
    "train_language_model",
    "train_seq2seq",
    "train_tagger",
]
