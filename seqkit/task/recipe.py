"""What recipes (`train_...`) share: seed, optimizer, rounds of training and validation, and copies of the weights.

A round is one or more times through the training samples, then one validation; it is one of Keras's epochs.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import keras
import numpy as np

from seqkit import _checks
from seqkit._errors import InvalidValue
from seqkit.task.averages import inner_optimizer, set_averages
from seqkit.task.compiling import clipped_adam

STEPS_AT_ONCE = 32
MOST_WEIGHTS_AT_ONCE = 200_000  # above, the arithmetic of a step takes so long that Keras's own part is small
COMPILED_FUNCTIONS = ("train_function", "test_function", "predict_function")  # of a Keras model
KEPT_FUNCTIONS = "kept_functions"
SEED_OF_A_CHECKPOINT = 0
PATIENCE, LEAST_PATIENCE = 6, 3  # looks without a new lowest loss that end a training: usual looks, and long ones
EMA_MOMENTUM = 0.98
EMA_MOMENTUM_RANGE = (0.98, 0.999)


class Rounds(NamedTuple):
    """How a recipe trains: at most `most` rounds, each of `passes` times through the training samples."""

    passes: int
    most: int


def rounds_within_steps(steps: int, epochs: int | None, *, between: int, most_steps: int, fewest: int) -> Rounds:
    """Rounds that end after `epochs`, or after `most_steps` where `epochs` is None.

    Args:
        steps: gradient steps in one time through the samples.
        epochs: most times through the samples, or None.
        between: gradient steps between two validations, about.
        most_steps: gradient steps in all.
        fewest: least number of rounds, as far as `epochs` allows.
    """
    passes = max(1, between // steps)
    if epochs is None:
        return Rounds(passes, max(fewest, most_steps // (passes * steps)))
    passes = min(passes, max(1, epochs // fewest))
    return Rounds(passes, max(1, epochs // passes))


def patience_of(steps: int, between: int) -> int:
    """The looks without a new lowest loss that end a training: the fewer, the longer they are.

    Args:
        steps: gradient steps between two looks.
        between: the usual number of them.
    """
    return int(np.clip(PATIENCE * between // steps, LEAST_PATIENCE, PATIENCE))


def rounds_within_epochs(steps: int, epochs: int, *, between: int) -> Rounds:
    """Rounds of equal size within `epochs`; a rest of `epochs` may stay unused."""
    most = -(-epochs // max(1, between // steps))
    return Rounds(epochs // most, most)


def passes_per_epoch(steps: int, epochs: int, *, between: int) -> int:
    """Times through the samples in one of Keras's epochs; it divides `epochs`.

    Each of Keras's epochs takes time beside its steps, so fewer and longer epochs are faster.
    """
    passes = max(1, min(epochs, between // steps))
    while epochs % passes:
        passes -= 1
    return passes


def epochs_without_validation(steps: int, epochs: int | None, *, most_steps: int) -> int:
    """Epochs of a short fixed training, for when no sample is held back."""
    default = max(1, most_steps // steps)
    return default if epochs is None else min(default, epochs)


@contextlib.contextmanager
def several_steps_at_once(model: keras.Model, *, keep: bool = False) -> Iterator[None]:
    """Let one call of a small model's graph take 32 gradient steps, within a recipe; the numbers are the same.

    Callbacks of batches are called once for all steps of a call. Afterwards the model is as the user compiled it. With
    `keep` it keeps the compiled functions for the next recipe that trains it.
    """
    usual = model.steps_per_execution
    if usual != 1 or model.run_eagerly or trained_numbers(model) > MOST_WEIGHTS_AT_ONCE:
        yield
        return
    _set_steps_at_once(model, STEPS_AT_ONCE, model.__dict__.pop(KEPT_FUNCTIONS, {}))
    try:
        yield
    finally:
        if keep:
            model.__dict__[KEPT_FUNCTIONS] = {name: getattr(model, name) for name in COMPILED_FUNCTIONS}
        _set_steps_at_once(model, usual, {})


def trained_numbers(model: keras.Model) -> int:
    """The numbers that training changes; those of a pretrained member beside them cost a step nothing."""
    return sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)


def _set_steps_at_once(model: keras.Model, steps: int, functions: Mapping[str, Any]) -> None:
    model.steps_per_execution = steps
    for name in COMPILED_FUNCTIONS:
        setattr(model, name, functions.get(name))  # Keras makes those anew that are None


def adam_averaging_steps(rate: Any = 0.001) -> keras.optimizers.Optimizer:
    """Adam with clipped gradients, whose weights are averaged over the latest steps (Polyak & Juditsky 1992)."""
    return clipped_adam(rate, use_ema=True, ema_momentum=EMA_MOMENTUM)


def adam_averaging_epoch(batch_size: int, samples: int, rate: Any = 0.001) -> keras.optimizers.Optimizer:
    """Adam of this rate or schedule, whose weights are averaged over about one time through the samples."""
    momentum = float(np.clip(1 - batch_size / samples, *EMA_MOMENTUM_RANGE))
    return clipped_adam(rate, use_ema=True, ema_momentum=momentum)


def averaging_callbacks(model: keras.Model) -> list[keras.callbacks.Callback]:
    """For `fit`: validate the averaged weights and keep them at the end of each epoch, if the optimizer averages."""
    return [keras.callbacks.SwapEMAWeights(swap_on_epoch=True)] if inner_optimizer(model).use_ema else []


def set_weights_and_averages(model: keras.Model, weights: list[np.ndarray]) -> None:
    """Set the weights, and set the optimizer's averages to them, so that a later `fit` goes on from there."""
    model.set_weights(weights)
    set_averages(model)


