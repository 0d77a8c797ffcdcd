"""build_tagger: sentences or series in, a tag for every step out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras

from seqkit._errors import InvalidValue
from seqkit.tagging.answers import TaggedToken
from seqkit.tagging.model import Tagger
from seqkit.tagging.settings import settle
from seqkit.task.compiling import compile_built
from seqkit.text.vocabulary_argument import VocabularyLike

__all__ = ["TaggedToken", "Tagger", "build_tagger"]


def build_tagger(
    *,
    like: Any = None,
    tags: Any = None,
    features: int | None = None,
    vocabulary: VocabularyLike | None = None,
    most_words: int | None = None,
    by: str | None = None,
    embedding: int = 100,
    characters: bool | int = True,
    cell: str = "lstm",
    units: int | Sequence[int] = 100,
    activation: str = "tanh",
    initial_state: str = "zeros",
    bidirectional: bool = True,
    dropout: float | Sequence[float] = 0.5,
    output: str = "crf",
    neighbours: float | None = None,
    scaling: str = "standard",
    optimizer: Any = None,
    jit_compile: bool | str = "auto",
) -> Tagger:
    """Build a compiled recurrent tagger of words or of numeric series.

    The network reads each word as two vectors: one of its lower-cased form, and one from its characters as written
    (`CharacterWords`). In training, half of the time, it reads words that occur once as unknown (`RareWords`). After
    the recurrent layers, a linear-chain CRF chooses the tags of a sequence together (Huang et al. 2015; Ma & Hovy
    2016). If the tags mark spans (B-X, I-X, O), and I-X follows only B-X or I-X in training, the CRF allows I-X only
    there.

    Args:
        like: training sentences, each a list of tokens or a raw string; the dict `{"words": sentences, "extra":
            features}` with one more string for each token, such as its part of speech; or training series, `[B, T, F]`
            or a list of `[T_i, F]`, the columns of tables by their names.
        tags: the tags of the training sequences, a list for each with one tag a step; or the names of the tags.
        features: number of features of a series; needed only without `like`.
        vocabulary: the lower-cased words of the vocabulary, as a list or a `Vocabulary`, which also says how raw
            strings are split; by default the words of `like`.
        most_words: the largest number of words to learn, most frequent first; 20,000 by default. Not with
            `vocabulary`.
        by: what a token of a raw string is: `"words"` (and marks of punctuation), the default, `"characters"`, or
            `"spaces"` for text that is split already. Not with a `Vocabulary`.
        embedding: size of a word's vector.
        characters: size of a word's vector from its characters; True for 100, False for none. It reads the first 40
            characters.
        cell: `"lstm"`, `"gru"` or `"simple_rnn"`.
        units: units of each recurrent layer and direction, first to last.
        activation: of the cells' candidates and outputs, by name; only `"tanh"` can use the cuDNN kernel.
        initial_state: `"zeros"`, `"random"` (in training) or `"learned"`, a weight.
        bidirectional: read in both directions.
        dropout: fraction dropped after each recurrent layer; the first one also of the word vectors.
        output: `"crf"`, or `"softmax"`, which chooses the tag of each step alone.
        neighbours: for words, the weight of a second task in training: to guess the words beside each word
            (`NeighbourWords`). By default 0.1 with one bidirectional layer, else 0.
        scaling: for series, `"standard"` (by mean and spread of the training series), `"series"` (by those of each
            series) or `"none"`.
        optimizer: any Keras optimizer; by default Adam with gradients clipped to norm 1.
        jit_compile: True lets XLA compile the training steps of full batches; by default Keras's "auto". XLA compiles
            anew for each length of a batch, for seconds each, so it seldom pays for sequences. It
            compiles no CRF.

    Returns:
        `Tagger`, a compiled `keras.Model`.

    Raises:
        TypeError, ValueError: an argument is out of its range; tags are missing, of mixed types or fewer than two;
            sequences are neither sentences nor series; a vocabulary has no words.

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
        activation=activation,
        initial_state=initial_state,
        bidirectional=bidirectional,
        dropout=dropout,
        output=output,
        neighbours=neighbours,
        scaling=scaling,
    )
    model = Tagger(settings)
    _refuse_xla_of_crf(jit_compile, settings.output)
    accuracy = keras.metrics.Accuracy(name="accuracy")
    compile_built("build_tagger", model, optimizer, jit_compile, weighted_metrics=[accuracy])
    if like is not None:
        model.adapt(like)
    return model


def _refuse_xla_of_crf(jit_compile: Any, output: str) -> None:
    """Refuse what XLA does not compile: the number of steps in the loop of the CRF is not known."""
    if jit_compile is True and output == "crf" and keras.backend.backend() == "tensorflow":
        problem = "XLA does not compile a CRF over sequences of any length."
        raise InvalidValue("build_tagger", problem, 'Leave it out, or pass output="softmax".', "jit_compile")
