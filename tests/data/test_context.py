"""The tables of `split` without context rows serve a model of any timesteps."""

import copy

import numpy as np
import pandas as pd
import pytest

import seqkit as sk

ROWS, HORIZON = 97, 3
PARTS = {"validation": range(73, 86), "test": range(86, 97)}


def table():
    index = pd.date_range("2001-01-01", periods=ROWS, freq="MS", name="month")
    return pd.DataFrame({"sales": 50 + np.arange(ROWS) % 12.0, "price": np.arange(ROWS) + 1.0}, index)


def parts(**context):
    return sk.split(table(), validation=13, test=11, **context)


def target_rows(windows):
    """The prices of the targets are the numbers of their rows, plus one."""
    return sorted({int(price) - 1 for window in windows for price in window.y[:, 0]})


@pytest.mark.parametrize("name", PARTS)
@pytest.mark.parametrize("timesteps", [1, 13, 61])
def test_every_row_of_its_own_is_a_target_and_no_other(name, timesteps):
    windows = sk.make_windows(getattr(parts(), name), timesteps=timesteps, horizon=HORIZON, targets="price")
    assert target_rows(windows) == list(PARTS[name])


def test_it_gives_the_windows_that_context_rows_give():
    short, long = parts().test, parts(context=17).test
    assert (len(short), len(long)) == (11, 28)
    pairs = zip(
        sk.make_windows(short, timesteps=17, horizon=3), sk.make_windows(long, timesteps=17, horizon=3), strict=True
    )
    assert all(np.array_equal(a.x, b.x) and np.array_equal(a.y, b.y) for a, b in pairs)


def test_a_forecaster_takes_the_tables_as_they_are():
    train, validation, test = parts()
    model = sk.build_forecaster(horizon=HORIZON, timesteps=24, like=train, units=2)
    model.fit(train, validation_data=validation, epochs=1, verbose=0)
    long = parts(context=24).test
    assert model.evaluate(test, verbose=0) == pytest.approx(model.evaluate(long, verbose=0))
    pd.testing.assert_frame_equal(model.forecast(test), model.forecast(table()))
    pd.testing.assert_frame_equal(model.predict(test, verbose=0), model.predict(long, verbose=0))


def test_rows_that_have_changed_are_not_joined_to_others():
    """The rows before are in other units, so a table that was scaled has no past."""
    with pytest.raises(
        sk.InvalidValue, match="need 20 rows or more, got 11.*changed since split, .* split\\(context=\\)"
    ):
        sk.make_windows(parts().test / 1000, timesteps=17, horizon=3)
    renamed = parts().test.rename(columns={"sales": "sold"})
    with pytest.raises(sk.InvalidValue, match="need 20 rows or more, got 11"):
        sk.make_windows(renamed, timesteps=17, horizon=3)


def test_some_of_the_columns_and_of_the_rows_have_their_past():
    later = parts().test[["price"]].iloc[4:]
    assert target_rows(sk.make_windows(later, timesteps=17, horizon=3)) == list(range(90, 97))


def test_a_table_with_too_short_a_past_says_so():
    with pytest.raises(sk.InvalidValue, match="timesteps=87 and horizon=11 need 98 rows or more, got 97"):
        sk.make_windows(parts().test, timesteps=87, horizon=11)


def test_copies_of_a_table_share_the_rows_before_it():
    test = parts().test
    assert copy.deepcopy(test.attrs)["split_from"].rows is test.attrs["split_from"].rows
    assert pd.concat([test.iloc[:3], test.iloc[3:]]).shape == test.shape
