"""Calibrate the intervals of a forecaster by its errors on windows.

Shapes: K windows, T timesteps, F features, H horizon, C targets, Q quantiles.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from keras import ops

from seqkit.data.known_ahead import past_of, window_input
from seqkit.forecasting.conformal import interval_widths
from seqkit.forecasting.parts import intervals_of, parts_of
from seqkit.forecasting.series_factors import Factors, factors_of_series, series_of_windows
from seqkit.layers.interval_widths import NOT_CALIBRATED

if TYPE_CHECKING:
    from seqkit.data.windows import Windows
    from seqkit.forecasting.model import Forecaster

MOST_WINDOWS = 2_000  # whose errors are looked at
MOST_WINDOWS_OF_A_TABLE = 128  # of one table, within a recipe
WINDOWS_AT_ONCE = 256


class Scores(NamedTuple):
    """The errors of a forecaster on windows."""

    errors: np.ndarray  # (K, H, C), scaled units; NaN where the value is unknown
    deviations: np.ndarray | None  # (K, H, C, Q) of the pretrained member
    windows: int  # without overlap
    series: np.ndarray | None = None  # (K,) the name of each window's series, of a panel
    windows_of_series: Mapping[str, int] | None = None  # without overlap, by the name of the series


class Intervals(NamedTuple):
    """What calibration has set in a model."""

    weights: list[np.ndarray]  # of the widths; none in a model that was built without levels
    factors: Factors


def is_calibrated(model: Forecaster) -> bool:
    """Whether the widths of the intervals are set."""
    layer = intervals_of(model)
    return layer is not None and float(ops.convert_to_numpy(layer.windows)) >= 0


def calibrate_on(
    model: Forecaster, windows: Windows, *, most: int = MOST_WINDOWS, simple: bool = False, ratio: float = 1.0
) -> None:
    """Set the widths by the errors on windows, times a ratio; `most` and `simple` are those of `scores_on`."""
    if intervals_of(model) is not None:
        set_intervals(model, scores_on(model, windows, most=most, simple=simple), ratio)


def set_intervals(model: Forecaster, scores: Scores, ratio: float = 1.0) -> None:
    """Set the widths by errors, times a ratio."""
    layer = intervals_of(model)
    if layer is not None:
        widths = interval_widths(scores.errors, scores.deviations, layer.levels, scores.windows)
        layer.widths.assign(ratio * widths)
        layer.windows.assign(float(scores.windows))
        model.series_factors = _factors(scores, widths, layer.levels)


def _factors(scores: Scores, widths: np.ndarray, levels: Sequence[float]) -> Factors:
    """The factors of the series of a panel."""
    if scores.series is None or scores.windows_of_series is None:
        return {}
    sides = np.sign(np.asarray(levels) - 0.5)
    deviations = widths * (sides if scores.deviations is None else scores.deviations)
    deviations = np.broadcast_to(deviations, (*scores.errors.shape, len(levels)))
    return factors_of_series(scores.errors, deviations, levels, scores.series, scores.windows_of_series)


def forget_intervals(model: Forecaster) -> None:
    """The model is not calibrated any more, as after more training."""
    layer = intervals_of(model)
    if layer is not None:
        layer.windows.assign(NOT_CALIBRATED)
    model.series_factors = {}


def copy_intervals(model: Forecaster) -> Intervals:
    """What calibration has set."""
    layer = intervals_of(model)
    weights = [] if layer is None else [ops.convert_to_numpy(weight) for weight in layer.weights]
    return Intervals(weights, dict(model.series_factors))


def restore_intervals(model: Forecaster, intervals: Intervals) -> None:
    """Set what calibration had set."""
    layer = intervals_of(model)
    if layer is not None:
        layer.set_weights(intervals.weights)
    model.series_factors = dict(intervals.factors)


def scores_on(model: Forecaster, windows: Windows, *, most: int, simple: bool) -> Scores:
    """The errors on windows, on so many of them at most, which lie evenly.

    Args:
        model: of the windows' shape.
        windows: with their targets.
        most: how many windows are forecast.
        simple: score the mean of the members, without the trained network.
    """
    starts: Any = windows.starts[:]
    chosen = starts[np.unique(np.linspace(0, len(starts) - 1, min(most, len(starts))).round().astype(int))]
    found = [
        _of_batch(model, windows, chosen[first : first + WINDOWS_AT_ONCE], simple)
        for first in range(0, len(chosen), WINDOWS_AT_ONCE)
    ]
    errors = np.concatenate([errors for errors, _ in found])
    deviations = [part for _, part in found if part is not None]
    count = _without_overlap(starts, windows.horizon)
    of_each = series_of_windows(windows, starts)
    own = None if of_each is None else _counts_of_series(of_each, starts, windows.horizon)
    spreads = np.concatenate(deviations) if deviations else None
    series = None if of_each is None else of_each[np.searchsorted(starts, chosen)]
    return Scores(errors, spreads, count, series, own)


def _of_batch(
    model: Forecaster, windows: Windows, starts: np.ndarray, simple: bool
) -> tuple[np.ndarray, np.ndarray | None]:
    """Errors `[K, H, C]` and deviations `[K, H, C, Q]`."""
    rows = starts[:, None] + np.arange(windows.timesteps + windows.horizon)
    values = windows.values[rows].astype("float32")
    past, came = values[:, : windows.timesteps], values[:, windows.timesteps :, windows.targets]
    known = windows.known
    inputs = window_input(known, past, values[:, windows.timesteps :], lambda part, chosen: part[..., chosen])
    past = past_of(inputs)
    parts = parts_of(model, inputs)
    _, statistics = model.network.scale_past(ops.convert_to_tensor(past))
    actual = ops.convert_to_numpy(model.network.raw_units.scale(ops.convert_to_tensor(came), *statistics))
    return actual - parts["simple" if simple else "forecast"], parts.get("deviations")


def _without_overlap(starts: np.ndarray, horizon: int) -> int:
    """How many windows have horizons that do not overlap; a new run of neighbours begins with each series."""
    runs = np.split(starts, np.flatnonzero(np.diff(starts) != 1) + 1)
    return int(sum(-(-len(run) // horizon) for run in runs))


def _counts_of_series(series: np.ndarray, starts: np.ndarray, horizon: int) -> dict[str, int]:
    """How many windows of each series have horizons that do not overlap."""
    firsts = np.flatnonzero(series[1:] != series[:-1]) + 1
    parts = zip(np.split(series, firsts), np.split(starts, firsts), strict=True)
    return {own[0]: _without_overlap(part, horizon) for own, part in parts}


def not_calibrated(model: Forecaster) -> tuple[str, str]:
    """What is missing for intervals, and what gives them."""
    if not model.settings.levels:
        way_out = 'Build it with quantiles: preset="article", and loss= beside weights=, have none.'
        return "this model was built without quantiles.", way_out
    problem = "the intervals of this model are not calibrated."
    if model.chosen_epochs is None:
        way_out = "Call model.calibrate(table) with rows that it was not trained on, or train it by train_forecaster."
        return problem, way_out
    problem = "train_forecaster calibrated no intervals: it held out no rows, for the table is too short for that, or "
    problem += "validation_rows=0 or intervals=False forbade it."
    return problem, "Call model.calibrate(table) with rows that it was not trained on, or train it on more rows."
