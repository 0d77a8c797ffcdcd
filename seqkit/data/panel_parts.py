"""The parts of a long table: the name of each row's series, its time stamp, and its numbers."""

from __future__ import annotations

import datetime
import numbers
import re
from collections.abc import Collection
from typing import Any

import numpy as np
import pandas as pd

from seqkit._errors import InvalidType, InvalidValue, listed
from seqkit.data.categories import is_category
from seqkit.data.regular import require_numbers

JOINT = " / "  # between the parts of a name that several columns make
KINDS: dict[str, Any] = {
    "text": str,
    "numbers": numbers.Number,
    "dates": (datetime.date, np.datetime64, pd.Period),
}  # of names


def key_of(where: str, table: pd.DataFrame, names: list[str], lines: np.ndarray | None = None) -> pd.Series:
    """The name of each row's series; refuse rows without one, and names of mixed types.

    Args:
        where: the function, for messages.
        table: the columns of the names `(N,)` and perhaps others.
        names: the columns that name the series; several are joined by " / ", and so are the names of the columns.
        lines: the line of each row in its file `(N,)`, where the table is one.
    """
    parts = [_names_in(where, name, table[name], lines) for name in names]
    if len(parts) == 1:
        return parts[0]
    parts = [part.astype("str") for part in parts]
    for name, part in zip(names, parts, strict=True):
        _refuse_joint(where, name, part)
    joined: pd.Series = parts[0].str.cat(pd.concat(parts[1:], axis=1), sep=JOINT)
    return joined.rename(JOINT.join(map(str, names)))


