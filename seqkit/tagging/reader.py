"""From tokens to what the network reads of them, the same for training and inside a served graph.

Shapes: B sentences, T tokens, C characters, N tokens in one row.
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

MOST_CHARACTERS = 40  # of a token that are read, so that one long address does not fill the memory
ABSENT = "\x00"  # StringLookup's name for what it does not know; it must not be a word


def lowered(tokens: Iterable[str]) -> list[str]:
    """Lower-case as the graph does it, which is not everywhere as Python does."""
    import tensorflow as tf

    found = tf.strings.lower(tf.constant(list(tokens), tf.string), encoding="utf-8").numpy()
    return [one.decode("utf-8", "replace") for one in found]


def count_words(sentences: Iterable[Sequence[str]]) -> Counter[str]:
    """How often each lower-cased word occurs."""
    written = Counter(token for tokens in sentences for token in tokens)
    found: Counter[str] = Counter()
    for word, count in zip(lowered(written), written.values(), strict=True):
        found[word] += count
    return found


def by_frequency(counts: Counter[str]) -> list[str]:
    """Most frequent first, and by the alphabet where that is the same."""
    return [word for _, word in sorted((-count, word) for word, count in counts.items())]


class WordReader:
    """Words lower-cased, characters as written, and the extra feature if there is one, as numbers from 2 on.

    0 is padding, 1 is whatever was not in training.
    """

    def __init__(self, words: Sequence[str], characters: Sequence[str], extras: Sequence[str]) -> None:
        """Make the tables."""
        self._words = _table("words", words)
        self._characters = _table("characters", characters) if characters else None
        self._extras = _table("extra", extras) if extras else None

    @property
    def tables(self) -> list[keras.layers.Layer]:
        """For a saved model to keep."""
        return [one for one in (self._words, self._characters, self._extras) if one is not None]

    def in_graph(self, tokens: tf.Tensor, extra: tf.Tensor | None = None) -> dict[str, tf.Tensor]:
        """Numbers of tokens in any shape, `""` for none; of the characters with one axis more."""
        import tensorflow as tf

        found = {"words": self._words(tf.strings.lower(tokens, encoding="utf-8"))}
        if self._characters is not None:
            flat = tf.strings.unicode_split(tf.reshape(tokens, [-1]), "UTF-8", errors="replace")
            spelt = self._characters(tf.pad(flat[:, :MOST_CHARACTERS].to_tensor(""), [[0, 0], [0, 1]]))  # one or more
            found["characters"] = tf.reshape(spelt, tf.concat([tf.shape(tokens), [tf.shape(spelt)[1]]], 0))
        if self._extras is not None:
            found["extra"] = self._extras(extra)
        return {name: tf.cast(one, tf.int32) for name, one in found.items()}

    def samples(
        self, sentences: Sequence[Sequence[str]], extra: Sequence[Sequence[str]] | None
    ) -> list[dict[str, np.ndarray]]:
        """`words` `[T]`, `characters` `[T, C]`, `extra` `[T]` of each; no tokens are read as one unknown word."""
        import tensorflow as tf

        places: dict[str, int] = {}
        rows = [np.array([places.setdefault(token, len(places)) for token in row], int) for row in sentences]
        blank = np.array([len(places)])
        told = tf.constant([*places, ABSENT], tf.string)  # the last stands for no token at all
        tables = {name: np.array(one) for name, one in self.in_graph(told, tf.fill([len(places) + 1], ABSENT)).items()}
        tables.pop("extra", None)
        tables["words"][-1] = UNKNOWN
        found = [{name: table[row if len(row) else blank] for name, table in tables.items()} for row in rows]
        if self._extras is not None and extra is not None:
            for one, row in zip(found, extra, strict=True):
                one["extra"] = np.asarray(self._extras(tf.constant(list(row) or [ABSENT]))).astype("int32")
        return found


def _table(name: str, known: Sequence[str]) -> keras.layers.Layer:
    return keras.layers.StringLookup(
        vocabulary=list(known), mask_token="", num_oov_indices=1, oov_token=ABSENT, name=f"{name}_table"
    )
