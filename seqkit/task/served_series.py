"""Series in a served graph: what a live model refuses is refused in its words.

Shapes: B samples, T timesteps, F features.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from seqkit._guards import guarded, is_infinite
from seqkit._refusals import Refusal
from seqkit.data.series import (
    FILL_OR_MASK,
    INFINITE,
    MISSING,
    NO_COMPLETE_STEP,
    NO_SAMPLES,
    NOTHING,
    NOTHING_KNOWN,
    OTHER_FEATURES,
    OTHER_LENGTH,
)

if TYPE_CHECKING:
    import tensorflow as tf


def any_sizes(name: str, axes: int) -> tf.TensorSpec:
    """A batch of arrays of any size: a signature that names sizes does not refuse others, so the graph does."""
    import tensorflow as tf

    return tf.TensorSpec((None,) * (1 + axes), tf.float32, name=name)


def checked_series(
    series: tf.Tensor,
    features: int,
    timesteps: int | None = None,
    *,
    missing: str = "refuse",
    way_out: str = FILL_OR_MASK,
    other_length: Refusal = OTHER_LENGTH,
) -> tf.Tensor:
    """The same series; the served graph refuses series that the model cannot read.

    Args:
        series: `[B, T, F]`; NaN pads the end of a sample.
        features: F.
        timesteps: T of all samples, or None for any.
        missing: "mask" where NaN may stand anywhere, if one timestep or more is complete.
        way_out: what to do about missing values.
        other_length: the words of a sample that has not `timesteps`.
    """
    import tensorflow as tf

    series = guarded(NO_SAMPLES, series, tf.equal(tf.shape(series)[0], 0))
    came = tf.shape(series)[2]
    series = guarded(OTHER_FEATURES, series, came != features, position=0, came=came, features=features, hint="")
    sample, step = tf.range(tf.shape(series)[0]), tf.range(tf.shape(series)[1])[None]
    steps = _lengths(series)
    nothing = tf.gather(tf.constant(NOTHING), tf.cast(tf.size(step) > 0, tf.int32))
    series = guarded(NOTHING_KNOWN, series, steps < 1, position=sample, nothing=nothing)
    each = {"position": sample[:, None, None], "step": step[..., None], "feature": tf.range(features)}
    series = guarded(INFINITE, series, is_infinite(series), **each)
    is_missing = tf.reduce_any(tf.math.is_nan(series), axis=-1)  # (B, T)
    if missing == "refuse":
        is_wrong = is_missing & (step < steps[:, None])
        series = guarded(MISSING, series, is_wrong, position=sample[:, None], step=step, way_out=way_out)
    else:
        series = guarded(NO_COMPLETE_STEP, series, tf.reduce_all(is_missing, axis=1), position=sample)
    if timesteps is not None:
        is_other = (steps != timesteps) | (tf.size(step) != timesteps)
        series = guarded(other_length, series, is_other, position=sample, steps=steps, timesteps=timesteps)
    return tf.ensure_shape(series, (None, timesteps, features))


def _lengths(series: tf.Tensor) -> tf.Tensor:
    """The timesteps of each sample `[B]`, without NaN at its end."""
    import tensorflow as tf

    is_step = ~tf.reduce_all(tf.math.is_nan(series), axis=-1)
    ends = tf.where(is_step, tf.range(1, tf.shape(series)[1] + 1)[None], 0)
    return tf.maximum(tf.reduce_max(ends, axis=1), 0)
