"""Samples of unlike length as batches for Keras: padded only as far as they must be, in one of three orders.

Shapes: B samples, T steps of the longest in a batch, F features, C characters of the longest word in it.
"""

from __future__ import annotations

import random as python_random  # seeded by keras.utils.set_random_seed
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from seqkit import _checks
from seqkit.data.pipelines import generated_batches, pipeline, position_batches

if TYPE_CHECKING:
    import tensorflow as tf

DEFAULT_SIZE = 32  # samples in a batch
ROUND_UP = 8  # batches are padded to a multiple of this where each new shape is compiled
LENGTH_NOISE = 4.0  # steps by which lengths in a batch may differ for the sake of another order each epoch
POOL = 50  # batches whose samples are sorted by length together

Take = Callable[[Any], Any]  # from a batch of positions to tensors


def batch_size_of(where: str, given: Any, default: int = DEFAULT_SIZE) -> int:
    """The size that was asked for, or the default."""
    return default if given is None else _checks.whole_number(where, "batch_size", given)


def rounding() -> int:
    """Steps to a multiple of which batches are padded: 8 where each new shape is compiled or planned anew, else 1."""
    if keras.backend.backend() != "tensorflow":
        return ROUND_UP
    import tensorflow as tf

    return ROUND_UP if tf.config.list_physical_devices("GPU") else 1


def pad(samples: Sequence[np.ndarray], filling: float = np.nan, round_up: int = 1) -> np.ndarray:
    """Stack arrays `[T_i, ...]` into `[B, T, ...]`, filled up at the end of every axis that differs."""
    sizes = [max(sample.shape[axis] for sample in samples) for axis in range(samples[0].ndim)]
    sizes[0] = -(-sizes[0] // round_up) * round_up
    padded = np.full((len(samples), *sizes), filling, samples[0].dtype)
    for row, sample in zip(padded, samples, strict=True):
        row[tuple(slice(size) for size in sample.shape)] = sample
    return padded


def gather_whole(values: Any) -> Take:
    """Take rows of an array `[B, ...]`."""
    import tensorflow as tf

    stacked = tf.constant(np.stack(list(values)) if isinstance(values, (list, tuple)) else values)
    return lambda positions: tf.gather(stacked, positions)


def gather_padded(samples: Sequence[np.ndarray], filling: float = np.nan, round_up: int = 1) -> Take:
    """Take arrays `[T_i]` or `[T_i, F]` as `[B, T]` or `[B, T, F]`, filled up as far as the longest of a batch."""
    import tensorflow as tf

    lengths = tf.constant([len(sample) for sample in samples], tf.int64)
    joined = tf.RaggedTensor.from_row_lengths(tf.constant(np.concatenate(list(samples))), lengths)
    padding, tail = tf.cast(filling, joined.dtype), joined.shape[2:].as_list()

    def take(positions: tf.Tensor) -> tf.Tensor:
        picked = tf.gather(joined, positions)
        padded = picked.to_tensor(padding, shape=[None, None, *tail])
        gap = -tf.reduce_max(picked.row_lengths()) % round_up
        return tf.pad(padded, [[0, 0], [0, gap], *([[0, 0]] * len(tail))], constant_values=padding)

    return take


def gather_spelt(samples: Sequence[np.ndarray], round_up: int = 1) -> Take:
    """Take numbers of characters `[T_i, 40]`, 0 after a word's end, as `[B, T, C]`."""
    import tensorflow as tf

    padded = gather_padded(samples, 0, round_up)

    def take(positions: tf.Tensor) -> tf.Tensor:
        whole = padded(positions)
        used = tf.reduce_sum(tf.cast(tf.reduce_any(whole > 0, axis=[0, 1]), tf.int32))
        width = -(-tf.maximum(used, 1) // round_up) * round_up
        gap = tf.maximum(width - tf.shape(whole)[2], 0)
        return tf.pad(whole[:, :, :width], [[0, 0], [0, 0], [0, gap]])

    return take


def padded_batches(
    samples: Sequence[np.ndarray],
    targets: np.ndarray | None,
    *,
    batch_size: int,
    shuffle: bool = False,
    passes: int = 1,
    filling: float = np.nan,
    weights: np.ndarray | None = None,
    length: int | None = None,
    beside: np.ndarray | None = None,
) -> tf.data.Dataset:
    """Batches for `keras.Model.fit`, each padded to its own longest, rounded up to a multiple of 8.

    Args:
        samples: sequences `[T_i, F]` or `[T_i]`.
        targets: `[B, ...]`, or None.
        batch_size: sequences in a batch.
        shuffle: a new order each epoch.
        passes: times through all sequences in one epoch.
        filling: what stands after the end of a sequence.
        weights: of each sequence, or None.
        length: of all sequences, where they are of one length; nothing is padded then.
        beside: what else is known of each sequence, `[B, ...]`; the model is then given the pair.
    """
    read = gather_whole(samples) if length else gather_padded(samples, filling, ROUND_UP)
    known = None if beside is None else gather_whole(beside)
    others = [gather_whole(one) for one in (targets, weights) if one is not None]

    def take(positions: tf.Tensor) -> Any:
        x = read(positions) if known is None else (read(positions), known(positions))
        return (x, *(other(positions) for other in others))

    return pipeline(position_batches(len(samples), batch_size, shuffle=shuffle, passes=passes), take)


def orders_of_like_length(
    lengths: np.ndarray, batch_size: int, *, shuffle: bool = False, passes: int = 1
) -> tf.data.Dataset:
    """Batches of positions; shuffled, the lengths of a batch differ by a few steps, and batches come in any order."""
    random = np.random.default_rng(python_random.getrandbits(31) if shuffle else None)
    cuts = range(batch_size, len(lengths), batch_size)

    def shuffled() -> list[np.ndarray]:
        order = np.argsort(lengths + random.uniform(0, LENGTH_NOISE, len(lengths)), kind="stable")
        batches = np.split(order, cuts)
        random.shuffle(batches)
        return batches

    def each() -> Iterator[np.ndarray]:
        for _ in range(passes):
            yield from shuffled() if shuffle else np.split(np.arange(len(lengths)), cuts)

    if shuffle:
        shuffled()  # thrown away, as in the first release, so that a seed still trains the same tagger
    return generated_batches(each, passes * -(-len(lengths) // batch_size))


def orders_of_like_pairs(lengths: np.ndarray, batch_size: int, *, shuffle: bool = False) -> tf.data.Dataset:
    """Batches of positions; shuffled, samples of 50 batches at a time are sorted by length.

    It needs no list of all orders in Python, so it suits millions of pairs.
    """
    import tensorflow as tf

    if not shuffle:
        return position_batches(len(lengths), batch_size)
    known = tf.constant(lengths)
    order = tf.data.Dataset.range(len(lengths)).shuffle(len(lengths), reshuffle_each_iteration=True)
    order = order.batch(batch_size * POOL).map(lambda pool: tf.gather(pool, tf.argsort(tf.gather(known, pool))))
    order = order.unbatch().batch(batch_size).shuffle(POOL, reshuffle_each_iteration=True)
    return order.apply(tf.data.experimental.assert_cardinality(-(-len(lengths) // batch_size)))
