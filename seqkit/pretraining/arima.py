"""Seasonal ARIMA by blocks: a few series share their parameters, so that one filter makes them all.

Poles and zeros are drawn inside a disc, not the coefficients, so that each draw is stable: SarSim0 (arXiv 2601.00970).
Fractional differences: Hosking, Fractional Differencing (Biometrika 1981).
"""

from __future__ import annotations

import numpy as np
from scipy.fft import irfft, next_fast_len, rfft
from scipy.signal import lfilter

from seqkit.pretraining.parts import Values, Whole, log_uniform, multiplied, noise, normals, unit_spread
from seqkit.pretraining.patterns import at_phases, draw_patterns

BLOCK = 8
BURN_IN = 200
RADIUS = 0.9
MOST_POLES, MOST_ZEROS = 6, 3


def seasonal_arima(generator: np.random.Generator, count: int, steps: int, season: Whole) -> Values:
    """Seasonal ARIMA [count, steps]; neighbours of the same `season` [count] share parameters, up to eight of them."""
    values = noise(generator, count, BURN_IN + steps, moving=0)
    for rows in blocks(season):
        values[rows] = _arma(generator, values[rows], int(season[rows.start]))
    values = integrated(values[:, BURN_IN:], differences(generator, count))
    seasonal = np.flatnonzero(season > 1)
    values = unit_spread(values).astype(np.float32)
    values[seasonal] += _first_seasons(generator, season[seasonal], steps)
    drift = np.where(generator.random((count, 1)) < 0.3, normals(generator, count, 1), np.float32(0))
    return multiplied(generator, values + drift * np.linspace(-1, 1, steps, dtype=np.float32), share=0.4)


def blocks(season: Whole) -> list[slice]:
    """Runs of rows with the same season, of at most BLOCK rows each."""
    changes = np.flatnonzero(np.diff(season)) + 1
    bounds = np.concatenate([[0], changes, [len(season)]])
    runs = zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True)
    return [slice(start, min(start + BLOCK, end)) for first, end in runs for start in range(first, end, BLOCK)]


def polynomial(generator: np.random.Generator, order: int, radius: float = RADIUS) -> Values:
    """The coefficients [order + 1], first 1, of a polynomial whose roots are uniform in a disc around 0.

    Pairs are conjugate; where the order is odd, one root is real.
    """
    pairs = radius * np.sqrt(generator.random(order // 2)) * np.exp(1j * np.pi * generator.random(order // 2))
    real = generator.uniform(-radius, radius, order % 2)
    return np.poly(np.concatenate([pairs, pairs.conj(), real])).real if order else np.ones(1)


def differences(generator: np.random.Generator, count: int) -> Values:
    """Orders of integration [count]: none, one, two, or a fraction between 0 and 1."""
    kind = generator.choice(4, size=count, p=[0.25, 0.4, 0.03, 0.32])
    return np.where(kind == 3, generator.random(count), kind)


def integrated(values: Values, order: Values) -> Values:
    """`(1 - B)^-order` of each row [N, T], where B is the step before, and all before the first step is 0.

    The weight of the value k steps before is `psi[k] = psi[k-1] (k - 1 + order) / k`, and `psi[0] = 1`.
    """
    steps = values.shape[1]
    lags = np.arange(1, steps)
    weights = np.ones_like(values, dtype=float)
    weights[:, 1:] = np.cumprod((lags - 1 + order[:, None]) / lags, axis=1)
    length = next_fast_len(2 * steps, real=True)
    return irfft(rfft(values, length) * rfft(weights, length), length)[:, :steps]


def _arma(generator: np.random.Generator, shocks: Values, season: int) -> Values:
    """One draw of parameters over a block of shocks [N, T]: ARMA, then seasonal ARMA, integrated where evolving."""
    zeros = polynomial(generator, int(generator.integers(0, MOST_ZEROS + 1)))
    poles = polynomial(generator, int(generator.integers(0, MOST_POLES + 1)))
    values = lfilter(zeros, poles, shocks, axis=1)
    if season == 1:
        return values
    moving = np.poly([generator.uniform(0, 0.95)])
    kind = generator.random()
    own = [generator.uniform(0, 0.9)] if kind < 0.4 else [1.0] if kind < 0.85 else [1.0, generator.uniform(-0.3, 0.5)]
    return _by_season(values, season, moving if kind > 0.2 else np.ones(1), np.poly(own))


def _by_season(values: Values, season: int, zeros: Values, poles: Values) -> Values:
    """A filter over the values at the same phase: [N, T] as [N, cycles, season], filtered along the cycles."""
    count, steps = values.shape
    cycles = -(-steps // season)
    padded = np.zeros((count, cycles * season))
    padded[:, :steps] = values
    filtered = lfilter(zeros, poles, padded.reshape(count, cycles, season), axis=1)
    return filtered.reshape(count, -1)[:, :steps]


def _first_seasons(generator: np.random.Generator, season: Whole, steps: int) -> Values:
    """The season that was there at the start [N, T]: it solves `(1 - B^season) y = 0`, so it may be added."""
    start = generator.integers(0, season)
    size = log_uniform(generator, 0.1, 5, len(season))
    return size * at_phases(draw_patterns(generator, season), season, start, steps)
