"""SavedModel of a tagger: raw strings, tokens or arrays in; tokens, tags and probabilities out.

Shapes: B sequences, T steps, F features, K tags.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from seqkit.export import Endpoint, describe_endpoint, refuse_other_backends, write_saved_model
from seqkit.task.serving import checked_series, example_series
from seqkit.text.token_numbers import add_unknown_if_empty_in_graph
from seqkit.text.vocabulary import tokens_in_graph

EXAMPLE_STEPS = 7


def export_tagger(model: Any, path: str | os.PathLike[str]) -> Path:
    """Write the SavedModel, and compare it with the live model on an example."""
    refuse_other_backends()
    import tensorflow as tf

    settings, tracked = model.settings, []
    if settings.is_text:
        samples, example, endpoints = _word_endpoints(model)
        tracked = model.reader.tables
    else:
        samples = example_series(model.get_layer("scaling"), EXAMPLE_STEPS, settings.features)
        example, endpoints = tf.constant(samples), {"serve": _serve_series(model)}
    tags = [str(tag) for tag in settings.tags]
    endpoints["describe"] = describe_endpoint(
        {"tags": tags, "features": settings.features, "splitting": settings.splitting}
    )
    expected = {"probabilities": model.predict(samples)}
    return write_saved_model(model, path, endpoints=endpoints, example=example, expected=expected, tracked=tracked)


def _word_endpoints(model: Any) -> tuple[Any, Any, dict[str, Endpoint]]:
    """Return example sentences for `predict`, the same as input of `serve`, and the endpoints."""
    import tensorflow as tf

    words, extras = model.settings.words, model.settings.extras
    if not extras:
        texts = [" ".join(words[:3]), "", "\u2603 unheard of"]
        return texts, tf.constant(texts), {"serve": _serve_text(model), "serve_tokens": _serve_tokens(model)}
    sentences = {"words": [[words[0], "\u2603"], [words[-1]]], "extra": [[extras[0], "unheard of"], [extras[-1]]]}
    padded = {name: tf.ragged.constant(rows).to_tensor("") for name, rows in sentences.items()}
    return sentences, {"tokens": padded["words"], "extra": padded["extra"]}, {"serve": _serve_tokens(model)}


def _answer(model: Any, arrays: dict[str, Any], mask: Any) -> dict[str, Any]:
    """Return the tags as strings, and their probabilities; `""` and 0 for padding."""
    import tensorflow as tf

    names = tf.constant([str(tag) for tag in model.tags])
    outputs = model(arrays, training=False)
    tags = tf.where(mask, tf.gather(names, tf.maximum(outputs["tags"], 0)), "")
    return {"tags": tags, "probabilities": outputs["probabilities"] * tf.cast(mask[..., None], tf.float32)}


def _answer_tokens(model: Any, tokens: Any, extra: Any = None) -> dict[str, Any]:
    import tensorflow as tf

    is_token = tf.cast(tf.not_equal(tokens, ""), tf.int32)
    padding_last = tf.reduce_all(is_token[:, 1:] <= is_token[:, :-1])
    with tf.control_dependencies([tf.debugging.Assert(padding_last, ["tokens are empty before the last"])]):
        mask = tf.cast(is_token, tf.bool)
    arrays = model.reader.in_graph(tokens, extra)
    arrays["words"] = add_unknown_if_empty_in_graph(arrays["words"])
    return _answer(model, arrays, mask) | {"tokens": tokens}


def _pad_to_one_step(tokens: Any) -> Any:
    """Pad tokens `[B, 0]` to `[B, 1]`; the network needs one step."""
    import tensorflow as tf

    return tf.pad(tokens, [[0, 0], [0, tf.maximum(1 - tf.shape(tokens)[1], 0)]])


def _serve_text(model: Any) -> Endpoint:
    import tensorflow as tf

    def split(text: tf.Tensor) -> tf.RaggedTensor:
        return tokens_in_graph(text, model.settings.splitting, lower=False)

    def serve(text: tf.Tensor) -> dict[str, tf.Tensor]:
        return _answer_tokens(model, _pad_to_one_step(split(text).to_tensor("")))

    return Endpoint(serve, [tf.TensorSpec((None,), tf.string, name="text")])


def _serve_tokens(model: Any) -> Endpoint:
    import tensorflow as tf

    tokens, extra = (tf.TensorSpec((None, None), tf.string, name=name) for name in ("tokens", "extra"))
    if not model.settings.extras:
        return Endpoint(lambda tokens: _answer_tokens(model, _pad_to_one_step(tokens)), [tokens])

    def serve(inputs: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        shapes = tf.shape(inputs["tokens"]), tf.shape(inputs["extra"])
        with tf.control_dependencies([tf.debugging.assert_equal(*shapes, "tokens and extra must be of one shape")]):
            extra = tf.identity(inputs["extra"])
            return _answer_tokens(model, _pad_to_one_step(inputs["tokens"]), _pad_to_one_step(extra))

    return Endpoint(serve, [{"tokens": tokens, "extra": extra}])


def _serve_series(model: Any) -> Endpoint:
    import tensorflow as tf

    def serve(series: tf.Tensor) -> dict[str, tf.Tensor]:
        series = checked_series(series)
        return _answer(model, {"series": series}, tf.reduce_all(tf.math.is_finite(series), axis=-1))

    return Endpoint(serve, [tf.TensorSpec((None, None, model.settings.features), tf.float32, name="series")])
