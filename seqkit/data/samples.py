"""CSV to labelled samples: a text a row, or series with a row for each step."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from seqkit._checks import require_columns
from seqkit._errors import InvalidValue
from seqkit.data.cells import Cells, read_cells
from seqkit.data.numbers import to_numbers
from seqkit.data.sequences import take_sequences


class Samples(NamedTuple):
    """What a classifier trains on."""

    x: list[str] | list[np.ndarray]  # texts, or series (T_i, F)
    y: pd.Series | None  # the label of each
    names: pd.Index  # the row of each text, the name of each series
    features: list[str]  # of a series; empty for texts


def read_texts(
    path: str | os.PathLike[str],
    *,
    text: str,
    label: str | None = None,
    encoding: str | None = None,
    separator: str | None = None,
) -> Samples:
    """Read a CSV with a text in each row.

    Args:
        path: the file; encoding and separator are recognised as by `read_csv`, or refused in words.
        text: the column of the texts; an empty cell is the empty text.
        label: the column of the classes, if there is one.
        encoding: where it is neither UTF-8 nor GB18030.
        separator: between columns.

    Returns:
        `Samples`: the texts, and their labels as strings, indexed from 0.

    Raises:
        OSError, ValueError: no such file or column, no rows, a row without a label.
    """
    cells = read_cells(path, encoding=encoding, separator=separator, where="read_texts")
    _refuse_unknown(cells, [text, *([label] if label else [])])
    labels = None if label is None else _labels(cells, label)
    rows = pd.RangeIndex(len(cells.texts), name="row")
    return Samples(cells.texts[text].fillna("").astype(str).tolist(), labels, rows, [])


def read_sequences(
    path: str | os.PathLike[str],
    *,
    series: str,
    time: str | None = None,
    label: str | None = None,
    features: Sequence[str] | None = None,
    encoding: str | None = None,
    separator: str | None = None,
    decimal: str | None = None,
) -> Samples:
    """Read a CSV of series in long form: a row for each step of each series.

    Args:
        path: the file; encoding, separator and decimal mark are recognised as by `read_csv`, or refused in words.
        series: the column that names the series a row belongs to.
        time: the column to sort its steps by, numbers or time stamps that sort as text (2024-01-31); the order of the
            rows by default.
        label: the column of the classes, if there is one; the same in all rows of a series.
        features: the columns of numbers; every other column by default.
        encoding: where it is neither UTF-8 nor GB18030.
        separator: between columns.
        decimal: the decimal mark, `"."` or `","`, where the file does not show it.

    Returns:
        `Samples`: arrays `[T_i, F]`, their labels as strings indexed by the name of the series, and the features.

    Raises:
        OSError, ValueError: no such file or column, a cell that is no number, what `take_sequences` refuses.
    """
    cells = read_cells(path, encoding=encoding, separator=separator, where="read_sequences")
    named = [name for name in (series, time, label) if name is not None]
    chosen = [str(name) for name in cells.texts.columns if name not in named] if features is None else list(features)
    _refuse_unknown(cells, [*named, *chosen])
    if label is not None:
        _labels(cells, label)
    table = to_numbers(cells, chosen, decimal, named_in="features")
    table[named] = cells.texts[named]
    if time is not None:
        table[time] = _sortable(table[time])
    found = take_sequences(table, series=series, time=time, label=label, features=chosen)
    names = pd.Index(table[series].unique(), name=series)
    return Samples(found.values, found.labels, names, found.features)


def _refuse_unknown(cells: Cells, names: Sequence[str]) -> None:
    require_columns(cells.where, "column", names, list(cells.texts.columns))


def _labels(cells: Cells, label: str) -> pd.Series:
    labels = cells.texts[label]
    if labels.isna().any():
        row = int(labels.isna().to_numpy().argmax())
        raise InvalidValue(
            cells.where,
            f"{int(labels.isna().sum())} rows have no label in column {label!r}, the first in line {cells.lines[row]}.",
            "Label them, or leave them out.",
        )
    return labels.astype(object)


def _sortable(times: pd.Series) -> pd.Series:
    numbers = pd.to_numeric(times, errors="coerce")
    return times if numbers.isna().any() else numbers
