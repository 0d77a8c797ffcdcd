"""One model on 10, 100, 1,000 and 10,000 series: seconds and memory, beside an ETS of each series.

python benchmarks/many_series.py [--counts 10 100 1000 10000]

Each count has a process of its own, of one thread: monthly series of 100 to 140 rows with a season, a trend and noise,
made from a seed; `train_forecaster(panel, horizon=12, budget="60s")`, then a forecast of all. statsmodels' ETS,
additive with a damped trend and a season, is fitted to each of the first 10 and 100 series.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from _panels import scores
from _results import write_section
from _workers import ONE_THREAD_OF_THE_CPU

import seqkit as sk

HORIZON, SEASON, BUDGET = 12, 12, "60s"
FEWEST, MOST = 100, 140  # rows of a series
MOST_OF_ETS = 100  # series


def series_of(number: int) -> pd.DataFrame:
    """A monthly series and the months after it; its size, season, trend and end are its own."""
    random = np.random.default_rng(number)
    rows = int(random.integers(FEWEST, MOST + 1)) + HORIZON
    steps = np.arange(rows)
    season = random.uniform(0.05, 0.4) * np.sin(2 * np.pi * (steps + random.integers(SEASON)) / SEASON)
    trend = np.cumsum(random.normal(random.normal(0, 0.002), 0.01, rows))
    values = 10 ** random.uniform(1, 4) * np.exp(season + trend + random.normal(0, 0.05, rows))
    stamps = pd.date_range("2010-01-01", periods=rows + 24, freq="MS")[random.integers(24) :][:rows]
    return pd.DataFrame({"series": f"s{number:05d}", "month": stamps, "y": values})


def panel(count: int) -> pd.DataFrame:
    return sk.as_panel(pd.concat([series_of(number) for number in range(count)]), series="series", time="month")


def peak() -> float:
    """Most megabytes of this process so far."""
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def one_model(seen: pd.DataFrame) -> pd.DataFrame:
    model = sk.train_forecaster(seen, horizon=HORIZON, seed=0, budget=BUDGET, verbose=0)
    return model.forecast(seen)


def ets_of_each(seen: pd.DataFrame) -> pd.DataFrame:
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel

    forecasts = {}
    for name, past in seen.groupby(level=0, sort=False):
        series = past["y"].droplevel(0).asfreq("MS")
        fitted = ETSModel(series, trend="add", damped_trend=True, seasonal="add", seasonal_periods=SEASON).fit(
            disp=False
        )
        forecasts[name] = fitted.forecast(HORIZON).to_frame("y")
    return pd.concat(forecasts)


METHODS: dict[str, Callable[[pd.DataFrame], pd.DataFrame]] = {"one model": one_model, "ETS of each": ets_of_each}


def work(method: str, count: int) -> dict[str, Any]:
    """What one process does."""
    warnings.simplefilter("ignore")
    start = time.perf_counter()
    parts = sk.split(panel(count), validation=0, test=HORIZON)
    made, before = time.perf_counter() - start, peak()
    start, cpu = time.perf_counter(), time.process_time()
    forecast = METHODS[method](parts.train)
    seconds, cpu_seconds = time.perf_counter() - start, time.process_time() - cpu
    mase = scores(parts.train, parts.test, forecast, SEASON)["mase"].mean() if count <= 1000 else float("nan")
    found = {"rows": len(parts.train), "seconds to make the panel": made, "seconds": seconds}
    return found | {"CPU seconds": cpu_seconds, "MB before": before, "MB at most": peak(), "MASE": mase}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--counts", nargs="+", type=int, default=[10, 100, 1000, 10000])
    parser.add_argument("--worker", nargs=2, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.worker:
        print(json.dumps(work(arguments.worker[0], int(arguments.worker[1]))))
        return
    rows = {}
    for count in arguments.counts:
        for method in METHODS:
            if method == "ETS of each" and count > MOST_OF_ETS:
                continue
            command = [sys.executable, __file__, "--worker", method, str(count)]
            lines = subprocess.check_output(command, env=os.environ | ONE_THREAD_OF_THE_CPU, text=True).splitlines()
            rows[f"{method}, {count:,} series"] = json.loads(lines[-1])
            print(rows, flush=True)
    table = pd.DataFrame(rows).T.rename_axis("method, series").round(2)
    table["rows"] = table["rows"].astype(int).astype(str)
    notes = (
        f"One thread; a budget of {BUDGET} for each training. MASE of {HORIZON} held-out months, up to 1,000 series."
    )
    write_section("One model on many series", table, notes, decimals=2)


if __name__ == "__main__":
    main()
