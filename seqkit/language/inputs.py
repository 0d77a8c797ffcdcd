"""Inputs of a language model: numbers of tokens, in batches of separate texts or of continuous streams.

Shapes: B texts or streams, T timesteps.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from seqkit._errors import InvalidValue, SeqkitWarning, warn
from seqkit.data import texts as raw_texts
from seqkit.task import batches as batching
from seqkit.text.token_numbers import encode_texts
from seqkit.text.vocabulary import END, PADDING, START, Vocabulary

if TYPE_CHECKING:
    import tensorflow as tf


def as_texts(where: str, x: Any) -> list[str]:
    """Return a list of strings; one string becomes a list of one."""
    return raw_texts.as_texts(where, [x] if isinstance(x, str) else x)


def refuse_empty(where: str, texts: list[str], splitting: str) -> None:
    """Refuse a text without words, with its position."""
    for position, text in enumerate(texts):
        if not (text if splitting == "characters" else text.strip()):
            raise _no_words(where, position)


def _no_words(where: str, position: int) -> InvalidValue:
    return InvalidValue(where, f"text number {position} has no words.", "Leave it out.")


def encode_with_marks(where: str, vocabulary: Vocabulary, texts: list[str]) -> list[np.ndarray]:
    """Return the numbers of each text, between the start and the end mark; refuse a text without words."""
    start, end = vocabulary.number_of(START), vocabulary.number_of(END)
    encoded = encode_texts(vocabulary, texts)
    for position, numbers in enumerate(encoded):
        if not len(numbers):
            raise _no_words(where, position)
    return [np.concatenate([[start], numbers, [end]]).astype("int32") for numbers in encoded]


def cut_texts(where: str, texts: list[np.ndarray], timesteps: int) -> list[np.ndarray]:
    """Cut texts that are longer than `timesteps` into pieces, each read from a zero state; warn of them."""
    pieces: list[np.ndarray] = []
    for numbers in texts:
        steps = len(numbers) - 1
        pieces += [numbers[first : first + timesteps + 1] for first in range(0, steps, timesteps)]
    too_long = sum(len(numbers) - 1 > timesteps for numbers in texts)
    if too_long:
        longest = max(len(numbers) - 1 for numbers in texts)
        warn(
            SeqkitWarning(
                where,
                f"{too_long} of {len(texts)} texts are longer than timesteps={timesteps} and are read in separate "
                "pieces: the state is not carried from piece to piece.",
                f"Build with timesteps={longest} to read them whole, or with continuous=True.",
                argument="timesteps",
            )
        )
    return pieces


def separate_batches(pieces: list[np.ndarray], batch_size: int, shuffle: bool) -> tf.data.Dataset:
    """Return batches `(words, next words)` of separate texts."""
    gather = batching.gather_padded(pieces, PADDING, batching.LENGTH_MULTIPLE)

    def take(positions: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        numbers = gather(positions)
        return numbers[:, :-1], numbers[:, 1:]

    return batching.pipeline(batching.position_batches(len(pieces), batch_size, shuffle=shuffle), take)


def stream_batches(texts: list[np.ndarray], batch_size: int, timesteps: int, start: int) -> tf.data.Dataset:
    """Return batches `(words, next words)` of all texts joined and cut into streams of equal length.

    A batch holds one piece of each stream, and continues where the batch before it ended (Zaremba et al. 2014, section
    4.1). The next word is padding where there is none to predict: after the end, and where the next text begins.
    """
    tokens = np.concatenate(texts)
    words, next_words = tokens[:-1], np.where(tokens[1:] == start, PADDING, tokens[1:])
    timesteps = min(timesteps, len(words))
    streams = min(batch_size, len(words) // timesteps)
    length = -(-len(words) // streams)
    pieces = -(-length // timesteps)
    timesteps = -(-length // pieces)  # makes the last piece about as long as the others

    def cut(numbers: np.ndarray) -> np.ndarray:
        rows = _pad_to(streams * length, numbers).reshape(streams, length)
        padded = np.stack([_pad_to(pieces * timesteps, row) for row in rows])
        return padded.reshape(streams, pieces, timesteps).swapaxes(0, 1).reshape(-1, timesteps)  # (pieces x B, T)

    gather = batching.gather_rows(cut(words)), batching.gather_rows(cut(next_words))

    def take(positions: tf.Tensor) -> tuple[tf.Tensor, ...]:
        arrays = tuple(gather_rows(positions) for gather_rows in gather)
        for array in arrays:
            array.set_shape([streams, array.shape[1]])  # the carried states need a fixed number of streams
        return arrays

    batches = batching.pipeline(batching.position_batches(pieces * streams, streams), take)
    batches.streams = streams
    return batches


def stream_count(batches: Any) -> int:
    """Return the number of streams that continue from batch to batch; 0 if there are none."""
    return getattr(batches, "streams", 0)


def _pad_to(size: int, numbers: np.ndarray) -> np.ndarray:
    return np.pad(numbers, (0, size - len(numbers)), constant_values=PADDING)
