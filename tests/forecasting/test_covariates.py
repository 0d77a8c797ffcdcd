"""Columns that are known ahead: what the model learns of them, what it is given, and what is refused."""

import keras
import numpy as np
import pandas as pd
import pytest

import seqkit as sk
from seqkit.forecasting.members import set_share, share_of
from seqkit.forecasting.refits import refit_options

TINY = {"timesteps": 14, "horizon": 5, "units": 3, "cell": "simple_rnn", "segment": 1, "first_dropout": 0.0}
KNOWN = ["price", "promotion"]
PROMOTION, ELASTICITY = np.log(1.3), -1.5


def shop(rows=240, seed=0, level=100.0, price=5.0):
    """Daily sales: 30 % more in a promotion, 15 % less for a price 10 % up; two columns that come ahead."""
    random, days = np.random.default_rng(seed), np.arange(rows)
    promotion = (random.random(rows) < 0.2).astype(float)
    around = 0.1 * random.normal(size=rows)
    effect = PROMOTION * promotion + ELASTICITY * around + 0.02 * random.normal(size=rows)
    sales = level * (1 + 0.2 * np.sin(2 * np.pi * days / 7)) * np.exp(effect)
    columns = {"sales": sales, "price": price * np.exp(around), "promotion": promotion}
    return pd.DataFrame(columns, pd.date_range("2022-01-03", periods=rows, freq="D", name="day"))


def shops(rows=(60, 57, 71)):
    """Three series of different length, size and price."""
    parts = {f"s{at}": shop(count, at, 10.0 ** (at + 1), 5.0 + at) for at, count in enumerate(rows)}
    return sk.as_panel(pd.concat(parts, names=["shop"]).reset_index(), series="shop", time="day")


def cut(frame, last=5):
    """The rows before the last ones, and the future columns in the last ones."""
    return frame.iloc[:-last], frame.iloc[-last:][KNOWN]


@pytest.mark.parametrize("zones", [(None, "UTC"), ("Europe/Berlin", None)])
def test_a_future_on_another_clock_is_refused_with_both_zones(zones):
    past, future = cut(shop(60))
    past, future = (part.tz_localize(zone) for part, zone in zip((past, future), zones, strict=True))
    model = sk.build_forecaster(like=past, targets="sales", future_columns=KNOWN, **TINY)
    words = ["no time zone" if zone is None else f"the time zone {zone}" for zone in zones[::-1]]
    with pytest.raises(sk.InvalidValue, match=f"stamps of future have {words[0]}, and those of the table {words[1]}"):
        model.forecast(past, future=future)


def test_a_model_without_future_columns_names_the_argument_that_would_give_it_some():
    past, future = cut(shop(60))
    model = sk.build_forecaster(like=past[["sales"]], **TINY)
    with pytest.raises(sk.InvalidValue, match="or name its columns by future_columns= when you build"):
        model.forecast(past[["sales"]], future=future)


def without(future, row):
    """The future without the price in a row."""
    return future.assign(price=future["price"].where(np.arange(len(future)) != row))


def built(table, **options):
    return sk.build_forecaster(like=table, **{"targets": "sales", "future_columns": KNOWN, **TINY, **options})


@pytest.fixture(scope="module")
def model():
    return built(cut(shop())[0])


def shaken(model, seed=1):
    """The model with random weights, so that every input counts."""
    random = np.random.default_rng(seed)
    for weight in model.trainable_variables:
        weight.assign(random.normal(0, 0.1, weight.shape))
    return model


def effects_of(model):
    """The linear effect of each column in units of the transformed columns."""
    layer = model.get_layer("covariates")
    kernel, factor = (keras.ops.convert_to_numpy(weight) for weight in (layer.kernel, layer.factor))
    return 10 * kernel[:, 0] * factor


# What is learnt


def test_an_untrained_model_is_the_one_without_future_columns():
    past, future = cut(shop())
    plain = sk.build_forecaster(like=past, targets="sales", **TINY)
    forecast = built(past).forecast(past, future=future)
    pd.testing.assert_frame_equal(forecast, plain.forecast(past))
    assert plain.input.shape == (None, 14, 3)


