"""SavedModel of a language model: raw strings in; words, probabilities and raw strings out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from keras import ops

from seqkit._guards import guarded
from seqkit.export import Endpoint, Served, describe_endpoint
from seqkit.language import decoding
from seqkit.language.decoding import BAD_TEMPERATURE, BAD_TOP_P
from seqkit.task.serving import answered_in_groups, whole_number_served
from seqkit.text.joining import join_to_prompts
from seqkit.text.served_texts import LONGEST_SERVED, checked_texts, served_tokens
from seqkit.text.vocabulary import END, START


def served_language_model(model: Any, longest: int = LONGEST_SERVED) -> Served:
    """What the model serves, and its answers to an example; `longest` is the largest number of tokens of a prompt."""
    import tensorflow as tf

    words = [word for word in model.vocabulary.words if word not in (START, END)]
    example = [" ".join(words[:3]), "", "\u2603 unheard of"]
    expected = decoding.next_probabilities(model.network, model.network_input(example, "export"), model.never)
    endpoints = {
        "serve": _serve(model, longest),
        "next_words": _next_words(model, longest),
        "generate": _generate(model, longest),
        "describe": describe_endpoint(
            {
                "words": list(model.vocabulary.names),
                "splitting": model.settings.splitting,
                "continuous": model.settings.continuous,
            }
        ),
    }
    return Served(
        model,
        endpoints=endpoints,
        example=tf.constant(example),
        expected={"probabilities": ops.convert_to_numpy(expected)},
        tracked=[model.vocabulary.layer],
    )


def _text_spec() -> Any:
    import tensorflow as tf

    return tf.TensorSpec((None,), tf.string, name="text")


def _for_prompts(model: Any, longest: int, answer: Callable[..., Any], text: Any, **more: Any) -> dict[str, Any]:
    """What `answer` returns for the numbers of prompts, and for `more` of each prompt."""
    lengths = served_tokens(text, model.vocabulary, longest).row_lengths() + 1  # and the start mark

    def answer_group(inputs: dict[str, Any]) -> dict[str, Any]:
        start = model.vocabulary.number_of(START)
        numbers = model.vocabulary.layer(inputs["text"])
        others = {name: inputs[name] for name in more}
        return answer(decoding.add_start_mark(numbers, start, model.settings.continuous), **others)

    return answered_in_groups(answer_group, {"text": text, **more}, lengths)


def _probabilities(model: Any, longest: int, text: Any) -> dict[str, Any]:
    def answer(numbers: Any) -> dict[str, Any]:
        return {"probabilities": decoding.next_probabilities(model.network, numbers, model.never)}

    return _for_prompts(model, longest, answer, checked_texts(text))


def _serve(model: Any, longest: int) -> Endpoint:
    return Endpoint(lambda text: _probabilities(model, longest, text), [_text_spec()])


def _next_words(model: Any, longest: int) -> Endpoint:
    import tensorflow as tf

    names = list(model.vocabulary.names)

    def next_words(text: Any, k: Any) -> dict[str, Any]:
        k = tf.minimum(whole_number_served("k", k), len(names) - len(model.never))
        probabilities = _probabilities(model, longest, text)["probabilities"]
        _, numbers = tf.math.top_k(probabilities + decoding.vector_of_excluded(model.network, model.never, -1), k)
        return {
            "words": tf.gather(tf.constant(names), numbers),
            "probabilities": tf.gather(probabilities, numbers, batch_dims=1),
        }

    return Endpoint(next_words, [_text_spec(), tf.TensorSpec((), tf.int32, name="k")])


def _generate(model: Any, longest: int) -> Endpoint:
    import tensorflow as tf

    def generate(text: Any, steps: Any, temperature: Any, seed: Any, top_k: Any, top_p: Any) -> dict[str, Any]:
        steps, top_k = whole_number_served("steps", steps, longest), whole_number_served("top_k", top_k)
        is_valid = tf.math.is_finite(temperature) & (temperature >= 0)
        sampling = {
            "temperature": guarded(BAD_TEMPERATURE, temperature, ~is_valid, value=temperature),
            "top_k": top_k,
            "top_p": guarded(BAD_TOP_P, top_p, ~((top_p > 0) & (top_p <= 1)), value=top_p),
        }
        marks = {"excluded": model.never, "end": model.vocabulary.number_of(END)}

        def answer(numbers: Any, uniform: Any) -> dict[str, Any]:
            return {"numbers": decoding.generate_numbers(model.network, numbers, uniform, **sampling, **marks)}

        text = checked_texts(text)
        uniform = tf.random.stateless_uniform((tf.size(text), steps), tf.stack([seed, 0]))
        generated = _for_prompts(model, longest, answer, text, uniform=uniform)["numbers"]
        return {"text": join_to_prompts(text, model.vocabulary.joined(generated), model.settings.splitting)}

    dtypes = {"steps": tf.int32, "temperature": tf.float32, "seed": tf.int32, "top_k": tf.int32, "top_p": tf.float32}
    return Endpoint(generate, [_text_spec(), *(tf.TensorSpec((), dtype, name=name) for name, dtype in dtypes.items())])
