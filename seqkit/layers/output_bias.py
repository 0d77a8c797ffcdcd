"""A bias for the scores of words. It starts at the logarithm of the word frequencies, so training is faster."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import layers


@keras.saving.register_keras_serializable("seqkit")
class OutputBias(layers.Layer):
    """Add a bias b to scores `[..., K]` that were computed with the embedding weights (Press & Wolf 2017)."""

    def build(self, scores_shape: Any) -> None:
        """Make the bias, with zeros."""
        self.bias = self.add_weight(shape=(scores_shape[-1],), initializer="zeros", name="bias")
        self.built = True

    def call(self, scores: Any) -> Any:
        """Add the bias."""
        return scores + self.bias

    def compute_output_shape(self, scores_shape: Any) -> Any:
        """Return the shape of the scores."""
        return scores_shape


def log_frequencies(numbers: Sequence[np.ndarray], size: int) -> np.ndarray:
    """The logarithm of the frequency of each of `size` token numbers, `(K,)`; every count begins at 1."""
    counts = np.bincount(np.concatenate(list(numbers)), minlength=size) + 1
    return np.log(counts / counts.sum()).astype("float32")
