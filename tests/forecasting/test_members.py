"""The members of a forecaster: their mean, the share of the trained network, and what the recipe makes of them."""

import keras
import numpy as np
import pandas as pd
import pytest

import seqkit as sk
from seqkit.forecasting import members as of_forecaster
from seqkit.forecasting.member_forecasts import FIRST_SHARE_OF_PRETRAINED, MemberForecasts
from seqkit.forecasting.members import (
    Share,
    default_members,
    members_of,
    remark_on_shares,
    set_share,
    share_of,
    shrunk_share,
    weigh_members,
)
from seqkit.forecasting.simple import simple_forecast
from seqkit.layers import ExponentialSmoothing, SmoothedBaseline, Theta

TINY = {"timesteps": 24, "horizon": 3, "units": 3, "cell": "simple_rnn"}
BOTH = ("ets", "theta")
DEFAULT = ("theta", "pretrained")


def monthly(rows, seed=0):
    random, months = np.random.default_rng(seed), np.arange(rows)
    sales = (100 + months) * (1 + 0.3 * np.sin(2 * np.pi * months / 12)) * np.exp(random.normal(0, 0.03, rows))
    return pd.DataFrame({"sales": sales}, pd.date_range("2001-01-01", periods=rows, freq="MS", name="month"))


@pytest.fixture(scope="module")
def trained():
    """What the recipe makes of 60 months, and its twin with a share of one half."""
    return sk.train_forecaster(monthly(60), epochs=2, seed=1, **TINY)


# The layer


def test_the_forecast_is_the_mean_of_the_members_moved_by_the_share():
    past = np.random.default_rng(0).normal(size=(2, 12, 1)).astype("float32")
    network = np.zeros((2, 5, 1), "float32")
    layer = MemberForecasts(("ets", "theta", "smoothed"), 5, season=4)
    mean = sum(np.asarray(kind(5, 4)(past)) for kind in (ExponentialSmoothing, Theta, SmoothedBaseline)) / 3
    np.testing.assert_allclose(keras.ops.convert_to_numpy(layer(past, network)), 0.75 * mean, rtol=1e-4)
    np.testing.assert_array_equal(keras.ops.convert_to_numpy(layer(past, network, training=True)), network)
    layer.share.assign(0.0)
    np.testing.assert_allclose(keras.ops.convert_to_numpy(layer(past, network)), mean, rtol=1e-4)
    layer.share.assign(1.0)
    np.testing.assert_allclose(keras.ops.convert_to_numpy(layer(past, network)), network, atol=1e-6)
    assert not layer.trainable_weights


def test_other_words_are_refused():
    problem = "members must be one of 'ets', 'theta', 'smoothed', 'pretrained', got 'arima'"
    with pytest.raises(ValueError, match=problem):
        sk.build_forecaster(like=monthly(60), members="arima", **TINY)
    with pytest.raises(sk.InvalidType, match="members must be names of other forecasts, got an int. Name some of"):
        sk.build_forecaster(like=monthly(60), members=5, **TINY)


# The builder


def test_members_forecast_without_training_and_are_saved(tmp_path):
    table = monthly(60)
    model = sk.build_forecaster(like=table, members=BOTH, **TINY)
    assert model.settings.members == BOTH
    assert sk.build_forecaster(like=table, **TINY).settings.members == ()
    forecast = model.forecast(table)
    windows = np.log(table.to_numpy("float32")[None, -24:])
    parts = [np.asarray(kind(3, 12)(windows)) for kind in (ExponentialSmoothing, Theta, SmoothedBaseline)]
    np.testing.assert_allclose(forecast.to_numpy(), np.exp(sum(parts) / 3)[0], rtol=1e-3)
    np.testing.assert_allclose(model.predict(table).to_numpy()[-3:], forecast.to_numpy(), rtol=1e-5)
    model.save(tmp_path / "model.keras")
    pd.testing.assert_frame_equal(keras.models.load_model(tmp_path / "model.keras").forecast(table), forecast)
    model.export(tmp_path / "exported")
    import tensorflow as tf

    loaded = tf.saved_model.load(str(tmp_path / "exported"))
    served = loaded.serve(table.to_numpy("float32")[None])["forecast"]
    np.testing.assert_allclose(served[0], forecast.to_numpy(), rtol=1e-5)


