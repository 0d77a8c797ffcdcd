"""The calendar inside the graph: what a model learns of it, what it serves, and what is refused."""

import keras
import numpy as np
import pandas as pd
import pytest

import seqkit as sk
from seqkit.forecasting import holiday_days
from seqkit.forecasting.holiday_days import Holidays

TINY = {"timesteps": 14, "horizon": 5, "units": 3, "cell": "simple_rnn", "segment": 1, "first_dropout": 0.0}
FIRST, LAST = "1991-01-01", "2060-12-31"
CLOSED = pd.date_range("1990-12-25", "2060-12-31", freq=pd.DateOffset(months=1))  # the 25th, on any weekday


@pytest.fixture(autouse=True)
def holidays_of_nowhere(monkeypatch):
    """Stands for the package: a country whose holidays are the 25th of each month."""
    days = tuple(int(day) for day in (CLOSED - pd.Timestamp(0)).days if day >= 0)

    def made(country):
        return Holidays(country, days, (1991, 2060))

    monkeypatch.setattr("seqkit.forecasting.calendar_inputs.holidays_of", made)


def daily(rows=300, seed=0, level=100.0, start="2022-01-03"):
    """Daily sales: a week with a quiet Sunday, and hardly any on a holiday."""
    index = pd.date_range(start, periods=rows, freq="D", name="day")
    noise = 0.02 * np.random.default_rng(seed).normal(size=rows)
    effect = -1.0 * index.isin(CLOSED) - 0.5 * (index.day_of_week == 6) + noise
    return pd.DataFrame({"sales": level * np.exp(effect)}, index)


def shops(rows=(60, 57, 71)):
    """Three series of different length, start and size."""
    parts = {f"s{at}": daily(count, at, 10.0 ** (at + 1), f"2022-0{at + 1}-03") for at, count in enumerate(rows)}
    return sk.as_panel(pd.concat(parts, names=["shop"]).reset_index(), series="shop", time="day")


def built(table, **options):
    return sk.build_forecaster(like=table, **{"calendar": "weekday", "holidays": "XY", **TINY, **options})


def shaken(model, seed=1):
    """The model with random weights, so that every input counts."""
    random = np.random.default_rng(seed)
    for weight in model.trainable_variables:
        weight.assign(random.normal(0, 0.1, weight.shape))
    return model


@pytest.fixture(scope="module")
def table():
    return daily()


@pytest.fixture
def model(table):
    return shaken(built(table))


def test_an_untrained_model_is_one_without_the_calendar(table):
    plain = sk.build_forecaster(like=table, **TINY).forecast(table)
    pd.testing.assert_frame_equal(built(table).forecast(table), plain)


def test_a_holiday_ahead_is_forecast_better_with_holidays_than_without(table):
    errors = []
    for options in ({}, {"holidays": "XY"}):
        keras.utils.set_random_seed(0)
        model = sk.build_forecaster(like=table.iloc[:-30], **{**TINY, "season": 7, **options})
        model.fit(table.iloc[:-30], epochs=15, verbose=0)
        forecasts = model.predict(table, verbose=0)["sales"].reset_index()
        ahead = forecasts[forecasts["day"].isin(CLOSED) & (forecasts["origin"] >= table.index[-30])]
        errors.append((np.log(ahead["sales"]) - np.log(table["sales"].reindex(ahead["day"]).to_numpy())).abs().mean())
    assert len(ahead)
    assert errors[1] < 0.5 * errors[0]


def test_windows_hold_the_stamp_of_the_last_row_of_their_past(model, table):
    windows = model.windows(table)
    x, y = windows[11]
    last = table.index[11 + 14 - 1]
    assert {name: array.shape for name, array in x.items()} == {"past": (14, 1), "time": (2,)}
    assert y.shape == (5, 1)
    assert x["time"].tolist() == [(last - pd.Timestamp(0)).days, 0]
    batch, _ = next(iter(windows.dataset(batch_size=13)))
    assert (batch["time"][11].numpy() == x["time"]).all()


def test_forecast_predict_and_arrays_with_texts_agree(model, table):
    ahead = model.forecast(table)
    np.testing.assert_allclose(model.predict(table, verbose=0).loc[table.index[-1]], ahead, rtol=1e-5)
    past = table.to_numpy("float32")[None, -14:]
    for time in (["2022-10-29"], table.index[-1:].to_numpy(), np.array([[19294.0, 0.0]])):
        assert table.index[-1] == pd.Timestamp("2022-10-29")
        np.testing.assert_allclose(model.predict({"past": past, "time": time}, verbose=0)[0], ahead, rtol=1e-5)


def test_beyond_the_horizon_each_block_has_its_own_stamp(model, table):
    ahead = model.forecast(table, steps=8)
    longer = pd.concat([table, ahead.iloc[:5]]).asfreq("D")
    np.testing.assert_allclose(model.forecast(longer, steps=3), ahead.iloc[5:], rtol=1e-5)


