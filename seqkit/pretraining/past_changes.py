"""What happens to the past alone, never to the horizon: outliers, shocks, changes of level, censoring.

Each takes values [N, T] and lengths [N] of history, of which the last step comes `future` steps before the end, and
returns the values changed within that history. Sizes are in spreads of the history and horizon of a row.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from seqkit.pretraining.parts import Flags, Values, Whole, log_uniform, normals


class Past(NamedTuple):
    """The past of the R rows that change, P steps each."""

    rows: Whole  # [R]
    values: Values  # [R, P]
    inside: Flags  # [R, P]: within the history
    length: Whole  # [R, 1], of the history
    spread: Values  # [R, 1]


def outliers(generator: np.random.Generator, values: Values, length: Whole, future: int, share: float = 0.07) -> Values:
    """In a `share` of the rows single steps far off, by 2 to 15 spreads; where all was above 0, it stays so."""
    past = _past(generator, values, length, future, share)
    often = log_uniform(generator, 0.5, 6, len(past.rows)) / past.length
    hit = past.inside & (generator.random(past.values.shape, dtype=np.float32) < often)
    sign = np.where(generator.random(past.values.shape, dtype=np.float32) < 0.35, -past.spread, past.spread)
    size = log_uniform(generator, 2, 15, len(past.rows)) * (0.5 + generator.random(past.values.shape, dtype=np.float32))
    return _with_past(values, past, _above_zero(values[past.rows], past.values + hit * sign * size))


def shocks(generator: np.random.Generator, values: Values, length: Whole, future: int, share: float = 0.03) -> Values:
    """In a `share` of the rows a few shocks that come at once and die away over eight steps, within the past."""
    past = _past(generator, values, length, future, share)
    often = log_uniform(generator, 1, 5, len(past.rows)) / past.length
    hit = past.inside & (generator.random(past.values.shape, dtype=np.float32) < often)
    size = past.spread * normals(generator, len(past.rows), 1) * log_uniform(generator, 1, 6, len(past.rows))
    shape: Values = np.zeros_like(past.values)
    steps = past.values.shape[1]
    for lag in range(min(8, steps)):
        shape[:, lag:] += hit[:, : steps - lag] * np.float32(0.6**lag)
    return _with_past(values, past, _above_zero(values[past.rows], past.values + size * shape))


def shifted_level(
    generator: np.random.Generator, values: Values, length: Whole, future: int, share: float = 0.1
) -> Values:
    """In a `share` of the rows all before one step of the history lies higher or lower, the rest as it was."""
    past = _past(generator, values, length, future, share)
    steps = past.values.shape[1]
    at = steps - (generator.random((len(past.rows), 1)) * past.length).astype(int)
    size = past.spread * normals(generator, len(past.rows), 1) * log_uniform(generator, 0.5, 4, len(past.rows))
    return _with_past(values, past, past.values + np.where(np.arange(steps) < at, size, np.float32(0)))


def censored(generator: np.random.Generator, values: Values, length: Whole, future: int, share: float = 0.05) -> Values:
    """In a `share` of the rows the past is cut off above or below an outer quantile of its history."""
    past = _past(generator, values, length, future, share)
    level = generator.uniform(0.7, 0.98, (len(past.rows), 1))
    top = generator.random((len(past.rows), 1)) < 0.5
    ordered = np.sort(np.where(past.inside, past.values, np.inf), axis=1)
    place = (np.where(top, level, 1 - level) * (past.length - 1)).astype(int)
    bound = np.take_along_axis(ordered, place, axis=1).astype(values.dtype)
    cut = np.where(top, np.minimum(past.values, bound), np.maximum(past.values, bound))
    return _with_past(values, past, cut)


def _past(generator: np.random.Generator, values: Values, length: Whole, future: int, share: float) -> Past:
    rows = np.flatnonzero((generator.random(len(values)) < share) & (length > 0))
    past, long = values.shape[1] - future, length[rows, None]
    shown = values[rows] * (np.arange(values.shape[1]) >= past - long)
    number = (long + future).astype(np.float32)
    mean = shown.sum(axis=1, keepdims=True) / number
    off = np.where(np.arange(values.shape[1]) >= past - long, shown - mean, np.float32(0))
    spread = np.sqrt((off**2).sum(axis=1, keepdims=True) / number)
    return Past(rows, values[rows, :past], np.arange(past) >= past - long, long, spread)


def _with_past(values: Values, past: Past, changed: Values) -> Values:
    values[past.rows, : changed.shape[1]] = changed
    return values


def _above_zero(before: Values, moved: Values) -> Values:
    """`moved`, but nowhere below a twentieth of the lowest value where all `before` were above 0."""
    lowest = before.min(axis=1, keepdims=True)
    return np.where(lowest > 0, np.maximum(moved, lowest / 20), moved)
