"""What `plot_forecast` draws: history, forecast and actual values of one series, or of some series of a panel."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from seqkit import _checks
from seqkit._errors import InvalidType, InvalidValue
from seqkit.data.panels import is_panel, require_panel
from seqkit.drawing import canvas
from seqkit.forecasting.intervals import without_bounds

WHERE = "plot_forecast"
FEWEST_ROWS, HORIZONS_OF_HISTORY = 24, 5
MOST_PANELS = 6
RULE = "at even distances from the smallest mean to the largest"


class Drawn(NamedTuple):
    """What is drawn of one series."""

    name: Hashable | None  # of the series; None where there is only one, without a name
    history: pd.DataFrame  # (rows, columns)
    forecast: pd.DataFrame  # (H, targets), with the bounds of intervals where there are any
    actual: pd.DataFrame  # (up to H, columns); the known rows at the times of the forecast


def one_series(
    frame: Any, forecast: Any, actual: Any, rows: int | None, targets: Hashable | Sequence[Hashable] | None
) -> tuple[Drawn, list[Any]]:
    """What is drawn of tables of one series, and the columns to draw; refuse tables that do not go together."""
    actual_rows = frame if actual is None else actual
    tables = {"frame": frame, "forecast": forecast, "actual": actual_rows}
    for argument, table in tables.items():
        _check_table(argument, table, like=frame)
    names = without_bounds(list(forecast.columns)) if targets is None else canvas.as_list(targets)
    for argument, table in tables.items():
        _check_columns(argument, table, names)
    first, last = forecast.index[0], forecast.index[-1]
    history = frame[frame.index < first]
    if history.empty:
        problem = f"frame must have rows before the forecast's first, {first}, got {frame.index[0]} to "
        way_out = "Pass the table that model.forecast read."
        raise InvalidValue(WHERE, f"{problem}{frame.index[-1]}.", way_out, "frame")
    most = max(FEWEST_ROWS, HORIZONS_OF_HISTORY * len(forecast)) if rows is None else rows
    history = history.iloc[-_checks.whole_number(WHERE, "rows", most) :]
    actual_rows = actual_rows[(actual_rows.index > history.index[-1]) & (actual_rows.index <= last)]
    if actual is not None and actual_rows.empty:
        problem = f"actual must have rows from {first} to {last}, got {actual.index[0]} to {actual.index[-1]}."
        way_out = "Pass rows at the times of the forecast, or leave actual out."
        raise InvalidValue(WHERE, problem, way_out, "actual")
    return Drawn(None, history, forecast, actual_rows), names


def some_series(
    frame: pd.DataFrame,
    forecast: Any,
    actual: Any,
    rows: int | None,
    targets: Hashable | Sequence[Hashable] | None,
    series: Hashable | Sequence[Hashable] | None,
) -> tuple[list[Drawn], list[Any], str | None]:
    """What is drawn of the series that are named, else of a few at even distances; and in words how they were chosen.

    Without names, the series are put in the order of the mean of their known values (of the first target).
    """
    frame = require_panel(frame, WHERE, ()).frame
    for argument, table in {"forecast": forecast, "actual": actual}.items():
        if table is not None and not is_panel(table):
            problem = f"{argument} must be a panel as frame is, got {_checks.type_name(table)} of one series."
            raise InvalidValue(WHERE, problem, "Pass what model.forecast(panel) returned.", argument)
    names = without_bounds(list(forecast.columns)) if targets is None else canvas.as_list(targets)
    _check_columns("frame", frame, names)
    known = forecast.index.unique(0)
    if series is None:
        most = max(1, MOST_PANELS // max(1, len(names)))
        chosen = _at_even_distances(frame[names[0]], known, most)
        rule = f"{len(chosen)} of {len(known)} series, {RULE}" if len(chosen) < len(known) else None
    else:
        chosen, rule = _named(canvas.as_list(series), known.tolist()), None
    drawn = [_of_series(name, frame, forecast, actual, rows, targets) for name in chosen]
    return drawn, names, rule


def _named(series: list[Any], known: list[Any]) -> list[Any]:
    for name in series:
        if name not in known:
            problem = f"series {name!r} is not in the forecast, which has {_checks.listed(known)}."
            raise InvalidValue(WHERE, problem, _checks.did_you_mean(name, known), "series")
    if not series:
        raise InvalidValue(WHERE, "series names none.", "Leave it out, or name one or more.", "series")
    return series


def _at_even_distances(values: pd.Series, known: pd.Index, most: int) -> list[Any]:
    """Series at even distances in the order of their means; all of the forecast, in its order, where they are few."""
    if len(known) <= most:
        return known.tolist()
    means = values.groupby(level=0).mean().reindex(known).dropna().sort_values(kind="stable")
    return means.index[np.linspace(0, len(means) - 1, min(most, len(means))).round().astype(int)].tolist()


def _of_series(name: Hashable, frame: Any, forecast: Any, actual: Any, rows: int | None, targets: Any) -> Drawn:
    for argument, table in {"frame": frame, "actual": actual}.items():
        if table is not None and name not in table.index.unique(0):
            problem = f"series {name!r} of the forecast is not in {argument}."
            raise InvalidValue(WHERE, problem, "Pass the panel that model.forecast read.", argument)
    tables = (None if table is None else table.xs(name, level=0) for table in (frame, forecast, actual))
    frame, forecast, actual = tables
    return one_series(frame, forecast, actual, rows, targets)[0]._replace(name=name)


def _check_table(argument: str, table: Any, like: pd.DataFrame) -> None:
    """Refuse a table of several series, an empty table, and another kind of time index than that of `like`."""
    if not isinstance(table, pd.DataFrame):
        raise InvalidType(
            WHERE,
            f"{argument} must be a DataFrame with a time index, got {type(table).__name__}.",
            "Pass a table such as read_csv and model.forecast return.",
            argument=argument,
        )
    if isinstance(table.index, pd.MultiIndex):
        raise InvalidValue(
            WHERE,
            f"{argument} must hold one series, got an index of {table.index.nlevels} levels.",
            f"Choose one: {argument}.loc[series].",
            argument=argument,
        )
    if table.empty:
        raise InvalidValue(WHERE, f"{argument} has no rows or no columns to draw.", "Pass 1 or more.", argument)
    index_type, like_type = _index_type(table.index), _index_type(like.index)
    if index_type != like_type or "no time" in index_type:
        raise InvalidType(
            WHERE,
            f"{argument} must have a time index, the same kind in every table, got {index_type} beside {like_type}.",
            f"Set one: {argument}.set_index(pd.to_datetime(...)), or read the file with read_csv.",
            argument=argument,
        )


def _check_columns(argument: str, table: pd.DataFrame, names: list[Any]) -> None:
    """Refuse targets that the table lacks or that hold no numbers."""
    for name in _checks.require_columns(WHERE, f"target (of {argument})", names, table.columns):
        if not pd.api.types.is_numeric_dtype(table[name]):
            raise InvalidType(
                WHERE,
                f"{argument} column {name!r} must hold numbers, got {table[name].dtype}.",
                f"Convert it: pd.to_numeric({argument}[{name!r}]).",
                argument=argument,
            )


def _index_type(index: pd.Index) -> str:
    """Describe the type of an index; two indexes of the same description fit on one axis."""
    if isinstance(index, pd.DatetimeIndex):
        return "dates without a time zone" if index.tz is None else "dates with a time zone"
    return "row numbers" if pd.api.types.is_numeric_dtype(index) else f"no time but {index.dtype}"
