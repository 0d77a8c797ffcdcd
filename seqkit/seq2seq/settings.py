"""The settings of an encoder-decoder: plain values that fit in a saved model's config."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from seqkit import _checks
from seqkit._errors import InvalidValue
from seqkit.layers.cell_names import cell_name
from seqkit.layers.cells import CELLS
from seqkit.layers.decoder import DECODER_ATTENTION
from seqkit.layers.stack_arguments import activation_name, layer_dropout, layer_units
from seqkit.seq2seq import inputs
from seqkit.seq2seq.sequence_settings import settle_sequences
from seqkit.seq2seq.sources import check_names, names_of
from seqkit.seq2seq.vocabularies import WHERE, check_vocabularies
from seqkit.task.settings import PlainSettings
from seqkit.text.vocabulary import PADDING
from seqkit.text.vocabulary_argument import VocabularyLike, refuse_beside_vocabulary

CONTEXTS = {
    "initial": "the encoder's last states are the decoder's initial states",
    "transform": "a learnt transform of the encoder's last hidden states",
    "pooled": "a learnt transform of a learnt mean of all the encoder's hidden states",
    "every step": 'as "initial", and the last hidden state is an input at every step too',
}


@dataclass(frozen=True)
class Seq2SeqSettings(PlainSettings):
    """Checked and complete settings: `build_seq2seq` makes them, `Seq2Seq` and its network read them."""

    source_words: tuple[str, ...]  # empty for series, as are those of targets
    target_words: tuple[str, ...]
    splittings: tuple[str, str]
    lower: bool
    features: tuple[int, int]  # of source and target; for text, the sizes of the word vectors
    longest: tuple[int, int]  # most timesteps of source and target, without the end mark; 0: any
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
    activation: str = "tanh"
    source_names: tuple[str, ...] = ()  # of the texts of each sample, where there are several
    shorten: int = 1  # timesteps of a series that the encoder joins into one

    @property
    def reads_text(self) -> bool:
        """Whether sources are texts, not series."""
        return bool(self.source_words)

    @property
    def writes_text(self) -> bool:
        """Whether targets are texts, not series."""
        return bool(self.target_words)

    @property
    def source_padding(self) -> float:
        """What fills up the shorter sources of a batch."""
        return PADDING if self.reads_text else np.nan

    def check(self) -> None:
        """Refuse what `build_seq2seq` refuses."""
        check_names(WHERE, self.source_names)
        check_vocabularies((self.source_words, self.target_words), self.splittings, self.lower)
        for name, least in (("features", 1), ("longest", 0)):
            for number in getattr(self, name):
                _checks.whole_number(WHERE, name, number, least)
        _checks.whole_number(WHERE, "shorten", self.shorten)
        _refuse_unknown_choices(self.context, self.attention)
        self.check_recurrent(WHERE)
        if self.bidirectional:
            _refuse_odd_units(self.units)
        if self.is_autoencoder:
            _refuse_autoencoder_of_several(self.source_names, True)
            _refuse_ways_past_the_code(self.attention, self.splittings)
        _copy_unknown(self.copy_unknown, self.attention, self.reads_text)
        _feedback(self.feedback, self.writes_text, self.is_autoencoder)
        _scheduled_sampling(self.scheduled_sampling, self.feedback)
        for name, value in (("tied", self.tied), ("label_smoothing", self.label_smoothing)):
            _checked_for_text(name, value, self.writes_text)
        _checks.fraction(WHERE, "label_smoothing", self.label_smoothing)


def settle(
    *,
    like: Any,
    vocabulary: VocabularyLike | tuple[VocabularyLike, VocabularyLike] | None,
    autoencoder: bool,
    by: str | tuple[str, str] | None,
    lower: bool | None,
    most_words: int | None,
    least_count: int | None,
    longest: int | tuple[int, int] | None,
    shorten: int | None,
    embedding: int,
    tied: bool,
    cell: str,
    units: int | Sequence[int],
    activation: str,
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
    pair = None if like is None else inputs.as_pair(WHERE, "like", like, bool(autoencoder))
    names = () if pair is None else check_names(WHERE, names_of(pair[0]))
    _refuse_autoencoder_of_several(names, bool(autoencoder))
    sequences = settle_sequences(
        pair,
        names,
        shorten=shorten,
        vocabulary=vocabulary,
        longest=longest,
        embedding=embedding,
        by=by,
        lower=lower is None or bool(lower),
        most_words=most_words,
        least_count=least_count,
    )
    has_words = bool(sequences.target_words)
    attention = attention or ("none" if autoencoder else "general")
    _refuse_unknown_choices(context, attention)
    has_feedback = _feedback(feedback, has_words, bool(autoencoder))
    sizes = layer_units(WHERE, units)
    if bidirectional:
        _refuse_odd_units(sizes)
    if autoencoder:
        _refuse_ways_past_the_code(attention, sequences.splittings)
    smoothing = _checks.fraction(WHERE, "label_smoothing", label_smoothing)
    settings = Seq2SeqSettings(
        **sequences._asdict(),
        cell=cell_name(WHERE, cell, CELLS),
        units=sizes,
        bidirectional=bool(bidirectional),
        dropout=layer_dropout(WHERE, dropout, 1)[0],
        context=context,
        attention=attention,
        copy_unknown=_copy_unknown(copy_unknown, attention, bool(sequences.source_words)),
        feedback=has_feedback,
        tied=_checked_for_text("tied", bool(tied), has_words),
        label_smoothing=_checked_for_text("label_smoothing", smoothing, has_words),
        scheduled_sampling=_scheduled_sampling(scheduled_sampling, has_feedback),
        is_autoencoder=bool(autoencoder),
        activation=activation_name(WHERE, activation),
        source_names=names,
    )
    settings.check()
    return settings


def _refuse_autoencoder_of_several(names: tuple[str, ...], is_autoencoder: bool) -> None:
    if names and is_autoencoder:
        problem = f"an autoencoder writes its source again, and each sample has {len(names)} texts."
        raise InvalidValue(WHERE, problem, "Pass one list of texts.", argument="autoencoder")


def _refuse_unknown_choices(context: str, attention: str) -> None:
    _checks.choice(WHERE, "context", context, CONTEXTS)
    _checks.choice(WHERE, "attention", attention, DECODER_ATTENTION)


def _refuse_odd_units(units: tuple[int, ...]) -> None:
    for size in units:
        if size % 2:
            raise InvalidValue(
                WHERE,
                f"units={size} cannot be halved between the two directions of the encoder.",
                "Use an even number, or bidirectional=False.",
                argument="units",
            )


def _refuse_ways_past_the_code(attention: str, splittings: tuple[str, str]) -> None:
    """Refuse an autoencoder with attention, or with a target that is split otherwise than the source."""
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
            f"an autoencoder reads and writes the same text, but it would be split by {' and by '.join(splittings)}.",
            "Pass one word as by=.",
            argument="by",
        )


def _copy_unknown(copy_unknown: Any, attention: str, is_text: bool) -> bool:
    can_copy = is_text and attention != "none"
    if copy_unknown and not can_copy:
        raise InvalidValue(
            WHERE,
            "copy_unknown=True copies the unknown words that attention points to, so it needs texts and attention.",
            "Leave it out.",
            argument="copy_unknown",
        )
    return can_copy if copy_unknown is None else bool(copy_unknown)


def _feedback(feedback: Any, is_text: bool, is_autoencoder: bool) -> bool:
    if is_text and feedback is False:
        raise InvalidValue(
            WHERE,
            "feedback=False is for numbers; words depend on the words before them.",
            "Leave it out.",
            argument="feedback",
        )
    return (is_text or not is_autoencoder) if feedback is None else bool(feedback)


def _scheduled_sampling(scheduled_sampling: Any, feedback: bool) -> float:
    probability = _checks.fraction(WHERE, "scheduled_sampling", scheduled_sampling)
    if probability and not feedback:
        raise InvalidValue(
            WHERE,
            f"scheduled_sampling={probability} mixes the previous values that the decoder reads, but without feedback "
            "it reads none.",
            "Leave it out, or pass feedback=True.",
            argument="scheduled_sampling",
        )
    return probability


def _checked_for_text(name: str, value: Any, is_text: bool) -> Any:
    if value and not is_text:
        raise InvalidValue(
            WHERE, f"{name}={value} is for texts, but like= holds numbers.", "Leave it out.", argument=name
        )
    return value
