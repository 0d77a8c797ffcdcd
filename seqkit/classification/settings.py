"""The settings of a classifier: plain values that a saved model's config can hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from seqkit import _checks
from seqkit._errors import InvalidValue
from seqkit.data import labels as class_labels
from seqkit.data.texts import as_texts, is_text
from seqkit.layers.attended import check_attention
from seqkit.layers.cell_names import cell_name
from seqkit.layers.cells import CELLS
from seqkit.layers.scaling import SERIES_SCALINGS
from seqkit.layers.stack import INITIAL_STATES
from seqkit.layers.stack_arguments import activation_name, layer_dropout, layer_units
from seqkit.task.series_settings import (
    CONVOLUTIONS,
    MISSING_CHOICES,
    SegmentedSettings,
    segment_of,
    series_input,
)
from seqkit.text.splitting import split_words
from seqkit.text.vocabulary import Vocabulary
from seqkit.text.vocabulary_argument import VocabularyLike, as_vocabulary, check_most_words, refuse_beside_vocabulary

WHERE = "build_classifier"
CONVOLUTION_CHOICES = {**CONVOLUTIONS, "phrases": "PhraseConvolutions"}
CLASS_WEIGHT_POWERS = {"balanced": 1.0, "none": 0.0, "auto": 0.5}  # weight = (1 / samples of the class) ** power
MULTI_LABEL_THRESHOLD = 0.5  # the least probability of a predicted label
NOTHING_GIVEN = "give like=<the training samples>, or features= (and timesteps=) for series, or vocabulary= for text."
RARE_CLASS = 0.1  # of the samples of the largest class; "auto" weights only where a class is rarer


@dataclass(frozen=True)
class ClassifierSettings(SegmentedSettings):
    """The complete, checked settings; `build_classifier` makes them, `Classifier` and its network read them."""

    labels: tuple[class_labels.Label, ...]
    multi_label: bool
    class_weights: tuple[float, ...]
    words: tuple[str, ...]  # of a text classifier, else empty
    rare: int  # token number of the first word that occurs once in the training texts
    features: int  # of a timestep; for text the size of a word's embedding
    timesteps: int | None  # of every series, or None for any length
    longest: int  # timesteps of the longest training series
    cell: str
    units: tuple[int, ...]
    bidirectional: bool
    dropout: tuple[float, ...]
    attention: tuple[str, ...]
    convolution: str
    scaling: str
    missing: str
    segment: int
    activation: str = "tanh"
    initial_state: str = "zeros"
    feature_names: tuple[str, ...] = ()  # of the columns, where the training series are tables

    @property
    def is_text(self) -> bool:
        """Whether the classifier reads raw strings."""
        return bool(self.words)

    def check(self) -> None:
        """Refuse what `build_classifier` refuses."""
        classes = class_labels.distinct(WHERE, [[*self.labels]] if self.multi_label else self.labels, self.multi_label)
        if len(classes) != len(self.labels) or len(self.class_weights) != len(classes):
            problem = f"{len(self.labels)} labels have {len(self.class_weights)} weights, and {len(classes)} differ."
            raise InvalidValue(WHERE, problem, argument="labels")
        for name in ("features", "segment"):
            _checks.whole_number(WHERE, name, getattr(self, name))
        for name in ("longest", "rare", "timesteps"):
            _checks.whole_number(WHERE, name, getattr(self, name) or 0, least=0)
        if self.words:
            _words_of(self.words)
        self.check_recurrent(WHERE)
        _refuse_attention_over_word_vectors(check_attention(WHERE, self.attention, self.units), self.words)
        _refuse_unknown_choices(self.scaling, self.missing, "none", self.convolution)
        _choose_convolution(self.convolution, self.words, self.features)


class InputSettings(NamedTuple):
    """The settings of the input, series or (with words) texts; the fields are those of `ClassifierSettings`."""

    words: tuple[str, ...]
    rare: int
    features: int
    timesteps: int | None
    longest: int
    feature_names: tuple[str, ...] = ()


def settle(
    *,
    like: Any,
    labels: Any,
    features: int | None,
    timesteps: int | None,
    vocabulary: VocabularyLike | None,
    most_words: int | None,
    embedding: int,
    multi_label: bool,
    cell: str,
    units: int | Sequence[int],
    activation: str,
    initial_state: str,
    bidirectional: bool,
    dropout: float | Sequence[float],
    attention: str | Sequence[str],
    convolution: str | None,
    scaling: str,
    missing: str,
    class_weight: str | Mapping[Any, float],
) -> ClassifierSettings:
    """Check the builder's arguments and fill in what the training samples decide."""
    if labels is None:
        problem = "give labels=, those of the training samples, or a list of the classes."
        raise InvalidValue(WHERE, problem, argument="labels")
    classes = class_labels.distinct(WHERE, labels, bool(multi_label))
    refuse_beside_vocabulary(WHERE, vocabulary, most_words=most_words)
    if vocabulary is not None or is_text(like):
        read_input = _text_input(like, vocabulary, most_words, embedding)
    else:
        read_input = InputSettings((), 0, *series_input(WHERE, like, features, timesteps, missing, NOTHING_GIVEN))
    branch = _choose_convolution(convolution, read_input.words, read_input.features)
    sizes = layer_units(WHERE, units)
    choices = check_attention(WHERE, attention, sizes)
    _refuse_attention_over_word_vectors(choices, read_input.words)
    _refuse_unknown_choices(scaling, missing, class_weight, branch)
    length = None if missing == "mask" else read_input.timesteps  # any length: only then the network has a mask
    _checks.choice(WHERE, "initial_state", initial_state, INITIAL_STATES)
    settings = ClassifierSettings(
        labels=classes,
        multi_label=bool(multi_label),
        class_weights=_class_weights(labels, classes, bool(multi_label), class_weight),
        **read_input._replace(timesteps=length)._asdict(),
        cell=cell_name(WHERE, cell, CELLS),
        units=sizes,
        bidirectional=bool(bidirectional),
        dropout=layer_dropout(WHERE, dropout, len(sizes)),
        attention=choices,
        convolution=branch,
        scaling=scaling,
        missing=missing,
        segment=segment_of(length),
        activation=activation_name(WHERE, activation),
        initial_state=initial_state,
    )
    settings.check()
    return settings


