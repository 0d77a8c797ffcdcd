"""Values of Parquet and Excel as the texts that a CSV has for them, and rows of texts as a CSV."""

from __future__ import annotations

import csv
import datetime
import decimal
import io
import re
from collections.abc import Callable, Sequence

import numpy as np

Stamp = datetime.datetime  # also pandas' own
THREE_DECIMALS = r"-?\d+\.\d{3}"
LARGEST_WHOLE = 10**15  # floats above it are no counts and no years


def column_texts(values: Sequence[object]) -> list[str]:
    """The values of a column as texts; empty where one is missing.

    Dates are written as 2020-01-31, with the time of day where one of the column has any.
    """
    stamps = [value for value in values if isinstance(value, Stamp) and value == value]  # NaT is none
    written = _stamp_writer(stamps)
    return [_text(value, written) for value in values]


def _text(value: object, written: Callable[[Stamp], str]) -> str:
    if isinstance(value, str):
        return value
    if value is None or value != value:  # NaN and NaT
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, (float, decimal.Decimal)):
        return _number(value)
    if isinstance(value, Stamp):
        return written(value)
    return value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else str(value)


def _number(value: float | decimal.Decimal) -> str:
    """A number that cannot be taken for another one: 1.234, where commas are decimal marks, would be 1234."""
    if -LARGEST_WHOLE < value < LARGEST_WHOLE and value == int(value):
        return str(int(value))
    text = str(value)
    return text + "0" if re.fullmatch(THREE_DECIMALS, text) else text


def _stamp_writer(stamps: Sequence[Stamp]) -> Callable[[Stamp], str]:
    """How to write all stamps of a column in one form that loses nothing."""
    if all(stamp.tzinfo is None and stamp.time() == datetime.time() for stamp in stamps) and not _nanoseconds(stamps):
        return lambda stamp: stamp.date().isoformat()
    unit = "microseconds" if any(stamp.microsecond for stamp in stamps) else "seconds"
    if _nanoseconds(stamps):
        unit = "nanoseconds"
    return lambda stamp: stamp.isoformat(" ", unit)


def _nanoseconds(stamps: Sequence[Stamp]) -> bool:
    return any(getattr(stamp, "nanosecond", 0) for stamp in stamps)


def as_csv(rows: Sequence[Sequence[str]]) -> tuple[str, np.ndarray]:
    """Rows as the text of a CSV with commas, and the line `(rows,)` at which each begins."""
    stream = io.StringIO()
    writer = csv.writer(stream, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerows(rows)
    lines = [1 + sum(cell.count("\n") for cell in row) for row in rows]
    return stream.getvalue(), np.cumsum([1, *lines])[:-1]
