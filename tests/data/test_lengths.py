"""Batches of samples of similar length."""

import numpy as np
import pytest

from seqkit.data.lengths import batches_by_length


def test_a_long_sample_does_not_pad_short_ones():
    batches = batches_by_length([3, 100_000, 2, 5, 3], batch_size=5)
    assert [batch.tolist() for batch in batches] == [[2, 0, 4, 3], [1]]


def test_samples_of_one_length_stay_in_their_order():
    batches = batches_by_length([90_000] * 7, batch_size=3)
    assert [batch.tolist() for batch in batches] == [[0, 1, 2], [3, 4, 5], [6]]


@pytest.mark.parametrize("most_padding", [0, 7, 1000])
def test_padding_has_a_limit_and_each_sample_one_place(most_padding):
    lengths = np.random.default_rng(0).integers(1, 50, size=101)
    batches = batches_by_length(lengths.tolist(), 13, most_padding)
    assert sorted(np.concatenate(batches).tolist()) == list(range(101))
    for batch in batches:
        assert len(batch) <= 13
        assert (lengths[batch].max() - lengths[batch]).sum() <= most_padding
