"""Build a captioner: an image or a feature vector in, a caption out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras

from seqkit.captioning.model import Captioner
from seqkit.captioning.settings import settle
from seqkit.task.compiling import compile_built
from seqkit.text.vocabulary_argument import VocabularyLike

__all__ = ["Captioner", "build_captioner"]


def build_captioner(
    *,
    like: Any = None,
    image_shape: Sequence[int] | None = None,
    vocabulary: VocabularyLike | None = None,
    by: str | None = None,
    lower: bool | None = None,
    most_words: int | None = None,
    least_count: int | None = None,
    longest: int | None = None,
    encoder: keras.Model | None = None,
    context: str = "initial",
    embedding: int = 64,
    cell: str = "lstm",
    units: int | Sequence[int] = 128,
    activation: str = "tanh",
    attention: str = "none",
    dropout: float = 0.2,
    optimizer: Any = None,
    jit_compile: bool | str = "auto",
) -> Captioner:
    """Build a compiled captioner: an encoder of images, and a recurrent decoder that writes captions.

    Args:
        like: the training pairs, `(images, captions)`: images `[B, H, W, C]` or feature vectors `[B, F]`, and a text
            for each. The builder takes from them the shape, mean and spread of the images, and the vocabulary.
        image_shape: `(height, width, channels)` or `(features,)`, where no `like` is given. The mean and spread of the
            images are then unknown, so the images should have a mean of about 0 and a spread of about 1.
        vocabulary: the words to write, instead of learning them: a list of words, or a `Vocabulary`, which excludes the
            next four arguments.
        by: what a token is: `"words"`, the default, `"spaces"` or `"characters"`.
        lower: write captions in lower case, as by default.
        most_words: the largest number of words to learn, the most frequent ones; 20,000 by default. Not with a list of
            words.
        least_count: how often a word must occur to be learnt, 1 by default. Captions never hold a word that was not
            learnt. Not with a list of words.
        longest: most tokens of a caption; by default half as many again as the longest in `like`. Longer captions are
            cut, and a warning counts them.
        encoder: any Keras model from raw images to a vector each, or to a map of vectors, which is averaged. Its
            weights are trained unless it is not `trainable`. By default a small convolutional network (for feature
            vectors a dense layer), which scales its inputs by the mean and spread of the training images.
        context: how the image reaches the decoder: `"initial"`, the decoder's initial states are computed from it;
            `"every step"`, it is also an input at every step.
        embedding: size of a word's vector.
        cell: `"lstm"`, `"gru"` or `"simple_rnn"`.
        units: units of each recurrent layer, first to last.
        activation: of the cells' candidates and outputs, by name; only `"tanh"` can use the cuDNN kernel.
        attention: over the places of the encoder's map, anew for each token: `"additive"`, `"general"` or `"dot"`
            (`QueryAttention`; Xu et al. 2015); `"none"` by default. `attention_maps` shows it.
        dropout: fraction of the image's code, of the word vectors and of each recurrent layer's output that is dropped.
        optimizer: any Keras optimizer; by default Adam with gradients clipped to norm 1.
        jit_compile: True lets XLA compile the training steps of full batches; by default Keras's "auto". XLA compiles
            anew for each length of a batch, for seconds each, so it seldom pays for captions.

    Returns:
        `Captioner`, a compiled `keras.Model`.

    Raises:
        TypeError, ValueError: for an argument out of its range, images and captions that do not pair up, empty
            captions, or a vocabulary without words.

    Example:
        >>> import numpy as np
        >>> model = build_captioner(like=(np.eye(3), ["a cat", "a dog", "two dogs"]), units=8, embedding=5)
        >>> len(model.caption(np.eye(3)))
        3
    """
    settings = settle(
        like=like,
        image_shape=image_shape,
        vocabulary=vocabulary,
        by=by,
        lower=lower,
        most_words=most_words,
        least_count=least_count,
        longest=longest,
        context=context,
        embedding=embedding,
        cell=cell,
        units=units,
        activation=activation,
        attention=attention,
        dropout=dropout,
    )
    model = Captioner(settings, encoder=encoder)
    compile_built(
        "build_captioner",
        model,
        optimizer,
        jit_compile,
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True, reduction="mean_with_sample_weight"),
        weighted_metrics=[keras.metrics.SparseCategoricalAccuracy(name="accuracy")],
    )
    return model
