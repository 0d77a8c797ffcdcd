"""A classifier as a SavedModel: raw arrays or strings in, class, probabilities and attention out."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import ops

from seqkit.export import Endpoint, describing, refuse_other_backends, write_saved_model
from seqkit.layers.scaling import StandardScaling
from seqkit.text.vocabulary import PADDING, UNKNOWN, separate

ANY_LENGTH = 7  # steps of the example that is compared


def export_classifier(model: Any, path: str | os.PathLike[str]) -> Path:
    """Write it, and compare it with the live model on an example."""
    refuse_other_backends()
    settings = model.settings
    answers = model.with_attention()
    if settings.is_text:
        example: Any = [" ".join(settings.words[:3]), "", "\u2603 unheard of"]
        arrays = model.network_input(example, "export")
        endpoints, tracked = {"serve": _serve_text(model, answers)}, [model.vocabulary.layer]
    else:
        shape = (2, settings.timesteps or ANY_LENGTH, settings.features)
        example = arrays = _like_training(model, np.random.default_rng(0).normal(size=shape)).astype("float32")
        endpoints, tracked = {"serve": _serve_series(model, answers)}, []
    endpoints["describe"] = describing(
        {
            "labels": [str(one) for one in settings.labels],
            "features": 0 if settings.is_text else settings.features,
            "timesteps": settings.timesteps or 0,
            "multi_label": settings.multi_label,
        }
    )
    found = answers.predict_on_batch(arrays)
    expected = dict(zip(("probabilities", "attention"), found if isinstance(found, list) else [found], strict=False))
    return write_saved_model(
        answers, path, endpoints=endpoints, example=_tensor(example), expected=expected, tracked=tracked
    )


def _like_training(model: Any, standardised: np.ndarray) -> np.ndarray:
    """Series `[B, T, F]` at the level of the training series, where the model knows it."""
    scaling = model.get_layer("scaling")
    if not isinstance(scaling, StandardScaling):
        return standardised
    return standardised * ops.convert_to_numpy(scaling.spread) + ops.convert_to_numpy(scaling.mean)


def _tensor(example: Any) -> Any:
    import tensorflow as tf

    return tf.constant(example)


def _answer(model: Any, answers: keras.Model, arrays: Any) -> dict[str, Any]:
    import tensorflow as tf

    labels = tf.constant([str(one) for one in model.labels])
    found = answers(arrays, training=False)
    probabilities, *attention = found if isinstance(found, (list, tuple)) else [found]
    if model.settings.multi_label:
        held = tf.ragged.boolean_mask(tf.broadcast_to(labels, tf.shape(probabilities)), probabilities >= 0.5)
        answer = {"classes": held.to_tensor("")}
    else:
        answer = {"class": tf.gather(labels, tf.argmax(probabilities, axis=-1))}
    answer["probabilities"] = probabilities
    return answer | ({"attention": attention[0]} if attention else {})


def _serve_series(model: Any, answers: keras.Model) -> Endpoint:
    import tensorflow as tf

    settings = model.settings

    def serve(series: tf.Tensor) -> dict[str, tf.Tensor]:
        known = tf.reduce_all(tf.math.is_finite(series), axis=-1)
        if settings.timesteps or settings.missing == "mask":
            right = tf.reduce_all(known, axis=1)
            if settings.timesteps is None:
                infinite = tf.reduce_any(tf.math.is_inf(series), axis=[1, 2])
                right = tf.reduce_any(known, axis=1) & ~infinite
        else:  # NaN at the end alone, and something before it
            filled = tf.reduce_all(tf.math.is_nan(series), axis=-1)
            steps = tf.cast(known, tf.int32)
            right = (
                known[:, 0]
                & tf.reduce_all(known | filled, axis=1)
                & tf.reduce_all(steps[:, 1:] <= steps[:, :-1], axis=1)
            )
        asked = tf.debugging.Assert(
            tf.reduce_all(right),
            ["series has missing or infinite values, or NaN elsewhere than at the end of a sample"],
        )
        with tf.control_dependencies([asked]):
            return _answer(model, answers, tf.identity(series))

    shape = (None, settings.timesteps, settings.features)
    return Endpoint(serve, [tf.TensorSpec(shape, tf.float32, name="series")])


def _serve_text(model: Any, answers: keras.Model) -> Endpoint:
    import tensorflow as tf

    vocabulary = model.vocabulary.layer

    def serve(text: tf.Tensor) -> dict[str, tf.Tensor]:
        numbers = tf.cast(vocabulary(text), tf.int32)
        some = tf.maximum(tf.shape(numbers)[1], 1)
        numbers = tf.pad(numbers, [[0, 0], [0, some - tf.shape(numbers)[1]]])
        first = tf.where(numbers[:, :1] == PADDING, UNKNOWN, numbers[:, :1])  # an empty text, as the model reads it
        numbers = tf.concat([first, numbers[:, 1:]], axis=1)
        tokens = tf.strings.split(separate(text)).to_tensor("", shape=[None, None])
        return _answer(model, answers, numbers) | {"tokens": tokens}

    return Endpoint(serve, [tf.TensorSpec((None,), tf.string, name="text")])
