"""How far a loss reaches back in time: its total derivative by every hidden state."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pandas as pd
from keras import layers, ops

from seqkit._errors import InvalidValue
from seqkit.insight.calls import (
    Call,
    model_batch,
    record_calls,
    recurrent_layers,
    replaced_calls,
    to_numpy,
    unique_names,
)


def gradient_flow(model: keras.Model, x: Any, y: Any) -> pd.DataFrame:
    """Give the norm of d loss / d h_t for every timestep and recurrent layer of a compiled Keras model.

    It is the *total* derivative, through every later timestep of the recurrence (Pascanu et al. 2013, equation 5): this
    function adds e_t = 0 to each hidden state before the next timestep reads it, and differentiates the loss by e_t.
    (Where a model uses only a layer's last output, the plain gradient by the output sequence is zero at all other
    timesteps.) Where the norm shrinks towards the first timesteps, the model cannot learn from them.

    Args:
        model: a built and compiled model with SimpleRNN, LSTM or GRU layers, also nested or bidirectional.
        x: the model's input; for a seqkit model also raw samples.
        y: its targets; for a seqkit model also raw targets, or None where it needs none.

    Returns:
        DataFrame `[timesteps, layers]`: the norm over units of the derivative of each sample's loss, averaged over
        samples. The index is the timestep, from 0 (the first in time). A layer with fewer timesteps ends in NaN.

    Raises:
        ValueError: the model has no recurrent layer, or is not compiled.

    Example:
        >>> model = keras.Sequential([keras.Input((7, 2)), keras.layers.SimpleRNN(3, name="memory")])
        >>> model.compile(loss="mse")
        >>> gradient_flow(model, np.ones((5, 7, 2)), np.ones((5, 3))).shape
        (7, 1)
    """
    if not model.compiled:
        way_out = 'Compile it first, e.g. model.compile(loss="mse").'
        raise InvalidValue("gradient_flow", "the model has no loss.", way_out, "model")
    recurrent = recurrent_layers(model, "gradient_flow")
    x, y = model_batch(model, x, y, "gradient_flow")
    calls = {id(call.layer): call for call in record_calls(model, x, recurrent)}
    recurrent = [call.layer for call in calls.values()]  # in the order they run
    zeros = [_zero_offsets(call) for call in calls.values()]

    def loss(offsets: list[Any]) -> Any:
        by_layer = dict(zip(map(id, recurrent), offsets, strict=True))
        with replaced_calls(recurrent, lambda layer, _: _stepwise_call(layer, by_layer[id(layer)])):
            return model.compute_loss(x, y, model(x, training=False), training=False)

    flows = {}
    for name, layer, gradient in zip(unique_names(recurrent), recurrent, _gradients(loss, zeros), strict=True):
        per_sample = to_numpy(gradient) * gradient.shape[1]  # (T, B, U); the loss is a mean over B
        norms = np.linalg.norm(per_sample, axis=-1).mean(axis=-1)  # (T,)
        flows[name] = norms[::-1] if layer.go_backwards else norms
    return pd.DataFrame({name: pd.Series(flow) for name, flow in flows.items()}).rename_axis("timestep")


def _zero_offsets(call: Call) -> Any:
    """The e_t of a layer, `(T, B, U)`."""
    sequences = call.arguments[0] if call.arguments else call.options["sequences"]
    samples, timesteps = sequences.shape[:2]
    return ops.zeros((timesteps, samples, call.layer.cell.units))


def _gradients(function: Callable[[list[Any]], Any], values: list[Any]) -> list[Any]:
    """The gradients of a scalar function, on TensorFlow or JAX."""
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


def _stepwise_call(layer: layers.Layer, offsets: Any) -> Callable[..., Any]:
    """The layer's call, timestep by timestep, with an offset added to every hidden state."""

    def call(sequences: Any, initial_state: Any = None, mask: Any = None, training: bool = False) -> Any:
        states = layer.get_initial_state(sequences.shape[0]) if initial_state is None else initial_state
        states = list(states) if isinstance(states, (list, tuple)) else [states]
        order = range(sequences.shape[1])
        output, outputs = ops.zeros_like(states[0]), []
        for step, t in enumerate(reversed(order) if layer.go_backwards else order):
            _, new_states = layer.cell(sequences[:, t], states, training=False)
            new_states = [new_states[0] + offsets[step], *new_states[1:]]
            if mask is None:
                states, output = new_states, new_states[0]
            else:
                is_step = ops.expand_dims(mask[:, t], -1)
                states = [ops.where(is_step, new, old) for new, old in zip(new_states, states, strict=True)]
                output = ops.where(is_step, new_states[0], output)
            outputs.append(output)
        output = ops.stack(outputs, axis=1) if layer.return_sequences else output
        return (output, *states) if layer.return_state else output

    return call
