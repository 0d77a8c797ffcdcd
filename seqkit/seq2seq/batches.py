"""Batches of pairs of like length, padded only as far as they must be.

Shapes: B pairs, S tokens of the longest source, T of the longest target, end mark included.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from seqkit.data.sequences import ROUND_UP
from seqkit.text.numbers import marked_targets
from seqkit.text.vocabulary import PADDING

if TYPE_CHECKING:
    import tensorflow as tf

POOL = 50  # batches whose pairs are sorted by length together


def token_batches(
    sources: Sequence[np.ndarray],
    targets: Sequence[np.ndarray],
    *,
    start: int,
    end: int,
    longest: int,
    batch_size: int,
    shuffle: bool,
    weights: np.ndarray | None = None,
) -> tf.data.Dataset:
    """Numbers of tokens as `((source, said), target)`, and the weight of each if there is one, for `keras.Model.fit`.

    `said` is the target one step later, from the start mark on: what the decoder has said before, as if it had
    been right each time (teacher forcing, Williams & Zipser 1989); a target of more than `longest` tokens does not
    end. Pairs of like length stand in a batch.
    """
    import tensorflow as tf

    marked = marked_targets(targets, start, end, longest)
    said, wanted = [one[:-1] for one in marked], [one[1:] for one in marked]
    steps = _rounding()
    take_source, take_said, take_wanted = (_padded(one, steps) for one in (sources, said, wanted))
    lengths = tf.constant([64 * len(two) + min(len(one), 63) for one, two in zip(sources, targets, strict=True)])
    order = tf.data.Dataset.range(len(sources))
    if shuffle:
        order = order.shuffle(len(sources), reshuffle_each_iteration=True)
        order = order.batch(batch_size * POOL).map(lambda pool: tf.gather(pool, tf.argsort(tf.gather(lengths, pool))))
        order = order.unbatch()
    order = order.batch(batch_size)
    if shuffle:
        order = order.shuffle(POOL, reshuffle_each_iteration=True)
    others = [] if weights is None else [tf.constant(weights)]
    pairs = order.map(
        lambda index: (
            (take_source(index), take_said(index)),
            take_wanted(index),
            *(tf.gather(one, index) for one in others),
        ),
        num_parallel_calls=tf.data.AUTOTUNE,
    )
    return pairs.apply(tf.data.experimental.assert_cardinality(-(-len(sources) // batch_size))).prefetch(
        tf.data.AUTOTUNE
    )


def series_batches(
    source: np.ndarray, target: np.ndarray, batch_size: int, shuffle: bool, weights: np.ndarray | None = None
) -> tf.data.Dataset:
    """Series as `((source, said), target)`; before the first step nothing was said, which NaN stands for."""
    import tensorflow as tf

    said = np.concatenate([np.full_like(target[:, :1], np.nan), target[:, :-1]], axis=1)
    pairs = tf.data.Dataset.from_tensor_slices(((source, said), target, *([] if weights is None else [weights])))
    if shuffle:
        pairs = pairs.shuffle(len(source), reshuffle_each_iteration=True)
    return pairs.batch(batch_size).prefetch(tf.data.AUTOTUNE)


def like_length(sources: Sequence[np.ndarray], batch_size: int) -> list[np.ndarray]:
    """Positions of sources, batch by batch, the shortest first."""
    order = np.argsort([len(one) for one in sources], kind="stable")
    return np.split(order, range(batch_size, len(order), batch_size))


def _rounding() -> int:
    """Steps to a multiple of which batches are padded, where each new shape is compiled."""
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        return ROUND_UP if tf.config.list_physical_devices("GPU") else 1
    return ROUND_UP


def _padded(values: Sequence[np.ndarray], multiple: int) -> Callable[[Any], Any]:
    import tensorflow as tf

    joined = tf.RaggedTensor.from_row_lengths(tf.constant(np.concatenate(values)), [len(one) for one in values])

    def take(index: tf.Tensor) -> tf.Tensor:
        padded = tf.gather(joined, index).to_tensor(PADDING)
        return tf.pad(padded, [[0, 0], [0, -tf.shape(padded)[1] % multiple]], constant_values=PADDING)

    return take
