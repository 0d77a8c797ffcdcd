"""Seasons of synthetic series: how many steps one has, and which two come together."""

from __future__ import annotations

import numpy as np

from seqkit.pretraining.parts import Whole

# Season -> weight. Months, quarters, days and hours come most often; 0 stands for any season of 2 to 64 steps.
SEASONS = {
    1: 0.28,
    4: 0.10,
    5: 0.02,
    6: 0.02,
    7: 0.12,
    12: 0.20,
    13: 0.01,
    24: 0.11,
    26: 0.01,
    30: 0.01,
    48: 0.03,
    52: 0.04,
    60: 0.01,
    96: 0.02,
    168: 0.02,
    0: 0.06,
}
# (season, second season) -> weight. A day and a week of hours or half hours, a week and a month or year of days.
PAIRS = {
    (24, 168): 0.45,
    (48, 336): 0.05,
    (7, 365): 0.05,
    (7, 28): 0.05,
    (7, 30): 0.05,
    (12, 3): 0.10,
    (12, 4): 0.05,
    (12, 60): 0.03,
    (24, 12): 0.10,
    (4, 52): 0.02,
    (5, 20): 0.05,
}
ANY = (2, 64)


def draw_seasons(generator: np.random.Generator, count: int, longest: int, block: int = 1) -> Whole:
    """Seasons [count] of at most `longest` steps, 1 where there is none; `block` neighbours share one."""
    names = [season for season in SEASONS if season <= max(longest, 1)]
    blocks = -(-count // block)
    season = _choices(generator, names, [SEASONS[name] for name in names], blocks)
    anything = generator.integers(ANY[0], max(min(ANY[1], longest), ANY[0]) + 1, blocks)
    season = np.where(season == 0, anything, season)
    return np.repeat(season, block)[:count]


def draw_pairs(generator: np.random.Generator, count: int, longest: int) -> tuple[Whole, Whole]:
    """Seasons [count] and second seasons [count]; the season has at most `longest` steps, the second may have more."""
    pairs = [pair for pair in PAIRS if pair[0] <= longest] or [(4, 2)]
    chosen = _choices(generator, range(len(pairs)), [PAIRS.get(pair, 1.0) for pair in pairs], count)
    table = np.array(pairs)
    return table[chosen, 0], table[chosen, 1]


def _choices(generator: np.random.Generator, names: list[int] | range, weights: list[float], count: int) -> Whole:
    shares = np.array(weights) / sum(weights)
    return generator.choice(np.array(names), size=count, p=shares)
