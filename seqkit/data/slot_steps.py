"""Steps that pandas does not have: dekads, and the open hours of a shop, an office or an exchange."""

from __future__ import annotations

import datetime
import re
from typing import Any

import pandas as pd
from pandas.tseries.offsets import BaseOffset

DAY_NAMES = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MINUTES_OF_DAY = 24 * 60
MONDAY = datetime.date(1970, 1, 5).toordinal()
DEKADS = (1, 11, 21)  # the days on which they begin


class SlotStep(BaseOffset):
    """A step from one slot of the calendar to the next; a subclass numbers the slots."""

    def __init__(self, n: int = 1, normalize: bool = False) -> None:
        """Store how many slots one step is."""
        super().__init__(n, normalize)

    def number(self, stamp: pd.Timestamp) -> int:
        """The number of the latest slot that is not after the stamp."""
        raise NotImplementedError

    def stamp(self, number: int, like: pd.Timestamp) -> pd.Timestamp:
        """The time stamp of a slot, in the time zone of another one."""
        raise NotImplementedError

    def _add_datetime(self, other: Any) -> pd.Timestamp:
        start = pd.Timestamp(other)
        return self.stamp(self.number(start) + self.n, start)

    _apply = _add_datetime  # its name in pandas 2

    def is_on_offset(self, ts: Any) -> bool:
        """Whether a time stamp is a slot."""
        stamp = pd.Timestamp(ts)
        return bool(self.stamp(self.number(stamp), stamp) == stamp)

    @property
    def freqstr(self) -> str:
        """The step as text, from which `slot_step` makes it again."""
        return str(self)

    @property
    def rule_code(self) -> str:
        """The step as text."""
        return str(self)

    def __repr__(self) -> str:
        return str(self)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SlotStep) and str(self) == str(other)

    def __hash__(self) -> int:
        return hash(str(self))

    def __mul__(self, count: Any) -> Any:
        return slot_step(re.sub(r"^\d+", str(self.n * count), str(self)))

    def __rmul__(self, count: Any) -> Any:
        return self * count

    def __reduce__(self) -> tuple[Any, ...]:
        return slot_step, (str(self),)


class Dekads(SlotStep):
    """The 1st, 11th and 21st of each month, as rainfall and vegetation are reported."""

    def __str__(self) -> str:
        return f"{self.n} dekads"

    def number(self, stamp: pd.Timestamp) -> int:
        """Count the dekads since the year 0."""
        return (stamp.year * 12 + stamp.month - 1) * len(DEKADS) + min((stamp.day - 1) // 10, 2)

    def stamp(self, number: int, like: pd.Timestamp) -> pd.Timestamp:
        """The day on which a dekad begins."""
        month, dekad = divmod(number, len(DEKADS))
        return like.normalize().replace(year=month // 12, month=month % 12 + 1, day=DEKADS[dekad])


class OpenHours(SlotStep):
    """Slots of equal length from the first to the last of a day, on the open days of a week."""

    def __init__(
        self, n: int = 1, *, minutes: int = 60, first: int = 0, last: int = 0, weekdays: tuple[int, ...] = ()
    ) -> None:
        """Store the length of a slot and the first and last slot, in minutes of the day; Monday is 0."""
        super().__init__(n)
        self._hours = (minutes, first, last, weekdays)

    @property
    def hours(self) -> tuple[int, int, int, tuple[int, ...]]:
        """The length of a slot, the first and the last one, in minutes of the day, and the open days."""
        return self._hours

    @property
    def slots_of_day(self) -> int:
        """How many slots an open day has."""
        minutes, first, last, _ = self._hours
        return (last - first) // minutes + 1

    @property
    def open_days(self) -> int:
        """How many days of a week are open."""
        return len(self._hours[3])

    def __str__(self) -> str:
        minutes, first, last, weekdays = self._hours
        days = " ".join(DAY_NAMES[weekday] for weekday in weekdays)
        return f"{self.n} x {minutes}min, {_clock(first)} to {_clock(last)}, {days}"

    def number(self, stamp: pd.Timestamp) -> int:
        """Count the slots of open days since 1970."""
        minutes, first, _, weekdays = self._hours
        week, weekday = divmod(stamp.toordinal() - MONDAY, len(DAY_NAMES))
        days = week * len(weekdays) + sum(open_day < weekday for open_day in weekdays)
        slot = (stamp.hour * 60 + stamp.minute - first) // minutes if weekday in weekdays else -1
        return days * self.slots_of_day + max(-1, min(slot, self.slots_of_day - 1))

    def stamp(self, number: int, like: pd.Timestamp) -> pd.Timestamp:
        """The time at which a slot begins."""
        minutes, first, _, weekdays = self._hours
        days, slot = divmod(number, self.slots_of_day)
        week, position = divmod(days, len(weekdays))
        day = datetime.date.fromordinal(MONDAY + week * len(DAY_NAMES) + weekdays[position])
        clock = first + slot * minutes
        start = like.normalize().replace(year=day.year, month=day.month, day=day.day)
        return start.replace(hour=clock // 60, minute=clock % 60)


def slot_step(code: str) -> SlotStep | None:
    """The step that a code describes; None for a code of pandas."""
    if match := re.fullmatch(r"(\d+) dekads", code):
        return Dekads(int(match[1]))
    match = re.fullmatch(r"(\d+) x (\d+)min, (\d\d):(\d\d) to (\d\d):(\d\d), ([A-Za-z ]+)", code)
    if not match:
        return None
    count, minutes, *clock = map(int, match.groups()[:-1])
    weekdays = tuple(DAY_NAMES.index(name) for name in match[7].split())
    first, last = clock[0] * 60 + clock[1], clock[2] * 60 + clock[3]
    return OpenHours(count, minutes=minutes, first=first, last=last, weekdays=weekdays)


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
