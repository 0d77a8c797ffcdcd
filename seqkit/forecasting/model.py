"""The forecaster: a Keras model that reads tables, scales them inside, and forecasts in their units."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any

import keras

from seqkit._errors import InvalidValue
from seqkit.data.frames import as_time_table
from seqkit.data.known_ahead import past_of
from seqkit.data.windows import Windows
from seqkit.export import Served
from seqkit.forecasting import tables
from seqkit.forecasting.answers import TellsForecasts
from seqkit.forecasting.bounded import within_bounds
from seqkit.forecasting.calibration import forget_intervals
from seqkit.forecasting.covariates import adapt_effects, refuse_unadapted_effects
from seqkit.forecasting.network import Scaler, forecaster_network
from seqkit.forecasting.quantile_methods import TellsQuantiles
from seqkit.forecasting.series_factors import Factors
from seqkit.forecasting.serving import served_forecaster
from seqkit.forecasting.settings import ForecasterSettings
from seqkit.forecasting.weights import known_alone, value_by_value, weights_of_values
from seqkit.layers.scaling import StandardScaling
from seqkit.task.model import Task
from seqkit.task.settings import Connected


@keras.saving.register_keras_serializable("seqkit")
class Forecaster(TellsForecasts, TellsQuantiles, Task):
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
    as ISO texts; each category column is an input of strings of its own (`WordInputs`). A calibrated model of a panel
    has a third endpoint, `serve_series`, which takes the names of the series, `series` `[B]`, too: its `quantiles` are
    those of each series.

    Shapes: B samples, T timesteps, F features, H horizon, C targets, Q quantiles, F2 future columns, F3 static columns.

    Attributes:
        settings: the checked and complete settings.
        asked: the arguments that were passed to the builder; a refit passes them again and chooses the others anew.
        trained_until: ISO time stamp of the last row in a table passed as `like=` or to `adapt` or `fit`; `"unknown"`
            after a fit on arrays or datasets, None before any of these.
        chosen_epochs: the epochs that `train_forecaster` chose, None without it.
        validation_history: the validation curve that chose the epochs; None without one, and after loading.
        training_seconds: how long `train_forecaster` took; None without it, and after loading.

    Example:
        >>> import seqkit as sk
        >>> table = sk.load_example("air_passengers")
        >>> model = sk.build_forecaster(like=table, horizon=2, timesteps=12, units=2)
        >>> history = model.fit(table, epochs=1, verbose=0)
        >>> model.forecast(table).index.strftime("%Y-%m").tolist()
        ['1961-01', '1961-02']
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
        series_factors: Factors | None = None,
        **kwargs: Any,
    ) -> None:
        """Connect the layers."""
        super().__init__(settings, **kwargs)
        self.asked = dict(asked or {})
        self.trained_until = trained_until
        self.series_factors: Factors = dict(series_factors or {})
        self.any_length = False  # whether compiled graphs read windows of any length

    def connect(self, settings: ForecasterSettings) -> Connected:
        """Make the scaling layers, and the graph from raw past to raw forecast."""
        scaler = Scaler(settings)
        return Connected(scaler, *forecaster_network(settings, scaler))

    def get_config(self) -> dict[str, Any]:
        """Return plain values from which `__init__` makes the same network."""
        known = {"asked": dict(self.asked), "trained_until": self.trained_until}
        return {**super().get_config(), **known, "series_factors": dict(self.series_factors)}

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
            x = self.windows_of_table(where, x)
        return tables.keras_arguments(self.settings, where, x, y, batch_size, shuffle, sample_weight)

    @contextlib.contextmanager
    def around_keras(self, verb: str, data: Any, epochs: int = 1) -> Iterator[list[Any]]:
        """Note the last row before the first step, so a checkpoint and an interrupted fit hold it."""
        if verb == "fit":
            self.has_seen(tables.last_stamp(data))
            forget_intervals(self)
        yield []

    def served(self, **options: Any) -> Served:
        """The endpoints `serve` and `describe`."""
        return served_forecaster(self, **options)

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
