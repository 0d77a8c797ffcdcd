"""Batches for Keras of samples of different length, padded only as far as needed, in one of three orders.

Shapes: B samples, T timesteps of the longest sample in a batch, F features, C characters of the longest word in it.
"""

from __future__ import annotations

import random as python_random  # seeded by keras.utils.set_random_seed
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from seqkit import _checks
from seqkit.data.orders import EpochOrder, order_to_follow
from seqkit.data.pipelines import generated_batches, mapped, pipeline, position_batches

if TYPE_CHECKING:
    import tensorflow as tf

DEFAULT_BATCH_SIZE = 32
LENGTH_MULTIPLE = 8  # lengths are padded to a multiple of it where each new shape is compiled
LENGTH_NOISE = 4.0  # timesteps; it lets lengths differ within a batch, so that each epoch has new batches
POOL_BATCHES = 50  # how many batches are sorted by length together

Gather = Callable[[Any], Any]  # takes a batch of positions, returns tensors


def batch_size_of(where: str, batch_size: Any, default: int = DEFAULT_BATCH_SIZE) -> int:
    """The batch size that the user passed, checked, or the default."""
    return default if batch_size is None else _checks.whole_number(where, "batch_size", batch_size)


def length_multiple() -> int:
    """The number to a multiple of which lengths are padded: 8 where each new shape is compiled or planned, else 1."""
    if keras.backend.backend() != "tensorflow":
        return LENGTH_MULTIPLE
    import tensorflow as tf

    return LENGTH_MULTIPLE if tf.config.list_physical_devices("GPU") else 1


