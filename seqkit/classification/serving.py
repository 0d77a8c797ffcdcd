"""A classifier as a SavedModel: raw arrays or strings in; class, probabilities and attention out."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import keras

from seqkit.classification.settings import MULTI_LABEL_THRESHOLD
from seqkit.export import Endpoint, describe_endpoint, refuse_other_backends, write_saved_model
from seqkit.task.served_series import any_sizes, checked_series
from seqkit.task.serving import answered_in_groups, example_series
from seqkit.text.served_texts import LONGEST_SERVED, checked_texts, served_tokens
from seqkit.text.token_numbers import add_unknown_if_empty_in_graph

EXAMPLE_TIMESTEPS = 7
OUTPUTS = ("probabilities", "attention")  # of the network; the second one where there is attention over steps


def export_classifier(model: Any, path: str | os.PathLike[str], longest: int = LONGEST_SERVED) -> Path:
    """Write the SavedModel, and compare it with the live model on an example.

    `longest` is the largest number of tokens of a text.
    """
    refuse_other_backends()
    settings = model.settings
    answers = model.with_attention()
    if settings.is_text:
        example: Any = [" ".join(settings.words[:3]), "", "\u2603 unheard of"]
        arrays = model.network_input(example, "export")
        endpoints, tracked = {"serve": _serve_text(model, answers, longest)}, [model.vocabulary.layer]
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
    expected = dict(zip(OUTPUTS, outputs, strict=False))
    return write_saved_model(
        answers, path, endpoints=endpoints, example=_tensor(example), expected=expected, tracked=tracked
    )


def _tensor(example: Any) -> Any:
    import tensorflow as tf

    return tf.constant(example)


def _outputs(answers: keras.Model, arrays: Any) -> dict[str, Any]:
    outputs = answers(arrays, training=False)
    outputs = outputs if isinstance(outputs, (list, tuple)) else [outputs]
    return dict(zip(OUTPUTS, outputs, strict=False))


def _with_labels(model: Any, outputs: dict[str, Any]) -> dict[str, Any]:
    """Add the most probable label of each sample, or all probable ones of `multi_label`."""
    import tensorflow as tf

    labels, probabilities = tf.constant([str(label) for label in model.labels]), outputs["probabilities"]
    if not model.settings.multi_label:
        return {"class": tf.gather(labels, tf.argmax(probabilities, axis=-1)), **outputs}
    is_chosen = probabilities >= MULTI_LABEL_THRESHOLD
    chosen = tf.ragged.boolean_mask(tf.broadcast_to(labels, tf.shape(probabilities)), is_chosen)
    return {"classes": chosen.to_tensor(""), **outputs}


def _serve_series(model: Any, answers: keras.Model) -> Endpoint:
    import tensorflow as tf

    settings = model.settings

    def serve(series: tf.Tensor) -> dict[str, tf.Tensor]:
        series = checked_series(series, settings.features, settings.timesteps, missing=settings.missing)
        return _with_labels(model, _outputs(answers, series))

    return Endpoint(serve, [any_sizes("series", 2)])


def _serve_text(model: Any, answers: keras.Model, longest: int) -> Endpoint:
    import tensorflow as tf

    vocabulary = model.vocabulary

    def answer(inputs: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        numbers = add_unknown_if_empty_in_graph(tf.cast(vocabulary.layer(inputs["text"]), tf.int32))
        return _outputs(answers, numbers)

    def serve(text: tf.Tensor) -> dict[str, tf.Tensor]:
        text = checked_texts(text)
        tokens = served_tokens(text, vocabulary, longest)
        outputs = answered_in_groups(answer, {"text": text}, tokens.row_lengths(), by_step=("attention",))
        return _with_labels(model, outputs) | {"tokens": tokens.to_tensor("", shape=[None, None])}

    return Endpoint(serve, [tf.TensorSpec((None,), tf.string, name="text")])
