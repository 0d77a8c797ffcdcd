"""The calendar in a forecaster: the layer of its features, and their level and spread by the training rows.

Shapes: N rows, K calendar features.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from keras import ops

from seqkit._errors import InvalidValue, SeqkitWarning, listed, warn
from seqkit.data.panels import is_panel
from seqkit.data.stamp_numbers import stamp_numbers
from seqkit.forecasting.calendar_inputs import stamps_of, step_of
from seqkit.forecasting.choices import WHERE
from seqkit.forecasting.settings import ForecasterSettings
from seqkit.forecasting.tables import as_table, is_table
from seqkit.layers.calendar import CalendarFeatures

CALENDAR = "calendar"  # the name of the layer


def calendar_features(settings: ForecasterSettings) -> CalendarFeatures:
    """The layer from the stamp of the last row to the features of each step."""
    return CalendarFeatures(
        settings.horizon, step_of(settings), settings.calendar, settings.holiday_days, name=CALENDAR
    )


def calendar_statistics(model: Any, table: Any) -> tuple[np.ndarray, np.ndarray]:
    """Level and spread `(K,)` of the features over the rows of a training table or panel.

    Raises:
        InvalidValue: an array, which has no time stamps.
    """
    if not (is_panel(table) or is_table(table)):
        problem = "the calendar is read off time stamps, and an array has none."
        raise InvalidValue("adapt", problem, "Pass the training table.", argument="table")
    stamps = stamps_of(table if is_panel(table) else as_table(table, "adapt", model.settings.categories))
    numbers, counts = np.unique(stamp_numbers(stamps).astype("int32"), axis=0, return_counts=True)
    days, seconds = (ops.convert_to_tensor(column) for column in numbers.T)
    features = model.get_layer(CALENDAR).features(days, seconds)
    values = np.asarray(ops.convert_to_numpy(features), "float64")  # (stamps, K)
    level = np.average(values, axis=0, weights=counts)
    return level, np.sqrt(np.average(np.square(values - level), axis=0, weights=counts))


def warn_of_constant_calendar(model: Any, factors: np.ndarray) -> None:
    """One warning names the parts of the calendar that do not vary in the training rows."""
    if not model.settings.reads_time:
        return
    names = model.get_layer(CALENDAR).names
    constant = [part for part in dict.fromkeys(names) if not factors[[name == part for name in names]].any()]
    if constant:
        problem = f"the calendar feature {listed(constant)} is constant in the training rows: its effect is not known."
        warn(SeqkitWarning(WHERE, problem, "It is left out of the forecast; pass rows in which it varies."))
