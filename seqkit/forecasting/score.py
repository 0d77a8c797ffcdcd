"""How good a forecast is: rolling origins beside the naive forecasts, and a plain word on it."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from tqdm import tqdm
from utilsforecast import losses

from seqkit import _checks
from seqkit._errors import InvalidValue, keywords
from seqkit.forecasting.defaults import natural_period
from seqkit.forecasting.model import Forecaster
from seqkit.forecasting.tables import UNKNOWN_ROWS, model_table
from seqkit.forecasting.train import train_forecaster

METHODS = ("forecast", "naive", "seasonal_naive")
COPY = 0.1  # a forecast this much nearer to a naive one than the truth is, is called a copy of it


class Backtest(NamedTuple):
    """What rolling origins showed."""

    forecasts: pd.DataFrame  # a row each step: origin, step, time, target, actual, forecast, naive, seasonal_naive
    scores: pd.DataFrame  # mae, rmse, smape, mase of each method; several targets: indexed (target, method)
    steps: pd.DataFrame  # MAE of each method by horizon step; several targets: indexed (target, step)
    verdict: str  # in plain words


def backtest(
    model: Forecaster,
    table: pd.DataFrame,
    *,
    origins: int = 3,
    refit: bool = True,
    epochs: int | None = None,
    seed: int | None = None,
    progress: bool = True,
) -> Backtest:
    """Forecast the table's last rows as if they were still to come, from several origins, and score that.

    The last `origins` horizons, which do not overlap, are forecast one after the other. With `refit` a new model is
    trained by `train_forecaster` for each, on the rows before it alone and with what `model` was asked to be and its
    loss; season, timesteps and transform that it took from its table are decided anew from those rows. Optimizer
    and epochs are the recipe's.

    Errors are in the table's units; sMAPE is in percent (0 to 200); MASE divides the MAE by that of the
    in-sample seasonal naive forecast (Hyndman & Koehler 2006).

    Args:
        model: the forecaster, trained or not.
        table: DataFrame with the model's columns.
        origins: how many origins.
        refit: train anew at each origin. False scores `model` itself and is refused for origins before
            `model.trained_until`, whose rows it has learnt.
        epochs: most epochs of each refit.
        seed: of each refit.
        progress: show a bar.

    Returns:
        `Backtest`. Its `verdict` says plainly where the model is no better than a naive forecast or copies one.

    Raises:
        ValueError: too few rows for so many origins; without `refit`, an origin the model was trained past.
    """
    origins = _checks.whole_number("backtest", "origins", origins)
    settings = model.settings
    table = model_table(settings, table, "backtest")
    cuts = [len(table) - settings.horizon * left for left in range(origins, 0, -1)]
    _refuse_short(table, cuts[0], origins, settings.horizon)
    _refuse_unknown(table.iloc[cuts[0] :], settings.targets)
    if not refit:
        _refuse_seen(model, table, cuts[0])
    period = model.asked.get("season") or natural_period(settings.frequency)
    parts: list[pd.DataFrame] = []
    training: list[pd.DataFrame] = []
    for cut in tqdm(cuts, desc="backtest", unit="origin", disable=not progress):
        seen = table.iloc[:cut]
        judged = _trained_anew(model, seen, epochs, seed) if refit else model
        parts.append(_one_origin(judged.forecast(seen), seen, table.iloc[cut : cut + settings.horizon], period))
        training.append(seen)
    forecasts = pd.concat(parts, ignore_index=True)
    scores = _by_target(forecasts, lambda rows, target: _scores(rows, [one[target] for one in training], period))
    steps = _by_target(forecasts, lambda rows, target: _errors(rows).groupby(rows["step"]).mean())
    return Backtest(forecasts, scores, steps, _verdict(forecasts, scores, origins))


def _refuse_short(table: pd.DataFrame, first_cut: int, origins: int, horizon: int) -> None:
    if first_cut < horizon + 1:
        left = f"rows leave {max(first_cut, 0)} of {len(table)} rows to learn from, {horizon + 1} or more are needed."
        raise InvalidValue(
            "backtest",
            keywords(origins=origins) + " of " + keywords(horizon=horizon) + f" {left}",
            "Ask for fewer origins, or pass more rows.",
            argument="origins",
        )


def _refuse_unknown(came: pd.DataFrame, targets: Sequence[Any]) -> None:
    unknown = [target for target in targets if came[target].isna().all()]
    if unknown:
        raise InvalidValue(
            "backtest",
            f"target {unknown[0]!r} has no known value in the last {len(came)} rows, so nothing can be scored there.",
            "Leave the target out, or end the table where its values end.",
        )


def _refuse_seen(model: Forecaster, table: pd.DataFrame, first_cut: int) -> None:
    last_seen = table.index[first_cut - 1]
    if model.trained_until in (None, UNKNOWN_ROWS):
        raise InvalidValue(
            "backtest",
            "refit=False needs a model that knows until when it was trained, and this one was fitted on arrays, or "
            "not at all.",
            "Fit it on the rows before the first origin, or use refit=True.",
            argument="refit",
        )
    if pd.Timestamp(model.trained_until) > last_seen:
        raise InvalidValue(
            "backtest",
            f"the model was trained until {model.trained_until}, past the first origin {last_seen}; its score "
            "there would be that of a model which knows the answers.",
            "Use refit=True, fewer origins, or train on the rows before.",
        )


def _trained_anew(model: Forecaster, seen: pd.DataFrame, epochs: int | None, seed: int | None) -> Forecaster:
    own = model.settings
    asked = {**model.asked, "dropout": own.dropout}  # one number for each layer, which has one meaning
    return train_forecaster(
        seen, horizon=own.horizon, targets=list(own.targets), loss=model.loss, epochs=epochs, seed=seed, **asked
    )


def _one_origin(forecast: pd.DataFrame, seen: pd.DataFrame, came: pd.DataFrame, period: int) -> pd.DataFrame:
    return pd.concat(
        [
            pd.DataFrame(
                {
                    "origin": seen.index[-1],
                    "step": np.arange(1, len(came) + 1),
                    "time": came.index,
                    "target": target,
                    "actual": came[target].to_numpy(),
                    "forecast": forecast[target].to_numpy(),
                    "naive": seasonal_naive(seen[target], len(came), 1),
                    "seasonal_naive": seasonal_naive(seen[target], len(came), period),
                }
            )
            for target in forecast.columns
        ]
    )


def seasonal_naive(series: pd.Series, horizon: int, period: int) -> np.ndarray:
    """Repeat the last season (the last value with `period=1`, or where the series is shorter than a season)."""
    known = series.ffill().to_numpy()
    period = period if len(known) >= period else 1
    return np.resize(known[-period:], horizon)


def _by_target(forecasts: pd.DataFrame, table_of: Any) -> pd.DataFrame:
    known = forecasts.dropna(subset=["actual"])
    tables: dict[Hashable, pd.DataFrame] = {
        target: table_of(rows, target) for target, rows in known.groupby("target", sort=False)
    }
    return next(iter(tables.values())) if len(tables) == 1 else pd.concat(tables, names=["target"])


def _errors(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[list(METHODS)].sub(rows["actual"], axis=0).abs()


def _scores(rows: pd.DataFrame, training: Sequence[Any], period: int) -> pd.DataFrame:
    """MAE, RMSE, sMAPE (percent) and MASE of each method over all origins."""
    methods = list(METHODS)
    scored = rows.rename(columns={"actual": "y", "time": "ds"})
    pooled = scored.assign(unique_id=0)
    by_origin = scored.assign(unique_id=scored["origin"])
    lag = period if len(training[0]) > period else 1
    past = pd.concat(
        [pd.DataFrame({"unique_id": one.index[-1], "ds": one.index, "y": one.ffill().to_numpy()}) for one in training]
    )
    return pd.DataFrame(
        {
            "mae": losses.mae(pooled, methods)[methods].iloc[0],
            "rmse": losses.rmse(pooled, methods)[methods].iloc[0],
            "smape": 200 * losses.smape(pooled, methods)[methods].iloc[0],
            "mase": losses.mase(by_origin, methods, seasonality=lag, train_df=past)[methods].mean(),
        }
    ).rename_axis("method")


def _verdict(forecasts: pd.DataFrame, scores: pd.DataFrame, origins: int) -> str:
    targets = list(dict.fromkeys(forecasts["target"]))
    return "\n".join(
        _verdict_on(
            target,
            forecasts[forecasts["target"] == target],
            scores if len(targets) == 1 else scores.loc[target],
            origins,
        )
        for target in targets
    )


def _verdict_on(target: Any, rows: pd.DataFrame, scores: pd.DataFrame, origins: int) -> str:
    errors = {str(method): float(mae) for method, mae in scores["mae"].items()}
    error = errors.pop("forecast")
    best = min(errors, key=lambda method: errors[method])
    rival = errors[best]
    name = best.replace("_", " ")
    over = f"over {origins} origins" if origins > 1 else "over one origin"
    said = (
        f"{target}: the forecast's mean absolute error {over} is {error:.4g}, "
        f"{1 - error / rival:.0%} below the {name} forecast's {rival:.4g}."
        if error < rival
        else f"{target}: no better than the {name} forecast: mean absolute error {error:.4g} against {rival:.4g} "
        f"{over}. Use the {name} forecast."
    )
    copied = [method for method in METHODS[1:] if _is_copy(rows, method)]
    if copied:
        said += f" It is nearly a copy of the {copied[0].replace('_', ' ')} forecast: the model has learnt little else."
    return said


def _is_copy(rows: pd.DataFrame, method: str) -> bool:
    departs = (rows["forecast"] - rows[method]).abs().mean()
    truth_departs = (rows["actual"] - rows[method]).abs().mean()
    return bool(departs < COPY * truth_departs)
