"""How far back a cell can learn: say the first of many random symbols.

python benchmarks/first_symbol.py [--lengths 5 10 20 50 100 200] [--seeds 0 1 2 3 4] [--cells SimpleRNN]

Sequences of random symbols (one of four, one-hot); the answer is the first. 32 units, one budget for all: 1,000
steps of Adam at 0.005 on fresh batches of 64, gradients clipped at norm 1. Accuracy on 1,000 fresh sequences (chance
is 0.25); ratio of the total derivative d loss / d h_t at the first step to that at the last, before training. With
--cells, these cells have a section of their own. Tries are kept in tables/first_symbol.csv and not run again.
"""

from __future__ import annotations

import argparse
import time

import keras
import numpy as np
import pandas as pd
from _results import write_section
from _tries import Tries

from seqkit.insight.gradients import gradient_flow
from seqkit.layers import RecurrentStack

SYMBOLS, UNITS, BATCH, STEPS = 4, 32, 64, 1000
KEYS = ["length", "cell", "seed"]
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
    parser.add_argument("--cells", nargs="+", default=list(CELLS), choices=CELLS)
    arguments = parser.parse_args()
    tries = Tries("first_symbol", KEYS)
    wanted = [(n, cell, seed) for n in arguments.lengths for cell in arguments.cells for seed in arguments.seeds]
    for length, name, seed in tries.missing(wanted):
        start = time.perf_counter()
        accuracy, ratio = try_one(name, length, seed)
        seconds = time.perf_counter() - start
        tries.add((length, name, seed), {"accuracy": accuracy, "ratio": ratio, "seconds": seconds}, None)
    write(tries.table(), wanted, arguments.cells)


def write(found: pd.DataFrame, wanted: list[tuple[int, str, int]], cells: list[str]) -> None:
    """The section of these tries."""
    found = found.merge(pd.DataFrame(wanted, columns=KEYS))
    by_try = found.groupby(["length", "cell"], sort=False)
    table = pd.DataFrame(
        {
            "accuracy, mean": by_try["accuracy"].mean(),
            "spread": by_try["accuracy"].std(ddof=0),
            "least": by_try["accuracy"].min(),
            "gradient, first / last step": by_try["ratio"].median().map("{:.1e}".format),
            "seconds": by_try["seconds"].sum(),
        }
    )
    title = "The first of many symbols"
    write_section(
        title if cells == list(CELLS) else f"{title}, {', '.join(cells)}",
        table.reset_index("cell"),
        f"Chance is 0.25. {found['seed'].nunique()} seeds; spread: standard deviation over them; the gradient ratio is "
        "their median, before training.",
    )


if __name__ == "__main__":
    main()
