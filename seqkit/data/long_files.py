"""Long files of many series to a panel: the series of each row, its time and its numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from pandas.tseries.offsets import BaseOffset

from seqkit._checks import require_columns
from seqkit._errors import InvalidValue
from seqkit.data.category_cells import refuse_unknown_categories, values_of_cells
from seqkit.data.cells import Cells
from seqkit.data.clocks import localised
from seqkit.data.columns import value_columns
from seqkit.data.grid import counted_grid
from seqkit.data.many_series import kept_rows
from seqkit.data.panel_parts import key_of
from seqkit.data.panels import panel_of
from seqkit.data.snapping import snapped
from seqkit.data.stamps import Stamps, read_stamps
from seqkit.data.steps import step_of
from seqkit.data.time_columns import time_columns
from seqkit.data.time_formats import format_on_grid


class Reading(NamedTuple):
    """How a file is read: the arguments of `read_csv` that concern its rows."""

    chosen: list[str]  # the columns that the user named
    used: list[str]  # those to read beside them
    time: str | Sequence[str] | None
    time_format: str | None
    freq: str | BaseOffset | None
    start: str | pd.Timestamp
    timezone: str | None
    duplicates: str
    decimal: str | None
    missing: float | str | Sequence[float] | None
    categories: list[str]  # the columns that hold words


def read_panel(cells: Cells, series: list[str], how: Reading) -> pd.DataFrame:
    """The panel of a long file; the name of a series is the text of its cells.

    Columns are judged in the longest series, which looks like a file of one series; stamps are parsed once each.

    Args:
        cells: the file.
        series: the columns that name the series of each row.
        how: the other arguments.
    """
    where, lines = cells.where, cells.lines
    _refuse_columns(cells, series, how)
    names = pd.DataFrame({name: cells.raw[name].astype("str").str.strip() for name in series})
    key = key_of(where, names, series, lines)
    codes = pd.factorize(key)[0]
    longest = codes == np.bincount(codes).argmax()
    others = [name for name in cells.texts.columns if name not in series]
    one = kept_rows(cells, longest, others)
    time_names: list[str] = []
    if how.time is None:
        read = Stamps(_counted(where, codes, how), None)
    else:
        time_names = time_columns(one, how.time, how.time_format, [*how.chosen, *how.used])
        read = _stamps_of_rows(cells, time_names, how.time_format)
    refuse_unknown_categories(cells, how, time_names)
    judged = None if how.time is None else read.stamps[longest]
    columns = value_columns(one, how.chosen, how.used, time_names, judged, whole=cells)
    stamps, time_format = read
    if how.timezone is not None:
        stamps, time_format = localised(where, stamps, how.timezone, codes), None
    values = values_of_cells(cells, columns, how, codes)
    del cells, one  # the text of the file, which may be large
    moved = stamps if how.freq is not None else _on_the_grid_nearby(where, stamps)
    moved = moved.rename(time_names[0] if len(time_names) == 1 else "time")
    panel = panel_of(where, key, moved, values, how.freq, lines=lines, duplicates=how.duplicates)
    if time_format is not None:
        grid: Any = panel.index.levels[1]  # type: ignore[attr-defined]
        panel.attrs["time_format"] = format_on_grid(stamps, grid, time_format)
    return panel


def _refuse_columns(cells: Cells, series: list[str], how: Reading) -> None:
    """Refuse columns that the file lacks, and one that names the series and is something else too."""
    require_columns(cells.where, "series", series, cells.texts.columns)
    times = [] if how.time is None or how.time == "auto" else how.time
    for argument, names in (
        ("categories", how.categories),
        ("columns", how.chosen),
        ("use", how.used),
        ("time", times),
    ):
        both = [name for name in series if name in ([names] if isinstance(names, str) else names)]
        if both:
            problem = f"{both[0]!r} is named as series and in {argument}."
            raise InvalidValue(cells.where, problem, "Name it in one of them.", argument)


def _stamps_of_rows(cells: Cells, names: list[str], time_format: str | None) -> Stamps:
    """The time of each row, read from the first row of each stamp."""
    codes = cells.texts.table(names).groupby(names, sort=False, dropna=False).ngroup().to_numpy()
    is_first = np.zeros(len(codes), bool)
    is_first[np.unique(codes, return_index=True)[1]] = True
    read = read_stamps(kept_rows(cells, is_first, cells.texts.columns), names, time_format)
    return read._replace(stamps=read.stamps.take(codes))


def _on_the_grid_nearby(where: str, stamps: pd.DatetimeIndex) -> pd.DatetimeIndex:
    """The stamps, or where those of all series together have no step but are nearly on a grid, that grid's."""
    distinct = stamps.unique().sort_values()
    if len(distinct) < 2 or step_of(distinct)[0] is not None:
        return stamps
    return snapped(where, distinct).take(distinct.get_indexer(stamps))


def _counted(where: str, codes: np.ndarray, how: Reading) -> pd.DatetimeIndex:
    """The time of each row where the rows of each series are counted from the start."""
    places = pd.Series(codes).groupby(codes).cumcount().to_numpy()
    return counted_grid(where, int(places.max()) + 1, how.freq, how.start).take(places)
