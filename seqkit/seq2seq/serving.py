"""An encoder-decoder as a SavedModel: raw strings in and out, beam search and vocabularies inside."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
from keras import ops

from seqkit.export import Endpoint, describe_endpoint, refuse_other_backends, write_saved_model
from seqkit.seq2seq.copying import write_in_graph
from seqkit.seq2seq.decoding import BEAM, PENALTY, decode_tokens, decode_values
from seqkit.seq2seq.network import Seq2SeqNetwork
from seqkit.seq2seq.reconstruction import reconstruction_error
from seqkit.text.numbers import some_token_in_graph

NUMBERS = ("score", "alignment", "code", "reconstruction_error")  # of the answer to a text


def export_seq2seq(model: Any, path: str | os.PathLike[str]) -> Path:
    """Write it, and compare it with the live model on an example."""
    refuse_other_backends()
    return _export_text(model, path) if model.settings.is_text else _export_series(model, path)


def _export_text(model: Any, path: str | os.PathLike[str]) -> Path:
    import tensorflow as tf

    settings, source = model.settings, model.vocabularies[0]
    example = [source.join([range(2, 2 + min(3, len(source.words)))])[0], "", "☃ unheard of"]

    texts = tf.TensorSpec((None,), tf.string, name="text")
    choices = tf.TensorSpec((), tf.int32, name="beam"), tf.TensorSpec((), tf.float32, name="length_penalty")

    @tf.function(input_signature=[texts, *choices])  # one graph that both endpoints call
    def searched(text: tf.Tensor, beam: tf.Tensor, length_penalty: tf.Tensor) -> dict[str, tf.Tensor]:
        return _translate(model, text, beam, length_penalty)

    def serve(text: tf.Tensor) -> dict[str, tf.Tensor]:
        return searched(text, tf.constant(BEAM), tf.constant(PENALTY))

    def translate(text: tf.Tensor, beam: tf.Tensor, length_penalty: tf.Tensor) -> dict[str, tf.Tensor]:
        wide = tf.debugging.assert_greater_equal(beam, 1, message="beam must be 1 or more")
        is_number = tf.math.is_finite(length_penalty) & (length_penalty >= 0)
        asked = tf.debugging.Assert(is_number, ["length_penalty must be a number from 0 up"])
        with tf.control_dependencies([wide, asked]):
            return searched(text, tf.identity(beam), tf.identity(length_penalty))

    endpoints = {
        "serve": Endpoint(serve, [texts]),
        "translate": Endpoint(translate, [texts, *choices]),
        "describe": describe_endpoint({"splittings": list(settings.splittings), "longest": list(settings.longest)}),
    }
    expected = _translate(model, tf.constant(example), BEAM, PENALTY)
    return write_saved_model(
        model,
        path,
        endpoints=endpoints,
        example=tf.constant(example),
        expected={name: expected[name].numpy() for name in NUMBERS if name in expected},
        tracked=[source.layer],
    )


def _translate(model: Any, text: Any, beam: Any, penalty: Any) -> dict[str, Any]:
    import tensorflow as tf

    longest = model.settings.longest[0]
    whole = tf.cast(model.vocabularies[0].layer(text), tf.int32)
    left_out = tf.math.count_nonzero(whole[:, longest:], axis=1, dtype=tf.int32)
    numbers = some_token_in_graph(whole[:, :longest])
    found = decode_tokens(model.network, numbers, beam, penalty)
    written = write_in_graph(model, text, found.tokens, found.weights)
    answer = {"text": written, "score": found.score, "left_out": left_out, **_of_autoencoder(model.network, numbers)}
    return answer | ({} if found.weights is None else {"alignment": found.weights})


def _of_autoencoder(network: Seq2SeqNetwork, source: Any) -> dict[str, Any]:
    if not network.settings.is_autoencoder:
        return {}
    code = network.code(network.encode(source))
    return {"code": code, "reconstruction_error": reconstruction_error(network, source)}


def _export_series(model: Any, path: str | os.PathLike[str]) -> Path:
    import tensorflow as tf

    settings, network = model.settings, model.network
    shape = (2, settings.longest[0], settings.features[0])
    level, spread = (ops.convert_to_numpy(one) for one in (network.source_scaling.mean, network.source_scaling.spread))
    example = (np.random.default_rng(0).normal(size=shape) * spread + level).astype("float32")

    def answer(series: tf.Tensor) -> dict[str, tf.Tensor]:
        return {"answer": decode_values(network, series), **_of_autoencoder(network, series)}

    def serve(series: tf.Tensor) -> dict[str, tf.Tensor]:
        right = tf.reduce_all(tf.math.is_finite(series))
        asked = tf.debugging.Assert(right, ["series has missing or infinite values"])
        with tf.control_dependencies([asked]):
            return answer(tf.identity(series))

    endpoints = {
        "serve": Endpoint(serve, [tf.TensorSpec((None, *shape[1:]), tf.float32, name="series")]),
        "describe": describe_endpoint({"timesteps": shape[1], "features": shape[2], "horizon": settings.longest[1]}),
    }
    expected = {name: one.numpy() for name, one in answer(tf.constant(example)).items()}
    return write_saved_model(model, path, endpoints=endpoints, example=tf.constant(example), expected=expected)
