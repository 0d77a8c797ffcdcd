"""The pretrained forecaster: no training, quantiles, intervals, gaps, short tables, panels, and what it refuses."""

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf

import seqkit as sk
from seqkit.layers.quantiles import LEVELS


def monthly(rows=90, seed=0, level=50.0):
    months = np.arange(rows)
    noise = np.random.default_rng(seed).normal(0, 1, rows)
    index = pd.date_range("2015-01-01", periods=rows, freq="MS", name="month")
    return pd.DataFrame({"sales": level + 10 * np.sin(2 * np.pi * months / 12) + noise}, index)


TABLE = monthly()


@pytest.fixture(scope="module")
def model():
    return sk.build_forecaster(like=TABLE, horizon=12, weights="synthetic")


def test_it_forecasts_the_season_of_a_series_that_it_has_never_seen(model):
    forecast = model.forecast(TABLE)
    assert isinstance(model, sk.PretrainedForecaster)
    assert isinstance(model, sk.Forecaster)
    assert (model.settings.season, model.settings.timesteps, model.trained_until) == (12, 256, None)
    actual = 50 + 10 * np.sin(2 * np.pi * np.arange(90, 102) / 12)
    assert np.abs(forecast["sales"] - actual).max() < 4
    assert forecast.index.equals(pd.date_range("2022-07-01", periods=12, freq="MS"))


def test_the_week_of_hours_is_told_with_the_day_and_a_season_that_was_asked_for_is_alone():
    hours = np.arange(400)
    index = pd.date_range("2024-01-01", periods=400, freq="h", name="hour")
    load = pd.DataFrame({"load": 9 + np.sin(2 * np.pi * hours / 24)}, index)
    told = sk.build_forecaster(like=load, horizon=6, weights="synthetic").settings
    assert (told.season, told.long_season) == (24, 168)
    asked = sk.build_forecaster(like=load, horizon=6, weights="synthetic", season=24).settings
    assert (asked.season, asked.long_season) == (24, 1)


def test_intervals_stand_beside_each_target_and_hold_the_forecast(model):
    forecast = model.forecast(TABLE, levels=(80, 95))
    assert list(forecast.columns) == ["sales", "sales-lo-80", "sales-hi-80", "sales-lo-95", "sales-hi-95"]
    rising = forecast[["sales-lo-95", "sales-lo-80", "sales", "sales-hi-80", "sales-hi-95"]].to_numpy()
    assert (np.diff(rising, axis=1) > 0).all()
    pd.testing.assert_series_equal(forecast["sales"], model.forecast(TABLE)["sales"])


def test_predict_quantiles_has_the_quantiles_of_predict(model):
    quantiles, medians = model.predict_quantiles(TABLE), model.predict(TABLE, verbose=0)
    origins = medians.index.get_level_values("origin").unique()
    assert quantiles.shape == (len(origins), 12, 1, 11)
    assert model.quantile_levels == LEVELS
    np.testing.assert_allclose(quantiles[..., 0, 5].ravel(), medians["sales"], rtol=1e-5)
    assert origins[0] == TABLE.index[11]  # a season is known there


def test_steps_beyond_the_horizon_come_from_the_same_network(model):
    longer = model.forecast(TABLE, steps=30, levels=(80,))
    assert longer.shape == (30, 3)
    np.testing.assert_allclose(longer["sales"][:12], model.forecast(TABLE)["sales"], rtol=1e-5)


def test_a_table_may_be_short_and_have_gaps(model):
    short = TABLE.iloc[:20].copy()
    short.iloc[3:6] = np.nan
    assert np.isfinite(model.forecast(short).to_numpy()).all()
    assert np.isfinite(model.forecast(TABLE.iloc[:1]).to_numpy()).all()
    with pytest.raises(ValueError, match="without a known value"):
        model.forecast(TABLE * np.nan)


def test_it_is_scored_without_training_at_each_origin(model):
    scored = sk.backtest(model, TABLE, origins=2, verbose=0)
    assert scored.scores.loc["forecast", "mae"] < 3


def test_fit_goes_on_from_the_weights():
    model = sk.build_forecaster(like=TABLE, horizon=12, weights="synthetic")
    before = model.evaluate(TABLE, verbose=0, return_dict=True)["loss"]
    model.fit(TABLE, epochs=2, verbose=0)
    assert model.evaluate(TABLE, verbose=0, return_dict=True)["loss"] < before
    assert model.trained_until == "2022-06-01T00:00:00"


def test_saved_and_exported_it_tells_the_same(model, tmp_path):
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    wanted = model.forecast(TABLE, levels=(95,))
    pd.testing.assert_frame_equal(again.forecast(TABLE, levels=(95,)), wanted)
    model.export(tmp_path / "served")
    served = tf.saved_model.load(tmp_path / "served")
    answer = served.serve(TABLE.to_numpy("float32")[None])  # 90 rows, and the model reads 256
    np.testing.assert_allclose(answer["forecast"][0, :, 0], wanted["sales"], rtol=1e-5)
    np.testing.assert_allclose(answer["quantiles"].numpy()[0, :, 0, [1, 9]].T, wanted.iloc[:, 1:], rtol=1e-5)
    np.testing.assert_allclose(served.describe()["levels"], LEVELS)


