"""Cells to time stamps: parse the time columns, and refuse the first row that does not fit."""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np
import pandas as pd

from seqkit._errors import InvalidValue, keywords
from seqkit.data.cells import Cells
from seqkit.data.clocks import written
from seqkit.data.date_parts import are_date_parts, join_date_parts
from seqkit.data.time_formats import LAST_YEAR, MIXED_ISO, first_middle_last, format_of, likely_formats, parse_stamps
from seqkit.data.time_forms import FISCAL_YEAR
from seqkit.data.time_numbers import number_form
from seqkit.data.time_spellings import plain_spelling

NAMES_OF_WEEKS = r"(?i)(?:.*[\W_])?(?:(?:iso)?week|kw|woche|semaine|semana|周)"
OTHER_DIGITS = {  # a format, another one of the same digits, and the headers that decide for the first
    "%Y": ("%y%m", r"(?i)year|yr|jahr|ann[ée]e|a[ñn]o|年"),
    "%Y%m": ("%y%m%d", r"(?i)month|monat|mois|mes|period|yyyymm|月"),
}
MOST_MONTHS = 12
DATE_WITHOUT_YEAR = r"\d{1,2}[-/.]\d{1,2}"
COUNT_ROWS = "count the rows off: " + keywords(time=None, freq="MS")


class Stamps(NamedTuple):
    """Time stamps in the order of the file."""

    stamps: pd.DatetimeIndex  # (rows,)
    time_format: str | None  # the format of the file; None where writing with it would not give the same text


def stamp_texts(cells: Cells, name: str) -> pd.Series:
    """The cells of a column of time; under a header that says week, 2020-05 is the fifth week."""
    if not re.fullmatch(NAMES_OF_WEEKS, name):
        return cells.texts[name]
    return cells.texts[name].str.replace(r"^(\d{4})-(?=\d{1,2}$)", r"\1-W", regex=True)


def read_stamps(cells: Cells, names: list[str], time_format: str | None) -> Stamps:
    """Parse the time columns; refuse the first row that does not fit."""
    read = _read(cells, names, time_format)
    years = read.stamps.year
    is_far = (years < 1) | (years > LAST_YEAR)
    if is_far.any():
        row = int(np.argmax(is_far))
        texts = " ".join(str(cells.texts[name].iloc[row]) for name in names)
        problem = (
            f"line {cells.lines[row]}: {texts!r} is in the year {years[row]}; the years 1 to {LAST_YEAR} are read."
        )
        raise InvalidValue(cells.where, problem, "Correct it, or name its form in " + keywords(time_format=...) + ".")
    return read


def _read(cells: Cells, names: list[str], time_format: str | None) -> Stamps:
    for name in names:
        if cells.texts[name].isna().any():
            line = cells.lines[int(np.argmax(cells.texts[name].isna()))]
            raise InvalidValue(
                cells.where, f"line {line}, column {name!r}: the time stamp is missing.", "Add it, or remove the line."
            )
    texts = stamp_texts(cells, names[0])
    if len(names) == 1:
        return _read_column(cells, names[0], texts, time_format, readings_of(cells, names[0], time_format))
    if are_date_parts(cells, names):
        return Stamps(join_date_parts(cells, names), None)
    for name in names[1:]:
        texts = texts + " " + cells.texts[name]
    parsed = readings(cells.where, texts, time_format)
    return _read_column(cells, " ".join(names), texts, time_format, parsed)._replace(time_format=None)


def readings_of(cells: Cells, name: str, time_format: str | None) -> dict[str, pd.Series]:
    """The stamps of a column by each likely format."""
    key = (name, time_format)
    if key not in cells.readings:
        cells.readings[key] = readings(cells.where, stamp_texts(cells, name), time_format)
    return cells.readings[key]


def readings(where: str, texts: pd.Series, time_format: str | None) -> dict[str, pd.Series]:
    """The stamps of the texts by each likely format; of a plainer spelling where no format reads them all."""
    found = _parse_each(where, texts, time_format)
    if _complete(found) or not (time_format or likely_formats(plain_spelling(first_middle_last(texts)))):
        return found
    plain = plain_spelling(texts)
    return found if plain.equals(texts) else _parse_each(where, plain, time_format) or found


def _parse_each(where: str, texts: pd.Series, time_format: str | None) -> dict[str, pd.Series]:
    """The stamps by each format; the mixed form of ISO only where no single form of it reads all texts."""
    found: dict[str, pd.Series] = {}
    for form in [time_format] if time_format else likely_formats(texts):
        if form != MIXED_ISO or form == time_format or not _complete(found):
            found[form] = _parse(where, texts, form)
    return found


def _complete(found: dict[str, pd.Series]) -> bool:
    return any(stamps.notna().all() for stamps in found.values())


def _read_column(
    cells: Cells, column: str, texts: pd.Series, time_format: str | None, parsed: dict[str, pd.Series]
) -> Stamps:
    chosen, stamps = _only_reading(cells, column, texts, parsed)
    if time_format is None:
        _refuse_other_digits(cells, column, texts, chosen)
    index = pd.DatetimeIndex(stamps)
    _refuse_swapped_days(cells, column, index)
    return Stamps(index, format_of(index, texts, chosen))


