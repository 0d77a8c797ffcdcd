"""What a backtest of many series says of the forecast beside the simple ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from seqkit.forecasting.ets import ETS
from seqkit.forecasting.naive import in_words


def verdict_on_panel(by_series: pd.DataFrame, periods: Mapping[str, int], origins: int) -> str:
    """Say for each target how the forecast compares with the best simple one, and on how many series it wins."""
    return "\n".join(
        _verdict_on_target(target, rows.droplevel("target"), periods, origins)
        for target, rows in by_series.groupby(level="target", sort=False)
    )


def _verdict_on_target(target: Any, rows: pd.DataFrame, periods: Mapping[str, int], origins: int) -> str:
    by_method = rows["mase"].unstack("method")
    known = by_method.dropna(subset=["forecast", *periods])
    count, scored = len(by_method), len(known)
    if not scored:
        return f"{target}: no series of {count} has a MASE, since each is constant or shorter than a season."
    of_ets = known.dropna() if ETS in known else known.iloc[:0]
    is_sample = 0 < len(of_ets) < scored
    simple = [*periods, ETS] if len(of_ets) == scored else list(periods)
    best = str(known[simple].mean().idxmin())
    is_advised = not is_sample or of_ets[best].mean() <= of_ets[ETS].mean()
    words = f"{target}: {_compared(known, best, periods, origins)}"
    if known["forecast"].mean() >= known[best].mean() and is_advised:
        words += f" Use the {in_words(best, periods)} forecast."
    if is_sample:
        words += _beside_ets(of_ets, periods)
    if scored < count:
        words += f" Without a MASE, since constant or shorter than a season: {count - scored} series."
    return words


def _compared(known: pd.DataFrame, best: str, periods: Mapping[str, int], origins: int) -> str:
    """The forecast beside the best simple one, on all series that have a MASE."""
    error, best_error = float(known["forecast"].mean()), float(known[best].mean())
    wins, scored = int((known["forecast"] < known[best]).sum()), len(known)
    over = f"over {scored} series {f'at {origins} origins' if origins > 1 else 'at one origin'}"
    name, share = in_words(best, periods), f"it is better on {wins} of {scored} series ({wins / scored:.0%})."
    if error < best_error:
        below = f"{1 - error / best_error:.0%} below the {name} forecast's {best_error:.4g}"
        return f"the forecast's mean MASE {over} is {error:.4g}, {below}; {share}"
    return f"no better than the {name} forecast: mean MASE {error:.4g} against {best_error:.4g} {over}; {share}"


def _beside_ets(of_ets: pd.DataFrame, periods: Mapping[str, int]) -> str:
    """The forecast beside ETS, on the series that ETS was fitted to."""
    error, best_error = float(of_ets["forecast"].mean()), float(of_ets[ETS].mean())
    wins, count = int((of_ets["forecast"] < of_ets[ETS]).sum()), len(of_ets)
    share = f"it is better on {wins} of {count}."
    words = f" ETS was fitted to {count} of these series: there the forecast"
    if error < best_error:
        return f"{words}'s mean MASE is {error:.4g}, {1 - error / best_error:.0%} below ETS's {best_error:.4g}; {share}"
    words += f" is no better than ETS: mean MASE {error:.4g} against {best_error:.4g}; {share}"
    return words + (" Use the ETS forecast." if best_error < of_ets[list(periods)].mean().min() else "")
