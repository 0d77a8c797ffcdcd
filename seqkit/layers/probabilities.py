"""Scores to probabilities, at a temperature that makes them honest."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers, ops

from seqkit import _checks

KINDS = {"one": "softmax: exactly one class holds", "many": "sigmoid: any number of classes hold"}


@keras.saving.register_keras_serializable("seqkit")
class ClassProbabilities(layers.Layer):
    """Probabilities from a linear layer's scores: softmax(z / temperature), or sigmoid for each class alone.

    Networks trained by cross-entropy are surer than they are right; one temperature, fitted on rows that were
    not trained on, mends that and leaves the order of the classes as it is (Guo et al. 2017, section 4.2). It
    is 1 until set, and not trained by `fit`.

    Shapes: scores `[B, K]` kept.

    Args:
        classes: `"one"` or `"many"` hold at a time.
    """

    def __init__(self, classes: str = "one", **kwargs: Any) -> None:
        """Choose between softmax and sigmoid."""
        super().__init__(**{**kwargs, "dtype": "float32"})
        _checks.choice("ClassProbabilities", "classes", classes, KINDS)
        self.classes = classes

    def build(self, input_shape: Any) -> None:
        """Make the temperature."""
        self.temperature = self.add_weight(shape=(), initializer="ones", trainable=False, name="temperature")
        self.built = True

    def call(self, scores: Any) -> Any:
        """Probabilities."""
        scores = scores / self.temperature
        return ops.softmax(scores, axis=-1) if self.classes == "one" else ops.sigmoid(scores)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Shape is kept."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """Everything `__init__` takes."""
        return {**super().get_config(), "classes": self.classes}
