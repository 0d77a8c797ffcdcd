"""Ornstein-Uhlenbeck processes that switch between two regimes, as TempoPFN (arXiv 2510.25502) draws them."""

from __future__ import annotations

import numpy as np

from seqkit.pretraining.parts import Values, Whole, chance, log_uniform, normals, recursion
from seqkit.pretraining.patterns import evolving


def switching(generator: np.random.Generator, count: int, steps: int, season: Whole) -> Values:
    """Switching processes [count, steps]; in 70 % the mean has a trend; a season is added where there is one.

    `x[t] = x[t-1] + pull (mean - x[t-1]) + spread e[t]`, with a pull, a mean and a spread of the regime.
    """
    second = regimes(generator, count, steps)
    pull = np.where(second, log_uniform(generator, 0.01, 0.7, count), log_uniform(generator, 0.01, 0.7, count))
    mean = np.where(second, normals(generator, count, 1) * log_uniform(generator, 0.1, 3, count), np.float32(0))
    spread = np.where(second, log_uniform(generator, 0.2, 5, count), np.float32(1)) * np.sqrt(pull)
    slope = normals(generator, count, 1) * log_uniform(generator, 0.3, 5, count) * chance(generator, 0.7, count)
    mean = mean + slope * np.linspace(0, 1, steps, dtype=np.float32)
    shocks = pull * mean + spread * normals(generator, count, steps)
    shocks[:, :1] = mean[:, :1] + normals(generator, count, 1)
    values = recursion(1 - pull, shocks)
    return values + log_uniform(generator, 0.3, 5, count) * evolving(generator, season, steps)


def regimes(generator: np.random.Generator, count: int, steps: int) -> np.ndarray:
    """Whether the second regime reigns [count, steps]; either one stays with a probability of .85 to .999 a step."""
    leave = log_uniform(generator, 0.001, 0.15, count)
    changes = generator.random((count, steps), dtype=np.float32) < leave
    changes[:, 0] = generator.random(count) < 0.5
    return np.cumsum(changes, axis=1) % 2 == 1
