"""Refits of a backtest in other processes: the same result for any number of them."""

from __future__ import annotations

import random

import keras
import numpy as np
import pandas as pd
import pytest

import seqkit as sk
from seqkit.forecasting import refits

TINY = {"timesteps": 7, "horizon": 3, "units": 3}


def daily(rows=47):
    days = np.arange(rows)
    values = 20 + 3 * np.sin(days) + np.random.default_rng(1).normal(0, 1, rows)
    return pd.DataFrame({"sales": values}, pd.date_range("2020", periods=rows, freq="D", name="day"))


@pytest.fixture
def asked(monkeypatch):
    """What a backtest asks of `run_jobs`, which forecasts the last rows again."""
    found = {}

    def run_jobs(where, function, calls, **options):
        found.update(options, seeds=[training["seed"] for _, training, _ in calls])
        return [past.iloc[-3:] for past, *_ in calls]

    monkeypatch.setattr(refits, "run_jobs", run_jobs)
    return found


def test_each_origin_is_a_job_with_a_seed_of_its_own(asked):
    table = daily()
    model = sk.build_forecaster(like=table, **TINY)
    sk.backtest(model, table, origins=2, jobs=2, seed=5, verbose=0, ets=False)
    assert asked["jobs"] == 2
    assert asked["names"] == [table.index[40], table.index[43]]
    assert asked["seeds"] == [5, 5]
    sk.backtest(model, table, origins=2, ets=False)
    assert asked["jobs"] == 1
    assert len(set(asked["seeds"])) == 2


def test_without_a_seed_the_jobs_follow_that_of_keras(asked):
    model, seeds = sk.build_forecaster(like=daily(), **TINY), []
    for _ in range(2):
        keras.utils.set_random_seed(4)
        sk.backtest(model, daily(), origins=2, ets=False)
        seeds.append(asked["seeds"])
    assert seeds[0] == seeds[1]


def test_a_score_as_it_is_leaves_the_seed_alone():
    model = sk.build_forecaster(like=daily(), **TINY)
    model.trained_until = daily().index[20].isoformat()
    keras.utils.set_random_seed(4)
    drawn = random.random()
    keras.utils.set_random_seed(4)
    sk.backtest(model, daily(), origins=2, refit=False, ets=False)
    assert random.random() == drawn


@pytest.mark.parametrize("wrong", [0, -3, 1.5, "2"])
def test_jobs_that_cannot_be_are_refused(wrong):
    model = sk.build_forecaster(like=daily(), **TINY)
    with pytest.raises(
        (ValueError, TypeError), match="backtest: jobs must be a whole number from 1 up, or -1"
    ) as caught:
        sk.backtest(model, daily(), jobs=wrong)
    assert caught.value.argument == "jobs"


@pytest.mark.slow
def test_two_processes_forecast_what_one_does():
    table = daily()
    model = sk.build_forecaster(like=table, **TINY)
    how = {"origins": 3, "epochs": 2, "seed": 5, "verbose": 0}
    one, two = (sk.backtest(model, table, jobs=jobs, **how) for jobs in (1, 2))
    pd.testing.assert_frame_equal(one.forecasts, two.forecasts, check_exact=True)
    assert one.verdict == two.verdict


@pytest.mark.slow
def test_two_processes_fit_a_keras_model_as_one_does():
    network = keras.Sequential([keras.Input((7, 1)), keras.layers.Dropout(0.2), keras.layers.GRU(3)])
    network.add(keras.layers.Dense(3))
    network.add(keras.layers.Reshape((3, 1)))
    network.compile("adam", "mae")
    how = {"timesteps": 7, "horizon": 3, "refit": True, "epochs": 2, "seed": 5, "verbose": 0}
    one, two = (sk.backtest(network, daily(), jobs=jobs, **how) for jobs in (1, 2))
    pd.testing.assert_frame_equal(one.forecasts, two.forecasts, check_exact=True)
