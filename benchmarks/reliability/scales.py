"""The same signed series times 1e-30 to 1e30: the error of its forecast, in units of the scale.

python benchmarks/reliability/scales.py [--step 3]

Each scale is trained with the same seed and scored against the twelve rows that were held out. The errors should be
the same but for rounding, or the table should be refused in words.
"""

from __future__ import annotations

import argparse
import sys
import warnings
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from _results import write_section

import seqkit as sk

HORIZON = 12


def signed_series(rows: int = 156) -> pd.DataFrame:
    """Months with a season, a slow wave and noise, on both sides of zero."""
    months = np.arange(rows)
    noise = np.random.default_rng(0).normal(scale=0.3, size=rows)
    values = 2 * np.sin(2 * np.pi * months / 12) + np.sin(months / 25) + noise
    return pd.DataFrame({"y": values}, pd.date_range("2010", periods=rows, freq="MS"))


def one_scale(table: pd.DataFrame, scale: float) -> dict[str, str]:
    """Train on the table times `scale`; the error over the scale, or what was said."""
    past, future = table.iloc[:-HORIZON] * scale, table.iloc[-HORIZON:] * scale
    try:
        model = sk.train_forecaster(past, horizon=HORIZON, seed=0, verbose=0)
    except ValueError as error:
        return {"error / scale": "-", "what was said": str(error)}
    difference = (model.forecast(past)["y"] - future["y"]) / scale
    return {"error / scale": f"{difference.abs().mean():.4f}", "what was said": ""}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--step", type=int, default=3, help="between two powers of ten")
    arguments = parser.parse_args()
    warnings.simplefilter("error", sk.SeqkitWarning)
    table, rows = signed_series(), {}
    for power in range(-30, 31, arguments.step):
        rows[f"1e{power}"] = one_scale(table, 10.0**power)
        print(power, rows[f"1e{power}"], flush=True)
    write_section(
        "Scales",
        pd.DataFrame(rows).T.rename_axis("scale"),
        f"{len(table)} months of both signs, the last {HORIZON} held out, seed 0.",
    )


if __name__ == "__main__":
    main()
