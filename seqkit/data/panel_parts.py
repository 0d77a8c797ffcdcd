"""The parts of a long table: the name of each row's series, its time stamp, and its numbers."""

from __future__ import annotations

import numbers
from typing import Any

import numpy as np
import pandas as pd

from seqkit._errors import InvalidValue, listed
from seqkit.data.regular import require_numbers

JOINT = " / "  # between the parts of a name that several columns make


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
    joined: pd.Series = parts[0].str.cat(parts[1:], sep=JOINT)
    return joined.rename(JOINT.join(map(str, names)))


def _names_in(where: str, name: str, column: pd.Series, lines: np.ndarray | None) -> pd.Series:
    """The names in one column, as text or as what else they are; not as categories or as objects."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        column = column.astype(column.cat.categories.dtype)
    kind = _refuse_names(where, name, column, lines)
    return column.astype("str") if kind == "text" else column.infer_objects()


def _refuse_joint(where: str, name: str, part: pd.Series) -> None:
    """Refuse the text between two parts of a name inside of one: two series could then have one name."""
    joint = [value for value in part.unique() if JOINT in value]
    if joint:
        problem = f"a name in column {name!r} holds {JOINT!r}, which joins the names of several columns: {joint[0]!r}."
        raise InvalidValue(where, problem, "Write it otherwise, as without blanks, or name one column.", "series")


def _refuse_names(where: str, name: str, column: pd.Series, lines: np.ndarray | None) -> str:
    """Return what the names are; refuse rows without a name, and names of several types."""
    is_missing = column.isna()
    if not pd.api.types.is_numeric_dtype(column):
        is_missing |= column.astype(str).str.strip() == ""
    if is_missing.any():
        problem = f"{int(is_missing.sum())} of {len(column)} rows name no series in column {name!r}, "
        row = int(np.argmax(is_missing))
        problem += f"the first is row {row}." if lines is None else f"the first is line {lines[row]}."
        raise InvalidValue(where, problem, "Name the series of each row, or leave these rows out.", "series")
    kinds = {_kind(value) for value in column.unique()}
    if len(kinds) > 1:
        problem = f"the names of the series in column {name!r} are of mixed types: {listed(sorted(kinds))}."
        raise InvalidValue(where, problem, f"Use table[{name!r}].astype(str).", "series")
    return kinds.pop()


def _kind(value: Any) -> str:
    return (
        "numbers" if isinstance(value, numbers.Number) else "text" if isinstance(value, str) else type(value).__name__
    )


def stamps_of(where: str, table: pd.DataFrame, name: str) -> pd.DatetimeIndex:
    """The time of each row; texts must be ISO time stamps of one time zone."""
    column = table[name]
    if isinstance(column.dtype, pd.PeriodDtype):
        return pd.DatetimeIndex(column.dt.to_timestamp(), name=name)
    if pd.api.types.is_numeric_dtype(column):
        problem = f"the time in column {name!r} must be dates, got numbers such as {column.iloc[0]}."
        raise InvalidValue(where, problem, f"Use pd.to_datetime(table[{name!r}], unit=...).", "time")
    try:
        stamps = pd.DatetimeIndex(pd.to_datetime(column, format="ISO8601"), name=name)
    except (ValueError, TypeError, OverflowError) as error:
        problem = f"column {name!r} does not read as time ({error})."
        way_out = f"Turn it into dates of one time zone first, as with pd.to_datetime(table[{name!r}], utc=True)."
        raise InvalidValue(where, problem, way_out, "time") from None
    if stamps.hasnans:
        row = int(np.argmax(stamps.isna()))
        raise InvalidValue(where, f"row {row} has no time in column {name!r}.", "Leave such rows out.", "time")
    return stamps


def values_of(where: str, table: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """The columns of numbers as float64, NaN where a value is missing."""
    if not names:
        raise InvalidValue(where, "no column is left for the values.", "Name one or more in columns=.", "columns")
    return require_numbers(table[names].reset_index(drop=True), where).astype("float64")
