"""One timestep of each known cell, as equations of its weights, with its gates.

Shapes: B samples, F features, U units. Input `[B, F]`; states `[B, U]`: hidden and, for LSTM, cell.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from keras import ops
from keras.layers import GRUCell, LSTMCell, SimpleRNNCell

from seqkit._shown import shown_shortly
from seqkit.layers.peephole import PeepholeLSTMCell


@shown_shortly
class LSTMGates(NamedTuple):
    """The gates and states of an LSTM layer, each `[samples, timesteps, units]`, in the order of time."""

    forget: np.ndarray  # the share of the old cell state that is kept, 0 to 1
    input: np.ndarray  # the share of the candidate that is added, 0 to 1
    output: np.ndarray  # the share of the cell state that is output, 0 to 1
    candidate: np.ndarray  # -1 to 1
    cell: np.ndarray  # the cell state c_t
    hidden: np.ndarray  # the hidden state h_t, the layer's output


@shown_shortly
class GRUGates(NamedTuple):
    """The gates and states of a GRU layer, each `[samples, timesteps, units]`, in the order of time."""

    update: np.ndarray  # Keras's z: the share of the old state that is kept, 0 to 1; the articles' z is 1 - z
    reset: np.ndarray  # the share of the old state that the candidate reads, 0 to 1
    candidate: np.ndarray  # -1 to 1
    hidden: np.ndarray  # the hidden state h_t, the layer's output


@shown_shortly
class SimpleRNNStates(NamedTuple):
    """The state of a SimpleRNN layer, which has no gates, `[samples, timesteps, units]`."""

    hidden: np.ndarray


Gates = LSTMGates | GRUGates | SimpleRNNStates
CellStep = Callable[[Any, Any, list[Any]], tuple[tuple[Any, ...], list[Any]]]  # cell, input, states: gates, states


def equations_of(cell: Any) -> tuple[Any, CellStep] | None:
    """The type of a cell's gates and its step; None for a cell whose equations are not known."""
    return next((found for kind, found in _EQUATIONS.items() if isinstance(cell, kind)), None)


def _lstm_step(cell: Any, x: Any, states: list[Any]) -> tuple[tuple[Any, ...], list[Any]]:
    h, c = states
    i, f, g, o = ops.split(_sums(cell, x, h), 4, axis=-1)
    f, i, o = map(cell.recurrent_activation, (f, i, o))
    g = cell.activation(g)
    c = f * c + i * g
    return (f, i, o, g), [o * cell.activation(c), c]


def _peephole_step(cell: Any, x: Any, states: list[Any]) -> tuple[tuple[Any, ...], list[Any]]:
    h, c = states
    i, f, g, o = ops.split(_sums(cell, x, h), 4, axis=-1)
    see_input, see_forget, see_output = ops.unstack(_weight(cell.peepholes, x), 3)
    f, i = cell.recurrent_activation(f + see_forget * c), cell.recurrent_activation(i + see_input * c)
    g = cell.activation(g)
    c = f * c + i * g
    o = cell.recurrent_activation(o + see_output * c)
    return (f, i, o, g), [o * cell.activation(c), c]


def _gru_step(cell: Any, x: Any, states: list[Any]) -> tuple[tuple[Any, ...], list[Any]]:
    (h,) = states
    of_input, recurrent = ops.matmul(x, _weight(cell.kernel, x)), _weight(cell.recurrent_kernel, x)
    of_state: Any = 0.0  # the bias of the recurrent product, which `reset_after` has
    if cell.use_bias:
        bias = _weight(cell.bias, x)
        of_input += bias[0] if cell.reset_after else bias
        of_state = bias[1] if cell.reset_after else 0.0
    x_z, x_r, x_g = ops.split(of_input, 3, axis=-1)
    h_z, h_r, h_g = ops.split(ops.matmul(h, recurrent) + of_state, 3, axis=-1)
    z, r = cell.recurrent_activation(x_z + h_z), cell.recurrent_activation(x_r + h_r)
    units = h.shape[-1]
    g = cell.activation(x_g + (r * h_g if cell.reset_after else ops.matmul(r * h, recurrent[:, 2 * units :])))
    return (z, r, g), [z * h + (1 - z) * g]


def _simple_step(cell: Any, x: Any, states: list[Any]) -> tuple[tuple[Any, ...], list[Any]]:
    return (), [cell.activation(_sums(cell, x, states[0]))]


def _sums(cell: Any, x: Any, h: Any) -> Any:
    sums = ops.matmul(x, _weight(cell.kernel, x)) + ops.matmul(h, _weight(cell.recurrent_kernel, x))
    return sums + _weight(cell.bias, x) if cell.use_bias else sums


def _weight(variable: Any, x: Any) -> Any:
    return ops.cast(variable, x.dtype)


_EQUATIONS: dict[type, tuple[Any, CellStep]] = {
    PeepholeLSTMCell: (LSTMGates, _peephole_step),  # before the cell that it extends
    LSTMCell: (LSTMGates, _lstm_step),
    GRUCell: (GRUGates, _gru_step),
    SimpleRNNCell: (SimpleRNNStates, _simple_step),
}
