"""How far back a cell can learn: say the first of many random symbols.

python benchmarks/first_symbol.py [--lengths 5 10 20 50 100 200] [--seeds 0 1 2 3 4]

Sequences of random symbols (one of four, one-hot); the answer is the first. 32 units, one budget for all: 1,000
steps of Adam at 0.005 on fresh batches of 64, gradients clipped at norm 1. Accuracy on 1,000 fresh sequences (chance
is 0.25); ratio of the total derivative d loss / d h_t at the first step to that at the last, before training.
"""

from __future__ import annotations

import argparse
import time

import keras
import numpy as np
import pandas as pd
from _results import write_section

from seqkit.insight.gradients import gradient_flow
from seqkit.layers import RecurrentStack

SYMBOLS, UNITS, BATCH, STEPS = 4, 32, 64, 1000
CELLS = {
    "SimpleRNN": ("simple_rnn", False),
    "LSTM": ("lstm", False),
    "GRU": ("gru", False),
    "LSTM, chrono": ("lstm", True),
    "GRU, chrono": ("gru", True),
}


def sequences(count: int, length: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    symbols = np.random.default_rng(seed).integers(SYMBOLS, size=(count, length))
    return np.eye(SYMBOLS, dtype="float32")[symbols], symbols[:, 0]


def classifier(cell: str, length: int, chrono: bool) -> keras.Model:
    stack = RecurrentStack(UNITS, cell, memory=max(length, 2) if chrono else None, name="memory")
    answer = keras.layers.Dense(SYMBOLS, activation="softmax")
    model = keras.Sequential([keras.Input((length, SYMBOLS)), stack, answer])
    model.compile(keras.optimizers.Adam(5e-3, clipnorm=1.0), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def try_one(name: str, length: int, seed: int) -> tuple[float, float]:
    """Accuracy after training, and the ratio of gradients before it."""
    cell, chrono = CELLS[name]
    keras.utils.set_random_seed(seed)
    model = classifier(cell, length, chrono)
    flow = gradient_flow(model, *sequences(16, length, 7000 + seed)).iloc[:, 0]
    model.fit(*sequences(STEPS * BATCH, length, seed), batch_size=BATCH, verbose=0)
    _, accuracy = model.evaluate(*sequences(1000, length, 9000 + seed), batch_size=500, verbose=0)
    return float(accuracy), float(flow.iloc[0] / flow.iloc[-1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lengths", type=int, nargs="+", default=[5, 10, 20, 50, 100, 200])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2, 3, 4])
    arguments = parser.parse_args()
    rows = []
    for length in arguments.lengths:
        for name in CELLS:
            start = time.perf_counter()
            tries = np.array([try_one(name, length, seed) for seed in arguments.seeds])
            rows.append(
                {
                    "length": length,
                    "cell": name,
                    "accuracy, mean": tries[:, 0].mean(),
                    "least": tries[:, 0].min(),
                    "gradient, first / last step": f"{np.median(tries[:, 1]):.1e}",
                    "seconds": time.perf_counter() - start,
                }
            )
            print(rows[-1], flush=True)
    write_section(
        "The first of many symbols",
        pd.DataFrame(rows).set_index("length"),
        f"Chance is 0.25. {len(arguments.seeds)} seeds; the gradient ratio is their median, before training.",
    )


if __name__ == "__main__":
    main()
