"""The pretrained forecaster: it knows series already, forecasts without training, and tells quantiles.

Shapes: B samples, T timesteps, F features, H horizon, C targets, Q quantiles.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import keras
import numpy as np
from keras import ops

from seqkit._errors import InvalidValue
from seqkit.export import Served
from seqkit.export_windows import served_windows
from seqkit.forecasting import tables
from seqkit.forecasting.model import Forecaster
from seqkit.forecasting.pretrained_settings import PretrainedSettings
from seqkit.forecasting.quantile_methods import with_bounds
from seqkit.forecasting.served_checks import checked_forecast, checked_window
from seqkit.forecasting.weights import weights_of_values
from seqkit.layers.known_scaling import KnownScaling
from seqkit.layers.quantiles import LEVELS, pinball_loss
from seqkit.layers.scaling import NoScaling, Statistics, TakeColumns
from seqkit.layers.transform import RawUnits, ValueTransform
from seqkit.pretraining.forecast import Median, PretrainedForecast
from seqkit.pretraining.network import in_naive_errors, naive_error
from seqkit.pretraining.weights import load_synthetic
from seqkit.task.settings import Connected


class PretrainedNetwork:
    """The layers of the graph, and the model of its quantiles."""

    def __init__(self, settings: PretrainedSettings) -> None:
        """Make the layers."""
        self.settings = settings
        unchanged = ["none"] * len(settings.columns)
        self.transform = ValueTransform(unchanged, name="transform")
        self.scaling = NoScaling(name="scaling")
        self.raw_units = RawUnits(unchanged[: len(settings.targets)], name="raw_units")
        self.targets = TakeColumns(settings.target_positions, name="targets")
        seasons, levels = (settings.season, settings.long_season), settings.levels or LEVELS
        self.forecast = PretrainedForecast(settings.horizon, *seasons, levels, settings.at_least_zero, name="forecast")
        self.past = keras.Input((settings.timesteps, len(settings.columns)), name="past", dtype="float32")
        self.quantiles = keras.Model(self.past, self.forecast(self.targets(self.past)), name="quantiles")

    def scale_past(self, past: Any) -> tuple[Any, Statistics]:
        """The past as it is, and the level and spread `[B, 1, C]` of its targets."""
        values, known = _known(_by_column(self.targets(past)))
        _, level, spread = KnownScaling()(values, known, self._season(known))
        columns = len(self.settings.targets)
        return past, Statistics(*(ops.reshape(part, (-1, 1, columns)) for part in (level, spread)))

    def losses(self, past: Any, actual: Any, quantiles: Any) -> Any:
        """Quantile losses `[B, H, C]`, over the error of the seasonal naive forecast in the past, as in training."""
        _, statistics = self.scale_past(past)
        values, known = _known(_by_column(self.targets(past)))
        naive = ops.reshape(naive_error(values, known, self._season(known)), ops.shape(statistics.spread))
        return in_naive_errors(pinball_loss(actual, quantiles, self.settings.levels), naive, statistics.spread)

    def _season(self, known: Any) -> Any:
        return ops.cast(ops.full_like(known[:, :1], self.settings.season), "int32")


def _by_column(values: Any) -> Any:
    """Values `[B, T, C]` as series `[B C, T]`."""
    return ops.reshape(ops.transpose(values, (0, 2, 1)), (-1, values.shape[1]))


def _known(values: Any) -> tuple[Any, Any]:
    """The values with 0 for NaN, and which are known."""
    is_known = ops.logical_not(ops.isnan(values))
    return ops.where(is_known, values, 0.0), ops.cast(is_known, "float32")


@keras.saving.register_keras_serializable("seqkit")
class PretrainedForecaster(Forecaster):
    """A `Forecaster` whose network was trained on synthetic series alone, and forecasts a series it has never seen.

    `build_forecaster(weights="synthetic")` makes it. The graph reads each target by itself, scales it inside, and
    returns quantiles in raw units; `model(x)`, `predict` and `evaluate` have their median. Missing values need no
    filling: the network is told which values are known. A table may be shorter than T rows. `fit` goes on from the
    weights, by the quantile loss of their training.

    `export` writes the endpoints of `Forecaster`; `serve` takes `past` `[B, 1 or more, F]` and returns `quantiles`
    `[B, H, C, Q]` beside `forecast`; `describe` returns their `levels` too.

    Shapes: B samples, T timesteps, F features, H horizon, C targets, Q quantiles.

    Example:
        >>> import seqkit as sk
        >>> table = sk.load_example("air_passengers")
        >>> model = sk.build_forecaster(like=table, horizon=2, weights="synthetic")
        >>> model.forecast(table, levels=80).columns.tolist()
        ['passengers', 'passengers-lo-80', 'passengers-hi-80']
    """

    Settings = PretrainedSettings
    network: PretrainedNetwork  # type: ignore[assignment]

    def connect(self, settings: PretrainedSettings) -> Connected:  # type: ignore[override]
        """Make the layers, and the graph from raw past to the median in raw units."""
        network = PretrainedNetwork(settings)
        median = Median(dtype="float32", name="median")(network.forecast(network.targets(network.past)))
        return Connected(network, network.past, median)

    def take_weights(self) -> None:
        """Take the weights that come with the package."""
        load_synthetic(self.network.forecast.network)

    def compute_loss(
        self, x: Any = None, y: Any = None, y_pred: Any = None, sample_weight: Any = None, training: bool = True
    ) -> Any:
        """Return the quantile loss of raw targets, or the compiled loss of medians and targets in spreads."""
        if not self.settings.levels:
            return super().compute_loss(x, y, y_pred, sample_weight, training)
        median, quantiles = self.get_layer("median").latest
        if y_pred is not median:  # the loss of another call
            quantiles = self.network.quantiles(x, training=training)
        losses = self.network.losses(x, ops.cast(self._with_targets_axis(y, y_pred), "float32"), quantiles)
        weights = weights_of_values(sample_weight, y_pred)
        return ops.mean(losses if weights is None else losses * weights)

    @property
    def quantile_levels(self) -> tuple[float, ...]:
        """The levels of the quantiles, Q; () for a model with a loss that makes none."""
        levels: tuple[float, ...] = self.settings.levels
        return levels

    def calibrate(self, table: Any) -> None:
        """Refuse: the quantiles are those of the network."""
        problem = "the quantiles of this model are those of its network, which need no calibration."
        raise InvalidValue("calibrate", problem, "Leave it out; fit goes on training them.")

    def quantiles_of(self, past: np.ndarray, series: Any = None) -> np.ndarray:
        """Quantiles `[B, H, C, Q]` after windows `[B, T, F]`, in raw units."""
        answer = partial(self.network.quantiles, training=False)
        quantiles: np.ndarray = self.graphs.compiled("quantiles", answer, 2)(past)
        return quantiles

    def ahead(self, past: np.ndarray, steps: int, levels: Sequence[float] = (), series: Any = None) -> np.ndarray:
        """Forecasts `[B, steps, C]` after windows `[B, T, F]`, with the bounds of intervals beside each target.

        Steps beyond the horizon come from the same network; those beyond its 64 steps from sample paths.
        """
        answer = partial(self._quantiles_ahead, steps=steps)
        found = self.graphs.compiled(("quantiles", steps), answer, 2)(past)  # (B, steps, C, Q)
        return with_bounds(found, self.settings.levels or LEVELS, levels)

    def _quantiles_ahead(self, past: Any, steps: int) -> Any:
        return self.network.forecast.ahead(self.network.targets(past), steps)

    def served(self, **options: Any) -> Served:
        """The endpoints `serve` and `describe`."""
        settings, levels = self.settings, self.settings.levels
        description = tables.description(settings) | ({"levels": list(levels)} if levels else {})
        checks: dict[str, Any] = {"checked": partial(checked_window, settings), "answered": checked_forecast}
        answers = self._answers if levels else None
        return served_windows(
            self, settings.timesteps, description, **checks, gaps=True, answers=answers, least=1, **options
        )

    def _answers(self, window: Any) -> dict[str, Any]:
        quantiles = self.network.quantiles(window, training=False)
        return {"forecast": quantiles[..., quantiles.shape[-1] // 2], "quantiles": quantiles}
