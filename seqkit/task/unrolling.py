"""Recurrent layers without their loops, while a recipe trains a small model on a CPU."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import keras

STEPS_THAT_PAY = 800  # gradient steps whose gain is about the time of tracing
LONGEST_UNROLLED = 64  # timesteps of the recurrent layers; each is traced


@contextlib.contextmanager
def unrolled(model: keras.Model) -> Iterator[None]:
    """Let what is traced here run the recurrent layers step after step, without TensorFlow's loop.

    A gradient step of a small model then takes about 0.7 of the time, and tracing two seconds more for 32 timesteps in
    two directions. The numbers are the same but for rounding. The timesteps must be fixed. On a GPU nothing changes,
    since cuDNN's kernel is quicker; nor on another backend.
    """
    layers = _looping_layers(model) if _has_slow_loops() else []
    for layer in layers:
        layer.unroll, layer.cell.call = True, _traced_once(layer.cell.call)
    try:
        yield
    finally:
        for layer in layers:
            layer.unroll = False
            del layer.cell.call  # its class has it


def _has_slow_loops() -> bool:
    """Whether the backend is TensorFlow, without a GPU."""
    return keras.backend.backend() == "tensorflow" and not has_gpu()


def has_gpu() -> bool:
    """Whether TensorFlow sees a GPU."""
    import tensorflow as tf

    return bool(tf.config.list_physical_devices("GPU"))


def _looping_layers(model: keras.Model) -> list[keras.layers.RNN]:
    return [layer for layer in model._flatten_layers() if isinstance(layer, keras.layers.RNN) and not layer.unroll]


def _traced_once(call: Callable[..., Any]) -> Callable[..., Any]:
    """The `call` of a cell as one function of the graph, so that its operations are traced once for all timesteps."""
    import tensorflow as tf

    graph = tf.function(call, autograph=False)
    return lambda inputs, states, training=False: graph(inputs, states, training=training)
