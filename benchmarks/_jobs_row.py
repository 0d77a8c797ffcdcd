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
from typing import Any, NamedTuple

import joblib
import numpy as np
import pandas as pd

from seqkit.forecasting.refits import refit_forecast
from seqkit.task.jobs import run_jobs

ROWS, HORIZON, SEASON, KILLED = 120, 12, 12, 3  # KILLED: the job that kills its process
TRAINING = {"horizon": HORIZON, "timesteps": 36, "season": SEASON, "units": 16, "epochs": 5, "seed": 0}


def series(number: int) -> pd.DataFrame:
    """Ten years of months: a level, a trend, a season and noise, drawn by the number."""
    random = np.random.default_rng(number)
    months = np.arange(ROWS)
    season = random.uniform(5, 30) * np.sin(2 * np.pi * (months + random.integers(SEASON)) / SEASON)
    values = random.uniform(100, 500) + random.uniform(-0.5, 1) * months + season + random.normal(0, 4, ROWS)
    return pd.DataFrame({"value": values}, pd.date_range("2014", periods=ROWS, freq="MS"))


class Done(NamedTuple):
    """What a job found."""

    forecast: np.ndarray
    process: int
    megabytes: float  # the most that the process has had
    seconds: float  # of the CPU, of the process until now


def job(kept: dict[str, Any], number: int, is_killed: bool) -> Done:
    """Train a model of a series, and forecast it."""
    if is_killed:
        os.kill(os.getpid(), signal.SIGKILL)
    forecast = refit_forecast(kept, series(number), TRAINING).to_numpy()
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Done(forecast, os.getpid(), most, time.process_time())


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
            found = run_jobs("many_jobs", job, calls, names=range(count), jobs=jobs, unit="model", verbose=0)
        except Exception as error:
            said = {"error": f"{type(error).__name__}: {error}", "seconds": time.perf_counter() - began}
            file.write_text(json.dumps(said))
            return
        seconds = time.perf_counter() - began
    by_process: dict[int, list[Done]] = {}
    for done in found:
        by_process.setdefault(done.process, []).append(done)
    said = {
        "seconds": seconds,
        "cpu": [max(done.seconds for done in of_one) for of_one in by_process.values()],
        "memory": [(of_one[0].megabytes, of_one[-1].megabytes) for of_one in by_process.values()],
        "forecasts": [done.forecast.tolist() for done in found],
    }
    file.write_text(json.dumps(said))


if __name__ == "__main__":
    main()
