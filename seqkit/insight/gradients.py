"""How far a loss reaches back in time: the total derivative by every hidden state."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pandas as pd
from keras import layers, ops

from seqkit._errors import InvalidValue
from seqkit.insight.calls import Call, model_pair, recurrent_layers, replaced_calls, to_numpy, unique_names, watch


def gradient_flow(model: keras.Model, x: Any, y: Any) -> pd.DataFrame:
    """Give the norm of d loss / d h_t for every timestep and recurrent layer of a compiled Keras model.

    It is the *total* derivative, through every later step of the recurrence (Pascanu et al. 2013, equation 5): each
    hidden state is nudged by e_t = 0 before it is shown to the next step, and the loss is differentiated by e_t.
    (The plain gradient by a layer's output sequence is zero everywhere but at the last step where only that
    step is used.) Where it shrinks towards the first steps, the model cannot learn what they say.

    Args:
        model: a built and compiled model with SimpleRNN, LSTM or GRU layers, also nested or bidirectional.
        x: what the model reads; of a model of ours raw samples too.
        y: its targets; of a model of ours raw answers too, None where it needs none.

    Returns:
        DataFrame `[timesteps, layers]`: the norm over units, averaged over samples, of the derivative of each
        sample's loss; indexed by step from 0 (the first in time). A layer with fewer steps ends in NaN.

    Raises:
        ValueError: no recurrent layer, or a model that is not compiled.

    Example:
        >>> model = keras.Sequential([keras.Input((7, 2)), keras.layers.SimpleRNN(3, name="memory")])
        >>> model.compile(loss="mse")
        >>> gradient_flow(model, np.ones((5, 7, 2)), np.ones((5, 3))).shape
        (7, 1)
    """
    if not model.compiled:
        raise InvalidValue(
            "gradient_flow", "the model has no loss.", 'Compile it first, e.g. model.compile(loss="mse").'
        )
    found = recurrent_layers(model, "gradient_flow")
    x, y = model_pair(model, x, y, "gradient_flow")
    calls = {id(call.layer): call for call in watch(model, x, found)}
    found = [call.layer for call in calls.values()]  # in the order they run
    nudges = [_no_nudges(calls[id(layer)]) for layer in found]

    def loss(nudges: list[Any]) -> Any:
        by_layer = dict(zip(map(id, found), nudges, strict=True))
        with replaced_calls(found, lambda layer, _: _stepwise(layer, by_layer[id(layer)])):
            return model.compute_loss(x, y, model(x, training=False), training=False)

    flows = {}
    for name, layer, gradient in zip(unique_names(found), found, _gradients(loss, nudges), strict=True):
        per_sample = to_numpy(gradient) * gradient.shape[1]  # (T, B, U); the loss is a mean over B
        norms = np.linalg.norm(per_sample, axis=-1).mean(axis=-1)  # (T,)
        flows[name] = norms[::-1] if layer.go_backwards else norms
    return pd.DataFrame({name: pd.Series(flow) for name, flow in flows.items()}).rename_axis("timestep")


def _no_nudges(call: Call) -> Any:
    sequences = call.arguments[0] if call.arguments else call.options["sequences"]
    samples, timesteps = sequences.shape[:2]
    return ops.zeros((timesteps, samples, call.layer.units))


def _gradients(function: Callable[[list[Any]], Any], values: list[Any]) -> list[Any]:
    """The gradient of a scalar function on the backend that Keras runs on."""
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        with tf.GradientTape() as tape:
            tape.watch(values)
            result = function(values)
        return tape.gradient(result, values)
    if keras.backend.backend() == "jax":
        import jax

        return jax.grad(function)(values)
    raise NotImplementedError(
        f"gradient_flow: the backend {keras.backend.backend()!r} is not supported. Run with KERAS_BACKEND=tensorflow."
    )


def _stepwise(layer: layers.Layer, nudges: Any) -> Callable[..., Any]:
    """The layer's call with its own cell, one step at a time, every hidden state nudged."""

    def call(sequences: Any, initial_state: Any = None, mask: Any = None, training: bool = False) -> Any:
        states = layer.get_initial_state(sequences.shape[0]) if initial_state is None else initial_state
        states = list(states) if isinstance(states, (list, tuple)) else [states]
        order = range(sequences.shape[1])
        shown, outputs = ops.zeros_like(states[0]), []
        for step, t in enumerate(reversed(order) if layer.go_backwards else order):
            _, after = layer.cell(sequences[:, t], states, training=False)
            after = [after[0] + nudges[step], *after[1:]]
            if mask is None:
                states, shown = after, after[0]
            else:
                known = ops.expand_dims(mask[:, t], -1)
                states = [ops.where(known, new, old) for new, old in zip(after, states, strict=True)]
                shown = ops.where(known, after[0], shown)
            outputs.append(shown)
        output = ops.stack(outputs, axis=1) if layer.return_sequences else shown
        return (output, *states) if layer.return_state else output

    return call
