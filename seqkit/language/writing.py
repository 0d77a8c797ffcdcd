"""What a language model writes: the next words with their probabilities, and text that goes on from a prompt."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pandas as pd
from keras import ops

from seqkit import _checks
from seqkit.language import inputs
from seqkit.language.decoding import compiled, from_start, joined_to_prompt, most_probable, next_probabilities, write_on
from seqkit.language.network import LanguageNetwork
from seqkit.language.settings import LanguageSettings
from seqkit.task.model import RebuiltModel
from seqkit.text.vocabulary import END, PADDING, START, UNKNOWN, Vocabulary


class WritingModel(RebuiltModel):
    """The part of `LanguageModel` that writes.

    Shapes: B prompts, T words of the longest.
    """

    settings: LanguageSettings
    vocabulary: Vocabulary
    network: LanguageNetwork

    @property
    def never(self) -> tuple[int, ...]:
        """The numbers that are read but never written: padding, the unknown, the mark of the beginning."""
        return PADDING, UNKNOWN, self.vocabulary.number_of(START)

    def network_input(self, x: Any, where: str) -> np.ndarray:
        """What the graph reads: the numbers of words `[B, T]`, padded at the end, an empty text as its beginning."""
        numbers = self.vocabulary.encode(inputs.as_texts(where, x)).astype("int32")
        start = self.vocabulary.number_of(START)
        padded = ops.convert_to_numpy(from_start(numbers, start, self.settings.continuous))
        return padded[:, : int((padded != PADDING).sum(axis=1).max())]

    def next_words(self, text: Any, k: int = 5) -> Any:
        """The k most probable words to come next, with their probabilities.

        Args:
            text: what came before, read whole; may be empty. A list of texts gives a list of tables.
            k: how many. The unknown is never one of them, so its share is missing from their sum.

        Returns:
            A DataFrame with the columns `word` and `probability`, the most probable first. The end of the text is
            `[END]`.
        """
        k = _checks.whole_number("next_words", "k", k)
        found = ops.convert_to_numpy(self._next_probabilities(self.network_input(text, "next_words")))
        names = np.array(self.vocabulary.names, dtype=object)
        tables = []
        for row in found:
            best = most_probable(row, k, self.never)
            tables.append(pd.DataFrame({"word": names[best], "probability": row[best]}))
        return tables[0] if isinstance(text, str) else tables

    def generate(
        self,
        prompt: Any = "",
        steps: int = 20,
        *,
        temperature: float = 1.0,
        top_k: int | None = None,
        top_p: float | None = None,
        seed: int | None = None,
    ) -> Any:
        """Write on: each word is drawn by its probability, read, and the next one drawn, in one compiled loop.

        Args:
            prompt: what came before, read whole however long it is; may be empty, may hold unknown words. A list gives
                a list.
            steps: words (or characters) to write; fewer where the end of the text is drawn before.
            temperature: below 1 the probable becomes more probable still, above 1 less; 0 always takes the most
                probable.
            top_k: choose among as many of the most probable only.
            top_p: choose among the fewest most probable whose probabilities reach this (Holtzman et al. 2020).
            seed: makes it repeatable; without, Keras's own seed decides.

        Returns:
            The prompt with what follows. The unknown is never written.
        """
        steps = _checks.whole_number("generate", "steps", steps)
        top_k = self.network.size if top_k is None else _checks.whole_number("generate", "top_k", top_k)
        top_k = min(top_k, self.network.size)
        seed = None if seed is None else _checks.seed("generate", seed)
        temperature = _number("temperature", temperature, 0, float("inf"), "0 takes the most probable word")
        top_p = 1.0 if top_p is None else _number("top_p", top_p, 0, 1, "1 keeps every word")
        numbers = self.network_input(prompt, "generate")
        uniform = keras.random.uniform((len(numbers), steps), seed=seed)
        written = self._written(numbers, uniform, *(np.float32(temperature), np.int32(top_k), np.float32(top_p)))
        continuations = self.vocabulary.join(ops.convert_to_numpy(written))
        texts = inputs.as_texts("generate", prompt)
        found = [joined_to_prompt(*pair, self.settings.splitting) for pair in zip(texts, continuations, strict=True)]
        return found[0] if isinstance(prompt, str) else found

    @functools.cached_property
    def _next_probabilities(self) -> Callable[..., Any]:
        return compiled(lambda numbers: next_probabilities(self.network, numbers, self.never), ["int32"])

    @functools.cached_property
    def _written(self) -> Callable[..., Any]:
        def written(numbers: Any, uniform: Any, temperature: Any, top_k: Any, top_p: Any) -> Any:
            return write_on(
                self.network,
                numbers,
                uniform,
                temperature=temperature,
                top_k=top_k,
                top_p=top_p,
                never=self.never,
                end=self.vocabulary.number_of(END),
            )

        return compiled(written, ["int32", "float32"], ["float32", "int32", "float32"])


def _number(name: str, value: Any, least: float, most: float, hint: str) -> float:
    is_number = isinstance(value, (int, float, np.number)) and not isinstance(value, bool)
    if not is_number or not least <= value <= most or value == float("inf") or (name == "top_p" and value == 0):
        wanted = "a number from above 0 to 1" if name == "top_p" else "a number of 0 or more"
        raise ValueError(f"generate: {name} must be {wanted}, got {value!r}; {hint}.")
    return float(value)
