"""The mask of a padded series: which timesteps are data and which are padding or missing."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers, ops


@keras.saving.register_keras_serializable("seqkit")
class KnownSteps(layers.Layer):
    """Make a mask of the steps where every feature is a number, and set all other steps to zero.

    Series of different lengths are padded with NaN at the end, so that they fit in one array. NaN is the padding
    because, unlike zero, it cannot be a measured value.

    Shapes: input and output `[B, T, F]`; the mask `[B, T]` is passed on to the next layers.

    Example:
        >>> import numpy as np
        >>> from seqkit.layers import KnownSteps
        >>> series = np.array([[[1.0], [2.0], [np.nan]]])
        >>> KnownSteps()(series).numpy().ravel(), KnownSteps().compute_mask(series).numpy().ravel()
        (array([1., 2., 0.], dtype=float32), array([ True,  True, False]))
    """

    def __init__(self, **kwargs: Any) -> None:
        """Take the arguments of a Keras layer only."""
        super().__init__(**kwargs)
        self.supports_masking = True

    def call(self, series: Any) -> Any:
        """Set every step that is not data to zero."""
        is_step = ops.expand_dims(self.compute_mask(series), -1)
        return ops.where(is_step, series, ops.zeros_like(series))

    def compute_mask(self, series: Any, mask: Any = None) -> Any:
        """True where every feature is a number."""
        return ops.all(ops.logical_not(ops.isnan(series)), axis=-1)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return the shape of the input."""
        return input_shape
