"""The recurrent stack: states by name, masks on both sides, gates that remember."""

import keras
import numpy as np
import pytest
from keras import layers, ops

from seqkit.layers import PeepholeLSTMCell, RecurrentStack
from seqkit.layers.gate_bias import ChronoBias

B, T, F = 3, 7, 2
CELLS = ["simple_rnn", "lstm", "gru"]


def normal(*shape):
    return np.random.default_rng(4).normal(size=shape).astype("float32")


def numpy(tensor):
    return np.asarray(ops.convert_to_numpy(tensor))


@pytest.mark.parametrize("cell", CELLS)
def test_every_layers_last_states_come_by_name(cell):
    stack = RecurrentStack((5, 3), cell, return_sequences=True, return_state=True, states="dict")
    output, states = stack(normal(B, T, F))
    parts = ["hidden", "cell"] if cell == "lstm" else ["hidden"]
    assert list(states) == [f"layer_{number}_{part}" for number in (1, 2) for part in parts]
    assert [state.shape[-1] for state in states.values()] == [5] * len(parts) + [3] * len(parts)
    np.testing.assert_allclose(states["layer_2_hidden"], numpy(output)[:, -1], atol=1e-6)


@pytest.mark.parametrize("cell", CELLS)
def test_a_sequence_in_two_halves_with_states_handed_on_is_the_whole(cell):
    x, stack = normal(B, T, F), RecurrentStack((5, 3), cell, return_state=True)
    whole, *_ = stack(x)
    _, *states = stack(x[:, :4])
    second, *_ = stack(x[:, 4:], initial_state=states)
    np.testing.assert_allclose(second, whole, atol=1e-6)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("padded", ["left", "right"])
def test_a_padded_sequence_gets_the_same_answer_as_alone(cell, bidirectional, padded):
    stack = RecurrentStack((5, 3), cell, bidirectional=bidirectional)
    short, long = normal(1, 4, F), normal(1, T, F)
    gap = np.zeros((1, T - 4, F), "float32")
    batch = np.concatenate([long, np.concatenate([gap, short] if padded == "left" else [short, gap], axis=1)])
    mask = np.ones((2, T), bool)
    mask[1, slice(0, 3) if padded == "left" else slice(4, T)] = False
    together = numpy(stack(batch, mask=ops.convert_to_tensor(mask)))
    np.testing.assert_allclose(together[0], numpy(stack(long))[0], atol=1e-6)
    np.testing.assert_allclose(together[1], numpy(stack(short))[0], atol=1e-6)


def test_a_mask_from_below_arrives_with_and_without_states():
    x = normal(B, T, F)
    x[1, 4:] = 0
    sequence, state = keras.Input((T, F)), keras.Input((5,))
    masked, stack = layers.Masking()(sequence), RecurrentStack(5, "gru")
    model = keras.Model([sequence, state], [stack(masked), stack(masked, initial_state={"layer_1_hidden": state})])
    without, with_state = model([x, np.zeros((B, 5), "float32")])
    alone = numpy(stack(x[1:2, :4]))[0]
    np.testing.assert_allclose(numpy(without)[1], alone, atol=1e-6)
    np.testing.assert_allclose(numpy(with_state)[1], alone, atol=1e-6)


def test_a_learned_initial_state_is_a_weight_that_learns():
    stack = RecurrentStack(5, "lstm", initial_state="learned")
    model = keras.Sequential([keras.Input((T, F)), stack])
    model.compile("sgd", "mse")
    assert {weight.name for weight in stack.trainable_weights} >= {"layer_1_hidden", "layer_1_cell"}
    model.fit(normal(B, T, F), normal(B, 5), verbose=0)
    assert np.abs(numpy(stack.first_states["layer_1_cell"])).sum() > 0


def test_a_random_initial_state_is_for_training_only():
    x, stack = normal(B, T, F), RecurrentStack(5, "gru", initial_state="random")
    np.testing.assert_array_equal(stack(x), stack(x))
    assert np.abs(numpy(stack(x, training=True)) - numpy(stack(x, training=True))).max() > 0


