"""Unknown rows before the first ones, so that a window can begin before a series does.

Shapes: N rows of all series, S series, F columns.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from seqkit.data.panels import Panel


def with_unknown_rows(table: pd.DataFrame, rows: int) -> pd.DataFrame:
    """The table on its regular time index, after so many rows of NaN."""
    if rows <= 0 or not len(table):
        return table
    index = pd.DatetimeIndex(table.index)
    longer = pd.date_range(end=index[-1], periods=len(index) + rows, freq=index.freq, name=index.name)
    values = np.full((len(longer), table.shape[1]), np.nan)
    values[rows:] = table.to_numpy("float64")
    padded = pd.DataFrame(values, longer, table.columns)
    padded.attrs = dict(table.attrs)
    return padded


def with_unknown_rows_of_each(panel: Panel, rows: int) -> Panel:
    """The panel, each series after so many rows of NaN."""
    if rows <= 0:
        return panel
    index: Any = panel.frame.index
    stamps = pd.DatetimeIndex(index.levels[1])
    used = np.asarray(index.codes[1])
    grid = pd.date_range(stamps[used.min()], stamps[used.max()], freq=panel.offset)
    longer = pd.date_range(end=grid[-1], periods=len(grid) + rows, freq=panel.offset, name=stamps.name)
    first = panel.first + rows * np.arange(len(panel.first))
    lengths = panel.rows + rows
    of_series = np.repeat(np.arange(len(lengths)), lengths)
    within = np.arange(len(of_series)) - first[of_series]
    starts = grid.get_indexer(stamps[used[panel.first]])  # rows earlier on the longer grid
    values = np.full((len(of_series), panel.frame.shape[1]), np.nan)
    values[within >= rows] = panel.frame.to_numpy("float64")
    levels: Any = [panel.names, longer]
    codes: Any = [of_series, starts[of_series] + within]
    frame = pd.DataFrame(values, pd.MultiIndex(levels, codes, names=index.names), panel.frame.columns)
    frame.attrs = dict(panel.frame.attrs)
    return panel._replace(frame=frame, first=first, rows=lengths)
