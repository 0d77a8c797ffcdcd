"""Series of different length: the speaker of a vowel, and whether someone walks out of a room.

python benchmarks/vowels.py DATA [--seeds 0 1 2 3 4] [--held-back] [--baseline]

`train_classifier` with its defaults. JapaneseVowels (12 features, 7 to 29 steps, 9 speakers) has its own test part.
Indoor movement (4 features, 19 to 129 steps) has none: a fifth of its sequences, dealt out by class with seed 0, is the
test, the same for every try. Beside them the majority class and a linear model on simple statistics of each feature.
With --held-back no test sample is read: the kinds of convolution are compared on three fifths of the training part,
held back in turn.
"""

from __future__ import annotations

import argparse
import functools
import gzip
import io
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
from _results import write_section
from _tries import Tries, classify, note_on_baseline, score_baseline_again

import seqkit as sk
from seqkit.task.folds import assign_folds

PUBLISHED = {"JapaneseVowels": "plain LSTM .797, Rocket .962, TimesNet .984, ModernTCN .988", "indoor movement": ""}
CONVOLUTIONS = ("fixed", "learned", "none")
Labelled = tuple[list[np.ndarray], list[str]]


def vowels(folder: Path, part: str) -> Labelled:
    """Series `(T_i, 12)` and speakers, of the archive's .ts format: features between colons, the class last."""
    path = folder / "uea" / "JapaneseVowels" / f"JapaneseVowels_{part.upper()}.ts.gz"
    lines = gzip.decompress(path.read_bytes()).decode().splitlines()
    rows = [line.split(":") for line in lines[lines.index("@data") + 1 :] if line]
    series = [np.array([[float(cell) for cell in feature.split(",")] for feature in row[:-1]]).T for row in rows]
    return series, [row[-1] for row in rows]


def movements(folder: Path, part: str) -> Labelled:
    """Signal strengths `(T_i, 4)` of one walk each, and whether it leaves the room (1) or not (-1)."""
    with zipfile.ZipFile(folder / "indoor_movement" / "IndoorMovement.zip") as files:
        targets = pd.read_csv(io.BytesIO(files.read("dataset/MovementAAL_target.csv")), skipinitialspace=True)
        names, labels = targets.iloc[:, 0].tolist(), targets.iloc[:, 1].astype(str).tolist()
        walks = [
            pd.read_csv(io.BytesIO(files.read(f"dataset/MovementAAL_RSS_{name}.csv"))).to_numpy("float32")
            for name in names
        ]
    chosen = (assign_folds(labels, 0) == 0) == (part == "test")
    return [walk for walk, one in zip(walks, chosen, strict=True) if one], list(np.array(labels)[chosen])


LOADERS = {"JapaneseVowels": vowels, "indoor movement": movements}


def load(folder: Path, task: str, part: str) -> Labelled:
    """Series of the "train" or "test" part and their classes."""
    return LOADERS[task](folder, part)


def write(tries: Tries, again: str = "") -> None:
    """`again`: what to say of a column that was measured anew, by itself."""
    rows = []
    for task, found in tries.table().groupby("task", sort=False):
        scores = {
            "seqkit": found["accuracy"].mean(),
            "spread": found["accuracy"].std(),
            "least": found["accuracy"].min(),
        }
        baselines = {name: found[name].mean() for name in ("majority", "linear")}
        rows.append({"task": task, **scores, **baselines, "seeds": len(found), "published": PUBLISHED[task]})
    write_section(
        "Series of different length, accuracy",
        pd.DataFrame(rows).set_index("task"),
        "train_classifier, defaults. Spread: standard deviation over the seeds. Linear: logistic regression, its C "
        f"chosen on training series.{again}",
        keep_command=bool(again),
    )


def held_back(folder: Path, tasks: list[str], seed: int = 0) -> pd.DataFrame:
    """Accuracy of each kind of convolution on three parts of the training samples that it did not train on."""
    rows = []
    for task in tasks:
        x, y = load(folder, task, "train")
        part = assign_folds(y, seed)
        for kind in CONVOLUTIONS:
            right = []
            for number in range(3):
                train, later = np.flatnonzero(part != number), np.flatnonzero(part == number)
                model = sk.train_classifier(
                    [x[i] for i in train], [y[i] for i in train], convolution=kind, folds=1, seed=seed
                )
                right.append(model.predict_classes([x[i] for i in later]) == np.array(y)[later])
            accuracy = float(np.concatenate(right).mean())
            rows.append({"task": task, "convolution": kind, "accuracy": accuracy, "samples": sum(map(len, right))})
            print(rows[-1], flush=True)
    return pd.DataFrame(rows).set_index("task")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--tasks", nargs="+", default=list(LOADERS), choices=list(LOADERS), metavar="TASK")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2, 3, 4])
    parser.add_argument("--held-back", action="store_true", help="compare kinds of convolution, read no test sample")
    parser.add_argument("--baseline", action="store_true", help="score the linear baseline alone anew, train nothing")
    arguments = parser.parse_args()
    if arguments.held_back:
        table = held_back(arguments.data, arguments.tasks)
        write_section("What chose the branch of convolutions", table, "Held-back training samples alone.")
        return
    tries = Tries("vowels", ["task", "seed"])
    if arguments.baseline:
        score_baseline_again(tries, arguments.tasks, functools.partial(load, arguments.data))
        write(tries, note_on_baseline())
        return
    for seed in arguments.seeds:
        classify(tries, [(task, seed) for task in arguments.tasks], functools.partial(load, arguments.data))
        write(tries)


if __name__ == "__main__":
    main()
