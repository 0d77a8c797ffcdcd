"""The main figures at the top of the page of a forecast."""

from __future__ import annotations

import numpy as np
import pandas as pd

from seqkit.data.panels import is_panel
from seqkit.forecasting.intervals import levels_of
from seqkit.forecasting.score import Backtest
from seqkit.reports.columns import Clock, as_text
from seqkit.reports.forecast_figures import Drawn


def main_figures(
    clock: Clock, drawn: list[Drawn], table: pd.DataFrame, future: pd.DataFrame, tested: Backtest | None
) -> list[tuple[str, str, str]]:
    """The name, the figure and the words below it of each."""
    stamps = clock.written(future.index.unique(-1).sort_values())
    series = f"{future.index.unique(0).size} series" if is_panel(future) else ""
    steps = len(drawn[0].forecast)
    cards = [("forecast", f"{steps} rows" if steps > 1 else "1 row", f"{stamps[0]} to {stamps[-1]}")]
    if series:
        cards.insert(0, ("series", series, f"{len(table)} rows"))
    elif len(drawn) == 1:
        one = drawn[0]
        levels = levels_of(list(one.forecast.columns), one.target)
        beside = "without intervals"
        if levels:
            low, high = (as_text(one.forecast[f"{one.target}-{side}-{levels[-1]:g}"].iloc[0]) for side in ("lo", "hi"))
            beside = f"{levels[-1]:g} % interval: {low} to {high}"
        cards.insert(0, (f"{one.target} in {stamps[0]}", as_text(one.forecast[one.target].iloc[0]), beside))
    return cards if tested is None else [*cards, *_of_backtest(tested)]


def _of_backtest(tested: Backtest) -> list[tuple[str, str, str]]:
    scores = tested.scores["mase"]
    if tested.scores.index.nlevels > 1:
        scores = scores.groupby(level="method").mean()
    simple = scores.drop("forecast").dropna()
    cards = []
    if len(simple) and np.isfinite(scores["forecast"]):
        best = str(simple.idxmin())
        beside = f"best simple forecast: {as_text(simple.min(), 3)} ({best.replace('_', ' ')})"
        cards.append(("error in the backtest, MASE", as_text(scores["forecast"], 3), beside))
    if tested.intervals is not None:
        of_all = tested.intervals.xs("all", level="steps")
        level = of_all.index.get_level_values("level")[0]
        inside = of_all.xs(level, level="level") if of_all.index.nlevels > 1 else of_all.loc[[level]]
        share = (inside["coverage"] * inside["rows"]).sum() / inside["rows"].sum()
        count = int(inside["rows"].sum())
        cards.append((f"inside the intervals of {level:g} %", f"{share:.0%}", f"of {count} values in the backtest"))
    return cards
