"""The one place where a tf.data pipeline is made: positions in an order, and batches gathered from them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import tensorflow as tf


def position_batches(
    count: int, batch_size: int, *, shuffle: bool = False, seed: int | None = None, passes: int = 1
) -> tf.data.Dataset:
    """Batches of the positions 0 to `count`, each position once a pass.

    Args:
        count: samples.
        batch_size: samples in a batch; the last batch of a pass may be smaller.
        shuffle: a new order in each pass and each epoch.
        seed: of the order; by default `keras.utils.set_random_seed` decides.
        passes: times through all samples in one epoch.
    """
    import tensorflow as tf

    positions = tf.data.Dataset.range(count)
    if shuffle:
        positions = positions.shuffle(count, seed=seed, reshuffle_each_iteration=True)
    return positions.batch(batch_size).repeat(passes)


def generated_batches(each: Callable[[], Iterator[np.ndarray]], count: int) -> tf.data.Dataset:
    """Batches of positions that a Python generator yields anew in each epoch, `count` of them."""
    import tensorflow as tf

    positions = tf.data.Dataset.from_generator(each, output_signature=tf.TensorSpec([None], tf.int64))
    return positions.apply(tf.data.experimental.assert_cardinality(count))


def pipeline(positions: tf.data.Dataset, take: Callable[[Any], Any]) -> tf.data.Dataset:
    """The batches that `take` gathers for each batch of positions.

    Autotuning is off: its thread sleeps up to a minute, and on one core or a loaded machine whoever drops an iterator,
    as Keras does after each epoch, waits for it.
    """
    import tensorflow as tf

    options = tf.data.Options()
    options.autotune.enabled = False
    batches = positions.map(take, num_parallel_calls=tf.data.AUTOTUNE).prefetch(tf.data.AUTOTUNE)
    return batches.with_options(options)
