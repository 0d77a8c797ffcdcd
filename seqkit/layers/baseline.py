"""Baseline forecasts inside the graph, to which a network adds: exponential smoothing, and the last value."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import layers, ops

from seqkit import _checks
from seqkit.layers.season_shapes import (
    averaged_around,
    decaying_weights,
    fitting,
    season_ahead,
    season_shape,
    shrunk_season_shape,
    without_season,
)

INITIAL_DECAY = -1.0  # softplus(-1) = 0.31: each step has 0.73 of the weight of the next step
LONGEST_QUICK_HORIZON = 48  # steps; a level that is to hold for more of them remembers a sixth of them
DECAY_OVER_LONG_HORIZON = 6.0  # 4 to 8 were best on training and validation rows of ETTh1 and ETTm1, not 2 and not 15
INITIAL_WIDTH = 0.35  # steps that a long season of whole short ones is smoothed by; neighbours count 0.02
INITIAL_WIDTH_OF_YEAR = 0.02  # the same of another long season, as a share of its steps


def initial_width(season: int, long_season: int) -> float:
    """The steps over which the long season is averaged, before any training."""
    return INITIAL_WIDTH if season > 1 and long_season % season == 0 else INITIAL_WIDTH_OF_YEAR * long_season


@keras.saving.register_keras_serializable("seqkit")
class SmoothedBaseline(layers.Layer):
    r"""Forecast each window by its exponentially smoothed level plus its exponentially smoothed seasons.

    Let z[j, i] be the last k whole seasons of the window (season j = 0 .. k-1, step i = 0 .. m-1):

        s[i]  = sum_j w[j] (z[j, i] - mean_i z[j, i])       w = softmax(a j)      the season's shape
        l     = sum_t v[t] (z[t] - s[t mod m])              v = softmax(b t)      the level
        out[h] = l + s[h mod m]

    The softmax of a rising ramp is an exponential decay into the past. So `a` and `b` are the smoothing parameters
    of Holt and Winters (1960), additive and without trend. They are trained by gradient together with the network,
    as in ES-RNN (Smyl 2020, section 3). A window shorter than one season is smoothed without a season.

    A second, longer season is taken in the same way from z[t] - s[t mod m], as in the double seasonal method of
    Taylor (2003). Its neighbouring steps are averaged by a Gaussian kernel of learnt width, since a window holds few
    seasons of it.

    Shapes: input `[B, T, C]`, output `[B, H, C]`.

    Args:
        horizon: steps to forecast, H.
        season: steps in a season, m; 1 for none.
        long_season: steps in the longer season; 1 for none.
        shrunk: whether the shape of the longer season has no trend, and is the smaller, the more its seasons differ.

    Example:
        >>> import numpy as np
        >>> from seqkit.layers import SmoothedBaseline
        >>> past = np.tile([1.0, 2.0, 4.0, 8.0], 4).reshape(1, 16, 1)
        >>> SmoothedBaseline(horizon=3, season=4)(past).numpy().round(2).ravel()
        array([1., 2., 4.], dtype=float32)
    """

    def __init__(
        self, horizon: int, season: int = 1, long_season: int = 1, shrunk: bool = False, **kwargs: Any
    ) -> None:
        """Choose the horizon and the seasons."""
        super().__init__(**kwargs)
        self.horizon = _checks.whole_number("SmoothedBaseline", "horizon", horizon)
        self.season = _checks.whole_number("SmoothedBaseline", "season", season)
        self.long_season = _checks.whole_number("SmoothedBaseline", "long_season", long_season)
        self.shrunk = bool(shrunk)

    def build(self, input_shape: Any) -> None:
        """Make the decays. A decay over a single season or a single step is not trainable: it changes nothing."""
        timesteps = input_shape[1]
        seasons = timesteps // fitting(self.season, timesteps)
        self.season_decay = self._number("season_decay", INITIAL_DECAY, trainable=seasons > 1)
        self.level_decay = self._number("level_decay", self._initial_level_decay(), trainable=timesteps > 1)
        long_season = fitting(self.long_season, timesteps)
        self._seasons = fitting(self.season, timesteps), long_season
        if long_season > 1:
            self.long_season_decay = self._number(
                "long_season_decay", INITIAL_DECAY, trainable=timesteps // long_season > 1
            )
            width = initial_width(self.season, long_season)
            self.smoothing = self._number("smoothing", float(np.log(width)), trainable=True)
        self.built = True

    def call(self, past: Any) -> Any:
        """Forecast each window."""
        timesteps = ops.shape(past)[1]  # a number where it is fixed, else a tensor
        season, long_season = self._seasons
        whole = past[:, -(timesteps // season) * season :]
        shape = season_shape(whole, season, self._decay(self.season_decay))  # (B, m, C)
        rest = without_season(whole, shape)
        seasonal = season_ahead(shape, self.horizon)
        if long_season > 1:
            rest = without_season(past, shape)
            long_shape = self._long_shape(rest, long_season)
            rest = without_season(rest, long_shape)
            seasonal = seasonal + season_ahead(long_shape, self.horizon)
        weights = decaying_weights(self._decay(self.level_decay), ops.shape(rest)[1], self.compute_dtype)[:, None]
        return ops.sum(rest * weights, axis=1, keepdims=True) + seasonal

    def _long_shape(self, rest: Any, long_season: int) -> Any:
        """The shape of the long season `(B, m, C)` in what the short one leaves."""
        decay = self._decay(self.long_season_decay)
        width = ops.exp(ops.cast(self.smoothing, self.compute_dtype))
        if self.shrunk:
            return shrunk_season_shape(rest, long_season, decay, width)
        return averaged_around(season_shape(rest, long_season, decay), width)

    def _number(self, name: str, initial: float, trainable: bool) -> Any:
        return self.add_weight(
            shape=(), initializer=keras.initializers.Constant(initial), trainable=trainable, name=name
        )

    def _decay(self, number: Any) -> Any:
        return ops.softplus(ops.cast(number, self.compute_dtype))

    def _initial_level_decay(self) -> float:
        """The decay whose memory holds for the horizon, as a number of which softplus is taken."""
        if self.horizon <= LONGEST_QUICK_HORIZON:
            return INITIAL_DECAY
        return float(np.log(np.expm1(DECAY_OVER_LONG_HORIZON / self.horizon)))

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return `[B, H, C]`."""
        return (input_shape[0], self.horizon, input_shape[2])

    def get_config(self) -> dict[str, Any]:
        """Everything `__init__` takes."""
        seasons = {"season": self.season, "long_season": self.long_season, "shrunk": self.shrunk}
        return {**super().get_config(), "horizon": self.horizon, **seasons}


@keras.saving.register_keras_serializable("seqkit")
class LastValue(layers.Layer):
    """The naive forecast: repeat the last value of each column. Shapes: `[B, T, C]` to `[B, H, C]`.

    Example:
        >>> import numpy as np
        >>> from seqkit.layers import LastValue
        >>> LastValue(horizon=2)(np.array([[[1.0], [3.0]]])).numpy().ravel()
        array([3., 3.], dtype=float32)
    """

    def __init__(self, horizon: int, **kwargs: Any) -> None:
        """Choose the horizon."""
        super().__init__(**kwargs)
        self.horizon = _checks.whole_number("LastValue", "horizon", horizon)

    def call(self, past: Any) -> Any:
        """Repeat the last step."""
        return ops.repeat(past[:, -1:], self.horizon, axis=1)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return `[B, H, C]`."""
        return (input_shape[0], self.horizon, input_shape[2])

    def get_config(self) -> dict[str, Any]:
        """Everything `__init__` takes."""
        return {**super().get_config(), "horizon": self.horizon}