def test_the_effect_of_a_promotion_and_of_a_price_is_learnt():
    past, future = cut(shop())
    model = built(past)
    model.fit(past, epochs=15, verbose=0)
    np.testing.assert_allclose(effects_of(model), [ELASTICITY, PROMOTION], rtol=0.3)
    actual = shop().iloc[-5:]["sales"]
    error = np.abs(model.forecast(past, future=future)["sales"] / actual - 1).mean()
    assert error < 0.06  # of a promotion alone it would be 0.1
    dear = model.forecast(past, future=future.assign(price=future["price"] * 1.1))
    assert (dear["sales"] < 0.95 * model.forecast(past, future=future)["sales"]).all()


def test_every_target_has_effects_of_its_own():
    table = shop().assign(returns=lambda rows: rows["sales"] / 10)
    past, future = cut(table)
    model = built(past, targets=["sales", "returns"])
    model.get_layer("covariates").kernel.assign([[0.0, 0.0], [0.0, 0.1]])
    more, less = (model.forecast(past, future=future.assign(promotion=one)) for one in (1.0, 0.0))
    np.testing.assert_allclose(more["sales"], less["sales"])
    assert (more["returns"] > 1.5 * less["returns"]).all()


def test_targets_are_by_default_the_columns_that_are_not_known_ahead():
    assert built(shop(), targets=None).settings.targets == ("sales",)


def test_a_target_with_zeros_has_effects_in_spreads():
    table = shop().assign(sales=lambda rows: np.where(np.arange(len(rows)) % 11 == 0, 0.0, rows["sales"]))
    past, future = cut(table)
    model = shaken(built(past))
    assert model.settings.transform[0] == "none"
    assert model.get_layer("covariates").in_spreads == [True]
    assert np.isfinite(model.forecast(past, future=future)).all(axis=None)


def test_a_future_column_that_is_constant_is_named_and_has_no_effect():
    past, future = cut(shop().assign(promotion=0.0))
    with pytest.warns(sk.SeqkitWarning, match="future column 'promotion' is constant in the training rows"):
        model = shaken(built(past))
    same = model.forecast(past, future=future)
    pd.testing.assert_frame_equal(model.forecast(past, future=future.assign(promotion=1.0)), same)


def test_a_future_column_that_is_all_missing_is_refused():
    with pytest.raises(ValueError, match="column 'promotion' has no known value"):
        built(shop().assign(promotion=np.nan), fill="last")


def test_missing_values_of_the_past_are_filled():
    table = shop()
    table.iloc[100:103, 1:] = np.nan
    past, future = cut(table)
    model = shaken(built(past, fill="last"))
    assert np.isfinite(model.predict(table, verbose=0)).all(axis=None)
    assert np.isfinite(model.forecast(past, future=future)).all(axis=None)


# Windows, fit, evaluate, predict


def test_windows_have_the_past_and_the_rows_of_the_horizon(model):
    table = shop(40)
    x, y = model.windows(table)[3]
    np.testing.assert_array_equal(x["past"], table.to_numpy("float32")[3:17])
    np.testing.assert_array_equal(x["future"], table[KNOWN].to_numpy("float32")[17:22])
    np.testing.assert_array_equal(y, table[["sales"]].to_numpy("float32")[17:22])
    batch, _ = next(iter(model.windows(table).dataset(batch_size=7)))
    np.testing.assert_array_equal(batch["future"][3], x["future"])
    np.testing.assert_array_equal(batch["past"][3], x["past"])


def test_predict_and_evaluate_take_the_future_from_the_table(model):
    shaken(model)
    table = shop(40)
    predicted = model.predict(table, verbose=0)
    assert len(predicted) == (40 - 14 - 5 + 1) * 5
    past, future = cut(table)
    forecast = model.forecast(past, future=future)
    np.testing.assert_allclose(predicted.to_numpy()[-5:], forecast.to_numpy(), rtol=1e-5)
    windows = model.windows(table)
    x = {name: np.stack([window.x[name] for window in windows]) for name in ("past", "future")}
    y = np.stack([window.y for window in windows])
    np.testing.assert_allclose(model.predict(x, verbose=0).reshape(-1, 1), predicted.to_numpy(), rtol=1e-5)
    scores = [model.evaluate(*data, verbose=0, return_dict=True)["mae"] for data in ((table,), (x, y), (windows,))]
    np.testing.assert_allclose(scores, scores[0], rtol=1e-4)
    with pytest.raises(ValueError, match="the model reads 'past', 'future', got one array"):
        model.predict(x["past"], verbose=0)
    with pytest.raises(ValueError, match="the model reads 'past', 'future', got 'past'"):
        model.fit({"past": x["past"]}, y, verbose=0)
    with pytest.raises(ValueError, match=r"x\['future'\] has nan in column 'price', sample 0, step 0"):
        model.predict({**x, "future": np.full_like(x["future"], np.nan)}, verbose=0)


