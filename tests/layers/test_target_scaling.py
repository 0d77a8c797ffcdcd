"""TargetScaling and ConformalIntervals against their equations in NumPy."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keras import ops

from seqkit.layers import ConformalIntervals, TargetScaling
from seqkit.layers.target_scaling import LEVELS, samples_needed

TARGETS = np.array([[3.0, -1e6], [5.0, -3e6], [11.0, -2e6]])


def calibrated(residuals):
    layer = ConformalIntervals()
    layer.build((None, residuals.shape[1]))
    layer.calibrate(residuals)
    return layer


def test_scaled_numbers_are_turned_into_raw_ones_and_back():
    layer = TargetScaling()
    layer.build((None, 2))
    assert not layer.is_adapted
    layer.adapt(TARGETS)
    assert layer.is_adapted
    scaled = np.array([[0.5, -2.0], [0.0, 1.0]], "float32")
    raw = TARGETS.mean(axis=0) + scaled * TARGETS.std(axis=0)
    np.testing.assert_allclose(ops.convert_to_numpy(layer(scaled)), raw, rtol=1e-6)
    np.testing.assert_allclose(ops.convert_to_numpy(layer.scale(raw.astype("float32"))), scaled, atol=1e-5)


@pytest.mark.parametrize("scale", [1e-25, 1e25])
def test_targets_of_any_size_have_a_finite_spread(scale):
    layer = TargetScaling()
    layer.build((None, 2))
    layer.adapt(TARGETS * scale)
    np.testing.assert_allclose(ops.convert_to_numpy(layer.spread), TARGETS.std(axis=0) * scale, rtol=1e-5)


def test_numbers_pass_unchanged_and_a_layer_that_knows_nothing_promises_nothing():
    layer = ConformalIntervals()
    values = np.array([[3.0, 5.0]], "float32")
    np.testing.assert_array_equal(ops.convert_to_numpy(layer(values)), values)
    assert (layer.count, layer.promises(1)) == (0, False)


@given(count=st.integers(1, 60), level=st.sampled_from(LEVELS), seed=st.integers(0, 9))
@settings(deadline=None, max_examples=30)
def test_the_half_width_is_the_smallest_residual_that_holds_enough(count, level, seed):
    residuals = np.random.default_rng(seed).normal(size=(count, 2)).astype("float32")
    layer = calibrated(residuals)
    assert layer.count == count
    enough = [width for width in np.sort(np.abs(residuals[:, 1])) if _share_below(residuals, width) * 100 >= level]
    assert layer.promises(level) == bool(enough) == (count >= samples_needed(level))
    if enough:
        assert float(layer.half_widths_at((level,))[1, 0]) == enough[0]


def _share_below(residuals, width):
    """Of so many samples and one more, the share that lies within the width; rounded, for levels in percent."""
    return round((np.abs(residuals[:, 1]) <= width).sum() / (len(residuals) + 1), 12)


def test_intervals_hold_the_truth_as_often_as_they_promise():
    random = np.random.default_rng(3)
    widths = calibrated(random.standard_t(3, (19, 300))).half_widths_at((90.0,))  # (300, 1), of 19 samples each
    held = np.abs(random.standard_t(3, (300, 500))) <= ops.convert_to_numpy(widths)
    assert 0.89 < np.mean(held) < 0.91


def test_what_was_calibrated_is_forgotten():
    layer = calibrated(np.ones((99, 1)))
    assert layer.promises(99)
    layer.forget()
    assert (layer.count, layer.promises(1)) == (0, False)
    assert [samples_needed(level) for level in (50, 80, 95, 99.9)] == [1, 4, 19, 999]
