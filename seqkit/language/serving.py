"""A language model as a SavedModel: raw strings in, words, probabilities and raw strings out."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from keras import ops

from seqkit.export import Endpoint, describe_endpoint, refuse_other_backends, write_saved_model
from seqkit.language.decoding import SPACE, barred, from_start, next_probabilities, write_on
from seqkit.text.vocabulary import END, START


def export_language_model(model: Any, path: str | os.PathLike[str]) -> Path:
    """Write it, and compare it with the live model on an example."""
    refuse_other_backends()
    import tensorflow as tf

    words = [word for word in model.vocabulary.words if word not in (START, END)]
    example = [" ".join(words[:3]), "", "\u2603 unheard of"]
    expected = next_probabilities(model.network, model.network_input(example, "export"), model.never)
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


def _numbers(model: Any, text: Any) -> Any:
    start = model.vocabulary.number_of(START)
    return from_start(model.vocabulary.layer(text), start, model.settings.continuous)


def _text_spec() -> Any:
    import tensorflow as tf

    return tf.TensorSpec((None,), tf.string, name="text")


def _serve(model: Any) -> Endpoint:
    def serve(text: Any) -> dict[str, Any]:
        return {"probabilities": next_probabilities(model.network, _numbers(model, text), model.never)}

    return Endpoint(serve, [_text_spec()])


def _next_words(model: Any) -> Endpoint:
    import tensorflow as tf

    names = list(model.vocabulary.names)

    def next_words(text: Any, k: Any) -> dict[str, Any]:
        asked = tf.debugging.assert_greater(k, 0, message="k must be 1 or more")
        with tf.control_dependencies([asked]):
            k = tf.minimum(k, len(names) - len(model.never))
        found = next_probabilities(model.network, _numbers(model, text), model.never)
        _, numbers = tf.math.top_k(found + barred(model.network, model.never), k)
        probabilities = tf.gather(found, numbers, batch_dims=1)
        return {"words": tf.gather(tf.constant(names), numbers), "probabilities": probabilities}

    return Endpoint(next_words, [_text_spec(), tf.TensorSpec((), tf.int32, name="k")])


def _generate(model: Any) -> Endpoint:
    import tensorflow as tf

    def generate(text: Any, steps: Any, temperature: Any, seed: Any, top_k: Any, top_p: Any) -> dict[str, Any]:
        asked = [
            tf.debugging.assert_greater(steps, 0, message="steps must be 1 or more"),
            tf.debugging.assert_non_negative(temperature, message="temperature must be 0 or more"),
            tf.debugging.assert_greater(top_k, 0, message="top_k must be 1 or more"),
            tf.debugging.Assert((top_p > 0) & (top_p <= 1), ["top_p must be above 0 and at most 1"]),
        ]
        with tf.control_dependencies(asked):
            numbers = tf.identity(_numbers(model, text))
        uniform = tf.random.stateless_uniform((tf.shape(numbers)[0], steps), tf.stack([seed, 0]))
        written = write_on(
            model.network,
            numbers,
            uniform,
            temperature=temperature,
            top_k=top_k,
            top_p=top_p,
            never=model.never,
            end=model.vocabulary.number_of(END),
        )
        return {"text": _joined(text, model.vocabulary.joined(written), model.settings.splitting)}

    kinds = {"steps": tf.int32, "temperature": tf.float32, "seed": tf.int32, "top_k": tf.int32, "top_p": tf.float32}
    return Endpoint(generate, [_text_spec(), *(tf.TensorSpec((), kind, name=name) for name, kind in kinds.items())])


def _joined(prompt: Any, continuation: Any, splitting: str) -> Any:
    """As `joined_to_prompt`, in the graph."""
    import tensorflow as tf

    if splitting == "characters":
        return tf.strings.join([prompt, continuation])
    prompt = tf.strings.regex_replace(prompt, f"[{SPACE}]+$", "")
    both = (tf.strings.length(prompt) > 0) & (tf.strings.length(continuation) > 0)
    return tf.strings.join([prompt, tf.where(both, " ", ""), continuation])
