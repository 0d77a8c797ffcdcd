"""The command line: what it prints and writes, how soon it refuses, and that no file is ever half written."""

import importlib.util
import inspect
import os
import re
import subprocess
import sys
import warnings
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from seqkit import _checks
from seqkit._errors import InvalidValue, SeqkitWarning, keywords
from seqkit.cli import seqkit
from seqkit.cli.messages import FLAGS, with_flags
from seqkit.data.tables import read_csv

DATA = Path(__file__).parents[2] / "data"
AIR = str(DATA / "air_passengers.csv")
DAYS = "day,sales\n" + "".join(f"2024-01-{day:02},{day}\n" for day in range(1, 12))
FILES = {"--output": "forecast.csv", "--plot": "forecast.png", "--export": "model"}


def run(*arguments):
    return CliRunner().invoke(seqkit, ["forecast", *map(str, arguments)])


def outputs(folder):
    return [argument for flag, name in FILES.items() for argument in (flag, str(folder / name))]


def write(folder, content, name="table.csv"):
    path = folder / name
    path.write_text(content, encoding="utf-8")
    return path


class LastRowForecaster:
    """A quick forecaster that repeats the last row, for tests that are not about training."""

    def __init__(self, table, horizon):
        self.horizon = horizon
        self.columns = table.columns
        settings = {"season": 7, "long_season": 1, "timesteps": 14, "transform": (), "fill": None, "baseline": "none"}
        self.settings = SimpleNamespace(columns=tuple(table.columns), members=(), **settings)

    def forecast(self, table):
        index = pd.date_range(table.index[-1], periods=self.horizon + 1, freq=table.index.freq, name=table.index.name)
        values = np.tile(table.to_numpy()[-1], (self.horizon, 1))
        future = pd.DataFrame(values, index[1:], self.columns)
        future.attrs = dict(table.attrs)
        return future

    def export(self, path):
        Path(path).mkdir()
        (Path(path) / "saved_model.pb").write_text("a model")


@pytest.fixture
def quick(monkeypatch):
    """Replace training by `LastRowForecaster`, and return the arguments of each call of it."""
    calls = []

    def train(table, *, horizon, **options):
        calls.append({"horizon": horizon, **options})
        return LastRowForecaster(table, horizon)

    monkeypatch.setattr("seqkit.forecasting.train.train_forecaster", train)
    return calls


# Help and refusals come at once


@pytest.fixture
def poisoned(tmp_path):
    """Make an environment in which imports of the named modules fail."""

    def environment(*names):
        folder = tmp_path / "poison"
        folder.mkdir()
        for name in names:
            (folder / f"{name}.py").write_text(f"raise ImportError('{name} was imported')\n")
        return {**os.environ, "PYTHONPATH": str(folder)}

    return environment


@pytest.mark.parametrize(
    ("arguments", "code", "printed"),
    [
        ([], 0, "forecast  Forecast a CSV's next values"),
        (["--version"], 0, "seqkit, version 0"),
        (["forecast", "--help"], 0, "--output F.csv"),
        (["forecast", "nowhere.csv"], 2, "^Error: nowhere.csv: there is no such file. Check the path.\n$"),
        (
            ["forecast", str(DATA / "co2.csv")],
            2,
            "^Error: .*co2.csv: 59 of 2284 rows .* at 1958-05-10.*--fill last.*\n$",
        ),
        (["forecast", AIR, "--horizon", "144"], 2, "^Error: .*--horizon 144 needs 145 rows or more, .* has 144.*\n$"),
    ],
)
def test_help_and_refusals_do_not_wait_for_tensorflow(poisoned, tmp_path, arguments, code, printed):
    environment = poisoned("tensorflow", "keras")
    command = [sys.executable, "-m", "seqkit", *arguments]
    process = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, encoding="utf-8", check=False)
    assert process.returncode == code
    assert re.search(printed, process.stderr if code else process.stdout)
    assert not (process.stdout if code else process.stderr)


def test_help_is_shown_without_even_pandas():
    code = "import sys; from seqkit.cli import seqkit; sys.exit('pandas' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# One real run


@pytest.fixture(scope="module")
def real(tmp_path_factory):
    """The whole command on air passengers: its result and the folder of its files."""
    folder = tmp_path_factory.mktemp("real")
    arguments = ["--horizon", "12", "--timesteps", "24", "--epochs", "3", "--seed", "5", "--origins", "0"]
    return run(AIR, *arguments, *outputs(folder)), folder


