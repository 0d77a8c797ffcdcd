"""The settings that describe sources and targets: their words, sizes and lengths, from the training pairs."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from seqkit import _checks
from seqkit._errors import InvalidValue
from seqkit.data.texts import is_text
from seqkit.seq2seq import inputs
from seqkit.seq2seq.sources import hold_texts, with_separator
from seqkit.seq2seq.vocabularies import WHERE, make_target_vocabulary, make_vocabularies
from seqkit.text.vocabulary import Vocabulary

LENGTH_MARGIN = 1.5  # new texts may be longer than the longest of training by this factor
DEFAULT_LONGEST = 50  # tokens, where no texts are given
DEFAULT_SHORTEN = 4  # timesteps that are joined where series become texts
ANY_LENGTH = 0  # as the most timesteps of a source


class SequenceSettings(NamedTuple):
    """The settings that describe sources and targets, under the same names as in `Seq2SeqSettings`."""

    source_words: tuple[str, ...]
    target_words: tuple[str, ...]
    splittings: tuple[str, str]
    lower: bool
    features: tuple[int, int]
    longest: tuple[int, int]
    shorten: int = 1


def settle_sequences(
    pair: tuple[Any, Any] | None,
    names: tuple[str, ...],
    *,
    shorten: int | None,
    vocabulary: Any,
    longest: Any,
    embedding: int,
    **word_options: Any,
) -> SequenceSettings:
    """The settings of texts to texts, of series to texts, or of series to series.

    Args:
        pair: the training sources and targets, if there are any.
        names: of the texts of each source, where there are several.
        shorten: how many timesteps of a series are joined into one where texts are written.
        vocabulary: the words that the user lists.
        longest: the most tokens, as the user gives them.
        embedding: the size of word vectors.
        word_options: `by`, `lower`, `most_words` and `least_count` of the words to learn.
    """
    if pair is not None and inputs.is_speech(*pair):
        words = {"vocabulary": vocabulary, **word_options}
        return _speech_settings(*pair, words, embedding, longest, shorten)
    if shorten is not None:
        problem = f"shorten={shorten} joins timesteps of series that become texts, like=(series, texts)."
        raise InvalidValue(WHERE, problem, "Leave it out.", argument="shorten")
    if pair is not None and not hold_texts(pair[0]) and not is_text(pair[1]):
        return _series_settings(*pair, vocabulary=vocabulary, longest=longest)
    texts = None if pair is None else inputs.text_pairs(WHERE, *pair, names)
    vocabularies = make_vocabularies(texts, vocabulary, **word_options)
    if names:
        vocabularies = (with_separator(vocabularies[0]), vocabularies[1])
    return _text_settings(texts, vocabularies, embedding, longest)


def _series_settings(sources: Any, targets: Any, **text_options: Any) -> SequenceSettings:
    source, target = inputs.series_pairs(WHERE, sources, targets)
    for name, value in text_options.items():
        if value is not None:
            raise InvalidValue(WHERE, f"{name}= is for texts, but like= holds numbers.", "Leave it out.", argument=name)
    features, longest = (source.shape[2], target.shape[2]), (source.shape[1], target.shape[1])
    return SequenceSettings((), (), ("words", "words"), True, features, longest)


def _speech_settings(
    sources: Any, targets: Any, words: dict[str, Any], embedding: int, longest: Any, shorten: int | None
) -> SequenceSettings:
    series, texts = inputs.speech_pairs(WHERE, sources, targets)
    vocabulary = make_target_vocabulary(texts, **words)
    most = _longest_with_margin(vocabulary, texts) if longest is None else longest
    return SequenceSettings(
        (),
        vocabulary.words,
        (vocabulary.by, vocabulary.by),
        vocabulary.lower,
        (series[0].shape[1], _checks.whole_number(WHERE, "embedding", embedding)),
        (ANY_LENGTH, _checks.whole_number(WHERE, "longest", most)),
        DEFAULT_SHORTEN if shorten is None else _checks.whole_number(WHERE, "shorten", shorten),
    )


def _text_settings(
    texts: tuple[list[str], list[str]] | None,
    vocabularies: tuple[Vocabulary, Vocabulary],
    embedding: int,
    longest: int | tuple[int, int] | None,
) -> SequenceSettings:
    source, target = vocabularies
    default = (DEFAULT_LONGEST, DEFAULT_LONGEST)
    if texts is not None:
        default = _longest_with_margin(source, texts[0]), _longest_with_margin(target, texts[1])
    size = _checks.whole_number(WHERE, "embedding", embedding)
    return SequenceSettings(
        source.words, target.words, (source.by, target.by), source.lower, (size, size), _longest(longest, default)
    )


def _longest_with_margin(vocabulary: Vocabulary, texts: list[str]) -> int:
    return int(np.ceil(LENGTH_MARGIN * max(len(tokens) for tokens in vocabulary.split(texts))))


def _longest(longest: Any, default: tuple[int, int]) -> tuple[int, int]:
    if longest is None:
        return default
    pair = (longest, longest) if np.isscalar(longest) else tuple(longest)
    if len(pair) != 2:
        raise InvalidValue(
            WHERE,
            f"longest must be one number, or one each for sources and targets, got {longest!r}.",
            argument="longest",
        )
    return _checks.whole_number(WHERE, "longest", pair[0]), _checks.whole_number(WHERE, "longest", pair[1])
