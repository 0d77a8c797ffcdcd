"""Article 001, RNN and LSTM with Keras's arguments: each statement, in the article's order, through the public API."""

import functools

import keras
import numpy as np
import pytest
from keras import layers
from written_out import B, F, T, U, gates_of, normal, result, results, rnn_steps, shaken

import seqkit as sk

X = normal(B, T, F)
no_kernel_here = pytest.mark.filterwarnings("ignore:.*cannot use the cuDNN kernel")


def twin_of(model, *recurrent, features=F):
    """The same layers by hand in Keras, with the model's weights."""
    twin = keras.Sequential([keras.Input((None, features)), *recurrent])
    twin.set_weights(model.get_weights())
    return twin


@functools.cache
def articles_stack():
    """The articles' forecaster of 3 numbers from 7."""
    keras.utils.set_random_seed(7)
    return sk.build_forecaster(timesteps=T, features=1, horizon=3, preset="article")


def test_027_a_sentence_of_three_words_unrolls_to_three_layers():
    """27 (001): one timestep at a time, three calls with the state handed on are one call with three timesteps."""
    layer = sk.RecurrentStack(U, "simple_rnn", return_state=True)
    whole, _ = layer(X[:, :3])
    state = np.zeros((B, U), "float32")
    for word in range(3):
        output, state = layer(X[:, word : word + 1], initial_state=[state])
    np.testing.assert_allclose(output, whole, atol=1e-6)


def test_028_the_hidden_state_is_of_the_input_and_of_the_state_before():
    """28 (001, 003): h_t = f(U x_t + W h_{t-1} + b)."""
    cells, weights = gates_of(shaken(sk.build_rnn(U, features=F)), X)
    np.testing.assert_allclose(cells.hidden, rnn_steps(X, weights), atol=1e-6)


def test_029_all_timesteps_share_one_set_of_parameters():
    """29 (001, 002, 003): the number of parameters does not grow with the length, and the same weights read any."""
    made = [shaken(sk.build_rnn(U, features=F, timesteps=length)) for length in (3, T, None)]
    assert {model.count_params() for model in made} == {U * (F + U + 1)}
    for model in made:
        x = X[:, : model.input_shape[1]]
        np.testing.assert_allclose(model(x), rnn_steps(x, made[0].get_weights())[:, -1], atol=1e-6)


def test_030_a_convolution_shares_over_places_and_a_recurrent_network_over_timesteps():
    """30 (001): both have as many parameters for any length. A convolution sees a window, a recurrent net the past."""
    convolution = keras.Sequential([keras.Input((None, F)), layers.Conv1D(U, 3)])
    recurrent = shaken(sk.build_rnn(U, features=F, return_sequences=True))
    assert (convolution.count_params(), recurrent.count_params()) == (U * (3 * F + 1), U * (F + U + 1))
    changed = np.concatenate([X[:, :1] + 1, X[:, 1:]], axis=1)
    moved = {model: np.abs(model(changed) - model(X)).max(axis=(0, 2)) > 0 for model in (convolution, recurrent)}
    assert moved[convolution].tolist() == [True] + [False] * (T - 3)  # each output sees three places
    assert moved[recurrent].all()


def test_031_a_plain_rnn_learns_over_ten_and_twenty_steps_and_fails_over_a_hundred():
    """31 (001), corrected: ten steps are no limit. The figures are those of `benchmarks/first_symbol.py`."""
    rows = [row for row in results("The first of many symbols") if row["cell"] == "SimpleRNN"]
    accuracy = {int(row["length"]): row["accuracy, mean"] for row in rows}
    assert accuracy[10] == 1
    assert accuracy[20] == 0.986
    assert accuracy[50] == 0.547
    assert max(accuracy[100], accuracy[200]) < 0.3  # chance is 0.25
    reach = {row["length"]: row for row in results("The first of many symbols, SimpleRNN")}
    assert {length: row["accuracy, mean"] for length, row in reach.items()} == {10: 1, 20: 0.986, 30: 1, 50: 0.547}
    assert {length: row["spread"] for length, row in reach.items()} == {10: 0, 20: 0.028, 30: 0, 50: 0.370}