def test_arrays_need_the_statistics_of_the_training_rows():
    rows = shop(60).to_numpy()
    model = sk.build_forecaster(features=3, targets=0, future_columns=[1, 2], **TINY)
    with pytest.raises(ValueError, match="future columns 1, 2 need their level and spread"):
        model.predict({"past": rows[None, :14], "future": rows[None, 14:19, 1:]}, verbose=0)
    model.adapt(rows)
    assert model.predict({"past": rows[None, :14], "future": rows[None, 14:19, 1:]}, verbose=0).shape == (1, 5, 1)


# The future of a forecast


def test_fewer_steps_need_fewer_rows_and_more_steps_need_all(model):
    shaken(model)
    table = shop(60)
    past, future = cut(table, 12)
    ahead = model.forecast(past, future=table[KNOWN], steps=12)  # earlier rows are allowed
    pd.testing.assert_frame_equal(model.forecast(past, future=future), ahead.iloc[:5])
    pd.testing.assert_frame_equal(model.forecast(past, steps=3, future=future.iloc[:3]), ahead.iloc[:3])
    fed = pd.concat([past, future.iloc[:5].assign(sales=ahead["sales"].iloc[:5])[list(past.columns)]])
    second = model.forecast(fed, future=future)
    np.testing.assert_allclose(ahead["sales"].iloc[5:10], second["sales"], rtol=1e-5)
    with pytest.raises(ValueError, match="future lacks the row of 2022-02-25 00:00:00; 2 of 7 rows are missing"):
        model.forecast(past, steps=7, future=future.iloc[:5])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda future: None, "the model needs the future of 'price', 'promotion'"),
        (lambda future: future.iloc[1:], "future starts late, at 2022-02-28 .*the first row to forecast is 2022-02-27"),
        (lambda future: future.drop(future.index[2]), "future lacks the row of 2022-03-01 00:00:00; 1 of 5"),
        (lambda future: future.assign(sales=1.0), "future holds 'sales', which is a target"),
        (lambda future: future.assign(weather=1.0), "future holds 'weather', which is no future column"),
        (lambda future: future[["price"]], "future lacks the column 'promotion'"),
        (
            lambda future: without(future, 3),
            "'price' has no value at 2022-03-02 00:00:00",
        ),
        (lambda future: future.assign(price=-1.0), "a log needs values above zero, got -1.0 for 'price' at 2022-02-27"),
        (lambda future: future.assign(price=np.inf), "column 'price' is infinite"),
        (lambda future: future.assign(price=1e39), "'price' is too large for float32 at 2022-02-27"),
        (lambda future: future.assign(price="dear"), "column 'price' has dtype"),
        (lambda future: pd.concat([future, future]), "future has two rows of 2022-02-27"),
        (lambda future: future.reset_index(drop=True), "future needs a DatetimeIndex like the table"),
        (lambda future: future.to_numpy(), "future must be a table, got a ndarray"),
    ],
)
def test_a_future_that_does_not_fit_is_refused_by_name_and_date(model, change, message):
    past, future = cut(shop(60))
    with pytest.raises((ValueError, TypeError), match=message):
        model.forecast(past, future=change(future))


def test_a_future_that_no_column_reads_is_refused():
    past, future = cut(shop(60))
    plain = sk.build_forecaster(like=past, targets="sales", **TINY)
    with pytest.raises(ValueError, match="built without future columns, so it reads no future"):
        plain.forecast(past, future=future)


def test_columns_that_cannot_be_known_ahead_are_refused():
    with pytest.raises(ValueError, match="'sales' is a target and a future column"):
        built(shop(), future_columns=["sales"])
    with pytest.raises(ValueError, match="future column 'prices' is not in the table"):
        built(shop(), future_columns=["prices"])
    with pytest.raises(ValueError, match=r"future_columns=\['price', 'promotion'\] beside weights='synthetic'"):
        sk.build_forecaster(like=shop(), targets="sales", horizon=5, future_columns=KNOWN, weights="synthetic")


