"""Word vectors that are computed from the characters of each word.

Shapes: B samples, T timesteps, C characters of the longest word.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import layers, ops

from seqkit import _checks
from seqkit._errors import InvalidValue
from seqkit.text.vocabulary import PADDING

LOWEST_SCORE = -1e9  # replaces a filter's output on padding, so that the maximum ignores it


@keras.saving.register_keras_serializable("seqkit")
class CharacterWords(layers.Layer):
    """Compute a vector for each word from its characters, so that unknown words have a vector of their spelling too.

        v_c = vectors[character c]          u_c = W [v_c-1, v_c, v_c+1] + b          output = tanh(max_c u_c)

    Ma & Hovy 2016, section 2.1 (figure 1), with tanh, and with filters of several widths (Kim et al. 2016). Padding
    counts as zero in the sum and is left out of the maximum. So the vector of a word does not depend on the length of
    other words. A word without characters has a vector of zeros.

    Shapes: character numbers `[B, T, C]`, 0 for padding; output `[B, T, filters]`.

    Args:
        characters: how many character numbers there are, with 0.
        filters: size of a word's vector.
        embedding: size of a character's vector.
        widths: characters that a filter reads at a time. The filters are divided equally among the widths; the first
            widths have one filter more where the division leaves a remainder.

    Example:
        >>> import numpy as np
        >>> from seqkit.layers import CharacterWords
        >>> tuple(CharacterWords(30, filters=8)(np.array([[[3, 1, 20], [4, 15, 0]]])).shape)
        (1, 2, 8)
    """

    def __init__(
        self,
        characters: int,
        filters: int = 50,
        embedding: int = 30,
        widths: Sequence[int] = (3,),
        **kwargs: Any,
    ) -> None:
        """Make the character vectors and the filters."""
        super().__init__(**kwargs)
        self.widths = tuple(_checks.whole_number("CharacterWords", "widths", width) for width in widths)
        if not self.widths:
            raise InvalidValue(
                "CharacterWords", "widths is empty.", "Name one or more, e.g. widths=(3, 5).", argument="widths"
            )
        self.characters = _checks.whole_number("CharacterWords", "characters", characters)
        self.filters = _checks.whole_number("CharacterWords", "filters", filters, least=len(self.widths))
        self.embedding = _checks.whole_number("CharacterWords", "embedding", embedding)
        self.vectors = layers.Embedding(characters, embedding, dtype=self.dtype_policy, name="vectors")
        share, remainder = divmod(filters, len(self.widths))
        self.convolutions = [
            layers.Conv1D(share + (position < remainder), width, padding="same", dtype=self.dtype_policy)
            for position, width in enumerate(self.widths)
        ]

    def build(self, input_shape: Any) -> None:
        """Make the weights."""
        if len(input_shape) != 3:
            raise InvalidValue(
                "CharacterWords", f"wanted numbers [samples, timesteps, characters], got shape {tuple(input_shape)}."
            )
        self.vectors.build(input_shape)
        for convolution in self.convolutions:
            convolution.build((None, input_shape[-1], self.embedding))
        self.built = True

    def call(self, numbers: Any) -> Any:
        """Compute the vector of each word."""
        longest = numbers.shape[-1] or ops.shape(numbers)[-1]
        characters = ops.reshape(ops.cast(numbers, "int32"), (-1, longest))  # (B T, C)
        is_character = ops.expand_dims(ops.not_equal(characters, PADDING), -1)
        vectors = self.vectors(characters)
        vectors = vectors * ops.cast(is_character, vectors.dtype)
        scores = ops.concatenate([convolution(vectors) for convolution in self.convolutions], axis=-1)
        lowest = ops.cast(LOWEST_SCORE if scores.dtype == "float32" else -3e4, scores.dtype)
        words = ops.tanh(ops.max(ops.where(is_character, scores, lowest), axis=1))  # (B T, filters)
        words = words * ops.cast(ops.any(is_character, axis=1), words.dtype)
        return ops.reshape(words, (*ops.shape(numbers)[:2], self.filters))

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return the shape of one vector per word."""
        return (*input_shape[:2], self.filters)

    def get_config(self) -> dict[str, Any]:
        """Everything `__init__` takes."""
        names = ("characters", "filters", "embedding", "widths")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}
