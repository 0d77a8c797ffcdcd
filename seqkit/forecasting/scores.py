"""The tables of a backtest: its forecasts beside the simple ones, and the scores of each method."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from utilsforecast import losses

from seqkit.forecasting.ets import Case
from seqkit.forecasting.interval_scores import bounds_of_target, crps, levels_in
from seqkit.forecasting.naive import methods_of, seasonal_naive
from seqkit.forecasting.origins import Origin


def forecast_rows(
    origin: Origin, forecast: pd.DataFrame, periods: Mapping[str, int], targets: Sequence[Any]
) -> pd.DataFrame:
    """Return the rows of one origin, with the actual values, the naive forecasts and the bounds of the intervals."""
    past, actual = origin
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
                    **bounds_of_target(forecast, target),
                }
            )
            for target in targets
        ]
    )


def cases_of(origins: Sequence[Origin], targets: Sequence[Any]) -> list[Case]:
    """What ETS is fitted to, in the order of the rows of the forecasts."""
    return [
        Case(target, f"{target!r} after {past.index[-1]}", past[target].to_numpy("float64", na_value=np.nan))
        for past, _ in origins
        for target in targets
    ]


def score_table(forecasts: pd.DataFrame, pasts: Sequence[pd.DataFrame], periods: Mapping[str, int]) -> pd.DataFrame:
    """Return the scores by method; for several targets by (target, method)."""
    return _by_target(forecasts, lambda rows, target: _scores(rows, [past[target] for past in pasts], periods))


def step_table(forecasts: pd.DataFrame, periods: Mapping[str, int]) -> pd.DataFrame:
    """Return the MAE of each method by step; for several targets by (target, step)."""

    def errors(rows: pd.DataFrame, _: Any) -> pd.DataFrame:
        return rows[methods_of(rows, periods)].sub(rows["actual"], axis=0).abs().groupby(rows["step"]).mean()

    return _by_target(forecasts, errors)


def _by_target(forecasts: pd.DataFrame, score_rows: Any) -> pd.DataFrame:
    """Apply `score_rows(rows, target)` to the rows of each target whose actual value is known."""
    scored = forecasts.dropna(subset=["actual"])
    tables: dict[Hashable, pd.DataFrame] = {
        target: score_rows(rows, target) for target, rows in scored.groupby("target", sort=False)
    }
    return next(iter(tables.values())) if len(tables) == 1 else pd.concat(tables, names=["target"])


def _scores(rows: pd.DataFrame, pasts: Sequence[Any], periods: Mapping[str, int]) -> pd.DataFrame:
    """Return the MAE, RMSE, sMAPE (percent) and MASE of each method over all origins."""
    methods = methods_of(rows, periods)
    period = periods["seasonal_naive"]
    renamed = rows.rename(columns={"actual": "y", "time": "ds"})
    pooled = renamed.assign(unique_id=0)
    by_origin = renamed.assign(unique_id=rows["origin"])
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
        | ({"scaled_crps": crps(rows, methods)} if levels_in(rows) else {})
    ).rename_axis("method")