# Panels


def test_a_panel_knows_the_future_of_each_series():
    panel = shops()
    parts = sk.split(panel, validation=0, test=5)
    model = shaken(built(parts.train, head="dense"))
    future = parts.test[KNOWN]
    ahead = model.forecast(parts.train, future=future)
    one = sk.build_forecaster(like=panel.loc["s1"], targets="sales", future_columns=KNOWN, **TINY)
    one.set_weights(model.get_weights())
    alone = one.forecast(parts.train.loc["s1"].asfreq("D"), future=future.loc["s1"])
    np.testing.assert_allclose(ahead.loc["s1"], alone, rtol=1e-2)  # least spreads are those of the median series
    predicted = model.predict(panel, verbose=0)
    np.testing.assert_allclose(predicted.groupby("shop").tail(5), ahead.to_numpy(), rtol=1e-5)
    model.fit(panel, epochs=1, verbose=0)
    assert len(model.forecast(parts.train, steps=3, future=panel[KNOWN])) == 9


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda future: future.drop("s1"), "future lacks 1 of 3 series: 's1'"),
        (lambda future: future.drop(future.index[6]), "future lacks the row of 2022-02-25 00:00:00 of series 's1'"),
        (
            lambda future: future.assign(price=future["price"].where(np.arange(15) != 6)),
            "no value at 2022-02-25 .* 's1'",
        ),
        (lambda future: future.loc["s0"], "future must be a panel too"),
    ],
)
def test_a_future_that_lacks_series_or_rows_of_one_is_refused(change, message):
    parts = sk.split(shops(), validation=0, test=5)
    model = built(parts.train)
    with pytest.raises((ValueError, TypeError), match=message):
        model.forecast(parts.train, future=change(parts.test[KNOWN]))


# Static columns

SIZES = {"s0": 3.0, "s1": 5.0, "s2": 11.0}


def sized(panel=None):
    """The shops with a size each."""
    panel = shops() if panel is None else panel
    return panel.assign(size=[SIZES[name] for name in panel.index.get_level_values(0)])


def test_a_static_column_changes_nothing_untrained_and_tells_series_apart_trained():
    panel = sized()
    past, _, test = sk.split(panel, validation=0, test=5)
    model = built(past, static_columns="size")
    plain = built(past.drop(columns="size"))
    known = {"future": test[KNOWN]}
    forecast = plain.forecast(past.drop(columns="size"), **known)
    pd.testing.assert_frame_equal(model.forecast(past, **known), forecast)
    x, _ = model.windows(past)[0]
    assert {name: array.shape for name, array in x.items()} == {"past": (14, 3), "future": (5, 2), "static": (1,)}
    shaken(model)
    larger = past.assign(size=past["size"] + 1)
    assert not np.allclose(model.forecast(larger, **known), model.forecast(past, **known), rtol=1e-5)
    without = past.drop(columns="size")
    beside = model.forecast(without, static=pd.DataFrame({"size": SIZES}), **known)
    pd.testing.assert_frame_equal(beside, model.forecast(past, **known))
    with pytest.raises(ValueError, match="lacks 'size'"):
        model.forecast(without, **known)
    with pytest.raises(ValueError, match="static holds 'size', and the panel has 'size' too"):
        model.forecast(past, static=pd.DataFrame({"size": SIZES}), **known)
    with pytest.raises(ValueError, match="static lacks 1 series: 's2'"):
        model.forecast(without, static=pd.DataFrame({"size": SIZES}).drop("s2"), **known)


def test_a_panel_with_another_number_of_series_is_forecast_too():
    panel = sized()[["sales", "size"]]
    model = sk.build_forecaster(like=panel, targets="sales", static_columns="size", **TINY)
    assert len(model.forecast(panel)) == 3 * TINY["horizon"]
    assert len(model.forecast(panel.loc[["s0", "s2"]])) == 2 * TINY["horizon"]


