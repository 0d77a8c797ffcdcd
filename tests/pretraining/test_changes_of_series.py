"""What is done to a series after it was drawn: where, how much, and never to the horizon where it concerns the past."""

import numpy as np
import pytest

from seqkit.pretraining import changes, past_changes

PAST_CHANGES = [past_changes.outliers, past_changes.shocks, past_changes.shifted_level, past_changes.censored]

LONG = np.full(200, 60)


@pytest.fixture
def generator():
    return np.random.default_rng(3)


@pytest.fixture
def values(generator):
    return generator.standard_normal((200, 90)).astype(np.float32)


@pytest.mark.parametrize("change", PAST_CHANGES)
def test_what_befalls_the_past_leaves_the_horizon_alone(generator, values, change):
    changed = change(generator, values.copy(), LONG, 30, share=1)
    np.testing.assert_array_equal(changed[:, 60:], values[:, 60:])
    assert (changed[:, :60] != values[:, :60]).any(axis=1).mean() > 0.3


@pytest.mark.parametrize("change", PAST_CHANGES)
def test_what_befalls_the_past_needs_none(generator, values, change):
    np.testing.assert_array_equal(change(generator, values.copy(), 0 * LONG, 90, share=1), values)
    np.testing.assert_array_equal(change(generator, values.copy(), LONG, 30, share=0), values)


@pytest.mark.parametrize("change", [past_changes.outliers, past_changes.shocks, past_changes.censored])
def test_what_was_above_zero_stays_so(generator, values, change):
    above = values - values.min() + 0.01
    assert change(generator, above.copy(), LONG, 30, share=1).min() > 0


def test_a_change_of_level_is_one_step(generator, values):
    moved = past_changes.shifted_level(generator, values.copy(), LONG, 30, share=1) - values
    assert (np.count_nonzero(np.abs(np.diff(moved, axis=1)) > 1e-3, axis=1) <= 1).all()


@pytest.mark.parametrize("change", [past_changes.outliers, past_changes.shocks])
def test_what_befalls_the_past_befalls_the_history_that_is_known(generator, values, change):
    changed = change(generator, values.copy(), LONG // 5, 30, share=1)
    np.testing.assert_array_equal(changed[:, :48], values[:, :48])
    assert (changed[:, 48:60] != values[:, 48:60]).any(axis=1).mean() > 0.3


def test_a_short_history_is_not_cut_off_at_one_value(generator):
    rising = np.tile(np.arange(90, dtype=np.float32), (200, 1))
    history = past_changes.censored(generator, rising, LONG // 5, 30, share=1)[:, 48:60]
    assert np.ptp(history, axis=1).min() >= 7


def test_censoring_cuts_at_one_bound(generator, values):
    past = past_changes.censored(generator, values.copy(), LONG, 30, share=1)[:, :60]
    top, bottom = (past == past.max(axis=1, keepdims=True)), (past == past.min(axis=1, keepdims=True))
    assert ((top.sum(axis=1) > 1) ^ (bottom.sum(axis=1) > 1)).mean() > 0.9


def test_a_mixture_is_mostly_the_row_itself_and_names_a_foreign_season_as_the_second(generator, values):
    season, second = np.repeat([1, 12, 24], [80, 60, 60]), np.ones(200, int)
    mixed, seconds = changes.mixed(generator, values, season, second, share=1)
    np.testing.assert_allclose(mixed.std(axis=1), 1, rtol=1e-4)
    like = np.array([np.corrcoef(one, other)[0, 1] for one, other in zip(mixed, values, strict=True)])
    assert like.min() > 0.3
    assert (like < 0.999).mean() > 0.5
    assert (seconds[season == 1] == 1).all()
    assert set(seconds[season == 12]) == {1, 24}


def test_nothing_is_mixed_with_a_share_of_0(generator, values):
    mixed, _ = changes.mixed(generator, values, np.ones(200, int), np.ones(200, int), share=0)
    centred = values - values.mean(axis=1, keepdims=True)
    np.testing.assert_allclose(mixed, centred / centred.std(axis=1, keepdims=True), atol=1e-4)


def test_an_amplitude_is_above_zero_and_bends_at_most_four_times(generator):
    amplitude = changes.modulated(generator, np.ones((100, 101), np.float32), share=1)
    assert amplitude.min() > 0
    bends = np.abs(np.diff(amplitude, n=2, axis=1)) > 1e-4
    assert bends.sum(axis=1).max() <= 8  # each bend falls between two steps


def test_flips(generator, values):
    np.testing.assert_array_equal(changes.flipped(generator, values.copy(), sign=1, time=0), -values)
    np.testing.assert_array_equal(changes.flipped(generator, values.copy(), sign=0, time=1), values[:, ::-1])


def test_lifted_rows_are_above_zero(generator, values):
    assert (changes.lifted(generator, values, share=1) > 0).all()


def test_scaled_rows_keep_their_form(generator, values):
    scaled = changes.scaled(generator, values)
    spread = scaled.std(axis=1)
    assert 1e-3 * 0.99 < spread.min() < 1 < 1e4 < spread.max() < 1e6 * 1.01
    np.testing.assert_allclose(
        scaled / spread[:, None], values / values.std(axis=1, keepdims=True), rtol=1e-3, atol=1e-5
    )


def test_rounded_rows_take_few_values(generator, values):
    rounded = changes.rounded(generator, values.copy(), share=1)
    few = np.array([len(np.unique(row)) for row in rounded])
    assert few.max() < 90
    assert np.abs(rounded - values).max() < 0.6 * values.std(axis=1).max() / 3 + 1e-3
    assert np.isfinite(changes.rounded(generator, np.ones((4, 9), np.float32), share=1)).all()
