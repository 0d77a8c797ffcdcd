"""How often the test of a season finds one: drawn series with a season and without, beside the autocorrelation alone.

python benchmarks/season_tests.py [--series 300]

With a season: one drawn value for each phase, noise of .7, and a random walk of .3 a step; and the same with seasons
twice as large. Without: white noise, a random walk, and a random walk of random walks, which is smooth. The
autocorrelation alone is the test of the M4 competition's Naive 2, on detrended values and on differences.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from _results import commit_of, write_section

from seqkit.forecasting.seasons import CRITICAL_VALUE, is_seasonal

SIZES = [(12, 36), (12, 48), (12, 72), (12, 144), (4, 24), (4, 48), (7, 28), (7, 70)]  # period, rows
Draw = Callable[[np.random.Generator, int, int], np.ndarray]


def with_season(size: float) -> Draw:
    def draw(random: np.random.Generator, period: int, rows: int) -> np.ndarray:
        shape = size * np.resize(random.normal(size=period), rows)
        return shape + 0.3 * random.normal(size=rows).cumsum() + 0.7 * random.normal(size=rows)

    return draw


KINDS: dict[str, Draw] = {
    "season": with_season(1.0),
    "large season": with_season(2.0),
    "noise": lambda random, _, rows: random.normal(size=rows),
    "random walk": lambda random, _, rows: random.normal(size=rows).cumsum(),
    "smooth walk": lambda random, _, rows: random.normal(size=rows).cumsum().cumsum(),
}


def is_autocorrelated(values: np.ndarray, period: int) -> bool:
    """The autocorrelation alone: beyond 1.645 standard errors by Bartlett's formula, twice."""
    rows = np.arange(len(values))
    detrended = values - np.polyval(np.polyfit(rows, values, 1), rows)
    return all(_is_beyond(part - part.mean(), period) for part in (detrended, np.diff(values)))


def _is_beyond(series: np.ndarray, period: int) -> bool:
    products = np.array([series[lag:] @ series[:-lag] for lag in range(1, period + 1)]) / (series @ series)
    return bool(products[-1] > CRITICAL_VALUE * np.sqrt((1 + 2 * (products[:-1] ** 2).sum()) / len(series)))


def shares(count: int) -> pd.DataFrame:
    """The share of series in which each test finds a season, in percent."""
    random, found = np.random.default_rng(0), {}
    for period, rows in SIZES:
        row: dict[str, str] = {}
        for kind, draw in KINDS.items():
            series = [draw(random, period, rows) for _ in range(count)]
            new, old = (
                100 * np.mean([test(values, period) for values in series]) for test in (is_seasonal, is_autocorrelated)
            )
            row[kind] = f"{new:.0f} ({old:.0f})"
        found[f"{rows} rows, {period} a season"] = row
    return pd.DataFrame(found).T.rename_axis("series")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--series", type=int, default=300)
    count = parser.parse_args().series
    notes = f"Percent of {count} drawn series that count as seasonal, and in brackets by the autocorrelation alone; "
    write_section("Tests of a season", shares(count), f"{notes}commit {commit_of(Path(__file__).parent)}.")


if __name__ == "__main__":
    main()
