"""A backtest drawn: the forecasts of each origin, the error by step and by origin, beside the simple forecasts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from seqkit.forecasting.interval_scores import bound_columns, levels_in
from seqkit.forecasting.score import Backtest
from seqkit.reports import look
from seqkit.reports.columns import Clock, Columns, as_text
from seqkit.reports.page import Figure, Table

HEIGHT = 360
WIDEST_SHADED = 95
DIGITS = 4  # of scores
SCORES = {
    "mae": "MAE",
    "rmse": "RMSE",
    "smape": "sMAPE, %",
    "mase": "MASE",
    "scaled_crps": "scaled CRPS",
}


def in_short(value: Any) -> str:
    """A score, with four significant digits."""
    return as_text(value, DIGITS)


def methods_in(table: pd.DataFrame) -> list[str]:
    """The methods among the columns of a table, in their usual order."""
    return [name for name in look.METHODS if name in table.columns and table[name].notna().all()]


def origins_figure(columns: Columns, clock: Clock, target: Any, rows: pd.DataFrame) -> Figure:
    """The forecasts from each origin beside the actual values and the simple forecasts."""
    actual = rows.drop_duplicates("time").set_index("time")["actual"].sort_index()
    hover = f"<b>%{{text}}</b><br>{look.plain(target)}: %{{y:{look.NUMBER}}}"
    own = {**clock.axis(actual.index), "y": columns.numbers(actual), "name": "actual"}
    traces = [look.line("actual", len(actual), hover + " (actual)", **own)]
    levels = [level for level in levels_in(rows) if level <= WIDEST_SHADED]
    for number, (_, of_origin) in enumerate(rows.groupby("origin")):
        if levels:
            low, high = (columns.numbers(of_origin[name]) for name in bound_columns(levels[-1]))
            x = clock.axis(pd.DatetimeIndex(of_origin["time"]))["x"]
            bands = look.band(x, low, high, f"{levels[-1]:g} %", 0)
            bands[1]["showlegend"] = not number
            traces += bands
    for method in methods_in(rows):
        index, values = _broken(rows, method)
        words = look.SHORT_METHODS[method]
        own = {**clock.axis(index), "y": columns.numbers(values), "name": words}
        is_first = method in ("forecast", "seasonal_naive")
        own |= {} if is_first else {"visible": look.HIDDEN}
        traces.append(look.line(method, len(actual), f"{hover} ({words})", **own))
    axes: dict[str, Any] = {"xaxis": {"type": "date"}, "yaxis": {"title": look.titled(target)}}
    shapes = [look.at_origin(clock.x(origin)) for origin in rows["origin"].unique()]
    spec = {"data": traces, "layout": look.layout(HEIGHT, **axes, shapes=shapes)}
    count = rows["origin"].nunique()
    title = f"{target}: forecasts from {count} origins" if count > 1 else f"{target}: the forecast from one origin"
    note = "A dotted line marks an origin, the last row that the forecast knew. A click on a name shows or hides it."
    return Figure(spec, title, HEIGHT, title, note)


def _broken(rows: pd.DataFrame, method: str) -> tuple[pd.DatetimeIndex, list[float]]:
    """The forecasts of a method, with a missing value between two origins, so that the line breaks."""
    index, values = [], []
    for _, of_origin in rows.groupby("origin"):
        index += [*of_origin["time"], of_origin["time"].iloc[-1]]
        values += [*of_origin[method], np.nan]
    return pd.DatetimeIndex(index), values


def steps_figure(columns: Columns, target: Any, errors: pd.DataFrame, measure: str) -> Figure:
    """The error of each method by steps ahead."""
    step = errors.index.tolist()
    traces = []
    for method in methods_in(errors):
        words = look.SHORT_METHODS[method]
        hover = f"<b>step %{{x}}</b><br>{words}: {measure} %{{y:{look.NUMBER}}}"
        own = {"x": columns.keep(step), "y": columns.numbers(errors[method]), "name": words}
        traces.append(look.line(method, len(step), hover, **own))
    axes: dict[str, Any] = {
        "xaxis": {"title": look.titled("steps ahead"), "tickformat": "d"},
        "yaxis": {"title": look.titled(f"{measure} ({target})"), "rangemode": "tozero"},
    }
    spec = {"data": traces, "layout": look.layout(HEIGHT, **axes)}
    return Figure(spec, f"{measure} of {target} by steps ahead", HEIGHT, f"{target}: the error by steps ahead")


def series_figure(columns: Columns, scores: pd.DataFrame, target: Any) -> Figure | None:
    """A point for each series: the MASE of the forecast, and of the best of the simple ones.

    Args:
        columns: of the page.
        scores: MASE `(series, methods)`.
        target: that they are of.
    """
    simple = [name for name in methods_in(scores) if name != "forecast"]
    known = scores.dropna(subset=["forecast", *simple])
    if known.empty or not simple:
        return None
    best = known[simple].min(axis=1)
    largest = float(max(best.max(), known["forecast"].max())) * 1.05
    hover = f"<b>%{{text}}</b><br>forecast %{{y:{look.NUMBER}}}<br>best simple one %{{x:{look.NUMBER}}}"
    points = {
        **look.line("forecast", 1, hover),
        "mode": "markers",
        "x": columns.numbers(best),
        "y": columns.numbers(known["forecast"]),
        "text": columns.keep([look.plain(name) for name in known.index]),
    }
    diagonal = {"type": "line", "x0": 0, "y0": 0, "x1": largest, "y1": largest, "line": {"dash": "dash", "width": 1}}
    axes: dict[str, Any] = {
        "xaxis": {"title": look.titled("MASE of the best simple forecast"), "range": [0, largest]},
        "yaxis": {"title": look.titled("MASE of the forecast"), "range": [0, largest]},
    }
    spec = {"data": [points], "layout": look.layout(HEIGHT, legend=False, **axes, shapes=[diagonal])}
    wins = int((known["forecast"] < best).sum())
    title = f"{target}: each series, the forecast beside the best simple one of that series"
    note = f"Below the dashed line the forecast is the better one: {wins} of {len(known)} series."
    return Figure(spec, title, HEIGHT, title, note)


def scores_tables(result: Backtest, targets: Sequence[Any]) -> list[Table]:
    """The scores of each method, a table for each target."""
    caption = "Scores over all origins; smaller is better. MASE 1 is the naive forecast of a season within the past."
    return [
        Table(
            ["", *(SCORES.get(name, name) for name in scores.columns)],
            [[look.METHODS.get(str(name), str(name)), *map(in_short, row)] for name, row in _rows(scores)],
            f"{target}. {caption}",
        )
        for target, scores in by_target(result.scores, targets).items()
    ]


def _rows(table: pd.DataFrame) -> list[tuple[Any, np.ndarray]]:
    return list(zip(table.index, table.to_numpy(), strict=True))


def by_target(table: pd.DataFrame, targets: Sequence[Any]) -> dict[Any, pd.DataFrame]:
    """The part of each target of a table of a backtest, which is indexed by target too where there are several."""
    if len(targets) == 1:
        return {targets[0]: table}
    return {target: pd.DataFrame(table.xs(target, level="target")) for target in targets}


def origins_table(errors: pd.DataFrame, measure: str, target: Any, named: Sequence[str]) -> Table:
    """The error of each method at each origin."""
    methods = methods_in(errors)
    rows = [[name, *map(in_short, row)] for name, row in zip(named, errors[methods].to_numpy(), strict=True)]
    head = ["after the row", *(look.SHORT_METHODS[name] for name in methods)]
    return Table(head, rows, f"{measure} of {target} by origin.")


def intervals_table(intervals: pd.DataFrame | None) -> Table | None:
    """How many values lay inside the intervals, by level and steps."""
    if intervals is None:
        return None
    rows = [
        [
            ", ".join(f"{part:g} %" if isinstance(part, float) else _of_steps(part) for part in key),
            f"{row['coverage']:.0%}",
            f"{row['least']:.0%} to {row['most']:.0%}",
            str(int(row["rows"])),
            in_short(row["width"]),
            in_short(row["naive_width"]),
        ]
        for key, row in zip(intervals.index, intervals.to_dict("records"), strict=True)
    ]
    head = ["interval", "inside", "bounds of 95 %", "values", "mean width", "of seasonal naive"]
    return Table(head, rows, "How many of the actual values lay inside the intervals; the second column counts.")


def _of_steps(part: Any) -> str:
    return "all steps" if part == "all" else f"steps {part}" if str(part)[:1].isdigit() else str(part)
