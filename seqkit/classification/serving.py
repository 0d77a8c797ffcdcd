"""A classifier as a SavedModel: raw arrays or strings in; class, probabilities and attention out."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import keras

from seqkit.classification.settings import MULTI_LABEL_THRESHOLD
from seqkit.export import Endpoint, describe_endpoint, refuse_other_backends, write_saved_model
from seqkit.task.serving import any_sizes, checked_series, example_series, of_sizes
from seqkit.text.token_numbers import add_unknown_if_empty_in_graph
from seqkit.text.vocabulary import separate

EXAMPLE_TIMESTEPS = 7


def export_classifier(model: Any, path: str | os.PathLike[str]) -> Path:
    """Write the SavedModel, and compare it with the live model on an example."""
    refuse_other_backends()
    settings = model.settings
    answers = model.with_attention()
    if settings.is_text:
        example: Any = [" ".join(settings.words[:3]), "", "\u2603 unheard of"]
        arrays = model.network_input(example, "export")
        endpoints, tracked = {"serve": _serve_text(model, answers)}, [model.vocabulary.layer]
    else:
        example = arrays = example_series(
            model.get_layer("scaling"), settings.timesteps or EXAMPLE_TIMESTEPS, settings.features
        )
        endpoints, tracked = {"serve": _serve_series(model, answers)}, []
    endpoints["describe"] = describe_endpoint(
        {
            "labels": [str(label) for label in settings.labels],
            "features": 0 if settings.is_text else settings.features,
            "timesteps": settings.timesteps or 0,
            "multi_label": settings.multi_label,
        }
    )
    outputs = answers.predict_on_batch(arrays)
    outputs = outputs if isinstance(outputs, list) else [outputs]
    expected = dict(zip(("probabilities", "attention"), outputs, strict=False))
    return write_saved_model(
        answers, path, endpoints=endpoints, example=_tensor(example), expected=expected, tracked=tracked
    )


def _tensor(example: Any) -> Any:
    import tensorflow as tf

    return tf.constant(example)


def _answer(model: Any, answers: keras.Model, arrays: Any) -> dict[str, Any]:
    import tensorflow as tf

    labels = tf.constant([str(label) for label in model.labels])
    outputs = answers(arrays, training=False)
    probabilities, *attention = outputs if isinstance(outputs, (list, tuple)) else [outputs]
    if model.settings.multi_label:
        is_chosen = probabilities >= MULTI_LABEL_THRESHOLD
        chosen = tf.ragged.boolean_mask(tf.broadcast_to(labels, tf.shape(probabilities)), is_chosen)
        answer = {"classes": chosen.to_tensor("")}
    else:
        answer = {"class": tf.gather(labels, tf.argmax(probabilities, axis=-1))}
    answer["probabilities"] = probabilities
    return answer | ({"attention": attention[0]} if attention else {})


def _serve_series(model: Any, answers: keras.Model) -> Endpoint:
    import tensorflow as tf

    settings = model.settings
    accepted = {"gaps": settings.missing == "mask", "any_length": settings.timesteps is None}

    def serve(series: tf.Tensor) -> dict[str, tf.Tensor]:
        series = of_sizes(series, settings.timesteps, settings.features)
        return _answer(model, answers, checked_series(series, **accepted))

    return Endpoint(serve, [any_sizes("series", 2)])


def _serve_text(model: Any, answers: keras.Model) -> Endpoint:
    import tensorflow as tf

    vocabulary = model.vocabulary.layer

    def serve(text: tf.Tensor) -> dict[str, tf.Tensor]:
        numbers = add_unknown_if_empty_in_graph(tf.cast(vocabulary(text), tf.int32))
        tokens = tf.strings.split(separate(text)).to_tensor("", shape=[None, None])
        return _answer(model, answers, numbers) | {"tokens": tokens}

    return Endpoint(serve, [tf.TensorSpec((None,), tf.string, name="text")])