@no_kernel_here
@pytest.mark.parametrize(("name", "function"), [("tanh", np.tanh), ("relu", lambda x: np.maximum(x, 0))])
def test_032_the_activation_is_tanh_or_relu(name, function):
    """32 (001): f of the recurrence, by name in every builder."""
    cells, weights = gates_of(shaken(sk.build_rnn(U, features=F, activation=name)), X)
    np.testing.assert_allclose(cells.hidden, rnn_steps(X, weights, function), rtol=1e-5, atol=1e-6)


def test_033_a_bidirectional_network_knows_what_comes_after():
    """33 (001, 002): its first output moves with the last input; that of one direction does not."""
    changed = np.concatenate([X[:, :-1], X[:, -1:] + 1], axis=1)
    for both in (False, True):
        model = shaken(sk.build_rnn(U, features=F, bidirectional=both, return_sequences=True))
        moved = np.abs(model(changed) - model(X))[:, 0].max(axis=0)  # of each unit, at the first timestep
        assert (moved[:U] == 0).all()
        assert (moved[U:] > 0).all()
        assert len(moved) == (1 + both) * U


@pytest.mark.parametrize("all_steps", [False, True])
def test_034_return_sequences_gives_the_last_state_or_all(all_steps):
    """34 (001): False, the last hidden state; True, that of every timestep, as `keras.layers.LSTM` gives them."""
    model = shaken(sk.build_lstm(U, features=F, return_sequences=all_steps))
    (cells,) = sk.gates(model, X).values()
    np.testing.assert_array_equal(model(X), twin_of(model, layers.LSTM(U, return_sequences=all_steps))(X))
    np.testing.assert_allclose(model(X), cells.hidden if all_steps else cells.hidden[:, -1], atol=1e-6)


def test_035_inner_layers_return_all_states_and_the_last_layer_the_last_one():
    """35 (001): three LSTM layers equal Keras's with return_sequences=True, True and False."""
    model = shaken(sk.build_lstm((5, 4, 3), features=F))
    inner = (layers.LSTM(5, return_sequences=True), layers.LSTM(4, return_sequences=True))
    np.testing.assert_array_equal(model(X), twin_of(model, *inner, layers.LSTM(3))(X))


def test_036_return_state_gives_the_last_hidden_and_cell_state():
    """36 (001): `out, h, c = ...` as in Keras, and `initial_state=[h, c]` goes on where they stopped."""
    model = shaken(sk.build_lstm(U, features=F, return_state=True))
    out, h, c = model(X)
    for found, wanted in zip((out, h, c), layers_lstm(model)(X), strict=True):
        np.testing.assert_array_equal(found, wanted)
    np.testing.assert_array_equal(out, h)
    layer = sk.RecurrentStack(U, return_state=True)
    layer.build(X.shape)
    layer.set_weights(model.get_weights())
    _, *states = layer(X[:, :3])
    for found, wanted in zip(layer(X[:, 3:], initial_state=states), (out, h, c), strict=True):
        np.testing.assert_allclose(found, wanted, atol=1e-6)


def layers_lstm(model):
    layer = layers.LSTM(U, return_state=True)
    layer.build((None, None, F))
    layer.set_weights(model.get_weights())
    return layer


def test_037_a_table_of_series_becomes_samples_timesteps_and_one_feature():
    """37 (001): `np.reshape(trainx, (n, timesteps, 1))`."""
    rows = normal(B, 12)
    np.testing.assert_array_equal(sk.reshape(rows, timesteps=12), np.reshape(rows, (B, 12, 1)))


def test_038_a_table_with_one_row_a_sample_becomes_one_timestep():
    """38 (001): `train_X.reshape((n, 1, features))`."""
    rows = normal(B, 12)
    np.testing.assert_array_equal(sk.reshape(rows, timesteps=1), rows.reshape((B, 1, 12)))


def test_039_the_input_always_has_three_axes():
    """39 (001): samples, timesteps, features; anything else is an error, which names `seqkit.reshape`."""
    with pytest.raises(ValueError, match="reshape"):
        articles_stack().predict(np.zeros((B, T)), verbose=0)
    assert articles_stack().input_shape == (None, T, 1)


def test_040_the_articles_stack_is_that_of_keras():
    """40 (001): LSTM 128, dropout, LSTM 128, LSTM 64, dense, with the same weights equal to the bit."""
    model, x = articles_stack(), X[..., :1]
    inner = (layers.LSTM(128, return_sequences=True), layers.Dropout(0.5), layers.LSTM(128, return_sequences=True))
    twin = twin_of(model, *inner, layers.LSTM(64), layers.Dense(3), features=1)
    np.testing.assert_array_equal(model(x), twin(x))
    assert model.count_params() == 247_747
    row = result("Keras's conventions, side by side", case="the articles' stack")
    assert row["parameters of seqkit"] == row["parameters of Keras"] == 247_747
    assert row["largest difference"] == 0


