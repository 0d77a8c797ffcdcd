"""What a captioner reads: images or feature vectors, and a caption for each, checked and turned to arrays.

Shapes: B images, H rows, W columns, C channels, F features.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from seqkit._errors import InvalidType, InvalidValue
from seqkit.data.texts import as_texts
from seqkit.task import batches as batching
from seqkit.text.numbers import marked_targets, numbers_of
from seqkit.text.vocabulary import END, PADDING, START, Vocabulary

if TYPE_CHECKING:
    import tensorflow as tf


def as_images(where: str, x: Any, shape: tuple[int, ...] | None = None) -> np.ndarray:
    """Images `[B, H, W, C]` or feature vectors `[B, F]` in float32, of this shape if one is known."""
    if isinstance(x, pd.DataFrame):
        x = x.to_numpy()
    try:
        images = np.asarray(x)
    except ValueError:
        raise InvalidValue(where, "the images are not all of one shape.", "Bring them to one size first.") from None
    if images.dtype.kind not in "fiub":
        raise InvalidType(where, f"images are numbers, got {images.dtype}.")
    if images.ndim not in (2, 4):
        alone = shape is not None and images.shape == shape
        grey = " Images of one channel are images[..., None]." if images.ndim == 3 and not alone else ""
        grey = " One image alone is image[None]." if alone else grey
        raise InvalidValue(
            where,
            "wanted images [samples, height, width, channels] or vectors [samples, features], got the shape "
            f"{images.shape}.{grey}",
        )
    if not images.size:
        raise InvalidValue(where, f"no images at all, got the shape {images.shape}.")
    if shape is not None and images.shape[1:] != shape:
        raise InvalidValue(where, f"images of {images.shape[1:]}, and the captioner was built for {shape}.")
    images = images.astype("float32")
    if not np.isfinite(images).all():
        place = int(np.flatnonzero(~np.isfinite(images).reshape(len(images), -1).all(axis=1))[0])
        raise InvalidValue(where, f"image number {place} has missing or infinite values.", "Leave it out.")
    return images


def pairs(where: str, x: Any, y: Any, shape: tuple[int, ...] | None = None) -> tuple[np.ndarray, list[str]]:
    """Images and a caption for each, none of them empty."""
    images = as_images(where, x, shape)
    captions = as_texts(f"{where}: captions", y)
    if len(images) != len(captions):
        raise InvalidValue(
            where, f"{len(images)} images and {len(captions)} captions.", "They must pair up one to one."
        )
    empty = [place for place, one in enumerate(captions) if not one.strip()]
    if empty:
        raise InvalidValue(
            where,
            f"{len(empty)} of {len(captions)} captions are empty, the first at position {empty[0]}.",
            "Leave them out.",
        )
    return images, captions


def caption_batches(
    images: np.ndarray,
    marked: list[np.ndarray],
    *,
    batch_size: int,
    shuffle: bool,
    weights: np.ndarray | None = None,
) -> tf.data.Dataset:
    """Batches of `((images, said), caption)`: each word is to follow from the image and the right words before it.

    The weight of each pair comes third, if there is one.
    """
    see, read = batching.gather_whole(images), batching.gather_padded(marked, PADDING, batching.ROUND_UP)
    others = [] if weights is None else [batching.gather_whole(weights)]

    def take(positions: tf.Tensor) -> Any:
        numbers = read(positions)
        return (see(positions), numbers[:, :-1]), numbers[:, 1:], *(other(positions) for other in others)

    return batching.pipeline(batching.position_batches(len(images), batch_size, shuffle=shuffle), take)


def marked_captions(where: str, captions: list[str], vocabulary: Vocabulary, longest: int) -> list[np.ndarray]:
    """The numbers of each caption between the marks of beginning and end."""
    numbers = numbers_of(where, "captions", captions, vocabulary, longest, spare=1)
    return marked_targets(numbers, vocabulary.number_of(START), vocabulary.number_of(END), longest)
