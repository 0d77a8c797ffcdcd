"""ETS of statsmodels beside a backtest: where it is installed, where it is not, and where it fails."""

import functools
import importlib.util

import numpy as np
import pandas as pd
import pytest

import seqkit as sk
from seqkit.forecasting import ets
from seqkit.forecasting.ets import at_even_distances, ets_forecast
from seqkit.forecasting.naive import verdict

HORIZON, PERIOD = 5, 7


def daily(rows=61, columns=("visits",), seed=3):
    rng = np.random.default_rng(seed)
    days = np.arange(rows)[:, None]
    values = 50 + 9 * np.sin(2 * np.pi * days / PERIOD) + rng.normal(0, 2, (rows, len(columns)))
    return pd.DataFrame(values, index=pd.date_range("2024-01-01", periods=rows, freq="D"), columns=list(columns))


@functools.cache
def untrained(columns, of_panel=False):
    like = panel("a", "b")[list(columns)] if of_panel else daily(columns=columns)
    model = sk.build_forecaster(like=like, horizon=HORIZON, timesteps=PERIOD, units=3)
    model.trained_until = "2000-01-01"
    return model


def backtest(table, **options):
    model = untrained(tuple(table.columns), table.index.nlevels > 1)
    return sk.backtest(model, table, refit=False, verbose=0, **{"origins": 2, **options})


def last_value(values, horizon, season):
    """In place of a fit, where the test is not about it."""
    return np.full(horizon, values[-1])


@pytest.fixture
def absent(monkeypatch):
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "statsmodels" else found(name))


needs_statsmodels = pytest.mark.skipif(
    importlib.util.find_spec("statsmodels") is None, reason="statsmodels is the extra `baselines`"
)


@needs_statsmodels
def test_it_is_fitted_at_each_origin_to_the_rows_before_it_alone():
    table = daily()
    result = backtest(table)
    for rows, cut in zip((result.forecasts[:HORIZON], result.forecasts[HORIZON:]), (51, 56), strict=True):
        expected = ets_forecast(table["visits"].to_numpy()[:cut], HORIZON, PERIOD)
        np.testing.assert_array_equal(rows["ets"], expected)
    assert result.scores.index.tolist() == ["forecast", "naive", "seasonal_naive", "ets"]
    assert result.scores.loc["ets", "mae"] == pytest.approx(
        (result.forecasts["ets"] - result.forecasts["actual"]).abs().mean()
    )
    assert result.scores["mase"].idxmin() == "ets"  # the series is made as it thinks
    assert "no better than the ETS forecast" in result.verdict
    assert "Use the ETS forecast." in result.verdict
    assert list(result.steps) == ["forecast", "naive", "seasonal_naive", "ets"]


def test_the_verdict_measures_against_the_best_of_all():
    rows = pd.DataFrame({"target": "y", "actual": [1.0, 2.0], "naive": 9.0, "seasonal_naive": 9.0, "ets": 3.0})
    rows["forecast"] = [2.5, 3.5]
    scores = pd.DataFrame({"mae": [1.5, 8.0, 8.0, 1.6]}, index=["forecast", "naive", "seasonal_naive", "ets"])
    periods = {"naive": 1, "seasonal_naive": 24}
    assert "is 1.5, 6% below the ETS forecast's 1.6." in verdict(rows, scores, periods, 1)
    scores.loc["forecast"] = 1.7
    assert "no better than the ETS forecast: mean absolute error 1.7 against 1.6" in verdict(rows, scores, periods, 1)


@needs_statsmodels
@pytest.mark.parametrize(("shift", "share"), [(0, 0.5), (-200, 1.0)])
def test_it_continues_a_season_that_grows_with_the_level_and_values_below_zero(shift, share):
    rows = np.arange(84)
    values = (30 + rows) * (1 + 0.3 * np.sin(2 * np.pi * rows / 12)) + shift
    error = np.abs(ets_forecast(values[:72], 12, 12) - values[72:]).mean()
    assert error < share * np.abs(values[60:72] - values[72:]).mean()


@needs_statsmodels
def test_a_season_too_long_to_estimate_is_taken_out():
    rows = np.arange(52 * 4)
    values = 100 + 20 * np.sin(2 * np.pi * rows / 52) + np.random.default_rng(0).normal(0, 1, len(rows))
    assert np.abs(ets_forecast(values[:-52], 52, 52) - values[-52:]).mean() < 2
    without = np.random.default_rng(0).normal(10, 1, 208)
    assert np.ptp(ets_forecast(without, 52, 52)) < 0.5


@needs_statsmodels
def test_missing_values_are_the_last_known_ones_and_a_constant_goes_on():
    values = daily()["visits"].to_numpy()
    filled, holed = values.copy(), values.copy()
    holed[:3] = holed[20] = np.nan
    filled[20] = filled[19]
    np.testing.assert_array_equal(ets_forecast(holed, 3, PERIOD), ets_forecast(filled[3:], 3, PERIOD))
    assert ets_forecast(np.full(30, 4.0), 3, PERIOD).tolist() == [4.0, 4.0, 4.0]


@needs_statsmodels
def test_only_so_much_history_is_read(monkeypatch):
    monkeypatch.setattr(ets, "MOST_ROWS", 30)
    values = daily(90)["visits"].to_numpy()
    changed = values.copy()
    changed[: 90 - 8 * PERIOD] = 1000
    np.testing.assert_array_equal(ets_forecast(values, 3, PERIOD), ets_forecast(changed, 3, PERIOD))


