"""Between tables and the forecaster's arrays: what goes in is checked by name, what comes out is named again."""

from __future__ import annotations

import warnings
from typing import Any, cast

import numpy as np
import pandas as pd

from seqkit import _checks
from seqkit.models._forecaster_settings import WHERE, ForecasterSettings
from seqkit.tables import require_regular
from seqkit.windows import Windows, cut_windows

DEFAULT_BATCH = 32
SMALLEST_RELATIVE_SPREAD = 1e-6  # float32 holds about seven digits


def keras_input(
    model: Any, x: Any, y: Any, where: str, *, batch_size: int | None = None, shuffle: bool = False
) -> tuple[Any, Any]:
    """Tables and windows become batches of windows, arrays are checked, anything else passes through."""
    settings: ForecasterSettings = model.settings
    if isinstance(x, (pd.DataFrame, pd.Series)):
        x = training_windows(settings, x, where)
    elif isinstance(x, Windows):
        _check_windows(settings, x, where)
    if isinstance(x, Windows):
        return x.dataset(batch_size or DEFAULT_BATCH, shuffle=shuffle), None
    if isinstance(x, (np.ndarray, list)):
        return check_arrays(settings, np.asarray(x), None if y is None else np.asarray(y), where)
    return x, y


def check_arrays(
    settings: ForecasterSettings, x: np.ndarray, y: np.ndarray | None, where: str
) -> tuple[np.ndarray, np.ndarray | None]:
    """Refuse arrays of another shape, text, missing values and what the transform cannot take."""
    wanted = (settings.timesteps, len(settings.columns))
    _require_shape(x, wanted, where, "x [samples, timesteps, features]")
    _refuse_bad_values(settings, x.reshape(-1, x.shape[-1]), where)
    if np.isnan(x).all(axis=1).any():
        sample, column = np.argwhere(np.isnan(x).all(axis=1))[0]
        raise ValueError(
            f"{where}: sample {sample} of x has no known value in column {settings.columns[column]!r} to fill from. "
            "Leave it out."
        )
    if y is None:
        return x, None
    if y.ndim == 2 and len(settings.targets) == 1:
        y = y[..., None]  # (B, H) of the only target
    _require_shape(y, (settings.horizon, len(settings.targets)), where, "y [samples, horizon, targets]")
    if len(x) != len(y):
        raise ValueError(f"{where}: x has {len(x)} samples and y {len(y)}. They must pair up one to one.")
    _refuse_bad_targets(settings, y.reshape(-1, y.shape[-1]), where)
    return x, y


def _refuse_bad_targets(settings: ForecasterSettings, rows: np.ndarray, where: str) -> None:
    if not np.isfinite(rows).all():
        raise ValueError(f"{where}: y has missing or infinite values. Leave those samples out.")
    is_log = np.array([settings.transform[position] == "log" for position in settings.target_positions])
    if (is_log & (rows <= 0)).any():
        raise ValueError(
            f"{where}: a log needs values above zero, got {rows[is_log & (rows <= 0)][0]} in y. Build with "
            'transform="asinh" or "none".'
        )


def _check_windows(settings: ForecasterSettings, windows: Windows, where: str) -> None:
    found = (windows.timesteps, windows.horizon, windows.values.shape[1], windows.targets)
    wanted = (settings.timesteps, settings.horizon, len(settings.columns), settings.target_positions)
    if found != wanted:
        said = "timesteps={}, horizon={}, features={}, target positions {}"
        raise ValueError(
            f"{where}: the windows have {said.format(*found)}; the model needs {said.format(*wanted)}. "
            "model.windows(table) cuts them to fit."
        )
    _refuse_bad_values(settings, windows.values, where)
    _refuse_empty_windows(settings, windows, where)


def _refuse_empty_windows(
    settings: ForecasterSettings, windows: Windows, where: str, index: pd.Index | None = None
) -> None:
    """A window without one known value in a column cannot be filled, and would turn every weight NaN."""
    first, last = int(windows.starts[0]), int(windows.starts[-1]) + windows.timesteps
    missing = np.isnan(windows.values[first:last])
    counts = np.cumsum(np.pad(missing, ((1, 0), (0, 0))), axis=0)
    empty = counts[windows.timesteps :] - counts[: -windows.timesteps] == windows.timesteps  # (windows, F)
    if empty.any():
        at = _first(settings, empty, None if index is None else index[first:])
        raise ValueError(
            f"{where}: {at} begins {windows.timesteps} rows without a known value, a whole window, so there is "
            "nothing to fill from. Pass the rows after that gap, or build with more timesteps."
        )


