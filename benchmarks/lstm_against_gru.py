"""LSTM against GRU: parameters, time of a training step, and accuracy, side by side.

python benchmarks/lstm_against_gru.py DATA [--seeds 0 1 2]

A real series (the temperatures of DATA/classic, the last three origins before the scored ones) and a text task (the
question types of DATA/sentences, words embedded, a fifth of the training questions held back). Same units, batches
and budget for all; both Keras variants of the GRU.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd
from _classic import SERIES, load, origins
from _results import write_section
from keras import layers

UNITS, BATCH, TIMED_STEPS = 64, 32, 30
CELLS = {
    "LSTM": lambda **options: layers.LSTM(UNITS, **options),
    "GRU, reset after": lambda **options: layers.GRU(UNITS, **options),
    "GRU, reset before": lambda **options: layers.GRU(UNITS, reset_after=False, **options),
}
WORDS, LENGTH, EPOCHS = 5000, 24, 4


def step_seconds(model: keras.Model, x: Any, y: Any) -> float:
    """Median over single steps, after three that trace and warm up."""
    times = []
    for _ in range(TIMED_STEPS + 3):
        start = time.perf_counter()
        model.train_on_batch(x[:BATCH], y[:BATCH])
        times.append(time.perf_counter() - start)
    return float(np.median(times[3:]))


def series_windows(folder: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Windows of 28 days scaled by the training rows; the last 42 days before the scored ones to judge by."""
    table = load("temperatures", folder)["y"].to_numpy("float32")
    cut = origins(len(table), SERIES["temperatures"].horizon, range(6, 7))[0]
    rows = (table - table[:cut].mean()) / table[:cut].std()
    starts = np.arange(cut + 42 - 35)
    x = np.stack([rows[start : start + 28] for start in starts])[..., None]
    y = np.stack([rows[start + 28 : start + 35] for start in starts])
    is_training = starts + 35 <= cut
    return x[is_training], y[is_training], x[~is_training], y[~is_training]


def series_model(cell: Any) -> keras.Model:
    model = keras.Sequential([keras.Input((28, 1)), cell(), layers.Dense(7)])
    model.compile("adam", "mae")
    return model


def question_arrays(folder: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Word numbers and classes; every fifth training question is held back."""
    lines = (folder / "sentences" / "TREC.train.all").read_text("latin-1").splitlines()
    labels = np.array([int(line.split(" ", 1)[0]) for line in lines])
    texts = np.array([line.split(" ", 1)[1] for line in lines])
    held_back = np.arange(len(lines)) % 5 == 4
    vocabulary = layers.TextVectorization(WORDS, output_sequence_length=LENGTH)
    vocabulary.adapt(texts[~held_back])
    numbers = np.asarray(vocabulary(texts))
    return numbers[~held_back], labels[~held_back], numbers[held_back], labels[held_back]


def question_model(cell: Any) -> keras.Model:
    words = layers.Embedding(WORDS, 64, mask_zero=True)
    model = keras.Sequential([keras.Input((LENGTH,)), words, cell(), layers.Dense(6, activation="softmax")])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def compare(task: str, make: Any, data: tuple[np.ndarray, ...], seeds: list[int]) -> list[dict[str, Any]]:
    x, y, later_x, later_y = data
    rows = []
    for name, cell in CELLS.items():
        scores = []
        for seed in seeds:
            keras.utils.set_random_seed(seed)
            model = make(cell)
            model.fit(x, y, batch_size=BATCH, epochs=EPOCHS, verbose=0)
            result = model.evaluate(later_x, later_y, verbose=0)
            scores.append(result[1] if isinstance(result, list) else result)
        recurrent = next(layer for layer in model.layers if isinstance(layer, (layers.LSTM, layers.GRU)))
        rows.append(
            {
                "task": task,
                "cell": name,
                "parameters of the cell": recurrent.count_params(),
                "step, ms": 1000 * step_seconds(make(cell), x, y),
                "score, mean": float(np.mean(scores)),
                "spread": float(np.std(scores)),
            }
        )
        print(rows[-1], flush=True)
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    arguments = parser.parse_args()
    rows = compare("temperatures (MAE, scaled)", series_model, series_windows(arguments.data), arguments.seeds)
    rows += compare("question types (accuracy)", question_model, question_arrays(arguments.data), arguments.seeds)
    write_section(
        "LSTM against GRU",
        pd.DataFrame(rows).set_index("task"),
        f"{UNITS} units, {EPOCHS} epochs, batch {BATCH}, seeds {arguments.seeds}. The GRU has three gates' worth of "
        "weights for the LSTM's four; the variant that resets after the product has a second bias.",
    )


if __name__ == "__main__":
    main()
