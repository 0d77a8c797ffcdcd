"""Stamps nearly on a grid, moved to it with a warning: seconds late, weeks moved by a holiday, middles of months."""

from __future__ import annotations

import numpy as np
import pandas as pd

from seqkit._errors import SeqkitWarning, warn
from seqkit.data.clocks import written
from seqkit.data.steps import DAY_NAMES, WEEK

FEWEST_ROWS = 10
CLOCK_STEPS = (1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1200, 1800, 3600, 7200, 10800, 21600, 43200, 86400)
LARGEST_SHARE_OFF = 0.1  # of a step by the clock
LARGEST_DAYS_OFF = 3  # of a week
LEAST_SHARE_OF_WEEKDAY = 0.7  # of weeks that are not moved
MIDDLE_OF_MONTH = (14, 17)  # days


def snapped(where: str, stamps: pd.DatetimeIndex) -> pd.DatetimeIndex:
    """Ascending stamps of irregular steps, moved to the grid that they nearly stand on; else as they are."""
    if len(stamps) < FEWEST_ROWS or not stamps.is_unique:
        return stamps
    for move in (_to_months, _to_weeks, _to_clock):
        moved = move(stamps)
        if moved is None or not moved.is_unique:
            continue
        off = np.abs((moved - stamps).total_seconds().to_numpy())
        at = int(off.argmax())
        problem = f"{int((off > 0).sum())} time stamps are beside the grid of the others and are moved to it"
        if move is _to_months:
            problem = "the time stamps are the middles of months and are moved to their first days"
        warn(SeqkitWarning(where, f"{problem}, such as {written(stamps[at])} to {written(moved[at])}."))
        return pd.DatetimeIndex(moved, name=stamps.name)
    return stamps


def _to_months(stamps: pd.DatetimeIndex) -> pd.DatetimeIndex | None:
    """The first day of each month, where each month has one stamp in its middle, as models of the climate write it."""
    months = stamps.year * 12 + stamps.month
    are_middles = ((stamps.day >= MIDDLE_OF_MONTH[0]) & (stamps.day <= MIDDLE_OF_MONTH[1])).all()
    if not are_middles or not months.is_unique or (np.diff(months) != 1).mean() > LARGEST_SHARE_OFF:
        return None
    return (stamps.normalize() - pd.to_timedelta(stamps.day - 1, unit="D")).as_unit(stamps.unit)


def _to_weeks(stamps: pd.DatetimeIndex) -> pd.DatetimeIndex | None:
    """The usual weekday of each week, where a holiday has moved some."""
    days = np.diff(stamps.normalize().as_unit("s").asi8) // 86400
    if (stamps != stamps.normalize()).any() or np.median(days) != WEEK:
        return None
    weekdays = np.bincount(stamps.day_of_week, minlength=len(DAY_NAMES))
    if weekdays.max() < LEAST_SHARE_OF_WEEKDAY * len(stamps):
        return None
    off = (weekdays.argmax() - stamps.day_of_week + LARGEST_DAYS_OFF) % WEEK - LARGEST_DAYS_OFF
    return stamps + pd.to_timedelta(off, unit="D")


def _to_clock(stamps: pd.DatetimeIndex) -> pd.DatetimeIndex | None:
    """The nearest multiple of a usual step, where every stamp is some seconds beside it."""
    usual = float(np.median((stamps[1:] - stamps[:-1]).total_seconds()))
    step = min(CLOCK_STEPS, key=lambda seconds: abs(seconds - usual))
    if abs(step - usual) > LARGEST_SHARE_OFF * step:
        return None
    moved = stamps.round(f"{step}s")
    off = np.abs((stamps - moved).total_seconds().to_numpy())
    return moved if off.max() <= LARGEST_SHARE_OFF * step else None
