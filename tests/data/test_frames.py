"""Tables and columns of polars and pyarrow, and pandas' own special ones, are taken as plain pandas tables are."""

import datetime

import keras
import numpy as np
import pandas as pd
import pytest

import seqkit as sk
from seqkit.data.frames import as_pandas
from seqkit.data.labels import plain
from seqkit.data.regular import require_regular
from seqkit.data.texts import as_texts, is_text

ROWS = 40
DAYS = pd.date_range("2024-01-01", periods=ROWS, freq="D", name="day")
SALES = 100 + 7 * np.sin(np.arange(float(ROWS)))
OPEN = DAYS.day_of_week < 5


def pandas_table():
    return pd.DataFrame({"sales": SALES, "open": OPEN}, DAYS)


def columns():
    days = [datetime.datetime(2024, 1, 1) + datetime.timedelta(days=at) for at in range(ROWS)]
    return {"day": days, "sales": SALES.tolist(), "open": OPEN.tolist()}


def polars_table():
    return pytest.importorskip("polars").DataFrame(columns())


FRAMES = {
    "polars": polars_table,
    "lazy polars": lambda: polars_table().lazy(),
    "pyarrow": lambda: pytest.importorskip("pyarrow").table(columns()),
}


@pytest.mark.parametrize("library", FRAMES)
def test_a_table_of_another_library_is_indexed_by_its_column_of_time(library):
    table = require_regular(FRAMES[library](), "here")
    assert (table.index.name, table.index.freqstr) == ("day", "D")
    pd.testing.assert_frame_equal(table, require_regular(pandas_table(), "here"), check_index_type=False)


def test_a_forecaster_reads_every_table_alike():
    table = polars_table()
    model = sk.build_forecaster(like=table, horizon=2, timesteps=7, units=3, targets="sales")
    model.fit(table, validation_data=table, epochs=1, verbose=0)
    np.testing.assert_array_equal(model.forecast(table), model.forecast(pandas_table()))
    np.testing.assert_array_equal(model.predict(table, verbose=0), model.predict(pandas_table(), verbose=0))
    assert sk.plot_forecast(table, model.forecast(table)).axes[0].get_ylabel() == "sales"
    assert model.trained_until == str(DAYS[-1].isoformat())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda table: table.drop("day"), "needs one column of dates or times, got none. Turn the column of the time"),
        (lambda table: table.with_columns(sent=table["day"]), "got 'day', 'sent'. Leave the others out"),
        (lambda table: table.with_columns(town=table["day"].dt.to_string()), "column 'town' has dtype object"),
    ],
)
def test_a_polars_table_that_is_none_of_numbers_in_time_is_refused(change, message):
    with pytest.raises(sk.InvalidValue, match=f"^here: .*{message}"):
        require_regular(change(polars_table()), "here")


def test_zones_and_missing_values_of_polars_are_kept():
    pl = pytest.importorskip("polars")
    table = polars_table().with_columns(day=pl.col("day").dt.replace_time_zone("Europe/Berlin"), rain=pl.lit(None))
    table = table.with_columns(rain=pl.when(pl.col("open")).then(2).otherwise(None))
    regular = require_regular(table, "here")
    assert str(regular.index.tz) == "Europe/Berlin"
    assert regular["rain"].isna().tolist() == (~OPEN).tolist()


@pytest.mark.parametrize("library", ["polars", "pyarrow"])
def test_texts_and_labels_of_another_library_are_lists(library):
    module = pytest.importorskip(library)
    column = module.Series(["a", "b"]) if library == "polars" else module.array(["a", "b"])
    assert is_text(column)
    assert as_texts("here", column) == ["a", "b"]
    assert plain("here", column) == ["a", "b"]


def test_a_long_table_of_polars_holds_sequences():
    table = pytest.importorskip("polars").DataFrame({"who": ["b", "b", "a"], "x": [1.0, 2.0, 3.0]})
    assert [values.tolist() for values in sk.take_sequences(table, series="who").values] == [[[1], [2]], [[3]]]


@pytest.mark.parametrize("x", [None, 3, "a", [1], np.zeros(2), pd.Series([1]), pd.DataFrame({"a": [1]})])
def test_anything_else_stays_as_it_is(x):
    assert as_pandas(x) is x


# pandas' own


@pytest.mark.parametrize("freq", ["M", "Q-DEC", "W-SUN", "D", "h"])
def test_periods_become_their_first_stamps(freq):
    periods = pd.period_range("2024-01-01", periods=ROWS, freq=freq)
    table = require_regular(pd.DataFrame({"sales": SALES}, periods), "here")
    assert table.index.equals(periods.to_timestamp())
    assert table.index.freq is not None


def test_levels_of_columns_are_refused_with_the_way_out():
    table = pandas_table()
    table.columns = pd.MultiIndex.from_product([["Close", "High"], ["AAPL"]], names=["Price", "Ticker"])
    with pytest.raises(sk.InvalidValue, match=r"2 levels .*\('Close', 'AAPL'\).*frame.droplevel\(1, axis=1\)"):
        sk.build_forecaster(like=table, horizon=2)
    table.columns = pd.MultiIndex.from_tuples([("Close", "AAPL"), ("High", "MSFT")])
    with pytest.raises(sk.InvalidValue, match=r"Choose one value of a level, as in frame\[name\], or join the names"):
        sk.build_forecaster(like=table, horizon=2)


@pytest.mark.parametrize("name", [None, np.nan, ("Close", "AAPL"), pd.Timestamp("2024-01-01")])
def test_a_name_that_is_neither_text_nor_a_number_is_refused(name):
    table = pandas_table()
    table.columns = pd.Index([name, "open"], tupleize_cols=False)
    with pytest.raises(sk.InvalidValue, match="the name of a column must be text or a number, got .*Rename it"):
        require_regular(table, "here")


@pytest.mark.parametrize("kind", ["bool", "boolean", "Int64"])
def test_truth_values_and_nullable_numbers_become_floats(kind):
    table = require_regular(pandas_table().astype({"open": kind}), "here")
    assert table.dtypes.tolist() == ["float64", "float64"]
    assert table["open"].tolist() == OPEN.tolist()


def test_truth_values_beside_floats_work_from_build_to_export(tmp_path):
    table = pandas_table()
    model = sk.build_forecaster(like=table, horizon=2, timesteps=7, units=3)
    model.fit(table, epochs=1, verbose=0)
    assert np.isfinite(model.evaluate(table, verbose=0)).all()
    future = model.forecast(table)
    plain_table = table.astype("float64")
    np.testing.assert_array_equal(model.forecast(plain_table), future)
    model.export(tmp_path / "model")
    served = keras.layers.TFSMLayer(str(tmp_path / "model"), call_endpoint="serve")
    past = plain_table.to_numpy("float32")[None, -7:]
    np.testing.assert_allclose(served(past)["forecast"][0], future, rtol=1e-5)
