"""What an encoder-decoder is made of: plain values that fit in a saved model's config."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from seqkit import _checks
from seqkit.data.texts import is_text
from seqkit.layers.decoder import DECODER_ATTENTION
from seqkit.layers.stack import CELLS, layer_dropout, layer_units
from seqkit.seq2seq import inputs
from seqkit.task.settings import PlainSettings
from seqkit.text.known_words import MARKS, given_words, learnt_words
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


def settle(given: Mapping[str, Any]) -> Seq2SeqSettings:
    """Check the builder's arguments and fill in what the training pairs decide."""
    is_autoencoder = bool(given["autoencoder"])
    shape = _of_vocabulary(given) if given["like"] is None else _of_pairs(given, is_autoencoder)
    is_text = bool(shape["source_words"])
    attention = given["attention"] or ("none" if is_autoencoder else "general")
    _checks.choice(WHERE, "cell", given["cell"], CELLS)
    _checks.choice(WHERE, "context", given["context"], CONTEXTS)
    _checks.choice(WHERE, "attention", attention, DECODER_ATTENTION)
    feedback = _feedback(given["feedback"], is_text, is_autoencoder)
    units = layer_units(WHERE, given["units"])
    for size in units:
        if given["bidirectional"] and size % 2:
            raise ValueError(
                f"{WHERE}: units={size} cannot be halved between the two directions of the encoder. Use an even "
                "number, or bidirectional=False."
            )
    if is_autoencoder and attention != "none":
        raise ValueError(
            f'{WHERE}: attention="{attention}" lets the decoder of an autoencoder copy the source past its code. Leave '
            "attention out."
        )
    if is_autoencoder and len(set(shape["splittings"])) > 1:
        raise ValueError(
            f"{WHERE}: an autoencoder reads and writes the same text, and it would be split by "
            f"{' and by '.join(shape['splittings'])}. Split both alike."
        )
    return Seq2SeqSettings(
        cell=given["cell"],
        units=units,
        bidirectional=bool(given["bidirectional"]),
        dropout=layer_dropout(WHERE, given["dropout"], 1)[0],
        context=given["context"],
        attention=attention,
        copy_unknown=_copy_unknown(given["copy_unknown"], attention, is_text),
        feedback=feedback,
        tied=_only_of_text("tied", bool(given["tied"]), is_text),
        label_smoothing=_only_of_text(
            "label_smoothing", _checks.fraction(WHERE, "label_smoothing", given["label_smoothing"]), is_text
        ),
        scheduled_sampling=_scheduled_sampling(given["scheduled_sampling"], feedback),
        is_autoencoder=is_autoencoder,
        **shape,
    )


def _of_pairs(given: Mapping[str, Any], is_autoencoder: bool) -> dict[str, Any]:
    sources, targets = inputs.pair_of(WHERE, "like=", given["like"], is_autoencoder)
    if not is_text(sources) and not is_text(targets):
        arrays = inputs.series_pairs(WHERE, sources, targets)
        for name in ("vocabulary", "longest"):
            if given[name] is not None:
                raise ValueError(f"{WHERE}: {name}= is for texts, and like= holds numbers. Leave it out.")
        return _of_numbers(*arrays)
    source_texts, target_texts = inputs.text_pairs(WHERE, sources, targets)
    splittings, words = _splittings(given["by"]), given["vocabulary"]
    if words is None:
        source = _learnt("sources", source_texts, splittings[0], (), given)
        target = _learnt("targets", target_texts, splittings[1], MARKS, given)
    else:
        source, target = _vocabularies(words)
    found = [
        int(np.ceil(ROOM * max(len(one) for one in vocabulary.split(texts))))
        for vocabulary, texts in ((source, source_texts), (target, target_texts))
    ]
    return _of_text(source, target, given, _longest(given["longest"], (found[0], found[1])))


def _learnt(
    name: str, texts: list[str], splitting: str, marks: tuple[str, ...], given: Mapping[str, Any]
) -> Vocabulary:
    counts = {one: given[one] for one in ("most_words", "least_count")}
    return learnt_words(WHERE, name, texts, **counts, splitting=splitting, lower=bool(given["lower"]), marks=marks)


