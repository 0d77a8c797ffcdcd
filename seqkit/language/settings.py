"""What a language model is made of: plain values that fit in a saved model's config."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from seqkit import _checks
from seqkit.language import inputs
from seqkit.layers.stack import CELLS, layer_dropout, layer_units
from seqkit.task.settings import PlainSettings
from seqkit.text.known_words import given_words, learnt_words
from seqkit.text.vocabulary import SPLITTINGS, Vocabulary

WHERE = "build_language_model"
ONE_HOT = "one-hot"
PIECE = {"words": 35, "spaces": 35, "characters": 100}  # timesteps of one long text (Zaremba et al. 2014)
LONGEST_PIECE = 250  # timesteps of separate texts, at most


@dataclass(frozen=True)
class LanguageSettings(PlainSettings):
    """Checked and complete; `build_language_model` makes it, `LanguageModel` and its network read it."""

    words: tuple[str, ...]  # the marks of beginning and end among them
    splitting: str
    lower: bool
    continuous: bool
    timesteps: int  # of a piece that the loss goes back through
    cell: str
    units: tuple[int, ...]
    embedding: int  # size of a word's vector; 0 for one-hot
    tied: bool
    dropout: tuple[float, ...]


def settle(like: Any, vocabulary: Any, given: Mapping[str, Any]) -> LanguageSettings:
    """Check the builder's arguments and fill in what the training text, or else plain habit, decides."""
    texts = None if like is None else inputs.as_texts(WHERE, like)
    _checks.choice(WHERE, "by", given["by"], SPLITTINGS)
    _checks.choice(WHERE, "cell", given["cell"], CELLS)
    inputs.refuse_empty(WHERE, texts or [], given["by"])
    known = _vocabulary(texts, vocabulary, given)
    continuous = isinstance(like, str) if given["continuous"] is None else bool(given["continuous"])
    units, rates = layer_units(WHERE, given["units"]), given["dropout"]
    embedding = _embedding(given["embedding"], bool(given["tied"]))
    return LanguageSettings(
        words=known.words,
        splitting=known.splitting,
        lower=known.lower,
        continuous=continuous,
        timesteps=_timesteps(texts, known, continuous, given["timesteps"]),
        cell=given["cell"],
        units=units,
        embedding=embedding,
        tied=bool(given["tied"]),
        dropout=layer_dropout(WHERE, [rates] * len(units) if np.isscalar(rates) else rates, len(units)),
    )


def _embedding(embedding: Any, tied: bool) -> int:
    if embedding != ONE_HOT:
        if isinstance(embedding, str):
            raise ValueError(f'{WHERE}: embedding must be a size or "{ONE_HOT}", got {embedding!r}.')
        return _checks.whole_number(WHERE, "embedding", embedding)
    if tied:
        raise ValueError(
            f'{WHERE}: tied=True uses the words\' vectors again at the output, and embedding="{ONE_HOT}" has none. '
            "Pass a size, embedding=128 say."
        )
    return 0


def _vocabulary(texts: list[str] | None, given: Any, options: Mapping[str, Any]) -> Vocabulary:
    """The words to know, the marks of beginning and end always among them."""
    if isinstance(given, Vocabulary):
        splitting, lower = given.splitting, given.lower
    else:
        splitting = options["by"]
        lower = splitting != "characters" if options["lower"] is None else bool(options["lower"])
    if given is not None:
        return given_words(WHERE, given, splitting, lower)
    if texts is None:
        raise ValueError(f"{WHERE}: give like=<the training text>, or vocabulary=.")
    counts = {name: options[name] for name in ("most_words", "least_count")}
    return learnt_words(WHERE, "texts", texts, **counts, splitting=splitting, lower=lower)


def _timesteps(texts: list[str] | None, vocabulary: Vocabulary, continuous: bool, given: Any) -> int:
    if given is not None:
        return _checks.whole_number(WHERE, "timesteps", given)
    if continuous or texts is None:
        return PIECE[vocabulary.splitting]
    longest = max(len(tokens) for tokens in vocabulary.split(texts)) + 1  # the mark of the beginning
    return min(longest, LONGEST_PIECE)