def test_each_series_of_a_panel_has_its_own_stamp():
    panel = shops()
    model = shaken(built(panel))
    ahead = model.forecast(panel)
    one = sk.build_forecaster(like=daily(60, 0, 10.0), calendar="weekday", holidays="XY", **TINY)
    assert one.settings.known == model.settings.known
    predicted = model.predict(panel, verbose=0)
    for name in ("s0", "s1", "s2"):
        origin = panel.loc[name].index[-1]
        np.testing.assert_allclose(predicted.loc[name, origin], ahead.loc[name], rtol=1e-5)
    alone = model.forecast(panel.loc[["s1"]])
    np.testing.assert_allclose(alone, ahead.loc[["s1"]], rtol=1e-5)
    model.fit(panel, epochs=1, verbose=0)
    assert np.isfinite(model.evaluate(panel, verbose=0))[0]


def test_a_recipe_and_a_backtest_train_with_the_calendar(table):
    model = sk.train_forecaster(
        table, calendar="weekday", holidays="XY", **TINY, epochs=1, members=(), seed=0, verbose=0
    )
    assert model.chosen_epochs is not None
    result = sk.backtest(model, table, origins=1, epochs=1, seed=0, ets=False, verbose=0)
    assert np.isfinite(result.scores.loc["forecast", "mae"])
    bounds = model.forecast(table, levels=(80,))
    assert bounds.shape == (5, 3)


def test_future_columns_and_the_calendar_stand_together(table):
    both = table.assign(promotion=(np.arange(len(table)) % 9 == 0) * 1.0)
    model = shaken(built(both, targets="sales", future_columns="promotion"))
    past, ahead = both.iloc[:-5], both.iloc[-5:][["promotion"]]
    found = model.forecast(past, future=ahead)
    np.testing.assert_allclose(model.predict(both, verbose=0).loc[past.index[-1]], found, rtol=1e-5)


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="exports need TensorFlow")
def test_a_saved_and_an_exported_model_need_no_package(model, table, tmp_path):
    import tensorflow as tf

    expected = model.forecast(table)
    model.save(tmp_path / "model.keras")
    pd.testing.assert_frame_equal(keras.saving.load_model(tmp_path / "model.keras").forecast(table), expected)
    model.export(tmp_path / "1")
    loaded, past = tf.saved_model.load(str(tmp_path / "1")), table.to_numpy("float32")[None, -17:]
    for text in ("2022-10-29", "2022-10-29T00:00", "2022-10-29 00:00:00", "2022-10-29T00:00:00.000000"):
        served = loaded.serve(past=past, time=tf.constant([text]))["forecast"]
        np.testing.assert_allclose(served[0], expected, rtol=1e-5)
    described = loaded.describe()
    assert described["calendar"].numpy().tolist() == [b"weekday"]
    assert described["holidays"].numpy() == b"XY"
    for text, said in (
        ("2022-02-30", "time 2022-02-30 of sample 0 is no ISO time stamp without a time zone"),
        ("yesterday", "time yesterday of sample 0 is no ISO time stamp"),
        ("2022-10-29T00:00:00Z", "is no ISO time stamp without a time zone"),
        ("2060-12-30", "no holiday calendar of XY for the years 2060 to 2061"),
        ("1991-01-05", "no holiday calendar of XY for the years 1990 to 1991"),
    ):
        with pytest.raises(tf.errors.InvalidArgumentError, match=said):
            loaded.serve(past=past, time=tf.constant([text]))
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"time must have the shape \(1,\)"):
        loaded.serve(past=past, time=tf.constant(["2022-10-29", "2022-10-30"]))
    with pytest.raises(TypeError, match="time"):
        loaded.serve(past=past)
    with pytest.raises(sk.InvalidValue, match="reads time stamps as texts, which cannot be written"):
        model.export(tmp_path / "model.tflite", format="litert")


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="exports need TensorFlow")
@pytest.mark.parametrize("step", ["h", "ME", "B"])
def test_every_step_is_exported(step, tmp_path):
    index = pd.date_range("2022-01-03", periods=60, freq=step)
    frame = pd.DataFrame({"load": 2 + np.random.default_rng(0).random(60)}, index)
    part = {"h": "hour", "B": "weekday"}.get(step, "year")
    model = shaken(sk.build_forecaster(like=frame, calendar=part, **TINY))
    model.export(tmp_path / "1")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"calendar": "hour"}, r"rows of the step 'D' do not tell the hour. Use some of 'weekday', 'month'"),
        ({"calendar": ["weekday", "weekday"]}, "names a part twice"),
        ({"calendar": "weekdays"}, "Did you mean 'weekday'"),
        ({"weights": "synthetic", "timesteps": None}, "calendar"),
    ],
)
def test_a_calendar_that_cannot_be_is_refused(table, options, said):
    with pytest.raises(sk.InvalidValue, match=said):
        sk.build_forecaster(like=table, **{"calendar": "weekday", "horizon": 5, **options})


