"""The table of model kinds: gates, attention weights and gradients are right, or refused in words.

Gates are compared with the layers' own outputs. Gradients are compared with autodiff through the model itself: where a
call reads `x_t`, the derivative by the sum that enters an activation is that by `x_t`, times the kernel's inverse.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers, ops

import seqkit as sk
from seqkit.insight.gradients import hidden_gradients

B, T, F, U, K, S = 3, 7, 11, 2, 5, 4
CELLS = {"lstm": layers.LSTM, "gru": layers.GRU, "simple_rnn": layers.SimpleRNN}


class Kind(NamedTuple):
    """A model, what it reads and is asked for, and what each call of its recurrent layer reads of that."""

    model: keras.Model
    x: Any
    y: Any
    layer: layers.RNN
    read: Callable[[Any], list[Any]] = lambda x: [x]
    options: Any = {}  # noqa: RUF012  of each call


def normal(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


def memory(cell="gru", **options):
    return CELLS[cell](U, name="memory", return_sequences=True, bias_initializer="normal", **options)


def compiled(inputs, outputs):
    """Compile; the Dense layers before it make every step matter."""
    model = keras.Model(inputs, outputs)
    model.compile(loss="mse")
    return model


def head(sequence, **options):
    return layers.Dense(K, activation="tanh", **options)(layers.Flatten()(sequence))


def siamese():
    first, second, layer = keras.Input((T, F)), keras.Input((T, F)), memory("lstm")
    model = compiled([first, second], head(layers.Subtract()([layer(first), layer(second)])))
    return Kind(model, [normal(B, T, F), normal(B, T, F, seed=1)], normal(B, K), layer, lambda x: x)


def two_inputs_by_name():
    inputs = {"first": keras.Input((T, F), name="first"), "other": keras.Input((T, S), name="other")}
    layer = memory()
    both = layers.Concatenate()([layer(inputs["first"]), layers.Dense(3)(inputs["other"])])
    x = {"first": normal(B, T, F), "other": normal(B, T, S, seed=1)}
    return Kind(compiled(inputs, head(both)), x, normal(B, K), layer, lambda x: [x["first"]])


def two_outputs():
    steps, layer = keras.Input((T, F)), memory("lstm")
    hidden = layer(steps)
    model = keras.Model(steps, {"last": head(hidden), "each": layers.Dense(1)(hidden)})
    model.compile(loss={"last": "mse", "each": "mae"}, loss_weights={"last": 0.3, "each": 0.7})
    return Kind(model, normal(B, T, F), {"last": normal(B, K), "each": normal(B, T, 1)}, layer)


def nested_twice():
    steps, layer = keras.Input((T, F)), memory("simple_rnn")
    inner = keras.Sequential([keras.Input((T, F)), layer])
    middle = keras.Model(steps, layers.Dense(3)(inner(steps)))
    return Kind(compiled(steps, head(middle(steps))), normal(B, T, F), normal(B, K), layer)


class Loop(keras.Model):
    """A Python loop over channels, with layers in a list."""

    def __init__(self):
        super().__init__()
        self.parts = [memory(), layers.Dense(K)]

    def call(self, x):
        hidden = [self.parts[0](x[:, :, channel]) for channel in range(3)]
        return self.parts[1](ops.concatenate(hidden, axis=1)[:, -1] + ops.mean(hidden[0] * hidden[1], axis=1)[:, :1])


def loop():
    model, x = Loop(), normal(B, T, 3, F)
    model(x)
    model.compile(loss="mse")
    return Kind(model, x, normal(B, K), model.parts[0], lambda x: [x[:, :, channel] for channel in range(3)])


def time_distributed():
    series, layer = keras.Input((S, T, F)), memory("lstm")
    model = compiled(series, head(layers.TimeDistributed(layer)(series)))
    return Kind(model, normal(B, S, T, F), normal(B, K), layer, lambda x: [x[:, place] for place in range(S)])


def stateful():
    steps, layer = keras.Input(batch_shape=(B, T, F)), memory("lstm", stateful=True)
    model = compiled(steps, head(layer(steps)))
    model(normal(B, T, F, seed=9))  # so that its state is not zero
    return Kind(model, normal(B, T, F), normal(B, K), layer)


def masked(**options):
    steps, layer = keras.Input((T, F)), memory("gru", **options)
    model = compiled(steps, layers.Dense(K)(ops.reshape(layer(layers.Masking()(steps)), (-1, T * U))))
    x = normal(B, T, F)
    x[0, :2] = x[1, 4:] = x[2, 3] = 0
    return Kind(model, x, normal(B, K), layer, options={"mask": (x != 0).any(axis=-1)})


def masked_with_zeros():
    return masked(zero_output_for_mask=True)


def backwards():
    steps, layer = keras.Input((T, F)), memory("lstm", go_backwards=True)
    return Kind(compiled(steps, head(layer(steps))), normal(B, T, F), normal(B, K), layer)


def plain_cell():
    steps, layer = keras.Input((T, F)), layers.RNN(layers.GRUCell(U), return_sequences=True, name="memory")
    return Kind(compiled(steps, head(layer(steps))), normal(B, T, F), normal(B, K), layer)


def in_precision(policy):
    def build():
        steps, layer = keras.Input((T, F)), memory("lstm", dtype=policy)
        return Kind(compiled(steps, head(layer(steps), dtype="float32")), normal(B, T, F), normal(B, K), layer)

    return build


KINDS = {
    "siamese": siamese,
    "two inputs by name": two_inputs_by_name,
    "two outputs": two_outputs,
    "nested twice": nested_twice,
    "loop": loop,
    "TimeDistributed": time_distributed,
    "stateful": stateful,
    "masked": masked,
    "masked with zeros": masked_with_zeros,
    "backwards": backwards,
    "RNN of a cell": plain_cell,
    "mixed_float16": in_precision("mixed_float16"),
    "mixed_bfloat16": in_precision("mixed_bfloat16"),
    "float64": in_precision("float64"),
}
SHARE_OFF = {"mixed_float16": 1e-2, "mixed_bfloat16": 1e-1}


def names_of_calls(count):
    return ["memory", *(f"memory (call {number})" for number in range(2, count + 1))]


def values_of(layer):
    return [] if not layer.stateful else [np.array(state) for state in layer.states]


def put_back(layer, values):
    for state, value in zip(layer.states if values else [], values, strict=True):
        state.assign(value)


# Gates


@pytest.mark.filterwarnings("ignore:.*was passed an input with a mask")  # by Keras's own layers from 3.16 on
@pytest.mark.parametrize("name", KINDS)
def test_the_gates_of_each_call_are_those_of_the_layers_own_output(name):
    kind = KINDS[name]()
    states = values_of(kind.layer)
    found = sk.gates(kind.model, kind.x)
    np.testing.assert_array_equal(values_of(kind.layer), states)
    parts = kind.read(kind.x)
    assert list(found) == names_of_calls(len(parts))
    is_step = np.ones((B, T, 1), bool)
    if kind.options and kind.layer.zero_output_for_mask:
        is_step = kind.options["mask"][:, :, None]
    for one, part in zip(found.values(), parts, strict=True):
        given = np.array(kind.layer(part, **kind.options), "float32")[:, :: -1 if kind.layer.go_backwards else 1]
        np.testing.assert_allclose(np.where(is_step, one.hidden, 0), given, atol=SHARE_OFF.get(name, 1e-5))


# Gradients


def derivative_by_sums(kernel, by_input):
    """The derivative by the sums that enter the activations, `[T, B, n U]`, of that by the layer's input."""
    return np.swapaxes(by_input @ np.linalg.pinv(kernel.T), 0, 1)


