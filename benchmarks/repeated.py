"""The same again: one forecast after the other, and one series after the other.

python benchmarks/repeated.py forecasts
python benchmarks/repeated.py series DATA [--count 50]

"forecasts" times `model.forecast(frame)` beside `predict_on_batch` of the same window, in turns, after the first call
of each, and compares the answers of 16 threads with those of one. "series" trains a forecaster for each of the first
monthly tourism series, in one process: alone, and with `reuse=` of the one before; seconds and memory of each.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from _results import write_section

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


def one_by_one(frames: list[pd.DataFrame], reuse: bool) -> tuple[dict[str, float], list[np.ndarray]]:
    model, found = True, []
    sk.train_forecaster(frames[0], horizon=HORIZON, seed=0, epochs=1)  # imports, and the first trace
    before, start, cpu = resident(), time.perf_counter(), time.process_time()
    for frame in frames:
        model = sk.train_forecaster(frame, horizon=HORIZON, seed=0, reuse=model if reuse else None)
        found.append(model.forecast(frame)["y"].to_numpy())
    count = len(frames)
    return {
        "seconds a series": (time.perf_counter() - start) / count,
        "CPU seconds a series": (time.process_time() - cpu) / count,
        "megabytes a series": (resident() - before) / count,
    }, found


def series(folder: Path, count: int) -> None:
    """Train one series after the other, with and without reusing the compiled model."""
    frames = tourism(folder, count)
    again, with_reuse = one_by_one(frames, reuse=True)
    anew, without = one_by_one(frames, reuse=False)
    equal = sum(np.array_equal(one, other) for one, other in zip(with_reuse, without, strict=True))
    table = pd.DataFrame({"reuse=": again, "each anew": anew}).T.rename_axis("training")
    notes = f"{count} monthly tourism series, {HORIZON} months ahead. Equal forecasts: {equal} of {count}."
    write_section("One series after the other", table, notes)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["forecasts", "series"])
    parser.add_argument("data", type=Path, nargs="?")
    parser.add_argument("--count", type=int, default=50)
    arguments = parser.parse_args()
    if arguments.what == "forecasts":
        forecasts()
    else:
        series(arguments.data, arguments.count)


if __name__ == "__main__":
    main()
