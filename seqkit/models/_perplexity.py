"""Perplexity as a Keras metric."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable("seqkit")
class Perplexity(keras.metrics.MeanMetricWrapper):
    """exp of the mean cross-entropy of all tokens seen, in nats; those of weight 0 are left out."""

    def __init__(self, name: str = "perplexity", dtype: Any = None) -> None:
        """Nothing to choose."""
        super().__init__(keras.losses.sparse_categorical_crossentropy, name=name, dtype=dtype)

    def result(self) -> Any:
        """From the mean to its exponential."""
        return ops.exp(super().result())

    def get_config(self) -> dict[str, Any]:
        """Everything `__init__` takes."""
        return {"name": self.name, "dtype": self.dtype}
