"""Time stamps as numbers that float32 holds exactly: the day since 1970-01-01, and the second of the day."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

DAY = 86400  # seconds


def stamp_numbers(stamps: pd.DatetimeIndex) -> np.ndarray:
    """Days since 1970-01-01 and seconds of the day `[N, 2]`, as float32; of stamps with a time zone its own clock.

    Example:
        >>> stamp_numbers(pd.DatetimeIndex(["1970-01-03 00:00:07"]))
        array([[2., 7.]], dtype=float32)
    """
    seconds = _seconds(stamps)
    return np.stack([seconds // DAY, seconds % DAY], axis=1).astype("float32")


def _seconds(stamps: pd.DatetimeIndex) -> np.ndarray:
    own_clock: Any = stamps if stamps.tz is None else stamps.tz_localize(None)
    return np.asarray(own_clock.to_numpy().astype("datetime64[s]").astype("int64"))


def stamps_of_numbers(numbers: np.ndarray) -> pd.DatetimeIndex:
    """The stamps of numbers `[N, 2]`."""
    seconds = np.asarray(numbers, "int64") @ np.array([DAY, 1])
    return pd.DatetimeIndex(seconds.astype("datetime64[s]"))


def with_stamps(values: np.ndarray, stamps: pd.DatetimeIndex) -> np.ndarray:
    """Rows `[N, columns]`, float32, with the numbers of their stamps as two more columns."""
    return np.concatenate([values, stamp_numbers(stamps)], axis=1)
