"""Reports of other forecasters and tables: known futures, many columns, a pretrained network, a polars table."""

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import polars
import pytest
from small_reports import backtested, forecaster, many, months, unpacked

import seqkit as sk


def known_ahead():
    days = pd.date_range("2023-01-01", periods=90, freq="D", name="day")
    table = pd.DataFrame({"sales": np.arange(90) % 7 + 1.0, "price": np.arange(90) % 3 * 1.0}, days)
    options = {"targets": "sales", "future_columns": ["price"], "calendar": ["weekday"]}
    model = sk.build_forecaster(like=table, horizon=7, timesteps=14, units=2, **options)
    plan = pd.DataFrame({"price": np.ones(7)}, pd.date_range("2023-04-01", periods=7, freq="D", name="day"))
    return sk.report(model, table, future=plan)


def many_columns():
    table = months(columns=[f"column {at}" for at in range(7)])
    model = sk.build_forecaster(like=table[:-8], horizon=4, timesteps=12, units=2)
    return sk.report(model, table, backtest=backtested(model, table))


def two_targets_of_many():
    panel = many()[0].set_axis(["a"], axis=1).assign(b=lambda one: 2 * one["a"])
    model = sk.build_forecaster(like=sk.split(panel, validation=0, test=8)[0], horizon=4, timesteps=12, units=2)
    return sk.report(model, panel, backtest=backtested(model, panel))


def built(**options):
    table = months(columns=("a", "b"))
    return sk.report(sk.build_forecaster(like=table, horizon=4, **options), table)


PAGES = {
    "columns that are known ahead": (known_ahead, "known ahead: price"),
    "many columns": (many_columns, 'data-what="columns"'),
    "two targets of many series": (two_targets_of_many, "shop 1: b"),
    "a pretrained network": (lambda: built(weights="synthetic"), "80 % from"),
    "an LSTM in both directions": (
        lambda: built(timesteps=12, cell="lstm", bidirectional=True, units=[3, 2]),
        "LSTM with 3, 2 units, in both directions",
    ),
    "a polars table": (
        lambda: sk.report(forecaster(), polars.from_pandas(months().reset_index())),
        "60, 2015-01-01 to 2019-12-01",
    ),
}


@pytest.mark.parametrize("name", PAGES)
def test_a_report_of(name):
    make, words = PAGES[name]
    report = make()
    assert words in report.html
    figures = unpacked(report)
    assert len(figures) >= 3
    for figure in figures:
        go.Figure(figure)


def test_several_labels_of_a_text():
    texts, labels = ["so good", "bad so", "good", "x bad"], [["a", "b"], ["a"], [], ["b"]]
    model = sk.build_classifier(like=texts, labels=labels, multi_label=True, units=2, embedding=2)
    assert "micro F1" in sk.report(model, texts, labels, train=(texts, labels)).html
