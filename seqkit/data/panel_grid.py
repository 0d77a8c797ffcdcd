"""The grid of time of a panel: the step of its series, and their rows on it.

Shapes: N rows of all series, S series.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from pandas.tseries.offsets import BaseOffset

from seqkit._errors import InvalidValue, SeqkitWarning, keywords, warn
from seqkit.data.categories import in_codes, in_words, own_words
from seqkit.data.grid import GAPS_STAY, MOST_GRID_ROWS_PER_ROW, grid_rows, offset_of
from seqkit.data.panel_parts import name_at
from seqkit.data.steps import code_of, step_of

MOST_SERIES_NAMED = 5  # in a warning
MOST_GRID_ROWS = 1_000_000  # of a few series far apart
ANOTHER = "Correct it, name the step in " + keywords(freq=...) + ", or leave the series out."


def panel_step(
    where: str, codes: np.ndarray, names: pd.Index, stamps: pd.DatetimeIndex, freq: str | BaseOffset | None
) -> BaseOffset:
    """The step that was named, else that of the longest series.

    Args:
        where: the function, for messages.
        codes: the number of each row's series `(N,)`, ascending, and the stamps ascend within each.
        names: the names of the series `(S,)`.
        stamps: the time of each row `(N,)`.
        freq: the step, where it is named.
    """
    refuse_doubled(where, codes, names, stamps)
    if freq is not None:
        return offset_of(where, freq)
    rows = np.bincount(codes)
    longest = int(np.argmax(rows))
    own = stamps[codes == longest]
    if len(own) < 2:
        problem = "no series has two rows, so the step is not known."
        raise InvalidValue(where, problem, "Name it: " + keywords(freq="D") + ".", "freq")
    offset, irregular = step_of(own)
    if offset is None:
        problem = f"the steps of series {name_at(names, longest)} are irregular: "
        problem += f"{own[irregular]} follows {own[irregular - 1]}."
        raise InvalidValue(where, problem, ANOTHER, "freq")
    return offset


def refuse_doubled(where: str, codes: np.ndarray, names: pd.Index, stamps: pd.DatetimeIndex) -> None:
    """Refuse a time stamp that stands twice in one series, and rows that are not in the order of time."""
    is_same = np.diff(codes) == 0
    steps = np.diff(stamps.asi8)
    is_wrong = is_same & (steps <= 0)
    if is_wrong.any():
        row = int(np.argmax(is_wrong)) + 1
        what = "stands twice" if steps[row - 1] == 0 else f"follows {stamps[row - 1]}"
        problem = f"{stamps[row]} {what} in series {name_at(names, codes[row])}."
        raise InvalidValue(where, problem, "Keep one row for each series and time, in the order of time.", "table")


def on_grid(
    where: str, codes: np.ndarray, names: pd.Index, stamps: pd.DatetimeIndex, values: pd.DataFrame, offset: BaseOffset
) -> pd.DataFrame:
    """The rows as a panel; those that a series lacks between its first and its last row are NaN, and counted."""
    grid, positions = _positions(where, codes, names, stamps, offset)
    first = np.flatnonzero(np.diff(codes, prepend=-1))
    last = np.append(first[1:], len(codes)) - 1
    spans = positions[last] - positions[first] + 1
    _refuse_other_steps(where, codes, names, positions, spans, offset)
    begins = np.concatenate([[0], np.cumsum(spans)])[:-1]
    wanted = np.arange(spans.sum()) - np.repeat(begins - positions[first], spans)  # positions on the grid
    words = own_words(values)
    filled = np.full((len(wanted), values.shape[1]), np.nan)
    rows = begins[codes] + positions - positions[first][codes]
    filled[rows] = in_codes(where, values, words).to_numpy("float64")
    _warn_of_gaps(where, names, spans - np.bincount(codes), offset)
    levels: list[Any] = [names, grid]
    codes_on_grid: list[Any] = [np.repeat(np.arange(len(names)), spans), wanted]
    index = pd.MultiIndex(levels=levels, codes=codes_on_grid, names=[names.name, grid.name])
    return in_words(pd.DataFrame(filled, index, values.columns), words)


def refuse_rows_off_grid(
    where: str, codes: np.ndarray, names: pd.Index, stamps: pd.DatetimeIndex, offset: BaseOffset
) -> None:
    """Refuse a panel with rows off the grid, or without rows that it should have."""
    refuse_doubled(where, codes, names, stamps)
    _, positions = _positions(where, codes, names, stamps, offset)
    is_gap = (np.diff(codes) == 0) & (np.diff(positions) != 1)
    if is_gap.any():
        row = int(np.argmax(is_gap))
        problem = f"series {name_at(names, codes[row])} lacks rows after {stamps[row]} on the grid of "
        problem += f"freq={code_of(offset)!r}."
        raise InvalidValue(where, problem, "Make the panel with seqkit.as_panel, which adds them as NaN.")


def _positions(
    where: str, codes: np.ndarray, names: pd.Index, stamps: pd.DatetimeIndex, offset: BaseOffset
) -> tuple[pd.DatetimeIndex, np.ndarray]:
    """The grid from the first to the last stamp, and the position of each row on it."""
    _refuse_far_series(where, codes, names, stamps, offset)
    grid = pd.date_range(stamps.min(), stamps.max(), freq=offset, name=stamps.name)
    positions = grid.get_indexer(stamps)
    if (positions < 0).any():
        row = int(np.argmax(positions < 0))
        step = keywords(freq=code_of(offset))
        problem = (
            f"series {name_at(names, codes[row])}: {stamps[row]} is not on the grid of " + step + " of the others."
        )
        raise InvalidValue(where, problem, ANOTHER, "freq")
    return grid, positions


def _refuse_far_series(
    where: str, codes: np.ndarray, names: pd.Index, stamps: pd.DatetimeIndex, offset: BaseOffset
) -> None:
    """Refuse series so far apart that a grid through all of them would be much larger than their rows."""
    first, last = int(stamps.argmin()), int(stamps.argmax())
    rows = grid_rows(stamps[first], stamps[last], offset)
    if rows > MOST_GRID_ROWS_PER_ROW * len(stamps) + MOST_GRID_ROWS:
        ends = f"{name_at(names, codes[first])} at {stamps[first]} and {name_at(names, codes[last])} at {stamps[last]}"
        problem = f"series lie {rows:.0f} steps of " + keywords(freq=code_of(offset)) + f" apart: {ends}."
        raise InvalidValue(
            where, problem, "Count the time of each series from one stamp, or name a longer step.", "freq"
        )


def _refuse_other_steps(
    where: str, codes: np.ndarray, names: pd.Index, positions: np.ndarray, spans: np.ndarray, offset: BaseOffset
) -> None:
    """Refuse a series with a longer step, or with nearly all rows missing."""
    rows = np.bincount(codes)
    steps = np.where(np.diff(codes) == 0, np.diff(positions), np.iinfo(np.int64).max)
    shortest = np.full(len(names), np.iinfo(np.int64).max)
    np.minimum.at(shortest, codes[1:], steps)
    has_other_step = (rows > 2) & (shortest > 1)
    has_far_gap = spans > MOST_GRID_ROWS_PER_ROW * rows + 100
    for is_wrong, what in (
        (has_other_step, lambda at: f"has a row at every {shortest[at]} steps of the others"),
        (has_far_gap, lambda at: f"has {rows[at]} rows in a span of {spans[at]}"),
    ):
        if is_wrong.any():
            at = int(np.argmax(is_wrong))
            step = ", " + keywords(freq=code_of(offset)) + "."
            raise InvalidValue(where, f"series {name_at(names, at)} {what(at)}" + step, ANOTHER, "freq")


def _warn_of_gaps(where: str, names: pd.Index, missing: np.ndarray, offset: BaseOffset) -> None:
    """Warn once about rows that series lack."""
    if missing.any():
        lacking = np.flatnonzero(missing)
        counts = [f"{missing[at]} of {name_at(names, at)}" for at in lacking[:MOST_SERIES_NAMED]]
        problem = f"{int(missing.sum())} rows of {len(lacking)} series are missing on the grid of "
        problem_of_step = problem + keywords(freq=code_of(offset)) + f": {', '.join(counts)}"
        problem_of_step += " and so on." if len(lacking) > MOST_SERIES_NAMED else "."
        warn(SeqkitWarning(where, problem_of_step, GAPS_STAY, argument="fill"))
