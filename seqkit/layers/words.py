"""Words as a tagger reads them: by their characters, and with rare ones left out now and then.

Shapes: B samples, T timesteps, C characters of the longest word.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import layers, ops

from seqkit import _checks
from seqkit._errors import InvalidValue
from seqkit.text.vocabulary import PADDING, UNKNOWN

LOWEST = -1e9  # of a filter where there is no character


@keras.saving.register_keras_serializable("seqkit")
class CharacterWords(layers.Layer):
    """A vector for each word from its characters, so that words never seen have one that says how they are spelt.

        v_c = vectors[character c]          u_c = W [v_c-1, v_c, v_c+1] + b          output = tanh(max_c u_c)

    Ma & Hovy 2016, section 2.1 (figure 1), with tanh; filters of several widths stand side by side (Kim et al. 2016).
    What fills up a word is zero in the sum and left out of the maximum, so that a word has one vector whatever its
    neighbours; a word without characters has zeros.

    Shapes: numbers of characters `[B, T, C]`, 0 for none, to `[B, T, filters]`.

    Args:
        characters: how many numbers there are, with 0.
        filters: size of a word's vector.
        embedding: size of a character's vector.
        widths: characters that a filter sees at a time; each width has an equal part of the filters, the first ones
            one more where they do not divide.
    """

    def __init__(
        self,
        characters: int,
        filters: int = 50,
        embedding: int = 30,
        widths: Sequence[int] = (3,),
        **kwargs: Any,
    ) -> None:
        """Make the vectors and the filters."""
        super().__init__(**kwargs)
        self.widths = tuple(_checks.whole_number("CharacterWords", "widths", one) for one in widths)
        if not self.widths:
            raise InvalidValue(
                "CharacterWords", "widths is empty; name one or more, e.g. widths=(3, 5).", argument="widths"
            )
        least = {"characters": 1, "filters": len(self.widths), "embedding": 1}
        given = {"characters": characters, "filters": filters, "embedding": embedding}
        for name, value in given.items():
            setattr(self, name, _checks.whole_number("CharacterWords", name, value, least[name]))
        self.vectors = layers.Embedding(characters, embedding, dtype=self.dtype_policy, name="vectors")
        each, over = divmod(filters, len(self.widths))
        self.convolutions = [
            layers.Conv1D(each + (place < over), width, padding="same", dtype=self.dtype_policy)
            for place, width in enumerate(self.widths)
        ]

    def build(self, input_shape: Any) -> None:
        """Make the weights."""
        if len(input_shape) != 3:
            raise InvalidValue(
                "CharacterWords", f"wanted numbers [samples, timesteps, characters], got shape {tuple(input_shape)}."
            )
        self.vectors.build(input_shape)
        for one in self.convolutions:
            one.build((None, input_shape[-1], self.embedding))
        self.built = True

    def call(self, numbers: Any) -> Any:
        """Read each word by itself."""
        longest = numbers.shape[-1] or ops.shape(numbers)[-1]
        flat = ops.reshape(ops.cast(numbers, "int32"), (-1, longest))  # (B T, C)
        known = ops.expand_dims(ops.not_equal(flat, PADDING), -1)
        vectors = self.vectors(flat)
        vectors = vectors * ops.cast(known, vectors.dtype)
        found = ops.concatenate([one(vectors) for one in self.convolutions], axis=-1)  # (B T, C, filters)
        lowest = ops.cast(LOWEST if found.dtype == "float32" else -3e4, found.dtype)
        highest = ops.tanh(ops.max(ops.where(known, found, lowest), axis=1))
        highest = highest * ops.cast(ops.any(known, axis=1), highest.dtype)
        return ops.reshape(highest, (*ops.shape(numbers)[:2], self.filters))

    def compute_output_shape(self, input_shape: Any) -> Any:
        """A vector for each word."""
        return (*input_shape[:2], self.filters)

    def get_config(self) -> dict[str, Any]:
        """Everything `__init__` takes."""
        names = ("characters", "filters", "embedding", "widths")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}


@keras.saving.register_keras_serializable("seqkit")
class RareWords(layers.Layer):
    """In training, read a rare word as the unknown one now and then, so that the unknown one has something to learn.

    Lample et al. 2016, section 4.2: words seen once, with probability 0.5. Numbers of words follow their frequency,
    so that the rare ones are those from `first` on.

    Shapes: numbers of words `[B, T]` kept.

    Args:
        first: the number of the first rare word.
        rate: how often a rare word is read as unknown.
    """

    def __init__(self, first: int, rate: float = 0.5, **kwargs: Any) -> None:
        """Choose which are rare."""
        super().__init__(**kwargs)
        self.first = _checks.whole_number("RareWords", "first", first, least=0)
        self.rate = _checks.fraction("RareWords", "rate", rate)
        self.seed_generator = keras.random.SeedGenerator()
        self.supports_masking = True

    def call(self, numbers: Any, training: bool | None = None) -> Any:
        """Replace some."""
        if not training or not self.rate:
            return numbers
        drawn = keras.random.uniform(ops.shape(numbers), seed=self.seed_generator) < self.rate
        return ops.where(ops.logical_and(drawn, numbers >= self.first), ops.cast(UNKNOWN, numbers.dtype), numbers)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Shape is kept."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """Everything `__init__` takes."""
        return {**super().get_config(), "first": self.first, "rate": self.rate}
