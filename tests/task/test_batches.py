"""Padded batches: lengths, order, passes, weights and seeds."""

import keras
import numpy as np

from seqkit.task.batches import pad
from seqkit.task.batches import padded_batches as batches

LENGTHS = (5, 3, 11, 2, 7, 13, 1)


def test_sequences_are_stacked_and_filled_up_at_the_end():
    padded = pad([np.ones((2, 3)), np.full((5, 3), 7.0)])
    assert padded.shape == (2, 5, 3)
    assert np.isnan(padded).sum() == 3 * 3
    assert np.isnan(padded[0, 2:]).all()
    assert pad([np.array([2, 3]), np.array([5])], 0).tolist() == [[2, 3], [5, 0]]


# batches


def numbered(features=2):
    """Sequences of LENGTHS filled with their own number from 1."""
    shape = (features,) if features else ()
    return [
        np.full((length, *shape), row + 1, "float32" if features else "int32") for row, length in enumerate(LENGTHS)
    ]


def drawn(dataset):
    """Which sequences each batch holds."""
    return [batch[0].numpy()[:, 0].reshape(len(batch[0]), -1)[:, 0].astype(int).tolist() for batch in dataset]


def test_every_sequence_is_there_once_in_an_epoch_with_its_target_and_weight():
    targets = np.arange(1, 8, dtype="float32")[:, None] * 10
    weights = np.arange(1, 8, dtype="float32") * 100
    dataset = batches(numbered(), targets, batch_size=3, shuffle=True, weights=weights)
    assert int(dataset.cardinality()) == 3
    seen = [number for batch in drawn(dataset) for number in batch]
    assert sorted(seen) == [1, 2, 3, 4, 5, 6, 7]
    for x, y, weight in dataset:
        np.testing.assert_array_equal(x.numpy()[:, 0, 0] * 10, y.numpy()[:, 0])
        np.testing.assert_array_equal(x.numpy()[:, 0, 0] * 100, weight.numpy())


def test_a_batch_is_as_long_as_its_own_longest_rounded_up_to_eight():
    shapes = [batch.shape for (batch,) in batches(numbered(), None, batch_size=2)]
    assert shapes == [(2, 8, 2), (2, 16, 2), (2, 16, 2), (1, 8, 2)]
    exact = [np.ones((8, 3), "float32"), np.ones((5, 3), "float32")]
    assert [batch.shape for (batch,) in batches(exact, None, batch_size=2)] == [(2, 8, 3)]


def test_each_sequence_keeps_its_length_and_values():
    for features, filling in ((2, np.nan), (0, 0)):
        values = numbered(features)
        (batch,) = next(iter(batches(values, None, batch_size=7, padding=filling)))
        batch = batch.numpy()
        assert batch.shape[:2] == (7, 16)
        assert batch.dtype == values[0].dtype
        for row, sequence in zip(batch, values, strict=True):
            np.testing.assert_array_equal(row[: len(sequence)], sequence)
            np.testing.assert_array_equal(row[len(sequence) :], np.full_like(row[len(sequence) :], filling))


def test_sequences_of_one_length_are_not_padded():
    values = list(np.arange(5 * 3 * 2, dtype="float32").reshape(5, 3, 2))
    stacked = [batch.numpy() for (batch,) in batches(values, None, batch_size=2, length=3)]
    assert [batch.shape for batch in stacked] == [(2, 3, 2), (2, 3, 2), (1, 3, 2)]
    np.testing.assert_array_equal(np.concatenate(stacked), values)


def test_without_shuffling_the_order_is_kept():
    assert drawn(batches(numbered(), None, batch_size=3)) == [[1, 2, 3], [4, 5, 6], [7]]


def test_an_epoch_of_several_passes_holds_every_sequence_as_often_each_time_in_a_new_order():
    dataset = batches(numbered(), None, batch_size=3, shuffle=True, passes=5)
    assert int(dataset.cardinality()) == 15
    numbers = drawn(dataset)
    orders = [[*numbers[first], *numbers[first + 1], *numbers[first + 2]] for first in range(0, 15, 3)]
    assert all(sorted(order) == [1, 2, 3, 4, 5, 6, 7] for order in orders)
    assert len({tuple(order) for order in orders}) > 1


def test_the_order_differs_between_epochs_and_repeats_with_the_seed():
    orders = []
    for _ in range(2):
        keras.utils.set_random_seed(5)
        dataset = batches(numbered(), None, batch_size=7, shuffle=True)
        orders.append([drawn(dataset)[0] for _ in range(3)])
    assert orders[0] == orders[1]
    assert len({tuple(order) for order in orders[0]}) > 1
    keras.utils.set_random_seed(11)
    assert [drawn(batches(numbered(), None, batch_size=7, shuffle=True))[0] for _ in range(3)] != orders[0]
