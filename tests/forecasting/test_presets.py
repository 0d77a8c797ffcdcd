"""Presets, the default horizon, and an output without the axis of its only target."""

import keras
import numpy as np
import pandas as pd
import pytest
from keras import layers

import seqkit as sk
from seqkit.forecasting.presets import DEFAULTS, PRESETS


def monthly(rows=61, columns=1, freq="MS"):
    index = pd.date_range("2000-01-01", periods=rows, freq=freq, name="time")
    season = 50 + 20 * np.sin(np.arange(rows) * np.pi / 6)
    return pd.DataFrame({f"sales_{number}": season + number for number in range(columns)}, index=index)


def test_the_articles_stack_is_kerass_layer_for_layer():
    model = sk.build_forecaster(timesteps=7, features=1, horizon=3, preset="article")
    twin = keras.Sequential(
        [
            keras.Input((7, 1)),
            layers.LSTM(128, return_sequences=True),
            layers.Dropout(0.5),
            layers.LSTM(128, return_sequences=True),
            layers.LSTM(64),
            layers.Dense(3),
        ]
    )
    assert model.count_params() == twin.count_params() == 247_747
    assert model.output_shape == twin.output_shape == (None, 3)
    twin.set_weights(model.get_weights())
    x = np.random.default_rng(7).normal(size=(5, 7, 1)).astype("float32")
    np.testing.assert_array_equal(model(x), twin(x))
    assert model.loss == "mse"


def test_the_stack_in_the_default_frame_keeps_scaling_and_baseline():
    model = sk.build_forecaster(like=monthly(), preset="stacked_lstm")
    settings = model.settings
    assert (settings.cell, settings.units, settings.dropout) == ("lstm", (128, 128, 64), (0.5, 0.0, 0.0))
    assert (settings.scaling, settings.baseline, settings.transform) == ("window", "smoothed", ("log",))
    assert model.output_shape == (None, 12, 1)


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize(("name", "value"), [("units", 3), ("cell", "gru"), ("dropout", 0.1), ("first_dropout", 0.1)])
def test_what_a_preset_says_is_refused_beside_it(preset, name, value):
    with pytest.raises(ValueError, match=f"preset='{preset}' says {name} already, got {name}={value!r}. Leave {name}"):
        sk.build_forecaster(like=monthly(), preset=preset, **{name: value})


@pytest.mark.parametrize("name", ["scaling", "baseline", "loss", "transform", "segment", "squeeze"])
def test_the_article_as_written_says_its_frame_too(name):
    value = {"segment": 2, "squeeze": False}.get(name, "last")
    with pytest.raises(ValueError, match=f"preset='article' says {name} already"):
        sk.build_forecaster(like=monthly(), preset="article", **{name: value})


def test_an_unknown_preset_lists_the_choices():
    with pytest.raises(
        ValueError, match="preset must be one of 'stacked_lstm', 'long_horizon', 'article', got 'artical'. Did you mean"
    ):
        sk.build_forecaster(like=monthly(), preset="artical")


def test_the_table_of_presets_names_arguments_of_the_builder():
    for preset in PRESETS.values():
        assert preset.description
        assert set(preset.arguments) <= {*DEFAULTS, "first_dropout", "transform", "segment"}


@pytest.mark.parametrize(("rows", "freq", "horizon"), [(61, "MS", 12), (23, "MS", 7), (61, "YS", 6), (49, "D", 7)])
def test_the_default_horizon_is_a_season_and_at_most_a_third_of_the_rows(rows, freq, horizon):
    assert sk.build_forecaster(like=monthly(rows, freq=freq)).settings.horizon == horizon


def test_without_a_table_the_horizon_is_asked_for():
    with pytest.raises(ValueError, match="build_forecaster: give horizon=, the rows to predict at once"):
        sk.build_forecaster(timesteps=7, features=1)


def test_a_recipe_takes_the_default_horizon_too():
    assert sk.train_forecaster(monthly(), epochs=1, seed=7).settings.horizon == 12


def test_without_the_axis_of_the_target_all_verbs_answer_as_with_it(tmp_path):
    table = monthly()
    squeezed, whole = (
        sk.build_forecaster(like=table, horizon=5, units=3, squeeze=squeeze) for squeeze in (True, False)
    )
    whole.set_weights(squeezed.get_weights())
    assert (squeezed.output_shape, whole.output_shape) == ((None, 5), (None, 5, 1))
    pd.testing.assert_frame_equal(squeezed.forecast(table, steps=7), whole.forecast(table, steps=7))
    pd.testing.assert_frame_equal(squeezed.predict(table, verbose=0), whole.predict(table, verbose=0))
    assert squeezed.evaluate(table, verbose=0) == pytest.approx(whole.evaluate(table, verbose=0), rel=1e-6)
    squeezed.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    pd.testing.assert_frame_equal(loaded.forecast(table), squeezed.forecast(table))


@pytest.mark.parametrize("axes", [2, 3])
def test_what_fit_receives_never_changes_the_shape_of_the_output(axes):
    model = sk.build_forecaster(timesteps=7, features=1, horizon=3, preset="article")
    x, y = np.ones((5, 7, 1), "float32"), np.ones((5, 3, 1), "float32")
    history = model.fit(x, y if axes == 3 else y[..., 0], epochs=1, verbose=0).history
    assert np.isfinite(history["mae"]).all()
    assert model.predict(x, verbose=0).shape == (5, 3)


def test_several_targets_cannot_be_squeezed():
    with pytest.raises(
        ValueError, match="squeeze=True leaves out the axis of the only target, and there are 2 targets"
    ):
        sk.build_forecaster(like=monthly(columns=2), squeeze=True)


def test_a_backtest_trains_the_same_network_again():
    table = monthly()
    model = sk.build_forecaster(like=table, horizon=5, preset="article", timesteps=12)
    result = sk.backtest(model, table, origins=1, epochs=1, progress=False, ets=False)
    assert np.isfinite(result.forecasts["forecast"]).all()
