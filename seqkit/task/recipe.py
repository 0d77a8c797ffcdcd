"""What recipes share: seed, optimizer, samples by position, and going back to the first weights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import keras
import numpy as np

from seqkit import _checks
from seqkit._errors import InvalidValue

WEIGHTS_MEMORY = 0.98  # of the moving average of the weights
MEMORY = (0.98, 0.999)  # of the moving average that follows how many samples there are


class Looks(NamedTuple):
    """How a recipe counts: a look at the samples held back after every `passes` times through the others."""

    passes: int
    most: int  # looks


def looks_within_steps(steps: int, epochs: int | None, *, between: int, most_steps: int, fewest: int) -> Looks:
    """Looks that end after so many gradient steps, or after so many epochs where these are given.

    Args:
        steps: gradient steps in an epoch.
        epochs: most epochs, or None.
        between: gradient steps between two looks, about.
        most_steps: gradient steps in all, without `epochs`.
        fewest: looks that there are at least, as far as `epochs` allows.
    """
    passes = max(1, between // steps)
    if epochs is None:
        return Looks(passes, max(fewest, most_steps // (passes * steps)))
    passes = min(passes, max(1, epochs // fewest))
    return Looks(passes, max(1, epochs // passes))


def looks_within_epochs(steps: int, epochs: int, *, between: int) -> Looks:
    """Looks over so many epochs, about evenly, whose number of passes divides them up to a rest."""
    most = -(-epochs // max(1, between // steps))
    return Looks(epochs // most, most)


def whole_passes(steps: int, epochs: int, *, between: int) -> int:
    """Times through the samples in one of Keras's epochs, which cost time beside their steps; it divides `epochs`."""
    passes = max(1, min(epochs, between // steps))
    while epochs % passes:
        passes -= 1
    return passes


def unvalidated_epochs(steps: int, epochs: int | None, *, most_steps: int) -> int:
    """Epochs of a short fixed training, where no sample is held back."""
    usual = max(1, most_steps // steps)
    return usual if epochs is None else min(usual, epochs)


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
        raise InvalidValue(where, "the loss is not a number from the first epoch on.", way_out)


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
