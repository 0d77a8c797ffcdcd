"""Tables to arrays of the forecaster, checked by column name, and its forecasts back to tables."""

from __future__ import annotations

import copy
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd

from seqkit._errors import InvalidValue
from seqkit.data.context import with_earlier_rows
from seqkit.data.float32 import in_float32, without_mask
from seqkit.data.frames import is_other_frame
from seqkit.data.known_ahead import past_of, window_input
from seqkit.data.panel_windows import last_stamp_of
from seqkit.data.panels import is_panel
from seqkit.data.regular import require_regular
from seqkit.data.steps import code_of
from seqkit.data.unknown_rows import with_unknown_rows
from seqkit.data.windows import Windows, cut_windows, empty_windows
from seqkit.forecasting import panels
from seqkit.forecasting.calendar_inputs import description_of_calendar, timed, with_time
from seqkit.forecasting.categories import coded
from seqkit.forecasting.checks import (
    MANY_SERIES,
    check_inputs,
    check_windows,
    refuse_bad_values,
    refuse_beside_table,
    refuse_empty_windows,
)
from seqkit.forecasting.choices import MASK
from seqkit.forecasting.settings import ForecasterSettings
from seqkit.forecasting.table_checks import refuse_other_table, require_window
from seqkit.forecasting.weights import weighed
from seqkit.task.batches import batch_size_of
from seqkit.task.fitting import checked_weights
from seqkit.task.interval_levels import interval_columns

if TYPE_CHECKING:
    import tensorflow as tf

UNKNOWN_STAMP = "unknown"  # the text is greater than any ISO time stamp


def keras_arguments(
    settings: ForecasterSettings,
    where: str,
    x: Any,
    y: Any,
    batch_size: int | None,
    shuffle: bool,
    sample_weight: Any,
) -> dict[str, Any] | tf.data.Dataset:
    """Return batches of a table or of windows, or checked arrays as arguments of `keras.Model.fit`."""
    if is_table(x) or isinstance(x, Windows):
        windows = windows_of(settings, where, x)
        refuse_beside_table(where, y, sample_weight)
        return windows.dataset(batch_size_of(where, batch_size), shuffle=shuffle)
    if y is None:
        raise InvalidValue(where, "the targets are missing.", f"Pass {where.split(':')[0]}(x, y), or a table.", "y")
    x, y = check_inputs(settings, x, y, where)
    weights = checked_weights(where, sample_weight, (len(past_of(x)), settings.horizon), "windows")
    if weights is not None and weights.ndim == 1:
        weights = weights[:, None]  # one weight for all steps of a window
    y, weights = weighed(np.asarray(y), weights)
    return {"x": x, "y": y, "batch_size": batch_size, "shuffle": shuffle, "sample_weight": weights}


def windows_of(settings: ForecasterSettings, where: str, x: Any) -> Windows:
    """Return the windows of a table; check windows that are cut already."""
    if isinstance(x, Windows):
        check_windows(settings, x, where)
        windows = copy.copy(x)
    else:
        windows = (panels.training_windows if is_panel(x) else training_windows)(settings, x, where)
    windows.weighs_values = True
    return windows


def model_rows(settings: ForecasterSettings, table: Any, where: str) -> np.ndarray:
    """Return the rows `[N, F]` of a table or an array, in the column order of the model."""
    if is_panel(table):
        return panels.model_panel(settings, table, where).frame.to_numpy("float32")  # static columns come last
    if is_table(table):
        return model_table(settings, table, where).to_numpy("float32")
    rows = np.asarray(without_mask(table), "float64")
    if rows.ndim != 2 or rows.shape[1] != len(settings.columns):
        problem = f"rows must have the shape (rows, {len(settings.columns)}), got {rows.shape}."
        raise InvalidValue(where, problem, argument="table")
    refuse_bad_values(settings, rows, where)
    return in_float32(rows)


def is_table(x: Any) -> bool:
    """Whether `x` is a DataFrame or a Series of pandas, or a table of polars, pyarrow or another library."""
    return isinstance(x, (pd.DataFrame, pd.Series)) or is_other_frame(x)


def as_table(table: Any, where: str, categories: Collection[Any] | None = None) -> pd.DataFrame:
    """Return a regular table; a Series becomes a table of one column. `categories` is that of `require_numbers`."""
    if isinstance(table, pd.Series):
        table = table.to_frame()
    return require_regular(table, where, categories)


def time_index(table: pd.DataFrame) -> pd.DatetimeIndex:
    """Return the index of a table that `require_regular` has checked."""
    return cast(pd.DatetimeIndex, table.index)


def model_table(
    settings: ForecasterSettings, table: pd.DataFrame | pd.Series, where: str, *, with_past: bool = False
) -> pd.DataFrame:
    """Return the table with its columns in the order of the model, or refuse other columns or another frequency.

    `with_past` adds the rows before a table that `split` cut, as far as the first window needs them.
    """
    if settings.series is not None:
        raise MANY_SERIES.error(where)
    table = as_table(table, where, settings.categories or None)
    names = table.columns.tolist()
    refuse_other_table(settings, names, code_of(time_index(table).freq), where)
    if tuple(names) != settings.columns:
        table = table[list(settings.columns)]
    table = with_earlier_rows(table, settings.timesteps) if with_past else table
    table = coded(settings, table, where)
    table = with_unknown_rows(table, settings.unknown_rows(len(table))) if with_past else table
    refuse_bad_values(settings, table.to_numpy("float64"), where, table.index)
    return table