def test_arrays_and_long_steps_have_no_calendar(table):
    with pytest.raises(sk.InvalidValue, match="read off time stamps, and arrays have none"):
        sk.build_forecaster(timesteps=14, features=1, horizon=5, calendar="weekday")
    months = table.resample("MS").mean()
    with pytest.raises(sk.InvalidValue, match="longer than a day, so it is no holiday"):
        sk.build_forecaster(like=months, timesteps=2, horizon=2, holidays="XY")
    dekads = pd.DataFrame({"rain": range(1, 37)}, pd.date_range("2022-01-01", periods=36, freq="SMS"))
    with pytest.raises(sk.InvalidValue, match="the calendar is not known for rows of the step 'SMS-15'"):
        sk.build_forecaster(like=dekads, timesteps=2, horizon=2, calendar="month")


def test_stamps_without_a_holiday_calendar_are_refused_by_date(model):
    early, late = daily(30, start="1990-12-20"), daily(30, start="2060-12-01")
    for call in (model.forecast, model.predict, model.windows, model.evaluate):
        with pytest.raises(
            sk.InvalidValue, match="no holiday calendar of XY at 1990-12-20 00:00:00: it is known for 1991"
        ):
            call(early)
        with pytest.raises(sk.InvalidValue, match="no holiday calendar of XY at 2061-01-"):
            call(late.iloc[:-1])


def test_years_of_which_the_package_knows_a_part_have_no_holiday_calendar():
    pytest.importorskip("holidays")
    assert holiday_days.holidays_of("IN").years == (2001, 2035)
    assert holiday_days.holidays_of("DE").years == (1991, 2100)


def test_a_table_without_a_holiday_calendar_builds_nothing():
    with pytest.raises(sk.InvalidValue, match="no holiday calendar of XY at 1990-12-20"):
        sk.build_forecaster(like=daily(60, start="1990-12-20"), timesteps=14, horizon=3, units=2, holidays="XY")


def test_input_that_lacks_or_has_another_form_is_refused_by_name(model, table):
    past = table.to_numpy("float32")[None, -14:]
    with pytest.raises(sk.InvalidValue, match="the model reads 'past', 'time', got one array"):
        model.predict(past)
    with pytest.raises(sk.InvalidValue, match="the model reads 'past', 'time', got 'past'"):
        model.predict({"past": past})
    for time, said in (
        (["2022-10-29T00:00:00Z"], "with a time zone"),
        (["last week"], "must hold ISO time stamps"),
        ([None], "missing"),
        (["2022-10-29", "2022-10-30"], r"must have the shape \(1,\)"),
        ([[0.5, 0.0]], "whole numbers"),
        (["1891-01-01"], "no holiday calendar of XY for the years 1890 to 1891"),
    ):
        with pytest.raises(sk.InvalidValue, match=said):
            model.predict({"past": past, "time": time})


def test_a_part_that_does_not_vary_in_the_training_rows_is_named(table):
    with pytest.warns(sk.SeqkitWarning, match="the calendar feature 'month' is constant in the training rows"):
        built(table.iloc[:28], calendar=["weekday", "month"], holidays=None)


def test_a_model_that_was_not_adapted_is_refused(model, table):
    with pytest.raises(sk.InvalidValue, match="adapt: the calendar is read off time stamps"):
        model.adapt(table.to_numpy())


class TestPackage:
    """The package itself, where it is installed."""

    @pytest.fixture(autouse=True)
    def installed(self):
        self.package = pytest.importorskip("holidays")

    def test_days_are_those_of_the_package(self):
        found = holiday_days.holidays_of("de-by")
        assert found.country == "DE-BY"
        assert found.days == tuple(sorted(found.days))
        expected = self.package.country_holidays("DE", subdiv="BY", years=2024)
        year = [day for day in np.array(found.days, "datetime64[D]").tolist() if day.year == 2024]
        assert year == sorted(expected)

    def test_countries_and_parts_without_a_calendar_are_refused(self):
        with pytest.raises(sk.InvalidValue, match="no holiday calendar of 'ZZ'"):
            holiday_days.holidays_of("ZZ")
        with pytest.raises(sk.InvalidValue, match="DE has no part 'QQ' with a holiday calendar of its own"):
            holiday_days.holidays_of("DE-QQ")


def test_the_package_is_asked_for_in_words(monkeypatch):
    monkeypatch.setattr(holiday_days, "PACKAGE", "no_such_package")
    with pytest.raises(sk.InvalidValue, match=r"pip install 'seqkit\[holidays\]'"):
        holiday_days.holidays_of("DE")
    with pytest.raises(sk.InvalidType, match="must be the code of a country"):
        holiday_days.holidays_of(49)
