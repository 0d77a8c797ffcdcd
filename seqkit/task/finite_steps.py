"""Training steps that change nothing where the loss or a gradient is not finite."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

import keras

from seqkit._errors import SeqkitWarning, warn
from seqkit.task.averages import part_from_averages, set_first_averages

WAY_OUT = (
    "Look for NaN, infinite or very large numbers in the samples, answers and weights. Where there are none, pass an "
    "optimizer of smaller steps."
)


class FiniteSteps(keras.Model):
    """`keras.Model` that skips a training step whose loss, or the norm of whose gradients, is not finite in float32.

    One such step of Keras's makes every weight NaN for good. A skipped step leaves weights, averages, the optimizer,
    the states of layers, and the numbers of losses and metrics as they were. `fit` counts these steps and warns. An
    epoch of skipped steps alone has the loss NaN. Finite steps have the same numbers as Keras's.

    Keras's own step is left where Keras runs on JAX or PyTorch, under `tf.distribute`, and in mixed precision with
    float16, whose optimizer skips such steps itself.
    """

    def compile(self, *args: Any, **kwargs: Any) -> None:
        """`keras.Model.compile`."""
        super().compile(*args, **kwargs)
        if keras.backend.backend() == "tensorflow" and "_skipped" not in self.__dict__:
            import tensorflow as tf

            # Past Keras, which would take the variable for a weight. XLA on a GPU holds no int32 variables.
            self.__dict__["_skipped"] = tf.Variable(0, dtype=tf.int64, trainable=False)

    def fit(self, *args: Any, **kwargs: Any) -> Any:
        """`keras.Model.fit`; warns of skipped steps at the end."""
        before = self._skipped_steps()
        set_first_averages(self)
        try:
            history = super().fit(*args, **kwargs)
        finally:
            part_from_averages(self)
        self._warn_of_skipped("fit", before)
        return history

    def train_on_batch(self, *args: Any, **kwargs: Any) -> Any:
        """`keras.Model.train_on_batch`; warns where the step was skipped."""
        before = self._skipped_steps()
        logs = super().train_on_batch(*args, **kwargs)
        self._warn_of_skipped("train_on_batch", before)
        return logs

    def train_step(self, *args: Any) -> Any:
        """`keras.Model.train_step`, where the loss and the gradients are finite."""
        return self._finite_step(*args) if self._skips_steps() else super().train_step(*args)

    def get_metrics_result(self) -> Any:
        """`keras.Model.get_metrics_result`, which Keras asks at the end of an epoch."""
        results = super().get_metrics_result()
        if not self._skips_steps() or not _is_eager():
            return results
        return self._without_empty(results)

    def _skipped_steps(self) -> int:
        return int(self.__dict__["_skipped"].numpy()) if "_skipped" in self.__dict__ else 0

    def _warn_of_skipped(self, where: str, before: int) -> None:
        count = self._skipped_steps() - before
        if count:
            steps = "1 training step was" if count == 1 else f"{count} training steps were"
            warn(SeqkitWarning(where, f"{steps} skipped, because the loss or a gradient was not finite.", WAY_OUT))

    def _skips_steps(self) -> bool:
        if "_skipped" not in self.__dict__ or self._distribute_strategy is not None or not self.trainable_weights:
            return False
        return not isinstance(self.optimizer, (keras.optimizers.LossScaleOptimizer, type(None)))

    def _finite_step(self, data: Any) -> Any:
        """Keras's step in two parts: what it computes, and what it then changes."""
        import tensorflow as tf

        x, y, sample_weight = keras.utils.unpack_x_y_sample_weight(data)
        forward_changes = [*self.non_trainable_weights, *_variables_of_loss(self)]
        kept = [tf.identity(variable.value) for variable in forward_changes]
        with tf.GradientTape() as tape:
            y_pred = self(x, training=True) if self._call_has_training_arg else self(x)
            loss = self._compute_loss(x=x, y=y, y_pred=y_pred, sample_weight=sample_weight, training=True)
            scaled_loss = self.optimizer.scale_loss(loss)
        weights = self.trainable_weights
        gradients = tape.gradient(scaled_loss, weights)

        def take() -> Any:
            self._loss_tracker.update_state(loss, sample_weight=tf.shape(keras.tree.flatten(x)[0])[0])
            with _one_replica(self.optimizer):
                self.optimizer.apply_gradients(zip(gradients, weights, strict=True))
            return self.compute_metrics(x, y, y_pred, sample_weight=sample_weight)

        def skip() -> Any:
            for variable, value in zip(forward_changes, kept, strict=True):
                variable.assign(value)
            self.__dict__["_skipped"].assign_add(1)
            if self._compile_metrics is not None and not self._compile_metrics.built:  # the first batch of all
                self._compile_metrics.build(y, y_pred)
            return self._without_empty(self.get_metrics_result())

        return tf.cond(_all_finite(loss, gradients), take, skip)

    def _without_empty(self, results: Any) -> Any:
        """NaN instead of the 0 of losses and metrics that have taken in no batch of this epoch."""
        is_known = self._loss_tracker.count > 0
        return keras.tree.map_structure(lambda result: keras.ops.where(is_known, result, float("nan")), results)


@contextlib.contextmanager
def _one_replica(optimizer: Any) -> Iterator[None]:
    """Let the optimizer sum no gradients over replicas. TensorFlow keeps the graph of each such sum for good."""
    optimizer._all_reduce_sum_gradients = lambda gradients: gradients
    try:
        yield
    finally:
        del optimizer._all_reduce_sum_gradients


def _is_eager() -> bool:
    import tensorflow as tf

    return bool(tf.executing_eagerly())


def _variables_of_loss(model: keras.Model) -> list[Any]:
    """The losses of several outputs, which Keras takes in as it computes them; a model may have a loss of its own."""
    metrics = getattr(model._compile_loss, "metrics", [])
    return [variable for metric in metrics for variable in metric.variables]


def _all_finite(loss: Any, gradients: Sequence[Any]) -> Any:
    """Whether the loss and the sum of the squares of all gradients are finite."""
    import tensorflow as tf

    dtype = tf.float64 if loss.dtype == tf.float64 else tf.float32  # halves cannot hold the squares
    parts = [gradient.values if isinstance(gradient, tf.IndexedSlices) else gradient for gradient in gradients]
    squares = [tf.nn.l2_loss(tf.cast(part, dtype)) for part in parts if part is not None]
    return tf.math.is_finite(tf.add_n([tf.cast(loss, dtype), *squares]))
