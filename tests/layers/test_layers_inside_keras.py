"""Our layers inside Keras's models and wrappers: functional, Sequential, TimeDistributed, Bidirectional, RNN."""

import keras
import numpy as np
import pytest
from keras import layers, ops
from layer_variants import VARIANTS, B, F, T, call, inputs_of, parametrized, random_values

from seqkit.layers import FixedConvolutions, PeepholeLSTMCell, RecurrentStack, StandardScaling

N = 3  # sequences in a sequence of sequences
MANY_OUTPUTS = {"LinearChainCRF", "NoScaling", "SeriesScaling", "StandardScaling", "WindowScaling"}


def takes_and_returns_one_tensor(variant):
    is_single = isinstance(variant.called["input_shape"], tuple) and variant.layer is not PeepholeLSTMCell
    return is_single and variant.layer.__name__ not in MANY_OUTPUTS and not variant.arguments.get("return_state")


SINGLE = [variant for variant in VARIANTS if takes_and_returns_one_tensor(variant)]


def adapted(variant):
    """The layer, ready to answer."""
    layer = variant.layer(**variant.arguments)
    call(layer, variant, inputs_of(variant, random_values))
    if isinstance(layer, StandardScaling):
        layer.adapt(random_values((11, F)))
    if isinstance(layer, FixedConvolutions):
        layer.adapt(random_values((11, T, F)))
    return layer


def assert_same(tensors, expected):
    for tensor, wanted in zip(keras.tree.flatten(tensors), keras.tree.flatten(expected), strict=True):
        np.testing.assert_allclose(ops.convert_to_numpy(tensor), ops.convert_to_numpy(wanted), rtol=1e-5, atol=1e-6)


def symbolic(shape, dtype):
    return keras.Input(shape[1:], dtype=dtype)


@parametrized([variant for variant in VARIANTS if variant.layer is not PeepholeLSTMCell], slow_after_first=True)
def test_a_layer_answers_in_a_functional_model_as_alone_and_is_trained_there(variant):
    layer, inputs = adapted(variant), inputs_of(variant, symbolic)
    outputs = keras.tree.flatten(call(layer, variant, inputs))
    model = keras.Model(keras.tree.flatten(inputs), outputs)
    values = inputs_of(variant, random_values)
    assert_same(model(keras.tree.flatten(values)), call(layer, variant, values))
    if layer.trainable_weights:
        totals = [ops.sum(ops.reshape(ops.cast(tensor, "float32"), (B, -1)), axis=1) for tensor in outputs]
        trained = keras.Model(model.inputs, sum(totals))
        trained.compile("sgd", "mse")
        before = layer.get_weights()
        trained.fit(keras.tree.flatten(values), np.zeros(B), batch_size=B, verbose=0)
        assert any((old != new).any() for old, new in zip(before, layer.get_weights(), strict=True))


@parametrized(SINGLE)
def test_a_layer_answers_in_a_sequential_model_as_alone(variant):
    layer, values = adapted(variant), inputs_of(variant, random_values)
    model = keras.Sequential([inputs_of(variant, symbolic), layer])
    assert model.output_shape[1:] == variant.output[1:]
    assert_same(model(values), layer(values))


@pytest.mark.parametrize("length", [N, None])
@parametrized(SINGLE)
def test_time_distributed_gives_each_sequence_what_the_layer_gives_it_alone(variant, length):
    layer, shape = adapted(variant), variant.called["input_shape"]
    values = random_values((B, N, *shape[1:]), variant.called.get("input_dtype", "float32"))
    sequences = keras.Input((length, *shape[1:]), dtype=values.dtype.name)
    model = keras.Model(sequences, layers.TimeDistributed(layer)(sequences))
    assert model.output_shape == (None, length, *variant.output[1:])
    assert_same(model(values), np.stack([ops.convert_to_numpy(layer(values[:, place])) for place in range(N)], axis=1))


# From 3.16 on Keras's wrapper takes masks and says that it does not (keras #23235).
@pytest.mark.filterwarnings("ignore:.*of type Bidirectional. was passed an input with a mask")
@pytest.mark.parametrize("return_sequences", [False, True])
@pytest.mark.parametrize("cell", ["lstm", "gru", "simple_rnn", "peephole_lstm"])
def test_kerass_bidirectional_takes_the_stack_and_its_masks(cell, return_sequences):
    wrapped = layers.Bidirectional(RecurrentStack(5, cell, return_sequences=return_sequences))
    own = RecurrentStack(5, cell, bidirectional=True, return_sequences=return_sequences)
    x = random_values((B, T, F))
    x[1, 4:] = 0
    masked = layers.Masking()(x)
    wrapped(masked), own(masked)
    own.set_weights(wrapped.get_weights())
    assert_same(wrapped(masked), own(masked))
    assert_same(wrapped(masked)[1:, :4] if return_sequences else wrapped(masked)[1:], wrapped(x[1:, :4]))


def test_kerass_rnn_and_bidirectional_take_the_peephole_cell():
    cell = layers.RNN(PeepholeLSTMCell(5), return_sequences=True)
    assert layers.Bidirectional(cell)(keras.Input((T, F))).shape == (None, T, 10)
