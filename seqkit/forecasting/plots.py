"""Plots of a forecast and of a backtest, without pyplot: no window opens, and no figure stays in memory."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from seqkit import _checks
from seqkit._errors import InvalidType, InvalidValue
from seqkit.data.frames import as_time_table
from seqkit.data.panels import is_panel
from seqkit.drawing import canvas
from seqkit.drawing.canvas import LINE_STYLES
from seqkit.drawing.fonts import readable_fonts
from seqkit.forecasting.ets import ETS
from seqkit.forecasting.interval_scores import SHOWN_LEVELS, bound_columns, levels_in
from seqkit.forecasting.intervals import levels_of
from seqkit.forecasting.plot_tables import WHERE, Drawn, one_series, some_series

METHODS = ("forecast", "naive", "seasonal_naive")
OPTIONAL_METHODS = ("long_seasonal_naive", ETS)
BACKTEST_COLUMNS = ("origin", "step", "time", "target", "actual", *METHODS)


def plot_forecast(
    frame: pd.DataFrame,
    forecast: pd.DataFrame,
    *,
    targets: Hashable | Sequence[Hashable] | None = None,
    rows: int | None = None,
    actual: pd.DataFrame | None = None,
    series: Hashable | Sequence[Hashable] | None = None,
    title: str | None = None,
    ax: Axes | Sequence[Axes] | None = None,
) -> Figure:
    """Draw a forecast after the end of its table: a panel for each target, in the units of the table.

    A dotted line marks the origin of the forecast, the last row before it. Of a table of many series, some are drawn,
    each in a panel for each target: those that `series` names, else so many that there are six panels at most, at even
    distances in the order of their means, from the smallest to the largest. The title then says so.

    Args:
        frame: The table with a time index; or of many series, as from `as_panel`. The rows before the forecast are the
            history. Without `actual`, the later rows are drawn as the actual values.
        forecast: The result of `model.forecast`, a column for each target. Intervals beside them are shaded.
        targets: The columns to draw; by default all columns of `forecast`.
        rows: The number of rows of history to draw; by default five horizons, 24 or more.
        actual: A table with the actual values at the times of the forecast.
        series: The name of the series of many to draw, or a list of names.
        title: A title for the whole figure.
        ax: matplotlib axes to draw on, one for each target of each series, instead of a new figure.

    Returns:
        The matplotlib Figure. `figure.savefig("forecast.png")` writes it; a notebook shows it.

    Raises:
        TypeError: If a table is not a DataFrame with a time index.
        ValueError: If a target or a series is unknown, there are no rows to draw, or `ax` does not have one axes for
            each target of each series.

    Example:
        >>> months = pd.date_range("2024-01-01", periods=5, freq="MS")
        >>> table = pd.DataFrame({"passengers": [112.0, 118, 132, 129, 121]}, index=months)
        >>> figure = plot_forecast(table[:3], table[3:])
        >>> figure.axes[0].get_ylabel()
        'passengers'
    """
    frame, forecast, actual = (as_time_table(WHERE, table) for table in (frame, forecast, actual))
    if is_panel(frame):
        drawn, names, rule = some_series(frame, forecast, actual, rows, targets, series)
        title = ": ".join(str(part) for part in (title, rule) if part is not None) or None
    elif series is not None:
        problem = f"series={series!r} is for a panel, and frame has one series."
        raise InvalidValue(WHERE, problem, "Leave it out.", "series")
    else:
        one, names = one_series(frame, forecast, actual, rows, targets)
        drawn = [one]
    shown = [(of_series, name) for of_series in drawn for name in names]
    with readable_fonts([*names, title, *(of_series.name for of_series in drawn)]) as write:
        figure, panels = canvas.prepare_panels(WHERE, ax, _labels(shown), share=len(drawn) == 1, **_layout(shown))
        for panel, (of_series, name) in zip(panels, shown, strict=True):
            _draw_intervals(panel, of_series.history[name], of_series.forecast, name)
            _draw_forecast(panel, of_series.history[name], of_series.forecast[name], of_series.actual[name])
            canvas.style_panel(panel, write, ylabel=name)
            if of_series.name is not None:
                canvas.title_panel(panel, canvas.on_one_line(write(of_series.name)), write)
        if ax is None and len(panels) > 1 and drawn[0].name is not None:
            canvas.draw_legend_of_figure(figure, panels)
        else:
            canvas.draw_legend(panels[0])
        canvas.finish_figure(figure, panels, write, title, owned=ax is None)
    return figure


def _labels(shown: list[tuple[Drawn, Any]]) -> list[Any]:
    """What the panels are called in messages."""
    return [name if of_series.name is None else f"{of_series.name}: {name}" for of_series, name in shown]


def _layout(shown: list[tuple[Drawn, Any]]) -> dict[str, Any]:
    """One column of wide panels; two of smaller ones for several series."""
    if shown[0][0].name is None or len(shown) == 1:
        return {"size": (8.4, 3.6 if len(shown) == 1 else 2.5)}
    return {"size": (5.2, 2.6), "columns": 2}


def plot_backtest(result: Any, *, title: str | None = None, ax: Axes | Sequence[Axes] | None = None) -> Figure:
    """Draw a backtest: on the left forecasts and actual values, on the right the error at each step of the horizon.

    Each target has a row of two panels, in its own units. The right panel compares the model with the naive forecasts,
    and with ETS where the backtest has it of all rows; its legend gives the MASE of each. On the left, the interval of
    95 % is shaded where the model has intervals.

    Args:
        result: The result of `backtest`.
        title: A title for the whole figure.
        ax: matplotlib axes to draw on, two for each target, instead of a new figure.

    Returns:
        The matplotlib Figure. `figure.savefig("backtest.png")` writes it; a notebook shows it.

    Raises:
        TypeError: If `result` is not the result of `backtest`.
        ValueError: If `result` holds no forecasts, or `ax` does not have two axes for each target.

    Example:
        >>> import keras
        >>> import seqkit as sk
        >>> table = sk.load_example("air_passengers")
        >>> model = keras.Sequential([keras.Input((12, 1)), keras.layers.Reshape((12, 1))])
        >>> model.compile("adam", "mae")
        >>> result = sk.backtest(model, table, timesteps=12, horizon=12, origins=2, ets=False, verbose=0)
        >>> figure = sk.plot_backtest(result)
        >>> len(figure.axes)
        2
    """
    forecasts = getattr(result, "forecasts", None)
    if not isinstance(forecasts, pd.DataFrame) or not set(BACKTEST_COLUMNS) <= set(forecasts.columns):
        raise InvalidType(
            "plot_backtest",
            "result must be what backtest returned, with a table .forecasts of "
            f"{_checks.listed(BACKTEST_COLUMNS)}, got {type(result).__name__}.",
            "Write result = backtest(model, frame) and pass result.",
            argument="result",
        )
    if forecasts.empty:
        problem = "result holds no forecasts."
        raise InvalidValue("plot_backtest", problem, "Ask backtest for 1 origin or more.", "result")
    names = list(dict.fromkeys(forecasts["target"]))
    panel_names = [f"{name}: {panel}" for name in names for panel in ("forecasts", "error by step")]
    layout: dict[str, Any] = {"size": (5.2, 3.7 if len(names) == 1 else 2.6), "columns": 2, "ratios": (1.7, 1)}
    with readable_fonts([*names, title]) as write:
        figure, panels = canvas.prepare_panels("plot_backtest", ax, panel_names, share=True, **layout)
        for left, right, name in zip(panels[::2], panels[1::2], names, strict=True):
            rows = forecasts[forecasts["target"] == name]
            _draw_origins(left, rows)
            canvas.style_panel(left, write, ylabel=name)
            _draw_errors_by_step(right, rows, getattr(result, "scores", None) if len(names) == 1 else None)
            canvas.style_panel(right, write, ylabel=f"MAE ({name})")
        canvas.style_panel(panels[-1], write, xlabel="steps ahead", ylabel=f"MAE ({names[-1]})")
        canvas.draw_legend(panels[0])
        canvas.draw_legend(panels[1], above=False)
        canvas.finish_figure(figure, panels, write, title, owned=ax is None)
    return figure


def _draw_intervals(panel: Axes, history: pd.Series, forecast: pd.DataFrame, name: Any) -> None:
    """Shade the intervals, the widest first; each begins at the last observation."""
    last = history.dropna().iloc[-1:]
    for depth, level in enumerate(levels_of(list(forecast.columns), name)):
        low, high = (pd.concat([last, forecast[f"{name}-{side}-{level:g}"]]) for side in ("lo", "hi"))
        canvas.shade_between(panel, *_points(low), _points(high)[1], label=f"{level:g} %", depth=depth)


def _draw_forecast(panel: Axes, history: pd.Series, forecast: pd.Series, actual: pd.Series) -> None:
    canvas.draw_curve(panel, "history", *_points(history))
    last = history.dropna().iloc[-1:]  # both curves start at the last observation, so that there is no gap
    for name, values in (("actual", actual), ("forecast", forecast)):
        if name == "forecast" or values.notna().any():
            canvas.draw_curve(panel, name, *_points(pd.concat([last, values])), markevery=slice(len(last), None))
    panel.axvline(canvas.axis_positions(history.index[-1:])[0], zorder=1, **LINE_STYLES["origin"])
    canvas.label_dates(panel.xaxis, history.index)


def _draw_origins(panel: Axes, rows: pd.DataFrame) -> None:
    actual = rows.drop_duplicates("time").set_index("time")["actual"].sort_index()
    x, y = _points(actual)
    steps = np.diff(x, prepend=x[0])
    breaks = np.flatnonzero(steps > 2 * np.median(steps[1:])) if len(x) > 1 else np.array([], dtype=int)
    # A NaN breaks the line at rows between origins that have no forecast.
    canvas.draw_curve(panel, "history", np.insert(x, breaks, np.nan), np.insert(y, breaks, np.nan), label="actual")
    for number, (origin, origin_rows) in enumerate(rows.groupby("origin")):
        label = "_nolegend_" if number else "forecast"
        canvas.draw_curve(panel, "forecast", *_points(origin_rows.set_index("time")["forecast"]), label=label)
        _shade_widest(panel, origin_rows.set_index("time"), with_label=not number)
        panel.axvline(canvas.axis_positions(pd.Index([origin]))[0], zorder=1, **LINE_STYLES["origin"])
    canvas.label_dates(panel.xaxis, actual.index)


def _shade_widest(panel: Axes, rows: pd.DataFrame, *, with_label: bool) -> None:
    """Shade the interval of 95 % of an origin, or the widest that the backtest has below it."""
    levels = [level for level in levels_in(rows) if level <= max(SHOWN_LEVELS)]
    if levels:
        low, high = (rows[column] for column in bound_columns(levels[-1]))
        label = f"{levels[-1]:g} %" if with_label else "_nolegend_"
        canvas.shade_between(panel, *_points(low), _points(high)[1], label=label)


def _draw_errors_by_step(panel: Axes, rows: pd.DataFrame, scores: pd.DataFrame | None) -> None:
    methods = [*METHODS, *(name for name in OPTIONAL_METHODS if name in rows and rows[name].notna().all())]
    errors = rows[methods].sub(rows["actual"], axis=0).abs().groupby(rows["step"]).mean()
    mase = {} if scores is None else scores["mase"].dropna().to_dict()
    for method in methods:
        label = "ETS" if method == ETS else method.replace("_", " ")
        if method in mase:
            label += f" (MASE {mase[method]:.2f})"
        canvas.draw_curve(panel, method, errors.index.to_numpy(), errors[method].to_numpy(), label=label)
    panel.xaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))
    panel.set_ylim(0, 1.4 * panel.get_ylim()[1])  # space for the legend


def _points(series: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    return canvas.axis_positions(series.index), series.to_numpy(dtype=float, na_value=np.nan)
