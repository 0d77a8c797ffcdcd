"""What the settings of a forecaster take from its training rows, of one series or of many.

Shapes: N rows, F columns, S series.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from seqkit.data.panels import Panel, is_panel, require_panel
from seqkit.data.steps import code_of
from seqkit.data.zeros import never_below_zero
from seqkit.forecasting import defaults
from seqkit.forecasting.seasons import Seasons, calendar_seasons, shown_seasons

WEEK = 7  # periods of a day
MOST_SERIES_LOOKED_AT = 200  # for seasons, at even distances
SHARE_THAT_SHOWS, SHARE_THAT_SHOWS_LONG = 0.5, 0.25  # of the series that could show a season
SHARES_OF_SHORT_SERIES = (0.1, 0.25, 0.5, 0.75)  # that may be too short for the network; the first that will do


class TableFacts:
    """The facts of one series.

    Attributes:
        columns: the names of the columns.
        rows: the rows from which timesteps and horizon are chosen.
        longest: the rows of the longest series.
        frequency: the step, as a code.
        time: the name of the index of time, or None.
        series: the name of the index of series; None for one series.
    """

    series: str | None = None

    def __init__(self, table: pd.DataFrame) -> None:
        """Take a checked table."""
        self._table = table
        self.columns = tuple(table.columns)
        self.rows = self.longest = len(table)
        self.frequency = code_of(pd.DatetimeIndex(table.index).freq)
        self.time = None if table.index.name is None else str(table.index.name)

    def unknown_columns(self) -> list[Any]:
        """The columns without any known value."""
        return [name for name in self.columns if len(self._table) and self._table[name].isna().all()]

    def shown_seasons(self, targets: Sequence[Any], calendar: Seasons, horizon: int) -> Seasons:
        """Those of the calendar's seasons that the targets show."""
        return shown_seasons(self._table[list(targets)].to_numpy("float64"), calendar, horizon)

    def series_values(self, columns: Sequence[Any]) -> list[np.ndarray]:
        """The values `[N, columns]` of the series; of many series those of some, at even distances."""
        return [self._table[list(columns)].to_numpy("float64")]

    def default_timesteps(self, horizon: int, period: int, shown: Seasons) -> int:
        """As many whole periods as leave two horizons of training windows."""
        return defaults.default_timesteps(self.rows, horizon, period, shown)

    def default_transform(self) -> tuple[str, ...]:
        """A log, or asinh, for each column whose values vary with their level."""
        return defaults.default_transform(self._table.to_numpy("float64"))

    def never_below_zero(self, targets: Sequence[Any], transform: Sequence[str]) -> tuple[bool, ...]:
        """Whether the values of each target, with its transform, are zero at times or transformed, and never below."""
        return never_below_zero(self._table[list(targets)].to_numpy("float64"), transform)

    def least_spread(self, transforms: Sequence[str]) -> tuple[float, ...]:
        """The smallest spread of a window that is not constant, for each column."""
        return defaults.least_spread(self._table.to_numpy("float64"), transforms)


class PanelFacts(TableFacts):
    """The facts of many series, with the same attributes."""

    def __init__(self, panel: Panel) -> None:
        """Take a checked panel."""
        self._table, self._panel = panel.frame, panel
        self.columns = tuple(panel.frame.columns)
        self.rows = _in_the_middle(panel.rows)
        self.longest = int(panel.rows.max())
        self.frequency = code_of(panel.offset)
        series, time = panel.frame.index.names
        self.series, self.time = str(series or "series"), None if time is None else str(time)

    def shown_seasons(self, targets: Sequence[Any], calendar: Seasons, horizon: int) -> Seasons:
        """Those of the calendar's seasons that enough of the series show which are long enough to show them.

        Half of them for the short season; a quarter for the long one, which others leave out of their own windows.
        """
        values = self._table[list(targets)].to_numpy("float64")
        shown = [shown_seasons(values[rows], calendar, horizon) for rows in self._looked_at()]
        lengths = np.array([rows.stop - rows.start for rows in self._looked_at()])
        short, long = zip(*shown, strict=True)
        return Seasons(_shown_by(short, lengths, SHARE_THAT_SHOWS), _shown_by(long, lengths, SHARE_THAT_SHOWS_LONG))

    def series_values(self, columns: Sequence[Any]) -> list[np.ndarray]:
        """The values `[N, columns]` of some series, at even distances."""
        values = self._table[list(columns)].to_numpy("float64")
        return [values[rows] for rows in self._looked_at()]

    def default_timesteps(self, horizon: int, period: int, shown: Seasons) -> int:
        """As many whole periods as leave two windows of nearly every series, 8 periods or 4 long seasons at most.

        Of hours and smaller steps, two weeks may be read, also where most series show no week.
        """
        whole = max(period, 1)
        lengths = np.quantile(self._panel.rows, SHARES_OF_SHORT_SERIES, method="lower").astype(int)
        sizes = [*(lengths - 2 * horizon + 1).tolist(), self.longest - horizon]
        longest = max(1, next((size for size in sizes if size >= whole), sizes[-1]))
        seasons = defaults.MOST_SEASONS_IN_WINDOW * whole if whole > 1 else defaults.TIMESTEPS_WITHOUT_SEASON
        cycle = calendar_seasons(self.frequency).long
        if cycle <= WEEK * whole:
            seasons = max(seasons, 2 * cycle)
        if shown.long > 1:
            seasons = defaults.MOST_LONG_SEASONS_IN_WINDOW * shown.long
        timesteps = min(max(seasons, horizon), longest)
        multiple = shown.long if shown.long > 1 and timesteps >= shown.long else whole
        return timesteps - timesteps % multiple if timesteps >= multiple else timesteps

    def least_spread(self, transforms: Sequence[str]) -> tuple[float, ...]:
        """That of the median series under a log; 0 for other columns, whose series may differ in size."""
        values = self._table.to_numpy("float64")
        spreads = [defaults.least_spread(values[rows], transforms) for rows in self._looked_at()]
        medians = np.median(spreads, axis=0)
        return tuple(float(median) if kind == "log" else 0.0 for kind, median in zip(transforms, medians, strict=True))

    def _looked_at(self) -> list[slice]:
        """The rows of some series, at even distances."""
        count = min(MOST_SERIES_LOOKED_AT, len(self._panel.rows))
        positions = np.linspace(0, len(self._panel.rows) - 1, count).round().astype(int)
        first, rows = self._panel.first, self._panel.rows
        return [slice(int(first[at]), int(first[at] + rows[at])) for at in positions]


def lengths_of(table: pd.DataFrame) -> tuple[int, int]:
    """Return the number of series, and the rows of the series in the middle; of a table 1 and its rows."""
    if not is_panel(table):
        return 1, len(table)
    rows = require_panel(table, "train_forecaster", ()).rows
    return len(rows), _in_the_middle(rows)


def _in_the_middle(rows: np.ndarray) -> int:
    return int(np.quantile(rows, 0.5, method="lower"))


def _shown_by(shown: Sequence[int], lengths: np.ndarray, share: float) -> int:
    """The season that such a share of the series or more show, among those with two seasons or more; else 1."""
    season = max(shown)
    can_show = lengths >= 2 * season
    return season if season > 1 and (np.array(shown) == season).sum() >= share * can_show.sum() else 1
