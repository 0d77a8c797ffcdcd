"""How good the intervals of a backtest are: coverage with its binomial bounds, widths, and the quantile loss.

Shapes: H horizon, S series.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import binomtest, norm
from utilsforecast import losses

from seqkit.forecasting.intervals import bounds_of

SHOWN_LEVELS = (80.0, 95.0)  # of the table; the loss reads all
CONFIDENCE = 0.95  # of the binomial bounds
THIRDS = 3
BOUND = re.compile(r"(lo|hi)-[\d.]+")


def bound_columns(level: float) -> tuple[str, str]:
    """The columns of `Backtest.forecasts` with the bounds of an interval."""
    return f"lo-{level:g}", f"hi-{level:g}"


def own_levels(quantiles: Sequence[float]) -> list[float]:
    """The levels in percent of the intervals that a model's quantiles bound, which rise."""
    half = len(quantiles) // 2
    return [100 * (upper - lower) for lower, upper in zip(quantiles[:half], quantiles[::-1], strict=False)][::-1]


def bounds_of_target(forecast: pd.DataFrame, target: Any) -> dict[str, np.ndarray]:
    """The bounds of a target in a forecast, by their columns in a backtest."""
    start = f"{target}-"
    names = {str(name).removeprefix(start): name for name in forecast.columns if str(name).startswith(start)}
    return {end: forecast[name].to_numpy() for end, name in names.items() if BOUND.fullmatch(end)}


def levels_in(forecasts: pd.DataFrame) -> list[float]:
    """The levels whose bounds a table of a backtest holds, which rise."""
    return sorted(float(name.removeprefix("lo-")) for name in forecasts.columns if str(name).startswith("lo-"))


def interval_table(forecasts: pd.DataFrame, spreads: Mapping[Any, float], period: int) -> pd.DataFrame | None:
    """Coverage and width of the intervals, by level and third of the horizon; None where there are no intervals.

    Args:
        forecasts: rows of a backtest; those whose actual value or bounds are unknown do not count.
        spreads: of the seasonal differences of each target, or of each (target, series), for the naive intervals.
        period: rows of the season that the naive forecast repeats.

    Returns:
        A table indexed by `level` and `steps`, for several targets by `target` before these. `coverage` is the share of
        values inside, `least` and `most` the exact binomial bounds of 95 % around it (Clopper & Pearson 1934), as if
        the values were independent; `rows` their number; `width` the mean width in the units of the table, and
        `naive_width` that of the seasonal naive forecast's interval, 2 z s sqrt(k) for the k-th season ahead (Hyndman &
        Athanasopoulos 2021, section 5.5).
    """
    levels = [level for level in levels_in(forecasts) if level in SHOWN_LEVELS] or levels_in(forecasts)
    if not levels:
        return None
    known = forecasts.dropna(subset=["actual", bound_columns(levels[0])[0]])
    found = {
        (target, level, steps): _row(rows, level, _spreads_of(rows, spreads), period)
        for target, of_target in known.groupby("target", sort=False)
        for level in levels
        for steps, rows in _thirds(of_target)
    }
    table = pd.DataFrame(found).T.rename_axis(["target", "level", "steps"])
    table["rows"] = table["rows"].astype(int)
    return table.droplevel("target") if known["target"].nunique() == 1 else table


def _thirds(rows: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    """The rows of each third of the horizon, named after its steps, and all of them."""
    horizon = int(rows["step"].max())
    borders = np.linspace(0, horizon, min(THIRDS, horizon) + 1).round().astype(int)
    parts = [
        (f"{first + 1}-{last}" if last > first + 1 else str(last), rows[rows["step"].between(first + 1, last)])
        for first, last in itertools.pairwise(borders)
    ]
    return [*parts, ("all", rows)]


def _spreads_of(rows: pd.DataFrame, spreads: Mapping[Any, float]) -> np.ndarray:
    keys = list(zip(rows["target"], rows["series"], strict=True)) if "series" in rows else rows["target"]
    return np.array([spreads.get(key, np.nan) for key in keys])


def _row(rows: pd.DataFrame, level: float, spreads: np.ndarray, period: int) -> dict[str, float]:
    low, high = (rows[name].to_numpy() for name in bound_columns(level))
    inside = int(((rows["actual"] >= low) & (rows["actual"] <= high)).sum())
    bounds = binomtest(inside, len(rows)).proportion_ci(CONFIDENCE)
    seasons = (rows["step"].to_numpy() - 1) // period + 1
    naive = 2 * norm.ppf(bounds_of(level)[1]) * spreads * np.sqrt(seasons)
    return {
        "coverage": inside / len(rows),
        "least": bounds.low,
        "most": bounds.high,
        "rows": len(rows),
        "width": float(np.mean(high - low)),
        "naive_width": float(np.nanmean(naive)) if np.isfinite(naive).any() else np.nan,
    }


def spread_of_seasons(values: np.ndarray, period: int) -> float:
    """The root mean square of the seasonal differences of a series; NaN where it is shorter than that."""
    differences = values[period:] - values[:-period]
    known = differences[np.isfinite(differences)]
    return float(np.sqrt(np.mean(known**2))) if len(known) else np.nan


def crps(rows: pd.DataFrame, methods: Sequence[str]) -> pd.Series:
    """Scaled CRPS of each method: twice the mean quantile loss over the mean absolute value.

    Of a method without quantiles, all quantiles are its forecast; its CRPS is then its absolute error.

    Args:
        rows: of one target, with the columns `actual`, those of the methods, and the bounds of the intervals.
        methods: their columns.
    """
    levels = levels_in(rows)
    ends = sorted([0.5, *(end for level in levels for end in bounds_of(level))])
    lower, upper = ([bound_columns(level)[side] for level in levels] for side in (0, 1))
    own = [*lower[::-1], "forecast", *upper]
    scored = rows.rename(columns={"actual": "y"}).assign(unique_id=0)
    others = {method: [method] for method in methods if method != "forecast"}
    # Quantiles that are all alike have the same CRPS as their median alone, which is quicker.
    parts = [losses.scaled_crps(scored, others, np.array([0.5]))] if others else []
    if "forecast" in methods:
        parts.append(losses.scaled_crps(scored, {"forecast": own}, np.array(ends)))
    found: pd.Series = pd.concat(parts, axis=1)[list(methods)].iloc[0]
    return found


def words_on_intervals(table: pd.DataFrame | None) -> str:
    """A sentence on the coverage at each level that is shown, for each target; nothing without intervals."""
    if table is None:
        return ""
    targets = table.index.get_level_values("target").unique() if "target" in table.index.names else [None]
    return "\n".join(_words(table if target is None else table.loc[target], target) for target in targets)


def _words(table: pd.DataFrame, target: Any) -> str:
    rows = table.xs("all", level="steps")
    count = int(rows["rows"].iloc[0])
    said = [f"{share:.0%} of {count} values in those of {level:g} %" for level, share in rows["coverage"].items()]
    return ("" if target is None else f"{target}: ") + "Intervals: " + ", ".join(said) + "."
