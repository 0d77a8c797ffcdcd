"""WordReader: tokens to the numbers that the network reads, in training and inside a served graph.

Shapes: T tokens of a sentence, C characters.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import keras
import numpy as np

from seqkit.text.vocabulary import UNKNOWN

if TYPE_CHECKING:
    import tensorflow as tf

MOST_CHARACTERS_READ = 40  # of a token, so that one long address does not fill the memory
OUT_OF_VOCABULARY = "\x00"  # StringLookup's name for an unknown string; no token may be this string


def lower_case(tokens: Iterable[str]) -> list[str]:
    """Return tokens in lower case as the graph makes it, which sometimes differs from Python's."""
    import tensorflow as tf

    lowered = tf.strings.lower(tf.constant(list(tokens), tf.string), encoding="utf-8").numpy()
    return [token.decode("utf-8", "replace") for token in lowered]


def count_words(sentences: Iterable[Sequence[str]]) -> Counter[str]:
    """Count the lower-cased words."""
    token_counts = Counter(token for tokens in sentences for token in tokens)
    word_counts: Counter[str] = Counter()
    for word, count in zip(lower_case(token_counts), token_counts.values(), strict=True):
        word_counts[word] += count
    return word_counts


def sort_by_frequency(counts: Counter[str]) -> list[str]:
    """Return the keys, most frequent first; equally frequent ones are in alphabetical order."""
    return [name for _, name in sorted((-count, name) for name, count in counts.items())]


class WordReader:
    """Turns tokens into numbers: lower-cased words, characters as written, and the extra feature if there is one.

    0 is padding, 1 stands for everything that was not in training, the vocabulary begins at 2.
    """

    def __init__(self, words: Sequence[str], characters: Sequence[str], extras: Sequence[str]) -> None:
        """Make the lookup tables."""
        self._words = _lookup_table("words", words)
        self._characters = _lookup_table("characters", characters) if characters else None
        self._extras = _lookup_table("extra", extras) if extras else None

    @property
    def tables(self) -> list[keras.layers.Layer]:
        """The lookup tables, which a SavedModel must track."""
        return [table for table in (self._words, self._characters, self._extras) if table is not None]

    def in_graph(self, tokens: tf.Tensor, extra: tf.Tensor | None = None) -> dict[str, tf.Tensor]:
        """Return the numbers of tokens of any shape, in a TensorFlow graph; the token `""` is padding.

        The numbers of characters have one axis more.
        """
        import tensorflow as tf

        numbers = {"words": self._words(tf.strings.lower(tokens, encoding="utf-8"))}
        if self._characters is not None:
            characters = tf.strings.unicode_split(tf.reshape(tokens, [-1]), "UTF-8", errors="replace")
            padded = tf.pad(characters[:, :MOST_CHARACTERS_READ].to_tensor(""), [[0, 0], [0, 1]])  # C is 1 or more
            spelt = self._characters(padded)
            numbers["characters"] = tf.reshape(spelt, tf.concat([tf.shape(tokens), [tf.shape(spelt)[1]]], 0))
        if self._extras is not None:
            numbers["extra"] = self._extras(extra)
        return {name: tf.cast(array, tf.int32) for name, array in numbers.items()}

    def samples(
        self, sentences: Sequence[Sequence[str]], extra: Sequence[Sequence[str]] | None
    ) -> list[dict[str, np.ndarray]]:
        """Return `words` `[T]`, `characters` `[T, C]` and `extra` `[T]` of each sentence.

        A sentence without tokens is read as one unknown word.
        """
        import tensorflow as tf

        positions: dict[str, int] = {}  # of the different tokens, each of which is looked up once
        rows = [np.array([positions.setdefault(token, len(positions)) for token in row], int) for row in sentences]
        no_token = np.array([len(positions)])
        tokens = tf.constant([*positions, OUT_OF_VOCABULARY], tf.string)  # the last stands for no token
        arrays = self.in_graph(tokens, tf.fill([len(positions) + 1], OUT_OF_VOCABULARY))
        tables = {name: np.array(array) for name, array in arrays.items() if name != "extra"}
        tables["words"][-1] = UNKNOWN
        samples = [{name: table[row if len(row) else no_token] for name, table in tables.items()} for row in rows]
        if self._extras is not None and extra is not None:
            for sample, values in zip(samples, extra, strict=True):
                numbers = self._extras(tf.constant(list(values) or [OUT_OF_VOCABULARY]))
                sample["extra"] = np.asarray(numbers).astype("int32")
        return samples


def _lookup_table(name: str, vocabulary: Sequence[str]) -> keras.layers.Layer:
    return keras.layers.StringLookup(
        vocabulary=list(vocabulary), mask_token="", num_oov_indices=1, oov_token=OUT_OF_VOCABULARY, name=f"{name}_table"
    )
