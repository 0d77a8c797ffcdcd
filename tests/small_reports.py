"""Quick pages for tests: small models that nobody trained, and forecasts with intervals made by hand."""

import functools
import json
import re

import numpy as np
import pandas as pd

import seqkit as sk
from seqkit.reports.forecast_page import Asked, forecast_report

HORIZON, TIMESTEPS = 4, 12
SALES = "销量（万件）"


def months(rows=60, columns=("sales",), time_format="%Y-%m"):
    index = pd.date_range("2015-01-01", periods=rows, freq="MS", name="month")
    wave = 100 + 10 * np.sin(np.arange(rows) * np.pi / 6) + np.arange(rows) / 3
    table = pd.DataFrame({name: wave * (at + 1) for at, name in enumerate(columns)}, index)
    if time_format:
        table.attrs["time_format"] = time_format
    return table


def with_intervals(future):
    """The forecast with bounds of 80 and 95 % that are 5 and 9 away."""
    bounds = {
        f"{name}-{side}-{level}": future[name] + sign * width
        for name in future
        for level, width in ((80, 5.0), (95, 9.0))
        for side, sign in (("lo", -1), ("hi", 1))
    }
    made = future.assign(**bounds)
    made.attrs = dict(future.attrs)
    return made


@functools.cache
def forecaster(columns=("sales",)):
    return sk.build_forecaster(horizon=HORIZON, timesteps=TIMESTEPS, units=2, like=months(columns=columns)[:-16])


def backtested(model, table, origins=2):
    return sk.backtest(model, table, origins=origins, refit=False, ets=False)


def report_of_months(columns=("sales",), rows=60, asked=None, result=None, time_format="%Y-%m"):
    model, table = forecaster(columns), months(rows, columns, time_format)
    future = with_intervals(model.forecast(table))
    result = backtested(model, table) if result is None else result
    return forecast_report(model, table, future, result, asked or Asked())


@functools.cache
def many(count=9):
    """A panel of shops, the model of it, its forecast and its backtest."""
    names = [f"shop {at}" if at % 3 else f"店 {at} 北京" for at in range(count)]
    rows = [months(60 - 5 * (at % 2), (SALES,), None).assign(shop=name) * 1 for at, name in enumerate(names)]
    panel = sk.as_panel(pd.concat(rows).reset_index(), series="shop", time="month")
    train, _, _ = sk.split(panel, validation=0, test=2 * HORIZON)
    model = sk.build_forecaster(like=train, horizon=HORIZON, timesteps=TIMESTEPS, units=2)
    return panel, model, with_intervals(model.forecast(panel)), backtested(model, panel)


def report_of_many(count=9):
    panel, model, future, result = many(count)
    return forecast_report(model, panel, future, result, Asked())


def unpacked(report):
    """The figures of a page as Plotly gets them, all columns put into their places."""
    import base64
    import gzip

    letters = re.search(r'id="packed-figures">([^<]*)<', report.html)[1]
    found = json.loads(gzip.decompress(base64.b64decode(letters)))
    return [filled(figure, found["columns"]) for figure in found["figures"]]


def filled(value, columns):
    if isinstance(value, list):
        return [filled(part, columns) for part in value]
    if not isinstance(value, dict):
        return value
    if "across" in value:
        return [list(row) for row in zip(*filled(value["across"], columns), strict=True)]
    if "@" not in value:
        return {name: filled(part, columns) for name, part in value.items()}
    column = columns[value["@"]]
    if "rows" in value:
        return [column[row] for row in value["rows"]]
    return column[value["from"] : value["to"]] if "from" in value else column


def without_packed(report):
    """The text of a page without what is packed into it."""
    return re.sub(r'(id="packed-\w+">)[^<]*<', r"\1<", report.html)
