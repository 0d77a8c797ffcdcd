"""Recurrent layers without their loops: the same gradients, and the layers as they were afterwards."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from seqkit.layers import RecurrentStack
from seqkit.task.unrolling import unrolled

SERIES = np.random.default_rng(7).normal(size=(5, 3, 2)).astype("float32")


def small_model(cell):
    keras.utils.set_random_seed(7)
    inputs = keras.Input(SERIES.shape[1:])
    return keras.Model(inputs, RecurrentStack(2, cell, return_sequences=True)(inputs))


def traced_gradients(model):
    """The gradients as a new graph, and how many loops it has."""

    @tf.function(autograph=False)
    def gradients(series):
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(model(series, training=True) ** 2)
        return tape.gradient(loss, [weight.value for weight in model.trainable_weights])

    traced = gradients.get_concrete_function(tf.TensorSpec(SERIES.shape))
    loops = sum(node.op in ("While", "StatelessWhile") for node in traced.graph.as_graph_def().node)
    return traced(tf.constant(SERIES)), loops


@pytest.mark.parametrize("cell", ["simple_rnn", "gru", "lstm", "peephole_lstm"])
def test_without_loops_gradients_are_the_same_and_later_graphs_have_loops_again(cell):
    model = small_model(cell)
    with unrolled(model):
        straight, no_loops = traced_gradients(model)
    looping, loops = traced_gradients(model)
    assert (no_loops, loops) == (0, 2)  # forward and back
    for one, other in zip(straight, looping, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-7)


def test_an_error_leaves_the_layers_as_they_were():
    model = small_model("gru")
    with pytest.raises(RuntimeError, match="stop"), unrolled(model):
        raise RuntimeError("stop")
    assert traced_gradients(model)[1] == 2


def test_on_a_gpu_cudnn_keeps_its_place(monkeypatch):
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind=None: ["a GPU"])
    model = small_model("lstm")
    with unrolled(model):
        assert not model.layers[1].recurrent[0].unroll
