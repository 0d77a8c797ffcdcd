"""draw_series: what every training batch may rely on."""

import subprocess
import sys

import numpy as np
import pytest

from seqkit.pretraining import histories
from seqkit.pretraining.draw import KINDS, MIXTURE, draw_kind, draw_series, guarded
from seqkit.pretraining.seasons import PAIRS, SEASONS

STEPS, FUTURE = 320, 64


@pytest.fixture(scope="module")
def drawn():
    return draw_series(np.random.default_rng(5), 1024, STEPS, FUTURE)


def past_lengths(drawn):
    return STEPS - FUTURE - np.argmax(drawn.known, axis=1)


def test_shapes_and_types(drawn):
    assert drawn.values.shape == drawn.known.shape == (1024, STEPS)
    assert drawn.season.shape == drawn.second_season.shape == (1024,)
    assert (drawn.values.dtype, drawn.known.dtype, drawn.season.dtype.kind) == (np.float32, bool, "i")
    assert drawn.season.min() == drawn.second_season.min() == 1


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(
    ("count", "steps", "future"), [(128, 320, 64), (64, 96, 24), (1, 2, 1), (32, 9, 0), (3, 40, 39)]
)
def test_all_values_are_finite_and_the_horizon_is_known(seed, count, steps, future):
    drawn = draw_series(np.random.default_rng(seed), count, steps, future)
    assert np.isfinite(drawn.values).all()
    assert drawn.known[:, steps - future :].all()
    assert drawn.known.any(axis=1).all()


def test_the_same_seed_draws_the_same_bits_and_another_seed_others():
    first, second, other = (draw_series(np.random.default_rng(seed), 200, 160, 24) for seed in (1, 1, 2))
    for left, right in zip(first, second, strict=True):
        assert left.tobytes() == right.tobytes()
    assert not np.array_equal(first.values, other.values)


def test_the_generator_goes_on_where_it_was():
    generator = np.random.default_rng(1)
    batches = [draw_series(generator, 64, 96, 12).values for _ in range(2)]
    assert not np.array_equal(*batches)


def test_what_is_not_known_is_zero(drawn):
    assert not drawn.values[~drawn.known].any()


def test_histories_are_of_all_lengths_and_a_few_have_holes(drawn):
    lengths = past_lengths(drawn)
    assert lengths.min() == histories.SHORTEST
    assert lengths.max() == STEPS - FUTURE
    assert 0.15 < (lengths < 32).mean() < 0.45
    holes = drawn.known.sum(axis=1) < lengths + FUTURE
    assert 0.02 < holes.mean() < 0.2
    assert drawn.known[:, STEPS - FUTURE - 1].all()


def test_a_told_season_is_held_by_the_history_one_and_a_half_times(drawn):
    lengths = past_lengths(drawn)
    for season in (drawn.season, drawn.second_season):
        told = season > 1
        assert told.any()
        assert (lengths[told] >= histories.CYCLES * season[told]).all()
    assert (drawn.season > 1)[drawn.second_season > 1].all()


def test_the_common_seasons_come_most_often_and_some_series_have_none(drawn):
    often = [(drawn.season == season).mean() for season in (1, 12, 24, 7, 4)]
    assert min(often) > 0.05
    assert 0.15 < often[0] < 0.45
    assert (drawn.second_season == 168).mean() > 0.01


def test_seasons_are_hidden_and_invented_now_and_then():
    generator, count = np.random.default_rng(0), 4000
    season, length = np.repeat([1, 12], count // 2), np.full(count, 100)
    told, second = histories.tell_seasons(generator, season, np.where(season > 1, 36, 1), length)
    invented, hidden = (told[: count // 2] > 1).mean(), (told[count // 2 :] == 1).mean()
    assert 0.04 < invented < 0.15
    assert 0.02 < hidden < 0.07
    assert set(told[count // 2 :]) == {1, 12}
    assert set(second) == {1, 36}


def test_a_season_is_not_told_where_the_history_is_too_short_for_it():
    season = np.full(500, 24)
    told, _ = histories.tell_seasons(np.random.default_rng(0), season, np.ones(500, int), np.full(500, 35))
    assert (told == 1).all()


def test_many_series_are_above_zero_and_sizes_differ_by_decades(drawn):
    lowest = np.where(drawn.known, drawn.values, np.inf).min(axis=1)
    assert 0.5 < (lowest > 0).mean() < 0.85
    sizes = np.log10(np.abs(drawn.values).max(axis=1))
    assert np.ptp(np.quantile(sizes, [0.1, 0.9])) > 4


def test_hardly_any_history_is_flat(drawn):
    flat = [np.ptp(row[:-FUTURE][known[:-FUTURE]]) == 0 for row, known in zip(drawn.values, drawn.known, strict=True)]
    assert np.mean(flat) < 0.03


def test_the_mixture_names_every_kind_and_its_weights_are_positive():
    assert set(MIXTURE) == {*KINDS, "two_seasons"}
    assert min([*MIXTURE.values(), *SEASONS.values(), *PAIRS.values()]) > 0


@pytest.mark.parametrize("kind", MIXTURE)
def test_every_kind_has_its_shape_is_finite_and_is_drawn_for_one_series_too(kind):
    for seed, count in ((0, 60), (1, 1), (2, 1), (3, 1)):
        values, season, second = draw_kind(np.random.default_rng(seed), kind, count, 150, longest=60)
        assert (values.shape, season.shape, second.shape) == ((count, 150), (count,), (count,))
        assert np.isfinite(values).all()
        assert season.max() <= 60


def test_what_is_not_finite_or_blew_up_is_mended():
    values = np.random.default_rng(0).standard_normal((3, 100)).astype(np.float32)
    broken = values.copy()
    broken[1, 5] = np.inf
    broken[2, 5] = 1e9
    mended = guarded(np.random.default_rng(0), broken.copy())
    np.testing.assert_array_equal(mended[0], values[0])
    assert np.isfinite(mended).all()
    assert 100 < mended[2].max() < 1e4
    np.testing.assert_array_equal(np.delete(mended[2], 5), np.delete(values[2], 5))


@pytest.mark.parametrize(
    ("count", "steps", "future", "message"),
    [
        (0, 10, 2, "draw_series: count must be 1 or more, got 0"),
        (4, 10, 10, "draw_series: steps must be 11 or more, got 10"),
        (4, 10, -1, "draw_series: future must be 0 or more, got -1"),
    ],
)
def test_a_draw_without_a_past_is_refused(count, steps, future, message):
    with pytest.raises(ValueError, match=message):
        draw_series(np.random.default_rng(0), count, steps, future)


def test_drawing_imports_neither_pandas_nor_tensorflow():
    code = "import sys, seqkit.pretraining.draw; print({'pandas', 'tensorflow', 'keras'} & set(sys.modules))"
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert process.stdout.strip() == "set()"
