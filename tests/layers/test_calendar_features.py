"""Calendar features, and the steps in time that they follow, against pandas."""

import numpy as np
import pandas as pd
import pytest
from keras import ops

from seqkit.data.slot_steps import OpenHours
from seqkit.data.stamp_numbers import stamp_numbers, stamps_of_numbers
from seqkit.data.steps import code_of
from seqkit.forecasting.calendar_parts import calendar_step
from seqkit.layers.calendar import CalendarFeatures
from seqkit.layers.calendar_steps import civil_of, day_of, is_off_step, later

DAILY = {"unit": "seconds", "count": 86400}
STEPS = [
    "7s",
    "15min",
    "h",
    "6h",
    "D",
    "3D",
    "W-WED",
    "2W-SUN",
    "B",
    "MS",
    "ME",
    "2MS",
    "QS-OCT",
    "QE-JAN",
    "YS",
    "YE-JUN",
]
OFFSETS = [
    *map(pd.tseries.frequencies.to_offset, STEPS),
    pd.DateOffset(months=5),
    pd.offsets.CustomBusinessDay(weekmask="Tue Wed Sat"),
    OpenHours(minutes=30, first=570, last=990, weekdays=(0, 1, 4)),
    2 * OpenHours(minutes=60, first=0, last=1380, weekdays=(5, 6)),
]


def test_days_are_those_of_the_civil_calendar():
    stamps = pd.date_range("1895-02-27", "2104-03-02", freq="D")
    days = stamp_numbers(stamps)[:, 0].astype("int32")
    year, month, day = civil_of(days)
    for found, expected in ((year, stamps.year), (month, stamps.month), (day, stamps.day)):
        assert (found == expected).all()
    assert (day_of(year, month, day) == days).all()


@pytest.mark.parametrize("offset", OFFSETS, ids=str)
def test_the_stamps_before_and_after_a_row_are_those_of_its_table(offset):
    start = "1968-01-22T09:30" if "Mon Tue Fri" in str(offset) else "1968-01-20"  # an open hour
    stamps = pd.date_range(start, periods=131, freq=offset)
    step, numbers = calendar_step(code_of(stamps.freq)), stamp_numbers(stamps).astype("int32")
    for last in (0, 83, 130):
        counts = np.arange(131, dtype="int32") - last
        days, seconds = later(step, numbers[last, 0], numbers[last, 1], ops.convert_to_tensor(counts))
        found = np.stack([ops.convert_to_numpy(days), ops.convert_to_numpy(seconds)], axis=1)
        assert (found == numbers).all()
    assert not np.any(is_off_step(step, *numbers.T))
    assert (stamps_of_numbers(numbers) == stamps).all()


@pytest.mark.parametrize(
    ("code", "stamp"),
    [
        ("B", "2024-03-02"),
        ("MS", "2024-03-02"),
        ("ME", "2024-02-28"),
        ("months 1", "2024-01-30"),
        (str(OpenHours(minutes=60, first=540, last=1020, weekdays=(0, 1, 2, 3, 4))), "2024-03-01T08:00:00"),
        (str(OpenHours(minutes=60, first=540, last=1020, weekdays=(0, 1, 2, 3, 4))), "2024-03-01T09:30:00"),
    ],
)
def test_a_stamp_where_no_row_can_be_is_found(code, stamp):
    days, seconds = stamp_numbers(pd.DatetimeIndex([stamp])).astype("int32").T
    assert is_off_step(calendar_step(code), days, seconds).all()


def test_hours_weekdays_months_and_the_place_in_the_year():
    stamps = pd.date_range("2023-12-30T18:00", periods=11, freq="6h")
    layer = CalendarFeatures(4, {"unit": "seconds", "count": 6 * 3600}, ["hour", "weekday", "month", "year"])
    found = ops.convert_to_numpy(layer(stamp_numbers(stamps[[6]]), np.zeros((1, 7, 3), "float32")))[0]
    assert found.shape == (11, len(layer.names)) == (11, 6 + 7 + 12 + 4)
    angle = 2 * np.pi * stamps.hour.to_numpy() / 24
    waves = [curve(wave * angle) for wave in (1, 2, 3) for curve in (np.sin, np.cos)]
    np.testing.assert_allclose(found[:, :6], np.stack(waves, axis=1), atol=1e-5)
    assert (found[:, 6:13] == np.eye(7)[stamps.day_of_week]).all()
    assert (found[:, 13:25] == np.eye(12)[stamps.month - 1]).all()
    lengths = np.where(stamps.is_leap_year, 366, 365)
    angle = 2 * np.pi * (stamps.day_of_year - 1 + stamps.hour / 24).to_numpy() / lengths
    waves = [curve(wave * angle) for wave in (1, 2) for curve in (np.sin, np.cos)]
    np.testing.assert_allclose(found[:, 25:], np.stack(waves, axis=1), atol=1e-4)


def test_holidays_tell_the_day_before_and_the_day_after_them():
    layer = CalendarFeatures(2, DAILY, [], [100, 103, 104])
    time = np.array([[102, 0], [900, 0]], "float32")
    found = ops.convert_to_numpy(layer(time, np.zeros((2, 3, 1), "float32")))
    assert found[0].tolist() == [[0, 1, 0], [1, 0, 0], [0, 0, 1], [0, 1, 1], [1, 1, 0]]  # days 100 to 104
    assert not found[1].any()
