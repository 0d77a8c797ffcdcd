"""What a language model is made of: plain values that fit in a saved model's config."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from seqkit import _checks
from seqkit.layers.stack import CELLS, layer_dropout, layer_units
from seqkit.models import _language_inputs as inputs
from seqkit.models._plain_settings import PlainSettings
from seqkit.vocabulary import END, SPLITTINGS, START, Vocabulary

WHERE = "build_language_model"
ONE_HOT = "one-hot"
MARKS = (START, END)
PIECE = {"words": 35, "spaces": 35, "characters": 100}  # timesteps of one long text (Zaremba et al. 2014)
LONGEST_PIECE = 250  # timesteps of separate texts, at most
MANY_WORDS = 1000  # different ones, from which on those seen once are left to stand for the unknown


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
    if given is None:
        if texts is None:
            raise ValueError(f"{WHERE}: give like=<the training text>, or vocabulary=.")
        return _learnt(texts, splitting, lower, options["most_words"], options["least_count"])
    words = given.words if isinstance(given, Vocabulary) else Vocabulary(given, splitting, lower).words
    own = [word for word in words if word not in MARKS]
    known = Vocabulary((*MARKS, *own), splitting, lower)
    _refuse_unreadable(own, splitting, lower)
    return known


def _learnt(texts: list[str], splitting: str, lower: bool, most: Any, least: Any) -> Vocabulary:
    most = _checks.whole_number(WHERE, "most_words", most)
    kinds: dict[str, Any] = {"splitting": splitting, "lower": lower, "marks": MARKS}
    if least is not None:
        least = _checks.whole_number(WHERE, "least_count", least)
        return Vocabulary.learn(texts, most=most, least_count=least, **kinds)
    found = Vocabulary.learn(texts, most=most, **kinds)
    if len(found.words) - len(MARKS) <= MANY_WORDS:
        return found
    again = Counter(word for tokens in found.split(texts) for word in tokens)
    seen_twice = [word for word in found.words if word in MARKS or again[word] > 1]
    return Vocabulary(seen_twice, splitting, lower) if len(seen_twice) > len(MARKS) else found


def _refuse_unreadable(words: list[str], splitting: str, lower: bool) -> None:
    for word, tokens in zip(words, Vocabulary(words, splitting, lower).split(words), strict=True):
        if tokens != [word]:
            raise ValueError(
                f"{WHERE}: the word {word!r} of vocabulary= is never found, for texts are split by {splitting}"
                f"{' and lower-cased' if lower else ''}: it is read as {_checks.listed(tokens) or 'nothing'}. Pass it "
                "so, or leave vocabulary= out to learn it from like=."
            )


def _timesteps(texts: list[str] | None, vocabulary: Vocabulary, continuous: bool, given: Any) -> int:
    if given is not None:
        return _checks.whole_number(WHERE, "timesteps", given)
    if continuous or texts is None:
        return PIECE[vocabulary.splitting]
    longest = max(len(tokens) for tokens in vocabulary.split(texts)) + 1  # the mark of the beginning
    return min(longest, LONGEST_PIECE)
