"""What chose the default of `channels` and `head`: tables of several columns, on origins before the last horizons.

python benchmarks/columns.py DATA [--tables NAME ...] [--only VARIANT ...] [--seeds 0 1]

`train_forecaster` with its defaults but for the variant, on the rows before the fourth, fifth and sixth last origin of
each table. MASE with the in-sample seasonal naive error, the mean over columns and origins. Tries are kept in
tables/columns.csv; what is there is not run again.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from _classic import origins
from _results import write_section
from _tries import Tries

import seqkit as sk

ROWS = 5000  # the latest, of the hourly tables
VARIANTS: dict[str, dict[str, Any]] = {
    'channels="joint"': {"channels": "joint"},
    'channels="independent"': {"channels": "independent"},
    "channel_vectors=8": {"channels": "independent", "channel_vectors": 8},
    'head="segments"': {"channels": "independent", "head": "segments"},
}


class Table(NamedTuple):
    """A table, its season and its horizon."""

    rows: pd.DataFrame
    season: int
    horizon: int


def load(folder: Path, name: str) -> Table:
    """Read a table on its grid, gaps filled from the row before."""
    if name == "macro":
        return Table(sk.load_example("macro"), 4, 4)
    if name == "load":
        return Table(sk.read_csv(folder / "ett" / "ETTh1.csv").iloc[-ROWS:], 24, 24)
    table = pd.read_csv(folder / "air_quality" / "pollution.csv")
    index = pd.DatetimeIndex(pd.to_datetime(table[["year", "month", "day", "hour"]]), freq="h")
    columns = ["pm2.5", "DEWP", "TEMP", "PRES", "Iws"]
    return Table(table[columns].set_axis(index).ffill().bfill().astype(float).iloc[-ROWS:], 24, 24)


def mean_mase(table: Table, seed: int, options: dict[str, Any]) -> float:
    values, scores = table.rows.to_numpy(), []
    for cut in origins(len(values), table.horizon, range(4, 7)):
        model = sk.train_forecaster(table.rows.iloc[:cut], horizon=table.horizon, seed=seed, verbose=0, **options)
        forecast = model.forecast(table.rows.iloc[:cut]).to_numpy()
        error = np.abs(forecast - values[cut : cut + table.horizon]).mean(axis=0)
        scores.append(error / np.abs(values[table.season : cut] - values[: cut - table.season]).mean(axis=0))
    return float(np.mean(scores))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--tables", nargs="+", default=["macro", "load", "air"], choices=["macro", "load", "air"])
    parser.add_argument("--only", nargs="+", default=list(VARIANTS), choices=list(VARIANTS))
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1])
    arguments = parser.parse_args()
    tries = Tries("columns", ["table", "seed", "variant"])
    wanted = [(table, seed, name) for seed in arguments.seeds for table in arguments.tables for name in arguments.only]
    for name, seed, variant in tries.missing(wanted):
        started = time.perf_counter()
        score = mean_mase(load(arguments.data, name), seed, VARIANTS[variant])
        tries.add((name, seed, variant), {"mase": score, "seconds": time.perf_counter() - started}, None)
    found = tries.table().pivot_table(index="variant", columns="table", values="mase", aggfunc=["mean", "std", "count"])
    found.columns = [f"{table}, {what}" for what, table in found.columns]
    write_section(
        "Columns by themselves",
        found.reindex(VARIANTS).dropna(how="all").rename_axis("variant"),
        "MASE on the fourth, fifth and sixth last origins: mean, standard deviation and number of seeds. macro: ten "
        "quarterly columns of the data folder; load: ETTh1; air: the air quality of Beijing.",
    )


if __name__ == "__main__":
    main()