def test_the_forecast_continues_the_files_own_time_column_in_its_own_units(real):
    result, folder = real
    assert result.exit_code == 0, result.exception
    lines = (folder / "forecast.csv").read_text().splitlines()
    assert lines[0] == "month,passengers"
    assert [line.split(",")[0] for line in lines[1:]] == [f"1961-{month:02}" for month in range(1, 13)]
    values = [line.split(",")[1] for line in lines[1:]]
    assert all(re.fullmatch(r"\d{3}\.\d{3}", value) for value in values)
    assert all(300 < float(value) < 900 for value in values)
    assert read_csv(folder / "forecast.csv").index[0] == pd.Timestamp("1961-01-01")


def test_what_is_printed_is_the_table_and_the_files_and_what_is_not_data_goes_to_stderr(real):
    result, folder = real
    lines = result.stdout.splitlines()
    assert lines[0].split() == ["month", "passengers"]
    assert [tuple(line.split()) for line in lines[1:13]] == [
        tuple(line.split(",")) for line in (folder / "forecast.csv").read_text().splitlines()[1:]
    ]
    assert lines[14] == "Wrote " + ", ".join(str(folder / name) for name in FILES.values())
    assert lines[-1] == "No backtest: --origins 0"
    said = result.stderr.splitlines()
    assert said[:3] == [
        "Read 144 rows, 1949-01 to 1960-12, freq MS: passengers",
        "Starting TensorFlow ...",
        "Training to forecast 12 rows, with a budget of 2m for it and the backtest ...",
    ]
    assert said[3] == "The model: a season of 12 rows; each forecast reads 24 rows; log of passengers."
    assert re.fullmatch(r"The network changed the simple forecast .* by [\d.]+ on average, [\d.]+% of it\.", said[4])
    assert re.fullmatch(r"It took \d+ seconds\.", said[5])


def test_only_the_three_files_are_left_and_the_picture_is_one(real):
    _, folder = real
    assert sorted(path.name for path in folder.iterdir()) == sorted(FILES.values())
    assert (folder / "forecast.png").read_bytes().startswith(b"\x89PNG")


def test_the_same_seed_makes_the_same_file(real, tmp_path):
    _, folder = real
    arguments = ["--timesteps", "24", "--epochs", "3", "--seed", "5", "--origins", "0"]  # 12 is the default horizon
    assert run(AIR, *arguments, "--output", tmp_path / "again.csv").exit_code == 0
    assert (tmp_path / "again.csv").read_bytes() == (folder / "forecast.csv").read_bytes()


