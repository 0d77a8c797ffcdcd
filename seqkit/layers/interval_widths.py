"""How far the quantiles of a forecast lie from it, as weights that calibration sets.

Shapes: B samples, H horizon, C targets, Q quantiles.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import layers, ops

from seqkit.layers.quantiles import check_levels

NOT_CALIBRATED = -1.0  # windows


@keras.saving.register_keras_serializable("seqkit")
class IntervalWidths(layers.Layer):
    """Hold the widths of a forecast's intervals; the forecast passes through as it is.

    A quantile lies `widths[h, c, q]` deviations from the forecast, on its own side, and none of them lies nearer to the
    median than the one before it, so they cannot cross. A deviation is that of another model's quantile from its
    median, or one spread of the window.

    Shapes: forecast `[B, H, C]` in scaled units, in and out.

    Args:
        levels: of the quantiles, Q, mirrored around .5.

    Attributes:
        widths: `[H, C, Q]`, from 0 up, a weight that no gradient changes.
        windows: the windows without overlap that they rest on, a weight; -1 before calibration.

    Example:
        >>> import numpy as np
        >>> from seqkit.layers import IntervalWidths
        >>> widths = IntervalWidths([0.1, 0.5, 0.9])
        >>> tuple(widths(np.zeros((2, 4, 1))).shape), tuple(widths.widths.shape)
        ((2, 4, 1), (4, 1, 3))
    """

    def __init__(self, levels: Sequence[float], **kwargs: Any) -> None:
        """Choose the levels."""
        super().__init__(**{**kwargs, "dtype": "float32", "trainable": False})
        self.levels = check_levels("IntervalWidths", levels)

    def build(self, forecast_shape: Any) -> None:
        """Make the weights."""
        _, horizon, targets = forecast_shape
        self.widths = self.add_weight(shape=(horizon, targets, len(self.levels)), initializer="zeros", name="widths")
        not_calibrated = keras.initializers.Constant(NOT_CALIBRATED)
        self.windows = self.add_weight(shape=(), initializer=not_calibrated, name="windows")
        self.built = True

    def call(self, forecast: Any) -> Any:
        """Return the forecast."""
        return ops.convert_to_tensor(forecast)

    def quantiles(self, forecast: Any, deviations: Any = None, factors: Any = None) -> Any:
        """Quantiles `[B, H, C, Q]` in scaled units.

        Args:
            forecast: `[B, H, C]`, the median.
            deviations: `[B, H, C, Q]`, negative below the median; by default one spread of the window.
            factors: `[B, C]`, how many times as wide the intervals of each sample are; 1 by default.
        """
        if deviations is None:
            deviations = np.sign(np.array(self.levels) - 0.5).astype("float32")
        if len(self.levels) == 1:
            return forecast[..., None]
        distances, middle = self.widths * deviations, len(self.levels) // 2
        distances = distances if factors is None else distances * factors[:, None, :, None]
        above = _rising(distances[..., middle + 1 :])
        below = ops.flip(_rising(ops.flip(-distances[..., :middle], -1)), -1)
        moved = ops.concatenate([-below, ops.zeros_like(distances[..., :1]), above], axis=-1)
        return ops.cast(forecast, "float32")[..., None] + moved

    def compute_output_shape(self, forecast_shape: Any) -> Any:
        """Return the shape of the forecast."""
        return forecast_shape

    def get_config(self) -> dict[str, Any]:
        """Everything `__init__` takes."""
        return {**super().get_config(), "levels": self.levels}


def _rising(distances: Any) -> Any:
    """The distances `[..., q]`, each at least the one before it, and from 0 up."""
    is_before = np.tri(distances.shape[-1], dtype=bool)  # (q, q), whether a column is at its row or before it
    return ops.max(ops.where(is_before, distances[..., None, :], 0.0), axis=-1)
