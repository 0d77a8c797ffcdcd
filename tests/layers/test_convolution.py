"""The two convolutions, each against its equation written out, and a padded series against itself alone."""

from itertools import combinations

import keras
import numpy as np
import pytest
from keras import ops

from seqkit.layers import FixedConvolutions, KnownSteps, LearnedConvolutions

LENGTHS = (11, 19, 5)
KERNELS = np.array([[2.0 if place in places else -1.0 for place in range(9)] for places in combinations(range(9), 3)])


def random_series(*shape, seed=7):
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


def adapted(timesteps, features, numbers=400, seed=3):
    layer = FixedConvolutions(timesteps, numbers, seed)
    layer.build((None, timesteps, features))
    layer.adapt(random_series(13, timesteps, features, seed=11))
    return layer


def learned(features, filters=(5, 2, 3), widths=(8, 5, 3)):
    """Convolutions whose normalisation has seen something."""
    layer = LearnedConvolutions(filters, widths)
    layer.build((None, None, features))
    random = np.random.default_rng(5)
    for weight in layer.weights:
        least, most = (0.5, 2.0) if weight.path.endswith("variance") else (-0.5, 1.0)
        weight.assign(random.uniform(least, most, weight.shape))
    return layer


def padded(features, steps=23, filling=99.0):
    """Series of `LENGTHS` in one array, with rubbish after their ends, and the mask that says so."""
    series = np.full((len(LENGTHS), steps, features), filling, "float32")
    for row, length in enumerate(LENGTHS):
        series[row, :length] = random_series(length, features, seed=row)
    return series, np.arange(steps)[None] < np.array(LENGTHS)[:, None]


def assert_close(result, expected, rtol=1e-4):
    np.testing.assert_allclose(ops.convert_to_numpy(result), expected, rtol=rtol, atol=1e-5)


# FixedConvolutions


def features_read(layer):
    """Which features each kernel reads: (F, 84)."""
    return (layer.kernel != 0).any(axis=0)


def convolved_by_hand(series, weights, dilation, read):
    """One kernel over one series (T, F), the middle weight on the step itself, zeros beyond the ends."""
    steps = len(series)
    result = np.zeros(steps)
    for step in range(steps):
        for place, weight in enumerate(weights):
            where = step + (place - 4) * dilation
            if 0 <= where < steps:
                result[step] += weight * series[where, read].sum()
    return result


@pytest.mark.parametrize("features", [1, 3])
def test_the_fixed_numbers_are_the_standardised_shares_above_each_threshold(features):
    layer = adapted(19, features)
    assert layer.dilations == (1, 2)
    assert layer.thresholds_each == 2
    series, thresholds = random_series(2, 19, features), ops.convert_to_numpy(layer.thresholds)
    read = features_read(layer)
    shares = np.array([
        [
            np.mean(convolved_by_hand(values, KERNELS[kernel], dilation, read[:, kernel]) > row[kernel])
            for number, dilation in enumerate(layer.dilations)
            for row in thresholds[number]
            for kernel in range(84)
        ]
        for values in series
    ])  # fmt: skip
    mean, spread = ops.convert_to_numpy(layer.mean), ops.convert_to_numpy(layer.spread)
    assert_close(layer(series), 2000 / 336 * (shares - mean) / spread)
    assert 0 < shares.mean() < 1


def test_thresholds_are_a_hair_above_quantiles_of_what_the_training_series_give():
    layer, training = adapted(19, 3), random_series(13, 19, 3, seed=11)
    read, golden = features_read(layer), (1 + 5**0.5) / 2
    for number, which, kernel in ((0, 0, 0), (0, 1, 41), (1, 0, 83), (1, 1, 7)):
        dilation = layer.dilations[number]
        steps = [convolved_by_hand(values, KERNELS[kernel], dilation, read[:, kernel]) for values in training]
        level = (84 * which + kernel + 1) * golden % 1
        expected = np.quantile(steps, level) + 1e-5 * np.abs(training).mean()
        np.testing.assert_allclose(layer.thresholds[number, which, kernel], expected, rtol=0, atol=2e-6)


