"""Exponential smoothing and Theta inside the graph: a grid of smoothing parameters, weighed by their errors.

Shapes: B samples, T timesteps, m steps in a season, H horizon, C columns, G points of the grid. T may be unknown.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import layers, ops

from seqkit import _checks
from seqkit.layers.baseline import initial_width
from seqkit.layers.season_shapes import (
    averaged_around,
    fitting,
    season_ahead,
    season_shape,
    season_shape_without_trend,
    shrunk_season_shape,
    without_season,
)
from seqkit.layers.smoothing_states import (
    ALPHAS_OF_JUDGED_TRENDS,
    Grid,
    States,
    grid_of,
    line_of,
    smoothed,
    weights_of,
)

# benchmarks/members.py chose these on 132 series.
DAMPED_TRENDS = ((0.0, 0.0), (0.0, 0.9), (0.1, 0.9), (0.3, 0.9))  # beta as a share of alpha, and phi; the first: none
UNDAMPED_TREND = ((0.0, 1.0),)
HALF_TREND = 0.5  # of the line's slope
TRENDS_OF_THETA = (HALF_TREND, 1.0)
PRIORS_OF_TRENDS = (100.0, 1.0)  # of half and whole trend; benchmarks/theta_trends.py chose them
DECAY_OF_SEASONS = 0.4  # of the first shape of the season: each year has 0.67 of the weight of the next one
DECAY_OF_LONG_SEASONS = 0.31  # softplus(-1), as in SmoothedBaseline
STEPS_OF_FIRST_TREND = 10  # without a season; else two seasons
STEPS_OF_FIRST_LEVEL = 4  # without a season; else one season


class _Smoothing(layers.Layer):
    """Run the equations of smoothing for all points of a grid at once, and weigh their forecasts."""

    trends: Sequence[tuple[float, float]]

    def __init__(
        self, horizon: int, season: int = 1, long_season: int = 1, shrunk: bool = False, **kwargs: Any
    ) -> None:
        """Choose the horizon and the seasons."""
        super().__init__(**{**kwargs, "dtype": "float32"})
        where = type(self).__name__
        self.horizon = _checks.whole_number(where, "horizon", horizon)
        self.season = _checks.whole_number(where, "season", season)
        self.long_season = _checks.whole_number(where, "long_season", long_season)
        self.shrunk = bool(shrunk)

    def build(self, input_shape: Any) -> None:
        """Choose the seasons that the window holds: the short one twice, the long one once."""
        timesteps = input_shape[1]
        self._seasons = fitting(self.season, timesteps, 2), fitting(self.long_season, timesteps)
        self.built = True

    def call(self, past: Any) -> Any:
        """Forecast each window."""
        return forecasts_together([self], past)[0]

    def without_long_season(self, past: Any) -> tuple[Any, Any]:
        """The whole short seasons of the past without the long one `(B, T, C)`, and the long one ahead `(B, H, C)`."""
        season, long_season = self._seasons
        seasonal: Any = 0.0
        if long_season > 1:
            shape = self._long_shape(past, season, long_season)
            past, seasonal = without_season(past, shape), season_ahead(shape, self.horizon)
        return past[:, -(ops.shape(past)[1] // season) * season :], seasonal

    def start(self, past: Any) -> tuple[Grid, States]:
        """The grid, and its states before the first step of whole seasons `(B, T, C)`."""
        season = self._seasons[0]
        grid = self.grid(season)
        return grid, self.first_states(past, grid, season)

    def grid(self, season: int) -> Grid:
        """The points of the grid."""
        return grid_of(self.trends, season)

    def priors(self) -> np.ndarray | None:
        """The weights of the points where their errors are equal `(G,)`; None for equal ones."""
        return None

    def first_states(self, past: Any, grid: Grid, season: int) -> States:
        """The states before the first step of whole seasons `(B, T, C)`."""
        raise NotImplementedError

    def _long_shape(self, past: Any, season: int, long_season: int) -> Any:
        """The shape of the long season `(B, m, C)` in what a short one leaves."""
        decay, width = DECAY_OF_LONG_SEASONS, initial_width(season, long_season)
        rest = without_season(past, season_shape(past, season, decay)) if season > 1 else past
        if self.shrunk:
            return shrunk_season_shape(rest, long_season, decay, width)
        return averaged_around(season_shape(rest, long_season, decay), width)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return `[B, H, C]`."""
        return (input_shape[0], self.horizon, input_shape[2])

    def get_config(self) -> dict[str, Any]:
        """Everything `__init__` takes."""
        seasons = {"season": self.season, "long_season": self.long_season, "shrunk": self.shrunk}
        return {**super().get_config(), "horizon": self.horizon, **seasons}


