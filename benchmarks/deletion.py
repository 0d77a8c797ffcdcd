"""Do the steps that attention looks at matter? Remove them, and as many random ones, and compare.

python benchmarks/deletion.py DATA [--tasks ...] [--seeds 0 1 2]

Classifiers with the package's defaults, trained on four fifths of each task's training samples; the curves are of the
other fifth, no test sample is touched. Series also without the branch of convolutions, which attention does not see.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from _results import write_section
from _tries import Tries
from texts import TASKS
from texts import load as load_texts
from ucr import load as load_series
from vowels import vowels

import seqkit as sk
from seqkit.task.folds import assign_folds

SHARES = (0.0, 0.1, 0.2, 0.3, 0.5)
LOADERS: dict[str, Callable[[Path], Any]] = {
    **{task: lambda data, task=task: load_texts(data, task, "train") for task in TASKS},
    "JapaneseVowels": lambda data: vowels(data, "train"),
    **{name: lambda data, name=name: load_series(data, name, "train") for name in ("CricketX", "SwedishLeaf")},
}


def one_try(data: Path, task: str, convolution: str, seed: int) -> dict[str, float]:
    x, y = LOADERS[task](data)
    is_held_back = assign_folds(list(y), 0) == 0
    parts = [
        [(one, label) for one, label, is_in in zip(x, y, chosen, strict=True) if is_in]
        for chosen in (~is_held_back, is_held_back)
    ]
    (train_x, train_y), (held_x, held_y) = (tuple(map(list, zip(*part, strict=True))) for part in parts)
    model = sk.train_classifier(train_x, train_y, convolution=convolution, seed=seed)
    curve = sk.deletion_curve(model, held_x, shares=SHARES, seed=seed).curve
    drop = curve.iloc[0] - curve.loc[0.2]
    return {
        "accuracy": float((model.predict_classes(held_x) == np.array(held_y)).mean()),
        **{
            f"drop, {name.replace('_', ' ')}": float(drop[name])
            for name in ("most_attended", "random", "least_attended")
        },
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--tasks", nargs="+", default=list(LOADERS), choices=list(LOADERS), metavar="TASK")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    arguments = parser.parse_args()
    tries = Tries("deletion", ["task", "convolution", "seed"])
    kinds = {task: ("none",) if task in TASKS else ("fixed", "none") for task in arguments.tasks}
    wanted = [(task, kind, seed) for task in arguments.tasks for kind in kinds[task] for seed in arguments.seeds]
    for key in tries.missing(wanted):
        tries.add(key, one_try(arguments.data, *key), None)
    found = tries.table().groupby(["task", "convolution"], sort=False)
    means = found.mean().drop(columns="seed")
    means["spread of the first"] = found["drop, most attended"].std().fillna(0.0)
    means["seeds"] = found["seed"].count()
    write_section(
        "Deletion: do attended steps matter",
        means.reset_index("convolution"),
        "How far the probability of the predicted class drops when a fifth of the steps is taken away. Means over "
        "the seeds, on held-back training samples. Where the most attended drop less than random ones, attention is no "
        "explanation.",
    )


if __name__ == "__main__":
    main()
