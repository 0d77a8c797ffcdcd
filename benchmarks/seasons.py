"""Two seasons: half-hourly load a week ahead, daily temperatures a year ahead, beside repeating the last season.

python benchmarks/seasons.py DATA [--seeds 0 1 2]

The last week of taylor.csv and the last year of daily-min-temperatures.csv are held out; the default recipe trains on
the rows before, without a budget. "earlier" is the mean over the three weeks, and the two years, before the last one;
the number of long seasons in a window was chosen there.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from _results import write_section

import seqkit as sk

SERIES = {
    "taylor": ("taylor.csv", "2000-06-05", "30min", (48, 336), 336, 4),
    "temperatures": ("daily-min-temperatures.csv", "1981-01-01", "D", (7, 365), 365, 3),
}


def load(folder: Path, name: str) -> pd.DataFrame:
    file, start, freq, *_ = SERIES[name]
    values = pd.read_csv(folder / "classic" / file).iloc[:, -1].to_numpy(float)
    return pd.DataFrame({"y": values}, index=pd.date_range(start, periods=len(values), freq=freq))


def errors(frame: pd.DataFrame, name: str, back: int, seeds: list[int]) -> dict[str, float]:
    """Mean absolute errors of the horizon that begins `back` horizons before the end."""
    *_, seasons, horizon, _ = SERIES[name]
    cut = len(frame) - back * horizon
    past, actual = frame.iloc[:cut], frame["y"].to_numpy()[cut : cut + horizon]
    last = past["y"].to_numpy()
    found = {
        f"repeat {season}": float(np.abs(np.resize(last[-season:], horizon) - actual).mean()) for season in seasons
    }
    trained = [
        np.abs(sk.train_forecaster(past, horizon=horizon, seed=seed).forecast(past)["y"].to_numpy() - actual).mean()
        for seed in seeds
    ]
    return {"forecast": float(np.mean(trained)), "spread": float(np.std(trained)), **found}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    arguments = parser.parse_args()
    rows = []
    for name, (*_, origins) in SERIES.items():
        frame = load(arguments.data, name)
        scores = [errors(frame, name, back, arguments.seeds) for back in range(1, origins + 1)]
        for what, some in (("last", scores[:1]), ("earlier", scores[1:])):
            means = pd.DataFrame(some).mean()
            short, long = (means[column] for column in means.index if column.startswith("repeat"))
            rows.append(
                {
                    "series": name,
                    "held out": what,
                    "forecast": f"{means['forecast']:.4g}",
                    "spread over seeds": f"{means['spread']:.3g}",
                    "last short season": f"{short:.4g}",
                    "last long season": f"{long:.4g}",
                }
            )
            print(rows[-1], flush=True)
    table = pd.DataFrame(rows).set_index("series")
    write_section(
        "Two seasons", table, f"Mean absolute error in the units of the series; {len(arguments.seeds)} seeds."
    )


if __name__ == "__main__":
    main()