def test_the_model_is_served_by_tensorflow_alone_and_agrees_with_the_file(real, poisoned):
    _, folder = real
    code = f"""
import csv, numpy, tensorflow as tf
model = tf.saved_model.load({str(folder / "model")!r})
rows = [float(row["passengers"]) for row in csv.DictReader(open({AIR!r}))]
past = numpy.array(rows[-31:], "float32").reshape(1, 31, 1)
values = model.describe()
values = [values[name].numpy() for name in ("columns", "timesteps", "horizon", "frequency")]
print(values[0][0].decode(), values[1], values[2], values[3].decode())
print(*model.serve(past)["forecast"].numpy().ravel())
"""
    process = subprocess.run(
        [sys.executable, "-c", code],
        env=poisoned("seqkit", "keras"),
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert process.returncode == 0, process.stderr
    description, forecast = process.stdout.splitlines()
    assert description == "passengers 24 12 MS"
    written = pd.read_csv(folder / "forecast.csv")["passengers"]
    assert [float(value) for value in forecast.split()] == pytest.approx(written.tolist(), rel=1e-5)


@pytest.mark.slow
def test_tensorflow_says_nothing_and_the_backtest_has_a_word_on_the_forecast(tmp_path):
    environment = {name: value for name, value in os.environ.items() if name != "TF_CPP_MIN_LOG_LEVEL"}
    arguments = [AIR, "--epochs", "3", "--seed", "5", "--origins", "1", "--output", str(tmp_path / "forecast.csv")]
    command = [sys.executable, "-m", "seqkit", "forecast", *arguments]
    process = subprocess.run(command, env=environment, capture_output=True, encoding="utf-8", check=True)
    assert process.stderr.splitlines()[1:3] == [
        "Starting TensorFlow ...",
        "Training to forecast 12 rows, with a budget of 2m for it and the backtest ...",
    ]
    assert process.stderr.splitlines()[-2] == "Backtesting ..."
    assert re.search(
        r"method +mae +rmse +smape +mase +scaled_crps\n +forecast .*\n +naive .*\nseasonal_naive +47.83 ",
        process.stdout,
    )
    assert re.search(
        r"\n\nWrote .*forecast.csv\n.*\n\npassengers: .*mean absolute error .*\n$", process.stdout, re.DOTALL
    )


# Options are passed on


def test_with_the_file_alone_every_column_is_forecast_for_a_season(quick):
    result = run(DATA / "macro.csv", "--origins", "0")
    chosen = {"horizon": 4, "timesteps": None, "season": None, "epochs": None, "seed": None, "fill": None}
    chosen |= {"checkpoint": None}
    assert quick == [{**chosen, "budget": 120.0, "verbose": "auto", "reuse": True}]
    assert result.stdout.split()[:3] == ["quarter", "gdp", "consumption"]
    assert "\n 2009Q4 " in result.stdout


def test_packed_files_parquet_and_sheets_of_excel_are_forecast(quick, tmp_path):
    frame = pd.DataFrame({"day": pd.date_range("2024-01-01", periods=20), "sales": np.arange(20.0) + 0.5})
    frame.to_csv(tmp_path / "sales.csv.gz", index=False)
    assert "Read 20 rows, 2024-01-01 to 2024-01-20, freq D: sales" in run(tmp_path / "sales.csv.gz").stderr
    pytest.importorskip("pyarrow")
    frame.to_parquet(tmp_path / "sales.parquet")
    assert "Read 20 rows, 2024-01-01 to 2024-01-20, freq D: sales" in run(tmp_path / "sales.parquet").stderr
    result = run(tmp_path / "sales.parquet", "--sheet", "a")
    assert (result.exit_code, "only an Excel file has sheets. Leave --sheet out." in result.stderr) == (2, True)
    pytest.importorskip("openpyxl")
    with pd.ExcelWriter(tmp_path / "book.xlsx") as book:
        frame.iloc[:9].to_excel(book, sheet_name="new", index=False)
        frame.to_excel(book, sheet_name="all years", index=False)
    result = run(tmp_path / "book.xlsx")
    assert "the first of 2 sheets is read, 'new'. To read another, name it: --sheet 'all years'." in result.stderr
    assert "Read 20 rows" in run(tmp_path / "book.xlsx", "--sheet", "all years").stderr


def test_targets_are_the_only_columns_that_are_read(quick):
    result = run(DATA / "macro.csv", "--target", "prices", "--target", "gdp", "--origins", "0", "--horizon", "1")
    assert result.stdout.splitlines()[0].split() == ["quarter", "prices", "gdp"]
    assert quick[0]["horizon"] == 1


@pytest.mark.parametrize(("rows", "horizon"), [(2, 1), (11, 3), (23, 7)])
def test_the_season_forecast_by_default_is_at_most_a_third_of_the_rows(quick, tmp_path, rows, horizon):
    days = pd.date_range("2024-01-01", periods=rows, freq="D")
    content = "day,sales\n" + "".join(f"{day.date()},{row + 1}\n" for row, day in enumerate(days))
    assert run(write(tmp_path, content), "--origins", "0").exit_code == 0
    assert quick[0]["horizon"] == horizon


COLUMNS = {
    "several time columns": (
        "year,month,sales\n2024,11,3\n2024,12,5\n2025,1,7\n",
        [],
        ["time,sales", "2025-02-01,7.00000"],
    ),
    "no time column": (
        "sales,time\n3,1\n5,1\n7,2\n",
        ["--no-time", "--freq", "h", "--start", "2024-01-31 22:00"],
        ["time_,sales,time", "2024-02-01 01:00:00,7.00000,2.00000"],
    ),
    "a clock with summer time": (
        "t;x\n2024-03-31 00:00;1,5\n2024-03-31 01:00;2,5\n2024-03-31 03:00;3,5\n",
        ["--timezone", "Europe/Berlin", "--separator", ";", "--decimal", ","],
        ["t,x", "2024-03-31 04:00:00+02:00,3.50000"],
    ),
    "Chinese": ("月份,销售额\n2024年1月,3\n2024年2月,1234567\n", [], ["月份,销售额", "2024年3月,1234567"]),
    "tabs": ("day\tx\n2024-01-01\t1\n2024-01-02\t2e-3\n", ["--separator", "tab"], ["day,x", "2024-01-03,0.00200000"]),
    "the least": ("day,x\n2024-01-01,1\n2024-01-02,-2e-9\n", [], ["day,x", "2024-01-03,-2e-09"]),
    "zero": ("day,x\n2024-01-01,1\n2024-01-02,0\n", [], ["day,x", "2024-01-03,0"]),
}


@pytest.mark.parametrize("case", COLUMNS)
def test_the_file_written_has_the_time_as_the_file_read(quick, tmp_path, case):
    content, options, lines = COLUMNS[case]
    output = tmp_path / "forecast.csv"
    result = run(write(tmp_path, content), "--origins", "0", "--horizon", "1", "--output", output, *options)
    assert result.exit_code == 0, result.exception
    assert output.read_bytes().decode() == "\n".join(lines) + "\n"


def test_a_long_forecast_is_shown_whole_unless_it_is_in_a_file(quick, tmp_path):
    content = "day,x\n" + "".join(f"{day.date()},1\n" for day in pd.date_range("2024-01-01", periods=211))
    path = write(tmp_path, content)
    assert run(path, "--horizon", "101", "--origins", "0").stdout.count("\n2024-") == 101
    shortened = run(path, "--horizon", "101", "--origins", "0", "--output", tmp_path / "f.csv").stdout
    assert shortened.count("\n2024-") < 60
    assert (tmp_path / "f.csv").read_text().count("\n2024-") == 101


def test_the_folder_of_the_file_may_be_reached_by_a_link(quick, tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert run(write(tmp_path, DAYS), "--origins", "0", "--output", tmp_path / "link" / "f.csv").exit_code == 0
    assert (tmp_path / "real" / "f.csv").read_text().startswith("day,sales\n")


def test_missing_rows_are_a_warning_in_one_line_when_they_are_to_be_filled(quick, tmp_path):
    path = write(tmp_path, DAYS.replace("2024-01-05,5\n", ""))
    result = run(path, "--fill", "last", "--origins", "0")
    assert result.exit_code == 0
    assert quick[0]["fill"] == "last"
    assert result.stderr.splitlines()[0] == (
        f"Warning: {path}: 1 row is missing on the grid of --freq D: 2024-01-05. They are filled as --fill says."
    )


def test_missing_values_without_a_filling_are_refused_in_one_line(quick, tmp_path):
    days = [(1, 1, 2), (2, 2, ""), (3, 3, 3), (5, 3, 4), (6, 3, 4), (7, 4, 5)]
    path = write(tmp_path, "day,sales,rain\n" + "".join(f"2024-01-{day:02},{x},{y}\n" for day, x, y in days))
    result = run(path)
    assert (result.exit_code, result.stdout, quick) == (2, "", [])
    assert result.stderr == (
        f"Error: {path}: 2 of 7 rows have missing values (more than 2%), the first in column 'rain' at 2024-01-02. "
        "Fill them from earlier rows with --fill last (or --fill mean), the same and tell the network which are "
        "missing with --fill mask, or fill them in the file.\n"
    )


def test_a_warning_is_said_once_and_those_of_other_libraries_are_not(monkeypatch, quick, tmp_path):
    def train(table, *, horizon, **_):
        for _ in range(3):
            warnings.warn(SeqkitWarning("build_forecaster", "hard"), stacklevel=1)
        warnings.warn("deprecated", DeprecationWarning, stacklevel=1)
        warnings.warn("a user's own", UserWarning, stacklevel=1)
        return LastRowForecaster(table, horizon)

    monkeypatch.setattr("seqkit.forecasting.train.train_forecaster", train)
    result = run(write(tmp_path, DAYS), "--origins", "0")
    assert result.stderr.count("Warning: hard\n") == 1
    assert "deprecated" not in result.output
    assert "a user's own" not in result.output


# How long, and how loud


@pytest.mark.parametrize(
    ("arguments", "seconds"),
    [(["--budget", "1m"], 60.0), (["--budget", "90"], 90.0), (["--budget", "none"], None), (["--origins", "3"], 30.0)],
)
def test_the_forecast_and_each_origin_have_the_same_budget(monkeypatch, quick, tmp_path, arguments, seconds):
    calls = []
    monkeypatch.setattr("seqkit.forecasting.score.backtest", backtest_from(calls, most=3))
    assert run(write(tmp_path, DAYS), "--horizon", "2", "--origins", "0", *arguments).exit_code == 0
    assert quick[0]["budget"] == seconds
    assert all(call["budget"] == seconds for call in calls)


def test_no_more_origins_are_tried_than_the_table_has_horizons(monkeypatch, quick, tmp_path):
    calls = []
    monkeypatch.setattr("seqkit.forecasting.score.backtest", backtest_from(calls, most=2))
    assert run(write(tmp_path, DAYS), "--horizon", "3", "--origins", "1000000").exit_code == 0
    assert [call["origins"] for call in calls] == [3, 2]


def test_a_season_is_one_number_or_two(quick, tmp_path):
    run(write(tmp_path, DAYS), "--origins", "0", "--season", "7")
    run(write(tmp_path, DAYS), "--origins", "0", "--season", "7,365")
    assert [call["season"] for call in quick] == [7, [7, 365]]


def test_quiet_prints_results_alone(quick, tmp_path):
    result = run(write(tmp_path, DAYS), "--origins", "0", "--quiet")
    assert result.stderr == ""
    assert quick[0]["verbose"] == 0
    assert "2024-01-12" in result.stdout


def test_the_forecast_is_printed_and_written_before_the_backtest(monkeypatch, quick, tmp_path):
    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("seqkit.forecasting.score.backtest", interrupt)
    result = run(write(tmp_path, DAYS), "--output", tmp_path / "forecast.csv")
    assert result.exit_code == 130
    assert "2024-01-12" in result.stdout
    assert (tmp_path / "forecast.csv").exists()


# A saved model forecasts again


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    folder = tmp_path_factory.mktemp("saved")
    rows = Path(AIR).read_text().splitlines(keepends=True)
    (folder / "until_1959.csv").write_text("".join(rows[:133]))
    arguments = ["--timesteps", "24", "--epochs", "2", "--seed", "5", "--origins", "0", "--save", folder / "air.keras"]
    result = run(folder / "until_1959.csv", *arguments)
    assert result.exit_code == 0, result.output
    return folder / "air.keras"


def test_a_saved_model_forecasts_next_months_file_without_training(saved, tmp_path):
    result = run(AIR, "--model", saved, "--output", tmp_path / "next.csv")
    assert result.exit_code == 0, result.output
    assert "Training" not in result.stderr
    assert "trained until 1959-12-01" in result.stderr
    assert read_csv(tmp_path / "next.csv").index[0] == pd.Timestamp("1961-01-01")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--horizon", "3"], "--horizon is for training, and the model of --model is trained"),
        (["--season", "7"], "--season is for training, and the model of --model is trained"),
        (["--budget", "1m"], "--budget is for training"),
        (["--origins", "2"], "--origins is for training"),
        (["--no-ets"], "--ets is for training"),
        (["--target", "passengers"], "--target is for training, and the model of --model is trained"),
    ],
)
def test_what_a_saved_model_has_settled_is_refused_beside_it(saved, arguments, message):
    result = run(AIR, "--model", saved, *arguments)
    assert result.exit_code == 2
    assert message in result.stderr


