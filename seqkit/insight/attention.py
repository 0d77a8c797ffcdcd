"""Attention weights out of any trained Keras model."""

from __future__ import annotations

import inspect
from typing import Any

import keras
import numpy as np

from seqkit._errors import InvalidValue
from seqkit.insight.calls import all_layers, model_input, to_numpy, unique_names, watch

SCORES = "return_attention_scores"  # Keras's word, and ours


def attention_weights(model: keras.Model, x: Any) -> dict[str, np.ndarray]:
    """Give the weights of every attention layer of a model: ours, and Keras's own.

    Weights over steps, layers or source steps sum to one and are zero on padding; `FeatureAttention`'s are
    between 0 and 1 each. The model runs on `x` once; nothing about it changes.

    Args:
        model: a built model with a layer that can return its attention scores.
        x: what the model reads; for a `Forecaster` also a table, of which the latest window is taken.

    Returns:
        One array for each layer, by name, in the order they run: `StepAttention` `[samples, timesteps]`,
        `LayerAttention` `[samples, layers]`, `FeatureAttention` `[samples, features]`, `QueryAttention` and Keras's
        `Attention` and `AdditiveAttention` `[samples, queries, source steps]`, `MultiHeadAttention`
        `[samples, heads, queries, source steps]`.

    Raises:
        ValueError: the model has no attention layer.

    Example:
        >>> from seqkit.layers import StepAttention
        >>> steps = keras.Input((7, 3))
        >>> model = keras.Model(steps, StepAttention(name="look")(steps))
        >>> attention_weights(model, np.ones((2, 7, 3)))["look"].sum(axis=1)
        array([1., 1.], dtype=float32)
    """
    found = [
        layer for layer in all_layers(model) if "return_attention_scores" in inspect.signature(layer.call).parameters
    ]
    if not found:
        raise InvalidValue(
            "attention_weights",
            "the model has no attention layer, its layers are "
            f"{', '.join(type(layer).__name__ for layer in all_layers(model))}.",
            "Build it with attention.",
        )
    outer = {id(inner) for layer in found for inner in layer._flatten_layers(include_self=False)}
    found = [layer for layer in found if id(layer) not in outer]
    names = dict(zip(map(id, found), unique_names(found), strict=True))
    weights = {}
    for call in watch(model, model_input(model, x, "attention_weights"), found):
        options = {**call.options, SCORES: True}
        weights[names[id(call.layer)]] = to_numpy(call.layer.call(*call.arguments, **options)[1])
    return weights
