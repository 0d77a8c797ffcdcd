"""Build a classifier: sequences of numbers or raw strings in, class probabilities out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import keras

from seqkit.classification.model import Classifier
from seqkit.classification.settings import settle
from seqkit.task.compiling import compile_built
from seqkit.text.vocabulary_argument import VocabularyLike

__all__ = ["Classifier", "build_classifier"]


def build_classifier(
    *,
    like: Any = None,
    labels: Any = None,
    features: int | None = None,
    timesteps: int | None = None,
    vocabulary: VocabularyLike | None = None,
    most_words: int | None = None,
    embedding: int = 300,
    multi_label: bool = False,
    cell: str = "lstm",
    units: int | Sequence[int] = 64,
    activation: str = "tanh",
    initial_state: str = "zeros",
    bidirectional: bool = True,
    dropout: float | Sequence[float] = 0.5,
    attention: str | Sequence[str] = "tanh",
    convolution: str | None = None,
    scaling: str = "standard",
    missing: str = "refuse",
    class_weight: str | Mapping[Any, float] = "auto",
    loss: Any = None,
    optimizer: Any = None,
    jit_compile: bool | str = "auto",
) -> Classifier:
    """Build a compiled recurrent classifier of series or of texts.

    With `like=`, the training samples decide: series or text, the features, one length or any, mean and spread, and the
    vocabulary. Without `like=`, pass `features=` or `vocabulary=`.

    Args:
        like: training series, `[B, T, F]` or a list of `[T_i, F]`, or training texts. The columns of tables are read by
            their names, in any order, then and later.
        labels: labels of the training samples (strings or numbers; lists of them with `multi_label`), or the classes.
        features: features of a timestep, where `like` is left out.
        timesteps: timesteps of every series; None for any length.
        vocabulary: a list of lower-cased words, or a `Vocabulary` of them; learnt from `like` by default.
        most_words: the most words to learn, the most frequent ones; 20,000 by default. Not beside `vocabulary`.
        embedding: size of a word's embedding.
        multi_label: a sample has any number of classes, not exactly one.
        cell: `"lstm"`, `"gru"` or `"simple_rnn"`.
        units: units of each recurrent layer and direction, first to last.
        activation: of the cells' candidates and outputs, by name; only `"tanh"` can use the cuDNN kernel.
        initial_state: `"zeros"`, `"random"` (in training) or `"learned"`, a weight.
        bidirectional: read in both directions.
        dropout: fraction dropped after each recurrent layer; the last value also holds for the phrase convolutions.
        attention: over timesteps, `"tanh"`, `"dense"` or `"weighted_tanh"` (`StepAttention`); `"layers"` over the last
            output of each layer (`LayerAttention`); `"features"` over the features of series (`FeatureAttention`);
            several, as `("tanh", "layers")`; or `"none"`, the last timestep.
        convolution: a branch beside the recurrent layers: `"fixed"` (`FixedConvolutions`, the default for series of one
            feature), `"learned"` (`LearnedConvolutions`, as in LSTM-FCN, for several), `"phrases"`
            (`PhraseConvolutions`, for text) or `"none"`.
        scaling: scaling of series: `"standard"` (mean and spread of the training series), `"series"` (each series
            by its own) or `"none"`.
        missing: `"refuse"` makes a missing value inside a series an error; `"mask"` skips its timestep.
        class_weight: `"balanced"` gives every class the same total weight, `"none"` every sample the same weight; a
            dict of class to weight gives each sample of a class that weight, and 1 to classes that it leaves out.
            `"auto"` takes the square root of the balanced weights where one class has less than a tenth of the samples
            of another, else no weights. (On TREC-6 the root keeps the accuracy of `"none"` and reaches the balanced
            accuracy of `"balanced"`.)
        loss: any Keras loss on zeros and ones `[B, K]`; cross-entropy by default.
        optimizer: any Keras optimizer; by default Adam with gradients clipped to norm 1.
        jit_compile: True lets XLA compile the training steps of full batches; by default Keras's "auto". XLA compiles
            anew for each length of a batch, for seconds each, so it seldom pays for samples of any length.

    Returns:
        `Classifier`, a compiled `keras.Model`.

    Raises:
        TypeError, ValueError: an argument out of its range, labels missing or of mixed types, fewer than two
            classes, samples that are neither series nor text.

    Example:
        >>> import numpy as np
        >>> recordings = [np.ones((5, 3)), np.ones((7, 3))]
        >>> model = build_classifier(like=recordings, labels=["walk", "run"])
        >>> model.labels, model.predict(recordings, verbose=0).shape
        (('run', 'walk'), (2, 2))
    """
    settings = settle(
        like=like,
        labels=labels,
        features=features,
        timesteps=timesteps,
        vocabulary=vocabulary,
        most_words=most_words,
        embedding=embedding,
        multi_label=multi_label,
        cell=cell,
        units=units,
        activation=activation,
        initial_state=initial_state,
        bidirectional=bidirectional,
        dropout=dropout,
        attention=attention,
        convolution=convolution,
        scaling=scaling,
        missing=missing,
        class_weight=class_weight,
    )
    model = Classifier(settings)
    accuracy: Any = keras.metrics.BinaryAccuracy if multi_label else keras.metrics.CategoricalAccuracy
    compile_built(
        "build_classifier",
        model,
        optimizer,
        jit_compile,
        loss=loss or ("binary_crossentropy" if multi_label else "categorical_crossentropy"),
        weighted_metrics=[accuracy(name="accuracy")],
    )
    if like is not None:
        model.adapt(like)
    return model