def test_another_table_or_file_is_refused_by_name(saved, tmp_path):
    assert "column 'passengers' is not in the table" in run(DATA / "sunspots.csv", "--model", saved).stderr
    days = write(tmp_path, DAYS.replace("sales", "passengers") + "".join(f"2024-01-{day},2\n" for day in range(12, 32)))
    assert "the model was built for the frequency 'MS', the table has 'D'" in run(days, "--model", saved).stderr
    assert "there is no such file" in run(AIR, "--model", tmp_path / "no.keras").stderr
    assert "is no model of Keras's" in run(AIR, "--model", AIR).stderr
    assert "must end in .keras" in run(AIR, "--save", tmp_path / "model.h5").stderr


# The backtest


def test_the_scores_and_the_verdict_are_printed(monkeypatch, quick, tmp_path):
    calls = []
    monkeypatch.setattr("seqkit.forecasting.score.backtest", backtest_from(calls, most=3))
    result = run(write(tmp_path, DAYS), "--seed", "7", "--epochs", "5")
    assert calls == [{"origins": 3, "epochs": 5, "seed": 7, "ets": None, "budget": 30.0, "verbose": "auto"}]
    assert re.search(r"method +mae +rmse +smape +mase\nforecast 1.235 12.35 +12 +nan\n\nNot bad\.\n$", result.stdout)


