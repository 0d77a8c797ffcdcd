"""Tokens to texts, with unknown words copied from the source by attention (Jean et al. 2015, section 3.3).

The copied word is that unknown word of the source which has the largest weight of attention. If the source has no
unknown word, any of its words may be copied. Otherwise its known words are not, since they belong to its own language.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from seqkit.text.joining import as_strings, join_words
from seqkit.text.splitting import tokens_in_graph
from seqkit.text.vocabulary import END, PADDING, START, UNKNOWN

if TYPE_CHECKING:
    import tensorflow as tf

UNKNOWN_BONUS = 2.0  # added to the weights of unknown words; weights are 1 at most, so unknown words come first


class Written(NamedTuple):
    """An answer in words."""

    text: str
    source: tuple[str, ...]  # S words
    target: tuple[str, ...]  # T words
    weights: Any  # (T, S), or None


def write(model: Any, source: list[str], tokens: np.ndarray, weights: np.ndarray | None) -> Written:
    """Write the tokens `(L,)` of one answer as words and as text."""
    source_vocabulary, target_vocabulary = model.vocabularies
    not_words = (PADDING, target_vocabulary.number_of(START), target_vocabulary.number_of(END))
    positions = [position for position, token in enumerate(tokens) if token not in not_words]
    words = [target_vocabulary.names[tokens[position]] for position in positions]
    if weights is not None:
        weights = weights[positions][:, : len(source)]
        if model.settings.copy_unknown and source:
            bonus = [UNKNOWN_BONUS * (source_vocabulary.number_of(word) == UNKNOWN) for word in source]
            copied = [source[column] for column in (weights + np.array(bonus)).argmax(axis=1)]
            for row, position in enumerate(positions):
                words[row] = copied[row] if tokens[position] == UNKNOWN else words[row]
    (text,) = as_strings(join_words([words], target_vocabulary.by))
    return Written(text, tuple(source), tuple(words), weights)


def write_in_graph(model: Any, texts: tf.Tensor, tokens: tf.Tensor, weights: Any) -> tf.Tensor:
    """`write` for a batch: sources `(B,)`, tokens `(B, L)` and weights `(B, L, S)` to strings `(B,)`."""
    import tensorflow as tf

    source_vocabulary, target_vocabulary = model.vocabularies
    words = tf.gather(tf.constant(target_vocabulary.written_names), tokens)
    if model.settings.copy_unknown:
        steps = tf.shape(weights)[2]
        source = tokens_in_graph(texts, source_vocabulary.by, source_vocabulary.lower).to_tensor("")  # (B, S)
        source = tf.pad(source, [[0, 0], [0, tf.maximum(steps - tf.shape(source)[1], 0)]])
        is_unknown = tf.cast(source_vocabulary.layer(texts) == UNKNOWN, weights.dtype)[:, :steps]
        is_unknown = tf.pad(is_unknown, [[0, 0], [0, steps - tf.shape(is_unknown)[1]]])
        columns = tf.argmax(weights + UNKNOWN_BONUS * is_unknown[:, None], axis=-1, output_type=tf.int32)
        copied = tf.gather(source, columns, batch_dims=1)
        words = tf.where((tokens == UNKNOWN) & (copied != ""), copied, words)
    return target_vocabulary.joined_words(words)