def _of_vocabulary(given: Mapping[str, Any]) -> dict[str, Any]:
    if given["vocabulary"] is None:
        raise ValueError(
            f"{WHERE}: give like=(sources, targets), the training pairs (or the sources alone with autoencoder=True)."
        )
    source, target = _vocabularies(given["vocabulary"])
    return _of_text(source, target, given, _longest(given["longest"], (LONGEST, LONGEST)))


def _of_text(
    source: Vocabulary, target: Vocabulary, given: Mapping[str, Any], longest: tuple[int, int]
) -> dict[str, Any]:
    embedding = _checks.whole_number(WHERE, "embedding", given["embedding"])
    return {
        "source_words": source.words,
        "target_words": target.words,
        "splittings": (source.splitting, target.splitting),
        "lower": source.lower,
        "features": (embedding, embedding),
        "longest": longest,
    }


def _of_numbers(source: np.ndarray, target: np.ndarray) -> dict[str, Any]:
    return {
        "source_words": (),
        "target_words": (),
        "splittings": ("words", "words"),
        "lower": True,
        "features": (source.shape[2], target.shape[2]),
        "longest": (source.shape[1], target.shape[1]),
    }


def _splittings(by: Any) -> tuple[str, str]:
    both = tuple(by) if isinstance(by, (tuple, list)) else (by, by)
    if len(both) != 2:
        raise ValueError(f"{WHERE}: by must be one word, or one each for sources and targets, got {by!r}.")
    for one in both:
        _checks.choice(WHERE, "by", one, SPLITTINGS)
    return both[0], both[1]


def _vocabularies(words: Any) -> tuple[Vocabulary, Vocabulary]:
    both = tuple(words) if isinstance(words, (tuple, list)) else ()
    if len(both) != 2 or not all(isinstance(one, Vocabulary) for one in both):
        raise TypeError(f"{WHERE}: vocabulary= must be a pair of Vocabulary, of sources and of targets.")
    source, target = both
    if source.lower != target.lower:
        raise ValueError(f"{WHERE}: one vocabulary reads lower case, the other does not. Make both alike.")
    return given_words(WHERE, source, marks=()), given_words(WHERE, target)


def _longest(longest: Any, found: tuple[int, int]) -> tuple[int, int]:
    if longest is None:
        return found
    both = (longest, longest) if np.isscalar(longest) else tuple(longest)
    if len(both) != 2:
        raise ValueError(f"{WHERE}: longest must be one number, or one each for sources and targets, got {longest!r}.")
    return _checks.whole_number(WHERE, "longest", both[0]), _checks.whole_number(WHERE, "longest", both[1])


def _copy_unknown(copy: Any, attention: str, is_text: bool) -> bool:
    can_copy = is_text and attention != "none"
    if copy and not can_copy:
        raise ValueError(
            f"{WHERE}: copy_unknown=True takes unknown words from where attention looks, and there is none. Leave it "
            "out."
        )
    return can_copy if copy is None else bool(copy)


def _feedback(feedback: Any, is_text: bool, is_autoencoder: bool) -> bool:
    if is_text and feedback is False:
        raise ValueError(
            f"{WHERE}: feedback=False is for numbers; words depend on the words before them. Leave it out."
        )
    return (is_text or not is_autoencoder) if feedback is None else bool(feedback)


def _scheduled_sampling(given: Any, feedback: bool) -> float:
    probability = _checks.fraction(WHERE, "scheduled_sampling", given)
    if probability and not feedback:
        raise ValueError(
            f"{WHERE}: scheduled_sampling={probability} chooses what the decoder is told, and without feedback it is "
            "told nothing. Leave it out, or pass feedback=True."
        )
    return probability


def _only_of_text(name: str, value: Any, is_text: bool) -> Any:
    if value and not is_text:
        raise ValueError(f"{WHERE}: {name}={value} is for words, and like= holds numbers. Leave it out.")
    return value
