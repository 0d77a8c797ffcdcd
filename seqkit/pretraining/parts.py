"""Parts that synthetic series are made of: random columns, noise, recursions of first order.

Shapes: N series, T steps. A column is [N, 1], so that it goes with [N, T]. Numbers are of single precision.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Values: TypeAlias = NDArray[np.floating]
Whole: TypeAlias = NDArray[np.integer]
Flags: TypeAlias = NDArray[np.bool_]


def uniform(generator: np.random.Generator, low: float, high: float, count: int) -> Values:
    """A column [count, 1], uniform between `low` and `high`."""
    return low + (high - low) * generator.random((count, 1), dtype=np.float32)


def log_uniform(generator: np.random.Generator, low: float, high: float, count: int) -> Values:
    """A column [count, 1] whose logarithm is uniform between those of `low` and `high`, both above 0."""
    return np.exp(uniform(generator, float(np.log(low)), float(np.log(high)), count))


def chance(generator: np.random.Generator, share: float, count: int) -> Flags:
    """A column [count, 1] of flags, each True with probability `share`."""
    return generator.random((count, 1)) < share


def normals(generator: np.random.Generator, *shape: int) -> Values:
    """Standard normal numbers of any shape, of single precision: half the time of double ones."""
    return generator.standard_normal(shape, dtype=np.float32)


def noise(generator: np.random.Generator, count: int, steps: int, heavy: float = 0.25, moving: float = 0.3) -> Values:
    """White noise [count, steps] of spread 1; a share `heavy` is t(3), a share `moving` is a moving average, MA(1).

    t(3) has the variance 3, and an MA(1) with coefficient c has 1 + c^2, by which they are divided.
    """
    drawn = normals(generator, count, steps + 1)
    tails = np.flatnonzero(generator.random(count) < heavy)
    drawn[tails] = generator.standard_t(3, (len(tails), steps + 1)) / np.sqrt(3)
    c = np.where(chance(generator, moving, count), uniform(generator, -0.7, 0.7, count), np.float32(0))
    return (drawn[:, 1:] + c * drawn[:, :-1]) / np.sqrt(1 + c**2)


def recursion(decay: Values, shocks: Values) -> Values:
    """`y[t] = decay * y[t-1] + shocks[t]`, with `y[-1] = 0`.

    By doubling: once the shocks of the last k steps are in, those of 2 k steps need one more sum of whole arrays.

    Args:
        decay: a column [N, 1], or [N, T] where it changes; real or complex.
        shocks: [N, T].

    Returns:
        y, [N, T].
    """
    values, factor, lag = shocks, decay, 1
    while lag < shocks.shape[1]:
        later = factor[:, lag:] if factor.shape[1] > 1 else factor
        values = np.concatenate([values[:, :lag], values[:, lag:] + later * values[:, :-lag]], axis=1)
        if factor.shape[1] > 1:
            factor = np.concatenate([factor[:, :lag], later * factor[:, :-lag]], axis=1)
        else:
            factor = factor**2
        lag *= 2
    return values


def stationary(generator: np.random.Generator, decay: Values, steps: int) -> Values:
    """AR(1) [N, steps] of spread 1 that began long ago; `decay` is a column within (-1, 1)."""
    shocks = normals(generator, len(decay), steps) * np.sqrt(1 - decay**2)
    shocks[:, :1] /= np.sqrt(1 - decay**2)
    return recursion(decay, shocks)


def bursts(generator: np.random.Generator, count: int, steps: int, share: Values) -> Values:
    """Rare shocks [count, steps]: standard normal in a `share` (a column) of the steps, 0 elsewhere."""
    hit = generator.random((count, steps), dtype=np.float32) < share
    shocks = np.zeros((count, steps), np.float32)
    shocks[hit] = normals(generator, int(hit.sum()))
    return shocks


def unit_spread(values: Values) -> Values:
    """Each row less its mean, over its standard deviation; a flat row becomes 0."""
    centred = values - values.mean(axis=1, keepdims=True)
    spread = centred.std(axis=1, keepdims=True)
    return centred / np.where(spread > 0, spread, 1.0)


def multiplied(generator: np.random.Generator, values: Values, share: float) -> Values:
    """A `share` of the rows as exponentials, so that their parts multiply; the spread of the logarithm is .03 to 1."""
    rows = np.flatnonzero(generator.random(len(values)) < share)
    strength = log_uniform(generator, 0.03, 1.0, len(rows))
    values[rows] = np.exp(np.clip(strength * unit_spread(values[rows]), -8, 8))
    return values
