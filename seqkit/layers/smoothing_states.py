"""The equations of exponential smoothing for a grid of parameters at once.

Shapes: B samples, T timesteps, m steps in a season, H horizon, C columns, G points of the grid. T may be unknown.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any, NamedTuple

import keras
import numpy as np
from keras import ops

# benchmarks/members.py chose these on 132 series.
ALPHAS = (0.05, 0.15, 0.4, 0.8)  # of the level
ALPHAS_OF_JUDGED_TRENDS = (*ALPHAS, 0.97)  # benchmarks/theta_trends.py chose them
GAMMAS = (0.0, 0.05, 0.2, 0.5)  # of the season, as a share of what alpha leaves
SHARPNESS = 0.1  # weights are mean absolute errors to the power of -0.1 T
MOST_STEPS_JUDGED = 48  # ahead
LEAST_ERROR = 1e-6  # standard deviations of the window; an exact forecast has no logarithm


class Grid(NamedTuple):
    """The smoothing parameters of each point `(G,)`."""

    alpha: np.ndarray
    beta: np.ndarray
    phi: np.ndarray
    gamma: np.ndarray


class States(NamedTuple):
    """Level and trend `(B, C, G)`, and season `(B, C, G, m)`, whose first step is the next one."""

    level: Any
    trend: Any
    season: Any

    def ahead(self, phi: np.ndarray, horizon: int) -> Any:
        """The forecasts `(B, C, G, H)`."""
        damped = np.cumsum(phi[:, None] ** np.arange(1, horizon + 1), axis=1).astype("float32")
        forecast = self.level[..., None] + self.trend[..., None] * damped
        season = self.season.shape[-1]
        if season == 1:
            return forecast
        return forecast + ops.tile(self.season, (1, 1, 1, -(-horizon // season)))[..., :horizon]


def grid_of(trends: Sequence[tuple[float, float]], season: int, alphas: Sequence[float] = ALPHAS) -> Grid:
    """All combinations of the parameters; gamma is 0 without a season."""
    shares = GAMMAS if season > 1 else (0.0,)
    points = [
        (alpha, share_of_trend * alpha, phi, share * (1 - alpha))
        for alpha, (share_of_trend, phi), share in itertools.product(alphas, trends, shares)
    ]
    return Grid(*np.array(points, "float32").T)


def line_of(values: Any) -> tuple[Any, Any]:
    """The least squares line through `(B, n, C)`: its value one step before the first, and its slope, `(B, C)`."""
    count = ops.cast(ops.shape(values)[1], "float32")
    steps = ops.arange(ops.shape(values)[1], dtype="float32") - (count - 1) / 2
    squares = ops.maximum(ops.sum(ops.square(steps)), keras.config.epsilon())
    slope = ops.sum(values * steps[:, None], axis=1) / squares
    return ops.mean(values, axis=1) - slope * (count + 1) / 2, slope


def smoothed(past: Any, grid: Grid, first: States, horizon: int) -> tuple[Any, States]:
    """Mean absolute errors `(B, C, G)` of forecasts within the past `(B, T, C)`, and the states after it.

    Forecasts count from the end of the first season on.
    """
    steps, season = ops.shape(past)[1], first.season.shape[-1]
    judged = min(horizon, MOST_STEPS_JUDGED)
    values = ops.transpose(past, (1, 0, 2))[..., None]  # (T, B, C, 1)
    ahead = ops.arange(steps)[:, None] + np.arange(1, judged + 1)  # (T, H)
    counts = ops.cast((ahead < steps) & (ops.arange(steps)[:, None] >= season), "float32")
    futures = ops.take(past, ops.minimum(ahead, steps - 1), axis=1)  # (B, T, H, C)
    futures = ops.transpose(futures, (1, 0, 3, 2))[:, :, :, None]  # (T, B, C, 1, H)

    def step(number: Any, carried: Any) -> Any:
        total, states = carried[0], States(*carried[1:])
        states = _next(states, ops.take(values, number, axis=0), grid)
        distance = ops.abs(ops.take(futures, number, axis=0) - states.ahead(grid.phi, judged))
        total = total + ops.sum(distance * ops.take(counts, number, axis=0), axis=-1)
        return (total, *states)

    total, *last = ops.fori_loop(0, steps, step, (ops.zeros_like(first.level), *first))
    return total / ops.maximum(ops.sum(counts), 1.0), States(*last)


def _next(states: States, value: Any, grid: Grid) -> States:
    """The states after a value `(B, C, 1)`."""
    level = states.level + grid.phi * states.trend
    error = value - level - states.season[..., 0]
    season = states.season
    if season.shape[-1] > 1:
        latest = season[..., :1] + grid.gamma[:, None] * error[..., None]
        season = ops.concatenate([season[..., 1:], latest], axis=-1)
    return States(level + grid.alpha * error, grid.phi * states.trend + grid.beta * error, season)


def weights_of(errors: Any, past: Any, priors: np.ndarray | None = None) -> Any:
    """The weights `(B, C, G)` of points with these errors within the past `(B, T, C)`; they sum to 1.

    `priors` `(G,)` are those of points with equal errors; None for equal ones.
    """
    floor = LEAST_ERROR * ops.std(past, axis=1)[..., None] + keras.config.epsilon()
    sharpness = SHARPNESS * ops.cast(ops.shape(past)[1], "float32")
    logarithms = -sharpness * ops.log(errors + floor)
    return ops.softmax(logarithms if priors is None else logarithms + np.log(priors).astype("float32"))
