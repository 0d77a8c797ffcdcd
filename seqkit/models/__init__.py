"""Models: each file holds a builder and the model it builds."""

from seqkit.models.captioner import Captioner, build_captioner
from seqkit.models.classifier import Classifier, build_classifier
from seqkit.models.forecaster import Forecaster, build_forecaster
from seqkit.models.language_model import LanguageModel, build_language_model
from seqkit.models.seq2seq import Alignment, Seq2Seq, build_seq2seq
from seqkit.models.tagger import TaggedToken, Tagger, build_tagger

__all__ = [
    "Alignment",
    "Captioner",
    "Classifier",
    "Forecaster",
    "LanguageModel",
    "Seq2Seq",
    "TaggedToken",
    "Tagger",
    "build_captioner",
    "build_classifier",
    "build_forecaster",
    "build_language_model",
    "build_seq2seq",
    "build_tagger",
]
