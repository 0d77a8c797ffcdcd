"""What a window holds besides the past: columns whose future is known, and values of the whole series.

Shapes: B samples, T timesteps, F features, H horizon, F2 columns known ahead, F3 static columns.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

PAST, FUTURE, STATIC, TIME = "past", "future", "static", "time"  # the names of the inputs
SERIES = "series"  # of one more input of a served forecaster of a panel


class Known(NamedTuple):
    """Where a window's other inputs stand in the rows of its table."""

    features: int  # the first columns of the rows are the past, F
    future: tuple[int, ...] = ()  # positions of the columns that are known ahead
    static: tuple[int, ...] = ()  # positions of the columns that hold one value a series
    time: tuple[int, ...] = ()  # positions of the numbers of a row's stamp, as `stamp_numbers` makes them


def window_input(known: Known | None, past: Any, ahead: Any, take: Any) -> Any:
    """The input of a network: the past alone, or a dict of `past`, `future`, `static` and `time`.

    Args:
        known: what else there is; None for the past alone.
        past: rows `[..., T, columns]`.
        ahead: the rows after them `[..., H, columns]`.
        take: takes columns by a list of positions.
    """
    if known is None:
        return past
    inputs = {PAST: past[..., : known.features]}
    if known.future:
        inputs[FUTURE] = take(ahead, list(known.future))
    if known.static:
        inputs[STATIC] = take(past[..., -1, :], list(known.static))
    if known.time:
        inputs[TIME] = take(past[..., -1, :], list(known.time))
    return inputs


def input_of(known: Known | None, rows: Any, future: Any) -> Any:
    """The input of windows `[B, T, columns]`; their future `[B, steps, F2]` is None where nothing is known ahead."""
    inputs = window_input(None if known is None else known._replace(future=()), rows, None, _take)
    return inputs if future is None else {**inputs, FUTURE: future}


def _take(rows: Any, columns: list[int]) -> Any:
    return rows[..., columns]


def past_of(x: Any) -> Any:
    """The past `[B, T, F]` of an input."""
    return x[PAST] if isinstance(x, Mapping) else x
