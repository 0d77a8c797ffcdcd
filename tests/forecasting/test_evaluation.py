"""Backtests: honest origins, right figures, plain words."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import seqkit as sk
from seqkit.forecasting import refits
from seqkit.forecasting.naive import seasonal_naive

HORIZON, PERIOD = 5, 7


def daily(rows=61, columns=("visits",), seed=3):
    rng = np.random.default_rng(seed)
    days = np.arange(rows)[:, None]
    values = 50 + 9 * np.sin(2 * np.pi * days / PERIOD) + rng.normal(0, 2, (rows, len(columns)))
    return pd.DataFrame(values, index=pd.date_range("2024-01-01", periods=rows, freq="D"), columns=list(columns))


def untrained(table, **options):
    """A model that forecasts its baseline, and whose training rows end at row 40."""
    model = sk.build_forecaster(like=table, horizon=HORIZON, units=3, **options)
    model.trained_until = table.index[40].isoformat()
    return model


@pytest.fixture(scope="module")
def table():
    return daily()


@pytest.fixture(scope="module")
def result(table):
    return sk.backtest(untrained(table), table, origins=2, refit=False, progress=False, ets=False)


def test_origins_are_the_last_horizons_and_do_not_overlap(result, table):
    assert list(result.forecasts["origin"].unique()) == [table.index[50], table.index[55]]
    assert list(result.forecasts["time"]) == list(table.index[51:])
    assert list(result.forecasts["step"]) == [1, 2, 3, 4, 5] * 2


def test_naive_and_seasonal_naive_stand_beside_the_forecast(result, table):
    first = result.forecasts[result.forecasts["origin"] == table.index[50]]
    assert (first["naive"] == table["visits"].iloc[50]).all()
    assert first["seasonal_naive"].tolist() == table["visits"].iloc[44:49].tolist()
    assert first["actual"].tolist() == table["visits"].iloc[51:56].tolist()


def test_a_season_longer_than_the_horizon_or_the_series_is_repeated_rightly():
    series = pd.Series([1.0, 2.0, np.nan, 4.0])
    assert seasonal_naive(series, 5, 3).tolist() == [2.0, 2.0, 4.0, 2.0, 2.0]
    assert seasonal_naive(series, 2, 9).tolist() == [4.0, 4.0]


def test_scores_are_what_their_formulas_say(result, table):
    rows, values = result.forecasts, table["visits"].to_numpy()
    error = (rows["forecast"] - rows["actual"]).abs()
    scores = result.scores.loc["forecast"]
    assert scores["mae"] == pytest.approx(error.mean())
    assert scores["rmse"] == pytest.approx(np.sqrt((error**2).mean()))
    assert scores["smape"] == pytest.approx((200 * error / (rows["forecast"].abs() + rows["actual"].abs())).mean())
    units = [np.abs(values[PERIOD:cut] - values[: cut - PERIOD]).mean() for cut in (51, 56)]
    scaled = [error[:5].mean() / units[0], error[5:].mean() / units[1]]
    assert scores["mase"] == pytest.approx(np.mean(scaled))
    assert result.steps.loc[2, "forecast"] == pytest.approx(error.iloc[[1, 6]].mean())


def test_a_copy_of_the_last_value_is_called_that(table):
    lazy = untrained(table, baseline="last")
    verdict = sk.backtest(lazy, table, origins=2, refit=False, progress=False, ets=False).verdict
    assert "visits: no better than the" in verdict
    assert "nearly a copy of the naive forecast" in verdict


def test_a_better_forecast_says_by_how_much(result):
    assert "below the" in result.verdict
    assert "over 2 origins" in result.verdict


def test_several_targets_are_scored_apart():
    table = daily(columns=("a", "b"))
    result = sk.backtest(untrained(table), table, origins=1, refit=False, progress=False, ets=False)
    assert result.scores.index.names == ["target", "method"]
    assert result.steps.loc["b"].shape == (HORIZON, 3)
    assert len(result.verdict.splitlines()) == 2


def test_missing_answers_are_left_out_of_the_scores():
    table = daily()
    table.iloc[58, 0] = np.nan
    result = sk.backtest(untrained(table, fill="last"), table, origins=1, refit=False, progress=False, ets=False)
    assert len(result.forecasts) == HORIZON
    assert np.isfinite(result.scores.to_numpy()).all()


def test_origins_that_the_model_was_trained_past_are_refused(table):
    model = untrained(table)
    with pytest.raises(ValueError, match="trained until 2024-02-10T00:00:00, past the first origin 2024-02-05"):
        sk.backtest(model, table, origins=5, refit=False, progress=False, ets=False)


def test_a_model_that_does_not_know_its_training_rows_is_refused(table):
    model = untrained(table)
    model.trained_until = None
    with pytest.raises(ValueError, match="knows until when it was trained"):
        sk.backtest(model, table, origins=1, refit=False, progress=False, ets=False)


def test_more_origins_than_the_table_holds_are_refused(table):
    with pytest.raises(ValueError, match=r"origins=12 of horizon=5 rows leave 1 of 61 rows.*6 or more are needed"):
        sk.backtest(untrained(table), table, origins=12, progress=False, ets=False)


def test_a_refit_sees_only_the_rows_before_its_origin_and_what_was_asked(table, monkeypatch):
    calls = []

    def train(rows, **options):
        calls.append((rows.index[-1], options))
        return untrained(table)

    monkeypatch.setattr(refits, "train_forecaster", train)
    model = sk.build_forecaster(like=table, horizon=HORIZON, units=3, cell="gru", timesteps=14)
    sk.backtest(model, table, origins=2, epochs=9, seed=4, progress=False, ets=False)
    assert [stamp for stamp, _ in calls] == [table.index[50], table.index[55]]
    options = calls[0][1]
    assert (options["timesteps"], options["cell"], options["units"]) == (14, "gru", 3)
    assert (options["epochs"], options["seed"], options["targets"]) == (9, 4, ["visits"])
    assert "season" not in options  # decided anew from the rows before the origin


@pytest.mark.slow
def test_a_refit_backtest_of_air_passengers_beats_seasonal_naive():
    table = sk.read_csv(Path(__file__).parents[2] / "data" / "air_passengers.csv")
    model = sk.build_forecaster(like=table, horizon=12)
    scores = sk.backtest(model, table, origins=1, seed=0, progress=False, ets=False).scores["mae"]
    assert scores["forecast"] < scores["seasonal_naive"]


def test_a_target_without_one_known_answer_is_refused_before_any_training():
    table = daily(columns=("a", "b"))
    table.loc[table.index[-6:], "b"] = np.nan
    with pytest.raises(ValueError, match="target 'b' has no known value in the last 5 rows"):
        sk.backtest(untrained(table, fill="last"), table, origins=1, progress=False, ets=False)
