"""The section on the backtest: scores, origins, steps and intervals, of one series or of many."""

from __future__ import annotations

from typing import Any

import pandas as pd

from seqkit.forecasting.score import Backtest
from seqkit.reports import backtest_figures as drawn
from seqkit.reports import look
from seqkit.reports.columns import Clock, Columns
from seqkit.reports.page import Folded, Section, Table

TITLE = "Is it any good? The backtest"
MOST_TARGETS = 12  # that are drawn one below the other; the tables hold all


def backtest_section(columns: Columns, clock: Clock, result: Backtest) -> Section:
    """What the backtest found."""
    targets = list(dict.fromkeys(result.forecasts["target"]))
    parts: list[Any] = [*drawn.scores_tables(result, targets)]
    parts += (
        _of_panel(columns, clock, result, targets)
        if result.series is not None
        else _of_table(columns, clock, result, targets)
    )
    intervals = drawn.intervals_table(result.intervals)
    return Section(TITLE, parts if intervals is None else [*parts, intervals])


def _of_table(columns: Columns, clock: Clock, result: Backtest, targets: list[Any]) -> list[Any]:
    parts: list[Any] = []
    steps = drawn.by_target(result.steps, targets)
    for target in targets[:MOST_TARGETS]:
        rows = result.forecasts[result.forecasts["target"] == target]
        parts.append(drawn.origins_figure(columns, clock, target, rows))
        parts.append(drawn.steps_figure(columns, target, steps[target], "MAE"))
        by_origin = _absolute(rows).groupby(rows["origin"]).mean()
        parts.append(drawn.origins_table(by_origin, "MAE", target, clock.written(by_origin.index)))
    return parts


def _absolute(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[drawn.methods_in(rows)].sub(rows["actual"], axis=0).abs()


def _of_panel(columns: Columns, clock: Clock, result: Backtest, targets: list[Any]) -> list[Any]:
    parts: list[Any] = []
    steps = drawn.by_target(result.steps, targets)
    for target, scores in by_series(result, targets).items():
        figure = drawn.series_figure(columns, scores, target)
        parts += [] if figure is None else [figure]
        parts.append(drawn.steps_figure(columns, target, steps[target], "MASE"))
        errors = _scaled_by_origin(result, target, targets)
        parts.append(drawn.origins_table(errors, "mean MASE", target, _origin_names(clock, result.forecasts)))
        parts.append(Folded(f"{target}: the MASE of each series", [_series_table(scores)]))
    return parts


def by_series(result: Backtest, targets: list[Any]) -> dict[Any, pd.DataFrame]:
    """The MASE `(series, methods)` of each target of a panel."""
    assert result.series is not None
    order = result.forecasts["series"].unique()
    found = drawn.by_target(result.series[["mase"]], targets)
    return {target: scores["mase"].unstack("method").reindex(order) for target, scores in found.items()}


def _scaled_by_origin(result: Backtest, target: Any, targets: list[Any]) -> pd.DataFrame:
    """The mean over the series of the scaled error at each origin, the earliest first."""
    rows = result.forecasts[result.forecasts["target"] == target]
    assert result.series is not None
    of_forecast = drawn.by_target(result.series, targets)[target].xs("forecast", level="method")
    scale = (of_forecast["mae"] / of_forecast["mase"]).reindex(rows["series"]).to_numpy()
    number = rows.groupby("series")["origin"].rank("dense").to_numpy()
    scaled = _absolute(rows).div(scale, axis=0)
    of_series = scaled.groupby([rows["series"].to_numpy(), number]).mean()
    return of_series.groupby(level=1).mean()


def _origin_names(clock: Clock, forecasts: pd.DataFrame) -> list[str]:
    """The stamps of the origins, or their numbers where the series end at different times."""
    origins = forecasts["origin"].drop_duplicates().sort_values()
    most = int(forecasts.groupby("series")["origin"].nunique().max())
    if len(origins) == most:
        return clock.written(pd.Index(origins))
    return [f"origin {number} of {most}" for number in range(1, most + 1)]


def _series_table(scores: pd.DataFrame) -> Table:
    methods = [name for name in look.METHODS if name in scores]
    rows = [
        [str(name), *map(drawn.in_short, row)]
        for name, row in zip(scores.index, scores[methods].to_numpy(), strict=True)
    ]
    return Table(["series", *(look.SHORT_METHODS[name] for name in methods)], rows)
