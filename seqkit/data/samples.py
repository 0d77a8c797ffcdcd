"""CSV to labelled samples: one text in each row, or series with one row for each timestep."""

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
    """Samples of a classifier, with labels."""

    x: list[str] | list[np.ndarray]  # texts, or series (T_i, F)
    y: pd.Series | None  # the label of each sample
    names: pd.Index  # the row number of each text, the name of each series
    features: list[str]  # names of a series' features; empty for texts


def read_texts(
    path: str | os.PathLike[str],
    *,
    text: str,
    label: str | None = None,
    encoding: str | None = None,
    separator: str | None = None,
) -> Samples:
    """Read a CSV with one text in each row.

    Args:
        path: the file. Its encoding and separator are recognised as by `read_csv`, or refused with a message.
        text: the column of the texts; an empty cell is the empty text.
        label: the column of the classes, if there is one.
        encoding: the encoding, where it is neither UTF-8 nor GB18030.
        separator: the character between columns.

    Returns:
        `Samples`: the texts, and their labels as strings, indexed from 0.

    Raises:
        OSError, ValueError: no such file or column, no rows, a row without a label.
    """
    cells = read_cells(path, encoding=encoding, separator=separator, where="read_texts")
    _refuse_unknown_columns(cells, [text, *([label] if label else [])])
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
    """Read a CSV of series in long form: one row for each timestep of each series.

    Args:
        path: the file. Its encoding, separator and decimal mark are recognised as by `read_csv`, or refused with a
            message.
        series: the column with the name of the series of each row.
        time: the column that sorts the timesteps: numbers, or time stamps that sort as text (2024-01-31). By default
            the rows keep their order.
        label: the column of the classes, if there is one; all rows of a series have the same class.
        features: the columns of numbers; by default all other columns.
        encoding: the encoding, where it is neither UTF-8 nor GB18030.
        separator: the character between columns.
        decimal: the decimal mark, `"."` or `","`, where the file does not show it.

    Returns:
        `Samples`: arrays `[T_i, F]`, their labels as strings indexed by the name of the series, and the features.

    Raises:
        OSError, ValueError: no such file or column, a cell that is not a number, a table that `take_sequences` refuses.
    """
    cells = read_cells(path, encoding=encoding, separator=separator, where="read_sequences")
    keys = [name for name in (series, time, label) if name is not None]
    features = [str(name) for name in cells.texts.columns if name not in keys] if features is None else list(features)
    _refuse_unknown_columns(cells, [*keys, *features])
    if label is not None:
        _labels(cells, label)
    table = to_numbers(cells, features, decimal, named_in="features")
    table[keys] = cells.texts[keys]
    if time is not None:
        table[time] = _sortable(table[time])
    sequences = take_sequences(table, series=series, time=time, label=label, features=features)
    names = pd.Index(table[series].unique(), name=series)
    return Samples(sequences.values, sequences.labels, names, sequences.features)


def _refuse_unknown_columns(cells: Cells, names: Sequence[str]) -> None:
    require_columns(cells.where, "column", names, list(cells.texts.columns))


def _labels(cells: Cells, label: str) -> pd.Series:
    labels = cells.texts[label]
    if labels.isna().any():
        row = int(labels.isna().to_numpy().argmax())
        raise InvalidValue(
            cells.where,
            f"{int(labels.isna().sum())} rows have no label in column {label!r}, the first in line {cells.lines[row]}.",
            "Label these rows, or leave them out.",
            argument="label",
        )
    return labels.astype(object)


def _sortable(times: pd.Series) -> pd.Series:
    numbers = pd.to_numeric(times, errors="coerce")
    return times if numbers.isna().any() else numbers
