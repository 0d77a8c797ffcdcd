from ._errors import InvalidType, InvalidValue, SeqkitWarning
from .captioning.build import build_captioner
from .captioning.model import Captioner
from .classification.attention_by_class import attention_by_class, plot_attention_by_class
from .classification.attention_maps import AttentionMap, attention_map, step_attention
from .classification.build import build_classifier
from .classification.compare import compare_attention
from .classification.deletion import Deletion, deletion_curve, plot_deletion
from .classification.model import Classifier
from .classification.plots import plot_confusion
from .classification.score import ClassScores, score_classifier
from .classification.train import train_classifier
from .data.examples import load_example
from .data.panels import as_panel
from .data.reshape import reshape
from .data.samples import Samples, read_sequences, read_texts
from .data.sequences import Sequences, take_sequences
from .data.splits import Split, split
from .data.tables import read_csv
from .data.windows import Windows, make_windows
from .drawing.history import plot_history
from .estimators.classifier import SeqkitClassifier
from .estimators.forecaster import SeqkitForecaster
from .estimators.regressor import SeqkitRegressor
from .forecasting.anomalies import Anomalies, anomalies
from .forecasting.anomaly_plot import plot_anomalies
from .forecasting.build import build_forecaster
from .forecasting.explain import Explanation, explain
from .forecasting.explanation_check import ExplanationCheck, check_explanation
from .forecasting.explanation_plot import plot_explanation
from .forecasting.model import Forecaster
from .forecasting.plots import plot_backtest, plot_forecast
from .forecasting.pretrained import PretrainedForecaster
from .forecasting.score import Backtest, backtest
from .forecasting.train import train_forecaster
from .insight.attention import attention_weights
from .insight.attention_plots import plot_attention
from .insight.by_hand import gru_by_hand, lstm_by_hand, simple_rnn_by_hand
from .insight.cell_gates import gates
from .insight.cell_plot import plot_cell
from .insight.gpu import gpu_report
from .insight.gradients import gradient_flow
from .insight.plots import plot_gates, plot_gradient_flow
from .language.build import build_language_model
from .language.model import LanguageModel
from .language.train import train_language_model
from .layers.stack import RecurrentStack
from .recurrent.four_shapes import build_recurrent
from .recurrent.keras_conventions import build_gru, build_lstm, build_rnn
from .recurrent.model import RecurrentModel
from .regression.build import build_regressor
from .regression.model import Regressor
from .regression.score import RegressionScores, score_regressor
from .regression.train import train_regressor
from .reports.page import Report
from .reports.report import report
from .seq2seq.answers import Alignment
from .seq2seq.build import build_seq2seq
from .seq2seq.model import Seq2Seq
from .seq2seq.plots import plot_alignment
from .seq2seq.train import train_seq2seq
from .tagging.answers import TaggedToken
from .tagging.build import build_tagger
from .tagging.model import Tagger
from .tagging.score import TagScores, score_tagger
from .tagging.train import train_tagger
from .task.checkpoint import Checkpoint
from .text.vocabulary import Vocabulary

__version__: str

__all__ = [
    "Alignment",
    "Anomalies",
    "AttentionMap",
    "Backtest",
    "Captioner",
    "Checkpoint",
    "ClassScores",
    "Classifier",
    "Deletion",
    "Explanation",
    "ExplanationCheck",
    "Forecaster",
    "InvalidType",
    "InvalidValue",
    "LanguageModel",
    "PretrainedForecaster",
    "RecurrentModel",
    "RecurrentStack",
    "RegressionScores",
    "Regressor",
    "Report",
    "Samples",
    "Seq2Seq",
    "SeqkitClassifier",
    "SeqkitForecaster",
    "SeqkitRegressor",
    "SeqkitWarning",
    "Sequences",
    "Split",
    "TagScores",
    "TaggedToken",
    "Tagger",
    "Vocabulary",
    "Windows",
    "anomalies",
    "as_panel",
    "attention_by_class",
    "attention_map",
    "attention_weights",
    "backtest",
    "build_captioner",
    "build_classifier",
    "build_forecaster",
    "build_gru",
    "build_language_model",
    "build_lstm",
    "build_recurrent",
    "build_rnn",
    "build_regressor",
    "build_seq2seq",
    "build_tagger",
    "check_explanation",
    "compare_attention",
    "deletion_curve",
    "explain",
    "gates",
    "gpu_report",
    "gradient_flow",
    "gru_by_hand",
    "load_example",
    "lstm_by_hand",
    "make_windows",
    "plot_alignment",
    "plot_anomalies",
    "plot_attention",
    "plot_attention_by_class",
    "plot_backtest",
    "plot_cell",
    "plot_confusion",
    "plot_deletion",
    "plot_explanation",
    "plot_forecast",
    "plot_gates",
    "plot_gradient_flow",
    "plot_history",
    "read_csv",
    "read_sequences",
    "read_texts",
    "report",
    "reshape",
    "score_classifier",
    "score_regressor",
    "score_tagger",
    "simple_rnn_by_hand",
    "split",
    "step_attention",
    "take_sequences",
    "train_classifier",
    "train_forecaster",
    "train_language_model",
    "train_regressor",
    "train_seq2seq",
    "train_tagger",
]
