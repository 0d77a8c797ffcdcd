"""What a forecaster refuses, and how it says so: other shapes, missing values, values its transform cannot take."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from keras import ops

from seqkit import _checks
from seqkit._errors import InvalidValue, SeqkitWarning, keywords
from seqkit.data.windows import Windows
from seqkit.forecasting.settings import WHERE, ForecasterSettings

SMALLEST_RELATIVE_SPREAD = 1e-6  # float32 holds about seven digits


def check_arrays(
    settings: ForecasterSettings, x: np.ndarray, y: np.ndarray | None, where: str
) -> tuple[np.ndarray, np.ndarray | None]:
    """Refuse arrays of another shape, text, missing values and what the transform cannot take."""
    wanted = (settings.timesteps, len(settings.columns))
    _require_shape(x, wanted, where, "x [samples, timesteps, features]")
    refuse_bad_values(settings, x.reshape(-1, x.shape[-1]), where)
    if np.isnan(x).all(axis=1).any():
        sample, column = np.argwhere(np.isnan(x).all(axis=1))[0]
        raise InvalidValue(
            where,
            f"sample {sample} of x has no known value in column {settings.columns[column]!r} to fill from.",
            "Leave it out.",
        )
    if y is None:
        return x, None
    if y.ndim == 2 and len(settings.targets) == 1:
        y = y[..., None]  # (B, H) of the only target
    _require_shape(y, (settings.horizon, len(settings.targets)), where, "y [samples, horizon, targets]")
    if len(x) != len(y):
        raise InvalidValue(where, f"x has {len(x)} samples and y {len(y)}.", "They must pair up one to one.")
    _refuse_bad_targets(settings, y.reshape(-1, y.shape[-1]), where)
    return x, y


def _refuse_bad_targets(settings: ForecasterSettings, rows: np.ndarray, where: str) -> None:
    if not np.isfinite(rows).all():
        raise InvalidValue(where, "y has missing or infinite values.", "Leave those samples out.")
    is_log = np.array([settings.transform[position] == "log" for position in settings.target_positions])
    if (is_log & (rows <= 0)).any():
        raise InvalidValue(
            where,
            f"a log needs values above zero, got {rows[is_log & (rows <= 0)][0]} in y.",
            'Build with transform="asinh" or "none".',
        )


def check_windows(settings: ForecasterSettings, windows: Windows, where: str) -> None:
    """Refuse windows of another cut than the model's, and what they must not hold."""
    found = (windows.timesteps, windows.horizon, windows.values.shape[1], windows.targets)
    wanted = (settings.timesteps, settings.horizon, len(settings.columns), settings.target_positions)
    if found != wanted:
        said = "timesteps={}, horizon={}, features={}, target positions {}"
        raise InvalidValue(
            where,
            f"the windows have {said.format(*found)}; the model needs {said.format(*wanted)}.",
            "model.windows(table) cuts them to fit.",
        )
    refuse_bad_values(settings, windows.values, where)
    refuse_empty_windows(settings, windows, where)


def refuse_empty_windows(
    settings: ForecasterSettings, windows: Windows, where: str, index: pd.Index | None = None
) -> None:
    """A window without one known value in a column cannot be filled, and would turn every weight NaN."""
    first, last = int(windows.starts[0]), int(windows.starts[-1]) + windows.timesteps
    missing = np.isnan(windows.values[first:last])
    counts = np.cumsum(np.pad(missing, ((1, 0), (0, 0))), axis=0)
    empty = counts[windows.timesteps :] - counts[: -windows.timesteps] == windows.timesteps  # (windows, F)
    if empty.any():
        at = _first(settings, empty, None if index is None else index[first:])
        raise InvalidValue(
            where,
            f"{at} begins {windows.timesteps} rows without a known value, a whole window, so there is nothing to "
            "fill from.",
            "Pass the rows after that gap, or build with more timesteps.",
        )


def _require_shape(array: np.ndarray, wanted: tuple[int, int], where: str, name: str) -> None:
    if array.dtype.kind not in "fiub":
        raise InvalidValue(
            where, f"{name} must hold numbers, got dtype {array.dtype}.", "Convert it to float32.", name[0]
        )
    if array.ndim != 3 or array.shape[1:] != wanted:
        raise InvalidValue(
            where,
            f"{name} must have the shape (samples, {wanted[0]}, {wanted[1]}), got {array.shape}.",
            "seqkit.reshape and seqkit.make_windows make such arrays.",
            argument=name[0],
        )
    if not len(array):
        raise InvalidValue(where, f"{name} holds no samples, got shape {array.shape}.", argument=name[0])


