"""Forecasts of many windows and series by one model, in batches.

Shapes: S series, T timesteps, F features, H horizon, C targets.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from seqkit.data.known_ahead import FUTURE, PAST, TIME, input_of, past_of, window_input
from seqkit.data.panel_windows import latest_windows
from seqkit.forecasting import panels
from seqkit.forecasting.calendar_inputs import later_time, refuse_stamps_beyond, stamps_of
from seqkit.forecasting.checks import finite_forecast
from seqkit.forecasting.futures import future_of_panel, in_whole_blocks
from seqkit.forecasting.parts import parts_of, quickest
from seqkit.forecasting.series_factors import series_of_windows
from seqkit.task.interval_levels import interval_columns

if TYPE_CHECKING:
    from seqkit.data.windows import Windows
    from seqkit.forecasting.model import Forecaster

SERIES_AT_ONCE = 1024


def forecast(
    model: Forecaster, frame: pd.DataFrame, steps: int, levels: Sequence[float] = (), future: Any = None
) -> pd.DataFrame:
    """Predict the rows after the last row of each series, as `Forecaster.forecast` says."""
    panel = panels.model_panel(model.settings, frame, "forecast", with_past=True)
    ahead = future_of_panel(model.settings, panel, future, steps)
    settings = model.settings
    refuse_stamps_beyond(settings, stamps_of(panel.frame), steps, "forecast")
    sizes = settings.timesteps, settings.target_positions, settings.needed_positions
    windows, positions = latest_windows(panel, *sizes, stamps=settings.reads_time)
    forecasts = _of_windows(model, windows, steps, levels, None if ahead is None else ahead[positions])
    forecasts = panels.with_naive_forecasts(model.settings, panel, positions, forecasts)
    return panels.future_panel(model.settings, panel, forecasts, levels)


def predict(model: Forecaster, frame: pd.DataFrame, batch_size: int | None, **options: Any) -> pd.DataFrame:
    """Predict after each row from the T-th of each series on, as `Forecaster.predict` says."""
    panel = panels.model_panel(model.settings, frame, "predict", with_past=True)
    windows = panels.past_windows(model.settings, panel, "predict")
    return panels.forecasts_by_origin(
        model.settings, panel, windows, model.predict_windows(windows, batch_size, **options)
    )


def latest(model: Forecaster, frame: pd.DataFrame, where: str) -> Any:
    """The latest window `[S, T, F]` of each series that has one; where its future must be known, H rows earlier."""
    panel, known = panels.model_panel(model.settings, frame, where, with_past=True), model.settings.known
    ahead = model.settings.horizon if model.settings.future_columns else 0
    needed, stamps = model.settings.needed_positions, model.settings.reads_time
    sizes = model.settings.timesteps + ahead, model.settings.target_positions
    windows, _ = latest_windows(panel, *sizes, needed, stamps=stamps)
    rows = windows.values[windows.starts[:][:, None] + np.arange(windows.timesteps)]
    past, future = np.split(rows, [model.settings.timesteps], axis=1)
    return window_input(known, past, future, lambda columns, chosen: columns[..., chosen])


def _of_windows(
    model: Forecaster, windows: Windows, steps: int, levels: Sequence[float], ahead: np.ndarray | None = None
) -> np.ndarray:
    """Forecasts `[S, steps, C]` of windows without targets, with the bounds of intervals beside each.

    `ahead` `[S, steps or more, F2]` is the future of the columns that are known ahead.
    """
    blocks = [np.zeros((0, steps, len(interval_columns(model.settings.targets, levels))), "float32")]
    for first in range(0, len(windows), SERIES_AT_ONCE):
        starts: Any = windows.starts[first : first + SERIES_AT_ONCE]
        rows = starts[:, None] + np.arange(windows.timesteps)
        known = None if ahead is None else ahead[first : first + SERIES_AT_ONCE]
        inputs = input_of(model.settings.known, windows.values[rows], known)
        blocks.append(model.ahead(inputs, steps, levels, series_of_windows(windows, starts)))
    return np.concatenate(blocks)


def ahead_of(model: Forecaster, past: Any, steps: int) -> np.ndarray:
    """Forecasts `[B, steps, C]` after the past `[B, T, F]`; beyond the horizon, forecasts become input.

    With columns that are known ahead, `past` is a dict whose `future` `[B, steps, F2]` holds them for all steps.
    """
    horizon, targets = model.settings.horizon, model.settings.target_positions
    best = quickest(model)
    fixed_axes = 1 if best.any_length else 2
    next_block = best.graphs.compiled("forecast", lambda window: best(window, training=False), fixed_axes)
    if model.settings.members:  # the graph of the folds, which is compiled already
        next_block = lambda window: parts_of(model, window)["raw"]  # noqa: E731
    others = {name: array for name, array in past.items() if name != PAST} if isinstance(past, dict) else {}
    past = past_of(past)
    future = in_whole_blocks(others[FUTURE], horizon) if FUTURE in others else None
    blocks: list[np.ndarray] = []
    for first in range(0, steps, horizon):
        rows = np.zeros((len(past), horizon, past.shape[2]), "float32")
        if future is not None:
            others[FUTURE] = rows[:, :, model.settings.future_positions] = future[:, first : first + horizon]
        inputs = {PAST: past, **others} if others else past
        block = finite_forecast("forecast", next_block(inputs).reshape(len(past), horizon, -1))
        blocks.append(block)
        rows[:, :, targets] = block
        past = np.concatenate([past, rows], axis=1)[:, -past.shape[1] :]
        if TIME in others:
            others[TIME] = later_time(model.settings, others[TIME], horizon)
    return np.concatenate(blocks, axis=1)[:, :steps]
