"""The input `time` of a model with calendar features: the stamp of the last row of each window, checked.

Shapes: B samples, T timesteps, H horizon, N rows.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from seqkit._errors import InvalidValue, first_line, keywords
from seqkit._refusals import Refusal
from seqkit.data.known_ahead import PAST, TIME
from seqkit.data.panel_windows import stamps_of_rows
from seqkit.data.panels import is_panel
from seqkit.data.stamp_numbers import stamp_numbers, stamps_of_numbers, with_stamps
from seqkit.data.windows import Windows
from seqkit.forecasting.calendar_parts import calendar_step, check_calendar
from seqkit.forecasting.holiday_days import holidays_of
from seqkit.forecasting.settings import ForecasterSettings
from seqkit.layers.calendar_steps import civil_of, is_off_step, later

BEYOND_HOLIDAYS = Refusal(
    "there is no holiday calendar of {country} for the years {begin} to {end}, which the window and the forecast of "
    "sample {sample} reach, at the time {time}; it is known for {first} to {last}.",
    "Build without holidays=, or forecast other years.",
)
OFF_STEP = Refusal(
    "time {time} of sample {sample} is no stamp of the step {step}.", "Pass the stamp of the last row of past."
)
OTHER_TIME = Refusal("time must have the shape ({samples},), [samples of past], got {came}.")


def settled_calendar(frequency: str | None, calendar: Any, holidays: Any) -> dict[str, Any]:
    """The settings of the calendar from the arguments of `build_forecaster`, checked beside the step of the table."""
    found = None if holidays is None else holidays_of(holidays)
    country, days, years = (None, (), ()) if found is None else found
    parts = check_calendar(frequency, calendar, country, days, years)
    return {"calendar": parts, "holidays": country, "holiday_days": days, "holiday_years": years}


def description_of_calendar(settings: ForecasterSettings) -> dict[str, Any]:
    """What the exported `describe` endpoint says of the calendar; {} where the model reads none."""
    parts = {"calendar": list(settings.calendar)} if settings.calendar else {}
    if not settings.holidays:
        return parts
    return {**parts, "holidays": settings.holidays, "holiday_years": list(settings.holiday_years)}


def step_of(settings: ForecasterSettings) -> dict[str, Any]:
    """The step of a model that reads time, in whole numbers."""
    return calendar_step(str(settings.frequency))


def timed(settings: ForecasterSettings, windows: Windows, stamps: Any, where: str) -> Windows:
    """The windows of rows `[N, columns]`, with the numbers of the stamps `[N]` where the model reads them."""
    if settings.reads_time:
        refuse_stamps_beyond(settings, stamps, settings.horizon, where)
        windows.values = with_stamps(windows.values, pd.DatetimeIndex(stamps))
    return windows


def with_time(settings: ForecasterSettings, inputs: Any, stamps: pd.DatetimeIndex) -> Any:
    """The input of windows `[B, T, F]` beside the stamps `[B]` of their last rows, where the model reads these."""
    if not settings.reads_time:
        return inputs
    return {**(inputs if isinstance(inputs, dict) else {PAST: inputs}), TIME: stamp_numbers(stamps)}


def later_time(settings: ForecasterSettings, time: np.ndarray, steps: int) -> np.ndarray:
    """The numbers `[B, 2]` of the stamps so many steps later."""
    days, seconds = np.asarray(time, "int64").T
    return np.stack(later(step_of(settings), days, seconds, np.int64(steps)), axis=1).astype("float32")


def stamps_of(table: Any) -> pd.DatetimeIndex:
    """The stamps of the rows of a checked table or panel."""
    return stamps_of_rows(table) if is_panel(table) else pd.DatetimeIndex(table.index)


def refuse_stamps_beyond(settings: ForecasterSettings, stamps: Any, steps: int, where: str) -> None:
    """Refuse rows for which, or for whose forecast, there is no holiday calendar.

    Args:
        settings: of the model.
        stamps: of the rows, ascending or of several series.
        steps: that are forecast after them.
        where: the function, for messages.
    """
    if not (settings.holidays and len(stamps)):
        return
    stamps = pd.DatetimeIndex(stamps)
    begin = stamps.min().year
    last = later_time(settings, stamp_numbers(pd.DatetimeIndex([stamps.max()])), steps)
    end = stamps_of_numbers(last)[0].year
    first_year, last_year = settings.holiday_years
    if begin < first_year or end > last_year:
        at = stamps.min() if begin < first_year else stamps_of_numbers(last)[0]
        problem = f"there is no holiday calendar of {settings.holidays} at {at}: it is known for {first_year} to "
        way_out = "Build without " + keywords(holidays=settings.holidays) + ", or leave the rows out."
        raise InvalidValue(where, f"{problem}{last_year}.", way_out, argument="holidays")


def checked_time(settings: ForecasterSettings, time: Any, samples: int, where: str) -> np.ndarray:
    """The numbers `[B, 2]` of the stamps in `x["time"]`: ISO texts, NumPy's dates `[B]`, or the numbers themselves."""
    array = np.asarray(time)
    if array.dtype.kind in "OUSM":
        array = _numbers(array, where)
    if array.shape != (samples, 2):
        problem = f"x['time'] must have the shape ({samples},), or ({samples}, 2) of days and seconds, got "
        raise InvalidValue(where, f"{problem}{np.shape(time)}.", argument="x")
    numbers = array.astype("float64")
    if not (np.isfinite(numbers).all() and (numbers == np.floor(numbers)).all()):
        problem = "x['time'] must hold whole numbers, days since 1970-01-01 and seconds of the day."
        raise InvalidValue(where, problem, "ISO texts are taken too.", argument="x")
    days, seconds = numbers.astype("int64").T
    step, texts = step_of(settings), stamps_of_numbers(numbers)
    _raise_first(OFF_STEP, is_off_step(step, days, seconds), where, time=texts, step=[settings.frequency] * samples)
    if settings.holidays:
        begin, end = reach(settings, days, seconds)
        is_beyond = (begin < settings.holiday_years[0]) | (end > settings.holiday_years[1])
        known = {name: [value] * samples for name, value in words_of_holidays(settings).items()}
        _raise_first(BEYOND_HOLIDAYS, is_beyond, where, time=texts, begin=begin, end=end, **known)
    return numbers.astype("float32")


