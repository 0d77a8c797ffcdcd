"""An encoder-decoder as a SavedModel: raw strings or series in and out; it holds beam search and vocabularies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from seqkit._guards import guarded, unless_refused
from seqkit.export import WRITES_TEXTS, Endpoint, Served, describe_endpoint
from seqkit.seq2seq.copying import write_in_graph
from seqkit.seq2seq.decoding import BAD_PENALTY, DEFAULT_BEAM, DEFAULT_PENALTY, decode_tokens, decode_values
from seqkit.seq2seq.inputs import FILL, OTHER_LENGTH
from seqkit.seq2seq.network import Seq2SeqNetwork
from seqkit.seq2seq.reconstruction import reconstruction_error
from seqkit.seq2seq.sources import DIFFERENT_COUNTS, HAS_SEPARATOR, SEPARATOR
from seqkit.task.served_series import any_sizes, checked_series
from seqkit.task.serving import example_series, whole_number_served
from seqkit.text.served_texts import LONGEST_SERVED, checked_texts, of_length
from seqkit.text.token_numbers import add_unknown_if_empty_in_graph

EXAMPLE_TIMESTEPS = 11
COMPARED_OUTPUTS = ("score", "alignment", "code", "reconstruction_error")  # with the live model; they are numbers


def served_seq2seq(model: Any, longest: int = LONGEST_SERVED) -> Served:
    """What the model serves, and its answers to an example.

    `longest` is the largest number of tokens of a text that is read.
    """
    return _served_writer(model, longest) if model.settings.writes_text else _served_series(model)


class _Source(NamedTuple):
    """What an endpoint that writes texts takes: its signature, and an example of it."""

    spec: Any
    example: Any


def _served_writer(model: Any, longest: int) -> Served:
    """The endpoints of a model that writes texts."""
    import tensorflow as tf

    settings = model.settings
    described: dict[str, Any] = {"splittings": list(settings.splittings), "longest": list(settings.longest)}
    if settings.reads_text:
        source, tracked = _text_source(model), [model.vocabularies[0].layer]
    else:
        source, tracked = _series_source(model), []
        described |= {"features": settings.features[0], "shorten": settings.shorten}
    options = tf.TensorSpec((), tf.int32, name="beam"), tf.TensorSpec((), tf.float32, name="length_penalty")

    @tf.function(input_signature=[source.spec, *options])  # one graph, which both endpoints call
    def search(given: Any, beam: tf.Tensor, length_penalty: tf.Tensor) -> dict[str, tf.Tensor]:
        return _translate(model, given, beam, length_penalty, longest)

    def serve(given: Any) -> dict[str, tf.Tensor]:
        return search(given, tf.constant(DEFAULT_BEAM), tf.constant(DEFAULT_PENALTY))

    def translate(given: Any, beam: tf.Tensor, length_penalty: tf.Tensor) -> dict[str, tf.Tensor]:
        beam = whole_number_served("beam", beam)
        is_valid = tf.math.is_finite(length_penalty) & (length_penalty >= 0)
        return search(given, beam, guarded(BAD_PENALTY, length_penalty, ~is_valid, penalty=length_penalty))

    endpoints = {
        "serve": Endpoint(serve, [source.spec]),
        "translate": Endpoint(translate, [source.spec, *options]),
        "describe": describe_endpoint(described),
    }
    expected = _translate(model, source.example, DEFAULT_BEAM, DEFAULT_PENALTY, longest)
    return Served(
        model,
        endpoints=endpoints,
        example=source.example,
        expected={name: expected[name].numpy() for name in COMPARED_OUTPUTS if name in expected},
        tracked=tracked,
        not_in_files=WRITES_TEXTS,
    )


def _text_source(model: Any) -> _Source:
    import tensorflow as tf

    source, names = model.vocabularies[0], model.settings.source_names
    strings = [source.join([range(2, 2 + min(3, len(source.words)))])[0].replace(SEPARATOR, ""), "", "☃ unheard of"]
    if not names:
        return _Source(tf.TensorSpec((None,), tf.string, name="text"), tf.constant(strings))
    specs = {name: tf.TensorSpec((None,), tf.string, name=name) for name in names}
    return _Source(specs, {name: tf.constant(strings) for name in names})


def _series_source(model: Any) -> _Source:
    import tensorflow as tf

    features = model.settings.features[0]
    example = example_series(model.network.source_scaling, EXAMPLE_TIMESTEPS, features, padded=True)
    return _Source(any_sizes("series", 2), tf.constant(example))


def _translate(model: Any, given: Any, beam: Any, penalty: Any, most_tokens: int) -> dict[str, Any]:
    """The answer of `translate` to texts `(B,)`, a dict of them, or series `(B, T, F)`."""
    if not model.settings.reads_text:
        series = checked_series(given, model.settings.features[0], way_out=FILL)
        return _written(model, given, series, beam, penalty)
    import tensorflow as tf

    longest, vocabulary = model.settings.longest[0], model.vocabularies[0]
    text = _joined_texts(model.settings.source_names, given)
    numbers = tf.cast(vocabulary.layer(of_length(text, vocabulary, most_tokens)), tf.int32)
    left_out = tf.math.count_nonzero(numbers[:, longest:], axis=1, dtype=tf.int32)
    source = add_unknown_if_empty_in_graph(numbers[:, :longest])
    answer = _written(model, text, source, beam, penalty)
    return {**answer, "left_out": left_out, **_autoencoder_outputs(model.network, source)}


def _joined_texts(names: Sequence[str], given: Any) -> Any:
    """One text for each sample; several are joined, as the live model joins them."""
    if not names:
        return checked_texts(given)
    import tensorflow as tf

    first = given[names[0]]
    columns = [
        guarded(DIFFERENT_COUNTS, given[name], tf.size(given[name]) != tf.size(first), counts=_counts(names, given))
        for name in names
    ]
    checked = [_without_separator(name, checked_texts(column)) for name, column in zip(names, columns, strict=True)]
    return tf.strings.join(checked, f" {SEPARATOR} ")


def _counts(names: Sequence[str], given: Any) -> Any:
    """The number of texts of each name, as Python writes a dict."""
    import tensorflow as tf

    pairs = [tf.strings.join([f"{name!r}: ", tf.strings.as_string(tf.size(given[name]))]) for name in names]
    return tf.strings.join(["{", tf.strings.join(pairs, ", "), "}"])


def _without_separator(name: str, texts: Any) -> Any:
    import tensorflow as tf

    is_marked = tf.strings.regex_full_match(texts, f"(?s).*{SEPARATOR}.*")
    return guarded(
        HAS_SEPARATOR, texts, is_marked, position=tf.range(tf.size(texts)), name=repr(name), separator=repr(SEPARATOR)
    )


def _written(model: Any, text: Any, source: Any, beam: Any, penalty: Any) -> dict[str, Any]:
    """What the decoder writes; `text` is the raw source, from which unknown words are copied."""
    tokens, score, weights = decode_tokens(model.network, source, beam, penalty)
    answer = {"text": write_in_graph(model, text, tokens, weights), "score": score}
    return answer | ({} if weights is None else {"alignment": weights})


def _autoencoder_outputs(network: Seq2SeqNetwork, source: Any) -> dict[str, Any]:
    if not network.settings.is_autoencoder:
        return {}
    code = network.code(network.encode(source))
    return {"code": code, "reconstruction_error": reconstruction_error(network, source)}


def _served_series(model: Any) -> Served:
    import tensorflow as tf

    settings, network = model.settings, model.network
    shape = settings.longest[0], settings.features[0]
    example = example_series(network.source_scaling, *shape)

    def answer(series: tf.Tensor) -> dict[str, tf.Tensor]:
        return {"answer": decode_values(network, series), **_autoencoder_outputs(network, series)}

    def serve(series: tf.Tensor) -> dict[str, tf.Tensor]:
        checked = checked_series(series, shape[1], shape[0], way_out=FILL, other_length=OTHER_LENGTH)
        return unless_refused(answer(checked))

    endpoints = {
        "serve": Endpoint(serve, [any_sizes("series", 2)]),
        "describe": describe_endpoint({"timesteps": shape[0], "features": shape[1], "horizon": settings.longest[1]}),
    }
    expected = {name: tensor.numpy() for name, tensor in answer(tf.constant(example)).items()}
    signature = [tf.TensorSpec((None, *shape), tf.float32, name="series")]
    return Served(model, endpoints, tf.constant(example), expected, signature=signature)