def slopes(layer, gates):
    """The derivative of h_t by the last of the sums that it alone depends on, and where these stand, `[T, B, U]`."""
    if isinstance(layer.cell, layers.LSTMCell):
        return np.tanh(gates.cell) * gates.output * (1 - gates.output), slice(3 * U, 4 * U)
    if isinstance(layer.cell, layers.GRUCell):
        return (1 - gates.update) * (1 - gates.candidate**2), slice(2 * U, 3 * U)
    return 1 - gates.hidden**2, slice(0, U)


def derivatives_by_inputs(kind):
    """By autodiff through the model itself, of the sum of the samples' losses."""
    x = keras.tree.map_structure(tf.constant, kind.x)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        loss = B * kind.model.compute_loss(x, kind.y, kind.model(x, training=False), training=False)
    return kind.read(keras.tree.map_structure(lambda one: tape.gradient(loss, one).numpy(), x))


@pytest.mark.filterwarnings("ignore:.*was passed an input with a mask")  # by Keras's own layers from 3.16 on
@pytest.mark.parametrize("name", KINDS)
def test_the_gradients_of_each_call_are_those_of_autodiff_through_the_model(name):
    kind = KINDS[name]()
    states = values_of(kind.layer)
    found = hidden_gradients(kind.model, kind.x, kind.y)
    np.testing.assert_array_equal(values_of(kind.layer), states)
    gates = sk.gates(kind.model, kind.x)
    by_input = derivatives_by_inputs(kind)
    put_back(kind.layer, states)
    assert list(found) == list(gates) == names_of_calls(len(by_input))
    for call, given in zip(found, by_input, strict=True):
        slope, place = slopes(kind.layer, gates[call])
        wanted = derivative_by_sums(np.array(kind.layer.cell.kernel, "float32"), given)[:, :, place]
        off = np.abs(found[call] * np.swapaxes(slope, 0, 1) - wanted).max() / np.abs(wanted).max()
        assert off < SHARE_OFF.get(name, 1e-4)
    flow = sk.gradient_flow(kind.model, kind.x, kind.y)
    norms = np.linalg.norm(found["memory"], axis=-1).mean(axis=-1)
    np.testing.assert_allclose(flow["memory"], norms, rtol=1e-5)
    assert np.isfinite(flow.to_numpy()).all()
