"""What happens to the past alone, never to the horizon: outliers, spikes, changes of level, censoring.

Each takes values [N, T], of which the last `future` steps are the horizon, and returns them changed.
"""

from __future__ import annotations

import numpy as np

from seqkit.pretraining.parts import Values, log_uniform, normals


def outliers(generator: np.random.Generator, values: Values, future: int, share: float = 0.07) -> Values:
    """In a `share` of the rows single steps far off, by 2 to 15 spreads; where all was above 0, it stays so."""
    rows, past, spread = _rows(generator, values, future, share)
    often = log_uniform(generator, 0.5, 6, len(rows)) / max(past.shape[1], 1)
    hit = generator.random(past.shape, dtype=np.float32) < often
    sign = np.where(generator.random(past.shape) < 0.35, -1, 1)
    moved = past + hit * sign * spread * log_uniform(generator, 2, 15, len(rows)) * (0.5 + generator.random(past.shape))
    values[rows, : past.shape[1]] = _above_zero(values[rows], moved)
    return values


def spikes_in_turn(generator: np.random.Generator, values: Values, future: int, share: float = 0.03) -> Values:
    """In a `share` of the rows a few shocks that come at once and die away over eight steps."""
    rows, past, spread = _rows(generator, values, future, share)
    often = log_uniform(generator, 1, 5, len(rows)) / max(past.shape[1], 1)
    hit = generator.random(past.shape, dtype=np.float32) < often
    size = spread * normals(generator, len(rows), 1) * log_uniform(generator, 1, 6, len(rows))
    shape = np.zeros(past.shape)
    for lag in range(min(8, past.shape[1])):
        shape[:, lag:] += hit[:, : past.shape[1] - lag] * 0.6**lag
    values[rows, : past.shape[1]] = _above_zero(values[rows], past + size * shape)
    return values


def shifted_level(generator: np.random.Generator, values: Values, future: int, share: float = 0.1) -> Values:
    """In a `share` of the rows everything before one step lies higher or lower; the horizon goes on as the end does."""
    rows, past, spread = _rows(generator, values, future, share)
    at = generator.integers(0, past.shape[1] + 1, (len(rows), 1))
    size = spread * normals(generator, len(rows), 1) * log_uniform(generator, 0.5, 4, len(rows))
    moved = past + np.where(np.arange(past.shape[1]) < at, size, 0)
    values[rows, : past.shape[1]] = moved
    return values


def censored(generator: np.random.Generator, values: Values, future: int, share: float = 0.08) -> Values:
    """In a `share` of the rows the past is cut off above or below one of its outer quantiles."""
    rows, past, _ = _rows(generator, values, future, share)
    if not past.size:
        return values
    level = generator.uniform(0.6, 0.98, len(rows))
    top = generator.random((len(rows), 1)) < 0.5
    ordered = np.sort(past, axis=1)
    place = (np.where(top[:, 0], level, 1 - level) * (past.shape[1] - 1)).astype(int)
    bound = ordered[np.arange(len(rows)), place][:, None]
    values[rows, : past.shape[1]] = np.where(top, np.minimum(past, bound), np.maximum(past, bound))
    return values


def _rows(
    generator: np.random.Generator, values: Values, future: int, share: float
) -> tuple[np.ndarray, Values, Values]:
    """The rows that change, their past [R, T - future], and the spread of each whole row [R, 1]."""
    rows = np.flatnonzero(generator.random(len(values)) < share)
    return rows, values[rows, : values.shape[1] - future], values[rows].std(axis=1, keepdims=True)


def _above_zero(before: Values, moved: Values) -> Values:
    """`moved`, but nowhere below a twentieth of the lowest value where all `before` were above 0."""
    lowest = before.min(axis=1, keepdims=True)
    return np.where(lowest > 0, np.maximum(moved, lowest / 20), moved)
