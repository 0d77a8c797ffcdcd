"""The forecaster's accuracy with default settings, each scored row used once.

python benchmarks/accuracy.py DATA [--seeds 0 1 2]

Eight classic series, the last three non-overlapping origins each, refitted at each: mean MASE of naive, seasonal
naive, ETS (statsmodels, the form with the lowest AICc), seqkit, and seqkit untrained, the members of its forecast
without the network. Then the last twelve months of the air passengers with five seeds.
"""

from __future__ import annotations

import argparse
import itertools
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from _classic import SERIES, load, origins
from _results import commit_of, write_section
from statsmodels.tsa.holtwinters import ExponentialSmoothing

import seqkit as sk
from seqkit.forecasting.members import set_share
from seqkit.forecasting.naive import seasonal_naive

HERE = Path(__file__).parent
METHODS = ("naive", "seasonal naive", "ETS", "untrained", "seqkit")


def best_ets(values: np.ndarray, season: int) -> Any:
    """The fitted Holt-Winters form with the lowest AICc; multiplicative seasons for positive values only."""
    seasons = [None]
    if len(values) >= 2 * season + 2:
        seasons += ["add", "mul"] if values.min() > 0 else ["add"]
    fits = []
    for (trend, damped), seasonal in itertools.product(((None, False), ("add", False), ("add", True)), seasons):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            period = season if seasonal else None
            model = ExponentialSmoothing(
                values, trend=trend, damped_trend=damped, seasonal=seasonal, seasonal_periods=period
            )
            fits.append(model.fit())
    return min((fit for fit in fits if np.isfinite(fit.aicc)), key=lambda fit: fit.aicc)


def ets(values: np.ndarray, season: int, horizon: int) -> np.ndarray:
    """Its forecast."""
    forecast: np.ndarray = best_ets(values, season).forecast(horizon)
    return forecast


def trained_and_not(seen: pd.DataFrame, horizon: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """The default forecast, and that of its members alone."""
    model = sk.train_forecaster(seen, horizon=horizon, seed=seed)
    trained = model.forecast(seen)["y"].to_numpy()
    set_share(model, 0.0)
    return trained, model.forecast(seen)["y"].to_numpy()


def score(name: str, folder: Path, seeds: list[int]) -> dict[str, float]:
    table, season, horizon = load(name, folder), SERIES[name].season, SERIES[name].horizon
    values = table["y"].to_numpy()
    scores: dict[str, list[list[float]]] = {method: [] for method in METHODS}
    for cut in origins(len(table), horizon, range(3, 0, -1)):
        seen, came = table.iloc[:cut], values[cut : cut + horizon]
        unit = np.abs(values[season:cut] - values[: cut - season]).mean()
        own = [trained_and_not(seen, horizon, seed) for seed in seeds]
        forecasts = {
            "naive": [seasonal_naive(seen["y"], horizon, 1)],
            "seasonal naive": [seasonal_naive(seen["y"], horizon, season)],
            "ETS": [ets(values[:cut], season, horizon)],
            "untrained": [members for _, members in own],
            "seqkit": [trained for trained, _ in own],
        }
        for method in METHODS:
            scores[method].append([np.abs(one - came).mean() / unit for one in forecasts[method]])
    by_seed = np.mean(scores["seqkit"], axis=0)
    return {method: float(np.mean(scores[method])) for method in METHODS} | {"spread": float(by_seed.std())}


def classic_series(folder: Path, seeds: list[int]) -> None:
    rows = {}
    for name in SERIES:
        rows[name] = score(name, folder, seeds)
        print(name, {method: round(value, 3) for method, value in rows[name].items()}, flush=True)
    table = pd.DataFrame(rows).T.rename_axis("series")
    won = int((table["seqkit"] < table["seasonal naive"]).sum())
    table.loc["mean"] = table.mean()
    write_section(
        "Eight classic series, mean MASE",
        table,
        f"The last three origins of each, refitted, default settings, seeds {seeds} (spread: standard deviation "
        f"over them). seqkit is below seasonal naive on {won} of {len(rows)}. Commit {commit_of(HERE)}.",
    )


def air_passengers(folder: Path) -> None:
    table = load("airline", folder)
    seen, came = table.iloc[:-12], table["y"].to_numpy()[-12:]
    rows = {}
    for seed in range(5):
        start = time.perf_counter()
        forecast = sk.train_forecaster(seen, horizon=12, seed=seed).forecast(seen)["y"].to_numpy()
        rows[f"seed {seed}"] = {"MAE": np.abs(forecast - came).mean(), "seconds": time.perf_counter() - start}
    table = pd.DataFrame(rows).T
    table.loc["median"] = table.median()
    naive = np.abs(seasonal_naive(seen["y"], 12, 12) - came).mean()
    write_section(
        "Air passengers, last 12 months held out",
        table.rename_axis("seqkit, defaults"),
        f"MAE in thousands of passengers. Seasonal naive: {naive:.1f}. Commit {commit_of(HERE)}.",
        decimals=1,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    arguments = parser.parse_args()
    air_passengers(arguments.data)
    classic_series(arguments.data, arguments.seeds)


if __name__ == "__main__":
    main()
