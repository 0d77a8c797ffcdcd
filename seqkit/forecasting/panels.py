"""Panels to windows of the forecaster, checked by column name, and its forecasts back to panels.

Shapes: S series, T timesteps, H horizon, C targets.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from seqkit._errors import SeqkitWarning, keywords, listed, warn
from seqkit.data.panel_context import with_earlier_rows_of_each
from seqkit.data.panel_windows import cut_panel_windows
from seqkit.data.panels import Panel, require_panel
from seqkit.data.steps import code_of
from seqkit.data.unknown_rows import with_unknown_rows_of_each
from seqkit.data.windows import Windows
from seqkit.forecasting.calendar_inputs import refuse_stamps_beyond, stamps_of
from seqkit.forecasting.categories import coded
from seqkit.forecasting.checks import ONE_SERIES, refuse_bad_values
from seqkit.forecasting.seasons import repeated_season
from seqkit.forecasting.settings import ForecasterSettings
from seqkit.forecasting.statics import with_static_of_each
from seqkit.forecasting.table_checks import refuse_other_table
from seqkit.task.interval_levels import interval_columns


def model_panel(settings: ForecasterSettings, frame: pd.DataFrame, where: str, *, with_past: bool = False) -> Panel:
    """Return the panel with its columns in the order of the model, or refuse what the model was not built for.

    `with_past` adds the rows before a panel that `split` cut, as far as the first window of each series needs them.
    """
    if settings.series is None:
        raise ONE_SERIES.error(where)
    if with_past:
        frame, _ = with_earlier_rows_of_each(frame, settings.timesteps)
    panel = require_panel(frame, where, settings.categories or None)
    refuse_other_table(settings, panel.frame.columns.tolist(), code_of(panel.offset), where)
    if tuple(panel.frame.columns) != settings.table_columns:
        attrs = panel.frame.attrs
        panel = panel._replace(frame=panel.frame[list(settings.table_columns)])
        panel.frame.attrs = attrs
    panel = panel._replace(frame=coded(settings, panel.frame, where))
    panel = with_static_of_each(settings, panel, where)
    rows = panel.frame.to_numpy("float64")[:, : len(settings.columns)]
    refuse_bad_values(settings, rows, where, panel.frame.index)
    if not with_past:
        return panel
    return with_unknown_rows_of_each(panel, settings.unknown_rows(int(panel.rows.min())))


def training_windows(settings: ForecasterSettings, frame: pd.DataFrame, where: str) -> Windows:
    """Return windows of T + H rows, none of which holds rows of two series."""
    panel = model_panel(settings, frame, where)
    windows = cut_panel_windows(
        panel.frame,
        settings.timesteps,
        settings.horizon,
        settings.target_positions,
        where=where,
        most_windows=settings.most_windows,
        least_known=settings.least_known,
        needed=settings.needed_positions,
        stamps=settings.reads_time,
    )
    refuse_stamps_beyond(settings, stamps_of(panel.frame), settings.horizon, where)
    windows.known = settings.known
    return windows


def past_windows(settings: ForecasterSettings, panel: Panel, where: str) -> Windows:
    """Return windows of T rows without targets, one for each possible origin of each series.

    One whose future must be known has it.
    """
    horizon = settings.horizon if settings.future_columns else 0
    refuse_stamps_beyond(settings, stamps_of(panel.frame), settings.horizon, where)
    sizes = settings.timesteps, horizon, settings.target_positions
    how: dict[str, Any] = {"needed": settings.needed_positions, "stamps": settings.reads_time}
    windows = cut_panel_windows(panel.frame, *sizes, where=where, **how)
    windows.known = settings.known
    return windows


def with_naive_forecasts(
    settings: ForecasterSettings, panel: Panel, positions: np.ndarray, forecasts: np.ndarray
) -> np.ndarray:
    """Forecasts `[S, steps, C]` of all series; a warning names those that are naive, since the network has no window.

    Args:
        settings: of the model.
        panel: the checked panel.
        positions: the series that the network forecast.
        forecasts: its forecasts `[positions, steps, C]`.
    """
    steps = forecasts.shape[1]
    all_forecasts = np.full((len(panel.rows), steps, forecasts.shape[2]), np.nan)
    all_forecasts[positions] = forecasts
    others = np.setdiff1d(np.arange(len(panel.rows)), positions)
    if not len(others):
        return all_forecasts
    values = panel.frame.to_numpy("float64")[:, settings.target_positions]
    beside = forecasts.shape[2] // len(settings.targets)  # a forecast and the bounds of its intervals
    for at in others:
        rows = values[panel.first[at] : panel.first[at] + panel.rows[at]]
        for column, known in enumerate(rows.T):
            all_forecasts[at, :, column * beside] = repeated_season(known, steps, settings.season, settings.long_season)
    problem = "fewer rows than " + keywords(timesteps=settings.timesteps) + ", or no known value in so many, in "
    problem += f"{len(others)} of {len(panel.rows)} series: {listed(panel.names[others], most=5)}."
    without = ", without intervals" if beside > 1 else ""
    way_out = f"Their forecast is the seasonal naive one, or the last value{without}; NaN where no value is known."
    warn(SeqkitWarning("forecast", problem, way_out))
    return all_forecasts


def future_panel(
    settings: ForecasterSettings, panel: Panel, forecasts: np.ndarray, intervals: Sequence[float] = ()
) -> pd.DataFrame:
    """Return forecasts `[S, steps, K]` as a panel: the time of each series goes on after its own last row."""
    steps, columns = forecasts.shape[1], interval_columns(settings.targets, intervals)
    grid, last = _grid_after(panel, steps)
    codes: Any = [np.repeat(np.arange(len(panel.names)), steps), (last[:, None] + 1 + np.arange(steps)).ravel()]
    levels: Any = [panel.names, grid]
    index = pd.MultiIndex(levels, codes, names=panel.frame.index.names)
    future = pd.DataFrame(forecasts.reshape(-1, len(columns)).astype("float64"), index, columns)
    future.attrs = {key: value for key, value in panel.frame.attrs.items() if key == "time_format"}
    return future


def forecasts_by_origin(
    settings: ForecasterSettings, panel: Panel, windows: Windows, forecasts: np.ndarray
) -> pd.DataFrame:
    """Return forecasts `[B, H, C]` as a table indexed by series, origin and time."""
    grid, _ = _grid_after(panel, settings.horizon)
    origins: Any = windows.starts[:] + settings.timesteps - 1  # rows of the panel
    series = np.searchsorted(panel.first, origins, side="right") - 1
    places = np.asarray(panel.frame.index.codes[1])[origins]  # type: ignore[attr-defined]
    places = _on_grid(panel, grid)[places]
    times = (places[:, None] + 1 + np.arange(settings.horizon)).ravel()
    codes: Any = [series.repeat(settings.horizon), places.repeat(settings.horizon), times]
    names = [panel.frame.index.names[0], "origin", panel.frame.index.names[1] or "time"]
    levels: Any = [panel.names, grid, grid]
    index = pd.MultiIndex(levels, codes, names=names)
    values = forecasts.reshape(-1, len(settings.targets)).astype("float64")
    return pd.DataFrame(values, index, list(settings.targets))


def _on_grid(panel: Panel, grid: pd.DatetimeIndex) -> np.ndarray:
    """The place on the grid of each time stamp in the index of the panel."""
    return np.asarray(grid.get_indexer(pd.DatetimeIndex(panel.frame.index.levels[1])))  # type: ignore[attr-defined]


def _grid_after(panel: Panel, steps: int) -> tuple[pd.DatetimeIndex, np.ndarray]:
    """The grid of time of all series, so many steps longer, and the place of the last row of each series on it."""
    index: Any = panel.frame.index
    stamps = pd.DatetimeIndex(index.levels[1])
    used = np.asarray(index.codes[1])
    first, last = stamps[used.min()], stamps[used.max()]
    grid = pd.date_range(first, last, freq=panel.offset)
    grid = pd.date_range(first, periods=len(grid) + steps, freq=panel.offset, name=stamps.name)
    ends = panel.first + panel.rows - 1
    return grid, grid.get_indexer(stamps[used[ends]])
