"""What an encoder-decoder is made of: plain values that fit in a saved model's config."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from reprlib import repr as shortened
from typing import Any, NamedTuple

import numpy as np

from seqkit import _checks
from seqkit._errors import InvalidType, InvalidValue
from seqkit.data.texts import is_text
from seqkit.layers.decoder import DECODER_ATTENTION
from seqkit.layers.stack import CELLS, layer_dropout, layer_units
from seqkit.seq2seq import inputs
from seqkit.task.settings import PlainSettings
from seqkit.text.known_words import MARKS, Words, given_words, learnt_words, refuse_beside_vocabulary
from seqkit.text.vocabulary import SPLITTINGS, Vocabulary

WHERE = "build_seq2seq"
CONTEXTS = {
    "initial": "the encoder's last states are the decoder's first",
    "transform": "a learnt transform of its last hidden states",
    "pooled": "a learnt transform of a learnt mean of all its hidden states",
    "every step": 'as "initial", and the last hidden state is fed at every step too',
}
ROOM = 1.5  # of the longest text in training, for those to come
LONGEST = 50  # tokens, where there are no texts to take it from


@dataclass(frozen=True)
class Seq2SeqSettings(PlainSettings):
    """Checked and complete; `build_seq2seq` makes it, `Seq2Seq` and its network read it."""

    source_words: tuple[str, ...]  # of text, else empty
    target_words: tuple[str, ...]
    splittings: tuple[str, str]
    lower: bool
    features: tuple[int, int]  # of a step of source and target; of text the size of a word's vector
    longest: tuple[int, int]  # steps of source and target; the end mark comes on top of it
    cell: str
    units: tuple[int, ...]
    bidirectional: bool
    dropout: float
    context: str
    attention: str
    tied: bool
    copy_unknown: bool
    feedback: bool
    label_smoothing: float
    scheduled_sampling: float
    is_autoencoder: bool

    @property
    def is_text(self) -> bool:
        """Whether it reads and writes raw strings."""
        return bool(self.source_words)


class Reads(NamedTuple):
    """What it reads and writes: series, or texts where there are words; the fields are those of the settings."""

    source_words: tuple[str, ...]
    target_words: tuple[str, ...]
    splittings: tuple[str, str]
    lower: bool
    features: tuple[int, int]
    longest: tuple[int, int]


def settle(
    *,
    like: Any,
    vocabulary: Words | tuple[Words, Words] | None,
    autoencoder: bool,
    by: str | tuple[str, str] | None,
    lower: bool | None,
    most_words: int | None,
    least_count: int | None,
    longest: int | tuple[int, int] | None,
    embedding: int,
    tied: bool,
    cell: str,
    units: int | Sequence[int],
    bidirectional: bool,
    dropout: float,
    context: str,
    attention: str | None,
    feedback: bool | None,
    copy_unknown: bool | None,
    label_smoothing: float,
    scheduled_sampling: float,
) -> Seq2SeqSettings:
    """Check the builder's arguments and fill in what the training pairs decide."""
    refuse_beside_vocabulary(WHERE, vocabulary, by=by, lower=lower, most_words=most_words, least_count=least_count)
    pair = None if like is None else inputs.pair_of(WHERE, "like=", like, bool(autoencoder))
    if pair is not None and not is_text(pair[0]) and not is_text(pair[1]):
        reads = _of_series(*pair, vocabulary=vocabulary, longest=longest)
    else:
        texts = None if pair is None else inputs.text_pairs(WHERE, *pair)
        reads_small = lower is None or bool(lower)
        known = _vocabularies(texts, vocabulary, _splittings(by), reads_small, most_words, least_count)
        reads = _of_texts(texts, known, embedding, longest)
    has_words = bool(reads.source_words)
    attends = attention or ("none" if autoencoder else "general")
    _refuse_unknown_choices(cell, context, attends)
    told = _feedback(feedback, has_words, bool(autoencoder))
    sizes = layer_units(WHERE, units)
    if bidirectional:
        _refuse_odd(sizes)
    if autoencoder:
        _refuse_no_code(attends, reads.splittings)
    smoothing = _checks.fraction(WHERE, "label_smoothing", label_smoothing)
    return Seq2SeqSettings(
        **reads._asdict(),
        cell=cell,
        units=sizes,
        bidirectional=bool(bidirectional),
        dropout=layer_dropout(WHERE, dropout, 1)[0],
        context=context,
        attention=attends,
        copy_unknown=_copy_unknown(copy_unknown, attends, has_words),
        feedback=told,
        tied=_only_of_text("tied", bool(tied), has_words),
        label_smoothing=_only_of_text("label_smoothing", smoothing, has_words),
        scheduled_sampling=_scheduled_sampling(scheduled_sampling, told),
        is_autoencoder=bool(autoencoder),
    )


