"""Convolutions over the words of a text: which short phrases occur in it, wherever they occur."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import layers, ops

from seqkit import _checks
from seqkit._errors import InvalidValue


@keras.saving.register_keras_serializable("seqkit")
class PhraseConvolutions(layers.Layer):
    """The largest answer in a text of each of many filters that read some words at a time.

        c_t = relu(w . x_t:t+h-1 + b)          output = max_t c_t

    Kim 2014, equations 2 to 4, with as many filters for each width h. Zeros stand around a text, so that one shorter
    than h words is read as well, and a padded text gives what it gives alone.

    Shapes: B samples, T timesteps, F features: `[B, T, F]` to `[B, filters * len(widths)]`.

    Args:
        filters: of each width.
        widths: words that a filter reads at a time.
    """

    def __init__(self, filters: int = 100, widths: Sequence[int] = (3, 4, 5), **kwargs: Any) -> None:
        """Make the filters."""
        super().__init__(**kwargs)
        self.filters = _checks.whole_number("PhraseConvolutions", "filters", filters)
        self.widths = tuple(_checks.whole_number("PhraseConvolutions", "widths", one) for one in widths)
        if not self.widths:
            raise InvalidValue(
                "PhraseConvolutions", "widths is empty; name one or more, e.g. widths=(3, 4, 5).", argument="widths"
            )
        self.supports_masking = True
        self.convolutions = [
            layers.Conv1D(self.filters, width, padding="same", activation="relu", dtype=self.dtype_policy)
            for width in self.widths
        ]

    def build(self, input_shape: Any) -> None:
        """Build each on the words themselves."""
        for convolution in self.convolutions:
            convolution.build(tuple(input_shape))
        self.built = True

    def call(self, words: Any, mask: Any = None) -> Any:
        """Convolve, and take the largest answer over the words that are there."""
        known = None if mask is None else ops.expand_dims(ops.cast(mask, words.dtype), -1)  # (B, T, 1)
        words = words if known is None else words * known
        answers = [convolution(words) for convolution in self.convolutions]  # none below zero
        if known is not None:
            answers = [answer * known for answer in answers]
        return ops.concatenate([ops.max(answer, axis=1) for answer in answers], axis=-1)

    def compute_mask(self, words: Any, mask: Any = None) -> None:
        """No steps are left."""

    def compute_output_shape(self, input_shape: Any) -> Any:
        """One vector a sample."""
        return (input_shape[0], self.filters * len(self.widths))

    def get_config(self) -> dict[str, Any]:
        """Everything `__init__` takes."""
        return {**super().get_config(), "filters": self.filters, "widths": self.widths}
