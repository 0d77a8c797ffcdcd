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
from seqkit.forecasting.ets import ETS, Case
from seqkit.forecasting.interval_scores import bounds_of_target, spread_of_seasons
from seqkit.forecasting.naive import methods_of
from seqkit.forecasting.origins import WHERE, Origin
from seqkit.forecasting.seasons import repeated_season


def origins_of_panel(frame: pd.DataFrame, horizon: int, origins: int) -> list[Origin]:
    """The origins, the earliest first; a series that is too short for one is left out there, and named."""
    panel = require_panel(frame, WHERE, ())
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


def panel_rows(
    origin: Origin, forecast: pd.DataFrame, periods: Mapping[str, int], targets: Sequence[Any]
) -> pd.DataFrame:
    """The rows of one origin, with the actual values and the naive forecasts of each series."""
    past, actual = origin
    first, stop = _borders(past)
    horizon = len(actual) // len(first)
    last_stamps = past.index.get_level_values(1)[stop - 1]
    blocks = []
    for target in targets:
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
                    **bounds_of_target(forecast, target),
                }
            )
        )
    return pd.concat(blocks)


def cases_of_panel(origins: Sequence[Origin], targets: Sequence[Any]) -> list[Case]:
    """What ETS is fitted to, in the order of the rows of the forecasts; a series with all its targets, or with none."""
    cases = []
    for past, _ in origins:
        first, stop = _borders(past)
        for target in targets:
            values = past[target].to_numpy("float64", na_value=np.nan)
            for a, b in zip(first, stop, strict=True):
                series, stamp = past.index[b - 1]
                cases.append(Case(series, f"{target!r} of {series!r} after {stamp}", values[a:b]))
    return cases


def _borders(past: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """The row at which each series begins, and the one after its last."""
    codes = pd.factorize(past.index.get_level_values(0))[0]
    first = np.flatnonzero(np.diff(codes, prepend=-1))
    return first, np.append(first[1:], len(past))


def scores_by_series(forecasts: pd.DataFrame, origins: Sequence[Origin], periods: Mapping[str, int]) -> pd.DataFrame:
    """MAE, RMSE, sMAPE (percent) and MASE, by target, series and method: the mean over the origins of a series.

    ETS is in it for the series that it has a forecast of at all origins.
    """
    tables = {
        target: _scores_of_target(rows, [past[target] for past, _ in origins], periods)
        for target, rows in forecasts.dropna(subset=["actual"]).groupby("target", sort=False)
    }
    return pd.concat(tables, names=["target"])


def _scores_of_target(rows: pd.DataFrame, pasts: Sequence[pd.Series], periods: Mapping[str, int]) -> pd.DataFrame:
    has_ets = ETS in rows and bool(rows[ETS].notna().any())
    methods = ["forecast", *periods, *([ETS] if has_ets else [])]
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
    scores = pd.DataFrame(table).rename_axis(["series", "method"])
    if not has_ets:
        return scores
    is_whole = rows[ETS].notna().groupby(rows["series"].to_numpy()).all()
    names, of_method = (scores.index.get_level_values(level) for level in ("series", "method"))
    return scores[(of_method != ETS) | is_whole.reindex(names).to_numpy()]


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


def spreads_of_panel(past: pd.DataFrame, targets: Sequence[Any], period: int) -> dict[Any, float]:
    """The spread of the seasonal differences of each (target, series)."""
    first, stop = _borders(past)
    names = past.index.get_level_values(0)[first]
    return {
        (target, name): spread_of_seasons(past[target].to_numpy("float64")[a:b], period)
        for target in targets
        for name, a, b in zip(names, first, stop, strict=True)
    }


def overall(by_series: pd.DataFrame) -> pd.DataFrame:
    """The mean over the series of each score, by method; for several targets by (target, method).

    ETS is left out unless it has scores of all series, since a mean over some of them is not comparable.
    """
    grouped = by_series.groupby(level=[name for name in by_series.index.names if name != "series"], sort=False)
    counts = grouped.size()
    most = counts.groupby(level="target").transform("max") if "target" in counts.index.names else counts.max()
    return grouped.mean()[counts == most]


def errors_by_step(forecasts: pd.DataFrame, by_series: pd.DataFrame, periods: Mapping[str, int]) -> pd.DataFrame:
    """MASE of each method by step, the mean over the series; for several targets by (target, step)."""
    found = {}
    for target, rows in forecasts.dropna(subset=["actual"]).groupby("target", sort=False):
        scores = by_series.loc[target].xs("forecast", level="method")
        scale = (scores["mae"] / scores["mase"]).reindex(rows["series"]).to_numpy()
        errors = rows[methods_of(rows, periods)].sub(rows["actual"], axis=0).abs().div(scale, axis=0)
        found[target] = errors.replace([np.inf, -np.inf], np.nan).groupby(rows["step"].to_numpy()).mean()
    table = pd.concat(found, names=["target", "step"])
    return table.droplevel("target").rename_axis("step") if len(found) == 1 else table
