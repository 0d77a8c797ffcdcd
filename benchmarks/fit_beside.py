"""How long a gradient step of `fit` takes: seqkit beside its own train step, Keras by hand and PyTorch.

python benchmarks/fit_beside.py DATA [--jobs hourly texts] [--rounds 7] [--torch PYTHON]

Each way trains the same network on the same samples with plain Adam, in a process of its own, which fits once to
compile and then waits. The processes share one core and have one thread each; they fit in turns, a round after the
other. torch may stand in a virtual environment of its own; without torch or JAX their rows are left out.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

import pandas as pd
from _fit_jobs import JOBS
from _results import commit_of, write_section
from _workers import ONE_THREAD_OF_THE_CPU, Worker, has, in_turns, version_of

HERE = Path(__file__).parent
RECIPE, FIT = "seqkit, as a recipe trains", "seqkit, fit"
WAYS = {  # of _fit_keras.py
    RECIPE: "recipe",
    FIT: "fit",
    "seqkit, its train step in a loop": "loop",
    "seqkit, as a recipe trains, XLA": "recipe, XLA",
    "Keras by hand": "by hand",
    "Keras by hand, without autotuning": "by hand, no autotune",
}
JAX, TORCH = "seqkit on JAX, fit", "PyTorch"


def worker(python: str, script: str, job: str, way: str, folder: Path, backend: str = "tensorflow") -> Worker:
    environment = {**os.environ, **ONE_THREAD_OF_THE_CPU, "TF_CPP_MIN_LOG_LEVEL": "3", "KERAS_BACKEND": backend}
    environment["PYTHONPATH"] = str(HERE.parent.resolve())
    return Worker([python, str(HERE / script), job, way, str(folder)], environment, HERE)


def workers_of(job: str, options: argparse.Namespace) -> dict[str, Worker]:
    workers = {name: worker(sys.executable, "_fit_keras.py", job, way, options.data) for name, way in WAYS.items()}
    if has("jax", sys.executable):
        workers[JAX] = worker(sys.executable, "_fit_keras.py", job, "fit", options.data, backend="jax")
    if has("torch", options.torch):
        workers[TORCH] = worker(options.torch, "_fit_torch.py", job, "", options.data)
    return workers


def compare(job: str, options: argparse.Namespace) -> list[dict[str, object]]:
    """A row for each way."""
    workers = workers_of(job, options)
    weights, first_seconds = zip(*(map(float, worker.first_line.split()) for worker in workers.values()), strict=True)
    if max(weights) > 1.02 * min(weights):  # torch's LSTM has a second bias
        raise RuntimeError(f"{job}: the networks differ, they have {dict(zip(workers, weights, strict=True))} weights.")
    times = pd.DataFrame(in_turns(list(workers.values()), options.rounds), columns=list(workers))
    ratios = times.div(times[RECIPE], axis=0)
    rows = []
    for name, first in zip(workers, first_seconds, strict=True):
        row = {"job": job, "way": name, "ms a step": 1000 * times[name].median() / JOBS[job].steps / JOBS[job].epochs}
        row |= {"to a recipe's": ratios[name].median(), "lowest to highest": spread(ratios[name])}
        rows.append(row | {"to fit": (times[name] / times[FIT]).median(), "first turn, s": first})
    print(pd.DataFrame(rows).to_string(), flush=True)
    return rows


def spread(ratios: pd.Series) -> str:
    return f"{ratios.min():.2f} to {ratios.max():.2f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--jobs", nargs="+", choices=JOBS, default=list(JOBS))
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--torch", metavar="PYTHON", default=sys.executable, help="the Python that has torch")
    options = parser.parse_args()
    options.data = options.data.resolve()
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    rows = [row for job in options.jobs for row in compare(job, options)]
    torch = f"torch {version_of('torch', options.torch)}" if has("torch", options.torch) else "torch was not installed"
    write_section(
        "Time of fit beside Keras by hand and PyTorch",
        pd.DataFrame(rows).set_index("job"),
        f"Commit {commit_of(HERE)}, {torch}; one core, one thread. Medians of {options.rounds} rounds in turns, plain "
        "Adam everywhere. A ratio above 1 is slower than seqkit. "
        + " ".join(f"{name}: {job.steps} steps, {job.epochs} epochs a turn." for name, job in JOBS.items())
        + " The first turn holds the compiling.",
        decimals=2,
    )


if __name__ == "__main__":
    main()
