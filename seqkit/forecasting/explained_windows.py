"""The windows that `explain` reads: the last rows of a table, or of each series, beside what is known ahead.

Shapes: T timesteps, F features, H horizon, F2 columns known ahead, F3 static columns.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from seqkit._checks import did_you_mean
from seqkit._errors import InvalidValue, SeqkitWarning, keywords, listed, warn
from seqkit.data.known_ahead import PAST, input_of
from seqkit.data.panel_windows import latest_windows
from seqkit.data.panels import Panel, is_panel
from seqkit.forecasting import panels, tables
from seqkit.forecasting.calendar_inputs import refuse_stamps_beyond, stamps_of, with_time
from seqkit.forecasting.futures import future_of_panel, future_of_table, with_future
from seqkit.forecasting.integrated_gradients import WHERE
from seqkit.forecasting.statics import refuse_static_frame, with_static_frame


class Latest(NamedTuple):
    """A window and the times around it."""

    series: Any  # None for a table
    inputs: dict[str, np.ndarray]  # past [T, F], future [H, F2], static [F3]
    past: pd.Index  # (T,) the times of its rows, without the first ones where nothing is known
    ahead: pd.Index  # (H,)


def by_name(x: Any) -> dict[str, np.ndarray]:
    """The inputs of a window by name."""
    return dict(x) if isinstance(x, Mapping) else {PAST: x}


def latest_of(model: Any, table: Any, future: Any, static: Any, series: Any) -> list[Latest]:
    """The latest window of a table, or of each series of a panel that is asked for and has one."""
    settings = model.settings
    if is_panel(table):
        return _of_panel(model, with_static_frame(settings, table, static), future, series)
    if series is not None:
        problem = keywords(series=series) + " is for a panel, and table has one series."
        raise InvalidValue(WHERE, problem, "Leave it out.", argument="series")
    rows = tables.model_table(settings, table, WHERE, with_past=True)
    refuse_static_frame(settings, static)
    known = future_of_table(settings, rows, future, settings.horizon)
    refuse_stamps_beyond(settings, rows.index, settings.horizon, WHERE)
    index = tables.time_index(rows)
    window = with_time(settings, with_future(tables.latest_window(settings, rows)[None], known), index[-1:])
    inputs = {name: array[0] for name, array in by_name(window).items()}
    ahead = pd.date_range(index[-1], periods=settings.horizon + 1, freq=index.freq, name=index.name)[1:]
    return [Latest(None, inputs, _known_times(index[-settings.timesteps :], inputs[PAST]), ahead)]


def _known_times(times: pd.Index, past: np.ndarray) -> pd.Index:
    """The times from the first row of a window with a known value on."""
    return times[int(np.argmax(~np.isnan(past).all(axis=1))) :]


def _of_panel(model: Any, table: pd.DataFrame, future: Any, series: Any) -> list[Latest]:
    settings = model.settings
    panel = panels.model_panel(settings, table, WHERE, with_past=True)
    panel = panel if series is None else _only(panel, series)
    known = future_of_panel(settings, panel, future, settings.horizon)
    refuse_stamps_beyond(settings, stamps_of(panel.frame), settings.horizon, WHERE)
    sizes = settings.timesteps, settings.target_positions, settings.needed_positions
    windows, positions = latest_windows(panel, *sizes, stamps=settings.reads_time)
    _refuse_short(panel, positions, settings.timesteps)
    shape = len(panel.names), settings.horizon, len(settings.targets)
    ahead = panels.future_panel(settings, panel, np.zeros(shape)).index.get_level_values(1)
    stamps = panel.frame.index.get_level_values(1)
    found = []
    for number, position in enumerate(positions):
        begin = windows.starts[number]
        rows = windows.values[begin : begin + settings.timesteps][None]
        inputs = by_name(input_of(settings.known, rows, None if known is None else known[position][None]))
        one = {name: array[0] for name, array in inputs.items()}
        times = ahead[position * settings.horizon : (position + 1) * settings.horizon]
        of_rows = _known_times(stamps[begin : begin + settings.timesteps], one[PAST])
        found.append(Latest(panel.names[position], one, of_rows, times))
    return found


def _only(panel: Panel, series: Any) -> Panel:
    """The panel with the named series alone, in the order of the panel."""
    names = list(series) if isinstance(series, (list, pd.Index, np.ndarray)) else [series]
    for name in names:
        if name not in panel.names:
            problem = f"series {name!r} is not in the table, which has {listed(panel.names)}."
            raise InvalidValue(WHERE, problem, did_you_mean(name, panel.names), argument="series")
    chosen = np.flatnonzero(panel.names.isin(names))
    frame = panel.frame[panel.frame.index.get_level_values(0).isin(names)]
    rows = panel.rows[chosen]
    return panel._replace(frame=frame, names=panel.names[chosen], first=np.cumsum(rows) - rows, rows=rows)


def _refuse_short(panel: Panel, positions: np.ndarray, timesteps: int) -> None:
    """Name the series that have no window, whose forecast is naive; refuse where none has one."""
    others = np.setdiff1d(np.arange(len(panel.names)), positions)
    if not len(others):
        return
    problem = "fewer rows than " + keywords(timesteps=timesteps) + ", or no known value in so many, in "
    problem += f"{len(others)} of {len(panel.names)} series: {listed(panel.names[others], most=5)}."
    way_out = "Their forecast is a naive one, which has no parts"
    if not len(positions):
        raise InvalidValue(WHERE, problem, f"{way_out}; pass more rows.", argument="table")
    warn(SeqkitWarning(WHERE, problem, f"{way_out}; they are left out."))
