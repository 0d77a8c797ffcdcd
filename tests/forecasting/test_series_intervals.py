"""Intervals of each series of a panel: its own where it has windows, pooled where not, live and served."""

import functools

import keras
import numpy as np
import pandas as pd
import pytest

import seqkit as sk
from seqkit.forecasting.conformal import shrunk_factor
from seqkit.forecasting.series_factors import factors_for, factors_of_series

H, T, LEVELS = 4, 12, (0.1, 0.25, 0.5, 0.75, 0.9)
TENSORFLOW = pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="SavedModels need TensorFlow")


def series(name, rows, late_noise):
    """Days with a season, whose last 40 rows are noisier or calmer than those before."""
    random = np.random.default_rng(len(name) + rows)
    days = np.arange(rows)
    noise = random.normal(0, 1, rows) * np.where(days < rows - 40, 1.0, late_noise)
    stamps = pd.date_range("2024-01-01", periods=rows, name="day")
    return pd.DataFrame({"shop": name, "day": stamps, "sales": 100 + 10 * np.sin(days * np.pi / 3) + noise})


@functools.cache
def panel():
    shops = [series("calm", 100, 0.2), series("wild", 100, 5.0), series("young", 61, 1.0)]
    return sk.as_panel(pd.concat(shops), series="shop", time="day")


@functools.cache
def calibrated():
    parts = sk.split(panel(), validation=40, test=0)
    model = sk.build_forecaster(like=parts.train, horizon=H, timesteps=T, season=6, units=3, quantiles=LEVELS)
    model.calibrate(parts.validation)
    return model


def widths(model, name):
    forecast = model.forecast(panel(), levels=(50, 80)).loc[name]
    return (forecast["sales-hi-80"] - forecast["sales-lo-80"]).to_numpy()


def pooled(model):
    """The same model without intervals of single series."""
    other = type(model).from_config({**model.get_config(), "series_factors": {}})
    other.set_weights(model.get_weights())
    return other


def test_a_series_has_the_factor_of_its_own_errors_shrunk_by_its_windows():
    deviations = np.broadcast_to(np.array([-2.0, -1, 0, 1, 2]), (40, H, 1, 5))
    errors = np.random.default_rng(0).normal(0, 1, (40, H, 1))
    errors[:20] *= 3
    errors[20:] = errors[:20]
    names = np.array(["long"] * 20 + ["short"] * 20, object)
    found = factors_of_series(errors, deviations, LEVELS, names, {"long": 20, "short": 1})
    assert found["long"] == [shrunk_factor(errors[:20, :, 0], deviations[:20, :, 0], LEVELS, 20)]
    assert 1.5 < found["long"][0] < 3
    np.testing.assert_allclose(np.log(found["short"]), np.log(found["long"]) * (1 / 9) / (20 / 28))


def test_a_series_without_a_factor_has_the_pooled_widths():
    factors = {"a": [2.0, 3.0], "7": [4.0, 5.0]}
    np.testing.assert_array_equal(factors_for(factors, ["b", "a", 7], 2), [[1, 1], [2, 3], [4, 5]])
    assert factors_for({}, ["a"], 2) is None
    assert factors_for(factors, None, 2) is None


def test_a_noisy_series_has_wider_intervals_than_a_calm_one():
    model = calibrated()
    assert set(model.series_factors) == {"calm", "wild", "young"}
    shared = pooled(model)
    assert (widths(model, "wild") > 1.2 * widths(shared, "wild")).all()
    assert (widths(model, "calm") < 0.8 * widths(shared, "calm")).all()


def test_a_series_without_windows_has_the_pooled_intervals():
    parts = sk.split(panel().loc[["calm", "wild"]], validation=40, test=0)
    model = pooled(calibrated())
    model.calibrate(parts.validation)
    assert set(model.series_factors) == {"calm", "wild"}
    np.testing.assert_allclose(widths(model, "young"), widths(pooled(model), "young"), rtol=1e-5)


def test_the_point_forecast_is_the_same_and_windows_of_a_panel_know_their_series():
    model, shared = calibrated(), pooled(calibrated())
    forecast = model.forecast(panel(), levels=(80,))
    np.testing.assert_allclose(forecast["sales"], shared.forecast(panel())["sales"], rtol=1e-6)
    last = model.predict_quantiles(panel())[-1]  # after the last row of "young"
    np.testing.assert_allclose(last[:, 0, -1], forecast.loc["young"]["sales-hi-80"], rtol=1e-6)


def test_arrays_have_the_pooled_intervals():
    past = panel().loc["wild"].to_numpy("float32")[None, -T:]
    model = calibrated()
    np.testing.assert_allclose(model.predict_quantiles(past), pooled(model).predict_quantiles(past), rtol=1e-6)


