"""What a captioner is made of: plain values that fit in a saved model's config."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from seqkit import _checks
from seqkit._errors import InvalidType, InvalidValue
from seqkit.captioning import inputs
from seqkit.layers.stack import CELLS, layer_dropout, layer_units
from seqkit.task.settings import PlainSettings
from seqkit.text.known_words import Words, given_words, learnt_words, refuse_beside_vocabulary, splitting_of
from seqkit.text.vocabulary import SPLITTINGS, Vocabulary

WHERE = "build_captioner"
CONTEXTS = {
    "initial": "the code of the image makes the decoder's first states",
    "every step": 'as "initial", and the code is fed at every step too',
}
ROOM = 1.5  # of the longest caption in training, for those to come
LONGEST = 50  # tokens, where there are no captions to take it from


@dataclass(frozen=True)
class CaptionerSettings(PlainSettings):
    """Checked and complete; `build_captioner` makes it, `Captioner` and its network read it."""

    image_shape: tuple[int, ...]  # (H, W, C), or (F,)
    level: float  # of the training images, which the default encoder subtracts
    spread: float  # by which it then divides
    words: tuple[str, ...]  # the marks of beginning and end first
    splitting: str
    lower: bool
    longest: int  # tokens of a caption; the end mark comes on top of it
    cell: str
    units: tuple[int, ...]
    embedding: int
    context: str
    dropout: float


def settle(
    *,
    like: Any,
    image_shape: Sequence[int] | None,
    vocabulary: Words | None,
    by: str | None,
    lower: bool | None,
    most_words: int | None,
    least_count: int | None,
    longest: int | None,
    context: str,
    embedding: int,
    cell: str,
    units: int | Sequence[int],
    dropout: float,
) -> CaptionerSettings:
    """Check the builder's arguments and fill in what the training pairs decide."""
    refuse_beside_vocabulary(WHERE, vocabulary, by=by, lower=lower, most_words=most_words, least_count=least_count)
    images, captions = (None, None) if like is None else _pairs(like)
    _checks.choice(WHERE, "cell", cell, CELLS)
    _checks.choice(WHERE, "context", context, CONTEXTS)
    splitting, reads_small = splitting_of(vocabulary, by), lower is None or bool(lower)
    _checks.choice(WHERE, "by", splitting, SPLITTINGS)
    if vocabulary is None:
        known = _learnt(captions, splitting, reads_small, most_words, least_count)
    else:
        known = given_words(WHERE, vocabulary, splitting, reads_small)
    return CaptionerSettings(
        image_shape=_image_shape(images, image_shape),
        level=0.0 if images is None else float(images.mean()),
        spread=1.0 if images is None else float(images.std()) or 1.0,
        words=known.words,
        splitting=known.by,
        lower=known.lower,
        longest=_longest(captions, known, longest),
        cell=cell,
        units=layer_units(WHERE, units),
        embedding=_checks.whole_number(WHERE, "embedding", embedding),
        context=context,
        dropout=layer_dropout(WHERE, dropout, 1)[0],
    )


def _pairs(like: Any) -> tuple[np.ndarray, list[str]]:
    if not isinstance(like, (tuple, list)) or len(like) != 2:
        raise InvalidType(WHERE, "like= must be a pair (images, captions).", argument="like")
    return inputs.pairs(WHERE, *like)


def _image_shape(images: np.ndarray | None, given: Any) -> tuple[int, ...]:
    if images is None and given is None:
        raise InvalidValue(WHERE, "give like=(images, captions), or image_shape= and vocabulary=.")
    if given is None:
        assert images is not None
        return images.shape[1:]
    sizes = tuple(given) if isinstance(given, Sequence) else (given,)
    shape = tuple(_checks.whole_number(WHERE, "image_shape", size) for size in sizes)
    if len(shape) not in (1, 3):
        raise InvalidValue(
            WHERE, f"image_shape must be (height, width, channels) or (features,), got {shape}.", argument="image_shape"
        )
    if images is not None and images.shape[1:] != shape:
        raise InvalidValue(
            WHERE, f"image_shape={shape}, and the images of like= are {images.shape[1:]}.", "Leave image_shape out."
        )
    return shape


def _learnt(
    captions: list[str] | None, splitting: str, lower: bool, most_words: int | None, least_count: int | None
) -> Vocabulary:
    """The words of the captions, the marks of beginning and end first."""
    if captions is None:
        raise InvalidValue(WHERE, "give like=(images, captions), or image_shape= and vocabulary=.")
    least = 1 if least_count is None else least_count
    return learnt_words(
        WHERE, "captions", captions, most_words=most_words, least_count=least, splitting=splitting, lower=lower
    )


def _longest(captions: list[str] | None, vocabulary: Vocabulary, asked: int | None) -> int:
    if asked is not None:
        return _checks.whole_number(WHERE, "longest", asked)
    if captions is None:
        return LONGEST
    return int(np.ceil(ROOM * max(len(tokens) for tokens in vocabulary.split(captions))))
