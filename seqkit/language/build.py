"""build_language_model: text in, the probabilities of the next word or character out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras

from seqkit.language.model import LanguageModel
from seqkit.language.settings import settle
from seqkit.task.compiling import compile_built
from seqkit.text.vocabulary_argument import VocabularyLike

__all__ = ["LanguageModel", "build_language_model"]


def build_language_model(
    *,
    like: Any = None,
    vocabulary: VocabularyLike | None = None,
    by: str | None = None,
    most_words: int | None = None,
    least_count: int | None = None,
    lower: bool | None = None,
    cell: str = "lstm",
    units: int | Sequence[int] = 256,
    activation: str = "tanh",
    embedding: int | str = 128,
    tied: bool = False,
    dropout: float | Sequence[float] = 0.2,
    timesteps: int | None = None,
    continuous: bool | None = None,
    optimizer: Any = None,
    jit_compile: bool | str = "auto",
) -> LanguageModel:
    """Build a compiled recurrent model that predicts the next word, or the next character, of a text.

    Args:
        like: the training text: one long string, or a list of separate texts. The vocabulary is learnt from it.
        vocabulary: a list of words instead, or a `Vocabulary`, with which the next four must not be passed.
        by: `"words"` (and marks of punctuation), the default, `"characters"`, or `"spaces"` for text that is split
            already.
        most_words: the largest number of words to learn, most frequent first; 20,000 by default. Not with a list of
            words.
        least_count: how often a word must occur to be learnt. By default 2 if the text has more than 1000 different
            words, so that words that occur once train the unknown word, else 1. Not with a list of words.
        lower: read capital letters as small ones; True by default, False with `by="characters"`.
        cell: `"lstm"`, `"gru"` or `"simple_rnn"`.
        units: units of each recurrent layer, first to last.
        activation: of the cells' candidates and outputs, by name; only `"tanh"` can use the cuDNN kernel.
        embedding: size of a word's vector, or `"one-hot"`: one-hot words go directly into the recurrent layer, as in
            textbooks.
        tied: use the words' vectors as output weights too (Press & Wolf 2017).
        dropout: fraction dropped after each recurrent layer; the first one also of the words' vectors.
        timesteps: length of the pieces through which gradients flow back. By default 35 for one long text, 100 by
            characters; for separate texts the length of the longest, at most 250.
        continuous: read the texts one after another, and carry the state from batch to batch; by default True if `like`
            is one string. If False, each text begins from a zero state.
        optimizer: any Keras optimizer; by default Adam with gradients clipped to norm 1.
        jit_compile: True lets XLA compile the training steps of full batches; by default Keras's "auto". XLA compiles
            anew for each length of a batch, for seconds each, so it seldom pays for separate texts.

    Returns:
        `LanguageModel`, a compiled `keras.Model`.

    Raises:
        TypeError, ValueError: an argument is out of its range, `like` is not text, or the vocabulary has no words.

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
        activation=activation,
        embedding=embedding,
        tied=tied,
        dropout=dropout,
        timesteps=timesteps,
        continuous=continuous,
    )
    model = LanguageModel(settings)
    compile_built(
        "build_language_model",
        model,
        optimizer,
        jit_compile,
        loss=keras.losses.SparseCategoricalCrossentropy(reduction="mean_with_sample_weight"),
    )
    if like is not None:
        model.adapt(like)
    return model
