"""LiteRT (TensorFlow Lite): how a function of TensorFlow becomes such a file, and what its interpreter answers."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from unittest import mock

import numpy as np


def converted(function: Any, signature: Sequence[Any], description: Mapping[str, Any]) -> bytes:
    """The file, of LiteRT's own operations alone; `description` has no place in it."""
    import tensorflow as tf

    with _plain_sums():
        graph = function.get_concrete_function(*signature)
    holder = tf.Module()
    holder.variables_of_graph = list(graph.graph.variables)  # the converter looks for them on this object
    return bytes(tf.lite.TFLiteConverter.from_concrete_functions([graph], holder).convert())


def answers(content: bytes, inputs: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """What TensorFlow's own interpreter answers with the file."""
    import tensorflow as tf

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", ".*tf.lite.Interpreter is deprecated", UserWarning)
        interpreter = tf.lite.Interpreter(model_content=content)
    return {name: np.asarray(output) for name, output in interpreter.get_signature_runner()(**inputs).items()}


@contextlib.contextmanager
def _plain_sums() -> Iterator[None]:
    """Trace sums as sums: Keras writes some over the second axis as `BiasAdd`, which LiteRT has for images alone."""
    import tensorflow as tf

    def add(value: Any, bias: Any, data_format: str | None = None, name: str | None = None) -> Any:
        if data_format == "NCHW":
            bias = tf.reshape(bias, [-1, *[1] * (value.shape.rank - 2)])
        return tf.add(value, bias, name=name)

    with mock.patch.object(tf.nn, "bias_add", add):
        yield
