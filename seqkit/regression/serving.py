"""A regressor as a SavedModel: raw arrays in; numbers and their intervals out."""

from __future__ import annotations

from typing import Any

import numpy as np

from seqkit._guards import unless_refused
from seqkit.export import Endpoint, Served, describe_endpoint
from seqkit.task.served_series import any_sizes, checked_series
from seqkit.task.serving import EXAMPLE_TIMESTEPS, example_series


def served_regressor(model: Any, levels: tuple[float, ...]) -> Served:
    """What the model serves, with intervals of these levels, and its answers to an example."""
    import tensorflow as tf

    settings = model.settings
    steps = settings.timesteps or EXAMPLE_TIMESTEPS
    example = example_series(model.get_layer("scaling"), steps, settings.features, padded=settings.timesteps is None)

    def serve(series: tf.Tensor) -> dict[str, tf.Tensor]:
        series = checked_series(series, settings.features, settings.timesteps, missing=settings.missing)
        return unless_refused(_with_bounds(model, model(series, training=False), levels))

    description: dict[str, Any] = {
        "targets": list(model.targets),
        "features": settings.features,
        "timesteps": settings.timesteps or 0,
    }
    endpoints = {
        "serve": Endpoint(serve, [any_sizes("series", 2)]),
        "describe": describe_endpoint(description | ({"levels": list(levels)} if levels else {})),
    }
    values = tf.constant(model.predict_on_batch(example))
    expected = {name: np.asarray(array) for name, array in _with_bounds(model, values, levels).items()}
    signature = [tf.TensorSpec((None, settings.timesteps, settings.features), tf.float32, name="series")]
    return Served(model, endpoints, tf.constant(example), expected, signature=signature)


def _with_bounds(model: Any, values: Any, levels: tuple[float, ...]) -> dict[str, Any]:
    """Numbers `[B, C]` as `value`, and where there are levels `lower` and `upper` `[B, C, L]`."""
    if not levels:
        return {"value": values}
    widths = model.intervals.half_widths_at(levels)  # (C, L)
    lower = model.raw_units.bounded(values[..., None] - widths)
    return {"value": values, "lower": lower, "upper": values[..., None] + widths}