def warn_of_hard_columns(settings: ForecasterSettings, table: pd.DataFrame) -> None:
    """Say it where a column never changes, or changes by less than float32 can hold beside its level."""
    for name in settings.columns:
        values = table[name].to_numpy("float64")
        spread, level = float(np.nanstd(values)), float(np.nanmax(np.abs(values), initial=0.0))
        if spread == 0:
            warnings.warn(
                SeqkitWarning(WHERE, f"column {name!r} is constant; its forecast is that constant."), stacklevel=3
            )
        elif spread < SMALLEST_RELATIVE_SPREAD * level:
            warnings.warn(
                SeqkitWarning(
                    WHERE,
                    f"column {name!r} varies by {spread:.3g} around {level:.3g}, less than float32 resolves.",
                    "Subtract its level before.",
                ),
                stacklevel=3,
            )


def refuse_bad_values(
    settings: ForecasterSettings, rows: np.ndarray, where: str, index: pd.Index | None = None
) -> None:
    """Refuse infinities, NaN without `fill`, and values that a log cannot take."""
    if np.isinf(rows).any():
        raise InvalidValue(where, f"infinite value in {_first(settings, np.isinf(rows), index)}.", "Remove it first.")
    if settings.fill is None and np.isnan(rows).any():
        raise InvalidValue(
            where,
            f"{int(np.isnan(rows).any(axis=1).sum())} rows have missing values, the first in "
            f"{_first(settings, np.isnan(rows), index)}.",
            "Build with " + keywords(fill="last") + " or " + keywords(fill="mean") + ", or fill them before.",
            argument="fill",
        )
    is_log = np.array([kind == "log" for kind in settings.transform])
    if (is_log & (rows <= 0)).any():
        raise InvalidValue(
            where,
            f"a log needs values above zero, got {_first(settings, is_log & (rows <= 0), index)}.",
            'Build with transform="asinh" or "none".',
        )


def _first(settings: ForecasterSettings, found: np.ndarray, index: pd.Index | None) -> str:
    row, column = np.argwhere(found)[0]
    at = f"row {row}" if index is None else f"row {index[row]}"
    return f"column {settings.columns[column]!r}, {at}"


def require_window(settings: ForecasterSettings, table: pd.DataFrame, where: str) -> None:
    """Refuse a table of fewer rows than the model reads."""
    if len(table) < settings.timesteps:
        raise InvalidValue(
            where,
            "the model reads " + keywords(timesteps=settings.timesteps) + f" rows, the table has {len(table)}.",
            "Pass more history, or build with fewer timesteps.",
        )


def refuse_invented_columns(settings: ForecasterSettings, steps: int) -> None:
    """Forecasts can be fed back only where every column is forecast."""
    others = [name for name in settings.columns if name not in settings.targets]
    if steps > settings.horizon and others:
        raise InvalidValue(
            "forecast",
            f"steps={steps} is beyond the horizon of {settings.horizon}, and the future of "
            f"{_checks.listed(others)} would have to be invented, because it is not a target.",
            "Build with " + keywords(horizon=steps) + ", or make it a target.",
            argument="steps",
        )


def refuse_beside_table(where: str, y: Any, sample_weight: Any) -> None:
    """Refuse what goes with arrays alone: a table's own rows are its targets."""
    for name, value in (("y", y), ("sample_weight", sample_weight)):
        if value is not None:
            raise InvalidValue(
                where, f"{name} is for arrays.", "Pass x and y as arrays, or leave it out.", argument=name
            )


def serving_conditions(settings: ForecasterSettings) -> dict[str, Callable[[Any], Any]]:
    """What an exported model asks of its window `[B, T, F]`, by the message that refuses it."""
    conditions: dict[str, Callable[[Any], Any]] = {}
    if settings.fill is None:
        conditions["past has missing or infinite values, and the model was built without fill="] = _all_finite
    for position, (name, kind) in enumerate(zip(settings.columns, settings.transform, strict=True)):
        if kind == "log":
            message = f"past holds a value of {name!r} that is not above zero, and the model takes its log"
            conditions[message] = partial(_all_above_zero, position=position)
    return conditions


def _all_finite(window: Any) -> Any:
    return ops.all(ops.isfinite(window))


def _all_above_zero(window: Any, position: int) -> Any:
    return ops.logical_not(ops.any(window[:, :, position] <= 0))
