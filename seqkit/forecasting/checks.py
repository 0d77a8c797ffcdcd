"""Checks of a forecaster's input: shapes, missing values, values that its transform does not take."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from seqkit import _checks
from seqkit._errors import InvalidValue, keywords
from seqkit._refusals import Refusal
from seqkit.data.float32 import in_float32, without_mask
from seqkit.data.known_ahead import FUTURE, PAST, STATIC, TIME
from seqkit.data.runs import Runs
from seqkit.data.windows import Windows, empty_windows
from seqkit.forecasting.calendar_inputs import checked_time
from seqkit.forecasting.settings import ForecasterSettings

LARGEST_IN_FLOAT32 = float(np.finfo("float32").max)

FILL = "Build with " + keywords(fill="last") + ", " + keywords(fill="mean") + " or " + keywords(fill="mask")
FILL += ", or fill them before."
CELL = "column {column}, row {row}"
INFINITE = Refusal("infinite value in {cell}.", "Remove it first.")
MISSING = Refusal("{rows} rows have missing values, the first in {cell}.", str(FILL))
NO_KNOWN_VALUE = Refusal(
    "sample {sample} of {array} has no known value in column {column} to fill from.", "Leave it out."
)
UNFINITE_FORECAST = Refusal(
    "the forecast is not finite: its values are larger than float32 holds.",
    "Divide the table by a power of ten before, or train the model longer.",
)
ONE_SERIES = Refusal(
    "the model was built for one series, and the table is a panel, of many.",
    "Build one for the panel, with build_forecaster(like=panel).",
)
MANY_SERIES = Refusal(
    "the model was built for many series, and the table has one, without a name.",
    'Name it, as with pd.concat({{"name": table}}, names=["series"]); a long table of many goes through as_panel.',
)
NOT_POSITIVE = Refusal("a log needs values above zero, got {cell}.", 'Build with transform="asinh" or "none".')


def check_inputs(settings: ForecasterSettings, x: Any, y: Any, where: str) -> tuple[Any, np.ndarray | None]:
    """Check arrays, x in a dict by the name of the input where the model has several; refuse those that lack."""
    y = None if y is None else np.asarray(without_mask(y))
    if settings.known is None and not isinstance(x, Mapping):
        return check_arrays(settings, np.asarray(without_mask(x)), y, where)
    named = {PAST: settings.columns, FUTURE: settings.future_columns, STATIC: settings.static_columns}
    named |= {TIME: ("days", "seconds") if settings.reads_time else ()}
    wanted = [name for name, columns in named.items() if columns]
    if not isinstance(x, Mapping) or set(x) != set(wanted):
        came = _checks.listed(x) if isinstance(x, Mapping) else "one array"
        problem = f"the model reads {_checks.listed(wanted)}, got {came}."
        raise InvalidValue(where, problem, "Pass x as a dict of arrays by these names.", argument="x")
    inputs = {name: np.asarray(without_mask(x[name])) for name in wanted}
    inputs[PAST], y = check_arrays(settings, inputs[PAST], y, where)
    if FUTURE in inputs:
        shape = (settings.horizon, len(settings.future_columns))
        _require_shape(inputs[FUTURE], shape, where, "x['future'] [samples, horizon, future columns]")
        _refuse_unknown_ahead(settings, inputs[FUTURE], len(inputs[PAST]), where)
    if STATIC in inputs:
        shape = (len(inputs[PAST]), len(settings.static_columns))
        if inputs[STATIC].shape != shape or not np.isfinite(in_float32(inputs[STATIC])).all():
            problem = f"x['static'] must hold finite numbers of shape {shape}, [samples, static columns]."
            raise InvalidValue(where, problem, argument="x")
    if TIME in inputs:
        inputs[TIME] = checked_time(settings, inputs[TIME], len(inputs[PAST]), where)
    return inputs, y


def _refuse_unknown_ahead(settings: ForecasterSettings, future: np.ndarray, samples: int, where: str) -> None:
    if len(future) != samples:
        problem = f"x['past'] has {samples} samples and x['future'] {len(future)}."
        raise InvalidValue(where, problem, "They must pair up one to one.", argument="x")
    is_bad = ~np.isfinite(in_float32(future))
    is_bad |= np.array([settings.transform[at] == "log" for at in settings.future_positions]) & (future <= 0)
    if is_bad.any():
        sample, step, column = np.argwhere(is_bad)[0]
        name = repr(settings.future_columns[column])
        problem = f"x['future'] has {future[sample, step, column]} in column {name}, sample {sample}, step {step}."
        raise InvalidValue(where, problem, "Fill in a finite value, above zero under a log.", argument="x")


def check_arrays(
    settings: ForecasterSettings, x: np.ndarray, y: np.ndarray | None, where: str
) -> tuple[np.ndarray, np.ndarray | None]:
    """Refuse another shape, text, missing values, and values that the transform does not take."""
    _require_shape(x, (settings.timesteps, len(settings.columns)), where, "x [samples, timesteps, features]")
    refuse_bad_values(settings, x.reshape(-1, x.shape[-1]), where)
    needed = settings.needed_positions
    is_empty = np.isnan(x).all(axis=1)[:, needed]  # (samples, columns)
    if is_empty.any():
        sample, column = np.argwhere(is_empty)[0]
        name = repr(settings.columns[needed[column]])
        raise NO_KNOWN_VALUE.error(where, argument="x", sample=sample, array="x", column=name)
    if y is None:
        return x, None
    if y.ndim == 2 and len(settings.targets) == 1:
        y = y[..., None]  # (B, H) of the only target
    _require_shape(y, (settings.horizon, len(settings.targets)), where, "y [samples, horizon, targets]")
    if len(x) != len(y):
        raise InvalidValue(where, f"x has {len(x)} samples and y {len(y)}.", "They must pair up one to one.", "y")
    _refuse_bad_targets(settings, y.reshape(-1, y.shape[-1]), where)
    return x, y


def _refuse_bad_targets(settings: ForecasterSettings, rows: np.ndarray, where: str) -> None:
    rows = in_float32(rows)
    if np.isinf(rows).any():
        raise InvalidValue(
            where, "y has infinite values, or some too large for float32.", "Leave those samples out.", "y"
        )
    is_log = np.array([settings.transform[position] == "log" for position in settings.target_positions])
    not_positive = rows[is_log & (rows <= 0)]
    if len(not_positive):
        problem = f"a log needs values above zero, got {not_positive[0]} in y."
        raise InvalidValue(where, problem, 'Build with transform="asinh" or "none".', "y")


def check_windows(settings: ForecasterSettings, windows: Windows, where: str) -> None:
    """Refuse windows that do not fit the model, and values that the model does not take."""
    sizes = (windows.timesteps, windows.horizon, windows.values.shape[1], windows.targets)
    model_sizes = (settings.timesteps, settings.horizon, settings.columns_of_windows, settings.target_positions)
    if isinstance(windows.starts, Runs) and settings.series is None:
        raise ONE_SERIES.error(where)
    if sizes != model_sizes:
        text = "timesteps={}, horizon={}, features={}, target positions {}"
        raise InvalidValue(
            where,
            f"the windows have {text.format(*sizes)}; the model needs {text.format(*model_sizes)}.",
            "Use model.windows(table), whose windows fit.",
        )
    if windows.known != settings.known:
        problem = f"the windows know {windows.known} beside the past, and the model reads {settings.known}."
        raise InvalidValue(where, problem, "Use model.windows(table), whose windows fit.")
    refuse_bad_values(settings, windows.values[:, : len(settings.columns)], where)
    refuse_empty_windows(settings, windows, where)


def refuse_empty_windows(
    settings: ForecasterSettings, windows: Windows, where: str, index: pd.Index | None = None
) -> None:
    """Refuse a window where a column has no known value: its NaN cannot be filled and would reach the weights."""
    if isinstance(windows.starts, Runs):  # those of a panel are cut without such windows
        return
    first, last = int(windows.starts[0]), int(windows.starts[-1]) + windows.timesteps
    rows = windows.values[first:last]
    if not np.isnan(rows).any():
        return
    is_empty = empty_windows(rows, windows.timesteps)  # (windows, F)
    is_empty &= np.isin(np.arange(rows.shape[1]), settings.needed_positions)
    is_empty[np.setdiff1d(np.arange(len(is_empty)), windows.starts - first)] = False
    if is_empty.any():
        cell = _first_cell(settings, is_empty, None if index is None else index[first:])
        raise InvalidValue(
            where,
            f"{cell} begins {windows.timesteps} rows without a known value, a whole window, so there is no "
            "value to fill from.",
            "Pass the rows after that gap, or build with more timesteps.",
        )


def _require_shape(array: np.ndarray, shape: tuple[int, int], where: str, name: str) -> None:
    argument = name[0]  # "x" or "y"
    if array.dtype.kind not in "fiub":
        raise InvalidValue(
            where, f"{name} must hold numbers, got dtype {array.dtype}.", "Convert it to float32.", argument
        )
    if array.ndim != 3 or array.shape[1:] != shape:
        raise InvalidValue(
            where,
            f"{name} must have the shape (samples, {shape[0]}, {shape[1]}), got {array.shape}.",
            "seqkit.reshape and seqkit.make_windows make such arrays.",
            argument,
        )
    if not len(array):
        raise InvalidValue(where, f"{name} holds no samples, got shape {array.shape}.", argument=argument)


def refuse_bad_values(
    settings: ForecasterSettings, rows: np.ndarray, where: str, index: pd.Index | None = None
) -> None:
    """Refuse infinite values, NaN without `fill`, and values that are not above zero under a log."""
    if np.isinf(rows).any():
        raise INFINITE.error(where, cell=_first_cell(settings, np.isinf(rows), index))
    rows_in_float32 = in_float32(rows)
    is_too_large = np.isinf(rows_in_float32)
    if is_too_large.any():
        problem = (
            f"{_first_cell(settings, is_too_large, index)} is larger than float32 holds, {LARGEST_IN_FLOAT32:.2g}."
        )
        raise InvalidValue(where, problem, "Divide the column by a power of ten before.")
    if settings.fill is None and np.isnan(rows).any():
        count, cell = int(np.isnan(rows).any(axis=1).sum()), _first_cell(settings, np.isnan(rows), index)
        raise InvalidValue(where, MISSING.problem.format(rows=count, cell=cell), FILL, argument="fill")
    is_log = np.array([name == "log" for name in settings.transform])
    is_not_positive = is_log & (rows_in_float32 <= 0)
    if is_not_positive.any():
        raise NOT_POSITIVE.error(where, argument="transform", cell=_first_cell(settings, is_not_positive, index))


def _first_cell(settings: ForecasterSettings, is_bad: np.ndarray, index: pd.Index | None) -> str:
    """Name the column and the row of the first True."""
    row, column = np.argwhere(is_bad)[0]
    place = row if index is None else index[row]
    if isinstance(index, pd.MultiIndex):
        series, place = index[[row]].tolist()[0]
        place = f"{place} of series {series!r}"
    return CELL.format(column=repr(settings.columns[column]), row=place)


def finite_forecast(where: str, forecast: np.ndarray) -> np.ndarray:
    """The forecast; refuse one beyond what float32 holds. The weights behind it are finite."""
    if not np.isfinite(forecast).all():
        raise UNFINITE_FORECAST.error(where)
    return forecast


def refuse_beside_table(where: str, y: Any, sample_weight: Any) -> None:
    """Refuse `y` and `sample_weight` with a table, whose rows are the targets."""
    for name, value in (("y", y), ("sample_weight", sample_weight)):
        if value is not None:
            problem = f"{name} is for arrays."
            raise InvalidValue(where, problem, f"Pass x and y as arrays, or leave {name} out.", name)
