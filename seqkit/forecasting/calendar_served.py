"""The input `time` of a served forecaster: ISO stamps to numbers inside the graph, refused by sample and stamp.

Shapes: B samples.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from seqkit._guards import guarded, shape_as_text
from seqkit._refusals import Refusal
from seqkit.data.stamp_numbers import stamps_of_numbers
from seqkit.forecasting.calendar_inputs import BEYOND_HOLIDAYS, OFF_STEP, OTHER_TIME, reach, step_of, words_of_holidays
from seqkit.forecasting.settings import ForecasterSettings
from seqkit.layers.calendar_steps import WEEK, civil_of, day_of, is_off_step, later, weekday_of

if TYPE_CHECKING:
    import tensorflow as tf

READS_TEXTS = "reads time stamps as texts"  # `not_in_files`
DATE = r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])"
CLOCK = r"([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,9})?)?"
NO_STAMP = Refusal(
    "time {time} of sample {sample} is no ISO time stamp without a time zone.",
    'Pass that of the last row of past, as in "2024-12-24T18:00:00".',
)
FORMAT_OF_DATE, FORMAT_OF_MINUTES = len("2024-12-24"), len("2024-12-24T18:00")


def example_times(settings: ForecasterSettings) -> np.ndarray:
    """Two stamps on the step, as ISO texts `[2]`, for years with holidays."""
    year = 2024
    if settings.holidays:
        first, last = settings.holiday_years
        year = min(max(year, (first + last) // 2), last)
    step, day, seconds = step_of(settings), int(day_of(year, 1, 1)), 0
    if step["unit"] == "slots":
        day += (step["weekdays"][0] - weekday_of(day)) % WEEK
        seconds = step["first"]
    if step["unit"] == "months" and step["at"] == "end":
        day -= 1
    stamps = [later(step, day, seconds, count) for count in (0, 1)]
    return np.array([stamp.isoformat() for stamp in stamps_of_numbers(np.array(stamps))], dtype=object)


def numbers_of_texts(settings: ForecasterSettings, time: tf.Tensor, samples: tf.Tensor) -> tf.Tensor:
    """The numbers `[B, 2]` of ISO stamps `[B]`; the graph refuses other texts, and stamps that no row can have."""
    import tensorflow as tf

    shape = tf.shape(time)
    time = guarded(OTHER_TIME, time, shape[0] != samples, came=shape_as_text(shape), samples=samples)
    place = {"time": time, "sample": tf.range(shape[0])}
    is_text = tf.strings.regex_full_match(time, f"{DATE}([T ]{CLOCK})?")
    time = guarded(NO_STAMP, time, ~is_text, **place)
    days, seconds, is_day = _parsed(tf.where(is_text, time, "1970-01-01"))
    days = guarded(NO_STAMP, days, ~is_day, **place)
    step = step_of(settings)
    days = guarded(OFF_STEP, days, is_off_step(step, days, seconds), step=repr(settings.frequency), **place)
    if settings.holidays:
        begin, end = reach(settings, days, seconds)
        known = words_of_holidays(settings)
        is_beyond = (begin < known["first"]) | (end > known["last"])
        days = guarded(BEYOND_HOLIDAYS, days, is_beyond, begin=begin, end=end, **known, **place)
    return tf.cast(tf.stack([days, seconds], axis=1), tf.float32)


def _parsed(time: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """Days, seconds, and whether the month has the day, of texts of the right form; fractions of a second are cut."""
    import tensorflow as tf

    length = tf.strings.length(time)
    time = tf.where(length == FORMAT_OF_DATE, tf.strings.join([time, "T00:00:00"]), time)
    time = tf.where(length == FORMAT_OF_MINUTES, tf.strings.join([time, ":00"]), time)

    def number(at: int, digits: int) -> tf.Tensor:
        return tf.strings.to_number(tf.strings.substr(time, at, digits), tf.int32)

    year, month, day = number(0, 4), number(5, 2), number(8, 2)
    days = day_of(year, month, day)
    return days, number(11, 2) * 3600 + number(14, 2) * 60 + number(17, 2), civil_of(days)[2] == day
