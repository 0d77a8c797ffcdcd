"""Pictures of a forecast and of a backtest, drawn without pyplot: nothing pops up, nothing leaks."""

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
from seqkit.drawing import canvas
from seqkit.drawing.canvas import LINES
from seqkit.drawing.fonts import readable

METHODS = ("forecast", "naive", "seasonal_naive")
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
    """Draw a forecast after the end of its table: a panel for each target, in the table's own units.

    A dotted line marks the forecast's origin, the last row before it.

    Args:
        frame: The table with a time index. Its rows before the forecast are the history; rows from there
            on are drawn as `actual` where `actual` is left out.
        forecast: What `model.forecast` returned, a column for each target.
        targets: The columns to draw; all of the forecast's when left out.
        rows: How many rows of history to draw; five horizons (at least 24) when left out.
        actual: A table of what really came, to judge the forecast by.
        title: A title for the whole figure.
        ax: matplotlib axes to draw on, one for each target, instead of a new figure.

    Returns:
        The matplotlib Figure. `figure.savefig("forecast.png")` writes it; a notebook shows it.

    Raises:
        TypeError: If a table is not a DataFrame with a time index.
        ValueError: If a target is unknown, there are no rows to draw, or `ax` has not one axes for each.

    Example:
        >>> months = pd.date_range("2024-01-01", periods=5, freq="MS")
        >>> table = pd.DataFrame({"passengers": [112.0, 118, 132, 129, 121]}, index=months)
        >>> figure = plot_forecast(table[:3], table[3:])
        >>> figure.axes[0].get_ylabel()
        'passengers'
    """
    where = "plot_forecast"
    came = frame if actual is None else actual
    tables = {"frame": frame, "forecast": forecast, "actual": came}
    for argument, table in tables.items():
        _check_table(where, argument, table, like=frame)
    names = list(forecast.columns) if targets is None else canvas.as_names(targets)
    for argument, table in tables.items():
        _check_columns(where, argument, table, names)
    first, last = forecast.index[0], forecast.index[-1]
    history = frame[frame.index < first]
    if history.empty:
        raise InvalidValue(
            where,
            f"frame must have rows before the forecast's first, {first}, got {frame.index[0]} to {frame.index[-1]}.",
            "Pass the table that was forecast from.",
            argument="frame",
        )
    kept = max(24, 5 * len(forecast)) if rows is None else _checks.whole_number(where, "rows", rows)
    history, came = history.iloc[-kept:], came[(came.index > history.index[-1]) & (came.index <= last)]
    if actual is not None and came.empty:
        raise InvalidValue(
            where,
            f"actual must have rows from {first} to {last}, got {actual.index[0]} to {actual.index[-1]}.",
            "Pass the rows that the forecast is for, or leave actual out.",
            argument="actual",
        )
    with readable([*names, title]) as write:
        size = (8.4, 3.6 if len(names) == 1 else 2.5)
        figure, panels = canvas.panels_for(where, ax, names, size=size, share=True)
        for panel, name in zip(panels, names, strict=True):
            _draw_forecast(panel, history[name], forecast[name], came[name])
            canvas.dress(panel, write, ylabel=name)
        canvas.legend(panels[0])
        canvas.finish(figure, panels, write, title, owned=ax is None)
    return figure


