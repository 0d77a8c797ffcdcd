"""Build an encoder-decoder: texts to texts, or series to series, of another length."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras

from seqkit._errors import InvalidValue
from seqkit.seq2seq.answers import Alignment
from seqkit.seq2seq.loss import TokenCrossEntropy
from seqkit.seq2seq.model import Seq2Seq
from seqkit.seq2seq.settings import settle
from seqkit.text.known_words import Words

__all__ = ["Alignment", "Seq2Seq", "build_seq2seq"]


def build_seq2seq(
    *,
    like: Any = None,
    vocabulary: Words | tuple[Words, Words] | None = None,
    autoencoder: bool = False,
    by: str | tuple[str, str] | None = None,
    lower: bool | None = None,
    most_words: int | None = None,
    least_count: int | None = None,
    longest: int | tuple[int, int] | None = None,
    embedding: int = 128,
    tied: bool = False,
    cell: str = "lstm",
    units: int | Sequence[int] = 128,
    bidirectional: bool = True,
    dropout: float = 0.2,
    context: str = "initial",
    attention: str | None = None,
    feedback: bool | None = None,
    copy_unknown: bool | None = None,
    label_smoothing: float = 0.0,
    scheduled_sampling: float = 0.0,
    loss: Any = None,
    optimizer: Any = None,
) -> Seq2Seq:
    """Build a compiled recurrent encoder-decoder with attention.

    The encoder reads the source; the decoder says the target step by step, told each time what was said before. In
    training that is the right target (teacher forcing), in decoding its own answer; the layers are the same.

    Args:
        like: the training pairs, `(sources, targets)`: texts, or series `[B, T, F]` and `[B, H, K]`. It gives the
            vocabularies, or shapes, mean and spread. An autoencoder's are the sources alone.
        vocabulary: the words to read and to write, instead of learning them: a list of them or a `Vocabulary`, or a
            pair of these, of sources and of targets. Beside a `Vocabulary` the four choices `by`, `lower`, `most_words`
            and `least_count` are not said again.
        autoencoder: the target is the source; without attention, so that all of it goes through the code (`encode`).
        by: what a token is: `"words"`, the default, `"spaces"` (text that has been split before) or `"characters"`; or
            a pair, one each for sources and targets.
        lower: read and write text in lower case, the default.
        most_words: how many words to learn at most in each language, the most frequent; 20,000 by default. Not beside
            a list of words.
        least_count: how often a word must occur; by default 2 where more than 1000 are found, so that those seen once
            show the model where the unknown stands and what to copy there. Not beside a list of words.
        longest: tokens that a source and a target may have, one number or a pair; by default half as many again as
            the longest in `like`. Of longer ones the rest is left out, with a warning that counts them.
        embedding: size of a word's vector.
        tied: the output weights are the vectors of the target words (Press & Wolf 2017).
        cell: `"lstm"`, `"gru"` or `"simple_rnn"`.
        units: units of each layer of the decoder, first to last; the encoder has the same, half in each direction.
        bidirectional: read the source in both directions.
        dropout: fraction dropped of words' vectors, after each recurrent layer and before the scores.
        context: how the source reaches the decoder besides attention: `"initial"`, the last states of the encoder
            are the first of the decoder (Sutskever et al. 2014); `"transform"`, a learnt transform of them (Bahdanau
            et al. 2015); `"pooled"`, a learnt transform of a learnt mean of all hidden states; `"every step"`, as
            `"initial"`, and the last hidden state is fed at every step too (Cho et al. 2014).
        attention: `"additive"`, `"general"` or `"dot"` (`QueryAttention`), or `"none"`; general by default, none for
            an autoencoder.
        feedback: of series, whether a step of the decoder is told the values of the step before; by default yes, but
            not in an autoencoder, whose decoder would follow them instead of its code.
        copy_unknown: where a word would be unknown, write that unknown word of the source which attention looks at
            most (of all its words, if it has no unknown one); by default wherever there is attention. It is learnt from
            the unknown words of training, so where `least_count` leaves none out nothing is copied.
        label_smoothing: part of the probability that the loss spreads over all words (Szegedy et al. 2016).
        scheduled_sampling: how often the decoder is told its own answer instead of the right one by the end of `fit`,
            growing from 0 (Bengio et al. 2015, in the two passes of Mihaylova & Martins 2019).
        loss: any Keras loss, of scores before the softmax or of scaled values; cross-entropy or mean squared error.
        optimizer: any Keras optimizer; by default Adam with gradients clipped to norm 1.

    Returns:
        `Seq2Seq`, a compiled `keras.Model`.

    Raises:
        TypeError, ValueError: an argument out of its range; sources and targets that differ in number, are empty or
            neither texts nor series; no words left after filtering.

    Example:
        >>> model = build_seq2seq(like=(["one two", "two"], ["eins zwei", "zwei"]), units=4, embedding=3)
        >>> len(model.translate(["two one"], beam=2))
        1
    """
    settings = settle(
        like=like,
        vocabulary=vocabulary,
        autoencoder=autoencoder,
        by=by,
        lower=lower,
        most_words=most_words,
        least_count=least_count,
        longest=longest,
        embedding=embedding,
        tied=tied,
        cell=cell,
        units=units,
        bidirectional=bidirectional,
        dropout=dropout,
        context=context,
        attention=attention,
        feedback=feedback,
        copy_unknown=copy_unknown,
        label_smoothing=label_smoothing,
        scheduled_sampling=scheduled_sampling,
    )
    model = Seq2Seq(settings)
    if loss is not None and settings.label_smoothing:
        raise InvalidValue("build_seq2seq", "label_smoothing belongs to the default loss.", "Leave it or loss= out.")
    if optimizer is None:
        optimizer = keras.optimizers.Adam(clipnorm=1.0)
    if settings.is_text:
        accuracy = keras.metrics.SparseCategoricalAccuracy(name="accuracy")
        model.compile(optimizer, loss or TokenCrossEntropy(settings.label_smoothing), weighted_metrics=[accuracy])
    else:
        model.compile(optimizer, loss or "mse", weighted_metrics=["mae"])
    model.optimizer.build(model.trainable_variables)  # else a model saved before its first fit warns when loaded
    if like is not None:
        model.adapt(*((like,) if settings.is_autoencoder else like))
    return model
