"""Steps that are found, kept as codes, and part of a cycle; clocks that change; stamps beside the grid."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pandas as pd
import pytest

import seqkit as sk
from seqkit.data.cycles import steps_in_cycle
from seqkit.data.steps import code_of, offset_of_code
from seqkit.data.tables import read_csv
from seqkit.data.time_formats import write_stamps

SATURDAYS_TOO = "Mon Tue Wed Thu Fri Sat"
TINY = {"timesteps": 6, "horizon": 3, "units": 2, "segment": 1}


def written(tmp_path, stamps, values=None):
    path = tmp_path / "table.csv"
    values = range(len(stamps)) if values is None else values
    path.write_text("t,x\n" + "".join(f"{stamp},{value}\n" for stamp, value in zip(stamps, values, strict=True)))
    return path


def grid(freq, rows=60, start="2019-01-01"):
    return pd.date_range(start, periods=rows, freq=freq)


def hours(step, first, last, weekdays, days=28):
    stamps = grid(step, days * 48)
    stamps = stamps[stamps < pd.Timestamp("2019-01-01") + pd.Timedelta(days=days)]
    is_open = (stamps.strftime("%H:%M") >= first) & (stamps.strftime("%H:%M") <= last)
    return stamps[is_open & (stamps.day_of_week < weekdays)]


DEKADS = pd.DatetimeIndex([day + pd.Timedelta(days=off) for day in grid("MS", 8) for off in (0, 10, 20)])
SESSION, OFFICE = hours("30min", "09:30", "15:30", 5), hours("h", "08:00", "17:00", 6)
STEPS = {  # the step of a file, its code, its cycle, and the stamps that follow the file
    "the 15th of each month": (grid("MS") + pd.Timedelta("14D"), "months 1", 12, ["2024-01-15", "2024-02-15"]),
    "the 10th of each quarter": (grid("QS", 20) + pd.Timedelta("9D"), "months 3", 4, ["2024-01-10", "2024-04-10"]),
    "first working days": (grid("BMS"), "BMS", 12, ["2024-01-01", "2024-02-01"]),
    "last working days": (grid("BME"), "BME", 12, ["2024-01-31", "2024-02-29"]),
    "first Mondays": (grid("WOM-1MON"), "WOM-1MON", 12, ["2024-01-01", "2024-02-05"]),
    "twice a month": (grid("SMS-15"), "SMS-15", 24, ["2021-07-01", "2021-07-15"]),
    "closed on Sundays": (grid("D", 90)[grid("D", 90).day_of_week < 6], f"open days 1: {SATURDAYS_TOO}", 6, []),
    "every two months": (grid("2MS"), "2MS", 6, ["2029-01-01", "2029-03-01"]),
    "dekads": (DEKADS, "1 dekads", 36, ["2019-09-01", "2019-09-11", "2019-09-21"]),
    "a trading session": (SESSION, "1 x 30min, 09:30 to 15:30, Mon Tue Wed Thu Fri", 13, ["2019-01-29 09:30"]),
    "office hours": (OFFICE, "1 x 60min, 08:00 to 17:00, Mon Tue Wed Thu Fri Sat", 10, ["2019-01-29 08:00"]),
    "half years": (grid("6MS"), "6MS", 2, ["2049-01-01"]),
    "four weeks": (grid("4W-SUN"), "4W-SUN", 13, []),
    "weeks": (grid("W-SUN"), "W-SUN", 52, []),
    "days": (grid("D"), "D", 7, []),
    "hours": (grid("h"), "h", 24, []),
    "half hours": (grid("30min"), "30min", 48, []),
    "quarters": (grid("QS", 20), "QS-JAN", 4, []),
    "years": (grid("YS", 20), "YS-JAN", 1, []),
}


@pytest.mark.parametrize("step", STEPS)
def test_a_step_is_found_and_kept_as_a_code(tmp_path, step):
    stamps, code, cycle, _ = STEPS[step]
    frame = read_csv(written(tmp_path, stamps))
    assert list(frame.index) == list(stamps)
    assert code_of(frame.index.freq) == code
    assert offset_of_code(code) == frame.index.freq
    assert steps_in_cycle(frame.index.freq) == cycle


@pytest.mark.parametrize("step", [step for step in STEPS if STEPS[step][3]])
def test_a_forecast_goes_on_in_the_step(tmp_path, step):
    stamps, code, _, following = STEPS[step]
    frame = read_csv(written(tmp_path, stamps))
    model = sk.build_forecaster(like=frame, **TINY)
    assert model.settings.frequency == code
    index = model.forecast(frame).index
    assert list(index[: len(following)]) == [pd.Timestamp(stamp) for stamp in following]
    assert sk.Forecaster.from_config(model.get_config()).settings == model.settings


def test_a_shop_that_closes_on_sundays_is_forecast_on_open_days_only(tmp_path):
    days = grid("D", 90)
    frame = read_csv(written(tmp_path, days[days.day_of_week < 6]))
    model = sk.build_forecaster(like=frame, **{**TINY, "horizon": 12})
    assert set(model.forecast(frame).index.day_of_week) == {0, 1, 2, 3, 4, 5}
    with pytest.raises(ValueError, match="was built for the frequency 'open days 1: .*', the table has 'D'"):
        model.forecast(pd.DataFrame({"x": np.arange(90.0)}, days))


def test_a_missing_day_of_a_shop_is_missing_and_not_another_closed_day(tmp_path):
    days = grid("D", 120)
    stamps = days[(days.day_of_week < 6) & (days != "2019-03-05")]
    with pytest.warns(UserWarning, match="1 row is missing on the grid of freq='open days 1: .*: 2019-03-05"):
        frame = read_csv(written(tmp_path, stamps))
    assert frame["x"].isna().sum() == 1


def test_two_weeks_are_too_few_to_call_a_day_closed(tmp_path):
    days = grid("D", 13)
    with pytest.warns(UserWarning, match="missing on the grid of freq='D'"):
        read_csv(written(tmp_path, days[days.day_of_week < 6]))


@pytest.mark.parametrize("freq", ["BMS", "BME", pd.DateOffset(months=1)])
def test_a_table_without_freq_keeps_its_stamps(freq):
    index = pd.DatetimeIndex(list(grid(freq)))
    model = sk.build_forecaster(like=pd.DataFrame({"x": np.arange(60.0)}, index), **TINY)
    future = model.forecast(pd.DataFrame({"x": np.arange(60.0)}, index)).index
    assert list(future) == list(grid(freq, 63)[60:])


def test_a_session_goes_on_after_the_weekend(tmp_path):
    frame = read_csv(written(tmp_path, SESSION[:-13]))  # to Friday evening
    model = sk.build_forecaster(like=frame, **{**TINY, "horizon": 20})
    index = model.forecast(frame).index
    assert list(index) == list(pd.date_range("2019-01-28 09:30", periods=20, freq=frame.index.freq))
    assert set(index.strftime("%H:%M")) <= set(SESSION.strftime("%H:%M"))


def test_a_holiday_of_a_session_is_missing_and_nights_are_not(tmp_path):
    stamps = SESSION[SESSION.normalize() != "2019-01-21"]
    with pytest.warns(UserWarning, match="13 rows are missing on the grid of freq='1 x 30min, 09:30 to 15:30"):
        frame = read_csv(written(tmp_path, stamps))
    assert len(frame) == len(SESSION)


def test_a_step_of_slots_survives_copies(tmp_path):
    frame = read_csv(written(tmp_path, SESSION))
    copies = pickle.loads(pickle.dumps(frame)), copy.deepcopy(frame), frame.iloc[5:], frame.reindex(frame.index)
    assert all(other.index.freq == frame.index.freq for other in copies)
    assert frame.index[-1] + 14 * frame.index.freq == frame.index[-1] + pd.Timedelta("1D") + frame.index.freq


# Stamps beside the grid

NEARLY = {
    "some seconds late": (grid("10min", 30) + pd.to_timedelta(np.arange(30) % 4, unit="s"), grid("10min", 30)),
    "weeks moved by holidays": (
        pd.DatetimeIndex([day + pd.Timedelta(days=int(at in (7, 20))) for at, day in enumerate(grid("W-MON", 40))]),
        grid("W-MON", 40),
    ),
    "middles of months": (
        pd.DatetimeIndex([day + pd.Timedelta(hours=12 * (day.days_in_month - 1)) for day in grid("MS", 24)]),
        grid("MS", 24),
    ),
}


@pytest.mark.parametrize("reason", NEARLY)
def test_stamps_nearly_on_a_grid_are_moved_to_it_with_a_warning(tmp_path, reason):
    stamps, wanted = NEARLY[reason]
    with pytest.warns(UserWarning, match="moved to"):
        frame = read_csv(written(tmp_path, stamps))
    assert list(frame.index) == list(wanted)
    assert frame["x"].tolist() == list(range(len(stamps)))


def test_the_middles_of_months_are_written_as_in_the_file(tmp_path):
    stamps = pd.DatetimeIndex([day + pd.Timedelta(hours=12 * day.days_in_month) for day in grid("MS", 24)])
    with pytest.warns(UserWarning, match="the middles of months and are moved to their first days"):
        frame = read_csv(written(tmp_path, stamps))
    texts = pd.read_csv(tmp_path / "table.csv").iloc[:, 0].tolist()
    assert write_stamps(frame.index, frame.attrs["time_format"]) == texts


@pytest.mark.filterwarnings("ignore:.*moved to it:UserWarning")
@pytest.mark.parametrize(
    ("step", "day", "words"),
    [
        ("W-SUN", "9999-12-31", "line 22: 10000-01-02 follows 2019-05-19"),
        ("MS", "2262-04-12", "line 4: the steps are irregular"),
    ],
)
def test_a_day_at_the_end_of_what_pandas_knows_is_refused_in_words(tmp_path, step, day, words):
    stamps = [*grid(step, 20).strftime("%Y-%m-%d"), day]
    with pytest.raises(ValueError, match=words):
        read_csv(written(tmp_path, stamps))


def test_what_is_far_beside_the_grid_is_refused(tmp_path):
    stamps = list(grid("10min", 30))
    stamps[7] += pd.Timedelta("4min")
    with pytest.raises(ValueError, match="steps are irregular|not on the grid"):
        read_csv(written(tmp_path, stamps))


WORDS = {
    "starts, then ends": (
        [*grid("MS", 8), *grid("ME", 8, "2019-10-01")],
        "the stamps are starts .* ends",
    ),
    "months, then days": ([*grid("MS", 8), *grid("D", 30, "2019-09-01")], "the step changes at 2019-09-0"),
}


@pytest.mark.parametrize("reason", WORDS)
def test_irregular_steps_are_refused_in_words_of_their_reason(tmp_path, reason):
    stamps, message = WORDS[reason]
    with pytest.raises(ValueError, match=message):
        read_csv(written(tmp_path, stamps))


# Clocks


def test_an_hour_lost_in_spring_stays_missing(tmp_path):
    stamps = grid("h", 48, "2024-03-30")
    with pytest.warns(UserWarning, match="1 row is missing on the grid of freq='h': 2024-03-31 02:00"):
        frame = read_csv(written(tmp_path, stamps[stamps != "2024-03-31 02:00"]))
    assert len(frame) == 48


@pytest.mark.parametrize("step", ["h", "15min"])
def test_an_hour_that_stands_twice_in_autumn_is_averaged(tmp_path, step):
    stamps = grid(step, 200, "2024-10-26")
    again = stamps[(stamps >= "2024-10-27 02:00") & (stamps < "2024-10-27 03:00")]
    at = int(stamps.searchsorted(again[-1])) + 1
    rows = [*stamps[:at], *again, *stamps[at:]]
    with pytest.warns(UserWarning, match="the hour in which clocks go back stands twice, 2024-10-27 02:00"):
        frame = read_csv(written(tmp_path, rows))
    assert list(frame.index) == list(stamps)
    assert frame["x"].loc[again[0]] == at - len(again) / 2  # the mean of two rows that many apart


@pytest.mark.parametrize(("duplicates", "value"), [("mean", 1.5), ("first", 1), ("last", 2)])
def test_other_doubles_are_refused_or_merged_as_asked(tmp_path, duplicates, value):
    path = written(tmp_path, ["2024-05-01", "2024-05-02", "2024-05-02", "2024-05-03"])
    with pytest.raises(ValueError, match="lines 3 and 4 have the same time stamp.*duplicates='mean'"):
        read_csv(path)
    with pytest.warns(UserWarning, match="1 time stamps stand in several rows"):
        assert read_csv(path, duplicates=duplicates)["x"].tolist() == [0, value, 3]
    with pytest.raises(ValueError, match="duplicates must be one of"):
        read_csv(path, duplicates="median")


@pytest.mark.parametrize("turn", [1, -1])
def test_with_a_zone_the_order_tells_the_hours_that_stand_twice(tmp_path, turn):
    utc = grid("h", 48, "2024-10-26").tz_localize("UTC")
    local = utc.tz_convert("Europe/Berlin").tz_localize(None)
    frame = read_csv(written(tmp_path, local[::turn], range(48)[::turn]), timezone="Europe/Berlin")
    assert list(frame.index) == list(utc)
    assert frame["x"].tolist() == list(range(48))
