"""How builders compile: the optimizer where none is given, and its variables."""

from __future__ import annotations

from typing import Any

import keras

from seqkit.task.xla import checked_jit_compile

CLIPNORM = 1.0  # of all gradients together: one odd batch of a recurrent network cannot throw the weights far away


def clipped_adam(rate: Any = 0.001, **options: Any) -> keras.optimizers.Optimizer:
    """Adam of this rate or schedule; each gradient is clipped to norm 1 (Pascanu et al. 2013, algorithm 1)."""
    return keras.optimizers.Adam(rate, clipnorm=CLIPNORM, **options)


def compile_built(where: str, model: keras.Model, optimizer: Any, jit_compile: Any, **how: Any) -> None:
    """`compile` as builders do: `clipped_adam` where the optimizer is None, and a checked `jit_compile`."""
    optimizer = clipped_adam() if optimizer is None else optimizer
    model.compile(optimizer, **how, jit_compile=checked_jit_compile(where, jit_compile))
    model.optimizer.build(model.trainable_variables)  # otherwise Keras warns when it loads an unfitted model
