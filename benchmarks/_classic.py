"""The eight classic series of DATA/classic, each with its season and horizon."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

import seqkit as sk


class Series(NamedTuple):
    """Where a series is read from and how it is scored."""

    file: str
    season: int
    horizon: int
    reading: dict[str, Any]  # arguments of read_csv that its file needs


SERIES = {
    "airline": Series("airline-passengers.csv", 12, 12, {}),
    "ausbeer": Series("ausbeer.csv", 4, 8, {}),
    "temperatures": Series("daily-min-temperatures.csv", 7, 14, {}),  # 31 December 1984 and 1988 are missing
    "sunspots": Series("monthly-sunspots.csv", 12, 24, {}),
    "shampoo": Series("shampoo.csv", 12, 6, {"time": None, "freq": "MS", "columns": "Sales"}),  # "1-01" is no date
    "champagne": Series("monthly_champagne_sales.csv", 12, 12, {}),
    "taylor": Series("taylor.csv", 48, 48, {"time": None, "freq": "30min"}),  # has no time column
    "births": Series("daily-total-female-births.csv", 7, 14, {}),
}


def load(name: str, folder: Path) -> pd.DataFrame:
    """One column `y` on a regular grid; the two missing temperatures repeat the day before."""
    series = SERIES[name]
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*missing.*")
        table = sk.read_csv(folder / "classic" / series.file, **series.reading)
    return table.set_axis(["y"], axis=1).ffill()


def origins(rows: int, horizon: int, numbers: range) -> list[int]:
    """Rows known at the n-th last origin, for n in `numbers`, where they are two horizons or more."""
    return [rows - number * horizon for number in numbers if rows - number * horizon >= 2 * horizon]
