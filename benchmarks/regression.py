"""A number for a series: two made sets and a real one, beside plain guesses, a linear model, and MiniRocket.

python benchmarks/regression.py [--sets NAME ...] [--seeds 0 1 2] [--held-back]

`train_regressor` with its defaults on each set's training part; its test part is scored once. Tries are kept in
tables/regression.csv; what is there is not run again. The sets:

- remaining life: 200 and 200 windows of 40 cycles of three sensors of a machine that wears; cycles until it fails
  (`wearing`, seeds 11 and 12).
- dose: 200 and 200 curves of a drug's concentration over 24 hours after one dose, with the patient's weight; mg of the
  dose (`absorbed`, seeds 21 and 22).
- Covid3Month: 84 days of confirmed cases and the share that died, a regression set that comes with the package aeon, on
  its own split of 140 and 61.

MiniRocket (Dempster et al. 2021) is aeon's, 10,000 features of scaled series, then ridge regression whose penalty is
chosen as that of the linear baseline (extra `benchmarks`).

With --held-back no test part is read: settings are compared on a fifth of each training part. That is what chose the
defaults (tables/regression_held_back.csv).
"""

from __future__ import annotations

import argparse
import time
from typing import Any

import numpy as np
import pandas as pd
from _results import write_section
from _tries import Tries
from sklearn.linear_model import RidgeCV
from sklearn.metrics import mean_absolute_error, r2_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import seqkit as sk
from seqkit.regression.baselines import PENALTIES
from seqkit.task.folds import assign_folds

Pair = tuple[np.ndarray, np.ndarray]
SAMPLES, CYCLES, HOURS = 200, 40, 24
VARIANTS: dict[str, dict[str, Any]] = {
    "defaults": {},
    "convolutions": {"convolution": True},  # the classifier's: fixed ones of one feature, learned ones of several
    "convolutions, mae": {"convolution": True, "loss": "mae"},
    "convolutions, mse": {"convolution": True, "loss": "mse"},
    "convolutions, dropout 0.5": {"convolution": True, "dropout": 0.5},
    "convolutions, no attention": {"convolution": True, "attention": "none"},
}


def wearing(seed: int) -> Pair:
    """Three sensors of a machine whose wear grows faster the more there is; cycles until it has worn out."""
    random = np.random.default_rng(seed)
    series, lives = [], []
    for _ in range(SAMPLES):
        rate, start = random.uniform(0.01, 0.03), random.uniform(0.01, 0.05)
        life = int(np.log(1 / start) / rate)  # wear is start * exp(rate * cycle), and 1 is the end
        last = random.integers(CYCLES, life)
        wear = start * np.exp(rate * np.arange(last - CYCLES, last))
        load = random.normal(0, 1, CYCLES)
        sensors = [
            60 + 15 * wear + 2 * load + random.normal(0, 1.0, CYCLES),  # temperature, which follows the load too
            1 + 2 * wear**2 + random.gamma(2, 0.1, CYCLES),  # vibration
            100 - 8 * np.sqrt(wear) + random.normal(0, 0.5, CYCLES),  # pressure
        ]
        series.append(np.stack(sensors, axis=1))
        lives.append(life - last)
    return np.stack(series).astype("float32"), np.array(lives, "float32")


def absorbed(seed: int) -> Pair:
    """Concentration in mg/l by the hour, with one compartment and absorption of the first order, and weight in kg."""
    random = np.random.default_rng(seed)
    hours = np.arange(1, HOURS + 1)
    series, doses = [], []
    for _ in range(SAMPLES):
        dose, weight = random.uniform(50, 500), random.uniform(45, 110)
        enters, leaves = random.lognormal(0, 0.3), random.lognormal(np.log(0.15), 0.3)  # per hour
        volume = 0.6 * weight * random.lognormal(0, 0.1)
        curve = dose * enters / (volume * (enters - leaves)) * (np.exp(-leaves * hours) - np.exp(-enters * hours))
        measured = curve * random.lognormal(0, 0.1, HOURS)
        series.append(np.stack([measured, np.full(HOURS, weight)], axis=1))
        doses.append(dose)
    return np.stack(series).astype("float32"), np.array(doses, "float32")


def of_aeon(name: str, part: str) -> Pair:
    """A regression set that the package holds; its series are `[samples, features, timesteps]`."""
    from aeon import datasets

    x, y = getattr(datasets, f"load_{name}")(split=part)
    return x.transpose(0, 2, 1).astype("float32"), y.astype("float32")


SETS = {
    "remaining life": lambda part: wearing({"train": 11, "test": 12}[part]),
    "dose": lambda part: absorbed({"train": 21, "test": 22}[part]),
    "Covid3Month": lambda part: of_aeon("covid_3month", part),
}


