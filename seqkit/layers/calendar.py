"""Calendar features of the steps of a window, from the stamp of its last row.

Shapes: B samples, T timesteps, H horizon, K calendar features.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import keras
from keras import layers, ops

from seqkit import _checks
from seqkit.layers.calendar_steps import DAY, MONTHS, UNITS, WEEK, civil_of, day_of, later, weekday_of

HOUR_WAVES, YEAR_WAVES = 3, 2  # of each a sine and a cosine
AROUND = (-1, 0, 1)  # the days around a holiday that are told: the day after it, itself, the day before it
PARTS = {"hour": 2 * HOUR_WAVES, "weekday": WEEK, "month": MONTHS, "year": 2 * YEAR_WAVES}  # features of each
HOLIDAYS = "holidays"


@keras.saving.register_keras_serializable("seqkit")
class CalendarFeatures(layers.Layer):
    r"""What the calendar says of each step of a window, from the stamp of its last row alone.

        hour      sin and cos of 2 pi k h / 24, k = 1, 2, 3       h: hours of the day, with fractions
        weekday   1 on the day of the week, else 0                seven features
        month     1 in the month, else 0                          twelve features
        year      sin and cos of 2 pi k p, k = 1, 2               p: the part of the year that has passed
        holidays  1 on the day after a holiday, on one, and on the day before one, else 0

    The stamps of the other steps follow from the step of the table, by the civil calendar (`calendar_steps`).

    Shapes: time `[B, 2]`, the days since 1970-01-01 and the seconds of the day, whole numbers; past `[B, T, ...]`, of
    which the number of timesteps is read; output `[B, T + H, K]` in float32.

    Args:
        horizon: steps that are forecast, H.
        step: of the table, as `calendar_steps` describes it.
        parts: some of `"hour"`, `"weekday"`, `"month"` and `"year"`.
        holidays: days since 1970-01-01, ascending; () leaves the features of holidays out.
    """

    def __init__(
        self,
        horizon: int,
        step: Mapping[str, Any],
        parts: Sequence[str] = ("weekday",),
        holidays: Sequence[int] = (),
        **kwargs: Any,
    ) -> None:
        """Check the arguments."""
        super().__init__(**{**kwargs, "dtype": "float32"})
        self.horizon = _checks.whole_number("CalendarFeatures", "horizon", horizon)
        _checks.choice("CalendarFeatures", "step", step.get("unit"), dict.fromkeys(UNITS))
        self.step = {name: list(value) if isinstance(value, (list, tuple)) else value for name, value in step.items()}
        for part in parts:
            _checks.choice("CalendarFeatures", "parts", part, PARTS)
        self.parts = list(parts)
        self.holidays = [int(day) for day in holidays]

    @property
    def names(self) -> list[str]:
        """The part of each feature, K."""
        names = [part for part in self.parts for _ in range(PARTS[part])]
        return names + [HOLIDAYS] * (len(AROUND) if self.holidays else 0)

    def build(self, time_shape: Any, past_shape: Any = None) -> None:
        """There are no weights."""
        self.built = True

    def call(self, time: Any, past: Any) -> Any:
        """The features of the steps of the past, and of the horizon."""
        time = ops.cast(time, "int32")
        counts = ops.arange(1 - ops.shape(past)[1], self.horizon + 1, dtype="int32")
        return self.features(*later(self.step, time[:, :1], time[:, 1:], counts[None]))

    def features(self, days: Any, seconds: Any) -> Any:
        """The features `[..., K]` of stamps: int32 days since 1970-01-01, and seconds of the day."""
        found = [getattr(self, f"_{part}")(days, seconds) for part in self.parts]
        found += [self._holidays(days)] if self.holidays else []
        return ops.concatenate(found, axis=-1)

    def _hour(self, days: Any, seconds: Any) -> Any:
        return _waves(ops.cast(seconds, "float32") / DAY, HOUR_WAVES)

    def _weekday(self, days: Any, seconds: Any) -> Any:
        return ops.one_hot(weekday_of(days), WEEK, dtype="float32")

    def _month(self, days: Any, seconds: Any) -> Any:
        return ops.one_hot(civil_of(days)[1] - 1, MONTHS, dtype="float32")

    def _year(self, days: Any, seconds: Any) -> Any:
        year = civil_of(days)[0]
        first = day_of(year, 1 + 0 * year, 1)
        length = ops.cast(day_of(year + 1, 1 + 0 * year, 1) - first, "float32")
        passed = ops.cast(days - first, "float32") + ops.cast(seconds, "float32") / DAY
        return _waves(passed / length, YEAR_WAVES)

    def _holidays(self, days: Any) -> Any:
        known = ops.convert_to_tensor(self.holidays, "int32")
        around = days[..., None] + ops.convert_to_tensor(AROUND, "int32")
        places = ops.searchsorted(known, ops.reshape(around, (-1,)))
        places = ops.reshape(ops.minimum(places, len(self.holidays) - 1), ops.shape(around))
        return ops.cast(ops.equal(ops.take(known, places), around), "float32")

    def compute_output_shape(self, time_shape: Any, past_shape: Any) -> Any:
        """Return `[B, T + H, K]`."""
        steps = None if past_shape[1] is None else past_shape[1] + self.horizon
        return (time_shape[0], steps, len(self.names))

    def get_config(self) -> dict[str, Any]:
        """Everything `__init__` takes."""
        config = {"horizon": self.horizon, "step": self.step, "parts": self.parts, "holidays": self.holidays}
        return {**super().get_config(), **config}


def _waves(part: Any, count: int) -> Any:
    """Sines and cosines `[..., 2 * count]` of a part of a cycle, 0 to 1."""
    angles = [2 * math.pi * wave * part for wave in range(1, count + 1)]
    return ops.stack([curve(angle) for angle in angles for curve in (ops.sin, ops.cos)], axis=-1)
