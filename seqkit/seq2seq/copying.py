"""Tokens to texts again, with unknown words copied from where attention looked (Jean et al. 2015, section 3.3).

Of the source's own unknown words the one that attention looked at most is taken, and of all its words only where it
knows them all: a known word of the source would be no word of the target.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from seqkit.text.vocabulary import END, PADDING, START, UNKNOWN, tokens_in_graph

if TYPE_CHECKING:
    import tensorflow as tf

FIRST = 2.0  # what unknown words of the source are given on top of a weight, which is 1 at most


class Written(NamedTuple):
    """One answer in words."""

    text: str
    source: tuple[str, ...]  # S words
    target: tuple[str, ...]  # T words
    weights: Any  # (T, S), or None


def write(model: Any, source: list[str], tokens: np.ndarray, weights: np.ndarray | None) -> Written:
    """Tokens `(L,)` of one answer, as words and as text."""
    target = model.vocabularies[1]
    kept = [place for place, token in enumerate(tokens) if token not in (PADDING, *_marks(target))]
    looked = None if weights is None else weights[kept][:, : len(source)]
    known = model.vocabularies[0]
    preferred = np.array([FIRST * (known.number_of(word) == UNKNOWN) for word in source])
    words = []
    for row, place in enumerate(kept):
        word = target.names[tokens[place]]
        if tokens[place] == UNKNOWN and model.settings.copy_unknown and len(source) and looked is not None:
            word = source[int((looked[row] + preferred).argmax())]
        words.append(word)
    return Written(target.between.join(words), tuple(source), tuple(words), looked)


def _marks(vocabulary: Any) -> tuple[int, int]:
    return vocabulary.number_of(START), vocabulary.number_of(END)


def write_in_graph(model: Any, texts: tf.Tensor, tokens: tf.Tensor, weights: Any) -> tf.Tensor:
    """What `write` does to a batch: raw sources `(B,)`, tokens `(B, L)` and weights `(B, L, S)` to strings `(B,)`."""
    import tensorflow as tf

    source, target = model.vocabularies
    words = tf.gather(tf.constant(target.written_names), tokens)
    if model.settings.copy_unknown:
        said = tokens_in_graph(texts, source.by, source.lower).to_tensor("")  # (B, S)
        wide = tf.maximum(tf.shape(weights)[2] - tf.shape(said)[1], 0)
        said = tf.pad(said, [[0, 0], [0, wide]])
        unknown = tf.cast(source.layer(texts) == UNKNOWN, weights.dtype)[:, : tf.shape(weights)[2]]
        unknown = tf.pad(unknown, [[0, 0], [0, tf.shape(weights)[2] - tf.shape(unknown)[1]]])
        places = tf.argmax(weights + FIRST * unknown[:, None], axis=-1, output_type=tf.int32)
        copied = tf.gather(said, places, batch_dims=1)
        words = tf.where((tokens == UNKNOWN) & (copied != ""), copied, words)
    return target.joined_words(words)
