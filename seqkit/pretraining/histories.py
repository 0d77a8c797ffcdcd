"""How much of a series is known, and which season is told of it.

Histories are cut on the left, have holes, and now and then come with a season that they do not have, or without the one
that they have: that is what a test of seasons gives on real data.
"""

from __future__ import annotations

import numpy as np

from seqkit.pretraining.parts import Flags, Whole
from seqkit.pretraining.seasons import draw_seasons

SHORTEST = 8
CYCLES = 1.5  # so many seasons must a history hold before one is told
SHORT = 0.04  # share of the seasonal series whose history is shorter
UNTOLD = 0.04  # share of the seasonal series whose season is not told
MISTOLD = 0.12  # share of the others that are told one


def draw_lengths(generator: np.random.Generator, season: Whole, second: Whole, past: int) -> Whole:
    """Lengths of history [N], log-uniform from 8 to `past` steps; longer where a season asks for it, if it fits."""
    count = len(season)
    shortest = min(SHORTEST, past)
    drawn = np.exp(generator.uniform(np.log(shortest), np.log(past + 1), count)).astype(int)
    most = np.where((second > season) & (generator.random(count) < 0.8), second, season)
    cycles = np.exp(generator.uniform(np.log(CYCLES), np.log(5), count))
    needed = np.where(CYCLES * most <= past, np.minimum(np.ceil(cycles * most), past), 0)
    needed[(season == 1) | (generator.random(count) < SHORT)] = 0
    return np.clip(np.maximum(drawn, needed), shortest, past).astype(int)


def tell_seasons(generator: np.random.Generator, season: Whole, second: Whole, length: Whole) -> tuple[Whole, Whole]:
    """The season and the second season [N] that are told: 1 where there is none or the history is too short for it."""
    count = len(season)
    hidden = (generator.random(count) < UNTOLD) | (np.ceil(CYCLES * season) > length)
    hidden &= (np.ceil(CYCLES * season) > length) | (season > 1)
    invented = (season == 1) & (generator.random(count) < MISTOLD)
    guess = draw_seasons(generator, count, 64)
    guess = np.where(np.ceil(CYCLES * guess) > length, 1, guess)
    told = np.where(invented, guess, np.where(hidden, 1, season))
    shown = (told == season) & (season > 1) & (np.ceil(CYCLES * second) <= length) & (generator.random(count) > 0.1)
    return told, np.where(shown, second, 1)


def known_steps(generator: np.random.Generator, length: Whole, steps: int, future: int, share: float = 0.1) -> Flags:
    """What is known [N, T]: the last `length` of the past, less blocks and single steps that are missing in a `share`.

    The horizon, and the first and the last step of the history, are always known; so is about half of it, at least.
    """
    count, past = len(length), steps - future
    age = past - np.arange(steps)  # 1 at the last step of the past
    known = age <= length[:, None]
    rows = np.flatnonzero((generator.random(count) < share) & (length >= 2 * SHORTEST))
    gone = generator.random((len(rows), steps), dtype=np.float32) < 0.1 * (generator.random((len(rows), 1)) < 0.4)
    for _ in range(3):
        size = np.exp(generator.uniform(0, np.log(length[rows] / 6))).astype(int)[:, None]
        end = 1 + (generator.random((len(rows), 1)) * length[rows, None]).astype(int)
        gone |= (age > end) & (age <= end + size) & (generator.random((len(rows), 1)) < 0.6)
    known[rows] &= ~gone | (age <= 1) | (age == length[rows, None])
    return known
