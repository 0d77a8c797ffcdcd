"""The weights of tokens in losses and metrics, and the shape that Keras's metrics need."""

from __future__ import annotations

from typing import Any

from keras import ops

from seqkit.text.vocabulary import PADDING


def flatten_tokens(*tensors: Any) -> list[Any]:
    """Reshape tensors `(B, T, ...)` to `(B T, ...)`, for Keras's metrics.

    With the shape `(B, T, ...)` they take the mean over T first, so a token counts less in a batch with longer texts.
    """
    return [ops.reshape(tensor, (-1, *tensor.shape[2:])) for tensor in tensors]


def token_weights(tokens: Any, sample_weight: Any = None) -> Any:
    """Weights `(B, T)` of tokens: 0 for padding, else 1, or the given weight of the sample `(B,)` or token `(B, T)`."""
    is_token = ops.cast(ops.not_equal(tokens, PADDING), "float32")
    if sample_weight is None:
        return is_token
    sample_weight = ops.cast(sample_weight, "float32")
    return is_token * (sample_weight if len(sample_weight.shape) == 2 else ops.reshape(sample_weight, (-1, 1)))
