"""What the served graphs of tasks share: checks of series inside the graph, and an example at the training's level.

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

BAD_SERIES = "series has missing or infinite values, or NaN elsewhere than at the end of a sample"


def example_series(model: keras.Model, timesteps: int, features: int) -> np.ndarray:
    """Two series `[2, T, F]` at the level of the training series, where the model knows it."""
    standardised = np.random.default_rng(0).normal(size=(2, timesteps, features))
    scaling = model.get_layer("scaling")
    if isinstance(scaling, StandardScaling):
        standardised = standardised * ops.convert_to_numpy(scaling.spread) + ops.convert_to_numpy(scaling.mean)
    return standardised.astype("float32")


def checked_series(series: tf.Tensor, *, gaps: bool = False, any_length: bool = True) -> tf.Tensor:
    """The same series, or a refusal by whoever serves the graph.

    Args:
        series: `[B, T, F]`.
        gaps: whether NaN may stand anywhere, as long as one step is whole.
        any_length: whether NaN may fill up the end of a sample.
    """
    import tensorflow as tf

    known = tf.reduce_all(tf.math.is_finite(series), axis=-1)
    if gaps:
        right = tf.reduce_any(known, axis=1) & ~tf.reduce_any(tf.math.is_inf(series), axis=[1, 2])
    elif any_length:  # NaN at the end alone, and something before it
        filled = tf.reduce_all(tf.math.is_nan(series), axis=-1)
        steps = tf.cast(known, tf.int32)
        in_order = tf.reduce_all(steps[:, 1:] <= steps[:, :-1], axis=1)
        right = known[:, 0] & tf.reduce_all(known | filled, axis=1) & in_order
    else:
        right = tf.reduce_all(known, axis=1)
    asked = tf.debugging.Assert(tf.reduce_all(right), [BAD_SERIES])
    with tf.control_dependencies([asked]):
        return tf.identity(series)
