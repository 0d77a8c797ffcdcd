"""The vocabulary of a builder: passed as `vocabulary=`, or learnt from texts; and the arguments that fit beside it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from seqkit import _checks
from seqkit._errors import InvalidValue
from seqkit.text.vocabulary import END, START, Vocabulary

VocabularyLike = Vocabulary | Iterable[str]

MARKS = (START, END)
LARGE_VOCABULARY = 1000  # above this size, words seen once are left out: they are the examples of the unknown word
DEFAULT_MOST_WORDS = 20_000


def refuse_beside_vocabulary(
    where: str,
    vocabulary: Any,
    *,
    by: Any = None,
    lower: Any = None,
    most_words: Any = None,
    least_count: Any = None,
) -> None:
    """Refuse arguments that `vocabulary=` decides. A list of words, or a pair of them, leaves `by` and `lower` open."""
    if vocabulary is None:
        return
    vocabularies = vocabulary if isinstance(vocabulary, (tuple, list)) else (vocabulary,)
    if any(isinstance(item, Vocabulary) for item in vocabularies):
        for name, value in {"by": by, "lower": lower, "most_words": most_words, "least_count": least_count}.items():
            if value is not None:
                raise InvalidValue(
                    where,
                    f"{name}={value!r} stands beside vocabulary=, and a Vocabulary has its own {name}.",
                    f"Pass it to Vocabulary.learn(texts, {name}=...), or leave it out.",
                    argument=name,
                )
    for name, value in {"most_words": most_words, "least_count": least_count}.items():
        if value is not None:
            raise InvalidValue(
                where,
                f"{name}={value!r} chooses among words to learn, but vocabulary= already lists the words.",
                f"Leave it out, or pass vocabulary=Vocabulary.learn(texts, {name}=...).",
                argument=name,
            )


def choose_splitting(vocabulary: Any, by: Any) -> str:
    """The splitting of raw strings: that of a `Vocabulary`, else `by`, else words."""
    if isinstance(vocabulary, Vocabulary):
        return vocabulary.by
    return "words" if by is None else by


def check_most_words(where: str, most_words: Any) -> int:
    """Check the largest number of words to learn, and return it or its default."""
    return _checks.whole_number(where, "most_words", DEFAULT_MOST_WORDS if most_words is None else most_words)


def as_vocabulary(
    where: str,
    vocabulary: VocabularyLike,
    splitting: str = "words",
    lower: bool = True,
    marks: Sequence[str] = MARKS,
) -> Vocabulary:
    """A `Vocabulary` of the marks and the words of `vocabulary`.

    `splitting` and `lower` are those of a list of words. A `Vocabulary` has its own.
    """
    if not isinstance(vocabulary, Vocabulary):
        vocabulary = Vocabulary(vocabulary, splitting, lower)
    words = [word for word in vocabulary.words if word not in MARKS]
    _refuse_unreadable(where, words, vocabulary)
    return Vocabulary((*marks, *words), vocabulary.by, vocabulary.lower)


def _refuse_unreadable(where: str, words: list[str], vocabulary: Vocabulary) -> None:
    for word, tokens in zip(words, vocabulary.split(words), strict=True):
        if tokens != [word]:
            raise InvalidValue(
                where,
                f"the word {word!r} of vocabulary= is never found, because texts are split by "
                f"{vocabulary.by}{' and lower-cased' if vocabulary.lower else ''}: it is read as "
                f"{_checks.listed(tokens) or 'nothing'}.",
                "Pass it so, or leave vocabulary= out to learn it from like=.",
                argument="vocabulary",
            )


def learn_vocabulary(
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
    """Learn the most frequent words of the texts.

    Without `least_count`, words seen once are left out of a large vocabulary. `name` is the name of the texts in a
    message.
    """
    most = check_most_words(where, most_words)
    least = 1 if least_count is None else _checks.whole_number(where, "least_count", least_count)
    try:
        learnt = Vocabulary.learn(texts, by=splitting, lower=lower, most_words=most, least_count=least, marks=marks)
    except InvalidValue as error:
        if error.argument != "words":
            raise
        raise InvalidValue(where, f"no words are left of the {name}.", error.way_out) from None
    if least_count is not None or len(learnt.words) - len(marks) <= LARGE_VOCABULARY:
        return learnt
    counts = Counter(word for tokens in learnt.split(texts) for word in tokens)
    seen_twice = [word for word in learnt.words if word in marks or counts[word] > 1]
    return Vocabulary(seen_twice, splitting, lower) if len(seen_twice) > len(marks) else learnt
