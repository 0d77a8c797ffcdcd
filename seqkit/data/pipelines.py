"""tf.data pipelines: batches of positions in some order, and the batches of data at those positions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from seqkit.data.orders import Draw, EpochOrder, cut_in_batches, order_to_follow
from seqkit.data.runs import Runs

if TYPE_CHECKING:
    import numpy as np
    import tensorflow as tf

LARGEST_SEED = 2**31 - 1
INFINITE = -1  # the cardinality of a dataset that repeats without end


def position_batches(
    count: int, batch_size: int, *, shuffle: bool = False, seed: int | None = None, passes: int | None = 1
) -> tf.data.Dataset:
    """Make batches of the positions 0 to `count` - 1, with each position once in each pass.

    Args:
        count: number of samples.
        batch_size: samples in a batch; the last batch of a pass may be smaller.
        shuffle: whether each pass of each epoch has a new order.
        seed: seed of the order; by default that of `keras.utils.set_random_seed`.
        passes: passes through all samples in one epoch; None for no end.
    """
    import tensorflow as tf

    order = order_to_follow() if shuffle and seed is None else None
    if order is not None:
        return _following(order, count, batch_size, passes, lambda random: random.permutation(count))
    positions = tf.data.Dataset.range(count)
    if shuffle:
        positions = positions.shuffle(count, seed=seed, reshuffle_each_iteration=True)
    return positions.batch(batch_size).repeat(passes)


def _following(order: EpochOrder, count: int, batch_size: int, passes: int | None, draw: Draw) -> tf.data.Dataset:
    if passes is None:
        order.has_no_end = True
        return generated_batches(lambda: order.drawn_without_end(draw, count, batch_size), None)
    return generated_batches(lambda: order.drawn(draw, batch_size, passes), -(-count // batch_size) * passes)


def run_batches(
    runs: Runs, batch_size: int, *, shuffle: bool = False, seed: int | None = None, passes: int | None = 1
) -> tf.data.Dataset:
    """Make batches of the rows at which windows of many series begin; they are drawn when they are needed.

    Args:
        runs: where the windows begin.
        batch_size: windows in a batch.
        shuffle: whether each pass of each epoch has a new order, of at most `runs.most_windows` of each series.
        seed: seed of the order; by default that of `keras.utils.set_random_seed`.
        passes: passes in one epoch; None for no end.
    """
    if not shuffle:
        count = -(-len(runs) // batch_size)
        batches = generated_batches(lambda: cut_in_batches(runs, batch_size), count)
        return batches.repeat(passes)
    order = order_to_follow() if seed is None else None
    if order is None:
        order = EpochOrder(_seed_of_tensorflow() if seed is None else seed)
    return _following(order, runs.in_a_pass(), batch_size, passes, runs.drawn)


def _seed_of_tensorflow() -> int:
    """A seed from TensorFlow's random numbers, as its own shuffle takes one: building models does not move these on."""
    import tensorflow as tf

    return int(tf.random.uniform((), maxval=LARGEST_SEED, dtype="int32"))


def generated_batches(generate: Callable[[], Iterator[np.ndarray]], count: int | None) -> tf.data.Dataset:
    """Make `count` batches of positions per epoch, from a Python generator that is called anew in each epoch.

    A `count` of None stands for no end.
    """
    import tensorflow as tf

    positions = tf.data.Dataset.from_generator(generate, output_signature=tf.TensorSpec([None], tf.int64))
    return positions.apply(tf.data.experimental.assert_cardinality(INFINITE if count is None else count))


def pipeline(positions: tf.data.Dataset, take: Callable[[Any], Any]) -> tf.data.Dataset:
    """Make the batches of data that `take` gathers for each batch of positions."""
    import tensorflow as tf

    return without_autotune(mapped(positions, take, num_parallel_calls=tf.data.AUTOTUNE).prefetch(tf.data.AUTOTUNE))


def mapped(data: tf.data.Dataset, function: Callable[..., Any], **options: Any) -> tf.data.Dataset:
    """`tf.data.Dataset.map` of a function without a loop or a condition on tensors.

    AutoGraph does not convert it, which would take half a second.
    """
    import tensorflow as tf

    return data.map(tf.autograph.experimental.do_not_convert(function), **options)


def array_batches(arrays: Any, count: int, batch_size: int, *, shuffle: bool = False) -> tf.data.Dataset:
    """Make batches of arrays of `count` samples, with one random order for each epoch if shuffled, as Keras does.

    Args:
        arrays: a nested tuple or dict of arrays `[count, ...]`.
        count: number of samples.
        batch_size: samples in a batch.
        shuffle: whether each epoch has a new order; it follows `keras.utils.set_random_seed`.
    """
    import tensorflow as tf

    tensors = tf.nest.map_structure(tf.convert_to_tensor, arrays)

    def order(_: tf.Tensor) -> tf.Tensor:
        positions = tf.range(count, dtype=tf.int64)
        return tf.random.shuffle(positions) if shuffle else positions

    def take(positions: tf.Tensor) -> Any:
        return tf.nest.map_structure(lambda tensor: tf.gather(tensor, positions), tensors)

    if shuffle and order_to_follow() is not None:
        return pipeline(position_batches(count, batch_size, shuffle=True), take)
    batches = pipeline(mapped(tf.data.Dataset.range(1), order).unbatch().batch(batch_size), take)
    return batches.apply(tf.data.experimental.assert_cardinality(-(-count // batch_size)))


def without_autotune(data: Any) -> Any:
    """The dataset without tf.data's autotuning; anything else as it is.

    The thread of the autotuning sleeps for up to a minute. Keras drops an iterator after each epoch, and on one core or
    a loaded machine it would then wait for that thread.
    """
    if not hasattr(data, "with_options") or data.options().autotune.enabled is False:
        return data
    import tensorflow as tf

    options = tf.data.Options()
    options.autotune.enabled = False
    return data.with_options(options)
