"""What a table decides about its forecaster: season, timesteps, transform."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

SEASONS_OF_CONTEXT = 8  # how many seasons a window reads where the table is long enough; benchmarks/defaults.py
UNSEASONED_TIMESTEPS = 12
LEAST_SHARE_OF_SPREAD = 0.01
MONTHS_IN_A_SEASON = {"M": 12, "Q": 4, "Y": 1, "W": 52, "B": 5, "D": 7}


def natural_period(frequency: str | None) -> int:
    """Rows in the calendar cycle above the frequency: 12 for months, 7 for days, 24 for hours, 1 if unknown."""
    if frequency is None:
        return 1
    offset = pd.tseries.frequencies.to_offset(frequency)
    if isinstance(offset, pd.offsets.Tick):
        per_day = pd.Timedelta(days=1) / pd.Timedelta(offset)
        return 7 if per_day == 1 else int(per_day) if per_day > 1 and per_day.is_integer() else 1
    code = offset.rule_code.removeprefix("B") or "B"  # business months are months, business days are not days
    return MONTHS_IN_A_SEASON.get(code[0], 1) if offset.n == 1 else 1


def is_seasonal(values: np.ndarray, period: int) -> bool:
    """Whether a series repeats itself every `period` rows.

    The autocorrelation at lag `period` exceeds 1.645 standard errors by Bartlett's formula: the test before the M4
    competition's Naive 2 benchmark (Makridakis et al. 2020), on logs where values are positive. It is made
    twice: after taking out a straight line, and on the differences from row to row, where a random walk, whose
    level alone wanders, shows none.
    """
    known = values[np.isfinite(values)].astype("float64")
    if period < 2 or len(known) < 2 * period:
        return False
    if known.min() > 0:
        known = np.log(known)
    rows = np.arange(len(known))
    detrended = known - np.polyval(np.polyfit(rows, known, 1), rows)
    return _repeats(detrended, period) and _repeats(np.diff(known), period)


def _repeats(rest: np.ndarray, period: int) -> bool:
    rest = rest - rest.mean()
    power = float(rest @ rest)
    if power < 1e-12 * len(rest):
        return False  # a straight line, to rounding
    correlations = np.array([rest[lag:] @ rest[:-lag] for lag in range(1, period + 1)]) / power
    error = np.sqrt((1 + 2 * (correlations[:-1] ** 2).sum()) / len(rest))
    return bool(correlations[-1] > 1.645 * error)


def default_timesteps(rows: int, horizon: int, period: int, seasonal: bool) -> int:
    """As many whole periods as leave two horizons of windows to learn from, 8 at most.

    One period may leave a single window where the table is seasonal, a horizon of them where it is not. A table
    too short for that gets half of what the horizon leaves.
    """
    if period > 1:
        for periods in range(SEASONS_OF_CONTEXT, 0, -1):
            windows = rows - periods * period - horizon + 1
            least = max(2 * horizon, 8) if periods > 1 else 1 if seasonal else horizon
            if windows >= least:
                return periods * period
    longest = period if period > 1 else UNSEASONED_TIMESTEPS
    return max(1, min(longest, (rows - horizon) // 2))


def default_segment(timesteps: int, period: int) -> int:
    """A season for each recurrent step where the window holds two or more whole ones, else every row."""
    return period if period > 1 and timesteps % period == 0 and timesteps >= 2 * period else 1


def least_spread(rows: np.ndarray, transform: Sequence[str]) -> tuple[float, ...]:
    """A hundredth of each transformed column's standard deviation: below it a window counts as unchanging."""
    take: dict[str, Callable[..., np.ndarray]] = {"none": np.asarray, "log": np.log, "asinh": np.arcsinh}
    with np.errstate(divide="ignore", invalid="ignore"):
        spreads = [np.nanstd(take[kind](column)) for kind, column in zip(transform, rows.T, strict=True)]
    return tuple(LEAST_SHARE_OF_SPREAD * float(spread) if np.isfinite(spread) else 0.0 for spread in spreads)


def default_transform(rows: np.ndarray) -> tuple[str, ...]:
    """Log for columns whose values are all above zero, nothing for the others."""
    with np.errstate(invalid="ignore"):
        positive = np.nan_to_num(np.nanmin(rows, axis=0), nan=0.0) > 0
    return tuple("log" if one else "none" for one in positive)
