"""Exponential smoothing and Theta: against statsmodels, against loops, and on series that have an exact answer."""

import keras
import numpy as np
import pytest
from keras import ops
from statsmodels.tsa.holtwinters import ExponentialSmoothing as Smoothing
from statsmodels.tsa.statespace.exponential_smoothing import ExponentialSmoothing as StateSpace

from seqkit.layers import ExponentialSmoothing, Theta
from seqkit.layers.exponential_smoothing import DAMPED_TRENDS, UNDAMPED_TREND, forecasts_together
from seqkit.layers.season_shapes import season_shape_without_trend
from seqkit.layers.smoothing_states import Grid, States, grid_of, line_of, smoothed, weights_of

SEASON = np.array([3.0, -1.0, -2.0, 0.0])
BOTH = pytest.mark.parametrize("kind", [ExponentialSmoothing, Theta])


def series(seed=0, seasons=6, slope=0.1):
    noise = np.random.default_rng(seed).normal(0, 0.3, 4 * seasons)
    return (5 + slope * np.arange(4 * seasons) + np.tile(SEASON, seasons) + noise).astype("float32")


def forecast_of(layer, values):
    return ops.convert_to_numpy(layer(np.reshape(values, (1, -1, 1)).astype("float32")))[0, :, 0]


def point(alpha, beta, phi, gamma):
    return Grid(*np.array([[alpha], [beta], [phi], [gamma]], "float32"))


def states(level, trend, season):
    return States(*(np.reshape(part, (1, 1, 1, *np.shape(part))).astype("float32") for part in (level, trend, season)))


def test_one_point_of_the_grid_is_the_state_space_form_of_statsmodels():
    values, (alpha, beta, phi, gamma) = series(), (0.4, 0.12, 0.9, 0.3)
    model = StateSpace(
        values,
        trend=True,
        damped_trend=True,
        seasonal=4,
        initialization_method="known",
        initial_level=5.0,
        initial_trend=0.2,
        initial_seasonal=SEASON[::-1],  # the latest first
    )
    expected = model.smooth([alpha, beta, gamma, phi]).forecast(7)
    grid = point(alpha, beta, phi, gamma)
    _, last = smoothed(values[None, :, None], grid, states(5.0, 0.2, SEASON), 7)
    found = ops.convert_to_numpy(last.ahead(grid.phi, 7))[0, 0, 0]
    np.testing.assert_allclose(found, np.asarray(expected), rtol=2e-3)


def test_errors_are_those_of_all_forecasts_from_the_second_season_on():
    values, first = series(), states(5.0, 0.2, SEASON)
    grid = point(0.4, 0.12, 0.9, 0.3)
    errors, _ = smoothed(values[None, :, None], grid, first, 3)
    distances = []
    for known in range(5, 24):
        _, last = smoothed(values[None, :known, None], grid, first, 3)
        ahead = ops.convert_to_numpy(last.ahead(grid.phi, 3))[0, 0, 0]
        came = values[known : known + 3]
        distances += list(np.abs(came - ahead[: len(came)]))
    assert float(errors[0, 0, 0]) == pytest.approx(np.mean(distances), rel=1e-4)


def test_weights_are_errors_to_the_power_of_a_tenth_of_the_steps():
    past = np.random.default_rng(0).normal(size=(1, 40, 1)).astype("float32")
    weights = ops.convert_to_numpy(weights_of(np.array([[[1.0, 2.0, 4.0]]], "float32"), past))[0, 0]
    expected = np.array([1.0, 2.0, 4.0]) ** -4
    np.testing.assert_allclose(weights, expected / expected.sum(), rtol=1e-4)


def test_the_line_through_a_straight_series_and_a_season_beside_a_trend_are_found():
    values = 2.0 + 0.5 * np.arange(12, dtype="float32")
    start, slope = line_of(values[None, :, None])
    assert (float(start[0, 0]), float(slope[0, 0])) == pytest.approx((1.5, 0.5), rel=1e-5)
    shape = season_shape_without_trend((values + np.tile(SEASON, 3).astype("float32"))[None, :, None], 4, 0.4)
    np.testing.assert_allclose(ops.convert_to_numpy(shape)[0, :, 0], SEASON, atol=1e-5)


@BOTH
def test_a_season_around_a_level_is_continued_exactly(kind):
    forecast = forecast_of(kind(6, season=4), 5 + np.tile(SEASON, 4))
    np.testing.assert_allclose(forecast, 5 + np.resize(SEASON, 6), atol=1e-4)


def test_a_trend_is_damped_by_smoothing_and_halved_by_theta():
    values = 2.0 + 0.5 * np.arange(40)
    damped = np.diff(forecast_of(ExponentialSmoothing(8), values))
    assert (damped[:-1] > damped[1:]).all()
    assert 0 < damped[-1] < damped[0] < 0.5
    np.testing.assert_allclose(np.diff(forecast_of(Theta(8), values)), 0.25, atol=1e-3)


