"""How results show themselves: a line for each of their parts, in text and in notebooks, and no dump of arrays."""

from __future__ import annotations

import dataclasses
import html
import textwrap
from collections.abc import Mapping
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from seqkit._errors import listed

Kind = TypeVar("Kind", bound=type)
MOST_LETTERS = 280  # of a part
MOST_NAMES = 8  # of columns, words and classes
MOST_ROWS = MOST_COLUMNS = 6  # of a table that is shown whole
FLOAT = "{:.4g}".format


def shown_shortly(kind: Kind) -> Kind:
    """Give a class of results, a class decorator, `__repr__` and `_repr_html_` with a line for each part.

    The parts are the fields of a NamedTuple or a dataclass, or what the method `_parts` returns by name.
    """
    setattr(kind, "__repr__", as_text)  # noqa: B010
    setattr(kind, "_repr_html_", as_html)  # noqa: B010
    return kind


def as_text(result: Any) -> str:
    """Write the name of the class, and each part on a line; the main table of numbers takes several."""
    parts = {name: _whole(part) if is_main else described(part) for name, part, is_main in _marked_parts(result)}
    width = max(map(len, parts), default=0) + 4
    lines = [f"  {name}".ljust(width) + part.replace("\n", "\n" + " " * width) for name, part in parts.items()]
    return "\n".join([type(result).__name__, *lines])


def as_html(result: Any) -> str:
    """Write the same as HTML, with all text escaped."""
    rows = "".join(
        f'<tr><th style="text-align:left;vertical-align:top">{html.escape(name)}</th>'
        f'<td style="text-align:left">{_html_table(part) if is_main else html.escape(described(part))}</td></tr>'
        for name, part, is_main in _marked_parts(result)
    )
    return f"<div><b>{type(result).__name__}</b><table>{rows}</table></div>"


def described(part: Any) -> str:
    """Describe a value in a line: shape and range of an array, rows and columns of a table, the first of many names."""
    if isinstance(part, np.ndarray):
        return _array(part)
    if isinstance(part, (pd.DataFrame, pd.Series)):
        return _table(part)
    if isinstance(part, Mapping):
        return _cut(", ".join(f"{name} {described(value)}" for name, value in list(part.items())[:MOST_NAMES]))
    if isinstance(part, (list, tuple)) and not hasattr(part, "_fields"):
        return _cut(_several(part))
    return _cut(FLOAT(part) if isinstance(part, float) else part if isinstance(part, str) else repr(part))


def _parts(result: Any) -> dict[str, Any]:
    if hasattr(result, "_parts"):
        return result._parts()
    if dataclasses.is_dataclass(result):
        return {field.name: getattr(result, field.name) for field in dataclasses.fields(result)}
    return result._asdict()


def _marked_parts(result: Any) -> list[tuple[str, Any, bool]]:
    """The name of each part, the part, and whether it is the main table: the first that is small."""
    parts = {name: part for name, part in _parts(result).items() if part is not None}
    main = next((name for name, part in parts.items() if _is_small(part)), None)
    return [(name, part, name == main) for name, part in parts.items()]


def _is_small(part: Any) -> bool:
    """Whether a table of results is small enough to be shown whole; a table of rows in time is never."""
    is_table = isinstance(part, pd.DataFrame) and not isinstance(part.index, pd.DatetimeIndex)
    return is_table and 0 < len(part) <= MOST_ROWS and part.shape[1] <= MOST_COLUMNS


def _whole(table: pd.DataFrame) -> str:
    return table.to_string(float_format=FLOAT, max_colwidth=20)


def _html_table(table: pd.DataFrame) -> str:
    return table.to_html(float_format=FLOAT, border=0)


def _array(array: np.ndarray) -> str:
    shape = f"{array.dtype} {array.shape}"
    if array.dtype.kind not in "fiu" or not np.isfinite(array).any():
        return shape
    known = array[np.isfinite(array)]
    return f"{shape}, {FLOAT(known.min())} to {FLOAT(known.max())}"


def _table(table: pd.DataFrame | pd.Series) -> str:
    rows = f"{len(table)} row{'s' * (len(table) != 1)}"
    if isinstance(table.index, pd.DatetimeIndex) and len(table):
        rows += f", {_stamp(table.index[0])} to {_stamp(table.index[-1])}"
    names = list(table.columns) if isinstance(table, pd.DataFrame) else pd.unique(table).tolist()
    return _cut(f"{rows}: {listed(names, MOST_NAMES)}")


def _stamp(stamp: pd.Timestamp) -> str:
    return str(stamp).removesuffix(" 00:00:00")


def _several(values: list[Any] | tuple[Any, ...]) -> str:
    if values and all(isinstance(value, np.ndarray) for value in values):
        return f"{len(values)} arrays, the first {_array(values[0])}"
    shorter = [textwrap.shorten(value, 40, placeholder="...") if isinstance(value, str) else value for value in values]
    return listed(shorter, MOST_NAMES) if shorter else "none"


def _cut(text: str) -> str:
    return textwrap.shorten(text, MOST_LETTERS, placeholder=" ...")
