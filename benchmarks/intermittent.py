"""Intermittent demand: made series of mostly zeros, the losses of a forecaster beside Croston, SBA and zeros.

python benchmarks/intermittent.py [--seeds 1 2] [--series 30] [--rows 160] [--epochs 4] [--variants ...]

A day has a demand with a probability that follows the day of the week or a trend; its size is 1 and more, geometric.
The last 14 days are the test, used once; the seed makes the panel and trains. "expected" forecasts are the expected
demand itself: nothing can be better but by chance. RMSSE is the root mean square error over that of the last day's
value in training (as in M5); "sum" is the forecast demand of all series over the test, as a share of what was expected;
MASE is the mean absolute error over the same: a forecast of zeros does well by it, and tells nothing. Croston and SBA
are statsforecast's (extra `benchmarks`).
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from _results import write_section
from statsforecast.models import CrostonClassic, CrostonSBA

import seqkit as sk

HORIZON = 14
KINDS = ("a weekly season", "a trend")
VARIANTS: dict[str, dict[str, Any]] = {
    "as it is": {},
    "mae": {"loss": "mae", "members": ()},
    "mse": {"loss": "mse", "members": ()},
    "mae, pretrained member": {"loss": "mae", "members": ("pretrained",)},
    "mse, pretrained member": {"loss": "mse", "members": ("pretrained",)},
    "mse, theta member": {"loss": "mse", "members": ("theta",)},
}


def made_panel(series: int, rows: int, seed: int, kind: str) -> pd.DataFrame:
    """Demand, and what it was expected to be."""
    random, days = np.random.default_rng(seed), np.arange(rows)
    parts = {}
    for number in range(series):
        often, size = random.uniform(0.08, 0.5), 1 + random.exponential(3)
        shape = 1 + 0.8 * np.sin(2 * np.pi * (days + random.integers(7)) / 7)
        if kind == "a trend":
            shape = np.linspace(1, random.choice([0.2, 1.8]), rows)
        chance = np.clip(often * shape, 0, 1)
        demand = (random.random(rows) < chance) * random.geometric(1 / size, rows)
        index = pd.date_range("2023-01-02", periods=rows, freq="D", name="day")
        parts[f"part {number}"] = pd.DataFrame({"demand": demand.astype(float), "expected": chance * size}, index)
    return sk.as_panel(pd.concat(parts, names=["part"]).reset_index(), series="part", time="day")


def rate_of(method: type) -> Callable[[np.ndarray], Any]:
    """A forecast by a model of statsforecast, which smooths sizes and intervals by 0.1."""
    return lambda values: method().forecast(y=values, h=HORIZON)["mean"]


def mean_of_weekday(values: np.ndarray) -> np.ndarray:
    """The mean of each day of the week, repeated."""
    return np.resize(values[len(values) % 7 :].reshape(-1, 7).mean(axis=0), HORIZON)


SIMPLE: dict[str, Callable[[np.ndarray], Any]] = {
    "zeros": lambda values: 0.0,
    "mean": np.mean,
    "mean of the weekday": mean_of_weekday,
    "last week": lambda values: np.resize(values[-7:], HORIZON),
    "Croston": rate_of(CrostonClassic),
    "SBA": rate_of(CrostonSBA),
}


def simple_forecast(past: pd.DataFrame, test: pd.DataFrame, method: Callable[[np.ndarray], Any]) -> pd.Series:
    """The forecast of each series by itself."""
    found = [
        np.broadcast_to(method(rows.to_numpy()), HORIZON) for _, rows in past["demand"].groupby(level=0, sort=False)
    ]
    return pd.Series(np.concatenate(found), test.index)


def scores_of(forecast: pd.Series, test: pd.DataFrame, past: pd.DataFrame) -> dict[str, float]:
    """Mean RMSSE and MASE of the series, and the sum of the forecast as a share of the expected demand."""
    error = forecast - test["demand"].reindex(forecast.index)
    steps = past["demand"].groupby(level=0).diff()
    square = np.sqrt((error**2).groupby(level=0).mean() / (steps**2).groupby(level=0).mean())
    absolute = error.abs().groupby(level=0).mean() / steps.abs().groupby(level=0).mean()
    found = {"RMSSE": square, "MASE": absolute}
    means = {name: float(values[np.isfinite(values)].mean()) for name, values in found.items()}
    return means | {"sum": float(forecast.sum() / test["expected"].sum())}


def all_scores(arguments: argparse.Namespace, seed: int, kind: str) -> dict[str, dict[str, float]]:
    """The scores of every method on one panel."""
    past, _, test = sk.split(
        made_panel(arguments.series, arguments.rows, seed, kind), validation=0, test=HORIZON, context=0
    )
    found = {"expected": scores_of(test["expected"], test, past)}
    found |= {name: scores_of(simple_forecast(past, test, method), test, past) for name, method in SIMPLE.items()}
    demand = past[["demand"]]
    for name in arguments.variants:
        how = {"horizon": HORIZON, "seed": seed, "epochs": arguments.epochs, "verbose": 0, "intervals": False}
        model = sk.train_forecaster(demand, **how, **VARIANTS[name])
        found[f"forecaster: {name}"] = scores_of(model.forecast(demand)["demand"], test, past)
        print(kind, seed, name, model.loss, model.chosen_epochs, found[f"forecaster: {name}"], flush=True)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--series", type=int, default=30)
    parser.add_argument("--rows", type=int, default=160)
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--variants", nargs="+", choices=list(VARIANTS), default=list(VARIANTS))
    arguments = parser.parse_args()
    columns = {}
    for kind in KINDS:
        by_seed = pd.concat({seed: pd.DataFrame(all_scores(arguments, seed, kind)).T for seed in arguments.seeds})
        means = by_seed.groupby(level=1, sort=False).mean()
        columns |= {f"{kind}: {name}": means[name] for name in means}
    notes = f"{arguments.series} series of {arguments.rows} days, {HORIZON} days ahead, {arguments.epochs} epochs at "
    notes += f"most; means over seeds {arguments.seeds}. Croston and SBA smooth by 0.1. By MASE zeros are hard "
    notes += "to beat, since the median of such a day is 0; RMSSE and the sum tell what is needed. The loss was chosen "
    notes += "on panels of seed 0."
    write_section("Intermittent demand", pd.DataFrame(columns).rename_axis("forecast"), notes)


if __name__ == "__main__":
    main()
