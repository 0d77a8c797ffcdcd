"""A regressor of series, as an estimator of scikit-learn's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import RegressorMixin
from sklearn.utils import check_array, check_consistent_length
from sklearn.utils.validation import check_is_fitted

from seqkit.estimators.shared import SampleEstimator, random_numbers_given_back, require_answers
from seqkit.regression.train import train_regressor
from seqkit.task.interval_levels import USUAL_LEVELS


class SeqkitRegressor(RegressorMixin, SampleEstimator):
    """`train_regressor` as an estimator of scikit-learn's: `Pipeline`, `cross_val_score` and `GridSearchCV` take it.

    X is an array `[B, T, F]`, a list of series of any length `[T_i, F]` or `[T_i]`, or a table or an array `[B, T]`,
    whose columns are timesteps of one feature. y is `[B]`, or `[B, C]` of several targets. Parameters are those of
    `train_regressor` and `build_regressor`, None for their default.

    Args:
        cell: `"lstm"`, `"gru"` or `"simple_rnn"`.
        units: units of each recurrent layer and direction.
        bidirectional: read in both directions.
        dropout: fraction dropped after each recurrent layer.
        attention: `"tanh"`, `"dense"`, `"weighted_tanh"`, `"layers"`, `"features"`, several of them, or `"none"`.
        convolution: a branch beside the recurrent layers: `"none"`, `"fixed"` or `"learned"`.
        scaling: of series: `"standard"`, `"series"` or `"none"`.
        missing: `"refuse"` makes a missing value an error; `"mask"` skips its timestep.
        loss: `"mae"`, `"mse"`, `"huber"`, or a loss of Keras's.
        intervals: whether held-out samples calibrate `predict_interval`.
        folds: fifths of the samples that are held out in turn to choose the epochs; 0 for none, without intervals.
        epochs: the most epochs.
        batch_size: samples in a gradient step.
        learning_rate: a number, or a schedule of Keras's.
        callbacks: Keras's; each fit works on a copy of them.
        random_state: a number, a `RandomState`, or None.
        verbose: 0 for silence, `"auto"` for a progress bar.

    Attributes:
        model_: the trained `Regressor`, a Keras model.
        n_features_in_: columns of a table `[B, T]`; else F.
        feature_names_in_: the column names of a DataFrame, where all are strings.

    Example:
        >>> import numpy as np, seqkit as sk
        >>> recordings = np.linspace(0, 1, 90).reshape(6, 5, 3)
        >>> estimator = sk.SeqkitRegressor(units=4, folds=0, epochs=2, random_state=0)
        >>> estimator.fit(recordings, [1, 2, 3, 4, 5, 6]).predict(recordings).shape
        (6,)
    """

    def __init__(
        self,
        *,
        cell: str = "lstm",
        units: int | Sequence[int] = 64,
        bidirectional: bool = True,
        dropout: float | Sequence[float] = 0.0,
        attention: str | Sequence[str] = "tanh",
        convolution: str = "none",
        scaling: str = "standard",
        missing: str = "refuse",
        loss: Any = "huber",
        intervals: bool = True,
        folds: int | None = None,
        epochs: int | None = None,
        batch_size: int | None = None,
        learning_rate: Any = None,
        callbacks: Any = None,
        random_state: Any = None,
        verbose: Any = 0,
    ) -> None:
        """Store the parameters; `fit` checks them."""
        self.cell = cell
        self.units = units
        self.bidirectional = bidirectional
        self.dropout = dropout
        self.attention = attention
        self.convolution = convolution
        self.scaling = scaling
        self.missing = missing
        self.loss = loss
        self.intervals = intervals
        self.folds = folds
        self.epochs = epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.callbacks = callbacks
        self.random_state = random_state
        self.verbose = verbose

    def __sklearn_tags__(self) -> Any:
        """What scikit-learn may pass."""
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags

    def fit(self, X: Any, y: Any) -> SeqkitRegressor:  # noqa: N803  # scikit-learn's name
        """Train on samples and their targets `[B]` or `[B, C]`, in raw units.

        Raises:
            TypeError, ValueError: samples, targets or parameters that scikit-learn or `train_regressor` refuse.
        """
        y = require_answers(self, y)
        samples = self.samples_to_fit(X)
        check_consistent_length(samples, y)
        if not isinstance(y, pd.DataFrame | pd.Series):  # these have names
            y = check_array(y, ensure_2d=False, dtype="numeric", input_name="y", estimator=self)
        options = self.recipe_options()
        with random_numbers_given_back(options["seed"]):
            self.model_ = train_regressor(samples, y, **options)
        return self

    def predict(self, X: Any) -> np.ndarray:  # noqa: N803
        """The targets in raw units, `[B]` or `[B, C]` as y was."""
        check_is_fitted(self, "model_")
        return self.model_.predict(self.samples_to_answer("predict", X), verbose=0).astype("float64")

    def predict_interval(self, X: Any, levels: Sequence[float] = USUAL_LEVELS) -> pd.DataFrame:  # noqa: N803
        """The targets, and intervals that hold the truth with a probability of each level, in percent.

        Raises:
            ValueError: no samples were held out, or too few for a level.
        """
        check_is_fitted(self, "model_")
        return self.model_.predict_interval(self.samples_to_answer("predict_interval", X), levels)
