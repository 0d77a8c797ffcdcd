"""Recurrent networks forwards and backwards by hand, in NumPy: the derivation as readable code.

Each network reads `x` `[B, T, F]` and predicts through an output layer, prediction_t = h_t W_o + b_o. With answers
`[B, K]` it predicts once, from its last hidden state; with `[B, T, K]` at every timestep. The loss is half the squared
error, summed over outputs and timesteps and averaged over samples.

Shapes: B samples, T timesteps, F features, U units, K outputs. Weights that meet the input are `[F, U]`, those that
meet the state `[U, U]`, biases `[U]`. A delta is the derivative of the loss by a preactivation, the input of an
activation function. `dh` and `dc` are total derivatives, through every later timestep.

Sources: Werbos 1990 (backpropagation through time); Hochreiter & Schmidhuber 1997 and Gers et al. 2000 (LSTM);
Cho et al. 2014 (GRU). This code is for reading and checking; train with Keras's layers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from seqkit._errors import InvalidValue
from seqkit._shown import shown_shortly

Weights = Mapping[str, np.ndarray]


@shown_shortly
class ForwardBackward(NamedTuple):
    """The results of a forward and a backward pass."""

    loss: float
    prediction: np.ndarray  # (B, K), or (B, T, K) with a loss at each timestep
    hidden: np.ndarray  # (B, T, U)
    gradients: dict[str, np.ndarray]  # of the loss by each weight, in the weight's shape
    hidden_gradients: np.ndarray  # (B, T, U), total derivative of the loss by each h_t


def sigmoid(x: np.ndarray) -> np.ndarray:
    """1 / (1 + exp(-x)), without overflow."""
    return np.exp(-np.logaddexp(0, -x))


def simple_rnn_by_hand(x: np.ndarray, y: np.ndarray, weights: Weights) -> ForwardBackward:
    """The plain recurrent network h_t = tanh(x_t W + h_{t-1} R + b), and its gradients.

    Backwards, with delta_t = dh_t (1 - h_t^2):

        dW += x_t' delta_t    dR += h_{t-1}' delta_t    db += sum delta_t    dh_{t-1} += delta_t R'

    Args:
        x: `[B, T, F]`.
        y: `[B, K]`, or `[B, T, K]` for a loss at each timestep.
        weights: `W` `[F, U]`, `R` `[U, U]`, `b` `[U]`, `W_o` `[U, K]`, `b_o` `[K]`.

    Example:
        >>> import numpy as np
        >>> import seqkit as sk
        >>> numbers = np.random.default_rng(0)
        >>> weights = {"W": numbers.normal(size=(2, 3)), "R": numbers.normal(size=(3, 3)), "b": np.zeros(3)}
        >>> weights |= {"W_o": numbers.normal(size=(3, 1)), "b_o": np.zeros(1)}
        >>> found = sk.simple_rnn_by_hand(np.ones((4, 5, 2)), np.zeros((4, 1)), weights)
        >>> found._fields, found.gradients["R"].shape
        (('loss', 'prediction', 'hidden', 'gradients', 'hidden_gradients'), (3, 3))
    """
    hidden = _zero_states(x, weights["R"])  # (T + 1, B, U); hidden[t] is the state before timestep t
    for t in range(x.shape[1]):
        hidden[t + 1] = np.tanh(x[:, t] @ weights["W"] + hidden[t] @ weights["R"] + weights["b"])
    loss, prediction, from_output, gradients = _output_layer(hidden[1:], y, weights)
    dh, hidden_gradients = np.zeros_like(hidden[0]), np.zeros_like(hidden[1:])
    for t in reversed(range(x.shape[1])):
        dh = dh + from_output[t]
        hidden_gradients[t] = dh
        delta = dh * (1 - hidden[t + 1] ** 2)
        gradients["W"] += x[:, t].T @ delta
        gradients["R"] += hidden[t].T @ delta
        gradients["b"] += delta.sum(axis=0)
        dh = delta @ weights["R"].T
    return ForwardBackward(loss, prediction, _samples_first(hidden[1:]), gradients, _samples_first(hidden_gradients))


def lstm_by_hand(x: np.ndarray, y: np.ndarray, weights: Weights) -> ForwardBackward:
    """The LSTM and its gradients.

        f_t = sigmoid(x_t W_f + h_{t-1} R_f + b_f)      the share of the old cell state to keep
        i_t = sigmoid(x_t W_i + h_{t-1} R_i + b_i)      the share of the candidate to add
        g_t = tanh   (x_t W_g + h_{t-1} R_g + b_g)      the candidate
        o_t = sigmoid(x_t W_o' + h_{t-1} R_o' + b_o')   the share of the cell state to output
        c_t = f_t c_{t-1} + i_t g_t                     h_t = o_t tanh(c_t)

    Backwards, dc_t = dc_{t+1} f_{t+1} + dh_t o_t (1 - tanh(c_t)^2), and the four deltas

        f: dc_t c_{t-1} f_t (1 - f_t)     i: dc_t g_t i_t (1 - i_t)
        g: dc_t i_t (1 - g_t^2)           o: dh_t tanh(c_t) o_t (1 - o_t)

    Args:
        x: `[B, T, F]`.
        y: `[B, K]`, or `[B, T, K]` for a loss at each timestep.
        weights: `W_f R_f b_f`, `W_i R_i b_i`, `W_g R_g b_g`, and for the output gate `W_og R_og b_og`; the output
            layer is `W_o` `[U, K]`, `b_o` `[K]`.

    Example:
        >>> import numpy as np
        >>> import seqkit as sk
        >>> numbers = np.random.default_rng(0)
        >>> shapes = {"W": (2, 3), "R": (3, 3), "b": (3,)}
        >>> gates = ("f", "i", "g", "og")
        >>> weights = {f"{kind}_{gate}": numbers.normal(size=shapes[kind]) for gate in gates for kind in "WRb"}
        >>> weights |= {"W_o": numbers.normal(size=(3, 1)), "b_o": np.zeros(1)}
        >>> found = sk.lstm_by_hand(np.ones((4, 5, 2)), np.zeros((4, 1)), weights)
        >>> found.gradients["R_f"].shape
        (3, 3)
    """
    hidden, cells = _zero_states(x, weights["R_f"]), _zero_states(x, weights["R_f"])
    gates: list[dict[str, np.ndarray]] = []
    for t in range(x.shape[1]):
        inputs = {gate: _preactivation(gate, x[:, t], hidden[t], weights) for gate in ("f", "i", "g", "og")}
        now = {gate: np.tanh(value) if gate == "g" else sigmoid(value) for gate, value in inputs.items()}
        cells[t + 1] = now["f"] * cells[t] + now["i"] * now["g"]
        hidden[t + 1] = now["og"] * np.tanh(cells[t + 1])
        gates.append(now)
    loss, prediction, from_output, gradients = _output_layer(hidden[1:], y, weights)
    dh, dc, hidden_gradients = np.zeros_like(hidden[0]), np.zeros_like(hidden[0]), np.zeros_like(hidden[1:])
    for t in reversed(range(x.shape[1])):
        dh = dh + from_output[t]
        hidden_gradients[t] = dh
        f, i, g, o = (gates[t][gate] for gate in ("f", "i", "g", "og"))
        tanh_c = np.tanh(cells[t + 1])
        dc = dc + dh * o * (1 - tanh_c**2)
        deltas = {
            "f": dc * cells[t] * f * (1 - f),
            "i": dc * g * i * (1 - i),
            "g": dc * i * (1 - g**2),
            "og": dh * tanh_c * o * (1 - o),
        }
        dh = _add_gate_gradients(gradients, deltas, x[:, t], hidden[t], weights)
        dc = dc * f
    return ForwardBackward(loss, prediction, _samples_first(hidden[1:]), gradients, _samples_first(hidden_gradients))


def gru_by_hand(x: np.ndarray, y: np.ndarray, weights: Weights) -> ForwardBackward:
    """The GRU as the articles write it (reset before the product), and its gradients.

        r_t = sigmoid(x_t W_r + h_{t-1} R_r + b_r)          reset gate
        z_t = sigmoid(x_t W_z + h_{t-1} R_z + b_z)          update gate
        g_t = tanh   (x_t W_h + (r_t h_{t-1}) R_h + b_h)    the candidate
        h_t = (1 - z_t) h_{t-1} + z_t g_t

    Keras writes h_t = z_t h_{t-1} + (1 - z_t) g_t. Its update gate is 1 - z_t, so W_z, R_z and b_z change sign. By
    default (`reset_after=True`) Keras multiplies by r_t after the product with R_h.

    Backwards, with s_t = delta_h R_h', the derivative by r_t h_{t-1}:

        delta_z = dh_t (g_t - h_{t-1}) z_t (1 - z_t)
        delta_h = dh_t z_t (1 - g_t^2)
        delta_r = s_t h_{t-1} r_t (1 - r_t)
        dh_{t-1} = dh_t (1 - z_t) + s_t r_t + delta_z R_z' + delta_r R_r'

    Args:
        x: `[B, T, F]`.
        y: `[B, K]`, or `[B, T, K]` for a loss at each timestep.
        weights: `W_r R_r b_r`, `W_z R_z b_z`, `W_h R_h b_h`, `W_o` `[U, K]`, `b_o` `[K]`.

    Example:
        >>> import numpy as np
        >>> import seqkit as sk
        >>> numbers = np.random.default_rng(0)
        >>> shapes = {"W": (2, 3), "R": (3, 3), "b": (3,)}
        >>> weights = {f"{kind}_{gate}": numbers.normal(size=shapes[kind]) for gate in "rzh" for kind in "WRb"}
        >>> weights |= {"W_o": numbers.normal(size=(3, 1)), "b_o": np.zeros(1)}
        >>> found = sk.gru_by_hand(np.ones((4, 5, 2)), np.zeros((4, 1)), weights)
        >>> found.gradients["R_z"].shape
        (3, 3)
    """
    hidden = _zero_states(x, weights["R_r"])
    gates: list[tuple[np.ndarray, ...]] = []
    for t in range(x.shape[1]):
        r, z = (sigmoid(_preactivation(gate, x[:, t], hidden[t], weights)) for gate in ("r", "z"))
        g = np.tanh(_preactivation("h", x[:, t], r * hidden[t], weights))
        hidden[t + 1] = (1 - z) * hidden[t] + z * g
        gates.append((r, z, g))
    loss, prediction, from_output, gradients = _output_layer(hidden[1:], y, weights)
    dh, hidden_gradients = np.zeros_like(hidden[0]), np.zeros_like(hidden[1:])
    for t in reversed(range(x.shape[1])):
        dh = dh + from_output[t]
        hidden_gradients[t] = dh
        r, z, g = gates[t]
        delta_z = dh * (g - hidden[t]) * z * (1 - z)
        delta_h = dh * z * (1 - g**2)
        s = _add_gate_gradients(gradients, {"h": delta_h}, x[:, t], r * hidden[t], weights)
        delta_r = s * hidden[t] * r * (1 - r)
        through_gates = _add_gate_gradients(gradients, {"z": delta_z, "r": delta_r}, x[:, t], hidden[t], weights)
        dh = dh * (1 - z) + s * r + through_gates
    return ForwardBackward(loss, prediction, _samples_first(hidden[1:]), gradients, _samples_first(hidden_gradients))


def _preactivation(gate: str, x: np.ndarray, state: np.ndarray, weights: Weights) -> np.ndarray:
    return x @ weights[f"W_{gate}"] + state @ weights[f"R_{gate}"] + weights[f"b_{gate}"]


def _add_gate_gradients(
    gradients: dict[str, np.ndarray], deltas: Weights, x: np.ndarray, state: np.ndarray, weights: Weights
) -> np.ndarray:
    """Add each delta's share to the gradients of its three weights; return the derivative by the state that meets R."""
    for gate, delta in deltas.items():
        gradients[f"W_{gate}"] += x.T @ delta
        gradients[f"R_{gate}"] += state.T @ delta
        gradients[f"b_{gate}"] += delta.sum(axis=0)
    return np.sum([delta @ weights[f"R_{gate}"].T for gate, delta in deltas.items()], axis=0)


def _output_layer(
    hidden: np.ndarray, y: np.ndarray, weights: Weights
) -> tuple[float, np.ndarray, np.ndarray, dict[str, np.ndarray]]:
    """Loss, prediction, the output layer's derivatives by `hidden` `(T, B, U)`, and its gradients, the others 0."""
    y = np.asarray(y)
    _check_answers(hidden, y, weights)
    errors = np.zeros((*hidden.shape[:2], weights["W_o"].shape[1]), hidden.dtype)  # (T, B, K)
    prediction = hidden @ weights["W_o"] + weights["b_o"]
    if y.ndim == 2:
        errors[-1] = prediction[-1] - y
    else:
        errors[:] = prediction - _samples_first(y)
    delta = errors / len(y)
    gradients = {name: np.zeros_like(value) for name, value in weights.items()}
    gradients["W_o"] += np.einsum("tbu,tbk->uk", hidden, delta)
    gradients["b_o"] += delta.sum(axis=(0, 1))
    loss = 0.5 * float((errors**2).sum()) / len(y)
    return loss, prediction[-1] if y.ndim == 2 else _samples_first(prediction), delta @ weights["W_o"].T, gradients


def _check_answers(hidden: np.ndarray, y: np.ndarray, weights: Weights) -> None:
    """Refuse answers of another shape, which NumPy would broadcast."""
    (steps, samples), outputs = hidden.shape[:2], weights["W_o"].shape[1]
    if y.shape not in {(samples, outputs), (samples, steps, outputs)}:
        raise InvalidValue(
            "by_hand",
            f"y must have the shape {(samples, outputs)}, [samples, outputs], or {(samples, steps, outputs)}, one "
            f"answer for each timestep, got {y.shape}.",
            argument="y",
        )


def _zero_states(x: np.ndarray, recurrent: np.ndarray) -> np.ndarray:
    return np.zeros((x.shape[1] + 1, len(x), len(recurrent)), dtype=x.dtype)


def _samples_first(steps: np.ndarray) -> np.ndarray:
    return steps.transpose(1, 0, 2)
