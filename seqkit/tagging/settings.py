"""What a tagger is made of: plain values that fit in a saved model's config."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from seqkit import _checks
from seqkit._errors import InvalidType, InvalidValue
from seqkit.data.labels import Label
from seqkit.layers.scaling import SERIES_SCALINGS
from seqkit.layers.stack import CELLS, layer_dropout, layer_units
from seqkit.tagging import inputs
from seqkit.tagging import reader as reading
from seqkit.tagging import tags as tag_rows
from seqkit.task.settings import PlainSettings
from seqkit.text.known_words import Words, most_words_of, refuse_beside_vocabulary, splitting_of
from seqkit.text.vocabulary import SPLITTINGS, Vocabulary

WHERE = "build_tagger"
OUTPUTS = {"crf": "the tags of a sequence together, LinearChainCRF", "softmax": "each step's tag by itself"}
CHARACTER_FILTERS = 100
WIDTHS = (3, 5)  # characters that one of these filters sees
NEIGHBOURS = 0.1  # Rei 2017


@dataclass(frozen=True)
class TaggerSettings(PlainSettings):
    """Checked and complete; `build_tagger` makes it, `Tagger` and its network read it."""

    tags: tuple[Label, ...]
    words: tuple[str, ...]  # lower-cased, most frequent first; empty for series
    characters: tuple[str, ...]  # as written; empty where words are not spelt out
    extras: tuple[str, ...]  # values of the extra feature; empty where there is none
    first_rare: int  # the number from which on words were seen once in training
    embedding: int  # size of a word's vector
    filters: int  # size of a word's vector by its characters
    widths: tuple[int, ...]  # characters that a filter sees
    neighbours: float  # weight of guessing the neighbours of each word in training
    features: int  # of a step of a series
    splitting: str
    cell: str
    units: tuple[int, ...]
    bidirectional: bool
    dropout: tuple[float, ...]
    output: str
    spans: bool  # whether I-X comes after B-X and I-X alone, as it did in training
    scaling: str

    @property
    def is_text(self) -> bool:
        """Whether it reads words."""
        return bool(self.words)


def settle(
    *,
    like: Any,
    tags: Any,
    features: int | None,
    vocabulary: Words | None,
    most_words: int | None,
    by: str | None,
    embedding: int,
    characters: bool | int,
    cell: str,
    units: int | Sequence[int],
    bidirectional: bool,
    dropout: float | Sequence[float],
    output: str,
    neighbours: float | None,
    scaling: str,
) -> TaggerSettings:
    """Check the builder's arguments and fill in what the training sequences, or else plain habit, decide."""
    if tags is None:
        raise InvalidValue(WHERE, "give tags=, those of the training sequences, or a list of their names.")
    known = tag_rows.known_tags(WHERE, tags)
    refuse_beside_vocabulary(WHERE, vocabulary, by=by, most_words=most_words)
    splitting = splitting_of(vocabulary, by)
    _refuse_unknown_choices(cell, output, scaling, splitting)
    sizes = layer_units(WHERE, units)
    _refuse_other_samples(like, tags)
    if vocabulary is not None or (like is not None and inputs.is_words(like)):
        found = None if like is None else inputs.as_sentences(WHERE, like, splitting)
        reads = _of_words(found, vocabulary, most_words, embedding, characters)
        reads["neighbours"] = _neighbours(neighbours, bidirectional, sizes)
    else:
        reads = _of_series(like, features)
    return TaggerSettings(
        tags=known,
        splitting=splitting,
        cell=cell,
        units=sizes,
        bidirectional=bool(bidirectional),
        dropout=layer_dropout(WHERE, dropout, len(sizes)),
        output=output,
        spans=_are_spans(tags, known),
        scaling=scaling,
        **reads,
    )


def _refuse_unknown_choices(cell: str, output: str, scaling: str, by: str) -> None:
    _checks.choice(WHERE, "cell", cell, CELLS)
    _checks.choice(WHERE, "output", output, OUTPUTS)
    _checks.choice(WHERE, "scaling", scaling, SERIES_SCALINGS)
    _checks.choice(WHERE, "by", by, SPLITTINGS)


def _refuse_other_samples(like: Any, tags: Any) -> None:
    """Refuse what is no list, and fewer tags than sequences."""
    if like is None:
        return
    if not isinstance(like, Collection):
        raise InvalidType(
            WHERE, f"like= must be a list of sentences or of series, got {type(like).__name__}.", argument="like"
        )
    if not tag_rows.are_names(tags):
        _refuse_fewer_tags(like, tags)