def _only_reading(cells: Cells, column: str, texts: pd.Series, parsed: dict[str, pd.Series]) -> tuple[str, pd.Series]:
    """The only format that reads all texts, and their stamps; refuse texts that none or several formats read."""
    if not _complete(parsed):
        number = number_form(column, texts)
        parsed = {number: parse_stamps(texts, number)} if number else parsed
    if not parsed:
        raise not_a_stamp(cells, column, texts, 0, "")
    missing = {name: int(stamps.isna().sum()) for name, stamps in parsed.items()}
    chosen = min(missing, key=lambda name: missing[name])  # the first of the best
    stamps = parsed[chosen]
    if missing[chosen]:
        raise not_a_stamp(cells, column, texts, int(np.argmax(stamps.isna())), chosen)
    rivals = [name for name in parsed if not missing[name] and chosen != FISCAL_YEAR]
    for rival in rivals:
        if not (parsed[rival] == stamps).all():
            row = int(np.argmax(parsed[rival] != stamps))
            raise _ambiguous(
                cells, column, row, texts, (chosen, rival), ", and no row has a number above 12 that decides"
            )
    return chosen, stamps


def _ambiguous(
    cells: Cells, column: str, row: int, texts: pd.Series, formats: tuple[str, str], reason: str = ""
) -> ValueError:
    return InvalidValue(
        cells.where,
        f"line {cells.lines[row]}, column {column!r}: {texts.iloc[row]!r} is ambiguous, {formats[0]} or {formats[1]}"
        f"{reason}.",
        "Name the format: " + keywords(time_format=formats[0]) + " or " + keywords(time_format=formats[1]) + ".",
        argument="time_format",
    )


def _refuse_other_digits(cells: Cells, column: str, texts: pd.Series, chosen: str) -> None:
    """Refuse digits that are years or months by one reading, and months or days without a break by another one."""
    other, names = OTHER_DIGITS.get(chosen, (None, ""))
    if other is None or re.search(names, column):
        return
    stamps = pd.to_datetime(texts, format=other, errors="coerce")
    counts = (
        stamps.dt.year * 12 + stamps.dt.month if other == "%y%m" else stamps.astype("datetime64[s]").astype("int64")
    )
    if stamps.notna().all() and counts.diff().dropna().abs().nunique() == 1:
        raise _ambiguous(cells, column, 0, texts, (chosen, other))


def _refuse_swapped_days(cells: Cells, column: str, index: pd.DatetimeIndex) -> None:
    """Refuse rows that jump back and run one way once day and month change places, as Excel leaves them."""
    is_in_order = index.is_monotonic_increasing or index.is_monotonic_decreasing
    if is_in_order or (index.day <= MOST_MONTHS).all() or index.tz is not None:  # Excel writes no offset from UTC
        return
    can_swap = index.day <= MOST_MONTHS
    swapped = pd.Series(index)
    parts = {"year": index.year, "month": index.day, "day": index.month}
    swapped[can_swap] = pd.to_datetime(pd.DataFrame(parts)[can_swap]) + (index - index.normalize())[can_swap]
    if swapped.is_monotonic_increasing or swapped.is_monotonic_decreasing:
        row = int(np.argmax((index[1:] < index[:-1]) == index.is_monotonic_increasing) + 1)
        place = f"line {cells.lines[row]}, column {column!r}"
        raise InvalidValue(
            cells.where,
            f"{place}: the rows jump back to {written(index[row])}. Day and month are swapped in the rows whose day is "
            "12 or less, as Excel leaves them where it reads another form of dates.",
            "Export the file again with dates as 2020-01-31.",
        )


def _parse(where: str, texts: pd.Series, time_format: str) -> pd.Series:
    try:
        return parse_stamps(texts, time_format)
    except (ValueError, TypeError, AttributeError, LookupError, re.error) as error:
        raise InvalidValue(
            where,
            keywords(time_format=time_format) + f" cannot be used ({error}).",
            "Write it as for strptime, as in " + keywords(time_format="%d/%m/%Y") + ".",
            argument="time_format",
        ) from None


def not_a_stamp(cells: Cells, column: str, texts: pd.Series, row: int, time_format: str) -> ValueError:
    """The refusal of a cell that is no time stamp."""
    place = f"line {cells.lines[row]}, column {column!r}: {texts.iloc[row]!r}"
    if re.fullmatch(DATE_WITHOUT_YEAR, texts.iloc[row]):
        value_columns = [name for name in cells.texts.columns if name != column]
        return InvalidValue(
            cells.where,
            f"{place} names no year of four digits: it could be year and month, or month and day.",
            "Write the year out, or " + COUNT_ROWS + " (a month each), " + keywords(columns=value_columns) + ".",
        )
    form = f" of the form {time_format}" if time_format else ""
    return InvalidValue(
        cells.where,
        f"{place} is not a time stamp{form}.",
        "Write it as 2020-01-31 or 2020-01-31 13:00, or name its form: " + keywords(time_format="%d/%m/%Y") + ".",
    )