def test_depth_repeats_one_size():
    assert RecurrentStack(5, depth=3).units == (5, 5, 5)
    with pytest.raises(ValueError, match="units names 2 layers, depth=3. Leave depth out"):
        RecurrentStack((5, 3), depth=3)


@pytest.mark.parametrize(("cell", "gate"), [("lstm", 1), ("gru", 0)])
def test_chrono_biases_remember_between_one_and_memory_steps(cell, gate):
    stack = RecurrentStack(64, cell, memory=100)
    stack.build((None, T, F))
    bias = numpy(stack.recurrent[0].cell.bias)
    row = bias if cell == "lstm" else bias[0]
    biases = np.split(row, 4 if cell == "lstm" else 3)[gate]
    assert biases.min() >= 0
    assert np.log(50) < biases.max() <= np.log(99)
    if cell == "lstm":
        np.testing.assert_allclose(np.split(row, 4)[0], -biases)


def test_a_cell_without_gates_cannot_be_told_to_remember():
    with pytest.raises(ValueError, match='memory=100 sets gates, and cell="simple_rnn" has none'):
        RecurrentStack(5, "simple_rnn", memory=100)


def test_chrono_bias_comes_back_from_its_config():
    bias = ChronoBias(20, "gru", seed=3)
    again = ChronoBias.from_config(bias.get_config())
    np.testing.assert_array_equal(again((2, 15)), bias((2, 15)))


def test_the_parameters_do_not_depend_on_the_length():
    counts = set()
    for timesteps in (3, 11, None):
        stack = RecurrentStack((5, 3), bidirectional=True)
        stack.build((None, timesteps, F))
        counts.add(stack.count_params())
    assert len(counts) == 1


def test_another_activation_says_that_the_fast_kernel_is_lost_and_loading_does_not_repeat_it():
    with pytest.warns(UserWarning, match="activation='relu' cannot use the cuDNN kernel"):
        stack = RecurrentStack(5, activation="relu")
    again = RecurrentStack.from_config(stack.get_config())
    assert again.recurrent[0].activation is keras.activations.relu
    with pytest.warns(UserWarning, match="recurrent_activation='hard_sigmoid'"):
        RecurrentStack(5, "gru", recurrent_activation="hard_sigmoid")


def test_every_default_keeps_the_cudnn_kernel():
    for cell in ("lstm", "gru"):
        (layer,) = RecurrentStack(5, cell).recurrent
        assert layer.activation is keras.activations.tanh
        assert layer.recurrent_activation is keras.activations.sigmoid
        assert (layer.recurrent_dropout, layer.unroll, layer.use_bias) == (0, False, True)
        assert cell == "lstm" or layer.reset_after


@pytest.mark.parametrize(
    ("states", "message"),
    [
        ({"layer_1_hidden": np.zeros((B, 5))}, "or a dict of these names, got 'layer_1_hidden'"),
        ([np.zeros((B, 5))] * 3, "a list of the 2 states 'layer_1_hidden', 'layer_1_cell', .* got a list of 3"),
        ([np.zeros((B, 5)), np.zeros((B, 4))], r"'layer_1_cell' must have the shape \(samples, 5\), got \(3, 4\)"),
        (
            {"layer_1_hidden": np.zeros((B, 5)), "layer_1_cell": np.zeros((B, 4))},
            r"'layer_1_cell' must have the shape \(samples, 5\), got \(3, 4\)",
        ),
    ],
)
def test_states_of_the_wrong_count_or_shape_are_refused(states, message):
    with pytest.raises(ValueError, match=message):
        RecurrentStack(5)(normal(B, T, F), initial_state=states)


def test_wrong_states_are_refused_while_the_graph_is_built():
    sequence, state = keras.Input((T, F)), keras.Input((5,))
    with pytest.raises(ValueError, match="a list of the 2 states .* got a list of 1. return_state=True returns such"):
        RecurrentStack(5)(sequence, initial_state=[state])


KERAS = {"simple_rnn": layers.SimpleRNN, "lstm": layers.LSTM, "gru": layers.GRU}