def _refuse_unknown_choices(cell: str, context: str, attention: str) -> None:
    _checks.choice(WHERE, "cell", cell, CELLS)
    _checks.choice(WHERE, "context", context, CONTEXTS)
    _checks.choice(WHERE, "attention", attention, DECODER_ATTENTION)


def _refuse_odd(units: tuple[int, ...]) -> None:
    for size in units:
        if size % 2:
            raise InvalidValue(
                WHERE,
                f"units={size} cannot be halved between the two directions of the encoder.",
                "Use an even number, or bidirectional=False.",
                argument="units",
            )


def _refuse_no_code(attention: str, splittings: tuple[str, str]) -> None:
    """All that an autoencoder writes goes through the code, and is what it reads."""
    if attention != "none":
        raise InvalidValue(
            WHERE,
            f'attention="{attention}" lets the decoder of an autoencoder copy the source past its code.',
            "Leave attention out.",
            argument="attention",
        )
    if len(set(splittings)) > 1:
        raise InvalidValue(
            WHERE,
            f"an autoencoder reads and writes the same text, and it would be split by {' and by '.join(splittings)}.",
            "Split both alike.",
        )


def _of_series(sources: Any, targets: Any, **of_texts: Any) -> Reads:
    source, target = inputs.series_pairs(WHERE, sources, targets)
    for name, value in of_texts.items():
        if value is not None:
            raise InvalidValue(WHERE, f"{name}= is for texts, and like= holds numbers.", "Leave it out.")
    features, longest = (source.shape[2], target.shape[2]), (source.shape[1], target.shape[1])
    return Reads((), (), ("words", "words"), True, features, longest)


def _of_texts(
    texts: tuple[list[str], list[str]] | None,
    known: tuple[Vocabulary, Vocabulary],
    embedding: int,
    longest: int | tuple[int, int] | None,
) -> Reads:
    found = (LONGEST, LONGEST) if texts is None else (_room(known[0], texts[0]), _room(known[1], texts[1]))
    size = _checks.whole_number(WHERE, "embedding", embedding)
    source, target = known
    splittings = (source.by, target.by)
    return Reads(source.words, target.words, splittings, source.lower, (size, size), _longest(longest, found))


def _room(vocabulary: Vocabulary, texts: list[str]) -> int:
    return int(np.ceil(ROOM * max(len(one) for one in vocabulary.split(texts))))


def _vocabularies(
    texts: tuple[list[str], list[str]] | None,
    vocabulary: Any,
    splittings: tuple[str, str],
    lower: bool,
    most_words: int | None,
    least_count: int | None,
) -> tuple[Vocabulary, Vocabulary]:
    """The words of sources, and those of targets behind their marks: given, or learnt."""
    if vocabulary is not None:
        return _given(vocabulary, splittings, lower)
    if texts is None:
        raise InvalidValue(
            WHERE, "give like=(sources, targets), the training pairs (or the sources alone with autoencoder=True)."
        )
    kind: dict[str, Any] = {"most_words": most_words, "least_count": least_count, "lower": lower}
    source = learnt_words(WHERE, "sources", texts[0], splitting=splittings[0], marks=(), **kind)
    return source, learnt_words(WHERE, "targets", texts[1], splitting=splittings[1], marks=MARKS, **kind)


