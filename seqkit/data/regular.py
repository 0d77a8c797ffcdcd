"""The check of every table: numbers on a regular time index."""

from __future__ import annotations

import numbers
from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
import pandas as pd

from seqkit._errors import InvalidType, InvalidValue
from seqkit.data.categories import as_category, category_names, is_category
from seqkit.data.frames import as_time_table
from seqkit.data.steps import code_of, step_of


def require_regular(frame: object, where: str, categories: Collection[Any] | None = None) -> pd.DataFrame:
    """Return the table with `index.freq` set; refuse anything but numbers on a regular time index.

    `categories` is that of `require_numbers`.

    NaN is allowed, a missing row is not. A table of polars, pyarrow and other libraries becomes a DataFrame indexed by
    its only column of time stamps, periods become their first stamps, and truth values zeros and ones. Every function
    that takes a table begins with this check.
    """
    frame = as_time_table(where, frame)
    if not isinstance(frame, pd.DataFrame):
        hint = " Pass series.to_frame()." if isinstance(frame, pd.Series) else " read_csv makes one."
        raise InvalidType(where, f"a pandas DataFrame with a time index is needed, got {type(frame).__name__}.", hint)
    if isinstance(frame.index, pd.MultiIndex):
        _refuse_many_levels(frame.index, where)
    index = frame.index.to_timestamp() if isinstance(frame.index, pd.PeriodIndex) else frame.index
    if not isinstance(index, pd.DatetimeIndex):
        raise InvalidValue(
            where,
            f"the table needs a DatetimeIndex, got {type(frame.index).__name__}.",
            "read_csv sets one; else use frame.index = pd.DatetimeIndex(...).",
        )
    frame = require_numbers(frame if index is frame.index else frame.set_axis(index), where, categories)
    is_rising = index.freq is not None and index.freq.n > 0
    return frame if is_rising else _with_freq(frame, index, where)


def _refuse_many_levels(index: pd.MultiIndex, where: str) -> None:
    if index.nlevels == 2:
        problem, way_out = (
            "one series is needed, got an index of two levels, as of many.",
            "Pass one, as frame.loc[name].",
        )
    else:
        problem = f"the index has {index.nlevels} levels; that of many series has two, (series, time)."
        way_out = "Make it with seqkit.as_panel, which joins the others to the name of the series."
    raise InvalidValue(where, problem, way_out)


def require_numbers(frame: pd.DataFrame, where: str, categories: Collection[Any] | None = None) -> pd.DataFrame:
    """Return the table with plain numbers; refuse other columns, two of one name, and infinite values.

    Columns of pandas dtype category, and those of text that `categories` names, stay words, as dtype category; none
    does where `categories` is None.
    """
    if not len(frame.columns):
        raise InvalidValue(where, "the table has no columns.", "Pass a table with columns of numbers.")
    _refuse_levels(frame, where)
    _refuse_names(frame, where)
    words = category_names(frame, categories)
    if words:
        return _with_words(frame, where, words)
    if not _is_plain_and_finite(frame):
        _refuse_values(frame, where)
        frame = _with_plain_numbers(frame)
    return frame


def _with_words(frame: pd.DataFrame, where: str, words: list[Any]) -> pd.DataFrame:
    """The table with the named columns as categories and the others as plain numbers."""
    others = frame.drop(columns=words)
    checked = require_numbers(others, where) if len(others.columns) else others
    made = frame.copy(deep=False)
    for name in frame.columns:
        made[name] = as_category(where, frame[name]) if name in words else checked[name]
    made.attrs = frame.attrs
    return made


def _refuse_levels(frame: pd.DataFrame, where: str) -> None:
    """Refuse columns of several levels, such as (Close, AAPL)."""
    if isinstance(frame.columns, pd.MultiIndex):
        constant = [level for level in range(frame.columns.nlevels) if frame.columns.unique(level).size == 1]
        problem = f"the columns have {frame.columns.nlevels} levels (a MultiIndex), the first is {frame.columns[0]!r}."
        way_out = "Choose one value of a level, as in frame[name], or join the names."
        if constant:
            way_out = f"Drop the level that is the same in all: frame.droplevel({constant[0]}, axis=1)."
        raise InvalidValue(where, problem, way_out)


def _with_plain_numbers(frame: pd.DataFrame) -> pd.DataFrame:
    """Truth values and pandas' nullable numbers as float64: beside floats they would make an array of objects."""
    others = [name for name, kind in frame.dtypes.items() if not isinstance(kind, np.dtype) or kind.kind == "b"]
    return frame.astype(dict.fromkeys(others, "float64")) if others else frame


def _is_plain_and_finite(frame: pd.DataFrame) -> bool:
    """Whether all columns hold numbers of NumPy and none is infinite, by one look at the table."""
    are_numbers = all(isinstance(kind, np.dtype) and kind.kind in "fiu" for kind in frame.dtypes.tolist())
    return are_numbers and not bool(np.isinf(frame.to_numpy()).any())


def _refuse_names(frame: pd.DataFrame, where: str) -> None:
    labels: Sequence[object] = frame.columns.tolist()
    for label in labels:
        if not isinstance(label, (str, numbers.Real)) or label != label:
            problem = f"the name of a column must be text or a number, got {label!r}."
            raise InvalidValue(where, problem, "Rename it: frame.columns = [...].")
    if not frame.columns.is_unique:
        duplicates = frame.columns[frame.columns.duplicated()]
        raise InvalidValue(where, f"the table has two columns named {duplicates[0]!r}.", "Rename one of them.")


def _refuse_values(frame: pd.DataFrame, where: str) -> None:
    for name, column in frame.items():
        if not (pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_complex_dtype(column)):
            way_out = "Leave it out, or use pd.to_numeric."
            if not is_category(column):
                way_out += f" Words of a forecaster's column are categories: table[{name!r}].astype('category')."
            raise InvalidValue(where, f"column {name!r} has dtype {column.dtype}, not numbers.", way_out)
        is_infinite = np.isinf(column.to_numpy(dtype="float64", na_value=np.nan))
        if is_infinite.any():
            stamp = frame.index[int(np.argmax(is_infinite))]
            raise InvalidValue(where, f"column {name!r} is infinite at {stamp}.", "Correct it, or set it to NaN.")


def _with_freq(frame: pd.DataFrame, index: pd.DatetimeIndex, where: str) -> pd.DataFrame:
    hint = "Put the table on a grid with frame.asfreq(...), or read it with read_csv."
    hint += " Rows that lack are then NaN, which build_forecaster(fill=...) takes."
    if index.hasnans or not (index.is_monotonic_increasing and index.is_unique):
        problem = "the time stamps must ascend, and none may be missing or repeated."
        raise InvalidValue(where, problem, "Use frame.sort_index(), and keep one row of each stamp.")
    if len(index) < 2:
        raise InvalidValue(
            where, f"{len(index)} rows are too few to see a step in time.", "Set frame.index.freq, or pass more rows."
        )
    offset, irregular = step_of(index)
    if offset is None:
        problem = f"the steps are irregular at {index[irregular]}, after {index[irregular - 1]}."
        raise InvalidValue(where, problem, hint)
    grid = pd.date_range(index[0], index[-1], freq=offset, name=index.name)
    if len(grid) != len(index):
        raise InvalidValue(
            where, f"{grid.difference(index)[0]} is missing on the grid of freq={code_of(offset)!r}.", hint
        )
    return frame.set_axis(grid)
