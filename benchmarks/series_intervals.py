"""Intervals of each series of a panel by its own errors, beside those of all series pooled, on rows held back.

python benchmarks/series_intervals.py DATA [--seeds 0 1 2] [--budget 2m]

DATA holds ett/ETTh1.csv. Its seven columns are seven series; the first 6,000 hours train one model, 24 hours ahead, and
the next 2,000 are forecast from each hour. All of them are rows that the published protocol trains on. The pooled
intervals are those of the same model without the factors of the series.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from _results import write_section

import seqkit as sk

ROWS, HELD_BACK, HORIZON, LEVELS = 8_000, 2_000, 24, (80, 95)


def panel_of(data: Path) -> pd.DataFrame:
    """The first 8,000 hours, a series for each column."""
    hours = pd.read_csv(data / "ett" / "ETTh1.csv", index_col="date", parse_dates=True).iloc[:ROWS]
    long = hours.rename_axis("hour").reset_index().melt("hour", var_name="series", value_name="value")
    return sk.as_panel(long, series="series", time="hour")


def came_after(model: Any, panel: pd.DataFrame, name: str) -> tuple[pd.DataFrame, np.ndarray]:
    """The rows of a series from the first window of the held-back rows on, and what came after each origin `[K, H]`."""
    first = ROWS - HELD_BACK - model.settings.timesteps
    rows = panel.loc[[name]].iloc[first:]
    values = rows["value"].to_numpy()[model.settings.timesteps :]
    return rows, np.lib.stride_tricks.sliding_window_view(values, HORIZON)


def rows_of(model: Any, panel: pd.DataFrame, seed: int) -> list[dict[str, Any]]:
    """Coverage and mean width of each series, level and way."""
    found, factors = [], dict(model.series_factors)
    for way in ("own", "pooled"):
        model.series_factors = factors if way == "own" else {}
        for name in factors:
            rows, came = came_after(model, panel, name)
            quantiles = model.predict_quantiles(rows)[: len(came), :, 0]  # (K, H, Q)
            for level in LEVELS:
                low = int(np.argmin(np.abs(np.array(model.quantile_levels) - (1 - level / 100) / 2)))
                below, above = quantiles[..., low], quantiles[..., -1 - low]
                row = {"seed": seed, "way": way, "series": name, "level": level, "factor": factors[name][0]}
                coverage = 100 * float(((came >= below) & (came <= above)).mean())
                found.append({**row, "coverage": coverage, "width": float((above - below).mean())})
    return found


def table_of(rows: pd.DataFrame) -> pd.DataFrame:
    """A row for each series, and one for the mean distance from the level."""
    wide = rows.pivot_table(index="series", columns=["level", "way"], values=["coverage", "width"], sort=False)
    table = pd.DataFrame(
        {
            f"{what} at {level}, {way}": wide[what, level, way]
            for what in ("coverage", "width")
            for level in LEVELS
            for way in ("own", "pooled")
        }
    )
    table.insert(0, "factor", rows.groupby("series", sort=False)["factor"].mean())
    distances = {
        f"coverage at {level}, {way}": (table[f"coverage at {level}, {way}"] - level).abs().mean()
        for level in LEVELS
        for way in ("own", "pooled")
    }
    table.loc["mean distance from the level"] = pd.Series(distances)
    return table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--budget", default="2m")
    arguments = parser.parse_args()
    panel, found = panel_of(arguments.data), []
    train = sk.split(panel, validation=0, test=HELD_BACK).train
    for seed in arguments.seeds:
        model = sk.train_forecaster(train, horizon=HORIZON, budget=arguments.budget, seed=seed, verbose=0)
        print(seed, model.series_factors, flush=True)
        found += rows_of(model, panel, seed)
    notes = (
        f"ETTh1's columns as series: trained on 6,000 hours, {HORIZON} ahead from each of the next 2,000, which are "
    )
    notes += f"training rows of the published protocol; seeds {arguments.seeds}, a budget of {arguments.budget}. A "
    notes += "factor is how many times as wide as the pooled intervals those of the series are."
    write_section("Intervals of single series", table_of(pd.DataFrame(found)).rename_axis("series"), notes)


if __name__ == "__main__":
    main()
