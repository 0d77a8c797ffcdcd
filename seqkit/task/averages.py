"""Averages of the weights that an optimizer keeps (Polyak & Juditsky 1992)."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


def inner_optimizer(model: keras.Model) -> keras.optimizers.Optimizer:
    """The optimizer; mixed precision wraps it in another optimizer, which scales the loss."""
    return getattr(model.optimizer, "inner_optimizer", model.optimizer)


def set_averages(model: keras.Model) -> None:
    """Set the averages to the weights, where the optimizer keeps any."""
    for weight, average in _pairs(model):
        average.assign(ops.copy(weight))  # JAX gives each buffer away once, and both would be one


def take_averages(model: keras.Model) -> None:
    """Set the weights to their averages, where the optimizer keeps any."""
    for weight, average in _pairs(model):
        weight.assign(ops.copy(average))


def part_from_averages(model: keras.Model) -> None:
    """Give each weight an array of its own where Keras's `fit` left it that of its average.

    Keras on JAX gives a weight's array away at the next step of `fit`, `evaluate` or `predict`, and the average would
    be lost with it.
    """
    for weight, average in _pairs(model):
        if weight.value is average.value:
            weight.assign(ops.copy(average))


def _pairs(model: keras.Model) -> list[tuple[Any, Any]]:
    """Each weight that is trained, with its average."""
    optimizer = inner_optimizer(model)
    if not (getattr(optimizer, "use_ema", False) and optimizer.built):
        return []
    return list(zip(optimizer._trainable_variables, optimizer._model_variables_moving_average, strict=True))


def set_first_averages(model: keras.Model) -> None:
    """Set the averages to the weights before the first step; Keras's zeros would stay where each step is skipped."""
    if model.optimizer is not None and int(inner_optimizer(model).iterations) == 0:
        set_averages(model)
