"""Intermittent series are recognised, and get a loss whose best forecast is no zero."""

import warnings

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf

import seqkit as sk
from seqkit.data.zeros import never_below_zero
from seqkit.forecasting.intermittent import is_intermittent, is_intermittent_table

SIZES = {"timesteps": 14, "horizon": 3, "units": 3}


def demand(rows=120, chance=0.2, seed=7):
    random = np.random.default_rng(seed)
    return (random.random(rows) < chance) * random.geometric(0.3, rows) * 1.0


def table_of(values, name="demand"):
    return pd.DataFrame({name: values}, pd.date_range("2024-01-01", periods=len(values), freq="D"))


def sunshine():
    hours = np.arange(24 * 20) % 24
    return np.maximum(0, np.sin((hours - 6) / 12 * np.pi)) * np.random.default_rng(3).uniform(0.5, 1, 480)


@pytest.mark.parametrize(
    ("values", "period", "expected"),
    [
        (demand(), 7, True),
        (np.r_[np.full(60, np.nan), demand(60)], 7, True),
        (demand(chance=0.95), 7, False),  # a demand on nearly each day
        (np.r_[np.zeros(200), demand(60, chance=1.0)], 7, False),  # zeros before the first demand alone
        (demand() - 1.0, 7, False),  # values below zero
        (np.zeros(60), 7, False),
        (np.r_[np.zeros(60), 5.0], 7, False),  # one demand
        (np.tile([0, 0, 5.0, 0, 0, 0, 0], 20), 7, False),  # each Wednesday
        (sunshine(), 24, False),
        (np.random.default_rng(5).normal(50, 3, 90), 7, False),
    ],
)
def test_the_published_interval_and_the_medians_of_the_season_decide(values, period, expected):
    assert is_intermittent(values, period) is expected


def test_an_intermittent_table_gets_a_loss_of_the_mean_and_one_note():
    with pytest.warns(sk.SeqkitWarning, match=r"intermittent: zero on so many rows.*loss='mse' is chosen") as caught:
        model = sk.build_forecaster(like=table_of(demand()), **SIZES)
    assert len(caught) == 1
    assert model.loss == "mse"


@pytest.mark.parametrize("options", [{"loss": "mae"}, {"loss": "huber"}, {"preset": "article"}])
def test_a_loss_that_was_asked_for_stays(options):
    sizes = SIZES if "loss" in options else {name: SIZES[name] for name in ("timesteps", "horizon")}
    model = sk.build_forecaster(like=table_of(demand()), **sizes, **options)
    assert model.loss == options.get("loss", "mse")


def test_targets_alone_decide():
    table = table_of(demand()).assign(price=np.random.default_rng(5).uniform(1, 2, 120))
    assert sk.build_forecaster(like=table, targets="price", **SIZES).loss == "mae"
    with pytest.warns(sk.SeqkitWarning, match="most targets are intermittent"):
        assert sk.build_forecaster(like=table, targets="demand", **SIZES).loss == "mse"


@pytest.mark.parametrize("share", [0.25, 0.75])
def test_the_majority_of_the_series_of_a_panel_decides(share):
    parts = {f"s{at}": table_of(demand(seed=at) if at < 8 * share else demand(seed=at) + 5) for at in range(8)}
    panel = sk.as_panel(pd.concat(parts, names=["series"]))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model = sk.build_forecaster(like=panel, **SIZES)
    assert model.loss == ("mse" if share > 0.5 else "mae")
    assert [str(one.message).count("series are intermittent") for one in caught] == [1] * (share > 0.5)


@pytest.mark.slow
def test_the_recipe_forecasts_the_mean_and_a_refit_keeps_the_loss_without_another_note():
    table = table_of(demand(150, chance=0.25))
    with pytest.warns(sk.SeqkitWarning, match="intermittent"):
        model = sk.train_forecaster(table, epochs=3, seed=0, verbose=0, **SIZES)
    assert model.loss == "mse"
    assert model.settings.members == ()
    result = sk.backtest(model, table, origins=2, epochs=1, seed=0, progress=False, ets=False)
    assert "root mean square error" in result.verdict
    assert "The values are intermittent, and the model forecasts their mean" in result.verdict


