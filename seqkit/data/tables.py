"""CSV to table: a regular time index, float columns, gaps as NaN; and the split by time."""

from __future__ import annotations

import os
import warnings
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from pandas.tseries.offsets import BaseOffset

from seqkit._checks import listed, require_columns, whole_number
from seqkit._errors import InvalidValue, SeqkitWarning, keywords
from seqkit.data.cells import Cells, read_cells
from seqkit.data.grid import localised, offset_of, regular_grid, warn_of_gaps
from seqkit.data.numbers import to_numbers
from seqkit.data.regular import require_regular
from seqkit.data.stamps import as_list, read_stamps, time_columns

__all__ = ["Split", "read_csv", "require_regular", "split"]


class Split(NamedTuple):
    """Three tables in the order of time. `attrs["targets_from"]` is the first row that is a part's own."""

    train: pd.DataFrame  # (rows, columns)
    validation: pd.DataFrame  # (context + rows, columns), the first `context` rows are input only
    test: pd.DataFrame  # (context + rows, columns), the first `context` rows are input only


def read_csv(
    path: str | os.PathLike[str],
    *,
    time: str | Sequence[str] | None = "auto",
    columns: str | Sequence[str] | None = None,
    freq: str | BaseOffset | None = None,
    start: str | pd.Timestamp = "2000-01-01",
    timezone: str | None = None,
    time_format: str | None = None,
    encoding: str | None = None,
    separator: str | None = None,
    decimal: str | None = None,
) -> pd.DataFrame:
    r"""Read a CSV of one time series, or several columns of it, onto a regular time index.

    What can be told from the file is recognised; what cannot is refused, with the argument that says it. Rows
    that are missing on the grid become NaN, with one warning that names them; nothing is filled.

    Args:
        path: The file. Its first line holds the column names.
        time: "auto" (the only column that reads as time, or columns named year, month, day, hour), a column,
            a list of columns (year, month, ... or date and clock), or None: no time column, count the rows.
        columns: The value columns, a name or a list; every column but the time if None.
        freq: The step as a pandas frequency ("MS", "W-SAT", "30min"); told from the stamps if None.
        start: With `time=None`, the stamp of the first row.
        timezone: The zone of local stamps with summer time, as "Europe/Berlin". The index is then in UTC.
        time_format: The form of the stamps as for strptime, where several fit ("%d/%m/%Y").
        encoding: UTF-8 and GB18030 are recognised; name any other.
        separator: Comma, semicolon, tab and bar are recognised; name any other single character.
        decimal: The decimal mark, "." or ",", where the file does not show which it is.

    Returns:
        A float64 table `(rows, columns)` in the file's units. Its index ascends, has a `freq`, and is named
        after the time column ("time" if there is no single one). `attrs["time_format"]` is the form of the
        file's own stamps, as for strftime, where writing with it gives the same text.

    Raises:
        ValueError: The file is no such table; the message names file, line and column and the way out.
        FileNotFoundError, IsADirectoryError: There is no such file.

    Example:
        >>> import pathlib, tempfile
        >>> path = pathlib.Path(tempfile.mkdtemp()) / "sales.csv"
        >>> _ = path.write_text("month,sales\n2024-01,3\n2024-02,5\n")
        >>> read_csv(path).index.freqstr
        'MS'
    """
    cells = read_cells(path, encoding=encoding, separator=separator)
    if len(cells.texts) < 2:
        raise InvalidValue(cells.where, "2 rows or more are needed to see a step in time, got 1.", "Add rows.")
    chosen = [] if columns is None else as_list(cells.where, "columns", columns)
    time_names = [] if time is None else time_columns(cells, time, time_format, chosen)
    names = _value_columns(cells, chosen, time_names)
    if time is None:
        return _counted_off(cells, to_numbers(cells, names, decimal), freq, start)
    read = read_stamps(cells, time_names, time_format)
    index = localised(cells.where, read.stamps, timezone) if timezone is not None else read.stamps
    values = to_numbers(cells, names, decimal).set_axis(index)
    frame = _on_grid(cells, values, freq).rename_axis(time_names[0] if len(time_names) == 1 else "time")
    if read.time_format is not None and timezone is None:
        frame.attrs["time_format"] = read.time_format
    return frame


