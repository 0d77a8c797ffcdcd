"""What a classifier is made of: plain values that fit in a saved model's config."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from seqkit import _checks
from seqkit._errors import InvalidValue
from seqkit.data import labels as class_labels
from seqkit.data import series as inputs
from seqkit.data.texts import as_texts, is_text
from seqkit.layers.attention import STEP_SCORES
from seqkit.layers.scaling import SERIES_SCALINGS
from seqkit.layers.stack import CELLS
from seqkit.layers.stack_arguments import layer_dropout, layer_units
from seqkit.task.settings import PlainSettings
from seqkit.text.vocabulary import Vocabulary, split_words
from seqkit.text.vocabulary_argument import VocabularyLike, as_vocabulary, check_most_words, refuse_beside_vocabulary

WHERE = "build_classifier"
ATTENTION = {**STEP_SCORES, "layers": "over the last outputs of each layer"}
CONVOLUTIONS = {
    "none": "no branch",
    "fixed": "FixedConvolutions",
    "learned": "LearnedConvolutions",
    "phrases": "PhraseConvolutions",
}
MISSING = {"refuse": "an error", "mask": "the step is skipped"}
CLASS_WEIGHTS = {"balanced": 1.0, "none": 0.0, "auto": 0.5}  # power of one over a class's size; auto where one is rare
RARE = 0.1  # of the largest class
MOST_STEPS = 32  # that the recurrent layers take through series of one length; longer ones are cut into segments


@dataclass(frozen=True)
class ClassifierSettings(PlainSettings):
    """Checked and complete; `build_classifier` makes it, `Classifier` and its network read it."""

    labels: tuple[class_labels.Label, ...]
    multi_label: bool
    class_weights: tuple[float, ...]
    words: tuple[str, ...]  # of a text classifier, else empty
    rare: int  # the number of the first word that the training texts hold once
    features: int  # of a step; of a text classifier the size of a word's vector
    timesteps: int | None  # of every series, or None for any length
    longest: int  # series in training
    cell: str
    units: tuple[int, ...]
    bidirectional: bool
    dropout: tuple[float, ...]
    attention: tuple[str, ...]
    convolution: str
    scaling: str
    missing: str
    segment: int

    @property
    def front(self) -> int:
        """Steps of zeros that fill up the first segment."""
        return -(self.timesteps or 0) % self.segment

    @property
    def is_text(self) -> bool:
        """Whether it reads raw strings."""
        return bool(self.words)


class Reads(NamedTuple):
    """What it reads: series, or texts where there are words; the fields are those of the settings."""

    words: tuple[str, ...]
    rare: int
    features: int
    timesteps: int | None
    longest: int


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
    bidirectional: bool,
    dropout: float | Sequence[float],
    attention: str | Sequence[str],
    convolution: str | None,
    scaling: str,
    missing: str,
    class_weight: str,
) -> ClassifierSettings:
    """Check the builder's arguments and fill in what the training samples, or else plain habit, decide."""
    if labels is None:
        raise InvalidValue(WHERE, "give labels=, those of the training samples, or a list of the classes.")
    known = class_labels.distinct(WHERE, labels, bool(multi_label))
    refuse_beside_vocabulary(WHERE, vocabulary, most_words=most_words)
    if vocabulary is not None or is_text(like):
        reads = _texts(like, vocabulary, most_words, embedding)
    else:
        reads = _series(like, features, timesteps, missing)
    branch = _convolution(convolution, reads)
    sizes = layer_units(WHERE, units)
    kinds = _attention(attention, sizes)
    _refuse_unknown_choices(cell, scaling, missing, class_weight, branch)
    length = None if missing == "mask" else reads.timesteps  # a mask is needed, as for series of any length
    return ClassifierSettings(
        labels=known,
        multi_label=bool(multi_label),
        class_weights=_class_weights(labels, known, bool(multi_label), class_weight),
        words=reads.words,
        rare=reads.rare,
        features=reads.features,
        timesteps=length,
        longest=reads.longest,
        cell=cell,
        units=sizes,
        bidirectional=bool(bidirectional),
        dropout=layer_dropout(WHERE, dropout, len(sizes)),
        attention=kinds,
        convolution=branch,
        scaling=scaling,
        missing=missing,
        segment=1 if length is None else -(-length // MOST_STEPS),
    )


def _refuse_unknown_choices(cell: str, scaling: str, missing: str, class_weight: str, convolution: str) -> None:
    _checks.choice(WHERE, "cell", cell, CELLS)
    _checks.choice(WHERE, "scaling", scaling, SERIES_SCALINGS)
    _checks.choice(WHERE, "missing", missing, MISSING)
    _checks.choice(WHERE, "class_weight", class_weight, CLASS_WEIGHTS)
    _checks.choice(WHERE, "convolution", convolution, CONVOLUTIONS)


def _convolution(convolution: str | None, reads: Reads) -> str:
    """As asked, or what held-back samples preferred (`--held-back` of benchmarks/vowels.py and texts.py)."""
    if reads.words and convolution == "fixed":
        raise InvalidValue(
            WHERE,
            'convolution="fixed" reads series of numbers, and these are texts.',
            'Use "phrases", "learned" or "none".',
            argument="convolution",
        )
    if convolution:
        return convolution
    if reads.words:
        return "phrases"
    return "fixed" if reads.features == 1 else "learned"


def _texts(like: Any, vocabulary: VocabularyLike | None, most_words: int | None, embedding: int) -> Reads:
    if vocabulary is None:
        words, rare = _learnt(as_texts(WHERE, like), most_words)
    else:
        words = _given(vocabulary)
        rare = len(words) + 2  # no one can tell which of them are rare
    return Reads(words, rare, _checks.whole_number(WHERE, "embedding", embedding), None, 0)


def _learnt(texts: list[str], most_words: int | None) -> tuple[tuple[str, ...], int]:
    """The words, and the number of the first that is there once."""
    words = Vocabulary.learn(texts, most_words=check_most_words(WHERE, most_words)).words
    counts = Counter(word for tokens in split_words(texts) for word in tokens)
    return words, 2 + sum(counts[word] > 1 for word in words)


def _given(vocabulary: VocabularyLike) -> tuple[str, ...]:
    known = as_vocabulary(WHERE, vocabulary, marks=())
    if known.by != "words" or not known.lower:
        raise InvalidValue(
            WHERE,
            f"a classifier reads lower-cased words, and this Vocabulary has by={known.by!r} and lower={known.lower}.",
            'Learn one with by="words" and lower=True.',
        )
    return known.words


def _series(like: Any, features: int | None, timesteps: int | None, missing: str) -> Reads:
    if like is not None:
        return _series_alike(like, features, timesteps, missing)
    if features is None:
        raise InvalidValue(
            WHERE,
            "give like=<the training samples>, or features= (and timesteps=) for series, or vocabulary= for text.",
        )
    features = _checks.whole_number(WHERE, "features", features)
    timesteps = None if timesteps is None else _checks.whole_number(WHERE, "timesteps", timesteps)
    return Reads((), 0, features, timesteps, timesteps or 1)


def _series_alike(like: Any, features: int | None, timesteps: int | None, missing: str) -> Reads:
    samples = inputs.as_series(WHERE, like, features, missing)
    lengths = sorted({len(one) for one in samples})
    if timesteps not in (None, *lengths[:1]) or (timesteps is not None and len(lengths) > 1):
        raise InvalidValue(
            WHERE,
            f"timesteps={timesteps!r}, and series of like= have {_checks.listed(lengths)} steps.",
            "Leave timesteps out, it is taken from like=.",
        )
    return Reads((), 0, samples[0].shape[1], lengths[0] if len(lengths) == 1 else None, lengths[-1])


def _attention(attention: Any, units: Sequence[int]) -> tuple[str, ...]:
    kinds = tuple(attention) if isinstance(attention, (list, tuple)) else (attention,)
    if kinds == ("none",) or not kinds:
        return ()
    for kind in kinds:
        _checks.choice(WHERE, "attention", kind, {**ATTENTION, "none": "the last step"})
    over_steps = [kind for kind in kinds if kind != "layers"]
    if len(over_steps) > 1 or len(set(kinds)) < len(kinds):
        raise InvalidValue(
            WHERE,
            f'attention={attention!r}: one over steps ("dense" or "tanh") and "layers" can go together, nothing else.',
            argument="attention",
        )
    if "layers" in kinds and (len(units) < 2 or len(set(units)) > 1):
        raise InvalidValue(
            WHERE,
            f"attention over layers needs two layers or more of the same units, got units={tuple(units)}.",
            "Pass units=(64, 64), say.",
        )
    return kinds


def _class_weights(labels: Any, known: Sequence[Any], multi_label: bool, how: str) -> tuple[float, ...]:
    encoded = class_labels.encode(WHERE, labels, known, multi_label)
    counts = encoded.sum(axis=0)
    if multi_label or how == "none" or (how == "auto" and counts.min() >= RARE * counts.max()):
        return (1.0,) * len(known)
    return tuple(float(one) for one in class_labels.weights(encoded, CLASS_WEIGHTS[how]))
