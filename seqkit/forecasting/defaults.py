"""Default settings of a forecaster from its table: season, timesteps, segment, transform."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from seqkit.forecasting.seasons import Seasons, natural_period

MOST_SEASONS_IN_WINDOW = 8  # chosen by benchmarks/defaults.py
MOST_LONG_SEASONS_IN_WINDOW = 4  # half-hourly load and daily temperatures, on origins before the scored ones
TIMESTEPS_WITHOUT_SEASON = 12  # of a panel
TIMESTEPS_OF_HALF = 96  # at most; members forecast better from longer windows
HORIZON_WITHOUT_SEASON = 6
FEWEST_HORIZONS_IN_TABLE = 3
LONGEST_UNCUT_WINDOW = 96  # rows
SEGMENTS_OF_LONG_WINDOW = 16  # SegRNN has 15 of 720 rows (Lin et al. 2023)
MOST_BELOW_ONE = 0.05  # of the values of a column with zeros that is read on a scale of logs
LEAST_SPREAD_OF_WINDOW = 0.01  # as a share of the column's standard deviation


def default_horizon(frequency: str | None, rows: int) -> int:
    """Return the rows of a season, at most a third of `rows`; 6 where the calendar has no season."""
    period = natural_period(frequency)
    return max(1, min(period if period > 1 else HORIZON_WITHOUT_SEASON, rows // FEWEST_HORIZONS_IN_TABLE))


def default_timesteps(rows: int, horizon: int, period: int, shown: Seasons) -> int:
    """Return as many whole periods as leave two horizons of training windows, 8 periods or 4 long seasons at most.

    A window is as long as the horizon or longer, where the table has the rows. One period needs a single training
    window in a seasonal table, and a horizon of windows in another table. Where the period is short, or there is
    none, the window is longer: half of the rows that the horizon leaves, 96 at most. It has two rows or more where the
    table has them: one row alone tells nothing of how values vary.

    Args:
        rows: rows of the table.
        horizon: rows to predict at once.
        period: rows in the calendar's next cycle; 1 for none.
        shown: the seasons that the rows show.
    """
    half = min(TIMESTEPS_OF_HALF, (rows - horizon) // 2)
    whole = half // max(period, 1) * max(period, 1)
    fewest = 2 if rows >= horizon + 2 else 1
    return max(fewest, _of_periods(rows, horizon, max(period, 1), shown), whole or half)


def _of_periods(rows: int, horizon: int, period: int, shown: Seasons) -> int:
    fewest = max(2 * horizon, 8)
    for seasons in range(MOST_LONG_SEASONS_IN_WINDOW, 0, -1) if shown.long > 1 else ():
        timesteps = _whole_periods(seasons * shown.long, period)
        if rows - timesteps - horizon + 1 >= (fewest if seasons > 1 else 1):
            return max(timesteps, _shortest(rows, horizon, period, fewest))
    if period > 1:
        for periods in range(MOST_SEASONS_IN_WINDOW, 0, -1):
            windows = rows - periods * period - horizon + 1
            if windows >= (fewest if periods > 1 else 1 if shown.short > 1 else horizon):
                return max(periods * period, _shortest(rows, horizon, period, fewest))
    longest = period if period > 1 else _shortest(rows, horizon, 1, fewest)
    return min(longest, (rows - horizon) // 2)


def _whole_periods(timesteps: int, period: int) -> int:
    return -(-timesteps // period) * period


def _shortest(rows: int, horizon: int, period: int, fewest: int) -> int:
    """The shortest window that is as long as the horizon; 0 where the table is too short for it."""
    timesteps = _whole_periods(horizon, period)
    return timesteps if rows - timesteps - horizon + 1 >= fewest else 0


def default_segment(timesteps: int, period: int) -> int:
    """Return the period where the window is two or more whole periods, otherwise 1 for windows of 96 rows at most.

    A longer window becomes 16 segments at most; as a row a step it would take as many times longer to train.
    """
    if period > 1 and timesteps % period == 0 and timesteps >= 2 * period:
        return period
    return -(-timesteps // SEGMENTS_OF_LONG_WINDOW) if timesteps > LONGEST_UNCUT_WINDOW else 1


def least_spread(rows: np.ndarray, transform: Sequence[str]) -> tuple[float, ...]:
    """Return 0.01 standard deviations of each transformed column; a window with a smaller spread counts as constant."""
    functions: dict[str, Callable[..., np.ndarray]] = {"none": np.asarray, "log": np.log, "asinh": np.arcsinh}
    is_known = ~np.isnan(rows)
    with np.errstate(divide="ignore", invalid="ignore"):
        spreads = [
            np.std(functions[name](column[known])) if known.any() else 0.0
            for name, column, known in zip(transform, rows.T, is_known.T, strict=True)
        ]
    return tuple(LEAST_SPREAD_OF_WINDOW * float(spread) if np.isfinite(spread) else 0.0 for spread in spreads)


def default_transform(rows: np.ndarray) -> tuple[str, ...]:
    """Return a log for each column whose values are all above zero, "asinh" for one that a few zeros keep from that.

    `asinh(x)` is nearly log(2x) from 1 on, and 0 at 0. So it takes the place of a log where no value is below zero, one
    in twenty or fewer is below 1, and the values are less skewed then, as those are that vary with their level. All
    other columns stay as they are, "none".
    """
    return tuple(_transform_of(column[~np.isnan(column)]) for column in rows.T)


def _transform_of(known: np.ndarray) -> str:
    if not len(known) or known.min() < 0:
        return "none"
    if known.min() > 0:
        return "log"
    has_few = np.count_nonzero(known < 1) <= MOST_BELOW_ONE * len(known)
    skewness = pd.DataFrame({"none": known, "asinh": np.arcsinh(known)}).skew().abs()
    return "asinh" if has_few and skewness["asinh"] < skewness["none"] else "none"
