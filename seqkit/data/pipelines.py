"""tf.data pipelines: batches of positions in some order, and the batches of data at those positions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import tensorflow as tf


def position_batches(
    count: int, batch_size: int, *, shuffle: bool = False, seed: int | None = None, passes: int = 1
) -> tf.data.Dataset:
    """Make batches of the positions 0 to `count` - 1, with each position once in each pass.

    Args:
        count: number of samples.
        batch_size: samples in a batch; the last batch of a pass may be smaller.
        shuffle: whether each pass of each epoch has a new order.
        seed: seed of the order; by default that of `keras.utils.set_random_seed`.
        passes: passes through all samples in one epoch.
    """
    import tensorflow as tf

    positions = tf.data.Dataset.range(count)
    if shuffle:
        positions = positions.shuffle(count, seed=seed, reshuffle_each_iteration=True)
    return positions.batch(batch_size).repeat(passes)


def generated_batches(generate: Callable[[], Iterator[np.ndarray]], count: int) -> tf.data.Dataset:
    """Make `count` batches of positions per epoch, from a Python generator that is called anew in each epoch."""
    import tensorflow as tf

    positions = tf.data.Dataset.from_generator(generate, output_signature=tf.TensorSpec([None], tf.int64))
    return positions.apply(tf.data.experimental.assert_cardinality(count))


def pipeline(positions: tf.data.Dataset, take: Callable[[Any], Any]) -> tf.data.Dataset:
    """Make the batches of data that `take` gathers for each batch of positions.

    Autotuning is off, because its thread sleeps for up to a minute. Keras drops an iterator after each epoch, and on
    one core or a loaded machine it would then wait for that thread.
    """
    import tensorflow as tf

    options = tf.data.Options()
    options.autotune.enabled = False
    batches = positions.map(take, num_parallel_calls=tf.data.AUTOTUNE).prefetch(tf.data.AUTOTUNE)
    return batches.with_options(options)
