"""Forecasts of many windows and series by one model, in batches.

Shapes: S series, T timesteps, F features, H horizon, C targets.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from seqkit.data.panel_windows import latest_windows
from seqkit.forecasting import panels
from seqkit.forecasting.checks import finite_forecast
from seqkit.forecasting.intervals import forecast_columns
from seqkit.forecasting.parts import parts_of

if TYPE_CHECKING:
    from seqkit.data.windows import Windows
    from seqkit.forecasting.model import Forecaster

SERIES_AT_ONCE = 1024


def forecast(model: Forecaster, frame: pd.DataFrame, steps: int, levels: Sequence[float] = ()) -> pd.DataFrame:
    """Predict the rows after the last row of each series, as `Forecaster.forecast` says."""
    panel = panels.model_panel(model.settings, frame, "forecast", with_past=True)
    windows, positions = latest_windows(panel, model.settings.timesteps, model.settings.target_positions)
    forecasts = _of_windows(model, windows, steps, levels)
    forecasts = panels.with_naive_forecasts(model.settings, panel, positions, forecasts)
    return panels.future_panel(model.settings, panel, forecasts, levels)


def predict(model: Forecaster, frame: pd.DataFrame, batch_size: int | None, **options: Any) -> pd.DataFrame:
    """Predict after each row from the T-th of each series on, as `Forecaster.predict` says."""
    panel = panels.model_panel(model.settings, frame, "predict", with_past=True)
    windows = panels.past_windows(model.settings, panel, "predict")
    return panels.forecasts_by_origin(
        model.settings, panel, windows, model.predict_windows(windows, batch_size, **options)
    )


def latest(model: Forecaster, frame: pd.DataFrame, where: str) -> np.ndarray:
    """The latest window `[S, T, F]` of each series that has one."""
    panel = panels.model_panel(model.settings, frame, where, with_past=True)
    windows, _ = latest_windows(panel, model.settings.timesteps, model.settings.target_positions)
    return windows.values[windows.starts[:][:, None] + np.arange(windows.timesteps)]


def _of_windows(model: Forecaster, windows: Windows, steps: int, levels: Sequence[float]) -> np.ndarray:
    """Forecasts `[S, steps, C]` of windows without targets, with the bounds of intervals beside each."""
    blocks = [np.zeros((0, steps, len(forecast_columns(model.settings.targets, levels))), "float32")]
    for first in range(0, len(windows), SERIES_AT_ONCE):
        rows = windows.starts[first : first + SERIES_AT_ONCE][:, None] + np.arange(windows.timesteps)
        blocks.append(model.ahead(windows.values[rows], steps, levels))
    return np.concatenate(blocks)


def ahead_of(model: Forecaster, past: np.ndarray, steps: int) -> np.ndarray:
    """Forecasts `[B, steps, C]` after the past `[B, T, F]`; beyond the horizon, forecasts become input."""
    horizon, targets, timesteps = model.settings.horizon, model.settings.target_positions, past.shape[1]
    fixed_axes = 1 if model.any_length else 2
    next_block = model.graphs.compiled("forecast", lambda window: model(window, training=False), fixed_axes)
    if model.settings.members:  # the graph of the folds, which is compiled already
        next_block = lambda window: parts_of(model, window)["raw"]  # noqa: E731
    blocks: list[np.ndarray] = []
    for _ in range(-(-steps // horizon)):
        block = finite_forecast("forecast", next_block(past).reshape(len(past), horizon, -1))
        blocks.append(block)
        rows = np.zeros((len(past), horizon, past.shape[2]), "float32")
        rows[:, :, targets] = block
        past = np.concatenate([past, rows], axis=1)[:, -timesteps:]
    return np.concatenate(blocks, axis=1)[:, :steps]