def _value_columns(cells: Cells, chosen: list[str], time_names: list[str]) -> list[str]:
    others = [str(name) for name in cells.texts.columns if name not in time_names]
    if not others:
        raise InvalidValue(
            cells.where,
            f"{listed(time_names)} is the time and there is no other column.",
            f"Was another separator meant? It was read with {cells.separator!r}: pass " + keywords(separator=...) + ".",
        )
    if chosen:
        return require_columns(cells.where, "column", chosen, others)
    counters = [name for name in others if _counts_rows(cells, name)]
    if counters and len(others) > 1:
        warnings.warn(
            SeqkitWarning(
                cells.where,
                f"the unnamed column {counters[0]!r} only counts the rows and is left out.",
                "Name it in the header to keep it.",
            ),
            stacklevel=3,
        )
        others.remove(counters[0])
    return others


def _counts_rows(cells: Cells, name: str) -> bool:
    """Whether a column is what `DataFrame.to_csv` writes for an index: no name, and 0, 1, 2 ..."""
    texts = cells.texts[name]
    is_unnamed = name == f"column {1 + list(cells.texts.columns).index(name)}"
    return is_unnamed and any(list(texts) == [str(first + row) for row in range(len(texts))] for first in (0, 1))


def _counted_off(
    cells: Cells, values: pd.DataFrame, freq: str | BaseOffset | None, start: str | pd.Timestamp
) -> pd.DataFrame:
    if freq is None:
        raise InvalidValue(
            cells.where,
            keywords(time=None) + " needs the step of the rows.",
            "Pass " + keywords(freq="MS") + ', "D", "h" or "30min".',
            argument="freq",
        )
    offset = offset_of(cells.where, freq)
    try:
        index = pd.date_range(start, periods=len(values), freq=offset, name="time")
    except (ValueError, TypeError) as error:
        raise InvalidValue(
            cells.where, keywords(start=start) + f" is not a time stamp ({error}).", "Write it as 2000-01-31.", "start"
        ) from None
    return values.set_axis(index)


def _on_grid(cells: Cells, values: pd.DataFrame, freq: str | BaseOffset | None) -> pd.DataFrame:
    order = np.argsort(pd.DatetimeIndex(values.index).asi8, kind="stable")
    values = values.iloc[order]
    stamps = pd.DatetimeIndex(values.index)
    grid = regular_grid(cells.where, stamps, cells.lines[order], freq)
    warn_of_gaps(cells.where, grid.difference(stamps), str(grid.freqstr), stacklevel=3)
    return values.reindex(grid)


def split(frame: pd.DataFrame, *, validation: int, test: int, context: int = 0) -> Split:
    """Split a table by time: first the training rows, then the validation rows, last the test rows.

    No row is a target in two parts. Validation and test begin `context` rows early, so that their first own
    row can be forecast; those rows are input only: `attrs["targets_from"]` holds the first own stamp.

    Args:
        frame: A table with a regular time index, as from `read_csv`.
        validation: Rows to choose by (may be 0).
        test: Rows to judge by, the last ones (may be 0).
        context: Rows of the past that validation and test are given besides: the model's timesteps.

    Returns:
        `Split(train, validation, test)`; a part of 0 rows is an empty table.

    Raises:
        ValueError: There are fewer rows than the parts and the context need.

    Example:
        >>> index = pd.date_range("2024", periods=10, freq="D")
        >>> parts = split(pd.DataFrame({"sales": range(10)}, index), validation=3, test=2, context=4)
        >>> [len(part) for part in parts]
        [5, 7, 6]
    """
    frame = require_regular(frame, "split")
    validation = whole_number("split", "validation", validation, least=0)
    test = whole_number("split", "test", test, least=0)
    context = whole_number("split", "context", context, least=0)
    needed = validation + test + max(context, 1)
    if len(frame) < needed:
        first = f"context={context}" if context else "1 row to train on"
        raise InvalidValue(
            "split",
            f"validation={validation}, test={test} and {first} need {needed} rows or more, got {len(frame)}.",
            "Shorten one of them, or pass more rows.",
        )
    test_from = len(frame) - test
    train_rows = test_from - validation
    return Split(
        frame.iloc[:train_rows],
        _part(frame, train_rows, test_from, context),
        _part(frame, test_from, len(frame), context),
    )


def _part(frame: pd.DataFrame, first: int, last: int, context: int) -> pd.DataFrame:
    if first == last:
        return frame.iloc[:0]
    part = frame.iloc[first - context : last]
    part.attrs = {**frame.attrs, "targets_from": frame.index[first]}
    return part
