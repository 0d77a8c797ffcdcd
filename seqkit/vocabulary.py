"""Text to numbers and back: one splitting of raw strings for training, serving and pictures.

Shapes: B texts, T tokens of the longest.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from seqkit import _checks

if TYPE_CHECKING:
    import tensorflow as tf

PADDING, UNKNOWN = 0, 1  # the first two numbers, as in keras.layers.TextVectorization
# Scripts written without spaces are read by character; marks stand alone, but for those inside words (don't, so-so).
UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}"
ALONE = rf"([{UNSPACED}]|[^\p{{L}}\p{{M}}\p{{N}}\s'’_-])"
SPACES = r"\p{Z}"  # no-break and ideographic ones too, which TensorFlow does not split at


@keras.saving.register_keras_serializable("seqkit")
def separate(texts: tf.Tensor) -> tf.Tensor:
    """Lower-case, with spaces around whatever is a token by itself."""
    import tensorflow as tf

    spaced = tf.strings.regex_replace(tf.strings.lower(texts, encoding="utf-8"), SPACES, " ")
    return tf.strings.regex_replace(spaced, ALONE, r" \1 ")


def split_words(texts: Sequence[str]) -> list[list[str]]:
    """The tokens of each text, as `Vocabulary` reads them.

    Example:
        >>> split_words(["Not bad, is it?", "我喜欢 LSTM"])
        [['not', 'bad', ',', 'is', 'it', '?'], ['我', '喜', '欢', 'lstm']]
    """
    import tensorflow as tf

    rows = tf.strings.split(separate(_strings("split_words", texts))).to_list()
    return [[token.decode("utf-8", "replace") for token in row] for row in rows]


def _strings(where: str, texts: Sequence[str]) -> tf.Tensor:
    import tensorflow as tf

    if isinstance(texts, str):
        raise TypeError(f"{where}: a list of texts is needed, got one string. Pass [text].")
    values = list(texts)
    for position, one in enumerate(values):
        if not isinstance(one, str):
            raise TypeError(f"{where}: text number {position} is a {type(one).__name__}; strings are needed.")
    return tf.constant(values, tf.string)


class Vocabulary:
    """The words a model knows; all others share one number.

    Text is lower-cased and split at spaces; punctuation marks and the characters of scripts written without
    spaces (Chinese, Japanese, Thai) are tokens of their own. `layer` does the same inside a graph.

    Args:
        words: in the order of their numbers, which begin at 2.

    Raises:
        ValueError: no words, or a word twice.

    Example:
        >>> vocabulary = Vocabulary.learn(["so good, so far", "so so"])
        >>> vocabulary.words
        ('so', ',', 'far', 'good')
        >>> vocabulary.encode(["so unheard"])
        array([[2, 1]])
    """

    def __init__(self, words: Iterable[str]) -> None:
        """Number the words."""
        if isinstance(words, str):
            raise TypeError(f"Vocabulary: a list of words is needed, got one string, {words!r}.")
        self.words = tuple(words)
        if not self.words:
            raise ValueError("Vocabulary: no words. Pass texts with words in them, or a lower least_count.")
        if len(set(self.words)) != len(self.words):
            twice = next(word for word, count in Counter(self.words).items() if count > 1)
            raise ValueError(f"Vocabulary: the word {twice!r} is there twice. Name each once.")
        self._layer: keras.layers.Layer | None = None

    @classmethod
    def learn(cls, texts: Sequence[str], *, most: int = 20_000, least_count: int = 1) -> Vocabulary:
        """Take the words of training texts, most frequent first.

        Args:
            texts: raw strings.
            most: words to keep at most.
            least_count: how often a word must occur.
        """
        most = _checks.whole_number("Vocabulary.learn", "most", most)
        least_count = _checks.whole_number("Vocabulary.learn", "least_count", least_count)
        counts = Counter(token for tokens in split_words(texts) for token in tokens)
        ranked = sorted((-count, word) for word, count in counts.items() if count >= least_count)
        return cls(word for _, word in ranked[:most])

    def __len__(self) -> int:
        """Count the numbers in use, padding and unknown with them."""
        return len(self.words) + 2

    @property
    def layer(self) -> keras.layers.Layer:
        """Raw strings `[B]` to numbers `[B, T]`, right-padded with 0; one layer, so that graphs share its table."""
        if self._layer is None:
            self._layer = keras.layers.TextVectorization(
                standardize=separate, split="whitespace", vocabulary=list(self.words), name="vocabulary"
            )
        return self._layer

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Numbers `[B, T]`, right-padded with 0, at least one wide."""
        numbers = np.asarray(self.layer(_strings("Vocabulary.encode", texts)))
        return numbers if numbers.shape[1] else np.zeros((len(numbers), 1), numbers.dtype)

    def decode(self, numbers: Any) -> list[list[str]]:
        """The words of each row of numbers, padding left out and the unknown as `[UNK]`."""
        names = ("", "[UNK]", *self.words)
        return [[names[number] for number in row if number != PADDING] for row in np.asarray(numbers)]
