"""Graphs that answer beside the one that trains: decoding, tags, next words; each is compiled once and kept."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

if TYPE_CHECKING:
    import tensorflow as tf

Answer = Callable[[Any], Any]  # from one array, or a dict or tuple of arrays, to tensors


class Graphs:
    """The compiled answers of a model, one for each choice; no part of the model that is saved."""

    def __init__(self, model: keras.Model) -> None:
        """Remember whose layers the answers use; nothing is compiled yet."""
        self._model = model
        self._compiled: dict[Hashable, Answer] = {}

    def of(self, choice: Hashable, answer: Answer, fixed_axes: int = 0) -> Answer:
        """A compiled `answer`, kept under `choice`; it takes arrays and returns arrays of NumPy.

        Args:
            choice: what tells this answer from the model's others, such as a beam.
            answer: from one array, or a dict or tuple of arrays, to tensors.
            fixed_axes: last axes of each array that always have the same size; all others may have any.
        """
        if choice not in self._compiled:
            if keras.backend.backend() == "tensorflow":
                self._compiled[choice] = _traced_once(answer, fixed_axes)
            else:
                self._compiled[choice] = _compiled_by_keras(self._model, answer)
        return self._compiled[choice]


def _traced_once(answer: Answer, fixed_axes: int) -> Answer:
    """Trace it at the first call, for all sizes."""
    import tensorflow as tf

    traced: list[Any] = []

    def run(arrays: Any) -> Any:
        tensors = tf.nest.map_structure(tf.convert_to_tensor, arrays)
        if not traced:
            signature = tf.nest.map_structure(lambda one: _any_size(one, fixed_axes), tensors)
            traced.append(tf.function(answer, input_signature=[signature]).get_concrete_function())
        return tf.nest.map_structure(lambda one: one.numpy(), traced[0](tensors))

    return run


def _any_size(tensor: tf.Tensor, fixed_axes: int) -> tf.TensorSpec:
    import tensorflow as tf

    free = max(tensor.ndim - fixed_axes, 0)
    return tf.TensorSpec([None] * free + list(tensor.shape[free:]), tensor.dtype)


class _Answering(keras.Model):
    """A function of a model's layers as a model of its own, so that Keras compiles it."""

    def __init__(self, owner: keras.Model, answer: Answer) -> None:
        super().__init__()
        self.owner, self._answer = owner, answer
        self.built = True

    def call(self, inputs: Any) -> Any:
        return self._answer(inputs)


def _compiled_by_keras(model: keras.Model, answer: Answer) -> Answer:
    answering = _Answering(model, answer)
    return lambda arrays: keras.tree.map_structure(np.asarray, answering.predict_on_batch(arrays))
