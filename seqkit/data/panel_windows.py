"""The windows of a panel: none crosses from one series into the next.

Shapes: N rows of all series, S series, T timesteps, H horizon, C targets.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from seqkit._errors import InvalidValue, SeqkitWarning, keywords, listed, warn
from seqkit.data.float32 import in_float32, refuse_infinite
from seqkit.data.panel_context import with_earlier_rows_of_each
from seqkit.data.panels import Panel, require_panel
from seqkit.data.runs import Runs
from seqkit.data.stamp_numbers import with_stamps
from seqkit.data.unknown_rows import with_unknown_rows_of_each
from seqkit.data.windows import Windows, empty_windows


def cut_panel_windows(
    frame: pd.DataFrame,
    timesteps: int,
    horizon: int,
    targets: Sequence[int],
    *,
    where: str,
    most_windows: int | None = None,
    least_known: int | None = None,
    needed: Sequence[int] | None = None,
    stamps: bool = False,
) -> Windows:
    """Cut each series of a panel as `make_windows` does; series that are too short give none, and are named.

    Args:
        frame: the panel.
        timesteps: T.
        horizon: H.
        targets: positions of the target columns.
        where: the function, for messages.
        most_windows: the windows that a series gives to a shuffled pass, at most; the median over the series by
            default.
        stamps: whether the rows end in the numbers of their stamps.
        least_known: rows of a series that its first window needs, T by default; those before them are NaN.
        needed: positions of the columns of which a window needs a known value; all by default.
    """
    longer, first_targets = with_earlier_rows_of_each(frame, timesteps)
    unknown = 0 if least_known is None else timesteps - least_known
    panel = with_unknown_rows_of_each(require_panel(longer, where), unknown)
    first_targets = None if first_targets is None else first_targets + unknown
    values = in_float32(panel.frame.to_numpy())
    refuse_infinite(where, values, panel.frame.columns)
    begin = panel.first if first_targets is None else panel.first + np.maximum(first_targets - timesteps, 0)
    counts = panel.first + panel.rows - begin - timesteps - horizon + 1
    _warn_of_short_series(where, panel, counts, timesteps, horizon)
    known = values if needed is None else values[:, needed]
    runs = _without_empty_windows(known, begin[counts > 0], counts[counts > 0], timesteps, most_windows)
    values = with_stamps(values, stamps_of_rows(panel.frame)) if stamps else values
    windows = Windows(values, runs, timesteps, horizon, targets)
    windows.series = panel.first, panel.names
    windows.last_stamp = last_stamp_of(panel.frame).isoformat()
    return windows


def last_stamp_of(frame: pd.DataFrame) -> pd.Timestamp:
    """The last time stamp of a panel."""
    stamps: pd.Timestamp = frame.index.levels[1][int(np.max(frame.index.codes[1]))]  # type: ignore[attr-defined]
    return stamps


def stamps_of_rows(frame: pd.DataFrame) -> pd.DatetimeIndex:
    """The time stamp of each row of a panel."""
    index: Any = frame.index
    return pd.DatetimeIndex(index.levels[1]).take(index.codes[1])


def latest_windows(
    panel: Panel,
    timesteps: int,
    targets: Sequence[int],
    needed: Sequence[int] | None = None,
    *,
    stamps: bool = False,
) -> tuple[Windows, np.ndarray]:
    """The last T rows of each series that has so many and a known value in each column of them, or in the needed ones.

    Returns:
        The windows, and the positions of their series.
    """
    values = in_float32(panel.frame.to_numpy())
    positions = np.flatnonzero(panel.rows >= timesteps)
    starts = panel.first[positions] + panel.rows[positions] - timesteps
    known = values if needed is None else values[:, needed]
    is_complete = ~_is_empty(known, timesteps)[starts] if len(starts) else np.zeros(0, bool)
    values = with_stamps(values, stamps_of_rows(panel.frame)) if stamps else values
    windows = Windows(values, starts[is_complete], timesteps, 0, targets)
    windows.series = panel.first, panel.names
    return windows, positions[is_complete]


def _warn_of_short_series(where: str, panel: Panel, counts: np.ndarray, timesteps: int, horizon: int) -> None:
    sizes = keywords(timesteps=timesteps) + " and " + keywords(horizon=horizon)
    if not (counts > 0).any():
        longest = int(panel.rows.max())
        problem = sizes + f" need {timesteps + horizon} rows of a series, and the longest of {len(counts)} series has "
        raise InvalidValue(where, problem + f"{longest}.", "Shorten either, or pass more rows.")
    if not (counts > 0).all():
        short = panel.names[counts <= 0]
        problem = sizes + f" leave no window of {len(short)} of {len(counts)} series: {listed(short, most=5)}."
        warn(SeqkitWarning(where, problem, "They are left out here; `forecast` has a naive forecast of them."))


def _without_empty_windows(
    values: np.ndarray, begin: np.ndarray, counts: np.ndarray, timesteps: int, most_windows: int | None
) -> Runs:
    """The windows of each series, less those in which a column has no known value."""
    is_empty = _is_empty(values, timesteps)
    series = np.arange(len(begin))
    if not is_empty.any():
        return Runs(begin, counts, series, most_windows)
    may_start = np.zeros(len(values), bool)
    may_start[np.repeat(begin - np.cumsum(counts) + counts, counts) + np.arange(counts.sum())] = True
    may_start[: len(is_empty)] &= ~is_empty
    of_row = np.searchsorted(begin, np.arange(len(values)), side="right") - 1
    is_first = may_start & ~(np.roll(may_start, 1) & (np.roll(of_row, 1) == of_row))
    first = np.flatnonzero(is_first)
    lengths = np.bincount((np.cumsum(is_first) - 1)[may_start], minlength=len(first))
    return Runs(first, lengths, of_row[first], most_windows)


def _is_empty(values: np.ndarray, timesteps: int) -> np.ndarray:
    """Whether a column has no known value in the T rows from each row on `(N - T + 1,)`."""
    return np.asarray(empty_windows(values, timesteps).any(axis=1))
