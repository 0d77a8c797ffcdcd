"""Contributions of words: no gradient leads from one word to another, so words are put in one column after another.

Shapes: H horizon, C targets; an input is a dict of arrays `[...]` of one window.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import permutations
from typing import Any

import numpy as np

from seqkit.data.known_ahead import FUTURE, PAST, STATIC
from seqkit.forecasting.integrated_gradients import Arrays, Contributions, answers_of, contributions_of
from seqkit.forecasting.settings import ForecasterSettings

MOST_WITH_ALL_ORDERS = 4  # columns; of more there are two orders for each column
Place = tuple[str, np.ndarray]  # an input, and which of its cells hold the words of one column


def contributions_with_words(model: Any, reference: Arrays, inputs: Arrays) -> Contributions:
    """The contributions of numbers by integrated gradients, and of words by putting them in, which sum exactly.

    The way from the reference to the input has two legs: all numbers, and all words. It is taken both ways, numbers
    first and words first, and the mean counts. On a leg of words, one column after another gets its words; what each
    moves the forecast by is the mean over the orders of the columns (Shapley 1953): all orders of up to four columns,
    else two for each column.

    Args:
        model: a forecaster.
        reference: of one window; NaN where the input is NaN.
        inputs: the window.
    """
    words = _words_of(model.settings, reference, inputs)
    if not words:
        return contributions_of(model, reference, inputs)
    put_in = _with_words(reference, inputs, words)
    taken_out = _with_words(inputs, reference, words)
    first, last = contributions_of(model, reference, taken_out), contributions_of(model, put_in, inputs)
    cells = {name: (first.cells[name] + last.cells[name]) / 2 for name in inputs}
    moved = _shares(model, (reference, first.baseline), (inputs, last.baseline), words)
    moved = (moved + _shares(model, (taken_out, first.forecast), (inputs, last.forecast), words)) / 2
    for (name, where), of_column in zip(words, moved, strict=True):
        cells[name][..., where] = of_column[..., None] / where.sum()
    return Contributions(cells, last.forecast, first.baseline, max(first.remainder, last.remainder))


def _words_of(settings: ForecasterSettings, reference: Arrays, inputs: Arrays) -> list[Place]:
    """The cells of each category column, of each input, whose word is not that of the reference."""
    columns = {PAST: settings.columns, FUTURE: settings.future_columns, STATIC: settings.static_columns}
    found = []
    for name, array in inputs.items():
        differs = ~np.isnan(array) & (array != reference[name])
        for at, column in enumerate(columns.get(name, ())):
            where = np.zeros(array.shape, bool)
            where[..., at] = differs[..., at]
            if column in settings.categories and where.any():
                found.append((name, where))
    return found


def _with_words(base: Arrays, others: Arrays, words: list[Place]) -> dict[str, np.ndarray]:
    """The base with the words of others."""
    changed: dict[str, np.ndarray] = dict(base)
    for name, where in words:
        changed[name] = np.where(where, others[name], changed[name])
    return changed


def _shares(
    model: Any, before: tuple[Arrays, np.ndarray], after: tuple[Arrays, np.ndarray], words: list[Place]
) -> np.ndarray:
    """What each column of words moves the forecast by, `[columns, H, C]`.

    Args:
        model: a forecaster.
        before: a window, and its forecast `[H, C]`.
        after: a window that has the other words, and the forecast of the first one with all of them.
        words: the cells of each column.
    """
    found = {frozenset(): before[1], frozenset(range(len(words))): after[1]}
    between = subsets_between(len(words))
    if between:
        mixed = [_with_words(before[0], after[0], [words[at] for at in chosen]) for chosen in between]
        answers = answers_of(model, {name: np.stack([one[name] for one in mixed]) for name in before[0]})
        found |= dict(zip(between, answers, strict=True))
    return shared_out(len(words), found)


def subsets_between(count: int) -> list[frozenset[int]]:
    """The subsets of so many, neither empty nor whole, that the orders of `shared_out` come through."""
    return sorted({frozenset(order[:size]) for order in _orders(count) for size in range(1, count)}, key=sorted)


def shared_out(count: int, answers: Mapping[frozenset[int], np.ndarray]) -> np.ndarray:
    """What each of so many adds to the answers `[...]`, the mean over orders, `[count, ...]`.

    Args:
        count: of things that are put in.
        answers: with none of them, with all, and with each of `subsets_between`.
    """
    orders = _orders(count)
    total = np.zeros((count, *answers[frozenset()].shape))
    for order in orders:
        for size, at in enumerate(order):
            total[at] += answers[frozenset(order[: size + 1])] - answers[frozenset(order[:size])]
    return total / len(orders)


def _orders(columns: int) -> list[tuple[int, ...]]:
    """The orders in which so many are put in: all, or each rotation forwards and backwards."""
    if columns <= MOST_WITH_ALL_ORDERS:
        return list(permutations(range(columns)))
    rotations = [tuple(np.roll(range(columns), by).tolist()) for by in range(columns)]
    return [order for rotation in rotations for order in (rotation, rotation[::-1])]
