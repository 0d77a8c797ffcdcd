"""Build the pretrained forecaster: settings, weights that come with the package, and how it trains on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras

from seqkit.forecasting.like import Like
from seqkit.forecasting.pretrained import PretrainedForecaster
from seqkit.forecasting.pretrained_settings import refuse_beside_weights, settle_pretrained
from seqkit.task.compiling import compile_built
from seqkit.task.plain_fit import averaging_adam

MEDIAN = "mae"  # the loss without quantiles: the forecast is the median
FIRST_RATE = 3e-4  # of `fit`, that goes on from trained weights
CHOSEN = ("weights", "horizon", "timesteps", "features", "targets", "season", "most_windows")
ASKED = ("weights", "timesteps", "season", "most_windows")  # by a refit again
OF_A_NETWORK = (
    *("cell", "units", "segment", "scaling", "baseline", "transform", "preset", "attention", "activation"),
    *("initial_state", "bidirectional", "dropout", "first_dropout", "fill", "squeeze"),
)


def build_pretrained(like: Like, arguments: Mapping[str, Any]) -> PretrainedForecaster:
    """Make the model of `build_forecaster(weights=...)`; the arguments are those of `build_forecaster` by name.

    It has been trained on no row of the user's: of the table it takes the columns and the seasons alone.
    """
    loss, optimizer, jit_compile = (arguments[name] for name in ("loss", "optimizer", "jit_compile"))
    _refuse_what_is_decided(like, arguments)
    levels = arguments["quantiles"]
    chosen = {name: arguments[name] for name in CHOSEN}
    settings = settle_pretrained(facts=like.facts, levels=() if loss is not None else levels, **chosen)
    asked = {name: arguments[name] for name in ASKED}
    asked |= {"quantiles": levels, "jit_compile": None if jit_compile == "auto" else jit_compile}
    model = PretrainedForecaster(settings, asked={name: value for name, value in asked.items() if value is not None})
    model.take_weights()
    optimizer = averaging_adam(FIRST_RATE) if optimizer is None else optimizer
    loss = MEDIAN if loss is None and not settings.levels else loss
    compile_built("build_forecaster", model, optimizer, jit_compile, loss=loss, weighted_metrics=raw_metrics())
    return model


def _refuse_what_is_decided(like: Like, arguments: Mapping[str, Any]) -> None:
    """Refuse arguments about the network, and about columns that it does not read."""
    given = {name: arguments[name] for name in OF_A_NETWORK} | {"members": arguments["members"] or None}
    given |= {"categories": list(like.words) or None, "future_columns": arguments["future_columns"] or None}
    given |= {"static_columns": list(like.static) or None, "calendar": arguments["calendar"] or None}
    given |= {name: arguments[name] for name in ("holidays", "channels", "channel_vectors", "head")}
    refuse_beside_weights(arguments["weights"], given)


def raw_metrics() -> list[keras.metrics.Metric]:
    """The metrics of a forecaster, of values in raw units."""
    return [keras.metrics.MeanAbsoluteError(name="mae"), keras.metrics.RootMeanSquaredError(name="rmse")]
