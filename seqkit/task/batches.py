"""Sequences with a tag for each step, in batches of like length.

Shapes: B sequences, T steps of the longest in a batch, C characters of the longest word in it.
"""

from __future__ import annotations

import random as python_random  # seeded by keras.utils.set_random_seed
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from seqkit.data.sequences import ROUND_UP
from seqkit.layers.crf import NO_TAG

if TYPE_CHECKING:
    import tensorflow as tf

Sample = Mapping[str, np.ndarray]  # by the name of the network's input
SPREAD = 4.0  # steps by which lengths in a batch may differ for the sake of another order each epoch


def pad(samples: Sequence[Sample], round_up: int = 1) -> dict[str, np.ndarray]:
    """Stack what has the same name, filled up with 0 (numbers of words) or NaN (measurements)."""
    return {name: _stack([one[name] for one in samples], round_up) for name in samples[0]}


def _stack(rows: Sequence[np.ndarray], round_up: int, filling: float | None = None) -> np.ndarray:
    steps = -(-max(map(len, rows)) // round_up) * round_up
    rest = rows[0].shape[1:]
    if filling is None:
        filling = np.nan if rows[0].dtype.kind == "f" else 0
    if filling == 0 and rest:  # characters: only as many as the longest word of the batch has
        width = max(int((row > 0).any(axis=0).sum()) for row in rows)
        rest = (max(1, -(-width // round_up) * round_up),)
        rows = [row[:, : rest[0]] for row in rows]
    found = np.full((len(rows), steps, *rest), filling, rows[0].dtype)
    for place, row in zip(found, rows, strict=True):
        place[(slice(len(row)), *(slice(size) for size in row.shape[1:]))] = row
    return found


def batches(
    samples: Sequence[Sample],
    targets: Sequence[np.ndarray] | None,
    *,
    batch_size: int,
    shuffle: bool = False,
    weights: np.ndarray | None = None,
    passes: int = 1,
) -> tf.data.Dataset:
    """Batches for `keras.Model.fit`; shuffled, each holds sequences of about the same length.

    Args:
        samples: of each sequence what the network reads, by name.
        targets: numbers of tags `[T_i]` of each, or None.
        batch_size: sequences in a batch.
        shuffle: another order each epoch.
        weights: of each sequence, or None.
        passes: times through all sequences in one epoch.
    """
    import tensorflow as tf

    lengths = np.array([len(next(iter(one.values()))) for one in samples])
    round_up = _round_up()
    random = np.random.default_rng(python_random.getrandbits(31)) if shuffle else None

    def each() -> Iterator[Any]:
        for chosen in (one for _ in range(passes) for one in _orders(lengths, batch_size, random)):
            batch: tuple[Any, ...] = (pad([samples[place] for place in chosen], round_up),)
            if targets is not None:
                batch += (_stack([targets[place] for place in chosen], round_up, NO_TAG),)
            if weights is not None:
                batch += (weights[chosen],)
            yield batch

    signature = tf.nest.map_structure(_any_size, next(each()))
    made = tf.data.Dataset.from_generator(each, output_signature=signature)
    count = passes * -(-len(samples) // batch_size)
    return made.apply(tf.data.experimental.assert_cardinality(count)).prefetch(tf.data.AUTOTUNE)


def _round_up() -> int:
    """Backends other than TensorFlow compile each shape anew."""
    return 1 if keras.backend.backend() == "tensorflow" else ROUND_UP


def _orders(lengths: np.ndarray, batch_size: int, random: np.random.Generator | None) -> list[np.ndarray]:
    """The places of each batch's sequences."""
    if random is None:
        return np.split(np.arange(len(lengths)), range(batch_size, len(lengths), batch_size))
    order = np.argsort(lengths + random.uniform(0, SPREAD, len(lengths)), kind="stable")
    found = np.split(order, range(batch_size, len(lengths), batch_size))
    random.shuffle(found)
    return found


class Answers:
    """What a model answers for padded samples; TensorFlow traces its graph once for all their shapes."""

    def __init__(self, model: keras.Model) -> None:
        """Remember the model; nothing is traced yet."""
        self._model = model
        self._graph: Any = None

    def __call__(self, samples: Sequence[Sample]) -> dict[str, np.ndarray]:
        """Arrays by name, of one batch."""
        arrays = pad(samples, _round_up())
        if keras.backend.backend() != "tensorflow":
            return self._model.predict_on_batch(arrays)
        import tensorflow as tf

        if self._graph is None:
            signature = tf.nest.map_structure(_any_size, arrays)
            self._graph = tf.function(lambda given: self._model(given, training=False), input_signature=[signature])
        return {name: one.numpy() for name, one in self._graph(arrays).items()}


def _any_size(array: np.ndarray) -> tf.TensorSpec:
    """Every axis may have any size, but for the features of a series."""
    import tensorflow as tf

    kept = [None, None, array.shape[2]] if array.ndim == 3 and array.dtype.kind == "f" else [None] * array.ndim
    return tf.TensorSpec(kept, array.dtype)
