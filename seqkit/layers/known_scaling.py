"""Scaling of one series by the part of it that is known, on a scale that bends large values."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers, ops

from seqkit.layers.scaling import LEAST_RELATIVE_SPREAD, TINY

LEAST_STEPS_OF_LEVEL, LEAST_STEPS_OF_SPREAD = 4, 32
SEASONS_OF_SPREAD = 4
LARGEST = 10.0  # of a scaled value, on either side; 11,000 spreads away from the level


def recent_mean(values: Any, known: Any, steps: Any) -> Any:
    """The mean `[B, 1]` of the known values among the last `steps` `[B, 1]` ones; of all known values if none is."""
    age = ops.arange(values.shape[1], 0, -1)[None]  # 1 at the last step
    recent = known * ops.cast(age <= steps, values.dtype)
    has_recent = ops.cast(ops.any(recent > 0, axis=1, keepdims=True), values.dtype)
    counted = recent * has_recent + known * (1 - has_recent)
    return ops.sum(values * counted, axis=1, keepdims=True) / ops.maximum(ops.sum(counted, axis=1, keepdims=True), 1.0)


@keras.saving.register_keras_serializable("seqkit")
class KnownScaling(layers.Layer):
    r"""Scale each series by the level and the spread of its last known values, then by the inverse hyperbolic sine.

        z = arsinh((x - level) / spread)

    The level is the mean of the last season, of four steps at least; the spread is the root mean square distance from
    it over the last four seasons, of 32 steps at least. The inverse hyperbolic sine is nearly linear for usual values
    and logarithmic for outliers (Chronos-2, arXiv 2510.15821). Values that are not known are zero.

    Shapes: B series, T timesteps. Input values `[B, T]`, known `[B, T]` (1 or 0), season `[B, 1]` (steps, 1 for none).
    Output: scaled `[B, T]`, level `[B, 1]`, spread `[B, 1]`.

    Example:
        >>> import numpy as np
        >>> from seqkit.layers import KnownScaling
        >>> values = np.array([[10.0, 12.0, 10.0, 12.0]])
        >>> scaled, level, spread = KnownScaling()(values, np.ones((1, 4)), np.array([[2.0]]))
        >>> level.numpy().ravel(), spread.numpy().ravel()
        (array([11.], dtype=float32), array([1.], dtype=float32))
    """

    def __init__(self, **kwargs: Any) -> None:
        """Take the arguments of a Keras layer; raw units need float32."""
        super().__init__(**{**kwargs, "dtype": "float32"})

    def call(self, values: Any, known: Any, season: Any) -> Any:
        """Return the scaled values, the levels and the spreads."""
        season = ops.cast(season, "int32")
        level = recent_mean(values, known, ops.maximum(season, LEAST_STEPS_OF_LEVEL))
        steps = ops.maximum(SEASONS_OF_SPREAD * season, LEAST_STEPS_OF_SPREAD)
        distance = (values - level) * known
        size = ops.max(ops.abs(distance), axis=1, keepdims=True) + TINY  # squares of 1e25 overflow
        spread = size * ops.sqrt(recent_mean(ops.square(distance / size), known, steps))
        spread = ops.maximum(spread, LEAST_RELATIVE_SPREAD * ops.abs(level) + TINY)
        return self.scaled(values, level, spread) * known, level, spread

    @staticmethod
    def scaled(values: Any, level: Any, spread: Any) -> Any:
        """Values `[B, any]` on the bent scale, at most `LARGEST` on either side."""
        return ops.clip(ops.arcsinh((values - level) / spread), -LARGEST, LARGEST)

    @staticmethod
    def straight(scaled: Any) -> Any:
        """Scaled values of any shape in spreads off the level."""
        return ops.sinh(ops.clip(scaled, -LARGEST, LARGEST))

    def compute_output_shape(self, values_shape: Any, known_shape: Any, season_shape: Any) -> Any:
        """Shapes of the scaled values, the level and the spread."""
        return values_shape, (values_shape[0], 1), (values_shape[0], 1)
