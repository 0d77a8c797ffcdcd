"""Cells to time stamps: find the time columns, parse them, and refuse the first row that does not fit."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from seqkit._checks import listed, require_columns
from seqkit._errors import InvalidType, InvalidValue, keywords
from seqkit.data.cells import Cells
from seqkit.data.main_time import main_time
from seqkit.data.time_formats import DIGIT_FORMATS, format_of, likely_formats, parse_stamps

DATE_PARTS = ("year", "month", "day", "hour", "minute", "second")
PART_NAMES = {name: name for name in (*DATE_PARTS, "quarter")}
PART_NAMES |= {"年": "year", "季度": "quarter", "月": "month", "日": "day", "时": "hour", "小时": "hour"}
DATE_WITHOUT_YEAR = r"\d{1,2}[-/.]\d{1,2}"
COUNT_ROWS = "count the rows off: " + keywords(time=None, freq="MS")


class Stamps(NamedTuple):
    """Time stamps in the order of the file."""

    stamps: pd.DatetimeIndex  # (rows,)
    time_format: str | None  # the format of the file; None where writing with it would not give the same text


def time_columns(cells: Cells, time: str | Sequence[str], time_format: str | None, values: list[str]) -> list[str]:
    """The columns that hold the time: the named ones, or with "auto" the only candidate."""
    names = [str(name) for name in cells.texts.columns]
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
    """Columns that read as time. Bare digits (years, 20200131) count only where no other column reads as time."""
    date_parts = _date_part_columns(names)
    certain, digits, partial = [date_parts] if date_parts else [], [], []
    for name in names:
        if name in date_parts:
            continue
        texts = cells.texts[name]
        formats = [time_format] if time_format else likely_formats(texts)
        parsed = [_parse(cells, texts, candidate) for candidate in formats]
        complete = [stamps for stamps in parsed if stamps.notna().all()]
        if time_format is None and all(candidate in DIGIT_FORMATS.values() for candidate in formats):
            digits += [[name]] if complete and _are_plausible(complete[0]) else []
        elif complete:
            certain.append([name])
        elif any(stamps.notna().mean() > 0.5 for stamps in parsed):
            partial.append([name])
    return certain or digits or partial[:1]


def _are_plausible(stamps: pd.Series) -> bool:
    monotonic = stamps.is_monotonic_increasing or stamps.is_monotonic_decreasing
    return bool(stamps.is_unique and monotonic and stamps.dt.year.between(1500, 2200).all())


def _date_part_columns(names: list[str]) -> list[str]:
    """Two or more columns named year and quarter, or year, month, day, ... without a gap; else none."""
    by_part = {PART_NAMES[name.lower()]: name for name in names if name.lower() in PART_NAMES}
    if {"year", "quarter"} <= by_part.keys() and "month" not in by_part:
        return [by_part["year"], by_part["quarter"]]
    length = next((count for count, part in enumerate(DATE_PARTS) if part not in by_part), len(DATE_PARTS))
    return [by_part[part] for part in DATE_PARTS[:length]] if length > 1 else []


def read_stamps(cells: Cells, names: list[str], time_format: str | None) -> Stamps:
    """Parse the time columns; refuse the first row that does not fit."""
    for name in names:
        if cells.texts[name].isna().any():
            line = cells.lines[int(np.argmax(cells.texts[name].isna()))]
            raise InvalidValue(
                cells.where, f"line {line}, column {name!r}: the time stamp is missing.", "Add it, or remove the line."
            )
    texts = cells.texts[names[0]]
    if len(names) > 1 and texts.str.fullmatch(r"\d{1,4}").all():
        return Stamps(_join_date_parts(cells, names), None)
    for name in names[1:]:
        texts = texts + " " + cells.texts[name]
    return _read_column(cells, " ".join(names), texts, time_format, keep_format=len(names) == 1)


def _read_column(cells: Cells, column: str, texts: pd.Series, time_format: str | None, keep_format: bool) -> Stamps:
    formats = [time_format] if time_format else likely_formats(texts)
    parsed = {name: _parse(cells, texts, name) for name in formats}
    if not parsed:
        raise _not_a_stamp(cells, column, texts, 0, "")
    fewest = min(int(stamps.isna().sum()) for stamps in parsed.values())
    best = {name: stamps for name, stamps in parsed.items() if int(stamps.isna().sum()) == fewest}
    chosen, stamps = next(iter(best.items()))
    if fewest:
        raise _not_a_stamp(cells, column, texts, int(np.argmax(stamps.isna())), chosen)
    rivals = [name for name in best if not (best[name] == stamps).all()]
    if rivals:
        row = int(np.argmax(best[rivals[0]] != stamps))
        raise InvalidValue(
            cells.where,
            f"line {cells.lines[row]}, column {column!r}: {texts.iloc[row]!r} is ambiguous, {chosen} or "
            f"{rivals[0]}, and no row has a number above 12 that decides.",
            "Name the format: " + keywords(time_format=chosen) + " or " + keywords(time_format=rivals[0]) + ".",
            argument="time_format",
        )
    index = pd.DatetimeIndex(stamps)
    return Stamps(index, format_of(index, texts, chosen) if keep_format else None)


def _parse(cells: Cells, texts: pd.Series, time_format: str) -> pd.Series:
    try:
        return parse_stamps(texts, time_format)
    except (ValueError, TypeError, AttributeError, LookupError, re.error) as error:
        raise InvalidValue(
            cells.where,
            keywords(time_format=time_format) + f" cannot be used ({error}).",
            "Write it as for strptime, as in " + keywords(time_format="%d/%m/%Y") + ".",
            argument="time_format",
        ) from None


def _join_date_parts(cells: Cells, names: list[str]) -> pd.DatetimeIndex:
    """Stamps from columns of whole numbers that are named by date parts, or else in the order of DATE_PARTS."""
    parts = [PART_NAMES.get(name.lower(), "") for name in names]
    parts = parts if all(parts) else list(DATE_PARTS[: len(names)])
    numbers = {part: pd.to_numeric(cells.texts[name], errors="coerce") for part, name in zip(parts, names, strict=True)}
    if "quarter" in numbers:
        numbers["month"] = numbers.pop("quarter") * 3 - 2
    table = pd.DataFrame({"month": 1, "day": 1} | numbers, index=cells.texts.index)
    stamps = pd.to_datetime(table, errors="coerce") if "year" in numbers else pd.Series(pd.NaT, index=table.index)
    if stamps.isna().any():
        row = int(np.argmax(stamps.isna()))
        values = ", ".join(f"{name}={cells.texts[name].iloc[row]!r}" for name in names)
        raise InvalidValue(
            cells.where,
            f"line {cells.lines[row]}: {values} is not a time stamp.",
            f"Correct the line, or name the columns in the order {', '.join(DATE_PARTS[: len(names)])} in "
            + keywords(time=...)
            + ".",
        )
    return pd.DatetimeIndex(stamps)


def _no_time_column(cells: Cells, names: list[str]) -> ValueError:
    for name in names:
        texts = cells.texts[name].dropna()
        if len(texts) and texts.str.fullmatch(DATE_WITHOUT_YEAR).all() and texts.str.contains("[-/]").any():
            return _not_a_stamp(cells, name, cells.texts[name], int(texts.index[0]), "")
    if len(cells.texts.columns) == 1:
        hint = f"Was another separator meant? It was read with {cells.separator!r}: pass " + keywords(separator=...)
        hint = hint + ", or "
    else:
        hint = "Name it in " + keywords(time=...) + " and its form in " + keywords(time_format=...) + ", or "
    way_out = hint + "if there is none, " + COUNT_ROWS + ' (or "D", "h", "30min", ...).'
    return InvalidValue(cells.where, f"no time column: none of {listed(names)} reads as time.", way_out, "time")


def _not_a_stamp(cells: Cells, column: str, texts: pd.Series, row: int, time_format: str) -> ValueError:
    place = f"line {cells.lines[row]}, column {column!r}: {texts.iloc[row]!r}"
    if re.fullmatch(DATE_WITHOUT_YEAR, texts.iloc[row]):
        value_columns = [str(name) for name in cells.texts.columns if name != column]
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
