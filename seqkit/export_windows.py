"""What any model of windows serves: the past `[B, >= T, F]` in, the forecast out.

Shapes: B samples, T timesteps, F features.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from seqkit._guards import guarded, shape_as_text, unless_refused
from seqkit._refusals import Refusal
from seqkit.data.series import NO_SAMPLES
from seqkit.export import Endpoint, Served, describe_endpoint, write_saved_model

if TYPE_CHECKING:
    import tensorflow as tf

OTHER_SHAPE = Refusal(
    "past must have the shape (samples, {timesteps} or more timesteps, {features} features), got {came}.",
    "The last timesteps are used.",
)


def export_saved_model(
    model: keras.Model, path: str | os.PathLike[str], *, timesteps: int, description: Mapping[str, Any]
) -> Path:
    """Write any Keras model that reads windows `[B, T, F]` as a SavedModel, whose endpoints `served_windows` lists."""
    return write_saved_model(served_windows(model, timesteps, description), path)


def served_windows(
    model: keras.Model,
    timesteps: int,
    description: Mapping[str, Any],
    checked: Callable[[Any], Any] = lambda window: window,
    answered: Callable[[Any], Any] = lambda forecast: forecast,
    gaps: bool = False,
    answers: Callable[[Any], dict[str, Any]] | None = None,
    least: int | None = None,
    live: Callable[[Any], Mapping[str, np.ndarray]] | None = None,
) -> Served:
    """What a model serves that reads windows: raw units in, raw units out.

    Endpoints: `serve` (also `serving_default`) takes `past` `[B, >= T, F]` float32, uses its last T rows and
    returns `forecast`; `describe` takes nothing and returns `description`. In a single file `past` has T rows.

    Args:
        model: a built model with one input `[B, T, F]` and one output.
        timesteps: T.
        description: names and plain values (numbers, strings, lists of strings).
        checked: takes the window `[B, T, F]` of `serve` and returns it; it may refuse it, as `_guards.guarded` does.
        answered: takes the forecast and returns it, as `checked`.
        gaps: whether the model takes NaN, so that the example holds some.
        answers: takes the window and returns all outputs by name; by default `forecast`, what the model returns.
        least: the fewest rows of `past`, T by default; the rows that lack before it are NaN.
        live: takes the example and returns what the live model answers by name, in NumPy; by default `answers` does.
    """
    import tensorflow as tf

    features = model.inputs[0].shape[-1]
    past = np.random.default_rng(0).uniform(1.0, 2.0, (2, timesteps, features)).astype("float32")
    if gaps:
        past[1, : timesteps // 2] = np.nan
    if answers is None:
        expected: Mapping[str, np.ndarray] = {"forecast": model.predict_on_batch(past)}
        answers = partial(_forecast, model)
    elif live is not None:
        expected = live(past)
    else:
        expected = {name: keras.ops.convert_to_numpy(answer) for name, answer in answers(past).items()}

    def served(window: tf.Tensor) -> dict[str, tf.Tensor]:
        return {name: answered(answer) for name, answer in answers(checked(window)).items()}

    endpoints = {
        "serve": _serve_endpoint(served, timesteps, features, timesteps if least is None else least),
        "describe": describe_endpoint(description),
    }
    signature = [tf.TensorSpec((None, timesteps, features), tf.float32, name="past")]
    return Served(model, endpoints, past, expected, signature=signature)


def _forecast(model: keras.Model, window: Any) -> dict[str, Any]:
    return {"forecast": model(window, training=False)}


def _serve_endpoint(served: Callable[[Any], dict[str, Any]], timesteps: int, features: int, least: int) -> Endpoint:
    import tensorflow as tf

    def serve(past: tf.Tensor) -> dict[str, tf.Tensor]:
        return unless_refused(served(window_of(past, timesteps, features, least)))

    # A signature that names the features does not refuse others; the graph does.
    return Endpoint(serve, [tf.TensorSpec((None, None, None), tf.float32, name="past")])


def window_of(past: tf.Tensor, timesteps: int, features: int, least: int) -> tf.Tensor:
    """The last T rows `[B, T, F]` of a served past; the graph refuses no samples, other features and too few rows."""
    import tensorflow as tf

    shape = tf.shape(past)
    past = guarded(NO_SAMPLES, past, shape[0] < 1)
    is_other = (shape[1] < least) | (shape[2] != features)
    wanted = {"timesteps": least, "features": features}
    past = guarded(OTHER_SHAPE, past, is_other, came=shape_as_text(shape), **wanted)
    if least < timesteps:
        past = tf.pad(past, ((0, 0), (timesteps - least, 0), (0, 0)), constant_values=float("nan"))
    return tf.ensure_shape(past[:, -timesteps:], (None, timesteps, features))
