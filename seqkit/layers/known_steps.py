"""Tell the steps of a series that are data from those that fill it up."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers, ops


@keras.saving.register_keras_serializable("seqkit")
class KnownSteps(layers.Layer):
    """Make a mask of the steps where every feature is a number, and zero the others.

    Series of different length are filled up with NaN at the end to stand in one array; NaN, unlike zero, cannot be
    a measured value.

    Shapes: `[B, T, F]` kept; the mask `[B, T]` goes on to the layers that follow.
    """

    def __init__(self, **kwargs: Any) -> None:
        """Nothing to choose."""
        super().__init__(**kwargs)
        self.supports_masking = True

    def call(self, series: Any) -> Any:
        """Zero what is no data."""
        known = ops.expand_dims(self.compute_mask(series), -1)
        return ops.where(known, series, ops.zeros_like(series))

    def compute_mask(self, series: Any, mask: Any = None) -> Any:
        """True where every feature is a number."""
        return ops.all(ops.logical_not(ops.isnan(series)), axis=-1)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Shape is kept."""
        return input_shape
