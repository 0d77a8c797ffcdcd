"""TaggerSettings: the builder's arguments, checked, as plain values for the config of a saved model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from seqkit import _checks
from seqkit._errors import InvalidType, InvalidValue
from seqkit.data.feature_names import names_of_features
from seqkit.data.labels import Label
from seqkit.layers.cell_names import cell_name
from seqkit.layers.cells import CELLS
from seqkit.layers.scaling import SERIES_SCALINGS
from seqkit.layers.stack import INITIAL_STATES
from seqkit.layers.stack_arguments import activation_name, layer_dropout, layer_units
from seqkit.tagging import inputs
from seqkit.tagging import tags as tag_rows
from seqkit.tagging.reader import count_words, lower_case, sort_by_frequency
from seqkit.task.settings import PlainSettings
from seqkit.text.splitting import SPLITTINGS
from seqkit.text.vocabulary import Vocabulary
from seqkit.text.vocabulary_argument import VocabularyLike, check_most_words, choose_splitting, refuse_beside_vocabulary

WHERE = "build_tagger"
OUTPUTS = {"crf": "the tags of a sequence together, LinearChainCRF", "softmax": "each step's tag by itself"}
CHARACTER_FILTERS = 100
CHARACTER_FILTER_WIDTHS = (3, 5)
NEIGHBOURS_WEIGHT = 0.1  # Rei 2017


@dataclass(frozen=True)
class TaggerSettings(PlainSettings):
    """Checked and complete settings; `build_tagger` makes them, `Tagger` and its network read them."""

    tags: tuple[Label, ...]
    words: tuple[str, ...]  # lower-cased, most frequent first; empty for series
    characters: tuple[str, ...]  # as written; empty if characters are not read
    extras: tuple[str, ...]  # values of the extra feature; empty without one
    first_rare: int  # words with this number or a higher one occur once in training
    embedding: int  # size of a word's vector
    filters: int  # size of a word's vector from its characters
    widths: tuple[int, ...]  # characters that a filter sees
    neighbours: float  # weight of the task to guess the words beside each word, in training
    features: int  # of a series; 0 for words
    splitting: str
    cell: str
    units: tuple[int, ...]
    bidirectional: bool
    dropout: tuple[float, ...]
    output: str
    spans: bool  # whether I-X may follow B-X and I-X only, as in training
    scaling: str
    activation: str = "tanh"
    initial_state: str = "zeros"
    feature_names: tuple[str, ...] = ()  # of the columns, where the training series are tables

    @property
    def is_text(self) -> bool:
        """Whether the tagger reads words, not series."""
        return bool(self.words)

    def check(self) -> None:
        """Refuse what `build_tagger` refuses."""
        if len(tag_rows.distinct_tags(WHERE, self.tags)) != len(self.tags):
            raise InvalidValue(WHERE, "a tag is there twice.", argument="tags")
        _checks.choice(WHERE, "output", self.output, OUTPUTS)
        _checks.choice(WHERE, "scaling", self.scaling, SERIES_SCALINGS)
        _checks.choice(WHERE, "by", self.splitting, SPLITTINGS)
        for name in ("embedding", "features"):
            _checks.whole_number(WHERE, name, getattr(self, name), least=int(self.is_text == (name == "embedding")))
        for name in ("first_rare", "filters"):
            _checks.whole_number(WHERE, name, getattr(self, name), least=0)
        for width in self.widths:
            _checks.whole_number(WHERE, "widths", width)
        if self.is_text:
            _vocabulary_words(self.words)
        self.check_recurrent(WHERE)
        _neighbours_weight(self.neighbours, self.bidirectional, self.units)


def settle(
    *,
    like: Any,
    tags: Any,
    features: int | None,
    vocabulary: VocabularyLike | None,
    most_words: int | None,
    by: str | None,
    embedding: int,
    characters: bool | int,
    cell: str,
    units: int | Sequence[int],
    activation: str,
    initial_state: str,
    bidirectional: bool,
    dropout: float | Sequence[float],
    output: str,
    neighbours: float | None,
    scaling: str,
) -> TaggerSettings:
    """Check the builder's arguments; take the missing ones from the training sequences or from the defaults."""
    if tags is None:
        problem = "give tags=, those of the training sequences, or a list of their names."
        raise InvalidValue(WHERE, problem, argument="tags")
    tag_names = tag_rows.distinct_tags(WHERE, tags)
    refuse_beside_vocabulary(WHERE, vocabulary, by=by, most_words=most_words)
    splitting = choose_splitting(vocabulary, by)
    cell = cell_name(WHERE, cell, CELLS)
    _checks.choice(WHERE, "output", output, OUTPUTS)
    _checks.choice(WHERE, "scaling", scaling, SERIES_SCALINGS)
    _checks.choice(WHERE, "by", splitting, SPLITTINGS)
    layer_sizes = layer_units(WHERE, units)
    _refuse_fewer_tags(like, tags)
    if vocabulary is not None or (like is not None and inputs.is_words(like)):
        sentences = None if like is None else inputs.as_sentences(WHERE, like, splitting)
        input_settings = _word_settings(sentences, vocabulary, most_words, embedding, characters)
        input_settings["neighbours"] = _neighbours_weight(neighbours, bidirectional, layer_sizes)
    else:
        input_settings = _series_settings(like, features)
    _checks.choice(WHERE, "initial_state", initial_state, INITIAL_STATES)
    settings = TaggerSettings(
        tags=tag_names,
        splitting=splitting,
        cell=cell,
        units=layer_sizes,
        bidirectional=bool(bidirectional),
        dropout=layer_dropout(WHERE, dropout, len(layer_sizes)),
        output=output,
        spans=_keep_spans(tags, tag_names),
        scaling=scaling,
        **input_settings,
        activation=activation_name(WHERE, activation),
        initial_state=initial_state,
    )
    settings.check()
    return settings


