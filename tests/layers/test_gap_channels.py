"""The channels that tell a network of gaps, beside their equation."""

import numpy as np
import pytest
from keras import ops

from seqkit.layers import GapChannels

NAN = np.nan


def channels_of(column, longest=100):
    past = np.stack([np.array(column, "float32"), np.arange(len(column), dtype="float32")], axis=1)[None]
    return ops.convert_to_numpy(GapChannels(longest)(past))[0]  # (T, 4)


def since_by_hand(column, longest):
    """The equation of the docstring, a step at a time."""
    times, last = [], -1
    for step, value in enumerate(column):
        last = step if np.isfinite(value) else last
        times.append(np.log1p(min(step - last, longest)) / np.log1p(longest))
    return times


@pytest.mark.parametrize("longest", [2, 5, 100])
@pytest.mark.parametrize(
    "column",
    [[3, NAN, NAN, 5, NAN, NAN, NAN], [NAN, NAN, 3, NAN, 8, 1, NAN], [1, 2, 3, 5, 7, 11, 13], [NAN] * 7],
)
def test_known_and_the_time_since_the_last_reading_are_those_of_the_equation(column, longest):
    found = channels_of(column, longest)
    np.testing.assert_array_equal(found[:, 0], np.isfinite(column))
    np.testing.assert_allclose(found[:, 2], since_by_hand(column, longest), rtol=1e-6)
    assert found[:, 1].tolist() == [1] * 7
    assert found[:, 3].tolist() == [0] * 7


def test_time_is_counted_over_gaps_of_any_length_and_stays_within_0_and_1():
    column = [2.0] + [NAN] * 130
    found = channels_of(column)[:, 2]
    np.testing.assert_allclose(found, since_by_hand(column, 100), rtol=1e-5)
    assert found.max() == pytest.approx(1)


def test_no_channel_knows_what_comes_later():
    column = np.array([2, NAN, NAN, 5, 7, NAN, 1])
    changed = np.where(np.arange(7) < 4, column, NAN)
    assert channels_of(column)[:4].tolist() == channels_of(changed)[:4].tolist()
