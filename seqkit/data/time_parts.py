"""Whether a column of numbers repeats the time: its year, month, weekday, hour, or the stamp as one number."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property

import numpy as np
import pandas as pd

FEWEST_ROWS = 10  # in fewer rows, values may equal a part of the time by chance
FEWEST_VALUES = 3
NAMES_OF_PARTS = (  # of each word of a column's name
    "(?i)years?|yr|yyyy|quarter|qtr|months?|mon|mn?th|mm|weeks?|wk|weekday|weekend|wday|dow|days?|dom|doy|dd|yday"
    "|hours?|hr|hh|min(utes?)?|sec(onds?)?|dates?|time|timestamp|ts|epoch|unix|serial|ymd?"
    "|jahr|monat|tag|woche|stunde|annee|mois|jour|heure|ano|mes|dia|hora|年份?|月份?|日期?|周|星期|季度|小时|时|分"
)
CALENDAR = ("year", "month", "day", "quarter", "hour", "minute", "second", "day_of_week", "day_of_year")
WEEKS = ("%V", "%U", "%W")  # of the year, as strftime counts them
DAYS_OF_EXCEL_IN_1970 = 25_569
SECONDS_OF_DAY = 86400
LARGEST_ROUNDING_OF_YEAR = 0.01  # of decimal years, which files round


class TimeParts:
    """The parts of the time of each row, made once for all columns.

    Args:
        stamps: the time of each row.
    """

    def __init__(self, stamps: pd.DatetimeIndex) -> None:
        self._times = stamps.tz_localize(None)

    def repeat_in(self, name: str, numbers: np.ndarray) -> bool:
        """Whether a column only repeats the time.

        A column whose name says so must equal a part of the time in each row; any other also needs ten rows and three
        different values, so that nothing is left out by chance.

        Args:
            name: the name of the column.
            numbers: its numbers `(rows,)`.
        """
        is_known = np.isfinite(numbers)
        known = numbers[is_known]
        is_named = is_name_of_part(name)
        if not len(known) or not (is_named or (len(known) >= FEWEST_ROWS and len(np.unique(known)) >= FEWEST_VALUES)):
            return False
        parts = self._parts if is_known.all() else {part: values[is_known] for part, values in self._parts.items()}
        return any(bool((known == part).all()) for part in _ways_to_count(parts)) or _is_whole_stamp(
            known, parts, is_named
        )

    @cached_property
    def _parts(self) -> dict[str, np.ndarray]:
        times = self._times
        parts = {part: getattr(times, part).to_numpy() for part in CALENDAR}
        parts |= {code: times.strftime(code).astype(int).to_numpy() for code in WEEKS}
        parts["year_days"] = np.where(times.is_leap_year, 366, 365)
        parts["seconds"] = times.as_unit("ms").asi8 / 1000  # nanoseconds reach from 1677 to 2262 only
        return parts


def is_name_of_part(name: str) -> bool:
    """Whether a word of a column's name is a part of the time, as in `Hour` and `day_of_week`."""
    words = re.split(r"[\W_\d]+", re.sub(r"([a-z])([A-Z])", r"\1 \2", name))
    return any(re.fullmatch(NAMES_OF_PARTS, word) for word in words)


def _ways_to_count(parts: dict[str, np.ndarray]) -> Iterator[np.ndarray]:
    """The parts of the time as whole numbers, in the ways in which they are counted."""
    for part in ("year", "month", "day", "quarter", "hour", "minute", "second"):
        yield parts[part]
    weekday = parts["day_of_week"]  # Monday is 0
    yield from (weekday, weekday + 1, (weekday + 1) % 7, (weekday + 1) % 7 + 1)
    yield (weekday >= 5).astype(int)
    year, month, day_of_year = parts["year"], parts["month"], parts["day_of_year"]
    yield from (year % 100, year - year.min(), year - year.min() + 1)
    yield from (month - 1, parts["hour"] + 1, day_of_year, day_of_year - 1)
    for code in WEEKS:
        yield from (parts[code], parts[code] + 1)
    yield from ((day_of_year - 1) // 7, (day_of_year - 1) // 7 + 1)
    yield from (year * 100 + month, (year * 100 + month) * 100 + parts["day"])


def _is_whole_stamp(numbers: np.ndarray, parts: dict[str, np.ndarray], is_named: bool) -> bool:
    """Whether the numbers are decimal years, seconds or milliseconds since 1970, or Excel's days."""
    days = parts["day_of_year"] - 1 + (parts["hour"] * 60 + parts["minute"]) / 1440
    decimal_years = parts["year"] + days / parts["year_days"]
    if np.ptp(numbers) > 0 and np.abs(numbers - decimal_years).max() < 1 / 6:
        return bool(is_named or np.ptp(numbers - decimal_years) < LARGEST_ROUNDING_OF_YEAR)
    seconds = parts["seconds"]
    excel_days = seconds / SECONDS_OF_DAY + DAYS_OF_EXCEL_IN_1970
    ways = ((seconds, SECONDS_OF_DAY), (seconds * 1000, SECONDS_OF_DAY * 1000), (excel_days, 1))
    return any(
        bool(np.ptp(numbers - stamp) <= 1e-6 * day and np.abs(numbers - stamp).max() <= day) for stamp, day in ways
    )
