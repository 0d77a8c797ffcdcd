"""What a language model is made of: plain values that fit in a saved model's config."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from seqkit import _checks
from seqkit._errors import InvalidValue
from seqkit.language import inputs
from seqkit.layers.stack import CELLS, layer_dropout, layer_units
from seqkit.task.settings import PlainSettings
from seqkit.text.known_words import Words, given_words, learnt_words, refuse_beside_vocabulary, splitting_of
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


def settle(
    *,
    like: Any,
    vocabulary: Words | None,
    by: str | None,
    most_words: int | None,
    least_count: int | None,
    lower: bool | None,
    cell: str,
    units: int | Sequence[int],
    embedding: int | str,
    tied: bool,
    dropout: float | Sequence[float],
    timesteps: int | None,
    continuous: bool | None,
) -> LanguageSettings:
    """Check the builder's arguments and fill in what the training text, or else plain habit, decides."""
    refuse_beside_vocabulary(WHERE, vocabulary, by=by, lower=lower, most_words=most_words, least_count=least_count)
    texts = None if like is None else inputs.as_texts(WHERE, like)
    splitting = splitting_of(vocabulary, by)
    _checks.choice(WHERE, "by", splitting, SPLITTINGS)
    _checks.choice(WHERE, "cell", cell, CELLS)
    inputs.refuse_empty(WHERE, texts or [], splitting)
    reads_small = splitting != "characters" if lower is None else bool(lower)
    if vocabulary is None:
        known = _learnt(texts, splitting, reads_small, most_words, least_count)
    else:
        known = given_words(WHERE, vocabulary, splitting, reads_small)
    carried = isinstance(like, str) if continuous is None else bool(continuous)
    sizes = layer_units(WHERE, units)
    return LanguageSettings(
        words=known.words,
        splitting=known.by,
        lower=known.lower,
        continuous=carried,
        timesteps=_timesteps(texts, known, carried, timesteps),
        cell=cell,
        units=sizes,
        embedding=_embedding(embedding, bool(tied)),
        tied=bool(tied),
        dropout=layer_dropout(WHERE, dropout, len(sizes)),
    )


def _embedding(embedding: int | str, tied: bool) -> int:
    if embedding != ONE_HOT:
        if isinstance(embedding, str):
            raise InvalidValue(
                WHERE, f'embedding must be a size or "{ONE_HOT}", got {embedding!r}.', argument="embedding"
            )
        return _checks.whole_number(WHERE, "embedding", embedding)
    if tied:
        raise InvalidValue(
            WHERE,
            f'tied=True uses the words\' vectors again at the output, and embedding="{ONE_HOT}" has none.',
            "Pass a size, embedding=128 say.",
        )
    return 0


def _learnt(
    texts: list[str] | None, splitting: str, lower: bool, most_words: int | None, least_count: int | None
) -> Vocabulary:
    """The words of the training text, the marks of beginning and end always among them."""
    if texts is None:
        raise InvalidValue(WHERE, "give like=<the training text>, or vocabulary=.")
    return learnt_words(
        WHERE, "texts", texts, most_words=most_words, least_count=least_count, splitting=splitting, lower=lower
    )


def _timesteps(texts: list[str] | None, vocabulary: Vocabulary, continuous: bool, asked: int | None) -> int:
    if asked is not None:
        return _checks.whole_number(WHERE, "timesteps", asked)
    if continuous or texts is None:
        return PIECE[vocabulary.by]
    longest = max(len(tokens) for tokens in vocabulary.split(texts)) + 1  # the mark of the beginning
    return min(longest, LONGEST_PIECE)
