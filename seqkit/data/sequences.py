"""Sequences of any length, taken out of a long table.

Shapes: T_i steps of sequence i, F features.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from seqkit import _checks
from seqkit._errors import InvalidType, InvalidValue, keywords

LARGEST = float(np.finfo("float32").max)


class Sequences(NamedTuple):
    """What `take_sequences` took from a long table; the three go together."""

    values: list[np.ndarray]  # (T_i, F) each
    labels: pd.Series | None  # of each sequence, on its name
    features: list[str]  # in the order of the last axis


def take_sequences(
    table: pd.DataFrame,
    *,
    series: str,
    time: str | None = None,
    label: str | None = None,
    features: Sequence[str] | None = None,
) -> Sequences:
    """Take sequences out of a long table, one row a step.

    Args:
        table: a row for each step of each sequence.
        series: the column that names the sequence a row belongs to.
        time: the column to sort the steps of a sequence by; the order of the rows by default.
        label: the column with the class; one and the same in all rows of a sequence.
        features: the columns of numbers; every other column by default.

    Returns:
        `Sequences`: a list of arrays `[T_i, F]`, their labels, and the names of the features.

    Raises:
        ValueError: unknown columns, text or infinite values in a feature, two rows of a sequence at one time,
            a sequence with two labels.

    Example:
        >>> long = pd.DataFrame({"who": ["b", "b", "a"], "x": [1.0, 2.0, 3.0], "is": ["old", "old", "new"]})
        >>> found = take_sequences(long, series="who", label="is")
        >>> [one.shape for one in found.values], list(found.labels)
        ([(2, 1), (1, 1)], ['old', 'new'])
    """
    where = "take_sequences"
    if not isinstance(table, pd.DataFrame):
        raise InvalidType(where, f"a DataFrame with a row for each step is needed, got {type(table).__name__}.")
    if not len(table):
        raise InvalidValue(where, "the table has no rows.", "Pass one with a row for each step.")
    named = [name for name in (series, time, label) if name is not None]
    _checks.require_columns(where, "column", named, table.columns)
    chosen = [name for name in table.columns if name not in named] if features is None else _listed(features)
    _checks.require_columns(where, "column", chosen, table.columns)
    if not chosen:
        raise InvalidValue(
            where,
            "no column is left for the features.",
            "Name one or more in " + keywords(features=...) + ".",
            "features",
        )
    _refuse_text(where, table, chosen)
    if table[series].isna().any():
        raise InvalidValue(where, f"{int(table[series].isna().sum())} rows name no sequence in column {series!r}.")
    order = list(table[series].unique())
    if time is not None:
        _refuse_two_at_once(where, table, series, time)
        table = table.sort_values(time, kind="stable")
    values = _cut(table[chosen].to_numpy("float32"), pd.Index(order).get_indexer(table[series]))
    groups = table.groupby(series, sort=False, observed=True)
    return Sequences(values, _labels(where, groups, order, label), [str(name) for name in chosen])


def _listed(features: Any) -> list[Any]:
    return [features] if isinstance(features, str) else list(features)


def _cut(rows: np.ndarray, numbers: np.ndarray) -> list[np.ndarray]:
    """The rows of each sequence, whose number stands beside each row, in their order."""
    ends = np.cumsum(np.bincount(numbers))
    return np.split(rows[np.argsort(numbers, kind="stable")], ends[:-1])


def _refuse_text(where: str, table: pd.DataFrame, features: Sequence[str]) -> None:
    for name in features:
        if table[name].dtype.kind not in "fiub":
            raise InvalidValue(
                where,
                f"column {name!r} holds {table[name].dtype}, numbers are needed.",
                "Name the features in " + keywords(features=...) + ".",
                argument="features",
            )
        if (np.abs(table[name].to_numpy("float64")) > LARGEST).any():
            raise InvalidValue(
                where,
                f"column {name!r} has a value that is infinite or too large for float32.",
                "Make it NaN, or leave the row out.",
            )


def _refuse_two_at_once(where: str, table: pd.DataFrame, series: str, time: str) -> None:
    unknown = table[time].isna()
    if unknown.any():
        raise InvalidValue(
            where,
            f"{int(unknown.sum())} rows have no time in column {time!r}, the first of sequence "
            f"{_plain(table[series][unknown].iloc[0])!r}.",
            "Fill it in, or leave them out.",
        )
    twice = table.duplicated([series, time])
    if twice.any():
        row = table[twice].iloc[0]
        raise InvalidValue(
            where,
            f"sequence {_plain(row[series])!r} has two rows at {time} {_plain(row[time])!r}.",
            "Keep one of them.",
        )


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def _labels(where: str, groups: Any, order: list[Any], label: str | None) -> pd.Series | None:
    if label is None:
        return None
    kinds = groups[label].nunique(dropna=False)
    if (kinds > 1).any():
        raise InvalidValue(
            where, f"sequence {_plain(kinds.idxmax())!r} has {kinds.max()} labels in column {label!r}.", "Give it one."
        )
    return groups[label].first().loc[order]
