"""The settings of a captioner: plain values that fit in a saved model's config."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from seqkit import _checks
from seqkit._errors import InvalidType, InvalidValue
from seqkit.captioning import inputs
from seqkit.layers.cell_names import cell_name
from seqkit.layers.cells import CELLS
from seqkit.layers.decoder import DECODER_ATTENTION
from seqkit.layers.stack_arguments import activation_name, layer_dropout, layer_units
from seqkit.task.settings import PlainSettings
from seqkit.text.splitting import SPLITTINGS
from seqkit.text.vocabulary import Vocabulary
from seqkit.text.vocabulary_argument import (
    VocabularyLike,
    as_vocabulary,
    choose_splitting,
    learn_vocabulary,
    refuse_beside_vocabulary,
)

WHERE = "build_captioner"
NOTHING_GIVEN = "pass like=(images, captions), or image_shape= and vocabulary=."
CONTEXTS = {
    "initial": "the decoder's initial states are computed from the code of the image",
    "every step": 'as "initial", and the code is an input at every step too',
}
LENGTH_MARGIN = 1.5  # new captions may be longer than the longest of training by this factor
DEFAULT_LONGEST = 50  # tokens, where no captions are given


@dataclass(frozen=True)
class CaptionerSettings(PlainSettings):
    """Checked and complete settings: `build_captioner` makes them, `Captioner` and its network read them."""

    image_shape: tuple[int, ...]  # (H, W, C), or (F,)
    level: float  # mean of the training images, which the default encoder subtracts
    spread: float  # their standard deviation, by which it then divides
    words: tuple[str, ...]  # the start mark and the end mark first
    splitting: str
    lower: bool
    longest: int  # most tokens of a caption, without the end mark
    cell: str
    units: tuple[int, ...]
    embedding: int
    context: str
    dropout: float
    activation: str = "tanh"
    attention: str = "none"  # of the decoder over the places of the encoder's map

    def check(self) -> None:
        """Refuse what `build_captioner` refuses."""
        _image_shape(None, self.image_shape)
        _checks.positive_number(WHERE, "spread", self.spread)
        _checks.choice(WHERE, "by", self.splitting, SPLITTINGS)
        as_vocabulary(WHERE, Vocabulary(self.words, self.splitting, self.lower))
        _checks.choice(WHERE, "context", self.context, CONTEXTS)
        _checks.choice(WHERE, "attention", self.attention, DECODER_ATTENTION)
        for name in ("longest", "embedding"):
            _checks.whole_number(WHERE, name, getattr(self, name))
        self.check_recurrent(WHERE)


def settle(
    *,
    like: Any,
    image_shape: Sequence[int] | None,
    vocabulary: VocabularyLike | None,
    by: str | None,
    lower: bool | None,
    most_words: int | None,
    least_count: int | None,
    longest: int | None,
    context: str,
    embedding: int,
    cell: str,
    units: int | Sequence[int],
    activation: str,
    attention: str,
    dropout: float,
) -> CaptionerSettings:
    """Check the builder's arguments and fill in what the training pairs decide."""
    refuse_beside_vocabulary(WHERE, vocabulary, by=by, lower=lower, most_words=most_words, least_count=least_count)
    images, captions = (None, None) if like is None else _pairs(like)
    cell = cell_name(WHERE, cell, CELLS)
    _checks.choice(WHERE, "context", context, CONTEXTS)
    _checks.choice(WHERE, "attention", attention, DECODER_ATTENTION)
    splitting, is_lower = choose_splitting(vocabulary, by), lower is None or bool(lower)
    _checks.choice(WHERE, "by", splitting, SPLITTINGS)
    if vocabulary is None:
        vocabulary = _learn_vocabulary(captions, splitting, is_lower, most_words, least_count)
    else:
        vocabulary = as_vocabulary(WHERE, vocabulary, splitting, is_lower)
    settings = CaptionerSettings(
        image_shape=_image_shape(images, image_shape),
        level=0.0 if images is None else float(images.mean()),
        spread=1.0 if images is None else float(images.std()) or 1.0,
        words=vocabulary.words,
        splitting=vocabulary.by,
        lower=vocabulary.lower,
        longest=_longest(captions, vocabulary, longest),
        cell=cell,
        units=layer_units(WHERE, units),
        embedding=_checks.whole_number(WHERE, "embedding", embedding),
        context=context,
        dropout=layer_dropout(WHERE, dropout, 1)[0],
        activation=activation_name(WHERE, activation),
        attention=attention,
    )
    settings.check()
    return settings


def _pairs(like: Any) -> tuple[np.ndarray, list[str]]:
    if not isinstance(like, (tuple, list)) or len(like) != 2:
        raise InvalidType(WHERE, "like= must be a pair (images, captions).", argument="like")
    return inputs.image_caption_pairs(WHERE, *like)


def _image_shape(images: np.ndarray | None, image_shape: Any) -> tuple[int, ...]:
    if image_shape is None:
        if images is None:
            raise InvalidValue(WHERE, NOTHING_GIVEN)
        return images.shape[1:]
    sizes = tuple(image_shape) if isinstance(image_shape, Sequence) else (image_shape,)
    shape = tuple(_checks.whole_number(WHERE, "image_shape", size) for size in sizes)
    if len(shape) not in (1, 3):
        raise InvalidValue(
            WHERE, f"image_shape must be (height, width, channels) or (features,), got {shape}.", argument="image_shape"
        )
    if images is not None and images.shape[1:] != shape:
        raise InvalidValue(
            WHERE,
            f"image_shape={shape} differs from the shape of the images of like=, {images.shape[1:]}.",
            "Leave image_shape out.",
            argument="image_shape",
        )
    return shape


def _learn_vocabulary(
    captions: list[str] | None, splitting: str, lower: bool, most_words: int | None, least_count: int | None
) -> Vocabulary:
    """The vocabulary of the captions, the start mark and the end mark first."""
    if captions is None:
        raise InvalidValue(WHERE, NOTHING_GIVEN)
    least = 1 if least_count is None else least_count
    return learn_vocabulary(
        WHERE, "captions", captions, most_words=most_words, least_count=least, splitting=splitting, lower=lower
    )


def _longest(captions: list[str] | None, vocabulary: Vocabulary, longest: int | None) -> int:
    if longest is not None:
        return _checks.whole_number(WHERE, "longest", longest)
    if captions is None:
        return DEFAULT_LONGEST
    return int(np.ceil(LENGTH_MARGIN * max(len(tokens) for tokens in vocabulary.split(captions))))
