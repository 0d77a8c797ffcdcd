"""The parts of a long table: the name of each row's series, its time stamp, and its numbers."""

from __future__ import annotations

import numbers
from typing import Any

import numpy as np
import pandas as pd

from seqkit._errors import InvalidValue, listed
from seqkit.data.regular import require_numbers

JOINT = " / "  # between the parts of a name that several columns make


def key_of(where: str, table: pd.DataFrame, names: list[str]) -> pd.Series:
    """The name of each row's series; refuse rows without one, and names of mixed types."""
    for name in names:
        _refuse_names(where, name, table[name])
    if len(names) == 1:
        return table[names[0]]
    parts = [table[name].astype(str) for name in names]
    joined = parts[0].str.cat(parts[1:], sep=JOINT)
    return joined.rename("series")


def _refuse_names(where: str, name: str, column: pd.Series) -> None:
    is_missing = column.isna()
    if not pd.api.types.is_numeric_dtype(column):
        is_missing |= column.astype(str).str.strip() == ""
    if is_missing.any():
        problem = f"{int(is_missing.sum())} rows have no name of their series in column {name!r}, "
        problem += f"the first is row {int(np.argmax(is_missing))}."
        raise InvalidValue(where, problem, "Name the series of each row, or leave these rows out.", "series")
    kinds = {_kind(value) for value in column.unique()}
    if len(kinds) > 1:
        problem = f"the names of the series in column {name!r} are of mixed types: {listed(sorted(kinds))}."
        raise InvalidValue(where, problem, f"Use table[{name!r}].astype(str).", "series")


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
