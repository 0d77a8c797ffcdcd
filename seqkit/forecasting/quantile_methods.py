"""What every forecaster does with quantiles: calibrate them, tell them for windows, and draw paths from them.

Shapes: B samples, T timesteps, F features, H horizon, C targets, Q quantiles, P paths.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
import pandas as pd

from seqkit import _checks
from seqkit._errors import InvalidValue, keywords
from seqkit.data.known_ahead import past_of, window_input
from seqkit.data.panels import is_panel
from seqkit.data.windows import Windows
from seqkit.forecasting import panels, tables
from seqkit.forecasting.calibration import (
    calibrate_on,
    is_calibrated,
    not_calibrated,
)
from seqkit.forecasting.checks import check_inputs, finite_forecast
from seqkit.forecasting.intervals import bounds_of
from seqkit.forecasting.parts import parts_of
from seqkit.forecasting.paths import paths_table
from seqkit.forecasting.series_factors import factors_for, series_of_windows
from seqkit.pretraining.paths import PATHS, between_levels
from seqkit.task.batches import batch_size_of

if TYPE_CHECKING:
    from seqkit.forecasting.model import Forecaster

WINDOWS_AT_ONCE = 1024


class TellsQuantiles:
    """The methods of a forecaster about quantiles and intervals."""

    @property
    def quantile_levels(self: Any) -> tuple[float, ...]:
        """The levels of the model's quantiles; () before `calibrate`, or where it was built without any."""
        levels: tuple[float, ...] = self.settings.levels
        return levels if is_calibrated(self) else ()

    def calibrate(self: Any, table: Any) -> None:
        """Set the widths of the intervals by the errors on a table.

        `train_forecaster` has done it, on the rows that it holds out. After `fit` the model is not calibrated any more.
        The widths are weights: they are saved and exported. Of a panel they are those of all series, and each series
        has a factor of its own on them (`series_factors`), shrunk towards 1 as its windows are few. Only windows whose
        horizons do not overlap count: k of them can promise k / (k + 1).

        Args:
            table: rows that the model was not trained on, as `evaluate` takes them: a table, a panel, such as
                `split(...).validation`, or windows.

        Raises:
            ValueError: a table that `evaluate` refuses, or a model that was built without quantiles.
        """
        where = "calibrate"
        if not self.settings.levels:
            raise InvalidValue(where, *not_calibrated(self), argument="quantiles")
        self.refuse_unadapted(where)
        calibrate_on(self, tables.windows_of(self.settings, where, table))

    def predict_quantiles(self: Any, x: Any, batch_size: int | None = None) -> np.ndarray:
        """Quantiles `[B, H, C, Q]` of the forecasts that `predict` makes; `quantile_levels` says which.

        Args:
            x: a table, a panel, windows, or an array `[B, T, F]`.
            batch_size: samples that are forecast at once, 1,024 by default.

        Raises:
            ValueError: data that `predict` refuses, or a model without quantiles, or before it is calibrated.
        """
        where = "predict_quantiles"
        if not self.quantile_levels:
            raise InvalidValue(where, *not_calibrated(self))
        self.refuse_unadapted(where)
        size = WINDOWS_AT_ONCE if batch_size is None else batch_size_of(where, batch_size)
        return finite_forecast(where, self.quantiles_in_batches(self._windows_to_predict(x, where), size))

    def quantiles_in_batches(self: Any, x: Any, size: int = WINDOWS_AT_ONCE) -> np.ndarray:
        """Quantiles `[B, H, C, Q]` after checked windows, so many of which are forecast at once."""
        count = len(past_of(x))
        found = [self.quantiles_of(*_rows(x, first, min(first + size, count))) for first in range(0, count, size)]
        return np.concatenate(found)

    def quantiles_of(self: Any, past: Any, series: Any = None) -> np.ndarray:
        """Quantiles `[B, H, C, Q]` after windows `[B, T, F]` of these series `[B]`, in raw units."""
        factors = factors_for(self.series_factors, series, len(self.settings.targets))
        return parts_of(self, past, factors)["quantiles"]

    def _windows_to_predict(self: Any, x: Any, where: str) -> Any:
        """The windows that `predict` forecasts, or the checked array."""
        if isinstance(x, Windows):
            return tables.windows_of(self.settings, where, x)
        if is_panel(x):
            panel = panels.model_panel(self.settings, x, where, with_past=True)
            return panels.past_windows(self.settings, panel, where)
        if tables.is_table(x):
            return tables.past_windows(self.settings, tables.model_table(self.settings, x, where, with_past=True))
        x = check_inputs(self.settings, x, None, where)[0]
        return keras.tree.map_structure(lambda array: array.astype("float32"), x)

    def sample_paths(
        self: Any, table: pd.DataFrame, paths: int = PATHS, *, seed: int = 0, future: Any = None, static: Any = None
    ) -> pd.DataFrame:
        """Ways in which the rows after the table may go on, equally likely: for sums and other facts of many steps.

        The interval of a sum over the horizon is not the sum of the bounds. Sum each path, and take the quantiles of
        the sums. The values of a step are those of its quantiles; those of neighbouring steps are correlated, as
        `benchmarks/interval_ways.py` found it on held-back rows.

        Args:
            table: as `forecast` takes it.
            paths: how many, P.
            seed: of the draws; the same seed gives the same paths.
            future: as `forecast` takes it.
            static: as `forecast` takes it.

        Returns:
            DataFrame indexed as `forecast`, with the columns 0 to P-1; of several targets (target, path).

        Raises:
            ValueError: what `forecast` refuses, or a model without quantiles, or before it is calibrated.

        Example:
            The interval of 80 % of the next twelve months' total:

            `model.sample_paths(table).sum().quantile([.1, .9])`
        """
        where = "sample_paths"
        paths = _checks.whole_number(where, "paths", paths)
        seed = _checks.whole_number(where, "seed", seed, least=0)
        if not self.quantile_levels:
            raise InvalidValue(where, *not_calibrated(self))
        return paths_table(self, table, paths, seed, future=future, static=static)


