"""Backtest a forecaster at rolling origins, and compare it with the naive forecasts."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from utilsforecast import losses

from seqkit import _checks
from seqkit._errors import InvalidValue, keywords
from seqkit._shown import shown_shortly
from seqkit.forecasting.model import Forecaster
from seqkit.forecasting.naive import naive_periods, seasonal_naive, verdict
from seqkit.forecasting.tables import UNKNOWN_STAMP, model_table
from seqkit.forecasting.train import train_forecaster
from seqkit.forecasting.trainer import quickest
from seqkit.task.progress import AUTO, bar, check_verbose


@shown_shortly
class Backtest(NamedTuple):
    """The forecasts from rolling origins, their scores, and a verdict."""

    forecasts: pd.DataFrame  # a row for each step: origin, step, time, target, actual, forecast, the naive forecasts
    scores: pd.DataFrame  # mae, rmse, smape, mase by method; for several targets by (target, method)
    steps: pd.DataFrame  # MAE of each method by step; for several targets by (target, step)
    verdict: str  # a sentence or two for each target


def backtest(
    model: Forecaster,
    table: pd.DataFrame,
    *,
    origins: int = 3,
    refit: bool = True,
    epochs: int | None = None,
    seed: int | None = None,
    budget: float | str | None = None,
    verbose: Any = AUTO,
    progress: bool | None = None,
) -> Backtest:
    """Forecast the last rows of a table from several origins, and score the forecasts against these rows.

    The last `origins` horizons do not overlap. With `refit`, `train_forecaster` trains a new model for each of them, on
    the rows before it only. The new model has the loss of `model` and the arguments that were passed to its builder.
    The other settings, such as season, timesteps and transform, come from the training rows. `train_forecaster` chooses
    the optimizer and the epochs.

    The naive forecasts are the last value (`naive`), the last season (`seasonal_naive`), and where the calendar has a
    longer one and the table the rows, the last longer season (`long_seasonal_naive`): for hours a day and a week.

    Errors are in the units of the table; sMAPE is in percent (0 to 200); MASE divides the MAE by the MAE of the
    in-sample seasonal naive forecast (Hyndman & Koehler 2006).

    Args:
        model: the forecaster, trained or not.
        table: DataFrame with the model's columns.
        origins: number of origins.
        refit: train a new model at each origin. False scores `model` itself; origins before `model.trained_until` are
            then refused, because the model was trained on the rows after them.
        epochs: most epochs of each refit.
        seed: seed of each refit.
        budget: most time of each refit, as in `train_forecaster`.
        verbose: "auto" for a progress bar in a terminal or in Jupyter, 0 for silence.
        progress: the same as `verbose`, as True or False.

    Returns:
        `Backtest`. Its `verdict` says where the model is no better than a naive forecast, or copies one.

    Raises:
        ValueError: too few rows for the origins; without `refit`, an origin before `model.trained_until`.
    """
    origins = _checks.whole_number("backtest", "origins", origins)
    settings = model.settings
    table = model_table(settings, table, "backtest")
    cuts = [len(table) - settings.horizon * horizons for horizons in range(origins, 0, -1)]
    _refuse_short_table(table, cuts[0], origins, settings.horizon)
    _refuse_unknown_targets(table.iloc[cuts[0] :], settings.targets)
    if not refit:
        _refuse_origins_in_training(model, table, cuts[0])
    periods = naive_periods(model, cuts[0])
    blocks: list[pd.DataFrame] = []
    pasts: list[pd.DataFrame] = []
    trained = None
    options = {"epochs": epochs, "seed": seed, "budget": budget}
    verbose = check_verbose("backtest", verbose if progress is None else bool(progress))
    for cut in bar("backtest", len(cuts), "origin", verbose, iterable=cuts):
        past, actual = table.iloc[:cut], table.iloc[cut : cut + settings.horizon]
        trained = _refit(model, past, trained or model, options) if refit else model
        blocks.append(_forecast_rows(quickest(trained).forecast(past), past, actual, periods))
        pasts.append(past)
    forecasts = pd.concat(blocks, ignore_index=True)
    scores = _by_target(forecasts, lambda rows, target: _scores(rows, [past[target] for past in pasts], periods))
    steps = _by_target(forecasts, lambda rows, target: _errors(rows, periods).groupby(rows["step"]).mean())
    return Backtest(forecasts, scores, steps, verdict(forecasts, scores, periods, origins))


def _refuse_short_table(table: pd.DataFrame, first_cut: int, origins: int, horizon: int) -> None:
    if first_cut < horizon + 1:
        rows = f"rows leave {max(first_cut, 0)} of {len(table)} rows to train on, {horizon + 1} or more are needed."
        raise InvalidValue(
            "backtest",
            keywords(origins=origins) + " of " + keywords(horizon=horizon) + f" {rows}",
            "Ask for fewer origins, or pass more rows.",
            argument="origins",
        )


def _refuse_unknown_targets(actual: pd.DataFrame, targets: Sequence[Any]) -> None:
    unknown = [target for target in targets if actual[target].isna().all()]
    if unknown:
        raise InvalidValue(
            "backtest",
            f"target {unknown[0]!r} has no known value in the last {len(actual)} rows, so it cannot be scored there.",
            "Leave the target out, or end the table where its values end.",
            argument="table",
        )


def _refuse_origins_in_training(model: Forecaster, table: pd.DataFrame, first_cut: int) -> None:
    first_origin = table.index[first_cut - 1]
    if model.trained_until in (None, UNKNOWN_STAMP):
        raise InvalidValue(
            "backtest",
            "refit=False needs a model that knows until when it was trained, but this model was fitted on arrays, or "
            "not at all.",
            "Fit it on the rows before the first origin, or use refit=True.",
            argument="refit",
        )
    if pd.Timestamp(model.trained_until) > first_origin:
        raise InvalidValue(
            "backtest",
            f"the model was trained until {model.trained_until}, past the first origin {first_origin}. Its score would "
            "be too good, because it was trained on rows that it is to forecast.",
            "Use refit=True, fewer origins, or train on the rows before the first origin.",
            argument="refit",
        )


def _refit(model: Forecaster, past: pd.DataFrame, earlier: Forecaster, training: Mapping[str, Any]) -> Forecaster:
    settings = model.settings
    options = {
        **model.asked,
        "dropout": settings.dropout,  # one number for each layer: a single number is the old spelling
        "horizon": settings.horizon,
        "targets": list(settings.targets),
        "loss": model.loss,
    }
    # The graph is compiled once for all origins, and for the model if that was trained with `reuse`.
    return train_forecaster(past, reuse=earlier, verbose=0, **training, **options)


def _forecast_rows(
    forecast: pd.DataFrame, past: pd.DataFrame, actual: pd.DataFrame, periods: Mapping[str, int]
) -> pd.DataFrame:
    """Return the rows of one origin, with the actual values and the naive forecasts."""
    horizon = len(actual)
    return pd.concat(
        [
            pd.DataFrame(
                {
                    "origin": past.index[-1],
                    "step": np.arange(1, horizon + 1),
                    "time": actual.index,
                    "target": target,
                    "actual": actual[target].to_numpy(),
                    "forecast": forecast[target].to_numpy(),
                    **{name: seasonal_naive(past[target], horizon, period) for name, period in periods.items()},
                }
            )
            for target in forecast.columns
        ]
    )


def _by_target(forecasts: pd.DataFrame, score_rows: Any) -> pd.DataFrame:
    """Apply `score_rows(rows, target)` to the rows of each target whose actual value is known."""
    scored = forecasts.dropna(subset=["actual"])
    tables: dict[Hashable, pd.DataFrame] = {
        target: score_rows(rows, target) for target, rows in scored.groupby("target", sort=False)
    }
    return next(iter(tables.values())) if len(tables) == 1 else pd.concat(tables, names=["target"])


def _errors(rows: pd.DataFrame, periods: Mapping[str, int]) -> pd.DataFrame:
    return rows[["forecast", *periods]].sub(rows["actual"], axis=0).abs()


def _scores(rows: pd.DataFrame, pasts: Sequence[Any], periods: Mapping[str, int]) -> pd.DataFrame:
    """Return the MAE, RMSE, sMAPE (percent) and MASE of each method over all origins."""
    methods = ["forecast", *periods]
    period = periods["seasonal_naive"]
    rows = rows.rename(columns={"actual": "y", "time": "ds"})
    pooled = rows.assign(unique_id=0)
    by_origin = rows.assign(unique_id=rows["origin"])
    lag = period if len(pasts[0]) > period else 1
    training = pd.concat(
        [pd.DataFrame({"unique_id": past.index[-1], "ds": past.index, "y": past.ffill().to_numpy()}) for past in pasts]
    )
    return pd.DataFrame(
        {
            "mae": losses.mae(pooled, methods)[methods].iloc[0],
            "rmse": losses.rmse(pooled, methods)[methods].iloc[0],
            "smape": 200 * losses.smape(pooled, methods)[methods].iloc[0],
            "mase": losses.mase(by_origin, methods, seasonality=lag, train_df=training)[methods].mean(),
        }
    ).rename_axis("method")
