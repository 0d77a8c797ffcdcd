"""Tables that lie on their side, with the time along the header, and tables with a column for each month or hour."""

from __future__ import annotations

import re

import pandas as pd

from seqkit._checks import listed
from seqkit._errors import InvalidValue, keywords
from seqkit.data.time_formats import likely_formats, parse_stamps

FEWEST_STAMPS = 3
MOST_LEADING_COLUMNS = 5  # as the World Bank's files have: name, code, indicator, its code
YEARS = (1700, 2200)
MOST_YEARS_APART = 10
MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


def refuse_sideways(where: str, names: list[str]) -> None:
    """Refuse a table whose header holds time stamps, as 2016, 2017, 2018: each row is a series."""
    for leading in range(min(MOST_LEADING_COLUMNS, len(names) - FEWEST_STAMPS) + 1):
        stamps = names[leading:]
        if are_stamps(pd.Series(stamps, dtype="str")):
            raise InvalidValue(
                where,
                f"the table lies on its side: the time is in the header, in the columns {listed(stamps, most=4)}.",
                "A row for each time and a column for each series are needed. Turn it first, as with "
                f"pandas.read_csv(file, index_col={max(leading - 1, 0)}).T, or name columns of it in "
                + keywords(columns=...)
                + " if they are no time.",
                argument="columns",
            )


def are_stamps(names: pd.Series) -> bool:
    """Whether names of columns are time stamps that rise or fall, years of at most ten years apart."""
    for time_format in likely_formats(names):
        stamps = parse_stamps(names, time_format)
        if stamps.isna().any() or not (stamps.is_monotonic_increasing or stamps.is_monotonic_decreasing):
            continue
        years = stamps.dt.year
        if stamps.is_unique and years.between(*YEARS).all() and years.diff().abs().max() <= MOST_YEARS_APART:
            return True
    return False


def refuse_cycle_of_columns(where: str, names: list[str]) -> None:
    """Refuse a table with a column for each month, quarter, weekday or hour: one series, or as many as columns?"""
    for cycle, columns in _cycles(names).items():
        if columns:
            raise InvalidValue(
                where,
                f"the table has a column for each {cycle} ({listed(columns, most=4)}): this may be one series, a row "
                f"after the other, or {len(columns)} series with a step of a row.",
                "For one series, write its values below each other, with a time stamp in each row; for "
                f"{len(columns)} series, pass " + keywords(columns=columns) + ".",
                argument="columns",
            )


def _cycles(names: list[str]) -> dict[str, list[str]]:
    """The columns of each cycle that is complete, by the name of its part."""
    by_month = {_month(name): name for name in names}
    by_quarter = {_number(name, r"(?:q|qtr|quarter)[ _]?([1-4])|([1-4])q"): name for name in names}
    by_weekday = {name[:3].lower(): name for name in names if re.fullmatch(r"(?i)[a-z]{3}|[a-z]{3,6}day", name)}
    by_hour = {_number(name, r"(?:h|hour|hr)?[ _]?0?(\d{1,2})(?::00)?(?:h)?"): name for name in names}
    hours = [by_hour.get(hour, "") for hour in (range(24) if 0 in by_hour else range(1, 25))]
    cycles = {
        "month": [by_month.get(month, "") for month in range(1, 13)],
        "quarter": [by_quarter.get(quarter, "") for quarter in range(1, 5)],
        "weekday": [by_weekday.get(weekday, "") for weekday in WEEKDAYS],
        "hour": hours,
    }
    return {cycle: columns if all(columns) else [] for cycle, columns in cycles.items()}


def _month(name: str) -> int | None:
    if re.fullmatch(r"(?i)[a-z]{3,9}\.?", name) and name[:3].lower() in MONTHS:
        return MONTHS.index(name[:3].lower()) + 1
    return _number(name, r"(?:m|month)?[ _]?0?(\d{1,2})月?")


def _number(name: str, pattern: str) -> int | None:
    match = re.fullmatch(f"(?i){pattern}", name)
    return int(next(filter(None, match.groups()))) if match else None
