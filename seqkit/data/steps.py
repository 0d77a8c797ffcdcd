"""The step of a table: found from its time stamps, and written as a code that a model keeps."""

from __future__ import annotations

import numpy as np
import pandas as pd
from pandas.tseries.frequencies import to_offset
from pandas.tseries.offsets import BaseOffset, CustomBusinessDay, DateOffset

from seqkit.data.slot_steps import DEKADS, MINUTES_OF_DAY, Dekads, OpenHours, slot_step

MONTH_NAMES = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
DAY_NAMES = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
WEEK = 7
MONTHS_OF_YEAR = 12
FEWEST_WEEKS, LEAST_SHARE_OF_OPEN_DAYS = 4, 0.8  # for days of the week that are always closed
LAST_COMMON_DAY = 28  # of every month
OPEN_DAYS, SAME_DAY = "open days ", "months "  # begin the codes of steps that pandas has no code for


def code_of(offset: BaseOffset | None) -> str | None:
    """The step as text from which `offset_of_code` makes it again; pandas' own code where that holds all of it."""
    if offset is None:
        return None
    if isinstance(offset, CustomBusinessDay):
        return f"{OPEN_DAYS}{offset.n}: {offset.weekmask}"
    if type(offset) is DateOffset:
        months = offset.kwds.get("months", 0) + MONTHS_OF_YEAR * offset.kwds.get("years", 0)
        return f"{SAME_DAY}{months * offset.n}"
    return str(offset.freqstr)


def offset_of_code(code: str) -> BaseOffset:
    """The step that `code_of` has written."""
    if code.startswith(OPEN_DAYS):
        count, weekmask = code.removeprefix(OPEN_DAYS).split(": ")
        return CustomBusinessDay(int(count), weekmask=weekmask)
    if code.startswith(SAME_DAY):
        return DateOffset(months=int(code.removeprefix(SAME_DAY)))
    return slot_step(code) or to_offset(code)


