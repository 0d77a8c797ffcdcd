"""Intervals of the pretrained network beyond its 64 steps, which come from sample paths: coverage on synthetic series.

python benchmarks/beyond_horizon.py [--series 300] [--correlations 0 0.5 0.8 0.9 0.97] [--seed 1]

The series are drawn as those of the training, by a seed that no training uses, and go on for 128 steps. The ranks of
a path's neighbouring steps have a correlation, which is chosen here; 0 makes steps independent of each other.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from _results import commit_of, write_section

from seqkit.layers.quantiles import LEVELS
from seqkit.pretraining import paths
from seqkit.pretraining.draw import draw_series
from seqkit.pretraining.forecast import PretrainedForecast
from seqkit.pretraining.network import TIMESTEPS
from seqkit.pretraining.weights import load_synthetic

STEPS, SEED_OF_NO_TRAINING = 128, 2_000_000
PARTS = {"1 to 64": slice(0, 64), "65 to 96": slice(64, 96), "97 to 128": slice(96, 128)}
BOUNDS = {80: (LEVELS.index(0.1), LEVELS.index(0.9)), 95: (LEVELS.index(0.025), LEVELS.index(0.975))}


def forecasts(past: np.ndarray, seasons: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Quantiles `[N, 128, Q]` of series of any season; those of one season are forecast together."""
    found = np.zeros((len(past), STEPS, len(LEVELS)), "float32")
    for season, other in {*zip(seasons.tolist(), second.tolist(), strict=True)}:
        rows = np.flatnonzero((seasons == season) & (second == other))
        layer = PretrainedForecast(STEPS, season, other)
        load_synthetic(layer.network)
        found[rows] = np.asarray(layer(past[rows][:, :, None]))[:, :, 0]
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--series", type=int, default=300)
    parser.add_argument("--correlations", type=float, nargs="+", default=[0, 0.5, 0.8, 0.9, 0.97])
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    generator = np.random.default_rng([SEED_OF_NO_TRAINING, arguments.seed])
    drawn = draw_series(generator, arguments.series, TIMESTEPS + STEPS, STEPS)
    past = np.where(drawn.known[:, :TIMESTEPS] > 0, drawn.values[:, :TIMESTEPS], np.nan).astype("float32")
    actual = drawn.values[:, TIMESTEPS:, None]
    rows = {}
    for correlation in arguments.correlations:
        paths.CORRELATION = correlation
        paths.path_weights.cache_clear()
        quantiles = forecasts(past, np.asarray(drawn.season), np.asarray(drawn.second_season))
        row = {}
        for level, (low, high) in BOUNDS.items():
            inside = (quantiles[..., low, None] <= actual) & (actual <= quantiles[..., high, None])
            row |= {
                f"within {level} %, steps {part}": f"{inside[:, steps].mean():.1%}" for part, steps in PARTS.items()
            }
        rows[f"{correlation:g}"] = row
        print(correlation, row, flush=True)
    table = pd.DataFrame(rows).T.rename_axis("correlation of ranks")
    notes = f"{arguments.series} synthetic series; commit {commit_of(Path(__file__).parent)}."
    write_section("The pretrained network beyond its 64 steps", table, notes)


if __name__ == "__main__":
    main()
