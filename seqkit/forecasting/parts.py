"""A forecast and what it is made of: the members, the trained network, and quantiles, from one compiled graph.

Shapes: B samples, T timesteps, F features, H horizon, C targets, Q quantiles.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
from keras import ops

from seqkit._guards import notes_refusals
from seqkit.data.known_ahead import past_of
from seqkit.forecasting.covariates import effects_in
from seqkit.forecasting.network import INTERVALS, MEMBERS_LAYER
from seqkit.layers.quantiles import LEVELS
from seqkit.pretraining.paths import between_levels
from seqkit.task.unrolling import has_gpu

if TYPE_CHECKING:
    from seqkit.forecasting.member_forecasts import MemberForecasts
    from seqkit.forecasting.model import Forecaster
    from seqkit.layers.interval_widths import IntervalWidths

PARTS = "parts"  # a choice of compiled graphs
MOST_TIMES_AS_FAR = 3.0  # as the pretrained member's deviation in raw units, or as the forecast from zero
TRAINER = "trainer"  # of a forecaster; kept past Keras, which would take a trainer's layers for those of the model


def members_of(model: Forecaster) -> MemberForecasts | None:
    """The layer of a forecaster's members; None without any."""
    return model.get_layer(MEMBERS_LAYER) if model.settings.members else None


def intervals_of(model: Forecaster) -> IntervalWidths | None:
    """The layer with the widths of the intervals; None in a model without quantiles, and where its network has them."""
    return model.get_layer(INTERVALS) if model.settings.levels_to_calibrate else None


def parts_of(model: Forecaster, past: Any, factors: np.ndarray | None = None) -> dict[str, np.ndarray]:
    """The parts of the forecast after windows `[B, T, F]`; one compiled graph serves folds, forecasts and intervals.

    Args:
        model: the forecaster.
        past: the windows; where the model knows more than the past, a dict.
        factors: `[B, C]` on the widths of the intervals, 1 by default.

    Returns:
        `raw` `[B, H, C]`, the forecast in raw units; `quantiles` `[B, H, C, Q]` in raw units, where the model has
        levels; and in scaled units `forecast`, `simple` (the mean of the members) and `trained`, each `[B, H, C]`, and
        `deviations` `[B, H, C, Q]` of the pretrained member's quantiles from its median, where there is one. All
        forecasts have the effects of columns that are known ahead, which `past`, then a dict, holds too.
    """
    fixed_axes = 1 if model.any_length else 2
    model = quickest(model)
    by_series = factors is not None
    answer = model.graphs.made_once((PARTS, by_series), partial(_answer, model, by_series), fixed_axes)
    found: dict[str, np.ndarray] = answer((past, factors) if by_series else past)
    return found


def _answer(model: Forecaster, by_series: bool) -> Callable[[Any], dict[str, Any]]:
    """A function of windows; by series of a pair of windows and factors."""
    parts = forecast_parts(model)
    return (lambda given: parts(*given)) if by_series else lambda window: parts(window)


def quickest(model: Forecaster) -> Forecaster:
    """The model, or the compiled forecaster that trained it if that still has the same weights."""
    trainer = model.__dict__.get(TRAINER)
    return trainer.model if trainer is not None and trainer.holds(model) else model


def forecast_parts(model: Forecaster) -> Callable[..., dict[str, Any]]:
    """A function from windows `[B, T, F]`, and factors `[B, C]`, to the parts that `parts_of` names, as tensors."""
    made = _scaled_parts(model)
    widths = intervals_of(model)

    def parts(window: Any, factors: Any = None) -> dict[str, Any]:
        found = made(window)
        _, statistics = model.network.scale_past(past_of(window))
        found["raw"] = model.network.raw_units(found["forecast"], *statistics)
        if widths is not None:
            scaled = widths.quantiles(found["forecast"], found.get("deviations"), factors)
            found["quantiles"] = _in_raw_units(model, scaled, statistics)
            if "raw_deviations" in found:
                farthest = _farthest(found["raw"], found.pop("raw_deviations"), model.settings.levels)
                found["quantiles"] = _within(found["quantiles"], widths.quantiles(found["raw"], farthest, factors))
        return found

    return parts


