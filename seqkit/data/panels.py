"""Panels: many series in one table, indexed by (series, time), each series on the same regular grid of time.

A series has its rows in one block, in the order of time. Series may differ in length, start and end; rows of the grid
that a series lacks within its block are NaN.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from pandas.tseries.offsets import BaseOffset

from seqkit import _checks
from seqkit._errors import InvalidType, InvalidValue, keywords, listed
from seqkit.data.frames import as_pandas
from seqkit.data.panel_doubles import Rows, merge_doubles_of_series
from seqkit.data.panel_grid import on_grid, panel_step, refuse_rows_off_grid
from seqkit.data.panel_parts import key_of, refuse_mistakable_names, stamps_of, values_of
from seqkit.data.regular import require_numbers

NIXTLA = {"series": "unique_id", "time": "ds"}  # the names of Nixtla's libraries
WHERE = "as_panel"


class Panel(NamedTuple):
    """A checked panel; S series, N rows of all of them, F columns."""

    frame: pd.DataFrame  # (N, F), indexed by (series, time)
    names: pd.Index  # (S,)
    first: np.ndarray  # (S,) the row at which each series begins
    rows: np.ndarray  # (S,) how many it has
    offset: BaseOffset  # the step

    def series(self, position: int) -> pd.DataFrame:
        """The rows of one series as a table on a regular time index."""
        start = int(self.first[position])
        block = self.frame.iloc[start : start + int(self.rows[position])].droplevel(0)
        index = pd.DatetimeIndex(block.index)
        return block.set_axis(pd.date_range(index[0], periods=len(index), freq=self.offset, name=index.name))


def is_panel(x: Any) -> bool:
    """Whether `x` is a table whose index has two levels."""
    return isinstance(x, pd.DataFrame) and isinstance(x.index, pd.MultiIndex) and x.index.nlevels == 2


def as_panel(
    table: Any,
    *,
    series: str | Sequence[str] | None = None,
    time: str | None = None,
    columns: str | Sequence[str] | None = None,
    freq: str | BaseOffset | None = None,
    categories: str | Sequence[str] | None = None,
) -> pd.DataFrame:
    """Make a panel of a long table: a row for each series and time.

    Args:
        table: DataFrame of pandas, polars or pyarrow; or one that is indexed by (series, time) already. Other levels
            of an index are columns too: the only one of dates is the time, the others name the series.
        series: the column that names the series of a row; several columns together name it, joined by " / ". By
            default `"unique_id"`, as Nixtla's libraries call it.
        time: the column of dates or times. By default `"ds"`, else the only column of dates.
        columns: the columns of numbers; by default all other columns, which must be numbers.
        freq: the step, such as `"D"`; by default that of the longest series.
        categories: the columns of words that are categories of a forecaster; those of pandas dtype category are without
            being named.

    Returns:
        DataFrame `[N, F]` of float64, categories as pandas dtype category, indexed by (series, time): the series in the
        order of their first rows, each in the order of time. A row that a series lacks between its first and its last
        is NaN, and a warning counts them.

    Raises:
        TypeError, ValueError: a series without a name, names of mixed types, a time stamp twice in one series, a series
            of another step, columns that are no numbers.

    Example:
        >>> long = pd.DataFrame({"shop": ["b", "b", "a"], "day": pd.to_datetime(["2024-01-02", "2024-01-01",
        ...     "2024-01-02"]), "sales": [2, 1, 5]})
        >>> as_panel(long, series="shop", freq="D")["sales"].tolist()
        [1.0, 2.0, 5.0]
    """
    table = as_pandas(table)
    if not isinstance(table, pd.DataFrame):
        raise InvalidType(WHERE, f"a table is needed, got {_checks.type_name(table)}.", argument="table")
    if not len(table):
        raise InvalidValue(WHERE, "the table has no rows.", argument="table")
    table, levels, level_of_time = _without_index(table)
    series = levels or None if series is None else series
    time = level_of_time if time is None else time
    keys = _series_columns(table, series)
    when = _time_column(table, time, keys)
    chosen = [name for name in table.columns if name not in (*keys, when)] if columns is None else columns
    chosen = _checks.require_columns(WHERE, "column", chosen, table.columns)
    named = _checks.require_columns(WHERE, "categories", () if categories is None else categories, chosen)
    values = values_of(WHERE, table, chosen, named)
    key = key_of(WHERE, table, keys)
    stamps = stamps_of(WHERE, table, when)
    return panel_of(WHERE, key, stamps, values, freq)


def panel_of(
    where: str,
    key: pd.Series,
    stamps: pd.DatetimeIndex,
    values: pd.DataFrame,
    freq: str | BaseOffset | None,
    *,
    lines: np.ndarray | None = None,
    duplicates: str = "refuse",
) -> pd.DataFrame:
    """The panel of rows in any order.

    Args:
        where: the function, for messages.
        key: the name of each row's series `(N,)`.
        stamps: the time of each row `(N,)`.
        values: numbers and categories `(N, F)`.
        freq: the step; None for that of the longest series.
        lines: the line of each row in its file `(N,)`, for messages; None where there is no file.
        duplicates: rows of one series and stamp: "refuse", "mean", "first" or "last".
    """
    codes, names = pd.factorize(key)
    order = np.lexsort((stamps.asi8, codes))
    lines = None if lines is None else lines[order]
    rows = Rows(codes[order], pd.Index(names), stamps[order], values.iloc[order], lines)
    codes, _, stamps, values, _ = merge_doubles_of_series(where, rows, duplicates)
    offset = panel_step(where, codes, names, stamps, freq)
    return on_grid(where, codes, pd.Index(names, name=key.name), stamps, values, offset)


def require_panel(frame: Any, where: str, categories: Collection[Any] | None = None) -> Panel:
    """Check a panel as every function does that takes one: blocks of series, each on the grid, and numbers.

    `categories` is that of `require_numbers`.
    """
    if not is_panel(frame):
        problem = f"a panel, a DataFrame indexed by (series, time), is needed, got {_checks.type_name(frame)}."
        raise InvalidType(where, problem, "Make one with seqkit.as_panel.")
    if not len(frame):
        raise InvalidValue(where, "the panel has no rows.")
    if isinstance(frame.index.levels[1], pd.PeriodIndex):
        frame = frame.set_axis(frame.index.set_levels(frame.index.levels[1].to_timestamp(), level=1))
    if not isinstance(frame.index.levels[1], pd.DatetimeIndex):
        problem = "the second level of the index must be time stamps."
        raise InvalidValue(where, problem, "Make the panel with seqkit.as_panel.")
    frame = require_numbers(frame, where, categories)
    codes, positions = (np.asarray(codes) for codes in frame.index.codes)
    if (codes < 0).any() or (positions < 0).any():
        raise InvalidValue(where, "a row has no series or no time.", "Make the panel with seqkit.as_panel.")
    first = np.flatnonzero(np.diff(codes, prepend=-1))
    names = frame.index.levels[0].take(codes[first])
    if not names.is_unique:
        name = names[names.duplicated()][0]
        problem = f"the rows of series {name!r} are not in one block."
        raise InvalidValue(where, problem, "Make the panel with seqkit.as_panel.")
    refuse_mistakable_names(where, names)
    stamps = pd.DatetimeIndex(frame.index.levels[1]).take(positions)
    numbers = np.repeat(np.arange(len(first)), np.diff(first, append=len(codes)))
    offset = frame.index.levels[1].freq or panel_step(where, numbers, names, stamps, None)
    refuse_rows_off_grid(where, numbers, names, stamps, offset)
    return Panel(frame, names, first, np.diff(first, append=len(codes)), offset)


def _without_index(table: pd.DataFrame) -> tuple[pd.DataFrame, list[str], str | None]:
    """The table with the levels of its index as columns: those that name the series, and the time.

    The time is the only level of dates, else the last; an index of one level counts where it holds dates.
    """
    levels = [table.index.get_level_values(level) for level in range(table.index.nlevels)]
    of_dates = [at for at, level in enumerate(levels) if isinstance(level, (pd.DatetimeIndex, pd.PeriodIndex))]
    if len(levels) == 1 and not of_dates:
        return _with_unique_names(table), [], None
    at_time = of_dates[0] if len(of_dates) == 1 else len(levels) - 1
    defaults = ["series"] if len(levels) == 2 else [f"series {number + 1}" for number in range(len(levels) - 1)]
    defaults.insert(at_time, "time")
    names: list[Any] = [
        default if name is None else name for name, default in zip(table.index.names, defaults, strict=True)
    ]
    taken = [name for name in names if name in table.columns]
    if taken:
        raise InvalidValue(WHERE, f"{taken[0]!r} names a level of the index and a column.", "Rename one of them.")
    table = _with_unique_names(table.rename_axis(names).reset_index())
    return table, [name for at, name in enumerate(names) if at != at_time], names[at_time]


def _with_unique_names(table: pd.DataFrame) -> pd.DataFrame:
    if not table.columns.is_unique:
        name = table.columns[table.columns.duplicated()][0]
        raise InvalidValue(WHERE, f"the table has two columns named {name!r}.", "Rename one of them.", "table")
    return table


def _series_columns(table: pd.DataFrame, series: Any) -> list[str]:
    if series is None:
        if NIXTLA["series"] not in table.columns:
            problem = f"which column names the series? The columns are {listed(table.columns)}."
            way_out = "Name it: " + keywords(series=...) + ". A table with a column for each series becomes long by "
            raise InvalidValue(WHERE, problem, way_out + "table.melt(ignore_index=False, var_name='series').", "series")
        series = NIXTLA["series"]
    names = _checks.require_columns(WHERE, "series", series, table.columns)
    if not names:
        raise InvalidValue(WHERE, "series names no column.", argument="series")
    return names


def _time_column(table: pd.DataFrame, time: Any, keys: list[str]) -> str:
    if time is None and NIXTLA["time"] in table.columns:
        time = NIXTLA["time"]
    if time is None:
        dates = [name for name in table.columns if pd.api.types.is_datetime64_any_dtype(table[name])]
        if len(dates) != 1:
            found = f"the columns {listed(dates)} hold dates" if dates else "no column holds dates"
            problem = f"which column is the time? Of {listed(table.columns)}, {found}."
            raise InvalidValue(WHERE, problem, "Name it: " + keywords(time=...) + ".", "time")
        time = dates[0]
    names = _checks.require_columns(WHERE, "time", time, table.columns)
    if len(names) != 1:
        raise InvalidType(WHERE, f"time must be one column, got {time!r}.", "Join the columns first.", "time")
    if names[0] in keys:
        raise InvalidValue(WHERE, f"{names[0]!r} is named as series and as time.", "Name another.", "time")
    return names[0]