def _refuse_unknown_choices(scaling: str, missing: str, class_weight: Any, convolution: str) -> None:
    _checks.choice(WHERE, "scaling", scaling, SERIES_SCALINGS)
    _checks.choice(WHERE, "missing", missing, MISSING_CHOICES)
    if not isinstance(class_weight, Mapping):
        _checks.choice(WHERE, "class_weight", class_weight, CLASS_WEIGHT_POWERS)
    _checks.choice(WHERE, "convolution", convolution, CONVOLUTION_CHOICES)


def _refuse_attention_over_word_vectors(attention: Sequence[str], words: Sequence[str]) -> None:
    if words and "features" in attention:
        problem = 'attention="features" weighs the features of series, but the samples are texts.'
        raise InvalidValue(WHERE, problem, 'Use "dense", "tanh" or "layers".', "attention")


def _choose_convolution(convolution: str | None, words: Sequence[str], features: int) -> str:
    """The argument, or the default that won on held-out samples (`--held-back` of benchmarks/vowels.py, texts.py)."""
    if words and convolution == "fixed":
        problem = 'convolution="fixed" reads series of numbers, but the samples are texts.'
        raise InvalidValue(WHERE, problem, 'Use "phrases", "learned" or "none".', "convolution")
    if convolution:
        return convolution
    if words:
        return "phrases"
    return "fixed" if features == 1 else "learned"


def _text_input(like: Any, vocabulary: VocabularyLike | None, most_words: int | None, embedding: int) -> InputSettings:
    if vocabulary is None:
        words, rare = _learn_words(as_texts(WHERE, like), most_words)
    else:
        words = _words_of(vocabulary)
        rare = len(words) + 2  # no word: a vocabulary has no counts
    return InputSettings(words, rare, _checks.whole_number(WHERE, "embedding", embedding), None, 0)


def _learn_words(texts: list[str], most_words: int | None) -> tuple[tuple[str, ...], int]:
    """The words, and the token number of the first word that occurs once."""
    words = Vocabulary.learn(texts, most_words=check_most_words(WHERE, most_words)).words
    counts = Counter(word for tokens in split_words(texts) for word in tokens)
    return words, 2 + sum(counts[word] > 1 for word in words)


def _words_of(words: VocabularyLike) -> tuple[str, ...]:
    vocabulary = as_vocabulary(WHERE, words, marks=())
    if vocabulary.by != "words" or not vocabulary.lower:
        problem = (
            f"a classifier reads lower-cased words, but this Vocabulary has by={vocabulary.by!r} and "
            f"lower={vocabulary.lower}."
        )
        raise InvalidValue(WHERE, problem, 'Learn one with by="words" and lower=True.', "vocabulary")
    return vocabulary.words


def _class_weights(labels: Any, classes: Sequence[Any], multi_label: bool, class_weight: Any) -> tuple[float, ...]:
    if isinstance(class_weight, Mapping):
        if multi_label:
            problem = "a class_weight for each class needs one class for each sample, and multi_label has several."
            raise InvalidValue(WHERE, problem, argument="class_weight")
        return tuple(class_labels.weights_by_position(WHERE, class_weight, classes).values())
    encoded = class_labels.encode(WHERE, labels, classes, multi_label)
    counts = encoded.sum(axis=0)
    has_no_rare_class = counts.min() >= RARE_CLASS * counts.max()
    if multi_label or class_weight == "none" or (class_weight == "auto" and has_no_rare_class):
        return (1.0,) * len(classes)
    return tuple(class_labels.weights(encoded, CLASS_WEIGHT_POWERS[class_weight]).tolist())