def test_training_is_that_of_a_model_without_members():
    table, weights = monthly(60), []
    for members in ((), BOTH):
        keras.utils.set_random_seed(3)
        model = sk.build_forecaster(like=table, members=members, **TINY)
        model.fit(table, epochs=2, verbose=0)
        weights.append([np.asarray(weight) for weight in model.trainable_weights])
    for without, beside in zip(*weights, strict=True):
        np.testing.assert_array_equal(without, beside)


def test_members_forecast_each_series_of_a_panel():
    shops = [monthly(60, seed=seed).reset_index().assign(shop=name) for seed, name in ((1, "a"), (2, "b"))]
    panel = sk.as_panel(pd.concat(shops), series="shop", time="month")
    members = ("ets", "smoothed")  # of a panel, Theta halves all trends
    model = sk.build_forecaster(like=panel, members=members, transform="log", **TINY)
    alone = sk.build_forecaster(like=monthly(60, seed=2), members=members, transform="log", **TINY)
    set_share(model, 0.0)
    set_share(alone, 0.0)
    there, here = model.forecast(panel).loc["b"], alone.forecast(monthly(60, seed=2))
    np.testing.assert_allclose(there.to_numpy(), here.to_numpy(), rtol=1e-4)


def test_a_recipe_mixes_two_thirds_of_the_trained_network_of_a_panel():
    shops = [monthly(60, seed=seed).reset_index().assign(shop=name) for seed, name in ((1, "a"), (2, "b"))]
    panel = sk.as_panel(pd.concat(shops), series="shop", time="month")
    model = sk.train_forecaster(panel, epochs=2, seed=1, **TINY)
    assert model.settings.members == DEFAULT
    assert share_of(model) == pytest.approx(2 / 3 if model.chosen_epochs else 0.0)


# The pretrained member


@pytest.mark.parametrize("transform", ["log", "none"])
def test_the_pretrained_member_is_the_median_of_the_pretrained_network_in_the_units_of_the_table(transform, tmp_path):
    table = monthly(60)
    model = sk.build_forecaster(like=table, members="pretrained", season=12, transform=transform, **TINY)
    set_share(model, 0.0)
    alone = sk.build_forecaster(like=table, season=12, horizon=3, timesteps=24, weights="synthetic")
    forecast = model.forecast(table)
    pd.testing.assert_frame_equal(forecast, alone.forecast(table), rtol=1e-3)
    model.save(tmp_path / "model.keras")
    pd.testing.assert_frame_equal(keras.models.load_model(tmp_path / "model.keras").forecast(table), forecast)


def test_gates_show_the_trained_layers_alone():
    model = sk.build_forecaster(like=monthly(60), members="pretrained", horizon=3, timesteps=24, units=3)
    assert [name for name in sk.gates(model, monthly(60)) if "coder" in name] == []


def test_no_weight_of_the_pretrained_member_is_trained():
    model = sk.build_forecaster(like=monthly(60), members="pretrained", **TINY)
    network = of_forecaster.members_of(model).pretrained.network
    assert not network.trainable_weights
    without = sk.build_forecaster(like=monthly(60), **TINY)
    assert len(model.trainable_weights) == len(without.trainable_weights)
    assert model.count_params() > without.count_params() + 200_000


