"""Whether attention helps a classifier, everything else equal, on samples held out: tasks made here and real ones.

python benchmarks/attention.py DATA [--tasks "marked step" TREC-6] [--seeds 0 1 2 3 4]

Made here: "marked step", series of 100 steps of noise, where the class is the sign of the value at the one step with a
mark; "deciding phrase", texts of 60 words, where the class is the word after "verdict" and the same words stand
elsewhere too; and "last step", series whose class is the sign of their last value, where attention has nothing to find.
With 400 training samples, as here, attention finds the marked step and the phrase better than the last state does. With
1200, 32 units and the recipe's optimizer it did not (one seed, none and dense: .967 and .940; .997 and .593).
The test parts of the real sets are not read: a part of their training samples is held out for each seed. Each score is
kept in tables/attention.csv; what is there is not run again.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import texts
import ucr
from _results import write_section
from _tries import Tries

import seqkit as sk

SAMPLES, STEPS, WORDS = 800, 100, 60
MOST_SENTENCES = 1000
KINDS = ("none", "dense", "weighted_tanh")
SERIES_SETS = ("PowerCons", "MedicalImages", "SwedishLeaf")
FILLER = [f"word{number}" for number in range(50)]
SMALL: dict[str, Any] = {"units": 32, "epochs": 20, "folds": 1}
FAST = {"units": 16, "epochs": 40, "folds": 1, "dropout": 0.0, "held_out": 0.5}
FAST_RATE = 0.01  # of all kinds of attention alike


def fast() -> dict[str, Any]:
    """Arguments of the classifiers of tasks made here."""
    return {**FAST, "optimizer": keras.optimizers.Adam(FAST_RATE)}


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
    made = {"marked step": (marked_step, fast()), "last step": (last_step, fast())}
    made["deciding phrase"] = (deciding_phrase, {**fast(), "embedding": 8})
    words = {name: (lambda name=name: sentences(folder, name), {**SMALL, "embedding": 50}) for name in texts.TASKS}
    series = {name: (lambda name=name: ucr.load(folder, name, "train"), SMALL) for name in SERIES_SETS}
    return {**made, **words, **series}


def write(tries: Tries) -> None:
    """Only seeds that have every kind of attention count, so that a row compares the same held-out samples."""
    scores = tries.table().pivot(index=["task", "seed"], columns="attention", values="accuracy")[list(KINDS)].dropna()
    scores["dense - none"] = scores["dense"] - scores["none"]
    found = scores.groupby(level="task")
    spread = found.std().map(lambda one: "" if np.isnan(one) else f" ± {one:.3f}")
    rows = found.mean().map("{:.3f}".format) + spread
    rows["seeds"] = found.size()
    order = [name for name in tries.table()["task"].unique() if name in rows.index]
    write_section(
        "Attention and no attention, everything else equal",
        rows.loc[order].rename_axis("task"),
        f"Accuracy on samples held out, mean and standard deviation over the seeds. One direction, no convolution, "
        f"Keras's biases. Tasks made here: {SAMPLES} samples, half held out, {FAST['units']} units, Adam of rate "
        f"{FAST_RATE}. Real sets: a fifth of the training samples held out, {SMALL['units']} units, at most "
        f"{SMALL['epochs']} epochs, the recipe's optimizer; {MOST_SENTENCES} training sentences of SST-2 and TREC-6.",
    )


def main() -> None:
    """Train and score what is not in the table yet, and write the section of RESULTS.md."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--tasks", nargs="+")
    parser.add_argument("--seeds", type=int, nargs="*", default=[0, 1, 2, 3, 4], help="none: write the table alone")
    arguments = parser.parse_args()
    tries = Tries("attention", ["task", "seed", "attention"])
    every = tasks(arguments.data)
    wanted = [(name, seed, kind) for seed in arguments.seeds for name in arguments.tasks or every for kind in KINDS]
    for name, seed, kind in tries.missing(wanted):
        make, options = every[name]
        scores = sk.compare_attention(*make(), [kind], seeds=[seed], **options)
        tries.add((name, seed, kind), {"accuracy": scores.loc[kind, "accuracy"]}, None)
    write(tries)


if __name__ == "__main__":
    main()