def plot_backtest(result: Any, *, title: str | None = None, ax: Axes | Sequence[Axes] | None = None) -> Figure:
    """Draw a backtest: left each origin's forecast on what came, right the error by horizon step.

    Each target has its own row of panels, in its own units. The naive and the seasonal naive forecast stand
    beside the model's, and the legend gives each one's MASE.

    Args:
        result: What `backtest` returned.
        title: A title for the whole figure.
        ax: matplotlib axes to draw on, two for each target, instead of a new figure.

    Returns:
        The matplotlib Figure. `figure.savefig("backtest.png")` writes it; a notebook shows it.

    Raises:
        TypeError: If `result` is not what `backtest` returns.
        ValueError: If it holds no forecasts, or `ax` has not two axes for each target.

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
        raise InvalidValue("plot_backtest", "result holds no forecasts.", "Ask backtest for 1 origin or more.")
    names = list(dict.fromkeys(forecasts["target"]))
    wanted = [f"{name}: {part}" for name in names for part in ("forecasts", "error by step")]
    shape: dict[str, Any] = {"size": (5.2, 3.7 if len(names) == 1 else 2.6), "columns": 2, "ratios": (1.7, 1)}
    with readable([*names, title]) as write:
        figure, panels = canvas.panels_for("plot_backtest", ax, wanted, share=True, **shape)
        for left, right, name in zip(panels[::2], panels[1::2], names, strict=True):
            rows = forecasts[forecasts["target"] == name]
            _draw_origins(left, rows)
            canvas.dress(left, write, ylabel=name)
            _draw_steps(right, rows, getattr(result, "scores", None) if len(names) == 1 else None)
            canvas.dress(right, write, ylabel=f"MAE ({name})")
        canvas.dress(panels[-1], write, xlabel="steps ahead", ylabel=f"MAE ({names[-1]})")
        canvas.legend(panels[0])
        canvas.legend(panels[1], above=False)
        canvas.finish(figure, panels, write, title, owned=ax is None)
    return figure


def _draw_forecast(panel: Axes, history: pd.Series, forecast: pd.Series, actual: pd.Series) -> None:
    canvas.curve(panel, "history", *_points(history))
    known = history.dropna().iloc[-1:]  # the forecast starts at the last observation, so that no gap shows
    if actual.notna().any():
        canvas.curve(panel, "actual", *_points(pd.concat([known, actual])), markevery=slice(len(known), None))
    canvas.curve(panel, "forecast", *_points(pd.concat([known, forecast])), markevery=slice(len(known), None))
    panel.axvline(canvas.positions(history.index[-1:])[0], zorder=1, **LINES["origin"])
    canvas.dress_time(panel, history.index)


def _draw_origins(panel: Axes, rows: pd.DataFrame) -> None:
    actual = rows.drop_duplicates("time").set_index("time")["actual"].sort_index()
    x, y = _points(actual)
    steps = np.diff(x, prepend=x[0])
    breaks = np.flatnonzero(steps > 2 * np.median(steps[1:])) if len(x) > 1 else np.array([], dtype=int)
    # A NaN breaks the line where the origins leave rows between them that no forecast was made for.
    canvas.curve(panel, "history", np.insert(x, breaks, np.nan), np.insert(y, breaks, np.nan), label="actual")
    for number, (origin, one) in enumerate(rows.groupby("origin")):
        label = "_nolegend_" if number else "forecast"
        canvas.curve(panel, "forecast", *_points(one.set_index("time")["forecast"]), label=label)
        panel.axvline(canvas.positions(pd.Index([origin]))[0], zorder=1, **LINES["origin"])
    canvas.dress_time(panel, actual.index)


def _draw_steps(panel: Axes, rows: pd.DataFrame, scores: pd.DataFrame | None) -> None:
    errors = rows[list(METHODS)].sub(rows["actual"], axis=0).abs().groupby(rows["step"]).mean()
    mase = {} if scores is None else scores["mase"].dropna().to_dict()
    for method in METHODS:
        label = method.replace("_", " ")
        if method in mase:
            label += f" (MASE {mase[method]:.2f})"
        canvas.curve(panel, method, errors.index.to_numpy(), errors[method].to_numpy(), label=label)
    panel.xaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))
    panel.set_ylim(0, 1.4 * panel.get_ylim()[1])  # the legend stands in the room above


def _points(series: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    return canvas.positions(series.index), series.to_numpy(dtype=float, na_value=np.nan)


def _check_table(where: str, argument: str, table: Any, like: pd.DataFrame) -> None:
    """Refuse what is not one series' table on the same kind of time index."""
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
        raise InvalidValue(where, f"{argument} has no rows or no columns to draw.", "Pass 1 or more.")
    if _clock(table.index) != _clock(like.index) or "no time" in _clock(table.index):
        raise InvalidType(
            where,
            f"{argument} must have a time index, the same kind in every table, got {_clock(table.index)} beside "
            f"{_clock(like.index)}.",
            f"Set one: {argument}.set_index(pd.to_datetime(...)), or read the file with read_csv.",
            argument=argument,
        )


def _check_columns(where: str, argument: str, table: pd.DataFrame, names: list[Any]) -> None:
    """Refuse targets that the table lacks or that hold no numbers."""
    for name in _checks.known_names(where, f"target (of {argument})", names, table.columns):
        if not pd.api.types.is_numeric_dtype(table[name]):
            raise InvalidType(
                where,
                f"{argument} column {name!r} must hold numbers, got {table[name].dtype}.",
                f"Convert it: pd.to_numeric({argument}[{name!r}]).",
            )


def _clock(index: pd.Index) -> str:
    """The kind of an index in words, alike where two indexes can be drawn on one axis."""
    if isinstance(index, pd.DatetimeIndex):
        return "dates without a time zone" if index.tz is None else "dates with a time zone"
    return "row numbers" if pd.api.types.is_numeric_dtype(index) else f"no time but {index.dtype}"
