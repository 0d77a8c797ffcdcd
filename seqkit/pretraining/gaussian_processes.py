"""Gaussian processes: one to four kernels, added or multiplied, without a matrix.

KernelSynth (Chronos, arXiv 2403.07815) composes kernels at random. All but the linear one are stationary here, so a
covariance by lag is enough: laid around a circle, its Fourier transform holds the variances of independent waves, and
one inverse transform makes a series (circulant embedding: Dietrich and Newsam, SIAM J. Sci. Comput. 1997). Variances
that come out negative, since a circle is no line, become 0.
"""

from __future__ import annotations

import numpy as np
from scipy.fft import irfft, next_fast_len, rfft

from seqkit.pretraining.parts import Values, Whole, chance, log_uniform, multiplied, normals, uniform, unit_spread

MOST_KERNELS = 4
AROUND = 2  # the circle is so many times as long as the series


def gaussian_processes(generator: np.random.Generator, count: int, steps: int, season: Whole) -> Values:
    """Draws of Gaussian processes [count, steps], with a periodic kernel of `season` [count] where that is above 1."""
    values = unit_spread(sample(generator, composed(generator, season, AROUND * steps), steps))
    line = normals(generator, count, 1) * np.linspace(-1, 1, steps, dtype=np.float32)
    values = np.where(chance(generator, 0.25, count), values + 2 * line, values)
    values = np.where(chance(generator, 0.1, count), values * (1 + line / 2), values)
    values = values + log_uniform(generator, 0.005, 0.5, count) * normals(generator, count, steps)
    return multiplied(generator, values, share=0.3)


def sample(generator: np.random.Generator, covariance: Values, steps: int) -> Values:
    """Series [N, steps] with this covariance [N, L] by lag, around a circle of 2 L - 2 or a few more steps."""
    circle = next_fast_len(2 * covariance.shape[1] - 2, real=True)
    circle += circle % 2
    padded = covariance[:, np.minimum(np.arange(circle // 2 + 1), covariance.shape[1] - 1)]
    around = np.concatenate([padded, padded[:, -2:0:-1]], axis=1)
    sizes = np.sqrt(np.maximum(rfft(around).real, 0))
    return irfft(rfft(normals(generator, len(covariance), circle)) * sizes, circle)[:, :steps]


def composed(generator: np.random.Generator, season: Whole, lags: int) -> Values:
    """Covariances [N, lags] by lag: the seasonal kernel, if any, then one to four others, each added or multiplied."""
    count = len(season)
    lag = np.arange(lags, dtype=np.float32)
    longest = log_uniform(generator, 0.5, 3, count) * lags / AROUND
    total = np.zeros((count, lags), np.float32)
    rows = np.flatnonzero(season > 1)
    repeats = periodic(lag, season[rows, None].astype(np.float32), uniform(generator, 0.3, 1.5, len(rows)))
    total[rows] = repeats * radial(lag, longest[rows])
    more = generator.integers(1, MOST_KERNELS + 1, (count, 1))
    for number in range(MOST_KERNELS):
        rows = np.flatnonzero(number < more[:, 0])
        kernel = _smooth(generator, len(rows), lag)
        times = (generator.random((len(rows), 1)) < 0.4) & (total[rows, :1] > 0)
        added = total[rows] + log_uniform(generator, 0.1, 3, len(rows)) * kernel
        total[rows] = np.where(times, total[rows] * kernel, added)
    return total


def radial(lag: Values, length: Values) -> Values:
    """`exp(-lag^2 / (2 length^2))`."""
    return np.exp(-0.5 * (lag / length) ** 2)


def rational(lag: Values, length: Values, power: Values) -> Values:
    """The rational quadratic kernel, `(1 + lag^2 / (2 power length^2))^-power`: radial ones of many lengths."""
    return (1 + 0.5 * (lag / length) ** 2 / power) ** -power


def periodic(lag: Values, season: Values, length: Values) -> Values:
    """`exp(-2 sin^2(pi lag / season) / length^2)`."""
    return np.exp(-2 * np.sin(np.pi * lag / season) ** 2 / length**2)


def _smooth(generator: np.random.Generator, count: int, lag: Values) -> Values:
    """A radial, a rational quadratic or an exponential kernel (a rough path, as of prices) [count, lags]."""
    length = log_uniform(generator, 1, len(lag) / AROUND, count)
    kind = generator.choice(3, size=(count, 1), p=[0.4, 0.3, 0.3])
    power = log_uniform(generator, 0.1, 10, count)
    return np.select([kind == 0, kind == 1], [radial(lag, length), rational(lag, length, power)], np.exp(-lag / length))
