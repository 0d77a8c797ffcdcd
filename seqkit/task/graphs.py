"""Compiled graphs for answers (decoding, tags, next words), beside the graph that trains; each is compiled once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from seqkit.task.finite_weights import checked_answer
from seqkit.task.forked import refuse_in_a_fork

if TYPE_CHECKING:
    import tensorflow as tf

Answer = Callable[[Any], Any]  # takes one array, or a dict or tuple of arrays; returns tensors


class Graphs:
    """The compiled answers of a model, one for each choice; they are not saved with the model."""

    def __init__(self, model: keras.Model) -> None:
        """Keep the model whose layers the answers use; nothing is compiled yet."""
        self._model = model
        self._compiled: dict[Hashable, Answer] = {}
        self._traced: dict[Hashable, TracedOnce] = {}
        self._choosing = threading.Lock()

    def compiled(self, choice: Hashable, answer: Answer, fixed_axes: int = 0, signature: Any = None) -> Answer:
        """The compiled `answer`, kept under `choice`; it takes NumPy arrays and returns NumPy arrays.

        A model whose weights are not finite is refused.

        Args:
            choice: names this answer among the model's answers, such as the beam.
            answer: takes one array, or a dict or tuple of arrays; returns tensors.
            fixed_axes: how many of the last axes of each array always have the same size; the others, and the first
                one, that of the samples, may have any.
            signature: the `tf.TensorSpec`s of the arrays, instead of `fixed_axes`.
        """
        with self._choosing:
            if choice not in self._compiled:
                if keras.backend.backend() == "tensorflow":
                    self._traced[choice] = TracedOnce(answer, fixed_axes, signature)
                    self._compiled[choice] = self._checked(self._traced[choice])
                else:
                    self._compiled[choice] = self._checked(_compiled_by_keras(self._model, answer))
        return self._compiled[choice]

    def made_once(self, choice: Hashable, make: Callable[[], Answer], fixed_axes: int = 0) -> Answer:
        """The compiled answer of this choice; `make` is called for the first one alone."""
        known = self._compiled.get(choice)
        return self.compiled(choice, make(), fixed_axes) if known is None else known

    def traced(self, choice: Hashable) -> Answer | None:
        """The graph of TensorFlow behind a compiled answer, which takes and returns tensors; None before a first call.

        It is a part of another graph that is traced on the same kind of device: on a GPU it may hold cuDNN's kernels.
        """
        known = self._traced.get(choice)
        return None if known is None else known.graph

    def _checked(self, answer: Answer) -> Answer:
        return lambda arrays: checked_answer(self._model, answer(arrays))


class TracedOnce:
    """A function that traces `answer` at its first call, for arrays of all sizes; of arrays and to arrays of NumPy."""

    def __init__(self, answer: Answer, fixed_axes: int, signature: Any) -> None:
        """Trace nothing yet; the arguments are those of `Graphs.compiled`."""
        self.graph: Any = None
        self._answer, self._fixed_axes, self._signature = answer, fixed_axes, signature
        self._tracing = threading.Lock()

    def __call__(self, arrays: Any) -> Any:
        """The answer to arrays."""
        import tensorflow as tf

        refuse_in_a_fork("the model")
        if isinstance(arrays, np.ndarray):
            tensors = tf.convert_to_tensor(arrays)
        else:
            tensors = tf.nest.map_structure(tf.convert_to_tensor, arrays)
        with self._tracing:
            if self.graph is None:
                self.graph = self._traced_for(tensors)
        answers = self.graph(tensors)
        if isinstance(answers, tf.Tensor):
            return answers.numpy()
        return tf.nest.map_structure(lambda tensor: tensor.numpy(), answers)

    def _traced_for(self, tensors: Any) -> Any:
        import tensorflow as tf

        any_size = tf.nest.map_structure(lambda tensor: _spec_of_any_size(tensor, self._fixed_axes), tensors)
        specs = [any_size if self._signature is None else self._signature]
        return tf.function(self._answer, input_signature=specs, autograph=False).get_concrete_function()


def _spec_of_any_size(tensor: tf.Tensor, fixed_axes: int) -> tf.TensorSpec:
    import tensorflow as tf

    free_axes = min(max(tensor.ndim - fixed_axes, 1), tensor.ndim)  # the first axis is that of the samples
    return tf.TensorSpec([None] * free_axes + list(tensor.shape[free_axes:]), tensor.dtype)


class _AnswerModel(keras.Model):
    """A function of a model's layers as a model, so that Keras compiles it."""

    def __init__(self, owner: keras.Model, answer: Answer) -> None:
        super().__init__()
        self.owner, self._answer = owner, answer
        self.built = True

    def call(self, inputs: Any) -> Any:
        return self._answer(inputs)


def _compiled_by_keras(model: keras.Model, answer: Answer) -> Answer:
    answer_model = _AnswerModel(model, answer)

    def answered(arrays: Any) -> Any:
        arrays = keras.tree.map_structure(np.asarray, arrays)  # JAX refuses the tensors of a tf.data batch
        return keras.tree.map_structure(np.asarray, answer_model.predict_on_batch(arrays))

    return answered
