"""Build the pretrained forecaster: settings, weights that come with the package, and how it trains on."""

from __future__ import annotations

from typing import Any

import keras

from seqkit.forecasting.facts import TableFacts
from seqkit.forecasting.pretrained import PretrainedForecaster
from seqkit.forecasting.pretrained_settings import settle_pretrained
from seqkit.task.compiling import compile_built
from seqkit.task.plain_fit import averaging_adam

FIRST_RATE = 3e-4  # of `fit`, that goes on from trained weights


def build_pretrained(
    facts: TableFacts | None, loss: Any, optimizer: Any, jit_compile: Any, **arguments: Any
) -> PretrainedForecaster:
    """Make the model of `build_forecaster(weights=...)`; `arguments` are those of `settle_pretrained`.

    It has been trained on no row of the user's: of the table it takes the columns and the seasons alone.
    """
    levels = arguments["levels"]
    settings = settle_pretrained(facts=facts, **{**arguments, "levels": () if loss is not None else levels})
    asked = {name: arguments[name] for name in ("weights", "timesteps", "season", "most_windows")}
    asked |= {"quantiles": levels, "jit_compile": None if jit_compile == "auto" else jit_compile}
    model = PretrainedForecaster(settings, asked={name: value for name, value in asked.items() if value is not None})
    model.take_weights()
    optimizer = averaging_adam(FIRST_RATE) if optimizer is None else optimizer
    compile_built("build_forecaster", model, optimizer, jit_compile, loss=loss, weighted_metrics=raw_metrics())
    return model


def raw_metrics() -> list[keras.metrics.Metric]:
    """The metrics of a forecaster, of values in raw units."""
    return [keras.metrics.MeanAbsoluteError(name="mae"), keras.metrics.RootMeanSquaredError(name="rmse")]
