"""Static columns of a panel: one value a series, checked by the name of the series.

Shapes: N rows of all series, S series, F3 static columns.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from seqkit import _checks
from seqkit._errors import InvalidType, InvalidValue, keywords, listed
from seqkit.data.panels import Panel
from seqkit.data.regular import require_numbers
from seqkit.forecasting.categories import word_of
from seqkit.forecasting.choices import WHERE
from seqkit.forecasting.settings import ForecasterSettings


def checked_static_columns(columns: Any, targets: Any, future: Any, static: Any) -> list[Any]:
    """The names of the static columns of a panel; refuse those that it lacks, and those that are named otherwise too.

    Args:
        columns: of the panel.
        targets: as they were asked for.
        future: the future columns, as they were asked for.
        static: the static columns, as they were asked for.
    """
    if static is None:
        return []
    names = _checks.require_columns(WHERE, "static column", static, list(columns))
    for kind, others in (("target", targets), ("future column", future)):
        others = [] if others is None else [others] if isinstance(others, (str, int)) else list(others)
        both = [name for name in names if name in others]
        if both:
            problem = f"{both[0]!r} is a {kind} and a static column, which has one value a series."
            raise InvalidValue(WHERE, problem, "Name it once.", argument="static_columns")
    if len(names) == len(columns):
        raise InvalidValue(WHERE, "all columns are static, so there is nothing to forecast.", argument="static_columns")
    return names


def refuse_static_of_one(static: Any) -> None:
    """Refuse static columns of one series or of arrays."""
    problem = keywords(static_columns=static) + " tell the series of a panel apart, and this is none."
    raise InvalidValue(WHERE, problem, "Pass a panel as like=, or leave it out.", argument="static_columns")


def with_static_of_each(settings: ForecasterSettings, panel: Panel, where: str) -> Panel:
    """The panel with the one value of each series in all of its rows; refuse values that change, or are not known."""
    if not settings.static_columns:
        return panel
    names = list(settings.static_columns)
    values = panel.frame[names].to_numpy("float64")
    of_series = np.repeat(np.arange(len(panel.rows)), panel.rows)
    least = np.fmin.reduceat(values, panel.first, axis=0)  # (S, F3), of the known values
    most = np.fmax.reduceat(values, panel.first, axis=0)
    for is_bad, what in ((np.isnan(least), "has no known value"), (least < most, "changes in time")):
        if is_bad.any():
            series, column = np.argwhere(is_bad)[0]
            problem = f"the static column {names[column]!r} {what} in series {panel.names[series]!r}"
            if what == "changes in time":
                first, last = (word_of(settings, names[column], end[series, column]) for end in (least, most))
                problem += f", from {first} to {last}"
            way_out = "A static column has one value a series; read one that changes as a column of the past."
            raise InvalidValue(where, problem + ".", way_out, argument="static_columns")
    frame = panel.frame.copy(deep=False)
    for column, name in enumerate(names):
        frame[name] = least[of_series, column]
    frame.attrs = panel.frame.attrs
    return panel._replace(frame=frame)


def with_static_frame(settings: ForecasterSettings, frame: pd.DataFrame, static: Any) -> pd.DataFrame:
    """The panel beside the static columns of another table, a row for each series, that the panel lacks."""
    if static is None:
        return frame
    refuse_unread_static(settings)
    static = static.to_frame() if isinstance(static, pd.Series) else static
    if not isinstance(static, pd.DataFrame):
        problem = f"static must be a table with a row for each series, got {_checks.type_name(static)}."
        raise InvalidType("forecast", problem, argument="static")
    other = [name for name in static.columns if name not in settings.static_columns]
    if other:
        problem = f"static holds {other[0]!r}, which is no static column of the model."
        raise InvalidValue("forecast", problem, f"Pass {listed(settings.static_columns)} alone.", argument="static")
    both = [name for name in static.columns if name in frame.columns]
    if both:
        problem = f"static holds {listed(both)}, and the panel has {listed(both)} too."
        raise InvalidValue("forecast", problem, "Leave it out of one of them.", argument="static")
    if not static.index.is_unique:
        problem = f"static has two rows of series {static.index[static.index.duplicated()][0]!r}."
        raise InvalidValue("forecast", problem, "Keep one.", argument="static")
    series = frame.index.get_level_values(0)
    lacking = pd.Index(series.unique()).difference(static.index, sort=False)
    if len(lacking):
        problem = f"static lacks {len(lacking)} series: {listed(lacking, most=5)}."
        raise InvalidValue("forecast", problem, "Add a row for each.", argument="static")
    static = require_numbers(static, "forecast: static", settings.categories or None)
    joined = frame.copy(deep=False)
    for name in static.columns:
        joined[name] = static[name].reindex(series).set_axis(frame.index)
    joined.attrs = dict(frame.attrs)
    return joined


def refuse_static_frame(settings: ForecasterSettings, static: Any) -> None:
    """Refuse static values beside one series."""
    if static is not None:
        refuse_unread_static(settings)
        raise InvalidValue("forecast", "static is for a panel, and this is one series.", argument="static")


def refuse_unread_static(settings: ForecasterSettings) -> None:
    """Refuse static values for a model that reads none."""
    if not settings.static_columns:
        problem = "the model was built without static columns, so it reads no static."
        way_out = "Leave static out, or name its columns by " + keywords(static_columns=...) + " when you build."
        raise InvalidValue("forecast", problem, way_out, argument="static")
