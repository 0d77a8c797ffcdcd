"""How raw strings are split into tokens: the same in training, in a served graph and in pictures.

Shapes: B texts, T tokens of the longest.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import keras

from seqkit.data.texts import as_texts
from seqkit.text.joining import UNSPACED_SCRIPTS

if TYPE_CHECKING:
    import tensorflow as tf

SPLITTINGS = {
    "words": "words, punctuation marks, and the characters of scripts written without spaces",
    "spaces": "everything between spaces, for text that has been split before",
    "characters": "every character, spaces too",
}
# Punctuation is a token of its own, except inside words (don't, so-so).
SINGLE_CHARACTER_TOKEN = rf"([{UNSPACED_SCRIPTS}]|[^\p{{L}}\p{{M}}\p{{N}}\s'’_-])"
SPACES = r"\p{Z}"  # includes no-break and ideographic spaces, at which TensorFlow does not split


def separate(texts: tf.Tensor, splitting: str = "words", lower: bool = True) -> tf.Tensor:
    """Put spaces around every single-character token, and lower-case the texts unless `lower=False`."""
    import tensorflow as tf

    texts = tf.strings.lower(texts, encoding="utf-8") if lower else texts
    if splitting == "characters":
        return texts
    spaced = tf.strings.regex_replace(texts, SPACES, " ")
    return spaced if splitting == "spaces" else tf.strings.regex_replace(spaced, SINGLE_CHARACTER_TOKEN, r" \1 ")


@keras.saving.register_keras_serializable("seqkit")
class Separation:
    """`separate` with its options, as a Keras layer saves it."""

    def __init__(self, splitting: str, lower: bool) -> None:
        """Store the options."""
        self.splitting, self.lower = splitting, lower

    def __call__(self, texts: tf.Tensor) -> tf.Tensor:
        """Separate the texts."""
        return separate(texts, self.splitting, self.lower)

    def get_config(self) -> dict[str, Any]:
        """Everything `__init__` takes."""
        return {"splitting": self.splitting, "lower": self.lower}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Separation:
        """Rebuild from the options."""
        return cls(**config)


def split_words(texts: Sequence[str], splitting: str = "words", lower: bool = True) -> list[list[str]]:
    """The tokens of each text, as `Vocabulary` reads them.

    Example:
        >>> split_words(["Not bad, is it?", "我喜欢 LSTM"])
        [['not', 'bad', ',', 'is', 'it', '?'], ['我', '喜', '欢', 'lstm']]
    """
    rows = tokens_in_graph(strings_of("split_words", texts), splitting, lower).to_list()
    return [[token.decode("utf-8", "replace") for token in row] for row in rows]


def tokens_in_graph(texts: tf.Tensor, splitting: str = "words", lower: bool = True) -> tf.RaggedTensor:
    """The tokens of raw strings `[B]`, ragged `[B, T]`, with TensorFlow operations only."""
    import tensorflow as tf

    separated = separate(texts, splitting, lower)
    return tf.strings.unicode_split(separated, "UTF-8") if splitting == "characters" else tf.strings.split(separated)


def strings_of(where: str, texts: Sequence[str]) -> tf.Tensor:
    """Texts as a tensor `[B]`; what is no text is refused."""
    import tensorflow as tf

    return tf.constant(as_texts(where, texts, least=0), tf.string)
