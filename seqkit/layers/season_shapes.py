"""Shapes of seasons, as the baselines and the smoothing layers take them from a window, and continue them.

Shapes: B samples, T timesteps, m steps in a season, k seasons, H horizon, C columns. T may be unknown in a graph.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from keras import ops

from seqkit.layers.scaling import TINY


def fitting(season: int, timesteps: int | None, seasons: int = 1) -> int:
    """The steps of a season of which so many fit in the window, else 1; all fit where T is unknown."""
    return season if timesteps is None or seasons * season <= timesteps else 1


def decaying_weights(decay: Any, count: Any, dtype: str) -> Any:
    """Weights `(count,)` that sum to 1 and grow by exp(decay) from one to the next."""
    if isinstance(count, int) and count == 1:
        return ops.ones((1,), dtype=dtype)
    return ops.softmax(ops.arange(count, dtype=dtype) * decay)


def in_seasons(past: Any, season: int) -> Any:
    """The last whole seasons of `(B, T, C)`, as `(B, k, m, C)`."""
    seasons = ops.shape(past)[1] // season
    return ops.reshape(past[:, -seasons * season :], (-1, seasons, season, past.shape[2]))


def season_shape(past: Any, season: int, decay: Any) -> Any:
    """The weighted mean of the last whole seasons, each without its mean `(B, m, C)`."""
    folded = in_seasons(past, season)
    return _mean_of_seasons(folded - ops.mean(folded, axis=2, keepdims=True), decay)


def season_shape_without_trend(past: Any, season: int, decay: Any) -> Any:
    """The same, each season without the slope of the means around it as well `(B, m, C)`."""
    shape = _mean_of_seasons(_without_slopes(in_seasons(past, season)), decay)
    return shape - ops.mean(shape, axis=1, keepdims=True)


def shrunk_season_shape(past: Any, season: int, decay: Any, width: Any) -> Any:
    """The shape of a season that may not be there `(B, m, C)`: without trend, and nearer to zero if its seasons differ.

    Neighbouring steps are averaged first. With v the variance of the shape, as the differences between its seasons
    estimate it, and q its mean square, the shape is multiplied by 1 - v / q, or by 0 where v is larger: the estimate
    of James & Stein (1961), its positive part. A single season tells nothing of v, and is taken as it is.
    """
    folded = averaged_around(_without_slopes(in_seasons(past, season)), width)
    folded = folded - ops.mean(folded, axis=2, keepdims=True)
    shape = _mean_of_seasons(folded, decay)
    squares = ops.sum(ops.square(decaying_weights(decay, ops.shape(folded)[1], folded.dtype)))
    spread = _mean_of_seasons(ops.square(folded - shape[:, None]), decay) / ops.maximum(1 - squares, TINY)
    noise, size = (ops.mean(part, axis=1, keepdims=True) for part in (squares * spread, ops.square(shape)))
    return shape * ops.maximum(1 - noise / ops.maximum(size, TINY), 0.0)


def _without_slopes(folded: Any) -> Any:
    """Seasons `(B, k, m, C)`, each without its mean and the slope of the means around it; a single one has no slope."""
    season = folded.shape[2]
    means = ops.mean(folded, axis=2, keepdims=True)
    first, last = means[:, :1], means[:, -1:]
    second = ops.concatenate([means[:, 1:], first], axis=1)[:, :1]  # the first where there is no second
    last_but_one = ops.concatenate([last, means[:, :-1]], axis=1)[:, -1:]
    around = ops.concatenate([2 * first - second, means, 2 * last - last_but_one], axis=1)
    slopes = (around[:, 2:] - around[:, :-2]) / (2 * season)
    steps = (np.arange(season) - (season - 1) / 2).reshape(1, 1, season, 1).astype("float32")
    return folded - means - slopes * steps


def _mean_of_seasons(folded: Any, decay: Any) -> Any:
    weights = decaying_weights(decay, ops.shape(folded)[1], folded.dtype)
    return ops.sum(folded * weights[:, None, None], axis=1)


def without_season(past: Any, shape: Any) -> Any:
    """The past `(B, T, C)` less a season's shape `(B, m, C)`, whose last step is the last of the past."""
    timesteps = ops.shape(past)[1]
    repeated = ops.tile(shape, (1, -(-timesteps // shape.shape[1]), 1))
    return past - repeated[:, -timesteps:]


def season_ahead(shape: Any, horizon: int) -> Any:
    """The season's shape `(B, m, C)` over the horizon `(B, H, C)`."""
    return ops.tile(shape, (1, -(-horizon // shape.shape[1]), 1))[:, :horizon]


def averaged_around(shape: Any, width: Any) -> Any:
    """A shape `(B, m, C)`, or several `(B, k, m, C)`, averaged over neighbours by a Gaussian kernel, in a circle."""
    steps = shape.shape[-2]
    distance = np.arange(steps)
    distance = np.minimum(distance, steps - distance).astype("float32")
    kernel = ops.softmax(-ops.square(ops.cast(distance, shape.dtype) / width) / 2)
    circle = (np.arange(steps)[:, None] - np.arange(steps)) % steps
    return ops.einsum("ij,...jc->...ic", ops.take(kernel, circle), shape)
