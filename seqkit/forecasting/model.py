"""The forecaster: a Keras model that reads tables, scales inside, and knows its own units."""

from __future__ import annotations

import os
from typing import Any

import keras
import numpy as np
import pandas as pd

from seqkit import _checks
from seqkit.data.windows import Windows
from seqkit.export import export_saved_model
from seqkit.forecasting import tables
from seqkit.forecasting.checks import (
    refuse_array_options,
    refuse_invented_columns,
    serving_conditions,
    widen_sample_weight,
)
from seqkit.forecasting.network import Scaler, forecaster_network
from seqkit.forecasting.settings import ForecasterSettings
from seqkit.layers.scaling import StandardScaling
from seqkit.task.model import RebuiltModel


@keras.saving.register_keras_serializable("seqkit")
class Forecaster(RebuiltModel):
    """A compiled `keras.Model` from `[B, T, F]` to `[B, H, C]`, raw units on both sides.

    Made by `build_forecaster`. Filling, transform, scaling, baseline, recurrent stack and the way back to raw
    units are layers inside. The loss compares scaled values, so that every window counts alike; metrics
    compare raw ones. `fit`, `evaluate` and `predict` take tables (DataFrames with a regular time index), lazy
    windows, or whatever Keras takes.

    Shapes: B samples, T timesteps, F features, H horizon, C targets.

    Attributes:
        settings: what it is made of, checked and complete.
        asked: the builder's arguments as they were given, from which a refit decides the rest anew.
        trained_until: ISO time stamp of the last row that `like=`, `adapt` or any `fit` on a table has seen,
            `"unknown"` after a fit on arrays or datasets, None before anything was seen.
        chosen_epochs: how long `train_forecaster` trained it, else None.
        validation_history: the validation curve that chose it; None without one, and after loading.
    """

    def __init__(
        self,
        settings: ForecasterSettings | dict[str, Any],
        *,
        asked: dict[str, Any] | None = None,
        trained_until: str | None = None,
        chosen_epochs: int | None = None,
        **kwargs: Any,
    ) -> None:
        """Connect the layers."""
        if isinstance(settings, dict):
            settings = ForecasterSettings.from_config(settings)
        scaler = Scaler(settings)
        past, forecast = forecaster_network(settings, scaler)
        super().__init__(inputs=past, outputs=forecast, **kwargs)
        self.settings = settings
        self.asked = dict(asked or {})
        self.trained_until = trained_until
        self.chosen_epochs = chosen_epochs
        self.validation_history: dict[str, list[float]] | None = None
        self._scaler = scaler

    def get_config(self) -> dict[str, Any]:
        """Plain values from which `__init__` makes the same network."""
        return {
            "settings": self.settings.to_config(),
            "asked": dict(self.asked),
            "trained_until": self.trained_until,
            "chosen_epochs": self.chosen_epochs,
            "name": self.name,
        }

    def adapt(self, table: Any) -> None:
        """Take the mean and spread of `scaling="standard"` from the training rows, before `fit`.

        Args:
            table: the training table, or an array `[rows, features]`. Only these rows are looked at.
        """
        if isinstance(self._scaler.scaling, StandardScaling):
            rows = tables.model_rows(self.settings, table, "adapt")
            self.has_seen(tables.last_stamp(table))
            self._scaler.scaling.adapt(keras.ops.convert_to_numpy(self._scaler.transform(rows[None]))[0])

    def compute_loss(
        self, x: Any = None, y: Any = None, y_pred: Any = None, sample_weight: Any = None, training: bool = True
    ) -> Any:
        """The compiled loss, on targets and forecasts in scaled units."""
        _, statistics = self._scaler.scale_past(keras.ops.cast(x, "float32"))
        to_scaled = self._scaler.raw_units.scale
        y = self._like_forecast(y, y_pred)
        y, y_pred = (to_scaled(keras.ops.cast(raw, "float32"), *statistics) for raw in (y, y_pred))
        return super().compute_loss(x, y, y_pred, sample_weight, training)

    @staticmethod
    def _like_forecast(y: Any, y_pred: Any) -> Any:
        if getattr(y.shape, "rank", 3) is None:  # Keras relaxes a step that has seen both (B, H) and (B, H, 1)
            return keras.ops.reshape(y, keras.ops.shape(y_pred))
        if len(y.shape) == 2 and y_pred.shape[2] == 1:
            y = y[..., None]  # (B, H) of the only target
        differs = any(size not in (None, wanted) for size, wanted in zip(y.shape[1:], y_pred.shape[1:], strict=False))
        if len(y.shape) != 3 or differs:  # broadcast, it would give a loss of something else
            raise ValueError(
                f"fit: y must have the shape (samples, {y_pred.shape[1]}, {y_pred.shape[2]}), [samples, horizon, "
                f"targets], got {tuple(y.shape)}."
            )
        return y

    def fit(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        epochs: int = 1,
        *,
        validation_data: Any = None,
        shuffle: bool = True,
        **kwargs: Any,
    ) -> keras.callbacks.History:
        """`keras.Model.fit`, which also takes a table or `make_windows(...)` as `x` and as `validation_data`.

        Each epoch sees every window once in a new order. Windows whose target is missing weigh nothing there.

        Args:
            x: table, windows, array `[B, T, F]`, or anything `keras.Model.fit` takes.
            y: array `[B, H, C]` where `x` is an array.
            batch_size: windows in a batch, 32 by default.
            epochs: times through all windows.
            validation_data: table (such as `split(...).validation`, whose context rows are input only),
                windows, or a pair of arrays.
            shuffle: a new order each epoch.
            kwargs: anything else `keras.Model.fit` takes.

        Returns:
            Keras's history.

        Raises:
            ValueError: other columns, missing values without `fill`, values the transform cannot take, too
                few rows, `scaling="standard"` without `adapt`, arrays of other shapes.
        """
        self._refuse_unadapted("fit")
        refuse_array_options(x, kwargs)
        widen_sample_weight(kwargs)
        last_stamp = tables.last_stamp(x)
        x, y = tables.keras_input(self, x, y, "fit", batch_size=batch_size, shuffle=shuffle)
        if isinstance(validation_data, (tuple, list)):
            validation_data = (*self._checked_arrays(*validation_data[:2]), *validation_data[2:])
        elif validation_data is not None:
            validation_data, _ = tables.keras_input(self, validation_data, None, "fit: validation_data")
        if y is None:  # batches already, in the order wanted
            batch_size, shuffle = None, False
        # Before the first step, so that a checkpoint and an interrupted fit know it too.
        self.has_seen(last_stamp)
        return super().fit(x, y, batch_size, epochs, validation_data=validation_data, shuffle=shuffle, **kwargs)

    def has_seen(self, stamp: str) -> None:
        """Move `trained_until` forward to an ISO stamp or to `"unknown"`, never back."""
        self.trained_until = max(filter(None, [self.trained_until, stamp]))

    def _checked_arrays(self, x: Any, y: Any) -> tuple[Any, Any]:
        return tables.keras_input(self, x, y, "fit: validation_data")

    def _refuse_unadapted(self, where: str) -> None:
        scaler = self._scaler.scaling
        if isinstance(scaler, StandardScaling) and not scaler.is_adapted:
            raise ValueError(
                f'{where}: scaling="standard" needs the mean and spread of the training rows. '
                "Build with like=train, or call model.adapt(train) first."
            )

    def evaluate(self, x: Any = None, y: Any = None, batch_size: int | None = None, **kwargs: Any) -> Any:
        """`keras.Model.evaluate`, which also takes a table or windows; metrics are in the table's units."""
        self._refuse_unadapted("evaluate")
        widen_sample_weight(kwargs)
        x, y = tables.keras_input(self, x, y, "evaluate", batch_size=batch_size)
        return super().evaluate(x, y, None if y is None else batch_size, **kwargs)

    def predict(self, x: Any, batch_size: int | None = None, **kwargs: Any) -> Any:
        """`keras.Model.predict`; of a table, a DataFrame with one forecast for each row it can start after.

        Returns:
            Array `[B, H, C]`; for a table a DataFrame of the targets, indexed by `origin` (the last row
            seen) and the time forecast.
        """
        self._refuse_unadapted("predict")
        if not isinstance(x, (pd.DataFrame, pd.Series)):
            x, _ = tables.keras_input(self, x, None, "predict", batch_size=batch_size)
            return super().predict(x, batch_size if isinstance(x, np.ndarray) else None, **kwargs)
        rows = tables.model_table(self.settings, x, "predict")
        past = tables.past_windows(self.settings, rows)
        blocks = super().predict(past.dataset(batch_size or 32), **kwargs)
        return tables.forecasts_by_origin(self.settings, rows, blocks)

    def forecast(self, table: pd.DataFrame, steps: int | None = None) -> pd.DataFrame:
        """Predict the real future: the rows that follow the table's last one.

        Beyond the horizon, forecasts are fed back as input in blocks of H rows.

        Args:
            table: DataFrame with the columns and frequency the model was built for, T rows or more.
            steps: rows to forecast; the model's horizon by default.

        Returns:
            DataFrame `[steps, targets]` in the table's units, its index continuing the table's.

        Raises:
            ValueError: other columns or frequency (by name), fewer than T rows, missing values without
                `fill`, or `steps` beyond the horizon where a column that is not a target would have to be
                invented.
        """
        self._refuse_unadapted("forecast")
        settings = self.settings
        steps = settings.horizon if steps is None else _checks.whole_number("forecast", "steps", steps)
        rows = tables.model_table(settings, table, "forecast")
        past = tables.latest_window(settings, rows)
        refuse_invented_columns(settings, steps)
        blocks: list[np.ndarray] = []
        for _ in range(-(-steps // settings.horizon)):
            # Called eagerly: for one window that is quicker than tracing a predict function first.
            block = keras.ops.convert_to_numpy(self(past[None], training=False))[0]  # (H, C)
            blocks.append(block)
            past = tables.feed_back(settings, past, block)
        return tables.future_table(settings, rows, np.concatenate(blocks)[:steps])

    def windows(self, table: pd.DataFrame) -> Windows:
        """The (past, target) pairs that `fit` would train on."""
        return tables.training_windows(self.settings, table, "windows")

    def export(self, filepath: str | os.PathLike[str], format: str = "tf_saved_model", **kwargs: Any) -> Any:
        """Write a SavedModel: raw units in, raw units out, for TensorFlow alone.

        Endpoints: `serve` takes `past` `[B, >= T, F]` and returns `forecast` `[B, H, C]` from the last T rows;
        `describe` returns columns, targets, timesteps, horizon and frequency. See `seqkit.export`. Any
        other `format` goes to `keras.Model.export`.
        """
        if format != "tf_saved_model":
            return super().export(filepath, format=format, **kwargs)
        self._refuse_unadapted("export")
        unknown = set(kwargs) - {"verbose"}
        if unknown:
            raise TypeError(
                f"export: a SavedModel's endpoints are fixed, so {_checks.listed(sorted(unknown))} cannot be set."
            )
        return export_saved_model(
            self,
            filepath,
            timesteps=self.settings.timesteps,
            description=tables.description(self.settings),
            conditions=serving_conditions(self.settings),
        )
