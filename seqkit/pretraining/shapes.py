"""Series of simple shapes, with little noise: squares, sawteeth, spikes at one phase, levels that jump."""

from __future__ import annotations

import numpy as np

from seqkit.pretraining.parts import Values, Whole, bursts, chance, log_uniform, noise, normals, uniform


def squares(generator: np.random.Generator, count: int, steps: int, season: Whole) -> Values:
    """On and off within each `season` [count]: [count, steps]."""
    on = _place(generator, count, steps, season) < uniform(generator, 0.1, 0.9, count)
    return _noisy(generator, on * (1 + 0.1 * normals(generator, count, 1)))


def sawteeth(generator: np.random.Generator, count: int, steps: int, season: Whole) -> Values:
    """Rises for a part of each `season`, and falls for the rest; in half of the rows one of the two is at once."""
    place = _place(generator, count, steps, season)
    top = np.where(chance(generator, 0.5, count), uniform(generator, 0.1, 0.9, count), np.float32(1))
    falls = (1 - place) / np.maximum(1 - top, 1e-9)
    return _noisy(generator, np.where(place < top, place / top, falls))


def spikes(generator: np.random.Generator, count: int, steps: int, season: Whole) -> Values:
    """Nearly nothing, and a spike at one phase of each `season`, about equally high each time."""
    hit = _place(generator, count, steps, season) < 0.5 / season[:, None]
    height = 1 + log_uniform(generator, 0.02, 0.4, count) * normals(generator, count, steps)
    return _noisy(generator, hit * height)


def jumps(generator: np.random.Generator, count: int, steps: int, season: Whole) -> Values:
    """A level that stays for long and then jumps, without a season, whatever `season` [count] says."""
    often = log_uniform(generator, 0.5, 8, count) / steps
    return _noisy(generator, np.cumsum(bursts(generator, count, steps, often), axis=1))


def _place(generator: np.random.Generator, count: int, steps: int, season: Whole) -> Values:
    """How much of its season has passed at each step, from 0 to 1: [count, steps]."""
    start = generator.integers(0, season)
    phase = (np.arange(steps) + start[:, None]) % season[:, None]
    return (phase / season[:, None]).astype(np.float32)


def _noisy(generator: np.random.Generator, values: Values) -> Values:
    size = log_uniform(generator, 0.005, 0.3, len(values))
    return values + size * noise(generator, *values.shape)
