"""Cells to float columns: decimal mark, grouped thousands, and the first cell that is no number."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from seqkit._errors import InvalidValue, MessageText, keywords
from seqkit.data.cells import Cells

GROUPING = {".": ",", ",": "."}  # decimal mark: what then groups thousands
GROUPED = r"[+-]?[1-9]\d{0,2}(?:\.\d{3})+"
SURELY_POINT = r"[+-]?\d+\.(?:\d{1,2}|\d{4,})"


def to_numbers(cells: Cells, names: list[str], decimal: str | None, named_in: str = "columns") -> pd.DataFrame:
    """The columns `names` as float64, or an error naming the first cell that is not a finite number.

    `named_in` is the argument in which the caller has the names, for messages.
    """
    if decimal is not None and decimal not in GROUPING:
        raise InvalidValue(cells.where, f"decimal must be '.' or ',', got {decimal!r}.", argument="decimal")
    for name in names:
        if cells.texts[name].isna().all():
            way_out = "Leave it out by naming the others in " + keywords(**{named_in: ...}) + "."
            raise InvalidValue(cells.where, f"column {name!r} is empty in every row.", way_out, named_in)
    numbers = {name: _plain_numbers(cells.texts[name]) for name in names}
    mark = decimal or "."
    if decimal or cells.separator == ";" or any(_trouble(cells, name, numbers[name]).any() for name in names):
        mark = decimal or _guess_decimal(cells, names)
        numbers = {name: _marked_numbers(cells.texts[name], mark) for name in names}
    usable = [name for name in names if not _trouble(cells, name, numbers[name]).any()]
    for name in names:
        if name not in usable:
            others = ", or take only columns that hold numbers: " + keywords(**{named_in: usable}) if usable else ""
            raise _not_a_number(cells, name, numbers[name], mark, others)
    return pd.DataFrame(numbers, columns=names)


def _plain_numbers(texts: pd.Series) -> pd.Series:
    return pd.to_numeric(texts, errors="coerce").astype("float64")


def _marked_numbers(texts: pd.Series, mark: str) -> pd.Series:
    """Parse one column written with this decimal mark; NaN where a cell is missing or is no number."""
    plain = texts.where(_matches(texts, _pattern(mark)))
    return _plain_numbers(plain.str.replace(GROUPING[mark], "", regex=False).str.replace(mark, ".", regex=False))


def _pattern(mark: str) -> str:
    """A number with this decimal mark, its thousands grouped by the other mark or not at all."""
    decimal, group = re.escape(mark), re.escape(GROUPING[mark])
    whole = rf"(?:[1-9]\d{{0,2}}(?:{group}\d{{3}})+|\d+)"
    return rf"[+-]?(?:{whole}(?:{decimal}\d*)?|{decimal}\d+)(?:[eE][+-]?\d+)?"


def _matches(texts: pd.Series, pattern: str) -> pd.Series:
    return texts.str.fullmatch(pattern, na=False)


def _trouble(cells: Cells, name: str, numbers: pd.Series) -> pd.Series:
    return cells.texts[name].notna() & ~np.isfinite(numbers)


def _guess_decimal(cells: Cells, names: list[str]) -> str:
    """The decimal mark of the whole file: the one that explains the most cells with a comma in them."""
    texts = pd.concat([cells.texts[name].dropna() for name in names])
    commas = texts[texts.str.contains(",", regex=False)]
    points = texts[texts.str.contains(".", regex=False)]
    if commas.empty:
        # Semicolons go with a decimal comma, so in such a file 1.234 may well be 1234.
        if cells.separator == ";" and len(points) and _matches(points, GROUPED).all():
            raise _either_mark(cells, points.iloc[0])
        return "."
    as_comma = int(_matches(commas, _pattern(",")).sum())
    as_point = int(_matches(commas, _pattern(".")).sum())
    if as_comma == as_point > 0 and not _matches(points, SURELY_POINT).any():
        raise _either_mark(cells, commas.iloc[0])
    return "," if as_comma > as_point else "."


def _either_mark(cells: Cells, text: str) -> ValueError:
    return InvalidValue(
        cells.where,
        f"{text!r} may be a decimal number or one with grouped thousands, and no other cell tells.",
        "Say which mark is the decimal one: " + keywords(decimal=".") + " or " + keywords(decimal=",") + ".",
        argument="decimal",
    )


def _not_a_number(cells: Cells, name: str, numbers: pd.Series, mark: str, others: str | MessageText) -> ValueError:
    row = int(np.argmax(_trouble(cells, name, numbers)))
    text = cells.texts[name].iloc[row]
    marked = f" (decimal mark {mark!r})" if re.search(r"\d[.,]", text) else ""
    return InvalidValue(
        cells.where,
        f"line {cells.lines[row]}, column {name!r}: {text!r} is not a finite number{marked}.",
        "Correct the cell, leave it empty if it is missing" + others + ".",
    )
