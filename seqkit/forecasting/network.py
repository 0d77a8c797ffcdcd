"""The forecaster's graph: fill, transform, scale, forecast in scaled units, and back.

Shapes: B samples, T timesteps, F features, H horizon, C targets, U units.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import layers

from seqkit.forecasting.settings import ForecasterSettings
from seqkit.layers.attended import summarize, weighted_features
from seqkit.layers.baseline import LastValue, SmoothedBaseline
from seqkit.layers.scaling import FillMissing, NoScaling, StandardScaling, Statistics, TakeColumns, WindowScaling
from seqkit.layers.segments import Segments
from seqkit.layers.transform import RawUnits, ValueTransform


class Scaler:
    """The layers between raw values and scaled units."""

    def __init__(self, settings: ForecasterSettings) -> None:
        """Make the layers."""
        positions = settings.target_positions
        self.fill = FillMissing(settings.fill, name="fill") if settings.fill else None
        self.transform = ValueTransform(settings.transform, name="transform")
        self.scaling = _scaling(settings)
        self.targets = TakeColumns(positions, name="targets")
        self.raw_units = RawUnits([settings.transform[position] for position in positions], name="forecast")

    def scale_past(self, past: Any) -> tuple[Any, Statistics]:
        """Return the scaled past `(B, T, F)` and the level and spread `(B, 1, C)` of its targets."""
        filled = self.fill(past) if self.fill else past
        scaled, level, spread = self.scaling(self.transform(filled))
        return scaled, Statistics(self.targets(level), self.targets(spread))


def forecaster_network(settings: ForecasterSettings, scaler: Scaler) -> tuple[Any, Any]:
    """Connect the layers; return the input `(B, T, F)` and the output `(B, H, C)`, squeezed `(B, H)`, in raw units."""
    past = keras.Input((settings.timesteps, len(settings.columns)), name="past", dtype="float32")
    scaled, statistics = scaler.scale_past(past)
    steps = weighted_features(scaled, settings.attention)
    summary = summarize(
        Segments(settings.segment, name="segments")(steps) if settings.segment > 1 else steps,
        settings.attention,
        **settings.recurrent_options,
    )
    forecast = _head(settings)(summary.vector)  # (B, H * C)
    forecast = layers.Reshape((settings.horizon, len(settings.targets)), dtype="float32", name="steps")(forecast)
    baseline = _baseline(settings)
    if baseline is not None:
        baseline_forecast = baseline(scaler.targets(scaled))
        forecast = layers.Add(dtype="float32", name="around_baseline")([baseline_forecast, forecast])
    forecast = scaler.raw_units(forecast, *statistics)
    if settings.squeeze:
        forecast = layers.Reshape((settings.horizon,), dtype="float32", name="squeezed")(forecast)
    return past, forecast


def _head(settings: ForecasterSettings) -> layers.Layer:
    # With a baseline the head starts at zero, so the untrained model forecasts the baseline.
    initializer = "glorot_uniform" if settings.baseline == "none" else "zeros"
    units = settings.horizon * len(settings.targets)
    return layers.Dense(units, kernel_initializer=initializer, dtype="float32", name="head")


def _scaling(settings: ForecasterSettings) -> layers.Layer:
    if settings.scaling == "window":
        return WindowScaling(max(settings.season, settings.long_season), settings.least_spread, name="scaling")
    return {"standard": StandardScaling, "none": NoScaling}[settings.scaling](name="scaling")


def _baseline(settings: ForecasterSettings) -> layers.Layer | None:
    if settings.baseline == "smoothed":
        return SmoothedBaseline(
            settings.horizon, settings.season, settings.long_season, dtype="float32", name="baseline"
        )
    return LastValue(settings.horizon, dtype="float32", name="baseline") if settings.baseline == "last" else None
