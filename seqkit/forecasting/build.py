"""Build a forecaster: the last rows of a table in, the next rows out, both in the units of the table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import pandas as pd

from seqkit.forecasting.checks import warn_of_hard_columns
from seqkit.forecasting.model import Forecaster
from seqkit.forecasting.settings import settle
from seqkit.forecasting.tables import as_table, last_stamp


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

    `like=train` takes the columns, frequency, season, timesteps and transform from that table, and the statistics of
    `scaling="standard"`; the model keeps nothing else of it. For arrays, pass `timesteps` and `features` instead.
    `benchmarks/defaults.py` chose the defaults.

    Args:
        horizon: rows to predict at once, H.
        like: training table, a DataFrame with a regular time index.
        timesteps: rows in the input window, T. By default as many whole seasons as the table has rows for, 8 at most.
        features: columns of an array, F.
        targets: the column or columns to predict; all by default.
        season: rows in a season; 1 for none. By default the calendar period of the table's frequency, where the
            autocorrelation of the targets shows it.
        cell: `"gru"`, `"lstm"` or `"simple_rnn"`.
        units: units of each recurrent layer, first to last.
        bidirectional: read the window in both directions.
        dropout: fraction that training drops after each layer, one number for each layer.
        first_dropout: fraction that training drops after the first layer only; 0.2 by default. In this release, a
            single number as `dropout` still means `first_dropout`, with a warning where there are more layers.
        segment: timesteps that are joined to one recurrent step; 1 for none. By default a calendar period, where a
            window holds two or more.
        baseline: the forecast to which the output of the network is added, in scaled units: `"smoothed"`
            (exponentially smoothed level and season, with learnt weights), `"last"` (the last value) or `"none"`.
        scaling: `"window"` (by the level and spread of each window), `"standard"` (by the mean and standard
            deviation of the training rows) or `"none"`.
        transform: `"log"`, `"asinh"` or `"none"`, before scaling. By default a log for each column of the table whose
            values are all above zero.
        fill: how to fill missing values of the input from earlier rows: `"last"` or `"mean"`. None refuses missing
            values.
        loss: any Keras loss; it compares scaled values.
        optimizer: any Keras optimizer.

    Returns:
        `Forecaster`, a compiled `keras.Model`; its metrics are `mae` and `rmse` in raw units.

    Raises:
        TypeError, ValueError: an argument out of its range, neither `like` nor `timesteps` and `features`, an
            unknown target, too few rows.

    Example:
        The stack of the articles (LSTM 128, dropout 0.5, LSTM 128, LSTM 64, dense) for arrays:

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
    arguments = {  # a refit passes these again and takes the others from its table
        "timesteps": timesteps,
        "season": season,
        "cell": cell,
        "units": units,
        "bidirectional": bidirectional,
        "dropout": list(settings.dropout),  # one number for each layer: a single number is the old spelling
        "segment": segment,
        "baseline": baseline,
        "scaling": scaling,
        "transform": transform,
        "fill": fill,
    }
    model = Forecaster(settings, asked={name: value for name, value in arguments.items() if value is not None})
    model.compile(
        optimizer=optimizer,
        loss=loss,
        weighted_metrics=[
            keras.metrics.MeanAbsoluteError(name="mae"),
            keras.metrics.RootMeanSquaredError(name="rmse"),
        ],
    )
    model.optimizer.build(model.trainable_variables)  # otherwise Keras warns when it loads an unfitted model
    if like is not None:
        warn_of_hard_columns(settings, like)
        model.adapt(like)
        model.has_seen(last_stamp(like))
    return model
