"""Convolutions over the words of a text: they find short phrases anywhere in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import layers, ops

from seqkit import _checks
from seqkit._errors import InvalidValue


@keras.saving.register_keras_serializable("seqkit")
class PhraseConvolutions(layers.Layer):
    """Apply filters to runs of neighbouring words, and take the maximum of each filter over the text.

        c_t = relu(w . x_t:t+h-1 + b)          output = max_t c_t

    Kim 2014, equations 2 to 4, with the same number of filters for each width h. A text is padded with zeros on both
    sides, so a text shorter than h words can be read too. A text gives the same output with and without padding.

    Shapes: B samples, T timesteps, F features; input `[B, T, F]`, output `[B, filters * len(widths)]`.

    Args:
        filters: number of filters of each width.
        widths: words that a filter reads at a time.

    Example:
        >>> import numpy as np
        >>> from seqkit.layers import PhraseConvolutions
        >>> tuple(PhraseConvolutions(filters=4, widths=(2, 3))(np.ones((2, 5, 6))).shape)
        (2, 8)
    """

    def __init__(self, filters: int = 100, widths: Sequence[int] = (3, 4, 5), **kwargs: Any) -> None:
        """Make the filters."""
        super().__init__(**kwargs)
        self.filters = _checks.whole_number("PhraseConvolutions", "filters", filters)
        self.widths = tuple(_checks.whole_number("PhraseConvolutions", "widths", width) for width in widths)
        if not self.widths:
            raise InvalidValue(
                "PhraseConvolutions", "widths is empty.", "Name one or more, e.g. widths=(3, 4, 5).", argument="widths"
            )
        self.supports_masking = True
        self.convolutions = [
            layers.Conv1D(self.filters, width, padding="same", activation="relu", dtype=self.dtype_policy)
            for width in self.widths
        ]

    def build(self, input_shape: Any) -> None:
        """Build each convolution on the input."""
        for convolution in self.convolutions:
            convolution.build(tuple(input_shape))
        self.built = True

    def call(self, words: Any, mask: Any = None) -> Any:
        """Convolve, and take the maximum over the words where the mask is True."""
        is_word = None if mask is None else ops.expand_dims(ops.cast(mask, words.dtype), -1)  # (B, T, 1)
        words = words if is_word is None else words * is_word
        activations = [convolution(words) for convolution in self.convolutions]  # (B, T, filters), 0 or more
        if is_word is not None:
            activations = [activation * is_word for activation in activations]
        return ops.concatenate([ops.max(activation, axis=1) for activation in activations], axis=-1)

    def compute_mask(self, words: Any, mask: Any = None) -> None:
        """Return None: the output has no timesteps."""

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return the shape of one vector per sample."""
        return (input_shape[0], self.filters * len(self.widths))

    def get_config(self) -> dict[str, Any]:
        """Everything `__init__` takes."""
        return {**super().get_config(), "filters": self.filters, "widths": self.widths}
