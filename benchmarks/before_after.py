"""How long `fit` takes with this checkout beside another one, such as a clone of an earlier commit.

python benchmarks/before_after.py CHECKOUT [--pairs 12] [--cores 1 2] [--jobs forecaster tagger]

Each checkout has a process of its own, which builds the same small model with the same seed, fits it once to trace,
and then waits. The two fit in turns (this, other, this, ...), so a machine that slows down slows both. With
`--cores 1` both processes share one core, with 2 two of them. A ratio below 1 says that this checkout is quicker.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

import numpy as np
import pandas as pd
from _results import commit_of, write_section
from _workers import Worker, in_turns

HERE = Path(__file__).parent
WORKER = """
import os, sys, time
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.sched_setaffinity(0, set(range(int(sys.argv[2]))))
import keras
import numpy as np
import pandas as pd
import seqkit as sk

keras.utils.set_random_seed(7)
random = np.random.default_rng(7)
words = [f"w{number}" for number in range(200)]
texts = [" ".join(random.choice(words, 5 + place % 17)) for place in range(480)]
index = pd.date_range("2020-01-01", periods=900, freq="h")
table = pd.DataFrame({"load": 50 + 9 * np.sin(np.arange(900) * np.pi / 12) + random.normal(0, 1, 900)}, index=index)
epochs = {"epochs": 4, "verbose": 0}

def forecaster():
    model = sk.build_forecaster(like=table, horizon=24)
    return lambda: model.fit(table, **epochs)

def classifier():
    labels = [("odd", "even")[place % 2] for place in range(len(texts))]
    model = sk.build_classifier(like=texts, labels=labels, units=16, embedding=16, convolution="none")
    return lambda: model.fit(texts, labels, **epochs)

def tagger():
    rows = [text.split() for text in texts]
    tags = [[word[-1] for word in row] for row in rows]
    model = sk.build_tagger(like=rows, tags=tags, units=16, embedding=16, characters=False)
    return lambda: model.fit(rows, tags, **epochs)

def language_model():
    model = sk.build_language_model(like=texts, units=16, embedding=16)
    return lambda: model.fit(texts, **epochs)

def seq2seq():
    turned = [" ".join(reversed(text.split())) for text in texts]
    model = sk.build_seq2seq(like=(texts, turned), units=16, embedding=16)
    return lambda: model.fit(texts, turned, **epochs)

def captioner():
    images = random.normal(size=(480, 12)).astype("float32")
    model = sk.build_captioner(like=(images, texts), units=16, embedding=16)
    return lambda: model.fit(images, texts, **epochs)

fit = globals()[sys.argv[1]]()
fit()
print(os.path.dirname(sk.__file__), flush=True)
for _ in sys.stdin:
    start = time.perf_counter()
    fit()
    print(time.perf_counter() - start, flush=True)
"""
JOBS = ("forecaster", "classifier", "tagger", "language_model", "seq2seq", "captioner")


def worker(checkout: Path, job: str, cores: int) -> Worker:
    """A process that fits one model with one checkout whenever it is asked to."""
    environment = {**os.environ, "PYTHONPATH": str(checkout)}
    started = Worker([sys.executable, "-c", WORKER, job, str(cores)], environment, checkout)
    if Path(started.first_line) != checkout / "seqkit":
        raise RuntimeError(f"The worker imported {started.first_line}, and {checkout / 'seqkit'} was wanted.")
    return started


def compare(other: Path, job: str, cores: int, pairs: int) -> dict[str, object]:
    times = in_turns([worker(checkout, job, cores) for checkout in (HERE.parent.resolve(), other)], pairs)
    ratios = times[:, 0] / times[:, 1]
    return {
        "model": job,
        "cores": cores,
        "this, s": float(np.median(times[:, 0])),
        "other, s": float(np.median(times[:, 1])),
        "ratio, median": float(np.median(ratios)),
        "ratio, lowest to highest": f"{ratios.min():.2f} to {ratios.max():.2f}",
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkout", type=Path)
    parser.add_argument("--pairs", type=int, default=12)
    parser.add_argument("--cores", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--jobs", nargs="+", choices=JOBS, default=JOBS)
    options = parser.parse_args()
    other = options.checkout.resolve()
    rows = [compare(other, job, cores, options.pairs) for cores in options.cores for job in options.jobs]
    write_section(
        "Time of fit, before and after",
        pd.DataFrame(rows).set_index("model"),
        f"This is {commit_of(HERE)}, the other {commit_of(other)}; four epochs a fit, {options.pairs} pairs in turns.",
        decimals=2,
        folder="CHECKOUT",
    )


if __name__ == "__main__":
    main()
