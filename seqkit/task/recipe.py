"""What recipes share: seed, optimizer, samples by position, and going back to the first weights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np

from seqkit import _checks

WEIGHTS_MEMORY = 0.98  # of the moving average of the weights
MEMORY = (0.98, 0.999)  # of the moving average that follows how many samples there are


def steadied_adam() -> keras.optimizers.Optimizer:
    """Adam whose weights are averaged over the latest steps (Polyak & Juditsky 1992), with clipped gradients."""
    return keras.optimizers.Adam(clipnorm=1.0, use_ema=True, ema_momentum=WEIGHTS_MEMORY)


def averaging_adam(batch_size: int, samples: int, rate: Any = 0.001) -> keras.optimizers.Optimizer:
    """Adam of this rate or schedule whose weights are averaged over about the last time through the samples."""
    memory = float(np.clip(1 - batch_size / samples, *MEMORY))
    return keras.optimizers.Adam(rate, clipnorm=1.0, use_ema=True, ema_momentum=memory)


def averages(model: keras.Model) -> list[keras.callbacks.Callback]:
    """For `fit`: at the end of an epoch and in validation the weights are the averages, if the optimizer has any."""
    return [keras.callbacks.SwapEMAWeights(swap_on_epoch=True)] if _unwrapped(model).use_ema else []


def keep(model: keras.Model, weights: list[np.ndarray]) -> None:
    """Set the weights, and let the optimizer's averages go on from them."""
    model.set_weights(weights)
    optimizer = _unwrapped(model)
    if optimizer.use_ema:
        own = optimizer._trainable_variables, optimizer._model_variables_moving_average
        for variable, average in zip(*own, strict=True):
            average.assign(variable)


def _unwrapped(model: keras.Model) -> keras.optimizers.Optimizer:
    """The optimizer itself, which mixed precision wraps in another that scales the loss."""
    return getattr(model.optimizer, "inner_optimizer", model.optimizer)


def begin(where: str, seed: Any) -> None:
    """Seed Python, NumPy and Keras, if there is a seed."""
    if seed is not None:
        keras.utils.set_random_seed(_checks.seed(where, seed))


def smaller_steps(model: keras.Model, watched: str, factor: float) -> list[keras.callbacks.Callback]:
    """For `fit`: smaller steps after each epoch without a gain, unless the optimizer has a schedule of its own."""
    if isinstance(_unwrapped(model)._learning_rate, keras.optimizers.schedules.LearningRateSchedule):
        return []
    return [keras.callbacks.ReduceLROnPlateau(watched, mode="min", factor=factor, patience=1, min_delta=0)]


def refuse_divergence(where: str, losses: Any, way_out: str = "Pass an optimizer of smaller steps.") -> None:
    """ValueError where no loss is a number."""
    if not np.isfinite(losses).any():
        raise ValueError(f"{where}: the loss is not a number from the first epoch on. {way_out}")


def own_optimizer(options: Mapping[str, Any]) -> Any:
    """The optimizer among the builder's options, if any: a copy, for one object cannot train two models."""
    given = options.get("optimizer")
    return type(given).from_config(given.get_config()) if isinstance(given, keras.optimizers.Optimizer) else given


def pick(samples: Any, positions: np.ndarray) -> Any:
    """An array's or a list's samples at these positions."""
    return samples[positions] if isinstance(samples, np.ndarray) else [samples[position] for position in positions]


def state(model: keras.Model) -> list[np.ndarray]:
    """Copies of the weights and of the optimizer's own variables, before any step."""
    return [np.array(variable) for variable in model.variables + model.optimizer.variables]


def set_state(model: keras.Model, values: list[np.ndarray]) -> None:
    """Go back to the copies; the compiled step is kept, which saves tracing it again."""
    for variable, value in zip(model.variables + model.optimizer.variables, values, strict=True):
        variable.assign(value)
