"""SavedModel of a language model: raw strings in; words, probabilities and raw strings out."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from keras import ops

from seqkit.export import Endpoint, describe_endpoint, refuse_other_backends, write_saved_model
from seqkit.language import decoding
from seqkit.text.joining import join_to_prompts
from seqkit.text.vocabulary import END, START


def export_language_model(model: Any, path: str | os.PathLike[str]) -> Path:
    """Write the SavedModel, and compare it with the live model on an example."""
    refuse_other_backends()
    import tensorflow as tf

    words = [word for word in model.vocabulary.words if word not in (START, END)]
    example = [" ".join(words[:3]), "", "\u2603 unheard of"]
    expected = decoding.next_probabilities(model.network, model.network_input(example, "export"), model.never)
    endpoints = {
        "serve": _serve(model),
        "next_words": _next_words(model),
        "generate": _generate(model),
        "describe": describe_endpoint(
            {
                "words": list(model.vocabulary.names),
                "splitting": model.settings.splitting,
                "continuous": model.settings.continuous,
            }
        ),
    }
    return write_saved_model(
        model,
        path,
        endpoints=endpoints,
        example=tf.constant(example),
        expected={"probabilities": ops.convert_to_numpy(expected)},
        tracked=[model.vocabulary.layer],
    )


def _prompt_numbers(model: Any, text: Any) -> Any:
    start = model.vocabulary.number_of(START)
    return decoding.add_start_mark(model.vocabulary.layer(text), start, model.settings.continuous)


def _text_spec() -> Any:
    import tensorflow as tf

    return tf.TensorSpec((None,), tf.string, name="text")


def _serve(model: Any) -> Endpoint:
    def serve(text: Any) -> dict[str, Any]:
        return {"probabilities": decoding.next_probabilities(model.network, _prompt_numbers(model, text), model.never)}

    return Endpoint(serve, [_text_spec()])


def _next_words(model: Any) -> Endpoint:
    import tensorflow as tf

    names = list(model.vocabulary.names)

    def next_words(text: Any, k: Any) -> dict[str, Any]:
        with tf.control_dependencies([tf.debugging.assert_greater(k, 0, message="k must be 1 or more")]):
            k = tf.minimum(k, len(names) - len(model.never))
        probabilities = decoding.next_probabilities(model.network, _prompt_numbers(model, text), model.never)
        _, numbers = tf.math.top_k(probabilities + decoding.vector_of_excluded(model.network, model.never, -1), k)
        return {
            "words": tf.gather(tf.constant(names), numbers),
            "probabilities": tf.gather(probabilities, numbers, batch_dims=1),
        }

    return Endpoint(next_words, [_text_spec(), tf.TensorSpec((), tf.int32, name="k")])


def _generate(model: Any) -> Endpoint:
    import tensorflow as tf

    def generate(text: Any, steps: Any, temperature: Any, seed: Any, top_k: Any, top_p: Any) -> dict[str, Any]:
        assertions = [
            tf.debugging.assert_greater(steps, 0, message="steps must be 1 or more"),
            tf.debugging.assert_non_negative(temperature, message="temperature must be 0 or more"),
            tf.debugging.assert_greater(top_k, 0, message="top_k must be 1 or more"),
            tf.debugging.Assert((top_p > 0) & (top_p <= 1), ["top_p must be above 0 and at most 1"]),
        ]
        with tf.control_dependencies(assertions):
            numbers = tf.identity(_prompt_numbers(model, text))
        uniform = tf.random.stateless_uniform((tf.shape(numbers)[0], steps), tf.stack([seed, 0]))
        generated = decoding.generate_numbers(
            model.network,
            numbers,
            uniform,
            temperature=temperature,
            top_k=top_k,
            top_p=top_p,
            excluded=model.never,
            end=model.vocabulary.number_of(END),
        )
        return {"text": join_to_prompts(text, model.vocabulary.joined(generated), model.settings.splitting)}

    dtypes = {"steps": tf.int32, "temperature": tf.float32, "seed": tf.int32, "top_k": tf.int32, "top_p": tf.float32}
    return Endpoint(generate, [_text_spec(), *(tf.TensorSpec((), dtype, name=name) for name, dtype in dtypes.items())])
