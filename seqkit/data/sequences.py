"""Sequences of any length, taken from a table in long form.

Shapes: T_i timesteps of sequence i, F features.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from seqkit import _checks
from seqkit._errors import InvalidType, InvalidValue, SeqkitWarning, keywords, warn
from seqkit._shown import shown_shortly
from seqkit.data.float32 import in_float32
from seqkit.data.frames import as_pandas
from seqkit.data.step_order import order_of_steps

LEAST_SHARE_OF_REGULAR_STEPS = 0.9

LARGEST_FLOAT32 = float(np.finfo("float32").max)


@shown_shortly
class Sequences(NamedTuple):
    """The sequences of a table, their labels and their features.

    Example:
        >>> import pandas as pd
        >>> import seqkit as sk
        >>> long = pd.DataFrame({"who": ["b", "b", "a"], "x": [1.0, 2.0, 3.0], "is": ["old", "old", "new"]})
        >>> found = sk.take_sequences(long, series="who", label="is")
        >>> found.values[0].tolist(), found.labels.to_dict(), found.features
        ([[1.0], [2.0]], {'b': 'old', 'a': 'new'}, ['x'])
    """

    values: list[np.ndarray]  # (T_i, F) each
    labels: pd.Series | None  # the label of each sequence, indexed by the sequence's name
    features: list[str]  # in the order of the last axis


def take_sequences(
    table: pd.DataFrame,
    *,
    series: str,
    time: str | None = None,
    label: str | None = None,
    features: Sequence[str] | None = None,
) -> Sequences:
    """Take sequences from a table in long form, with one row for each timestep.

    Args:
        table: one row for each timestep of each sequence; a DataFrame of pandas, polars, pyarrow or another library.
        series: the column with the name of the sequence of each row.
        time: the column that sorts the timesteps of a sequence: numbers, codes such as t10, clocks, or dates of any
            form that `read_csv` reads; by default the rows keep their order.
        label: the column with the class; all rows of a sequence have the same class.
        features: the columns of numbers; by default all other columns.

    Returns:
        `Sequences`: a list of arrays `[T_i, F]`, their labels, and the names of the features.

    Raises:
        ValueError: unknown columns, text or infinite values in a feature, two rows of a sequence at one time,
            a sequence with two labels.

    Example:
        >>> long = pd.DataFrame({"who": ["b", "b", "a"], "x": [1.0, 2.0, 3.0], "is": ["old", "old", "new"]})
        >>> sequences = take_sequences(long, series="who", label="is")
        >>> [values.shape for values in sequences.values], list(sequences.labels)
        ([(2, 1), (1, 1)], ['old', 'new'])
    """
    where = "take_sequences"
    table = as_pandas(table)
    if not isinstance(table, pd.DataFrame):
        raise InvalidType(where, f"a DataFrame with a row for each step is needed, got {type(table).__name__}.")
    if not len(table):
        raise InvalidValue(where, "the table has no rows.", "Pass a table with a row for each step.")
    keys = _checks.require_columns(
        where, "column", [series, *(name for name in (time, label) if name is not None)], table.columns
    )
    chosen = [name for name in table.columns if name not in keys] if features is None else features
    chosen = _checks.require_columns(where, "column", chosen, table.columns)
    if not chosen:
        problem = "no column is left for the features."
        raise InvalidValue(where, problem, "Name one or more in " + keywords(features=...) + ".", "features")
    _refuse_features(where, table, chosen)
    if table[series].isna().any():
        raise InvalidValue(where, f"{int(table[series].isna().sum())} rows name no sequence in column {series!r}.")
    order = list(table[series].unique())
    if time is not None:
        _refuse_missing_times(where, table, series, time)
        written = table[time]
        table = table.assign(**{time: order_of_steps(where, str(time), written)})
        _refuse_doubles(where, table, series, time, written)
        table = table.sort_values(time, kind="stable")
        _warn_of_gaps(where, table, series, time)
    values = _split_rows(in_float32(table[chosen].to_numpy("float64")), pd.Index(order).get_indexer(table[series]))
    groups = table.groupby(series, sort=False, observed=True)
    return Sequences(values, _labels(where, groups, order, label), [str(name) for name in chosen])


def _split_rows(rows: np.ndarray, numbers: np.ndarray) -> list[np.ndarray]:
    """Split rows by the sequence number of each row; the rows of a sequence keep their order."""
    ends = np.cumsum(np.bincount(numbers))
    return np.split(rows[np.argsort(numbers, kind="stable")], ends[:-1])


def _refuse_features(where: str, table: pd.DataFrame, features: Sequence[str]) -> None:
    for name in features:
        if table[name].dtype.kind not in "fiub":
            raise InvalidValue(
                where,
                f"column {name!r} holds {table[name].dtype}, numbers are needed.",
                "Name the features in " + keywords(features=...) + ".",
                argument="features",
            )
        if (np.abs(table[name].to_numpy("float64")) > LARGEST_FLOAT32).any():
            problem = f"column {name!r} has a value that is infinite or too large for float32."
            raise InvalidValue(where, problem, "Set it to NaN, or leave the row out.")


def _refuse_missing_times(where: str, table: pd.DataFrame, series: str, time: str) -> None:
    is_missing = table[time].isna()
    if is_missing.any():
        raise InvalidValue(
            where,
            f"{int(is_missing.sum())} rows have no time in column {time!r}, the first of sequence "
            f"{_plain(table[series][is_missing].iloc[0])!r}.",
            "Fill in the time, or leave these rows out.",
            argument="time",
        )


def _refuse_doubles(where: str, table: pd.DataFrame, series: str, time: str, written: pd.Series) -> None:
    is_duplicate = table.duplicated([series, time])
    if is_duplicate.any():
        row = int(np.argmax(is_duplicate))
        name, at = _plain(table[series].iloc[row]), _plain(written.iloc[row])
        problem = f"sequence {name!r} has two rows at {time} {at!r}."
        raise InvalidValue(where, problem, "Keep one of them.")


def _warn_of_gaps(where: str, table: pd.DataFrame, series: str, time: str) -> None:
    """Warn where a step is missing in a sequence, and nearly all steps of all sequences are equally far apart."""
    if not (pd.api.types.is_numeric_dtype(table[time]) or pd.api.types.is_datetime64_any_dtype(table[time])):
        return
    table = table.reset_index(drop=True)
    steps = table.groupby(series, sort=False, observed=True)[time].diff()
    known = steps.dropna()
    if known.empty:
        return
    common = known.mode()[0]
    gaps = known[known > 1.5 * common]
    if not len(gaps) or (known == common).mean() < LEAST_SHARE_OF_REGULAR_STEPS:
        return
    first = gaps.index[0]
    name, end = _plain(table.loc[first, series]), table.loc[first, time]
    count = table.loc[gaps.index, series].nunique()
    start, end = (
        f"{at:g}" if isinstance(at, (int, float)) else str(at) for at in map(_plain, (end - steps[first], end))
    )
    problem = f"sequence {name!r} has no row between {time} {start} and {end}"
    problem += f"; {count} sequences have such gaps." if count > 1 else "."
    warn(SeqkitWarning(where, problem, "Its steps count as neighbours; add the missing ones with empty values."))


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def _labels(where: str, groups: Any, order: list[Any], label: str | None) -> pd.Series | None:
    if label is None:
        return None
    counts = groups[label].nunique(dropna=False)
    if (counts > 1).any():
        problem = f"sequence {_plain(counts.idxmax())!r} has {counts.max()} labels in column {label!r}."
        raise InvalidValue(where, problem, "Give it one.", argument="label")
    return groups[label].first().loc[order]
