"""`seqkit forecast --series`: one model for the many series of a long file."""

import re
import warnings
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from matplotlib.figure import Figure

from seqkit.cli import seqkit
from seqkit.cli.many import clearest_and_worst

ROWS = {"007": 40, "=b": 30, "c": 20}


def long(**columns):
    parts = [
        pd.DataFrame(
            {
                "shop": shop,
                "month": pd.date_range("2020-01-01", periods=rows, freq="MS").strftime("%Y-%m"),
                "sales": 10.0 ** (at * 2) * (2 + np.sin(np.arange(rows))).round(4),
            }
        )
        for at, (shop, rows) in enumerate(ROWS.items())
    ]
    return pd.concat(parts, ignore_index=True).assign(**columns)


class Repeater:
    """Repeats the last value of each series."""

    def __init__(self, past, horizon, targets):
        self.past, self.horizon, self.targets = past, horizon, targets
        settings = {"season": 12, "long_season": 1, "timesteps": 14, "transform": (), "fill": None}
        self.settings = SimpleNamespace(columns=tuple(past.columns), baseline="none", members=(), **settings)

    def forecast(self, past):
        last = past.groupby(level=0, sort=False).tail(1)[self.targets or list(past.columns)]
        steps = [
            last.rename(lambda stamp, step=step: stamp + pd.DateOffset(months=step), level=1) for step in range(1, 3)
        ]
        future = pd.concat(steps).loc[past.index.unique(0)].rename_axis(past.index.names)
        future.attrs = dict(past.attrs)
        return future


@pytest.fixture
def forecast(monkeypatch, tmp_path):
    """Run the command on a long table without training; return the result, and the arguments of the training."""
    calls = []

    def train(past, *, horizon, targets=None, **options):
        calls.append({"past": past, "horizon": horizon, "targets": targets, **options})
        return Repeater(past, horizon, targets)

    monkeypatch.setattr("seqkit.forecasting.train.train_forecaster", train)
    monkeypatch.chdir(tmp_path)

    def run(frame, *arguments):
        frame.to_csv("sales.csv", index=False)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            result = CliRunner().invoke(
                seqkit, ["forecast", "sales.csv", "--horizon", "2", "--origins", "0", *arguments]
            )
        return result, calls[-1] if calls else None

    return run


def refused(result, message):
    assert (result.exit_code, result.stdout) == (2, "")
    assert re.fullmatch(f"Error: .*{message}.*\n", result.stderr), result.stderr


def test_without_the_flag_the_error_shows_it(forecast):
    refused(
        forecast(long())[0], "the file holds many series: column 'shop' names 3 .*Read them all, with --series shop, "
    )


def test_one_model_is_trained_on_all_series(forecast):
    result, training = forecast(long(), "--series", "shop")
    assert result.exit_code == 0
    assert training["past"].index.names == ["shop", "month"]
    assert "Read 90 rows of 3 series, 2020-01 to 2023-04, freq MS: sales\n" in result.stderr


def test_the_forecast_is_printed_and_written_in_the_form_of_the_file(forecast, tmp_path):
    result, _ = forecast(long(), "--series", "shop", "--output", "out.csv")
    written = (tmp_path / "out.csv").read_text().splitlines()
    assert written[0] == "shop,month,sales"
    assert written[1:4] == ["007,2023-05,2.96380", "007,2023-06,2.96380", "'=b,2022-07,133.640"]
    assert result.stdout.splitlines()[0].split() == ["shop", "month", "sales"]
    assert re.search(r"c 2021-10 +\d{5}\.\d\n", result.stdout)  # six digits of each series


def test_several_columns_name_a_series_and_stand_apart_again(forecast, tmp_path):
    frame = long(town=["x", "y"] * 45)
    frame["month"] = frame.groupby(["shop", "town"]).cumcount().map(lambda at: f"{2020 + at // 12}-{at % 12 + 1:02}")
    result, training = forecast(frame, "--series", "shop", "--series", "town", "--output", "out.csv")
    assert result.exit_code == 0
    assert len(training["past"].index.unique(0)) == 6
    written = pd.read_csv(tmp_path / "out.csv", dtype=str)
    assert written.columns.tolist() == ["shop", "town", "month", "sales"]
    assert written[["shop", "town"]].drop_duplicates().to_numpy().tolist()[:2] == [["007", "x"], ["007", "y"]]


def test_a_long_forecast_is_printed_shortly(forecast):
    frame = pd.concat([long(shop=f"s{number}", month=long()["month"]).iloc[:40] for number in range(60)])
    result, _ = forecast(frame, "--series", "shop")
    assert len(result.stdout.splitlines()) < 60


def test_the_horizon_is_at_most_a_third_of_the_median_series(forecast):
    long().to_csv("sales.csv", index=False)
    result = CliRunner().invoke(seqkit, ["forecast", "sales.csv", "--series", "shop", "--origins", "0"])
    assert "Training to forecast 10 rows" in result.stderr


def test_a_few_missing_values_are_filled_and_named_by_series(forecast):
    frame = long()
    frame.loc[[50], "sales"] = np.nan
    result, training = forecast(frame.drop(7), "--series", "shop", "--fill", "last")
    assert training["fill"] == "last"
    result, training = forecast(frame, "--series", "shop")
    assert training["fill"] == "last"
    assert "1 of 90 rows has missing values: 2020-11 of '=b'. It is filled from the values before it." in result.stderr


MISSING = {
    "more than a few": (
        [3, 5, 44],
        [],
        "3 of 90 rows have missing values .more than 2%.*in column 'sales' at 2020-04 of",
    ),
    "by name": ([3], ["--fill", "none"], "1 of 90 rows have missing values .--fill none."),
    "the last row of a series": ([69], [], "the last row of a series is one of them, and the forecast starts from it"),
    "the first row of a series": ([40], [], "the first row of a series is one of them, and no value is before it"),
}


