"""Build a language model: text in, the probabilities of the next word or character out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras

from seqkit.language.model import LanguageModel
from seqkit.language.settings import settle
from seqkit.text.known_words import Words

__all__ = ["LanguageModel", "build_language_model"]

CLIPNORM = 1.0  # of the gradients, which explode now and then over many steps (Pascanu et al. 2013)


def build_language_model(
    *,
    like: Any = None,
    vocabulary: Words | None = None,
    by: str | None = None,
    most_words: int | None = None,
    least_count: int | None = None,
    lower: bool | None = None,
    cell: str = "lstm",
    units: int | Sequence[int] = 256,
    embedding: int | str = 128,
    tied: bool = False,
    dropout: float | Sequence[float] = 0.2,
    timesteps: int | None = None,
    continuous: bool | None = None,
    optimizer: Any = None,
) -> LanguageModel:
    """Build a compiled recurrent model that predicts the next word, or the next character, of a text.

    Args:
        like: the training text: one long string, or a list of separate texts. The vocabulary is learnt from it.
        vocabulary: the words to know instead: a list of them, or a `Vocabulary`, beside which the next four are not
            said again.
        by: `"words"` (and marks of punctuation), the default, `"characters"`, or `"spaces"` for text that is split
            already.
        most_words: how many to learn at most, the most frequent; 20,000 by default. Not beside a list of words.
        least_count: how often one must occur; by default 2 where more than 1000 are found, so that those seen once
            teach what an unknown one is like, else 1. Not beside a list of words.
        lower: read capital letters as small ones; by default where it is not by characters.
        cell: `"lstm"`, `"gru"` or `"simple_rnn"`.
        units: units of each recurrent layer, first to last.
        embedding: size of a word's vector, or `"one-hot"`, straight into the recurrent layer, as textbooks draw it.
        tied: the output weights are the words' vectors (Press & Wolf 2017).
        dropout: fraction dropped of the words' vectors and after each recurrent layer.
        timesteps: of the pieces that the loss goes back through: of one long text 35, by characters 100; of separate
            texts the longest's, at most 250.
        continuous: texts are read one after another, the state carried from batch to batch; by default where `like`
            is one string. If not, each text begins anew.
        optimizer: any Keras optimizer; by default Adam with gradients clipped to norm 1.

    Returns:
        `LanguageModel`, a compiled `keras.Model`.

    Raises:
        TypeError, ValueError: an argument out of its range, what is no text, a vocabulary without words.

    Example:
        >>> model = build_language_model(like="never too late to code, never too late to read", units=8, embedding=5)
        >>> model.next_words("never too late to", k=2)["word"].isin(model.vocabulary.words).all()
        np.True_
    """
    settings = settle(
        like=like,
        vocabulary=vocabulary,
        by=by,
        most_words=most_words,
        least_count=least_count,
        lower=lower,
        cell=cell,
        units=units,
        embedding=embedding,
        tied=tied,
        dropout=dropout,
        timesteps=timesteps,
        continuous=continuous,
    )
    model = LanguageModel(settings)
    model.compile(
        optimizer=keras.optimizers.Adam(clipnorm=CLIPNORM) if optimizer is None else optimizer,
        loss=keras.losses.SparseCategoricalCrossentropy(reduction="mean_with_sample_weight"),
    )
    model.optimizer.build(model.trainable_variables)  # else a model saved before its first fit warns when loaded
    if like is not None:
        model.adapt(like)
    return model
