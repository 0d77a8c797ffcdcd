"""`--report`: refused before any work where it cannot be written; written after the backtest, with the warnings."""

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from small_reports import months, unpacked

import seqkit as sk
from seqkit.cli import seqkit


def run(command, *arguments):
    return CliRunner().invoke(seqkit, [command, *map(str, arguments)])


def written(folder, table, name="table.csv"):
    table.to_csv(folder / name)
    return folder / name


@pytest.fixture
def untrained(monkeypatch):
    """Forecasters and classifiers that are built and not trained."""

    def forecaster(table, *, horizon, **options):
        return sk.build_forecaster(like=table, horizon=horizon, timesteps=12, units=2, fill=options["fill"])

    def classifier(x, y, **options):
        return sk.build_classifier(like=x, labels=y, units=2)

    monkeypatch.setattr("seqkit.forecasting.train.train_forecaster", forecaster)
    monkeypatch.setattr("seqkit.classification.train.train_classifier", classifier)


@pytest.mark.parametrize("command", ["forecast", "classify"])
def test_a_report_that_is_no_page_is_refused_before_the_file_is_read(tmp_path, command):
    result = run(command, tmp_path / "nowhere.csv", "--report", tmp_path / "a.pdf")
    assert result.exit_code == 2
    assert "--report: " in result.stderr
    assert "a.pdf must end in .html. Name it so." in result.stderr


def test_a_missing_package_is_refused_before_the_file_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    result = run("forecast", tmp_path / "nowhere.csv", "--report", tmp_path / "a.html")
    assert "--report: a report needs the package plotly" in result.stderr
    assert "pip install 'seqkit[report]'" in result.stderr


def test_a_page_that_seqkit_did_not_write_is_replaced_by_force_alone(tmp_path, untrained):
    table, page = written(tmp_path, months()), tmp_path / "a.html"
    page.write_text("mine")
    command = [table, "--horizon", 3, "--origins", 0, "--report", page]
    assert "seqkit did not write it" in run("forecast", *command).stderr
    assert page.read_text() == "mine"
    assert run("forecast", *command, "--force").exit_code == 0
    assert run("forecast", *command).exit_code == 0  # its own page
    assert "sales" in page.read_text("utf-8")


def test_a_report_of_a_forecast_has_the_stamps_of_the_file_and_the_warnings(tmp_path, untrained):
    frame = months(time_format=None)
    frame.index = frame.index.strftime("%m/%Y")
    frame.index.name = "month"
    frame.iloc[7] = np.nan
    table, page = written(tmp_path, frame), tmp_path / "a.html"
    result = run("forecast", table, "--horizon", 3, "--origins", 0, "--report", page)
    assert result.exit_code == 0, result.output
    assert f"Wrote {page}" in result.stdout
    html = page.read_text("utf-8")
    assert "1 of 60 rows has missing values: 08/2015." in html
    assert "No backtest: --origins 0" in html
    report = sk.Report(html, "")
    history = next(trace for trace in unpacked(report)[0]["data"] if trace.get("name") == "history")
    assert history["text"][:2] == ["01/2015", "02/2015"]


def test_a_report_of_many_series_holds_all(tmp_path, untrained):
    rows = pd.concat([months(time_format=None).assign(shop=f"shop {at}") for at in range(6)])
    table, page = written(tmp_path, rows), tmp_path / "a.html"
    result = run("forecast", table, "--series", "shop", "--horizon", 3, "--origins", 0, "--report", page)
    assert result.exit_code == 0, result.output
    assert page.read_text("utf-8").count('class="panel"') == 6


def test_a_report_of_a_classifier_is_on_the_samples_that_were_held_out(tmp_path, untrained):
    values = np.random.default_rng(3).normal(size=(20, 6)).round(3)
    table = pd.DataFrame(values, columns=[f"t{at}" for at in range(6)]).assign(kind=["slow", "快"] * 10)
    path, page = tmp_path / "table.csv", tmp_path / "a.html"
    table.to_csv(path, index=False)
    result = run("classify", path, "--seed", 1, "--report", page)
    assert result.exit_code == 0, result.output
    html = page.read_text("utf-8")
    assert "linear: logistic regression" in html
    assert "<td>4 series</td>" in html
    assert "快" in html
