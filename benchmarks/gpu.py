"""Time of a training step of seqkit's plain networks beside `torch.nn.LSTM` and `torch.nn.GRU`, on a GPU.

python benchmarks/gpu.py [--device gpu] [--sizes 32x100x128 64x200x256] [--steps 200] [--rounds 7] [--torch PYTHON]

KERAS_BACKEND names Keras's backend, TensorFlow or JAX. Each side is one recurrent layer and a dense layer on its last
step, trained by Adam on the mean squared error, and has a process of its own. After a round that traces and warms up,
the two train in turns (seqkit, torch, seqkit, ...), a round of steps each. Both copy each batch to the device. torch
may stand in a virtual environment of its own (`--torch PYTHON`), since its CUDA and TensorFlow's do not always agree;
without torch its columns say "not installed". `--device cpu` tries the benchmark where there is no GPU.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from _results import RESULTS, write_section
from _workers import ONE_THREAD_OF_THE_CPU, Worker, has, in_turns, version_of

HERE = Path(__file__).parent
CELLS, FEATURES = ("LSTM", "GRU"), 16
NOT_INSTALLED = "not installed"
ON_A_CPU = " One thread each. A run on a CPU only shows that the benchmark works."
NEVER_ON_A_GPU = " No run on a GPU was made yet."
BACKEND = os.environ.get("KERAS_BACKEND", "tensorflow")
NAMES = {"tensorflow": "TensorFlow", "jax": "JAX"}


def worker(python: str, script: str, size: dict[str, Any], device: str) -> Worker:
    """A process that trains one network; it sees no GPU where the device is the CPU."""
    environment = {**os.environ, "KERAS_BACKEND": BACKEND, "PYTHONPATH": str(HERE.parent.resolve())}
    environment |= {"TF_FORCE_GPU_ALLOW_GROWTH": "true", "XLA_PYTHON_CLIENT_PREALLOCATE": "false"}  # two share the GPU
    environment |= ONE_THREAD_OF_THE_CPU if device == "cpu" else {}
    started = Worker([python, str(HERE / script), json.dumps(size)], environment, HERE)
    if device == "gpu" and started.first_line == "cpu":
        started.end()
        raise SystemExit(f"{script} found no GPU. `--device cpu` tries the benchmark without one.")
    return started


def compare(size: dict[str, Any], options: argparse.Namespace) -> tuple[str, dict[str, object]]:
    """The device, and the row of one network."""
    workers = [worker(sys.executable, "_gpu_seqkit.py", size, options.device)]
    device = workers[0].first_line
    if has("torch", options.torch):
        workers.append(worker(options.torch, "_gpu_torch.py", size, options.device))
    times = in_turns(workers, options.rounds) * 1000 / size["steps"]  # milliseconds of a step
    row = {name: size[name] for name in ("cell", "batch", "timesteps", "units")}
    row["seqkit, ms"] = float(np.median(times[:, 0]))
    row |= dict.fromkeys(("torch, ms", "ratio, median", "ratio, lowest to highest"), NOT_INSTALLED)
    if len(workers) > 1:
        ratios = times[:, 0] / times[:, 1]
        row["torch, ms"], row["ratio, median"] = float(np.median(times[:, 1])), float(np.median(ratios))
        row["ratio, lowest to highest"] = f"{ratios.min():.2f} to {ratios.max():.2f}"
    print(row, flush=True)
    return device, row


def size_of(text: str) -> dict[str, int]:
    batch, timesteps, units = map(int, text.split("x"))
    return {"batch": batch, "timesteps": timesteps, "units": units, "features": FEATURES}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", choices=["gpu", "cpu"], default="gpu")
    parser.add_argument("--sizes", type=size_of, nargs="+", default=[*map(size_of, ("32x100x128", "64x200x256"))])
    parser.add_argument("--steps", type=int, default=200, help="training steps in a round")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--torch", metavar="PYTHON", default=sys.executable, help="the Python that has torch")
    options = parser.parse_args()
    sizes = [{"cell": cell, "steps": options.steps, **size} for size in options.sizes for cell in CELLS]
    devices, rows = zip(*(compare(size, options) for size in sizes), strict=True)
    remark = ON_A_CPU if options.device == "cpu" else ""
    if remark and " on a GPU\n" not in RESULTS.read_text("utf-8"):
        remark += NEVER_ON_A_GPU
    version = (
        f"torch {version_of('torch', options.torch)}" if has("torch", options.torch) else f"torch was {NOT_INSTALLED}"
    )
    write_section(
        f"Time of a training step beside torch, {NAMES.get(BACKEND, BACKEND)} on a {options.device.upper()}",
        pd.DataFrame(rows).set_index("cell"),
        f"Device: {devices[0]}; {version}. {FEATURES} features, {options.rounds} rounds of {options.steps} steps in "
        f"turns. A ratio below 1 says that seqkit is quicker.{remark}",
        decimals=2,
    )


if __name__ == "__main__":
    main()
