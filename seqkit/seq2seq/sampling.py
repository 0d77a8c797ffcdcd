"""Scheduled sampling: in training, some of the decoder's inputs are its own predictions, more of them in each epoch."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers, ops

from seqkit.text.vocabulary import PADDING


@keras.saving.register_keras_serializable("seqkit")
class ScheduledSampling(layers.Layer):
    """Replace some of the previous tokens or values by the model's own predictions, in training alone.

    Bengio et al. 2015: each timestep's input is the model's own prediction with a probability that grows during
    training. This layer uses two passes (Mihaylova & Martins 2019): the predictions are those of a first pass by
    teacher forcing, so that no timestep waits for the one before. They carry no gradient.

    Shapes: previous tokens `[B, T]` or values `[B, T, K]`; predictions of the first pass, which are scores or values,
    `[B, T, K]`; the output has the shape of the previous tokens or values.
    """

    def __init__(self, **kwargs: Any) -> None:
        """Start with a probability of 0; `fit` raises it."""
        super().__init__(**kwargs)
        self.seed_generator = keras.random.SeedGenerator()

    def build(self, previous_shape: Any, predictions_shape: Any) -> None:
        """Make the probability, which is not trained."""
        self.probability = self.add_weight(shape=(), initializer="zeros", trainable=False, name="probability")
        self.built = True

    def call(self, previous: Any, predictions: Any, training: bool | None = None) -> Any:
        """Mix the previous tokens or values with the predictions."""
        if not training:
            return previous
        is_text = len(previous.shape) == 2
        predictions = ops.stop_gradient(predictions)
        if is_text:
            predictions = ops.cast(ops.argmax(predictions, axis=-1), previous.dtype)  # (B, T)
        # The prediction of one timestep is the input of the next.
        predictions = ops.concatenate([previous[:, :1], predictions[:, :-1]], axis=1)
        is_replaced = keras.random.uniform(ops.shape(previous)[:2], seed=self.seed_generator) < self.probability
        if is_text:
            is_replaced = ops.logical_and(is_replaced, ops.not_equal(previous, PADDING))
        else:
            is_replaced = ops.expand_dims(is_replaced, -1)
        return ops.where(is_replaced, predictions, previous)

    def compute_output_shape(self, previous_shape: Any, predictions_shape: Any) -> Any:
        """The shape of the previous tokens or values."""
        return previous_shape

    def compute_output_spec(self, previous: Any, predictions: Any, training: bool | None = None) -> Any:
        """The shape and the type of the previous tokens or values."""
        return keras.KerasTensor(previous.shape, previous.dtype)


class RisingProbability(keras.callbacks.Callback):
    """Raise the probability linearly, from 0 in the first epoch to `most` in the last.

    This is the linear schedule of Bengio et al. 2015, section 2.4. A single epoch has the probability `most`.
    """

    def __init__(self, layer: ScheduledSampling, most: float, epochs: int) -> None:
        """Keep the arguments."""
        super().__init__()
        self._layer, self._most, self._epochs = layer, most, epochs

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Set the probability of this epoch."""
        self._layer.probability.assign(self._most * (epoch / (self._epochs - 1) if self._epochs > 1 else 1.0))
