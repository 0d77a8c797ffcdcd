"""A second task for the training of a tagger: predict the neighbours of each word."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers, ops

from seqkit import _checks
from seqkit._errors import InvalidValue
from seqkit.text.vocabulary import PADDING, UNKNOWN


@keras.saving.register_keras_serializable("seqkit")
class NeighbourWords(layers.Layer):
    """In training, predict each word from the words before it, and again from the words after it.

        m_t = tanh(V h_t)          q_t = softmax(W m_t + b)
        loss = -weight * (mean_t log q_t[w_t+1] forward + mean_t log q_t[w_t-1] backward)

    Rei 2017, equations 5 to 11. The tagger so learns from the words of its sentences as well as from their tags. The
    layer returns its input unchanged and adds its loss to the model's loss. The input must be the first layer of a
    bidirectional stack: in later layers each direction has already seen the word that it must predict.

    Shapes: outputs `[B, T, 2U]` of both directions, forward first, and word numbers `[B, T]`, 0 for padding; output
    `[B, T, 2U]`.

    Args:
        words: how many numbers can be predicted, with padding and unknown; rarer words count as unknown.
        weight: weight of this loss beside the loss of the tags.
        hidden: size of m.

    Example:
        >>> import numpy as np
        >>> from seqkit.layers import NeighbourWords
        >>> layer = NeighbourWords(words=10, weight=0.1, hidden=4)
        >>> both_directions, numbers = np.ones((1, 3, 8), "float32"), np.array([[2, 5, 7]])
        >>> tuple(layer(both_directions, numbers, training=True).shape), len(layer.losses)
        ((1, 3, 8), 1)
    """

    def __init__(self, words: int, weight: float = 0.1, hidden: int = 50, **kwargs: Any) -> None:
        """Make a hidden and an output layer for each direction."""
        super().__init__(**kwargs)
        self.words = _checks.whole_number("NeighbourWords", "words", words, least=2)
        self.weight = _checks.fraction("NeighbourWords", "weight", weight)
        self.hidden = _checks.whole_number("NeighbourWords", "hidden", hidden)
        self.supports_masking = True
        self.inner = [layers.Dense(hidden, activation="tanh", dtype=self.dtype_policy) for _ in range(2)]
        self.scores = [layers.Dense(words, dtype="float32") for _ in range(2)]

    def build(self, outputs_shape: Any, numbers_shape: Any = None) -> None:
        """Build the layers of each direction on its half of the outputs."""
        if outputs_shape[-1] % 2:
            raise InvalidValue(
                "NeighbourWords",
                f"wanted the outputs of two directions side by side, got {outputs_shape[-1]} features.",
            )
        for inner, scores in zip(self.inner, self.scores, strict=True):
            inner.build((*outputs_shape[:-1], outputs_shape[-1] // 2))
            scores.build((*outputs_shape[:-1], self.hidden))
        self.built = True

    def call(self, outputs: Any, numbers: Any, training: bool | None = None) -> Any:
        """Add the loss in training, and return the outputs unchanged."""
        if training:
            self.add_loss(self.weight * self.loss(outputs, numbers))
        return outputs

    def loss(self, outputs: Any, numbers: Any) -> Any:
        """The sum of both directions' losses, in nats per word."""
        forward, backward = ops.split(outputs, 2, axis=-1)
        numbers = ops.cast(numbers, "int32")
        words = ops.where(numbers < self.words, numbers, UNKNOWN)
        is_pair = ops.cast(ops.not_equal(numbers[:, 1:], PADDING), "float32")  # True where two neighbours are words
        count = ops.maximum(ops.sum(is_pair), 1.0)
        directions = (forward[:, :-1], words[:, 1:]), (backward[:, 1:], words[:, :-1])
        loss = 0.0
        for (hidden, targets), inner, scores in zip(directions, self.inner, self.scores, strict=True):
            losses = keras.losses.sparse_categorical_crossentropy(targets, scores(inner(hidden)), from_logits=True)
            loss = loss + ops.sum(losses * is_pair) / count
        return loss

    def compute_output_shape(self, outputs_shape: Any, numbers_shape: Any = None) -> Any:
        """Return the shape of the outputs."""
        return outputs_shape

    def get_config(self) -> dict[str, Any]:
        """Everything `__init__` takes."""
        names = ("words", "weight", "hidden")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}
