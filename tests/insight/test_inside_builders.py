"""What is shown of seqkit's own models on raw samples: right by autodiff, and alike in many threads."""

from concurrent.futures import ThreadPoolExecutor

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers
from task_rows import ROWS

import seqkit as sk
from seqkit.insight.calls import model_batch
from seqkit.insight.gradients import hidden_gradients

THREADS, TIMES = 16, 3
CANDIDATE_GRU = 2  # the place of its bias among the three of a gate each


@pytest.mark.parametrize("name", ROWS)
def test_the_gradients_add_up_to_those_of_the_biases_by_autodiff(name):
    """The bias of an activation is added at every step: its derivative is the sum of theirs."""
    row = ROWS[name]
    keras.utils.set_random_seed(7)
    model = row.build()
    found = hidden_gradients(model, row.x, row.y)
    x, y, weights = model_batch(model, row.x, row.y, "test")
    biases = {layer.name: layer.cell.bias for layer in model._flatten_layers() if isinstance(layer, layers.RNN)}
    with tf.GradientTape() as tape:
        loss = model.compute_loss(x, y, model(x, training=False), sample_weight=weights, training=False)
    by_bias = tape.gradient(loss, {layer: bias.value for layer, bias in biases.items()})
    gates = sk.gates(keras.Model(model.inputs, model.outputs), keras.tree.flatten(x))  # of the answers that it is told
    assert list(found) == list(gates)
    for layer, gradients in found.items():
        one, wanted = gates[layer], by_bias[layer].numpy() * len(gradients[0]) / row.sequences
        slope = 1 - one.hidden**2
        if hasattr(one, "update"):
            slope = (1 - one.update) * (1 - one.candidate**2)
            wanted = np.split(wanted[0], 3)[CANDIDATE_GRU]
        np.testing.assert_allclose(
            (np.swapaxes(gradients, 0, 1) * slope).sum(axis=(0, 1)), wanted, rtol=1e-3, atol=1e-6
        )


def shared_by_two():
    """A layer called twice, one with states, and attention."""
    first, second = (keras.Input(batch_shape=(3, 7, 2)) for _ in range(2))
    memory = layers.GRU(5, return_sequences=True, name="memory")
    joined = layers.LSTM(5, return_sequences=True, stateful=True)(layers.Concatenate()([memory(first), memory(second)]))
    model = keras.Model([first, second], layers.Dense(2)(sk.layers.StepAttention(name="look")(joined)))
    model.compile(loss="mse")
    return model


@pytest.mark.slow
def test_sixteen_threads_get_no_wrong_answer_and_the_model_stays_as_it_is():
    model, rng = shared_by_two(), np.random.default_rng(0)
    batches = [[rng.normal(size=(3, 7, 2)).astype("float32") for _ in range(2)] for _ in range(THREADS)]
    y = np.ones((3, 2), "float32")
    memory = keras.Model(model.inputs[0], model.get_layer("memory")(model.inputs[0]))
    views = {
        "answers": lambda x: {"live": np.array(memory(x[0]))},
        "gates": lambda x: {f"{n} {f}": a for n, g in sk.gates(model, x).items() for f, a in g._asdict().items()},
        "attention": lambda x: sk.attention_weights(model, x),
        "gradients": lambda x: {name: flow.to_numpy() for name, flow in sk.gradient_flow(model, x, y).items()},
    }
    model(batches[0])
    weights = model.get_weights()
    wanted = {name: [view(x) for x in batches] for name, view in views.items()}

    def ask(number):
        name = list(views)[number % len(views)]
        place = number // len(views) % THREADS
        answer = views[name](batches[place])
        return all(
            key == other and np.allclose(answer[key], wanted[name][place][other], atol=1e-6)
            for key, other in zip(answer, wanted[name][place], strict=True)
        )

    with ThreadPoolExecutor(THREADS) as threads:
        right = list(threads.map(ask, range(THREADS * TIMES)))
    assert right.count(False) == 0
    for one, before in zip(model.get_weights(), weights, strict=True):
        np.testing.assert_array_equal(one, before)
