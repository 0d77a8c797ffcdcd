"""Perplexity as a Keras metric."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

LEAST_PROBABILITY = 1e-37  # whose logarithm float32 still holds; Keras's own cross-entropy stops at 1e-7


def nats(numbers: Any, probabilities: Any) -> Any:
    """-log p of each number, `(N,)` and `(N, K)` to `(N,)`."""
    chosen = ops.take_along_axis(probabilities, ops.cast(numbers, "int32")[:, None], axis=-1)[:, 0]
    return -ops.log(ops.maximum(chosen, LEAST_PROBABILITY))


@keras.saving.register_keras_serializable("seqkit")
class Perplexity(keras.metrics.MeanMetricWrapper):
    """exp of the mean cross-entropy of all tokens seen, in nats; those of weight 0 are left out."""

    def __init__(self, name: str = "perplexity", dtype: Any = None) -> None:
        """Nothing to choose."""
        super().__init__(nats, name=name, dtype=dtype)

    def result(self) -> Any:
        """From the mean to its exponential."""
        return ops.exp(super().result())

    def get_config(self) -> dict[str, Any]:
        """Everything `__init__` takes."""
        return {"name": self.name, "dtype": self.dtype}