def step_of(stamps: pd.DatetimeIndex) -> tuple[BaseOffset | None, int]:
    """The step of ascending stamps, where rows may be missing; or None and the position of the first irregular stamp.

    The step is the most common difference, in months, days or a smaller unit: the largest unit that fits. Every other
    difference must be a multiple of the step.
    """
    days = stamps.normalize()
    months = (stamps.year * 12 + stamps.month).to_numpy()
    if (stamps - days).nunique() > 1:
        step, irregular = _whole_step(stamps.asi8)
        if not step:
            return None, irregular
        length = pd.Timedelta(np.timedelta64(step, stamps.unit))
        return _open_hours(stamps, length) or to_offset(length), irregular
    # Not `is_month_start`, which pandas answers for working days where it infers such a step.
    if (days.day == 1).all() or _are_ends(days).all():
        step, irregular = _whole_step(months)
        side = "S" if days[0].day == 1 else "E"
        return _months_offset(step, stamps[0].month, side) if step else None, irregular
    in_month = _offset_in_month(days, months)
    if in_month is not None:
        return in_month, 0
    step, irregular = _whole_step(days.as_unit("s").asi8 // 86400)
    return _days_offset(step, days) if step else None, irregular


def _are_ends(days: pd.DatetimeIndex) -> np.ndarray:
    return np.asarray(days.day == days.days_in_month)


def _offset_in_month(days: pd.DatetimeIndex, months: np.ndarray) -> BaseOffset | None:
    """The step of stamps with a place of their own in the month: its 15th, first Monday, first or last working day."""
    if set(days.day) == set(DEKADS):
        return Dekads()
    if set(days.day) == {1, 15}:
        return to_offset("SMS-15")
    if set(days.day[~_are_ends(days)]) == {15} and _are_ends(days).any():
        return to_offset("SME-15")
    step = _whole_step(months)[0] if len(np.unique(months)) == len(months) else 0
    if not step:
        return None
    if days.day.nunique() == 1 and days.day[0] <= LAST_COMMON_DAY:
        return DateOffset(months=step)
    for offset in (pd.offsets.BMonthBegin(), pd.offsets.BMonthEnd()):
        if all(offset.is_on_offset(day) for day in days):
            return offset * step
    ordinals = (days.day - 1) // WEEK
    if days.day_of_week.nunique() == 1 and ordinals.nunique() == 1:
        return pd.offsets.WeekOfMonth(n=step, week=int(ordinals[0]), weekday=int(days[0].weekday()))
    return None


def _whole_step(counts: np.ndarray) -> tuple[int, int]:
    """(step, 0), or (0, the first position whose difference is not a multiple of the most common difference)."""
    steps, frequencies = np.unique(np.diff(counts), return_counts=True)
    step = int(steps[np.argmax(frequencies)])
    irregular = np.flatnonzero(np.diff(counts) % step)
    if 2 * frequencies.max() < frequencies.sum():
        irregular = np.flatnonzero(np.diff(counts) != step)
    return (0, int(irregular[0]) + 1) if len(irregular) else (step, 0)


def _months_offset(step: int, month: int, side: str) -> BaseOffset:
    if step % 12 == 0:
        return to_offset(f"{step // 12}Y{side}-{MONTH_NAMES[month - 1]}")
    if step == 3:
        anchor = (month - 1) % 3 + (9 if side == "E" else 0)
        return to_offset(f"Q{side}-{MONTH_NAMES[anchor]}")
    return to_offset(f"{step}M{side}")


def _days_offset(step: int, days: pd.DatetimeIndex) -> BaseOffset:
    if step % 7 == 0:
        return to_offset(f"{step // 7}W-{DAY_NAMES[days[0].weekday()]}")
    spans_weekend = (days[-1] - days[0]).days >= 7 or days[-1].weekday() < days[0].weekday()
    if step == 1 and spans_weekend and (days.day_of_week < 5).all():
        return to_offset("B")
    open_days = _open_days(days) if step == 1 else ""
    return CustomBusinessDay(weekmask=open_days) if open_days else to_offset(f"{step}D")


def _open_hours(stamps: pd.DatetimeIndex, length: pd.Timedelta) -> BaseOffset | None:
    """The open hours of stamps that never fall outside them, in two weeks or more, and nearly fill them; else None."""
    minutes = length / pd.Timedelta("1min")
    clock = (stamps.hour * 60 + stamps.minute).to_numpy()
    first, last = int(clock.min()), int(clock.max())
    weekdays = np.bincount(stamps.day_of_week, minlength=WEEK)
    slots = (last - first) / minutes + 1
    days = (stamps[-1].normalize() - stamps[0].normalize()).days + 1
    is_closed = slots * minutes + length.total_seconds() / 60 <= MINUTES_OF_DAY or (weekdays == 0).any()
    if not is_closed or days < 2 * WEEK or minutes != int(minutes) or not slots.is_integer() or stamps.tz is not None:
        return None
    open_days = tuple(np.flatnonzero(weekdays).tolist())
    expected = days * len(open_days) / WEEK * slots
    if len(stamps) < LEAST_SHARE_OF_OPEN_DAYS * expected:
        return None
    return OpenHours(minutes=int(minutes), first=first, last=last, weekdays=open_days)


def _open_days(days: pd.DatetimeIndex) -> str:
    """The open days of a week, as in "Mon Tue Wed Thu Fri Sat"; empty where the rows show no closed ones.

    A day is closed if it never has a row in four weeks or more, and the others nearly always have one.
    """
    counts = np.bincount(days.day_of_week, minlength=WEEK)
    weeks = (days[-1] - days[0]).days / WEEK
    is_open = counts > 0
    if weeks < FEWEST_WEEKS or is_open.all() or (counts[is_open] < LEAST_SHARE_OF_OPEN_DAYS * (weeks - 1)).any():
        return ""
    return " ".join(name.title() for name, open_day in zip(DAY_NAMES, is_open, strict=True) if open_day)
