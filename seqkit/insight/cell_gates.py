"""Gates, candidates and states inside the cells of a trained model, at every timestep."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import keras
import numpy as np
from keras import layers
from keras.layers import GRUCell, LSTMCell, SimpleRNNCell

from seqkit.insight.calls import Call, model_input, record_calls, recurrent_layers, to_numpy, unique_names
from seqkit.layers.peephole import PeepholeLSTMCell


class LSTMGates(NamedTuple):
    """The gates and states of an LSTM layer, each `[samples, timesteps, units]`, in the order of time."""

    forget: np.ndarray  # the share of the old cell state that is kept, 0 to 1
    input: np.ndarray  # the share of the candidate that is added, 0 to 1
    output: np.ndarray  # the share of the cell state that is output, 0 to 1
    candidate: np.ndarray  # -1 to 1
    cell: np.ndarray  # the cell state c_t
    hidden: np.ndarray  # the hidden state h_t, the layer's output


class GRUGates(NamedTuple):
    """The gates and states of a GRU layer, each `[samples, timesteps, units]`, in the order of time."""

    update: np.ndarray  # Keras's z: the share of the old state that is kept, 0 to 1; the articles' z is 1 - z
    reset: np.ndarray  # the share of the old state that the candidate reads, 0 to 1
    candidate: np.ndarray  # -1 to 1
    hidden: np.ndarray  # the hidden state h_t, the layer's output


class SimpleRNNStates(NamedTuple):
    """The state of a SimpleRNN layer, which has no gates, `[samples, timesteps, units]`."""

    hidden: np.ndarray


Gates = LSTMGates | GRUGates | SimpleRNNStates


def gates(model: keras.Model, x: Any) -> dict[str, Gates]:
    """Give the gates and states of every recurrent layer of any Keras model.

    The model runs on `x` once. Then this function computes each layer's steps again, in NumPy, from its weights,
    activations, mask and initial state:

        LSTM   f, i, o = sigmoid(x W + h U + b), g = tanh(x W + h U + b), c = f c' + i g, h = o tanh(c)
        GRU    z, r = sigmoid(x W + h U + b), g = tanh(x W_h + b + r (h' U_h + b')), h = z h' + (1 - z) g

    c' and h' are the states of the timestep before. This GRU is Keras's default (`reset_after=True`). With
    `reset_after=False` the candidate is tanh(x W_h + (r h') U_h + b). The articles write h = (1 - z) h' + z g (Cho et
    al. 2014, equation 7): their z is one minus Keras's z. A masked timestep keeps the state before it, as in Keras.

    Args:
        model: a built model with SimpleRNN, LSTM or GRU layers, alone, stacked, in Bidirectional or nested.
        x: the model's input; for a `Forecaster` also a table, whose latest window the model reads.

    Returns:
        A dict of layer name and `LSTMGates`, `GRUGates` or `SimpleRNNStates`, in the order the layers run. The arrays
        are in the order of time, also for a layer that reads backwards.

    Raises:
        ValueError: the model has no recurrent layer.

    Example:
        >>> model = keras.Sequential([keras.Input((7, 2)), keras.layers.LSTM(3, name="memory")])
        >>> gates(model, np.ones((5, 7, 2)))["memory"].forget.shape
        (5, 7, 3)
    """
    recurrent = recurrent_layers(model, "gates")
    calls = record_calls(model, model_input(model, x, "gates"), recurrent)
    names = dict(zip(map(id, recurrent), unique_names(recurrent), strict=True))
    return {names[id(call.layer)]: layer_gates(call) for call in calls}


def layer_gates(call: Call) -> Gates:
    """Compute the gates and states of a layer's call."""
    layer, options = call.layer, dict(zip(("sequences", "initial_state", "mask"), call.arguments, strict=False))
    options |= call.options
    sequences = to_numpy(options["sequences"])  # (B, T, F)
    mask = None if options.get("mask") is None else to_numpy(options["mask"])
    states = _initial_states(layer, options.get("initial_state"), len(sequences))
    if layer.go_backwards:
        sequences, mask = sequences[:, ::-1], None if mask is None else mask[:, ::-1]
    result_type, step = next(_STEPS[cell_type] for cell_type in _STEPS if isinstance(layer.cell, cell_type))
    steps = []
    for t in range(sequences.shape[1]):
        gates_and_states = step(layer.cell, sequences[:, t], states)
        if mask is not None:
            gates_and_states = _keep_masked_states(gates_and_states, mask[:, t, None], states)
        states = list(gates_and_states[-len(states) :])
        steps.append(gates_and_states)
    arrays = [np.stack(array, axis=1) for array in zip(*steps, strict=True)]  # (B, T, U) each
    return result_type(*(array[:, ::-1] if layer.go_backwards else array for array in arrays))


def _initial_states(layer: layers.Layer, states: Any, samples: int) -> list[np.ndarray]:
    """The states, cell state first, as the step functions return them."""
    if states is None:
        states = layer.get_initial_state(samples)
    states = list(states) if isinstance(states, (list, tuple)) else [states]
    return [to_numpy(state) for state in states][::-1]


def _keep_masked_states(
    gates_and_states: tuple[np.ndarray, ...], is_step: np.ndarray, states: list[np.ndarray]
) -> tuple[np.ndarray, ...]:
    step_gates, new_states = gates_and_states[: -len(states)], gates_and_states[-len(states) :]
    return (*step_gates, *(np.where(is_step, new, old) for new, old in zip(new_states, states, strict=True)))


def _lstm_step(cell: Any, x: np.ndarray, states: list[np.ndarray]) -> tuple[np.ndarray, ...]:
    c, h = states
    preactivations = x @ to_numpy(cell.kernel) + h @ to_numpy(cell.recurrent_kernel) + _bias(cell)
    i, f, g, o = np.split(preactivations, 4, axis=-1)
    sigmoid, tanh = _in_numpy(cell.recurrent_activation), _in_numpy(cell.activation)
    f, i, g, o = sigmoid(f), sigmoid(i), tanh(g), sigmoid(o)
    c = f * c + i * g
    return f, i, o, g, c, o * tanh(c)


def _peephole_step(cell: Any, x: np.ndarray, states: list[np.ndarray]) -> tuple[np.ndarray, ...]:
    c, h = states
    preactivations = x @ to_numpy(cell.kernel) + h @ to_numpy(cell.recurrent_kernel) + _bias(cell)
    i, f, g, o = np.split(preactivations, 4, axis=-1)
    see_input, see_forget, see_output = to_numpy(cell.peepholes)
    sigmoid, tanh = _in_numpy(cell.recurrent_activation), _in_numpy(cell.activation)
    f, i, g = sigmoid(f + see_forget * c), sigmoid(i + see_input * c), tanh(g)
    c = f * c + i * g
    o = sigmoid(o + see_output * c)
    return f, i, o, g, c, o * tanh(c)


def _gru_step(cell: Any, x: np.ndarray, states: list[np.ndarray]) -> tuple[np.ndarray, ...]:
    (h,) = states
    sigmoid, tanh = _in_numpy(cell.recurrent_activation), _in_numpy(cell.activation)
    recurrent = to_numpy(cell.recurrent_kernel)
    bias = np.broadcast_to(_bias(cell), (2, recurrent.shape[1])) if cell.reset_after else _bias(cell)
    x_z, x_r, x_g = np.split(x @ to_numpy(cell.kernel) + (bias[0] if cell.reset_after else bias), 3, axis=-1)
    u_z, u_r, u_g = np.split(recurrent, 3, axis=-1)
    b_z, b_r, b_g = np.split(bias[1], 3) if cell.reset_after else (0.0, 0.0, 0.0)
    z, r = sigmoid(x_z + h @ u_z + b_z), sigmoid(x_r + h @ u_r + b_r)
    g = tanh(x_g + (r * (h @ u_g + b_g) if cell.reset_after else (r * h) @ u_g))
    return z, r, g, z * h + (1 - z) * g


def _simple_step(cell: Any, x: np.ndarray, states: list[np.ndarray]) -> tuple[np.ndarray, ...]:
    (h,) = states
    preactivations = x @ to_numpy(cell.kernel) + h @ to_numpy(cell.recurrent_kernel) + _bias(cell)
    return (_in_numpy(cell.activation)(preactivations),)


def _bias(cell: Any) -> np.ndarray:
    return to_numpy(cell.bias) if cell.use_bias else np.zeros(1, "float32")


def _in_numpy(activation: Callable[[Any], Any]) -> Callable[[np.ndarray], np.ndarray]:
    return lambda values: to_numpy(activation(values.astype("float32")))


_STEPS: dict[type, tuple[Any, Callable[..., tuple[np.ndarray, ...]]]] = {
    PeepholeLSTMCell: (LSTMGates, _peephole_step),  # before the cell that it extends
    LSTMCell: (LSTMGates, _lstm_step),
    GRUCell: (GRUGates, _gru_step),
    SimpleRNNCell: (SimpleRNNStates, _simple_step),
}
