"""Shapes of seasons, as the baselines and the smoothing layers take them from a window, and continue them.

Shapes: B samples, T timesteps, m steps in a season, k seasons, H horizon, C columns. T may be unknown in a graph.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from keras import ops


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
    """The same of two whole seasons or more, each without the slope of its mean as well `(B, m, C)`."""
    folded = in_seasons(past, season)
    means = ops.mean(folded, axis=2, keepdims=True)
    before, after = 2 * means[:, :1] - means[:, 1:2], 2 * means[:, -1:] - means[:, -2:-1]
    means_around = ops.concatenate([before, means, after], axis=1)
    slope = (means_around[:, 2:] - means_around[:, :-2]) / (2 * season)
    steps = (np.arange(season) - (season - 1) / 2).reshape(1, 1, season, 1).astype("float32")
    shape = _mean_of_seasons(folded - means - slope * steps, decay)
    return shape - ops.mean(shape, axis=1, keepdims=True)


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
    """The shape `(B, m, C)` averaged over neighbouring steps by a Gaussian kernel, around the year."""
    steps = shape.shape[1]
    distance = np.arange(steps)
    distance = np.minimum(distance, steps - distance).astype("float32")
    kernel = ops.softmax(-ops.square(ops.cast(distance, shape.dtype) / width) / 2)
    circle = (np.arange(steps)[:, None] - np.arange(steps)) % steps
    return ops.einsum("ij,bjc->bic", ops.take(kernel, circle), shape)
