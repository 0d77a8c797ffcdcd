"""Which columns of a table hold the time."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd

from seqkit._checks import listed, require_columns
from seqkit._errors import InvalidType, InvalidValue, keywords
from seqkit.data.cells import Cells
from seqkit.data.date_parts import date_part_columns
from seqkit.data.main_time import main_time
from seqkit.data.stamps import COUNT_ROWS, DATE_WITHOUT_YEAR, not_a_stamp, read_stamps, readings_of, stamp_texts
from seqkit.data.time_formats import DIGIT_FORMATS, first_middle_last, likely_formats
from seqkit.data.time_numbers import number_form
from seqkit.data.time_spellings import plain_spelling

NAMES_OF_DIGITS = r"(?i)(?:.*[\W_])?(?:time|date|when|year|month|day|week|period|jahr|datum|stamp|年份?|月份?|日期?)"
NAMES_OF_HOURS = r"(?i)(?:.*[\W_])?(?:hour|hours|hr|hrs|he|stunde|heure|hora|uhr|时|小时)(?:[\W_].*)?"
HOURS = r"[01]?\d|2[0-4]"
CLOCK = r"\d{1,2}[:.]\d\d(?:[:.]\d\d)?(?: ?[AaPp][Mm])?"


def time_columns(cells: Cells, time: str | Sequence[str], time_format: str | None, values: list[str]) -> list[str]:
    """The columns that hold the time: the named ones, or with "auto" the only candidate."""
    names = cells.texts.columns
    if not isinstance(time, str) or time != "auto":
        return require_columns(cells.where, "time", as_list(cells.where, "time", time), names)
    names = [name for name in names if name not in values]
    candidates = _candidates(cells, names, time_format)
    if not candidates:
        raise _no_time_column(cells, names)
    if len(candidates) > 1:
        candidates = _without_repeats(cells, candidates, time_format)
    if len(candidates) > 1:
        fewest = min(candidates, key=len)
        example = fewest[0] if len(fewest) == 1 else fewest
        raise InvalidValue(
            cells.where,
            f"the time column is ambiguous: {' and '.join(listed(columns) for columns in candidates)} read as time.",
            "Name the right one, as in " + keywords(time=example) + ".",
            argument="time",
        )
    return candidates[0]


def _without_repeats(cells: Cells, candidates: list[list[str]], time_format: str | None) -> list[list[str]]:
    """The candidates without those that repeat the time of another one; all of them where one is not all stamps."""
    try:
        stamps = {tuple(names): read_stamps(cells, names, time_format).stamps for names in candidates}
    except InvalidValue:
        return candidates
    return [list(names) for names in main_time(stamps)]


def as_list(where: str, name: str, value: object) -> list[str]:
    """A column name, or a list of column names, as a list."""
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, list | tuple) or not names or not all(isinstance(column, str) for column in names):
        raise InvalidType(where, f"{name} must be a column's name or a list of names, got {value!r}.", argument=name)
    return list(names)


def _candidates(cells: Cells, names: list[str], time_format: str | None) -> list[list[str]]:
    """Columns that read as time.

    Bare digits (years, 20200131) count only where no other column reads as time, and single numbers (seconds since
    1970, decimal years) only where nothing else does, under a header that says time.
    """
    date_parts = date_part_columns(names)
    certain, partial, bare = [date_parts] if date_parts else [], [], []
    others = [name for name in names if name not in date_parts]
    for name in others:
        if time_format is None and _may_be_bare_digits(cells, name):
            bare.append(name)
            continue
        parsed = readings_of(cells, name, time_format)
        complete = [stamps for stamps in parsed.values() if stamps.notna().all()]
        if time_format is None and all(form in DIGIT_FORMATS.values() for form in parsed):
            bare.append(name)
        elif complete:
            certain.append(_with_clock(cells, name, complete[0], names))
        elif parsed and np.mean(np.any([stamps.notna() for stamps in parsed.values()], axis=0)) > 0.5:
            partial.append([name])
    if certain:
        return certain
    digits = [[name] for name in bare if _are_stamps_of_digits(cells, name)]
    digits = [columns for columns in digits if _says_time(columns[0])] or digits
    return digits or partial[:1] or [[name] for name in others if number_form(name, cells.texts[name].dropna())]


def _may_be_bare_digits(cells: Cells, name: str) -> bool:
    """Whether a column shows no form of time but those of digits alone, such as 2020 or 20200131."""
    if name in cells.numbers:
        return True
    some = first_middle_last(stamp_texts(cells, name))
    forms = likely_formats(some) + likely_formats(plain_spelling(some))
    return all(form in DIGIT_FORMATS.values() for form in forms)


def _are_stamps_of_digits(cells: Cells, name: str) -> bool:
    parsed = readings_of(cells, name, None)
    complete = [stamps for stamps in parsed.values() if stamps.notna().all()]
    return bool(complete) and _are_plausible(complete[0], name)


def _says_time(name: str) -> bool:
    return re.fullmatch(NAMES_OF_DIGITS, name) is not None


def _with_clock(cells: Cells, date: str, stamps: pd.Series, names: list[str]) -> list[str]:
    """The column of dates, and that of the time of day where a date stands in several rows."""
    in_order = np.sort(stamps.to_numpy("int64"))
    if (np.diff(in_order) > 0).all() or (stamps != stamps.dt.normalize()).any():
        return [date]
    for name in names:
        pattern = HOURS if re.fullmatch(NAMES_OF_HOURS, name) else CLOCK
        if name != date and cells.texts[name].str.fullmatch(pattern).all():
            return [date, name]
    return [date]


def _are_plausible(stamps: pd.Series, name: str) -> bool:
    """Whether bare digits are stamps: in order, and, if the header does not say time, years or months one by one."""
    monotonic = stamps.is_monotonic_increasing or stamps.is_monotonic_decreasing
    if not stamps.is_unique or not monotonic:
        return False
    if _says_time(name):
        return True
    years, months = stamps.dt.year, stamps.dt.year * 12 + stamps.dt.month
    follows = [bool((counts.diff().dropna().abs() == 1).all()) for counts in (years, months)]
    return bool(years.between(1500, 2200).all()) and (any(follows) or (stamps.dt.day != 1).any())


def _no_time_column(cells: Cells, names: list[str]) -> ValueError:
    for name in names:
        texts = cells.texts[name].dropna()
        if len(texts) and texts.str.fullmatch(DATE_WITHOUT_YEAR).all() and texts.str.contains("[-/]").any():
            return not_a_stamp(cells, name, cells.texts[name], int(texts.index[0]), "")
    if len(cells.texts.columns) == 1:
        hint = f"Was another separator meant? It was read with {cells.separator!r}: pass " + keywords(separator=...)
        hint = hint + ", or "
    else:
        hint = "Name it in " + keywords(time=...) + " and its form in " + keywords(time_format=...) + ", or "
    way_out = hint + "if there is none, " + COUNT_ROWS + ' (or "D", "h", "30min", ...).'
    return InvalidValue(cells.where, f"no time column: none of {listed(names)} reads as time.", way_out, "time")
