"""Whether attention helps a classifier, everything else equal, on samples held out: tasks made here and real ones.

python benchmarks/attention.py DATA [--tasks "marked step" TREC] [--seeds 0 1 2 3 4]

Made here: "marked step", series of 100 steps of noise, where the class is the sign of the value at the one step with a
mark; "deciding phrase", texts of 60 words, where the class is the word after "verdict" and the same words stand
elsewhere too; and "last step", series whose class is the sign of their last value, where attention has nothing to find.
The test parts of the real sets are not read: a fifth of their training samples is held out for each seed.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import texts
import ucr
from _results import write_section
from _tries import Tries

import seqkit as sk

SAMPLES, STEPS, WORDS = 1500, 100, 60
MOST_SENTENCES = 2000
KINDS = ("none", "dense", "tanh")
SERIES_SETS = ("ECG200", "Plane", "FaceFour")
FILLER = [f"word{number}" for number in range(50)]
SMALL: dict[str, Any] = {"units": 32, "epochs": 40, "folds": 1}


def marked_step() -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(7)
    x = np.stack([random.normal(size=(SAMPLES, STEPS)), np.zeros((SAMPLES, STEPS))], axis=-1).astype("float32")
    marks = random.integers(0, STEPS - 10, SAMPLES)
    x[np.arange(SAMPLES), marks, 1] = 1
    return x, np.where(x[np.arange(SAMPLES), marks, 0] > 0, "above", "below")


def last_step() -> tuple[np.ndarray, np.ndarray]:
    x = np.random.default_rng(7).normal(size=(SAMPLES, STEPS, 1)).astype("float32")
    return x, np.where(x[:, -1, 0] > 0, "above", "below")


def deciding_phrase() -> tuple[list[str], np.ndarray]:
    random = np.random.default_rng(7)
    verdicts, rows = random.choice(["good", "bad"], SAMPLES), []
    for verdict in verdicts:
        words = random.choice([*FILLER, *["good", "bad"] * 5], WORDS).tolist()
        place = random.integers(0, WORDS - 10)
        words[place : place + 2] = ["verdict", verdict]
        rows.append(" ".join(words))
    return rows, verdicts


def sentences(folder: Path, task: str) -> tuple[list[str], list[str]]:
    samples, labels = texts.load(folder, task, "train")
    chosen = np.random.default_rng(7).permutation(len(samples))[:MOST_SENTENCES]
    return [samples[place] for place in chosen], [labels[place] for place in chosen]


def tasks(folder: Path) -> dict[str, tuple[Callable[[], Any], dict[str, Any]]]:
    """How each task is made or read, and the arguments of its classifiers."""
    made = {"marked step": (marked_step, SMALL), "last step": (last_step, SMALL)}
    made["deciding phrase"] = (deciding_phrase, {**SMALL, "embedding": 16})
    words = {name: (lambda name=name: sentences(folder, name), {**SMALL, "embedding": 50}) for name in texts.TASKS}
    series = {name: (lambda name=name: ucr.load(folder, name, "train"), SMALL) for name in SERIES_SETS}
    return {**made, **words, **series}


def write(tries: Tries) -> None:
    table = tries.table()
    spread = table.groupby(["task", "attention"], sort=False)["accuracy"].agg(["mean", "std", "count"])
    cells = {
        key: f"{row['mean']:.3f}" + (f" ± {row['std']:.3f}" if row["count"] > 1 else "")
        for key, row in spread.iterrows()
    }
    rows = pd.Series(cells).unstack()[list(KINDS)]
    rows["seeds"] = spread["count"].unstack().min(axis=1).astype(int)
    write_section(
        "Attention and no attention, everything else equal",
        rows.loc[table["task"].unique()].rename_axis("task"),
        f"Accuracy on samples held out, mean and standard deviation over the seeds. One direction, no convolution, 32 "
        f"units; {MOST_SENTENCES} sentences of SST-2 and TREC.",
    )


def main() -> None:
    """Train and score what is not in the table yet, and write the section of RESULTS.md."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--tasks", nargs="+")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2, 3, 4])
    arguments = parser.parse_args()
    tries = Tries("attention", ["task", "seed", "attention"])
    every = tasks(arguments.data)
    for name in arguments.tasks or every:
        make, options = every[name]
        for seed in arguments.seeds:
            kinds = [kind for *_, kind in tries.missing([(name, seed, kind) for kind in KINDS])]
            if kinds:
                scores = sk.compare_attention(*make(), kinds, seeds=[seed], **options)["accuracy"]
                for kind, accuracy in scores.items():
                    tries.add((name, seed, kind), {"accuracy": accuracy}, None)
    write(tries)


if __name__ == "__main__":
    main()