def parts_in_a_graph(model: Forecaster) -> Callable[..., dict[str, Any]]:
    """What `forecast_parts` returns, for a graph to be written: a call of the graph of `parts_of`, if it is traced.

    Tracing it again would take two seconds. But a GPU's kernels do not run elsewhere, and a converter to a single file
    reads one whole graph best.
    """
    anew, compiled = forecast_parts(model), quickest(model)

    def parts(window: Any, factors: Any = None) -> dict[str, Any]:
        traced = compiled.graphs.traced((PARTS, factors is not None))
        if traced is None or notes_refusals() or has_gpu():
            return anew(window, factors)
        return traced(window) if factors is None else traced((window, factors))

    return parts


def _in_raw_units(model: Forecaster, scaled: Any, statistics: Any) -> Any:
    """Quantiles `[B, H, C, Q]` in raw units."""
    scaled = ops.moveaxis(scaled, -1, 1)
    raw = model.network.raw_units(ops.reshape(scaled, (-1, *_joined(scaled))), *statistics)
    return ops.moveaxis(ops.reshape(raw, (-1, *scaled.shape[1:])), 1, -1)


def _farthest(forecast: Any, deviations: Any, levels: Sequence[float]) -> Any:
    """How far quantiles may lie from the forecast at a width of 1, `[B, H, C, Q]`, in raw units.

    Under a logarithm a deviation is a ratio. That of the pretrained member from a median near zero may be a million,
    and must not multiply the forecast.
    """
    sides = np.sign(np.array(levels) - 0.5).astype("float32")
    return MOST_TIMES_AS_FAR * sides * ops.maximum(ops.abs(deviations), ops.abs(forecast)[..., None])


def _within(quantiles: Any, limits: Any) -> Any:
    """The quantiles `[B, H, C, Q]`, none farther from the median than its limit."""
    middle = quantiles.shape[-1] // 2
    below = ops.maximum(quantiles[..., :middle], limits[..., :middle])
    above = ops.minimum(quantiles[..., middle + 1 :], limits[..., middle + 1 :])
    return ops.concatenate([below, quantiles[..., middle : middle + 1], above], axis=-1)


def _deviations(quantiles: Any, between: np.ndarray) -> Any:
    """How far the levels of the model `[B, H, C, K]` lie from the median of quantiles `[B, H, C, Q]`."""
    middle = quantiles.shape[-1] // 2
    return ops.einsum("bhcq,kq->bhck", quantiles - quantiles[..., middle : middle + 1], ops.convert_to_tensor(between))


def _joined(quantiles: Any) -> tuple[int, int]:
    """The last axes of quantiles `[B, Q, H, C]` as steps and targets, `(Q H, C)`."""
    _, count, horizon, targets = quantiles.shape
    return count * horizon, targets


def _scaled_parts(model: Forecaster) -> Callable[[Any], dict[str, Any]]:
    layer, widths = members_of(model), intervals_of(model)
    if layer is None:
        assert widths is not None
        scaled = keras.Model(model.input, widths.input)

        def alone(window: Any) -> dict[str, Any]:
            forecast = ops.cast(scaled(window, training=False), "float32")
            return {"forecast": forecast, "simple": forecast, "trained": forecast}

        return alone
    effects = effects_in(model)
    inputs = keras.Model(model.input, [*layer.input, *effects])
    has_logarithms = any(model.settings.transform[at] != "none" for at in model.settings.target_positions)
    between = between_levels(np.array(model.settings.levels), LEVELS) if model.settings.levels else None

    def with_members(window: Any) -> dict[str, Any]:
        past, trained, *raw = inputs(window, training=False)
        added = raw.pop() if effects else 0.0
        simple, quantiles = layer.mean_of_members(past, *raw)
        forecasts = {"forecast": layer.mixed(simple, trained), "simple": simple, "trained": trained}
        found = {name: forecast + added for name, forecast in forecasts.items()}
        if quantiles is not None and between is not None:
            found["deviations"] = _deviations(quantiles, between)
            if has_logarithms:
                found["raw_deviations"] = _deviations(_in_raw_units(model, quantiles, raw[1:]), between)
        return found

    return with_members
