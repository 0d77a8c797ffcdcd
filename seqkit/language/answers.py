"""What a language model answers: the next words with their probabilities, and text that goes on from a prompt.

Shapes: B prompts, T words of the longest, N steps to write, V numbers of the vocabulary.
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
from seqkit.language.decoding import from_start, joined_to_prompt, most_probable, next_probabilities, write_on
from seqkit.text.vocabulary import END, PADDING, START


def prompt_numbers(model: Any, where: str, x: Any) -> np.ndarray:
    """The numbers of words `[B, T]`, padded at the end, an empty text as its beginning."""
    numbers = model.vocabulary.encode(inputs.as_texts(where, x)).astype("int32")
    start = model.vocabulary.number_of(START)
    padded = ops.convert_to_numpy(from_start(numbers, start, model.settings.continuous))
    return padded[:, : int((padded != PADDING).sum(axis=1).max())]


def next_words(model: Any, text: Any, k: Any) -> Any:
    """A table of the k most probable words to come next; of a list of texts a list of tables."""
    k = _checks.whole_number("next_words", "k", k)
    never = model.never
    graph = model.graphs.of("next", lambda numbers: next_probabilities(model.network, numbers, never))
    names = np.array(model.vocabulary.names, dtype=object)
    tables = []
    for row in graph(prompt_numbers(model, "next_words", text)):
        best = most_probable(row, k, never)
        tables.append(pd.DataFrame({"word": names[best], "probability": row[best]}))
    return tables[0] if isinstance(text, str) else tables


def generate(model: Any, prompt: Any, steps: Any, *, temperature: Any, top_k: Any, top_p: Any, seed: int | None) -> Any:
    """The prompt, or each of a list, with what follows."""
    where, size = "generate", model.network.size
    steps = _checks.whole_number(where, "steps", steps)
    top_k = size if top_k is None else min(_checks.whole_number(where, "top_k", top_k), size)
    seed = None if seed is None else _checks.seed(where, seed)
    temperature = _number("temperature", temperature, 0, float("inf"), "0 takes the most probable word")
    top_p = 1.0 if top_p is None else _number("top_p", top_p, 0, 1, "1 keeps every word")
    numbers = prompt_numbers(model, where, prompt)
    uniform = ops.convert_to_numpy(keras.random.uniform((len(numbers), steps), seed=seed))
    choices = np.float32(temperature), np.int32(top_k), np.float32(top_p)
    written = model.graphs.of("write", _writer(model))((numbers, uniform, *choices))
    continuations = model.vocabulary.join(written)
    pairs = zip(inputs.as_texts(where, prompt), continuations, strict=True)
    texts = [joined_to_prompt(*pair, model.settings.splitting) for pair in pairs]
    return texts[0] if isinstance(prompt, str) else texts


def _writer(model: Any) -> Any:
    """From prompts `[B, T]`, chances `[B, N]` and the three choices to the numbers of words `[B, N]`."""
    never, end = model.never, model.vocabulary.number_of(END)

    def write(arrays: Any) -> Any:
        numbers, uniform, temperature, top_k, top_p = arrays
        choices = {"temperature": temperature, "top_k": top_k, "top_p": top_p}
        return write_on(model.network, numbers, uniform, **choices, never=never, end=end)

    return write


def _number(name: str, value: Any, least: float, most: float, hint: str) -> float:
    is_number = isinstance(value, (int, float, np.number)) and not isinstance(value, bool)
    if not is_number or not least <= value <= most or value == float("inf") or (name == "top_p" and value == 0):
        wanted = "a number from above 0 to 1" if name == "top_p" else "a number of 0 or more"
        raise InvalidValue("generate", f"{name} must be {wanted}, got {value!r}; {hint}.", argument=name)
    return float(value)
