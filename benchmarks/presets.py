"""The articles' stack on the air passengers, as written and in seqkit's frame, beside the default model.

python benchmarks/presets.py DATA [--seeds 0 1 2]

The last twelve months are held out. The stack is trained as the articles train it: 50 epochs in batches of 200 windows
of 36 months. The default model is trained by `train_forecaster`.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import pandas as pd
from _classic import load
from _results import write_section

import seqkit as sk
from seqkit.forecasting.naive import seasonal_naive

HORIZON, TIMESTEPS, EPOCHS, BATCH_SIZE = 12, 36, 50, 200
ARTICLE_SCALED = {  # preset="article" with another scaling
    "cell": "lstm",
    "units": (128, 128, 64),
    "first_dropout": 0.5,
    "scaling": "window",
    "transform": "none",
    "baseline": "none",
    "segment": 1,
    "loss": "mse",
}


def stack(**options: object) -> Callable[[pd.DataFrame, int], sk.Forecaster]:
    """Train the stack with these arguments of `build_forecaster`."""

    def train(seen: pd.DataFrame, seed: int) -> sk.Forecaster:
        keras.utils.set_random_seed(seed)
        model = sk.build_forecaster(like=seen, horizon=HORIZON, timesteps=TIMESTEPS, **options)
        model.fit(seen, epochs=EPOCHS, batch_size=BATCH_SIZE, verbose=0)
        return model

    return train


MODELS = {
    'as the articles write it, preset="article"': stack(preset="article"),
    "the same, each window scaled": stack(**ARTICLE_SCALED),
    'in the default frame, preset="stacked_lstm"': stack(preset="stacked_lstm"),
    "default model, train_forecaster": lambda seen, seed: sk.train_forecaster(seen, horizon=HORIZON, seed=seed),
}


def main() -> None:
    """Train each model with each seed, and write the section of RESULTS.md."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    arguments = parser.parse_args()
    table = load("airline", arguments.data)
    seen, came = table.iloc[:-HORIZON], table["y"].to_numpy()[-HORIZON:]
    rows = []
    for name, train in MODELS.items():
        forecasts = [train(seen, seed).forecast(seen)["y"].to_numpy() for seed in arguments.seeds]
        errors = [float(np.abs(forecast - came).mean()) for forecast in forecasts]
        rows.append({"model": name, "MAE": float(np.mean(errors)), "lowest": min(errors), "highest": max(errors)})
        print(rows[-1], flush=True)
    naive = float(np.abs(seasonal_naive(seen["y"], HORIZON, 12) - came).mean())
    rows.append({"model": "seasonal naive", "MAE": naive, "lowest": naive, "highest": naive})
    write_section(
        "Air passengers, the articles' stack",
        pd.DataFrame(rows).set_index("model"),
        f"MAE in thousands of passengers over the last twelve months; seeds {arguments.seeds}.",
        decimals=1,
    )


if __name__ == "__main__":
    main()
