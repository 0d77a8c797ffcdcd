"""A classifier as a SavedModel: raw arrays or strings in; class, probabilities and attention out."""

from __future__ import annotations

from typing import Any

import keras

from seqkit._guards import unless_refused
from seqkit.classification.settings import MULTI_LABEL_THRESHOLD
from seqkit.export import Endpoint, Served, describe_endpoint
from seqkit.task.served_series import any_sizes, checked_series
from seqkit.task.serving import EXAMPLE_TIMESTEPS, answered_in_groups, example_series
from seqkit.text.served_texts import LONGEST_SERVED, checked_texts, served_tokens
from seqkit.text.token_numbers import add_unknown_if_empty_in_graph

OUTPUTS = ("probabilities", "attention")  # of the network; the second one where there is attention over steps


def served_classifier(model: Any, longest: int = LONGEST_SERVED) -> Served:
    """What the model serves, and its answers to an example; `longest` is the largest number of tokens of a text."""
    import tensorflow as tf

    settings, signature = model.settings, None
    answers = model.with_attention()
    if settings.is_text:
        example: Any = [" ".join(settings.words[:3]), "", "\u2603 unheard of"]
        arrays = model.network_input(example, "export")
        endpoints, tracked = {"serve": _serve_text(model, answers, longest)}, [model.vocabulary.layer]
    else:
        steps, features = settings.timesteps or EXAMPLE_TIMESTEPS, settings.features
        example = arrays = example_series(
            model.get_layer("scaling"), steps, features, padded=settings.timesteps is None
        )
        endpoints, tracked = {"serve": _serve_series(model, answers)}, []
        signature = [tf.TensorSpec((None, settings.timesteps, features), tf.float32, name="series")]
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
    return Served(answers, endpoints, tf.constant(example), expected, tracked, signature)


def _outputs(answers: keras.Model, arrays: Any) -> dict[str, Any]:
    outputs = answers(arrays, training=False)
    outputs = outputs if isinstance(outputs, (list, tuple)) else [outputs]
    return dict(zip(OUTPUTS, outputs, strict=False))


def _with_labels(model: Any, outputs: dict[str, Any]) -> dict[str, Any]:
    """Add the most probable label of each sample, or all probable ones of `multi_label`; `""` beside NaN."""
    import tensorflow as tf

    names, probabilities = [str(label) for label in model.labels], outputs["probabilities"]
    if model.settings.multi_label:
        return {"classes": _chosen(names, probabilities >= MULTI_LABEL_THRESHOLD), **outputs}
    is_unknown = tf.reduce_any(tf.math.is_nan(probabilities), axis=-1)
    number = tf.where(is_unknown, len(names), tf.argmax(probabilities, axis=-1, output_type=tf.int32))
    return {"class": tf.gather(tf.constant([*names, ""]), number), **outputs}


def _chosen(names: list[str], is_chosen: Any) -> Any:
    """The names that are chosen `(B, K)`, padded to as many as the sample with the most has."""
    import tensorflow as tf

    last = len(names)  # the number of ""
    numbers = tf.sort(tf.where(is_chosen, tf.range(last), last), axis=-1)  # (B, K): the chosen first, in their order
    most = tf.reduce_max(tf.reduce_sum(tf.cast(is_chosen, tf.int32), axis=-1))
    return tf.gather(tf.constant([*names, ""]), numbers[:, :most])


def _serve_series(model: Any, answers: keras.Model) -> Endpoint:
    import tensorflow as tf

    settings = model.settings

    def serve(series: tf.Tensor) -> dict[str, tf.Tensor]:
        series = checked_series(series, settings.features, settings.timesteps, missing=settings.missing)
        return _with_labels(model, unless_refused(_outputs(answers, series)))

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
