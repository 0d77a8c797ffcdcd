"""Cells to float columns: decimal mark, grouped thousands, and the first cell that is not a number."""

from __future__ import annotations

import re
from collections.abc import Collection

import numpy as np
import pandas as pd

from seqkit._errors import InvalidValue, MessageText, keywords
from seqkit.data.cells import Cells
from seqkit.data.number_spellings import plain_numbers
from seqkit.data.text_columns import rewritten

THOUSANDS_MARKS = {".": ",", ",": "."}  # decimal mark to the mark between groups of three digits
SIGN = "[+\\-\u2212]?"  # U+2212 is the minus sign of typesetting
GROUPED_BY_POINTS = SIGN + r"[1-9]\d{0,2}(?:\.\d{3})+"
FIRST_ROWS = slice(0, 1000)
CERTAIN_DECIMAL_POINT = SIGN + r"(?:\d+\.(?:\d{1,2}|\d{4,})|0+\.\d+)"


def to_numbers(
    cells: Cells, names: list[str], decimal: str | None, named_in: str = "columns", beside: Collection[str] = ()
) -> pd.DataFrame:
    """Convert the columns `names` to float64; refuse the first cell that is not a finite number.

    Args:
        cells: the file.
        names: the columns.
        decimal: the decimal mark; None to guess it.
        named_in: the caller's argument with these names, for messages.
        beside: those of them that another argument names.
    """
    if decimal is not None and decimal not in THOUSANDS_MARKS:
        raise InvalidValue(cells.where, f"decimal must be '.' or ',', got {decimal!r}.", argument="decimal")
    for name in names:
        if is_empty(cells, name):
            way_out = "Leave it out by naming the others in " + keywords(**{named_in: ...}) + "."
            raise InvalidValue(cells.where, f"column {name!r} is empty in every row.", way_out, named_in)
    if _is_known(cells, names, decimal):
        return _taken(cells, names)
    texts, numbers = _spelt_plainly(cells, names)
    mark = decimal or "."
    if decimal or cells.separator == ";" or any(_is_invalid(texts[name], numbers[name]).any() for name in names):
        mark = decimal or _guess_decimal(cells, texts)
        numbers = {name: _parse_numbers(texts[name], mark) for name in names}
    valid = [name for name in names if not _is_invalid(texts[name], numbers[name]).any()]
    for name in names:
        if name not in valid:
            others = [] if name in beside else [one for one in valid if one not in beside]
            hint = ", or take only columns that hold numbers: " + keywords(**{named_in: others}) if others else ""
            if named_in == "columns" and _are_words(texts[name], numbers[name]) and (valid or name in beside):
                hint += ", or read its words: " + keywords(categories=[name])
            raise _not_a_number(cells, name, texts[name], numbers[name], mark, hint)
    return pd.DataFrame(numbers, columns=names)


def is_empty(cells: Cells, name: str) -> bool:
    """Whether a column has no value in any row."""
    known = cells.numbers.get(name)
    return bool(cells.texts[name].isna().all() if known is None else np.isnan(known).all())


def _is_known(cells: Cells, names: list[str], decimal: str | None) -> bool:
    """Whether the numbers of these columns were read as plain ones, and no decimal mark makes others of them."""
    if not cells.numbers.keys() >= set(names) or decimal == ",":
        return False
    return decimal == "." or cells.separator != ";" or _are_decimal_points(cells, names)


def _taken(cells: Cells, names: list[str]) -> pd.DataFrame:
    """The known numbers, taken out of the cells one by one, so that they do not stand in memory twice."""
    table = np.empty((len(names), len(cells.lines)))
    for at, name in enumerate(names):
        table[at] = cells.numbers.pop(name)
    return pd.DataFrame(table.T, columns=names, copy=False)


def _are_decimal_points(cells: Cells, names: list[str]) -> bool:
    """Whether a point stands in a number that cannot be one of grouped thousands, as 1.234 can, or in none."""
    may_group = False
    for name in names:
        texts = cells.texts[name]
        points = texts[texts.str.contains(".", regex=False, na=False)]
        if not all(_matches(points.iloc[rows], GROUPED_BY_POINTS).all() for rows in (FIRST_ROWS, slice(None))):
            return True
        may_group |= bool(len(points))
    return not may_group


def _spelt_plainly(cells: Cells, names: list[str]) -> tuple[dict[str, pd.Series], dict[str, pd.Series]]:
    """The columns as texts, in plain spelling where they are not all plain numbers, and the numbers in them."""
    texts, numbers = {name: cells.texts[name] for name in names}, {}
    for name in names:
        numbers[name] = _plain_numbers(texts[name])
        if not np.isfinite(numbers[name]).all():
            texts[name] = plain_numbers(cells.where, name, texts[name])
            numbers[name] = _plain_numbers(texts[name])
    return texts, numbers


def _plain_numbers(texts: pd.Series) -> pd.Series:
    numbers = pd.to_numeric(texts.to_numpy(object), errors="coerce").astype("float64")
    return pd.Series(numbers, texts.index)


def _parse_numbers(texts: pd.Series, mark: str) -> pd.Series:
    """Parse one column with the decimal mark `mark`; NaN where a cell is missing or is not a number."""
    number, group = re.compile(_pattern(mark)), THOUSANDS_MARKS[mark]

    def plainly(cell: str) -> object:
        is_number = number.fullmatch(cell)
        return cell.replace("\u2212", "-").replace(group, "").replace(mark, ".") if is_number else np.nan

    return _plain_numbers(rewritten(texts, plainly))


def _pattern(mark: str) -> str:
    """The pattern of a number with this decimal mark; the other mark may group its thousands."""
    decimal, group = re.escape(mark), re.escape(THOUSANDS_MARKS[mark])
    whole = rf"(?:[1-9]\d{{0,2}}(?:{group}\d{{3}})+|\d+)"
    return rf"{SIGN}(?:{whole}(?:{decimal}\d*)?|{decimal}\d+)(?:[eE][+-]?\d+)?"


def _matches(texts: pd.Series, pattern: str) -> pd.Series:
    return texts.str.fullmatch(pattern, na=False)


def _is_invalid(texts: pd.Series, numbers: pd.Series) -> pd.Series:
    return texts.notna() & ~np.isfinite(numbers)


def _are_words(texts: pd.Series, numbers: pd.Series) -> bool:
    """Whether no known cell is a number."""
    return bool((_is_invalid(texts, numbers) | texts.isna()).all())


def _guess_decimal(cells: Cells, columns: dict[str, pd.Series]) -> str:
    """The decimal mark of the whole file: the mark with which most cells that have a comma are numbers."""
    texts = pd.concat([column.dropna() for column in columns.values()])
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


def _not_a_number(
    cells: Cells, name: str, texts: pd.Series, numbers: pd.Series, mark: str, hint: str | MessageText
) -> ValueError:
    row = int(np.argmax(_is_invalid(texts, numbers)))
    text = texts.iloc[row]
    mark_hint = f" (decimal mark {mark!r})" if re.search(r"\d[.,]", text) else ""
    problem = f"line {cells.lines[row]}, column {name!r}: {text!r} is not a finite number{mark_hint}."
    return InvalidValue(cells.where, problem, "Correct the cell, leave it empty if it is missing" + hint + ".")
