"""Build a forecaster: a table's past in, its next values out, both in the table's own units."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import pandas as pd

from seqkit.forecasting.checks import warn_of_hard_columns
from seqkit.forecasting.model import Forecaster
from seqkit.forecasting.settings import settle
from seqkit.forecasting.tables import as_table, last_stamp

__all__ = ["Forecaster", "build_forecaster"]


def build_forecaster(
    *,
    horizon: int,
    like: pd.DataFrame | None = None,
    timesteps: int | None = None,
    features: int | None = None,
    targets: str | int | Sequence[str | int] | None = None,
    season: int | None = None,
    cell: str = "gru",
    units: int | Sequence[int] = 32,
    bidirectional: bool = False,
    dropout: float | Sequence[float] | None = None,
    first_dropout: float | None = None,
    segment: int | None = None,
    baseline: str = "smoothed",
    scaling: str = "window",
    transform: str | None = None,
    fill: str | None = None,
    loss: Any = "mae",
    optimizer: Any = "adam",
) -> Forecaster:
    """Build a compiled recurrent forecaster: the last T rows in, the next H rows out, in raw units.

    With `like=train` the columns, frequency, season, timesteps and transform come from that table (and the
    statistics of `scaling="standard"`); nothing else of it is kept. On bare arrays give `timesteps` and
    `features`. The defaults are those of `benchmarks/defaults.py`.

    Args:
        horizon: rows to predict at once, H.
        like: training table (DataFrame with a regular time index) to take the above from.
        timesteps: rows a window reads, T; from the table, as many whole seasons as it has rows for, 8 at most.
        features: columns of a bare array, F.
        targets: the column or columns to predict; all by default.
        season: rows in a season; from the table, the calendar period of its frequency where the targets'
            autocorrelation shows one. 1 for none.
        cell: `"gru"`, `"lstm"` or `"simple_rnn"`.
        units: units of each recurrent layer, first to last.
        bidirectional: read the window in both directions.
        dropout: fraction dropped after each layer in training, one number for each.
        first_dropout: fraction dropped after the first layer alone; 0.2 by default. For this release a single number
            as `dropout` still means this, with a warning where there are more layers.
        segment: timesteps joined to one recurrent step; from the table, a calendar period where a window
            holds two or more. 1 for none.
        baseline: what the network's output is added to, in scaled units: `"smoothed"` (exponentially smoothed
            level and season, with learnt weights), `"last"` (the last value) or `"none"`.
        scaling: `"window"` (each window by its own level and spread), `"standard"` (mean and standard
            deviation of the training rows) or `"none"`.
        transform: `"log"`, `"asinh"` or `"none"` before scaling; from the table, a log for every column
            whose values are all above zero.
        fill: how missing values of the input are filled, looking backwards only: `"last"` or `"mean"`. None
            refuses them.
        loss: any Keras loss, on scaled values.
        optimizer: any Keras optimizer.

    Returns:
        `Forecaster`, a compiled `keras.Model`; metrics are `mae` and `rmse` in raw units.

    Raises:
        TypeError, ValueError: an argument out of its range, neither `like` nor `timesteps` and `features`, an
            unknown target, too few rows.

    Example:
        The stack of the articles (LSTM 128, dropout 0.5, LSTM 128, LSTM 64, dense) on bare arrays:

        >>> model = build_forecaster(
        ...     timesteps=36, features=1, horizon=12, cell="lstm", units=(128, 128, 64), first_dropout=0.5,
        ...     scaling="none", baseline="none", loss="mse",
        ... )
        >>> model.output_shape
        (None, 12, 1)
    """
    if like is not None:
        like = as_table(like, "build_forecaster")
    settings = settle(
        like=like,
        horizon=horizon,
        timesteps=timesteps,
        features=features,
        targets=targets,
        season=season,
        cell=cell,
        units=units,
        bidirectional=bidirectional,
        dropout=dropout,
        first_dropout=first_dropout,
        segment=segment,
        baseline=baseline,
        scaling=scaling,
        transform=transform,
        fill=fill,
    )
    asked = {  # for a refit, which takes the rest from its own table
        "timesteps": timesteps,
        "season": season,
        "cell": cell,
        "units": units,
        "bidirectional": bidirectional,
        "dropout": list(settings.dropout),  # one number for each layer, which has one meaning
        "segment": segment,
        "baseline": baseline,
        "scaling": scaling,
        "transform": transform,
        "fill": fill,
    }
    model = Forecaster(settings, asked={name: value for name, value in asked.items() if value is not None})
    model.compile(
        optimizer=optimizer,
        loss=loss,
        weighted_metrics=[
            keras.metrics.MeanAbsoluteError(name="mae"),
            keras.metrics.RootMeanSquaredError(name="rmse"),
        ],
    )
    model.optimizer.build(model.trainable_variables)  # else a model saved before its first fit warns when loaded
    if like is not None:
        warn_of_hard_columns(settings, like)
        model.adapt(like)
        model.has_seen(last_stamp(like))
    return model
