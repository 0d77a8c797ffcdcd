"""A forecaster of one table, as an estimator of scikit-learn's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from sklearn.utils.validation import check_is_fitted, validate_data

from seqkit import _checks
from seqkit._errors import InvalidValue
from seqkit.data.panels import is_panel
from seqkit.estimators.forecaster_rows import (
    METRICS,
    as_rows,
    blocks_to_score,
    refuse_answers,
    rows_on_grid,
    seasonal_errors,
    with_rows_before,
)
from seqkit.estimators.shared import LEAST_SAMPLES, RecipeEstimator, random_numbers_given_back
from seqkit.forecasting.tables import as_table
from seqkit.forecasting.train import train_forecaster

NAME = "SeqkitForecaster"


class SeqkitForecaster(RecipeEstimator):
    """`train_forecaster` as an estimator of scikit-learn's, for `cross_val_score` with `TimeSeriesSplit` above all.

    X is a table whose rows are steps in time: a DataFrame on a regular time index, as `read_csv` returns it, or an
    array `[rows, columns]`. It holds the targets, so there is no y. `predict` forecasts what follows X. `score` tells
    how well the rows of X after the training rows are forecast, a horizon at a time from all rows before.

    An array has no time: it is put on a grid without a calendar, so that it has no season unless `season` says one,
    and `score` takes its rows as those right after the training rows.

    Parameters are those of `train_forecaster` and `build_forecaster`, None for their default.

    Args:
        horizon: rows to forecast at once; a season by default.
        timesteps: rows in the input window.
        targets: the column or columns to forecast; all by default.
        future_columns: columns that are known ahead; `predict` then needs `future`.
        calendar: parts of the calendar that the time stamps tell: `"hour"`, `"weekday"`, `"month"`, `"year"`.
        holidays: the public holidays of a country, by its code.
        season: rows in a season, or in two.
        cell: `"gru"` or another cell.
        units: units of each recurrent layer.
        dropout: fraction dropped after each layer, one number for each.
        attention: over steps, layers or features.
        baseline: `"smoothed"`, `"last"` or `"none"`: the forecast to which that of the network is added.
        scaling: `"window"`, `"standard"` or `"none"`.
        column_transform: `"log"`, `"asinh"` or `"none"`, before scaling; the builder's `transform`, which names a
            method in scikit-learn.
        fill: how missing values are filled: `"last"`, `"mean"` or `"mask"`.
        members: the forecasts beside the network's; `()` for none.
        preset: settings by one word.
        weights: `"synthetic"` begins with the pretrained network.
        loss: of scaled values, by name or a loss of Keras's.
        validation_rows: rows that the first stage holds out; 0 for none.
        epochs: the most epochs.
        budget: most time, in seconds or as `"30s"`.
        learning_rate: a number, or a schedule of Keras's.
        intervals: whether the intervals are calibrated.
        metric: what `score` returns, times -1: `"mase"`, `"mae"` or `"rmse"`. MASE is the MAE of each target divided
            by that of the seasonal naive forecast on the training rows, so it has no units.
        callbacks: Keras's; each fit works on a copy of them.
        random_state: a number, a `RandomState`, or None.
        verbose: 0 for silence, `"auto"` for a progress bar.

    Attributes:
        model_: the trained `Forecaster`, a Keras model.
        last_rows_: the last training rows, from which `score` forecasts.
        n_features_in_: columns of the table.
        feature_names_in_: their names, where X is a DataFrame and all are strings.

    Example:
        >>> import seqkit as sk
        >>> months = sk.load_example("air_passengers")[:60]
        >>> estimator = sk.SeqkitForecaster(horizon=3, timesteps=12, members=(), validation_rows=0, epochs=1)
        >>> list(estimator.fit(months).predict(months).index.strftime("%Y-%m"))
        ['1954-01', '1954-02', '1954-03']
    """

    is_array_: bool

    def __init__(
        self,
        *,
        horizon: int | None = None,
        timesteps: int | None = None,
        targets: Any = None,
        future_columns: Any = None,
        calendar: str | Sequence[str] | None = None,
        holidays: str | None = None,
        season: int | Sequence[int] | None = None,
        cell: str | None = None,
        units: int | Sequence[int] | None = None,
        dropout: float | Sequence[float] | None = None,
        attention: str | Sequence[str] | None = None,
        baseline: str | None = None,
        scaling: str | None = None,
        column_transform: str | None = None,
        fill: str | None = None,
        members: str | Sequence[str] | None = None,
        preset: str | None = None,
        weights: str | None = None,
        loss: Any = None,
        validation_rows: int | None = None,
        epochs: int | None = None,
        budget: float | str | None = None,
        learning_rate: Any = None,
        intervals: bool = True,
        metric: str = "mase",
        callbacks: Any = None,
        random_state: Any = None,
        verbose: Any = 0,
    ) -> None:
        """Store the parameters; `fit` checks them."""
        self.horizon = horizon
        self.timesteps = timesteps
        self.targets = targets
        self.future_columns = future_columns
        self.calendar = calendar
        self.holidays = holidays
        self.season = season
        self.cell = cell
        self.units = units
        self.dropout = dropout
        self.attention = attention
        self.baseline = baseline
        self.scaling = scaling
        self.column_transform = column_transform
        self.fill = fill
        self.members = members
        self.preset = preset
        self.weights = weights
        self.loss = loss
        self.validation_rows = validation_rows
        self.epochs = epochs
        self.budget = budget
        self.learning_rate = learning_rate
        self.intervals = intervals
        self.metric = metric
        self.callbacks = callbacks
        self.random_state = random_state
        self.verbose = verbose

    def __sklearn_tags__(self) -> Any:
        """What scikit-learn may pass."""
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = self.fill is not None
        return tags

    def fit(self, X: Any, y: None = None) -> SeqkitForecaster:  # noqa: N803  # scikit-learn's name
        """Train on the rows of a table.

        Args:
            X: DataFrame on a regular time index, or an array `[rows, columns]`.
            y: None; the table holds its targets.

        Raises:
            TypeError, ValueError: `y` is given; a table of many series; a table or parameters that
                `train_forecaster` refuses.
        """
        refuse_answers(f"{NAME}.fit", y)
        _checks.choice(f"{NAME}.fit", "metric", self.metric, METRICS)
        table = as_table(self._rows("fit", X, is_new=True), f"{NAME}.fit")
        options = self.recipe_options("metric", "column_transform")
        if self.column_transform is not None:
            options["transform"] = self.column_transform
        if self.is_array_:
            options.setdefault("season", 1)
        with random_numbers_given_back(options["seed"]):
            self.model_ = train_forecaster(table, **options)
        settings = self.model_.settings
        self.last_rows_ = table.iloc[-(settings.least_known + settings.horizon) :]
        self.seasonal_errors_ = seasonal_errors(settings, table, options.get("season"))
        return self

    def predict(self, X: Any, levels: Sequence[float] = (), future: Any = None) -> Any:  # noqa: N803
        """Forecast the horizon after the last row of X.

        Args:
            X: rows like those of `fit`; as many as the window has, or fewer right after the training rows.
            levels: of intervals in percent, such as `(80, 95)`.
            future: with future columns, a table of them for each of the steps.

        Returns:
            DataFrame `[horizon, targets]` whose index continues that of X; of an array, an array.
        """
        check_is_fitted(self, "model_")
        rows = self._rows("predict", X)
        if not self.is_array_:
            rows = with_rows_before(self.last_rows_, rows)
        forecast = self.model_.forecast(rows, levels=levels, future=future)
        return forecast.to_numpy() if self.is_array_ else forecast

    def score(self, X: Any, y: None = None) -> float:  # noqa: N803
        """The error of the forecasts of X, times -1; `metric` says which, and 0 is the best.

        The rows of X after the training rows are forecast, a horizon at a time from all rows before. Where there are
        none, the last horizon of X is, which the model has seen.

        Raises:
            ValueError: `y` is given; rows are missing between the training rows and X; X repeats training rows and is
                too short for a window and a horizon.
        """
        check_is_fitted(self, "model_")
        refuse_answers(f"{NAME}.score", y)
        measure = _checks.choice(f"{NAME}.score", "metric", self.metric, METRICS)
        blocks = blocks_to_score(f"{NAME}.score", self.model_.settings, self.last_rows_, self._rows("score", X))
        targets, known = list(self.model_.settings.targets), list(self.model_.settings.future_columns)
        errors = []
        for past, ahead in blocks:
            found = self.model_.forecast(past, steps=len(ahead), future=ahead[known] if known else None)
            errors.append(found.to_numpy() - ahead[targets].to_numpy("float64"))
        return -measure(np.concatenate(errors), self.seasonal_errors_)

    def _rows(self, where: str, x: Any, *, is_new: bool = False) -> pd.DataFrame:
        """The rows as a DataFrame; those of an array on a grid of their own, after the training rows."""
        if is_panel(x):
            problem = "a table of one series is needed, got many: a split by rows would cut whole series off."
            raise InvalidValue(f"{NAME}.{where}", problem, "train_forecaster and backtest take them.", "X")
        table = as_rows(f"{NAME}.{where}", x)
        if not is_new and self.is_array_ is not (table is None):
            problem = f"fit had {'an array' if self.is_array_ else 'a DataFrame'}, and this is none."
            raise InvalidValue(f"{NAME}.{where}", problem, "Pass rows like those of fit.", "X")
        if table is not None:
            if is_new:
                self._note_columns(table)
            return table
        finite: Any = True if self.fill is None else "allow-nan"
        least = LEAST_SAMPLES if is_new else 1
        array = validate_data(self, x, reset=is_new, ensure_all_finite=finite, ensure_min_samples=least)
        self.is_array_ = True
        return rows_on_grid(array, None if is_new or where == "predict" else self.last_rows_)

    def _note_columns(self, table: pd.DataFrame) -> None:
        self.is_array_, self.n_features_in_ = False, table.shape[1]
        self.__dict__.pop("feature_names_in_", None)
        if all(isinstance(name, str) for name in table.columns):
            self.feature_names_in_ = table.columns.to_numpy(object)
