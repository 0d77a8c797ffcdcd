"""The words that a model knows: given by hand, or learnt from texts; and what a builder may say beside them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from seqkit import _checks
from seqkit._errors import InvalidValue
from seqkit.text.vocabulary import END, START, Vocabulary

Words = Vocabulary | Iterable[str]  # what a builder takes as `vocabulary=`

MARKS = (START, END)  # of a text's beginning and end; they are numbered first
MANY_WORDS = 1000  # different ones, from which on those seen once are left to stand for the unknown
MOST_WORDS = 20_000  # that are learnt, where a builder is not told how many


def refuse_beside_vocabulary(
    where: str,
    vocabulary: Any,
    *,
    by: Any = None,
    lower: Any = None,
    most_words: Any = None,
    least_count: Any = None,
) -> None:
    """Refuse what a `Vocabulary` says itself; a list of words (or a pair) has no splitting and no case of its own."""
    if vocabulary is None:
        return
    both = vocabulary if isinstance(vocabulary, (tuple, list)) else (vocabulary,)
    if any(isinstance(one, Vocabulary) for one in both):
        _refuse_beside_learnt(where, by=by, lower=lower, most_words=most_words, least_count=least_count)
    _refuse_beside_list(where, most_words=most_words, least_count=least_count)


def _refuse_beside_learnt(where: str, **shorthands: Any) -> None:
    for name, value in shorthands.items():
        if value is not None:
            raise InvalidValue(
                where,
                f"{name}={value!r} stands beside vocabulary=, and a Vocabulary has its own.",
                f"Say it in Vocabulary.learn(texts, {name}=...), or leave it out.",
            )


def _refuse_beside_list(where: str, **shorthands: Any) -> None:
    for name, value in shorthands.items():
        if value is not None:
            raise InvalidValue(
                where,
                f"{name}={value!r} chooses among words to learn, and vocabulary= lists the words.",
                f"Leave it out, or pass vocabulary=Vocabulary.learn(texts, {name}=...).",
            )


def splitting_of(vocabulary: Any, by: Any) -> str:
    """How raw strings are split: as the vocabulary says, or as the builder was asked, or by words."""
    if isinstance(vocabulary, Vocabulary):
        return vocabulary.by
    return "words" if by is None else by


def most_words_of(where: str, most_words: Any) -> int:
    """How many words to learn at most, checked."""
    return _checks.whole_number(where, "most_words", MOST_WORDS if most_words is None else most_words)


def given_words(
    where: str,
    given: Words,
    splitting: str = "words",
    lower: bool = True,
    marks: Sequence[str] = MARKS,
) -> Vocabulary:
    """A list of words, or a `Vocabulary`, which has its own splitting and case, behind the marks."""
    known = given if isinstance(given, Vocabulary) else Vocabulary(given, splitting, lower)
    own = [word for word in known.words if word not in MARKS]
    _refuse_unreadable(where, own, known)
    return Vocabulary((*marks, *own), known.by, known.lower)


def _refuse_unreadable(where: str, words: list[str], known: Vocabulary) -> None:
    for word, tokens in zip(words, known.split(words), strict=True):
        if tokens != [word]:
            raise InvalidValue(
                where,
                f"the word {word!r} of vocabulary= is never found, for texts are split by "
                f"{known.by}{' and lower-cased' if known.lower else ''}: it is read as "
                f"{_checks.listed(tokens) or 'nothing'}.",
                "Pass it so, or leave vocabulary= out to learn it from like=.",
            )


def learnt_words(
    where: str,
    name: str,
    texts: list[str],
    *,
    most_words: Any,
    least_count: Any,
    splitting: str,
    lower: bool,
    marks: Sequence[str] = MARKS,
) -> Vocabulary:
    """The most frequent words; where there are many and no `least_count` is asked for, those seen twice or more."""
    most = most_words_of(where, most_words)
    least = 1 if least_count is None else _checks.whole_number(where, "least_count", least_count)
    try:
        found = Vocabulary.learn(texts, by=splitting, lower=lower, most_words=most, least_count=least, marks=marks)
    except InvalidValue as error:
        if error.argument != "words":
            raise
        raise InvalidValue(where, f"no words are left of the {name}.", error.way_out) from None
    if least_count is not None or len(found.words) - len(marks) <= MANY_WORDS:
        return found
    again = Counter(word for tokens in found.split(texts) for word in tokens)
    seen_twice = [word for word in found.words if word in marks or again[word] > 1]
    return Vocabulary(seen_twice, splitting, lower) if len(seen_twice) > len(marks) else found