def test_steps_that_are_equal_but_for_rounding_are_told_apart_from_those_above_them_alone():
    flat = np.full((5, 41, 1), 0.1, "float32") * np.arange(1, 6, dtype="float32")[:, None, None]
    layer = FixedConvolutions(9, 84)
    layer.build(flat.shape)
    layer.adapt(flat)
    shares = ops.convert_to_numpy(layer(flat)) * 84 / 2000 * ops.convert_to_numpy(layer.spread) + layer.mean
    inside = np.abs(ops.convert_to_numpy(layer.thresholds)).ravel() < 1e-4  # where a flat series gives 0, or nearly
    assert inside.any()
    edges = 8 / 41  # four steps at either end, where there is something to read beyond a flat series
    assert ops.convert_to_numpy(shares)[:, inside].max() <= edges + 1e-4


def test_the_numbers_of_the_training_series_have_no_mean_and_about_the_same_spread():
    layer = adapted(19, 3)
    numbers = ops.convert_to_numpy(layer(random_series(13, 19, 3, seed=11))) * 336 / 2000
    np.testing.assert_allclose(numbers.mean(axis=0), 0, atol=1e-4)
    assert (numbers.std(axis=0) < 1).all()
    assert np.median(numbers.std(axis=0)) > 0.8


def test_there_are_84_kernels_that_sum_to_zero_and_each_reads_a_feature_or_more():
    layer = adapted(7, 5)
    assert layer.kernel.shape == (9, 5, 84)
    np.testing.assert_array_equal(layer.kernel.sum(axis=0), 0)
    counts = features_read(layer).sum(axis=0)
    assert set(counts) >= {1, 2, 3}
    np.testing.assert_array_equal(adapted(7, 1).kernel[:, 0].T, KERNELS)


def test_the_seed_chooses_the_features():
    kernels = [adapted(7, 5, numbers=84, seed=seed).kernel for seed in (3, 3, 4)]
    np.testing.assert_array_equal(kernels[0], kernels[1])
    assert (kernels[0] != kernels[2]).any()


@pytest.mark.parametrize(
    ("timesteps", "numbers", "dilations", "thresholds"),
    [(1, 5000, (1,), 59), (9, 5000, (1,), 59), (17, 400, (1, 2), 2), (43, 400, (1, 3, 5), 1), (43, 1, (1,), 1)],
)
def test_dilations_grow_until_a_kernel_spans_the_series(timesteps, numbers, dilations, thresholds):
    layer = FixedConvolutions(timesteps, numbers)
    assert (layer.dilations, layer.thresholds_each) == (dilations, thresholds)
    layer.build((None, timesteps, 2))
    assert layer.count_params() == 3 * 84 * len(dilations) * thresholds


def test_long_series_get_32_dilations_at_most_and_none_that_outgrows_them():
    dilations = FixedConvolutions(10_007, 50_000).dilations
    assert dilations == tuple(sorted(set(dilations)))
    assert len(dilations) <= 32
    assert 8 * dilations[-1] < 10_007 <= 8 * (dilations[-1] + 1)


def test_a_padded_series_gives_the_fixed_numbers_it_gives_alone():
    layer = adapted(19, 3)
    series, mask = padded(3)
    together = ops.convert_to_numpy(layer(series, mask=mask))
    for row, length in enumerate(LENGTHS):
        assert_close(together[row : row + 1], ops.convert_to_numpy(layer(series[row : row + 1, :length])))


def test_what_fills_a_series_up_is_not_adapted_to():
    weights = []
    for filling, steps in ((99.0, 23), (-7.0, 29)):
        layer = FixedConvolutions(19, 400)
        layer.build((None, None, 3))
        layer.adapt(*padded(3, steps, filling))
        weights.append(layer.get_weights())
    for after, expected in zip(*weights, strict=True):
        assert_close(after, expected)
    alone = FixedConvolutions(19, 400)
    alone.build((None, None, 3))
    alone.adapt(padded(3)[0][1:2, :19])
    assert not np.allclose(weights[0][0], alone.get_weights()[0])


def test_adapting_in_batches_gives_the_mean_over_all_series():
    training = random_series(13, 19, 2)
    layer = FixedConvolutions(19, 168)
    layer.build((None, 19, 2))
    layer.adapt(training, batch=5)
    numbers = ops.convert_to_numpy(layer(training))
    np.testing.assert_allclose(numbers.mean(axis=0), 0, atol=1e-3)


