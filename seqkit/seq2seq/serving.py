"""An encoder-decoder as a SavedModel: it takes and returns raw strings, and holds beam search and vocabularies."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
from keras import ops

from seqkit.export import Endpoint, describe_endpoint, refuse_other_backends, write_saved_model
from seqkit.seq2seq.copying import write_in_graph
from seqkit.seq2seq.decoding import DEFAULT_BEAM, DEFAULT_PENALTY, decode_tokens, decode_values
from seqkit.seq2seq.network import Seq2SeqNetwork
from seqkit.seq2seq.reconstruction import reconstruction_error
from seqkit.seq2seq.sources import SEPARATOR
from seqkit.text.token_numbers import add_unknown_if_empty_in_graph

COMPARED_OUTPUTS = ("score", "alignment", "code", "reconstruction_error")  # with the live model; they are numbers


def export_seq2seq(model: Any, path: str | os.PathLike[str]) -> Path:
    """Write the SavedModel, and compare its answers to an example with those of the live model."""
    refuse_other_backends()
    return _export_text(model, path) if model.settings.is_text else _export_series(model, path)


def _export_text(model: Any, path: str | os.PathLike[str]) -> Path:
    import tensorflow as tf

    settings, source = model.settings, model.vocabularies[0]
    strings = [source.join([range(2, 2 + min(3, len(source.words)))])[0].replace(SEPARATOR, ""), "", "☃ unheard of"]
    names = settings.source_names
    texts: Any = tf.TensorSpec((None,), tf.string, name="text")
    if names:
        texts = {name: tf.TensorSpec((None,), tf.string, name=name) for name in names}
    example: Any = {name: tf.constant(strings) for name in names} if names else tf.constant(strings)
    options = tf.TensorSpec((), tf.int32, name="beam"), tf.TensorSpec((), tf.float32, name="length_penalty")

    @tf.function(input_signature=[texts, *options])  # one graph, which both endpoints call
    def search(text: Any, beam: tf.Tensor, length_penalty: tf.Tensor) -> dict[str, tf.Tensor]:
        return _translate(model, text, beam, length_penalty)

    def serve(text: Any) -> dict[str, tf.Tensor]:
        return search(text, tf.constant(DEFAULT_BEAM), tf.constant(DEFAULT_PENALTY))

    def translate(text: Any, beam: tf.Tensor, length_penalty: tf.Tensor) -> dict[str, tf.Tensor]:
        beam_check = tf.debugging.assert_greater_equal(beam, 1, message="beam must be 1 or more")
        is_valid = tf.math.is_finite(length_penalty) & (length_penalty >= 0)
        penalty_check = tf.debugging.Assert(is_valid, ["length_penalty must be a number from 0 up"])
        with tf.control_dependencies([beam_check, penalty_check]):
            return search(text, tf.identity(beam), tf.identity(length_penalty))

    endpoints = {
        "serve": Endpoint(serve, [texts]),
        "translate": Endpoint(translate, [texts, *options]),
        "describe": describe_endpoint({"splittings": list(settings.splittings), "longest": list(settings.longest)}),
    }
    expected = _translate(model, example, DEFAULT_BEAM, DEFAULT_PENALTY)
    return write_saved_model(
        model,
        path,
        endpoints=endpoints,
        example=example,
        expected={name: expected[name].numpy() for name in COMPARED_OUTPUTS if name in expected},
        tracked=[source.layer],
    )


def _translate(model: Any, text: Any, beam: Any, penalty: Any) -> dict[str, Any]:
    import tensorflow as tf

    longest, names = model.settings.longest[0], model.settings.source_names
    if names:
        text = tf.strings.join([text[name] for name in names], f" {SEPARATOR} ")
    numbers = tf.cast(model.vocabularies[0].layer(text), tf.int32)
    left_out = tf.math.count_nonzero(numbers[:, longest:], axis=1, dtype=tf.int32)
    source = add_unknown_if_empty_in_graph(numbers[:, :longest])
    tokens, score, weights = decode_tokens(model.network, source, beam, penalty)
    written = write_in_graph(model, text, tokens, weights)
    answer = {"text": written, "score": score, "left_out": left_out, **_autoencoder_outputs(model.network, source)}
    return answer | ({} if weights is None else {"alignment": weights})


def _autoencoder_outputs(network: Seq2SeqNetwork, source: Any) -> dict[str, Any]:
    if not network.settings.is_autoencoder:
        return {}
    code = network.code(network.encode(source))
    return {"code": code, "reconstruction_error": reconstruction_error(network, source)}


def _export_series(model: Any, path: str | os.PathLike[str]) -> Path:
    import tensorflow as tf

    settings, network = model.settings, model.network
    shape = (2, settings.longest[0], settings.features[0])
    scaling = network.source_scaling
    mean, spread = ops.convert_to_numpy(scaling.mean), ops.convert_to_numpy(scaling.spread)
    example = (np.random.default_rng(0).normal(size=shape) * spread + mean).astype("float32")

    def answer(series: tf.Tensor) -> dict[str, tf.Tensor]:
        return {"answer": decode_values(network, series), **_autoencoder_outputs(network, series)}

    def serve(series: tf.Tensor) -> dict[str, tf.Tensor]:
        is_valid = tf.reduce_all(tf.math.is_finite(series))
        check = tf.debugging.Assert(is_valid, ["series has missing or infinite values"])
        with tf.control_dependencies([check]):
            return answer(tf.identity(series))

    endpoints = {
        "serve": Endpoint(serve, [tf.TensorSpec((None, *shape[1:]), tf.float32, name="series")]),
        "describe": describe_endpoint({"timesteps": shape[1], "features": shape[2], "horizon": settings.longest[1]}),
    }
    expected = {name: tensor.numpy() for name, tensor in answer(tf.constant(example)).items()}
    return write_saved_model(model, path, endpoints=endpoints, example=tf.constant(example), expected=expected)
