"""`seqkit forecast --future-columns`, `--future` and `--static`."""

import warnings

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from seqkit.cli import seqkit

BOTH = ["--future-columns", "price,promotion"]
ONE = ["--target", "sales", "--future-columns", "price"]


def shop(rows=40, **columns):
    days = pd.date_range("2024-01-01", periods=rows, freq="D").strftime("%Y-%m-%d")
    promotion = (np.arange(rows) % 5 == 0).astype(int)
    sales = (100 + 10 * np.sin(np.arange(rows)) + 30 * promotion).round(2)
    return pd.DataFrame(
        {"day": days, "sales": sales, "price": 3 + np.arange(rows) % 4, "promotion": promotion, **columns}
    )


@pytest.fixture
def forecast(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)

    def run(past, future, *arguments):
        past.to_csv("sales.csv", index=False)
        if future is not None:
            future.to_csv("future.csv", index=False)
            arguments = ("--future", "future.csv", *arguments)
        small = ["--horizon", "3", "--timesteps", "7", "--origins", "0", "--epochs", "1", "--seed", "1"]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return CliRunner().invoke(seqkit, ["forecast", "sales.csv", *small, *arguments])

    return run


def test_a_planned_price_is_read_from_a_file_and_the_model_is_kept(forecast):
    table = shop()
    past, future = table.iloc[:-3], table.iloc[-3:].drop(columns="sales")
    result = forecast(past, future, "--future-columns", "price,promotion", "--output", "out.csv", "--save", "m.keras")
    assert result.exit_code == 0, result.stderr
    assert "known ahead: price, promotion" in result.stderr
    written = pd.read_csv("out.csv")
    assert list(written.columns) == ["day", "sales"]
    assert written["day"].tolist() == future["day"].tolist()
    again = CliRunner().invoke(seqkit, ["forecast", "sales.csv", "--model", "m.keras", "--future", "future.csv"])
    assert again.exit_code == 0, again.stderr
    assert again.stdout.split()[:8] == result.stdout.split()[:8]
    lacking = CliRunner().invoke(seqkit, ["forecast", "sales.csv", "--model", "m.keras"])
    assert "needs the future of 'price', 'promotion'" in lacking.stderr
    assert "Pass --future" in lacking.stderr


@pytest.mark.parametrize(
    ("change", "arguments", "message"),
    [
        (lambda future: None, ["--future-columns", "price"], "--future-columns needs --future F.csv"),
        (lambda future: future, [], "--future needs --future-columns"),
        (lambda future: future.iloc[1:], BOTH, "future starts late, at 2024-02-08"),
        (
            lambda future: future.assign(sales=1.5),
            BOTH,
            "'sales', which is a target",
        ),
        (lambda future: future, [*ONE, "--use", "promotion"], "future holds 'promotion', which is no future column"),
        (lambda future: future, [*BOTH, "--no-time"], "--no-time says that there are none"),
        (lambda future: future, ["--static", "price", "--future-columns", "promotion"], "so it needs --series"),
    ],
)
def test_flags_and_files_that_do_not_fit_are_refused_before_the_training(forecast, change, arguments, message):
    table = shop()
    result = forecast(table.iloc[:-3], change(table.iloc[-3:].drop(columns="sales")), *arguments)
    assert result.exit_code == 2
    assert message in result.stderr
    assert "Training" not in result.stderr


def test_a_plan_of_one_row_and_with_other_columns_is_read(forecast):
    table = shop(kind=np.resize(["gift", "none"], 40))
    past, future = table.iloc[:-3], table.iloc[-3:]
    result = forecast(past, future.assign(sales=""), *ONE, "--horizon", "3")
    assert result.exit_code == 0, result.stderr
    one = forecast(past, future.iloc[:1].assign(sales=""), *ONE, "--horizon", "1", "--quiet")
    assert (one.exit_code, one.stdout.split()[:3]) == (0, ["day", "sales", future["day"].iloc[0]]), one.stderr


def test_levels_without_intervals_bring_a_warning_and_the_forecast(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    years = pd.date_range("2001", periods=9, freq="YS").strftime("%Y-%m-%d")
    pd.DataFrame({"year": years, "sales": [0, 1, 0, 0, 2, 0, 1, 0, 0]}).to_csv("sales.csv", index=False)
    small = ["--horizon", "3", "--origins", "0", "--epochs", "1", "--levels", "80"]
    result = CliRunner().invoke(seqkit, ["forecast", "sales.csv", *small])
    assert result.exit_code == 0, result.stderr
    assert (
        "Warning: --levels asks for intervals, and train_forecaster calibrated no intervals: it held" in result.stderr
    )
    assert "2010-01-01" in result.stdout


def test_words_that_are_planned_are_refused_with_the_flag_that_reads_them(forecast):
    table = shop(kind=np.resize(["gift", "none"], 40))
    kind = ["--target", "sales", "--future-columns", "kind"]
    result = forecast(table.iloc[:-3], table.iloc[-3:].drop(columns="sales"), *kind)
    assert "sales.csv: line 2, column 'kind': 'gift' is not a finite number." in result.stderr
    assert "empty if it is missing, or read its words: --categories kind." in result.stderr
    result = forecast(shop(kind=1.0), table.iloc[-3:].drop(columns="sales"), *BOTH, "--future-columns", "price,kind")
    assert "future.csv: line 2, column 'kind': 'none' is not a finite number." in result.stderr
    assert "take only columns that hold numbers: --future-columns price,promotion, or read its words" in result.stderr


@pytest.mark.slow
def test_a_long_file_has_static_columns_and_the_future_of_each_series(forecast):
    tables = pd.concat([shop(40, shop="a", size=3), shop(40, shop="b", size=7)])
    is_last = np.tile(np.arange(40) >= 37, 2)
    future = tables[is_last].drop(columns=["sales", "size"])
    arguments = ["--series", "shop", "--future-columns", "price,promotion", "--static", "size"]
    result = forecast(tables[~is_last], future, *arguments, "--output", "out.csv")
    assert result.exit_code == 0, result.stderr
    assert "one value a series: size" in result.stderr
    assert pd.read_csv("out.csv")["shop"].tolist() == ["a"] * 3 + ["b"] * 3
    result = forecast(tables[~is_last], future[future["shop"] == "a"], *arguments)
    assert "future lacks 1 of 2 series: 'b'" in result.stderr


@pytest.mark.slow
def test_words_are_read_as_categories_and_an_unseen_one_is_refused_or_unknown(forecast):
    table = shop(kind=np.resize(["gift", "half", ""], 40))
    past, future = table.iloc[:-3], table.iloc[-3:][["day", "kind"]]
    arguments = ["--target", "sales", "--future-columns", "kind", "--categories", "kind"]
    result = forecast(past, future, *arguments, "--save", "m.keras")
    assert result.exit_code == 0, result.stderr
    assert "known ahead: kind; words: kind" in result.stderr
    again = CliRunner().invoke(seqkit, ["forecast", "sales.csv", "--model", "m.keras", "--future", "future.csv"])
    assert again.exit_code == 0, again.stderr
    strange = future.assign(kind="club")
    refused = forecast(past, strange, *arguments)
    assert refused.exit_code == 2
    assert "has the category 'club' at 2024-02-07" in refused.stderr
    assert forecast(past, strange, *arguments, "--unseen", "unknown").exit_code == 0
