"""The endpoint `serve_series` of a forecaster of a panel: the names of the series in, their own intervals out.

Shapes: B samples, S series, C targets.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np

from seqkit._guards import guarded, shape_as_text
from seqkit._refusals import Refusal
from seqkit.data.known_ahead import PAST, SERIES
from seqkit.export import Endpoint, Served
from seqkit.forecasting.covariates_served import of_named

ENDPOINT = "serve_series"
NO_SERIES = "\x00"  # StringLookup's name for what it does not know
OTHER_SERIES = Refusal("series must have the shape ({samples},), a name for each sample of past, got {came}.")


def with_series(model: Any, served: Callable[..., Served], answers: Callable[[Any, Any], dict[str, Any]]) -> Served:
    """What `served` returns, and the endpoint `serve_series`, which takes `series` `[B]` too, the names of the series.

    Its quantiles are those of the series; those of a series without intervals of its own are the ones of `serve`.

    Args:
        model: the forecaster.
        served: makes what the model serves; with `answers=` and `live=` those functions take the place of its own.
        answers: takes the window and the factors of its series `[B, C]`, and returns the outputs by name.
    """
    import tensorflow as tf

    whole, targets = served(), len(model.settings.targets)
    traced: list[Any] = []  # the factors in the graph that is traced at the moment
    by_series = served(answers=lambda window: answers(window, traced[-1]), live=lambda example: {})
    lookup = keras.layers.StringLookup(vocabulary=list(model.series_factors), mask_token=None, oov_token=NO_SERIES)
    factors = np.array([[1.0] * targets, *model.series_factors.values()], "float32")  # (1 + S, C)

    def serve(inputs: dict[str, Any]) -> dict[str, Any]:
        series, rest = inputs[SERIES], {name: value for name, value in inputs.items() if name != SERIES}
        samples = tf.shape(rest[PAST])[0]
        came = tf.shape(series)
        series = guarded(OTHER_SERIES, series, came[0] != samples, came=shape_as_text(came), samples=samples)
        traced.append(tf.gather(tf.constant(factors), lookup(series)))
        try:
            return by_series.endpoints["serve"].function(**rest)
        finally:
            traced.pop()

    signature = [*whole.endpoints["serve"].signature, tf.TensorSpec((None,), tf.string, name=SERIES)]
    endpoint = Endpoint(of_named(serve, [spec.name for spec in signature]), signature)
    endpoints = {**whole.endpoints, ENDPOINT: endpoint}
    return whole._replace(endpoints=endpoints, tracked=[*whole.tracked, *by_series.tracked, lookup])
