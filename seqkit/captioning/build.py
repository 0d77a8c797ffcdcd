"""Build a captioner: an image or a feature vector in, a sentence out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras

from seqkit.captioning.model import Captioner
from seqkit.captioning.settings import settle
from seqkit.text.known_words import Words

__all__ = ["Captioner", "build_captioner"]


def build_captioner(
    *,
    like: Any = None,
    image_shape: Sequence[int] | None = None,
    vocabulary: Words | None = None,
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
    dropout: float = 0.2,
    optimizer: Any = "adam",
) -> Captioner:
    """Build a compiled captioner: an encoder of images, and a recurrent decoder that says what they show.

    Args:
        like: the training pairs, `(images, captions)`: images `[B, H, W, C]` or feature vectors `[B, F]`, and a text
            for each. It gives shape, mean and spread of the images, and the vocabulary.
        image_shape: `(height, width, channels)` or `(features,)`, where no `like` is given; nothing is known of the
            images' range then, so give it images of about mean 0 and spread 1.
        vocabulary: the words to say, instead of learning them: a list of them, or a `Vocabulary`, beside which the next
            four are not said again.
        by: what a token is: `"words"`, the default, `"spaces"` or `"characters"`.
        lower: write captions in lower case, the default.
        most_words: how many words to learn at most, the most frequent; 20,000 by default. Not beside a list of words.
        least_count: how often a word must occur, 1 by default. One that is left out is never said. Not beside a list
            of words.
        longest: tokens that a caption may have; by default half as many again as the longest in `like`. Of longer ones
            the rest is left out, with a warning that counts them.
        encoder: any Keras model from raw images to a vector each, or to a map of vectors, which is averaged; its
            weights are trained unless it says otherwise. By default a small convolution (of feature vectors a dense
            layer), which scales what it reads by the training images.
        context: what the decoder is told of the image: its first states are made from it, `"initial"`, or it is fed
            at every step as well, `"every step"`.
        embedding: size of a word's vector.
        cell: `"lstm"`, `"gru"` or `"simple_rnn"`.
        units: units of each recurrent layer, first to last.
        dropout: fraction dropped of the image's code, the words' vectors, and after each recurrent layer.
        optimizer: any Keras optimizer.

    Returns:
        `Captioner`, a compiled `keras.Model`.

    Raises:
        TypeError, ValueError: an argument out of its range, images and captions that do not pair up, empty captions, a
            vocabulary without words.

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
        dropout=dropout,
    )
    model = Captioner(settings, encoder=encoder)
    model.compile(
        optimizer=optimizer,
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True, reduction="mean_with_sample_weight"),
        weighted_metrics=[keras.metrics.SparseCategoricalAccuracy(name="accuracy")],
    )
    model.optimizer.build(model.trainable_variables)  # else a model saved before its first fit warns when loaded
    return model
