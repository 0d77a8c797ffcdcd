"""The derivation by hand against numerical and automatic differentiation."""

import numpy as np
import pytest
import tensorflow as tf

from seqkit.insight.by_hand import gru_by_hand, lstm_by_hand, simple_rnn_by_hand

B, T, F, U, K = 3, 7, 2, 5, 4
GATES = {
    simple_rnn_by_hand: [""],
    lstm_by_hand: ["_f", "_i", "_g", "_og"],
    gru_by_hand: ["_r", "_z", "_h"],
}


def weights_for(network, rng):
    weights = {"W_o": rng.normal(size=(U, K)), "b_o": rng.normal(size=K)}
    for gate in GATES[network]:
        weights |= {f"W{gate}": rng.normal(size=(F, U)), f"R{gate}": 0.5 * rng.normal(size=(U, U))}
        weights[f"b{gate}"] = rng.normal(size=U)
    return weights


def forward(network, x, weights, nudges):
    """The same equations in TensorFlow, each hidden state nudged by a variable."""
    h = tf.zeros((B, U), tf.float64)
    c = tf.zeros((B, U), tf.float64)
    states = []

    def before(gate, state):
        return x[:, t] @ weights[f"W{gate}"] + state @ weights[f"R{gate}"] + weights[f"b{gate}"]

    for t in range(T):
        if network is simple_rnn_by_hand:
            h = tf.tanh(before("", h))
        elif network is lstm_by_hand:
            f, i, o = (tf.sigmoid(before(gate, h)) for gate in ("_f", "_i", "_og"))
            c = f * c + i * tf.tanh(before("_g", h))
            h = o * tf.tanh(c)
        else:
            r, z = tf.sigmoid(before("_r", h)), tf.sigmoid(before("_z", h))
            h = (1 - z) * h + z * tf.tanh(before("_h", r * h))
        h = h + nudges[t]
        states.append(h)
    return tf.stack(states, axis=1) @ weights["W_o"] + weights["b_o"]


@pytest.mark.parametrize("network", GATES)
@pytest.mark.parametrize("at_each_step", [False, True])
def test_gradients_by_hand_equal_automatic_differentiation(network, at_each_step):
    rng = np.random.default_rng(11)
    shape = (B, T, K) if at_each_step else (B, K)
    x, y, weights = rng.normal(size=(B, T, F)), rng.normal(size=shape), weights_for(network, rng)
    found = network(x, y, weights)
    variables = {name: tf.Variable(value) for name, value in weights.items()}
    nudges = [tf.Variable(tf.zeros((B, U), tf.float64)) for _ in range(T)]
    with tf.GradientTape() as tape:
        prediction = forward(network, tf.constant(x), variables, nudges)
        prediction = prediction if at_each_step else prediction[:, -1]
        loss = 0.5 * tf.reduce_sum((prediction - y) ** 2) / B
    wanted, flow = tape.gradient(loss, (variables, nudges))
    assert found.loss == pytest.approx(float(loss), abs=1e-12)
    for name, gradient in wanted.items():
        np.testing.assert_allclose(found.gradients[name], gradient, atol=1e-8, err_msg=name)
    np.testing.assert_allclose(found.hidden_gradients, np.stack(flow, axis=1), atol=1e-8)
    np.testing.assert_allclose(found.prediction, prediction, atol=1e-12)
    assert found.hidden.shape == (B, T, U)


@pytest.mark.parametrize("network", GATES)
@pytest.mark.parametrize("shape", [(B, 1), (B, T), (1, T, K), (B, 1, K)])
def test_answers_of_another_shape_are_refused_and_never_broadcast(network, shape):
    rng = np.random.default_rng(11)
    with pytest.raises(ValueError, match=r"y must have the shape \(3, 4\).* or \(3, 7, 4\)"):
        network(rng.normal(size=(B, T, F)), np.zeros(shape), weights_for(network, rng))
