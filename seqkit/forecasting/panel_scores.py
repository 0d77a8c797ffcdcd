"""The parts of a backtest of many series: the rows before and after each origin, and scores by series.

Shapes: S series, H horizon.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from utilsforecast import losses

from seqkit._errors import InvalidValue, MessageText, SeqkitWarning, keywords, listed, warn
from seqkit.data.panel_context import rows_between
from seqkit.data.panels import require_panel
from seqkit.forecasting.origins import WHERE, Origin
from seqkit.forecasting.seasons import repeated_season


def origins_of_panel(frame: pd.DataFrame, horizon: int, origins: int) -> list[Origin]:
    """The origins, the earliest first; a series that is too short for one is left out there, and named."""
    panel = require_panel(frame, WHERE)
    needed = horizon * origins + 1
    if not (panel.rows > horizon).any():
        problem: MessageText | str = (
            keywords(horizon=horizon) + f" leaves no row before it of any of {len(panel.rows)} series."
        )
        raise InvalidValue(WHERE, problem, "Pass longer series, or build with a shorter horizon.", "table")
    is_short = panel.rows < needed
    if is_short.any():
        problem = f"fewer than {needed} rows in {int(is_short.sum())} of {len(panel.rows)} series: "
        problem += f"{listed(panel.names[is_short], most=5)}."
        warn(SeqkitWarning(WHERE, problem, "They are scored at the origins that they have rows for, if any."))
    found = []
    for left in range(origins, 0, -1):
        has_origin = panel.rows > horizon * left
        first, cut = panel.first[has_origin], (panel.first + panel.rows - horizon * left)[has_origin]
        if has_origin.any():
            past = panel.frame.iloc[rows_between(first, cut)]
            found.append(Origin(past, panel.frame.iloc[rows_between(cut, cut + horizon)]))
    return found


def panel_rows(origin: Origin, forecast: pd.DataFrame, periods: Mapping[str, int]) -> pd.DataFrame:
    """The rows of one origin, with the actual values and the naive forecasts of each series."""
    past, actual = origin
    series = past.index.get_level_values(0)
    codes = pd.factorize(series)[0]
    first = np.flatnonzero(np.diff(codes, prepend=-1))
    stop = np.append(first[1:], len(past))
    horizon = len(actual) // len(first)
    last_stamps = past.index.get_level_values(1)[stop - 1]
    blocks = []
    for target in forecast.columns:
        values = past[target].to_numpy("float64")
        naive = {
            name: np.concatenate(
                [repeated_season(values[a:b], horizon, period) for a, b in zip(first, stop, strict=True)]
            )
            for name, period in periods.items()
        }
        blocks.append(
            pd.DataFrame(
                {
                    "series": actual.index.get_level_values(0),
                    "origin": last_stamps.repeat(horizon),
                    "step": np.tile(np.arange(1, horizon + 1), len(first)),
                    "time": actual.index.get_level_values(1),
                    "target": target,
                    "actual": actual[target].to_numpy(),
                    "forecast": forecast[target].to_numpy(),
                    **naive,
                }
            )
        )
    return pd.concat(blocks)


def scores_by_series(forecasts: pd.DataFrame, origins: Sequence[Origin], periods: Mapping[str, int]) -> pd.DataFrame:
    """MAE, RMSE, sMAPE (percent) and MASE, by target, series and method: the mean over the origins of a series."""
    tables = {
        target: _scores_of_target(rows, [past[target] for past, _ in origins], periods)
        for target, rows in forecasts.dropna(subset=["actual"]).groupby("target", sort=False)
    }
    return pd.concat(tables, names=["target"])


def _scores_of_target(rows: pd.DataFrame, pasts: Sequence[pd.Series], periods: Mapping[str, int]) -> pd.DataFrame:
    methods = ["forecast", *periods]
    cases = rows.groupby(["series", "origin"], sort=False).ngroup()
    scored = rows.rename(columns={"actual": "y", "time": "ds"}).assign(unique_id=cases.to_numpy())
    known = rows.assign(unique_id=cases.to_numpy()).drop_duplicates("unique_id")
    of_case = dict(zip(zip(known["series"], known["origin"], strict=True), known["unique_id"], strict=True))
    training: pd.DataFrame = pd.concat([_training_rows(past, of_case) for past in pasts])
    of_cases = {
        "mae": losses.mae(scored, methods),
        "rmse": losses.rmse(scored, methods),
        "smape": losses.smape(scored, methods),
        "mase": losses.mase(scored, methods, seasonality=periods["seasonal_naive"], train_df=training),
    }
    series = known.set_index("unique_id")["series"]
    table = {}
    for name, values in of_cases.items():
        by_case = values.set_index("unique_id")[methods].replace([np.inf, -np.inf], np.nan)
        table[name] = by_case.groupby(series.reindex(by_case.index), sort=False).mean().stack(future_stack=True)
    table["smape"] *= 200
    return pd.DataFrame(table).rename_axis(["series", "method"])


def _training_rows(past: pd.Series, of_case: Mapping[Any, int]) -> pd.DataFrame:
    """The past of each series as utilsforecast reads it, with missing values filled by the last known one."""
    series = past.index.get_level_values(0)
    codes, names = pd.factorize(series)
    stop = np.append(np.flatnonzero(np.diff(codes)), len(past) - 1)
    stamps = past.index.get_level_values(1)
    numbers = np.array([of_case.get((name, stamps[at]), -1) for name, at in zip(names, stop, strict=True)])
    filled = past.groupby(codes).ffill().to_numpy()
    rows = pd.DataFrame({"unique_id": numbers[codes], "ds": stamps, "y": filled})
    return rows[rows["unique_id"] >= 0]


def overall(by_series: pd.DataFrame) -> pd.DataFrame:
    """The mean over the series of each score, by method; for several targets by (target, method)."""
    return by_series.groupby(level=[name for name in by_series.index.names if name != "series"], sort=False).mean()


def errors_by_step(forecasts: pd.DataFrame, by_series: pd.DataFrame, periods: Mapping[str, int]) -> pd.DataFrame:
    """MASE of each method by step, the mean over the series; for several targets by (target, step)."""
    methods = ["forecast", *periods]
    found = {}
    for target, rows in forecasts.dropna(subset=["actual"]).groupby("target", sort=False):
        scores = by_series.loc[target].xs("forecast", level="method")
        scale = (scores["mae"] / scores["mase"]).reindex(rows["series"]).to_numpy()
        errors = rows[methods].sub(rows["actual"], axis=0).abs().div(scale, axis=0)
        found[target] = errors.replace([np.inf, -np.inf], np.nan).groupby(rows["step"].to_numpy()).mean()
    table = pd.concat(found, names=["target", "step"])
    return table.droplevel("target").rename_axis("step") if len(found) == 1 else table


def verdict_on_panel(by_series: pd.DataFrame, periods: Mapping[str, int], origins: int) -> str:
    """Say for each target how the forecast compares with the best naive one, and on how many series it wins."""
    return "\n".join(
        _verdict_on_target(target, rows.droplevel("target"), periods, origins)
        for target, rows in by_series.groupby(level="target", sort=False)
    )


def _verdict_on_target(target: Any, rows: pd.DataFrame, periods: Mapping[str, int], origins: int) -> str:
    by_method = rows["mase"].unstack("method")
    known = by_method.dropna()
    count, scored = len(by_method), len(known)
    if not scored:
        return f"{target}: no series of {count} has a MASE, since each is constant or shorter than a season."
    naive = known[list(periods)].mean()
    best = str(naive.idxmin())
    error, best_error = float(known["forecast"].mean()), float(naive[best])
    wins = int((known["forecast"] < known[best]).sum())
    how = f"at {origins} origins" if origins > 1 else "at one origin"
    name = best.replace("_", " ")
    words = (
        f"{target}: the forecast's mean MASE over {scored} series {how} is {error:.4g}, "
        f"{1 - error / best_error:.0%} below the {name} forecast's {best_error:.4g}; it is better on {wins} of "
        f"{scored} series ({wins / scored:.0%})."
        if error < best_error
        else f"{target}: no better than the {name} forecast: mean MASE {error:.4g} against {best_error:.4g} over "
        f"{scored} series {how}; it is better on {wins} of {scored} series ({wins / scored:.0%}). Use the {name} "
        "forecast."
    )
    if scored < count:
        words += f" Without a MASE, since constant or shorter than a season: {count - scored} series."
    return words
