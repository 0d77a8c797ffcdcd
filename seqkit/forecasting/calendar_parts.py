"""Which parts of the calendar a step can tell, and the step in whole numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from seqkit import _checks
from seqkit._errors import InvalidValue
from seqkit.data.slot_steps import OpenHours
from seqkit.data.steps import DAY_NAMES, offset_of_code
from seqkit.layers.calendar import PARTS
from seqkit.layers.calendar_steps import DAY, MONTHS, WEEK

WHERE = "build_forecaster"
MONTHS_OF = {
    pd.offsets.MonthBegin: (1, "start"),
    pd.offsets.MonthEnd: (1, "end"),
    pd.offsets.QuarterBegin: (3, "start"),
    pd.offsets.QuarterEnd: (3, "end"),
    pd.offsets.YearBegin: (MONTHS, "start"),
    pd.offsets.YearEnd: (MONTHS, "end"),
}


def check_calendar(
    frequency: str | None, parts: Any, holidays: Any, days: Sequence[int] = (), years: Sequence[int] = ()
) -> tuple[str, ...]:
    """Check the parts of the calendar beside the step of a table, and return them; refuse what the step cannot tell.

    Args:
        frequency: the step, as a code; None without a table.
        parts: one part, several, or None.
        holidays: the country, or None.
        days: its holidays, where they are known already.
        years: the first and last year of these.
    """
    argument = "calendar" if parts else "holidays"
    names = tuple([parts] if isinstance(parts, str) else parts or ())
    for name in names:
        _checks.choice(WHERE, "calendar", name, PARTS)
    if len(set(names)) < len(names):
        raise InvalidValue(WHERE, f"calendar={list(names)!r} names a part twice.", "Name it once.", argument="calendar")
    if not (names or holidays):
        return names
    if frequency is None:
        problem = "the calendar is read off time stamps, and arrays have none."
        raise InvalidValue(WHERE, problem, "Pass like=, a table with a time index.", argument=argument)
    step = calendar_step(frequency, argument)
    for name in names:
        if name not in parts_of_step(step):
            problem = f"rows of the step {frequency!r} do not tell the {name}."
            _refuse(problem, step, "calendar")
    if holidays and "weekday" not in parts_of_step(step):
        _refuse(f"a row of the step {frequency!r} is longer than a day, so it is no holiday.", step, "holidays")
    if bool(days) != bool(holidays) or len(years) != 2 * bool(holidays):
        problem = f"holidays={holidays!r} stand beside {len(days)} days of the years {list(years)}."
        raise InvalidValue(WHERE, problem, "The file is damaged.", argument="holidays")
    return names


def _refuse(problem: str, step: dict[str, Any], argument: str) -> None:
    fitting = parts_of_step(step)
    way_out = f"Use some of {_checks.listed(fitting)}" if fitting and argument == "calendar" else "Leave it out"
    raise InvalidValue(WHERE, problem, way_out + ".", argument=argument)


def parts_of_step(step: dict[str, Any]) -> list[str]:
    """The parts of the calendar in which rows of a step differ."""
    count = step["count"]
    if step["unit"] == "months":
        return [] if count % MONTHS == 0 else ["month", "year"]
    is_within_day = step["slots"] > 1 if step["unit"] == "slots" else count % DAY > 0
    is_week = step["unit"] == "seconds" and count % (WEEK * DAY) == 0
    return ["hour"] * is_within_day + ["weekday"] * (not is_week) + ["month", "year"]


def calendar_step(code: str, argument: str = "calendar") -> dict[str, Any]:
    """The step of a table in whole numbers, as `calendar_steps` describes it; refuse one that has no such numbers."""
    offset: Any = offset_of_code(code)
    if type(offset) in MONTHS_OF:
        months, at = MONTHS_OF[type(offset)]
        return {"unit": "months", "count": months * offset.n, "at": at}
    if type(offset) is pd.DateOffset:
        return {"unit": "months", "count": offset.kwds["months"] * offset.n, "at": "same day"}
    if isinstance(offset, pd.offsets.Week):
        return {"unit": "seconds", "count": WEEK * DAY * offset.n}
    if isinstance(offset, pd.offsets.Day):
        return {"unit": "seconds", "count": DAY * offset.n}
    if isinstance(offset, pd.offsets.Tick) and pd.Timedelta(offset) % pd.Timedelta("1s") == pd.Timedelta(0):
        return {"unit": "seconds", "count": int(pd.Timedelta(offset) / pd.Timedelta("1s"))}
    slots = _slots(offset)
    if slots is None:
        problem = f"the calendar is not known for rows of the step {code!r}."
        wanted = "It is for seconds to weeks, months to years, and open days and hours of a week."
        raise InvalidValue(WHERE, problem, wanted, argument=argument)
    return {"unit": "slots", "count": int(offset.n), **slots}


def _slots(offset: Any) -> dict[str, Any] | None:
    """The open days of a week and their slots; None for a step that has none."""
    if isinstance(offset, OpenHours):
        minutes, first, _, open_days = offset.hours
        slots = offset.slots_of_day
        return {"weekdays": list(open_days), "first": 60 * first, "length": 60 * minutes, "slots": slots}
    day = {"first": 0, "length": DAY, "slots": 1}
    if isinstance(offset, pd.offsets.CustomBusinessDay):
        names = str(offset.weekmask).upper().split()
        weekdays = [at for at, name in enumerate(DAY_NAMES) if name in names]
        return {"weekdays": weekdays, **day} if weekdays else None
    return {"weekdays": [0, 1, 2, 3, 4], **day} if isinstance(offset, pd.offsets.BusinessDay) else None
