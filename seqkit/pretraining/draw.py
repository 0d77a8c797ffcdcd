"""Draws synthetic series: kinds by their weights, changes, histories, and the seasons that are told.

The mixture follows what others found to be enough without real data: structural series, seasonal ARIMA (SarSim0, arXiv
2601.00970), switching processes (TempoPFN, arXiv 2510.25502), Gaussian processes and mixup (Chronos, arXiv 2403.07815).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from seqkit import _checks
from seqkit.pretraining import changes, past_changes
from seqkit.pretraining.arima import BLOCK, seasonal_arima
from seqkit.pretraining.counts import counts
from seqkit.pretraining.gaussian_processes import gaussian_processes
from seqkit.pretraining.histories import CYCLES, draw_lengths, known_steps, tell_seasons
from seqkit.pretraining.parts import Values, Whole, normals
from seqkit.pretraining.seasons import draw_pairs, draw_seasons
from seqkit.pretraining.shapes import jumps, sawteeth, spikes, squares
from seqkit.pretraining.structural import structural
from seqkit.pretraining.switching import switching
from seqkit.pretraining.two_seasons import two_seasons

Kind = Callable[[np.random.Generator, int, int, Whole], Values]
Arrays = tuple[np.ndarray, ...]  # values [N, T], seasons [N], second seasons [N]; then lengths of history [N]


class Drawn(NamedTuple):
    """Synthetic series: N of them, T steps each, of which the last are the horizon."""

    values: np.ndarray  # [N, T] float32, finite; 0 where not known
    season: np.ndarray  # [N] int, as told; 1 where none is
    second_season: np.ndarray  # [N] int, as told; 1 where none is
    known: np.ndarray  # [N, T] bool: False before the start of a short history, and where steps are missing


# Kind -> its share of the series, in parts of their sum.
MIXTURE: dict[str, float] = {
    "structural": 0.40,
    "seasonal_arima": 0.16,
    "two_seasons": 0.14,
    "switching": 0.08,
    "gaussian_processes": 0.09,
    "counts": 0.09,
    "squares": 0.01,
    "sawteeth": 0.02,
    "spikes": 0.015,
    "jumps": 0.015,
}
KINDS: dict[str, Kind] = {
    kind.__name__: kind
    for kind in (
        *(structural, seasonal_arima, switching, gaussian_processes, counts),
        *(squares, sawteeth, spikes, jumps),
    )
}
SEASONLESS = ("jumps",)
BLOW_UP = 1e6


def draw_series(generator: np.random.Generator, count: int, steps: int, future: int) -> Drawn:
    """Draw synthetic series; the same state of the generator gives the same bits.

    A thousand at once cost little more than half as much a series as 256, since seasonal ARIMA and small arrays wait on
    Python.

    Args:
        generator: NumPy's generator, which is advanced.
        count: number of series, N.
        steps: steps of each, T.
        future: the last steps, which are the horizon: all known, without outliers and changes of level.

    Returns:
        Drawn: `values` [N, T], `season` [N], `second_season` [N], `known` [N, T].

    Raises:
        ValueError: `count` is below 1, or `steps` below `future + 1`. TypeError: one of them is no whole number.

    Example:
        >>> drawn = draw_series(np.random.default_rng(0), 16, 120, 24)
        >>> drawn.values.shape, drawn.season.shape, bool(drawn.known[:, -24:].all())
        ((16, 120), (16,), True)
    """
    count = _checks.whole_number("draw_series", "count", count)
    future = _checks.whole_number("draw_series", "future", future, least=0)
    steps = _checks.whole_number("draw_series", "steps", steps, least=future + 1)
    past = steps - future
    weights = np.array(list(MIXTURE.values()))
    numbers = dict(zip(MIXTURE, generator.multinomial(count, weights / weights.sum()).tolist(), strict=True))
    kinds = {kind: draw_kind(generator, kind, n, steps, int(past / CYCLES)) for kind, n in numbers.items() if n}
    groups = [
        (_changed, [drawn for kind, drawn in kinds.items() if kind != "counts"]),
        (_whole, [drawn for kind, drawn in kinds.items() if kind == "counts"]),
    ]
    parts = [change(generator, _joined(group), future) for change, group in groups if group]
    values, season, second, length = _joined(parts)
    known = known_steps(generator, length, steps, future)
    told, told_second = tell_seasons(generator, season, second, length)
    order = generator.permutation(count)
    values = np.where(known, values, 0).astype(np.float32)
    return Drawn(values[order], told[order], told_second[order], known[order])


def draw_kind(generator: np.random.Generator, kind: str, count: int, steps: int, longest: int) -> Arrays:
    """Series of one kind in MIXTURE, unchanged.

    Returns:
        values [count, steps]; the seasons [count] that they have, of at most `longest` steps; the second ones.
    """
    nothing = np.ones(count, int)
    if kind == "two_seasons":
        season, second = draw_pairs(generator, count, longest)
        return two_seasons(generator, count, steps, season, second), season, second
    season = draw_seasons(generator, count, longest, BLOCK if kind == "seasonal_arima" else 1)
    return KINDS[kind](generator, count, steps, season), (nothing if kind in SEASONLESS else season), nothing


def guarded(generator: np.random.Generator, values: Values) -> Values:
    """Rows that are not finite as white noise, and those that blew up cut at a thousand times their usual deviation.

    A row blew up where its spread is more than a million times the median of what its values are off their median.
    """
    bad = ~np.isfinite(values).all(axis=1)
    values[bad] = normals(generator, int(bad.sum()), values.shape[1])
    some = values[:, :: max(values.shape[1] // 64, 1)]  # enough for a median
    middle = np.median(some, axis=1, keepdims=True)
    usual = np.median(np.abs(some - middle), axis=1, keepdims=True)
    blown = (usual > 0) & (values.std(axis=1, keepdims=True) > BLOW_UP * usual)
    return np.where(blown, np.clip(values, middle - 1e3 * usual, middle + 1e3 * usual), values)


def _changed(generator: np.random.Generator, drawn: Arrays, future: int) -> Arrays:
    """Series mixed, modulated, flipped, lifted, scaled and rounded, and their past changed; lengths of history."""
    values, season, second = drawn
    values, second = changes.mixed(generator, guarded(generator, values), season, second)
    length = draw_lengths(generator, season, second, values.shape[1] - future)
    values = changes.flipped(generator, changes.modulated(generator, values))
    values = past_changes.shifted_level(generator, values, length, future)
    values = changes.scaled(generator, changes.lifted(generator, values))
    values = changes.rounded(generator, values)
    return _disturbed(generator, values, length, future), season, second, length


def _whole(generator: np.random.Generator, drawn: Arrays, future: int) -> Arrays:
    """Counts, whose past has outliers and is censored, and which stay whole; lengths of history."""
    values, season, second = drawn
    length = draw_lengths(generator, season, second, values.shape[1] - future)
    values = np.rint(_disturbed(generator, values, length, future))
    return np.maximum(values, 0), season, second, length


def _disturbed(generator: np.random.Generator, values: Values, length: Whole, future: int) -> Values:
    for happens in (past_changes.outliers, past_changes.shocks, past_changes.censored):
        values = happens(generator, values, length, future)
    return values


def _joined(parts: Sequence[Arrays]) -> Arrays:
    return tuple(np.concatenate(arrays) for arrays in zip(*parts, strict=True))