def _names_in(where: str, name: str, column: pd.Series, lines: np.ndarray | None) -> pd.Series:
    """The names in one column, as text, numbers or dates of NumPy; not as categories or as objects."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        column = column.astype(column.cat.categories.dtype)
    _refuse_missing_names(where, name, column, lines)
    if _kind_of_names(where, name, column) != "text":
        is_plain = isinstance(column.dtype, (np.dtype, pd.DatetimeTZDtype)) and column.dtype != object
        return column if is_plain else pd.Series(column.tolist(), column.index, name=name)
    column = column.astype("str")
    _refuse_blanks(where, name, column)
    return column


def _refuse_joint(where: str, name: str, part: pd.Series) -> None:
    """Refuse the text between two parts of a name inside of one: two series could then have one name."""
    joint = [value for value in part.unique() if JOINT in value]
    if joint:
        problem = f"a name in column {name!r} holds {JOINT!r}, which joins the names of several columns: {joint[0]!r}."
        raise InvalidValue(where, problem, "Write it otherwise, as without blanks, or name one column.", "series")


def _refuse_missing_names(where: str, name: str, column: pd.Series, lines: np.ndarray | None) -> None:
    is_missing = column.isna()
    if not pd.api.types.is_numeric_dtype(column):
        is_missing |= column.astype(str).str.strip() == ""
    if is_missing.any():
        row = int(np.argmax(is_missing))
        problem = f"{int(is_missing.sum())} of {len(column)} rows name no series in column {name!r}, "
        problem += f"the first is row {row}." if lines is None else f"the first is line {lines[row]}."
        raise InvalidValue(where, problem, "Name the series of each row, or leave these rows out.", "series")


def _kind_of_names(where: str, name: str, column: pd.Series) -> str:
    """What the names are: text, numbers or dates; refuse several of these, and others."""
    way_out = f"Use table[{name!r}].astype(str)."
    kinds = _kinds_of_names(column)
    if len(kinds) > 1:
        problem = f"the names of the series in column {name!r} are of mixed types: {', '.join(kinds)}."
        raise InvalidValue(where, problem, way_out, "series")
    kind = kinds[0]
    if kind not in KINDS:
        problem = f"the names of the series in column {name!r} must be text, numbers or dates, got {kind}."
        raise InvalidType(where, problem, way_out, "series")
    return kind


def refuse_mistakable_names(where: str, names: pd.Index) -> None:
    """Refuse names of series that a saved model would mistake for others: 1 beside "1", and the empty text."""
    if len(kinds := _kinds_of_names(names)) > 1:
        problem = f"the names of the series are of mixed types: {', '.join(kinds)}."
        raise InvalidValue(where, problem, "Make all of them text.")
    if "" in names:
        raise InvalidValue(where, "a series has the empty text as its name.", "Name it.")


def _kinds_of_names(names: pd.Series | pd.Index) -> list[str]:
    """The types of names, such as text and numbers."""
    values = names if names.dtype == object else names[:1]
    return sorted({_kind(found) for found in set(map(type, values))})


def _kind(found: type) -> str:
    return next((kind for kind, types in KINDS.items() if issubclass(found, types)), found.__name__)


def _refuse_blanks(where: str, name: str, column: pd.Series) -> None:
    """Refuse two names that differ only in blanks at their ends."""
    names = pd.Series(column.unique())
    stripped = names.str.strip()
    is_double = stripped.duplicated(keep=False)
    if is_double.any():
        alike = names[stripped == stripped[is_double].iloc[0]].tolist()
        problem = f"the names {listed(alike)} in column {name!r} differ only in blanks."
        raise InvalidValue(where, problem, f"Use table[{name!r}].str.strip().", "series")


def name_at(names: pd.Index, at: Any) -> str:
    """The name of a series in messages; an item of an index is a number of NumPy, whose repr names the type."""
    return repr(names[[int(at)]].tolist()[0])


def stamps_of(where: str, table: pd.DataFrame, name: str) -> pd.DatetimeIndex:
    """The time of each row; texts must be ISO time stamps of one time zone."""
    column = table[name]
    if isinstance(column.dtype, pd.PeriodDtype):
        return pd.DatetimeIndex(column.dt.to_timestamp(), name=name)
    if pd.api.types.is_numeric_dtype(column):
        problem = f"the time in column {name!r} must be dates, got numbers such as {column.tolist()[0]}."
        way_out = f"Turn them into dates: pd.to_datetime(table[{name!r}], unit=...); or, where they count days, "
        way_out += f"pd.Timestamp('2000-01-01') + pd.to_timedelta(table[{name!r}], unit='D')."
        raise InvalidValue(where, problem, way_out, "time")
    try:
        stamps = pd.DatetimeIndex(pd.to_datetime(column, format="ISO8601"), name=name)
    except (ValueError, TypeError, OverflowError) as error:
        raise _no_time(where, column, name, str(error)) from None
    if stamps.hasnans:
        row = int(np.argmax(stamps.isna()))
        raise InvalidValue(where, f"row {row} has no time in column {name!r}.", "Leave such rows out.", "time")
    return stamps


def _no_time(where: str, column: pd.Series, name: str, reason: str) -> InvalidValue:
    """The refusal of a column that is no time, or of several time zones."""
    if re.search("(?i)tz-aware|timezone", reason):
        problem = f"the time in column {name!r} is of several time zones, or has one in some rows alone."
        way_out = f"Turn it into one, as with pd.to_datetime(table[{name!r}], utc=True)."
        return InvalidValue(where, problem, way_out, "time")
    read = pd.to_datetime(column, format="ISO8601", errors="coerce", utc=True)
    row = int(np.argmax(read.isna() & column.notna()))
    problem = f"row {row}: {column.tolist()[row]!r} in column {name!r} is no time stamp such as 2020-01-31."
    way_out = f"Turn the column into dates, as with pd.to_datetime(table[{name!r}], format='%d/%m/%Y')."
    return InvalidValue(where, problem, way_out, "time")


def values_of(where: str, table: pd.DataFrame, names: list[str], categories: Collection[str] = ()) -> pd.DataFrame:
    """The columns of numbers as float64, NaN where a value is missing; and those of categories."""
    if not names:
        raise InvalidValue(where, "no column is left for the values.", "Name one or more in columns=.", "columns")
    values = require_numbers(table[names].reset_index(drop=True), where, categories)
    return values.astype({name: "float64" for name, column in values.items() if not is_category(column)})
