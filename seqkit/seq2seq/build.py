"""Build an encoder-decoder: texts to texts, series to series, or series to texts, of another length."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras

from seqkit._errors import InvalidValue
from seqkit.seq2seq.answers import Alignment
from seqkit.seq2seq.loss import TokenCrossEntropy
from seqkit.seq2seq.model import Seq2Seq
from seqkit.seq2seq.settings import settle
from seqkit.task.compiling import compile_built
from seqkit.text.vocabulary_argument import VocabularyLike

__all__ = ["Alignment", "Seq2Seq", "build_seq2seq"]


def build_seq2seq(
    *,
    like: Any = None,
    vocabulary: VocabularyLike | tuple[VocabularyLike, VocabularyLike] | None = None,
    autoencoder: bool = False,
    by: str | tuple[str, str] | None = None,
    lower: bool | None = None,
    most_words: int | None = None,
    least_count: int | None = None,
    longest: int | tuple[int, int] | None = None,
    shorten: int | None = None,
    embedding: int = 128,
    tied: bool = False,
    cell: str = "lstm",
    units: int | Sequence[int] = 128,
    activation: str = "tanh",
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
    jit_compile: bool | str = "auto",
) -> Seq2Seq:
    """Build a compiled recurrent encoder-decoder with attention.

    The encoder reads the source; the decoder writes the target timestep by timestep, and reads the previous token or
    values each time. In training these are the right ones (teacher forcing), in decoding its own. The layers are the
    same.

    Args:
        like: the training pairs, `(sources, targets)`: texts, or series `[B, T, F]` and `[B, H, K]`. The builder takes
            from them the vocabularies, or the shapes, mean and spread. For an autoencoder, pass the sources alone.
            Sources of several texts, such as `((articles, questions), answers)`, are a tuple of lists, or a dict of
            them whose keys name the inputs of the SavedModel. Each text is encoded by layers of its own, attention
            reaches all of them, and the initial states of the decoder are a learnt transform of all last states.
            For speech and the like, `(series, texts)`: a list of series `[T_i, F]` of any length, and what each says.
        vocabulary: the words to read and to write, instead of learning them: a list of words or a `Vocabulary`, or a
            pair of these, of sources and of targets. A `Vocabulary` excludes the arguments `by`, `lower`, `most_words`
            and `least_count`.
        autoencoder: the target is the source. There is no attention, so that all information passes through the code
            (`encode`).
        by: what a token is: `"words"`, the default, `"spaces"` (text that is split already) or `"characters"`; or a
            pair, one each for sources and targets.
        lower: read and write text in lower case, as by default.
        most_words: the largest number of words to learn for each side, the most frequent ones; 20,000 by default. Not
            with a list of words.
        least_count: how often a word must occur to be learnt; by default 2 where there are more than 1000 words, else
            1. From words that it leaves out, the model learns what an unknown word is like and what to copy. Not with a
            list of words.
        longest: most tokens of a source and of a target, one number or a pair; by default half as many again as the
            longest in `like`. Longer texts are cut, and a warning counts them. From series to texts, one number, for
            the targets; the series may have any length.
        shorten: from series to texts, how many neighbouring timesteps are joined into one before the encoder reads
            them, 4 by default (Chan et al. 2016, "Listen, Attend and Spell", equation 5, there in each of several
            layers). A long series then has fewer steps, so that training is faster and attention has fewer to choose
            from. Refused elsewhere.
        embedding: size of a word's vector.
        tied: use the vectors of the target words as output weights too (Press & Wolf 2017).
        cell: `"lstm"`, `"gru"` or `"simple_rnn"`.
        units: units of each layer of the decoder, first to last; the encoder has the same, half in each direction.
        activation: of the cells' candidates and outputs, by name; only `"tanh"` can use the cuDNN kernel.
        bidirectional: read the source in both directions.
        dropout: fraction of the word vectors, of each recurrent layer's output and of the decoder's output that is
            dropped.
        context: how the source reaches the decoder besides attention: `"initial"`, the last states of the encoder
            are the initial states of the decoder (Sutskever et al. 2014); `"transform"`, the initial states are a
            learnt transform of the last hidden states (Bahdanau et al. 2015); `"pooled"`, of a learnt mean of all
            hidden states; `"every step"`, as `"initial"`, and the last hidden state is also an input at every step
            (Cho et al. 2014).
        attention: `"additive"`, `"general"` or `"dot"` (`QueryAttention`), or `"none"`; by default `"general"`, and
            `"none"` for an autoencoder.
        feedback: for series, whether the decoder reads the values of the previous timestep; by default yes, but not in
            an autoencoder, whose decoder would follow these values instead of its code.
        copy_unknown: instead of an unknown word, write the unknown word of the source with the largest weight of
            attention (or any word, if the source has no unknown one); by default wherever there is attention. The model
            learns it from unknown words in training, so it copies nothing where `least_count` leaves no word out.
        label_smoothing: share of the probability that the loss spreads over all words (Szegedy et al. 2016).
        scheduled_sampling: probability, in the last epoch of `fit`, that the decoder reads its own previous token
            instead of the right one; it grows from 0 (Bengio et al. 2015, in the two passes of Mihaylova & Martins
            2019).
        loss: any Keras loss, of scores before the softmax or of scaled values; by default cross-entropy for texts, mean
            squared error for series.
        optimizer: any Keras optimizer; by default Adam with gradients clipped to norm 1.
        jit_compile: True lets XLA compile the training steps of full batches; by default Keras's "auto". XLA compiles
            anew for each length of a batch, for seconds each, so it seldom pays for texts.

    Returns:
        `Seq2Seq`, a compiled `keras.Model`.

    Raises:
        TypeError, ValueError: for an argument out of its range; for sources and targets that differ in number, are
            empty, or are neither texts nor series; where no words are left to learn.

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
        shorten=shorten,
        embedding=embedding,
        tied=tied,
        cell=cell,
        units=units,
        activation=activation,
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
        raise InvalidValue(
            "build_seq2seq",
            "label_smoothing belongs to the default loss.",
            "Leave out label_smoothing= or loss=.",
            argument="label_smoothing",
        )
    if settings.writes_text:
        accuracy = keras.metrics.SparseCategoricalAccuracy(name="accuracy")
        how = {"loss": loss or TokenCrossEntropy(settings.label_smoothing), "weighted_metrics": [accuracy]}
    else:
        how = {"loss": loss or "mse", "weighted_metrics": ["mae"]}
    compile_built("build_seq2seq", model, optimizer, jit_compile, **how)
    if like is not None:
        model.adapt(*((like,) if settings.is_autoencoder else like))
    return model
