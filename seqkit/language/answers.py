"""Answers of a language model: the next words with their probabilities, and the continuation of a prompt.

Shapes: B prompts, T words of the longest, N steps to generate, V numbers of the vocabulary.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pandas as pd
from keras import ops

from seqkit import _checks
from seqkit._errors import InvalidValue
from seqkit.language import inputs
from seqkit.language.decoding import add_start_mark, generate_numbers, most_probable, next_probabilities
from seqkit.text.joining import as_strings, join_to_prompts
from seqkit.text.vocabulary import END, PADDING, START


def prompt_numbers(model: Any, where: str, x: Any) -> np.ndarray:
    """Return the numbers of words `[B, T]`, padded at the end; an empty text is read as the start mark."""
    numbers = model.vocabulary.encode(inputs.as_texts(where, x)).astype("int32")
    start = model.vocabulary.number_of(START)
    padded = ops.convert_to_numpy(add_start_mark(numbers, start, model.settings.continuous))
    return padded[:, : int((padded != PADDING).sum(axis=1).max())]


def next_words(model: Any, text: Any, k: Any) -> Any:
    """Return a table of the k most probable next words; for a list of texts, a list of tables."""
    k = _checks.whole_number("next_words", "k", k)
    excluded = model.never
    graph = model.graphs.compiled("next", lambda numbers: next_probabilities(model.network, numbers, excluded))
    names = np.array(model.vocabulary.names, dtype=object)
    tables = []
    for probabilities in graph(prompt_numbers(model, "next_words", text)):
        best = most_probable(probabilities, k, excluded)
        tables.append(pd.DataFrame({"word": names[best], "probability": probabilities[best]}))
    return tables[0] if isinstance(text, str) else tables


def generate(model: Any, prompt: Any, steps: Any, *, temperature: Any, top_k: Any, top_p: Any, seed: int | None) -> Any:
    """Return the prompt, or each prompt of a list, with its continuation."""
    where, size = "generate", model.network.size
    steps = _checks.whole_number(where, "steps", steps)
    top_k = size if top_k is None else min(_checks.whole_number(where, "top_k", top_k), size)
    seed = None if seed is None else _checks.seed(where, seed)
    temperature = _checked_number("temperature", temperature, 0, float("inf"), "0 takes the most probable word")
    top_p = 1.0 if top_p is None else _checked_number("top_p", top_p, 0, 1, "1 keeps every word")
    numbers = prompt_numbers(model, where, prompt)
    uniform = ops.convert_to_numpy(keras.random.uniform((len(numbers), steps), seed=seed))
    sampling = np.float32(temperature), np.int32(top_k), np.float32(top_p)
    generated = model.graphs.compiled("write", _generator(model))((numbers, uniform, *sampling))
    continuations = model.vocabulary.joined(generated)
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


def _checked_number(name: str, value: Any, least: float, most: float, hint: str) -> float:
    is_number = isinstance(value, (int, float, np.number)) and not isinstance(value, bool)
    if not is_number or not least <= value <= most or value == float("inf") or (name == "top_p" and value == 0):
        limits = "from above 0 to 1" if name == "top_p" else "of 0 or more"
        raise InvalidValue("generate", f"{name} must be a number {limits}, got {value!r}; {hint}.", argument=name)
    return float(value)