def predict_by_minirocket(train: Pair, x: np.ndarray) -> np.ndarray:
    """MiniRocket's features of series `[B, T, F]`, then ridge regression."""
    from aeon.transformations.collection.convolution_based import MiniRocket

    level, spread = train[0].mean(axis=(0, 1)), train[0].std(axis=(0, 1))
    scaled = [((part - level) / spread).transpose(0, 2, 1) for part in (train[0], x)]
    rocket = MiniRocket(random_state=0).fit(scaled[0])
    features = [np.asarray(rocket.transform(part)) for part in scaled]
    ridge = make_pipeline(StandardScaler(), RidgeCV(alphas=PENALTIES)).fit(features[0], train[1])
    return ridge.predict(features[1])


def score(name: str, seed: int) -> tuple[dict[str, float], dict[str, list[float]] | None]:
    """Train and score one try, and MiniRocket beside it."""
    train, test, started = SETS[name]("train"), SETS[name]("test"), time.perf_counter()
    model = sk.train_regressor(*train, seed=seed, verbose=0)
    seconds = time.perf_counter() - started
    found = sk.score_regressor(model, *test, train=train)
    guess = predict_by_minirocket(train, test[0])
    figures = {method: float(found.scores.loc[method, "mae"]) for method in found.scores.index}
    figures |= {"minirocket": mean_absolute_error(test[1], guess), "minirocket_r2": r2_score(test[1], guess)}
    figures |= {"r2": float(found.scores.loc["regressor", "r2"]), "linear_r2": float(found.scores.loc["linear", "r2"])}
    for level, row in found.intervals.iterrows():
        figures |= {f"coverage_{level:g}": row["coverage"], f"width_{level:g}": row["width"]}
    return figures | {"seconds": seconds, "epochs": model.chosen_epochs}, model.validation_history


def write(tries: Tries) -> None:
    mean = tries.table().groupby("set", sort=False)
    table = pd.DataFrame(
        {
            "seqkit": mean["regressor"].mean(),
            "spread": mean["regressor"].std().fillna(0.0),
            "seeds": mean["seed"].count(),
            "mean": mean["mean"].mean(),
            "median": mean["median"].mean(),
            "linear": mean["linear"].mean(),
            "MiniRocket": mean["minirocket"].mean(),
            "R2": mean["r2"].mean(),
            "R2 linear": mean["linear_r2"].mean(),
            "R2 MiniRocket": mean["minirocket_r2"].mean(),
            "80 % hold": mean["coverage_80"].mean(),
            "95 % hold": mean["coverage_95"].mean(),
            "95 % wide": mean["width_95"].mean(),
            "seconds": mean["seconds"].mean(),
        }
    )
    write_section(
        "A number for a series, mean absolute error",
        table,
        "train_regressor, defaults for all sets. seqkit to MiniRocket: mean absolute error, in cycles, mg and share "
        "of deaths. Spread: standard deviation over the seeds. Linear: ridge regression on the values; "
        "MiniRocket: ridge regression on its features; the penalty of both by leaving out one training sample in turn. "
        "Hold, wide: the share of test truths inside the intervals, which the held-out samples of the recipe "
        "calibrate, and their width. Seconds: of one training, on a machine of two cores with other work. The first "
        "two sets are made, by seed; Covid3Month comes with the package aeon.",
        decimals=4,
    )


def held_back(names: list[str], seed: int = 0) -> None:
    """Mean absolute error of each variant, as a share of the median's, on a fifth of each training part."""
    tries = Tries("regression_held_back", ["variant", "set"])
    for variant, name in tries.missing((variant, name) for name in names for variant in VARIANTS):
        x, y = SETS[name]("train")
        is_later = assign_folds(["all"] * len(y), seed) == 4
        options, started = dict(VARIANTS[variant]), time.perf_counter()
        if options.get("convolution"):
            options["convolution"] = "fixed" if x.shape[2] == 1 else "learned"
        model = sk.train_regressor(x[~is_later], y[~is_later], folds=1, seed=seed, verbose=0, **options)
        error = mean_absolute_error(y[is_later], model.predict(x[is_later], verbose=0))
        of_median = np.abs(y[is_later] - np.median(y[~is_later])).mean()
        tries.add((variant, name), {"error": float(error / of_median), "seconds": time.perf_counter() - started}, None)
    table = tries.table().pivot(index="set", columns="variant", values="error")
    table = table[[variant for variant in VARIANTS if variant in table]]
    write_section(
        "What chose the defaults of regression, held-back error as a share of the median's",
        table,
        "Training parts alone, one seed. Every variant but the defaults has convolutions beside the recurrent layers, "
        "which were the first defaults.",
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sets", nargs="+", default=list(SETS), choices=list(SETS), metavar="SET")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--held-back", action="store_true", help="compare settings, read no test part")
    arguments = parser.parse_args()
    if arguments.held_back:
        held_back(arguments.sets)
        return
    tries = Tries("regression", ["set", "seed"])
    for name, seed in tries.missing((name, seed) for seed in arguments.seeds for name in arguments.sets):
        tries.add((name, seed), *score(name, seed))
    write(tries)


if __name__ == "__main__":
    main()