@keras.saving.register_keras_serializable("seqkit")
class ExponentialSmoothing(_Smoothing):
    r"""Forecast each window by exponential smoothing: level, damped trend and additive season.

    The equations are those of the additive innovations form (Hyndman et al. 2002), with s of the season before:

        e = z - (l + phi b + s)     l <- l + phi b + alpha e     b <- phi b + beta e     s <- s + gamma e

    They run for a grid of 64 parameters at once: alpha .05, .15, .4 or .8; no trend, or one that is damped by phi = .9
    with beta 0, .1 or .3 alpha; gamma 0, .05, .2 or .5 of 1 - alpha. The first season is the mean of the window's
    seasons, of which later ones have more weight; first level and trend are those of the first two seasons. The
    forecast is the mean of all points, each weighed by the error of its forecasts within the window, as far ahead as
    the horizon, to the power of -0.1 T. So nothing is trained. A window shorter than two seasons has no season.

    A second, longer season is taken from the window first, as in `SmoothedBaseline`.

    Shapes: input `[B, T, C]`, output `[B, H, C]`. It computes in float32.

    Args:
        horizon: steps to forecast, H.
        season: steps in a season, m; 1 for none.
        long_season: steps in the longer season; 1 for none.
        shrunk: whether the shape of the longer season has no trend, and is the smaller, the more its seasons differ.

    Example:
        >>> import numpy as np
        >>> from seqkit.layers import ExponentialSmoothing
        >>> past = np.tile([1.0, 2.0, 4.0, 8.0], 4).reshape(1, 16, 1)
        >>> ExponentialSmoothing(horizon=3, season=4)(past).numpy().round(2)[0, :, 0]
        array([1., 2., 4.], dtype=float32)
    """

    trends = DAMPED_TRENDS

    def first_states(self, past: Any, grid: Grid, season: int) -> States:
        """Season of the whole window; level and trend of its first two seasons."""
        shape, rest = _first_season(past, season)
        start, slope = line_of(rest[:, : 2 * season if season > 1 else STEPS_OF_FIRST_TREND])
        level = ops.mean(rest[:, : season if season > 1 else STEPS_OF_FIRST_LEVEL], axis=1)
        has_trend = (grid.phi > 0).astype("float32")
        levels = has_trend * start[..., None] + (1 - has_trend) * level[..., None]
        return States(levels, has_trend * slope[..., None], _for_each_point(shape, grid))


