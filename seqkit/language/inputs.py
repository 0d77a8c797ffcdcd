"""What a language model reads: texts as numbers, each by itself or all as one stream, cut into pieces.

Shapes: B texts or streams, T timesteps, N tokens of the whole text.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from seqkit.data import sequences
from seqkit.data import texts as _texts
from seqkit.data.texts import is_text
from seqkit.text.vocabulary import END, PADDING, START, Vocabulary

if TYPE_CHECKING:
    import tensorflow as tf

TEXTS_AT_ONCE = 1024  # that are encoded together; the longest of them decides how much memory that takes


class Batches(NamedTuple):
    """What Keras's loop receives."""

    dataset: tf.data.Dataset  # of pairs (B, T): words, and those that follow
    streams: int  # whose state goes on from batch to batch; 0 where none does


def is_ours(x: Any) -> bool:
    """Whether these are raw strings, or are to be refused as none, or else what Keras itself takes."""
    if isinstance(x, (list, tuple)):
        return is_text(x) or not any(hasattr(one, "shape") for one in x)
    if isinstance(x, np.ndarray):
        return x.dtype.kind in "OUST"
    return x is None or np.isscalar(x) or isinstance(x, (pd.Series, pd.Index, pd.DataFrame, Mapping))


def as_texts(where: str, x: Any) -> list[str]:
    """A list of strings; one string is a list of one."""
    return _texts.as_texts(where, [x] if isinstance(x, str) else x)


def refuse_empty(where: str, texts: list[str], splitting: str) -> None:
    """Refuse a text without words, by its place."""
    for place, one in enumerate(texts):
        if not (one if splitting == "characters" else one.strip()):
            raise ValueError(f"{where}: text number {place} has no words. Leave it out.")


def numbered(where: str, vocabulary: Vocabulary, texts: list[str]) -> list[np.ndarray]:
    """Each text as numbers, between the marks of its beginning and end; refuse one without words."""
    start, end = vocabulary.number_of(START), vocabulary.number_of(END)
    found: list[np.ndarray] = []
    for first in range(0, len(texts), TEXTS_AT_ONCE):
        numbers = vocabulary.encode(texts[first : first + TEXTS_AT_ONCE])
        for row in numbers:
            words = row[row != PADDING]
            if not len(words):
                raise ValueError(f"{where}: text number {len(found)} has no words. Leave it out.")
            found.append(np.concatenate([[start], words, [end]]).astype("int32"))
    return found


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
            f"{where}: {cut} of {len(texts)} texts are longer than timesteps={timesteps} and are read in pieces, which "
            f"do not know of each other. Build with timesteps={longest} to read them whole, or with continuous=True.",
            stacklevel=4,
        )
    return pieces


def separate_batches(pieces: list[np.ndarray], batch_size: int, shuffle: bool) -> Batches:
    """Pieces of texts, each by itself."""
    whole = sequences.batches(pieces, None, batch_size=batch_size, shuffle=shuffle, filling=PADDING)
    return Batches(whole.map(lambda numbers: (numbers[:, :-1], numbers[:, 1:])), 0)


def stream_batches(texts: list[np.ndarray], batch_size: int, timesteps: int, start: int) -> Batches:
    """One text after another, cut into equal streams that are read side by side, a piece of each at a time.

    So a batch goes on where the one before it ended (Zaremba et al. 2014, section 4.1). The words that follow are
    padding where there are none to predict: after the end, and where the next text begins.
    """
    import tensorflow as tf

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
        return padded.reshape(streams, pieces, timesteps).swapaxes(0, 1)  # (pieces, B, T)

    return Batches(tf.data.Dataset.from_tensor_slices((cut(words), cut(following))), streams)


def _filled(numbers: np.ndarray, size: int) -> np.ndarray:
    return np.pad(numbers, (0, size - len(numbers)), constant_values=PADDING)
