"""The pretrained network as a layer: raw series in, quantiles of the steps ahead out, in the units of the series.

Shapes: B samples, T timesteps, H horizon, C targets, N = B C series, Q quantiles, P paths.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import keras
import numpy as np
from keras import layers, ops

from seqkit import _checks
from seqkit.layers.known_scaling import KnownScaling
from seqkit.layers.quantiles import LEVELS, check_levels
from seqkit.pretraining.network import HORIZON, TIMESTEPS, pretrained_network
from seqkit.pretraining.paths import PATHS, between_levels, path_weights, weights_of_sorted_paths

MOST_TIMES_THE_PAST = 10.0  # the highest value of a forecast that was made in logarithms, over that of the past


@keras.saving.register_keras_serializable("seqkit")
class PretrainedForecast(layers.Layer):
    """Forecast each series by itself with the pretrained network, as quantiles.

    Each series is forecast as it is and upside down, and one without values of zero or less once more from its
    logarithms; the result is the mean. On the last training rows of 366 monthly tourism series the MASE is 1.87 from
    logarithms, 1.78 from values, and 1.77 so; on those of M4 Hourly 1.02, 1.02 and 1.01. Unknown values are NaN; a
    series is read as far back as 256 steps. Up to 64 steps are forecast at once. Beyond them, 256 sample paths of the
    first 64 steps are read as if they had come, and so on; no median is fed back. The ranks of the paths are the same
    for all series and all calls.

    Shapes: input `[B, T, C]` in raw units, each column a series of its own; output `[B, H, C, Q]` in raw units, which
    do not cross.

    Args:
        horizon: steps ahead, H.
        season: steps in a season; 1 for none.
        second_season: steps in a longer season; 1 for none.
        levels: of the quantiles, Q, within those of the network, .005 to .995.
        at_least_zero: of each column, whether a quantile below zero becomes zero, but not in training, where it has to
            have a gradient; () for none.

    Attributes:
        looked_into: whether `gates` and its like show the layers of the network.
    """

    looked_into = True

    def __init__(
        self,
        horizon: int,
        season: int = 1,
        second_season: int = 1,
        levels: Sequence[float] = LEVELS,
        at_least_zero: Sequence[bool] = (),
        **kwargs: Any,
    ) -> None:
        """Make the network, with random weights."""
        super().__init__(**{**kwargs, "dtype": "float32"})
        self.horizon = _checks.whole_number("PretrainedForecast", "horizon", horizon)
        self.season = _checks.whole_number("PretrainedForecast", "season", season)
        self.second_season = _checks.whole_number("PretrainedForecast", "second_season", second_season)
        self.levels = check_levels("PretrainedForecast", levels)
        self.at_least_zero = tuple(bool(one) for one in at_least_zero)
        self.network = pretrained_network()
        self.scaling = KnownScaling(name="scaling")

    def build(self, past_shape: Any) -> None:
        """Make nothing: the network is built already, and its scaling has no weights."""
        self.scaling.built = True
        self.built = True

    def call(self, past: Any, training: bool | None = None) -> Any:
        """Return the quantiles of the horizon."""
        return self.ahead(past, self.horizon, training)

    def ahead(self, past: Any, horizon: int, training: bool | None = None) -> Any:
        """Quantiles `[B, horizon, C, Q]` after the past `[B, T, C]`."""
        columns, timesteps = past.shape[2], ops.shape(past)[1]  # a number where it is fixed, else a tensor
        series = ops.reshape(ops.transpose(ops.cast(past, "float32"), (0, 2, 1)), (-1, timesteps))
        quantiles = ops.reshape(self._of_series(series, horizon), (-1, columns, horizon, len(self.levels)))
        quantiles = ops.transpose(quantiles, (0, 2, 1, 3))
        if training or not any(self.at_least_zero):
            return quantiles
        return ops.where(np.array(self.at_least_zero)[:, None], ops.maximum(quantiles, 0.0), quantiles)

    def _of_series(self, past: Any, horizon: int) -> Any:
        """Quantiles `[N, horizon, Q]` after the past `[N, T]`."""
        past = self._whole_window(past)
        size = ops.max(ops.where(ops.isnan(past), 0.0, ops.abs(past)), axis=1, keepdims=True)
        # The same forecast in any units, also in those that float32 hardly holds; so its derivative by the size is 0.
        size = ops.stop_gradient(ops.where(size > 0, size, 1.0))
        return self._of_unit_size(past / size, horizon) * size[:, :, None]

    def _of_unit_size(self, past: Any, horizon: int) -> Any:
        """Quantiles `[N, horizon, Q]` after windows `[N, 256]` of values up to 1."""
        quantiles = self._block(past)  # (N, 64, all levels)
        blocks = [quantiles @ ops.convert_to_tensor(between_levels(np.array(self.levels), LEVELS).T)]
        if horizon > HORIZON:
            later = partial(self._later_blocks, count=-(-horizon // HORIZON))
            blocks.append(ops.map(later, (past, quantiles)))
        return ops.concatenate(blocks, axis=1)[:, :horizon]

    def _whole_window(self, past: Any) -> Any:
        """The last 256 steps `[N, 256]`, NaN before the first."""
        longer = ops.pad(past, ((0, 0), (TIMESTEPS, 0)), constant_values=float("nan"))
        return ops.reshape(longer[:, -TIMESTEPS:], (-1, TIMESTEPS))

    def _block(self, past: Any) -> Any:
        """Quantiles `[N, 64, all levels]` after windows `[N, 256]`: the mean of those of values and of logarithms."""
        is_known = ops.logical_not(ops.isnan(past))
        known = ops.cast(is_known, "float32")
        values = ops.where(is_known, past, 0.0)
        is_positive = ops.all(ops.logical_or(past > 0, ops.logical_not(is_known)), axis=1, keepdims=True)
        logarithms = ops.log(ops.where(ops.logical_and(is_known, is_positive), past, 1.0))
        of_values, of_logarithms = ops.split(self._either_way_up(values, logarithms, known), 2, axis=0)
        most = ops.max(logarithms, axis=1)[:, None, None] + float(np.log(MOST_TIMES_THE_PAST))
        by_logarithms = ops.exp(ops.minimum(of_logarithms, most))
        return ops.where(is_positive[:, :, None], (of_values + by_logarithms) / 2, of_values)

    def _either_way_up(self, values: Any, logarithms: Any, known: Any) -> Any:
        """Quantiles `[2 N, 64, all levels]` of values and logarithms: the means over each series and its mirror.

        The mirror of a series is its negative; its quantiles are those of the series, upside down.
        """
        both = ops.concatenate([values, logarithms, -values, -logarithms], axis=0)
        quantiles = self._in_units(both, ops.tile(known, (4, 1)))
        upright, mirrored = ops.split(quantiles, 2, axis=0)
        return (upright - ops.flip(mirrored, axis=-1)) / 2

    def _in_units(self, values: Any, known: Any) -> Any:
        """Quantiles of series `[N, 256]`, in their units or in those of the logarithms."""
        season, second = (ops.full_like(known[:, :1], steps) for steps in (self.season, self.second_season))
        season, second = ops.cast(season, "int32"), ops.cast(second, "int32")
        scaled, level, spread = self.scaling(values, known, season)
        quantiles = self.network([scaled, known, season, second])
        return level[:, :, None] + spread[:, :, None] * KnownScaling.straight(quantiles)

    def _later_blocks(self, one: tuple[Any, Any], count: int) -> Any:
        """The blocks after the first of one series, from its window `[256]` and quantiles `[64, all levels]`."""
        windows, quantiles = (ops.repeat(part[None], PATHS, axis=0) for part in one)
        of_sorted = ops.convert_to_tensor(weights_of_sorted_paths(self.levels))
        blocks = []
        for block in range(count):
            if block:
                quantiles = self._block(windows)
            paths = ops.sum(quantiles * ops.convert_to_tensor(path_weights(HORIZON, LEVELS, block)), axis=-1)
            windows = ops.concatenate([windows, paths], axis=1)[:, -TIMESTEPS:]
            blocks.append(ops.transpose(of_sorted @ ops.sort(paths, axis=0)))
        return ops.concatenate(blocks[1:], axis=0)

    def compute_output_shape(self, past_shape: Any) -> Any:
        """Return `[B, H, C, Q]`."""
        return past_shape[0], self.horizon, past_shape[2], len(self.levels)

    def get_config(self) -> dict[str, Any]:
        """Everything `__init__` takes."""
        sizes = {"horizon": self.horizon, "season": self.season, "second_season": self.second_season}
        return {**super().get_config(), **sizes, "levels": list(self.levels), "at_least_zero": self.at_least_zero}


@keras.saving.register_keras_serializable("seqkit")
class Median(layers.Layer):
    """The quantile in the middle. Shapes: `[B, H, C, Q]` to `[B, H, C]`.

    Attributes:
        latest: what the latest call returned, and its quantiles; so a loss of the median's step finds its quantiles.
    """

    latest: tuple[Any, Any] = (None, None)

    def call(self, quantiles: Any) -> Any:
        """Return it."""
        median = quantiles[..., quantiles.shape[-1] // 2]
        self.__dict__["latest"] = median, quantiles  # past Keras, which tracks attributes
        return median

    def compute_output_shape(self, quantiles_shape: Any) -> Any:
        """Return `[B, H, C]`."""
        return tuple(quantiles_shape[:-1])
