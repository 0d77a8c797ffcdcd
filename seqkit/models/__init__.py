"""Models: each file holds a builder and the model it builds."""

from seqkit.models.classifier import Classifier, build_classifier
from seqkit.models.forecaster import Forecaster, build_forecaster

__all__ = ["Classifier", "Forecaster", "build_classifier", "build_forecaster"]
