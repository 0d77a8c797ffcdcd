"""Scheduled sampling: in training the decoder is told its own answers now and then, more often as it goes on."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers, ops

from seqkit.text.vocabulary import PADDING


@keras.saving.register_keras_serializable("seqkit")
class ScheduledSampling(layers.Layer):
    """Put the model's own answers in the place of some of what it is told was said before, in training alone.

    Bengio et al. 2015: each step's input is the model's own with a probability, which grows as training goes on. Here
    in two passes (Mihaylova & Martins 2019): the answers are those of a first pass that was told the right ones
    throughout, so that no step has to wait for the one before. No gradient goes through them.

    Shapes: said `[B, T]` numbers of words, or values `[B, T, K]`; scores or values of the first pass `[B, T, K]`;
    what the second pass is told, like said.
    """

    def __init__(self, **kwargs: Any) -> None:
        """Begin with a probability of 0; `fit` raises it."""
        super().__init__(**kwargs)
        self.seed_generator = keras.random.SeedGenerator()

    def build(self, said_shape: Any, answers_shape: Any) -> None:
        """Make the probability, which is not trained."""
        self.probability = self.add_weight(shape=(), initializer="zeros", trainable=False, name="probability")
        self.built = True

    def call(self, said: Any, answers: Any, training: bool | None = None) -> Any:
        """Mix."""
        if not training:
            return said
        own = ops.stop_gradient(answers)
        if len(said.shape) == 2:
            own = ops.cast(ops.argmax(own, axis=-1), said.dtype)  # (B, T)
        own = ops.concatenate([said[:, :1], own[:, :-1]], axis=1)  # the answer to one step is said before the next
        drawn = keras.random.uniform(ops.shape(said)[:2], seed=self.seed_generator) < self.probability
        if len(said.shape) == 2:
            drawn = ops.logical_and(drawn, ops.not_equal(said, PADDING))
        else:
            drawn = ops.expand_dims(drawn, -1)
        return ops.where(drawn, own, said)

    def compute_output_shape(self, said_shape: Any, answers_shape: Any) -> Any:
        """As what was said."""
        return said_shape


class RisingProbability(keras.callbacks.Callback):
    """Nothing in the first of several epochs, all of it in the last (Bengio et al. 2015, section 2.4, linear)."""

    def __init__(self, layer: ScheduledSampling, most: float, epochs: int) -> None:
        """Keep the choices."""
        super().__init__()
        self._layer, self._most, self._epochs = layer, most, epochs

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Raise it."""
        self._layer.probability.assign(self._most * (epoch / (self._epochs - 1) if self._epochs > 1 else 1.0))
