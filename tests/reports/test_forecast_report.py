"""The page of a forecast: one file, all text escaped, the data's own stamps and numbers, and what is refused."""

import json
import re

import keras
import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest
from small_reports import (
    SALES,
    backtested,
    filled,
    forecaster,
    many,
    months,
    report_of_many,
    report_of_months,
    unpacked,
    without_packed,
)

import seqkit as sk
from seqkit.reports.columns import Clock, Columns, as_text, evenly, rounded
from seqkit.reports.forecast_page import Asked
from seqkit.reports.gates_section import step_names

MALICE = "<script>alert('%{x}')</script>"
MOST_BYTES = 3_000_000


def traces(report, name):
    return [trace for figure in unpacked(report) for trace in figure["data"] if trace.get("name") == name]


def test_a_page_loads_nothing_from_anywhere():
    page = without_packed(report_of_months())
    assert "http" not in page
    assert re.findall(r'(?:src|href)="([^"]*)"', page) == ["data:,"]
    assert page.lstrip().startswith("<!DOCTYPE html>")


def test_text_of_the_data_is_never_markup():
    plain, malicious = without_packed(report_of_months()), report_of_months(columns=(MALICE,))
    assert without_packed(malicious).count("<script") == plain.count("<script")
    assert "&lt;script&gt;" in malicious.html
    texts = json.dumps([figure["layout"] for figure in unpacked(malicious)])
    assert "<script" not in texts


def test_a_page_says_the_verdict_and_the_forecast_in_words():
    page = report_of_months().html
    assert re.search(r"sales: (the forecast&#39;s mean absolute error|no better than)", page)
    assert re.search(r"sales: from [\d.]+ in 2019-12 to [\d.]+ in 2020-04", page)
    assert "Inside the network" in page


def test_history_and_forecast_have_the_stamps_of_the_file_and_six_digits():
    report = report_of_months(time_format="%m/%Y")
    history, forecast = traces(report, "history")[0], traces(report, "forecast")[0]
    assert history["text"][:2] == ["01/2015", "02/2015"]
    assert history["x"][:2] == ["2015-01-01", "2015-02-01"]
    assert history["y"] == pytest.approx(months()["sales"].tolist(), rel=1e-5)
    assert forecast["text"] == ["01/2020", "02/2020", "03/2020", "04/2020"]
    low, high = forecast["customdata"][0][2:]
    assert (forecast["y"][0] - low, high - forecast["y"][0]) == pytest.approx((5, 5), abs=1e-3)


def test_every_figure_is_one_that_plotly_knows():
    for report in (report_of_months(columns=("a", "b")), report_of_many()):
        for figure in unpacked(report):
            go.Figure(figure)  # refuses unknown properties and values


def test_ten_thousand_rows_stay_below_three_megabytes():
    index = pd.date_range("2020-01-01", periods=10_000, freq="h", name="hour")
    values = np.random.default_rng(1).normal(1000, 100, (10_000, 2)).cumsum(axis=0)
    table = pd.DataFrame(values, index, ["load", "wind"])
    model = sk.build_forecaster(horizon=24, timesteps=48, units=2, like=table)
    report = sk.report(model, table)
    assert len(report.encoded()) < MOST_BYTES
    assert len(traces(report, "history")[0]["y"]) == 10_000
    shorter = sk.report(model, table, rows=500)
    assert len(traces(shorter, "history")[0]["y"]) == 500


def test_a_gap_is_a_gap_in_the_line_and_counted_in_the_facts():
    table = months()
    table.iloc[5] = np.nan
    model = sk.build_forecaster(horizon=4, timesteps=12, units=2, like=table, fill="last")
    report = sk.report(model, table, notes=["sales.csv: one row is missing."])
    assert traces(report, "history")[0]["y"][5] is None
    assert "sales: 1" in report.html
    assert "sales.csv: one row is missing." in report.html


def test_many_series_have_a_panel_each_and_orders():
    report, panel = report_of_many(), many()[0]
    names = re.findall(r'data-name="([^"]*)"', report.html)
    assert names == [f"{name}: {SALES}" for name in panel.index.unique(0)]
    assert all(order in report.html for order in ("by name", "smallest error first", "largest error first"))
    assert "MASE of each series" in report.html
    lengths = [len(trace["y"]) for trace in traces(report, "history")]
    assert lengths == [60, 55] * 4 + [60]


def test_a_page_without_a_backtest_says_so():
    report = sk.report(forecaster(), months())
    assert "No backtest: pass backtest=3" in report.html


