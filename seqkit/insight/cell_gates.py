"""What happens inside the cells of a trained model: gates, candidates and states at every step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import keras
import numpy as np
from keras import layers

from seqkit.insight.calls import Call, model_input, recurrent_layers, to_numpy, unique_names, watch


class LSTMGates(NamedTuple):
    """An LSTM layer's inside, each `[samples, timesteps, units]`, in the order of time."""

    forget: np.ndarray  # what of the old cell state is kept, 0 to 1
    input: np.ndarray  # how much of the candidate is added, 0 to 1
    output: np.ndarray  # what of the cell state is shown, 0 to 1
    candidate: np.ndarray  # -1 to 1
    cell: np.ndarray  # the cell state c_t
    hidden: np.ndarray  # the hidden state h_t, the layer's output


class GRUGates(NamedTuple):
    """A GRU layer's inside, each `[samples, timesteps, units]`, in the order of time."""

    update: np.ndarray  # Keras's z: what of the old state is kept, 0 to 1; the articles' z is 1 - this
    reset: np.ndarray  # what of the old state the candidate sees, 0 to 1
    candidate: np.ndarray  # -1 to 1
    hidden: np.ndarray  # the hidden state h_t, the layer's output


class SimpleRNNStates(NamedTuple):
    """A SimpleRNN layer has no gates, only its state `[samples, timesteps, units]`."""

    hidden: np.ndarray


Gates = LSTMGates | GRUGates | SimpleRNNStates


def gates(model: keras.Model, x: Any) -> dict[str, Gates]:
    """Show the gates and states of every recurrent layer of a Keras model, ours or any other.

    The model runs on `x` once; each layer's steps are then written out from its own weights, activations, mask and
    initial state:

        LSTM   f, i, o = sigmoid(x W + h U + b), g = tanh(x W + h U + b), c = f c' + i g, h = o tanh(c)
        GRU    z, r = sigmoid(x W + h U + b), g = tanh(x W_h + b + r (h' U_h + b')), h = z h' + (1 - z) g

    That GRU is Keras's default (`reset_after=True`); with `reset_after=False` the candidate is
    tanh(x W_h + (r h') U_h + b). The articles write h = (1 - z) h' + z g (Cho et al. 2014, equation 7): their z is
    one minus Keras's. A masked step changes nothing, as in Keras: the state before it is shown.

    Args:
        model: a built model with SimpleRNN, LSTM or GRU layers, alone, stacked, in Bidirectional or nested.
        x: what the model reads; for a `Forecaster` also a table, of which the latest window is taken.

    Returns:
        One entry for each layer, by name, in the order they run: `LSTMGates`, `GRUGates` or
        `SimpleRNNStates`. A layer that reads backwards is shown in the order of time.

    Raises:
        ValueError: the model has no recurrent layer.

    Example:
        >>> model = keras.Sequential([keras.Input((7, 2)), keras.layers.LSTM(3, name="memory")])
        >>> gates(model, np.ones((5, 7, 2)))["memory"].forget.shape
        (5, 7, 3)
    """
    found = recurrent_layers(model, "gates")
    calls = watch(model, model_input(model, x, "gates"), found)
    names = dict(zip(map(id, found), unique_names(found), strict=True))
    return {names[id(call.layer)]: layer_gates(call) for call in calls}


def layer_gates(call: Call) -> Gates:
    """Write out the steps of one call of one layer."""
    layer, options = call.layer, dict(zip(("sequences", "initial_state", "mask"), call.arguments, strict=False))
    options |= call.options
    sequences = to_numpy(options["sequences"])  # (B, T, F)
    mask = None if options.get("mask") is None else to_numpy(options["mask"])
    states = _first_states(layer, options.get("initial_state"), len(sequences))
    if layer.go_backwards:
        sequences, mask = sequences[:, ::-1], None if mask is None else mask[:, ::-1]
    kind, step = _KINDS[next(one for one in _KINDS if isinstance(layer, one))]
    steps = []
    for t in range(sequences.shape[1]):
        now = step(layer.cell, sequences[:, t], states)
        if mask is not None:
            now = _keep_where_masked(now, mask[:, t, None], states)
        states = list(now[-len(states) :])
        steps.append(now)
    found = [np.stack(one, axis=1) for one in zip(*steps, strict=True)]  # (B, T, U) each
    return kind(*(one[:, ::-1] if layer.go_backwards else one for one in found))


def _first_states(layer: layers.Layer, given: Any, samples: int) -> list[np.ndarray]:
    """States in the order our steps end in: cell before hidden."""
    if given is None:
        given = layer.get_initial_state(samples)
    given = list(given) if isinstance(given, (list, tuple)) else [given]
    return [to_numpy(state) for state in given][::-1]


def _keep_where_masked(now: tuple[np.ndarray, ...], known: np.ndarray, states: list[np.ndarray]) -> tuple[Any, ...]:
    gated, after = now[: -len(states)], now[-len(states) :]
    return (*gated, *(np.where(known, new, old) for new, old in zip(after, states, strict=True)))


def _lstm_step(cell: Any, x: np.ndarray, states: list[np.ndarray]) -> tuple[np.ndarray, ...]:
    c, h = states
    before = x @ to_numpy(cell.kernel) + h @ to_numpy(cell.recurrent_kernel) + _bias(cell)
    i, f, g, o = np.split(before, 4, axis=-1)
    gate, squash = _function(cell.recurrent_activation), _function(cell.activation)
    f, i, g, o = gate(f), gate(i), squash(g), gate(o)
    c = f * c + i * g
    return f, i, o, g, c, o * squash(c)


def _gru_step(cell: Any, x: np.ndarray, states: list[np.ndarray]) -> tuple[np.ndarray, ...]:
    (h,) = states
    gate, squash = _function(cell.recurrent_activation), _function(cell.activation)
    recurrent = to_numpy(cell.recurrent_kernel)
    bias = np.broadcast_to(_bias(cell), (2, recurrent.shape[1])) if cell.reset_after else _bias(cell)
    x_z, x_r, x_g = np.split(x @ to_numpy(cell.kernel) + (bias[0] if cell.reset_after else bias), 3, axis=-1)
    u_z, u_r, u_g = np.split(recurrent, 3, axis=-1)
    b_z, b_r, b_g = np.split(bias[1], 3) if cell.reset_after else (0.0, 0.0, 0.0)
    z, r = gate(x_z + h @ u_z + b_z), gate(x_r + h @ u_r + b_r)
    g = squash(x_g + (r * (h @ u_g + b_g) if cell.reset_after else (r * h) @ u_g))
    return z, r, g, z * h + (1 - z) * g


def _simple_step(cell: Any, x: np.ndarray, states: list[np.ndarray]) -> tuple[np.ndarray, ...]:
    (h,) = states
    before = x @ to_numpy(cell.kernel) + h @ to_numpy(cell.recurrent_kernel) + _bias(cell)
    return (_function(cell.activation)(before),)


def _bias(cell: Any) -> np.ndarray:
    return to_numpy(cell.bias) if cell.use_bias else np.zeros(1, "float32")


def _function(activation: Callable[[Any], Any]) -> Callable[[np.ndarray], np.ndarray]:
    return lambda values: to_numpy(activation(values.astype("float32")))


_KINDS: dict[type, tuple[Any, Callable[..., tuple[np.ndarray, ...]]]] = {
    layers.LSTM: (LSTMGates, _lstm_step),
    layers.GRU: (GRUGates, _gru_step),
    layers.SimpleRNN: (SimpleRNNStates, _simple_step),
}