def test_the_pretrained_member_has_a_share_of_its_own_beside_others():
    random = np.random.default_rng(0)
    past, raw = random.normal(size=(2, 2, 12, 2)).astype("float32")
    network = np.zeros((2, 5, 2), "float32")
    known = {"raw": raw, "level": np.zeros((2, 1, 2), "float32"), "spread": np.ones((2, 1, 2), "float32")}
    layer = MemberForecasts(("theta", "ets", "pretrained"), 5, season=4, transforms=("none", "none"), weighed=True)
    layer(past, network, **known)
    np.testing.assert_allclose(layer.pretrained_share.numpy(), 2 * [FIRST_SHARE_OF_PRETRAINED])
    layer.share.assign(0.0)
    others = (np.asarray(Theta(5, 4)(past)) + np.asarray(ExponentialSmoothing(5, 4)(past))) / 2
    quantiles = np.asarray(layer.pretrained(raw))
    pretrained = quantiles[..., quantiles.shape[-1] // 2]
    layer.pretrained_share.assign([0.0, 1.0])
    found = np.asarray(layer(past, network, **known))
    np.testing.assert_allclose(found[..., 0], others[..., 0], rtol=1e-4)
    np.testing.assert_allclose(found[..., 1], pretrained[..., 1], rtol=1e-4)
    equal = MemberForecasts.from_config({**layer.get_config(), "weighed": False})
    equal(past, network, **known)
    assert equal.pretrained_share is None
    assert MemberForecasts(("pretrained",), 5, weighed=True).pretrained_share is None


def test_folds_move_the_share_of_the_pretrained_member_of_each_target(monkeypatch):
    """Of two targets, Theta alone is right about the first, and the pretrained network about the second."""
    table = monthly(60).assign(other=monthly(60, seed=5)["sales"])
    model = sk.build_forecaster(like=table, members=DEFAULT, transform="none", **TINY)
    layer, actual = members_of(model), []
    scaled = of_forecaster._scaled

    def came(*given):
        actual.append(scaled(*given))
        return actual[-1]

    def parts(model, past):
        near, far = actual[-1] + 0.1, actual[-1] + 1.0
        theta, pretrained = np.stack([near[..., 0], far[..., 1]], -1), np.stack([far[..., 0], near[..., 1]], -1)
        return {"simple": theta + layer.pretrained_share.numpy() * (pretrained - theta)}

    monkeypatch.setattr(of_forecaster, "_scaled", came)
    monkeypatch.setattr(of_forecaster, "parts_of", parts)
    weigh_members(model, model.windows(table))
    np.testing.assert_allclose(layer.pretrained_share.numpy(), [0.0, 1.0], atol=1e-6)


def test_the_share_of_the_pretrained_member_is_the_first_one_where_folds_are_too_few():
    table = monthly(30)
    model = sk.build_forecaster(like=table, members=DEFAULT, **TINY)
    weigh_members(model, model.windows(table))  # of 24 rows, and 3 ahead: two folds, which may move it
    members_of(model).pretrained_share.assign([0.1])
    weigh_members(model, model.windows(monthly(28)))  # one fold
    np.testing.assert_allclose(members_of(model).pretrained_share.numpy(), [FIRST_SHARE_OF_PRETRAINED])


def test_members_of_a_model_from_before_their_shares_are_equal():
    model = sk.build_forecaster(like=monthly(60), members=DEFAULT, **TINY)
    config = model.get_config()
    del config["settings"]["weighs_members"]
    assert members_of(type(model).from_config(config)).pretrained_share is None


def test_theta_judges_the_trend_of_a_table_and_halves_that_of_a_panel_and_of_models_from_before():
    table = monthly(60)
    model = sk.build_forecaster(like=table, members=DEFAULT, **TINY)
    theta = members_of(model)._layers_of_members[0]
    assert theta.judges_trend
    config = model.get_config()
    del config["settings"]["judges_trend"]
    assert not members_of(type(model).from_config(config))._layers_of_members[0].judges_trend
    panel = pd.concat(dict.fromkeys("ab", table), names=["shop", "month"])
    of_panel = sk.build_forecaster(like=panel, members=DEFAULT, **TINY)
    assert not members_of(of_panel)._layers_of_members[0].judges_trend


# The recipe


def test_the_recipe_has_members_by_default_and_chooses_a_share(trained):
    assert trained.settings.members == DEFAULT
    assert 0 <= share_of(trained) <= 1
    assert trained.validation_history["val_loss"]
    assert np.isfinite(trained.forecast(monthly(60))).all(axis=None)


@pytest.mark.parametrize(
    ("options", "rows", "members"),
    [
        ({}, None, DEFAULT),
        ({"loss": "mse", "baseline": "smoothed", "scaling": "window", "transform": "none"}, 7, DEFAULT),
        ({"preset": "stacked_lstm"}, None, ()),
        ({"baseline": "last"}, None, ()),
        ({"scaling": "standard"}, None, ()),
        ({"loss": keras.losses.Huber()}, None, ()),
        ({}, 0, ()),
    ],
)
def test_members_are_there_where_nothing_else_is_asked_for(options, rows, members):
    assert default_members(options, rows) == members


def test_a_share_is_shrunk_where_windows_are_few_and_zero_within_one_standard_error():
    better = {0.0: np.array([3.0, 2.0, 4.0, 3.0]), 0.5: np.array([1.0, 0.5, 1.5, 1.0])}
    gains = np.array([2.0, 1.5, 2.5, 2.0])
    error = gains.std(ddof=1) / 2
    assert shrunk_share(better) == pytest.approx(0.5 * (1 - (error / 2) ** 2))
    assert shrunk_share({share: errors[:1] for share, errors in better.items()}) == 0
    doubtful = {0.0: np.array([3.0, 2.0]), 0.5: np.array([1.0, 3.5])}
    assert shrunk_share(doubtful) == 0
    of_first = {0.6: better[0.0], 1.0: better[0.5]}
    assert shrunk_share(of_first, 0.6) == pytest.approx(0.6 + 0.4 * (1 - (error / 2) ** 2))
    assert shrunk_share({0.6: doubtful[0.0], 0.5: doubtful[0.5]}, 0.6) == 0.6


def test_a_share_above_zero_trains_on_all_rows_and_zero_does_not(monkeypatch):
    for share in (0.0, 0.25):
        monkeypatch.setattr("seqkit.forecasting.stages.share_by_folds", lambda *given, share=share: Share(share))
        monkeypatch.setattr("seqkit.forecasting.stages._rounds_of_lowest_loss", lambda *given: 1)
        model = sk.train_forecaster(monthly(60), epochs=2, seed=1, **TINY)
        assert share_of(model) == share
        assert bool(model.chosen_epochs) == bool(share)
        assert model.get_layer("head").get_weights()[0].any() == bool(share)
        found = model.forecast(monthly(60)) - simple_forecast(model, monthly(60))
        assert (np.abs(found.to_numpy()) > 0).any() == bool(share)


def test_below_three_seasons_nothing_is_trained():
    model = sk.train_forecaster(monthly(30), horizon=3, units=3, seed=1)
    assert (model.chosen_epochs, share_of(model), model.validation_history) == (0, 0, None)


def test_where_validation_rows_hold_one_fold_nothing_is_trained_by_default_since_the_share_would_be_zero():
    table, settings = monthly(60), {**TINY, "timesteps": 48, "horizon": 5}
    model, asked = (sk.train_forecaster(table, seed=1, epochs=2, validation_rows=n, **settings) for n in (None, 6))
    assert (model.chosen_epochs, share_of(model), model.validation_history) == (0, 0, None)
    assert (asked.chosen_epochs, share_of(asked)) == (0, 0)
    assert asked.validation_history["val_loss"]
    pd.testing.assert_frame_equal(model.forecast(table, levels=(80,)), asked.forecast(table, levels=(80,)))
    effects = sk.train_forecaster(table, seed=1, epochs=2, calendar=["month"], **settings)
    assert effects.validation_history["val_loss"]  # effects are learnt all the same


@pytest.mark.slow
def test_a_reused_graph_gives_the_same_with_members(trained):
    again = sk.train_forecaster(monthly(60), reuse=True, epochs=2, seed=1, **TINY)
    longer = sk.train_forecaster(monthly(70, seed=2), reuse=again, epochs=2, seed=1, **TINY)
    assert share_of(again) == pytest.approx(share_of(trained))
    pd.testing.assert_frame_equal(again.forecast(monthly(60)), trained.forecast(monthly(60)), rtol=1e-5)
    assert np.isfinite(longer.forecast(monthly(70, seed=2))).all(axis=None)


def test_evaluation_after_training_is_of_the_forecast_not_of_the_network(trained):
    table, network = monthly(60), float(share_of(trained))
    losses = []
    for share in (0.0, 1.0):
        set_share(trained, share)
        losses.append(trained.evaluate(table, verbose=0))
    set_share(trained, network)
    assert losses[0] != losses[1]


def test_the_verdict_says_where_the_network_adds_nothing(trained, monkeypatch):
    monkeypatch.setattr(of_forecaster, "share_of", lambda model: 0.0)
    monkeypatch.setattr("seqkit.forecasting.refits.share_of", lambda model: 0.0)
    verdict = sk.backtest(trained, monthly(72), refit=False, origins=2, verbose=0).verdict
    assert "The network adds nothing that validation rows would show: the forecast is the simple one." in verdict
    frames = [pd.DataFrame() for _ in range(2)]
    frames[0].attrs, frames[1].attrs = {of_forecaster.SHARE: 0.0}, {of_forecaster.SHARE: 0.2}
    assert remark_on_shares(frames).startswith("At 1 of 2 origins the network adds nothing")
    assert remark_on_shares([pd.DataFrame()]) == ""


def test_a_refit_has_the_members_of_its_model():
    from seqkit.forecasting.refits import refit_options

    table = monthly(60)
    for members in ((), BOTH, ("theta",)):
        model = sk.build_forecaster(like=table, members=members, **TINY)
        assert refit_options(model)["members"] == list(members)
