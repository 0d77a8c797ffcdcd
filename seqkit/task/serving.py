"""What the served graphs of all tasks share: checks of series inside the graph, and an example for the parity check.

Shapes: B samples, T timesteps, F features.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import keras
import numpy as np
from keras import ops

from seqkit.layers.scaling import StandardScaling

if TYPE_CHECKING:
    import tensorflow as tf

BAD_SERIES_MESSAGE = "series has missing or infinite values, or NaN elsewhere than at the end of a sample"


def example_series(scaling: keras.Layer, timesteps: int, features: int) -> np.ndarray:
    """Two random series `[2, T, F]`, with the mean and spread of the training series where `scaling` holds them."""
    series = np.random.default_rng(0).normal(size=(2, timesteps, features))
    if isinstance(scaling, StandardScaling):
        series = series * ops.convert_to_numpy(scaling.spread) + ops.convert_to_numpy(scaling.mean)
    return series.astype("float32")


def any_sizes(name: str, axes: int) -> tf.TensorSpec:
    """A batch of arrays of any size: a signature that names sizes does not refuse others, so `of_sizes` does."""
    import tensorflow as tf

    return tf.TensorSpec((None,) * (1 + axes), tf.float32, name=name)


def of_sizes(arrays: tf.Tensor, *axes: int | None) -> tf.Tensor:
    """The same arrays `[B, *axes]`; the served graph refuses other sizes, in the order of the axes. None allows any."""
    import tensorflow as tf

    wanted = ", ".join("any" if size is None else str(size) for size in axes)
    checks = [
        tf.debugging.assert_equal(tf.shape(arrays)[axis], size, message=f"each must have the shape ({wanted})")
        for axis, size in enumerate(axes, start=1)
        if size is not None
    ]
    with tf.control_dependencies(checks):
        return tf.ensure_shape(tf.identity(arrays), (None, *axes))


def checked_series(series: tf.Tensor, *, gaps: bool = False, any_length: bool = True) -> tf.Tensor:
    """The same series; the served graph refuses series that the model cannot read.

    Args:
        series: `[B, T, F]`.
        gaps: NaN may stand anywhere, if one timestep or more is complete.
        any_length: NaN may pad the end of a sample.
    """
    import tensorflow as tf

    is_complete = tf.reduce_all(tf.math.is_finite(series), axis=-1)  # (B, T)
    if gaps:
        is_valid = tf.reduce_any(is_complete, axis=1) & ~tf.reduce_any(tf.math.is_inf(series), axis=[1, 2])
    elif any_length:  # one complete timestep or more, then NaN alone
        is_padding = tf.reduce_all(tf.math.is_nan(series), axis=-1)
        steps = tf.cast(is_complete, tf.int32)
        ends_once = tf.reduce_all(steps[:, 1:] <= steps[:, :-1], axis=1)
        is_valid = is_complete[:, 0] & tf.reduce_all(is_complete | is_padding, axis=1) & ends_once
    else:
        is_valid = tf.reduce_all(is_complete, axis=1)
    check = tf.debugging.Assert(tf.reduce_all(is_valid), [BAD_SERIES_MESSAGE])
    with tf.control_dependencies([check]):
        return tf.identity(series)
