"""The page of a forecast: verdict, history and forecast, backtest, what was found, the model, its gates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from seqkit.data.own_stamps import own_stamps
from seqkit.data.panels import is_panel
from seqkit.forecasting.intervals import levels_of, without_bounds
from seqkit.forecasting.model import Forecaster
from seqkit.forecasting.score import Backtest
from seqkit.reports import found
from seqkit.reports.backtest_section import TITLE as TITLE_OF_BACKTEST
from seqkit.reports.backtest_section import backtest_section, by_series
from seqkit.reports.columns import Clock, evenly
from seqkit.reports.forecast_figures import Drawn, forecast_figure
from seqkit.reports.gates_section import gates_section
from seqkit.reports.main_figures import main_figures
from seqkit.reports.page import Facts, Folded, Page, Panel, Panels, Report, Section, Table, Words
from seqkit.reports.training_figure import training_parts

MOST_LARGE = 4  # figures one below the other; more stand in a grid with a search box
MOST_PANELS = 1000
MOST_SENTENCES = 6
MOST_TABLE_ROWS = 1000
HOW_TO_READ = (
    "Move over a figure to read its values, drag across it to zoom, click twice to zoom back. "
    "The dotted line is the last known row."
)


class Asked(NamedTuple):
    """What a caller asks of the page."""

    title: str | None = None
    notes: Sequence[str] = ()
    rows: int | None = None  # of the history of a series
    timezone: str | None = None


def forecast_report(
    model: Forecaster, table: pd.DataFrame, future: pd.DataFrame, result: Backtest | str, asked: Asked
) -> Report:
    """Write the page.

    Args:
        model: the forecaster.
        table: what it read, of one series or of many.
        future: its forecast, with the bounds of intervals.
        result: the backtest, or in words why there is none.
        asked: the title and so on.
    """
    targets = without_bounds(list(future.columns))
    page = Page(asked.title or f"Forecast of {found.named(targets)}")
    tested = result if isinstance(result, Backtest) else None
    shown = _latest(table, asked.rows)
    clock = _clock(page, shown, future, tested, asked.timezone)
    all_drawn, chosen = _drawn(shown, future, targets, tested)
    lead = _lead(clock, all_drawn, result)
    sections = [
        Section("History and forecast", _forecast_parts(page, clock, all_drawn, future, targets, tested, chosen)),
        backtest_section(page.columns, clock, tested) if tested else Section(TITLE_OF_BACKTEST, [Words([str(result)])]),
        _found_section(table, asked),
        Section("The model", [Facts(found.facts_of_forecaster(model)), *training_parts(page.columns, model)]),
        _gates(page, clock, model, table),
    ]
    return page.report(lead, main_figures(clock, all_drawn, table, future, tested), sections)


def _latest(table: pd.DataFrame, rows: int | None) -> pd.DataFrame:
    """The last rows, of each series."""
    if rows is None:
        return table
    return table.groupby(level=0, sort=False).tail(rows) if is_panel(table) else table.iloc[-rows:]


def _clock(page: Page, table: pd.DataFrame, future: pd.DataFrame, tested: Backtest | None, timezone: Any) -> Clock:
    tables = [table, future]
    if tested is not None:
        for name in ("time", "origin"):
            index = pd.DatetimeIndex(tested.forecasts[name].unique())
            tables.append(pd.DataFrame(index=index))
    return Clock(page.columns, tables, timezone)


def _drawn(
    table: pd.DataFrame, future: pd.DataFrame, targets: list[Any], tested: Backtest | None
) -> tuple[list[Drawn], str]:
    """What is drawn, and in words how it was chosen where it is not all."""
    if not is_panel(table):
        return [Drawn(None, name, table[name], future) for name in targets], ""
    names: list[Any] = future.index.unique(0).tolist()
    most = max(1, MOST_PANELS // len(targets))
    chosen = ""
    if len(names) > most:
        at = np.linspace(0, len(names) - 1, most).round().astype(int)
        chosen = f"The page shows {most} of {len(names)} series, at even distances in the order of the table."
        names = [names[one] for one in at]
    pasts, futures = (_by_series(one) for one in (table, future))
    rows: dict[Any, Any] = (
        {} if tested is None else dict(iter(tested.forecasts.groupby(["series", "target"], sort=False)))
    )
    drawn = []
    for series in names:
        past, ahead = pasts[series], futures[series]
        drawn += [Drawn(series, target, past[target], ahead, rows.get((series, target))) for target in targets]
    return drawn, chosen


def _by_series(table: pd.DataFrame) -> dict[Any, pd.DataFrame]:
    return {name: rows.droplevel(0) for name, rows in table.groupby(level=0, sort=False)}


def _lead(clock: Clock, drawn: list[Drawn], result: Backtest | str) -> list[str]:
    """The verdict, and the forecast in a sentence for each of a few series."""
    verdict = result.verdict.splitlines() if isinstance(result, Backtest) else [result]
    if len(drawn) > MOST_SENTENCES:
        return verdict
    sentences = [
        found.in_words(
            one.name,
            one.history,
            one.forecast[one.target],
            clock.written(one.forecast.index),
            clock.written(one.history.dropna().index[-1:])[0],
        )
        for one in drawn
    ]
    return [*sentences, *verdict]


def _forecast_parts(
    page: Page,
    clock: Clock,
    drawn: list[Drawn],
    future: pd.DataFrame,
    targets: list[Any],
    tested: Backtest | None,
    chosen: str,
) -> list[Any]:
    words = Words([HOW_TO_READ, *([chosen] if chosen else [])])
    if len(drawn) <= MOST_LARGE:
        parts: list[Any] = [words]
        for one in drawn:
            title = one.name if len(drawn) > 1 else ""
            parts.append(forecast_figure(page.columns, clock, one, small=False, title=title))
            parts.append(Folded(f"The forecast of {one.name} in numbers", [_forecast_table(clock, one)]))
        return parts
    errors = {} if tested is None or tested.series is None else by_series(tested, targets)
    ranks, orders = _ranks(drawn, errors)
    panels = []
    for one, of_one in zip(drawn, ranks, strict=True):
        said = {"title": _panel_title(one, targets), "note": _note(one, errors)}
        panels.append(Panel(one.name, forecast_figure(page.columns, clock, one, small=True, **said), of_one))
    what = "series" if is_panel(future) and len(targets) == 1 else "panels" if is_panel(future) else "columns"
    return [words, Panels(panels, what, orders), *_folded_table(clock, drawn)]


def _panel_title(one: Drawn, targets: list[Any]) -> str:
    return str(one.series) if one.series is not None and len(targets) == 1 else one.name


def _note(one: Drawn, errors: dict[Any, pd.DataFrame]) -> str:
    """The errors of a series in the backtest."""
    if one.target not in errors or one.series not in errors[one.target].index:
        return ""
    scores = errors[one.target].T[one.series].dropna()
    simple = scores.drop("forecast", errors="ignore")
    if "forecast" not in scores or not len(simple):
        return "Without a MASE: constant, or shorter than a season."
    best = str(simple.idxmin()).replace("_", " ")
    return f"MASE {scores['forecast']:.2f}; best simple forecast {simple.min():.2f} ({best})"


def _ranks(drawn: list[Drawn], errors: dict[Any, pd.DataFrame]) -> tuple[list[list[int]], list[str]]:
    """The place of each in the orders that a reader may choose."""
    orders = {"by name": sorted(range(len(drawn)), key=lambda at: drawn[at].name)}
    if errors:
        mase = [float(errors[one.target]["forecast"].get(one.series, np.nan)) for one in drawn]
        known = np.nan_to_num(mase, nan=np.inf)
        orders["smallest error first"] = np.argsort(known, kind="stable").tolist()
        orders["largest error first"] = np.argsort(np.where(np.isinf(known), np.inf, -known), kind="stable").tolist()
    places = [np.argsort(order).tolist() for order in orders.values()]
    return [list(ranks) for ranks in zip(*places, strict=True)], list(orders)


def _forecast_table(clock: Clock, one: Drawn) -> Table:
    """The rows of a forecast."""
    levels = levels_of(list(one.forecast.columns), one.target)[::-1]
    names = [f"{one.target}-{side}-{level:g}" for level in levels for side in ("lo", "hi")]
    head = [str(one.forecast.index.name or "time"), str(one.target)]
    head += [f"{level:g} % {side}" for level in levels for side in ("from", "to")]
    values = one.forecast[[one.target, *names]].to_numpy("float64")
    rows = [[stamp, *row] for stamp, row in zip(clock.written(one.forecast.index), evenly(values), strict=True)]
    return Table(head, rows)


def _folded_table(clock: Clock, drawn: list[Drawn]) -> list[Any]:
    """The rows of all, with their names, where they are not too many."""
    if sum(len(one.forecast) for one in drawn) > MOST_TABLE_ROWS:
        return []
    tables = [_forecast_table(clock, one) for one in drawn]
    rows = [[one.name, *row] for one, table in zip(drawn, tables, strict=True) for row in table.rows]
    head = ["of", tables[0].head[0], "forecast", *tables[0].head[2:]]
    return [Folded("The forecasts in numbers", [Table(head, rows)])]


def _found_section(table: pd.DataFrame, asked: Asked) -> Section:
    stamps = table.index.get_level_values(-1)
    first, last = own_stamps(table.iloc[[int(stamps.argmin()), int(stamps.argmax())]], asked.timezone)
    return Section("What was found in the table", [Facts(found.facts_of_table(table, first, last)), Words(asked.notes)])


def _gates(page: Page, clock: Clock, model: Forecaster, table: pd.DataFrame) -> Section:
    if not is_panel(table):
        return gates_section(page.columns, model, table, clock.written(table.index[-model.settings.timesteps :]), "")
    sizes = table.groupby(level=0, sort=False).size()
    long = sizes[sizes >= model.settings.timesteps]
    name = long.index[0] if len(long) else sizes.index[0]
    rows = table.loc[[name]]
    stamps = clock.written(rows.index.get_level_values(-1)[-model.settings.timesteps :])
    return gates_section(page.columns, model, rows, stamps, f" of {name}")