def _require_shape(array: np.ndarray, wanted: tuple[int, int], where: str, name: str) -> None:
    if array.dtype.kind not in "fiub":
        raise ValueError(f"{where}: {name} must hold numbers, got dtype {array.dtype}. Convert it to float32.")
    if array.ndim != 3 or array.shape[1:] != wanted:
        raise ValueError(
            f"{where}: {name} must have the shape (samples, {wanted[0]}, {wanted[1]}), got {array.shape}. "
            "seqkit.reshape and seqkit.make_windows make such arrays."
        )
    if not len(array):
        raise ValueError(f"{where}: {name} holds no samples, got shape {array.shape}.")


def model_rows(settings: ForecasterSettings, table: Any, where: str) -> np.ndarray:
    """Rows `[N, F]` of a table or an array, in the model's order of columns."""
    if isinstance(table, (pd.DataFrame, pd.Series)):
        return model_table(settings, table, where).to_numpy("float32")
    rows = np.asarray(table, "float32")
    if rows.ndim != 2 or rows.shape[1] != len(settings.columns):
        raise ValueError(f"{where}: rows must have the shape (rows, {len(settings.columns)}), got {rows.shape}.")
    return rows


def as_table(table: Any, where: str) -> pd.DataFrame:
    """A regular table; a Series counts as a table of one column."""
    if isinstance(table, pd.Series):
        table = table.to_frame()
    return require_regular(table, where)


def time_index(table: pd.DataFrame) -> pd.DatetimeIndex:
    """The index of a table that `require_regular` has passed."""
    return cast(pd.DatetimeIndex, table.index)


def warn_of_hard_columns(settings: ForecasterSettings, table: pd.DataFrame) -> None:
    """Say it where a column never changes, or changes by less than float32 can hold beside its level."""
    for name in settings.columns:
        values = table[name].to_numpy("float64")
        spread, level = float(np.nanstd(values)), float(np.nanmax(np.abs(values), initial=0.0))
        if spread == 0:
            warnings.warn(f"{WHERE}: column {name!r} is constant; its forecast is that constant.", stacklevel=3)
        elif spread < SMALLEST_RELATIVE_SPREAD * level:
            warnings.warn(
                f"{WHERE}: column {name!r} varies by {spread:.3g} around {level:.3g}, less than float32 resolves. "
                "Subtract its level before.",
                stacklevel=3,
            )


def model_table(settings: ForecasterSettings, table: pd.DataFrame | pd.Series, where: str) -> pd.DataFrame:
    """The table with the model's columns in the model's order, or a refusal that names what differs."""
    table = as_table(table, where)
    missing = [name for name in settings.columns if name not in table.columns]
    extra = [name for name in table.columns if name not in settings.columns]
    if missing or extra:
        said = [f"lacks {_checks.listed(missing)}"] * bool(missing) + [f"adds {_checks.listed(extra)}"] * bool(extra)
        raise ValueError(
            f"{where}: the model was built for the columns {_checks.listed(settings.columns)}; the table "
            f"{' and '.join(said)}. Pass table[{list(settings.columns)!r}]."
        )
    frequency = time_index(table).freqstr
    if settings.frequency and frequency != settings.frequency:
        raise ValueError(
            f"{where}: the model was built for the frequency {settings.frequency!r}, the table has "
            f"{frequency!r}. Resample it, or build a model like it."
        )
    table = table[list(settings.columns)]
    _refuse_bad_values(settings, table.to_numpy("float64"), where, table.index)
    return table


def _refuse_bad_values(
    settings: ForecasterSettings, rows: np.ndarray, where: str, index: pd.Index | None = None
) -> None:
    if np.isinf(rows).any():
        raise ValueError(f"{where}: infinite value in {_first(settings, np.isinf(rows), index)}. Remove it first.")
    if settings.fill is None and np.isnan(rows).any():
        raise ValueError(
            f"{where}: {int(np.isnan(rows).any(axis=1).sum())} rows have missing values, the first in "
            f'{_first(settings, np.isnan(rows), index)}. Build with fill="last" or fill="mean", or fill them '
            "before."
        )
    is_log = np.array([kind == "log" for kind in settings.transform])
    if (is_log & (rows <= 0)).any():
        raise ValueError(
            f"{where}: a log needs values above zero, got {_first(settings, is_log & (rows <= 0), index)}. "
            'Build with transform="asinh" or "none".'
        )


