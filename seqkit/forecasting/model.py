"""The forecaster: a Keras model that reads tables, scales them inside, and forecasts in their units."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import keras
import numpy as np
import pandas as pd

from seqkit import _checks
from seqkit._errors import InvalidValue
from seqkit.data.frames import as_time_table
from seqkit.data.known_ahead import past_of
from seqkit.data.panels import is_panel
from seqkit.data.windows import Windows
from seqkit.export import Served, served_windows
from seqkit.forecasting import many, tables
from seqkit.forecasting.bounded import within_bounds
from seqkit.forecasting.calendar_inputs import refuse_stamps_beyond, with_time
from seqkit.forecasting.calibration import forget_intervals
from seqkit.forecasting.categories_served import WordInputs
from seqkit.forecasting.checks import (
    check_inputs,
    finite_forecast,
    refuse_unknown_future,
)
from seqkit.forecasting.covariates import adapt_effects, refuse_unadapted_effects
from seqkit.forecasting.covariates_served import served_with_future
from seqkit.forecasting.futures import future_of_table, with_future, with_whole_future
from seqkit.forecasting.intervals import checked_intervals
from seqkit.forecasting.network import Scaler, forecaster_network
from seqkit.forecasting.parts import forecast_parts, parts_of
from seqkit.forecasting.quantile_methods import TellsQuantiles, refuse_levels_beyond, with_bounds
from seqkit.forecasting.served_checks import checked_forecast, checked_window
from seqkit.forecasting.settings import ForecasterSettings
from seqkit.forecasting.statics import refuse_static_frame, with_static_frame
from seqkit.forecasting.weights import known_alone, value_by_value, weights_of_values
from seqkit.layers.scaling import StandardScaling
from seqkit.task.batches import batch_size_of
from seqkit.task.model import Task
from seqkit.task.settings import Connected
from seqkit.task.untuned import UntunedModel


@keras.saving.register_keras_serializable("seqkit")
class Forecaster(TellsQuantiles, Task):
    """A compiled `keras.Model` from `[B, T, F]` to `[B, H, C]`, raw units on both sides.

    `build_forecaster` makes it. Filling, transform, scaling, baseline, recurrent stack and the return to raw units
    are layers inside. The loss compares scaled values, so every window has the same weight; metrics compare raw
    values. With future columns, which are known ahead, static ones or the calendar, the input is a dict of `past`
    `[B, T, F]`, `future` `[B, H, F2]`, `static` `[B, F3]` and `time` `[B, 2]`: the day since 1970-01-01 and the second
    of the day of the last row of the past, or for `fit`, `evaluate` and `predict` ISO texts `[B]`.

    `fit`, `evaluate` and `predict` take tables (DataFrames with a regular time index), lazy windows, or whatever Keras
    takes. Tables and windows hold their targets; `validation_data=` is then a table, such as `split(...).validation`,
    or windows. A batch has 32 windows by default. `predict` returns an array `[B, H, C]`. For a table it returns a
    DataFrame of the targets: a forecast after each of its rows from the T-th on, indexed by `origin` (the last row of
    the window) and by the time of the forecast value.

    `export` writes two endpoints. `serve` takes `past` `[B, >=T, F]` and returns `forecast` `[B, H, C]`, and from a
    calibrated model `quantiles` `[B, H, C, Q]`. `describe` returns the names of the columns and targets, the sizes, and
    the `levels` of the quantiles. With future or static columns or the calendar, `serve` takes these too, `time` `[B]`
    as ISO texts; each category column is an input of strings of its own (`WordInputs`).

    Shapes: B samples, T timesteps, F features, H horizon, C targets, Q quantiles, F2 future columns, F3 static columns.

    Attributes:
        settings: the checked and complete settings.
        asked: the arguments that were passed to the builder; a refit passes them again and chooses the others anew.
        trained_until: ISO time stamp of the last row in a table passed as `like=` or to `adapt` or `fit`; `"unknown"`
            after a fit on arrays or datasets, None before any of these.
        chosen_epochs: the epochs that `train_forecaster` chose, None without it.
        validation_history: the validation curve that chose the epochs; None without one, and after loading.
    """

    Settings, samples_are, answers_are, asked_for = ForecasterSettings, "windows", "targets", "x, y"
    parts_shown = ("columns", "targets", "frequency", "timesteps", "horizon", "trained_until")
    network: Scaler

    def __init__(
        self,
        settings: ForecasterSettings | dict[str, Any],
        *,
        asked: dict[str, Any] | None = None,
        trained_until: str | None = None,
        **kwargs: Any,
    ) -> None:
        """Connect the layers."""
        super().__init__(settings, **kwargs)
        self.asked = dict(asked or {})
        self.trained_until = trained_until
        self.any_length = False  # whether compiled graphs read windows of any length

    def connect(self, settings: ForecasterSettings) -> Connected:
        """Make the scaling layers, and the graph from raw past to raw forecast."""
        scaler = Scaler(settings)
        return Connected(scaler, *forecaster_network(settings, scaler))

    def get_config(self) -> dict[str, Any]:
        """Return plain values from which `__init__` makes the same network."""
        return {**super().get_config(), "asked": dict(self.asked), "trained_until": self.trained_until}

    def adapt(self, table: Any) -> None:
        """Take the mean and spread of `scaling="standard"` and of future columns from the training rows, before `fit`.

        Args:
            table: the training table, or an array `[rows, features]`.
        """
        is_standard = isinstance(self.network.scaling, StandardScaling)
        if not is_standard and self.settings.known is None:
            return
        table = as_time_table("adapt", table)
        rows = tables.model_rows(self.settings, table, "adapt")
        self.has_seen(tables.last_stamp(table))
        adapt_effects(self, table, rows)
        rows = rows[:, : len(self.settings.columns)]
        if is_standard:
            self.network.scaling.adapt(keras.ops.convert_to_numpy(self.network.transform(rows[None]))[0])

    def compute_loss(
        self, x: Any = None, y: Any = None, y_pred: Any = None, sample_weight: Any = None, training: bool = True
    ) -> Any:
        """Return the compiled loss of targets and forecasts in scaled units, within bounds."""
        _, statistics = self.network.scale_past(keras.ops.cast(past_of(x), "float32"))
        scale = self.network.raw_units.scale
        y_pred = keras.ops.reshape(y_pred, (-1, self.settings.horizon, len(self.settings.targets)))
        y = self._with_targets_axis(y, y_pred)
        y, y_pred = (scale(keras.ops.cast(values, "float32"), *statistics) for values in (y, y_pred))
        weights = weights_of_values(sample_weight, y_pred)
        if self.settings.scaling == "window":
            y, y_pred = within_bounds(y, y_pred, weights)
        y, y_pred, weights = known_alone(y, y_pred, weights)
        return super().compute_loss(x, y, y_pred, weights, training)

    def compute_metrics(self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        """Return the compiled metrics of targets and forecasts in raw units."""
        if self.settings.squeeze:
            y = keras.ops.reshape(y, (-1, self.settings.horizon))
        with_targets = y_pred[..., None] if self.settings.squeeze else y_pred
        return super().compute_metrics(x, *value_by_value(y, y_pred, weights_of_values(sample_weight, with_targets)))

    @staticmethod
    def _with_targets_axis(y: Any, y_pred: Any) -> Any:
        if getattr(y.shape, "rank", 3) is None:  # Keras forgets the rank after it has read both (B, H) and (B, H, 1)
            return keras.ops.reshape(y, keras.ops.shape(y_pred))
        if len(y.shape) == 2 and y_pred.shape[2] == 1:
            y = y[..., None]  # (B, H) of the only target
        sizes = zip(y.shape[1:], y_pred.shape[1:], strict=False)
        if len(y.shape) != 3 or any(size not in (None, forecast_size) for size, forecast_size in sizes):
            # Broadcasting would hide the difference.
            raise InvalidValue(
                "fit",
                f"y must have the shape (samples, {y_pred.shape[1]}, {y_pred.shape[2]}), [samples, horizon, "
                f"targets], got {tuple(y.shape)}.",
                argument="y",
            )
        return y

    def needs_answers(self, x: Any) -> bool:
        """Whether `x` needs `y`: arrays do, but a table and windows hold their targets."""
        return not (tables.is_table(x) or isinstance(x, Windows))

    def reads(self, x: Any) -> bool:
        """Whether these are tables, windows or arrays, those of several inputs in a dict, or else what Keras takes."""
        return isinstance(x, Mapping) or super().reads(x)

    def refuse_options(self, where: str, x: Any, options: dict[str, Any]) -> None:
        """Refuse options of Keras that mean something else here; Keras may split arrays."""
        if self.needs_answers(x):
            options = {name: value for name, value in options.items() if name != "validation_split"}
        elif options.get("validation_split"):
            raise InvalidValue(
                where,
                "validation_split is for arrays.",
                "Cut the table by time with seqkit.split(table, validation=..., test=...) and pass validation_data=.",
                argument="validation_split",
            )
        super().refuse_options(where, x, options)

    def held_parts(self, validation_data: Any) -> tuple[Any, Any, Any]:
        """Split a pair of arrays; a table or windows hold their targets."""
        if not self.needs_answers(validation_data):
            return validation_data, None, None
        return super().held_parts(validation_data)

    def batches(
        self, where: str, x: Any, y: Any, batch_size: Any = None, shuffle: bool = False, sample_weight: Any = None
    ) -> Any:
        """Return batches of a table or of windows, or checked arrays.

        Missing targets have weight 0, each by itself. `split(...).validation` is fine as validation table: its context
        rows are input only.
        """
        if tables.is_table(x) or isinstance(x, Windows):
            x = self._any_length(tables.windows_of(self.settings, where, x))
        return tables.keras_arguments(self.settings, where, x, y, batch_size, shuffle, sample_weight)

    @contextlib.contextmanager
    def around_keras(self, verb: str, data: Any, epochs: int = 1) -> Iterator[list[Any]]:
        """Note the last row before the first step, so a checkpoint and an interrupted fit hold it."""
        if verb == "fit":
            self.has_seen(tables.last_stamp(data))
            forget_intervals(self)
        yield []

    def network_input(self, x: Any, where: str) -> Any:
        """Return the input of the graph: the latest window of a table or of each series of a panel; or the array.

        With future columns it is the latest window whose future the table holds.
        """
        if is_panel(x):
            return many.latest(self, x, where)
        if not tables.is_table(x):
            return x
        rows = tables.model_table(self.settings, x, where, with_past=True)
        return tables.latest_input(self.settings, rows)

    def served(self, **options: Any) -> Served:
        """The endpoints `serve` and `describe`."""
        words = WordInputs(self.settings) if self.settings.categories else None
        settings = self.settings if words is None else words.numbers
        checks: dict[str, Any] = {"checked": partial(checked_window, settings), "answered": checked_forecast}
        description, gaps = tables.description(settings), settings.fill is not None
        if self.quantile_levels:
            description |= {"levels": list(self.quantile_levels)}
            options = {
                "answers": partial(self._served_of, forecast_parts(self)),
                "live": partial(self._served_of, partial(parts_of, self)),
                **options,
            }
        if self.settings.known is not None or words is not None:
            return served_with_future(self, description, **checks, **options, words=words)
        return served_windows(self, settings.timesteps, description, **checks, gaps=gaps, **options)

    def _served_of(self, parts_after: Callable[[Any], dict[str, Any]], window: Any) -> dict[str, Any]:
        parts = parts_after(window)
        forecast = parts["raw"][:, :, 0] if self.settings.squeeze else parts["raw"]
        return {"forecast": forecast, "quantiles": parts["quantiles"]}

    def refuse_unadapted(self, where: str) -> None:
        """Refuse a model with `scaling="standard"` before it has the mean and spread of the training rows."""
        refuse_unadapted_effects(self, where)
        scaling = self.network.scaling
        if isinstance(scaling, StandardScaling) and not scaling.is_adapted:
            raise InvalidValue(
                where,
                'scaling="standard" needs the mean and spread of the training rows.',
                "Build with like=train, or call model.adapt(train) first.",
                argument="scaling",
            )

    def has_seen(self, stamp: str) -> None:
        """Move `trained_until` forward to an ISO time stamp or to `"unknown"`, never back."""
        self.trained_until = max(filter(None, [self.trained_until, stamp]))

    def predict_samples(self, x: Any, batch_size: int | None, **options: Any) -> Any:
        """Forecasts `[B, H, C]` of windows or arrays; of a table, a DataFrame with a block of rows for each origin."""
        if isinstance(x, Windows):
            return self.predict_windows(tables.windows_of(self.settings, "predict", x), batch_size, **options)
        if is_panel(x):
            return many.predict(self, x, batch_size, **options)
        if not tables.is_table(x):
            x, _ = check_inputs(self.settings, x, None, "predict")
            return finite_forecast("predict", UntunedModel.predict(self, x, batch_size, **options))
        rows = tables.model_table(self.settings, x, "predict", with_past=True)
        forecasts = self.predict_windows(tables.past_windows(self.settings, rows), batch_size, **options)
        return tables.forecasts_by_origin(self.settings, rows, forecasts)

    def predict_windows(self, windows: Windows, batch_size: int | None, **options: Any) -> np.ndarray:
        """Forecasts `[B, H, C]` of checked windows."""
        batches = windows.dataset(batch_size_of("predict", batch_size))
        return finite_forecast("predict", UntunedModel.predict(self, batches, **options))

    def forecast(
        self,
        table: pd.DataFrame,
        steps: int | None = None,
        *,
        levels: Sequence[float] = (),
        future: Any = None,
        static: Any = None,
    ) -> pd.DataFrame:
        """Predict the rows after the last row of the table, or of each series of a panel.

        Beyond the horizon, forecasts become input for the next block of H rows. A series of a panel that has fewer than
        T rows is forecast by its last season or value, and a warning names it.

        Args:
            table: DataFrame with the columns and frequency the model was built for, T rows or more; or a panel.
            steps: rows to forecast; the model's horizon by default.
            levels: of intervals in percent, such as `(80, 95)`, of a model that is calibrated: `train_forecaster` does
                it, and `calibrate`; or that has quantiles (`weights="synthetic"`). Beside each target stand its bounds,
                as in `sales-lo-80` and `sales-hi-80`. Without `weights=` they reach as far as the horizon.
            future: of a model with future columns, a table of these for each of the steps, on the time grid of `table`;
                of a panel indexed by (series, time). Rows before and after the steps are allowed.
            static: of a model with static columns, those that the panel lacks: a DataFrame with a row for each series,
                indexed by its name.

        Returns:
            DataFrame `[steps, targets]` in the table's units, its index continuing the table's; of a panel
            `[series * steps, targets]`, indexed by (series, time), each series after its own last row.

        Raises:
            ValueError: other columns or another frequency, fewer than T rows, missing values without `fill`, `steps`
                beyond the horizon where a column is neither a target nor known ahead, `levels` that the model does not
                have; a future that lacks, or that lacks a column, a series, a date or a value, or holds other columns.
        """
        self.refuse_unadapted("forecast")
        settings = self.settings
        steps = settings.horizon if steps is None else _checks.whole_number("forecast", "steps", steps)
        levels = checked_intervals(levels, self)
        refuse_unknown_future(settings, steps)
        if is_panel(table):
            return many.forecast(self, with_static_frame(settings, table, static), steps, levels, future)
        rows = tables.model_table(settings, table, "forecast", with_past=True)
        refuse_static_frame(settings, static)
        known = future_of_table(settings, rows, future, steps)
        refuse_stamps_beyond(settings, rows.index, steps, "forecast")
        past = with_future(tables.latest_window(settings, rows)[None], known)
        past = with_time(settings, past, tables.time_index(rows)[-1:])
        return tables.future_table(settings, rows, self.ahead(past, steps, levels)[0], levels)

    def ahead(self, past: Any, steps: int, levels: Sequence[float] = ()) -> np.ndarray:
        """Forecasts `[B, steps, C]` after windows `[B, T, F]`, with the bounds of intervals beside each target."""
        if not levels:
            return many.ahead_of(self, past, steps)
        refuse_levels_beyond(self, steps, levels)
        past = with_whole_future(past, self.settings.horizon)
        return with_bounds(self.quantiles_of(past), self.settings.levels, levels)[:, :steps]

    def windows(self, table: pd.DataFrame) -> Windows:
        """Return the (past, target) pairs on which `fit` trains."""
        return self._any_length(tables.windows_of(self.settings, "windows", table))

    def _any_length(self, windows: Windows) -> Windows:
        windows.any_length = self.any_length
        return windows
