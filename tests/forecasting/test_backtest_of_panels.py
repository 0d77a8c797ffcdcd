"""backtest of many series: each at its own origins, scored by series, by step and overall."""

import warnings

import numpy as np
import pandas as pd
import pytest

import seqkit as sk
from seqkit.forecasting.facts import lengths_of
from seqkit.task.halving_rate import HalvingRate

SEASON, HORIZON = 12, 6


def shop(name, rows, seed, first="2015-01-01"):
    random = np.random.default_rng(seed)
    steps = np.arange(rows)
    values = 100 * (1 + seed) + 20 * np.sin(2 * np.pi * steps / SEASON) + random.normal(0, 2, rows)
    stamps = pd.date_range(first, periods=rows, freq="MS")
    return pd.DataFrame({"shop": name, "month": stamps, "sales": values})


def panel(*shops):
    return sk.as_panel(pd.concat(shops), series="shop", time="month")


@pytest.fixture(scope="module")
def shops():
    return panel(shop("a", 60, 0), shop("b", 48, 1, "2017-03-01"), shop("c", 72, 2))


@pytest.fixture(scope="module")
def result(shops):
    model = sk.build_forecaster(horizon=HORIZON, like=shops, timesteps=24)
    model.trained_until = "2010-01-01"  # as if it had seen nothing of these
    return sk.backtest(model, shops, origins=2, refit=False, verbose=0, ets=False)


def test_each_series_has_its_origins_at_its_own_end(shops, result):
    for name, rows in result.forecasts.groupby("series"):
        own = shops.loc[name]
        assert sorted(rows["origin"].unique()) == [own.index[-2 * HORIZON - 1], own.index[-HORIZON - 1]]
        assert rows["actual"].tolist() == own["sales"].iloc[-2 * HORIZON :].tolist()
        assert (rows["time"] > rows["origin"]).all()


def test_scores_are_those_of_the_formulas(shops, result):
    for name, own in shops["sales"].groupby(level=0):
        values, mase, mae = own.to_numpy(), [], []
        for left in (2, 1):
            past, actual = np.split(values[: len(values) - HORIZON * (left - 1)], [len(values) - HORIZON * left])
            error = np.abs(np.resize(past[-SEASON:], HORIZON) - actual).mean()
            mae.append(error)
            mase.append(error / np.abs(past[SEASON:] - past[:-SEASON]).mean())
        found = result.series.loc[(name, "seasonal_naive")]
        np.testing.assert_allclose([found["mae"], found["mase"]], [np.mean(mae), np.mean(mase)], rtol=1e-12)
    means = result.series.groupby(level="method").mean()
    pd.testing.assert_frame_equal(result.scores.sort_index(), means)


def test_the_verdict_counts_the_series_on_which_the_model_wins(result):
    by_method = result.series["mase"].unstack("method")
    best = by_method[["naive", "seasonal_naive"]].mean().idxmin()
    wins = (by_method["forecast"] < by_method[best]).sum()
    assert f"it is better on {wins} of 3 series" in result.verdict


def test_steps_are_scaled_since_series_differ_in_size(result):
    assert list(result.steps.index) == list(range(1, HORIZON + 1))
    rows = result.forecasts
    scale = (result.series["mae"] / result.series["mase"]).xs("forecast", level="method")
    errors = (rows["forecast"] - rows["actual"]).abs() / scale.reindex(rows["series"]).to_numpy()
    np.testing.assert_allclose(result.steps["forecast"], errors.groupby(rows["step"]).mean())


def test_series_without_a_scale_or_without_rows_are_said():
    constant = shop("constant", 60, 0).assign(sales=5.0)
    shops = panel(shop("a", 60, 0), constant, shop("new", 8, 3), shop("newest", 3, 3))
    model = sk.build_forecaster(horizon=HORIZON, like=shops, timesteps=12)
    model.trained_until = "2010-01-01"
    with pytest.warns(sk.SeqkitWarning) as caught:
        result = sk.backtest(model, shops, origins=2, refit=False, verbose=0, ets=False)
    said = " ".join(str(warning.message) for warning in caught)
    assert "fewer than 13 rows in 2 of 4 series: 'new', 'newest'" in said
    assert "fewer rows than timesteps=12" in said
    assert "newest" not in set(result.forecasts["series"])
    assert result.verdict.endswith("Without a MASE, since constant or shorter than a season: 2 series.")
    assert np.isfinite(result.scores["mae"]).all()


def test_several_targets_are_scored_by_target(shops):
    two = shops.assign(costs=shops["sales"] * 0.5 + 3)
    model = sk.build_forecaster(horizon=HORIZON, like=two, timesteps=24)
    model.trained_until = "2010-01-01"
    result = sk.backtest(model, two, origins=1, refit=False, verbose=0, ets=False)
    assert result.series.index.names == ["target", "series", "method"]
    assert set(result.scores.index.get_level_values("target")) == {"sales", "costs"}
    assert len(result.verdict.splitlines()) == 2


def test_origins_in_the_training_are_refused(shops):
    model = sk.build_forecaster(horizon=HORIZON, like=shops, timesteps=24)
    with pytest.raises(sk.InvalidValue, match="past the first origin"):
        sk.backtest(model, shops, origins=1, refit=False, verbose=0)


def test_no_series_with_a_row_before_the_horizon_is_refused(shops):
    model = sk.build_forecaster(horizon=HORIZON, like=shops, timesteps=24)
    with pytest.raises(sk.InvalidValue, match="horizon=6 leaves no row before it of any of 1 series"):
        sk.backtest(model, panel(shop("a", 6, 0)), verbose=0)


@pytest.mark.slow
def test_a_refit_is_the_same_for_any_number_of_jobs(shops):
    model = sk.build_forecaster(horizon=HORIZON, like=shops, timesteps=12, units=4)
    one, two = (
        sk.backtest(model, shops, origins=2, epochs=1, seed=0, jobs=jobs, verbose=0, ets=False) for jobs in (1, 2)
    )
    pd.testing.assert_frame_equal(one.forecasts, two.forecasts)


def test_a_training_names_short_series_once():
    shops = panel(shop("a", 60, 0), shop("b", 60, 1), shop("c", 60, 4), shop("short", 10, 2))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model = sk.train_forecaster(shops, horizon=HORIZON, timesteps=12, units=4, epochs=1, seed=0, verbose=0)
    said = [str(warning.message) for warning in caught if issubclass(warning.category, sk.SeqkitWarning)]
    assert len(said) == 1
    assert "leave no window of 1 of 4 series: 'short'" in said[0]
    assert model.validation_history is not None


def test_lengths_of_a_table_and_of_a_panel(shops):
    assert lengths_of(shops.loc["a"]) == (1, 60)
    assert lengths_of(shops) == (3, 60)


def test_halving_rate_is_constant_and_then_halved():
    rate = HalvingRate(0.4, constant_steps=10, half_life=5)
    assert [round(float(rate(step)), 6) for step in (0, 10, 15, 20)] == [0.4, 0.4, 0.2, 0.1]
    assert HalvingRate.from_config(rate.get_config()).get_config() == rate.get_config()
