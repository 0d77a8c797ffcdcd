"""Trainings at once: a model of each of 100 series, with jobs 1 and 2 under loky, Ray and Dask, and a killed worker.

python benchmarks/many_jobs.py [--series 100] [--folder FOLDER]

Ray and Dask are local clusters of two processes; install seqkit[ray,dask]. A row in the folder is not run again.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from _results import commit_of, write_section
from _workers import version_of

HERE = Path(__file__).resolve().parent
WAYS = {"this process": ("none", 1), "loky": ("loky", 2), "Ray": ("ray", 2), "Dask": ("dask", 2)}
KILLED_SERIES = 8  # of the rows in which a worker is killed
MOST_SECONDS = 3600
NOTES = """
{series} series of 120 months, a model of each, at most 5 epochs. Commit {commit}, {versions}.
jobs=1 stays in this process under any engine. Seconds include the start of the worker processes, which import
TensorFlow, and one compiling in each, but not the start of the cluster; other work ran on the machine's two cores, so
the seconds of the CPU, of each process, say more. MB: the most that a process had had after its first job, and after
its last. Largest difference: of a forecast from that of this process.
"""
KILLED_NOTES = """
{series} trainings, of which the fourth kills its process. Dask tries it again, in three other processes at most.
"""


def row(folder: Path, name: str, series: int, *options: str) -> dict[str, Any]:
    """What one engine gave, from the folder if it is there."""
    engine, jobs = WAYS[name]
    file = folder / f"{engine}{'-'.join(options)}-{series}.json"
    if not file.exists():
        command = [sys.executable, str(HERE / "_jobs_row.py"), engine, str(jobs), str(series), str(file), *options]
        subprocess.run(command, check=True, timeout=MOST_SECONDS)
    return json.loads(file.read_text())


def described(found: dict[str, Any], first: dict[str, Any]) -> dict[str, Any]:
    """The columns of the table."""
    difference = np.abs(np.array(found["forecasts"]) - np.array(first["forecasts"])).max()
    return {
        "processes": len(found["memory"]),
        "seconds": float(found["seconds"]),
        "seconds of the CPU": " + ".join(f"{seconds:.0f}" for seconds in found["cpu"]),
        "MB of each process": ", ".join(f"{begun:.0f} to {most:.0f}" for begun, most in found["memory"]),
        "largest difference": "none" if difference == 0 else f"{difference:.1e}",
    }


def main() -> None:
    """Run every engine, and write both sections of RESULTS.md after each row."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--series", type=int, default=100)
    parser.add_argument("--folder", type=Path, default=None)
    options = parser.parse_args()
    folder = options.folder or Path(tempfile.mkdtemp())
    folder.mkdir(parents=True, exist_ok=True)
    versions = ", ".join(f"{name} {version_of(name, sys.executable)}" for name in ("joblib", "ray", "distributed"))
    notes = NOTES.format(series=options.series, commit=commit_of(HERE.parent), versions=versions)
    rows: dict[str, dict[str, Any]] = {}
    first = row(folder, "this process", options.series)
    for name in WAYS:
        rows[name] = described(row(folder, name, options.series), first)
        write_section("Trainings at once", pd.DataFrame(rows).T.rename_axis("engine"), notes, decimals=1)
    said: dict[str, dict[str, Any]] = {}
    for name in [name for name in WAYS if name != "this process"]:
        killed = row(folder, name, KILLED_SERIES, "--kill")
        said[name] = {"seconds": float(killed["seconds"]), "said": killed["error"]}
        table = pd.DataFrame(said).T.rename_axis("engine")
        write_section("A worker process that is killed", table, KILLED_NOTES.format(series=KILLED_SERIES), decimals=1)


if __name__ == "__main__":
    main()