def test_static_columns_alone_are_saved_served_and_fitted(tmp_path):
    panel = sized()[["sales", "size"]]
    model = shaken(sk.build_forecaster(like=panel, targets="sales", static_columns="size", **TINY))
    assert model.settings.columns == ("sales",)
    forecast = model.forecast(panel, steps=7)
    model.save(tmp_path / "model.keras")
    pd.testing.assert_frame_equal(keras.models.load_model(tmp_path / "model.keras").forecast(panel, steps=7), forecast)
    model.export(tmp_path / "exported")
    import tensorflow as tf

    served = tf.saved_model.load(str(tmp_path / "exported"))
    past = panel.loc["s1", ["sales"]].to_numpy("float32")[None]
    answer = served.serve(past=past, static=np.float32([[5.0]]))["forecast"][0]
    np.testing.assert_allclose(answer, forecast.loc["s1"][:5], rtol=1e-5)
    with pytest.raises(TypeError, match="missing a required argument: 'static'"):
        served.signatures["serve"](past=tf.constant(past))
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"static must have the shape \(1, 1\), .* got \(1, 2\)"):
        served.serve(past=past, static=np.float32([[5.0, 5.0]]))
    model.fit(panel, epochs=1, verbose=0)
    assert np.isfinite(model.predict(panel, verbose=0)).all(axis=None)


def test_static_values_that_change_or_lack_are_refused_by_the_series():
    panel = sized()
    panel.iloc[70, -1] = 7.0
    with pytest.raises(ValueError, match="static column 'size' changes in time in series 's1', from 5 to 7"):
        built(panel, static_columns="size")
    panel.iloc[60:117, -1] = np.nan
    with pytest.raises(ValueError, match="static column 'size' has no known value in series 's1'"):
        built(panel, static_columns="size")
    with pytest.raises(ValueError, match="'price' is a future column and a static column"):
        built(sized(), static_columns="price")
    with pytest.raises(ValueError, match="tell the series of a panel apart, and this is none"):
        built(shop(), static_columns="price")
    with pytest.raises(ValueError, match="built without static columns"):
        built(shops()).forecast(shops(), static=pd.DataFrame({"size": SIZES}))
    with pytest.warns(sk.SeqkitWarning, match="static column 'size' is the same in all series"):
        built(sized().assign(size=1.0), static_columns="size")


# The recipe, the backtest


def test_the_recipe_puts_effects_beside_the_members():
    past, future = cut(shop())
    model = sk.train_forecaster(past, targets="sales", future_columns=KNOWN, epochs=6, seed=0, verbose=0, **TINY)
    assert model.settings.members == ("theta", "pretrained")
    set_share(model, 0.0)
    assert (effects_of(model) / [ELASTICITY, PROMOTION] > 0.3).all()  # of six epochs, averaged
    simple = model.forecast(past, future=future)
    without = model.forecast(past, future=future.assign(promotion=0.0))
    with_all = model.forecast(past, future=future.assign(promotion=1.0))
    assert ((with_all / without)["sales"] > 1.08).all()
    assert share_of(model) == 0
    np.testing.assert_allclose(model.predict(shop(), verbose=0).to_numpy()[-5:], simple, rtol=1e-4)
    bounds = model.forecast(past, future=future, levels=(80,))
    np.testing.assert_allclose(bounds["sales"], simple["sales"], rtol=1e-4)
    assert (bounds["sales-lo-80"] < bounds["sales"]).all()
    short = model.forecast(past, steps=3, future=future, levels=(80,))
    np.testing.assert_allclose(short, bounds.iloc[:3], rtol=1e-5)
    assert model.sample_paths(past, 7, future=future).shape == (5, 7)
    assert model.predict_quantiles(shop(40)).shape[:3] == (22, 5, 1)
    served = model.served()
    assert set(served.expected) == {"forecast", "quantiles"}


@pytest.mark.parametrize("known", [{"future_columns": KNOWN}, {"calendar": "weekday"}])
@pytest.mark.parametrize("make", [shop, shops])
def test_the_recipe_trains_for_a_horizon_of_one_row(make, known):
    """A graph for windows of any length does not know how long a slice of the horizon is: one row stayed unknown."""
    table = make() if make is shops else make(60)
    table = table if "future_columns" in known else table[["sales"]]
    one = {**TINY, "horizon": 1}
    model = sk.train_forecaster(table, targets="sales", **known, epochs=1, seed=0, verbose=0, **one)
    assert model.predict_quantiles(table).shape[1:] == (1, 1, 11)