def set_seed(where: str, seed: Any, checkpoint: Any = None) -> Any:
    """Seed Python, NumPy and Keras, unless the seed is None; with a checkpoint it is then 0, to begin alike again.

    Returns:
        The seed.
    """
    if seed is None and checkpoint is not None:
        seed = SEED_OF_A_CHECKPOINT
    if seed is not None:
        keras.utils.set_random_seed(_checks.seed(where, seed))
    return seed


def learning_rate_callbacks(model: keras.Model, watched: str, factor: float) -> list[keras.callbacks.Callback]:
    """For `fit`: multiply the learning rate by `factor` after each epoch without a gain, unless it has a schedule."""
    if isinstance(inner_optimizer(model)._learning_rate, keras.optimizers.schedules.LearningRateSchedule):
        return []
    return [keras.callbacks.ReduceLROnPlateau(watched, mode="min", factor=factor, patience=1, min_delta=0)]


def refuse_divergence(where: str, losses: Any, way_out: str = "Pass an optimizer of smaller steps.") -> None:
    """Refuse training in which no loss is a finite number."""
    if not np.isfinite(losses).any():
        raise InvalidValue(where, "the loss is not a number from the first epoch on.", way_out)


def copied_optimizer(options: Mapping[str, Any]) -> Any:
    """The `optimizer` of a builder's options, or None; an object is copied, since it cannot train two models."""
    optimizer = options.get("optimizer")
    if isinstance(optimizer, keras.optimizers.Optimizer):
        return type(optimizer).from_config(optimizer.get_config())
    return optimizer


def recipe_optimizer(
    where: str, options: Mapping[str, Any], learning_rate: Any, make: Callable[..., keras.optimizers.Optimizer]
) -> Any:
    """The optimizer of a builder's options, else the one that `make` makes, of this learning rate if one is given."""
    given = copied_optimizer(options)
    if learning_rate is None:
        return make() if given is None else given
    if given is not None:
        problem = "learning_rate is that of the recipe's optimizer, and optimizer= is another one."
        raise InvalidValue(where, problem, "Give the optimizer its own learning rate.", argument="learning_rate")
    is_schedule = isinstance(learning_rate, keras.optimizers.schedules.LearningRateSchedule)
    return make(learning_rate if is_schedule else _checks.positive_number(where, "learning_rate", learning_rate))


def pick_samples(samples: Any, positions: np.ndarray) -> Any:
    """The samples at these positions, of an array or a list."""
    return samples[positions] if isinstance(samples, np.ndarray) else [samples[position] for position in positions]


def copy_state(model: keras.Model) -> list[np.ndarray]:
    """Copies of the variables of the model and of its optimizer."""
    return [np.array(variable) for variable in model.variables + model.optimizer.variables]


def restore_state(model: keras.Model, values: list[np.ndarray]) -> None:
    """Set the variables back to their copies; the compiled training step is not traced again."""
    for variable, value in zip(model.variables + model.optimizer.variables, values, strict=True):
        variable.assign(value)


def restarted(used: Any, fresh: Any) -> Any:
    """Return the used model in the state of the fresh one if their graphs are the same, else the fresh one."""
    if used is None or used.settings != fresh.settings or compiled_with(used) != compiled_with(fresh):
        return fresh
    restore_state(used, copy_state(fresh))
    return used


def compiled_with(model: keras.Model) -> dict[str, Any]:
    """Return the arguments of `compile`, without the optimizer's name, which Keras numbers."""
    options = dict(model.get_compile_config())
    optimizer = options["optimizer"]
    return {**options, "optimizer": {**optimizer, "config": {**optimizer["config"], "name": None}}}
