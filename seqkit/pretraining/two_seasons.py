"""Two seasons at once: a day and a week of hours, a week and a year of days, a quarter within a year.

Three forms: the sum; a carrier times `1 + w envelope` (SarSim0, arXiv 2601.00970); and, where the second is a multiple
of the first, days of their own kind, such as workdays and weekends.
"""

from __future__ import annotations

import numpy as np

from seqkit.pretraining.parts import Values, Whole, log_uniform, multiplied, noise, normals, stationary, uniform
from seqkit.pretraining.patterns import evolving
from seqkit.pretraining.structural import levels


def two_seasons(generator: np.random.Generator, count: int, steps: int, season: Whole, second: Whole) -> Values:
    """Series [count, steps] with a `season` and a `second` season [count] each, a slow level and little noise."""
    form = generator.choice(3, size=count, p=[0.35, 0.25, 0.4])[:, None]
    days = (form == 2) & (second % season == 0)[:, None]
    other = np.where(days[:, 0], season, second)
    first, then = np.split(evolving(generator, np.concatenate([season, other]), steps), 2)
    added = first + log_uniform(generator, 0.2, 3, count) * then
    enveloped = (1 + uniform(generator, 0, 1, count) * np.clip(then / 2, -1, 1)) * first
    values = np.where(form == 1, enveloped, added)
    rows = np.flatnonzero(days)
    values[rows] = days_of_a_kind(generator, first[rows], then[rows], season[rows], second[rows])
    values += log_uniform(generator, 0.05, 1, count) * levels(generator, count, steps)
    decay = uniform(generator, 0.5, 0.98, count)
    values += log_uniform(generator, 0.02, 0.6, count) * stationary(generator, decay, steps)
    values += log_uniform(generator, 0.01, 0.5, count) * noise(generator, count, steps)
    return multiplied(generator, values, share=0.45)


def days_of_a_kind(
    generator: np.random.Generator, usual: Values, other: Values, season: Whole, second: Whole
) -> Values:
    """Each season within the second is of one of two kinds, or between them, and has a height of its own.

    A week of hours: workdays have one pattern, the weekend another and a lower level.

    Args:
        generator: NumPy's generator.
        usual: the pattern of workdays at each step, [N, T].
        other: that of the other days, [N, T].
        season: steps of a day, [N].
        second: steps of a week, [N], multiples of `season`.

    Returns:
        The series [N, T].
    """
    (count, steps), days = usual.shape, (second // season)[:, None]
    place = np.arange(steps) + generator.integers(0, second)[:, None]
    day = (place // season[:, None]) % days
    names = np.arange(days.max(initial=1))
    free = (names - generator.integers(0, days)) % days < generator.integers(1, 3, (count, 1))
    blend = uniform(generator, 0.1, 1, count) * np.minimum(free + 0.1 * normals(generator, *free.shape) ** 2, 1)
    heights = 0.15 * normals(generator, *free.shape) - uniform(generator, -0.3, 1.5, count) * free
    share = np.take_along_axis(blend, day, axis=1)
    return (1 - share) * usual + share * other + np.take_along_axis(heights, day, axis=1)
