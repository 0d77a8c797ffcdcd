"""The gradients of a scalar function, on TensorFlow or JAX."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras


def gradients_of(where: str, function: Callable[[Any], Any], values: Any) -> Any:
    """The gradients of a scalar function by nested values, nested alike; zeros where it does not read them."""
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        with tf.GradientTape() as tape:
            tape.watch(values)
            result = function(values)
        return tape.gradient(result, values, unconnected_gradients=tf.UnconnectedGradients.ZERO)
    if keras.backend.backend() == "jax":
        import jax

        return jax.grad(function)(values)
    raise NotImplementedError(
        f"{where}: the backend {keras.backend.backend()!r} is not supported. Run with KERAS_BACKEND=tensorflow."
    )
