"""The same again: one forecast after the other, and one series after the other.

python benchmarks/repeated.py forecasts
python benchmarks/repeated.py series DATA [--count 50]

"forecasts" times `model.forecast(frame)` beside `predict_on_batch` of the same window, in turns, after the first call
of each, and compares the answers of 16 threads with those of one. "series" trains a forecaster for each of the first
monthly tourism series, in one process: alone, and with `reuse=` of the one before; seconds and memory of each.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from _results import write_section
from _workers import Worker

import seqkit as sk

CALLS, THREADS, HORIZON = 60, 16, 24
MODELS: dict[str, dict[str, Any]] = {
    "8 segments of 24 hours, 7 columns": {"timesteps": 192, "horizon": 24},
    "GRU 32, an hour a step": {"timesteps": 168, "horizon": 24, "segment": 1},
    "LSTM 64, an hour a step": {"timesteps": 336, "horizon": 96, "segment": 1, "cell": "lstm", "units": 64},
}


def hours(rows: int = 2000) -> pd.DataFrame:
    index = pd.date_range("2020-01-06", periods=rows, freq="h")
    random = np.random.default_rng(0)
    values = 50 + 9 * np.sin(2 * np.pi * index.hour.to_numpy() / 24)[:, None] + random.normal(size=(rows, 7))
    return pd.DataFrame(values, index=index, columns=list("abcdefg"))


def milliseconds(call: Callable[[], Any]) -> float:
    start = time.perf_counter()
    call()
    return 1e3 * (time.perf_counter() - start)


def forecasts() -> None:
    """Time one forecast, and count the answers of threads that differ."""
    frame, rows = hours(), {}
    for name, options in MODELS.items():
        model = sk.build_forecaster(like=frame, **options)
        past = frame.to_numpy("float32")[None, -model.settings.timesteps :]
        calls = (lambda: model.forecast(frame), lambda: model.predict_on_batch(past))  # noqa: B023
        first = [milliseconds(call) for call in calls]
        times = np.array([[milliseconds(call) for call in calls] for _ in range(CALLS)])
        tables = [frame.iloc[: len(frame) - back] for back in range(THREADS)]
        alone = [model.forecast(table) for table in tables]
        with ThreadPoolExecutor(THREADS) as pool:
            together = list(pool.map(model.forecast, tables * 4))
        different = sum(not one.equals(other) for one, other in zip(together, alone * 4, strict=True))
        rows[name] = {
            "forecast, ms": float(np.median(times[:, 0])),
            "predict_on_batch, ms": float(np.median(times[:, 1])),
            "ratio": float(np.median(times[:, 0] / times[:, 1])),
            "first forecast, ms": first[0],
            f"differ in {THREADS} threads": str(different),
        }
        print(name, rows[name], flush=True)
    table = pd.DataFrame(rows).T.rename_axis("model")
    write_section("One forecast after the other", table, f"Medians of {CALLS} calls in turns.")


def resident() -> float:
    """Megabytes of this process in memory."""
    lines = Path("/proc/self/status").read_text("utf-8").splitlines()
    return next(float(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS"))


def tourism(folder: Path, count: int) -> list[pd.DataFrame]:
    table = pd.read_csv(folder / "tourism" / "monthly_in.csv")
    columns = [pd.to_numeric(table[name], errors="coerce").dropna().to_numpy() for name in table.columns[:count]]
    return [
        pd.DataFrame({"y": values[3:]}, index=pd.date_range("1990-01-01", periods=len(values) - 3, freq="MS"))
        for values in columns
    ]


def work(folder: Path, count: int, reuse: bool) -> None:
    """Train the next series for each line that is read; print its seconds, CPU seconds, memory and forecast."""
    model: Any = True if reuse else None
    frames = tourism(folder, count)
    sk.train_forecaster(frames[0], horizon=HORIZON, seed=0, epochs=1, verbose=0)  # imports, and the first trace
    print("ready", flush=True)
    for frame, _ in zip(frames, sys.stdin, strict=False):
        start, cpu = time.perf_counter(), time.process_time()
        trained = sk.train_forecaster(frame, horizon=HORIZON, seed=0, verbose=0, reuse=model)
        seconds = time.perf_counter() - start, time.process_time() - cpu
        model = trained if reuse else None
        print(*seconds, resident(), float(trained.forecast(frame)["y"].sum()).hex(), flush=True)


def series(folder: Path, count: int) -> None:
    """Train one series after the other in two processes, in turns: with and without the compiled graph of the last."""
    ways = {"reuse=": "--reuse", "each anew": "--anew"}
    commands = {way: [sys.executable, __file__, "series", str(folder), f"--count={count}", ways[way]] for way in ways}
    workers = {way: Worker(command, os.environ, Path(__file__).parent) for way, command in commands.items()}
    found: dict[str, list[list[str]]] = {way: [] for way in ways}
    for number in range(count):
        for way, worker in workers.items():
            found[way].append(worker.answer().split())
            print(number, way, found[way][-1], flush=True)
    numbers = {way: np.array([row[:3] for row in rows], float) for way, rows in found.items()}
    rows = {
        way: {
            "seconds a series": times[:, 0].mean(),
            "CPU seconds a series": times[:, 1].mean(),
            "megabytes a series": (times[-1, 2] - times[0, 2]) / (count - 1),
        }
        for way, times in numbers.items()
    }
    ratio = np.median(numbers["reuse="][:, 1] / numbers["each anew"][:, 1])
    equal = sum(one[3] == other[3] for one, other in zip(*found.values(), strict=True))
    notes = f"{count} monthly tourism series, {HORIZON} months ahead, in two processes in turns. Equal forecasts: "
    notes += f"{equal} of {count}. CPU seconds with reuse= over those without, median of the series: {ratio:.2f}."
    write_section("One series after the other", pd.DataFrame(rows).T.rename_axis("training"), notes)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["forecasts", "series"])
    parser.add_argument("data", type=Path, nargs="?")
    parser.add_argument("--count", type=int, default=50)
    parser.add_argument("--reuse", dest="work", action="store_const", const=True, help=argparse.SUPPRESS)
    parser.add_argument("--anew", dest="work", action="store_const", const=False, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.what == "forecasts":
        forecasts()
    elif arguments.work is not None:
        work(arguments.data, arguments.count, arguments.work)
    else:
        series(arguments.data, arguments.count)


if __name__ == "__main__":
    main()
