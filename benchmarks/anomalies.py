"""Planted anomalies: precision and recall of `anomalies`, beside a rolling z-score and a rule on seasonal residuals.

python benchmarks/anomalies.py [--seeds 0 1 2]

Five kinds of made series, each with every seed: a weekly season on a trend, an hourly one with two seasons, months in
percent of their level, a random walk, and counts.
In the last third of the rows 3 % of the values are moved by 3 to 8 standard deviations of the noise, up or down. The
model learns from the first two thirds, which hold none. Each rule has the false-alarm rate of the level of 99 %: a
z-score beyond 2.576 of the rows before (four seasons, at least 28 rows), and the same of the remainder of a robust STL
of all rows (statsmodels), whose spread is 1.4826 times the median distance. The model without training
(`weights="synthetic"`) stands beside them.
"""

from __future__ import annotations

import argparse
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from _results import commit_of, write_section
from scipy.stats import norm
from sklearn.metrics import precision_recall_fscore_support
from statsmodels.tsa.seasonal import STL

import seqkit as sk

LEVEL = 99
SHARE, SIZES = 0.03, (3.0, 8.0)  # of the planted ones; in standard deviations of the noise
BOUND = float(norm.ppf(0.5 + LEVEL / 200))
FEWEST_ROWS = 28  # of the rolling z-score


class Kind(NamedTuple):
    """How a series is made."""

    rows: int
    freq: str
    season: int
    values: Callable[[np.ndarray, np.random.Generator], np.ndarray]  # without noise, by the number of the row
    noise: float  # its standard deviation; of a series in percent, of the logarithm
    is_relative: bool = False


def _two_seasons(rows: np.ndarray, random: np.random.Generator) -> np.ndarray:
    phases = random.uniform(0, 2 * np.pi, 2)
    return 50 + 8 * np.sin(rows * 2 * np.pi / 24 + phases[0]) + 4 * np.sin(rows * 2 * np.pi / 168 + phases[1])


def _week(rows: np.ndarray, random: np.random.Generator) -> np.ndarray:
    return 100 + 0.03 * rows + random.normal(0, 8, 7)[rows % 7]


def _year(rows: np.ndarray, random: np.random.Generator) -> np.ndarray:
    return np.exp(4 + 0.004 * rows + random.normal(0, 0.15, 12)[rows % 12])


def _walk(rows: np.ndarray, random: np.random.Generator) -> np.ndarray:
    return 200 + np.cumsum(random.normal(0, 0.5, len(rows)))


def _counts(rows: np.ndarray, random: np.random.Generator) -> np.ndarray:
    return 40 + random.normal(0, 8, 7)[rows % 7]


KINDS = {
    "days, a week": Kind(600, "D", 7, _week, 2.0),
    "hours, a day and a week": Kind(1500, "h", 24, _two_seasons, 1.5),
    "months, in percent": Kind(300, "MS", 12, _year, 0.04, is_relative=True),
    "random walk": Kind(600, "D", 1, _walk, 1.0),
    "counts, a week": Kind(600, "D", 7, _counts, float(np.sqrt(40))),
}


def made(kind: Kind, seed: int) -> tuple[pd.DataFrame, np.ndarray]:
    """A series, and where its planted values are `(N,)`."""
    random = np.random.default_rng(seed)
    rows = np.arange(kind.rows)
    values, noise = kind.values(rows, random), random.normal(0, kind.noise, kind.rows)
    is_planted = (rows >= 2 * kind.rows // 3) & (random.random(kind.rows) < SHARE)
    moved = random.uniform(*SIZES, kind.rows) * random.choice([-1, 1], kind.rows) * kind.noise * is_planted
    values = values * np.exp(noise + moved) if kind.is_relative else values + noise + moved
    if kind.values is _counts:
        values = np.maximum(0.0, np.round(values))
    return pd.DataFrame({"value": values}, pd.date_range("2020", periods=kind.rows, freq=kind.freq, name="time")), (
        is_planted
    )


def of_model(model: Any, table: pd.DataFrame) -> np.ndarray:
    """The rows that `anomalies` names `(N,)`."""
    rows = sk.anomalies(model, table, level=LEVEL).rows
    return np.asarray(table.index.isin(rows.loc[rows["is_anomaly"], "time"]))


def of_rolling_score(table: pd.DataFrame, season: int) -> np.ndarray:
    """Those beyond the bound of a z-score of the rows before."""
    values, count = table["value"], max(FEWEST_ROWS, 4 * season)
    before = values.shift().rolling(count)
    return np.asarray((values - before.mean()).abs() > BOUND * before.std())


def of_residuals(table: pd.DataFrame, season: int) -> np.ndarray:
    """Those whose remainder of a robust STL is beyond the bound; it sees all rows, the later ones too."""
    remainder = STL(table["value"], period=max(season, 2), robust=True).fit().resid
    spread = 1.4826 * np.median(np.abs(remainder - np.median(remainder)))
    return np.asarray(np.abs(remainder) > BOUND * spread)


def row(found: list[tuple[np.ndarray, np.ndarray]]) -> dict[str, str]:
    """Precision and recall over the judged rows of all series."""
    planted, named = (np.concatenate(part) for part in zip(*found, strict=True))
    precision, recall, f1, _ = precision_recall_fscore_support(planted, named, average="binary", zero_division=0.0)
    alarms = f"{named[~planted].mean():.1%}"
    return {"precision": f"{precision:.2f}", "recall": f"{recall:.2f}", "F1": f"{f1:.2f}", "false alarms": alarms}


def judged(kind: Kind, seed: int) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """What was planted and what each rule names in the last third of one series."""
    table, is_planted = made(kind, seed)
    begins = 2 * kind.rows // 3
    model = sk.train_forecaster(table.iloc[:begins], horizon=max(kind.season, 2), seed=seed, verbose=0)
    ways = {"seqkit": of_model(model, table)}
    if kind.season > 1:
        untrained = sk.build_forecaster(weights="synthetic", like=table.iloc[:begins], horizon=kind.season)
        ways["seqkit, no training"] = of_model(untrained, table)
    ways |= {"rolling z-score": of_rolling_score(table, kind.season), "STL": of_residuals(table, kind.season)}
    return {way: (is_planted[begins:], named[begins:]) for way, named in ways.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    arguments = parser.parse_args()
    warnings.simplefilter("ignore", sk.SeqkitWarning)
    table: dict[str, dict[str, str]] = {}
    everything: dict[str, list[Any]] = {}
    for name, kind in KINDS.items():
        by_way: dict[str, list[Any]] = {}
        for seed in arguments.seeds:
            for way, pair in judged(kind, seed).items():
                by_way.setdefault(way, []).append(pair)
                everything.setdefault(way, []).append(pair)
        table |= {f"{name}: {way}": row(found) for way, found in by_way.items()}
        print(pd.DataFrame(table).T.to_string(), flush=True)
    table |= {f"all: {way}": row(found) for way, found in everything.items() if way != "seqkit, no training"}
    notes = (
        f"Seeds {', '.join(map(str, arguments.seeds))}; commit {commit_of(Path(__file__).parent)}; level {LEVEL}. "
        f"Planted: {SHARE:.0%} of the last third of the rows, moved by {SIZES[0]:g} to {SIZES[1]:g} standard "
        "deviations of the noise. False alarms: the share of the other rows that are named; the level implies 1 %. "
        "STL sees the rows after each row too; the others do not."
    )
    write_section("Anomalies", pd.DataFrame(table).T.rename_axis("series: rule"), notes)


if __name__ == "__main__":
    main()
