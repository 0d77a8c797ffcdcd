"""reshape and make_windows: which row ends up where, and that nothing is copied before it is asked for."""

import re
import tracemalloc

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqkit.data.reshape import reshape
from seqkit.data.splits import split
from seqkit.data.windows import make_windows


def daily(rows, **columns):
    index = pd.date_range("2024-01-01", periods=rows, freq="D")
    return pd.DataFrame(columns or {"sales": np.arange(float(rows))}, index)


def counted(rows, columns=1):
    """Every value says its row: 100 * row + column."""
    return 100.0 * np.arange(rows)[:, None] + np.arange(columns)


def target_rows(windows):
    """The row numbers of the targets of each window."""
    return [[int(value) // 100 for value in y[:, 0]] for _, y in windows]


def joined(batches):
    return [row for batch in batches for row in batch]


def epoch(dataset):
    """The target row each window of one epoch starts with, batch by batch."""
    return [[int(value) // 100 for value in batch[1][:, 0, 0]] for batch in dataset.as_numpy_iterator()]


# reshape


def test_a_series_a_row_becomes_steps_of_one_feature():
    values = np.arange(3 * 5).reshape(3, 5)
    samples = reshape(values, timesteps=5)
    assert samples.shape == (3, 5, 1)
    assert samples[2, :, 0].tolist() == values[2].tolist()


def test_a_row_of_features_becomes_one_step():
    values = np.arange(3 * 5).reshape(3, 5)
    samples = reshape(values, timesteps=1)
    assert samples.shape == (3, 1, 5)
    assert samples[2, 0].tolist() == values[2].tolist()


@pytest.mark.parametrize("sizes", [{"timesteps": 3}, {"features": 5}, {"timesteps": 3, "features": 5}])
def test_a_row_is_read_step_by_step_whichever_of_the_two_is_given(sizes):
    values = np.arange(2 * 15).reshape(2, 15)
    samples = reshape(values, **sizes)
    assert samples.shape == (2, 3, 5)
    assert samples[1, 2].tolist() == [25, 26, 27, 28, 29]


def test_reshape_takes_a_table():
    frame = daily(3, a=[1.0, 2, 3], b=[4.0, 5, 6])
    assert reshape(frame, timesteps=2)[:, :, 0].tolist() == [[1, 4], [2, 5], [3, 6]]


@pytest.mark.parametrize(
    ("values", "sizes", "message"),
    [
        (np.zeros((3, 5)), {}, "reshape: give timesteps or features; a row holds 5 values"),
        (np.zeros((3, 5)), {"timesteps": 2}, "timesteps=2 x features=2 makes 4 values a row, got rows of 5"),
        (np.zeros((3, 5)), {"features": 2}, "timesteps=2 x features=2 makes 4 values a row, got rows of 5"),
        (np.zeros((3, 5)), {"timesteps": 5, "features": 3}, "Choose two whole numbers whose product is 5"),
        (np.zeros((3, 5)), {"timesteps": 7}, "timesteps=7 x features=0 makes 0 values a row"),
        (np.zeros((3, 5)), {"timesteps": 0}, "makes 0 values a row, got rows of 5"),
        (np.zeros((3, 5)), {"features": 0}, "features must be 1 or more, got 0"),
        (np.zeros((3, 0)), {"timesteps": 1}, "got rows of 0"),
        (np.zeros(5), {"timesteps": 5}, "wanted a 2-D array [samples, timesteps * features], got 1-D of shape (5,)"),
        (np.zeros((2, 3, 5)), {"timesteps": 5}, "got 3-D of shape (2, 3, 5)"),
        (np.zeros((0, 5)), {"timesteps": 5}, "got no rows at all (shape (0, 5))"),
        (np.array([["3", "5"]]), {"timesteps": 2}, "wanted numbers, got dtype <U1"),
        (np.array([[3, None]]), {"timesteps": 2}, "wanted numbers, got dtype object"),
    ],
)
def test_what_cannot_be_reshaped_is_refused_in_words(values, sizes, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        reshape(values, **sizes)


@pytest.mark.parametrize("timesteps", [2.5, True, np.nan, "5"])
def test_timesteps_that_are_no_whole_number_are_refused(timesteps):
    with pytest.raises(TypeError, match=f"timesteps must be a whole number, got {timesteps!r}"):
        reshape(np.zeros((3, 5)), timesteps=timesteps)
    with pytest.raises(TypeError, match=f"timesteps must be a whole number, got {timesteps!r}"):
        make_windows(np.zeros((7, 1)), timesteps=timesteps, horizon=2)


# Windows, one by one


def test_a_window_is_followed_by_its_targets():
    x, y = make_windows(counted(11, columns=2), timesteps=3, horizon=2)[5]
    assert x.tolist() == [[500, 501], [600, 601], [700, 701]]
    assert y.tolist() == [[800, 801], [900, 901]]
    assert x.dtype == y.dtype == np.float32


def test_windows_have_a_length_an_order_and_an_end():
    windows = make_windows(counted(11), timesteps=3, horizon=2)
    assert len(windows) == 7
    assert target_rows(windows) == [[first, first + 1] for first in range(3, 10)]
    assert windows[-1].y.tolist() == windows[6].y.tolist() == [[900], [1000]]
    for outside in (7, -8):
        with pytest.raises(IndexError):
            windows[outside]


def test_targets_are_chosen_by_name_in_a_table():
    frame = daily(7, price=counted(7)[:, 0], sales=counted(7)[:, 0] + 1, visits=counted(7)[:, 0] + 2)
    assert make_windows(frame, timesteps=3, horizon=2, targets="sales")[0].y.tolist() == [[301], [401]]
    several = make_windows(frame, timesteps=3, horizon=2, targets=["visits", "price"])[0]
    assert several.y.tolist() == [[302, 300], [402, 400]]
    assert several.x.shape == (3, 3)


def test_targets_are_chosen_by_position_in_an_array():
    windows = make_windows(counted(7, columns=3), timesteps=3, horizon=2, targets=2)
    assert windows[0].y.tolist() == [[302], [402]]


def test_a_series_is_a_table_of_one_column():
    series = daily(7)["sales"]
    assert make_windows(series, timesteps=3, horizon=2)[0].y.tolist() == [[3], [4]]


@pytest.mark.parametrize(
    ("targets", "message"),
    [
        ("slaes", "target 'slaes' is not in the table, whose columns are 'sales'. Did you mean 'sales'?"),
        (["sales", "sales"], "target 'sales' is named twice"),
        (0, "target 0 is not in the table"),
        ([], "targets is empty. Name one or more of 'sales'"),
    ],
)
def test_targets_that_are_not_there_are_refused(targets, message):
    with pytest.raises(ValueError, match=re.escape(f"make_windows: {message}")):
        make_windows(daily(7), timesteps=3, horizon=2, targets=targets)


def test_as_many_rows_as_one_window_needs_make_one_window():
    assert len(make_windows(np.zeros((5, 1)), timesteps=3, horizon=2)) == 1


def test_a_series_one_row_too_short_is_refused():
    with pytest.raises(ValueError, match="timesteps=3 and horizon=2 need 5 rows or more, got 4. Shorten either"):
        make_windows(np.zeros((4, 1)), timesteps=3, horizon=2)


@pytest.mark.parametrize(("values", "message"), [(np.zeros(7), "got 1-D"), (np.zeros((7, 1), object), "dtype object")])
def test_arrays_that_are_no_table_of_numbers_are_refused(values, message):
    with pytest.raises(ValueError, match=f"make_windows: wanted .*{message}"):
        make_windows(values, timesteps=3, horizon=2)


@pytest.mark.parametrize("sizes", [{"timesteps": 0, "horizon": 2}, {"timesteps": 3, "horizon": -1}])
def test_no_timesteps_and_no_horizon_are_refused(sizes):
    with pytest.raises(ValueError, match="must be 1 or more, got"):
        make_windows(np.zeros((7, 1)), **sizes)


# Lazy


def test_a_thousand_windows_take_no_more_memory_than_their_rows():
    values = np.zeros((20_011, 1))
    tracemalloc.start()
    windows = make_windows(values, timesteps=1009, horizon=11)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(windows) == 18_992
    assert windows.values.nbytes == 20_011 * 4
    assert peak < 10 * windows.values.nbytes  # all windows at once would be 950 times that


def test_changing_a_window_changes_neither_the_rows_nor_its_neighbours():
    windows = make_windows(counted(11), timesteps=3, horizon=2)
    x, y = windows[0]
    x[:], y[:] = -1, -1
    assert windows[0].x.tolist() == [[0], [100], [200]]
    assert not np.shares_memory(y, windows.values)


# No target is an input, and no target is in two parts


@given(timesteps=st.integers(1, 7), horizon=st.integers(1, 5), spare=st.integers(0, 11))
@settings(deadline=None, max_examples=60)
def test_no_target_row_is_in_its_own_input_and_every_row_is_used(timesteps, horizon, spare):
    rows = timesteps + horizon + spare
    windows = make_windows(counted(rows), timesteps=timesteps, horizon=horizon)
    assert len(windows) == spare + 1
    for x, y in windows:
        assert x.max() < y.min()
        assert np.diff(np.concatenate([x, y])[:, 0]).tolist() == [100.0] * (timesteps + horizon - 1)
    assert set(joined(target_rows(windows))) == set(range(timesteps, rows))


@given(
    timesteps=st.integers(1, 7),
    horizon=st.integers(1, 3),
    context=st.integers(0, 11),
    validation=st.integers(1, 11),
    test=st.integers(1, 11),
)
@settings(deadline=None, max_examples=80)
def test_train_validation_and_test_share_no_target_row(timesteps, horizon, context, validation, test):
    frame = daily(47, sales=counted(47)[:, 0])
    parts = split(frame, validation=validation, test=test, context=context)
    own_rows = (range(47 - validation - test), range(47 - validation - test, 47 - test), range(47 - test, 47))
    for part, rows in zip(parts, own_rows, strict=True):
        try:
            windows = make_windows(part, timesteps=timesteps, horizon=horizon)
        except ValueError as error:
            assert "rows or more, got" in str(error)  # noqa: PT017
            assert len(rows) < horizon or rows[0] + len(rows) < timesteps + horizon
            continue
        rows_seen = set(joined(target_rows(windows)))
        assert rows_seen <= set(rows)
        if rows[0] >= timesteps:  # the first rows of all have no past to be forecast from
            assert rows_seen == set(rows)


def test_context_longer_than_the_timesteps_does_not_lend_targets():
    frame = daily(31, sales=counted(31)[:, 0])
    validation = split(frame, validation=5, test=3, context=13).validation
    windows = make_windows(validation, timesteps=2, horizon=3)
    assert target_rows(windows) == [[23, 24, 25], [24, 25, 26], [25, 26, 27]]
    assert windows[0].x.tolist() == [[2100], [2200]]


def test_a_part_too_short_for_one_window_says_how_much_of_it_is_context():
    validation = split(daily(31), validation=2, test=0, context=7).validation
    with pytest.raises(ValueError, match="7 of them are context rows, which are no targets"):
        make_windows(validation, timesteps=7, horizon=3)


# Batches


def test_unshuffled_batches_keep_the_order_and_hold_what_the_windows_hold():
    windows = make_windows(counted(13, columns=3), timesteps=3, horizon=2, targets=[2, 0])
    dataset = windows.dataset(batch_size=4)
    batches = list(dataset.as_numpy_iterator())
    assert dataset.cardinality() == len(batches) == 3
    assert [len(x) for x, _ in batches] == [4, 4, 1]
    for name, at in (("x", 0), ("y", 1)):
        rows_seen = np.concatenate([batch[at] for batch in batches])
        np.testing.assert_array_equal(rows_seen, np.stack([getattr(window, name) for window in windows]))


def test_every_batch_has_the_same_shapes_but_for_its_size():
    (x, y) = make_windows(counted(13, columns=3), timesteps=3, horizon=2, targets=1).dataset(4).element_spec
    assert x.shape.as_list() == [None, 3, 3]
    assert y.shape.as_list() == [None, 2, 1]


def test_a_shuffled_epoch_holds_every_window_once_and_the_next_is_in_another_order():
    dataset = make_windows(counted(61), timesteps=3, horizon=2).dataset(batch_size=7, shuffle=True)
    first, second = epoch(dataset), epoch(dataset)
    assert [len(batch) for batch in first] == [7] * 8 + [1]
    assert sorted(joined(first)) == sorted(joined(second)) == list(range(3, 60))
    assert first != second
    assert joined(first) != list(range(3, 60))


def test_single_windows_are_shuffled_and_not_only_the_order_of_batches():
    batches = epoch(make_windows(counted(61), timesteps=3, horizon=2).dataset(batch_size=19, shuffle=True))
    assert not any(max(batch) - min(batch) == 18 for batch in batches)


@given(rows=st.integers(5, 41), batch_size=st.integers(1, 17), passes=st.integers(1, 3), seed=st.integers(0, 99))
@settings(deadline=None, max_examples=12)
def test_each_pass_holds_every_window_once(rows, batch_size, passes, seed):
    windows = make_windows(counted(rows), timesteps=3, horizon=2)
    dataset = windows.dataset(batch_size, shuffle=True, seed=seed, passes=passes)
    batches = epoch(dataset)
    each = -(-len(windows) // batch_size)
    assert dataset.cardinality() == len(batches) == passes * each
    for number in range(passes):
        assert sorted(joined(batches[number * each : (number + 1) * each])) == list(range(3, rows - 1))


def test_a_seed_makes_the_order_repeatable_and_another_seed_changes_it():
    windows = make_windows(counted(61), timesteps=3, horizon=2)
    orders = [epoch(windows.dataset(7, shuffle=True, seed=seed)) for seed in (11, 11, 13)]
    assert orders[0] == orders[1] != orders[2]


def test_missing_targets_weigh_nothing_and_leave_the_loss_finite():
    values = counted(9, columns=2)
    values[4, 0] = np.nan  # a target of two windows, an input of three
    batches = list(
        make_windows(values, timesteps=2, horizon=3, targets=[0, 1]).dataset(batch_size=5).as_numpy_iterator()
    )
    (x, y, weight) = batches[0]
    assert np.isnan(x).sum() == 2
    assert np.isfinite(y).all()
    assert weight.tolist() == [[1, 1, 0], [1, 0, 1], [0, 1, 1], [1, 1, 1], [1, 1, 1]]
    assert (y > 0).all()  # what stands in for a missing value must be one that a log can take


def test_gaps_in_a_column_that_is_no_target_make_no_weights():
    values = counted(9, columns=2)
    values[4, 0] = np.nan
    windows = make_windows(values, timesteps=2, horizon=3, targets=1)
    assert not windows.has_gaps
    assert len(windows.dataset().element_spec) == 2


@pytest.mark.parametrize("bad", [np.inf, -np.inf, 1e39])
def test_a_value_that_float32_holds_as_infinite_is_refused_with_its_place(bad):
    values = counted(9, columns=3)
    values[5, 1] = bad
    with pytest.raises(ValueError, match="make_windows: row 5 of column 1 is infinite, or too large for float32"):
        make_windows(values, timesteps=3, horizon=2)
    table = pd.DataFrame(values, pd.date_range("2001", periods=9), columns=list("abc"))
    with pytest.raises(ValueError, match="make_windows: .*column 'b' is infinite"):
        make_windows(table, timesteps=3, horizon=2)


@pytest.mark.parametrize("dtype", ["int64", "float64", "float32"])
def test_a_masked_value_is_missing(dtype):
    values = np.ma.array(counted(9, columns=2).astype(dtype))
    values[4, 1] = np.ma.masked
    windows = make_windows(values, timesteps=3, horizon=2)
    assert np.argwhere(np.isnan(windows.values)).tolist() == [[4, 1]]
    assert np.isnan(reshape(values, timesteps=1)[4, 0, 1])


@pytest.mark.parametrize("batch_size", [0, -3])
def test_a_batch_of_no_windows_is_refused(batch_size):
    with pytest.raises(ValueError, match=f"dataset: batch_size must be 1 or more, got {batch_size}"):
        make_windows(counted(9), timesteps=3, horizon=2).dataset(batch_size)