@pytest.mark.parametrize("case", MISSING, ids=MISSING)
def test_other_missing_values_are_refused(forecast, case):
    rows, arguments, message = MISSING[case]
    frame = long()
    frame.loc[rows, "sales"] = np.nan
    refused(forecast(frame, "--series", "shop", *arguments)[0], message)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--series", "shp"], "series 'shp' is not in the table.*Did you mean 'shop'"),
        (["--series", "shop", "--target", "shop"], "'shop' is named as series and in columns"),
        (["--series", "shop", "--horizon", "40"], "--horizon 40 needs 41 rows or more, the longest series has 40"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(forecast, arguments, message):
    result, training = forecast(long(), *arguments)
    refused(result, message)
    assert training is None


def test_series_of_one_row_each_leave_nothing_to_forecast_from(tmp_path):
    long().drop_duplicates("shop").to_csv(tmp_path / "sales.csv", index=False)
    result = CliRunner().invoke(seqkit, ["forecast", str(tmp_path / "sales.csv"), "--series", "shop", "--freq", "MS"])
    refused(result, "sales.csv: a forecast needs 2 rows or more, the longest series has 1. Shorten, or add rows")


def test_the_other_options_of_reading_go_with_it(forecast):
    frame = long(price=1.5 + np.arange(90.0) % 7, region="n")
    options = ["--only", "region=n", "--target", "sales", "--use", "price", "--series", "shop"]
    result, training = forecast(frame, *options)
    assert (result.exit_code, training["targets"]) == (0, ["sales"])
    assert training["past"].columns.tolist() == ["sales", "price"]


SCORES = pd.DataFrame(
    {"mae": 1.0, "mase": [0.7, 0.2, np.nan, 0.1, 0.1, 0.1]},
    pd.MultiIndex.from_product([["forecast", "naive"], ROWS], names=["method", "shop"]).swaplevel(),
)


def test_the_clearest_and_the_worst_series_have_the_smallest_and_the_largest_error():
    names, title = clearest_and_worst(SimpleNamespace(series=SCORES))
    assert names == ["=b", "007"]
    assert title == "First the clearest of 2 series in the backtest (MASE 0.20), then the worst (0.70)"
    assert clearest_and_worst("No backtest: --origins 0") is None
    assert clearest_and_worst(SimpleNamespace(series=SCORES * np.nan)) is None


@pytest.mark.parametrize(
    ("origins", "series", "title"),
    [("0", ["007", "=b", "c"], ""), ("2", ["=b", "007"], "First the clearest of 2 series in the backtest")],
)
def test_the_picture_shows_them_or_a_few(forecast, monkeypatch, tmp_path, origins, series, title):
    pictures = []
    save = Figure.savefig
    monkeypatch.setattr(
        Figure, "savefig", lambda figure, *args, **options: pictures.append(figure) or save(figure, *args, **options)
    )
    scored = SimpleNamespace(series=SCORES, scores=SCORES.xs("c").rename_axis("method"), verdict="It wins on 2 of 3.")
    monkeypatch.setattr("seqkit.forecasting.score.backtest", lambda *args, **options: scored)
    result, _ = forecast(long(), "--series", "shop", "--origins", origins, "--plot", "shops.png", "--output", "out.csv")
    assert [axes.get_title(loc="left") for axes in pictures[0].axes] == series
    assert pictures[0].get_suptitle().startswith(title)
    assert (tmp_path / "shops.png").exists()
    assert result.stdout.index("Wrote out.csv") < result.stdout.index(
        "backtest" if origins == "0" else "It wins on 2 of 3"
    )
    assert result.stdout.endswith("Wrote shops.png\n")


@pytest.mark.slow
def test_a_model_of_many_series_is_kept_and_serves_the_same_series_later(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    long().to_csv("sales.csv", index=False)
    quick = ["--horizon", "2", "--timesteps", "12", "--epochs", "1", "--origins", "0", "--seed", "1"]
    written = ["--save", "m.keras", "--export", "served"]
    first = CliRunner().invoke(seqkit, ["forecast", "sales.csv", "--series", "shop", *quick, *written])
    assert first.exit_code == 0
    later = CliRunner().invoke(seqkit, ["forecast", "sales.csv", "--model", "m.keras"])
    assert later.stdout.split("\n\n")[0] == first.stdout.split("\n\n")[0]
    assert (tmp_path / "served" / "saved_model.pb").exists()
    result = CliRunner().invoke(seqkit, ["forecast", "sales.csv", "--model", "m.keras", "--only", "shop=a"])
    assert (result.exit_code, result.stdout) == (2, "")
    assert "--only shop=... makes one series of the table, and m.keras is of many. Leave --only out" in result.stderr
    one = long().loc[:39].drop(columns="shop")
    one.to_csv("one.csv", index=False)
    result = CliRunner().invoke(seqkit, ["forecast", "one.csv", "--model", "m.keras"])
    assert (result.exit_code, result.stdout) == (2, "")
    assert "one.csv: series 'shop' is not in the table, whose columns are 'month', 'sales'" in result.stderr
    CliRunner().invoke(seqkit, ["forecast", "one.csv", *quick, "--save", "one.keras"])
    result = CliRunner().invoke(seqkit, ["forecast", "sales.csv", "--series", "shop", "--model", "one.keras"])
    assert (result.exit_code, result.stdout) == (2, "")
    assert (
        "--series is for a model of many series, and one.keras is of one. Choose one series with --only"
        in result.stderr
    )
