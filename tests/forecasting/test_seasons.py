"""Two seasons: which ones a table shows, how the baseline reads them, and how a backtest names the best naive one."""

import numpy as np
import pandas as pd
import pytest
from pandas.tseries.frequencies import to_offset

from seqkit._errors import InvalidValue
from seqkit.data.cycles import steps_in_longer_cycle
from seqkit.forecasting.build import build_forecaster
from seqkit.forecasting.defaults import default_timesteps
from seqkit.forecasting.naive import naive_periods, verdict
from seqkit.forecasting.score import backtest
from seqkit.forecasting.seasons import Seasons, is_seasonal, shown_seasons
from seqkit.layers.baseline import SmoothedBaseline

HOURS = pd.date_range("2021-03-01", periods=5 * 168, freq="h")  # a Monday
DAYS = pd.date_range("2018-01-01", periods=4 * 365, freq="D")


def hourly(noise=0.1, weekend=2.0):
    values = 9 + np.sin(2 * np.pi * HOURS.hour / 24) - weekend * (HOURS.day_of_week > 4)
    return pd.DataFrame({"load": values + noise * np.random.default_rng(3).normal(size=len(HOURS))}, index=HOURS)


def daily(noise=1.0):
    values = 20 + 9 * np.cos(2 * np.pi * DAYS.day_of_year / 365)
    return pd.DataFrame({"degrees": values + noise * np.random.default_rng(3).normal(size=len(DAYS))}, index=DAYS)


@pytest.mark.parametrize(
    ("frequency", "steps"),
    [
        ("h", 168),
        ("30min", 336),
        ("5min", 2016),
        ("D", 365),
        ("B", 261),
        ("C", 261),
        ("W-SUN", 1),
        ("MS", 1),
        ("7h", 1),
    ],
)
def test_the_longer_cycle_is_a_week_of_hours_and_a_year_of_days(frequency, steps):
    assert steps_in_longer_cycle(to_offset(frequency)) == steps


@pytest.mark.parametrize(
    ("frame", "calendar", "horizon", "shown"),
    [
        (hourly(), (24, 168), 24, (24, 168)),
        (hourly(weekend=0.0), (24, 168), 24, (24, 1)),
        (hourly(), (24, 168), 6, (24, 1)),
        (daily(), (7, 365), 365, (1, 365)),
        (daily(), (7, 365), 7, (1, 1)),
        (daily().iloc[:700], (7, 365), 100, (1, 1)),
    ],
    ids=["day and week", "day alone", "too short a horizon", "year", "a week ahead", "less than two years"],
)
def test_the_rows_show_which_seasons_count(frame, calendar, horizon, shown):
    assert shown_seasons(frame.to_numpy(), Seasons(*calendar), horizon) == shown


def of_phases(rows, period, noise, seed=0):
    random = np.random.default_rng(seed)
    return 50 + np.resize(random.normal(size=period), rows) + noise * random.normal(size=rows)


def test_three_seasons_are_enough_to_tell_one():
    found = [is_seasonal(of_phases(36, 12, 0.5, seed), 12) for seed in range(20)]
    assert sum(found) >= 18


@pytest.mark.parametrize("period", [4, 12])
def test_neither_noise_nor_a_smooth_trend_is_a_season(period):
    random = np.random.default_rng(2)
    for rows in (4 * period, 12 * period):
        noise = random.normal(size=(60, rows))
        for series in (noise, noise.cumsum(axis=1), noise.cumsum(axis=1).cumsum(axis=1)):
            assert sum(is_seasonal(values, period) for values in series) <= 6


def test_a_season_that_moves_is_one():
    tides = 5 + np.sin(2 * np.pi * np.arange(900) / 24.84)
    assert is_seasonal(tides, 24)


def test_gaps_do_not_shift_the_phases_of_a_season():
    values = of_phases(60, 12, 0.3)
    values[[7, 20, 21, 40]] = np.nan
    assert is_seasonal(values, 12)
    values[1::2] = np.nan  # no two neighbours are known
    assert not is_seasonal(values, 12)


def test_noise_rarely_shows_a_long_season():
    walks = np.random.default_rng(5).normal(size=(40, 5 * 168)).cumsum(axis=1)
    assert sum(shown_seasons(walk[:, None], Seasons(24, 168), 24).long > 1 for walk in walks) <= 2


def test_a_window_holds_four_long_seasons_at_most_and_is_as_long_as_the_horizon():
    both = Seasons(24, 168)
    assert default_timesteps(9000, 24, 24, both) == 4 * 168
    assert [default_timesteps(rows, 2, 1, Seasons(1, 1)) for rows in (3, 4, 5, 8)] == [1, 2, 2, 3]
    assert default_timesteps(500, 24, 24, both) == 2 * 168
    assert default_timesteps(9000, 720, 24, Seasons(24, 1)) == 720
    assert default_timesteps(5000, 365, 7, Seasons(1, 365)) % 7 == 0


