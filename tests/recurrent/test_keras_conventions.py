"""Thin builders: what Keras's own layers return, in the same order, with the same weights."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers, ops

import seqkit as sk

B, T, F = 3, 7, 2
BUILDERS = {
    "lstm": (sk.build_lstm, layers.LSTM),
    "gru": (sk.build_gru, layers.GRU),
    "rnn": (sk.build_rnn, layers.SimpleRNN),
}
STATES = {"lstm": 2, "gru": 1, "rnn": 1}  # of one layer and direction


def normal(*shape):
    return np.random.default_rng(4).normal(size=shape).astype("float32")


def numpy(tensors):
    tensors = tensors if isinstance(tensors, (list, tuple)) else [tensors]
    return [np.asarray(ops.convert_to_numpy(tensor)) for tensor in tensors]


def by_hand(cell, sizes, bidirectional, return_sequences):
    """The article's snippet: Keras's layers one above the other, every layer with its states."""
    sequences = steps = keras.Input((T, F))
    states = []
    for depth, size in enumerate(sizes):
        layer = BUILDERS[cell][1](size, return_sequences=depth < len(sizes) - 1 or return_sequences, return_state=True)
        steps, *last = (layers.Bidirectional(layer) if bidirectional else layer)(steps)
        states += last
    return keras.Model(sequences, [steps, *states])


@pytest.mark.parametrize("cell", BUILDERS)
@pytest.mark.parametrize("sizes", [(5,), (5, 3, 2)])
@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("return_sequences", [False, True])
def test_output_and_states_are_those_of_kerass_layers(cell, sizes, bidirectional, return_sequences):
    options = {"bidirectional": bidirectional, "return_sequences": return_sequences, "return_state": True}
    model = BUILDERS[cell][0](sizes, features=F, timesteps=T, **options)
    twin = by_hand(cell, sizes, bidirectional, return_sequences)
    twin.set_weights(model.get_weights())
    x = normal(B, T, F)
    for tensor, expected in zip(numpy(model(x)), numpy(twin(x)), strict=True):
        np.testing.assert_array_equal(tensor, expected)


def test_output_hidden_and_cell_unpack_and_go_in_again():
    model = sk.build_lstm(5, features=F, return_state=True, return_sequences=True)
    x = normal(B, T, F)
    output, hidden, cell = model(x)
    np.testing.assert_array_equal(numpy(output)[0][:, -1], numpy(hidden)[0])
    going_on = sk.build_lstm(5, features=F, return_state=True, return_sequences=True, initial_state="given")
    going_on.set_weights(model.get_weights())
    _, first_hidden, first_cell = numpy(model(x[:, :4]))
    second, *_ = going_on([x[:, 4:], first_hidden, first_cell])
    np.testing.assert_allclose(numpy(second)[0], numpy(output)[0][:, 4:], atol=1e-6)
    assert cell.shape == (B, 5)


@pytest.mark.parametrize("cell", BUILDERS)
def test_given_states_are_inputs_in_the_order_in_which_states_are_returned(cell):
    model = BUILDERS[cell][0]((5, 3), features=F, return_state=True, bidirectional=True, initial_state="given")
    names = [tensor.name for tensor in model.inputs]
    assert names[0] == "sequences"
    assert len(names) == 1 + 2 * 2 * STATES[cell]
    assert [tensor.shape[-1] for tensor in model.inputs[1:]] == [tensor.shape[-1] for tensor in model.outputs[1:]]
    assert names[1] == "layer_1_forward_hidden"


@pytest.mark.parametrize("return_state", [False, True])
def test_the_loss_is_of_the_output_alone(return_state):
    model = sk.build_gru(5, features=F, return_state=return_state, outputs=4)
    x, y = normal(B, T, F), normal(B, 4)
    output = numpy(model(x))[0]
    assert model.evaluate(x, y, verbose=0) == pytest.approx(np.mean((output - y) ** 2), rel=1e-5)
    assert len(model.fit(x, y, epochs=3, verbose=0).history["loss"]) == 3


def test_learned_and_random_states_are_arguments():
    learned = sk.build_rnn(5, features=F, initial_state="learned")
    assert len(learned.weights) == len(sk.build_rnn(5, features=F).weights) + 1
    random, x = sk.build_rnn(5, features=F, initial_state="random"), normal(B, T, F)
    assert (numpy(random(x, training=True))[0] != numpy(random(x))[0]).any()


def test_peepholes_and_the_other_reset_gate_are_arguments():
    assert sk.build_lstm(5, features=F, peepholes=True).count_params() == 4 * 5 * (F + 5 + 1) + 3 * 5
    assert sk.build_gru(5, features=F, reset_after=False).count_params() == 3 * 5 * (F + 5 + 1)


@pytest.mark.parametrize("cell", BUILDERS)
def test_a_loaded_model_and_its_saved_model_answer_alike(cell, tmp_path):
    model = BUILDERS[cell][0]((5, 3), features=F, return_state=True, bidirectional=True)
    x = normal(B, T, F)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    model.export(tmp_path / "served", verbose=False)
    served = tf.saved_model.load(tmp_path / "served")
    expected = numpy(model(x))
    for answers in (loaded(x), served.serve(x)):
        for tensor, wanted in zip(numpy(answers), expected, strict=True):
            np.testing.assert_array_equal(tensor, wanted)


def test_models_are_traced_for_export_without_the_kernel_of_a_gpu(tmp_path, monkeypatch):
    seen = []
    model = sk.build_recurrent("many_to_many", features=F, outputs=2, units=5)
    (layer,) = [layer for layer in model._flatten_layers() if isinstance(layer, layers.LSTM)]
    run = layer.inner_loop

    def watched(*arguments, **options):
        seen.append(layer.use_cudnn)
        return run(*arguments, **options)

    monkeypatch.setattr(layer, "inner_loop", watched)
    model.export(tmp_path / "served", verbose=False)
    assert seen
    assert set(seen) == {False}
    assert layer.use_cudnn == "auto"


def test_an_export_leaves_a_folder_of_something_else_alone(tmp_path):
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "notes.txt").write_text("precious")
    with pytest.raises(FileExistsError, match="exists and is not a SavedModel"):
        sk.build_lstm(3, features=F).export(tmp_path / "work")
    assert [path.name for path in (tmp_path / "work").iterdir()] == ["notes.txt"]


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"units": 0}, ValueError, "build_lstm: units must be 1 or more, got 0"),
        ({"features": 0}, ValueError, "build_lstm: features must be 1 or more, got 0"),
        ({"timesteps": 1.5}, TypeError, "build_lstm: timesteps must be a whole number, got 1.5"),
        ({"outputs": -1}, ValueError, "build_lstm: outputs must be 1 or more, got -1"),
        ({"dropout": 1.7}, ValueError, "build_lstm: dropout must be from 0 to below 1, got 1.7"),
        ({"dropout": (0.1, 0.2)}, ValueError, "build_lstm: dropout has 2 numbers for 1 layers"),
        ({"initial_state": "ones"}, ValueError, "initial_state must be one of 'zeros', 'random', 'learned', 'given'"),
    ],
)
def test_bad_arguments_are_refused_by_name(options, error, message):
    with pytest.raises(error, match=message):
        sk.build_lstm(**{"units": 3, "features": F, **options})
