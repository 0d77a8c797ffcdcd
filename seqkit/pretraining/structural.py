"""Structural series: a level, a season, a cycle, an AR(1) and noise, added or multiplied.

The state space models of Harvey, Forecasting, Structural Time Series Models and the Kalman Filter (1989), and of
Hyndman et al., Forecasting with Exponential Smoothing (2008), with parameters drawn at random. A season has the spread
1, and the other parts are large or small beside it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from seqkit.pretraining.parts import (
    Values,
    Whole,
    bursts,
    log_uniform,
    multiplied,
    noise,
    normals,
    recursion,
    stationary,
    uniform,
)
from seqkit.pretraining.patterns import evolving


class Level(NamedTuple):
    """How a level moves. Pairs are the bounds of a range; sizes are log-uniform in it, and 0 where it is (0, 0)."""

    weight: float
    decay: tuple[float, float]  # of the slope, by step
    slope: tuple[float, float]  # size of the first slope, by step
    shock: tuple[float, float]  # size of the shocks to the slope
    often: float  # share of the steps that have such a shock
    walk: tuple[float, float]  # size of the shocks to the level itself, at every step


LEVELS = {
    "none": Level(0.12, (0, 0), (0, 0), (0, 0), 0.0, (0, 0)),
    "walk": Level(0.22, (0, 0), (0, 0), (0, 0), 0.0, (0.01, 0.6)),
    "drift": Level(0.16, (1, 1), (0.001, 0.06), (0, 0), 0.0, (0.003, 0.2)),
    "line": Level(0.06, (1, 1), (0.001, 0.06), (0, 0), 0.0, (0, 0)),
    "damped": Level(0.18, (0.8, 0.98), (0.001, 0.05), (0.01, 0.3), 0.03, (0.003, 0.1)),
    "local linear": Level(0.14, (0.995, 1), (0.001, 0.03), (0.0001, 0.004), 1.0, (0.003, 0.1)),
    "bent": Level(0.12, (1, 1), (0.001, 0.03), (0.003, 0.06), 0.015, (0.001, 0.05)),
}


def structural(generator: np.random.Generator, count: int, steps: int, season: Whole) -> Values:
    """Structural series [count, steps]; `season` [count] is 1 where there is none."""
    values = evolving(generator, season, steps) + levels(generator, count, steps)
    values += log_uniform(generator, 0.02, 1.0, count) * noise(generator, count, steps)
    rows = np.flatnonzero(generator.random(count) < 0.35)
    decay = uniform(generator, 0.3, 0.98, len(rows))
    values[rows] += log_uniform(generator, 0.05, 1.5, len(rows)) * stationary(generator, decay, steps)
    rows = np.flatnonzero(generator.random(count) < 0.15)
    values[rows] += log_uniform(generator, 0.3, 4, len(rows)) * cycles(generator, len(rows), steps)
    return multiplied(generator, values, share=0.45)


def levels(generator: np.random.Generator, count: int, steps: int) -> Values:
    """Levels [count, steps] of the kinds in LEVELS: the sum of a slope that decays, and of a random walk.

    `slope[t] = decay slope[t-1] + shock[t]`, `level[t] = level[t-1] + slope[t] + walk[t]`.
    """
    kinds = list(LEVELS.values())
    shares = np.array([kind.weight for kind in kinds])
    kind = generator.choice(len(kinds), size=count, p=shares / shares.sum())
    low, high = np.array([each.decay for each in kinds])[kind].T
    decay = generator.uniform(low, high).astype(np.float32)[:, None]
    often = np.array([each.often for each in kinds])[kind, None]
    shocks = bursts(generator, count, steps, often) * _sizes(generator, [each.shock for each in kinds], kind)
    shocks[:, :1] += normals(generator, count, 1) * _sizes(generator, [each.slope for each in kinds], kind)
    walk = normals(generator, count, steps) * _sizes(generator, [each.walk for each in kinds], kind)
    return np.cumsum(recursion(decay, shocks) + walk, axis=1)


def cycles(generator: np.random.Generator, count: int, steps: int) -> Values:
    """Long cycles [count, steps] of spread about 1 that no season tells: 15 to 200 steps, never twice the same.

    Harvey's stochastic cycle, `z[t] = decay exp(2 pi i / period) z[t-1] + shock[t]`. In half of the rows rising is
    quicker than falling, or peaks are sharper than troughs, as in sunspots: the exponential of it.
    """
    turn = 2 * np.pi / log_uniform(generator, 15, 200, count)
    decay = 1 - log_uniform(generator, 0.0005, 0.03, count)
    shocks = (normals(generator, count, steps) + 1j * normals(generator, count, steps)) * np.sqrt(1 - decay**2)
    shocks[:, :1] /= np.sqrt(1 - decay**2)
    wave = recursion(decay * np.exp(1j * turn), shocks)
    lean = np.where(generator.random((count, 1)) < 0.5, uniform(generator, 0, 1, count), 0)
    size = np.abs(wave) + 1e-6
    bent = (wave * np.exp(1j * lean * wave.imag / size)).real
    sharp = np.where(generator.random((count, 1)) < 0.5, uniform(generator, 0.2, 1, count), 0)
    return np.where(sharp > 0, np.expm1(sharp * np.clip(bent, -5, 5)) / np.maximum(sharp, 0.1), bent)


def _sizes(generator: np.random.Generator, ranges: list[tuple[float, float]], kind: Whole) -> Values:
    """A size for each row, log-uniform in the range of its kind: a column [N, 1]."""
    low, high = np.array(ranges, float)[kind].T
    drawn = np.exp(generator.uniform(np.log(np.maximum(low, 1e-12)), np.log(np.maximum(high, 1e-12))))
    return np.where(high > 0, drawn, 0.0).astype(np.float32)[:, None]
