"""SavedModel of a tagger: raw strings, tokens or arrays in; tokens, tags and probabilities out.

Shapes: B sequences, T steps, F features, K tags.
"""

from __future__ import annotations

from typing import Any

from seqkit._guards import guarded, unless_refused
from seqkit._refusals import Refusal
from seqkit.export import Endpoint, Served, describe_endpoint
from seqkit.tagging.inputs import EMPTY_TOKEN, FILL, NO_SENTENCES, TOKEN
from seqkit.task.served_series import any_sizes, checked_series
from seqkit.task.serving import answered_in_groups, example_series
from seqkit.text.served_texts import LONGEST_SERVED, TOO_LONG, checked_texts, served_tokens, without_nul
from seqkit.text.token_numbers import add_unknown_if_empty_in_graph

EXAMPLE_STEPS = 7
OTHER_SHAPE = Refusal("tokens and extra must be of one shape.", "Each of the tokens needs one.")


def served_tagger(model: Any, longest: int = LONGEST_SERVED) -> Served:
    """What the model serves, and its answers to an example; `longest` is the largest number of tokens of a sentence."""
    import tensorflow as tf

    settings, tracked, signature = model.settings, [], None
    if settings.is_text:
        samples, example, endpoints = _word_endpoints(model, longest)
        tracked = model.reader.tables
    else:
        samples = example_series(model.get_layer("scaling"), EXAMPLE_STEPS, settings.features, padded=True)
        example, endpoints = tf.constant(samples), {"serve": _serve_series(model)}
        signature = [tf.TensorSpec((None, None, settings.features), tf.float32, name="series")]
    tags = [str(tag) for tag in settings.tags]
    endpoints["describe"] = describe_endpoint(
        {"tags": tags, "features": settings.features, "splitting": settings.splitting}
    )
    expected = {"probabilities": model.predict(samples)}
    not_in_files = 'chooses the tags of a series together (output="crf")' if settings.output == "crf" else ""
    return Served(model, endpoints, example, expected, tracked, signature, not_in_files)


def _word_endpoints(model: Any, longest: int) -> tuple[Any, Any, dict[str, Endpoint]]:
    """Return example sentences for `predict`, the same as input of `serve`, and the endpoints."""
    import tensorflow as tf

    words, extras = model.settings.words, model.settings.extras
    if not extras:
        texts = [" ".join(words[:3]), "", "\u2603 unheard of"]
        endpoints = {"serve": _serve_text(model, longest), "serve_tokens": _serve_tokens(model, longest)}
        return texts, tf.constant(texts), endpoints
    sentences = {"words": [[words[0], "\u2603"], [words[-1]]], "extra": [[extras[0], "unheard of"], [extras[-1]]]}
    padded = {name: tf.ragged.constant(rows).to_tensor("") for name, rows in sentences.items()}
    return sentences, {"tokens": padded["words"], "extra": padded["extra"]}, {"serve": _serve_tokens(model, longest)}


def _answer(model: Any, arrays: dict[str, Any], mask: Any) -> dict[str, Any]:
    """Return the tags as strings, and their probabilities; `""` and 0 for padding."""
    import tensorflow as tf

    names = [*(str(tag) for tag in model.tags), ""]
    outputs = dict(model(arrays, training=False))
    outputs |= unless_refused({name: outputs[name] for name in ("scores", "probabilities")})
    # Keras's argmax tells 0 from -0 by operations that files of ONNX and LiteRT do not have.
    is_crf = model.settings.output == "crf"
    tags = outputs["tags"] if is_crf else tf.argmax(outputs["scores"], axis=-1, output_type=tf.int32)
    is_known = mask & ~tf.reduce_any(tf.math.is_nan(outputs["probabilities"]), axis=-1)
    tags = tf.gather(tf.constant(names), tf.where(is_known, tags, len(names) - 1))
    return {"tags": tags, "probabilities": outputs["probabilities"] * tf.cast(mask[..., None], tf.float32)}


