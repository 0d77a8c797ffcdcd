"""Each kind of synthetic series has the property that names it."""

import numpy as np
import pytest

from seqkit.pretraining import arima, counts, gaussian_processes, parts, patterns, shapes, structural, switching
from seqkit.pretraining.two_seasons import two_seasons

KINDS_WITH_SEASONS = {
    "structural": structural.structural,
    "seasonal_arima": arima.seasonal_arima,
    "switching": switching.switching,
    "gaussian_processes": gaussian_processes.gaussian_processes,
    "counts": counts.counts,
    "squares": shapes.squares,
    "sawteeth": shapes.sawteeth,
    "spikes": shapes.spikes,
}


@pytest.fixture
def generator():
    return np.random.default_rng(11)


def autocorrelation(values, lag):
    """Of the differences at `lag`, averaged over the rows, which levels do not hide."""
    changes = np.diff(values.astype(float), axis=1)
    centred = changes - changes.mean(axis=1, keepdims=True)
    power = (centred**2).mean(axis=1)
    rows = power > 0
    together = (centred[:, lag:] * centred[:, :-lag]).mean(axis=1)
    return (together[rows] / power[rows]).mean()


@pytest.mark.parametrize("kind", KINDS_WITH_SEASONS)
@pytest.mark.parametrize("season", [7, 12])
def test_steps_one_season_apart_are_more_alike_than_others(generator, kind, season):
    values = KINDS_WITH_SEASONS[kind](generator, 300, 240, np.full(300, season))
    others = [autocorrelation(values, lag) for lag in range(2, season - 1)]
    assert autocorrelation(values, season) > max(others) + 0.05
    without = KINDS_WITH_SEASONS[kind](generator, 300, 240, np.ones(300, int))
    assert autocorrelation(values, season) > autocorrelation(without, season) + 0.05


def test_two_seasons_both_show(generator):
    season, second = np.full(300, 6), np.full(300, 30)
    values = two_seasons(generator, 300, 300, season, second)
    assert autocorrelation(values, 30) > autocorrelation(values, 6) > autocorrelation(values, 9) + 0.1
    assert autocorrelation(values, 30) > max(autocorrelation(values, lag) for lag in (24, 36))


# Counts


def test_poisson_counts_are_whole_and_as_spread_as_their_mean(generator):
    drawn = counts.poisson(generator, np.full((4, 5000), 9.0))
    np.testing.assert_array_equal(drawn, np.rint(drawn))
    np.testing.assert_allclose(drawn.mean(axis=1), 9, rtol=0.05)
    np.testing.assert_allclose(drawn.var(axis=1), 9, rtol=0.1)


def test_negative_binomial_counts_are_more_spread_than_their_mean(generator):
    drawn = counts.negative_binomial(generator, np.full((50, 2000), 9.0))
    np.testing.assert_array_equal(drawn, np.rint(drawn))
    assert drawn.mean() == pytest.approx(9, rel=0.1)
    assert np.median(drawn.var(axis=1) / drawn.mean(axis=1)) > 1.3


def test_intermittent_demand_is_mostly_zero_and_never_below(generator):
    drawn = counts.intermittent(generator, np.full((100, 200), 3.0))
    assert (drawn == 0).mean() > 0.5
    assert drawn.min() == 0
    np.testing.assert_array_equal(drawn, np.rint(drawn))


def test_counts_are_whole_numbers_from_zero(generator):
    drawn = counts.counts(generator, 200, 100, np.full(200, 7))
    np.testing.assert_array_equal(drawn, np.rint(drawn))
    assert drawn.min() == 0
    assert drawn.max() <= 10 * counts.MOST


# Seasonal ARIMA


def test_a_difference_of_a_half_is_undone_as_by_hand():
    """(1 - B)^-1/2 = 1 + 1/2 B + 3/8 B^2 + 5/16 B^3 + ..."""
    pulse = np.array([[1.0, 0, 0, 0], [1.0, 2, 0, 0]])
    by_hand = [[1, 1 / 2, 3 / 8, 5 / 16], [1, 5 / 2, 11 / 8, 17 / 16]]
    np.testing.assert_allclose(arima.integrated(pulse, np.full(2, 0.5)), by_hand, atol=1e-12)


@pytest.mark.parametrize(("order", "expected"), [(0, [1, 2, -1, 4]), (1, [1, 3, 2, 6]), (2, [1, 4, 6, 12])])
def test_whole_differences_are_undone_by_sums(order, expected):
    values = np.array([[1.0, 2, -1, 4]])
    np.testing.assert_allclose(arima.integrated(values, np.array([float(order)])), [expected], atol=1e-12)


def test_poles_and_zeros_lie_inside_the_disc_and_their_number_is_the_order(generator):
    for order in range(9):
        coefficients = arima.polynomial(generator, order)
        assert (coefficients[0], len(coefficients)) == (1, order + 1)
        assert np.abs(np.roots(coefficients)).max(initial=0) <= arima.RADIUS + 1e-6


