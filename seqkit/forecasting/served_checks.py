"""The checks of a served forecaster's window and forecast, in the words of the live model.

Shapes: B windows, T timesteps, F features.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from seqkit._guards import guarded, is_infinite
from seqkit._refusals import Refusal
from seqkit.forecasting.checks import CELL, INFINITE, MISSING, NO_KNOWN_VALUE, NOT_POSITIVE, UNFINITE_FORECAST
from seqkit.forecasting.settings import ForecasterSettings

if TYPE_CHECKING:
    import tensorflow as tf


def checked_window(settings: ForecasterSettings, window: tf.Tensor) -> tf.Tensor:
    """The same window `[B, T, F]`; the served graph refuses values that the live model refuses."""
    import tensorflow as tf

    samples, timesteps = tf.shape(window)[0], settings.timesteps
    sample, column = tf.range(samples)[:, None, None], tf.constant([repr(name) for name in settings.columns])
    cell = {"column": column, "row": sample * timesteps + tf.range(timesteps)[:, None]}  # as in the rows of all windows
    window = guarded(_of_cell(INFINITE), window, is_infinite(window), **cell)
    is_missing = tf.math.is_nan(window)
    if settings.fill is None:
        rows = tf.math.count_nonzero(tf.reduce_any(is_missing, axis=-1))
        window = guarded(_of_cell(MISSING), window, is_missing, rows=rows, **cell)
    else:
        is_needed = tf.constant([position in settings.needed_positions for position in range(len(settings.columns))])
        nothing_known = tf.reduce_all(is_missing, axis=1) & is_needed  # (B, F)
        window = guarded(NO_KNOWN_VALUE, window, nothing_known, sample=sample[:, 0], array="past", column=column)
    is_log = tf.constant([transform == "log" for transform in settings.transform])
    return guarded(_of_cell(NOT_POSITIVE), window, is_log & (window <= 0), **cell)


def checked_forecast(forecast: tf.Tensor) -> tf.Tensor:
    """The same forecast; the served graph refuses one beyond what float32 holds."""
    import tensorflow as tf

    return guarded(UNFINITE_FORECAST, forecast, ~tf.math.is_finite(forecast))


def _of_cell(refusal: Refusal) -> Refusal:
    """The words with the values of a cell in place of `{cell}`."""
    return replace(refusal, problem=refusal.problem.replace("{cell}", CELL))