def test_without_adapting_every_fixed_number_is_nan():
    layer = FixedConvolutions(7, 84)
    layer.build((None, 7, 3))
    assert not layer.is_adapted
    assert np.isnan(ops.convert_to_numpy(layer(random_series(2, 7, 3)))).all()
    layer.adapt(random_series(5, 7, 3))
    assert layer.is_adapted
    assert np.isfinite(ops.convert_to_numpy(layer(random_series(2, 7, 3)))).all()


def test_a_series_that_never_changes_gives_finite_numbers():
    layer = FixedConvolutions(7, 84)
    layer.build((None, 7, 1))
    layer.adapt(np.ones((3, 7, 1), "float32"))
    assert np.isfinite(ops.convert_to_numpy(layer(random_series(2, 7, 1)))).all()


def test_nothing_of_the_fixed_convolutions_is_trained():
    assert adapted(7, 2, numbers=84).trainable_weights == []


# LearnedConvolutions


def learned_by_hand(layer, series):
    """The class docstring for one series (T, F), loop by loop; of an even width the later half is longer."""
    steps = series
    for convolution, norm in zip(layer.convolutions, layer.norms, strict=True):
        kernel = ops.convert_to_numpy(convolution.kernel)  # (width, in, out)
        width = len(kernel)
        result = np.zeros((len(steps), kernel.shape[2]))
        for step in range(len(steps)):
            for place in range(width):
                where = step + place - (width - 1) // 2
                if 0 <= where < len(steps):
                    result[step] += steps[where] @ kernel[place]
        gamma, beta, mean, variance = (ops.convert_to_numpy(weight) for weight in norm.weights)
        steps = np.maximum((result - mean) / np.sqrt(variance + 1e-3) * gamma + beta, 0)
    return steps.mean(axis=0)


@pytest.mark.parametrize("features", [1, 3])
def test_the_learned_numbers_are_convolutions_normalised_rectified_and_averaged(features):
    layer, series = learned(features), random_series(2, 13, features)
    expected = [learned_by_hand(layer, values) for values in series]
    assert_close(layer(series), expected)
    assert np.ptp(expected) > 0.01


def test_a_padded_series_gives_the_learned_numbers_it_gives_alone():
    layer = learned(3)
    series, mask = padded(3)
    together = ops.convert_to_numpy(layer(series, mask=mask))
    for row, length in enumerate(LENGTHS):
        assert_close(together[row], learned_by_hand(layer, series[row, :length]))


def test_padding_takes_no_part_in_the_statistics_of_training():
    result, moved = [], []
    for steps, filling in ((19, 99.0), (29, -7.0)):
        layer = learned(3)
        series, mask = padded(3, steps, filling)
        result.append(ops.convert_to_numpy(layer(series, mask=mask, training=True)))
        moved.append(layer.get_weights())
    assert_close(result[0], result[1])
    for after, expected, before in zip(*moved, learned(3).get_weights(), strict=True):
        assert_close(after, expected)
        assert after.shape == before.shape
    assert any((after != before).any() for after, before in zip(moved[0], learned(3).get_weights(), strict=True))


def test_a_mask_made_from_nan_reaches_both_convolutions():
    series, mask = padded(2)
    series = np.where(mask[..., None], series, np.nan)
    for layer in (adapted(19, 2), learned(2)):
        result = layer(KnownSteps()(series))
        assert np.isfinite(ops.convert_to_numpy(result)).all()
        assert_close(result, ops.convert_to_numpy(layer(np.nan_to_num(series), mask=mask)))
        assert getattr(result, "_keras_mask", None) is None


def test_the_branch_of_lstm_fcn_is_the_default():
    layer = LearnedConvolutions()
    layer.build((None, None, 1))
    shapes = [convolution.kernel.shape for convolution in layer.convolutions]
    assert shapes == [(8, 1, 128), (5, 128, 256), (3, 256, 128)]
    assert layer.compute_output_shape((None, None, 1)) == (None, 128)
    assert isinstance(layer.norms[0], keras.layers.BatchNormalization)
