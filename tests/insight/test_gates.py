"""Gates recomputed from the weights give back the layer's own output."""

from pathlib import Path

import keras
import numpy as np
import pytest
from keras import layers

import seqkit as sk
from seqkit.insight.cell_gates import GRUGates, LSTMGates, gates

B, T, F, U = 3, 7, 2, 5
CELLS = {
    "lstm": lambda **options: layers.LSTM(U, **options),
    "gru": lambda **options: layers.GRU(U, **options),
    "gru, reset before": lambda **options: layers.GRU(U, reset_after=False, **options),
    "simple_rnn": lambda **options: layers.SimpleRNN(U, **options),
    "lstm, no bias": lambda **options: layers.LSTM(U, use_bias=False, **options),
    "gru, no bias": lambda **options: layers.GRU(U, use_bias=False, **options),
    "gru, other activations": lambda **options: layers.GRU(
        U, activation="relu", recurrent_activation="hard_sigmoid", **options
    ),
}


@pytest.fixture
def x():
    keras.utils.set_random_seed(5)
    return np.random.default_rng(5).normal(size=(B, T, F)).astype("float32")


def randomised(model):
    """Biases begin at zero or one, where a swapped pair would not show."""
    rng = np.random.default_rng(1)
    model.set_weights([rng.normal(scale=0.5, size=one.shape) for one in model.get_weights()])
    return model


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("backwards", [False, True])
def test_the_hidden_states_are_the_layers_own_output(cell, backwards, x):
    layer = CELLS[cell](return_sequences=True, go_backwards=backwards, name="cell")
    model = randomised(keras.Sequential([keras.Input((T, F)), layer]))
    wanted = model.predict_on_batch(x)
    hidden = gates(model, x)["cell"].hidden
    np.testing.assert_allclose(hidden, wanted[:, ::-1] if backwards else wanted, atol=1e-5)


@pytest.mark.filterwarnings("ignore:.*was passed an input with a mask")  # by Keras's own layers from 3.16 on
@pytest.mark.parametrize("cell", ["lstm", "gru", "simple_rnn"])
@pytest.mark.parametrize("padded", ["left", "right"])
def test_masked_steps_keep_the_state_before_them(cell, padded, x):
    x[1, slice(0, 3) if padded == "left" else slice(4, T)] = 0
    layer = CELLS[cell](return_sequences=True, name="cell")
    model = randomised(keras.Sequential([keras.Input((T, F)), layers.Masking(), layer]))
    np.testing.assert_allclose(gates(model, x)["cell"].hidden, model.predict_on_batch(x), atol=1e-5)


@pytest.mark.parametrize("bidirectional", [False, True])
def test_gates_stand_at_their_own_steps_where_padding_is_moved_for_the_kernel_of_a_gpu(bidirectional, x, monkeypatch):
    x[1, :3] = 0
    stack = sk.RecurrentStack((U, 4), bidirectional=bidirectional)
    model = randomised(keras.Sequential([keras.Input((T, F)), layers.Masking(), stack]))
    wanted = gates(model, x)
    monkeypatch.setattr("seqkit.layers.packing.needs_packing", lambda: True)
    for one, same in zip(gates(model, x).values(), wanted.values(), strict=True):
        np.testing.assert_allclose(one.hidden, same.hidden, atol=1e-6)


def test_stacked_and_bidirectional_layers_are_all_shown(x):
    model = keras.Sequential(
        [
            keras.Input((T, F)),
            layers.Bidirectional(layers.LSTM(U, return_sequences=True, name="both")),
            layers.GRU(4, name="top"),
        ]
    )
    found = gates(randomised(model), x)
    assert [type(one) for one in found.values()] == [LSTMGates, LSTMGates, GRUGates]
    joined = np.concatenate([found["forward_both"].hidden, found["backward_both"].hidden], axis=-1)
    wanted = keras.Model(model.inputs, model.layers[0].output).predict_on_batch(x)
    np.testing.assert_allclose(joined, wanted, atol=1e-5)
    np.testing.assert_allclose(found["top"].hidden[:, -1], model.predict_on_batch(x), atol=1e-5)


def test_an_initial_state_is_where_the_gates_begin(x):
    sequence, hidden, cell = keras.Input((T, F)), keras.Input((U,)), keras.Input((U,))
    output = layers.LSTM(U, return_sequences=True, name="cell")(sequence, initial_state=[hidden, cell])
    model = randomised(keras.Model([sequence, hidden, cell], output))
    inputs = [x, np.full((B, U), 0.3, "float32"), np.full((B, U), -0.7, "float32")]
    np.testing.assert_allclose(gates(model, inputs)["cell"].hidden, model.predict_on_batch(inputs), atol=1e-5)


def test_gates_are_between_zero_and_one_and_make_the_cell_state(x):
    model = randomised(keras.Sequential([keras.Input((T, F)), layers.LSTM(U, name="cell")]))
    found = gates(model, x)["cell"]
    for gate in (found.forget, found.input, found.output):
        assert gate.shape == (B, T, U)
        assert (gate > 0).all()
        assert (gate < 1).all()
    before = np.concatenate([np.zeros((B, 1, U)), found.cell[:, :-1]], axis=1)
    np.testing.assert_allclose(found.forget * before + found.input * found.candidate, found.cell, atol=1e-6)


def test_the_articles_update_gate_is_one_minus_keras(x):
    model = randomised(keras.Sequential([keras.Input((T, F)), layers.GRU(U, reset_after=False, name="cell")]))
    found = gates(model, x)["cell"]
    before = np.concatenate([np.zeros((B, 1, U)), found.hidden[:, :-1]], axis=1)
    z = 1 - found.update  # as in Cho et al. 2014
    np.testing.assert_allclose((1 - z) * before + z * found.candidate, found.hidden, atol=1e-6)


def test_a_forecaster_shows_the_gates_of_a_tables_latest_window():
    table = sk.read_csv(Path(__file__).parents[2] / "data" / "air_passengers.csv")
    model = sk.build_forecaster(like=table, horizon=12, units=(5, 3))
    shapes = [one.hidden.shape for one in gates(model, table).values()]
    steps = model.settings.timesteps // model.settings.segment
    assert shapes == [(1, steps, 5), (1, steps, 3)]


def test_the_layers_are_left_as_they_were(x):
    layer = layers.LSTM(U)
    model = keras.Sequential([keras.Input((T, F)), layer])
    gates(model, x)
    assert "call" not in vars(layer)


def test_a_model_without_recurrent_layers_is_refused(x):
    model = keras.Sequential([keras.Input((T, F)), layers.Dense(3)])
    with pytest.raises(ValueError, match="gates: the model has no SimpleRNN, LSTM or GRU layer, its layers are Dense"):
        gates(model, x)
