"""The regressor's graph on any backend of Keras; `make test-jax` runs it on JAX."""

import numpy as np
import pytest
from keras import ops

import seqkit as sk

X = np.random.default_rng(0).normal(size=(40, 7, 2)).astype("float32")
Y = 50 + 20 * X[:, :, 0].mean(axis=1)
SMALL = {"units": 5, "cell": "gru", "convolution": "none"}


def test_the_answer_is_the_dense_layer_in_raw_units():
    model = sk.build_regressor(like=X, targets=Y, units=3, cell="simple_rnn", attention="none", bidirectional=False,
                               convolution="none")  # fmt: skip
    kernel, recurrent, bias, dense, dense_bias = (ops.convert_to_numpy(weight) for weight in model.trainable_weights)
    scaled = (X - X.mean(axis=(0, 1))) / X.std(axis=(0, 1))
    state = np.zeros((40, 3))
    for step in range(7):
        state = np.tanh(scaled[:, step] @ kernel + state @ recurrent + bias)
    wanted = (state @ dense + dense_bias)[:, 0] * Y.std() + Y.mean()
    np.testing.assert_allclose(model.predict(X, verbose=0), wanted, rtol=1e-4)


@pytest.mark.parametrize("convolution", ["none", "fixed", "learned"])
def test_a_regressor_learns_and_has_intervals(convolution):
    model = sk.build_regressor(like=X, targets=Y, optimizer="adam", **{**SMALL, "convolution": convolution})
    before = model.evaluate(X, Y, verbose=0, return_dict=True)["loss"]
    model.fit(X, Y, epochs=5, batch_size=8, verbose=0)
    assert model.evaluate(X, Y, verbose=0, return_dict=True)["loss"] < before
    model.calibrate(X[:19], Y[:19])
    table = model.predict_interval(X[19:])
    assert (table["value-lo-95"] <= table["value-lo-80"]).all()
