"""What gradient clipping does where the gradient explodes.

python benchmarks/clipping.py [--lengths 20 50] [--seeds 0 1 2 3 4]

The task of first_symbol.py (say the first of many random symbols), for a network made to explode: a SimpleRNN of 32
relu units that starts from 1.2 times the identity, so that the derivative grows with every step back. 300 steps on
fresh batches of 64; a seed gives the same first weights and batches in every row. SGD also at a hundredth of its
rate, the other way to keep a step small. Before training: ratio of the total derivative d loss / d h_t at the first
step to that at the last. In training: the largest global norm of a gradient before it is clipped. After it: loss and
accuracy on 1,000 fresh sequences (chance is 0.25). Keras's `clipnorm` bounds the norm of each weight's gradient alone.
"""

from __future__ import annotations

import argparse
import functools
from typing import Any

import keras
import numpy as np
import pandas as pd
from _results import write_section
from first_symbol import SYMBOLS, sequences
from keras import ops

from seqkit.insight.gradients import gradient_flow

UNITS, BATCH, STEPS, IDENTITY, DIVERGED = 32, 64, 300, 1.2, 10.0


class Watched:
    """Keeps the largest global norm of the gradients it is given; infinite where one is not finite."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.largest = keras.Variable(0.0, dtype="float64", trainable=False)

    def apply(self, grads: list[Any], trainable_variables: Any = None) -> None:
        """Note the norm, then clip and step as ever."""
        norm = ops.sqrt(sum(ops.sum(ops.square(ops.cast(gradient, "float64"))) for gradient in grads))  # ()
        self.largest.assign(ops.where(ops.isfinite(norm), ops.maximum(norm, self.largest), np.inf))
        super().apply(grads, trainable_variables)


class WatchedSGD(Watched, keras.optimizers.SGD):
    """SGD without momentum."""


class WatchedAdam(Watched, keras.optimizers.Adam):
    """Adam."""


TRIES = {  # optimizer, rate, clipping
    "SGD 0.05": (WatchedSGD, 0.05, {}),
    "SGD 0.05, clipnorm 1": (WatchedSGD, 0.05, {"clipnorm": 1.0}),
    "SGD 0.0005": (WatchedSGD, 0.0005, {}),
    "Adam 0.005": (WatchedAdam, 0.005, {}),
    "Adam 0.005, clipnorm 1": (WatchedAdam, 0.005, {"clipnorm": 1.0}),
}


def exploding(length: int, seed: int, optimizer: Any) -> keras.Model:
    keras.utils.set_random_seed(seed)
    start = keras.initializers.Identity(IDENTITY)
    memory = keras.layers.SimpleRNN(UNITS, activation="relu", recurrent_initializer=start)
    model = keras.Sequential([keras.Input((length, SYMBOLS)), memory, keras.layers.Dense(SYMBOLS, "softmax")])
    model.compile(optimizer, "sparse_categorical_crossentropy")
    return model


@functools.cache
def growth(length: int, seed: int) -> float:
    """The derivative by the first hidden state beside that by the last, before training."""
    flow = gradient_flow(exploding(length, seed, "sgd"), *sequences(16, length, 7000 + seed)).iloc[:, 0]  # [T]
    return float(flow.iloc[0] / flow.iloc[-1])


def try_one(name: str, length: int, seed: int) -> tuple[float, float, float, float]:
    """The largest gradient in training, then loss, silent units and accuracy on fresh sequences."""
    kind, rate, clipping = TRIES[name]
    optimizer = kind(rate, **clipping)
    model = exploding(length, seed, optimizer)
    model.fit(*sequences(STEPS * BATCH, length, seed), batch_size=BATCH, verbose=0)
    x, y = sequences(1000, length, 9000 + seed)  # [B, T, F], [B]
    states = np.asarray(model.layers[0](x))  # [B, U]
    answers = np.asarray(model.layers[1](states))  # [B, F]
    loss = ops.mean(keras.losses.sparse_categorical_crossentropy(y, answers))
    silent = (states == 0).all(axis=0).sum()
    return float(optimizer.largest), float(loss), float(silent), float((answers.argmax(axis=-1) == y).mean())


def row(name: str, length: int, seeds: list[int]) -> dict[str, Any]:
    largest, loss, silent, accuracy = np.array([try_one(name, length, seed) for seed in seeds]).T
    return {
        "length": length,
        "optimizer": name,
        "gradient, first / last step": f"{np.median([growth(length, seed) for seed in seeds]):.1e}",
        "largest norm": f"{np.median(largest):.1e}",
        "diverged": f"{np.sum(~(loss <= DIVERGED))} of {len(seeds)}",  # NaN is not <= either
        "silent units": f"{np.median(silent):.0f} of {UNITS}",
        "accuracy, mean": accuracy.mean(),
        "least": accuracy.min(),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lengths", type=int, nargs="+", default=[20, 50])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2, 3, 4])
    arguments = parser.parse_args()
    rows = []
    for length in arguments.lengths:
        for name in TRIES:
            rows.append(row(name, length, arguments.seeds))
            print(rows[-1], flush=True)
    write_section(
        "Clipping where the gradient explodes",
        pd.DataFrame(rows).set_index("length"),
        f"Chance is 0.25. {len(arguments.seeds)} seeds; ratio, largest norm and silent units are their medians. "
        f"Diverged: loss NaN or above {DIVERGED:.0f} after training. Silent: 0 after the last step of every sequence; "
        "a NaN is not 0. Where an unclipped step silences all units, no gradient passes and the loss stays at ln 4.",
    )


if __name__ == "__main__":
    main()
