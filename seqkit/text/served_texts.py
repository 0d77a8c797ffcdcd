"""Texts in a served graph: what a live model refuses is refused in its words, and no text may be too long.

Shapes: B texts, T tokens of the longest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from seqkit._guards import guarded
from seqkit._refusals import Refusal
from seqkit.data.texts import HAS_NUL, NO_TEXTS, TEXT
from seqkit.text.splitting import tokens_in_graph
from seqkit.text.vocabulary import Vocabulary

if TYPE_CHECKING:
    import tensorflow as tf

LONGEST_SERVED = 10_000  # tokens, some 20 pages
TOO_LONG = Refusal(
    "{which} has {tokens} tokens, and longest={longest} are served.", "Shorten it, or export with a larger longest=."
)


def checked_texts(texts: tf.Tensor, no_texts: Refusal = NO_TEXTS) -> tf.Tensor:
    """The same texts `[B]`; none at all, and the character NUL, are refused."""
    import tensorflow as tf

    texts = guarded(no_texts, texts, tf.equal(tf.size(texts), 0))
    return without_nul(texts, TEXT, position=tf.range(tf.size(texts)))


def without_nul(texts: tf.Tensor, which: str, **values: tf.Tensor) -> tf.Tensor:
    """The same texts of any shape; one with the character NUL is refused, named `which` with its values."""
    import tensorflow as tf

    place = tf.strings.length(tf.strings.regex_replace(texts, r"(?s)\x00.*", ""), unit="UTF8_CHAR")
    has_nul = tf.strings.regex_full_match(texts, r"(?s).*\x00.*")
    return guarded(HAS_NUL.about(which), texts, has_nul, **values, place=place)


def served_tokens(texts: tf.Tensor, vocabulary: Vocabulary, longest: int, lower: bool | None = None) -> tf.RaggedTensor:
    """The tokens `[B, T]` of checked texts; a text of more than `longest` tokens is refused.

    `lower` is that of the vocabulary, unless it is given.
    """
    tokens = tokens_in_graph(texts, vocabulary.by, vocabulary.lower if lower is None else lower)
    return _of_length(tokens, tokens.row_lengths(), longest)


def of_length(texts: tf.Tensor, vocabulary: Vocabulary, longest: int) -> tf.Tensor:
    """The same checked texts `[B]`; one of more than `longest` tokens is refused."""
    lengths = tokens_in_graph(texts, vocabulary.by, vocabulary.lower).row_lengths()
    return _of_length(texts, lengths, longest)


def _of_length(texts: Any, lengths: tf.Tensor, longest: int) -> Any:
    import tensorflow as tf

    position = tf.range(tf.size(lengths))
    return guarded(TOO_LONG.about(TEXT), texts, lengths > longest, position=position, tokens=lengths, longest=longest)
