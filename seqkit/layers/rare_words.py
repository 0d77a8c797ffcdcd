"""Rare words that are sometimes read as the unknown word in training."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers, ops

from seqkit import _checks
from seqkit.text.vocabulary import UNKNOWN


@keras.saving.register_keras_serializable("seqkit")
class RareWords(layers.Layer):
    """In training, replace some rare words by the unknown word, so that the unknown word's vector is trained.

    Lample et al. 2016, section 4.2, do so for words seen once, with probability 0.5. Words are numbered by their
    frequency, so the rare words are those with number `first` and above.

    Shapes: word numbers `[B, T]`; the output has the same shape.

    Args:
        first: number of the first rare word.
        rate: probability that a rare word is replaced.

    Example:
        >>> import numpy as np
        >>> from seqkit.layers import RareWords
        >>> numbers, layer = np.array([[2, 7, 3, 8]]), RareWords(first=5)
        >>> bool((layer(numbers).numpy() == numbers).all())
        True
        >>> layer(numbers, training=True).numpy()[0, [0, 2]]
        array([2, 3])
    """

    def __init__(self, first: int, rate: float = 0.5, **kwargs: Any) -> None:
        """Choose the rare words and the rate."""
        super().__init__(**kwargs)
        self.first = _checks.whole_number("RareWords", "first", first, least=0)
        self.rate = _checks.fraction("RareWords", "rate", rate)
        self.seed_generator = keras.random.SeedGenerator()
        self.supports_masking = True

    def call(self, numbers: Any, training: bool | None = None) -> Any:
        """Replace rare words in training."""
        if not training or not self.rate:
            return numbers
        is_drawn = keras.random.uniform(ops.shape(numbers), seed=self.seed_generator) < self.rate
        return ops.where(ops.logical_and(is_drawn, numbers >= self.first), ops.cast(UNKNOWN, numbers.dtype), numbers)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return the shape of the input."""
        return input_shape

    def compute_output_spec(self, numbers: Any, training: bool | None = None) -> Any:
        """Return the shape and the type of the input."""
        return keras.KerasTensor(numbers.shape, numbers.dtype)

    def get_config(self) -> dict[str, Any]:
        """Everything `__init__` takes."""
        return {**super().get_config(), "first": self.first, "rate": self.rate}