def test_041_half_of_the_first_layers_outputs_are_dropped_in_training():
    """41 (001): Dropout(0.5) after the first layer of the stack and after no other."""
    assert articles_stack().settings.dropout == (0.5, 0, 0)
    layer = sk.RecurrentStack((1000,), first_dropout=0.5)
    outputs = np.asarray(layer(X, training=True))
    assert np.mean(outputs == 0) == pytest.approx(0.5, abs=0.05)
    np.testing.assert_allclose(outputs[outputs != 0], 2 * np.asarray(layer(X))[outputs != 0], rtol=1e-5)


def test_042_later_layers_may_drop_outputs_as_well():
    """42 (001): .3 and .2 after the second and the third layer."""
    layer = sk.RecurrentStack((3, 3, 1000), dropout=(0.5, 0.3, 0.2))
    assert np.mean(np.asarray(layer(X, training=True)) == 0) == pytest.approx(0.2, abs=0.05)
    model = sk.build_forecaster(timesteps=T, features=1, horizon=5, units=(4, 3, 2), dropout=(0.5, 0.3, 0.2))
    assert model.settings.dropout == (0.5, 0.3, 0.2)


def test_043_a_dense_layer_has_a_unit_for_each_step_to_predict():
    """43 (001): Dense(predict_steps) on the last hidden state, output (n, predict_steps)."""
    model, x = articles_stack(), X[..., :1]
    *_, kernel, bias = model.get_weights()
    last = list(sk.gates(model, x).values())[-1].hidden[:, -1]
    assert kernel.shape == (64, 3)
    np.testing.assert_allclose(model(x), last @ kernel + bias, atol=1e-5)


@functools.cache
def trained_beside_keras():
    """The losses of three epochs of a small stack, as Keras trains it and as seqkit does."""
    plain = {"scaling": "none", "baseline": "none", "transform": "none", "segment": 1, "first_dropout": 0.0}
    model = sk.build_forecaster(
        timesteps=T,
        features=1,
        horizon=5,
        cell="lstm",
        units=(4, 3),
        squeeze=True,
        loss="mean_squared_error",
        quantiles=(),
        **plain,
    )
    twin = twin_of(model, layers.LSTM(4, return_sequences=True), layers.LSTM(3), layers.Dense(5), features=1)
    twin.compile("adam", "mean_squared_error")
    x, y = normal(300, T, 1), normal(300, 5, seed=1)
    return [one.fit(x, y, epochs=3, batch_size=200, shuffle=False, verbose=0).history["loss"] for one in (model, twin)]


def test_044_the_loss_is_mean_squared_error_and_the_optimizer_adam():
    """44 (001): epoch for epoch the losses of Keras, and the article's preset has that loss and optimizer."""
    ours, keras_own = trained_beside_keras()
    np.testing.assert_allclose(ours, keras_own, rtol=1e-5)
    assert articles_stack().loss == "mse"
    assert isinstance(articles_stack().optimizer, keras.optimizers.Adam)


def test_045_fit_takes_epochs_and_batch_size_but_unscaled_series_are_not_learnt():
    """45 (001), corrected: as the article writes it, the stack is far worse than last year's values."""
    ours, _ = trained_beside_keras()
    assert len(ours) == 3  # epochs
    error = {row["model"]: row["MAE"] for row in results("Air passengers, the articles' stack")}
    assert error['as the articles write it, preset="article"'] == 470.9
    assert error["seasonal naive"] == 47.8
    assert error['in the default frame, preset="stacked_lstm"'] == 10.8
    assert error["the same, each window scaled"] == 37.3


def test_046_layers_stand_in_a_sequential_model_line_by_line():
    """46 (001): `Sequential` and `add` with our layer give the article's 247,747 parameters and outputs."""
    model = keras.Sequential([keras.Input((T, 1))])
    model.add(sk.RecurrentStack((128, 128, 64), first_dropout=0.5))
    model.add(layers.Dense(3))
    assert model.count_params() == 247_747
    model.set_weights(articles_stack().get_weights())
    np.testing.assert_array_equal(model(X[..., :1]), articles_stack()(X[..., :1]))
