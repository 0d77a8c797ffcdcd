"""One row of many_jobs.py, in a process of its own: train a model of each series with an engine, and save what came.

python benchmarks/_jobs_row.py ENGINE JOBS SERIES FILE [--kill]
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd

from seqkit.forecasting.refits import refit_forecast
from seqkit.task.jobs import run_jobs

ROWS, HORIZON, SEASON, KILLED = 120, 12, 12, 3  # KILLED: the job that kills its process
TRAINING = {"horizon": HORIZON, "epochs": 40, "seed": 0}


def series(number: int) -> pd.DataFrame:
    """Ten years of months: a level, a trend, a season and noise, drawn by the number."""
    random = np.random.default_rng(number)
    months = np.arange(ROWS)
    season = random.uniform(5, 30) * np.sin(2 * np.pi * (months + random.integers(SEASON)) / SEASON)
    values = random.uniform(100, 500) + random.uniform(-0.5, 1) * months + season + random.normal(0, 4, ROWS)
    return pd.DataFrame({"value": values}, pd.date_range("2014", periods=ROWS, freq="MS"))


def job(kept: dict[str, Any], number: int, is_killed: bool) -> tuple[np.ndarray, int, float]:
    """The forecast of a series, the process that made it, and the most MB that it has had."""
    if is_killed:
        os.kill(os.getpid(), signal.SIGKILL)
    forecast = refit_forecast(kept, series(number), TRAINING)
    return forecast.to_numpy(), os.getpid(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


@contextlib.contextmanager
def engine(name: str, jobs: int) -> Iterator[None]:
    """A local cluster of so many processes, which joblib uses."""
    if name == "ray":
        import ray
        from ray.util.joblib import register_ray

        ray.init(num_cpus=jobs, include_dashboard=False, logging_level="error", log_to_driver=False)
        register_ray()
        with joblib.parallel_config(backend="ray"):
            yield
        ray.shutdown()
    elif name == "dask":
        from distributed import Client, LocalCluster

        cluster = LocalCluster(n_workers=jobs, threads_per_worker=1)
        with cluster, Client(cluster), joblib.parallel_config(backend="dask"):
            yield
    else:
        yield


def main() -> None:
    """Train, and save the forecasts, the seconds and the memory of each process."""
    name, jobs, count, file = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4])
    kills = "--kill" in sys.argv
    calls = [(number, kills and number == KILLED) for number in range(count)]
    with engine(name, jobs):
        began = time.perf_counter()
        try:
            found = run_jobs("many_jobs", job, calls, names=range(count), jobs=jobs, unit="series", verbose=0)
        except Exception as error:
            said = {"error": f"{type(error).__name__}: {error}", "seconds": time.perf_counter() - began}
            file.write_text(json.dumps(said))
            return
        seconds = time.perf_counter() - began
    memory: dict[str, list[float]] = {}
    for _, process, most in found:
        memory.setdefault(str(process), []).append(most)
    kept = {"seconds": seconds, "memory": {process: (most[0], max(most)) for process, most in memory.items()}}
    file.write_text(json.dumps(kept | {"forecasts": [forecast.tolist() for forecast, _, _ in found]}))


if __name__ == "__main__":
    main()