def with_bounds(quantiles: np.ndarray, own: Sequence[float], levels: Sequence[float]) -> np.ndarray:
    """Forecasts `[B, H, C (1 + 2 L)]` with the bounds of L intervals beside each target, from quantiles `[B, H, C, Q]`.

    Args:
        quantiles: of the model.
        own: their levels, Q.
        levels: of the intervals, in percent.
    """
    ends = [0.5, *(end for level in levels for end in bounds_of(level))]
    found = np.einsum("bhcq,kq->bhck", quantiles, between_levels(np.array(ends), own))
    return finite_forecast("forecast", found.reshape(*found.shape[:2], -1))


def refuse_levels_beyond(model: Forecaster, steps: int, levels: Sequence[float]) -> None:
    """Refuse intervals of steps that are forecast from forecasts."""
    horizon = model.settings.horizon
    if levels and steps > horizon:
        problem = f"intervals reach as far as the horizon, {horizon} rows, got " + keywords(steps=steps) + "."
        raise InvalidValue("forecast", problem, "Build with " + keywords(horizon=steps) + ".", argument="steps")


def _rows(x: Any, first: int, stop: int) -> tuple[Any, np.ndarray | None]:
    """The windows of these numbers `[B, T, F]`, or a dict where the model reads more than the past; their series."""
    if not isinstance(x, Windows):
        return keras.tree.map_structure(lambda array: array[first:stop], x), None
    starts: Any = x.starts[first:stop]
    rows = x.values[starts[:, None] + np.arange(x.timesteps + x.horizon)].astype("float32")
    past, ahead = rows[:, : x.timesteps], rows[:, x.timesteps :]
    made = window_input(x.known, past, ahead, lambda part, chosen: part[..., chosen])
    return made, series_of_windows(x, starts)