def test_each_series_of_a_panel_is_forecast_however_short_it_is():
    panel = pd.concat({"long": TABLE, "short": monthly(5, level=900.0)}, names=["shop"])
    model = sk.build_forecaster(like=panel, horizon=6, weights="synthetic")
    forecast = model.forecast(panel, levels=(80,))
    assert forecast.shape == (12, 3)
    assert np.isfinite(forecast.to_numpy()).all()
    alone = sk.build_forecaster(like=TABLE, horizon=6, weights="synthetic").forecast(TABLE)
    np.testing.assert_allclose(forecast.loc["long", "sales"], alone["sales"], rtol=1e-4)
    assert forecast.loc["short", "sales"].between(800, 1000).all()


@pytest.mark.parametrize("quantiles", [(), (0.5,)])
def test_it_may_have_the_median_alone_or_no_quantiles_and_goes_on_training(quantiles):
    table = monthly(60)
    whole = sk.build_forecaster(like=table, horizon=6, weights="synthetic")
    model = sk.build_forecaster(like=table, horizon=6, weights="synthetic", quantiles=quantiles)
    np.testing.assert_allclose(model.forecast(table), whole.forecast(table), rtol=1e-5)
    assert np.isfinite(model.fit(table, epochs=1, verbose=0).history["loss"]).all()


def test_a_season_that_its_windows_cannot_hold_is_refused_with_a_way_out():
    table = monthly(60)
    with pytest.raises(sk.InvalidValue, match="season=300, and the pretrained network reads 256 timesteps at most"):
        sk.build_forecaster(like=table, horizon=6, weights="synthetic", season=300)


def test_a_loss_makes_no_quantiles():
    model = sk.build_forecaster(like=TABLE, horizon=3, weights="synthetic", loss="mae")
    assert model.quantile_levels == ()
    with pytest.raises(ValueError, match="predict_quantiles: this model was built without quantiles"):
        model.predict_quantiles(TABLE)
    with pytest.raises(ValueError, match="levels= asks for intervals, and this model was built without quantiles"):
        model.forecast(TABLE, levels=(80,))


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("cell", "lstm"),
        ("units", 64),
        ("segment", 4),
        ("scaling", "standard"),
        ("baseline", "last"),
        ("transform", "log"),
        ("preset", "article"),
        ("attention", "tanh"),
        ("channels", "joint"),
        ("fill", "last"),
        ("dropout", 0.1),
    ],
)
def test_what_the_weights_have_decided_is_refused_by_name(argument, value):
    with pytest.raises(ValueError, match=f"{argument}='?{value}'? beside weights='synthetic'.*Leave {argument} out"):
        sk.build_forecaster(like=TABLE, weights="synthetic", **{argument: value})


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"weights": "imagenet"}, "weights must be one of 'synthetic', got 'imagenet'"),
        ({"weights": "synthetic", "timesteps": 300}, "reads 256 timesteps at most"),
        ({"weights": "synthetic", "quantiles": [0.5, 0.1]}, "quantiles must rise"),
        ({"weights": "synthetic", "quantiles": [0.001, 0.5, 0.999]}, "go beyond those of the weights"),
    ],
)
def test_other_weights_and_quantiles_are_refused(options, problem):
    with pytest.raises(ValueError, match=problem):
        sk.build_forecaster(like=TABLE, horizon=3, **options)


@pytest.mark.parametrize(
    ("levels", "problem"),
    [
        ((99.5,), "a level of 99.5 % is beyond the outermost quantiles of the model, 99 %"),
        ((95, 80), "levels must rise between 0 and 100"),
        ((0, 80), "levels must rise between 0 and 100"),
        (("much",), "levels must be numbers of percent"),
    ],
)
def test_levels_that_the_quantiles_do_not_have_are_refused(model, levels, problem):
    with pytest.raises(ValueError, match=problem):
        model.forecast(TABLE, levels=levels)


def test_a_model_without_quantiles_refuses_levels_and_names_the_way_out():
    plain = sk.build_forecaster(like=TABLE, horizon=3, units=2)
    with pytest.raises(ValueError, match=r"levels= asks for intervals.*not calibrated.*model\.calibrate\(table\)"):
        plain.forecast(TABLE, levels=(80,))


@pytest.mark.parametrize("of_panel", [False, True])
def test_the_recipe_goes_on_from_the_weights(of_panel):
    table = pd.concat({"a": TABLE, "b": TABLE * 2}, names=["shop"]) if of_panel else TABLE
    model = sk.train_forecaster(table, horizon=3, weights="synthetic", epochs=1, seed=0, verbose=0)
    assert model.settings.members == ()
    assert model.quantile_levels == LEVELS
    assert np.isfinite(model.forecast(table, levels=(80,))).all(axis=None)