def reach(settings: ForecasterSettings, days: Any, seconds: Any) -> tuple[Any, Any]:
    """The years of the first row of windows, and of the last row of their forecasts."""
    step = step_of(settings)
    first, last = (later(step, days, seconds, count)[0] for count in (1 - settings.timesteps, settings.horizon))
    return civil_of(first)[0], civil_of(last)[0]


def words_of_holidays(settings: ForecasterSettings) -> dict[str, Any]:
    """What a refusal says of the holidays that are known."""
    first, last = settings.holiday_years
    return {"country": settings.holidays, "first": first, "last": last}


def _numbers(array: np.ndarray, where: str) -> np.ndarray:
    try:
        texts = [one.decode() if isinstance(one, bytes) else one for one in array.ravel().tolist()]
        index = pd.DatetimeIndex(pd.to_datetime(array.ravel() if array.dtype.kind == "M" else texts, format="ISO8601"))
    except (ValueError, TypeError) as error:
        problem = f"x['time'] must hold ISO time stamps: {first_line(error)}"
        raise InvalidValue(where, problem, 'Pass them as in "2024-12-24T18:00:00".', argument="x") from error
    if index.tz is not None:
        problem = "x['time'] has time stamps with a time zone."
        raise InvalidValue(where, problem, "Pass them on the clock of the table, without one.", argument="x")
    if index.hasnans:
        raise InvalidValue(where, "x['time'] has a missing time stamp.", argument="x")
    return stamp_numbers(index).reshape(*array.shape, 2)


def _raise_first(refusal: Refusal, is_wrong: Any, where: str, **values: Any) -> None:
    """Refuse the first sample that is wrong, with its values."""
    if np.any(is_wrong):
        sample = int(np.argmax(is_wrong))
        named = {name: value[sample] for name, value in values.items()}
        raise refusal.error(where, argument="x", sample=sample, **named)
