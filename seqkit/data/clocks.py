"""Clocks that change between winter and summer time: hours that stand twice or not at all, and local stamps in UTC."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import pandas as pd

from seqkit._checks import choice, did_you_mean
from seqkit._errors import InvalidValue, MessageText, SeqkitWarning, keywords, warn
from seqkit.data.categories import is_category

EXAMPLE_ZONES = ("UTC", "Europe/Berlin", "Europe/London", "America/New_York", "Asia/Shanghai", "Australia/Sydney")
DUPLICATES = {
    "refuse": "refuse rows of the same time stamp",
    "mean": "their mean",
    "first": "the first of them",
    "last": "the last of them",
}
HOUR, MIDNIGHT = pd.Timedelta("1h"), " 00:00:00"
CLOCKS_CHANGE = (
    "as where clocks change between winter and summer time. Name the zone of the clock, as in "
    + keywords(timezone="Europe/Berlin")
    + ", or give stamps in UTC"
)


def merge_doubles(where: str, values: pd.DataFrame, lines: np.ndarray, duplicates: str) -> pd.DataFrame:
    """One row for each stamp of ascending rows.

    An hour that stands twice on a night when clocks go back becomes its mean, with a warning; other rows of the same
    stamp are refused, unless `duplicates` says what to do.

    Args:
        where: the function and the file, for messages.
        values: the rows, indexed by their ascending stamps.
        lines: the line of each row in the file.
        duplicates: "refuse", "mean", "first" or "last".
    """
    choice(where, "duplicates", duplicates, DUPLICATES)
    stamps = pd.DatetimeIndex(values.index)
    if stamps.is_unique:
        return values
    doubled = stamps[stamps.duplicated()]
    are_hours = doubled.is_unique and are_hours_of_autumn(stamps, doubled)
    if duplicates == "refuse" and not are_hours:
        raise _doubled(where, stamps, lines)
    how = "mean" if duplicates == "refuse" else duplicates
    doubled = doubled.unique()
    written = ", ".join(str(stamp) for stamp in doubled[:3]) + (" and so on" if len(doubled) > 3 else "")
    problem = f"{len(doubled)} time stamps stand in several rows, {written}; each becomes {DUPLICATES[how]}."
    if duplicates == "refuse":
        problem = f"the hour in which clocks go back stands twice, {written}; it becomes {DUPLICATES[how]}."
    way_out = "Other choices: " + keywords(duplicates="first") + ", " + keywords(duplicates="last") + "."
    warn(SeqkitWarning(where, problem, way_out, "duplicates"))
    return values.groupby(level=0).agg(merging(values, how))


def merging(values: pd.DataFrame, how: str) -> Any:
    """How rows of one stamp become one, for each column; the first category counts, since words have no mean."""
    words = [name for name, column in values.items() if is_category(column)]
    return {name: "first" if name in words and how == "mean" else how for name in values.columns} if words else how


def are_hours_of_autumn(stamps: pd.DatetimeIndex, doubled: pd.DatetimeIndex) -> bool:
    """Whether the stamps that stand twice are only one hour a year, on a night when clocks go back."""
    hours = doubled.floor("h").unique()
    return bool(
        stamps.tz is None
        and not hours.year.duplicated().any()
        and all(may_change_clocks(hour) for hour in hours)
        and (stamps != stamps.normalize()).any()
    )


def _doubled(where: str, stamps: pd.DatetimeIndex, lines: np.ndarray) -> ValueError:
    second = int(np.argmax(stamps.duplicated()))
    hint: str | MessageText = (
        "Keep one of them, pass "
        + keywords(duplicates="mean")
        + ', "first" or "last", or, if the file holds many series, pass one series.'
    )
    problem = f"lines {lines[second - 1]} and {lines[second]} have the same time stamp, {written(stamps[second])}."
    return InvalidValue(where, problem, hint, "duplicates")


def localised(where: str, index: pd.DatetimeIndex, timezone: str, series: np.ndarray | None = None) -> pd.DatetimeIndex:
    """Convert wall-clock stamps of `timezone` to UTC; an hour that stands twice is told by the order of its rows.

    Args:
        where: the function and the file, for messages.
        index: the stamps `(rows,)`.
        timezone: the zone of the clock.
        series: the number of each row's series `(rows,)`; None for one series.
    """
    if index.tz is not None:
        way_out = "Leave " + keywords(timezone=timezone) + " out."
        raise InvalidValue(where, "the stamps name their offset from UTC already.", way_out, "timezone")
    if (index == index.normalize()).all():
        raise InvalidValue(
            where,
            keywords(timezone=timezone) + " is for stamps with a time of day; these are whole days.",
            "Leave it out.",
            argument="timezone",
        )
    series = np.zeros(len(index), int) if series is None else series
    own = index[series == series[0]]
    earlier: Literal["first", "last"] = "first" if own[0] <= own[-1] else "last"
    is_summer = ~pd.DataFrame({"series": series, "stamp": index.asi8}).duplicated(keep=earlier).to_numpy()
    try:
        local = index.tz_localize(timezone, ambiguous=is_summer, nonexistent="NaT")
    except (LookupError, TypeError, OSError, ValueError):
        hint = did_you_mean(timezone, EXAMPLE_ZONES)
        raise InvalidValue(
            where,
            keywords(timezone=timezone) + " is not a time zone.",
            "Name a place, as in " + keywords(timezone="Europe/Berlin") + f".{hint}",
            argument="timezone",
        ) from None
    if local.hasnans:
        missing = index[int(np.argmax(local.isna()))]
        raise InvalidValue(
            where,
            "the stamps are not those of a clock in "
            + keywords(timezone=timezone)
            + f": {missing} does not exist there.",
            "Name the zone of the clock that wrote them, or give stamps in UTC.",
            argument="timezone",
        )
    return local.tz_convert("UTC")


def may_change_clocks(stamp: pd.Timestamp) -> bool:
    """Whether this is a Sunday night in spring or autumn, when nearly all changes of the clocks happen."""
    return stamp.tz is None and stamp.weekday() == 6 and stamp.hour <= 3 and stamp.month in (3, 4, 9, 10, 11)


def written(stamp: pd.Timestamp) -> str:
    """A stamp in messages: the day alone where it is midnight."""
    return str(stamp).removesuffix(MIDNIGHT)  # a year beyond 9999 has no date()
