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
from seqkit.drawing import canvas
from seqkit.drawing.canvas import LINE_STYLES
from seqkit.drawing.fonts import readable_fonts

METHODS = ("forecast", "naive", "seasonal_naive")
OPTIONAL_METHODS = ("long_seasonal_naive",)
BACKTEST_COLUMNS = ("origin", "step", "time", "target", "actual", *METHODS)


def plot_forecast(
    frame: pd.DataFrame,
    forecast: pd.DataFrame,
    *,
    targets: Hashable | Sequence[Hashable] | None = None,
    rows: int | None = None,
    actual: pd.DataFrame | None = None,
    title: str | None = None,
    ax: Axes | Sequence[Axes] | None = None,
) -> Figure:
    """Draw a forecast after the end of its table: a panel for each target, in the units of the table.

    A dotted line marks the origin of the forecast, the last row before it.

    Args:
        frame: The table with a time index. Its rows before the forecast are the history. Without `actual`, its later
            rows are drawn as the actual values.
        forecast: The result of `model.forecast`, a column for each target.
        targets: The columns to draw; by default all columns of `forecast`.
        rows: The number of rows of history to draw; by default five horizons, 24 or more.
        actual: A table with the actual values at the times of the forecast.
        title: A title for the whole figure.
        ax: matplotlib axes to draw on, one for each target, instead of a new figure.

    Returns:
        The matplotlib Figure. `figure.savefig("forecast.png")` writes it; a notebook shows it.

    Raises:
        TypeError: If a table is not a DataFrame with a time index.
        ValueError: If a target is unknown, there are no rows to draw, or `ax` does not have one axes for each target.

    Example:
        >>> months = pd.date_range("2024-01-01", periods=5, freq="MS")
        >>> table = pd.DataFrame({"passengers": [112.0, 118, 132, 129, 121]}, index=months)
        >>> figure = plot_forecast(table[:3], table[3:])
        >>> figure.axes[0].get_ylabel()
        'passengers'
    """
    where = "plot_forecast"
    frame, forecast, actual = (as_time_table(where, table) for table in (frame, forecast, actual))
    actual_rows = frame if actual is None else actual
    tables = {"frame": frame, "forecast": forecast, "actual": actual_rows}
    for argument, table in tables.items():
        _check_table(where, argument, table, like=frame)
    names = list(forecast.columns) if targets is None else canvas.as_list(targets)
    for argument, table in tables.items():
        _check_columns(where, argument, table, names)
    first, last = forecast.index[0], forecast.index[-1]
    history = frame[frame.index < first]
    if history.empty:
        raise InvalidValue(
            where,
            f"frame must have rows before the forecast's first, {first}, got {frame.index[0]} to {frame.index[-1]}.",
            "Pass the table that model.forecast read.",
            argument="frame",
        )
    rows = max(24, 5 * len(forecast)) if rows is None else _checks.whole_number(where, "rows", rows)
    history = history.iloc[-rows:]
    actual_rows = actual_rows[(actual_rows.index > history.index[-1]) & (actual_rows.index <= last)]
    if actual is not None and actual_rows.empty:
        raise InvalidValue(
            where,
            f"actual must have rows from {first} to {last}, got {actual.index[0]} to {actual.index[-1]}.",
            "Pass rows at the times of the forecast, or leave actual out.",
            argument="actual",
        )
    with readable_fonts([*names, title]) as write:
        size = (8.4, 3.6 if len(names) == 1 else 2.5)
        figure, panels = canvas.prepare_panels(where, ax, names, size=size, share=True)
        for panel, name in zip(panels, names, strict=True):
            _draw_forecast(panel, history[name], forecast[name], actual_rows[name])
            canvas.style_panel(panel, write, ylabel=name)
        canvas.draw_legend(panels[0])
        canvas.finish_figure(figure, panels, write, title, owned=ax is None)
    return figure


def plot_backtest(result: Any, *, title: str | None = None, ax: Axes | Sequence[Axes] | None = None) -> Figure:
    """Draw a backtest: on the left forecasts and actual values, on the right the error at each step of the horizon.

    Each target has a row of two panels, in its own units. The right panel compares the model with the naive and the
    seasonal naive forecast, and its legend gives the MASE of each.

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
        `plot_backtest(backtest(model, frame, origins=3))`
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
        panel.axvline(canvas.axis_positions(pd.Index([origin]))[0], zorder=1, **LINE_STYLES["origin"])
    canvas.label_dates(panel.xaxis, actual.index)


def _draw_errors_by_step(panel: Axes, rows: pd.DataFrame, scores: pd.DataFrame | None) -> None:
    methods = [*METHODS, *(name for name in OPTIONAL_METHODS if name in rows)]
    errors = rows[methods].sub(rows["actual"], axis=0).abs().groupby(rows["step"]).mean()
    mase = {} if scores is None else scores["mase"].dropna().to_dict()
    for method in methods:
        label = method.replace("_", " ")
        if method in mase:
            label += f" (MASE {mase[method]:.2f})"
        canvas.draw_curve(panel, method, errors.index.to_numpy(), errors[method].to_numpy(), label=label)
    panel.xaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))
    panel.set_ylim(0, 1.4 * panel.get_ylim()[1])  # space for the legend


def _points(series: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    return canvas.axis_positions(series.index), series.to_numpy(dtype=float, na_value=np.nan)


def _check_table(where: str, argument: str, table: Any, like: pd.DataFrame) -> None:
    """Refuse a table of several series, an empty table, and another kind of time index than that of `like`."""
    if not isinstance(table, pd.DataFrame):
        raise InvalidType(
            where,
            f"{argument} must be a DataFrame with a time index, got {type(table).__name__}.",
            "Pass a table such as read_csv and model.forecast return.",
            argument=argument,
        )
    if isinstance(table.index, pd.MultiIndex):
        raise InvalidValue(
            where,
            f"{argument} must hold one series, got an index of {table.index.nlevels} levels.",
            f"Choose one: {argument}.loc[series].",
            argument=argument,
        )
    if table.empty:
        raise InvalidValue(where, f"{argument} has no rows or no columns to draw.", "Pass 1 or more.", argument)
    index_type, like_type = _index_type(table.index), _index_type(like.index)
    if index_type != like_type or "no time" in index_type:
        raise InvalidType(
            where,
            f"{argument} must have a time index, the same kind in every table, got {index_type} beside {like_type}.",
            f"Set one: {argument}.set_index(pd.to_datetime(...)), or read the file with read_csv.",
            argument=argument,
        )


def _check_columns(where: str, argument: str, table: pd.DataFrame, names: list[Any]) -> None:
    """Refuse targets that the table lacks or that hold no numbers."""
    for name in _checks.require_columns(where, f"target (of {argument})", names, table.columns):
        if not pd.api.types.is_numeric_dtype(table[name]):
            raise InvalidType(
                where,
                f"{argument} column {name!r} must hold numbers, got {table[name].dtype}.",
                f"Convert it: pd.to_numeric({argument}[{name!r}]).",
                argument=argument,
            )


def _index_type(index: pd.Index) -> str:
    """Describe the type of an index; two indexes of the same description fit on one axis."""
    if isinstance(index, pd.DatetimeIndex):
        return "dates without a time zone" if index.tz is None else "dates with a time zone"
    return "row numbers" if pd.api.types.is_numeric_dtype(index) else f"no time but {index.dtype}"
