"""The loss of tokens, and weights that leave padding out of it."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from seqkit.text.tokens import token_weights


@keras.saving.register_keras_serializable("seqkit")
class TokenCrossEntropy(keras.losses.Loss):
    """Cross-entropy of numbers of tokens, with label smoothing over the whole vocabulary.

        loss = log sum_k exp(s_k) - (1 - e) s_y - e mean_k s_k         Szegedy et al. 2016, section 7

    Shapes: targets `[B, T]`, scores before the softmax `[B, T, K]`, loss `[B, T]`.

    Args:
        smoothing: e, from 0 to below 1.
    """

    def __init__(self, smoothing: float = 0.0, name: str = "token_cross_entropy", **kwargs: Any) -> None:
        """Keep the arguments."""
        super().__init__(name=name, **kwargs)
        self.smoothing = smoothing

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """The loss of each token."""
        tokens = ops.cast(y_true, "int32")
        if not self.smoothing:
            return keras.losses.sparse_categorical_crossentropy(tokens, y_pred, from_logits=True)
        scores = ops.cast(y_pred, "float32")
        target = ops.squeeze(ops.take_along_axis(scores, tokens[..., None], axis=-1), -1)
        mean = ops.mean(scores, axis=-1)
        return ops.logsumexp(scores, axis=-1) - (1 - self.smoothing) * target - self.smoothing * mean

    def get_config(self) -> dict[str, Any]:
        """The arguments of `__init__`."""
        return {**super().get_config(), "smoothing": self.smoothing}


def averaging_weights(y: Any, sample_weight: Any) -> Any:
    """Weights `(B, T)` that make any Keras loss, which is a mean over all places, a weighted mean over the tokens."""
    weights = token_weights(y, sample_weight)
    return weights * ops.cast(ops.size(weights), "float32") / ops.maximum(ops.sum(weights), 1e-6)
