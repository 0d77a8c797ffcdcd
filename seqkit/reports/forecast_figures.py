"""History and forecast with its intervals, one figure for each target of each series."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from seqkit.forecasting.intervals import levels_of
from seqkit.reports import look
from seqkit.reports.columns import Clock, Columns
from seqkit.reports.page import Figure

FEWEST_ROWS, HORIZONS_OF_HISTORY = 24, 5  # in view at first, as in `plot_forecast`
HEIGHT, HEIGHT_OF_A_PANEL, HEIGHT_OF_A_SLIDER = 440, 280, 40
MARGIN = 0.06  # of the values in view, above and below


class Drawn(NamedTuple):
    """One target of one series."""

    series: Any  # None where there is only one
    target: Any
    history: pd.Series
    forecast: pd.DataFrame  # (H, ...): the target, and the bounds of its intervals
    tested: pd.DataFrame | None = None  # its rows of the backtest

    @property
    def name(self) -> str:
        """The series and the target."""
        return str(self.target) if self.series is None else f"{self.series}: {self.target}"


def forecast_figure(
    columns: Columns, clock: Clock, drawn: Drawn, *, small: bool, title: str = "", note: str = ""
) -> Figure:
    """Draw one; a small one is for a grid of many."""
    spec: dict[str, Any] = {"data": _traces(columns, clock, drawn), "layout": _layout(clock, drawn, small)}
    first, last = clock.written(drawn.forecast.index[[0, -1]])
    return Figure(
        spec,
        f"{drawn.name}: history, and forecast from {first} to {last}",
        spec["layout"]["height"],
        title,
        note,
        fits=True,
    )


def _traces(columns: Columns, clock: Clock, drawn: Drawn) -> list[dict[str, Any]]:
    target, history, forecast = drawn.target, drawn.history, drawn.forecast
    last = history.dropna().iloc[-1:]  # the curves meet there
    hover = f"<b>%{{text}}</b><br>{look.plain(target)}: %{{y:{look.NUMBER}}}"
    bounds = _bounds(drawn)
    x = clock.axis(last.index.append(forecast.index))["x"]
    traces: list[dict[str, Any]] = []
    for depth, (level, sides) in enumerate(bounds.items()):
        low, high = (columns.numbers(pd.concat([last, side])) for side in sides)
        traces += look.band(x, low, high, f"{level:g} %", depth)
    in_view = len(history.iloc[-_rows_in_view(drawn) :])
    own = {**clock.axis(history.index), "y": columns.numbers(history), "name": "history"}
    traces.append(look.line("history", in_view, hover, **own))
    if drawn.tested is not None:
        traces.append(_tested(columns, clock, drawn.tested, hover))
    link = {"x": clock.axis(last.index.append(forecast.index[:1]))["x"], "mode": "lines", "showlegend": False}
    traces.append(look.line("forecast", 2, "", y=columns.numbers([*last, forecast[target].iloc[0]]), **link))
    own = {**clock.axis(forecast.index), "y": columns.numbers(forecast[target]), "name": "forecast"}
    if bounds:
        own["customdata"] = {"across": [columns.numbers(side) for sides in bounds.values() for side in sides]}
    traces.append(look.line("forecast", len(forecast), hover + " (forecast)" + _words_on_bounds(list(bounds)), **own))
    return traces


def _bounds(drawn: Drawn) -> dict[float, tuple[pd.Series, pd.Series]]:
    """The bounds of each interval, the widest first."""
    forecast, target = drawn.forecast, drawn.target
    levels = levels_of(list(forecast.columns), target)
    return {level: (forecast[f"{target}-lo-{level:g}"], forecast[f"{target}-hi-{level:g}"]) for level in levels}


def _words_on_bounds(levels: list[float]) -> str:
    """The bounds in the text of a point, from the narrowest interval on; they stand in `customdata`."""
    number = look.NUMBER
    words = [
        f"<br>{level:g} %: %{{customdata[{2 * at}]:{number}}} to %{{customdata[{2 * at + 1}]:{number}}}"
        for at, level in enumerate(levels)
    ]
    return "".join(words[::-1])


def _tested(columns: Columns, clock: Clock, rows: pd.DataFrame, hover: str) -> dict[str, Any]:
    """What the backtest forecast, a line for each origin."""
    index, values = rows["time"].tolist(), rows["forecast"].tolist()
    breaks = np.flatnonzero(rows["step"].to_numpy() == 1)[1:]
    for at in breaks[::-1]:  # a value that is missing breaks the line
        index.insert(at, index[at])
        values.insert(at, np.nan)
    own = {**clock.axis(pd.DatetimeIndex(index)), "y": columns.numbers(values), "name": "backtest"}
    trace = look.line("forecast", look.MOST_MARKERS + 1, hover + " (forecast in the backtest)", **own)
    return {**trace, "line": {**trace["line"], "width": 1.4, "dash": "dash"}}


def _rows_in_view(drawn: Drawn) -> int:
    return max(FEWEST_ROWS, HORIZONS_OF_HISTORY * len(drawn.forecast))


def _layout(clock: Clock, drawn: Drawn, small: bool) -> dict[str, Any]:
    rows = _rows_in_view(drawn)
    seen = drawn.history.iloc[-rows:]
    first, last = seen.index[0], drawn.forecast.index[-1]
    step = (drawn.forecast.index[0] - drawn.history.index[-1]) / 2  # so that the pointer reaches the points at the ends
    ends = [clock.x(first - step), clock.x(last + step)]
    sides = [side for bounds in _bounds(drawn).values() for side in bounds]
    values = np.concatenate([seen, drawn.forecast[drawn.target], *sides]).astype("float64")
    low, high = np.nanmin(values), np.nanmax(values)
    margin = MARGIN * (high - low) or 1.0
    has_slider = not small and len(drawn.history) > rows
    slider = {"rangeslider": {"visible": True, "thickness": 0.1, "yaxis": {"rangemode": "auto"}}} if has_slider else {}
    height = HEIGHT_OF_A_PANEL if small else HEIGHT + HEIGHT_OF_A_SLIDER * has_slider
    return look.layout(
        height,
        xaxis={"type": "date", "range": ends, **slider},
        yaxis={"title": look.titled(drawn.target), "range": [float(low - margin), float(high + margin)]},
        shapes=[look.at_origin(clock.x(drawn.history.index[-1]))],
    )