def _first(settings: ForecasterSettings, found: np.ndarray, index: pd.Index | None) -> str:
    row, column = np.argwhere(found)[0]
    at = f"row {row}" if index is None else f"row {index[row]}"
    return f"column {settings.columns[column]!r}, {at}"


def training_windows(settings: ForecasterSettings, table: Any, where: str) -> Windows:
    """Windows of T + H rows."""
    table = model_table(settings, table, where)
    windows = cut_windows(table, settings.timesteps, settings.horizon, settings.target_positions, where=where)
    _refuse_empty_windows(settings, windows, where, table.index)
    return windows


def past_windows(settings: ForecasterSettings, table: pd.DataFrame) -> Windows:
    """Windows of T rows and no targets, one for each row a forecast can start after."""
    _require_window(settings, table, "predict")
    starts = np.arange(len(table) - settings.timesteps + 1)
    windows = Windows(table.to_numpy("float32"), starts, settings.timesteps, 0, settings.target_positions)
    _refuse_empty_windows(settings, windows, "predict", table.index)
    return windows


def latest_window(settings: ForecasterSettings, table: pd.DataFrame) -> np.ndarray:
    """The last T rows `[T, F]`."""
    _require_window(settings, table, "forecast")
    latest = table.iloc[-settings.timesteps :]
    past = latest.to_numpy("float32")
    last = Windows(past, np.zeros(1, int), settings.timesteps, 0, settings.target_positions)
    _refuse_empty_windows(settings, last, "forecast", latest.index)
    return past


def _require_window(settings: ForecasterSettings, table: pd.DataFrame, where: str) -> None:
    if len(table) < settings.timesteps:
        raise ValueError(
            f"{where}: the model reads timesteps={settings.timesteps} rows, the table has {len(table)}. "
            "Pass more history, or build with fewer timesteps."
        )


def refuse_invented_columns(settings: ForecasterSettings, steps: int) -> None:
    """Forecasts can be fed back only where every column is forecast."""
    others = [name for name in settings.columns if name not in settings.targets]
    if steps > settings.horizon and others:
        raise ValueError(
            f"forecast: steps={steps} is beyond the horizon of {settings.horizon}, and the future of "
            f"{_checks.listed(others)} would have to be invented, because it is not a target. Build with "
            f"horizon={steps}, or make it a target."
        )


def feed_back(settings: ForecasterSettings, past: np.ndarray, block: np.ndarray) -> np.ndarray:
    """The window after H forecast rows, `[T, F]` again."""
    rows = np.zeros((len(block), past.shape[1]), "float32")
    rows[:, settings.target_positions] = block
    return np.concatenate([past, rows])[-len(past) :]


def future_table(settings: ForecasterSettings, table: pd.DataFrame, values: np.ndarray) -> pd.DataFrame:
    """Forecasts `[steps, C]` under the time stamps that follow the table's."""
    past = time_index(table)
    index = pd.date_range(past[-1], periods=len(values) + 1, freq=past.freq, name=past.name)[1:]
    future = pd.DataFrame(values.astype("float64"), index=index, columns=list(settings.targets))
    future.attrs = {key: value for key, value in table.attrs.items() if key == "time_format"}
    return future


def forecasts_by_origin(settings: ForecasterSettings, table: pd.DataFrame, blocks: np.ndarray) -> pd.DataFrame:
    """Forecasts `[B, H, C]` as a table indexed by origin and time."""
    past = time_index(table)
    origins = past[settings.timesteps - 1 :]
    times = pd.date_range(past[0], periods=len(past) + settings.horizon, freq=past.freq)
    first = np.arange(len(origins)) + settings.timesteps
    positions = first[:, None] + np.arange(settings.horizon)
    index = pd.MultiIndex.from_arrays(
        [origins.repeat(settings.horizon), times[positions.ravel()]], names=["origin", past.name or "time"]
    )
    values = blocks.reshape(-1, len(settings.targets)).astype("float64")
    return pd.DataFrame(values, index=index, columns=list(settings.targets))


def last_stamp(table: Any) -> str | None:
    """ISO stamp of a table's last row; None for anything else."""
    is_table = isinstance(table, (pd.DataFrame, pd.Series)) and isinstance(table.index, pd.DatetimeIndex)
    return table.index[-1].isoformat() if is_table and len(table) else None


def description(settings: ForecasterSettings) -> dict[str, Any]:
    """What the exported `describe` endpoint tells."""
    return {
        "columns": [str(name) for name in settings.columns],
        "targets": [str(name) for name in settings.targets],
        "timesteps": settings.timesteps,
        "horizon": settings.horizon,
        "frequency": settings.frequency or "",
    }
