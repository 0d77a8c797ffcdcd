"""Build a tagger: sentences or series in, a tag for every step out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras

from seqkit.tagging.answers import TaggedToken
from seqkit.tagging.model import Tagger
from seqkit.tagging.settings import settle
from seqkit.text.known_words import Words

__all__ = ["TaggedToken", "Tagger", "build_tagger"]


def build_tagger(
    *,
    like: Any = None,
    tags: Any = None,
    features: int | None = None,
    vocabulary: Words | None = None,
    most_words: int | None = None,
    by: str | None = None,
    embedding: int = 100,
    characters: bool | int = True,
    cell: str = "lstm",
    units: int | Sequence[int] = 100,
    bidirectional: bool = True,
    dropout: float | Sequence[float] = 0.5,
    output: str = "crf",
    neighbours: float | None = None,
    scaling: str = "standard",
    optimizer: Any = "adam",
) -> Tagger:
    """Build a compiled recurrent tagger of words or of numeric series.

    A word is read by the vector of its lower-cased form beside one from its characters as written (`CharacterWords`),
    and in training words seen once are read as unknown half of the time (`RareWords`). On top of the recurrent layers
    a linear-chain CRF chooses the tags of a sequence together (Huang et al. 2015; Ma & Hovy 2016); where tags mark
    spans (B-X, I-X, O) and those of training keep to it, I-X comes after B-X or I-X alone.

    Args:
        like: training sentences, each a list of tokens or a raw string; the dict `{"words": sentences, "extra":
            features}` with one more string for each token, such as its part of speech; or training series, `[B, T, F]`
            or a list of `[T_i, F]`.
        tags: of the training sequences, a list for each, one tag a step; or the names of the tags.
        features: of a step of a series, where no `like` is given.
        vocabulary: the lower-cased words to know, as a list or a `Vocabulary`, which also says how raw strings are
            split; learnt from `like` by default.
        most_words: how many words to learn at most, the most frequent; 20,000 by default. Not beside `vocabulary`.
        by: what a token of a raw string is: `"words"` (and marks of punctuation), the default, `"characters"`, or
            `"spaces"` for text that is split already. Not beside a `Vocabulary`.
        embedding: size of a word's vector.
        characters: size of a word's vector by its characters; True for 100, False for none. The first 40 of a word are
            read.
        cell: `"lstm"`, `"gru"` or `"simple_rnn"`.
        units: units of each recurrent layer and direction, first to last.
        bidirectional: read in both directions.
        dropout: fraction dropped after each recurrent layer, and of what is known of each word.
        output: `"crf"` or `"softmax"`, which chooses the tag of each step by itself.
        neighbours: of words, the weight of a second task in training, to guess the words beside each one
            (`NeighbourWords`); by default 0.1 with one bidirectional layer, else 0.
        scaling: of series: `"standard"` (mean and spread of the training series), `"series"` (each by its own)
            or `"none"`.
        optimizer: any Keras optimizer.

    Returns:
        `Tagger`, a compiled `keras.Model`.

    Raises:
        TypeError, ValueError: an argument out of its range, tags missing or of mixed types, fewer than two, sequences
            that are neither sentences nor series, a vocabulary without words.

    Example:
        >>> model = build_tagger(like=[["So", "it", "is"]], tags=[["ADV", "PRON", "VERB"]], units=3)
        >>> model.tags, len(model.predict_tags([["it", "is"]])[0])
        (('ADV', 'PRON', 'VERB'), 2)
    """
    settings = settle(
        like=like,
        tags=tags,
        features=features,
        vocabulary=vocabulary,
        most_words=most_words,
        by=by,
        embedding=embedding,
        characters=characters,
        cell=cell,
        units=units,
        bidirectional=bidirectional,
        dropout=dropout,
        output=output,
        neighbours=neighbours,
        scaling=scaling,
    )
    model = Tagger(settings)
    model.compile(optimizer=optimizer, weighted_metrics=[keras.metrics.Accuracy(name="accuracy")])
    model.optimizer.build(model.trainable_variables)  # else a model saved before its first fit warns when loaded
    if like is not None:
        model.adapt(like)
    return model
