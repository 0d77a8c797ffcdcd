"""What intervals and known columns cost: CPU seconds of training and of a forecast, and bytes, beside points alone.

python benchmarks/interval_costs.py [--rounds 3] [--series 30] [--rows 300] [--epochs 3]

A made panel of daily series with five columns (two that matter, three of noise). Each round trains four models in turn,
with the round as seed, the same epochs and no members: points alone; one quantile; nine; nine and five columns that are
known ahead. The costs are ratios to the points of the same round. A first training, which is not counted, loads Keras.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from _results import commit_of, write_section

import seqkit as sk

HORIZON = 14
KNOWN = [f"known {number}" for number in range(1, 6)]
NINE = (0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975)
POINTS = "points alone"
WAYS: dict[str, dict[str, Any]] = {
    POINTS: {"quantiles": (), "intervals": False},
    "1 quantile": {"quantiles": (0.5,)},
    "9 quantiles": {"quantiles": NINE},
    "9 quantiles, 5 known columns": {"quantiles": NINE, "future_columns": KNOWN},
}


def made_panel(series: int, rows: int) -> pd.DataFrame:
    """Sales with a weekly season, which the first two of the known columns move."""
    random, parts = np.random.default_rng(0), {}
    for number in range(series):
        known = random.normal(size=(rows, len(KNOWN)))
        week = random.normal(0, 0.3, 7)[np.arange(rows) % 7]
        sales = np.exp(4 + week + 0.2 * known[:, 0] - 0.1 * known[:, 1] + 0.1 * random.normal(size=rows))
        index = pd.date_range("2023-01-02", periods=rows, freq="D", name="day")
        parts[f"shop {number}"] = pd.DataFrame(known, index, KNOWN).assign(sales=sales)
    return sk.as_panel(pd.concat(parts, names=["shop"]).reset_index(), series="shop", time="day")


def costs(panel: pd.DataFrame, options: dict[str, Any], seed: int, epochs: int) -> dict[str, float]:
    """Train one model on all but the last rows, forecast these, save and export."""
    past, _, test = sk.split(panel, validation=0, test=HORIZON)
    known = options.get("future_columns", [])
    columns = ["sales", *known]
    start = time.process_time()
    model = sk.train_forecaster(
        past[columns], targets="sales", horizon=HORIZON, epochs=epochs, seed=seed, members=(), verbose=0, **options
    )
    found = {"training, CPU s": time.process_time() - start}
    future = test[known] if known else None
    levels = (80,) if len(options["quantiles"]) > 1 else ()
    model.forecast(past[columns], future=future, levels=levels)  # compiled before the clock starts
    start = time.process_time()
    model.forecast(past[columns], future=future, levels=levels)
    found["forecast, CPU s"] = time.process_time() - start
    with tempfile.TemporaryDirectory() as folder:
        model.save(f"{folder}/model.keras")
        found["model, kB"] = Path(folder, "model.keras").stat().st_size / 1000
        start = time.process_time()
        model.export(f"{folder}/served")
        found["export, CPU s"] = time.process_time() - start
        found["SavedModel, kB"] = sum(file.stat().st_size for file in Path(folder, "served").rglob("*")) / 1000
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--series", type=int, default=30)
    parser.add_argument("--rows", type=int, default=300)
    parser.add_argument("--epochs", type=int, default=3)
    arguments = parser.parse_args()
    panel = made_panel(arguments.series, arguments.rows)
    costs(panel, WAYS[POINTS], 0, 1)
    found = []
    for number in range(1, arguments.rounds + 1):
        for way, options in WAYS.items():
            found.append({"way": way, "round": number, **costs(panel, options, number, arguments.epochs)})
            print(found[-1], flush=True)
    table = pd.DataFrame(found).set_index(["round", "way"])
    ratios = table / table.xs(POINTS, level="way").reindex(table.index.get_level_values("round")).to_numpy()
    shown = {}
    for way in WAYS:
        middle, low, high = (ratios.xs(way, level="way").agg(how) for how in ("median", "min", "max"))
        absolute = table.xs(way, level="way").median()
        shown[way] = {
            name: f"{absolute[name]:.3g}" + ("" if way == POINTS else f" ({low[name]:.2f} to {high[name]:.2f} times)")
            for name in middle.index
        }
    notes = (
        f"{arguments.series} series of {arguments.rows} days, {HORIZON} ahead, {arguments.epochs} epochs, "
        f"{arguments.rounds} rounds; commit {commit_of(Path(__file__).parent)}. Medians, and the ratios to the points "
        "of the same round, lowest to highest."
    )
    write_section("What intervals and known columns cost", pd.DataFrame(shown).T.rename_axis("model"), notes)


if __name__ == "__main__":
    main()
