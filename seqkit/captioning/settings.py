"""What a captioner is made of: plain values that fit in a saved model's config."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from seqkit import _checks
from seqkit.captioning import inputs
from seqkit.layers.stack import CELLS, layer_dropout, layer_units
from seqkit.task.settings import PlainSettings
from seqkit.text.known_words import given_words, learnt_words
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


def settle(given: Mapping[str, Any]) -> CaptionerSettings:
    """Check the builder's arguments and fill in what the training pairs decide."""
    images, captions = (None, None) if given["like"] is None else _pairs(given["like"])
    _checks.choice(WHERE, "cell", given["cell"], CELLS)
    _checks.choice(WHERE, "context", given["context"], CONTEXTS)
    vocabulary = _vocabulary(captions, given)
    return CaptionerSettings(
        image_shape=_image_shape(images, given["image_shape"]),
        level=0.0 if images is None else float(images.mean()),
        spread=1.0 if images is None else float(images.std()) or 1.0,
        words=vocabulary.words,
        splitting=vocabulary.splitting,
        lower=vocabulary.lower,
        longest=_longest(captions, vocabulary, given["longest"]),
        cell=given["cell"],
        units=layer_units(WHERE, given["units"]),
        embedding=_checks.whole_number(WHERE, "embedding", given["embedding"]),
        context=given["context"],
        dropout=layer_dropout(WHERE, given["dropout"], 1)[0],
    )


def _pairs(like: Any) -> tuple[np.ndarray, list[str]]:
    if not isinstance(like, (tuple, list)) or len(like) != 2:
        raise TypeError(f"{WHERE}: like= must be a pair (images, captions).")
    return inputs.pairs(WHERE, *like)


def _image_shape(images: np.ndarray | None, given: Any) -> tuple[int, ...]:
    if images is None and given is None:
        raise ValueError(f"{WHERE}: give like=(images, captions), or image_shape= and vocabulary=.")
    if given is None:
        assert images is not None
        return images.shape[1:]
    sizes = tuple(given) if isinstance(given, Sequence) else (given,)
    shape = tuple(_checks.whole_number(WHERE, "image_shape", size) for size in sizes)
    if len(shape) not in (1, 3):
        raise ValueError(f"{WHERE}: image_shape must be (height, width, channels) or (features,), got {shape}.")
    if images is not None and images.shape[1:] != shape:
        raise ValueError(
            f"{WHERE}: image_shape={shape}, and the images of like= are {images.shape[1:]}. Leave image_shape out."
        )
    return shape


def _vocabulary(captions: list[str] | None, given: Mapping[str, Any]) -> Vocabulary:
    """The words to know, the marks of beginning and end first."""
    _checks.choice(WHERE, "by", given["by"], SPLITTINGS)
    kind: dict[str, Any] = {"splitting": given["by"], "lower": bool(given["lower"])}
    if given["vocabulary"] is not None:
        return given_words(WHERE, given["vocabulary"], **kind)
    if captions is None:
        raise ValueError(f"{WHERE}: give like=(images, captions), or image_shape= and vocabulary=.")
    kind |= {one: given[one] for one in ("most_words", "least_count")}
    return learnt_words(WHERE, "captions", captions, **kind)


def _longest(captions: list[str] | None, vocabulary: Vocabulary, given: Any) -> int:
    if given is not None:
        return _checks.whole_number(WHERE, "longest", given)
    if captions is None:
        return LONGEST
    return int(np.ceil(ROOM * max(len(tokens) for tokens in vocabulary.split(captions))))
