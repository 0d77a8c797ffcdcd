"""What plain `fit` does where no optimizer was passed: the weights are averaged, and the learning rate falls."""

from __future__ import annotations

import math
from typing import Any

import keras
import numpy as np
from keras import ops

from seqkit.task.averages import inner_optimizer, set_averages, take_averages
from seqkit.task.compiling import CLIPNORM
from seqkit.task.fitting import with_callbacks

STEPS_AS_THEY_ARE = 256  # before them, a network has learnt too little for averages and small steps to help
GROWTH = 8  # of the averages' weights; about a ninth of all steps counts
LEAST_SHARE = 0.02  # of the first learning rate
RATE_CALLBACKS = (keras.callbacks.LearningRateScheduler, keras.callbacks.ReduceLROnPlateau)


@keras.saving.register_keras_serializable("seqkit")
class AveragingAdam(keras.optimizers.Adam):
    r"""Adam whose weights are averaged over about the latest ninth of all steps, however many there are.

        average_t = average_(t-1) + (weight_t - average_(t-1)) (g + 1) / (t + g)        g = 8

    with t = 1 up to step 256, where the averages are the weights themselves, and counted from there.

    This is polynomial-decay averaging (Shamir & Zhang 2013). A moving average of fixed length would not
    leave the first weights within a short training. `fit` leaves the averages as the weights.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Take the arguments of Keras's Adam; it always averages."""
        super().__init__(*args, **{**kwargs, "use_ema": True})

    def _update_model_variables_moving_average(self, trainable_variables: Any) -> None:
        steps = ops.maximum(ops.cast(self.iterations, "float32") + 2 - STEPS_AS_THEY_ARE, 1)
        share = (GROWTH + 1) / (steps + GROWTH)
        for weight, average in zip(trainable_variables, self._model_variables_moving_average, strict=True):
            kept = ops.cast(1 - share, average.dtype)
            average.assign(kept * average + (1 - kept) * weight)  # the weight itself, to the bit, where the share is 1


def averaging_adam(rate: float = 1e-3) -> keras.optimizers.Optimizer:
    """The optimizer of a builder whose plain `fit` averages the weights and lets the learning rate fall from `rate`."""
    return AveragingAdam(rate, clipnorm=CLIPNORM)


class AveragedWeights(keras.callbacks.Callback):
    """Validate, show and keep the averages of the weights; each epoch goes on from the weights themselves.

    Keras's `SwapEMAWeights` leaves the weights of the last step where `EarlyStopping` ends a training.
    """

    def __init__(self) -> None:
        """Hold no weights."""
        super().__init__()
        self.latest: list[np.ndarray] | None = None  # the weights themselves, while the model has their averages

    def on_train_begin(self, logs: Any = None) -> None:
        """Begin the averages anew from weights that were set since the last training."""
        set_averages(self.model)

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Go on from the weights."""
        if self.latest is not None:
            for weight, latest in zip(self.model.trainable_variables, self.latest, strict=True):
                weight.assign(latest)
            self.latest = None

    def on_test_begin(self, logs: Any = None) -> None:
        """Validate the averages."""
        self._take_averages()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Leave the averages for callbacks that keep the weights."""
        self._take_averages()

    def _take_averages(self) -> None:
        if self.latest is None:
            self.latest = [ops.convert_to_numpy(weight).copy() for weight in self.model.trainable_variables]
            take_averages(self.model)


class FallingRate(keras.callbacks.Callback):
    """Let the learning rate fall over the epochs of a `fit` as half a wave of a cosine (Loshchilov & Hutter 2017).

    The epochs that begin in the first 256 steps have the optimizer's own rate, which it has again after the last one.
    """

    def __init__(self) -> None:
        """Know no rate yet."""
        super().__init__()
        self.first: float | None = None

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Set the rate of this epoch."""
        optimizer = inner_optimizer(self.model)
        if self.first is None:
            self.first = float(optimizer.learning_rate)
        optimizer.learning_rate = self.first * max(LEAST_SHARE, self._share(epoch))

    def _share(self, epoch: int) -> float:
        whole = -(-STEPS_AS_THEY_ARE // (self.params["steps"] or STEPS_AS_THEY_ARE))  # epochs of the whole rate
        if epoch < whole:
            return 1.0
        return (1 + math.cos(math.pi * (epoch - whole + 1) / (self.params["epochs"] - whole + 1))) / 2

    def on_train_end(self, logs: Any = None) -> None:
        """Set the optimizer's own rate again."""
        if self.first is not None:
            inner_optimizer(self.model).learning_rate = self.first


def with_plain_callbacks(model: keras.Model, callbacks: Any) -> Any:
    """The user's callbacks behind those of a model whose optimizer is `AveragingAdam`, as far as they do not conflict.

    A callback of Keras's that sets the learning rate, or that swaps weights with their averages, takes the place of
    ours.
    """
    if not isinstance(inner_optimizer(model), AveragingAdam):
        return callbacks
    given = with_callbacks(getattr(callbacks, "callbacks", callbacks))
    added: list[keras.callbacks.Callback] = []
    if not any(isinstance(callback, keras.callbacks.SwapEMAWeights) for callback in given):
        added.append(AveragedWeights())
    if not any(isinstance(callback, RATE_CALLBACKS) for callback in given):
        added.append(FallingRate())
    return with_callbacks(callbacks, *added) if isinstance(callbacks, keras.callbacks.CallbackList) else added + given
