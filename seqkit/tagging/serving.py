"""A tagger as a SavedModel: raw strings, tokens or arrays in; tokens, tags and probabilities out.

Shapes: B sequences, T steps, F features, K tags.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
from keras import ops

from seqkit.export import Endpoint, describing, refuse_other_backends, write_saved_model
from seqkit.layers.scaling import StandardScaling
from seqkit.text.vocabulary import PADDING, UNKNOWN, tokens_in_graph

EXAMPLE_STEPS = 7


def export_tagger(model: Any, path: str | os.PathLike[str]) -> Path:
    """Write it, and compare it with the live model on an example."""
    refuse_other_backends()
    import tensorflow as tf

    own, tracked = model.settings, []
    if own.is_text:
        given, example, endpoints = _of_words(model)
        tracked = model.reader.tables
    else:
        given = _like_training(model, np.random.default_rng(0).normal(size=(2, EXAMPLE_STEPS, own.features)))
        example, endpoints = tf.constant(given, tf.float32), {"serve": _serve_series(model)}
    endpoints["describe"] = describing(
        {"tags": [str(one) for one in own.tags], "features": own.features, "splitting": own.splitting}
    )
    expected = {"probabilities": model.predict(given)}
    return write_saved_model(model, path, endpoints=endpoints, example=example, expected=expected, tracked=tracked)


def _of_words(model: Any) -> tuple[Any, Any, dict[str, Endpoint]]:
    """An example as the model takes it and as the endpoint does, and the endpoints."""
    import tensorflow as tf

    words, extras = model.settings.words, model.settings.extras
    if not extras:
        texts = [" ".join(words[:3]), "", "\u2603 unheard of"]
        return texts, tf.constant(texts), {"serve": _serve_text(model), "serve_tokens": _serve_tokens(model)}
    given = {"words": [[words[0], "\u2603"], [words[-1]]], "extra": [[extras[0], "unheard of"], [extras[-1]]]}
    rows = {name: tf.ragged.constant(one).to_tensor("") for name, one in given.items()}
    return given, {"tokens": rows["words"], "extra": rows["extra"]}, {"serve": _serve_tokens(model)}


def _like_training(model: Any, standardised: np.ndarray) -> np.ndarray:
    """Series `[B, T, F]` at the level of the training series, where the model knows it."""
    scaling = model.get_layer("scaling")
    if not isinstance(scaling, StandardScaling):
        return standardised
    return standardised * ops.convert_to_numpy(scaling.spread) + ops.convert_to_numpy(scaling.mean)


def _answer(model: Any, arrays: dict[str, Any], known: Any) -> dict[str, Any]:
    """Tags as strings, and their probabilities, where there are steps."""
    import tensorflow as tf

    names = tf.constant([str(one) for one in model.tags])
    found = model(arrays, training=False)
    tags = tf.where(known, tf.gather(names, tf.maximum(found["tags"], 0)), "")
    return {"tags": tags, "probabilities": found["probabilities"] * tf.cast(known[..., None], tf.float32)}


def _answer_tokens(model: Any, tokens: Any, extra: Any = None) -> dict[str, Any]:
    import tensorflow as tf

    steps = tf.cast(tf.not_equal(tokens, ""), tf.int32)
    asked = tf.debugging.Assert(tf.reduce_all(steps[:, 1:] <= steps[:, :-1]), ["tokens are empty before the last"])
    with tf.control_dependencies([asked]):
        known = tf.cast(steps, tf.bool)
    arrays = model.reader.in_graph(tokens, extra)
    words = arrays["words"]
    first = tf.where(words[:, :1] == PADDING, UNKNOWN, words[:, :1])  # a sentence without tokens, as the model reads it
    arrays["words"] = tf.concat([first, words[:, 1:]], axis=1)
    return _answer(model, arrays, known) | {"tokens": tokens}


def _one_or_more(tokens: Any) -> Any:
    """At least one step wide."""
    import tensorflow as tf

    return tf.pad(tokens, [[0, 0], [0, tf.maximum(1 - tf.shape(tokens)[1], 0)]])


def _serve_text(model: Any) -> Endpoint:
    import tensorflow as tf

    def split(text: tf.Tensor) -> tf.RaggedTensor:
        return tokens_in_graph(text, model.settings.splitting, lower=False)

    def serve(text: tf.Tensor) -> dict[str, tf.Tensor]:
        return _answer_tokens(model, _one_or_more(split(text).to_tensor("")))

    return Endpoint(serve, [tf.TensorSpec((None,), tf.string, name="text")])


def _serve_tokens(model: Any) -> Endpoint:
    import tensorflow as tf

    tokens, extra = (tf.TensorSpec((None, None), tf.string, name=name) for name in ("tokens", "extra"))
    if not model.settings.extras:
        return Endpoint(lambda tokens: _answer_tokens(model, _one_or_more(tokens)), [tokens])

    def serve(inputs: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        found, others = inputs["tokens"], inputs["extra"]
        alike = tf.debugging.assert_equal(tf.shape(found), tf.shape(others), "tokens and extra must be of one shape")
        with tf.control_dependencies([alike]):
            return _answer_tokens(model, _one_or_more(found), _one_or_more(tf.identity(others)))

    return Endpoint(serve, [{"tokens": tokens, "extra": extra}])


def _serve_series(model: Any) -> Endpoint:
    import tensorflow as tf

    def serve(series: tf.Tensor) -> dict[str, tf.Tensor]:
        known = tf.reduce_all(tf.math.is_finite(series), axis=-1)
        filled = tf.reduce_all(tf.math.is_nan(series), axis=-1)
        steps = tf.cast(known, tf.int32)
        right = (
            known[:, 0] & tf.reduce_all(known | filled, axis=1) & tf.reduce_all(steps[:, 1:] <= steps[:, :-1], axis=1)
        )
        asked = tf.debugging.Assert(
            tf.reduce_all(right),
            ["series has missing or infinite values, or NaN elsewhere than at the end of a sample"],
        )
        with tf.control_dependencies([asked]):
            return _answer(model, {"series": tf.identity(series)}, known)

    return Endpoint(serve, [tf.TensorSpec((None, None, model.settings.features), tf.float32, name="series")])
