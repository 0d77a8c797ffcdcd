"""Which of several columns that read as time is the time, where others repeat it: parts of a date, ends of weeks."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

NAME_OF_INDEX = r"column \d+|Unnamed: ?\d+"
UNITS = ("Y", "Q", "M", "D", "h", "min", "s")  # of a stamp that is cut off: the year, the month, the day, ...


def main_time(candidates: dict[tuple[str, ...], pd.DatetimeIndex]) -> list[tuple[str, ...]]:
    """The candidates that repeat no other one; of equal ones the first, and a single column before several.

    One repeats another where it is the same stamp in each row, or its year, month, day or hour, or where it is the end
    of a time that the other begins, as week_start and week_end.

    Args:
        candidates: the stamps `(rows,)` of each candidate, which is a column or several.
    """
    stamps = {names: index.tz_localize(None) for names, index in candidates.items()}
    # A date comes before the columns of its year, month and day, and a name before an index without one.
    main = sorted(stamps, key=lambda names: (len(names), re.fullmatch(NAME_OF_INDEX, names[0]) is not None))
    for names in main[::-1]:
        if any(_repeats(stamps[names], stamps[other]) for other in main if other != names):
            main.remove(names)
    return main


def _repeats(stamps: pd.DatetimeIndex, other: pd.DatetimeIndex) -> bool:
    return stamps.equals(other) or _is_cut_off(stamps, other) or _is_end(stamps, other)


def _is_cut_off(stamps: pd.DatetimeIndex, full: pd.DatetimeIndex) -> bool:
    return any(bool((full.to_period(unit).to_timestamp() == stamps).all()) for unit in UNITS)


def _is_end(ends: pd.DatetimeIndex, starts: pd.DatetimeIndex) -> bool:
    """Whether each stamp of `ends` is after its start and not after the next one, or always as long after it."""
    order = np.argsort(starts.asi8, kind="stable")
    starts, ends = starts[order], ends[order]
    lengths = (ends - starts).to_numpy()
    if len(starts) < 2 or (lengths <= np.timedelta64(0)).any():
        return False
    return bool((ends[:-1] <= starts[1:]).all() or (lengths == lengths[0]).all())
