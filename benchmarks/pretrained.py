"""Forecasts by the pretrained network alone, without training: tourism monthly (366 series) and M4 Hourly (414).

python benchmarks/pretrained.py DATA [--held-back] [--weights FILE] [--sets tourism m4 classic]
[--fine-tune [--budget 5m] [--seeds 0 1 2]]

`build_forecaster(like=panel, weights="synthetic")` forecasts each series after its last row, with its intervals of 80
and 95 %. With --held-back the last rows before the test rows are forecast, and nothing is written into RESULTS.md: that
is what compares two trainings; --weights is then the `synthetic.weights.h5` of one. With --fine-tune the network first
trains on the panel (`train_forecaster`). The classics have three origins each, and no training.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
import pandas as pd
from _classic import SERIES, load, origins
from _panels import m4_hourly, owa, scores, seasonal_naive, tourism_monthly, without_last
from _results import commit_of, write_section

import seqkit as sk

SETS = {"tourism": (tourism_monthly, 24, 12), "m4": (m4_hourly, 48, 24)}  # load, horizon, season
LEVELS = (80, 95)
WITHOUT = ("taylor", "sunspots")  # the two classics whose seasons are longest


def built(weights: Path | None, **options: object) -> sk.PretrainedForecaster:
    """The pretrained forecaster, with the weights of the package or of a file."""
    model = sk.build_forecaster(weights="synthetic", **options)
    if weights is not None:
        model.network.forecast.network.load_weights(weights)
    return model


def coverage(came: pd.DataFrame, forecast: pd.DataFrame) -> dict[str, str]:
    """The share of rows within each interval."""
    column, actual = came.columns[0], came.iloc[:, 0]
    found = {}
    for level in LEVELS:
        inside = actual.between(forecast[f"{column}-lo-{level}"], forecast[f"{column}-hi-{level}"])
        found[f"within {level} %"] = f"{inside.mean():.1%}"
    return found


def row_of_panel(name: str, arguments: argparse.Namespace, seed: int) -> dict[str, str]:
    """The scores of one panel, beside the seasonal naive forecast; the seed is that of the training."""
    load_panel, horizon, season = SETS[name]
    seen, came = load_panel(arguments.data)
    if arguments.held_back:
        seen, came = without_last(seen, horizon)
    if arguments.fine_tune:
        options = {"horizon": horizon, "weights": "synthetic", "seed": seed, "verbose": 0}
        model = sk.train_forecaster(seen, **options, budget=arguments.budget)
    else:
        model = built(arguments.weights, like=seen, horizon=horizon)
    model.forecast(seen.loc[seen.index.levels[0][:2]], levels=LEVELS)  # compiled before the clock starts
    start = time.perf_counter()
    forecast = model.forecast(seen, levels=LEVELS)
    seconds = time.perf_counter() - start
    table, naive = scores(seen, came, forecast, season), scores(seen, came, seasonal_naive(seen, came, season), season)
    return {
        "MASE": f"{table['mase'].mean():.3f}",
        "seasonal naive": f"{naive['mase'].mean():.3f}",
        "OWA": f"{owa(table):.3f}" if name == "m4" else "",
        "better than seasonal naive on": f"{(table['mase'] < naive['mase']).mean():.0%}",
        **coverage(came, forecast),
        "ms a series": f"{1000 * seconds / came.index.get_level_values(0).nunique():.1f}",
    }


def row_of_classics(arguments: argparse.Namespace) -> dict[str, dict[str, str]]:
    """The mean MASE of the classics over their last three origins."""
    mase: dict[str, float] = {}
    naive: dict[str, float] = {}
    inside = []
    for name, series in SERIES.items():
        table = load(name, arguments.data)
        ours, simple = [], []
        first = 4 if arguments.held_back else 1
        for known in origins(len(table), series.horizon, range(first, first + 3)):
            seen, came = table.iloc[:known], table.iloc[known : known + series.horizon]
            model = built(arguments.weights, like=seen, horizon=series.horizon)
            forecast = model.forecast(seen, levels=LEVELS)
            values = seen["y"].to_numpy()
            scale = np.abs(values[series.season :] - values[: -series.season]).mean()
            ours.append(np.abs(came["y"].to_numpy() - forecast["y"].to_numpy()).mean() / scale)
            repeated = np.resize(values[-series.season :], series.horizon)
            simple.append(np.abs(came["y"].to_numpy() - repeated).mean() / scale)
            inside.append(coverage(came, forecast))
        mase[name], naive[name] = float(np.mean(ours)), float(np.mean(simple))
        print(f"{name}: {mase[name]:.3f}, seasonal naive {naive[name]:.3f}", flush=True)
    chosen = {"8 classics": list(mase), "6 classics": [name for name in mase if name not in WITHOUT]}
    return {
        title: {
            "MASE": f"{np.mean([mase[name] for name in names]):.3f}",
            "seasonal naive": f"{np.mean([naive[name] for name in names]):.3f}",
            "better than seasonal naive on": f"{np.mean([mase[name] < naive[name] for name in names]):.0%}",
        }
        for title, names in chosen.items()
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--weights", type=Path, help="a file of other weights")
    parser.add_argument("--held-back", action="store_true", help="rows before the test rows")
    parser.add_argument("--fine-tune", action="store_true", help="train on the panel first")
    parser.add_argument("--budget", help="of the training, such as 5m")
    parser.add_argument("--seeds", nargs="+", type=int, default=[0], help="of the trainings")
    parser.add_argument("--sets", nargs="+", choices=[*SETS, "classic"], default=[*SETS, "classic"])
    arguments = parser.parse_args()
    seeds = arguments.seeds if arguments.fine_tune else [0]
    rows: dict[str, dict[str, str]] = {}
    for name in (name for name in arguments.sets if name in SETS):
        found = {f"{name}, seed {seed}": row_of_panel(name, arguments, seed) for seed in seeds}
        rows |= found if arguments.fine_tune else {name: next(iter(found.values()))}
        print(pd.DataFrame(found).T.to_string(), flush=True)
    if "classic" in arguments.sets and not arguments.fine_tune:
        rows |= row_of_classics(arguments)
    table = pd.DataFrame(rows).T.fillna("").rename_axis("series")
    print(table.to_string())
    if not arguments.held_back:
        how = f"Trained on each panel for {arguments.budget}" if arguments.fine_tune else "Without training"
        title = "The pretrained network" + (", trained on each panel" if arguments.fine_tune else " alone")
        write_section(title, table, f"{how}; commit {commit_of(Path(__file__).parent)}.")


if __name__ == "__main__":
    main()
