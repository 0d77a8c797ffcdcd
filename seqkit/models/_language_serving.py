"""A language model as a SavedModel: raw strings in, words, probabilities and raw strings out."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import ops

from seqkit.export import Endpoint, describing, write_saved_model
from seqkit.models._language_decoding import next_probabilities, write_on
from seqkit.vocabulary import END, PADDING, START

SPACE = "\t\n\f\r "


def compiled(function: Callable[..., Any], batches: Sequence[str], scalars: Sequence[str] = ()) -> Callable[..., Any]:
    """Trace it once for batches `[B, any]` and scalars of these kinds; backends but TensorFlow run it as it is."""
    if keras.backend.backend() != "tensorflow":
        return function
    import tensorflow as tf

    signature = [tf.TensorSpec((None, None), kind) for kind in batches] + [tf.TensorSpec((), kind) for kind in scalars]
    return tf.function(function, input_signature=signature).get_concrete_function()


def from_start(numbers: Any, start: int, continuous: bool) -> Any:
    """Numbers of words `(B, T)` with the mark of the beginning in front.

    To a model of one long text a prompt is from the midst of it; only the empty one is its beginning.
    """
    numbers = ops.cast(numbers, "int32")
    if not continuous:
        return ops.pad(numbers, [[0, 0], [1, 0]], constant_values=start)
    padded = ops.pad(numbers, [[0, 0], [0, 1]], constant_values=PADDING)  # some step, if all are empty
    first = ops.where(ops.equal(padded[:, :1], PADDING), start, padded[:, :1])
    return ops.concatenate([first, padded[:, 1:]], axis=1)


def least_probable_last(probabilities: np.ndarray, k: int, never: int) -> np.ndarray:
    """The k best positions, ties in their order, without those of probability 0 that are never chosen."""
    return np.argsort(-probabilities, kind="stable")[: min(k, len(probabilities) - never)]


def joined_to_prompt(prompt: str, continuation: str, splitting: str) -> str:
    """The prompt as it was given, and what follows."""
    if splitting == "characters":
        return prompt + continuation
    prompt = prompt.rstrip(SPACE)
    return f"{prompt} {continuation}" if prompt and continuation else prompt + continuation


def export_language_model(model: Any, path: str | os.PathLike[str]) -> Path:
    """Write it, and compare it with the live model on an example."""
    import tensorflow as tf

    words = [word for word in model.vocabulary.words if word not in (START, END)]
    example = [" ".join(words[:3]), "", "\u2603 unheard of"]
    expected = next_probabilities(model.network, model.network_input(example, "export"), model.never)
    endpoints = {
        "serve": _serve(model),
        "next_words": _next_words(model),
        "generate": _generate(model),
        "describe": describing(
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
        probabilities, numbers = tf.math.top_k(found, k)
        return {"words": tf.gather(tf.constant(names), numbers), "probabilities": probabilities}

    return Endpoint(next_words, [_text_spec(), tf.TensorSpec((), tf.int32, name="k")])


def _generate(model: Any) -> Endpoint:
    import tensorflow as tf

    def generate(text: Any, steps: Any, temperature: Any, seed: Any) -> dict[str, Any]:
        asked = [
            tf.debugging.assert_greater(steps, 0, message="steps must be 1 or more"),
            tf.debugging.assert_non_negative(temperature, message="temperature must be 0 or more"),
        ]
        with tf.control_dependencies(asked):
            numbers = tf.identity(_numbers(model, text))
        uniform = tf.random.stateless_uniform((tf.shape(numbers)[0], steps), tf.stack([seed, 0]))
        written = write_on(
            model.network,
            numbers,
            uniform,
            temperature=temperature,
            top_k=model.network.size,
            top_p=1.0,
            never=model.never,
            end=model.vocabulary.number_of(END),
        )
        return {"text": _joined(text, model.vocabulary.joined(written), model.settings.splitting)}

    signature = [_text_spec(), tf.TensorSpec((), tf.int32, name="steps")]
    signature += [tf.TensorSpec((), tf.float32, name="temperature"), tf.TensorSpec((), tf.int32, name="seed")]
    return Endpoint(generate, signature)


def _joined(prompt: Any, continuation: Any, splitting: str) -> Any:
    """As `joined_to_prompt`, in the graph."""
    import tensorflow as tf

    if splitting == "characters":
        return tf.strings.join([prompt, continuation])
    prompt = tf.strings.regex_replace(prompt, f"[{SPACE}]+$", "")
    both = (tf.strings.length(prompt) > 0) & (tf.strings.length(continuation) > 0)
    return tf.strings.join([prompt, tf.where(both, " ", ""), continuation])
