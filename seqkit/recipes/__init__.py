"""Whole recipes: validation chooses how long to train, then all samples train that long."""

from seqkit.recipes.classifier import train_classifier
from seqkit.recipes.forecaster import train_forecaster

__all__ = ["train_classifier", "train_forecaster"]
