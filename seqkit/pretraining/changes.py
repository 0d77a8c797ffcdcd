"""Changes to whole series, horizon included: mixed, modulated, flipped, lifted above zero, rounded, scaled.

TSMixup is Chronos's (arXiv 2403.07815), amplitude modulation TiRex's (arXiv 2505.23719), flips and rounding TempoPFN's
(arXiv 2510.25502). Each takes and returns values [N, T]; the rows that it changes are drawn at random.
"""

from __future__ import annotations

import numpy as np

from seqkit.pretraining.parts import Values, Whole, chance, log_uniform, normals, unit_spread

NOTICED = 0.2  # the weight from which on the season of a mixed-in series is a second one


def mixed(
    generator: np.random.Generator, values: Values, season: Whole, second: Whole, share: float = 0.3
) -> tuple[Values, Whole]:
    """A `share` of the rows as means of two or three, with weights from a Dirichlet(1.5), the largest first.

    What is mixed in has the same season or none, mostly; another one becomes the second season where there is none, and
    the row is left out where there is one.

    Returns:
        values [N, T] of spread 1, and the second seasons [N].
    """
    count, scaled, second = len(values), unit_spread(values), second.copy()
    weights = np.sort(generator.dirichlet([1.5, 1.5, 1.5], count).astype(np.float32), axis=1)[:, ::-1]
    weights[:, 2] *= generator.random(count) < 0.5
    weights[:, 1:] *= generator.random((count, 1)) < share
    total = weights[:, :1] * scaled
    by_season = np.argsort(season, kind="stable")
    for number in (1, 2):
        partner = np.empty(count, int)
        partner[by_season] = np.roll(by_season, number)
        partner = np.where(generator.random(count) < 0.25, generator.integers(0, count, count), partner)
        foreign = (season[partner] > 1) & (season[partner] != season)
        alone = (second[partner] == 1) & (season > 1) & (second == 1)
        noticed = (weights[:, number] / weights[:, 0]) > NOTICED
        joins = (~foreign & np.isin(second[partner], (1,))) | (foreign & alone)
        weight = np.where(joins, weights[:, number], np.float32(0))
        second = np.where(foreign & alone & noticed & (weight > 0), season[partner], second)
        total += weight[:, None] * scaled[partner]
    return unit_spread(total), second


def modulated(generator: np.random.Generator, values: Values, share: float = 0.3) -> Values:
    """A `share` of the rows times an amplitude that is piecewise linear over one to five stretches."""
    rows = np.flatnonzero(generator.random(len(values)) < share)
    steps = values.shape[1]
    knots = np.exp(0.5 * normals(generator, len(rows), 6))
    stretches = generator.integers(1, 6, (len(rows), 1))
    place = np.arange(steps) / steps * stretches
    left = place.astype(int)
    before, after = np.take_along_axis(knots, left, 1), np.take_along_axis(knots, left + 1, 1)
    values[rows] *= before + (place - left) * (after - before)
    return values


def flipped(generator: np.random.Generator, values: Values, sign: float = 0.15, time: float = 0.05) -> Values:
    """A share `sign` of the rows upside down, a share `time` from the end to the start."""
    values = np.where(chance(generator, sign, len(values)), -values, values)
    backwards = generator.random(len(values)) < time
    values[backwards] = values[backwards, ::-1]
    return values


def lifted(generator: np.random.Generator, values: Values, share: float = 0.65) -> Values:
    """A `share` of the rows above zero, by .01 to 30 of their spreads; the others anywhere around it."""
    count = len(values)
    spread = values.std(axis=1, keepdims=True)
    spread = np.where(spread > 0, spread, 1.0)
    lowest = values.min(axis=1, keepdims=True)
    above = values - lowest + log_uniform(generator, 0.01, 30, count) * spread
    around = values + spread * normals(generator, count, 1) * log_uniform(generator, 0.1, 10, count)
    already = (lowest > 0) & chance(generator, 0.7, count)
    lift = chance(generator, share, count)
    return np.where(already, values, np.where(lift, above, around))


def scaled(generator: np.random.Generator, values: Values) -> Values:
    """Each row times a factor that brings its spread between .001 and a million."""
    spread = values.std(axis=1, keepdims=True)
    return values / np.where(spread > 0, spread, 1.0) * log_uniform(generator, 1e-3, 1e6, len(values))


def rounded(generator: np.random.Generator, values: Values, share: float = 0.15) -> Values:
    """A `share` of the rows rounded to multiples of a third to a fiftieth of their spread."""
    rows = np.flatnonzero(generator.random(len(values)) < share)
    grid = values[rows].std(axis=1, keepdims=True) / log_uniform(generator, 3, 50, len(rows))
    values[rows] = np.where(grid > 0, np.rint(values[rows] / np.where(grid > 0, grid, 1)) * grid, values[rows])
    return values
