"""The bias of the scores of words, which begins as how frequent each word is.

So training need not find that out step by step.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import layers


@keras.saving.register_keras_serializable("seqkit")
class OutputBias(layers.Layer):
    """s + b, for scores that come of the words' own vectors (Press & Wolf 2017); any shape `[..., K]`."""

    def build(self, scores_shape: Any) -> None:
        """Make b, of zeros."""
        self.bias = self.add_weight(shape=(scores_shape[-1],), initializer="zeros", name="bias")
        self.built = True

    def call(self, scores: Any) -> Any:
        """Add it."""
        return scores + self.bias

    def compute_output_shape(self, scores_shape: Any) -> Any:
        """As it was."""
        return scores_shape


def log_shares(said: Sequence[np.ndarray], size: int) -> np.ndarray:
    """The logarithm of how frequent each of `size` numbers is, `(K,)`; one that is never said counts as said once."""
    counts = np.bincount(np.concatenate(list(said)), minlength=size) + 1
    return np.log(counts / counts.sum()).astype("float32")
