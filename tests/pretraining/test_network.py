"""The network that is pretrained: what it reads, what it forecasts before any training, and its loss."""

import keras
import numpy as np
import pytest

from seqkit.layers import IncreasingQuantiles, KnownScaling, SeasonalInputs
from seqkit.layers.quantiles import LEVELS, check_levels, pinball_loss
from seqkit.pretraining.network import HORIZON, TIMESTEPS, loss_network, naive_error, pretrained_network


def column(*numbers):
    return np.array(numbers, "int32")[:, None]


@pytest.fixture(scope="module")
def network():
    keras.utils.set_random_seed(0)
    return pretrained_network(32, 16, units=8)


def forecast(network, values, known, season, second=1):
    """Quantiles in raw units."""
    season, second = (np.full((len(values), 1), steps, "int32") for steps in (season, second))
    scaled, level, spread = KnownScaling()(values, known, season)
    quantiles = network([np.asarray(scaled), known, season, second])  # Keras takes arrays or tensors, not both
    return np.asarray(level)[..., None] + np.asarray(spread)[..., None] * np.sinh(quantiles)


def test_the_untrained_median_repeats_the_latest_season_that_is_known(network):
    values = np.arange(32, dtype="float32")[None] ** 1.5
    known = np.ones_like(values)
    median = forecast(network, values, known, 4)[0, :, len(LEVELS) // 2]
    np.testing.assert_allclose(median, np.tile(values[0, -4:], 4), rtol=1e-4)
    known[0, 29] = 0
    median = forecast(network, values * known, known, 4)[0, :4, len(LEVELS) // 2]
    np.testing.assert_allclose(median, [values[0, 28], values[0, 25], values[0, 30], values[0, 31]], rtol=1e-4)
    last = forecast(network, values, np.ones_like(values), 1)[0, :, len(LEVELS) // 2]
    np.testing.assert_allclose(last, np.full(16, values[0, -1]), rtol=1e-4)


def test_units_and_levels_of_a_series_change_nothing_but_the_units_of_its_forecast(network):
    values = np.random.default_rng(0).normal(size=(3, 32)).cumsum(axis=1).astype("float32")
    known = np.ones_like(values)
    wide = keras.models.clone_model(network)  # heads that start at zero would hide a difference
    wide.set_weights([np.random.default_rng(1).normal(size=w.shape) / 4 for w in network.get_weights()])
    plain = forecast(wide, values, known, 4)
    np.testing.assert_allclose(forecast(wide, values * 1e9, known, 4), plain * 1e9, rtol=1e-3, atol=1e6)
    np.testing.assert_allclose(forecast(wide, values + 50, known, 4), plain + 50, rtol=1e-3, atol=1e-3)


def test_quantiles_never_cross_and_the_middle_one_is_free():
    numbers = np.random.default_rng(0).normal(0, 30, (50, 11)).astype("float32")
    quantiles = np.asarray(IncreasingQuantiles()(numbers))
    assert (np.diff(quantiles, axis=-1) >= 0).all()
    np.testing.assert_array_equal(quantiles[:, 5], numbers[:, 5])


def test_the_quantile_loss_is_that_of_the_definition():
    quantiles = np.array([[1.0, 2.0, 5.0]], "float32")
    loss = np.asarray(pinball_loss(np.array([3.0], "float32"), quantiles, (0.1, 0.5, 0.9)))
    np.testing.assert_allclose(loss, [(0.1 * 2 + 0.5 * 1 + 0.1 * 2) / 3], rtol=1e-6)


@pytest.mark.parametrize("levels", [(), (0.1, 0.9), (0.5, 0.1, 0.9), (0.0, 0.5, 1.0), (0.2, 0.5, 0.9)])
def test_levels_that_do_not_rise_around_the_median_are_refused(levels):
    with pytest.raises(ValueError, match="quantiles must rise between 0 and 1"):
        check_levels("build_forecaster", levels)


def test_the_naive_error_counts_pairs_that_are_known_alone():
    values = np.array([[5.0, 1.0, 2.0, 4.0, 9.0, 0.0]], "float32")
    known = np.array([[1.0, 1.0, 1.0, 0.0, 1.0, 1.0]], "float32")
    np.testing.assert_allclose(naive_error(values, known, column(2)), [[(3 + 7) / 2]])
    np.testing.assert_allclose(naive_error(values, known, column(9)), [[0.0]])


def test_inputs_of_the_steps_ahead_come_from_the_season_before():
    scaled = np.arange(8, dtype="float32")[None] / 10
    known = np.ones_like(scaled)
    known[0, 0] = 0
    past, future, baseline = map(np.asarray, SeasonalInputs(5)(scaled, known, column(3), column(1)))
    np.testing.assert_allclose(past[0, :, 2], [0, 0, 0, 0, 0.1, 0.2, 0.3, 0.4])
    np.testing.assert_allclose(past[0, :, 3], [0, 0, 0, 0, 1, 1, 1, 1])
    np.testing.assert_allclose(future[0, :, 0], [0.5, 0.6, 0.7, 0.5, 0.6])
    np.testing.assert_allclose(future[0, :, 2], [0.2, 0.3, 0.4, 0.2, 0.3])
    np.testing.assert_allclose(baseline[0], future[0, :, 0])
    assert (future[0, :, 6:8] == 0).all()  # no second season
    np.testing.assert_allclose(past[0, -3:, 6], future[0, :3, 8], atol=1e-6)  # the phase goes on


def test_a_constant_series_and_one_with_a_single_known_value_have_finite_losses():
    model = loss_network(pretrained_network(32, 16, units=8))
    past = np.array([np.zeros(32), np.full(32, 1e20), np.r_[np.zeros(31), 7]], "float32")
    known = np.ones_like(past)
    known[2, :31] = 0
    losses = model([past, known, column(1, 12, 1), column(1, 1, 1), np.repeat(past[:, -1:], 16, axis=1)])
    assert np.isfinite(np.asarray(losses)).all()


def test_the_network_of_the_weights_is_small():
    network = pretrained_network()
    assert network.output_shape == (None, HORIZON, len(LEVELS))
    assert network.input_shape[0] == (None, TIMESTEPS)
    assert 4 * network.count_params() < 5e6  # bytes of the file