@keras.saving.register_keras_serializable("seqkit")
class Theta(_Smoothing):
    r"""Forecast each window by the Theta method (Assimakopoulos & Nikolopoulos 2000), with a season that is smoothed.

    The mean of the trend line and of the smoothed line of twice the distance from it is simple exponential smoothing
    with half of the line's slope as drift (Hyndman & Billah 2003):

        e = z - (l + b / 2 + s)     l <- l + b / 2 + alpha e     s <- s + gamma e

    b is the slope of the whole window without its season. Grid, first season and weights are those of
    `ExponentialSmoothing`; the trend is not damped, since it is halved.

    With `judges_trend`, the grid has the whole slope as drift too, and alpha .97. The errors in the window then say
    which of both it follows; with equal errors the half has 100 times the weight.

    Shapes: input `[B, T, C]`, output `[B, H, C]`. It computes in float32.

    Args:
        horizon: steps to forecast, H.
        season: steps in a season, m; 1 for none.
        long_season: steps in the longer season; 1 for none.
        shrunk: whether the shape of the longer season has no trend, and is the smaller, the more its seasons differ.
        judges_trend: whether the window says how much of the trend goes on, half or all of it.

    Example:
        >>> import numpy as np
        >>> from seqkit.layers import Theta
        >>> line = np.arange(20.0).reshape(1, 20, 1)
        >>> Theta(horizon=3)(line).numpy().round(1).ravel()
        array([18.7, 19.2, 19.7], dtype=float32)
        >>> Theta(horizon=3, judges_trend=True)(line).numpy().round(1).ravel()
        array([20., 21., 22.], dtype=float32)
    """

    trends = UNDAMPED_TREND

    def __init__(
        self,
        horizon: int,
        season: int = 1,
        long_season: int = 1,
        shrunk: bool = False,
        judges_trend: bool = False,
        **kwargs: Any,
    ) -> None:
        """Choose the horizon, the seasons and the trends."""
        super().__init__(horizon, season, long_season, shrunk, **kwargs)
        self.judges_trend = bool(judges_trend)
        self._trends = TRENDS_OF_THETA if self.judges_trend else (HALF_TREND,)

    def grid(self, season: int) -> Grid:
        """The points of the grid, for one share of the trend after the other."""
        if not self.judges_trend:
            return super().grid(season)
        points = grid_of(self.trends, season, ALPHAS_OF_JUDGED_TRENDS)
        return Grid(*(np.tile(part, len(self._trends)) for part in points))

    def priors(self) -> np.ndarray | None:
        """The weights of half and whole trend where their errors are equal `(G,)`."""
        if not self.judges_trend:
            return None
        return np.repeat(PRIORS_OF_TRENDS, len(self.grid(self._seasons[0]).alpha) // len(self._trends))

    def first_states(self, past: Any, grid: Grid, season: int) -> States:
        """Season and slope of the whole window; the level before its first season."""
        shape, rest = _first_season(past, season)
        shares = np.repeat(self._trends, len(grid.alpha) // len(self._trends)).astype("float32")
        drift = line_of(rest)[1][..., None] * shares  # (B, C, G)
        first = rest[:, : season if season > 1 else STEPS_OF_FIRST_LEVEL]
        middle = (ops.cast(ops.shape(first)[1], "float32") + 1) / 2
        level = ops.mean(first, axis=1)[..., None] - drift * middle
        return States(level, drift, _for_each_point(shape, grid))

    def get_config(self) -> dict[str, Any]:
        """Everything `__init__` takes."""
        return {**super().get_config(), "judges_trend": self.judges_trend}


def forecasts_together(smoothings: Sequence[_Smoothing], past: Any) -> list[Any]:
    """The forecasts `(B, H, C)` of several layers of the same horizon and seasons; one loop runs all of their grids."""
    past, seasonal = smoothings[0].without_long_season(past)
    grids, starts = zip(*[smoothing.start(past) for smoothing in smoothings], strict=True)
    grid = Grid(*(np.concatenate(parts) for parts in zip(*grids, strict=True)))
    first = States(*(ops.concatenate(parts, axis=2) for parts in zip(*starts, strict=True)))
    horizon = smoothings[0].horizon
    errors, states = smoothed(past, grid, first, horizon)
    forecasts, end = [], 0
    for smoothing, one in zip(smoothings, grids, strict=True):
        begin, end = end, end + len(one.alpha)
        weights = weights_of(errors[:, :, begin:end], past, smoothing.priors())
        ahead = States(*(state[:, :, begin:end] for state in states)).ahead(grid.phi[begin:end], horizon)
        forecasts.append(ops.einsum("bcg,bcgh->bhc", weights, ahead) + seasonal)
    return forecasts


def _first_season(past: Any, season: int) -> tuple[Any, Any]:
    """The shape of the season `(B, m, C)`, and the past without it `(B, T, C)`."""
    if season == 1:
        return ops.zeros_like(ops.mean(past, axis=1, keepdims=True)), past  # one step, also where T is unknown
    shape = season_shape_without_trend(past, season, DECAY_OF_SEASONS)
    return shape, without_season(past, shape)


def _for_each_point(shape: Any, grid: Grid) -> Any:
    """The shape of a season `(B, m, C)` as `(B, C, G, m)`."""
    return ops.repeat(ops.transpose(shape, (0, 2, 1))[:, :, None], len(grid.alpha), axis=2)