def test_ets_is_shown_or_left_out_as_asked_and_refused_before_the_training_where_it_cannot_be(
    monkeypatch, quick, tmp_path
):
    calls, path, find = [], write(tmp_path, DAYS), importlib.util.find_spec
    monkeypatch.setattr("seqkit.forecasting.score.backtest", backtest_from(calls, most=3))
    run(path, "--no-ets")
    assert [call["ets"] for call in calls] == [False]
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "statsmodels" else find(name))
    result = run(path, "--ets")
    assert (result.exit_code, len(quick)) == (2, 1)
    assert "ETS needs statsmodels, which is not installed. Install it: pip install 'seqkit[baselines]'" in result.stderr
    assert run(path).exit_code == 0


def test_fewer_origins_are_taken_where_the_table_is_too_short_for_all(monkeypatch, quick, tmp_path):
    calls = []
    monkeypatch.setattr("seqkit.forecasting.score.backtest", backtest_from(calls, most=2))
    result = run(write(tmp_path, DAYS), "--origins", "5", "--horizon", "1")
    assert [call["origins"] for call in calls] == [5, 4, 3, 2]
    assert "The backtest has 2 of 5 origins, because the table is too short for more.\n" in result.stderr
    assert "Not bad." in result.stdout


def test_a_table_too_short_for_any_backtest_is_forecast_all_the_same(monkeypatch, quick, tmp_path):
    monkeypatch.setattr("seqkit.forecasting.score.backtest", backtest_from([], most=0))
    result = run(write(tmp_path, DAYS), *outputs(tmp_path))
    assert result.exit_code == 0
    assert "No backtest: origins must be 2 or more, got 1.\n" in result.stdout
    assert (tmp_path / "forecast.csv").exists()


