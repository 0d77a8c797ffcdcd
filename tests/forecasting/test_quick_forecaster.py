"""What is compiled once is used again: forecasts, the steps of a recipe, the models of a backtest. Numbers stay."""

from __future__ import annotations

import functools
from concurrent.futures import ThreadPoolExecutor

import keras
import numpy as np
import pandas as pd
import pytest

import seqkit as sk
from seqkit.forecasting.trainer import Trainer
from seqkit.task import recipe

TINY = {"timesteps": 4, "horizon": 2, "units": 3, "cell": "simple_rnn", "segment": 1, "season": 1, "members": ()}
LEARNT = {"epochs": 3, "seed": 5, **TINY}


def daily(rows: int, scale: float = 1.0) -> pd.DataFrame:
    days = np.arange(rows)
    values = scale * (20 + days + 3 * np.sin(days))
    return pd.DataFrame({"sales": values}, pd.date_range("2020", periods=rows, freq="D", name="day"))


@pytest.fixture
def traced(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The models whose losses were traced, by name, once for each trace."""
    names: list[str] = []
    compute_loss = sk.Forecaster.compute_loss

    def noted(self, *args, training=True, **kwargs):
        names.append(self.name)
        return compute_loss(self, *args, training=training, **kwargs)

    monkeypatch.setattr(sk.Forecaster, "compute_loss", noted)
    return names


# forecast


def test_a_forecast_is_the_live_models_and_is_compiled_once(monkeypatch):
    model = sk.build_forecaster(like=daily(30), **TINY)
    model.set_weights([np.random.default_rng(1).normal(size=weight.shape) for weight in model.get_weights()])
    calls = []
    call = sk.Forecaster.__call__
    monkeypatch.setattr(sk.Forecaster, "__call__", lambda self, *args, **kw: calls.append(1) or call(self, *args, **kw))
    forecasts = [model.forecast(table, steps=2) for table in (daily(30), daily(12), daily(9, scale=100))]
    assert len(calls) == 1
    for table, forecast in zip((daily(30), daily(12), daily(9, scale=100)), forecasts, strict=True):
        expected = model(table.to_numpy("float32")[None, -4:], training=False)
        np.testing.assert_allclose(forecast.to_numpy(), expected[0], rtol=1e-6)


def test_a_forecast_follows_weights_that_change_after_it():
    model = sk.build_forecaster(like=daily(30), **TINY)
    before = model.forecast(daily(30))
    model.set_weights([weight + 0.1 for weight in model.get_weights()])
    assert (model.forecast(daily(30)) != before).all(axis=None)


def test_sixteen_threads_forecast_the_same():
    model = sk.build_forecaster(like=daily(30), **TINY)
    tables = [daily(10 + rows) for rows in range(48)]
    with ThreadPoolExecutor(16) as threads:
        together = list(threads.map(model.forecast, tables))
    for table, forecast in zip(tables, together, strict=True):
        pd.testing.assert_frame_equal(forecast, model.forecast(table))


# Steps at once


def test_a_recipe_returns_the_model_as_compiled(monkeypatch):
    steps = []
    fit = keras.Model.fit
    monkeypatch.setattr(
        keras.Model, "fit", lambda self, **how: steps.append(self.steps_per_execution) or fit(self, **how)
    )
    model = sk.train_forecaster(daily(30), **LEARNT)
    assert steps == [recipe.STEPS_AT_ONCE] * 2
    assert model.steps_per_execution == 1
    model.fit(daily(30), verbose=0)
    assert steps[-1] == 1


def test_steps_at_once_change_no_number(monkeypatch):
    quick = sk.train_forecaster(daily(60), **LEARNT)
    monkeypatch.setattr(recipe, "MOST_WEIGHTS_AT_ONCE", 0)
    slow = sk.train_forecaster(daily(60), **LEARNT)
    assert quick.validation_history == slow.validation_history
    assert quick.chosen_epochs == slow.chosen_epochs
    for weight, slow_weight in zip(quick.get_weights(), slow.get_weights(), strict=True):
        np.testing.assert_array_equal(weight, slow_weight)


def test_a_pretrained_member_which_is_not_trained_leaves_the_steps_together():
    model = sk.build_forecaster(like=daily(30), **{**TINY, "members": ("pretrained",)})
    assert model.count_params() > recipe.MOST_WEIGHTS_AT_ONCE
    with recipe.several_steps_at_once(model):
        assert model.steps_per_execution == recipe.STEPS_AT_ONCE


def test_an_error_within_the_steps_leaves_the_model_as_compiled():
    model = sk.build_forecaster(like=daily(30), **TINY)
    with pytest.raises(KeyboardInterrupt), recipe.several_steps_at_once(model):
        raise KeyboardInterrupt
    assert model.steps_per_execution == 1


# One compiled model, used again


def test_a_reused_model_forecasts_what_a_new_one_would(traced):
    tables = [daily(60), daily(70, scale=1000), daily(65)]
    alone = [sk.train_forecaster(table, **LEARNT).forecast(table) for table in tables]
    model: sk.Forecaster | bool = True
    for table, expected in zip(tables, alone, strict=True):
        traced.clear()
        used = sk.train_forecaster(table, reuse=model, **LEARNT)
        pd.testing.assert_frame_equal(used.forecast(table), expected)
        assert used.trained_until == table.index[-1].isoformat()
        model = used
    assert not traced  # the third table


@pytest.mark.slow
def test_windows_of_another_length_train_the_same_graph(traced):
    options = {**LEARNT, "cell": "gru", "segment": 2, "season": 2}
    longer = {**options, "timesteps": 12}
    model = sk.train_forecaster(daily(60), reuse=True, **{**options, "timesteps": 8})
    traced.clear()
    again = sk.train_forecaster(daily(64), reuse=model, **longer)
    assert not traced
    assert again.input_shape == (None, 12, 1)
    pd.testing.assert_frame_equal(
        again.forecast(daily(64)), sk.train_forecaster(daily(64), **longer).forecast(daily(64))
    )


@pytest.mark.parametrize(
    "options",
    [
        pytest.param({"attention": "dense"}, id="weights over the steps"),
        pytest.param({"fill": "last"}, id="gaps of any length"),
        pytest.param({"season": 3}, id="a baseline that has one season to learn from, then two"),
    ],
)
def test_layers_that_need_the_length_have_a_graph_for_each(options):
    short, long = (sk.build_forecaster(like=daily(60), **{**TINY, **options, "timesteps": steps}) for steps in (4, 6))
    assert Trainer(short).fits(short)
    assert not Trainer(short).fits(long)


@functools.cache
def lender() -> sk.Forecaster:
    """A model that lends its graph to several tests, as it may."""
    return sk.train_forecaster(daily(60), reuse=True, **LEARNT)


@pytest.mark.slow
def test_a_model_that_lends_its_graph_stays_as_it_is():
    model = lender()
    expected = model.forecast(daily(60))
    sk.train_forecaster(daily(60, scale=1000), reuse=model, **LEARNT)
    sk.backtest(model, daily(60), origins=2, epochs=2, seed=1, verbose=0, ets=False)
    pd.testing.assert_frame_equal(model.forecast(daily(60)), expected)


def test_a_reused_model_is_saved_with_the_scale_of_its_last_table(tmp_path):
    large = daily(60, scale=1000)
    model = sk.train_forecaster(large, reuse=lender(), **LEARNT)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert loaded.settings == model.settings
    flat = large * 0 + 7.0
    pd.testing.assert_frame_equal(loaded.forecast(flat), model.forecast(flat))


@pytest.mark.parametrize(
    "other", [{"loss": "mse"}, *(pytest.param(it, marks=pytest.mark.slow) for it in ({"units": 4}, {"horizon": 3}))]
)
def test_a_model_of_other_settings_is_not_reused(other):
    model = lender()
    before = model.get_weights()
    again = sk.train_forecaster(daily(60), reuse=model, **{**LEARNT, **other})
    assert [weight.shape for weight in again.get_weights()] == [
        weight.shape for weight in sk.build_forecaster(like=daily(60), **{**TINY, **other}).get_weights()
    ]
    for weight, earlier in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(weight, earlier)


def test_only_a_forecaster_is_reused():
    with pytest.raises(TypeError, match="reuse must be a forecaster of an earlier call, or True, got a str"):
        sk.train_forecaster(daily(60), reuse="model", **LEARNT)


def test_the_origins_of_a_backtest_train_one_compiled_model(traced):
    model = sk.build_forecaster(like=daily(60), **TINY)
    sk.backtest(model, daily(60), origins=4, epochs=3, seed=5, progress=False, ets=False)
    assert len(set(traced)) == 1
    assert len(traced) <= 3  # training and validation; Keras 3.16 traces once more
