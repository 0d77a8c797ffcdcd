"""Forecasts by the pretrained network alone, without training: tourism monthly (366 series) and M4 Hourly (414).

python benchmarks/pretrained.py DATA WEIGHTS [--held-back] [--sets tourism m4]

WEIGHTS is a `synthetic.weights.h5` of `python -m seqkit.pretraining.train`. Each series is forecast from its values
and, where all are above zero, from their logarithms; the forecast is the mean of both medians. With --held-back the
last rows before the test rows are forecast, and nothing is written into RESULTS.md: that is what compares two
trainings.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import keras
import numpy as np
import pandas as pd
from _panels import m4_hourly, owa, scores, seasonal_naive, tourism_monthly, without_last
from _results import commit_of, write_section

from seqkit.layers import KnownScaling
from seqkit.pretraining.network import TIMESTEPS, pretrained_network

SETS = {"tourism": (tourism_monthly, 24, 12, 1), "m4": (m4_hourly, 48, 24, 168)}  # load, H, season, second season


def medians(network: keras.Model, pasts: list[np.ndarray], season: int, second: int) -> np.ndarray:
    """Median forecasts `[N, H]` of series of any length, in their own units."""
    past = np.stack([np.pad(values[-TIMESTEPS:], (max(0, TIMESTEPS - len(values)), 0)) for values in pasts])
    length = np.array([[len(values)] for values in pasts])
    known = (np.arange(TIMESTEPS, 0, -1)[None] <= length).astype("float32")
    seasons = [np.full((len(pasts), 1), steps, "int32") for steps in (season, second)]
    scaled, level, spread = (np.asarray(part) for part in KnownScaling()(past.astype("float32"), known, seasons[0]))
    quantiles = network.predict([scaled, known, *seasons], batch_size=256, verbose=0)
    return level + spread * np.sinh(quantiles[..., quantiles.shape[-1] // 2])


def forecasts(network: keras.Model, seen: pd.DataFrame, horizon: int, season: int, second: int) -> np.ndarray:
    """The mean of the medians in plain and in logarithmic units `[N, H]`."""
    pasts = [table.iloc[:, 0].to_numpy("float64") for _, table in seen.groupby(level=0, sort=False)]
    found = medians(network, pasts, season, second)[:, :horizon]
    positive = [number for number, values in enumerate(pasts) if values.min() > 0]
    if positive:
        logarithms = [np.log(pasts[number]) for number in positive]
        most = [np.log(10 * pasts[number].max()) for number in positive]
        by_logarithms = medians(network, logarithms, season, second)[:, :horizon]
        found[positive] = (found[positive] + np.exp(np.minimum(by_logarithms, np.array(most)[:, None]))) / 2
    return found


def row(network: keras.Model, name: str, data: Path, is_held_back: bool) -> dict[str, str]:
    """The scores of one set, beside the seasonal naive forecast."""
    load, horizon, season, second = SETS[name]
    seen, came = load(data)
    if is_held_back:
        seen, came = without_last(seen, horizon)
    start = time.perf_counter()
    found = came.copy()
    found.iloc[:, 0] = forecasts(network, seen, horizon, season, second).ravel()
    seconds = time.perf_counter() - start
    table, naive = (scores(seen, came, forecast, season) for forecast in (found, seasonal_naive(seen, came, season)))
    series = came.index.get_level_values(0).nunique()
    return {
        "MASE": f"{table['mase'].mean():.3f}",
        "seasonal naive": f"{naive['mase'].mean():.3f}",
        "OWA": f"{owa(table):.3f}" if name == "m4" else "",
        "better than seasonal naive on": f"{(table['mase'] < naive['mase']).mean():.0%}",
        "ms a series": f"{1000 * seconds / series:.1f}",
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("weights", type=Path)
    parser.add_argument("--held-back", action="store_true", help="rows before the test rows")
    parser.add_argument("--sets", nargs="+", choices=SETS, default=list(SETS))
    arguments = parser.parse_args()
    network = pretrained_network()
    network.load_weights(arguments.weights)
    rows = {name: row(network, name, arguments.data, arguments.held_back) for name in arguments.sets}
    table = pd.DataFrame(rows).T.rename_axis("series")
    if arguments.held_back:
        print(table.to_string())
        return
    notes = f"Without training; commit {commit_of(Path(__file__).parent)}, {arguments.weights.name}."
    write_section("The pretrained network alone", table, notes)


if __name__ == "__main__":
    main()
