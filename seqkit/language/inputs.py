"""What a language model reads: texts as numbers, each by itself or all as one stream, cut into pieces.

Shapes: B texts or streams, T timesteps, N tokens of the whole text.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from seqkit._errors import InvalidValue, SeqkitWarning
from seqkit.data import texts as _texts
from seqkit.task import batches as batching
from seqkit.text.numbers import encode_texts
from seqkit.text.vocabulary import END, PADDING, START, Vocabulary

if TYPE_CHECKING:
    import tensorflow as tf


def as_texts(where: str, x: Any) -> list[str]:
    """A list of strings; one string is a list of one."""
    return _texts.as_texts(where, [x] if isinstance(x, str) else x)


def refuse_empty(where: str, texts: list[str], splitting: str) -> None:
    """Refuse a text without words, by its place."""
    for place, one in enumerate(texts):
        if not (one if splitting == "characters" else one.strip()):
            raise InvalidValue(where, f"text number {place} has no words.", "Leave it out.")


def numbered(where: str, vocabulary: Vocabulary, texts: list[str]) -> list[np.ndarray]:
    """Each text as numbers, between the marks of its beginning and end; refuse one without words."""
    start, end = vocabulary.number_of(START), vocabulary.number_of(END)
    numbers = encode_texts(vocabulary, texts)
    for place, words in enumerate(numbers):
        if not len(words):
            raise InvalidValue(where, f"text number {place} has no words.", "Leave it out.")
    return [np.concatenate([[start], words, [end]]).astype("int32") for words in numbers]


def separate_pieces(where: str, texts: list[np.ndarray], timesteps: int) -> list[np.ndarray]:
    """Texts no longer than timesteps; a longer one is cut up, and every later piece begins without a past."""
    pieces: list[np.ndarray] = []
    for numbers in texts:
        steps = len(numbers) - 1
        pieces += [numbers[first : first + timesteps + 1] for first in range(0, steps, timesteps)]
    cut = sum(len(numbers) - 1 > timesteps for numbers in texts)
    if cut:
        longest = max(len(numbers) - 1 for numbers in texts)
        warnings.warn(
            SeqkitWarning(
                where,
                f"{cut} of {len(texts)} texts are longer than timesteps={timesteps} and are read in pieces, which do "
                "not know of each other.",
                f"Build with timesteps={longest} to read them whole, or with continuous=True.",
            ),
            stacklevel=4,
        )
    return pieces


def separate_batches(pieces: list[np.ndarray], batch_size: int, shuffle: bool) -> tf.data.Dataset:
    """Batches `(words, words that follow)` of pieces of texts, each by itself."""
    read = batching.gather_padded(pieces, PADDING, batching.ROUND_UP)

    def take(positions: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        numbers = read(positions)
        return numbers[:, :-1], numbers[:, 1:]

    return batching.pipeline(batching.position_batches(len(pieces), batch_size, shuffle=shuffle), take)


def stream_batches(texts: list[np.ndarray], batch_size: int, timesteps: int, start: int) -> tf.data.Dataset:
    """One text after another, cut into equal streams that are read side by side, a piece of each at a time.

    So a batch goes on where the one before it ended (Zaremba et al. 2014, section 4.1). The words that follow are
    padding where there are none to predict: after the end, and where the next text begins.
    """
    tokens = np.concatenate(texts)
    words, following = tokens[:-1], np.where(tokens[1:] == start, PADDING, tokens[1:])
    timesteps = min(timesteps, len(words))
    streams = min(batch_size, len(words) // timesteps)
    length = -(-len(words) // streams)
    pieces = -(-length // timesteps)
    timesteps = -(-length // pieces)  # so that the last piece is about as long as the others

    def cut(numbers: np.ndarray) -> np.ndarray:
        side_by_side = _filled(numbers, streams * length).reshape(streams, length)
        padded = np.stack([_filled(row, pieces * timesteps) for row in side_by_side])
        return padded.reshape(streams, pieces, timesteps).swapaxes(0, 1).reshape(-1, timesteps)  # (pieces B, T)

    read, follow = batching.gather_whole(cut(words)), batching.gather_whole(cut(following))
    batches = batching.pipeline(
        batching.position_batches(pieces * streams, streams),
        lambda positions: (_of_streams(read(positions), streams), _of_streams(follow(positions), streams)),
    )
    batches.streams = streams
    return batches


def _of_streams(numbers: tf.Tensor, streams: int) -> tf.Tensor:
    """Every batch holds one piece of each stream, which the graph must know to keep their states."""
    numbers.set_shape([streams, numbers.shape[1]])
    return numbers


def streams_of(batches: Any) -> int:
    """How many streams go on from batch to batch; 0 where none does."""
    return getattr(batches, "streams", 0)


def _filled(numbers: np.ndarray, size: int) -> np.ndarray:
    return np.pad(numbers, (0, size - len(numbers)), constant_values=PADDING)
