"""Anyone's Keras model in a backtest: it reads `[B, T, F]` and forecasts `[B, H, C]`, both in the table's units."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import keras
import numpy as np
import pandas as pd

from seqkit import _checks
from seqkit._errors import InvalidValue, Message, first_line, keywords
from seqkit.data.steps import code_of
from seqkit.data.windows import cut_windows
from seqkit.forecasting.clones import Blueprint, blueprint_of, fitted_copy
from seqkit.forecasting.origins import WHERE, Judged, Refits
from seqkit.forecasting.tables import as_table, time_index
from seqkit.task.jobs import run_jobs

REMARK = "Nobody knows on which rows this Keras model was trained: where these are among them, its scores are too good."


class Sizes(NamedTuple):
    """What the model reads and forecasts."""

    timesteps: int
    horizon: int
    columns: tuple[Any, ...]
    targets: tuple[Any, ...]

    @property
    def window_shape(self) -> tuple[int, ...]:
        """(1, T, F)."""
        return 1, self.timesteps, len(self.columns)

    @property
    def forecast_shape(self) -> tuple[int, ...]:
        """(1, H, C)."""
        return 1, self.horizon, len(self.targets)

    @property
    def target_positions(self) -> list[int]:
        """The positions of the targets in `columns`."""
        return [self.columns.index(name) for name in self.targets]


def judged_keras_model(model: keras.Model, table: Any, asked: Mapping[str, Any], refits: Refits | None) -> Judged:
    """Take any Keras model that fits the table."""
    table = as_table(table, WHERE)
    sizes = _sizes(model, table, asked)
    _refuse_other_input(model, sizes)
    blueprint = None if refits is None else _blueprint(model, refits)

    def forecasts(pasts: Sequence[pd.DataFrame]) -> list[pd.DataFrame]:
        if refits is None:
            return [forecast(model, past, sizes) for past in pasts]
        return run_jobs(
            WHERE,
            refit_forecast,
            [(blueprint, past, sizes, refits.epochs, seed) for past, seed in zip(pasts, refits.seeds, strict=True)],
            names=[past.index[-1] for past in pasts],
            jobs=refits.jobs,
            unit="origin",
            verbose=refits.verbose,
        )

    least_rows = sizes.timesteps + (0 if refits is None else sizes.horizon)
    remark = REMARK if refits is None else ""
    frequency = code_of(time_index(table).freq)
    return Judged(table, sizes.targets, sizes.horizon, least_rows, frequency, None, forecasts, remark)


def refit_forecast(
    _: dict[str, Any], blueprint: Blueprint, past: pd.DataFrame, sizes: Sizes, epochs: int, seed: int
) -> pd.DataFrame:
    """Fit a fresh copy of the model on the windows of these rows, and return what it forecasts after them."""
    _refuse_unknown(past)
    windows = cut_windows(past, sizes.timesteps, sizes.horizon, sizes.target_positions, where=WHERE)
    return forecast(fitted_copy(blueprint, windows, epochs, seed), past, sizes)


def forecast(model: keras.Model, past: pd.DataFrame, sizes: Sizes) -> pd.DataFrame:
    """Return the forecast `[H, C]` of the last window, or refuse another shape and what is not finite."""
    rows = past.iloc[-sizes.timesteps :]
    _refuse_unknown(rows)
    window = rows.to_numpy("float32")[None]  # (1, T, F)
    try:
        output = model(window, training=False)
    except Message:
        raise
    except Exception as error:
        problem = f"the model does not take a window of shape {sizes.window_shape}: {first_line(error)}"
        raise InvalidValue(WHERE, problem, "It must read [B, timesteps, columns] of the table.", "model") from error
    values = _checked_output(output, sizes)
    if not np.isfinite(values).all():
        problem = f"the model's forecast after {past.index[-1]} is not finite: it holds NaN or infinite values."
        raise InvalidValue(WHERE, problem, "Its weights or its loss have gone astray; train it anew.", "model")
    return pd.DataFrame(values[0].astype("float64"), columns=list(sizes.targets))


def _checked_output(output: Any, sizes: Sizes) -> np.ndarray:
    if isinstance(output, (dict, list, tuple)):
        problem = f"the model must have one output, a forecast of shape {sizes.forecast_shape} for one window, got "
        raise InvalidValue(WHERE, problem + f"{_checks.type_name(output)} of {len(output)}.", argument="model")
    values = keras.ops.convert_to_numpy(output)
    if values.shape != sizes.forecast_shape:
        way_out = "Pass its own horizon= and targets=."
        if values.size == np.prod(sizes.forecast_shape):
            way_out = f"End the model with keras.layers.Reshape({sizes.forecast_shape[1:]})."
        problem = f"the model's forecast of one window must have the shape {sizes.forecast_shape}, [1, horizon, "
        raise InvalidValue(WHERE, problem + f"targets], got {values.shape}.", way_out, argument="model")
    return values


def _sizes(model: keras.Model, table: pd.DataFrame, asked: Mapping[str, Any]) -> Sizes:
    missing = [name for name in ("timesteps", "horizon") if asked[name] is None]
    if missing:
        way_out = "Pass " + keywords(timesteps=24, horizon=6) + ", as the model was built."
        problem = f"a Keras model does not say {' and '.join(missing)}."
        raise InvalidValue(WHERE, problem, way_out, argument=missing[0])
    columns = tuple(table.columns)
    targets = columns if asked["targets"] is None else asked["targets"]
    targets = tuple(_checks.require_columns(WHERE, "target", targets, columns))
    if not targets:
        raise InvalidValue(WHERE, "targets is empty.", f"Name one or more of {_checks.listed(columns)}.", "targets")
    timesteps, horizon = (_checks.whole_number(WHERE, name, asked[name]) for name in ("timesteps", "horizon"))
    return Sizes(timesteps, horizon, columns, targets)


def _refuse_other_input(model: keras.Model, sizes: Sizes) -> None:
    """Refuse a model that says that it reads windows of another shape."""
    shape = getattr(model, "input_shape", None)  # a subclassed model may not know
    if shape is None:
        return
    if not isinstance(shape, tuple) or not all(isinstance(size, (int, type(None))) for size in shape):
        raise InvalidValue(WHERE, f"the model must have one input, got {len(shape)}.", argument="model")
    wanted = sizes.window_shape
    fits = zip(shape[1:], wanted[1:], strict=False)
    if len(shape) != 3 or any(size not in (None, wanted_size) for size, wanted_size in fits):
        problem = f"the model reads {shape}, and " + keywords(timesteps=sizes.timesteps)
        problem += f" of the table's {len(sizes.columns)} columns make {wanted}."
        raise InvalidValue(WHERE, problem, "Pass its own timesteps=, and a table of its columns.", argument="timesteps")


def _blueprint(model: keras.Model, refits: Refits) -> Blueprint:
    """What the copies of the model are made from; refuse arguments that a fit does not take."""
    way_out = "Pass " + keywords(epochs=20) + "."
    if refits.budget is not None:
        problem = "budget is of train_forecaster, and a Keras model is fitted for a number of epochs."
        raise InvalidValue(WHERE, problem, way_out, argument="budget")
    if refits.epochs is None:
        problem = "refit=True fits a copy of a Keras model, and nothing says for how many epochs."
        raise InvalidValue(WHERE, problem, way_out, argument="epochs")
    _checks.whole_number(WHERE, "epochs", refits.epochs)
    return blueprint_of(model)


def _refuse_unknown(rows: pd.DataFrame) -> None:
    """Refuse a missing value: what a Keras model makes of NaN is NaN."""
    is_missing = rows.isna().to_numpy()
    if is_missing.any():
        row, column = np.argwhere(is_missing)[0]
        problem = f"{int(is_missing.any(axis=1).sum())} rows that the model reads have missing values, the first in "
        problem += f"column {rows.columns[column]!r}, row {rows.index[row]}."
        raise InvalidValue(WHERE, problem, "Fill them before, as with table.ffill().", argument="table")
