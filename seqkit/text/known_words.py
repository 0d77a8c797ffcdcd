"""The words that a model which writes text knows: given by hand, or learnt from texts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from seqkit import _checks
from seqkit.text.vocabulary import END, START, Vocabulary

MARKS = (START, END)  # of a text's beginning and end; they are numbered first
MANY_WORDS = 1000  # different ones, from which on those seen once are left to stand for the unknown


def given_words(
    where: str,
    given: Vocabulary | Iterable[str],
    splitting: str = "words",
    lower: bool = True,
    marks: Sequence[str] = MARKS,
) -> Vocabulary:
    """A list of words, or a `Vocabulary`, which has its own splitting and case, behind the marks."""
    known = given if isinstance(given, Vocabulary) else Vocabulary(given, splitting, lower)
    own = [word for word in known.words if word not in MARKS]
    _refuse_unreadable(where, own, known)
    return Vocabulary((*marks, *own), known.splitting, known.lower)


def _refuse_unreadable(where: str, words: list[str], known: Vocabulary) -> None:
    for word, tokens in zip(words, known.split(words), strict=True):
        if tokens != [word]:
            raise ValueError(
                f"{where}: the word {word!r} of vocabulary= is never found, for texts are split by {known.splitting}"
                f"{' and lower-cased' if known.lower else ''}: it is read as {_checks.listed(tokens) or 'nothing'}. "
                "Pass it so, or leave vocabulary= out to learn it from like=."
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
    most = _checks.whole_number(where, "most_words", most_words)
    least = 1 if least_count is None else _checks.whole_number(where, "least_count", least_count)
    kind: dict[str, Any] = {"splitting": splitting, "lower": lower, "marks": marks}
    try:
        found = Vocabulary.learn(texts, most=most, least_count=least, **kind)
    except ValueError as error:
        if "Vocabulary: no words" not in str(error):
            raise
        way_out = "Pass texts with words in them, or a lower least_count."
        raise ValueError(f"{where}: no words are left of the {name}. {way_out}") from None
    if least_count is not None or len(found.words) - len(marks) <= MANY_WORDS:
        return found
    again = Counter(word for tokens in found.split(texts) for word in tokens)
    seen_twice = [word for word in found.words if word in marks or again[word] > 1]
    return Vocabulary(seen_twice, splitting, lower) if len(seen_twice) > len(marks) else found
