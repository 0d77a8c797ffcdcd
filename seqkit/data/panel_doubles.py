"""Rows of one series and one time stamp: refused, or merged to one.

Shapes: N rows of all series, S series, F columns.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from seqkit._checks import choice
from seqkit._errors import InvalidValue, SeqkitWarning, keywords, listed, warn
from seqkit.data.clocks import DUPLICATES, are_hours_of_autumn, merging, written
from seqkit.data.panel_parts import name_at


class Rows(NamedTuple):
    """The rows of a panel, series by series, each in the order of time."""

    codes: np.ndarray  # (N,) the number of each row's series, ascending
    names: pd.Index  # (S,)
    stamps: pd.DatetimeIndex  # (N,)
    values: pd.DataFrame  # (N, F)
    lines: np.ndarray | None  # (N,) of the file; None where there is none


def merge_doubles_of_series(where: str, rows: Rows, duplicates: str) -> Rows:
    """One row for each series and stamp.

    An hour that stands twice on a night when clocks go back becomes its mean, with a warning. Other rows are refused,
    unless `duplicates` says what to do.

    Args:
        where: the function and the file, for messages.
        rows: the rows; those of one stamp in the order of the file.
        duplicates: "refuse", "mean", "first" or "last".
    """
    choice(where, "duplicates", duplicates, DUPLICATES)
    is_repeat = np.zeros(len(rows.codes), bool)
    is_repeat[1:] = (np.diff(rows.codes) == 0) & (np.diff(rows.stamps.asi8) == 0)
    if not is_repeat.any():
        return rows
    are_hours = _are_hours_of_autumn(rows, is_repeat)
    if duplicates == "refuse" and not are_hours:
        raise _doubled(where, rows, int(np.argmax(is_repeat)))
    how = "mean" if duplicates == "refuse" else duplicates
    names = rows.names[np.unique(rows.codes[is_repeat])]
    problem = f"rows repeat a time stamp of their series: {int(is_repeat.sum())} in {listed(names, most=5)}"
    way_out = "Other choices: " + keywords(duplicates="first") + ", " + keywords(duplicates="last") + "."
    warn(SeqkitWarning(where, f"{problem}; rows of one stamp become {DUPLICATES[how]}.", way_out, "duplicates"))
    values = rows.values.groupby(np.cumsum(~is_repeat)).agg(merging(rows.values, how))
    lines = None if rows.lines is None else rows.lines[~is_repeat]
    return Rows(rows.codes[~is_repeat], rows.names, rows.stamps[~is_repeat], values, lines)


def _are_hours_of_autumn(rows: Rows, is_repeat: np.ndarray) -> bool:
    """Whether each series has only one hour a year twice, on a night when clocks go back."""
    stamps = rows.stamps[is_repeat]
    is_third = (np.diff(rows.codes[is_repeat]) == 0) & (np.diff(stamps.asi8) == 0)
    return not is_third.any() and are_hours_of_autumn(rows.stamps, stamps.unique())


def _doubled(where: str, rows: Rows, row: int) -> ValueError:
    name, stamp = name_at(rows.names, rows.codes[row]), written(rows.stamps[row])
    if rows.lines is None:
        problem = f"{stamp} stands twice in series {name}."
        way_out = "Keep one row for each series and time, or name all columns that name a series in "
        return InvalidValue(where, problem, way_out + keywords(series=...) + ".", "table")
    lines = f"lines {rows.lines[row - 1]} and {rows.lines[row]}"
    problem = f"{lines} have the same time stamp, {stamp}, in series {name}."
    choices = keywords(duplicates="mean") + ', "first" or "last", or name all columns that name a series in '
    return InvalidValue(where, problem, "Keep one of them, pass " + choices + keywords(series=...) + ".", "duplicates")
