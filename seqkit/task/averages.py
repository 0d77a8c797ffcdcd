"""Averages of the weights that an optimizer keeps (Polyak & Juditsky 1992)."""

from __future__ import annotations

import keras


def inner_optimizer(model: keras.Model) -> keras.optimizers.Optimizer:
    """The optimizer; mixed precision wraps it in another optimizer, which scales the loss."""
    return getattr(model.optimizer, "inner_optimizer", model.optimizer)


def set_averages(model: keras.Model) -> None:
    """Set the averages to the weights, where the optimizer keeps any."""
    optimizer = inner_optimizer(model)
    if getattr(optimizer, "use_ema", False) and optimizer.built:
        pairs = zip(optimizer._trainable_variables, optimizer._model_variables_moving_average, strict=True)
        for variable, average in pairs:
            average.assign(variable)


def set_first_averages(model: keras.Model) -> None:
    """Set the averages to the weights before the first step; Keras's zeros would stay where each step is skipped."""
    if model.optimizer is not None and int(inner_optimizer(model).iterations) == 0:
        set_averages(model)
