"""Rows that a forecaster is fitted to, forecasts from, and is scored on.

Shapes: N rows of a table, E rows that are scored, H horizon, C targets.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd

from seqkit._errors import InvalidValue
from seqkit.data.frames import as_time_table, is_other_frame
from seqkit.forecasting.naive import naive_periods
from seqkit.forecasting.settings import ForecasterSettings
from seqkit.forecasting.tables import as_table, time_index

GRID = pd.offsets.Second(7)  # no cycle of the calendar has a whole number of them
FIRST_STAMP = pd.Timestamp("2000-01-01")


def refuse_answers(where: str, y: Any) -> None:
    """Refuse answers beside a table."""
    if y is not None:
        problem = "the table holds its targets, so there is no y."
        raise InvalidValue(where, problem, "Join y to X as a column, and name it in targets=.", "y")


def as_rows(where: str, x: Any) -> pd.DataFrame | None:
    """A table of pandas or another library as a DataFrame; None for anything else."""
    if isinstance(x, pd.Series):
        return x.to_frame()
    if isinstance(x, pd.DataFrame) or is_other_frame(x):
        return as_time_table(where, x)
    return None


def rows_on_grid(array: np.ndarray, training: pd.DataFrame | None) -> pd.DataFrame:
    """Rows `[N, F]` on a grid without a calendar: right after the training rows, unless they are these."""
    first = FIRST_STAMP
    if training is not None:
        common = min(len(array), len(training))
        is_seen = np.array_equal(array[-common:], training.to_numpy()[-common:], equal_nan=True)
        first = training.index[-1] + GRID * (1 - len(array) if is_seen else 1)
    index = pd.date_range(first, periods=len(array), freq=GRID)
    return pd.DataFrame(array, index, [f"column_{number}" for number in range(array.shape[1])])


def with_rows_before(training: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """The rows, after the training rows that are before their first; without them, where there is a gap between."""
    is_time = isinstance(rows.index, pd.DatetimeIndex) and len(rows) > 0
    if not is_time or rows.index[0] > training.index[-1] + time_index(training).freq:
        return rows
    return pd.concat([training[training.index < rows.index[0]], rows])


def blocks_to_score(
    where: str, settings: ForecasterSettings, training: pd.DataFrame, rows: pd.DataFrame
) -> Iterator[tuple[pd.DataFrame, pd.DataFrame]]:
    """The rows before each block of a horizon or less, and the block.

    Args:
        where: the public method, for messages.
        settings: the forecaster's.
        training: its last rows of training.
        rows: those to score; where all of them are training rows, their last horizon.
    """
    joined = as_table(with_rows_before(training, rows), where)
    last = training.index[-1]
    if joined.index[0] > last:
        gap = f"the training rows end at {last}, and the rows to score begin at {joined.index[0]}."
        raise InvalidValue(where, gap, "No row may lack between them: split with gap=0.", "X")
    first = joined.index.searchsorted(last, side="right")
    if first == len(joined):
        first = len(joined) - settings.horizon
    if first < settings.least_known:
        problem = f"the model has seen these {len(joined)} rows, and forecasts the last {settings.horizon} of them."
        way_out = f"Pass {settings.least_known + settings.horizon} rows or more, or rows after the training rows."
        raise InvalidValue(where, problem, way_out, "X")
    for start in range(first, len(joined), settings.horizon):
        yield joined.iloc[:start], joined.iloc[start : start + settings.horizon]


def seasonal_errors(settings: ForecasterSettings, table: pd.DataFrame, season: Any) -> np.ndarray:
    """The mean absolute error of the seasonal naive forecast of each target `(C,)` on the training rows."""
    lag = naive_periods(settings.frequency, season, len(table))["seasonal_naive"]
    values = table[list(settings.targets)].ffill().to_numpy("float64")
    lag = lag if len(values) > lag else 1
    return np.nanmean(np.abs(values[lag:] - values[:-lag]), axis=0)


def mase(errors: np.ndarray, seasonal: np.ndarray) -> float:
    """The mean over targets of the MAE, divided by that of the seasonal naive forecast (Hyndman & Koehler 2006)."""
    if not seasonal.all():
        problem = "a season of the training rows is like the next, so that MASE would divide by zero."
        raise InvalidValue("SeqkitForecaster.score", problem, 'Pass metric="mae".', "metric")
    return float(np.nanmean(np.abs(errors) / seasonal))


METRICS: dict[str, Callable[[np.ndarray, np.ndarray], float]] = {
    "mase": mase,
    "mae": lambda errors, seasonal: float(np.nanmean(np.abs(errors))),
    "rmse": lambda errors, seasonal: float(np.sqrt(np.nanmean(errors**2))),
}
