"""Class probabilities from scores, with a temperature that calibrates them."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers, ops

from seqkit import _checks

CLASSES_PER_SAMPLE = {"one": "softmax: exactly one class", "many": "sigmoid: any number of classes"}


@keras.saving.register_keras_serializable("seqkit")
class ClassProbabilities(layers.Layer):
    """Turn the scores of a linear layer into probabilities: softmax(z / temperature), or sigmoid(z / temperature).

    A network trained with cross-entropy is overconfident. One temperature, fitted on held-out
    samples, corrects them and keeps the order of the classes (Guo et al. 2017, section 4.2). The temperature is 1
    until it is set, and `fit` does not train it.

    Shapes: scores and probabilities `[B, K]`.

    Args:
        classes: how many classes a sample has, `"one"` (softmax) or `"many"` (sigmoid).

    Example:
        >>> import numpy as np
        >>> from seqkit.layers import ClassProbabilities
        >>> ClassProbabilities()(np.array([[2.0, 0.0]])).numpy().round(3)
        array([[0.881, 0.119]], dtype=float32)
        >>> ClassProbabilities("many")(np.array([[2.0, 0.0]])).numpy().round(3)
        array([[0.881, 0.5  ]], dtype=float32)
    """

    def __init__(self, classes: str = "one", **kwargs: Any) -> None:
        """Choose between softmax and sigmoid."""
        super().__init__(**{**kwargs, "dtype": "float32"})
        _checks.choice("ClassProbabilities", "classes", classes, CLASSES_PER_SAMPLE)
        self.classes = classes

    def build(self, input_shape: Any) -> None:
        """Make the temperature."""
        self.temperature = self.add_weight(shape=(), initializer="ones", trainable=False, name="temperature")
        self.built = True

    def call(self, scores: Any) -> Any:
        """Compute the probabilities."""
        scores = scores / self.temperature
        return ops.softmax(scores, axis=-1) if self.classes == "one" else ops.sigmoid(scores)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return the shape of the scores."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """Everything `__init__` takes."""
        return {**super().get_config(), "classes": self.classes}
