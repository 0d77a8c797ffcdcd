"""Anomalies: planted ones are found, usual rows stand out as rarely as the level says, and bad input is refused."""

import functools

import numpy as np
import pandas as pd
import pytest

import seqkit as sk

SEASON, T = 7, 14


def table(rows=400, seed=0, columns=("load",)):
    random = np.random.default_rng(seed)
    season = 10 * np.sin(np.arange(rows) * 2 * np.pi / SEASON)[:, None]
    values = 100 + season + random.normal(0, 1, (rows, len(columns)))
    return pd.DataFrame(values, pd.date_range("2024-01-01", periods=rows, freq="D", name="day"), list(columns))


def panel():
    long = [table(60, seed=seed).reset_index().assign(meter=name) for seed, name in enumerate("ab")]
    return sk.as_panel(pd.concat(long), series="meter", time="day")


@functools.cache
def calibrated(columns=("load",)):
    model = sk.build_forecaster(like=table(100, columns=columns), horizon=3, timesteps=T, season=SEASON, units=3)
    model.calibrate(table(1500, seed=1, columns=columns))
    return model


def test_a_planted_value_is_found_and_scored_by_its_distance():
    frame = table(seed=2)
    frame["load"] += np.where(np.arange(400) == 100, 15.0, 0) - np.where(np.arange(400) == 200, 30.0, 0)
    rows = sk.anomalies(calibrated(), frame).rows.set_index("time")
    assert len(rows) == 400 - T
    planted = rows.loc[frame.index[[100, 200]]]
    assert planted["is_anomaly"].all()
    assert (planted["score"] > 2).all()
    assert planted["score"].iloc[1] > planted["score"].iloc[0]
    assert ((rows["actual"] > rows["high"]) | (rows["actual"] < rows["low"])).equals(rows["is_anomaly"])


def test_usual_rows_lie_outside_as_rarely_as_the_level_says():
    for level in (80, 95):
        result = sk.anomalies(calibrated(), table(1500, seed=3), level=level)
        assert result.false_alarms == pytest.approx(1 - level / 100)
        assert result.rows["is_anomaly"].mean() == pytest.approx(result.false_alarms, abs=0.04)
        assert result.found == result.rows["is_anomaly"].sum()
        assert f"{result.found} of {1500 - T} values lie outside their interval of {level} %" in result.verdict


def test_series_of_a_panel_are_judged_each_after_its_own_first_window():
    model = sk.build_forecaster(like=panel(), horizon=3, timesteps=T, season=SEASON, units=3)
    model.calibrate(panel())
    rows = sk.anomalies(model, panel()).rows
    assert rows.groupby("series").size().tolist() == [60 - T, 60 - T]
    assert (rows.groupby("series")["time"].min() == panel().loc["a"].index[T]).all()


def test_a_zero_in_a_column_of_logs_is_judged_and_the_rows_after_it_have_a_forecast():
    model = sk.build_forecaster(
        like=table(100), horizon=3, timesteps=T, season=SEASON, units=3, transform="log", members=()
    )
    model.calibrate(table(200, seed=1))
    frame = table(60, seed=2)
    frame.iloc[30, 0], frame.iloc[45, 0] = 0.0, -4.0
    kept = frame.copy()
    rows = sk.anomalies(model, frame).rows.set_index("time")
    assert rows.loc[frame.index[[30, 45]], "is_anomaly"].all()
    assert rows.loc[frame.index[[30, 45]], "actual"].tolist() == [0, -4]
    assert rows["forecast"].between(80, 120).all()
    pd.testing.assert_frame_equal(frame, kept)


def test_each_target_has_rows_and_missing_values_are_none():
    names = ("load", "wind")
    model = sk.build_forecaster(like=table(columns=names), horizon=2, weights="synthetic", season=SEASON)
    frame = table(120, columns=names, seed=4)
    frame.iloc[50, 1] = np.nan
    rows = sk.anomalies(model, frame).rows
    assert rows["target"].value_counts().tolist() == [120 - SEASON] * 2
    missing = rows[rows["actual"].isna()]
    assert missing["target"].tolist() == ["wind"]
    assert not missing["is_anomaly"].any()


@pytest.mark.parametrize("gap", [slice(0, 30), slice(40, 75)])
def test_rows_after_a_window_without_a_known_value_are_not_judged(gap):
    frame = table(120, seed=2)
    frame.iloc[gap] = np.nan
    fill = {"timesteps": T, "units": 3, "members": (), "fill": "mask"}
    masked = sk.build_forecaster(like=table(100), horizon=2, season=SEASON, **fill)
    masked.calibrate(table(200, seed=1))
    for model in (masked, sk.build_forecaster(like=table(), horizon=2, weights="synthetic", season=SEASON)):
        rows = sk.anomalies(model, frame).rows
        judged = set(rows["time"])
        assert set(frame.index[gap.stop + T :]) <= judged
        unknown = frame.index[gap] if gap.start == 0 or model is masked else frame.index[:0]
        assert not rows[rows["time"].isin(unknown)]["is_anomaly"].any()
        assert rows["forecast"].notna().all()
    empty = frame.assign(load=np.nan)
    with pytest.raises(sk.InvalidValue, match="column 'load', row .* without a known value, a whole window"):
        sk.anomalies(masked, empty)


@pytest.mark.parametrize(
    ("call", "problem"),
    [
        (lambda: sk.anomalies("model", table()), "anomalies: model must be a forecaster, got str"),
        (
            lambda: sk.anomalies(sk.build_forecaster(like=table(), horizon=2, units=2), table()),
            r"anomalies: the intervals of this model are not calibrated\. Call model\.calibrate",
        ),
        (lambda: sk.anomalies(calibrated(), table(), level=100), "anomalies: .* rise between 0 and 100"),
        (lambda: sk.anomalies(calibrated(), table(), level=99.9), "anomalies: a level of 99.9 % is beyond"),
        (lambda: sk.anomalies(calibrated(), table(), level=[80, 95]), "level must be one number of percent"),
        (lambda: sk.anomalies(calibrated(), table(T)), f"no row follows a window of {T} rows"),
        (lambda: sk.plot_anomalies(table()), "plot_anomalies: result must be what anomalies returned"),
        (
            lambda: sk.plot_anomalies(sk.anomalies(calibrated(), table(30)), series="a"),
            "plot_anomalies: the result is of one series",
        ),
    ],
)
def test_what_cannot_be_judged_is_refused(call, problem):
    with pytest.raises((ValueError, TypeError), match=problem):
        call()


def test_the_picture_marks_the_anomalies():
    frame = table(80, seed=2)
    frame.iloc[60] += 15
    figure = sk.plot_anomalies(sk.anomalies(calibrated(), frame))
    panel_of_target = figure.axes[0]
    marked = next(line for line in panel_of_target.lines if line.get_label() == "anomaly")
    assert frame["load"].iloc[60] in marked.get_ydata()
    assert panel_of_target.get_ylabel() == "load"
