"""Which tokens count in losses and metrics, and how much."""

from __future__ import annotations

from typing import Any

from keras import ops

from seqkit.text.vocabulary import PADDING


def flat(*of_tokens: Any) -> list[Any]:
    """`(B, T, ...)` to `(B T, ...)`, for Keras's metrics.

    They take the mean over T first, so that a token would count the less the longer the others of its batch are.
    """
    return [ops.reshape(one, (-1, *one.shape[2:])) for one in of_tokens]


def token_weights(tokens: Any, sample_weight: Any = None) -> Any:
    """Weights `(B, T)`: 0 for padding, else 1, or that of the sample `(B,)` or of the token."""
    known = ops.cast(ops.not_equal(tokens, PADDING), "float32")
    if sample_weight is None:
        return known
    sample_weight = ops.cast(sample_weight, "float32")
    return known * (sample_weight if len(sample_weight.shape) == 2 else ops.reshape(sample_weight, (-1, 1)))
