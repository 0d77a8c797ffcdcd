"""The future of columns that are known ahead: the rows after a table, or after each series, refused by name and date.

Shapes: S series, H horizon, F2 columns that are known ahead.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from seqkit import _checks
from seqkit._errors import InvalidType, InvalidValue, keywords, listed
from seqkit.data.float32 import in_float32
from seqkit.data.frames import as_time_table
from seqkit.data.known_ahead import FUTURE, PAST
from seqkit.data.panels import Panel
from seqkit.data.regular import require_numbers
from seqkit.forecasting.categories import coded
from seqkit.forecasting.settings import ForecasterSettings

WHERE = "forecast"


def future_of_table(settings: ForecasterSettings, table: pd.DataFrame, future: Any, steps: int) -> np.ndarray | None:
    """The rows `[1, steps, F2]` of the future table that follow a checked table; None for a model that reads none."""
    if not _is_needed(settings, future):
        return None
    frame = _checked_columns(settings, as_time_table(WHERE, future))
    if isinstance(frame.index, pd.PeriodIndex):
        frame = frame.set_axis(frame.index.to_timestamp())
    if not isinstance(frame.index, pd.DatetimeIndex):
        problem = f"future needs a DatetimeIndex like the table, got {_checks.type_name(frame.index)}."
        raise InvalidType(WHERE, problem, "Give it the time stamps of the rows to forecast.", argument="future")
    last = pd.DatetimeIndex(table.index)
    wanted = pd.date_range(last[-1], periods=steps + 1, freq=last.freq)[1:]
    return _rows(settings, frame, wanted)[None]


def future_of_panel(settings: ForecasterSettings, panel: Panel, future: Any, steps: int) -> np.ndarray | None:
    """The rows `[S, steps, F2]` of the future panel that follow each series; None for a model that reads none."""
    if not _is_needed(settings, future):
        return None
    if not (isinstance(future, pd.DataFrame) and isinstance(future.index, pd.MultiIndex) and future.index.nlevels == 2):
        problem = f"future must be a panel too, indexed by (series, time), got {_checks.type_name(future)}."
        raise InvalidType(WHERE, problem, "Make it with seqkit.as_panel.", argument="future")
    frame = _checked_columns(settings, future)
    lacking = panel.names[~panel.names.isin(frame.index.get_level_values(0))]
    if len(lacking):
        problem = f"future lacks {len(lacking)} of {len(panel.names)} series: {listed(lacking, most=5)}."
        raise InvalidValue(WHERE, problem, "Add their rows, or forecast the other series.", argument="future")
    index: Any = panel.frame.index
    stamps = pd.DatetimeIndex(index.levels[1]).take(index.codes[1][panel.first + panel.rows - 1])
    ends = stamps.unique()
    ahead = [pd.date_range(end, periods=steps + 1, freq=panel.offset)[1:] for end in ends]
    order = steps * ends.get_indexer(stamps)[:, None] + np.arange(steps)  # (S, steps)
    times = ahead[0].append(ahead[1:]).take(order.ravel())
    wanted = pd.MultiIndex.from_arrays([panel.names.repeat(steps), times])
    return _rows(settings, frame, wanted).reshape(len(panel.names), steps, -1)


def known_futures(settings: ForecasterSettings, whole: pd.DataFrame) -> Callable[[pd.DataFrame], pd.DataFrame | None]:
    """The futures that a backtest knows: of the rows before an origin, the future columns after them, as they came.

    Missing values are filled from the rows before, where the model fills.
    """
    if not settings.future_columns:
        return lambda past: None
    columns = whole[list(settings.future_columns)]
    many = isinstance(whole.index, pd.MultiIndex)
    if settings.fill is not None:
        columns = columns.groupby(level=0, sort=False).ffill() if many else columns.ffill()
    return lambda past: columns if many else columns.iloc[len(past) : len(past) + settings.horizon]


def remark_on_futures(settings: ForecasterSettings) -> str:
    """What a verdict says of columns that are known ahead."""
    if not settings.future_columns:
        return ""
    names = listed(settings.future_columns)
    words = f"The forecast knew {names} ahead as they came true"
    return f"{words}; where these are forecasts too, its errors will be larger."


def with_future(past: np.ndarray, future: np.ndarray | None) -> Any:
    """The input of windows `[B, T, F]`: the past alone, or beside its future `[B, steps, F2]`."""
    return past if future is None else {PAST: past, FUTURE: future}


def in_whole_blocks(future: np.ndarray, horizon: int) -> np.ndarray:
    """A future `[B, steps, F2]` whose last row is repeated up to whole horizons; no step reads that of another."""
    missing = -future.shape[1] % horizon
    return np.concatenate([future, np.repeat(future[:, -1:], missing, axis=1)], axis=1)


def with_whole_future(inputs: Any, horizon: int) -> Any:
    """The input of windows whose future, if they have one, is a whole horizon long."""
    if not isinstance(inputs, dict) or FUTURE not in inputs:
        return inputs
    return {**inputs, FUTURE: in_whole_blocks(inputs[FUTURE], horizon)}


def _is_needed(settings: ForecasterSettings, future: Any) -> bool:
    """Whether the model reads a future table; refuse one that lacks, and one that nothing reads."""
    if settings.future_columns and future is None:
        problem = f"the model needs the future of {listed(settings.future_columns)}, its future columns."
        way_out = "Pass " + keywords(future=...) + ", a table of them for the rows to forecast."
        raise InvalidValue(WHERE, problem, way_out, argument="future")
    if future is not None and not settings.future_columns:
        problem = "the model was built without future columns, so it reads no future."
        way_out = "Leave future out, or name its columns by " + keywords(future_columns=...) + " when you build."
        raise InvalidValue(WHERE, problem, way_out, argument="future")
    return future is not None


def _checked_columns(settings: ForecasterSettings, future: Any) -> pd.DataFrame:
    """The future columns in the order of the model; refuse targets, other columns, and those that lack."""
    future = future.to_frame() if isinstance(future, pd.Series) else future
    if not isinstance(future, pd.DataFrame):
        problem = f"future must be a table, got {_checks.type_name(future)}."
        raise InvalidType(WHERE, problem, "Pass a DataFrame of the future columns.", argument="future")
    wanted = f"Pass {listed(settings.future_columns)} alone."
    for name in future.columns:
        if name in settings.targets:
            problem = f"future holds {name!r}, which is a target: what is to be forecast is not known."
            raise InvalidValue(WHERE, problem, wanted, argument="future")
        if name not in settings.future_columns:
            problem = f"future holds {name!r}, which is no future column of the model."
            raise InvalidValue(WHERE, problem, wanted, argument="future")
    lacking = [name for name in settings.future_columns if name not in future.columns]
    if lacking:
        problem = f"future lacks the column {listed(lacking)}."
        raise InvalidValue(WHERE, problem, f"The model reads {listed(settings.future_columns)}.", argument="future")
    where, words = f"{WHERE}: future", settings.categories or None
    return coded(settings, require_numbers(future[list(settings.future_columns)], where, words), where)


def _rows(settings: ForecasterSettings, frame: pd.DataFrame, wanted: pd.Index) -> np.ndarray:
    """The values `[rows, F2]` at the wanted index; refuse doubles, and a row or a value that is missing."""
    if not frame.index.is_unique:
        double = frame.index[frame.index.duplicated()][0]
        raise InvalidValue(WHERE, f"future has two rows of {_place(double)}.", "Keep one.", argument="future")
    _refuse_other_clock(frame.index, wanted)
    places = frame.index.get_indexer(wanted)
    if (places < 0).any():
        at = wanted[int(np.argmax(places < 0))]
        problem = f"future lacks the row of {_place(at)}; {int((places < 0).sum())} of {len(wanted)} rows are missing."
        if len(frame) and not isinstance(wanted, pd.MultiIndex) and frame.index.min() > wanted[0]:
            problem = f"future starts late, at {frame.index.min()}: the first row to forecast is {wanted[0]}."
        raise InvalidValue(WHERE, problem, "It needs a row for each step of the forecast.", argument="future")
    rows = frame.to_numpy("float64")[places]
    _refuse_values(settings, rows, wanted)
    return in_float32(rows)


def _refuse_other_clock(index: pd.Index, wanted: pd.Index) -> None:
    """Refuse stamps with a time zone beside a table without one, and the reverse."""
    zones = [getattr(stamps.get_level_values(-1), "tz", None) for stamps in (index, wanted)]
    if len(index) and (zones[0] is None) != (zones[1] is None):
        of_future, of_table = ("no time zone" if zone is None else f"the time zone {zone}" for zone in zones)
        problem = f"the stamps of future have {of_future}, and those of the table {of_table}."
        way_out = "Give both the same: tz_localize adds a zone to stamps without one, tz_localize(None) takes it off."
        raise InvalidValue(WHERE, problem, way_out, argument="future")


def _refuse_values(settings: ForecasterSettings, rows: np.ndarray, wanted: pd.Index) -> None:
    in_single = in_float32(rows)
    is_log = np.array([settings.transform[position] == "log" for position in settings.future_positions])
    not_positive = is_log & (in_single <= 0)
    for is_bad, problem, way_out in (
        (np.isnan(rows), "{name} has no value at {at} in future.", "Fill it in."),
        (np.isinf(in_single), "{name} is too large for float32 at {at} in future.", "Correct it."),
        (
            not_positive,
            "a log needs values above zero, got {value} for {name} at {at} in future.",
            'Build with transform="asinh" or "none".',
        ),
    ):
        if is_bad.any():
            row, column = np.argwhere(is_bad)[0]
            name, value = repr(settings.future_columns[column]), rows[row, column]
            problem = problem.format(name=name, at=_place(wanted[row]), value=value)
            raise InvalidValue(WHERE, problem, way_out, argument="future")


def _place(at: Any) -> str:
    """A time stamp, or that of a series."""
    return f"{at[1]} of series {at[0]!r}" if isinstance(at, tuple) else str(at)
