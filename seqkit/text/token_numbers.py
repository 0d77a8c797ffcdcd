"""Texts as token numbers: the only way from raw strings to the input of a network.

Shapes: T_i tokens of text i.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from seqkit._errors import SeqkitWarning, warn
from seqkit.data.lengths import batches_by_length
from seqkit.text.vocabulary import PADDING, UNKNOWN, Vocabulary

if TYPE_CHECKING:
    import tensorflow as tf

TEXTS_PER_BATCH = 1024  # texts that are encoded together; they are padded to the longest, which limits the memory
MOST_PADDING = 2**20  # characters of padding in such a batch


def encode_texts(vocabulary: Vocabulary, texts: Sequence[str]) -> list[np.ndarray]:
    """The token numbers `[T_i]` of each text; an empty array for a text without tokens."""
    encoded: dict[int, np.ndarray] = {}
    for positions in batches_by_length(list(map(len, texts)), TEXTS_PER_BATCH, MOST_PADDING):
        padded = vocabulary.encode([texts[position] for position in positions]).astype("int32")
        lengths = (padded != PADDING).sum(axis=1)
        rows = [row[:length].copy() for row, length in zip(padded, lengths, strict=True)]
        encoded |= dict(zip(positions.tolist(), rows, strict=True))
    return [encoded[position] for position in range(len(texts))]


def add_unknown_if_empty(numbers: np.ndarray) -> np.ndarray:
    """The numbers, or one unknown token for a text without tokens: cuDNN refuses a row that is all padding."""
    return numbers if len(numbers) else np.full(1, UNKNOWN, numbers.dtype)


def add_unknown_if_empty_in_graph(numbers: tf.Tensor) -> tf.Tensor:
    """Apply `add_unknown_if_empty` to each row of padded numbers `[B, T]`, inside a TensorFlow graph."""
    import tensorflow as tf

    numbers = tf.pad(numbers, [[0, 0], [0, tf.maximum(1 - tf.shape(numbers)[1], 0)]])
    first = tf.where(numbers[:, :1] == PADDING, UNKNOWN, numbers[:, :1])
    return tf.concat([first, numbers[:, 1:]], axis=1)


def encode_and_shorten(
    where: str, name: str, texts: Sequence[str], vocabulary: Vocabulary, longest: int | None = None, spare: int = 0
) -> list[np.ndarray]:
    """The token numbers of each text, one or more, shortened to `longest` plus `spare`.

    A warning counts the texts with more than `longest` tokens.
    """
    encoded = [add_unknown_if_empty(numbers) for numbers in encode_texts(vocabulary, texts)]
    if longest is None:
        return encoded
    too_long = sum(len(numbers) > longest for numbers in encoded)
    if too_long:
        warn(
            SeqkitWarning(
                where,
                f"{too_long} of {len(encoded)} {name} have more than longest={longest} tokens; the tokens beyond that "
                "were left out.",
                "Build with a larger longest= to read them whole.",
                argument="longest",
            )
        )
    return [numbers[: longest + spare] for numbers in encoded]


def mark_targets(numbers: Sequence[np.ndarray], start: int, end: int, longest: int) -> list[np.ndarray]:
    """Put the marks `start` and `end` around the token numbers of each text.

    A text of more than `longest` tokens gets its next token instead of `end`, so that a model does not learn to end
    where a text was cut.
    """
    return [np.concatenate([[start], tokens, [end]])[: longest + 2].astype("int32") for tokens in numbers]
