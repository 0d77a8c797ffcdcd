"""Build, train, use and drop many models in one process: the memory that they keep at the end.

python benchmarks/reliability/many_models.py [--count 300]

tables/many_models.csv keeps a row for each kind of model, so that a run that was stopped goes on.
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from _results import write_section
from _tries import Tries

import seqkit as sk

WARM_UP = 10  # models before the first look: what TensorFlow loads once is not counted
NOTES = """
Each model is built, trained, asked and dropped. Memory: resident memory of the process after a collection of garbage,
less that after the first {warm_up} models, a model. Highest: the most that was seen after any model, less the same.
"""


def months(seed: int) -> pd.DataFrame:
    rows = np.arange(72)
    values = 10 + 0.1 * rows + np.sin(rows * np.pi / 6) + np.random.default_rng(seed).normal(0, 0.1, 72)
    return pd.DataFrame({"sales": values}, pd.date_range("2001", periods=72, freq="MS"))


def built_forecaster(seed: int) -> None:
    table = months(seed)
    model = sk.build_forecaster(like=table, horizon=3, timesteps=24, units=16)
    model.fit(table, epochs=2, verbose=0)
    model.forecast(table)


def trained_forecaster(seed: int) -> None:
    table = months(seed)
    sk.train_forecaster(table, horizon=3, timesteps=24, units=16, epochs=2, seed=seed, verbose=0).forecast(table)


def series_classifier(seed: int) -> None:
    x = np.random.default_rng(seed).normal(size=(32, 20, 1)).astype("float32")
    y = np.where(x[:, 0, 0] > 0, "up", "down")
    model = sk.build_classifier(like=x, labels=y, units=8)
    model.fit(x, y, epochs=2, verbose=0)
    model.predict_classes(x)


def text_classifier(seed: int) -> None:
    random = np.random.default_rng(seed)
    texts = [" ".join(random.choice(["good", "bad", "film", "day"], size=6)) for _ in range(32)]
    model = sk.build_classifier(like=texts, labels=["a", "b"] * 16, units=8, embedding=8)
    model.fit(texts, ["a", "b"] * 16, epochs=2, verbose=0)
    model.predict_classes(texts)


def translator(seed: int) -> None:
    pairs = ["one two", "two", "one one", "two one"], ["eins zwei", "zwei", "eins eins", "zwei eins"]
    model = sk.build_seq2seq(like=pairs, units=8, embedding=8)
    model.fit(*pairs, epochs=2, verbose=0)
    model.translate(pairs[0])


KINDS: dict[str, Callable[[int], None]] = {
    "build_forecaster, fit, forecast": built_forecaster,
    "train_forecaster, forecast": trained_forecaster,
    "classifier of series": series_classifier,
    "classifier of texts": text_classifier,
    "encoder-decoder": translator,
}
FIRST = next(iter(KINDS))


def resident() -> float:
    """Megabytes of this process, after a collection of garbage."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def measured(make: Callable[[int], None], count: int) -> dict[str, float]:
    """What `count` models keep."""
    for seed in range(WARM_UP):
        make(seed)
    first = highest = resident()
    started = time.perf_counter()
    for seed in range(count):
        make(seed)
        highest = max(highest, resident())
    seconds = (time.perf_counter() - started) / count
    return {
        "models": count,
        "MB kept a model": (resident() - first) / count,
        "MB highest": highest - first,
        "seconds a model": seconds,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=300, help="models of the first kind; a fifth of it of the others")
    count = parser.parse_args().count
    tries = Tries("many_models", ["model"])
    for (name,) in tries.missing((name,) for name in KINDS):
        tries.add((name,), measured(KINDS[name], count if name == FIRST else count // 5), None)
        table = tries.table().set_index("model").astype({"models": int})
        write_section("Many models in one process", table, NOTES.format(warm_up=WARM_UP))


if __name__ == "__main__":
    main()
