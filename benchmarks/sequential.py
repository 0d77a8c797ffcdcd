"""Sequential, hence slow: a training step of a recurrent network beside one of a network without recurrence, by length.

python benchmarks/sequential.py [--lengths 10 20 50 100 200] [--rounds 12]

Both read the same 32 sequences of 16 features and answer at every step. The recurrent one goes through them step by
step; the other, two layers of convolution over time, computes all steps at once. It has about as many weights. They are
timed in turns, a step each, so that a machine that slows down slows both; the ratio is that of each pair.
"""

from __future__ import annotations

import argparse
import time

import keras
import numpy as np
import pandas as pd
from _results import write_section
from keras import layers

import seqkit as sk

BATCH, FEATURES, UNITS, STEPS = 32, 16, 64, 10


def recurrent(cell: str) -> keras.Model:
    return sk.build_recurrent(
        "many_to_many", features=FEATURES, outputs=1, timesteps=None, units=UNITS, cell=cell, memory=None
    )


def convolutions(filters: int) -> keras.Model:
    """The value at a step is made of the 5 steps up to it; nothing waits for another step."""
    read = [layers.Conv1D(filters, 3, padding="causal", activation="tanh") for _ in range(2)]
    model = keras.Sequential([keras.Input((None, FEATURES)), *read, layers.Dense(1)])
    model.compile("adam", "mse")
    return model


PAIRS = {"SimpleRNN": ("simple_rnn", 34), "LSTM": ("lstm", 75)}  # filters, for about as many weights


def seconds(model: keras.Model, x: np.ndarray, y: np.ndarray) -> float:
    """Of one training step, the mean of STEPS."""
    start = time.perf_counter()
    model.fit(x, y, batch_size=BATCH, verbose=0)
    return (time.perf_counter() - start) / STEPS


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lengths", type=int, nargs="+", default=[10, 20, 50, 100, 200])
    parser.add_argument("--rounds", type=int, default=12)
    arguments = parser.parse_args()
    random, rows = np.random.default_rng(0), []
    for name, (cell, filters) in PAIRS.items():
        models = recurrent(cell), convolutions(filters)
        for length in arguments.lengths:
            x = random.normal(size=(STEPS * BATCH, length, FEATURES)).astype("float32")
            y = random.normal(size=(STEPS * BATCH, length, 1)).astype("float32")
            for model in models:
                seconds(model, x, y)  # traces
            times = np.array([[seconds(model, x, y) for model in models] for _ in range(arguments.rounds)])
            ratios = times[:, 0] / times[:, 1]
            rows.append(
                {
                    "cell": name,
                    "length": length,
                    "recurrent, ms": 1000 * float(np.median(times[:, 0])),
                    "convolutions, ms": 1000 * float(np.median(times[:, 1])),
                    "ratio, median": float(np.median(ratios)),
                    "ratio, quartiles": "{:.2f} to {:.2f}".format(*np.percentile(ratios, [25, 75])),
                    "weights": " and ".join(f"{model.count_params()}" for model in models),
                }
            )
            print(rows[-1], flush=True)
    write_section(
        "Sequential, hence slow",
        pd.DataFrame(rows).set_index("cell"),
        f"A training step on {BATCH} sequences of {FEATURES} features, the mean of {STEPS}; {arguments.rounds} pairs "
        "in turns. The network without recurrence has two causal convolutions over 3 steps; an output sees 5 steps.",
        decimals=2,
    )


if __name__ == "__main__":
    main()