def test_they_are_saved_and_training_forgets_them(tmp_path):
    model = calibrated()
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert loaded.series_factors == model.series_factors
    np.testing.assert_allclose(widths(loaded, "wild"), widths(model, "wild"), rtol=1e-5)
    loaded.fit(panel(), epochs=1, verbose=0)
    assert loaded.series_factors == {}


def test_the_recipe_keeps_them_and_lends_its_graph():
    options = {"horizon": H, "timesteps": T, "season": 6, "units": 3, "epochs": 1, "seed": 0, "verbose": 0}
    long = sk.split(panel(), validation=0, test=1).train.loc[["calm", "wild"]]
    models = [sk.train_forecaster(long, members=(), reuse=reuse, **options) for reuse in (None, True)]
    assert set(models[0].series_factors) == {"calm", "wild"}
    for name, factors in models[0].series_factors.items():
        np.testing.assert_allclose(factors, models[1].series_factors[name], rtol=1e-4)


REGIONS = {"calm": "north", "wild": "south", "young": "south"}


def with_regions():
    """The panel with a word for each series."""
    words = panel().index.get_level_values(0).map(REGIONS)
    return panel().assign(region=pd.Categorical(words))


@TENSORFLOW
@pytest.mark.parametrize(
    ("table", "options"),
    [
        (panel, {}),
        (panel, {"calendar": ["weekday"], "fill": "mask"}),
        (with_regions, {"targets": "sales", "static_columns": "region"}),
        (with_regions, {"targets": "sales"}),
    ],
    ids=["past", "calendar", "static words", "words of the past"],
)
def test_served_by_its_name_a_series_has_its_own_intervals(tmp_path, table, options):
    import tensorflow as tf

    parts = sk.split(table(), validation=40, test=0)
    sizes = {"horizon": H, "timesteps": T, "season": 6, "units": 3, "quantiles": LEVELS}
    model = sk.build_forecaster(like=parts.train, **sizes, **options)
    model.calibrate(parts.validation)
    served = tf.saved_model.load(str(model.export(tmp_path / "model")))
    assert [name.decode() for name in served.describe()["interval_series"].numpy()] == list(model.series_factors)
    names = ["wild", "calm", "a new shop"]
    rows = [table().loc[name] for name in ("wild", "calm", "calm")]
    inputs = {"past": np.stack([one[["sales"]].to_numpy("float32")[-T:] for one in rows])}
    if "calendar" in options:
        inputs["time"] = np.array([one.index[-1].isoformat() for one in rows])
    if "static_columns" in options:
        inputs["region"] = np.array([one["region"].iloc[-1] for one in rows])
    elif table is with_regions:
        inputs["region"] = np.stack([one["region"].astype(str).to_numpy()[-T:] for one in rows])
    by_series = {key: tensor.numpy() for key, tensor in served.serve_series(**inputs, series=names).items()}
    shared = {key: tensor.numpy() for key, tensor in served.serve(**inputs).items()}
    own = model.forecast(table(), levels=(50, 80))
    for at, name in enumerate(names[:2]):
        wanted = own.loc[name][["sales-lo-80", "sales-lo-50", "sales", "sales-hi-50", "sales-hi-80"]].to_numpy()
        np.testing.assert_allclose(by_series["quantiles"][at, :, 0], wanted, rtol=1e-5)
    np.testing.assert_allclose(by_series["quantiles"][2], shared["quantiles"][2], rtol=1e-6)
    np.testing.assert_allclose(by_series["forecast"], shared["forecast"], rtol=1e-6)
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"series must have the shape \(3,\).*got \(2,\)"):
        served.serve_series(**inputs, series=names[:2])
    with pytest.raises(TypeError, match="series"):
        served.serve_series(**inputs)


def test_paths_of_a_series_without_an_interval_are_refused_by_name():
    long = pd.DataFrame({"y": np.random.default_rng(0).poisson(9, 90) * 1.0}, pd.date_range("2024", periods=90))
    panel = pd.concat({"a": long, "short": long[:4]}, names=["shop", "day"])
    model = sk.build_forecaster(like=panel, horizon=5, timesteps=14, units=2)
    with pytest.warns(sk.SeqkitWarning):
        model.calibrate(panel)
    with pytest.warns(sk.SeqkitWarning, match="or the last value, without intervals"):
        assert model.forecast(panel, levels=80).loc["short", "y-lo-80"].isna().all()
    refused = pytest.raises(sk.InvalidValue, match="1 series is naive, without an interval: 'short'")
    with pytest.warns(sk.SeqkitWarning), refused:
        model.sample_paths(panel, 50)
    assert model.sample_paths(panel.drop("short"), 50).notna().all(axis=None)


def test_a_whole_number_names_the_same_series_as_the_float():
    found = factors_for({"1": [2.0], "1.5": [3.0], "a": [4.0]}, [1, 1.0, np.int64(1), 1.5, "a", "b"], 1)
    assert found.ravel().tolist() == [2, 2, 2, 3, 4, 1]
