"""A second task for a tagger while it trains: to guess each word's neighbours."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers, ops

from seqkit import _checks
from seqkit._errors import InvalidValue
from seqkit.text.vocabulary import PADDING, UNKNOWN


@keras.saving.register_keras_serializable("seqkit")
class NeighbourWords(layers.Layer):
    """In training, guess each word from what was read before it, and again from what was read after it.

        m_t = tanh(V h_t)          q_t = softmax(W m_t + b)
        loss = -weight * (mean_t log q_t[w_t+1] forward + mean_t log q_t[w_t-1] backward)

    Rei 2017, equations 5 to 11. What words mean to each other is learnt that way from the same sentences, beside their
    tags. The outputs go through as they are; the loss is added to the model's. The directions must not have been mixed
    yet, so only the first layer of a bidirectional stack will do.

    Shapes: outputs `[B, T, 2U]` of both directions, forward first, and numbers of words `[B, T]`, 0 for none, to the
    outputs.

    Args:
        words: how many numbers to guess among, with 0 and that of the unknown; rarer words are guessed as unknown.
        weight: of this loss beside that of the tags.
        hidden: size of m.
    """

    def __init__(self, words: int, weight: float = 0.1, hidden: int = 50, **kwargs: Any) -> None:
        """Make the layers of both directions."""
        super().__init__(**kwargs)
        self.words = _checks.whole_number("NeighbourWords", "words", words, least=2)
        self.weight = _checks.fraction("NeighbourWords", "weight", weight)
        self.hidden = _checks.whole_number("NeighbourWords", "hidden", hidden)
        self.supports_masking = True
        self.inner = [layers.Dense(hidden, activation="tanh", dtype=self.dtype_policy) for _ in range(2)]
        self.scores = [layers.Dense(words, dtype="float32") for _ in range(2)]

    def build(self, outputs_shape: Any, numbers_shape: Any = None) -> None:
        """Build each direction on its half."""
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
        """Add the loss."""
        if training:
            self.add_loss(self.weight * self.loss(outputs, numbers))
        return outputs

    def loss(self, outputs: Any, numbers: Any) -> Any:
        """Nats a word, of both directions together."""
        forward, backward = ops.split(outputs, 2, axis=-1)
        numbers = ops.cast(numbers, "int32")
        words = ops.where(numbers < self.words, numbers, UNKNOWN)
        pairs = ops.cast(ops.not_equal(numbers[:, 1:], PADDING), "float32")  # of words that stand side by side
        count = ops.maximum(ops.sum(pairs), 1.0)
        sides = (forward[:, :-1], words[:, 1:]), (backward[:, 1:], words[:, :-1])
        found = 0.0
        for (said, wanted), inner, scores in zip(sides, self.inner, self.scores, strict=True):
            each = keras.losses.sparse_categorical_crossentropy(wanted, scores(inner(said)), from_logits=True)
            found = found + ops.sum(each * pairs) / count
        return found

    def compute_output_shape(self, outputs_shape: Any, numbers_shape: Any = None) -> Any:
        """As they are."""
        return outputs_shape

    def get_config(self) -> dict[str, Any]:
        """Everything `__init__` takes."""
        names = ("words", "weight", "hidden")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}