def _given(vocabulary: Any, splittings: tuple[str, str], lower: bool) -> tuple[Vocabulary, Vocabulary]:
    source, target = _each(vocabulary)
    reader = given_words(WHERE, source, splittings[0], lower, marks=())
    writer = given_words(WHERE, target, splittings[1], lower)
    if reader.lower != writer.lower:
        raise InvalidValue(WHERE, "one vocabulary reads lower case, the other does not.", "Make both alike.")
    return reader, writer


def _each(vocabulary: Any) -> tuple[Words, Words]:
    """The words of sources and of targets; they may be the same."""
    if isinstance(vocabulary, Vocabulary):
        return vocabulary, vocabulary
    words = list(vocabulary) if isinstance(vocabulary, Iterable) and not isinstance(vocabulary, str) else []
    if words and all(isinstance(one, str) for one in words):
        return words, words
    if len(words) != 2 or any(isinstance(one, str) for one in words):
        raise InvalidType(
            WHERE,
            "vocabulary= must be a Vocabulary or a list of words, or a pair of these, of sources and of targets, "
            f"got {shortened(vocabulary)}.",
            argument="vocabulary",
        )
    return words[0], words[1]


def _splittings(by: Any) -> tuple[str, str]:
    by = "words" if by is None else by
    both = tuple(by) if isinstance(by, (tuple, list)) else (by, by)
    if len(both) != 2:
        raise InvalidValue(
            WHERE, f"by must be one word, or one each for sources and targets, got {by!r}.", argument="by"
        )
    for one in both:
        _checks.choice(WHERE, "by", one, SPLITTINGS)
    return both[0], both[1]


def _longest(longest: Any, found: tuple[int, int]) -> tuple[int, int]:
    if longest is None:
        return found
    both = (longest, longest) if np.isscalar(longest) else tuple(longest)
    if len(both) != 2:
        raise InvalidValue(
            WHERE,
            f"longest must be one number, or one each for sources and targets, got {longest!r}.",
            argument="longest",
        )
    return _checks.whole_number(WHERE, "longest", both[0]), _checks.whole_number(WHERE, "longest", both[1])


def _copy_unknown(copy: Any, attention: str, is_text: bool) -> bool:
    can_copy = is_text and attention != "none"
    if copy and not can_copy:
        raise InvalidValue(
            WHERE,
            "copy_unknown=True takes unknown words from where attention looks, and there is none.",
            "Leave it out.",
            argument="copy_unknown",
        )
    return can_copy if copy is None else bool(copy)


def _feedback(feedback: Any, is_text: bool, is_autoencoder: bool) -> bool:
    if is_text and feedback is False:
        raise InvalidValue(
            WHERE,
            "feedback=False is for numbers; words depend on the words before them.",
            "Leave it out.",
            argument="feedback",
        )
    return (is_text or not is_autoencoder) if feedback is None else bool(feedback)


def _scheduled_sampling(given: Any, feedback: bool) -> float:
    probability = _checks.fraction(WHERE, "scheduled_sampling", given)
    if probability and not feedback:
        raise InvalidValue(
            WHERE,
            f"scheduled_sampling={probability} chooses what the decoder is told, and without feedback it is told "
            "nothing.",
            "Leave it out, or pass feedback=True.",
            argument="scheduled_sampling",
        )
    return probability


def _only_of_text(name: str, value: Any, is_text: bool) -> Any:
    if value and not is_text:
        raise InvalidValue(WHERE, f"{name}={value} is for words, and like= holds numbers.", "Leave it out.")
    return value
