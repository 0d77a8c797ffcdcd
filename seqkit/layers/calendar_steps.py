"""Steps in time in whole numbers: what comes so many steps after a stamp, by the civil calendar.

A stamp is a day, counted from 1970-01-01, and the seconds of its day. All functions compute with operators alone, so
they take whole numbers of Python, of NumPy, and int32 tensors of any backend. Days by Hinnant's algorithms
(https://howardhinnant.github.io/date_algorithms.html).

A step is a dict of plain values:

    {"unit": "seconds", "count": 3600}                                    steps of one length: hours, days, weeks
    {"unit": "months", "count": 3, "at": "end"}                           `at` "start", "end" or "same day" of a month
    {"unit": "slots", "count": 1, "weekdays": [0, 1, 2, 3, 4], "first": 0, "length": 86400, "slots": 1}
                                                                          open days of a week (Monday is 0), and slots
                                                                          of `length` seconds from second `first` on
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

DAY, WEEK, MONTHS = 86400, 7, 12
THURSDAY = 3  # 1970-01-01
LAST_COMMON_DAY = 28  # of every month
UNITS = ("seconds", "months", "slots")


def later(step: Mapping[str, Any], days: Any, seconds: Any, counts: Any) -> tuple[Any, Any]:
    """The stamps so many steps after others.

    Args:
        step: as this module describes it.
        days: of the stamps, in a shape that is broadcast with `counts`.
        seconds: of the stamps.
        counts: how many steps, below 0 for earlier stamps.

    Returns:
        Their days and their seconds.
    """
    if step["unit"] == "months":
        return _months_later(days, counts * step["count"], step["at"]), seconds + 0 * counts
    if step["unit"] == "slots":
        return _of_number(step, _number(step, days, seconds) + counts * step["count"])
    whole, rest = divmod(step["count"], DAY)
    clock = seconds + counts * rest
    return days + counts * whole + clock // DAY, clock % DAY


def is_off_step(step: Mapping[str, Any], days: Any, seconds: Any) -> Any:
    """Whether stamps lie where no row of the step can: a closed day or hour, the middle of a month."""
    if step["unit"] == "slots":
        weekday, since = weekday_of(days), seconds - step["first"]
        is_open = _rank(step["weekdays"], weekday + 1) > _rank(step["weekdays"], weekday)
        slot = since // step["length"]
        return ~is_open | (since % step["length"] != 0) | (slot < 0) | (slot >= step["slots"])
    if step["unit"] == "months":
        if step["at"] == "end":
            return civil_of(days + 1)[2] != 1
        return civil_of(days)[2] > (1 if step["at"] == "start" else LAST_COMMON_DAY)
    return days != days


def weekday_of(days: Any) -> Any:
    """The day of the week, 0 for Monday."""
    return (days + THURSDAY) % WEEK


def civil_of(days: Any) -> tuple[Any, Any, Any]:
    """Year, month (1 to 12) and day of the month.

    Example:
        >>> civil_of(19782)
        (2024, 2, 29)
    """
    shifted = days + 719468  # days since 0000-03-01
    era = shifted // 146097  # of 400 years
    of_era = shifted - era * 146097
    years = (of_era - of_era // 1460 + of_era // 36524 - of_era // 146096) // 365
    of_year = of_era - (365 * years + years // 4 - years // 100)
    since_march = (5 * of_year + 2) // 153
    day = of_year - (153 * since_march + 2) // 5 + 1
    month = since_march + 3 - MONTHS * (since_march // 10)
    return years + era * 400 + (MONTHS - month) // 10, month, day


def day_of(year: Any, month: Any, day: Any) -> Any:
    """The day, counted from 1970-01-01.

    Example:
        >>> day_of(2024, 2, 29)
        19782
    """
    year = year - (MONTHS - month) // 10
    era = year // 400
    of_era = year - era * 400
    of_year = (153 * ((month + 9) % MONTHS) + 2) // 5 + day - 1
    return era * 146097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719468


def _months_later(days: Any, months: Any, at: str) -> Any:
    year, month, day = civil_of(days)
    number = year * MONTHS + month - 1 + months
    if at == "end":
        return day_of((number + 1) // MONTHS, (number + 1) % MONTHS + 1, 1) - 1
    return day_of(number // MONTHS, number % MONTHS + 1, day)


def _number(step: Mapping[str, Any], days: Any, seconds: Any) -> Any:
    """The slots of open days before a stamp."""
    open_days = (days + THURSDAY) // WEEK * len(step["weekdays"]) + _rank(step["weekdays"], weekday_of(days))
    return open_days * step["slots"] + (seconds - step["first"]) // step["length"]


def _of_number(step: Mapping[str, Any], number: Any) -> tuple[Any, Any]:
    """The stamp before which there are so many slots."""
    weekdays = step["weekdays"]
    open_days = number // step["slots"]
    position = open_days % len(weekdays)
    weekday = weekdays[0] + 0 * position
    for at in range(1, len(weekdays)):  # the quotient is 1 from this position on, and 0 before
        weekday = weekday + (weekdays[at] - weekdays[at - 1]) * ((position - at + len(weekdays)) // len(weekdays))
    days = open_days // len(weekdays) * WEEK + weekday - THURSDAY
    return days, step["first"] + number % step["slots"] * step["length"]


def _rank(weekdays: Sequence[int], weekday: Any) -> Any:
    """How many of the open days of a week come before a day."""
    rank = 0 * weekday
    for one in weekdays:
        rank = rank + (weekday - one + WEEK - 1) // WEEK
    return rank
