"""Cells to float columns: decimal mark, grouped thousands, and the first cell that is not a number."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from seqkit._errors import InvalidValue, MessageText, keywords
from seqkit.data.cells import Cells
from seqkit.data.number_spellings import plain_numbers

THOUSANDS_MARKS = {".": ",", ",": "."}  # decimal mark to the mark between groups of three digits
SIGN = "[+\\-\u2212]?"  # U+2212 is the minus sign of typesetting
GROUPED_BY_POINTS = SIGN + r"[1-9]\d{0,2}(?:\.\d{3})+"
CERTAIN_DECIMAL_POINT = SIGN + r"(?:\d+\.(?:\d{1,2}|\d{4,})|0+\.\d+)"


def to_numbers(cells: Cells, names: list[str], decimal: str | None, named_in: str = "columns") -> pd.DataFrame:
    """Convert the columns `names` to float64; refuse the first cell that is not a finite number.

    `named_in` is the caller's argument with these names, for messages.
    """
    if decimal is not None and decimal not in THOUSANDS_MARKS:
        raise InvalidValue(cells.where, f"decimal must be '.' or ',', got {decimal!r}.", argument="decimal")
    for name in names:
        if cells.texts[name].isna().all():
            way_out = "Leave it out by naming the others in " + keywords(**{named_in: ...}) + "."
            raise InvalidValue(cells.where, f"column {name!r} is empty in every row.", way_out, named_in)
    numbers = {name: _plain_numbers(cells.texts[name]) for name in names}
    odd = [name for name in names if not _are_plain(numbers[name])]
    spelt = {name: plain_numbers(cells.where, name, cells.texts[name]) for name in odd}
    cells = cells._replace(texts=cells.texts.assign(**spelt))
    numbers |= {name: _plain_numbers(texts) for name, texts in spelt.items()}
    mark = decimal or "."
    if decimal or cells.separator == ";" or any(_is_invalid(cells, name, numbers[name]).any() for name in names):
        mark = decimal or _guess_decimal(cells, names)
        numbers = {name: _parse_numbers(cells.texts[name], mark) for name in names}
    valid = [name for name in names if not _is_invalid(cells, name, numbers[name]).any()]
    for name in names:
        if name not in valid:
            hint = ", or take only columns that hold numbers: " + keywords(**{named_in: valid}) if valid else ""
            raise _not_a_number(cells, name, numbers[name], mark, hint)
    return pd.DataFrame(numbers, columns=names)


def _are_plain(numbers: pd.Series) -> bool:
    return bool(np.isfinite(numbers).all())


def _plain_numbers(texts: pd.Series) -> pd.Series:
    return pd.to_numeric(texts, errors="coerce").astype("float64")


def _parse_numbers(texts: pd.Series, mark: str) -> pd.Series:
    """Parse one column with the decimal mark `mark`; NaN where a cell is missing or is not a number."""
    texts = texts.where(_matches(texts, _pattern(mark))).str.replace("\u2212", "-", regex=False)
    return _plain_numbers(texts.str.replace(THOUSANDS_MARKS[mark], "", regex=False).str.replace(mark, ".", regex=False))


def _pattern(mark: str) -> str:
    """The pattern of a number with this decimal mark; the other mark may group its thousands."""
    decimal, group = re.escape(mark), re.escape(THOUSANDS_MARKS[mark])
    whole = rf"(?:[1-9]\d{{0,2}}(?:{group}\d{{3}})+|\d+)"
    return rf"{SIGN}(?:{whole}(?:{decimal}\d*)?|{decimal}\d+)(?:[eE][+-]?\d+)?"


def _matches(texts: pd.Series, pattern: str) -> pd.Series:
    return texts.str.fullmatch(pattern, na=False)


def _is_invalid(cells: Cells, name: str, numbers: pd.Series) -> pd.Series:
    return cells.texts[name].notna() & ~np.isfinite(numbers)


def _guess_decimal(cells: Cells, names: list[str]) -> str:
    """The decimal mark of the whole file: the mark with which most cells that have a comma are numbers."""
    texts = pd.concat([cells.texts[name].dropna() for name in names])
    commas = texts[texts.str.contains(",", regex=False)]
    points = texts[texts.str.contains(".", regex=False)]
    if commas.empty:
        # Files with semicolons often have a decimal comma, so 1.234 may be 1234 there.
        if cells.separator == ";" and len(points) and _matches(points, GROUPED_BY_POINTS).all():
            raise _ambiguous_mark(cells, points.iloc[0])
        return "."
    as_comma = int(_matches(commas, _pattern(",")).sum())
    as_point = int(_matches(commas, _pattern(".")).sum())
    if as_comma == as_point > 0 and not _matches(points, CERTAIN_DECIMAL_POINT).any():
        raise _ambiguous_mark(cells, commas.iloc[0])
    return "," if as_comma > as_point else "."


def _ambiguous_mark(cells: Cells, text: str) -> ValueError:
    return InvalidValue(
        cells.where,
        f"{text!r} may be a decimal number or one with grouped thousands, and no other cell tells.",
        "Name the decimal mark: " + keywords(decimal=".") + " or " + keywords(decimal=",") + ".",
        argument="decimal",
    )


def _not_a_number(cells: Cells, name: str, numbers: pd.Series, mark: str, hint: str | MessageText) -> ValueError:
    row = int(np.argmax(_is_invalid(cells, name, numbers)))
    text = cells.texts[name].iloc[row]
    mark_hint = f" (decimal mark {mark!r})" if re.search(r"\d[.,]", text) else ""
    problem = f"line {cells.lines[row]}, column {name!r}: {text!r} is not a finite number{mark_hint}."
    return InvalidValue(cells.where, problem, "Correct the cell, leave it empty if it is missing" + hint + ".")
