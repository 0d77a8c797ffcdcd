"""Default settings of a forecaster from its table: season, timesteps, segment, transform."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from seqkit.data.steps import offset_of_code, steps_in_cycle

MOST_SEASONS_IN_WINDOW = 8  # chosen by benchmarks/defaults.py
TIMESTEPS_WITHOUT_SEASON = 12
HORIZON_WITHOUT_SEASON = 6
FEWEST_HORIZONS_IN_TABLE = 3
LEAST_SPREAD_OF_WINDOW = 0.01  # as a share of the column's standard deviation
CRITICAL_VALUE = 1.645  # standard errors


def natural_period(frequency: str | None) -> int:
    """Return the rows in the next calendar cycle: 12 for months, 7 for days, 24 for hours, 1 if unknown."""
    if frequency is None:
        return 1
    return steps_in_cycle(offset_of_code(frequency))


def default_horizon(frequency: str | None, rows: int) -> int:
    """Return the rows of a season, at most a third of `rows`; 6 where the calendar has no season."""
    period = natural_period(frequency)
    return max(1, min(period if period > 1 else HORIZON_WITHOUT_SEASON, rows // FEWEST_HORIZONS_IN_TABLE))


def is_seasonal(values: np.ndarray, period: int) -> bool:
    """Whether a series repeats itself every `period` rows.

    The test compares the autocorrelation at lag `period` with 1.645 standard errors by Bartlett's formula. The M4
    competition used it for its Naive 2 benchmark (Makridakis et al. 2020). Positive values are tested on a log scale.
    The series must pass twice: without its linear trend, and as differences between rows. The differences of a random
    walk show no season, but its detrended values may.
    """
    series = values[np.isfinite(values)].astype("float64")
    if period < 2 or len(series) < 2 * period:
        return False
    if series.min() > 0:
        series = np.log(series)
    rows = np.arange(len(series))
    detrended = series - np.polyval(np.polyfit(rows, series, 1), rows)
    return _is_autocorrelated(detrended, period) and _is_autocorrelated(np.diff(series), period)


def are_seasonal(columns: np.ndarray, period: int) -> bool:
    """Whether half or more of the columns of `[rows, columns]` repeat themselves every `period` rows."""
    seasonal = [is_seasonal(values, period) for values in columns.T]
    return sum(seasonal) * 2 >= len(seasonal)


def _is_autocorrelated(series: np.ndarray, lag: int) -> bool:
    series = series - series.mean()
    power = float(series @ series)
    if power < 1e-12 * len(series):
        return False  # the series was a straight line, up to rounding
    correlations = np.array([series[shift:] @ series[:-shift] for shift in range(1, lag + 1)]) / power
    standard_error = np.sqrt((1 + 2 * (correlations[:-1] ** 2).sum()) / len(series))
    return bool(correlations[-1] > CRITICAL_VALUE * standard_error)


def default_timesteps(rows: int, horizon: int, period: int, seasonal: bool) -> int:
    """Return as many whole periods as leave two horizons of training windows, 8 periods at most.

    One period needs a single training window in a seasonal table, and a horizon of windows in another table. A shorter
    table gets half of the rows that the horizon leaves.
    """
    if period > 1:
        for periods in range(MOST_SEASONS_IN_WINDOW, 0, -1):
            windows = rows - periods * period - horizon + 1
            fewest = max(2 * horizon, 8) if periods > 1 else 1 if seasonal else horizon
            if windows >= fewest:
                return periods * period
    longest = period if period > 1 else TIMESTEPS_WITHOUT_SEASON
    return max(1, min(longest, (rows - horizon) // 2))


def default_segment(timesteps: int, period: int) -> int:
    """Return the period where the window holds two or more whole periods, otherwise 1."""
    return period if period > 1 and timesteps % period == 0 and timesteps >= 2 * period else 1


def least_spread(rows: np.ndarray, transform: Sequence[str]) -> tuple[float, ...]:
    """Return 0.01 standard deviations of each transformed column; a window with a smaller spread counts as constant."""
    functions: dict[str, Callable[..., np.ndarray]] = {"none": np.asarray, "log": np.log, "asinh": np.arcsinh}
    with np.errstate(divide="ignore", invalid="ignore"):
        spreads = [np.nanstd(functions[name](column)) for name, column in zip(transform, rows.T, strict=True)]
    return tuple(LEAST_SPREAD_OF_WINDOW * float(spread) if np.isfinite(spread) else 0.0 for spread in spreads)


def default_transform(rows: np.ndarray) -> tuple[str, ...]:
    """Return a log for each column whose values are all above zero, "none" for the others."""
    with np.errstate(invalid="ignore"):
        is_positive = np.nan_to_num(np.nanmin(rows, axis=0), nan=0.0) > 0
    return tuple("log" if positive else "none" for positive in is_positive)
