"""What chose the widths of intervals where windows are few, and the correlation of sample paths; no test row is read.

python benchmarks/interval_ways.py DATA

The 132 series and 396 origins of members.py. The forecast is the mean of Theta and the pretrained network, which no row
trains; its errors are those on up to 60 windows of the rows before the origin. The ways are compared by coverage and by
CRPS (twice the mean quantile loss, in errors of the seasonal naive forecast); correlations by how often the sum over
the horizon lies in its interval of 80 %.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any, NamedTuple

import keras
import numpy as np
import pandas as pd
from _results import commit_of, write_section
from members import Case, cases
from scipy.special import ndtr

from seqkit.forecasting import conformal
from seqkit.layers import Theta
from seqkit.layers.quantiles import LEVELS
from seqkit.pretraining.forecast import PretrainedForecast
from seqkit.pretraining.paths import between_levels
from seqkit.pretraining.weights import load_synthetic

MOST_WINDOWS, AT_ONCE, PATHS = 60, 512, 256
TRUSTS = (0, 2, 4, 8)  # windows of half trust
CORRELATIONS = (0.0, 0.5, 0.7, 0.8, 0.85, 0.9, 0.95)
MIDDLE = len(LEVELS) // 2
LEVEL = np.array(LEVELS)


class Windowed(NamedTuple):
    """Forecasts of one case, in scaled units: the first window is that of the forecast, the others lie before it."""

    forecast: np.ndarray  # (K, H)
    deviations: np.ndarray  # (K, H, Q)
    errors: np.ndarray  # (K - 1, H)
    level: float  # of the first window
    spread: float


def starts_of(case: Case) -> list[int]:
    """The first row of each window; windows of the past lie evenly."""
    last = len(case.values) - case.settings.timesteps
    past = range(last - case.settings.horizon, -1, -1)
    return [last, *past[:: max(1, -(-len(past) // MOST_WINDOWS))]] if len(past) else [last]


def windowed(all_cases: list[Case]) -> list[Windowed]:
    """The forecasts of all cases; windows of one size at once."""
    groups: dict[tuple[int, ...], list[tuple[int, int]]] = {}
    for number, case in enumerate(all_cases):
        sizes = case.settings
        key = (sizes.timesteps, sizes.horizon, sizes.season, sizes.long_season)
        groups.setdefault(key, []).extend((number, start) for start in starts_of(case))
    made: dict[int, list[tuple[np.ndarray, ...]]] = {number: [] for number in range(len(all_cases))}
    for (timesteps, *sizes), places in groups.items():
        network, past = PretrainedForecast(*sizes), keras.Input((timesteps, 1))
        load_synthetic(network.network)
        theta = keras.Model(past, Theta(*sizes)(past))
        for first in range(0, len(places), AT_ONCE):
            for number, parts in _of_batch(all_cases, places[first : first + AT_ONCE], timesteps, theta, network):
                made[number].append(parts)
        keras.backend.clear_session()
    return [_together(case, made[number]) for number, case in enumerate(all_cases)]


def _of_batch(all_cases: list[Case], places: list[tuple[int, int]], timesteps: int, theta: Any, network: Any) -> Any:
    raw = np.stack([all_cases[number].values[start : start + timesteps] for number, start in places])
    scaled = np.stack([all_cases[number].scaled(row) for (number, _), row in zip(places, raw, strict=True)])
    level, spread = scaled.mean(axis=1), scaled.std(axis=1) + 1e-9
    simple = theta.predict(((scaled - level[:, None]) / spread[:, None])[..., None], verbose=0)[..., 0]
    quantiles = keras.ops.convert_to_numpy(network(raw[..., None]))[:, :, 0]
    for at, (number, start) in enumerate(places):
        case, found = all_cases[number], quantiles[at]
        if case.settings.transform == ("log",):
            found = np.maximum(found, 0.1 * raw[at].min())
        found = (case.scaled(found) - level[at]) / spread[at]
        came = case.scaled(case.values[start + timesteps : start + timesteps + len(simple[at])])
        forecast = (simple[at] + found[:, MIDDLE]) / 2
        yield number, (forecast, found - found[:, [MIDDLE]], (came - level[at]) / spread[at], level[at], spread[at])


def _together(case: Case, parts: list[tuple[np.ndarray, ...]]) -> Windowed:
    forecast, deviations = (np.stack([part[at] for part in parts]) for at in (0, 1))
    errors = [part[2] - part[0] for part in parts[1:]]
    return Windowed(forecast, deviations, np.array(errors).reshape(-1, len(case.came)), *parts[0][3:])


def ways(case: Case, made: Windowed) -> dict[str, np.ndarray]:
    """Quantiles `[H, Q]` in scaled units, by the way that they are made."""
    forecast, deviations = made.forecast[0][:, None], made.deviations[0]
    found = {"the network's widths": forecast + deviations}
    horizon, count = len(case.came), len(case.values) - case.settings.timesteps - len(case.came) + 1
    windows = max(0, -(-count // horizon))
    if not len(made.errors):
        names = ["residuals over a + b sqrt(h)", *(f"one factor, k / (k + {trust})" for trust in TRUSTS)]
        return found | dict.fromkeys(names, found["the network's widths"])
    errors, past = made.errors[..., None], made.deviations[1:, :, None]
    few = min(windows, conformal.MANY_WINDOWS - 1)
    sides = np.sign(LEVEL - 0.5)
    widths = conformal.interval_widths(errors, None, LEVELS, few)[:, 0]
    found["residuals over a + b sqrt(h)"] = forecast + sides * widths
    for trust in TRUSTS:
        conformal.WINDOWS_OF_HALF_TRUST = trust
        widths = conformal.interval_widths(errors, past, LEVELS, few)[:, 0]
        found[f"one factor, k / (k + {trust})"] = forecast + widths * deviations
    return found


def scores(case: Case, made: Windowed, quantiles: np.ndarray) -> dict[str, float]:
    raw = case.raw(quantiles * made.spread + made.level)
    distance = case.came[:, None] - raw
    unit = np.abs(case.values[case.season :] - case.values[: -case.season]).mean()
    inside = {
        f"within {level} %": (distance[:, low] >= 0) & (distance[:, -1 - low] <= 0) for level, low in ((80, 3), (95, 1))
    }
    loss = 2 * np.maximum(LEVEL * distance, (LEVEL - 1) * distance).mean() / unit
    return {name: float(share.mean()) for name, share in inside.items()} | {"CRPS": float(loss)}


def sum_is_inside(case: Case, made: Windowed, correlation: float, random: np.random.Generator) -> bool:
    """Whether the sum over the horizon lies in its interval of 80 %."""
    process = random.standard_normal((PATHS, len(case.came)))
    for step in range(1, len(case.came)):
        process[:, step] = correlation * process[:, step - 1] + np.sqrt(1 - correlation**2) * process[:, step]
    quantiles = (made.forecast[0][:, None] + made.deviations[0]) * made.spread + made.level
    paths = np.einsum("phq,hq->ph", between_levels(ndtr(process), LEVELS), case.raw(quantiles))
    low, high = np.quantile(paths.sum(axis=1), [0.1, 0.9])
    return bool(low <= case.came.sum() <= high)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    all_cases = cases(parser.parse_args().data)
    made = windowed(all_cases)
    commit = f"Commit {commit_of(Path(__file__).parent)}."
    rows = [
        {"set": case.key[0], "series": case.key[1], "way": name} | scores(case, of_case, quantiles)
        for case, of_case in zip(all_cases, made, strict=True)
        for name, quantiles in ways(case, of_case).items()
    ]
    by_series = pd.DataFrame(rows).groupby(["way", "set", "series"]).mean()
    table = by_series.groupby("way").mean()
    table["error of CRPS"] = by_series.groupby("way")["CRPS"].sem()
    by_set = by_series["CRPS"].groupby(["way", "set"]).mean().unstack().add_prefix("CRPS, ")
    note = f"{commit} Means over 132 series of their three origins."
    write_section("What chose the widths of intervals", table.join(by_set).sort_values("CRPS"), note)
    random = np.random.default_rng(0)
    sums = [
        {"set": case.key[0], "correlation": rho, "inside": sum_is_inside(case, of_case, rho, random)}
        for rho in CORRELATIONS
        for case, of_case in zip(all_cases, made, strict=True)
    ]
    covered = pd.DataFrame(sums).pivot_table(index="correlation", columns="set", values="inside")
    note = f"{commit} How often the sum over the horizon lies in its interval of 80 %."
    write_section("What chose the correlation of sample paths", covered, note)


if __name__ == "__main__":
    main()
