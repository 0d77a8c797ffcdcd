"""The total derivative by every hidden state."""

import keras
import numpy as np
import pytest
from keras import layers

from seqkit.insight.by_hand import lstm_by_hand, simple_rnn_by_hand
from seqkit.insight.gradients import gradient_flow

B, T, F, U, K = 3, 7, 2, 5, 4


def data():
    rng = np.random.default_rng(2)
    return rng.normal(size=(B, T, F)).astype("float32"), rng.normal(size=(B, K)).astype("float32")


def compiled(*recurrent, outputs=K):
    keras.utils.set_random_seed(3)
    model = keras.Sequential([keras.Input((T, F)), *recurrent, layers.Dense(outputs)])
    model.compile(loss=lambda y, p: 0.5 * keras.ops.sum((y - p) ** 2, axis=-1))
    return model


def test_the_flow_is_that_of_the_derivation_by_hand():
    x, y = data()
    model = compiled(layers.SimpleRNN(U, name="memory"))
    kernel, recurrent, bias, out, out_bias = model.get_weights()
    weights = {"W": kernel, "R": recurrent, "b": bias, "W_o": out, "b_o": out_bias}
    wanted = simple_rnn_by_hand(x, y, weights).hidden_gradients * B
    flow = gradient_flow(model, x, y)
    np.testing.assert_allclose(flow["memory"], np.linalg.norm(wanted, axis=-1).mean(axis=0), rtol=1e-4)


def test_the_flow_of_an_lstm_goes_through_its_cell_state():
    x, y = data()
    model = compiled(layers.LSTM(U, name="memory"))
    kernel, recurrent, bias, out, out_bias = model.get_weights()
    weights = {"W_o": out, "b_o": out_bias}
    for gate, w, r, b in zip(
        ("i", "f", "g", "og"), np.split(kernel, 4, 1), np.split(recurrent, 4, 1), np.split(bias, 4), strict=True
    ):
        weights |= {f"W_{gate}": w, f"R_{gate}": r, f"b_{gate}": b}
    wanted = lstm_by_hand(x, y, weights).hidden_gradients * B
    np.testing.assert_allclose(
        gradient_flow(model, x, y)["memory"], np.linalg.norm(wanted, axis=-1).mean(axis=0), rtol=1e-4
    )


def test_every_layer_of_a_stack_has_its_own_column():
    x, y = data()
    both = layers.Bidirectional(layers.GRU(3, return_sequences=True, name="both"))
    flow = gradient_flow(compiled(both, layers.LSTM(U, name="top")), x, y)
    assert list(flow.columns) == ["forward_both", "backward_both", "top"]
    assert flow.shape == (T, 3)
    assert (flow > 0).all().all()


@pytest.mark.filterwarnings("ignore:.*was passed an input with a mask")  # by Keras's own layers from 3.16 on
def test_nothing_flows_back_past_padding_that_comes_first():
    x, y = data()
    x[:, :2] = 0
    flow = gradient_flow(compiled(layers.Masking(), layers.LSTM(U, name="memory")), x, y)["memory"]
    assert (flow[:2] == 0).all()
    assert (flow[2:] > 0).all()


def test_a_small_recurrent_weight_vanishes_and_a_large_one_explodes():
    x, y = data()
    ratios = {}
    for size in (0.5, 2.0):
        model = compiled(
            layers.SimpleRNN(U, activation="linear", recurrent_initializer=keras.initializers.Identity(size))
        )
        flow = gradient_flow(model, x, y).iloc[:, 0]
        ratios[size] = flow.iloc[0] / flow.iloc[-1]
    assert ratios[0.5] == pytest.approx(0.5 ** (T - 1), rel=1e-3)
    assert ratios[2.0] == pytest.approx(2.0 ** (T - 1), rel=1e-3)


def test_a_model_without_a_loss_is_refused():
    model = keras.Sequential([keras.Input((T, F)), layers.GRU(U)])
    with pytest.raises(ValueError, match="gradient_flow: the model has no loss"):
        gradient_flow(model, *data())
