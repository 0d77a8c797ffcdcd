"""Patterns of one season: waves, free values, office hours, a few peaks; and how they evolve over the seasons.

Shapes: N series, T steps, S the longest season among them. A table [N, S] holds a value for each phase of each series;
what lies beyond a series' own season is not used.
"""

from __future__ import annotations

import numpy as np

from seqkit.pretraining.parts import Flags, Values, Whole, chance, log_uniform, normals, uniform

MOST_WAVES = 8
SHAPES = ("waves", "free", "hours", "peaks")
WEIGHTS = (0.5, 0.22, 0.12, 0.16)
LENGTHS = ((1, 30), (30, 10**6))  # seasons above the first and up to the second are drawn together


def draw_patterns(generator: np.random.Generator, season: Whole) -> Values:
    """A table [N, S] of patterns with mean 0 and spread 1 over each series' own `season` [N]; 0 where that is 1."""
    table = np.zeros((len(season), season.max(initial=1)), np.float32)
    kind = generator.choice(len(SHAPES), size=len(season), p=WEIGHTS)
    for rows in _of_similar_length(season):
        phases = np.arange(season[rows].max())
        drawn = np.zeros((len(rows), len(phases)), np.float32)
        for number, draw in enumerate((_waves, _free, _hours, _peaks)):
            of_kind = kind[rows] == number
            drawn[of_kind] = draw(generator, season[rows[of_kind], None], phases)
        table[rows, : len(phases)] = _standardised(drawn, phases < season[rows, None], season[rows, None])
    return table


def at_phases(table: Values, season: Whole, start: Whole, steps: int) -> Values:
    """The patterns [N, S] laid out over `steps`: [N, T]; `start` [N] is the phase of the first step."""
    phase = (np.arange(steps) + start[:, None]) % season[:, None]
    return np.take_along_axis(table, phase, axis=1)


def evolving(generator: np.random.Generator, season: Whole, steps: int, share: float = 0.6) -> Values:
    """Seasons [N, T] of spread about 1; in a `share` of the rows a second pattern comes and goes with a random walk.

    `s[t] = a[phase] + w[t] b[phase]`, where w has the spread .01 to .7 at the last step.
    """
    start = generator.integers(0, season)
    rows = np.flatnonzero((generator.random(len(season)) < share) & (season > 1))
    first, second = np.split(draw_patterns(generator, np.concatenate([season, season[rows]])), [len(season)])
    values = at_phases(first, season, start, steps)
    walk = np.cumsum(normals(generator, len(rows), steps), axis=1) / np.sqrt(steps)
    weight = log_uniform(generator, 0.01, 0.7, len(rows)) * walk
    values[rows] += weight * at_phases(second, season[rows], start[rows], steps)
    return values


def _of_similar_length(season: Whole) -> list[Whole]:
    """The rows with a season, short ones apart from long ones, so that few phases are computed in vain."""
    parts = [np.flatnonzero((season > low) & (season <= high)) for low, high in LENGTHS]
    return [rows for rows in parts if len(rows)]


def _waves(generator: np.random.Generator, season: Whole, phases: Whole) -> Values:
    """A Fourier series of up to eight waves whose sizes fall with a power of the frequency."""
    turn = np.exp(1j * (2 * np.pi * phases / season).astype(np.float32))
    falls = uniform(generator, 0.3, 2.5, len(season))
    most = generator.integers(1, MOST_WAVES + 1, (len(season), 1))
    numbers = np.arange(1, MOST_WAVES + 1)
    sizes = numbers**-falls * ((numbers <= most) & (2 * numbers <= season))
    factors = sizes * (normals(generator, *sizes.shape) + 1j * normals(generator, *sizes.shape))
    total = np.zeros_like(turn)
    for number in range(MOST_WAVES, 0, -1):  # Horner's rule
        total = (total + factors[:, number - 1 : number]) * turn
    return total.real


def _free(generator: np.random.Generator, season: Whole, phases: Whole) -> Values:
    """A value of its own for each phase, in half of the rows smoothed over three."""
    table = normals(generator, len(season), len(phases))
    before, after = np.roll(table, 1, axis=1), np.roll(table, -1, axis=1)
    return np.where(chance(generator, 0.5, len(season)), table + before + after, table)


def _hours(generator: np.random.Generator, season: Whole, phases: Whole) -> Values:
    """High for a part of the season, low for the rest, with edges that are sharp or soft; a slope on the high part."""
    place = ((phases / season).astype(np.float32) + uniform(generator, 0, 1, len(season))) % 1
    width = uniform(generator, 0.15, 0.75, len(season))
    edge = log_uniform(generator, 0.005, 0.1, len(season))
    with np.errstate(over="ignore"):
        high = 1 / (1 + np.exp((np.abs(place - 0.5) - width / 2) / edge))
    return high * (1 + uniform(generator, -1, 1, len(season)) * (place - 0.5))


def _peaks(generator: np.random.Generator, season: Whole, phases: Whole) -> Values:
    """Small values, and one to three phases that stand out, mostly upwards."""
    table = log_uniform(generator, 0.02, 0.4, len(season)) * normals(generator, len(season), len(phases))
    for number in range(3):
        at = (generator.random((len(season), 1)) * season).astype(int)
        size = np.abs(1 + 0.5 * normals(generator, len(season), 1)) * (generator.random((len(season), 1)) < 0.5**number)
        table = table + size * np.where(chance(generator, 0.2, len(season)), -1, 1) * (phases == at)
    return table


def _standardised(table: Values, inside: Flags, season: Whole) -> Values:
    mean = np.where(inside, table, 0).sum(axis=1, keepdims=True) / season
    centred = np.where(inside, table - mean, 0)
    spread = np.sqrt((centred**2).sum(axis=1, keepdims=True) / season)
    return centred / np.where(spread > 1e-6, spread, np.inf)
