"""Attention weights out of any trained Keras model."""

from __future__ import annotations

import inspect
from typing import Any

import keras
import numpy as np
from keras import layers

from seqkit._errors import InvalidValue
from seqkit.insight.calls import (
    COMPILED,
    all_layers,
    is_readable,
    layer_types,
    model_input,
    show_calls,
    to_numpy,
    unique_names,
    why_far,
)

SCORES_OPTION = "return_attention_scores"  # of Keras's layers and ours


def attention_weights(model: keras.Model, x: Any) -> dict[str, np.ndarray]:
    """Give the weights of every call of every attention layer of a model: seqkit's layers, and Keras's.

    Weights over steps, layers or source steps sum to one and are zero on padding. The weights of `FeatureAttention`
    are each between 0 and 1. A copy of the model runs on `x` once; the model does not change, so other threads may use
    it. A layer whose output changes where it is asked for its weights is left out, and a warning names it.

    Args:
        model: a built model with a layer that can return its attention scores.
        x: the model's input; for a `Forecaster` also a table, whose latest window the model reads.

    Returns:
        A dict of name and array, in the order of the calls. The name is the layer's; `name (call 2)` is its second
        call. `StepAttention` `[samples, timesteps]`,
        `LayerAttention` `[samples, layers]`, `FeatureAttention` `[samples, features]`, `QueryAttention` and Keras's
        `Attention` and `AdditiveAttention` `[samples, queries, source steps]`, `MultiHeadAttention`
        `[samples, heads, queries, source steps]`.

    Raises:
        ValueError: the model has no attention layer, or none that can be shown.

    Example:
        >>> from seqkit.layers import StepAttention
        >>> steps = keras.Input((7, 3))
        >>> model = keras.Model(steps, StepAttention(name="look")(steps))
        >>> attention_weights(model, np.ones((2, 7, 3)))["look"].sum(axis=1)
        array([1., 1.], dtype=float32)
    """
    where = "attention_weights"
    attention = [layer for layer in all_layers(model) if SCORES_OPTION in inspect.signature(layer.call).parameters]
    if not attention:
        problem = f"the model has no attention layer, its layers are {layer_types(model)}."
        raise InvalidValue(where, problem, "Build it with attention.", "model")
    inner = {id(part) for layer in attention for part in layer._flatten_layers(include_self=False)}
    attention = [layer for layer in attention if id(layer) not in inner]
    named = dict(zip(unique_names(attention), attention, strict=True))
    return show_calls(where, model, model_input(model, x, where), named, _watch)


def _watch(_: str, layer: layers.Layer, call: Any, *arguments: Any, **options: Any) -> tuple[Any, Any]:
    """What the layer gives, and its weights, or in words why there are none."""
    result = call(*arguments, **options)
    output, *more = call(*arguments, **{**options, SCORES_OPTION: True})
    if not is_readable(output):
        return result, COMPILED
    given = result[0] if options.get(SCORES_OPTION) else result
    different = why_far(layer, output, given)
    if different:
        return result, f"{different} where it is asked for its weights"
    return result, to_numpy(more[0])
