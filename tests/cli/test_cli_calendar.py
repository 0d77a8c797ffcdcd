"""`seqkit forecast --calendar` and `--holidays`."""

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from seqkit.cli import seqkit


@pytest.fixture
def forecast(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    days = pd.date_range("2024-01-01", periods=40, freq="D").strftime("%Y-%m-%d")
    sales = (100 + 10 * np.sin(np.arange(40))).round(2)
    pd.DataFrame({"day": days, "sales": sales}).to_csv("sales.csv", index=False)

    def run(*arguments):
        sizes = [] if "--model" in arguments else ["--horizon", "3", "--origins", "0"]
        return CliRunner().invoke(seqkit, ["forecast", "sales.csv", *sizes, *arguments])

    return run


def test_the_calendar_is_learnt_and_a_saved_model_reads_it_again(forecast):
    small = ["--timesteps", "7", "--epochs", "1", "--seed", "1"]
    result = forecast(*small, "--calendar", "weekday", "--save", "m.keras")
    assert result.exit_code == 0, result.output
    assert "of the calendar: weekday" in result.output
    again = CliRunner().invoke(seqkit, ["forecast", "sales.csv", "--model", "m.keras"])
    assert again.exit_code == 0, again.output
    assert "2024-02-10" in again.output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--calendar", "hour"], "rows of the step 'D' do not tell the hour"),
        (["--calendar", "week"], "calendar must be one of 'hour', 'weekday', 'month', 'year', got 'week'"),
        (["--calendar", "weekday", "--model", "m.keras"], "--calendar is for training"),
        (["--holidays", "DE", "--model", "m.keras"], "--holidays is for training"),
    ],
)
def test_a_calendar_that_cannot_be_is_refused_in_a_line(forecast, arguments, said):
    result = forecast(*arguments)
    assert result.exit_code == 2
    assert said in result.output.replace("--calendar must", "calendar must")
