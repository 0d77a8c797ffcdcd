"""Two seasons at once: a day and a week of hours, a week and a year of days, a quarter within a year.

Three forms: the sum; a carrier times `1 + w envelope` (SarSim0, arXiv 2601.00970); and, where the second is a multiple
of the first, days of their own kind, such as workdays and weekends.
"""

from __future__ import annotations

import numpy as np

from seqkit.pretraining.parts import Values, Whole, log_uniform, multiplied, noise, stationary, uniform
from seqkit.pretraining.patterns import at_phases, draw_patterns, evolving
from seqkit.pretraining.structural import levels


def two_seasons(generator: np.random.Generator, count: int, steps: int, season: Whole, second: Whole) -> Values:
    """Series [count, steps] with a `season` and a `second` season [count] each, a slow level and little noise."""
    forms = generator.choice(3, size=count, p=[0.35, 0.25, 0.4])
    forms[(forms == 2) & (second % season > 0)] = 0
    values = np.zeros((count, steps))
    for form, joined in enumerate((_added, _enveloped, _days_of_a_kind)):
        rows = np.flatnonzero(forms == form)
        if len(rows):
            values[rows] = joined(generator, season[rows], second[rows], steps)
    values += log_uniform(generator, 0.05, 1, count) * levels(generator, count, steps)
    decay = uniform(generator, 0.5, 0.98, count)
    values += log_uniform(generator, 0.02, 0.6, count) * stationary(generator, decay, steps)
    values += log_uniform(generator, 0.01, 0.5, count) * noise(generator, count, steps)
    return multiplied(generator, values, share=0.45)


def _added(generator: np.random.Generator, season: Whole, second: Whole, steps: int) -> Values:
    size = log_uniform(generator, 0.2, 3, len(season))
    return evolving(generator, season, steps) + size * evolving(generator, second, steps)


def _enveloped(generator: np.random.Generator, season: Whole, second: Whole, steps: int) -> Values:
    """The first season grows and shrinks with the second."""
    envelope = np.clip(evolving(generator, second, steps) / 2, -1, 1)
    return (1 + uniform(generator, 0, 1, len(season)) * envelope) * evolving(generator, season, steps)


def _days_of_a_kind(generator: np.random.Generator, season: Whole, second: Whole, steps: int) -> Values:
    """Each season within the second is one of two kinds, or between them, and has a height of its own.

    A week of hours: workdays have one pattern, the weekend another and a lower level.
    """
    count, days = len(season), second // season
    place = np.arange(steps) + generator.integers(0, second)[:, None]
    day = (place // season[:, None]) % days[:, None]
    most = int(days.max())
    free = generator.integers(0, days)[:, None]
    apart = ((np.arange(most) - free) % days[:, None]) < generator.integers(1, 3, (count, 1))
    kind = np.take_along_axis(apart + 0.1 * generator.random((count, most)), day, axis=1)
    heights = -uniform(generator, -0.3, 1.5, count) * apart + 0.15 * generator.standard_normal((count, most))
    start = place[:, 0] % season
    usual = at_phases(draw_patterns(generator, season), season, start, steps)
    other = at_phases(draw_patterns(generator, season), season, start, steps)
    blend = uniform(generator, 0.1, 1, count) * kind
    return (1 - blend) * usual + blend * other + np.take_along_axis(heights, day, axis=1)