def _answer_tokens(model: Any, inputs: dict[str, Any]) -> dict[str, Any]:
    """The answer to sentences of similar length, `tokens` and perhaps `extra` `[B, T]`, padded with `""`."""
    import tensorflow as tf

    steps = tf.maximum(tf.reduce_max(_token_counts(inputs["tokens"])), 1)  # the network needs one
    inputs = {name: _cut_or_padded(tokens, steps) for name, tokens in inputs.items()}
    arrays = model.reader.in_graph(inputs["tokens"], inputs.get("extra"))
    arrays["words"] = add_unknown_if_empty_in_graph(arrays["words"])
    return _answer(model, arrays, inputs["tokens"] != "")


def _answer_in_groups(model: Any, inputs: dict[str, Any]) -> dict[str, Any]:
    import tensorflow as tf

    lengths = _token_counts(inputs["tokens"])
    by_step, steps = ("tags", "probabilities"), tf.maximum(tf.shape(inputs["tokens"])[1], 1)
    answer = answered_in_groups(lambda group: _answer_tokens(model, group), inputs, lengths, by_step, steps)
    return answer | {"tokens": _cut_or_padded(inputs["tokens"], steps)}


def _checked_tokens(tokens: Any, longest: int) -> Any:
    """The same tokens `[B, T]`; what the live model refuses, and a long sentence, are refused."""
    import tensorflow as tf

    tokens = guarded(NO_SENTENCES, tokens, tf.equal(tf.shape(tokens)[0], 0))
    where = _places(tokens)
    still_to_come = tf.cumsum(tf.cast(tokens != "", tf.int32), axis=1, reverse=True)
    tokens = guarded(EMPTY_TOKEN.about(TOKEN), tokens, (tokens == "") & (still_to_come > 0), **where)
    tokens, counts = without_nul(tokens, TOKEN, **where), _token_counts(tokens)
    number = tf.range(tf.size(counts))
    return guarded(
        TOO_LONG.about("sentence {number}"), tokens, counts > longest, number=number, tokens=counts, longest=longest
    )


def _places(tokens: Any) -> dict[str, Any]:
    """The values that name a token `[B, T]` in words."""
    import tensorflow as tf

    return {"number": tf.range(tf.shape(tokens)[0])[:, None], "position": tf.range(tf.shape(tokens)[1])[None]}


def _token_counts(tokens: Any) -> Any:
    import tensorflow as tf

    return tf.reduce_sum(tf.cast(tokens != "", tf.int32), axis=1)


def _cut_or_padded(tokens: Any, steps: Any) -> Any:
    """Tokens `[B, T]` as `[B, steps]`."""
    import tensorflow as tf

    return tf.pad(tokens[:, :steps], [[0, 0], [0, tf.maximum(steps - tf.shape(tokens)[1], 0)]])


def _serve_text(model: Any, longest: int) -> Endpoint:
    import tensorflow as tf

    def serve(text: tf.Tensor) -> dict[str, tf.Tensor]:
        tokens = served_tokens(checked_texts(text, NO_SENTENCES), model.vocabulary, longest, lower=False)
        return _answer_in_groups(model, {"tokens": tokens.to_tensor("", shape=[None, None])})

    return Endpoint(serve, [tf.TensorSpec((None,), tf.string, name="text")])


def _serve_tokens(model: Any, longest: int) -> Endpoint:
    import tensorflow as tf

    names = ("tokens", "extra") if model.settings.extras else ("tokens",)
    specs = {name: tf.TensorSpec((None, None), tf.string, name=name) for name in names}

    def serve(inputs: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        tokens, others = inputs["tokens"], {}
        if "extra" in inputs:
            extra = inputs["extra"]
            tokens = guarded(OTHER_SHAPE, tokens, tf.reduce_any(tf.shape(tokens) != tf.shape(extra)))
            others["extra"] = without_nul(extra, TOKEN, **_places(extra))
        return _answer_in_groups(model, {"tokens": _checked_tokens(tokens, longest), **others})

    if not model.settings.extras:
        return Endpoint(lambda tokens: serve({"tokens": tokens}), [specs["tokens"]])
    return Endpoint(serve, [specs])


def _serve_series(model: Any) -> Endpoint:
    import tensorflow as tf

    def serve(series: tf.Tensor) -> dict[str, tf.Tensor]:
        series = checked_series(series, model.settings.features, way_out=FILL)
        return _answer(model, {"series": series}, tf.reduce_all(tf.math.is_finite(series), axis=-1))

    return Endpoint(serve, [any_sizes("series", 2)])
