"""Sigmoid against tanh: how many steps of training until the first of a few symbols is known.

python benchmarks/activations.py [--lengths 5 10] [--seeds 0 1 2 3 4]

The task and the budget of `first_symbol.py`. A plain RNN whose state is a sigmoid beside one whose state is a tanh; an
LSTM whose candidate and output are sigmoids beside Keras's, whose gates are sigmoids in both. Steps: fresh batches of
64 until 95 % of 1,000 fresh sequences are answered rightly, looked at after every 25 steps; who never gets there counts
as 1,000. Tries are kept in tables/activations.csv; what is there is not run again.
"""

from __future__ import annotations

import argparse
import warnings

import keras
import pandas as pd
from _results import write_section
from _tries import Tries
from first_symbol import BATCH, STEPS, SYMBOLS, UNITS, sequences

import seqkit as sk

ACTIVATIONS = ("tanh", "sigmoid")
NETWORKS = {"SimpleRNN": sk.build_rnn, "LSTM": sk.build_lstm}
KEYS = ["cell", "activation", "length", "seed"]
ENOUGH, LOOK = 0.95, 25


def try_one(cell: str, activation: str, length: int, seed: int) -> dict[str, float]:
    """Steps of training until the task is known, and the accuracy then."""
    keras.utils.set_random_seed(seed)
    network = NETWORKS[cell](UNITS, features=SYMBOLS, timesteps=length, activation=activation)
    model = keras.Sequential([network, keras.layers.Dense(SYMBOLS, activation="softmax")])
    model.compile(keras.optimizers.Adam(5e-3, clipnorm=1.0), "sparse_categorical_crossentropy", metrics=["accuracy"])
    new_x, new_y = sequences(1000, length, 9000 + seed)
    x, y = sequences(STEPS * BATCH, length, seed)
    steps, accuracy = 0, 0.0
    while steps < STEPS and accuracy < ENOUGH:
        part = slice(steps * BATCH, (steps + LOOK) * BATCH)
        model.fit(x[part], y[part], batch_size=BATCH, verbose=0)
        steps += LOOK
        _, accuracy = model.evaluate(new_x, new_y, batch_size=500, verbose=0)
    return {"steps": steps, "accuracy": accuracy}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lengths", type=int, nargs="+", default=[5, 10])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2, 3, 4])
    arguments = parser.parse_args()
    warnings.filterwarnings("ignore", "(?s).*cannot use the cuDNN kernel")  # a sigmoid has no kernel of its own
    tries = Tries("activations", KEYS)
    wanted = [
        (cell, activation, length, seed)
        for cell in NETWORKS
        for length in arguments.lengths
        for seed in arguments.seeds
        for activation in ACTIVATIONS
    ]
    for key in tries.missing(wanted):
        tries.add(key, try_one(*key), None)
    found = tries.table().merge(pd.DataFrame(wanted, columns=KEYS)).groupby(KEYS[:3], sort=False)
    table = pd.DataFrame(
        {
            "steps, mean": found["steps"].mean(),
            "spread": found["steps"].std(ddof=0),
            "learnt": found["accuracy"].agg(lambda accuracy: (accuracy >= ENOUGH).sum()),
            "accuracy, mean": found["accuracy"].mean(),
        }
    )
    write_section(
        "Sigmoid against tanh",
        table.reset_index(["activation", "length"]),
        f"The first of many symbols; steps until {ENOUGH:.0%} of fresh sequences are right, at most {STEPS}, and how "
        f"many of {len(arguments.seeds)} seeds get there; spread: standard deviation over the seeds.",
    )


if __name__ == "__main__":
    main()
