"""Attention weights out of any trained Keras model."""

from __future__ import annotations

import inspect
from typing import Any

import keras
import numpy as np

from seqkit._errors import InvalidValue
from seqkit.insight.calls import all_layers, layer_types, model_input, record_calls, to_numpy, unique_names

SCORES_OPTION = "return_attention_scores"  # of Keras's layers and ours


def attention_weights(model: keras.Model, x: Any) -> dict[str, np.ndarray]:
    """Give the weights of every attention layer of a model: seqkit's layers, and Keras's.

    Weights over steps, layers or source steps sum to one and are zero on padding. The weights of `FeatureAttention`
    are each between 0 and 1. The model runs on `x` once and does not change.

    Args:
        model: a built model with a layer that can return its attention scores.
        x: the model's input; for a `Forecaster` also a table, whose latest window the model reads.

    Returns:
        A dict of layer name and array, in the order the layers run: `StepAttention` `[samples, timesteps]`,
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
    attention = [layer for layer in all_layers(model) if SCORES_OPTION in inspect.signature(layer.call).parameters]
    if not attention:
        problem = f"the model has no attention layer, its layers are {layer_types(model)}."
        raise InvalidValue("attention_weights", problem, "Build it with attention.", "model")
    inner = {id(part) for layer in attention for part in layer._flatten_layers(include_self=False)}
    attention = [layer for layer in attention if id(layer) not in inner]
    names = dict(zip(map(id, attention), unique_names(attention), strict=True))
    weights = {}
    for call in record_calls(model, model_input(model, x, "attention_weights"), attention):
        options = {**call.options, SCORES_OPTION: True}
        weights[names[id(call.layer)]] = to_numpy(call.layer.call(*call.arguments, **options)[1])
    return weights