@pytest.mark.parametrize("cell", KERAS)
@pytest.mark.parametrize("options", [{}, {"return_sequences": True}, {"go_backwards": True, "return_sequences": True}])
def test_one_layer_is_kerass_layer_states_and_initial_states_included(cell, options):
    x, size = normal(B, T, F), 5
    ours, keras_layer = (make(size, return_state=True, **options) for make in (stack_of(cell), KERAS[cell]))
    ours(x), keras_layer(x)
    keras_layer.set_weights(ours.get_weights())
    starts = [normal(B, size) for _ in keras_layer(x)[1:]]
    for initial_state in (None, starts):
        pairs = zip(ours(x, initial_state=initial_state), keras_layer(x, initial_state=initial_state), strict=True)
        for tensor, expected in pairs:
            np.testing.assert_array_equal(numpy(tensor), numpy(expected))


def stack_of(cell):
    return lambda size, **options: RecurrentStack(size, cell, **options)


def test_kerass_bidirectional_around_the_stack_is_the_bidirectional_stack():
    x = normal(B, T, F)
    wrapped, own = layers.Bidirectional(RecurrentStack(5)), RecurrentStack(5, bidirectional=True)
    wrapped(x), own(x)
    own.set_weights(wrapped.get_weights())
    np.testing.assert_array_equal(numpy(wrapped(x)), numpy(own(x)))


def test_time_distributed_reads_a_sequence_of_sequences():
    x, stack = normal(B, 11, T, F), RecurrentStack(5)
    distributed = numpy(layers.TimeDistributed(stack)(x))
    np.testing.assert_allclose(distributed[:, 4], numpy(stack(x[:, 4])), atol=1e-6)


def test_a_stack_saved_before_there_was_a_choice_of_states_returns_a_dict():
    config = RecurrentStack(5, return_state=True).get_config()
    for name in ("states", "go_backwards", "reset_after"):
        del config[name]
    _, states = RecurrentStack.from_config(config)(normal(B, T, F))
    assert list(states) == ["layer_1_hidden", "layer_1_cell"]


def test_an_activation_that_is_a_layer_comes_back_from_the_config():
    with pytest.warns(UserWarning, match="activation='leaky_re_lu.*' cannot use the cuDNN kernel"):
        stack = RecurrentStack(5, activation=layers.LeakyReLU(negative_slope=0.3))
    again = RecurrentStack.from_config(stack.get_config())
    again.build((None, T, F)), stack.build((None, T, F))
    again.set_weights(stack.get_weights())
    np.testing.assert_array_equal(numpy(again(normal(B, T, F))), numpy(stack(normal(B, T, F))))


def test_the_reset_gate_before_the_product_is_an_argument_of_the_gru_alone():
    stack = RecurrentStack(5, "gru", reset_after=False)
    stack.build((None, T, F))
    assert stack.recurrent[0].cell.bias.shape == (15,)
    with pytest.raises(ValueError, match="reset_after=False is an argument of cell=.gru., and cell='lstm'"):
        RecurrentStack(5, "lstm", reset_after=False)


# Peepholes and packing


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def test_the_peephole_cell_is_gravess_equations():
    x, layer = normal(B, T, F), layers.RNN(PeepholeLSTMCell(5), return_sequences=True)
    layer(x)
    for weight in layer.weights:
        weight.assign(np.random.default_rng(len(weight.shape)).normal(size=weight.shape))
    kernel, recurrent, bias, (p_i, p_f, p_o) = (numpy(weight).astype("float64") for weight in layer.weights)
    h = c = np.zeros((B, 5))
    for t in range(T):
        i, f, g, o = np.split(x[:, t] @ kernel + h @ recurrent + bias, 4, axis=-1)
        before = c
        c = sigmoid(f + p_f * before) * before + sigmoid(i + p_i * before) * np.tanh(g)
        h = sigmoid(o + p_o * c) * np.tanh(c)
        np.testing.assert_allclose(numpy(layer(x))[:, t], h, atol=1e-5)


def test_without_peepholes_the_peephole_cell_is_kerass():
    x, ours, keras_layer = normal(B, T, F), RecurrentStack(5, "peephole_lstm", return_state=True), layers.LSTM(5)
    ours(x), keras_layer(x)
    *weights, peepholes = ours.get_weights()
    assert (peepholes == 0).all()
    keras_layer.set_weights(weights)
    np.testing.assert_array_equal(numpy(ours(x)[0]), numpy(keras_layer(x)))


