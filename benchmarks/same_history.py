"""Whether training is the same as with another checkout, such as a clone of an earlier commit, to the last bit.

python benchmarks/same_history.py CHECKOUT [--only "tagger of words" train_tagger]

Each checkout trains every model for three epochs, with shuffling and validation data, and runs every recipe, with the
same seed on one core. The table holds the largest difference of losses and metrics, of weights, and of the number of
optimizer steps. 0 means equal to the bit.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from _results import commit_of, write_section

HERE = Path(__file__).parent
ONE_CORE = {
    "KERAS_BACKEND": "tensorflow",
    "CUDA_VISIBLE_DEVICES": "-1",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
}
PARTS = ("history", "weight", "steps")


def trained(checkout: Path, only: list[str], folder: str) -> dict[str, np.ndarray]:
    """Histories, weights and steps of a checkout's models, by `model|part`."""
    path = Path(folder) / "trained.npz"
    environment = {**os.environ, **ONE_CORE, "PYTHONPATH": str(checkout)}
    command = [sys.executable, str(HERE / "_short_trainings.py"), str(path), *only]
    subprocess.run(command, env=environment, cwd=folder, check=True)
    with np.load(path) as arrays:
        return dict(arrays)


def largest_difference(one: np.ndarray, other: np.ndarray) -> float:
    """The largest absolute difference; infinite between a number and NaN, and between two shapes."""
    if one.shape != other.shape:
        return float("inf")
    one, other = one.astype("float64"), other.astype("float64")
    is_same = (one == other) | (np.isnan(one) & np.isnan(other))
    return float(np.nan_to_num(np.where(is_same, 0.0, np.abs(one - other)), nan=np.inf).max(initial=0.0))


def rows_of(here: dict[str, np.ndarray], there: dict[str, np.ndarray]) -> pd.DataFrame:
    """A row for each model; what only one of the two checkouts has counts as infinite."""
    rows = []
    for model in dict.fromkeys(key.partition("|")[0] for key in (*here, *there)):
        cells = {"model or recipe": model}
        for part in PARTS:
            keys = {key for key in (*here, *there) if key.startswith(f"{model}|{part}")}
            gaps = [
                largest_difference(here[key], there[key]) if key in here and key in there else float("inf")
                for key in keys
            ]
            cells[part] = f"{max(gaps):.2g}"
        rows.append(cells)
    return pd.DataFrame(rows).set_index("model or recipe")


def main() -> None:
    """Train with both checkouts, compare, and write the section of RESULTS.md."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkout", type=Path)
    parser.add_argument("--only", nargs="+", default=[])
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        here, there = (trained(path.resolve(), arguments.only, folder) for path in (HERE.parent, arguments.checkout))
    write_section(
        "Training before and after",
        rows_of(here, there),
        f"Largest absolute differences between {commit_of(HERE)} and {commit_of(arguments.checkout)} with the same "
        "seed; 0 is equal to the bit.",
        folder="CHECKOUT",
    )


if __name__ == "__main__":
    main()
