"""Rows of a table that lie outside the interval in which a forecast of one step expected them.

Shapes: N rows, T timesteps, H horizon, C targets, Q quantiles.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from seqkit._errors import InvalidType, InvalidValue
from seqkit._shown import shown_shortly
from seqkit.data.frames import as_time_table
from seqkit.data.panels import is_panel
from seqkit.forecasting import panels, tables
from seqkit.forecasting.calibration import not_calibrated
from seqkit.forecasting.checks import finite_forecast
from seqkit.forecasting.intervals import bounds_of, checked_intervals
from seqkit.forecasting.model import Forecaster
from seqkit.forecasting.settings import ForecasterSettings
from seqkit.pretraining.paths import between_levels

WHERE = "anomalies"
SMALLEST_HALF = 1e-9  # of an interval, over the size of the value


@shown_shortly
class Anomalies(NamedTuple):
    """The judged rows of a table.

    Example:
        >>> import pandas as pd
        >>> import seqkit as sk
        >>> row = {"time": pd.Timestamp("1960-06-01"), "actual": 200.0, "low": 480.0, "high": 590.0, "is_anomaly": True}
        >>> odd = sk.Anomalies(pd.DataFrame([row]), level=99, false_alarms=0.01, found=1, verdict="1 value of 48.")
        >>> odd.rows.loc[odd.rows["is_anomaly"], "time"].dt.strftime("%Y-%m").tolist()
        ['1960-06']
    """

    rows: pd.DataFrame  # series (of a panel), time, target, actual, forecast, low, high, score, is_anomaly
    level: float  # of the intervals, in percent
    false_alarms: float  # the share of usual rows that the level lets lie outside
    found: int  # rows outside
    verdict: str


def anomalies(model: Any, table: pd.DataFrame, *, level: float = 99) -> Anomalies:
    """Compare each row with the interval that the rows before it give it.

    A row is forecast one step ahead, from the T rows before it. Its score is its distance from the forecast over that
    of the bound on its side: 1 on the bound, 2 twice as far. Beyond 1 it counts as an anomaly. Rows after an anomaly
    are forecast from it, so that they may stand out too. Where a column is read as logs, a value that is not above
    zero is judged, and the rows after it are forecast from the last value above zero. With a level of 99, one usual row
    of a hundred lies outside, as far as the intervals hold what they promise: `backtest` counts that.

    Args:
        model: a forecaster that is calibrated (`train_forecaster`, `calibrate`), or `weights="synthetic"`.
        table: a table or a panel with the columns of the model. The first T rows of each series are not judged;
            `weights="synthetic"` needs a season.
        level: of the intervals, in percent.

    Returns:
        `Anomalies`; `rows` in the units of the table. A value that is missing has no score and is no anomaly; one that
        follows a whole window without a known value is not judged, and has no row.

    Raises:
        TypeError, ValueError: no forecaster, a table that `predict` refuses, a model that is not calibrated, a level
            that its quantiles do not reach, or no row after the first window.

    Example:
        >>> import seqkit as sk
        >>> table = sk.load_example("air_passengers")[-60:]
        >>> model = sk.build_forecaster(like=table, horizon=1, weights="synthetic")
        >>> table.loc["1960-06-01"] = 200
        >>> odd = sk.anomalies(model, table, level=99)
        >>> odd.rows.query("is_anomaly")[["time", "actual"]]
                 time  actual
        41 1960-06-01   200.0
        >>> print(odd.verdict)
        1 of 48 values lie outside their interval of 99 %; of usual ones about 0.48 would (0.01 of all).
    """
    if not isinstance(model, Forecaster):
        problem = f"model must be a forecaster, got {type(model).__name__}."
        raise InvalidType(WHERE, problem, "Make one with build_forecaster.", argument="model")
    if not model.quantile_levels:
        raise InvalidValue(WHERE, *not_calibrated(model), argument="model")
    (level,) = _one_level(model, level)
    rows = _judged(model, table, level)
    found = int(rows["is_anomaly"].sum())
    judged = int(rows["actual"].notna().sum())
    usual = 1 - level / 100
    verdict = (
        f"{found} of {judged} values lie outside their interval of {level:g} %; of usual ones about "
        f"{usual * judged:.3g} would ({usual:.2g} of all)."
    )
    return Anomalies(rows, level, usual, found, verdict)


def _one_level(model: Forecaster, level: Any) -> tuple[float, ...]:
    if isinstance(level, (list, tuple, np.ndarray)):
        problem = f"level must be one number of percent, got {level!r}."
        raise InvalidType(WHERE, problem, "Pass level=99.", argument="level")
    return checked_intervals([level], model, WHERE, "level")


def _judged(model: Forecaster, table: Any, level: float) -> pd.DataFrame:
    """The judged rows: those after the first window, of each series."""
    settings, names = model.settings, dict[str, Any]()
    model.refuse_unadapted(WHERE)
    table, lost = _above_zero(settings, as_time_table(WHERE, table))
    if is_panel(table):
        panel = panels.model_panel(settings, table, WHERE, with_past=True)
        frame, windows = panel.frame, panels.past_windows(settings, panel, WHERE)
        series = np.repeat(np.arange(len(panel.rows)), panel.rows)
        names = {"series": frame.index.get_level_values(0)}
    else:
        frame = tables.model_table(settings, table, WHERE, with_past=True)
        windows, series = tables.past_windows(settings, frame, skip_empty=True), np.zeros(len(frame), int)
    positions: Any = windows.starts[:] + settings.timesteps  # the row after each window
    inside = positions < len(frame)
    inside[inside] = series[positions[inside]] == series[positions[inside] - 1]
    if not inside.any():
        problem = f"no row follows a window of {settings.timesteps} rows."
        raise InvalidValue(WHERE, problem, "Pass more rows.", argument="table")
    quantiles = finite_forecast(WHERE, model.quantiles_in_batches(windows))[inside, 0]  # (N, C, Q)
    at = np.array([0.5, *bounds_of(level)])
    found = np.einsum("ncq,kq->nck", quantiles, between_levels(at, model.quantile_levels))
    stamps = frame.index.get_level_values(-1)
    kept = positions[inside]
    of_rows = {**{name: values[kept] for name, values in names.items()}, "time": stamps[kept]}
    came = frame.iloc[kept][list(settings.targets)]
    if lost is not None:
        came = lost.reindex(index=came.index, columns=came.columns).fillna(came)
    actual = came.to_numpy("float64")
    blocks = [_of_target(of_rows, name, actual[:, c], found[:, c]) for c, name in enumerate(settings.targets)]
    return pd.concat(blocks, ignore_index=True)


def _above_zero(settings: ForecasterSettings, table: Any) -> tuple[Any, pd.DataFrame | None]:
    """A table without values that are not above zero in its columns of logs, and these values; None without any.

    In their place stands the last value above zero, or else the next.
    """
    if not isinstance(table, pd.DataFrame):
        return table, None
    logs = [name for name, kind in zip(settings.columns, settings.transform, strict=True) if kind == "log"]
    logs = [name for name in logs if name in table.columns and pd.api.types.is_numeric_dtype(table[name])]
    values = table[logs]
    if not (values <= 0).any(axis=None):
        return table, None
    series = [0] * len(table) if table.index.nlevels == 1 else table.index.get_level_values(0)
    known = values.where(values > 0).groupby(series, sort=False)
    filled = known.ffill().fillna(known.bfill())
    lost = values.where(values <= 0)
    if isinstance(lost.index, pd.PeriodIndex):
        lost = lost.set_axis(lost.index.to_timestamp())
    table = table.copy()
    table[logs] = values.mask(values <= 0, filled)
    return table, lost


def _of_target(of_rows: dict[str, Any], target: Any, actual: np.ndarray, found: np.ndarray) -> pd.DataFrame:
    forecast, low, high = found.T
    half = np.where(actual >= forecast, high - forecast, forecast - low)
    half = np.maximum(half, SMALLEST_HALF * np.maximum(np.abs(forecast), SMALLEST_HALF))
    score = np.abs(actual - forecast) / half
    values = {"target": target, "actual": actual, "forecast": forecast, "low": low, "high": high, "score": score}
    return pd.DataFrame({**of_rows, **values, "is_anomaly": score > 1})
