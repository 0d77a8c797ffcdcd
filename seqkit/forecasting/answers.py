"""What a forecaster answers: forecasts of windows and tables, and of the rows after a table.

Shapes: B samples, T timesteps, H horizon, C targets.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from seqkit import _checks
from seqkit.data.panels import is_panel
from seqkit.data.windows import Windows
from seqkit.forecasting import many, tables
from seqkit.forecasting.calendar_inputs import refuse_stamps_beyond, with_time
from seqkit.forecasting.checks import check_inputs, finite_forecast
from seqkit.forecasting.futures import future_of_table, with_future, with_whole_future
from seqkit.forecasting.intervals import checked_intervals
from seqkit.forecasting.quantile_methods import refuse_levels_beyond, with_bounds
from seqkit.forecasting.statics import refuse_static_frame, with_static_frame
from seqkit.forecasting.table_checks import refuse_unknown_future
from seqkit.task.batches import batch_size_of
from seqkit.task.untuned import UntunedModel


class TellsForecasts:
    """The methods of a forecaster that forecast."""

    def network_input(self: Any, x: Any, where: str) -> Any:
        """Return the input of the graph: the latest window of a table or of each series of a panel; or the array.

        With future columns it is the latest window whose future the table holds.
        """
        if is_panel(x):
            return many.latest(self, x, where)
        if not tables.is_table(x):
            return x
        rows = tables.model_table(self.settings, x, where, with_past=True)
        return tables.latest_input(self.settings, rows)

    def predict_samples(self: Any, x: Any, batch_size: int | None, **options: Any) -> Any:
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

    def predict_windows(self: Any, windows: Windows, batch_size: int | None, **options: Any) -> np.ndarray:
        """Forecasts `[B, H, C]` of checked windows."""
        batches = windows.dataset(batch_size_of("predict", batch_size))
        return finite_forecast("predict", UntunedModel.predict(self, batches, **options))

    def forecast(
        self: Any,
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

    def ahead(self: Any, past: Any, steps: int, levels: Sequence[float] = (), series: Any = None) -> np.ndarray:
        """Forecasts `[B, steps, C]` after windows `[B, T, F]`, with the bounds of intervals beside each target.

        `series` `[B]` are the names of their series, of a panel.
        """
        if not levels:
            return many.ahead_of(self, past, steps)
        refuse_levels_beyond(self, steps, levels)
        past = with_whole_future(past, self.settings.horizon)
        return with_bounds(self.quantiles_of(past, series), self.settings.levels, levels)[:, :steps]

    def windows(self: Any, table: pd.DataFrame) -> Windows:
        """Return the (past, target) pairs on which `fit` trains."""
        return self.windows_of_table("windows", table)

    def windows_of_table(self: Any, where: str, table: Any) -> Windows:
        """The pairs of a table or of windows, of any length where compiled graphs read any."""
        windows = tables.windows_of(self.settings, where, table)
        windows.any_length = self.any_length
        return windows
