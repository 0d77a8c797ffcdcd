"""What a classifier is made of: plain values that fit in a saved model's config."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from seqkit import _checks
from seqkit.data import labels as class_labels
from seqkit.data import series as inputs
from seqkit.data.texts import as_texts, is_text
from seqkit.layers.attention import STEP_SCORES
from seqkit.layers.scaling import SERIES_SCALINGS
from seqkit.layers.stack import CELLS, layer_dropout, layer_units
from seqkit.task.settings import PlainSettings
from seqkit.text.vocabulary import Vocabulary, split_words

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
SERIES: dict[str, Any] = {"words": (), "rare": 0}
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


def settle(like: Any, labels: Any, given: Mapping[str, Any]) -> ClassifierSettings:
    """Check the builder's arguments and fill in what the training samples, or else plain habit, decide."""
    if labels is None:
        raise ValueError(f"{WHERE}: give labels=, those of the training samples, or a list of the classes.")
    multi_label = bool(given["multi_label"])
    known = class_labels.distinct(WHERE, labels, multi_label)
    shape = _shape(like, given)
    if shape["words"] and given["convolution"] == "fixed":
        raise ValueError(
            f'{WHERE}: convolution="fixed" reads series of numbers, and these are texts. Use "phrases", "learned" or '
            '"none".'
        )
    units = layer_units(WHERE, given["units"])
    attention = _attention(given["attention"], units)
    convolution = given["convolution"] or _default_convolution(shape)
    options = {"cell": CELLS, "scaling": SERIES_SCALINGS, "missing": MISSING, "class_weight": CLASS_WEIGHTS}
    for name, choices in options.items():
        _checks.choice(WHERE, name, given[name], choices)
    _checks.choice(WHERE, "convolution", convolution, CONVOLUTIONS)
    if given["missing"] == "mask":
        shape["timesteps"] = None  # a mask is needed, as for series of any length
    rates = given["dropout"]
    return ClassifierSettings(
        labels=known,
        multi_label=multi_label,
        class_weights=_class_weights(labels, known, multi_label, given["class_weight"]),
        cell=given["cell"],
        units=units,
        bidirectional=bool(given["bidirectional"]),
        dropout=layer_dropout(WHERE, [rates] * len(units) if np.isscalar(rates) else rates, len(units)),
        attention=attention,
        convolution=convolution,
        scaling=given["scaling"],
        missing=given["missing"],
        segment=1 if shape["timesteps"] is None else -(-shape["timesteps"] // MOST_STEPS),
        **shape,
    )


def _default_convolution(shape: Mapping[str, Any]) -> str:
    """What held-back samples preferred (`--held-back` of benchmarks/vowels.py and texts.py)."""
    if shape["words"]:
        return "phrases"
    return "fixed" if shape["features"] == 1 else "learned"


def _shape(like: Any, given: Mapping[str, Any]) -> dict[str, Any]:
    """Words, features, timesteps and longest, from training samples or from plain arguments."""
    if given["vocabulary"] is not None or is_text(like):
        return {
            **_words(like, given["vocabulary"], given["most_words"]),
            "features": _checks.whole_number(WHERE, "embedding", given["embedding"]),
            "timesteps": None,
            "longest": 0,
        }
    if like is None:
        if given["features"] is None:
            raise ValueError(
                f"{WHERE}: give like=<the training samples>, or features= (and timesteps=) for series, or "
                "vocabulary= for text."
            )
        features = _checks.whole_number(WHERE, "features", given["features"])
        timesteps = given["timesteps"]
        timesteps = None if timesteps is None else _checks.whole_number(WHERE, "timesteps", timesteps)
        return SERIES | {"features": features, "timesteps": timesteps, "longest": timesteps or 1}
    samples = inputs.as_series(WHERE, like, given["features"], given["missing"])
    lengths = sorted({len(one) for one in samples})
    if given["timesteps"] not in (None, *lengths[:1]) or (given["timesteps"] is not None and len(lengths) > 1):
        raise ValueError(
            f"{WHERE}: timesteps={given['timesteps']!r}, and series of like= have {_checks.listed(lengths)} steps. "
            "Leave timesteps out, it is taken from like=."
        )
    timesteps, longest = (lengths[0] if len(lengths) == 1 else None), lengths[-1]
    return SERIES | {"features": samples[0].shape[1], "timesteps": timesteps, "longest": longest}


def _words(like: Any, vocabulary: Any, most: Any) -> dict[str, Any]:
    """The words, and which of them are rare: no one can tell for a vocabulary that is given."""
    if vocabulary is None:
        most, texts = _checks.whole_number(WHERE, "most_words", most), as_texts(WHERE, like)
        words = Vocabulary.learn(texts, most=most).words
        counts = Counter(word for tokens in split_words(texts) for word in tokens)
        return {"words": words, "rare": 2 + sum(counts[word] > 1 for word in words)}
    if not isinstance(vocabulary, Vocabulary):
        vocabulary = Vocabulary(vocabulary)
        for word, tokens in zip(vocabulary.words, split_words(vocabulary.words), strict=True):
            if tokens != [word]:
                raise ValueError(
                    f"{WHERE}: the word {word!r} of vocabulary= is never found, for texts are lower-cased and split: "
                    f"it is read as {_checks.listed(tokens) or 'nothing'}. Pass it so, or use Vocabulary.learn(texts)."
                )
    return {"words": tuple(vocabulary.words), "rare": len(vocabulary)}


def _attention(attention: Any, units: Sequence[int]) -> tuple[str, ...]:
    kinds = tuple(attention) if isinstance(attention, (list, tuple)) else (attention,)
    if kinds == ("none",) or not kinds:
        return ()
    for kind in kinds:
        _checks.choice(WHERE, "attention", kind, {**ATTENTION, "none": "the last step"})
    over_steps = [kind for kind in kinds if kind != "layers"]
    if len(over_steps) > 1 or len(set(kinds)) < len(kinds):
        raise ValueError(
            f'{WHERE}: attention={attention!r}: one over steps ("dense" or "tanh") and "layers" can go together, '
            "nothing else."
        )
    if "layers" in kinds and (len(units) < 2 or len(set(units)) > 1):
        raise ValueError(
            f"{WHERE}: attention over layers needs two layers or more of the same units, got units={tuple(units)}. "
            "Pass units=(64, 64), say."
        )
    return kinds


def _class_weights(labels: Any, known: Sequence[Any], multi_label: bool, how: str) -> tuple[float, ...]:
    encoded = class_labels.encode(WHERE, labels, known, multi_label)
    counts = encoded.sum(axis=0)
    if multi_label or how == "none" or (how == "auto" and counts.min() >= RARE * counts.max()):
        return (1.0,) * len(known)
    return tuple(float(one) for one in class_labels.weights(encoded, CLASS_WEIGHTS[how]))
