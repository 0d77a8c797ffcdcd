"""The numbers and stamps of all figures of a page: each column is written once, and figures refer to it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from seqkit.data.own_stamps import own_stamps

SIGNIFICANT_DIGITS = 6
LARGEST_WHOLE = 2**53  # that JavaScript keeps exactly


class Columns:
    """The columns of a page; `keep` returns what a figure holds in the place of a column.

    `{"@": 3}` is the column 3, `{"@": 3, "from": 24, "to": 36}` its rows 24 to 35; `page.js` puts the values there.
    """

    def __init__(self) -> None:
        """Begin without any."""
        self.written: list[list[Any]] = []
        self._positions: dict[tuple[Any, ...], int] = {}

    def keep(self, values: list[Any]) -> dict[str, int]:
        """Write a column, unless the same is written already."""
        key = tuple(values)
        if key not in self._positions:
            self._positions[key] = len(self.written)
            self.written.append(values)
        return {"@": self._positions[key]}

    def numbers(self, values: Any) -> dict[str, int]:
        """Write numbers."""
        return self.keep(rounded(values))


class Clock:
    """The time axis that all figures of a page share: for the axis ISO stamps, for the reader those of the data."""

    def __init__(self, columns: Columns, tables: list[pd.DataFrame], timezone: str | None = None) -> None:
        """Write all stamps of the tables, in the format of the first."""
        first, *others = (table.index.get_level_values(-1) for table in tables)
        self._index = pd.DatetimeIndex(first.append(others).unique()).sort_values()
        stamps = pd.DataFrame(index=self._index)
        stamps.attrs = dict(tables[0].attrs)
        self.own = own_stamps(stamps, timezone)
        self._timezone = timezone
        self._iso = columns.keep(iso_stamps(self._index, timezone))
        self._own = columns.keep(self.own)

    def axis(self, index: pd.Index) -> dict[str, Any]:
        """`x` and `text` of a trace with these rows."""
        rows = self._rows(index)
        return {"x": {**self._iso, **rows}, "text": {**self._own, **rows}}

    def written(self, index: pd.Index) -> list[str]:
        """The stamps of these rows, as the data write them."""
        return [self.own[at] for at in self._index.get_indexer(pd.DatetimeIndex(index))]

    def x(self, stamp: Any) -> str:
        """The place of a stamp on the axis."""
        return iso_stamps(pd.DatetimeIndex([stamp]), self._timezone)[0]

    def _rows(self, index: pd.Index) -> dict[str, Any]:
        at = self._index.get_indexer(pd.DatetimeIndex(index))
        if len(at) and (np.diff(at) == 1).all():
            return {"from": int(at[0]), "to": int(at[-1]) + 1}
        return {"rows": at.tolist()}


def iso_stamps(index: pd.DatetimeIndex, timezone: str | None) -> list[str]:
    """Stamps as a time axis of Plotly takes them: what the clock on the wall says, without an offset from UTC."""
    if index.tz is not None:
        index = (index if timezone is None else index.tz_convert(timezone)).tz_localize(None)
    if (index == index.normalize()).all():
        return index.strftime("%Y-%m-%d").tolist()
    whole_seconds = not (index.microsecond.any() or index.nanosecond.any())
    return index.strftime("%Y-%m-%d %H:%M:%S" if whole_seconds else "%Y-%m-%d %H:%M:%S.%f").tolist()


def rounded(values: Any) -> list[float | int | None]:
    """Numbers with six significant digits, whole numbers with all of theirs; None where there is no value."""
    return [_rounded(value) for value in np.asarray(values, "float64").tolist()]


def _rounded(value: float) -> float | int | None:
    if not np.isfinite(value):
        return None
    if value == int(value) and abs(value) < LARGEST_WHOLE:
        return int(value)
    return float(f"{value:.{SIGNIFICANT_DIGITS}g}")


def as_text(value: Any, digits: int = SIGNIFICANT_DIGITS) -> str:
    """A number for a reader, with so many significant digits, and without an exponent where it needs none."""
    number = _rounded(float(value))
    if number is None:
        return ""
    if isinstance(number, int):
        return str(number)
    size = abs(number)
    if 1e-4 <= size < 1e9:
        decimals = max(0, digits - 1 - int(np.floor(np.log10(size))))
        return f"{number:.{decimals}f}".rstrip("0").rstrip(".") if decimals else f"{number:.0f}"
    return f"{number:.{digits}g}"


def evenly(values: np.ndarray) -> list[list[str]]:
    """The rows of a table of numbers in one unit, all with the decimals that its largest number needs."""
    largest = float(np.nanmax(np.abs(values))) if np.isfinite(values).any() else 0.0
    if not 1e-4 <= largest < 1e9:
        return [[as_text(value) for value in row] for row in values]
    decimals = max(0, SIGNIFICANT_DIGITS - 1 - int(np.floor(np.log10(largest))))
    return [["" if np.isnan(value) else f"{value:.{decimals}f}" for value in row] for row in values]
