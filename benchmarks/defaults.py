"""The table that chose the forecaster's defaults: one change at a time, on origins earlier than any that is scored.

python benchmarks/defaults.py DATA [--only NAME ...]

For each of the eight classic series the fourth, fifth and sixth last origins; the scored ones of
accuracy.py are the last three. MASE with the in-sample seasonal naive error of the rows before the origin.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from _classic import SERIES, load, origins
from _results import write_section

import seqkit as sk

VARIANTS: dict[str, dict[str, Any]] = {
    "default": {},
    'cell="lstm"': {"cell": "lstm"},
    "units=64": {"units": 64},
    "dropout=0": {"dropout": 0.0},
    'transform="none"': {"transform": "none"},
    'baseline="last"': {"baseline": "last"},
    'baseline="none"': {"baseline": "none"},
    'scaling="standard"': {"scaling": "standard"},
    "season=1": {"season": 1},
    "segment=1": {"segment": 1},
}


def mean_mase(name: str, folder: Path, options: dict[str, Any]) -> float:
    table, season, horizon = load(name, folder), SERIES[name].season, SERIES[name].horizon
    values, scores = table["y"].to_numpy(), []
    for cut in origins(len(table), horizon, range(4, 7)):
        model = sk.train_forecaster(table.iloc[:cut], horizon=horizon, seed=0, **options)
        error = np.abs(model.forecast(table.iloc[:cut])["y"].to_numpy() - values[cut : cut + horizon]).mean()
        lag = season if cut > season else 1
        scores.append(error / np.abs(values[lag:cut] - values[: cut - lag]).mean())
    return float(np.mean(scores))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--only", nargs="*", choices=VARIANTS, default=list(VARIANTS))
    arguments = parser.parse_args()
    rows = {}
    for variant in arguments.only:
        start = time.perf_counter()
        rows[variant] = {name: mean_mase(name, arguments.data, VARIANTS[variant]) for name in SERIES}
        rows[variant]["mean"] = float(np.mean(list(rows[variant].values())))
        rows[variant]["minutes"] = (time.perf_counter() - start) / 60
        print(variant, {key: round(value, 3) for key, value in rows[variant].items()}, flush=True)
        write_section(  # after each, since all of them take an hour
            "What chose the forecaster's defaults",
            pd.DataFrame(rows).T.rename_axis("variant"),
            "MASE on the fourth, fifth and sixth last origins of the eight classic series, one seed; lower is better. "
            "One argument is changed at a time.",
        )


if __name__ == "__main__":
    main()