def pad(samples: Sequence[np.ndarray], padding: float = np.nan, multiple: int = 1) -> np.ndarray:
    """Stack arrays `[T_i, ...]` into `[B, T, ...]`; every axis that differs is padded at its end."""
    sizes = [max(sample.shape[axis] for sample in samples) for axis in range(samples[0].ndim)]
    sizes[0] = -(-sizes[0] // multiple) * multiple
    padded = np.full((len(samples), *sizes), padding, samples[0].dtype)
    for row, sample in zip(padded, samples, strict=True):
        row[tuple(slice(size) for size in sample.shape)] = sample
    return padded


def gather_rows(values: Any) -> Gather:
    """Gather rows of an array `[B, ...]`."""
    import tensorflow as tf

    stacked = tf.constant(np.stack(list(values)) if isinstance(values, (list, tuple)) else values)
    return lambda positions: tf.gather(stacked, positions)


def gather_padded(samples: Sequence[np.ndarray], padding: float = np.nan, multiple: int = 1) -> Gather:
    """Gather arrays `[T_i]` or `[T_i, F]` as `[B, T]` or `[B, T, F]`, padded to the longest in a batch."""
    import tensorflow as tf

    lengths = tf.constant([len(sample) for sample in samples], tf.int64)
    ragged = tf.RaggedTensor.from_row_lengths(tf.constant(np.concatenate(list(samples))), lengths)
    padding, features = tf.cast(padding, ragged.dtype), ragged.shape[2:].as_list()

    def gather(positions: tf.Tensor) -> tf.Tensor:
        batch = tf.gather(ragged, positions)
        padded = batch.to_tensor(padding, shape=[None, None, *features])
        missing = -tf.reduce_max(batch.row_lengths()) % multiple
        return tf.pad(padded, [[0, 0], [0, missing], *([[0, 0]] * len(features))], constant_values=padding)

    return gather


def gather_characters(samples: Sequence[np.ndarray], multiple: int = 1) -> Gather:
    """Gather numbers of characters `[T_i, 40]`, 0 after a word's end, as `[B, T, C]`."""
    import tensorflow as tf

    gather_words = gather_padded(samples, 0, multiple)

    def gather(positions: tf.Tensor) -> tf.Tensor:
        characters = gather_words(positions)
        longest = tf.reduce_sum(tf.cast(tf.reduce_any(characters > 0, axis=[0, 1]), tf.int32))
        width = -(-tf.maximum(longest, 1) // multiple) * multiple
        missing = tf.maximum(width - tf.shape(characters)[2], 0)
        return tf.pad(characters[:, :, :width], [[0, 0], [0, 0], [0, missing]])

    return gather


def padded_batches(
    samples: Sequence[np.ndarray],
    targets: np.ndarray | None,
    *,
    batch_size: int,
    shuffle: bool = False,
    passes: int = 1,
    padding: float = np.nan,
    weights: np.ndarray | None = None,
    length: int | None = None,
    extra_inputs: np.ndarray | None = None,
) -> tf.data.Dataset:
    """Batches for `keras.Model.fit`, each padded to its longest sequence, rounded up to a multiple of 8.

    Args:
        samples: sequences `[T_i, F]` or `[T_i]`.
        targets: `[B, ...]`, or None.
        batch_size: sequences in a batch.
        shuffle: a new order in each epoch.
        passes: times through all sequences in one epoch.
        padding: the value after the end of a sequence.
        weights: the weight of each sequence, or None.
        length: the length of all sequences, if it is the same; nothing is padded then.
        extra_inputs: a second input for each sequence, `[B, ...]`; the model is then given the pair.
    """
    gather = _gather_samples(samples, padding, length)
    gather_extra = None if extra_inputs is None else gather_rows(extra_inputs)
    gather_others = [gather_rows(values) for values in (targets, weights) if values is not None]

    def gather_batch(positions: tf.Tensor) -> Any:
        x = gather(positions) if gather_extra is None else (gather(positions), gather_extra(positions))
        return (x, *(gather_other(positions) for gather_other in gather_others))

    return pipeline(position_batches(len(samples), batch_size, shuffle=shuffle, passes=passes), gather_batch)


def batches_in_order(
    samples: Sequence[np.ndarray], order: Sequence[np.ndarray], padding: float, length: int | None
) -> tf.data.Dataset:
    """A batch for each array of positions, as `padded_batches` pads them, for `keras.Model.predict`."""
    gather = _gather_samples(samples, padding, length)
    return pipeline(generated_batches(lambda: iter(order), len(order)), lambda positions: (gather(positions),))


def _gather_samples(samples: Sequence[np.ndarray], padding: float, length: int | None) -> Gather:
    return gather_rows(samples) if length else gather_padded(samples, padding, LENGTH_MULTIPLE)


def batches_of_similar_length(lengths: np.ndarray, batch_size: int, *, shuffle: bool = False) -> tf.data.Dataset:
    """Batches of positions. If shuffled, a batch holds samples of similar length, and the batches are in random order.

    Unshuffled, the samples are in their own order.
    """
    given = order_to_follow() if shuffle else None
    own_random = np.random.default_rng(python_random.getrandbits(31) if shuffle else None)
    cuts = range(batch_size, len(lengths), batch_size)

    def shuffled() -> list[np.ndarray]:
        random = own_random if given is None else given.random()
        order = np.argsort(lengths + random.uniform(0, LENGTH_NOISE, len(lengths)), kind="stable")
        batches = np.split(order, cuts)
        random.shuffle(batches)
        return batches

    def one_epoch() -> Iterator[np.ndarray]:
        yield from shuffled() if shuffle else np.split(np.arange(len(lengths)), cuts)

    if shuffle:
        shuffled()  # discarded; the first release drew one order more, and a seed must still train the same tagger
    return generated_batches(one_epoch, -(-len(lengths) // batch_size))


def batches_of_similar_length_in_pools(
    lengths: np.ndarray, batch_size: int, *, shuffle: bool = False
) -> tf.data.Dataset:
    """Batches of positions. If shuffled, the samples of 50 batches at a time (a pool) are sorted by length.

    The order is made in TensorFlow, not as a list in Python, so it suits millions of samples.
    """
    import tensorflow as tf

    if not shuffle:
        return position_batches(len(lengths), batch_size)
    given = order_to_follow()
    if given is not None:
        generate = partial(_sorted_in_pools, given, lengths, batch_size)
        return generated_batches(generate, -(-len(lengths) // batch_size))
    all_lengths = tf.constant(lengths)
    order = tf.data.Dataset.range(len(lengths)).shuffle(len(lengths), reshuffle_each_iteration=True)
    order = order.batch(batch_size * POOL_BATCHES)
    order = mapped(order, lambda pool: tf.gather(pool, tf.argsort(tf.gather(all_lengths, pool))))
    order = order.unbatch().batch(batch_size).shuffle(POOL_BATCHES, reshuffle_each_iteration=True)
    return order.apply(tf.data.experimental.assert_cardinality(-(-len(lengths) // batch_size)))


def _sorted_in_pools(order: EpochOrder, lengths: np.ndarray, batch_size: int) -> Iterator[np.ndarray]:
    """The batches of one epoch: of a pool, in random order, each of samples of similar length."""
    random = order.random()
    pool_size = batch_size * POOL_BATCHES
    for pool in np.split(random.permutation(len(lengths)), range(pool_size, len(lengths), pool_size)):
        in_order = pool[np.argsort(lengths[pool], kind="stable")]
        batches = np.split(in_order, range(batch_size, len(pool), batch_size))
        yield from (batches[place] for place in random.permutation(len(batches)))