def test_without_statsmodels_the_verdict_says_so(absent):
    result = backtest(daily())
    assert "ets" not in result.forecasts
    assert result.scores.index.tolist() == ["forecast", "naive", "seasonal_naive"]
    missing = "ETS was left out, since statsmodels is not installed: pip install 'seqkit[baselines]'."
    assert result.verdict.splitlines()[1:] == [missing]
    with pytest.raises(sk.InvalidValue, match=r"ETS needs statsmodels, which is not installed.*'seqkit\[baselines\]'"):
        backtest(daily(), ets=True)
    assert len(backtest(daily(), ets=False).verdict.splitlines()) == 1


@needs_statsmodels
def test_it_can_be_switched_off(monkeypatch):
    monkeypatch.setattr(ets, "ets_forecast", None)
    result = backtest(daily(), ets=False)
    assert "ets" not in result.forecasts
    assert len(result.verdict.splitlines()) == 1
    with pytest.raises(sk.InvalidType, match="ets must be True, False or None, got 'no'"):
        backtest(daily(), ets="no")


@needs_statsmodels
def test_where_it_fails_there_is_a_reason_and_no_score(monkeypatch):
    def fails_once(values, horizon, season):
        if len(values) == 51:
            raise np.linalg.LinAlgError("SVD did not converge")
        return last_value(values, horizon, season)

    monkeypatch.setattr(ets, "ets_forecast", fails_once)
    result = backtest(daily())
    assert result.forecasts["ets"].isna().tolist() == [True] * HORIZON + [False] * HORIZON
    assert result.scores.index.tolist() == ["forecast", "naive", "seasonal_naive"]
    assert list(result.steps) == ["forecast", "naive", "seasonal_naive"]
    words = "ETS has no forecast in 1 of 2 fits, so for 'visits' after 2024-02-20 00:00:00: "
    assert result.verdict.splitlines()[1:] == [words + "LinAlgError: SVD did not converge."]
    right = sk.plot_backtest(result).axes[1]
    assert not any("ETS" in text.get_text() for text in right.get_legend().get_texts())


@needs_statsmodels
def test_too_few_rows_are_a_reason():
    result = backtest(daily(22), origins=3)
    assert "in 1 of 3 fits, so for 'visits' after 2024-01-07 00:00:00: fewer than 10 known rows." in result.verdict


@needs_statsmodels
def test_each_target_has_its_own_and_of_many_targets_some_do(monkeypatch):
    monkeypatch.setattr(ets, "ets_forecast", last_value)
    table = daily(columns=("a", "b", "c"))
    result = backtest(table)
    np.testing.assert_array_equal(result.forecasts["ets"], result.forecasts["naive"])
    assert result.scores.loc["b"].index.tolist() == ["forecast", "naive", "seasonal_naive", "ets"]
    monkeypatch.setattr(ets, "MOST_FITS", 4)
    result = backtest(table)
    assert result.forecasts.groupby("target")["ets"].count().to_dict() == {"a": 10, "b": 0, "c": 10}
    assert "ets" not in result.scores.loc["b"].index
    assert result.verdict.splitlines()[3:] == ["ETS was fitted to 2 of 3 targets alone, to save time."]


def panel(*names):
    shops = [daily(seed=seed, columns=("sales", "costs")).assign(shop=name) for seed, name in enumerate(names)]
    return sk.as_panel(pd.concat(shops), series="shop")


@needs_statsmodels
def test_each_series_of_a_panel_has_its_own(monkeypatch):
    monkeypatch.setattr(ets, "ets_forecast", last_value)
    table = panel("a", "b", "c")
    result = backtest(table)
    np.testing.assert_array_equal(result.forecasts["ets"], result.forecasts["naive"])
    for target in ("sales", "costs"):
        assert result.scores.loc[(target, "ets"), "mase"] == result.scores.loc[(target, "naive"), "mase"]
        assert result.steps.loc[target, "ets"].tolist() == result.steps.loc[target, "naive"].tolist()


@needs_statsmodels
def test_of_a_panel_of_many_series_some_are_fitted_and_compared_there(monkeypatch):
    def exact(values, horizon, season):
        return 50 + 9 * np.sin(2 * np.pi * np.arange(len(values), len(values) + horizon) / PERIOD)

    monkeypatch.setattr(ets, "ets_forecast", exact)
    monkeypatch.setattr(ets, "MOST_FITS", 4)
    table = panel("a", "b", "c", "d")[["sales"]]
    result = backtest(table)
    assert set(result.forecasts.dropna()["series"]) == {"a", "d"}
    assert result.scores.index.tolist() == ["forecast", "naive", "seasonal_naive"]
    assert list(result.steps) == ["forecast", "naive", "seasonal_naive"]
    assert result.series.xs("ets", level="method").index.tolist() == ["a", "d"]
    assert "ETS was fitted to 2 of these series: there the forecast is no better than ETS: mean MASE" in result.verdict
    assert "it is better on 0 of 2. Use the ETS forecast." in result.verdict
    assert result.verdict.count("Use the") == 1


@pytest.mark.slow
@needs_statsmodels
def test_other_processes_fit_the_same():
    cases = [ets.Case("a", str(cut), daily()["visits"].to_numpy()[:cut]) for cut in (40, 50)]
    one, two = (ets.ets_beside(True, cases, 3, PERIOD, unit="", jobs=jobs, verbose=0) for jobs in (1, 2))
    np.testing.assert_array_equal(one.values, two.values)


def test_some_of_many_are_at_even_distances():
    assert at_even_distances("abcde", 3) == {"a", "c", "e"}
    assert at_even_distances("abcde", 0) == {"a"}
    assert at_even_distances("ab", 9) == {"a", "b"}
