"""The naive forecasts of a backtest, and what it says of a forecast beside them and ETS."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from seqkit.forecasting.ets import ETS
from seqkit.forecasting.seasons import asked_seasons, calendar_seasons, repeated_season

LARGEST_DISTANCE_OF_COPY = 0.1  # from a naive forecast, as a share of the distance of the actual values

MEASURES = {"mae": "mean absolute error", "rmse": "root mean square error"}  # that a verdict goes by


def naive_periods(frequency: str | None, season: Any, rows: int) -> dict[str, int]:
    """Return the rows that each naive forecast repeats, by name; a longer season than `rows` has no forecast.

    Args:
        frequency: of the table; the calendar has its seasons.
        season: as the user asked for it, instead of the calendar's; or None.
        rows: before the first origin.
    """
    seasons = calendar_seasons(frequency) if season is None else asked_seasons("backtest", season)
    periods = {"naive": 1, "seasonal_naive": seasons.short}
    return {**periods, "long_seasonal_naive": seasons.long} if 1 < seasons.long <= rows else periods


def seasonal_naive(series: pd.Series, horizon: int, period: int) -> np.ndarray:
    """Repeat the last season; repeat the last value with `period=1`, or where the series is shorter than a season."""
    return repeated_season(series.to_numpy("float64"), horizon, period)


def methods_of(rows: pd.DataFrame, periods: Mapping[str, int]) -> list[str]:
    """The forecast and the simple ones; ETS only where it has a forecast of every row, to be comparable."""
    has_ets = ETS in rows and bool(rows[ETS].notna().all())
    return ["forecast", *periods, *([ETS] if has_ets else [])]


def verdict(
    forecasts: pd.DataFrame, scores: pd.DataFrame, periods: Mapping[str, int], origins: int, measure: str = "mae"
) -> str:
    """Say for each target whether the forecast is better than the best of the simple ones, or a copy of a naive one.

    The measure is a column of the scores, of `MEASURES`.
    """
    by_target: Any = forecasts.groupby("target", sort=False)
    return "\n".join(
        _verdict_on_target(
            target, rows, scores if len(by_target) == 1 else scores.loc[target], periods, origins, measure
        )
        for target, rows in by_target
    )


def _verdict_on_target(
    target: Any, rows: pd.DataFrame, scores: pd.DataFrame, periods: Mapping[str, int], origins: int, measure: str
) -> str:
    errors = {str(method): float(error) for method, error in scores[measure].items()}
    error = errors.pop("forecast")
    best_method = min(errors, key=lambda method: errors[method])
    best_error, name = errors[best_method], in_words(best_method, periods)
    number = f"over {origins} origins" if origins > 1 else "over one origin"
    words = (
        f"{target}: the forecast's {MEASURES[measure]} {number} is {error:.4g}, "
        f"{1 - error / best_error:.0%} below the {name} forecast's {best_error:.4g}."
        if error < best_error
        else f"{target}: no better than the {name} forecast: {MEASURES[measure]} {error:.4g} against {best_error:.4g} "
        f"{number}. Use the {name} forecast."
    )
    copied = next((method for method in periods if _is_copy(rows, method)), None)
    if copied:
        words += f" It is nearly a copy of the {in_words(copied, periods)} forecast: the model has learnt little else."
    return words


def _is_copy(rows: pd.DataFrame, method: str) -> bool:
    forecast_distance = (rows["forecast"] - rows[method]).abs().mean()
    actual_distance = (rows["actual"] - rows[method]).abs().mean()
    return bool(forecast_distance < LARGEST_DISTANCE_OF_COPY * actual_distance)


def in_words(method: str, periods: Mapping[str, int]) -> str:
    """The name of a simple forecast; two seasons are told apart by their rows."""
    if method == ETS:
        return "ETS"
    if "long_seasonal_naive" not in periods or method == "naive":
        return method.replace("_", " ")
    return f"seasonal naive ({periods[method]} rows)"
