"""Perplexity as a Keras metric."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

SMALLEST_PROBABILITY = 1e-37  # float32 still holds it and its logarithm; Keras's own cross-entropy stops at 1e-7


def negative_log_likelihood(numbers: Any, probabilities: Any) -> Any:
    """Return -log p of each number in nats, `(N,)` and `(N, V)` to `(N,)`."""
    likelihood = ops.take_along_axis(probabilities, ops.cast(numbers, "int32")[:, None], axis=-1)[:, 0]
    return -ops.log(ops.maximum(likelihood, SMALLEST_PROBABILITY))


@keras.saving.register_keras_serializable("seqkit")
class Perplexity(keras.metrics.MeanMetricWrapper):
    """exp of the mean cross-entropy of a token in nats; tokens of weight 0 are left out."""

    def __init__(self, name: str = "perplexity", dtype: Any = None) -> None:
        """Make the metric."""
        super().__init__(negative_log_likelihood, name=name, dtype=dtype)

    def result(self) -> Any:
        """Return exp of the mean."""
        return ops.exp(super().result())

    def get_config(self) -> dict[str, Any]:
        """Return the arguments of `__init__`."""
        return {"name": self.name, "dtype": self.dtype}