def test_theta_without_a_season_is_smoothing_with_half_the_slope_as_drift():
    """The sum of half the line and half the smoothed second line, of Assimakopoulos & Nikolopoulos, for each alpha."""
    values = series(3, 15, 0.2)
    steps = np.arange(len(values))
    slope, start = np.polyfit(steps, values, 1)
    grid = grid_of(UNDAMPED_TREND, 1)
    layer = Theta(3)
    layer.build((1, len(values), 1))
    _, first = layer.start(values[None, :, None])
    _, last = smoothed(values[None, :, None], grid, first, 3)
    found = ops.convert_to_numpy(last.ahead(grid.phi, 3))[0, 0]
    for number, alpha in enumerate(grid.alpha[1:], start=1):  # the smallest alpha remembers how it began
        second = 2 * values - (start + slope * steps)
        level = Smoothing(second, initialization_method="known", initial_level=second[:4].mean()).fit(
            smoothing_level=float(alpha), optimized=False
        )
        line = start + slope * (len(values) + np.arange(3))
        np.testing.assert_allclose(found[number], (np.asarray(level.forecast(3)) + line) / 2, rtol=5e-3)


@pytest.mark.parametrize("rows", [20, 40, 100])
def test_theta_follows_the_whole_of_a_trend_that_a_window_shows(rows):
    line = 3.0 + 0.5 * np.arange(rows + 6)
    np.testing.assert_allclose(forecast_of(Theta(6, judges_trend=True), line[:rows]), line[rows:], atol=0.05)
    seasonal = np.resize(SEASON, rows + 6) + line
    forecast = forecast_of(Theta(6, season=4, judges_trend=True), seasonal[:rows])
    np.testing.assert_allclose(forecast, seasonal[rows:], atol=0.05)


def test_theta_follows_half_of_a_trend_where_the_window_does_not_tell():
    walk = np.random.default_rng(4).normal(size=60).cumsum()
    half, judged = (np.diff(forecast_of(Theta(8, judges_trend=judges), walk)) for judges in (False, True))
    np.testing.assert_allclose(judged, half, rtol=0.05)


@BOTH
def test_the_forecast_is_near_that_of_smoothing_fitted_by_likelihood(kind):
    values = series(5, 12, 0.05)
    fitted = Smoothing(values, trend="add", damped_trend=True, seasonal="add", seasonal_periods=4).fit()
    forecast = forecast_of(kind(4, season=4), values)
    assert np.abs(forecast - np.asarray(fitted.forecast(4))).mean() < 0.3  # the standard deviation of the noise


@BOTH
def test_all_columns_and_windows_are_forecast_by_themselves_and_in_their_units(kind):
    past = np.stack([series(seed) for seed in range(6)]).reshape(2, 3, 24).transpose(0, 2, 1)
    layer = kind(5, season=4, long_season=12)
    together = ops.convert_to_numpy(layer(past))
    alone = [forecast_of(kind(5, season=4, long_season=12), past[1, :, 2] * 7 - 3)]
    np.testing.assert_allclose(together[1, :, 2] * 7 - 3, alone[0], rtol=1e-3)


@BOTH
@pytest.mark.parametrize("timesteps", [1, 2, 3, 7])
def test_windows_of_few_steps_and_of_equal_values_are_forecast(kind, timesteps):
    assert np.isfinite(forecast_of(kind(3, season=4, long_season=8), np.arange(timesteps))).all()
    np.testing.assert_allclose(forecast_of(kind(3, season=2), np.full(timesteps, 5.0)), 5, rtol=1e-5)


@BOTH
@pytest.mark.parametrize("seasons", [(4, 12), (1, 1)])
def test_a_graph_that_does_not_know_the_number_of_steps_gives_the_same(kind, seasons):
    values = series()[None, 1:, None]
    inputs = keras.Input((None, 1))
    model = keras.Model(inputs, kind(5, *seasons)(inputs))
    fixed = ops.convert_to_numpy(kind(5, *seasons)(values))
    np.testing.assert_allclose(model.predict(values, verbose=0), fixed, rtol=1e-5)


def test_one_loop_for_both_gives_the_same_as_a_loop_each():
    past = series()[None, :, None]
    both = [ExponentialSmoothing(5, 4), Theta(5, 4)]
    for layer in both:
        layer.build(past.shape)
    for layer, forecast in zip(both, forecasts_together(both, past), strict=True):
        np.testing.assert_allclose(ops.convert_to_numpy(layer(past)), ops.convert_to_numpy(forecast), rtol=1e-5)


def test_the_grid_has_all_combinations_and_no_season_where_there_is_none():
    assert len(grid_of(DAMPED_TRENDS, 12).alpha) == 64
    without = grid_of(DAMPED_TRENDS, 1)
    assert len(without.alpha) == 16
    assert not without.gamma.any()
    assert (without.beta <= without.alpha).all()
