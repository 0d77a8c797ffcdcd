"""Counts and intermittent demand: whole numbers from 0, many of them 0.

Poisson and negative binomial counts, whose rate has a level and a season, and demand that comes now and then (Croston,
Operational Research Quarterly 1972).
"""

from __future__ import annotations

import numpy as np

from seqkit.pretraining.parts import Values, Whole, log_uniform, unit_spread
from seqkit.pretraining.patterns import evolving
from seqkit.pretraining.structural import levels

MOST = 1e6


def counts(generator: np.random.Generator, count: int, steps: int, season: Whole) -> Values:
    """Counts [count, steps] of the three kinds below, about a third of each."""
    values = rates(generator, count, steps, season)
    kind = generator.integers(0, 3, count)
    for number, drawn in enumerate((poisson, negative_binomial, intermittent)):
        values[kind == number] = drawn(generator, values[kind == number])
    return values


def poisson(generator: np.random.Generator, rate: Values) -> Values:
    """Poisson counts of these rates [N, T]."""
    return generator.poisson(rate).astype(np.float32)


def negative_binomial(generator: np.random.Generator, rate: Values) -> Values:
    """Counts [N, T] whose variance exceeds their mean, the `rate` [N, T]: the Poisson rate is gamma-distributed."""
    shape = log_uniform(generator, 0.5, 50, len(rate))
    return poisson(generator, np.minimum(rate * generator.standard_gamma(shape, rate.shape) / shape, MOST))


def intermittent(generator: np.random.Generator, rate: Values) -> Values:
    """Demand [N, T]: 0 at most steps, else 1 and more; it comes more often where the `rate` [N, T] is higher."""
    often = log_uniform(generator, 0.05, 0.6, len(rate)) * rate / rate.mean(axis=1, keepdims=True)
    sizes = 1 + generator.poisson(log_uniform(generator, 0.05, 20, len(rate)), rate.shape)
    hit = generator.random(rate.shape, dtype=np.float32) < np.minimum(often, 0.95)
    return np.where(hit, sizes, 0).astype(np.float32)


def rates(generator: np.random.Generator, count: int, steps: int, season: Whole) -> Values:
    """Rates [count, steps] above 0: their mean is .2 to 300, the spread of their logarithm .02 to .8."""
    log = unit_spread(evolving(generator, season, steps) + levels(generator, count, steps))
    rate = np.exp(np.clip(log_uniform(generator, 0.02, 0.8, count) * log, -4, 4))
    return np.minimum(rate * log_uniform(generator, 0.2, 300, count), MOST)
