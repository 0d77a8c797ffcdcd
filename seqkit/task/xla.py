"""Training steps that XLA compiles, once for all batches of the full size."""

from __future__ import annotations

import inspect
from typing import Any

import keras

from seqkit._errors import InvalidValue
from seqkit.task.finite_steps import FiniteSteps

COMPILE = inspect.signature(keras.Model.compile)


def checked_jit_compile(where: str, jit_compile: Any) -> bool | str:
    """The `jit_compile` of a builder, one of Keras's three."""
    if isinstance(jit_compile, bool) or (isinstance(jit_compile, str) and jit_compile == "auto"):
        return jit_compile
    problem = f'jit_compile must be True, False or "auto", got {jit_compile!r}.'
    raise InvalidValue(where, problem, argument="jit_compile")


class XlaModel(FiniteSteps):
    """`keras.Model` whose `jit_compile=True` compiles one graph of the training step on TensorFlow.

    XLA compiles anew for each size of a batch, which takes seconds. The last batch of an epoch is often smaller, so it
    takes the same step without XLA; no sample is added or dropped. `evaluate` and `predict` stay without XLA: their
    numbers are those of any other model, and no answer waits for a compiler.
    """

    steps_by_xla = False
    jit_compile: Any  # a property of Keras's

    def compile(self, *args: Any, **kwargs: Any) -> None:
        """`keras.Model.compile`."""
        super().compile(*args, **kwargs)
        is_asked = COMPILE.bind(self, *args, **kwargs).arguments.get("jit_compile") is True
        # Keras has warned and set jit_compile to False where a layer, such as cuDNN's, cannot be compiled.
        self.steps_by_xla = is_asked and self.jit_compile and keras.backend.backend() == "tensorflow"
        if self.steps_by_xla:
            self.jit_compile = False  # of Keras's own graphs around the step
            self._prepare()

    def compile_from_config(self, config: dict[str, Any]) -> None:
        """`keras.Model.compile_from_config`, which does nothing where `compile` is not Keras's own."""
        self.compile(**keras.saving.deserialize_keras_object(config))
        self.optimizer.build(self.trainable_variables)

    def fit(self, *args: Any, **kwargs: Any) -> Any:
        """`keras.Model.fit`."""
        if self.steps_by_xla:
            self.__dict__["_largest_batch"].assign(0)  # another `fit` may have smaller batches
        return super().fit(*args, **kwargs)

    def train_step(self, *args: Any) -> Any:
        """`keras.Model.train_step`, by XLA where the batch is as large as the largest one of this `fit`."""
        plain_step = super().train_step
        if not self.steps_by_xla:
            return plain_step(*args)
        import tensorflow as tf

        largest, by_xla = self.__dict__["_largest_batch"], self.__dict__["_step_by_xla"]
        size = tf.shape(keras.tree.flatten(args)[0])[0]
        is_full = size >= largest
        largest.assign(tf.maximum(size, largest))
        return tf.cond(is_full, lambda: by_xla(*args), lambda: plain_step(*args))

    def _prepare(self) -> None:
        """Keep the compiled step, past Keras, which would take the variable for a weight."""
        import tensorflow as tf

        self.__dict__["_largest_batch"] = tf.Variable(0, trainable=False)
        self.__dict__["_step_by_xla"] = tf.function(super().train_step, jit_compile=True, reduce_retracing=True)


XlaModel.compile.__signature__ = COMPILE  # type: ignore[attr-defined]  # for `help`