def test_a_block_is_a_run_of_one_season_of_at_most_eight():
    season = np.array([12] * 10 + [1] * 2 + [4])
    assert arima.blocks(season) == [slice(0, 8), slice(8, 10), slice(10, 12), slice(12, 13)]
    assert arima.blocks(np.ones(0, int)) == []


def test_a_filter_by_season_joins_steps_one_season_apart():
    values = np.array([[1.0, 10, 100, 1, 10, 100, 1]])
    summed = arima._by_season(values, 3, np.ones(1), np.array([1.0, -1.0]))
    np.testing.assert_allclose(summed, [[1, 10, 100, 2, 20, 200, 3]])


# Parts


@pytest.mark.parametrize("steps", [1, 2, 37])
def test_a_recursion_is_the_loop(generator, steps):
    shocks = generator.standard_normal((3, steps))
    fixed = generator.uniform(-1, 1, (3, 1))
    for decay in (fixed, generator.uniform(-1, 1, (3, steps)), fixed * np.exp(1j * fixed)):
        factors = np.broadcast_to(decay, shocks.shape)
        expected = shocks.astype(factors.dtype)
        for step in range(1, steps):
            expected[:, step] += factors[:, step] * expected[:, step - 1]
        np.testing.assert_allclose(parts.recursion(decay, shocks), expected, atol=1e-12)


def test_noise_and_stationary_parts_have_the_spread_one(generator):
    noise = parts.noise(generator, 200, 500, heavy=0)
    part = parts.stationary(generator, np.full((200, 1), 0.8, np.float32), 500)
    for values in (noise, part, part[:, :5]):
        assert values.std() == pytest.approx(1, abs=0.06)


def test_multiplied_rows_are_above_zero(generator):
    values = parts.multiplied(generator, parts.normals(generator, 50, 40), share=1)
    assert (values > 0).all()


# Patterns, levels, cycles, regimes


def test_a_pattern_has_mean_0_and_spread_1_over_its_own_season_and_repeats(generator):
    season = np.array([1, 2, 4, 12, 7, 168] * 20)
    table = patterns.draw_patterns(generator, season)
    assert table.shape == (120, 168)
    laid_out = patterns.at_phases(table, season, np.zeros(120, int), 400)
    for row, length in zip(laid_out, season, strict=True):
        if length > 1:
            assert row[:length].mean() == pytest.approx(0, abs=1e-4)
            assert row[:length].std() == pytest.approx(1, abs=1e-3)
        np.testing.assert_array_equal(row[length:], row[:-length])
    assert not laid_out[season == 1].any()


def test_levels_of_a_few_series_do_not_leave_single_precision(generator):
    assert np.abs(structural.levels(generator, 2000, 320)).max() < 1e4


def test_cycles_turn_with_the_periods_they_are_drawn_from(generator):
    power = np.abs(np.fft.rfft(structural.cycles(generator, 300, 1024), axis=1)) ** 2
    period = 1024 / np.maximum(power[:, 1:].argmax(axis=1) + 1, 1)
    assert 12 < np.quantile(period, 0.1) < 30
    assert 100 < np.quantile(period, 0.9) < 260


def test_both_regimes_reign_and_stay(generator):
    second = switching.regimes(generator, 300, 400)
    assert 0.4 < second.mean() < 0.6
    assert (second[:, 1:] == second[:, :-1]).mean() > 0.9


# Gaussian processes


def test_a_sample_has_the_covariance_that_was_asked_for(generator):
    lag = np.arange(64.0)
    kernel = gaussian_processes.radial(lag, 5.0)
    draws = gaussian_processes.sample(generator, np.repeat(kernel[None], 6000, axis=0), 32)
    measured = [(draws[:, 8] * draws[:, 8 + step]).mean() for step in range(12)]
    np.testing.assert_allclose(measured, kernel[:12], atol=0.05)


def test_kernels_are_one_at_lag_0_and_periodic_ones_return():
    assert gaussian_processes.radial(np.zeros(1), 3.0) == 1
    assert gaussian_processes.rational(np.zeros(1), 3.0, 0.5) == 1
    repeats = gaussian_processes.periodic(np.array([0, 6, 12, 24.0]), np.array([12.0]), 0.8)
    np.testing.assert_allclose(repeats, [1, np.exp(-2 / 0.64), 1, 1], atol=1e-12)


# Shapes


def test_spikes_come_at_one_phase(generator):
    values = shapes.spikes(generator, 40, 120, np.full(40, 12))
    height = np.abs(values.reshape(40, 10, 12)).mean(axis=1)
    assert (height.max(axis=1) > 3 * np.median(height, axis=1)).mean() > 0.9


def test_jumps_are_rare(generator):
    values = shapes.jumps(generator, 200, 300, np.ones(200, int))
    moved = np.abs(np.diff(values, axis=1))
    large = moved > 5 * np.quantile(moved, 0.9, axis=1, keepdims=True)
    assert 0 < large.mean() < 0.03