def test_a_number_of_origins_runs_a_backtest(monkeypatch):
    model, table = forecaster(), months()
    made = backtested(model, table)
    monkeypatch.setattr("seqkit.reports.report.run_backtest", lambda model, table, origins: made if origins == 2 else 0)
    assert made.verdict.splitlines()[0].replace("'", "&#39;") in sk.report(model, table, backtest=2).html


def test_a_report_shows_itself_and_is_saved_whole(tmp_path):
    report = report_of_months(asked=Asked(title="Sales & more"))
    assert repr(report).splitlines()[:2] == ["Report", "  title  Sales & more"]
    assert report._repr_html_().startswith('<iframe title="Sales &amp; more" srcdoc="')
    report.save(tmp_path / "sales.html")
    assert (tmp_path / "sales.html").read_bytes() == report.encoded()
    assert [path.name for path in tmp_path.iterdir()] == ["sales.html"]


def test_a_report_is_written_where_a_path_is_given(tmp_path):
    report = sk.report(forecaster(), months(), path=tmp_path / "a.html")
    assert (tmp_path / "a.html").read_bytes() == report.encoded()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"path": "a.pdf"}, r"path must end in .html, got 'a.pdf'"),
        ({"train": ([], [])}, "train= is for classifiers, and this model is a forecaster"),
        ({"y": [1]}, "y= is for classifiers"),
        ({"rows": 0}, "rows must be 1 or more, got 0"),
        ({"backtest": 0}, "backtest must be 1 or more, got 0"),
        ({"levels": (80,)}, "levels= asks for intervals"),
    ],
)
def test_what_cannot_be_is_refused_in_words(options, message):
    with pytest.raises(sk.InvalidValue, match=message):
        sk.report(forecaster(), months(), **options)


def test_another_model_is_refused_by_name():
    with pytest.raises(sk.InvalidType, match="must be a Forecaster or a Classifier, got a Sequential"):
        sk.report(keras.Sequential([keras.layers.Dense(1)]), months())


def test_the_backtest_of_another_model_is_refused():
    other = backtested(forecaster(("price",)), months(columns=("price",)))
    with pytest.raises(sk.InvalidValue, match="backtest has the targets 'price', and the model forecasts 'sales'"):
        sk.report(forecaster(), months(), backtest=other)


def test_a_missing_package_is_named_with_its_extra(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(sk.InvalidValue, match=r"needs the package plotly.*pip install 'seqkit\[report\]'"):
        sk.report(forecaster(), months())


def test_a_column_is_written_once():
    columns = Columns()
    assert columns.numbers([1.0, 2.5]) == columns.numbers([1.0, 2.5]) == {"@": 0}
    assert columns.written == [[1, 2.5]]


def test_stamps_of_summer_time_are_those_of_the_clock_on_the_wall():
    index = pd.date_range("2024-03-31", periods=4, freq="h", tz="UTC")
    columns = Columns()
    clock = Clock(columns, [pd.DataFrame({"a": 1.0}, index)], "Europe/Berlin")
    axis = filled(clock.axis(index[1:3]), columns.written)
    assert axis["x"] == ["2024-03-31 03:00:00", "2024-03-31 04:00:00"]
    assert clock.x(index[1]) == "2024-03-31 03:00:00"


def test_numbers_have_six_digits_and_whole_ones_all():
    assert rounded([1234.5678, 123456789.0, np.nan, 1e-9 / 3]) == [1234.57, 123456789, None, 3.33333e-10]
    assert [as_text(value) for value in (1234567.8, 0.00012345678, 12.0, np.nan, 0.5)] == [
        "1234570",
        "0.000123457",
        "12",
        "",
        "0.5",
    ]


def test_numbers_of_a_table_have_the_same_decimals():
    assert evenly(np.array([[123.4567, 1.5], [np.nan, 2.0]])) == [["123.457", "1.500"], ["", "2.000"]]
    assert evenly(np.array([[1e12, 0.0]])) == [["1000000000000", "0"]]


def test_steps_of_a_layer_have_the_stamps_of_their_rows():
    stamps = [f"day {at}" for at in range(1, 9)]
    assert step_names(stamps, 4, 4) == stamps[4:]
    assert step_names(stamps, 3, 6) == ["day 3 to day 4", "day 5 to day 6", "day 7 to day 8"]
    assert step_names(stamps, 3, 5) == ["day 4", "day 5 to day 6", "day 7 to day 8"]
    assert step_names(stamps, 5, 8) == [f"step {at}" for at in range(1, 6)]