def test_columns_of_words_are_passed_over():
    days = pd.date_range("2024-01-01", periods=60, freq="D")
    demand = np.where(np.arange(60) % 5 == 0, 4.0, 0.0)
    table = pd.DataFrame({"sold": demand, "kind": pd.Categorical(["a", "b"] * 30)}, days)
    assert is_intermittent_table(table, "sold")
    assert is_intermittent_table(table.astype({"kind": str}), None, categories=["kind"])


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (demand(), True),
        (np.r_[demand()[:60], np.full(60, np.nan)], True),
        (demand() - 1.0, False),
        (np.r_[0.0, np.random.default_rng(5).uniform(0, 9, 119)], False),  # one zero
        (np.r_[0.0, 0.0, np.random.default_rng(5).uniform(0, 9, 298)], False),  # fewer than one row of a hundred
        (np.full(60, np.nan), False),
        (np.zeros(0), False),
    ],
)
def test_a_column_with_zeros_and_nothing_below_is_never_below_zero(values, expected):
    assert never_below_zero(values[:, None], ["none"]) == (expected,)


@pytest.mark.parametrize(
    ("lowest", "kind", "expected"),
    [(0.0, "asinh", True), (0.1, "log", True), (-0.1, "asinh", False), (0.1, "none", False)],
)
def test_a_transformed_column_with_nothing_below_zero_is_never_below_zero(lowest, kind, expected):
    values = np.r_[lowest, np.random.default_rng(5).uniform(1, 9, 149)]
    assert never_below_zero(values[:, None], [kind]) == (expected,)


def test_the_pretrained_network_has_no_bound_of_positive_values_below_zero():
    values = np.random.default_rng(1).lognormal(0.3, 1.2, 150)
    model = sk.build_forecaster(like=table_of(values), horizon=7, weights="synthetic")
    assert model.settings.at_least_zero == (True,)
    assert model.forecast(table_of(values), levels=(80, 99)).min(axis=None) == 0
    below = sk.build_forecaster(like=table_of(values - 2), horizon=7, weights="synthetic")
    assert below.settings.at_least_zero == (False,)


def sinking(model):
    """The model, which forecasts far below zero."""
    model.get_layer("head").bias.assign(np.full(model.get_layer("head").bias.shape, -9.0))
    return model


@pytest.mark.filterwarnings("ignore:.*most targets are intermittent")
def test_no_forecast_or_bound_of_such_a_target_is_below_zero(tmp_path):
    table = table_of(demand()).assign(change=np.random.default_rng(5).normal(0, 1, 120))
    model = sinking(sk.build_forecaster(like=table, **SIZES, loss="mae", segment=1, head="dense"))
    assert model.settings.at_least_zero == (True, False)
    model.calibrate(table)
    forecast = model.forecast(table, levels=(80,))
    assert (forecast["demand"] == 0).all()
    assert (forecast["demand-lo-80"] == 0).all()
    assert (forecast["change"] < 0).all()
    assert model.evaluate(table, verbose=0, return_dict=True)["mae"] > 0
    served = tf.saved_model.load(str(model.export(tmp_path / "model")))
    answers = served.serve(table.to_numpy("float32")[None])
    assert answers["forecast"].numpy()[..., 0].max() == 0
    assert answers["quantiles"].numpy()[:, :, 0].min() == 0


def test_the_pretrained_network_has_no_bound_of_such_a_target_below_zero(tmp_path):
    table = table_of(demand()).assign(change=np.random.default_rng(5).normal(0, 1, 120))
    model = sk.build_forecaster(like=table, horizon=3, weights="synthetic")
    forecast = model.forecast(table, steps=70, levels=(95,))
    assert forecast["demand-lo-95"].min() == 0
    assert forecast["change-lo-95"].max() < 0
    assert model.sample_paths(table, seed=0)["demand"].min(axis=None) == 0
    model.save(tmp_path / "model.keras")
    pd.testing.assert_frame_equal(
        keras.saving.load_model(tmp_path / "model.keras").forecast(table, levels=(95,)),
        model.forecast(table, levels=(95,)),
    )
    served = tf.saved_model.load(str(model.export(tmp_path / "served")))
    assert served.serve(table.to_numpy("float32")[None])["quantiles"].numpy()[:, :, 0].min() == 0


def test_a_forecast_below_zero_still_has_a_gradient_in_training():
    table = table_of(demand())
    model = sinking(sk.build_forecaster(like=table, **SIZES, loss="mae", segment=1, head="dense"))
    before = np.array(model.get_layer("head").bias)
    model.fit(table, epochs=1, verbose=0)
    assert (np.array(model.get_layer("head").bias) > before).all()
