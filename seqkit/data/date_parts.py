"""The time in several columns: year and month, quarter, week or day of the year, and so on, in numbers or words."""

from __future__ import annotations

import numpy as np
import pandas as pd

from seqkit._errors import InvalidValue, keywords
from seqkit.data.cells import Cells
from seqkit.data.time_spellings import month_number

DATE_PARTS = ("year", "month", "day", "hour", "minute", "second")
PART_NAMES = {name: name for name in (*DATE_PARTS, "quarter", "week")}
PART_NAMES |= {"年": "year", "季度": "quarter", "月": "month", "日": "day", "时": "hour", "小时": "hour", "周": "week"}
PART_NAMES |= dict.fromkeys(("doy", "yday", "dayofyear", "day_of_year", "day of year"), "day of year")
PART_NAMES |= dict.fromkeys(("isoweek", "iso_week", "iso week", "wk", "kw", "weeknum", "week_of_year"), "week")
PART_NAMES |= dict.fromkeys(("jahr", "yr"), "year") | dict.fromkeys(("monat", "mon", "mois", "mes"), "month")
BESIDE_YEAR = ("quarter", "week", "day of year")  # parts that need no month
PERIOD_CODES = r"[MQ]\d\d"  # as the U.S. Bureau of Labor Statistics has them; M13 and Q05 are means of the year
MONTHS_OF_QUARTER = 3


def date_part_columns(names: list[str]) -> list[str]:
    """Columns named year and quarter, week or day of the year, or two or more of year, month, day ...; else none."""
    by_part = {PART_NAMES[name.lower()]: name for name in names if name.lower() in PART_NAMES}
    for part in BESIDE_YEAR:
        if {"year", part} <= by_part.keys() and "month" not in by_part:
            return [by_part["year"], by_part[part]]
    period = next((name for name in names if name.lower() == "period"), None)
    length = next((count for count, part in enumerate(DATE_PARTS) if part not in by_part), len(DATE_PARTS))
    if length == 1 and period is not None:
        return [by_part["year"], period]
    return [by_part[part] for part in DATE_PARTS[:length]] if length > 1 else []


def are_date_parts(cells: Cells, names: list[str]) -> bool:
    """Whether the columns are parts of a date by their names, or begin with a number of at most four digits."""
    are_named = all(name.lower() in PART_NAMES for name in names)
    return are_named or bool(cells.texts[names[0]].str.fullmatch(r"\d{1,4}(?:\.0+)?").all())


def join_date_parts(cells: Cells, names: list[str]) -> pd.DatetimeIndex:
    """Stamps from columns that are named by parts of the date, or else stand in the order of `DATE_PARTS`."""
    parts = [PART_NAMES.get(name.lower(), "") for name in names]
    if "year" in parts and "period" in (name.lower() for name in names):
        parts = [part or "period" for part in parts]
    parts = parts if all(parts) else list(DATE_PARTS[: len(names)])
    numbers = {part: _numbers(cells, name, part) for part, name in zip(parts, names, strict=True)}
    stamps = _stamps(numbers, cells.texts.index)
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


def _stamps(numbers: dict[str, pd.Series], index: pd.Index) -> pd.Series:
    if "year" not in numbers:
        return pd.Series(pd.NaT, index=index)
    if "period" in numbers:
        numbers["month"] = numbers.pop("period")
    if "quarter" in numbers:
        numbers["month"] = (numbers.pop("quarter") - 1) * MONTHS_OF_QUARTER + 1
    year = numbers["year"].astype("Int64").astype("str")
    if "week" in numbers:
        week = numbers["week"].astype("Int64").astype("str").str.zfill(2)
        return pd.to_datetime(year + "-" + week + "-1", format="%G-%V-%u", errors="coerce")
    if "day of year" in numbers:
        day = numbers["day of year"].astype("Int64").astype("str").str.zfill(3)
        return pd.to_datetime(year + "-" + day, format="%Y-%j", errors="coerce")
    return pd.to_datetime(pd.DataFrame({"month": 1, "day": 1} | numbers, index=index), errors="coerce")


def _numbers(cells: Cells, name: str, part: str) -> pd.Series:
    """One part as numbers: 1, 1.0, Q1, M01 or January; NaN where a cell is none of these."""
    texts = cells.texts[name]
    _refuse_means_of_years(cells, name, texts)
    if part in ("month", "period") and texts.str.fullmatch(r"Q\d\d?").all():
        return (_digits(texts) - 1) * MONTHS_OF_QUARTER + 1
    if part == "month":
        words = {text: month_number(text) for text in texts.unique()}
        if all(words.values()):
            return texts.map(words).astype("float64")
    return _digits(texts)


def _digits(texts: pd.Series) -> pd.Series:
    numbers = pd.to_numeric(texts.str.replace(r"^[QMW](?=\d)", "", regex=True), errors="coerce")
    return numbers.where(numbers % 1 == 0)  # neither 1.5 nor an infinity is a part of a date


def _refuse_means_of_years(cells: Cells, name: str, texts: pd.Series) -> None:
    is_mean = texts.isin(["M13", "Q05"])
    if is_mean.any() and texts.str.fullmatch(PERIOD_CODES).all():
        line = cells.lines[int(np.argmax(is_mean))]
        mean = texts[is_mean].iloc[0]
        raise InvalidValue(
            cells.where, f"line {line}, column {name!r}: {mean} is the mean of a year.", "Remove these rows."
        )
