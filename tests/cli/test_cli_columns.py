"""`seqkit forecast` on tables that hold more than values: --target, --use, --only, and missing values."""

import re
import warnings
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from seqkit.cli import seqkit

DAYS = pd.date_range("2023-01-01", periods=200, freq="D")
SALES = 100 + 7 * np.sin(np.arange(200.0))


def table(**columns):
    return pd.DataFrame({"day": DAYS.strftime("%Y-%m-%d"), "sales": SALES.round(2), **columns})


def without(frame, *days):
    return frame[~frame["day"].isin(days)]


@pytest.fixture
def forecast(monkeypatch, tmp_path):
    """Run the command on a table without training; return the result, and the arguments of the training."""

    class Repeater:
        def __init__(self, past, horizon, targets):
            self.past, self.horizon, self.targets = past, horizon, targets
            settings = {"season": 7, "long_season": 1, "timesteps": 14, "transform": (), "fill": None}
            self.settings = SimpleNamespace(columns=tuple(past.columns), baseline="none", members=(), **settings)

        def forecast(self, past):
            index = pd.date_range(past.index[-1], periods=self.horizon + 1, freq=past.index.freq, name="day")[1:]
            return pd.DataFrame(dict.fromkeys(self.targets or past.columns, 1.5), index)

    calls = []

    def train(past, *, horizon, targets=None, **options):
        calls.append({"columns": list(past.columns), "targets": targets, **options})
        return Repeater(past, horizon, targets)

    monkeypatch.setattr("seqkit.forecasting.train.train_forecaster", train)

    def run(frame, *arguments):
        frame.to_csv(tmp_path / "table.csv", index=False)
        arguments = [str(tmp_path / "table.csv"), "--origins", "0", *arguments]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            result = CliRunner().invoke(seqkit, ["forecast", *arguments])
        return result, calls[-1] if calls else None

    return run


def test_a_counter_is_left_out_in_a_line_that_names_the_flag(forecast):
    result, training = forecast(table(id=range(200), weekday=DAYS.day_name()))
    assert (result.exit_code, training["columns"], training["targets"]) == (0, ["sales"], None)
    assert (
        "left out: 'id' (counts the rows), 'weekday' (holds text). To read one all the same, name it: --use id.\n"
        in (result.stderr)
    )


def test_a_column_to_use_is_read_and_not_forecast(forecast):
    result, training = forecast(table(id=range(200), rain=SALES * 2), "--use", "id")
    assert (training["columns"], training["targets"]) == (["sales", "id", "rain"], ["sales", "rain"])
    assert result.stdout.split()[:3] == ["day", "sales", "rain"]


def test_a_column_to_use_beside_a_target_leaves_the_others_out(forecast):
    _, training = forecast(table(rain=SALES * 2, wind=SALES * 3), "--target", "sales", "--use", "wind")
    assert (training["columns"], training["targets"]) == (["sales", "wind"], ["sales"])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["--target", "sales", "--use", "sales"],
            "'sales' is named by --target, and again by --use.*Name it once",
        ),
        (
            ["--use", "sales"],
            "--use names 'sales', and no other column is left to forecast. Name a column",
        ),
        (["--use", "sale"], "use 'sale' is not in the table.*Did you mean 'sales'"),
        (["--only", "shop"], "--only must be COL=VALUE, as in --only shop=3, got 'shop'"),
        (["--only", "sales=1"], "no row has '1' in column 'sales', which holds '100.0'"),
    ],
)
def test_columns_that_make_no_sense_are_refused_in_one_line(forecast, arguments, message):
    result, training = forecast(table(), *arguments)
    assert (result.exit_code, result.stdout, training) == (2, "", None)
    assert re.fullmatch(f"Error: .*{message}.*\n", result.stderr)


def test_one_shop_of_a_long_file_is_forecast(forecast):
    frame = pd.concat([table(shop=shop, sales=SALES + shop) for shop in (1, 2)])
    result, training = forecast(frame, "--only", "shop=2")
    assert (result.exit_code, training["columns"]) == (0, ["sales"])
    assert "Read 200 rows" in result.stderr


# Missing values


def test_a_few_missing_rows_are_filled_and_named_in_one_line(forecast, tmp_path):
    result, training = forecast(without(table(), "2023-02-05", "2023-06-01"))
    assert training["fill"] == "last"
    assert result.stderr.splitlines()[0] == (
        f"Warning: {tmp_path / 'table.csv'}: 2 of 200 rows have missing values: 2023-02-05, 2023-06-01. Each is filled "
        "from the values before it. To refuse them, pass --fill none."
    )
    assert result.stderr.count("Warning") == 1


def test_empty_cells_are_missing_as_rows_are(forecast):
    frame = table(rain=SALES)
    frame.loc[7, "rain"] = np.nan
    result, training = forecast(frame)
    assert training["fill"] == "last"
    assert "1 of 200 rows has missing values: 2023-01-08. It is filled from the values before it." in result.stderr


MANY = {
    "refused by name": (["2023-02-05"], ["--fill", "none"], "1 of 200 rows have missing values .--fill none."),
    "more than a few": ([f"2023-02-{day:02}" for day in (1, 5, 9, 13, 17)], [], "5 of 200 .* .more than 2%."),
    "the last row": ([], [], "the last row is one of them, and the forecast starts from it"),
    "the first row": ([], [], "the first row is one of them, and no value is before it"),
}


@pytest.mark.parametrize("kind", MANY)
def test_other_missing_rows_are_refused(forecast, kind):
    days, arguments, message = MANY[kind]
    frame = without(table(), *days)
    if not days:
        frame.loc[frame.index[-1 if kind == "the last row" else 0], "sales"] = np.nan
    result, training = forecast(frame, *arguments)
    assert (result.exit_code, training) == (2, None)
    assert re.fullmatch(f"Error: .*{message}.*--fill last .or --fill mean.*\n", result.stderr)


def test_a_season_in_a_row_is_refused(forecast):
    frame = pd.concat([table(), table().assign(day=(DAYS + pd.Timedelta("200D")).strftime("%Y-%m-%d"))])
    week = [f"2023-03-{day:02}" for day in range(1, 8)]
    assert "7 in a row, a whole season" in forecast(without(frame, *week))[0].stderr
    assert forecast(without(frame, *week[1:]))[1]["fill"] == "last"


def test_a_column_with_a_whole_window_missing_is_left_out(forecast):
    frame = table(promo=[*[np.nan] * 190, *range(10)])
    result, training = forecast(frame)
    assert (training["columns"], training["fill"]) == (["sales"], None)
    assert "left out: column 'promo' has no value in 190 rows, 2023-01-01 to 2023-07-09; a forecast reads 91" in (
        result.stderr
    )
    assert "To read it, pass --timesteps 191 --fill last.\n" in result.stderr
    assert forecast(frame, "--timesteps", "191", "--fill", "last")[1]["columns"] == ["sales", "promo"]


def test_a_named_column_with_a_whole_window_missing_is_refused_at_once(forecast):
    result, training = forecast(table(promo=[*[np.nan] * 190, *range(10)]), "--target", "promo", "--fill", "last")
    assert (result.exit_code, training) == (2, None)
    assert "column 'promo' has no value in 190 rows" in result.stderr
    assert "or do not name the column" in result.stderr
