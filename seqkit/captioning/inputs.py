"""What a captioner reads: images or feature vectors, and a caption for each; checked, and converted to arrays.

Shapes: B images, H rows, W columns, C channels, F features.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from seqkit._errors import InvalidType, InvalidValue
from seqkit._refusals import Refusal
from seqkit.data.float32 import in_float32, without_mask
from seqkit.data.texts import as_texts
from seqkit.task import batches as batching
from seqkit.text.token_numbers import encode_and_shorten, mark_targets
from seqkit.text.vocabulary import END, PADDING, START, Vocabulary

if TYPE_CHECKING:
    import tensorflow as tf

NO_IMAGES = Refusal("no images at all, got the shape {came}.")
OTHER_SHAPE = Refusal("the images have the shape {came}; the captioner was built for {shape}.")
NOT_FINITE = Refusal("image number {position} has missing or infinite values.", "Leave it out.")


def as_images(where: str, x: Any, shape: tuple[int, ...] | None = None) -> np.ndarray:
    """Images `[B, H, W, C]` or feature vectors `[B, F]` in float32; `shape` is that of one image, if it must match."""
    if isinstance(x, pd.DataFrame):
        x = x.to_numpy()
    try:
        images = np.asarray(without_mask(x))
    except ValueError:
        raise InvalidValue(where, "the images are not all of one shape.", "Resize them to one size first.") from None
    if images.dtype.kind not in "fiub":
        raise InvalidType(where, f"images must be numbers, got {images.dtype}.")
    if images.ndim not in (2, 4):
        way_out = "Pass images of one channel as images[..., None]." if images.ndim == 3 else ""
        raise InvalidValue(
            where,
            "images must be [samples, height, width, channels] or vectors [samples, features], got the shape "
            f"{images.shape}.",
            "Pass one image as image[None]." if images.shape == shape else way_out,
        )
    if not images.size:
        raise NO_IMAGES.error(where, came=images.shape)
    if shape is not None and images.shape[1:] != shape:
        raise OTHER_SHAPE.error(where, came=images.shape[1:], shape=shape)
    images = in_float32(images)
    if not np.isfinite(images).all():
        position = int(np.flatnonzero(~np.isfinite(images).reshape(len(images), -1).all(axis=1))[0])
        raise NOT_FINITE.error(where, position=position)
    return images


def image_caption_pairs(
    where: str, x: Any, y: Any, shape: tuple[int, ...] | None = None
) -> tuple[np.ndarray, list[str]]:
    """Images and a caption for each; empty captions are refused."""
    images = as_images(where, x, shape)
    captions = as_texts(f"{where}: captions", y)
    if len(images) != len(captions):
        raise InvalidValue(
            where, f"{len(images)} images and {len(captions)} captions.", "They must pair up one to one."
        )
    empty = [position for position, caption in enumerate(captions) if not caption.strip()]
    if empty:
        raise InvalidValue(
            where,
            f"{len(empty)} of {len(captions)} captions are empty, the first at position {empty[0]}.",
            "Leave them out.",
        )
    return images, captions


def caption_batches(
    images: np.ndarray,
    captions: list[np.ndarray],
    *,
    batch_size: int,
    shuffle: bool,
    weights: np.ndarray | None = None,
) -> tf.data.Dataset:
    """Batches of `((images, previous), caption)`, and the weight of each pair if there is one.

    The previous tokens are those of the caption itself, from the start mark on (teacher forcing).
    """
    gather_images = batching.gather_rows(images)
    gather_tokens = batching.gather_padded(captions, PADDING, batching.LENGTH_MULTIPLE)
    gather_weights = None if weights is None else batching.gather_rows(weights)

    def gather(positions: tf.Tensor) -> Any:
        tokens = gather_tokens(positions)
        batch = (gather_images(positions), tokens[:, :-1]), tokens[:, 1:]
        return batch if gather_weights is None else (*batch, gather_weights(positions))

    return batching.pipeline(batching.position_batches(len(images), batch_size, shuffle=shuffle), gather)


def marked_captions(where: str, captions: list[str], vocabulary: Vocabulary, longest: int) -> list[np.ndarray]:
    """The numbers of each caption's tokens, between the start mark and the end mark."""
    numbers = encode_and_shorten(where, "captions", captions, vocabulary, longest, spare=1)
    return mark_targets(numbers, vocabulary.number_of(START), vocabulary.number_of(END), longest)
