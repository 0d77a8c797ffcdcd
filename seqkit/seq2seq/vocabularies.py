"""The vocabularies of sources and of targets, from the arguments of `build_seq2seq`."""

from __future__ import annotations

from collections.abc import Iterable
from reprlib import repr as shortened
from typing import Any

from seqkit import _checks
from seqkit._errors import InvalidType, InvalidValue
from seqkit.text.splitting import SPLITTINGS
from seqkit.text.vocabulary import Vocabulary
from seqkit.text.vocabulary_argument import MARKS, VocabularyLike, as_vocabulary, learn_vocabulary

WHERE = "build_seq2seq"


def make_vocabularies(
    texts: tuple[list[str], list[str]] | None,
    vocabulary: Any,
    by: Any,
    lower: bool,
    most_words: int | None,
    least_count: int | None,
) -> tuple[Vocabulary, Vocabulary]:
    """The vocabularies of sources and targets, given or learnt; that of the targets has the marks first."""
    splittings = _splittings(by)
    if vocabulary is not None:
        return _given_vocabularies(vocabulary, splittings, lower)
    if texts is None:
        raise InvalidValue(
            WHERE, "pass like=(sources, targets), the training pairs (or the sources alone with autoencoder=True)."
        )
    options: dict[str, Any] = {"most_words": most_words, "least_count": least_count, "lower": lower}
    source = learn_vocabulary(WHERE, "sources", texts[0], splitting=splittings[0], marks=(), **options)
    return source, learn_vocabulary(WHERE, "targets", texts[1], splitting=splittings[1], marks=MARKS, **options)


def make_target_vocabulary(
    texts: list[str],
    vocabulary: Any,
    by: Any,
    lower: bool,
    most_words: int | None,
    least_count: int | None,
) -> Vocabulary:
    """The vocabulary of targets alone, given or learnt, where the sources are series."""
    splitting = _splittings(by)[1]
    if vocabulary is not None:
        return as_vocabulary(WHERE, vocabulary, splitting, lower)
    options: dict[str, Any] = {"most_words": most_words, "least_count": least_count, "lower": lower}
    return learn_vocabulary(WHERE, "targets", texts, splitting=splitting, marks=MARKS, **options)


def check_vocabularies(words: tuple[Any, Any], splittings: tuple[str, str], lower: bool) -> None:
    """Refuse words of sources and targets that no text would be read as; a side without words holds series."""
    _splittings(splittings)
    for side, splitting in zip(words, splittings, strict=True):
        if side:
            as_vocabulary(WHERE, Vocabulary(side, splitting, lower), marks=())


def _given_vocabularies(vocabulary: Any, splittings: tuple[str, str], lower: bool) -> tuple[Vocabulary, Vocabulary]:
    source_words, target_words = _source_and_target_words(vocabulary)
    source = as_vocabulary(WHERE, source_words, splittings[0], lower, marks=())
    target = as_vocabulary(WHERE, target_words, splittings[1], lower)
    if source.lower != target.lower:
        raise InvalidValue(
            WHERE,
            "one vocabulary is in lower case, the other is not.",
            "Make both with the same lower=.",
            argument="vocabulary",
        )
    return source, target


def _source_and_target_words(vocabulary: Any) -> tuple[VocabularyLike, VocabularyLike]:
    """A pair of vocabularies or of lists of words; a single one serves for both sides."""
    if isinstance(vocabulary, Vocabulary):
        return vocabulary, vocabulary
    words = list(vocabulary) if isinstance(vocabulary, Iterable) and not isinstance(vocabulary, str) else []
    if words and all(isinstance(word, str) for word in words):
        return words, words
    if len(words) != 2 or any(isinstance(word, str) for word in words):
        raise InvalidType(
            WHERE,
            "vocabulary= must be a Vocabulary or a list of words, or a pair of these, of sources and of targets, "
            f"got {shortened(vocabulary)}.",
            argument="vocabulary",
        )
    return words[0], words[1]


def _splittings(by: Any) -> tuple[str, str]:
    by = "words" if by is None else by
    splittings = tuple(by) if isinstance(by, (tuple, list)) else (by, by)
    if len(splittings) != 2:
        raise InvalidValue(
            WHERE, f"by must be one word, or one each for sources and targets, got {by!r}.", argument="by"
        )
    for splitting in splittings:
        _checks.choice(WHERE, "by", splitting, SPLITTINGS)
    return splittings[0], splittings[1]
