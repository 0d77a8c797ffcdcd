"""Text to token numbers and back, with the same splitting of raw strings in training, serving and pictures.

A mark is a token that stands for no word, such as the start or the end of a sentence. Marks have the first numbers.
Ordinary text contains no marks. Only text that is split at spaces and not lower-cased can contain them: there
`[START]`, `[END]` and `[UNK]` are read as the marks.

Shapes: B texts, T tokens of the longest.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from seqkit import _checks
from seqkit._errors import InvalidType, InvalidValue
from seqkit._shown import shown_shortly
from seqkit.data.texts import refuse_unwritable
from seqkit.text.joining import as_strings, join_words
from seqkit.text.number_rows import rows_of_numbers
from seqkit.text.splitting import SPLITTINGS, Separation, split_words, strings_of

if TYPE_CHECKING:
    import tensorflow as tf

PADDING, UNKNOWN = 0, 1  # the first two numbers, as in keras.layers.TextVectorization
UNKNOWN_NAME = "[UNK]"
START, END = "[START]", "[END]"


@shown_shortly
class Vocabulary:
    """The words a model knows, and the splitting of texts into words. All other words share one number.

    `Vocabulary.learn` takes the words from texts. A builder takes a `Vocabulary` as `vocabulary=`. By default text is
    lower-cased and split at spaces. Punctuation marks and the characters of scripts written without spaces (Chinese,
    Japanese, Thai) are tokens of their own. `layer` does the same inside a graph.

    Args:
        words: the words in the order of their numbers, which begin at 2.
        by: the kind of token: `"words"`, `"spaces"` (text that has been split before) or `"characters"`.
        lower: whether text is read in lower case.

    Attributes:
        words: the argument `words` as a tuple.
        by: the argument `by`.
        lower: the argument `lower`.

    Raises:
        TypeError, ValueError: not a list of words, no words in it, a word twice, an unknown `by`.

    Example:
        >>> import seqkit as sk
        >>> vocabulary = sk.Vocabulary.learn(["so good, so far", "so so"])
        >>> vocabulary.words
        ('so', ',', 'far', 'good')
        >>> vocabulary.encode(["so unheard"])
        array([[2, 1]])
        >>> vocabulary.join([[2, 1]])
        ['so [UNK]']

        A builder uses it instead of `by`, `lower`, `most_words` and `least_count`:

        >>> vocabulary = sk.Vocabulary.learn(["so good, so far", "so so"], most_words=2)
        >>> model = sk.build_language_model(vocabulary=vocabulary, units=3, embedding=2)
        >>> model.vocabulary.words
        ('[START]', '[END]', 'so', ',')
    """

    def __init__(self, words: Iterable[str], by: str = "words", lower: bool = True) -> None:
        """Number the words."""
        if isinstance(words, str) or not isinstance(words, Iterable):
            raise InvalidType("Vocabulary", f"a list of words is needed, got {words!r}.", argument="words")
        _checks.choice("Vocabulary", "by", by, SPLITTINGS)
        self.words, self.by, self.lower = tuple(words), by, bool(lower)
        others = [word for word in self.words if not isinstance(word, str)]
        if others:
            raise InvalidType("Vocabulary", f"a word must be text, got {others[0]!r}.", "Use str(word).", "words")
        for word in self.words:
            refuse_unwritable("Vocabulary", f"the word {word!r}", word)
        if not set(self.words) - {START, END}:
            raise InvalidValue(
                "Vocabulary", "no words.", "Pass texts with words in them, or a lower least_count.", "words"
            )
        if {"", UNKNOWN_NAME} & set(self.words):
            problem = f"the empty word is that of padding, and {UNKNOWN_NAME!r} is that of unknown words."
            raise InvalidValue("Vocabulary", problem, "Leave both out; they have the numbers 0 and 1.", "words")
        if len(set(self.words)) != len(self.words):
            twice = next(word for word, count in Counter(self.words).items() if count > 1)
            raise InvalidValue("Vocabulary", f"the word {twice!r} is there twice.", "Name each word once.", "words")
        self._numbers = {word: number for number, word in enumerate(self.words, start=2)}
        self._layer: keras.layers.Layer | None = None

    @classmethod
    def learn(
        cls,
        texts: Sequence[str],
        *,
        by: str = "words",
        lower: bool = True,
        most_words: int = 20_000,
        least_count: int = 1,
        marks: Sequence[str] = (),
    ) -> Vocabulary:
        """Take the words of training texts, most frequent first; equally frequent words are in alphabetical order.

        Args:
            texts: raw strings.
            by: the kind of token: `"words"` (and punctuation marks), `"spaces"` (text that has been split before) or
                `"characters"`.
            lower: whether text is read in lower case.
            most_words: the largest number of words; the most frequent words are kept.
            least_count: the least number of times that a word must occur.
            marks: tokens numbered before the words, beginning at 2. Builders add the marks that they need.

        Returns:
            The `Vocabulary`.

        Raises:
            TypeError, ValueError: an argument out of its range, not a list of texts, no words left.

        Example:
            >>> Vocabulary.learn(["to be or not to be"], least_count=2).words
            ('be', 'to')
            >>> Vocabulary.learn(["To be"], by="characters", lower=False).words
            (' ', 'T', 'b', 'e', 'o')
        """
        most = _checks.whole_number("Vocabulary.learn", "most_words", most_words)
        least_count = _checks.whole_number("Vocabulary.learn", "least_count", least_count)
        _checks.choice("Vocabulary.learn", "by", by, SPLITTINGS)
        counts = Counter(token for tokens in split_words(texts, by, lower) for token in tokens)
        reserved = {*marks, UNKNOWN_NAME}
        words = [word for word, count in counts.items() if count >= least_count and word not in reserved]
        ranked = sorted(words, key=lambda word: (-counts[word], word))
        return cls((*marks, *ranked[:most]), by, lower)

    def _parts(self) -> dict[str, Any]:
        return {"words": self.words, "by": self.by, "lower": self.lower}

    def __len__(self) -> int:
        """Count the numbers in use, with padding and unknown."""
        return len(self.words) + 2

    def number_of(self, word: str) -> int:
        """The number of the word, or of the unknown word."""
        return self._numbers.get(word, UNKNOWN)

    @property
    def names(self) -> tuple[str, ...]:
        """The word of each number from 0; the name of padding is empty."""
        return ("", UNKNOWN_NAME, *self.words)

    @property
    def layer(self) -> keras.layers.Layer:
        """The layer from raw strings `[B]` to numbers `[B, T]`, right-padded with 0; all graphs share its table."""
        if self._layer is None:
            self._layer = keras.layers.TextVectorization(
                standardize=Separation(self.by, self.lower),
                split="character" if self.by == "characters" else "whitespace",
                vocabulary=list(self.words),
                name="vocabulary",
            )
        return self._layer

    def split(self, texts: Sequence[str]) -> list[list[str]]:
        """The tokens of each text."""
        return split_words(texts, self.by, self.lower)

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Token numbers `[B, T]`, right-padded with 0; T is at least 1."""
        numbers = np.asarray(self.layer(strings_of("Vocabulary.encode", texts)))
        return numbers if numbers.shape[1] else np.zeros((len(numbers), 1), numbers.dtype)

    def decode(self, numbers: Any) -> list[list[str]]:
        """The words of each row of numbers, without padding; the unknown word is `[UNK]`."""
        names = self.names
        rows = rows_of_numbers("Vocabulary.decode", numbers, len(self))
        return [[names[number] for number in row if number != PADDING] for row in rows]

    def join(self, numbers: Any) -> list[str]:
        """Rows of numbers as texts without marks, written as `join_words` does."""
        return as_strings(self.joined(rows_of_numbers("Vocabulary.join", numbers, len(self))))

    def joined(self, numbers: tf.Tensor) -> tf.Tensor:
        """The same as `join` in a graph: numbers `[B, T]` to strings `[B]`."""
        import tensorflow as tf

        return self.joined_words(tf.gather(tf.constant(self.written_names), numbers))

    def joined_words(self, words: tf.Tensor) -> tf.Tensor:
        """Join words `[B, T]` to strings `[B]`; `""` is no word."""
        return join_words(words, self.by)

    @property
    def written_names(self) -> list[str]:
        """The text of each number from 0; it is empty for padding and marks."""
        return ["" if name in (START, END) else name for name in self.names]
