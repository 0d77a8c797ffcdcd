"""Answers of a language model: the next words with their probabilities, and the continuation of a prompt.

Shapes: B prompts, T words of the longest, N steps to generate, V numbers of the vocabulary.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pandas as pd
from keras import ops

from seqkit import _checks
from seqkit._refusals import Refusal
from seqkit.language import inputs
from seqkit.language.decoding import (
    BAD_TEMPERATURE,
    BAD_TOP_P,
    generate_numbers,
    most_probable,
    next_probabilities,
)
from seqkit.task.answering import answer_in_batches
from seqkit.task.batches import pad
from seqkit.text.joining import as_strings, join_to_prompts
from seqkit.text.token_numbers import encode_texts
from seqkit.text.vocabulary import END, PADDING, START

PROMPTS_PER_BATCH = 256


def prompt_numbers(model: Any, where: str, x: Any) -> list[np.ndarray]:
    """Return the numbers of words `[T_i]` of each prompt; an empty text is read as the start mark."""
    start = model.vocabulary.number_of(START)
    rows = encode_texts(model.vocabulary, inputs.as_texts(where, x))
    is_marked = [not model.settings.continuous or not len(row) for row in rows]
    return [np.concatenate([[start][:mark], row]).astype("int32") for mark, row in zip(is_marked, rows, strict=True)]


def _answers(model: Any, prompts: list[np.ndarray], answer: Callable[[np.ndarray, np.ndarray], Any]) -> list[Any]:
    """An answer to each prompt; `answer` takes prompts of similar length, padded `[B, T]`, and their positions."""

    def answer_batch(positions: np.ndarray) -> Any:
        return answer(pad([prompts[position] for position in positions], PADDING), positions)

    return answer_in_batches(model, list(map(len, prompts)), PROMPTS_PER_BATCH, answer_batch, verbose=0)


def next_words(model: Any, text: Any, k: Any) -> Any:
    """Return a table of the k most probable next words; for a list of texts, a list of tables."""
    k = _checks.whole_number("next_words", "k", k)
    excluded = model.never
    graph = model.graphs.compiled("next", lambda numbers: next_probabilities(model.network, numbers, excluded))
    names = np.array(model.vocabulary.names, dtype=object)
    tables = []
    for probabilities in _answers(model, prompt_numbers(model, "next_words", text), lambda prompts, _: graph(prompts)):
        best = most_probable(probabilities, k, excluded)
        tables.append(pd.DataFrame({"word": names[best], "probability": probabilities[best]}))
    return tables[0] if isinstance(text, str) else tables


def generate(model: Any, prompt: Any, steps: Any, *, temperature: Any, top_k: Any, top_p: Any, seed: int | None) -> Any:
    """Return the prompt, or each prompt of a list, with its continuation."""
    where, size = "generate", model.network.size
    steps = _checks.whole_number(where, "steps", steps)
    top_k = size if top_k is None else min(_checks.whole_number(where, "top_k", top_k), size)
    seed = None if seed is None else _checks.seed(where, seed)
    temperature = _checked_number(BAD_TEMPERATURE, "temperature", temperature, lambda value: 0 <= value < float("inf"))
    top_p = 1.0 if top_p is None else _checked_number(BAD_TOP_P, "top_p", top_p, lambda value: 0 < value <= 1)
    prompts = prompt_numbers(model, where, prompt)
    uniform = ops.convert_to_numpy(keras.random.uniform((len(prompts), steps), seed=seed))
    sampling = np.float32(temperature), np.int32(top_k), np.float32(top_p)
    graph = model.graphs.compiled("write", _generator(model))
    generated = _answers(model, prompts, lambda numbers, positions: graph((numbers, uniform[positions], *sampling)))
    continuations = model.vocabulary.joined(np.stack(generated))
    texts = as_strings(join_to_prompts(inputs.as_texts(where, prompt), continuations, model.settings.splitting))
    return texts[0] if isinstance(prompt, str) else texts


def _generator(model: Any) -> Any:
    """Return a function from prompts `[B, T]`, random numbers `[B, N]` and sampling options to words `[B, N]`."""
    excluded, end = model.never, model.vocabulary.number_of(END)

    def generate_batch(arrays: Any) -> Any:
        numbers, uniform, temperature, top_k, top_p = arrays
        sampling = {"temperature": temperature, "top_k": top_k, "top_p": top_p}
        return generate_numbers(model.network, numbers, uniform, **sampling, excluded=excluded, end=end)

    return generate_batch


def _checked_number(refusal: Refusal, name: str, value: Any, is_valid: Callable[[Any], bool]) -> float:
    is_number = isinstance(value, (int, float, np.number)) and not isinstance(value, bool)
    if not is_number or not is_valid(value):
        raise refusal.error("generate", argument=name, value=repr(value))
    return float(value)