MASKS = {
    "right": [1, 1, 1, 1, 0, 0, 0],
    "left": [0, 0, 0, 1, 1, 1, 1],
    "both": [0, 1, 1, 1, 0, 0, 0],
    "gaps": [0, 1, 0, 1, 1, 0, 1],
    "all": [0, 0, 0, 0, 0, 0, 0],
}


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("return_sequences", [False, True])
def test_packed_sequences_give_what_masked_ones_give(cell, bidirectional, return_sequences, monkeypatch):
    options = {"bidirectional": bidirectional, "return_sequences": return_sequences, "return_state": True}
    stack, x = RecurrentStack((5, 3), cell, **options), normal(len(MASKS), T, F)
    mask = ops.convert_to_tensor(np.array(list(MASKS.values()), bool))
    stack(x)
    for weight in stack.weights:
        weight.assign(weight + 0.1)  # biases too, so that a step of zeros is not without effect
    sizes = [size for size, names in zip(stack.units, stack.state_names, strict=True) for _ in names]
    starts = [normal(len(MASKS), size) for size in sizes]
    for initial_state in (None, starts):
        masked = stack(x, mask=mask, initial_state=initial_state)
        with monkeypatch.context() as patch:
            patch.setattr("seqkit.layers.packing.needs_packing", lambda: True)
            packed = stack(x, mask=mask, initial_state=initial_state)
        for tensor, expected in zip(packed, masked, strict=True):
            np.testing.assert_allclose(numpy(tensor), numpy(expected), atol=1e-6)


def test_a_flat_table_is_refused_with_the_reshape_that_helps():
    with pytest.raises(ValueError, match=r"wanted \[samples, timesteps, features\], got shape.*seqkit.reshape"):
        RecurrentStack(5)(normal(B, T))


def test_an_unknown_initial_state_lists_the_choices():
    with pytest.raises(ValueError, match="initial_state must be one of 'zeros', 'random', 'learned', got 'ones'"):
        RecurrentStack(5, initial_state="ones")


def test_sequences_without_steps_or_of_other_features_are_refused():
    stack = RecurrentStack(5)
    with pytest.raises(ValueError, match="the sequences have no timesteps. Leave empty ones out"):
        stack(np.zeros((B, 0, F), "float32"))
    stack(normal(B, T, F))
    with pytest.raises(ValueError, match="built for features=2, got sequences of 3"):
        stack(normal(B, T, 3))


@pytest.mark.parametrize("cell", CELLS)
def test_a_batch_of_nothing_but_padding_gives_zeros_and_no_nan(cell):
    mask = ops.convert_to_tensor(np.zeros((B, T), bool))
    assert (numpy(RecurrentStack((5, 3), cell, bidirectional=True)(normal(B, T, F), mask=mask)) == 0).all()


@pytest.mark.parametrize("return_sequences", [False, True])
def test_keras_s_bidirectional_wraps_a_stack_that_returns_its_states(return_sequences):
    layer = layers.Bidirectional(RecurrentStack(3, return_sequences=return_sequences, return_state=True))
    x = np.ones((2, 5, 4), "float32")
    for output in (layer(x), layer(keras.Input((5, 4)))):
        assert [tuple(tensor.shape)[1:] for tensor in output] == [(5, 6) if return_sequences else (6,), *[(3,)] * 4]


@pytest.mark.parametrize("name", ["bidirectional", "return_sequences", "return_state", "go_backwards", "reset_after"])
def test_a_flag_that_is_none_is_refused(name):
    with pytest.raises(TypeError, match=f"RecurrentStack: {name} must be True or False, got 'sum'"):
        RecurrentStack(3, "gru", **{name: "sum"})


@pytest.mark.parametrize("name", ["activation", "recurrent_activation"])
@pytest.mark.parametrize("value", ["rellu", ["tanh", "relu"], 3])
def test_an_activation_that_keras_does_not_know_is_refused(name, value):
    with pytest.raises(ValueError, match=f"RecurrentStack: {name} must be the name of one of Keras's activations"):
        RecurrentStack(3, **{name: value})