def test_the_baseline_continues_a_day_and_a_week():
    frame = hourly(noise=0.0)
    model = build_forecaster(like=frame.iloc[:-168], horizon=168)
    assert (model.settings.season, model.settings.long_season) == (24, 168)
    forecast = model.forecast(frame.iloc[:-168])["load"].to_numpy()
    assert np.abs(forecast - frame["load"].to_numpy()[-168:]).max() < 0.05


def test_the_baseline_smooths_a_year():
    frame = daily()
    model = build_forecaster(like=frame.iloc[:-365], horizon=365)
    error = np.abs(model.forecast(frame.iloc[:-365])["degrees"].to_numpy() - frame["degrees"].to_numpy()[-365:]).mean()
    last_year = np.abs(frame["degrees"].to_numpy()[-730:-365] - frame["degrees"].to_numpy()[-365:]).mean()
    assert error < 0.9 * last_year


def test_a_smoothed_long_season_equals_its_equation():
    layer = SmoothedBaseline(horizon=5, season=1, long_season=10)
    past = np.random.default_rng(1).normal(size=(3, 20, 2)).astype("float32")
    layer.build(past.shape)
    layer.level_decay.assign(-30.0)  # no decay: the level is the mean
    layer.long_season_decay.assign(-30.0)
    layer.smoothing.assign(np.log(1.5))
    distance = np.minimum(np.arange(10), 10 - np.arange(10))
    kernel = np.exp(-((distance / 1.5) ** 2) / 2)
    kernel /= kernel.sum()
    shape = past.reshape(3, 2, 10, 2).mean(axis=1)
    shape = shape - shape.mean(axis=1, keepdims=True)
    smoothed = np.stack(
        [sum(kernel[shift] * np.roll(shape, shift, axis=1)[:, step] for shift in range(10)) for step in range(10)],
        axis=1,
    )
    np.testing.assert_allclose(layer(past), past.mean(axis=1, keepdims=True) + smoothed[:, :5], atol=1e-5)


def test_season_is_one_number_or_two():
    frame = hourly()
    assert build_forecaster(like=frame, horizon=24, season=24).settings.long_season == 1
    assert build_forecaster(like=frame, horizon=4, season=(24, 168)).settings.long_season == 168
    for season in [(168, 24), (24,), (24, 48, 96), "24"]:
        with pytest.raises((InvalidValue, TypeError), match="season"):
            build_forecaster(like=frame, horizon=24, season=season)
    with pytest.raises(InvalidValue, match="timesteps=168"):
        build_forecaster(like=frame, horizon=24, timesteps=48, season=(24, 168))


def test_the_verdict_names_the_best_of_the_naive_forecasts():
    frame = hourly()
    model = build_forecaster(like=frame.iloc[:-72], horizon=24)
    result = backtest(model, frame, origins=3, refit=False, progress=False, ets=False)
    assert list(result.scores.index) == ["forecast", "naive", "seasonal_naive", "long_seasonal_naive"]
    assert {"seasonal_naive", "long_seasonal_naive"} <= set(result.forecasts)
    assert "168 rows" in result.verdict
    assert naive_periods(model.settings.frequency, model.asked.get("season"), 100) == {"naive": 1, "seasonal_naive": 24}


def test_a_copy_of_the_last_week_is_called_one():
    rows = pd.DataFrame({"target": "y", "actual": [1.0, 2.0], "naive": 9.0, "seasonal_naive": 9.0})
    rows["long_seasonal_naive"] = rows["forecast"] = [3.0, 4.0]
    scores = pd.DataFrame(
        {"mae": [2.0, 8.0, 8.0, 2.0]}, index=["forecast", "naive", "seasonal_naive", "long_seasonal_naive"]
    )
    words = verdict(rows, scores, {"naive": 1, "seasonal_naive": 24, "long_seasonal_naive": 168}, 1)
    assert "nearly a copy of the seasonal naive (168 rows) forecast" in words


@pytest.mark.parametrize(
    ("rows", "horizon", "period", "timesteps"),
    [
        (283, 6, 1, 96),  # years
        (60, 6, 1, 27),  # half of what the horizon leaves
        (195, 8, 4, 92),  # whole years of quarters
        (51, 4, 4, 32),  # eight years, more than half
        (365, 14, 7, 91),
        (4000, 24, 24, 192),
    ],
)
def test_windows_of_short_periods_hold_half_of_the_rows(rows, horizon, period, timesteps):
    assert default_timesteps(rows, horizon, period, Seasons(1, 1)) == timesteps