def test_an_effect_on_a_constant_target_is_called_noise():
    table = shop(60).assign(sales=7.0)
    with pytest.warns(sk.SeqkitWarning, match="column 'sales' is constant, so what is learnt of known columns"):
        sk.build_forecaster(like=table, targets="sales", future_columns=KNOWN, **TINY)


def test_a_target_may_be_named_by_a_number_of_numpy():
    table = shop(60).set_axis([3, 4, 5], axis=1)
    assert sk.build_forecaster(like=table, targets=table.columns[0], **TINY).settings.targets == (3,)
    halves = table.set_axis([0.5, 1.5, 2.5], axis=1)
    assert sk.build_forecaster(like=halves, targets=0.5, **TINY).settings.targets == (0.5,)


@pytest.mark.parametrize("step", ["bh", "WOM-3FRI"])
def test_the_future_of_a_panel_follows_on_any_step(step):
    stamps = pd.date_range("2024-01-01", periods=45, freq=step)
    panel = pd.concat({name: shop(45, at).set_axis(stamps) for at, name in enumerate("ab")}, names=["shop", "day"])
    past, future = panel.groupby(level=0).head(40), panel.groupby(level=0).tail(5)[KNOWN]
    model = sk.build_forecaster(like=past, targets="sales", future_columns=KNOWN, **TINY)
    assert model.forecast(past, future=future).index.equals(future.index)


def test_a_backtest_knows_the_future_as_it_came_and_says_so():
    table = shop(80)
    model = built(table)
    assert refit_options(model)["future_columns"] == KNOWN
    result = sk.backtest(model, table, origins=1, epochs=1, seed=0, verbose=0, ets=False)
    assert "knew 'price', 'promotion' ahead as they came true" in result.verdict


@pytest.mark.slow
def test_a_backtest_of_a_trained_model_and_of_a_panel_know_it_too():
    table = shop(80)
    past, future = cut(table)
    trained = built(past)
    trained.fit(past, epochs=1, verbose=0)
    kept = sk.backtest(trained, table, origins=1, refit=False, verbose=0, ets=False)
    np.testing.assert_allclose(kept.forecasts["forecast"], trained.forecast(past, future=future)["sales"], rtol=1e-5)
    panel = sk.backtest(built(shops()), shops(), origins=1, epochs=1, seed=0, verbose=0, ets=False)
    assert "as they came true" in panel.verdict


# Saved and served


def test_it_is_saved_and_served_with_its_future(tmp_path):
    past, future = cut(shop(60))
    model = shaken(built(past, members="theta"))
    forecast = model.forecast(past, future=future)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert loaded.settings == model.settings
    pd.testing.assert_frame_equal(loaded.forecast(past, future=future), forecast)
    model.export(tmp_path / "exported")
    import tensorflow as tf

    served = tf.saved_model.load(str(tmp_path / "exported"))
    inputs = {"past": past.to_numpy("float32")[None], "future": future.to_numpy("float32")[None]}
    np.testing.assert_allclose(served.serve(**inputs)["forecast"][0], forecast, rtol=1e-5)
    assert served.describe()["future_columns"].numpy().tolist() == [b"price", b"promotion"]
    with pytest.raises(TypeError, match="missing a required argument: 'future'"):
        served.signatures["serve"](past=tf.constant(inputs["past"]))
    for wrong, message in (
        (inputs["future"][:, 1:], r"future must have the shape \(1, 5, 2\), .* got \(1, 4, 2\)"),
        (np.full_like(inputs["future"], np.nan), "future has no finite value in column .*price.*, sample 0, step 0"),
        (inputs["future"] * 0, "a log needs values above zero, got 0 in future, column .*price"),
    ):
        with pytest.raises(tf.errors.InvalidArgumentError, match=message):
            served.serve(past=inputs["past"], future=wrong)


def test_it_is_exported_as_a_file(tmp_path):
    past, _ = cut(shop(60))
    shaken(built(past)).export(tmp_path / "model.tflite", format="litert")  # compared with the live model
    assert (tmp_path / "model.tflite").stat().st_size > 0


def test_its_gates_are_those_of_the_latest_window_whose_future_is_known():
    table = shop(60)
    assert sk.gates(built(table), table)
