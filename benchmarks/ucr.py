"""Series of the UCR archive, one default configuration for all, beside the published figures.

python benchmarks/ucr.py DATA [--sets GunPoint Wine ...] [--seeds 0 1 2] [--held-back] [--baseline]

`train_classifier` with its defaults on each set's training part; its test part is scored once. Tries are kept in
tables/ucr.csv and the validation curves, with the epochs they chose, in tables/ucr_curves.csv; what is there is not run
again. Published: LSTM-FCN (Karim et al. 2018), InceptionTime (Ismail Fawaz et al. 2020), MiniRocket (Dempster et al.
2021), and one nearest neighbour with dynamic time warping, on the archive's default split.

With --held-back no test part is read: settings are compared on three fifths of each training part, held back in turn
(tables/ucr_held_back.csv). That is what chose the defaults.
"""

from __future__ import annotations

import argparse
import functools
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from _results import write_section
from _tries import Tries, classify, note_on_baseline, score_baseline_again

import seqkit as sk
from seqkit.task.folds import assign_folds

COLUMNS = ["LSTM-FCN", "InceptionTime", "MiniRocket", "1NN-DTW"]
BASELINES = ["linear", "majority"]
NONE = np.nan
PUBLISHED = {
    "GunPoint": (1.000, 1.000, 0.993, 0.913),
    "ItalyPowerDemand": (0.962, 0.965, 0.969, 0.955),
    "ArrowHead": (0.897, 0.846, 0.863, 0.800),
    "ECG200": (0.870, 0.930, 0.910, 0.880),
    "Coffee": (1.000, 1.000, 1.000, 1.000),
    "CBF": (0.996, 0.999, 0.999, 0.994),
    "OSULeaf": (0.983, 0.942, 0.959, 0.612),
    "SwedishLeaf": (0.976, 0.974, 0.963, 0.846),
    "FaceFour": (0.943, 0.955, 0.989, 0.886),
    "Plane": (1.000, 1.000, 1.000, 1.000),
    "MoteStrain": (0.930, 0.887, 0.930, 0.866),
    "Beef": (0.800, 0.700, 0.867, 0.667),
    "Ham": (0.733, 0.714, 0.714, 0.600),
    "Wine": (0.722, 0.611, 0.870, 0.611),
    "MedicalImages": (0.789, 0.795, 0.795, 0.747),
    "CricketX": (0.782, 0.854, 0.815, 0.772),
    "Trace": (NONE, 1.000, 1.000, 0.990),
    "Chinatown": (NONE, 0.985, 0.983, NONE),
    "PowerCons": (NONE, 0.944, 0.989, NONE),
}


VARIANTS: dict[str, dict[str, Any]] = {
    "defaults": {},
    "no convolutions": {"convolution": "none"},
    "learned convolutions": {"convolution": "learned"},
    "16 units": {"units": 16},
    "no attention": {"attention": "none"},
}
CHOOSING_SETS = ["Beef", "Wine", "ArrowHead", "FaceFour", "MoteStrain", "ECG200", "ItalyPowerDemand", "Ham"]


def load(folder: Path, name: str, part: str) -> tuple[np.ndarray, np.ndarray]:
    """Series `(B, T, 1)` of the "train" or "test" part and their classes."""
    rows = np.loadtxt(folder / "ucr" / name / f"{name}_{part.upper()}.tsv.gz", delimiter="\t")
    return rows[:, 1:, None].astype("float32"), rows[:, 0].astype(int)


def write(tries: Tries, again: str = "") -> None:
    """`again`: what to say of a column that was measured anew, by itself."""
    found = (
        tries.table()
        .groupby("set")
        .agg(
            seqkit=("accuracy", "mean"),
            spread=("accuracy", "std"),
            seeds=("seed", "count"),
            linear=("linear", "mean"),
            majority=("majority", "mean"),
            seconds=("seconds", "mean"),
        )
    )
    table = pd.DataFrame.from_dict(PUBLISHED, orient="index", columns=COLUMNS).join(found, how="inner")
    table = table[["seqkit", "spread", "seeds", *COLUMNS, *BASELINES, "seconds"]]
    table["spread"] = table["spread"].fillna(0.0)
    compared = table[table["LSTM-FCN"].notna()]
    table.loc[f"mean of the {len(compared)} with LSTM-FCN"] = compared[
        ["seqkit", "spread", *COLUMNS, *BASELINES]
    ].mean()
    write_section(
        "UCR archive, accuracy",
        table.rename_axis("set"),
        "train_classifier, defaults for all sets. Spread: standard deviation over the seeds. Linear: logistic "
        "regression on the values, its C chosen on training series. Seconds: of one training, on one core of "
        f"two.{again}",
        keep_command=bool(again),
    )


def held_back(folder: Path, names: list[str], seed: int = 0) -> None:
    """Accuracy of each variant on parts of the training series that it did not train on."""
    tries = Tries("ucr_held_back", ["variant", "set"])
    for variant, name in tries.missing((variant, name) for name in names for variant in VARIANTS):
        x, y = load(folder, name, "train")
        part = assign_folds(list(y), seed)
        right, start = [], time.perf_counter()
        for number in range(3):
            is_later = part == number
            model = sk.train_classifier(x[~is_later], y[~is_later], folds=1, seed=seed, **VARIANTS[variant])
            right.append(model.predict_classes(x[is_later]) == y[is_later])
        scores = {"accuracy": float(np.concatenate(right).mean()), "seconds": time.perf_counter() - start}
        tries.add((variant, name), scores, None)
    table = tries.table().pivot(index="set", columns="variant", values="accuracy")[list(VARIANTS)]
    table.loc["mean"] = table.mean()
    write_section(
        "What chose the defaults of series, held-back accuracy", table, "Training parts of the UCR archive alone."
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--sets", nargs="+", default=list(PUBLISHED), choices=list(PUBLISHED), metavar="SET")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--held-back", action="store_true", help="compare settings, read no test part")
    parser.add_argument("--baseline", action="store_true", help="score the linear baseline alone anew, train nothing")
    arguments = parser.parse_args()
    if arguments.held_back:
        held_back(arguments.data, [name for name in CHOOSING_SETS if name in arguments.sets])
        return
    tries = Tries("ucr", ["set", "seed"])
    if arguments.baseline:
        score_baseline_again(tries, arguments.sets, functools.partial(load, arguments.data))
        write(tries, note_on_baseline())
        return
    for seed in arguments.seeds:
        classify(tries, [(name, seed) for name in arguments.sets], functools.partial(load, arguments.data))
        write(tries)


if __name__ == "__main__":
    main()
