"""CSV to labelled samples: one text in each row, or series with one row for each timestep."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from seqkit._checks import require_columns
from seqkit._errors import InvalidValue, keywords
from seqkit._shown import shown_shortly
from seqkit.data.cells import Cells, read_cells
from seqkit.data.columns import columns_of_numbers
from seqkit.data.labels import warn_of_twins
from seqkit.data.numbers import is_empty, to_numbers
from seqkit.data.sequences import take_sequences
from seqkit.data.sources import Origin
from seqkit.data.wide import WideTable, read_wide_cells, require_wide, wide_table, wide_values


@shown_shortly
class Samples(NamedTuple):
    r"""Samples of a classifier, with labels.

    Example:
        >>> import io
        >>> import seqkit as sk
        >>> samples = sk.read_texts(io.StringIO("text,stars\nso good,5\nbad,1\n"), text="text", label="stars")
        >>> samples.x, samples.y.tolist(), samples.features
        (['so good', 'bad'], ['5', '1'], [])
    """

    x: list[str] | list[np.ndarray]  # texts, or series (T_i, F)
    y: pd.Series | None  # the label of each sample
    names: pd.Index  # the row number of each text, the name of each series
    features: list[str]  # names of a series' features; empty for texts


def read_texts(
    path: Origin,
    *,
    text: str,
    label: str | None = None,
    encoding: str | None = None,
    separator: str | None = None,
    sheet: str | None = None,
) -> Samples:
    r"""Read a CSV with one text in each row.

    Args:
        path: the file, or an open one, in the forms of `read_csv`. Its encoding and separator are recognised as
            there, or refused with a message.
        text: the column of the texts, as the file has them; an empty cell is the empty text.
        label: the column of the classes, if there is one.
        encoding: the encoding, where it is neither UTF-8 nor GB18030.
        separator: the character between columns.
        sheet: the sheet of an Excel file; the first one if None.

    Returns:
        `Samples`: the texts, and their labels as strings, indexed from 0.

    Raises:
        OSError, ValueError: no such file or column, no rows, a row without a label.

    Example:
        >>> import io
        >>> import seqkit as sk
        >>> samples = sk.read_texts(io.StringIO("text,stars\nso good,5\nbad,1\n"), text="text", label="stars")
        >>> samples.x, samples.y.tolist()
        (['so good', 'bad'], ['5', '1'])
    """
    cells = read_cells(path, encoding=encoding, separator=separator, sheet=sheet, where="read_texts")
    _refuse_unknown_columns(cells, [text, *([] if label is None else [label])])
    labels = None if label is None else _labels(cells, label)
    rows = pd.RangeIndex(len(cells.texts), name="row")
    return Samples(cells.raw[text].tolist(), labels, rows, [])


def read_sequences(
    path: Origin,
    *,
    series: str | None = None,
    time: str | None = None,
    label: str | None = None,
    features: Sequence[str] | None = None,
    encoding: str | None = None,
    separator: str | None = None,
    decimal: str | None = None,
    sheet: str | None = None,
) -> Samples:
    r"""Read a CSV of series: in long form, a row for each timestep; in wide form, a row for each series.

    In wide form the columns are the timesteps: numbered (t0, t1, ...), time stamps, or all but the label of a file
    without a header, as in the UCR archive. Without `series`, the form is wide; also where `series` names each row
    once and the other columns are numbered.

    Args:
        path: the file, or an open one, in the forms of `read_csv`. Its encoding, separator and decimal mark are
            recognised as there, or refused with a message.
        series: the column with the name of the series of each row; None in wide form.
        time: the column that sorts the timesteps: numbers, or time stamps that sort as text (2024-01-31). By default
            the rows keep their order.
        label: the column of the classes, if there is one; all rows of a series have the same class. In wide form
            "auto" finds it, by its name or as the first or last column.
        features: the columns of numbers; by default all other columns.
        encoding: the encoding, where it is neither UTF-8 nor GB18030.
        separator: the character between columns.
        decimal: the decimal mark, `"."` or `","`, where the file does not show it.
        sheet: the sheet of an Excel file; the first one if None.

    Returns:
        `Samples`: arrays `[T_i, F]`, their labels as strings indexed by the name of the series, and the features.

    Raises:
        OSError, ValueError: no such file or column, a cell that is not a number, a table that `take_sequences` refuses.

    Example:
        >>> import io
        >>> import seqkit as sk
        >>> rows = "who,step,x,is\na,1,0.5,old\na,2,0.6,old\nb,1,0.1,new\n"
        >>> samples = sk.read_sequences(io.StringIO(rows), series="who", time="step", label="is")
        >>> [values.shape for values in samples.x], samples.y.tolist(), samples.features
        ([(2, 1), (1, 1)], ['old', 'new'], ['x'])
    """
    where = "read_sequences"
    if series is None:
        cells = read_wide_cells(path, encoding=encoding, separator=separator, sheet=sheet, where=where)
        return _wide_samples(cells, require_wide(cells, label), decimal)
    cells = read_cells(path, encoding=encoding, separator=separator, sheet=sheet, where=where)
    wide = _wide_in_long(cells, series, time, label, features)
    if wide is not None:
        return _wide_samples(cells, wide, decimal)
    keys = [name for name in (series, time, label) if name is not None]
    _refuse_unknown_columns(cells, [*keys, *(features or [])])
    if features is None:
        features = columns_of_numbers(cells, [name for name in cells.texts.columns if name not in keys])
    if not features:
        way_out = "Name one or more in " + keywords(features=...) + "."
        raise InvalidValue(cells.where, "no column is left for the features.", way_out, "features")
    table = to_numbers(cells, list(features), decimal, named_in="features")
    table[series] = _names(cells, series)
    if label is not None:
        table[label] = _labels(cells, label)
    if time is not None:
        table[time] = _sortable(cells.texts[time])
    sequences = take_sequences(table, series=series, time=time, label=label, features=features)
    names = pd.Index(table[series].unique(), name=series)
    warn_of_twins(cells.where, "series", names)
    return Samples(sequences.values, sequences.labels, names, sequences.features)


def _wide_in_long(
    cells: Cells, series: str, time: str | None, label: str | None, features: Sequence[str] | None
) -> WideTable | None:
    """The wide table, where each row is a series although the columns are named as those of a long one; or None."""
    keys = [name for name in (series, label) if name is not None]
    columns = list(cells.texts.columns)
    is_row_each = all(key in columns for key in keys) and len(cells.texts) > 1 and cells.texts[series].is_unique
    return wide_table(cells, label, series) if is_row_each and time is None and features is None else None


def _wide_samples(cells: Cells, table: WideTable, decimal: str | None) -> Samples:
    columns = [name for step in table.steps for name in step]
    has_values = [name for name in columns if not is_empty(cells, name)]  # the last steps of the longest series
    numbers = to_numbers(cells, has_values, decimal, named_in="features").reindex(columns=columns)
    named = pd.RangeIndex(len(numbers), name="row") if table.names is None else pd.Index(_names(cells, table.names))
    labels = None if table.label is None else _labels(cells, table.label).set_axis(named)
    return Samples(wide_values(numbers, table), labels, named, table.features)


def _refuse_unknown_columns(cells: Cells, names: Sequence[str]) -> None:
    require_columns(cells.where, "column", names, cells.texts.columns)


def _labels(cells: Cells, label: str) -> pd.Series:
    labels = _names(cells, label)
    if labels.isna().any():
        row = int(labels.isna().to_numpy().argmax())
        raise InvalidValue(
            cells.where,
            f"{int(labels.isna().sum())} rows have no label in column {label!r}, the first in line {cells.lines[row]}.",
            "Label these rows, or leave them out.",
            argument="label",
        )
    return labels.astype(object)


def _names(cells: Cells, column: str) -> pd.Series:
    """The names or labels of a column without blanks at their ends; only an empty cell is missing, not NA or None."""
    names = cells.raw[column].str.strip().astype("str")
    return names.mask(names == "")


def _sortable(times: pd.Series) -> pd.Series:
    numbers = pd.to_numeric(times, errors="coerce")
    return times if numbers.isna().any() else numbers
