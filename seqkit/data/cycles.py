"""The cycles of the calendar that a step goes around: a day, a week, a year."""

from __future__ import annotations

import re

import pandas as pd
from pandas.tseries.offsets import BaseOffset, CustomBusinessDay, DateOffset

from seqkit.data.slot_steps import DEKADS, Dekads, OpenHours
from seqkit.data.steps import MONTHS_OF_YEAR, SAME_DAY, WEEK, code_of

WEEKS_OF_YEAR, DAYS_OF_YEAR = 52, 365
WORKING_DAYS = 5  # of a week
MONTHS_OF_CODE = {"M": 1, "BM": 1, "Q": 3, "BQ": 3, "Y": 12, "BY": 12}  # by the letters before S or E


def steps_in_cycle(offset: BaseOffset) -> int:
    """The steps in the next larger cycle of the calendar: a day, a week or a year; 1 where it is no whole number.

    Hours have 24, days 7, working days 5, weeks 52, four weeks 13, months 12, two months 6, half years 2.
    """
    if isinstance(offset, OpenHours):
        return (offset.slots_of_day if offset.slots_of_day > 1 else offset.open_days) if offset.n == 1 else 1
    if isinstance(offset, Dekads):
        return _whole(len(DEKADS) * MONTHS_OF_YEAR, offset.n)
    if isinstance(offset, CustomBusinessDay):
        return len(offset.weekmask.split()) if offset.n == 1 else 1
    if _is_clock_step(offset):
        return WEEK if _steps_in_day(offset) == 1 else _steps_in_day(offset) or 1
    if isinstance(offset, pd.offsets.BusinessDay):
        return WORKING_DAYS if offset.n == 1 else 1
    if isinstance(offset, pd.offsets.Week):
        return _whole(WEEKS_OF_YEAR, offset.n)
    if isinstance(offset, pd.offsets.SemiMonthBegin | pd.offsets.SemiMonthEnd):
        return _whole(2 * MONTHS_OF_YEAR, offset.n)
    if isinstance(offset, pd.offsets.WeekOfMonth | pd.offsets.LastWeekOfMonth):
        return _whole(MONTHS_OF_YEAR, offset.n)
    if type(offset) is DateOffset:
        return _whole(MONTHS_OF_YEAR, int(str(code_of(offset)).removeprefix(SAME_DAY)))
    letters = re.match(r"[A-Z]*(?=[SE]$)", offset.rule_code.split("-")[0])
    return _whole(MONTHS_OF_YEAR, MONTHS_OF_CODE.get(letters[0], 0) * offset.n) if letters else 1


def steps_in_longer_cycle(offset: BaseOffset) -> int:
    """The steps in the cycle above that of `steps_in_cycle`; 1 where there is none.

    Hours have 168, a week; half hours 336; days 365, a year; working days 261.
    """
    if isinstance(offset, OpenHours):
        return offset.slots_of_day * offset.open_days if offset.slots_of_day > 1 and offset.n == 1 else 1
    if isinstance(offset, CustomBusinessDay | pd.offsets.BusinessDay):
        return round(DAYS_OF_YEAR * steps_in_cycle(offset) / WEEK) if offset.n == 1 else 1
    if _is_clock_step(offset):
        return DAYS_OF_YEAR if _steps_in_day(offset) == 1 else WEEK * _steps_in_day(offset) or 1
    return 1


def _is_clock_step(offset: BaseOffset) -> bool:
    return isinstance(offset, pd.offsets.Tick) or type(offset) is pd.offsets.Day


def _steps_in_day(offset: BaseOffset) -> int:
    """The steps of a fixed length in a day; 0 where they are no whole number."""
    per_day = pd.Timedelta(days=1) / pd.Timedelta(offset.freqstr if offset.n > 1 else "1" + offset.freqstr)
    return int(per_day) if per_day.is_integer() else 0


def _whole(steps: int, count: int) -> int:
    return steps // count if count and steps % count == 0 else 1