def backtest_from(calls, most):
    from seqkit.forecasting.score import Backtest

    def backtest(model, table, **options):
        calls.append(options)
        if options["origins"] > most:
            _checks.whole_number("backtest", "origins", options["origins"], options["origins"] + 1)
        scores = {"mae": 1.23456, "rmse": 12.3456, "smape": 12.0, "mase": np.nan}
        return Backtest(table, pd.DataFrame([scores], pd.Index(["forecast"], name="method")), table, "Not bad.")

    return backtest


# Refusals, failures, interruptions: nothing is written


REFUSED = {
    "a folder for a file": (["--output", "."], r"--output: .* is not a file\. Name a file\."),
    "a folder that is not there": (
        ["--plot", "no/f.png"],
        "--plot: .*no/f.png: there is no folder .*no. Make it first",
    ),
    "the file itself": (["--output", "table.csv"], "--output: .*table.csv is the CSV already. Name another."),
    "the same file twice": (["--output", "a.png", "--plot", "a.png"], "--plot: .*a.png is --output already"),
    "another kind of picture": (["--plot", "a.xyz"], "--plot: the ending must be one of '.png'.*, got '.xyz'"),
    "a folder in use": (["--export", "."], r"--export: .* exists and is not a SavedModel.* such as .*1\."),
    "a file for a folder": (["--export", "table.csv/1"], "--export: .*table.csv/1: .*table.csv is not a folder"),
    "a file in the model": (["--export", "empty", "--output", "empty/f.csv"], "--output: .* in the folder of --export"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_place_that_cannot_be_written_is_refused_before_any_work(quick, tmp_path, case):
    arguments, message = REFUSED[case]
    (tmp_path / "empty").mkdir()
    path = write(tmp_path, DAYS)
    result = run(path, *(text if text.startswith("--") else tmp_path / text for text in arguments))
    assert result.exit_code == 2
    assert re.fullmatch(f"Error: {message}.*\n", result.stderr)
    assert not quick
    assert sorted(tmp_path.rglob("*")) == [tmp_path / "empty", path]


def test_a_file_that_seqkit_did_not_write_is_replaced_by_force_alone(quick, tmp_path):
    path, output = write(tmp_path, DAYS), tmp_path / "forecast.csv"
    arguments = (path, "--origins", "0", "--output", output)
    output.write_text("somebody's work")
    refused = run(*arguments)
    assert (refused.exit_code, quick, output.read_text()) == (2, [], "somebody's work")
    assert re.fullmatch("Error: --output: .*forecast.csv exists, and .* add --force to replace it.\n", refused.stderr)
    assert run(*arguments, "--force").exit_code == 0
    written = output.read_text()
    assert run(*arguments).exit_code == 0  # its own file
    assert output.read_text() == written
    output.write_text(f"{written}2024-01-09,a note\n")
    assert run(*arguments).exit_code == 2  # changed since


def test_a_checkpoint_does_not_take_the_place_of_the_data(quick, tmp_path):
    path = write(tmp_path, DAYS)
    result = run(path, "--checkpoint", path)
    assert (result.exit_code, quick, path.read_text()) == (2, [], DAYS)
    assert "--checkpoint: " in result.stderr
    assert "is the CSV already. Name another." in result.stderr


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_without_permission_is_refused_before_any_work(quick, tmp_path):
    path = write(tmp_path, DAYS)
    (tmp_path / "locked").mkdir(mode=0o500)
    for flag in FILES:
        result = run(path, flag, tmp_path / "locked" / "f.png")
        assert (result.exit_code, quick) == (2, [])
        assert "you may not write in" in result.stderr


CONTRADICTIONS = {
    "a column and none": (["--time", "day", "--no-time"], "--time names a time column, --no-time says there is none"),
    "a start beside stamps": (["--start", "2024-01-01"], "--start is for a table without time stamps. Add --no-time"),
    "a seed too large": (["--seed", "4294967296"], "--seed must be at most 4294967295, got 4294967296"),
    "a seed below zero": (["--seed", "-1"], "--seed must be 0 or more, got -1"),
    "origins below zero": (["--origins", "-1"], "--origins must be 0 or more, got -1"),
    "no such option": (["--horizn", "3"], r"No such option.*--horizon.* See seqkit forecast --help\."),
    "no such filling": (["--fill", "linear"], r"'linear' is not one of 'last', 'mean'.* See seqkit forecast --help\."),
}


@pytest.mark.parametrize("case", CONTRADICTIONS)
def test_options_that_make_no_sense_are_refused_in_one_line(quick, tmp_path, case):
    arguments, message = CONTRADICTIONS[case]
    result = run(write(tmp_path, DAYS), *arguments)
    assert (result.exit_code, result.stdout, quick) == (2, "", [])
    assert re.fullmatch(f"Error: .*{message}.*\n", result.stderr)


def test_a_missing_argument_is_one_line_too():
    result = run()
    assert (result.exit_code, result.stderr) == (2, "Error: Missing argument 'CSV'. See seqkit forecast --help.\n")


@pytest.mark.parametrize(
    ("failing", "said"),
    [
        ("forecast", "/somewhere: No space left on device."),
        ("export", "--export: the disk of .* is full. Free some .*"),
    ],
)
def test_a_failure_at_the_end_leaves_nothing_behind(monkeypatch, quick, tmp_path, failing, said):
    def fail(*_):
        raise OSError(28, "No space left on device", "/somewhere")

    monkeypatch.setattr(LastRowForecaster, failing, fail)
    path = write(tmp_path, DAYS)
    result = run(path, "--origins", "0", *outputs(tmp_path))
    assert result.exit_code == 2
    assert re.search(f"\nError: {said}\n$", result.stderr)
    assert list(tmp_path.iterdir()) == [path]


def test_what_was_there_before_stays_when_writing_fails(monkeypatch, quick, tmp_path):
    monkeypatch.setattr("seqkit.forecasting.plots.plot_forecast", lambda *_: _checks.fraction("plot_forecast", "x", 2))
    (tmp_path / "forecast.csv").write_text("old")
    result = run(write(tmp_path, DAYS), "--origins", "0", *outputs(tmp_path))
    assert result.exit_code == 2
    assert (tmp_path / "forecast.csv").read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["forecast.csv", "table.csv"]


def test_an_interruption_ends_quietly(monkeypatch, quick, tmp_path):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(LastRowForecaster, "export", interrupt)
    path = write(tmp_path, DAYS)
    result = run(path, "--origins", "0", *outputs(tmp_path))
    assert result.exit_code == 130
    assert result.stderr.endswith("\nStopped.\n")
    assert list(tmp_path.iterdir()) == [path]


def test_an_error_that_nobody_meant_keeps_its_traceback(monkeypatch, quick, tmp_path):
    monkeypatch.setattr(LastRowForecaster, "forecast", lambda *_: int("a bug"))
    result = run(write(tmp_path, DAYS), "--origins", "0")
    assert result.exit_code == 1
    assert isinstance(result.exception, ValueError)
    assert "a bug" in str(result.exception)


# Arguments in messages of the library become flags


def test_every_argument_of_read_csv_is_a_flag():
    arguments = set(inspect.signature(read_csv).parameters) - {"path"}
    assert arguments <= FLAGS.keys()
    options = {
        name: {flag for option in command.params for flag in option.opts} for name, command in seqkit.commands.items()
    }
    assert set(FLAGS.values()) | {"--no-time"} <= options["forecast"] | options["classify"]
    assert {FLAGS[name] for name in arguments} | {"--no-time"} <= options["forecast"]


@pytest.mark.parametrize(
    ("text", "python", "flags"),
    [
        ("Pass " + keywords(separator=...) + ".", "Pass separator=.", "Pass --separator."),
        (keywords(encoding="latin-1") + " or so", "encoding='latin-1' or so", "--encoding latin-1 or so"),
        (
            "read with ',': pass " + keywords(separator=";"),
            "read with ',': pass separator=';'",
            "read with ',': pass --separator ';'",
        ),
        (keywords(separator="\t") + ".", r"separator='\t'.", r"--separator '\t'."),
        (keywords(decimal=",") + ".", "decimal=','.", "--decimal ,."),
        (keywords(time=["year", "month"]) + ".", "time=['year', 'month'].", "--time year --time month."),
        (
            keywords(columns=["a b", "it's", "[C]", "{d}"]) + ".",
            """columns=['a b', "it's", '[C]', '{d}'].""",
            """--target 'a b' --target 'it'"'"'s' --target '[C]' --target '{d}'.""",
        ),
        (keywords(columns=["a\nb"]) + "", r"columns=['a\nb']", r"--target 'a\nb'"),
        (
            keywords(time=None, freq="MS") + ' (or "D")',
            "time=None, freq='MS' (or \"D\")",
            '--no-time --freq MS (or "D")',
        ),
        (keywords(timesteps=36) + " needs", "timesteps=36 needs", "--timesteps 36 needs"),
        (
            "Pass " + keywords(**{"--horizon": 1}) + " or more.",
            "Pass --horizon=1 or more.",
            "Pass --horizon=1 or more.",
        ),
        (keywords(horizon=2, units=3) + "", "horizon=2, units=3", "horizon=2, units=3"),
        (keywords(season=(24, 168)) + "", "season=(24, 168)", "--season 24,168"),
        (keywords(timesteps=None) + "", "timesteps=None", "timesteps=None"),
        (
            "a column {0} freq='MS' of the {file}" + keywords(),
            "a column {0} freq='MS' of the {file}",
            "a column {0} freq='MS' of the {file}",
        ),
    ],
)
def test_a_message_names_flags_instead_of_arguments(text, python, flags):
    assert str(InvalidValue("read_csv", text)) == f"read_csv: {python}"
    assert with_flags(InvalidValue("read_csv", text)) == flags
    assert with_flags(InvalidValue("read_csv: a.csv", "wrong.", text)) == f"a.csv: wrong. {flags}"


def test_a_long_list_is_cut_with_flags_as_in_python():
    columns = keywords(columns=[f"c{number}" for number in range(14)])
    assert str(columns).endswith("'c11' and 2 more]")
    assert with_flags(InvalidValue("read_csv", columns)).endswith(" --target c11 and 2 more")


@pytest.mark.parametrize("where", ["seqkit forecast", "--plot", "--export: a/b"])
def test_where_the_command_line_itself_refuses_is_told(where):
    assert with_flags(InvalidValue(where, "no.")) == f"{where}: no."


def test_what_a_file_holds_is_never_taken_for_an_argument(quick, tmp_path):
    path = write(tmp_path, "freq='MS',time=None {x}\n2024-01-01,{0}\n2024-01-02,1\n")
    result = run(path)
    assert result.stderr == (
        f"Error: {path}: line 2, column 'time=None {{x}}': '{{0}}' is not a finite number. "
        "Correct the cell, leave it empty if it is missing.\n"
    )