def _refuse_fewer_tags(like: Any, tags: Any) -> None:
    """There may be more: a recipe knows the tags of sequences that it holds back."""
    count = len(like[inputs.WORDS]) if isinstance(like, Mapping) and inputs.WORDS in like else len(like)
    if len(tags) < count:
        raise InvalidValue(
            WHERE,
            f"{count} sequences and tags of {len(tags)}.",
            "They must pair up one to one; or pass the names of the tags alone.",
        )


def _are_spans(tags: Any, known: tuple[Label, ...]) -> bool:
    """Whether tags mark spans, and those of training keep to it."""
    if not tag_rows.are_spans(known):
        return False
    rows = [] if all(isinstance(one, str) for one in tags) else tag_rows.as_rows(WHERE, tags)
    return tag_rows.first_impossible(tag_rows.encode(WHERE, rows, known), known) is None


def _of_series(like: Any, features: int | None) -> dict[str, Any]:
    if like is None and features is None:
        raise InvalidValue(
            WHERE, "give like=<the training sequences>, or features= for series, or vocabulary= for words."
        )
    features = None if features is None else _checks.whole_number(WHERE, "features", features)
    if like is not None:
        features = inputs.as_series(WHERE, like, features)[0].shape[1]
    nothing: dict[str, Any] = dict.fromkeys(("words", "characters", "extras", "widths"), ())
    nothing |= dict.fromkeys(("first_rare", "embedding", "filters", "neighbours"), 0)
    return {**nothing, "features": features}


def _of_words(
    found: inputs.Sentences | None,
    vocabulary: Words | None,
    most_words: int | None,
    embedding: int,
    characters: bool | int,
) -> dict[str, Any]:
    most = most_words_of(WHERE, most_words)
    if vocabulary is None:
        words, seen_often = _learnt(found, most)
    else:
        words = _given_words(vocabulary)
        seen_often = len(words)  # what is unknown in training is what these leave out
    filters = _filters(characters)
    letters = Counter(letter for token in _written(found, words) for letter in token)
    extras = found.extra if found and found.extra else []
    return {
        "words": tuple(words),
        "characters": tuple(reading.by_frequency(letters)) if filters else (),
        "extras": tuple(reading.by_frequency(Counter(one for row in extras for one in row))),
        "first_rare": seen_often + 2,
        "embedding": _checks.whole_number(WHERE, "embedding", embedding),
        "filters": filters,
        "widths": WIDTHS[:filters],
        "features": 0,
    }


def _learnt(found: inputs.Sentences | None, most: int) -> tuple[list[str], int]:
    """The words, most frequent first, and how many of them are there more than once."""
    counts = reading.count_words(found.tokens) if found else Counter()
    words = reading.by_frequency(counts)[:most]
    if not words:
        raise InvalidValue(WHERE, "the training sentences have no tokens.", "Pass sentences with tokens in them.")
    return words, sum(counts[word] > 1 for word in words)


def _written(found: inputs.Sentences | None, words: list[str]) -> list[str]:
    """The tokens whose characters are known: those of training, or else the words of the vocabulary."""
    return [token for row in found.tokens for token in row] if found else words


def _given_words(vocabulary: Words) -> list[str]:
    known = vocabulary if isinstance(vocabulary, Vocabulary) else Vocabulary(vocabulary)
    if not known.lower:
        raise InvalidValue(
            WHERE,
            "a tagger reads lower-cased words, and this Vocabulary has lower=False.",
            "Learn one with lower=True.",
        )
    for word, read in zip(known.words, reading.lowered(known.words), strict=True):
        if word != read:
            raise InvalidValue(
                WHERE, f"the word {word!r} of vocabulary= is never found, for words are lower-cased.", f"Pass {read!r}."
            )
    return list(known.words)


def _neighbours(neighbours: float | None, bidirectional: bool, units: tuple[int, ...]) -> float:
    """The weight, where the two directions can be told apart."""
    apart = bool(bidirectional) and len(units) == 1
    if neighbours is None:
        return NEIGHBOURS if apart else 0.0
    weight = _checks.fraction(WHERE, "neighbours", neighbours)
    if weight and not apart:
        raise InvalidValue(
            WHERE,
            f"neighbours={weight} needs one bidirectional layer, whose directions have not been mixed.",
            "Pass bidirectional=True and one number of units, or neighbours=0.",
            argument="neighbours",
        )
    return weight


def _filters(characters: Any) -> int:
    if characters is True:
        return CHARACTER_FILTERS
    return 0 if characters is False else _checks.whole_number(WHERE, "characters", characters, least=0)
