"""What a served forecaster refuses of the inputs beside the past, in the words of the live model.

Shapes: B samples, H horizon, F2 columns that are known ahead, F3 columns with one value a series.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from seqkit._guards import guarded, shape_as_text
from seqkit._refusals import Refusal
from seqkit.forecasting.settings import ForecasterSettings

if TYPE_CHECKING:
    import tensorflow as tf

OTHER_FUTURE = Refusal(
    "future must have the shape ({samples}, {horizon}, {columns}), [samples of past, horizon, future columns], got "
    "{came}."
)
OTHER_STATIC = Refusal(
    "static must have the shape ({samples}, {columns}), [samples of past, static columns], got {came}."
)
UNKNOWN_STATIC = Refusal(
    "static has no finite value in column {column}, sample {sample}.", "It must be known of each series."
)
UNKNOWN_FUTURE = Refusal(
    "future has no finite value in column {column}, sample {sample}, step {step}.", "The future columns must be known."
)
NOT_POSITIVE_FUTURE = Refusal(
    "a log needs values above zero, got {value} in future, column {column}, sample {sample}, step {step}."
)


def checked_static(settings: ForecasterSettings, static: tf.Tensor, samples: tf.Tensor) -> tf.Tensor:
    """The same static numbers `[B, F3]`; the served graph refuses another shape, and values that are not known."""
    import tensorflow as tf

    shape, columns = tf.shape(static), len(settings.static_columns)
    is_other = (shape[0] != samples) | (shape[1] != columns)
    static = guarded(OTHER_STATIC, static, is_other, came=shape_as_text(shape), samples=samples, columns=columns)
    static = tf.ensure_shape(static, (None, columns))
    names = tf.constant([repr(name) for name in settings.static_columns])
    sample = tf.range(shape[0])[:, None]
    return guarded(UNKNOWN_STATIC, static, ~tf.math.is_finite(static), column=names, sample=sample)


def checked_future(settings: ForecasterSettings, future: tf.Tensor, samples: tf.Tensor) -> tf.Tensor:
    """The same future `[B, H, F2]`; the served graph refuses another shape, and values that are not known."""
    import tensorflow as tf

    horizon, columns = settings.horizon, len(settings.future_columns)
    shape = tf.shape(future)
    is_other = (shape[0] != samples) | (shape[1] != horizon) | (shape[2] != columns)
    wanted = {"samples": samples, "horizon": horizon, "columns": columns}
    future = guarded(OTHER_FUTURE, future, is_other, came=shape_as_text(shape), **wanted)
    future = tf.ensure_shape(future, (None, horizon, columns))
    place = {
        "column": tf.constant([repr(name) for name in settings.future_columns]),
        "sample": tf.range(shape[0])[:, None, None],
        "step": tf.range(horizon)[:, None],
    }
    future = guarded(UNKNOWN_FUTURE, future, ~tf.math.is_finite(future), **place)
    is_log = tf.constant([settings.transform[position] == "log" for position in settings.future_positions])
    return guarded(NOT_POSITIVE_FUTURE, future, is_log & (future <= 0), value=future, **place)