def _refuse_fewer_tags(like: Any, tags: Any) -> None:
    """Refuse `like` that is no list, and fewer rows of tags than sequences.

    There may be more rows of tags: `train_tagger` passes those of the held-back sequences too.
    """
    if like is None:
        return
    if not isinstance(like, Collection):
        problem = f"like= must be a list of sentences or of series, got {type(like).__name__}."
        raise InvalidType(WHERE, problem, argument="like")
    count = len(like[inputs.WORDS]) if isinstance(like, Mapping) and inputs.WORDS in like else len(like)
    if not tag_rows.are_tag_names(tags) and len(tags) < count:
        way_out = "They must pair up one to one. Or pass only the names of the tags."
        raise InvalidValue(WHERE, f"got {count} sequences, but tags for {len(tags)}.", way_out, "tags")


def _keep_spans(tags: Any, tag_names: tuple[Label, ...]) -> bool:
    """Whether the tags mark spans, and the training tags have no transition that spans forbid."""
    if not tag_rows.are_span_tags(tag_names):
        return False
    rows = [] if all(isinstance(row, str) for row in tags) else tag_rows.as_rows(WHERE, tags)
    return tag_rows.first_forbidden(tag_rows.encode(WHERE, rows, tag_names), tag_names) is None


def _series_settings(like: Any, features: int | None) -> dict[str, Any]:
    if like is None and features is None:
        problem = "give like=<the training sequences>, or features= for series, or vocabulary= for words."
        raise InvalidValue(WHERE, problem)
    features = None if features is None else _checks.whole_number(WHERE, "features", features)
    if like is not None:
        features = inputs.as_series(WHERE, like, features)[0].shape[1]
    word_settings: dict[str, Any] = dict.fromkeys(("words", "characters", "extras", "widths"), ())
    word_settings |= dict.fromkeys(("first_rare", "embedding", "filters", "neighbours"), 0)
    return {**word_settings, "features": features, "feature_names": names_of_features(like)}


def _word_settings(
    sentences: inputs.Sentences | None,
    vocabulary: VocabularyLike | None,
    most_words: int | None,
    embedding: int,
    characters: bool | int,
) -> dict[str, Any]:
    most_words = check_most_words(WHERE, most_words)
    if vocabulary is None:
        words, frequent = _learnt_words(sentences, most_words)
    else:
        words = _vocabulary_words(vocabulary)
        frequent = len(words)  # words outside the vocabulary train the vector of the unknown word
    filters = _filters(characters)
    tokens = [token for row in sentences.tokens for token in row] if sentences else words
    extras = sentences.extra if sentences and sentences.extra else []
    return {
        "words": tuple(words),
        "characters": tuple(sort_by_frequency(Counter("".join(tokens)))) if filters else (),
        "extras": tuple(sort_by_frequency(Counter(value for row in extras for value in row))),
        "first_rare": frequent + 2,
        "embedding": _checks.whole_number(WHERE, "embedding", embedding),
        "filters": filters,
        "widths": CHARACTER_FILTER_WIDTHS[:filters],
        "features": 0,
    }


def _learnt_words(sentences: inputs.Sentences | None, most_words: int) -> tuple[list[str], int]:
    """Return the words, most frequent first, and how many of them occur more than once."""
    counts = count_words(sentences.tokens) if sentences else Counter()
    words = sort_by_frequency(counts)[:most_words]
    if not words:
        problem = "the training sentences have no tokens."
        raise InvalidValue(WHERE, problem, "Pass sentences with tokens in them.", "like")
    return words, sum(counts[word] > 1 for word in words)


def _vocabulary_words(vocabulary: VocabularyLike) -> list[str]:
    """Return the words of a vocabulary; refuse words that are not lower-cased."""
    vocabulary = vocabulary if isinstance(vocabulary, Vocabulary) else Vocabulary(vocabulary)
    if not vocabulary.lower:
        problem = "a tagger reads lower-cased words, and this Vocabulary has lower=False."
        raise InvalidValue(WHERE, problem, "Learn one with lower=True.", "vocabulary")
    for word, lowered in zip(vocabulary.words, lower_case(vocabulary.words), strict=True):
        if word != lowered:
            problem = f"the word {word!r} of vocabulary= is never found, because words are lower-cased."
            raise InvalidValue(WHERE, problem, f"Pass {lowered!r}.", "vocabulary")
    return list(vocabulary.words)


def _neighbours_weight(neighbours: float | None, bidirectional: bool, units: tuple[int, ...]) -> float:
    """Return the weight; it needs the outputs of the two directions apart, as one bidirectional layer gives them."""
    has_separate_directions = bool(bidirectional) and len(units) == 1
    if neighbours is None:
        return NEIGHBOURS_WEIGHT if has_separate_directions else 0.0
    weight = _checks.fraction(WHERE, "neighbours", neighbours)
    if weight and not has_separate_directions:
        problem = f"neighbours={weight} needs one bidirectional layer, and no other recurrent layer."
        way_out = "Pass bidirectional=True and one number of units, or neighbours=0."
        raise InvalidValue(WHERE, problem, way_out, "neighbours")
    return weight


def _filters(characters: Any) -> int:
    if characters is True:
        return CHARACTER_FILTERS
    return 0 if characters is False else _checks.whole_number(WHERE, "characters", characters, least=0)
