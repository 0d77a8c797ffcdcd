"""The recurrent stack: states by name, masks on both sides, gates that remember."""

import keras
import numpy as np
import pytest
from keras import layers, ops

from seqkit.layers import RecurrentStack
from seqkit.layers.gate_bias import ChronoBias

B, T, F = 3, 7, 2
CELLS = ["simple_rnn", "lstm", "gru"]


def normal(*shape):
    return np.random.default_rng(4).normal(size=shape).astype("float32")


def numpy(tensor):
    return np.asarray(ops.convert_to_numpy(tensor))


@pytest.mark.parametrize("cell", CELLS)
def test_every_layers_last_states_come_by_name(cell):
    stack = RecurrentStack((5, 3), cell, return_sequences=True, return_state=True)
    output, states = stack(normal(B, T, F))
    parts = ["hidden", "cell"] if cell == "lstm" else ["hidden"]
    assert list(states) == [f"layer_{number}_{part}" for number in (1, 2) for part in parts]
    assert [state.shape[-1] for state in states.values()] == [5] * len(parts) + [3] * len(parts)
    np.testing.assert_allclose(states["layer_2_hidden"], numpy(output)[:, -1], atol=1e-6)


@pytest.mark.parametrize("cell", CELLS)
def test_a_sequence_in_two_halves_with_states_handed_on_is_the_whole(cell):
    x, stack = normal(B, T, F), RecurrentStack((5, 3), cell, return_state=True)
    whole, _ = stack(x)
    _, states = stack(x[:, :4])
    second, _ = stack(x[:, 4:], initial_state=states)
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
        ({"layer_1_hidden": np.zeros((B, 5))}, "dict of 'layer_1_hidden', 'layer_1_cell', got 'layer_1_hidden'"),
        ([np.zeros((B, 5))] * 2, "must be a dict of 'layer_1_hidden', 'layer_1_cell', got list"),
        (
            {"layer_1_hidden": np.zeros((B, 5)), "layer_1_cell": np.zeros((B, 4))},
            r"'layer_1_cell' must have the shape \(samples, 5\), got \(3, 4\)",
        ),
    ],
)
def test_states_of_the_wrong_count_or_shape_are_refused(states, message):
    with pytest.raises(ValueError, match=message):
        RecurrentStack(5)(normal(B, T, F), initial_state=states)


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
