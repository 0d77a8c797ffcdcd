"""Whole recipes: validation chooses how long to train, then all samples train that long."""

from seqkit.recipes.classifier import train_classifier
from seqkit.recipes.forecaster import train_forecaster
from seqkit.recipes.language_model import train_language_model
from seqkit.recipes.seq2seq import train_seq2seq
from seqkit.recipes.tagger import train_tagger

__all__ = ["train_classifier", "train_forecaster", "train_language_model", "train_seq2seq", "train_tagger"]
