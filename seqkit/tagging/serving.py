"""A tagger as a SavedModel: raw strings, tokens or arrays in; tokens, tags and probabilities out.

Shapes: B sequences, T steps, F features, K tags.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from seqkit.export import Endpoint, describe_endpoint, refuse_other_backends, write_saved_model
from seqkit.task.serving import checked_series, example_series
from seqkit.text.numbers import some_token_in_graph
from seqkit.text.vocabulary import tokens_in_graph

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
        given = example_series(model, EXAMPLE_STEPS, own.features)
        example, endpoints = tf.constant(given), {"serve": _serve_series(model)}
    endpoints["describe"] = describe_endpoint(
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
    arrays["words"] = some_token_in_graph(arrays["words"])
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
        series = checked_series(series)
        return _answer(model, {"series": series}, tf.reduce_all(tf.math.is_finite(series), axis=-1))

    return Endpoint(serve, [tf.TensorSpec((None, None, model.settings.features), tf.float32, name="series")])
