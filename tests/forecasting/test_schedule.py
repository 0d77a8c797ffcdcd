"""Budgets of training: the same steps on any machine, looks within a long pass, and the clock as the last stop."""

import dataclasses

import keras
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqkit import _checks
from seqkit._errors import InvalidValue, SeqkitWarning
from seqkit.forecasting import schedule
from seqkit.forecasting.build import build_forecaster
from seqkit.forecasting.schedule import affordable_steps, looks_of, seconds_of_a_step
from seqkit.forecasting.train import train_forecaster
from seqkit.task import safety_stop

TINY = {"horizon": 3, "timesteps": 12, "units": 4, "seed": 1, "cell": "simple_rnn"}


def months(rows=90):
    index = pd.date_range("2010-01-01", periods=rows, freq="MS")
    values = 50 + np.arange(rows) + 9 * np.sin(2 * np.pi * index.month / 12)
    return pd.DataFrame({"visits": values + np.random.default_rng(0).normal(size=rows)}, index=index)


@pytest.mark.parametrize(
    ("budget", "seconds"),
    [(None, None), (30, 30.0), (0.5, 0.5), ("30s", 30.0), ("2m", 120.0), ("1h", 3600.0), ("45", 45.0)],
)
def test_a_budget_is_seconds_or_text(budget, seconds):
    assert _checks.seconds("train_forecaster", "budget", budget) == seconds


@pytest.mark.parametrize("budget", [0, -3, True, "soon", "", "2 days", float("nan"), float("inf")])
def test_another_budget_is_refused(budget):
    with pytest.raises(InvalidValue, match="budget=.* must be a time above zero"):
        train_forecaster(months(), budget=budget)


def test_a_step_costs_more_for_more_timesteps_columns_and_units():
    cheap = build_forecaster(timesteps=24, features=1, horizon=6).settings
    dearer = (
        {"timesteps": 240},
        {"columns": tuple(range(50))},
        {"units": (256,)},
        {"bidirectional": True},
        {"horizon": 9999},
    )
    costs = [seconds_of_a_step(dataclasses.replace(cheap, **more)) for more in dearer]
    assert min(costs) > seconds_of_a_step(cheap) > 0


@given(st.integers(1, 10**7), st.none() | st.integers(1, 50), st.integers(20, 10**5))
def test_looks_stay_within_the_steps_that_are_paid_for(windows, epochs, calls):
    affordable = 32 * calls
    looks = looks_of(windows, 32, epochs, affordable)
    of_a_pass = -(-windows // 32)
    assert looks.most >= 1
    assert looks.steps <= schedule.MOST_STEPS_BETWEEN_LOOKS
    assert looks.steps * looks.most <= max(affordable, looks.steps)
    if epochs is not None:
        assert looks.steps * looks.most <= max(of_a_pass * epochs, 32)
    assert looks.passes is None or looks.steps == looks.passes * of_a_pass
    assert looks.passes or looks.steps % 32 == 0


def test_a_large_budget_changes_nothing():
    for windows in (1, 40, 900, 16_000):
        assert looks_of(windows, 32, None, 10**9) == looks_of(windows, 32, None, None)
    settings = build_forecaster(like=months(), horizon=12).settings
    assert affordable_steps(settings, None, 32, 10) is None
    assert affordable_steps(settings, 1e-9, 32, 10) == schedule.FEWEST_STEPS_OF_A_BUDGET


def test_a_long_pass_is_looked_at_within_it():
    looks = looks_of(100_000, 32, None, None)
    assert looks.passes is None
    assert looks.steps == 512
    assert looks.epochs(1, 100_000, 32) == pytest.approx(512 / 3125, abs=1e-4)


@pytest.mark.slow
def test_parts_of_a_pass_train_and_repeat(monkeypatch):
    monkeypatch.setattr(schedule, "MOST_STEPS_BETWEEN_LOOKS", 1)
    monkeypatch.setattr(schedule, "STEPS_AT_ONCE", 1)
    first = train_forecaster(months(), **TINY, epochs=2, batch_size=8, reuse=True)
    second = train_forecaster(months(), **TINY, epochs=2, batch_size=8, reuse=first)
    assert first.validation_history["epochs"] == pytest.approx(np.arange(1, 17) / 8, abs=1e-3)
    assert 0 <= first.chosen_epochs <= 2
    pd.testing.assert_frame_equal(first.forecast(months()), second.forecast(months()))


def test_a_budget_gives_the_same_forecast_twice(monkeypatch):
    monkeypatch.setattr(safety_stop, "TIMES_THE_BUDGET", 10**6)
    first = train_forecaster(months(), **TINY, budget=0.01, reuse=True)
    second = train_forecaster(months(), **TINY, budget=0.01, reuse=first)
    pd.testing.assert_frame_equal(first.forecast(months()), second.forecast(months()))


def test_a_budget_holds_without_validation_rows_too(monkeypatch):
    monkeypatch.setattr(schedule, "FEWEST_STEPS_OF_A_BUDGET", 32)
    monkeypatch.setattr(safety_stop, "TIMES_THE_BUDGET", 10**6)
    how = {**TINY, "horizon": 1, "timesteps": 2, "units": 2, "batch_size": 1, "validation_rows": 0}
    whole = train_forecaster(months(), **how, reuse=True)
    assert whole.chosen_epochs == 1  # 88 steps
    assert train_forecaster(months(), **how, budget=1e-3, reuse=whole).chosen_epochs == pytest.approx(32 / 88, abs=1e-3)


def test_the_clock_stops_a_training_and_says_so(monkeypatch):
    monkeypatch.setattr(safety_stop, "TIMES_THE_BUDGET", 0)
    with pytest.warns(SeqkitWarning, match="the clock stopped the training .* seed= does not repeat it"):
        model = train_forecaster(months(), **TINY, epochs=40, budget=1)
    assert len(model.validation_history["loss"]) < 20


def test_recipes_take_callbacks_batch_size_and_learning_rate():
    seen = []

    class Seen(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            seen.append((self.params["steps"], float(self.model.optimizer.learning_rate)))

    how = {"horizon": 3, "timesteps": 12, "units": 4, "epochs": 10, "seed": 1}
    train_forecaster(months(), callbacks=Seen(), batch_size=16, learning_rate=0.01, **how)
    assert seen
    assert all(rate == pytest.approx(0.01) for _, rate in seen)
    with pytest.raises(InvalidValue, match="learning_rate is that of the recipe's optimizer"):
        train_forecaster(months(), learning_rate=0.01, optimizer="adam", **how)
    with pytest.raises(InvalidValue, match="learning_rate must be a finite number above 0"):
        train_forecaster(months(), learning_rate=-1, **how)
