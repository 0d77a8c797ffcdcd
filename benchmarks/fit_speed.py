"""How long `fit` takes through seqkit beside the same layers written by hand in Keras.

python benchmarks/fit_speed.py [--pairs 12]

Both models have the same layers and weights in number, read the same windows in batches of 32 and train two epochs
a turn, in turns (ours, theirs, ours, ...), after a fit each that traces. Fed by windows: ours reads the
table, theirs `keras.utils.timeseries_dataset_from_array`. Fed by arrays: both read the same NumPy arrays.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import pandas as pd
from _results import write_section
from keras import layers, ops

import seqkit as sk

HERE = Path(__file__).parent
TIMESTEPS, HORIZON, BATCH, EPOCHS = 48, 12, 32, 2
STACKS = {"LSTM 32": ((32,), (0.0,)), "LSTM 128-128-64, dropout 0.5": ((128, 128, 64), (0.5, 0.0, 0.0))}
ROWS = {"LSTM 32": 1200, "LSTM 128-128-64, dropout 0.5": 300}


def ours(units: tuple[int, ...], dropout: tuple[float, ...]) -> keras.Model:
    return sk.build_forecaster(
        timesteps=TIMESTEPS, features=1, horizon=HORIZON, units=units, dropout=dropout, baseline="none", segment=1
    )


def by_hand(units: tuple[int, ...], dropout: tuple[float, ...]) -> keras.Model:
    past = keras.Input((TIMESTEPS, 1))
    level, spread = past[:, -1:], ops.std(past, axis=1, keepdims=True) + 1e-4
    steps = (past - level) / spread
    for depth, (size, rate) in enumerate(zip(units, dropout, strict=True)):
        steps = layers.LSTM(size, return_sequences=depth < len(units) - 1)(steps)
        steps = layers.Dropout(rate)(steps) if rate else steps
    forecast = layers.Reshape((HORIZON, 1))(layers.Dense(HORIZON)(steps)) * spread + level
    model = keras.Model(past, forecast)
    metrics = [keras.metrics.MeanAbsoluteError(name="mae"), keras.metrics.RootMeanSquaredError(name="rmse")]
    model.compile("adam", "mae", metrics=metrics)
    return model


def seconds(run: Callable[[], object]) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def count_traces(model: keras.Model) -> list[int]:
    """Count calls of `train_step`: two for one trace, since TensorFlow goes twice through what makes variables."""
    calls, step = [0], model.train_step

    def counted(data: object) -> object:
        calls[0] += 1
        return step(data)

    model.train_step = counted
    return calls


def compare(table: pd.DataFrame, name: str, feed: str, pairs: int) -> dict[str, object]:
    mine, theirs = ours(*STACKS[name]), by_hand(*STACKS[name])
    traces = count_traces(mine), count_traces(theirs)
    table = table.iloc[-ROWS[name] :]
    windows = sk.make_windows(table, timesteps=TIMESTEPS, horizon=HORIZON)
    if feed == "arrays":
        x, y = (np.stack(part) for part in zip(*windows, strict=True))
        left, right = (x, y), (x, y)
    else:
        rows = table.to_numpy("float32")
        targets = np.lib.stride_tricks.sliding_window_view(rows[TIMESTEPS:, 0], HORIZON)[..., None]
        dataset = keras.utils.timeseries_dataset_from_array(
            rows[:-HORIZON], targets, sequence_length=TIMESTEPS, batch_size=BATCH, shuffle=True
        )
        left, right = (windows,), (dataset,)
    options = {"verbose": 0, "epochs": EPOCHS} | ({"batch_size": BATCH} if feed == "arrays" else {})

    def run_mine() -> object:
        return mine.fit(*left, **options)

    def run_theirs() -> object:
        return theirs.fit(*right, **options, shuffle=feed == "arrays")  # the dataset shuffles by itself

    run_mine(), run_theirs()
    times = np.array([(seconds(run_mine), seconds(run_theirs)) for _ in range(pairs)])
    ratios = times[:, 0] / times[:, 1]
    return {
        "layers": name,
        "fed by": feed,
        "seqkit, s": float(np.median(times[:, 0])),
        "by hand, s": float(np.median(times[:, 1])),
        "ratio, median": float(np.median(ratios)),
        "ratio, quartiles": "{:.2f} to {:.2f}".format(*np.percentile(ratios, [25, 75])),
        "traces, seqkit / by hand": f"{traces[0][0]} / {traces[1][0]}",
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=12)
    pairs = parser.parse_args().pairs
    table = sk.read_csv(HERE.parent / "data" / "sunspots.csv")
    rows = [compare(table, name, feed, pairs) for name in STACKS for feed in ("windows", "arrays")]
    write_section(
        "Time of fit, seqkit against layers by hand",
        pd.DataFrame(rows).set_index("layers"),
        f"Monthly sunspots, the last {list(ROWS.values())} rows, T={TIMESTEPS}, H={HORIZON}, batch {BATCH}, "
        f"{EPOCHS} epochs a fit; {pairs} pairs in turns. Traces count runs of the step's Python; two can be one trace, "
        "because TensorFlow runs it again where the optimizer makes its variables in it.",
        decimals=2,
    )


if __name__ == "__main__":
    main()
