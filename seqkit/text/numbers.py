"""Texts as numbers of tokens, the one way from raw strings to what a network reads.

Shapes: T_i tokens of text i.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from seqkit._errors import SeqkitWarning
from seqkit.text.vocabulary import PADDING, UNKNOWN, Vocabulary

if TYPE_CHECKING:
    import tensorflow as tf

TEXTS_AT_ONCE = 1024  # that are numbered together; the longest of them decides how much memory that takes


def encode_texts(vocabulary: Vocabulary, texts: Sequence[str]) -> list[np.ndarray]:
    """The numbers of each text's tokens `[T_i]`; none of a text without tokens."""
    found: list[np.ndarray] = []
    for first in range(0, len(texts), TEXTS_AT_ONCE):
        numbers = vocabulary.encode(texts[first : first + TEXTS_AT_ONCE]).astype("int32")
        lengths = (numbers != PADDING).sum(axis=1)
        found += [row[:length].copy() for row, length in zip(numbers, lengths, strict=True)]
    return found


def some_token(numbers: np.ndarray) -> np.ndarray:
    """A text without tokens is read as one unknown token: cuDNN refuses what is padding alone."""
    return numbers if len(numbers) else np.full(1, UNKNOWN, numbers.dtype)


def some_token_in_graph(numbers: tf.Tensor) -> tf.Tensor:
    """What `some_token` does to each row of padded numbers `[B, T]`, inside a graph of TensorFlow."""
    import tensorflow as tf

    numbers = tf.pad(numbers, [[0, 0], [0, tf.maximum(1 - tf.shape(numbers)[1], 0)]])
    first = tf.where(numbers[:, :1] == PADDING, UNKNOWN, numbers[:, :1])
    return tf.concat([first, numbers[:, 1:]], axis=1)


def numbers_of(
    where: str, name: str, texts: Sequence[str], vocabulary: Vocabulary, longest: int | None = None, spare: int = 0
) -> list[np.ndarray]:
    """The numbers of each text's tokens, one or more; beyond `longest` they are cut off, and counted in a warning.

    Of what was cut, `spare` tokens stay.
    """
    found = [some_token(numbers) for numbers in encode_texts(vocabulary, texts)]
    if longest is None:
        return found
    too_long = sum(len(numbers) > longest for numbers in found)
    if too_long:
        warnings.warn(
            SeqkitWarning(
                where,
                f"{too_long} of {len(found)} {name} have more than longest={longest} tokens; the rest of them was left "
                "out.",
                "Build with a larger longest= to read them whole.",
                argument="longest",
            ),
            stacklevel=4,
        )
    return [numbers[: longest + spare] for numbers in found]


def marked_targets(numbers: Sequence[np.ndarray], start: int, end: int, longest: int) -> list[np.ndarray]:
    """Numbers of tokens between their marks.

    Of more than `longest` tokens the next one stands where others end, so that nothing learns to end where it was cut.
    """
    return [np.concatenate([[start], one, [end]])[: longest + 2].astype("int32") for one in numbers]