def training_windows(settings: ForecasterSettings, table: Any, where: str) -> Windows:
    """Return windows of T + H rows."""
    table = model_table(settings, table, where, with_past=True)
    windows = cut_windows(table, settings.timesteps, settings.horizon, settings.target_positions, where=where)
    windows.known = settings.known
    if settings.fill == MASK:
        windows.starts = known_starts(settings, windows)
    refuse_empty_windows(settings, windows, where, table.index)
    return timed(settings, windows, table.index, where)


def known_starts(settings: ForecasterSettings, windows: Windows) -> np.ndarray:
    """The starts of the windows with a known value in each column that needs one; of all, where none has."""
    starts: Any = windows.starts
    needed = windows.values[:, settings.needed_positions]
    known = starts[~empty_windows(needed, windows.timesteps)[starts].any(axis=1)]
    return known if len(known) else starts


def past_windows(settings: ForecasterSettings, table: pd.DataFrame, *, skip_empty: bool = False) -> Windows:
    """Return windows of T rows without targets, one for each possible origin; one whose future must be known has it.

    A window in which a column has no known value is refused, or with `skip_empty` left out where others have some.
    """
    horizon = settings.horizon if settings.future_columns else 0
    require_window(settings, table, "predict", horizon)
    starts = np.arange(len(table) - settings.timesteps - horizon + 1)
    windows = Windows(table.to_numpy("float32"), starts, settings.timesteps, horizon, settings.target_positions)
    windows.known = settings.known
    if skip_empty:
        windows.starts = known_starts(settings, windows)
    refuse_empty_windows(settings, windows, "predict", table.index)
    return timed(settings, windows, table.index, "predict")


def latest_window(settings: ForecasterSettings, table: pd.DataFrame) -> np.ndarray:
    """Return the last T rows `[T, F]`."""
    require_window(settings, table, "forecast")
    rows = table.iloc[-settings.timesteps :]
    past = rows.to_numpy("float32")
    if np.isnan(past).any():
        window = Windows(past, np.zeros(1, int), settings.timesteps, 0, settings.target_positions)
        refuse_empty_windows(settings, window, "forecast", rows.index)
    return past


def latest_input(settings: ForecasterSettings, table: pd.DataFrame) -> Any:
    """Return the latest window `[1, T, F]`; where its future must be known, the latest one that the table knows."""
    if settings.known is None:
        return latest_window(settings, table)[None]
    horizon = settings.horizon if settings.future_columns else 0
    require_window(settings, table, "forecast", horizon)
    rows = table.iloc[-settings.timesteps - horizon :].to_numpy("float32")[None]
    past, ahead = np.split(rows, [settings.timesteps], axis=1)
    known: Any = settings.known._replace(time=())  # it joins below
    inputs = window_input(known, past, ahead, lambda columns, chosen: columns[..., chosen])
    return with_time(settings, inputs, time_index(table)[[-1 - horizon]])


def future_table(
    settings: ForecasterSettings, table: pd.DataFrame, values: np.ndarray, levels: Sequence[float] = ()
) -> pd.DataFrame:
    """Return forecasts `[steps, C]`, or with bounds beside them, as a table whose time index continues the table's."""
    past = time_index(table)
    index = pd.date_range(past[-1], periods=len(values) + 1, freq=past.freq, name=past.name)[1:]
    columns: Any = table.columns.take(settings.target_positions).rename(None)
    if levels:
        columns = interval_columns(settings.targets, levels)
    future = pd.DataFrame(values.astype("float64"), index=index, columns=columns)
    future.attrs = {key: value for key, value in table.attrs.items() if key == "time_format"}
    return future


def forecasts_by_origin(settings: ForecasterSettings, table: pd.DataFrame, forecasts: np.ndarray) -> pd.DataFrame:
    """Return forecasts `[B, H, C]` as a table indexed by origin and time."""
    past = time_index(table)
    origins = past[settings.timesteps - 1 :][: len(forecasts)]
    times = pd.date_range(past[0], periods=len(past) + settings.horizon, freq=past.freq)
    first_positions = np.arange(len(origins)) + settings.timesteps
    positions = first_positions[:, None] + np.arange(settings.horizon)
    index = pd.MultiIndex.from_arrays(
        [origins.repeat(settings.horizon), times[positions.ravel()]], names=["origin", past.name or "time"]
    )
    values = forecasts.reshape(-1, len(settings.targets)).astype("float64")
    return pd.DataFrame(values, index=index, columns=list(settings.targets))


def last_stamp(rows: Any) -> str:
    """Return the ISO time stamp of the last row of a table, its windows or batches; `"unknown"` for other data."""
    if hasattr(rows, "last_stamp"):
        return rows.last_stamp or UNKNOWN_STAMP
    if is_panel(rows):
        return last_stamp_of(rows).isoformat()
    is_table = isinstance(rows, (pd.DataFrame, pd.Series)) and isinstance(rows.index, pd.DatetimeIndex)
    return rows.index[-1].isoformat() if is_table and len(rows) else UNKNOWN_STAMP


def description(settings: ForecasterSettings) -> dict[str, Any]:
    """Return the values of the exported `describe` endpoint."""
    return (
        {
            "columns": [str(name) for name in settings.columns],
            "targets": [str(name) for name in settings.targets],
            "timesteps": settings.timesteps,
            "horizon": settings.horizon,
            "frequency": settings.frequency or "",
        }
        | {
            kind: [str(name) for name in names]
            for kind, names in (
                ("future_columns", settings.future_columns),
                ("static_columns", settings.static_columns),
            )
            if names
        }
        | description_of_calendar(settings)
    )
