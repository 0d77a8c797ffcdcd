"""Windows of many series: where they begin, and passes through them that hold no list of windows."""

import numpy as np
import pandas as pd
import pytest

import seqkit as sk
from seqkit.data.panel_windows import cut_panel_windows
from seqkit.data.runs import Permutation, Runs

LENGTHS = {"a": 61, "b": 17, "c": 7, "d": 29, "short": 4}
TIMESTEPS, HORIZON = 5, 2
COUNTS = {name: max(0, rows - TIMESTEPS - HORIZON + 1) for name, rows in LENGTHS.items()}


def panel(**values):
    """Series whose values tell the series, by the hundreds, and the row."""
    parts = [
        pd.DataFrame({"x": values.get(name, 100.0 * at + np.arange(rows)), "shop": name, "day": days(rows)})
        for at, (name, rows) in enumerate(LENGTHS.items())
    ]
    return sk.as_panel(pd.concat(parts), series="shop", time="day")


def days(rows):
    return pd.date_range("2024-01-01", periods=rows, freq="D")


@pytest.fixture
def windows():
    with pytest.warns(sk.SeqkitWarning, match="leave no window of 1 of 5 series: 'short'"):
        return cut_panel_windows(panel(), TIMESTEPS, HORIZON, [0], where="here")


def series_of(starts):
    """The series in which windows begin, and whether they end in it."""
    begins = np.cumsum([0, *LENGTHS.values()])
    return np.searchsorted(begins, starts, side="right") - 1


def drawn(runs, seed=0):
    return np.asarray(runs.drawn(np.random.default_rng(seed))[:])


def test_each_window_lies_in_one_series(windows):
    assert len(windows) == sum(COUNTS.values())
    for x, y in windows:
        rows = np.concatenate([x, y])[:, 0]
        assert np.diff(rows).tolist() == [1] * (TIMESTEPS + HORIZON - 1)


def test_the_windows_are_numbered_through_all_series(windows):
    starts = windows.starts[:]
    assert np.unique(starts).size == len(windows)
    assert np.bincount(series_of(starts)).tolist() == [count for count in COUNTS.values() if count]
    assert windows.starts[-1] == starts[-1]
    with pytest.raises(IndexError, match="there are 90 windows"):
        windows.starts[90]


def test_a_shuffled_pass_has_each_window_once_at_most(windows):
    runs = windows.starts
    starts = drawn(runs)
    assert len(starts) == runs.in_a_pass() == len(np.unique(starts))
    assert set(starts) <= set(runs[:])
    assert (np.diff(starts) < 0).any()


def test_a_pass_takes_the_median_of_windows_from_a_longer_series(windows):
    assert windows.starts.most_windows == np.median([count for count in COUNTS.values() if count])
    counts = np.bincount(series_of(drawn(windows.starts))).tolist()
    assert counts == [min(count, windows.starts.most_windows) for count in COUNTS.values() if count]


@pytest.mark.parametrize("most", [1, 3, 1000])
def test_most_windows_is_the_users_cap(most):
    with pytest.warns(sk.SeqkitWarning, match="short"):
        runs = cut_panel_windows(panel(), TIMESTEPS, HORIZON, [0], where="here", most_windows=most).starts
    counts = np.bincount(series_of(drawn(runs))).tolist()
    assert counts == [min(count, most) for count in COUNTS.values() if count]


def test_windows_of_a_long_series_lie_at_even_distances(windows):
    starts = np.sort(drawn(windows.starts))
    distances = np.diff(starts[series_of(starts) == 0])
    assert distances.max() - distances.min() <= 1


def test_each_pass_draws_other_windows_and_all_of_them_in_the_end(windows):
    passes = [drawn(windows.starts, seed) for seed in range(40)]
    assert len({tuple(np.sort(starts)) for starts in passes}) > 2
    assert set(np.concatenate(passes)) == set(windows.starts[:])


def test_the_same_seed_gives_the_same_order(windows):
    assert np.array_equal(drawn(windows.starts, 3), drawn(windows.starts, 3))
    assert not np.array_equal(drawn(windows.starts, 3), drawn(windows.starts, 4))


def test_batches_follow_the_seed_and_have_another_order_in_each_pass(windows):
    data = windows.dataset(7, shuffle=True, seed=5)
    first, second = (np.concatenate([x[:, 0, 0] for x, _ in data]) for _ in range(2))
    assert len(first) == windows.starts.in_a_pass()
    assert not np.array_equal(first, second)
    assert np.array_equal(np.concatenate([x[:, 0, 0] for x, _ in windows.dataset(7, shuffle=True, seed=5)]), first)
    assert len(data) == -(-windows.starts.in_a_pass() // 7)


def test_without_shuffling_batches_have_every_window_in_order(windows):
    x = np.concatenate([x for x, _ in windows.dataset(7)])
    assert np.array_equal(x, np.stack([window.x for window in windows]))


def test_windows_without_a_known_value_are_left_out():
    values = np.arange(61.0)
    values[20:30] = np.nan  # 6 windows of 5 unknown rows
    with pytest.warns(sk.SeqkitWarning, match="short"):
        windows = cut_panel_windows(panel(a=values), TIMESTEPS, HORIZON, [0], where="here")
    assert len(windows) == sum(COUNTS.values()) - 6
    assert not any(np.isnan(x).all() for x, _ in windows)


@pytest.mark.parametrize("count", [1, 2, 3, 16, 17, 1000])
def test_a_permutation_has_each_number_once(count):
    numbers = Permutation(count, np.random.default_rng(1))
    assert sorted(numbers[:].tolist()) == list(range(count))
    assert np.array_equal(np.concatenate([numbers[:7], numbers[7:]]), numbers[:])


def test_permutations_are_even():
    """Where the first of five numbers goes: each place is as likely, within five standard deviations."""
    random = np.random.default_rng(2)
    places = np.array([int(Permutation(5, random)[:1][0]) for _ in range(5000)])
    assert np.abs(np.bincount(places, minlength=5) - 1000).max() < 5 * np.sqrt(800)


def test_an_order_of_a_billion_windows_is_drawn_without_holding_it():
    runs = Runs(np.zeros(1, int), np.array([10**9]), np.zeros(1, int), 10**9)
    assert len(set(runs.drawn(np.random.default_rng(0))[10**8 : 10**8 + 1000].tolist())) == 1000
