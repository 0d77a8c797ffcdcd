"""The panels of two competitions as their files hold them, and their scores."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

import seqkit as sk

MASE_OF_NAIVE2, SMAPE_OF_NAIVE2 = 2.395, 18.383  # M4 Hourly, of the competition's own Naive 2


def tourism_monthly(folder: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The 366 monthly series and their 24 held-out months, in the competition's layout: one column a series."""
    known, held_out = (pd.read_csv(folder / "tourism" / f"monthly_{part}.csv") for part in ("in", "oos"))
    seen, came = [], []
    for name in known.columns:
        length, year, month = known[name].to_numpy()[:3].astype(int)
        values = known[name].to_numpy()[3 : 3 + length]
        first = pd.Timestamp(year, month, 1)
        future = held_out[name].to_numpy()[3:27]
        stamps = pd.date_range(first, periods=length + len(future), freq="MS")
        seen.append(pd.DataFrame({"series": name, "month": stamps[:length], "visitors": values}))
        came.append(pd.DataFrame({"series": name, "month": stamps[length:], "visitors": future}))
    return _panel(seen, "month"), _panel(came, "month")


def m4_hourly(folder: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The 414 hourly series and their 48 held-out hours; their true starts differ, and all begin at one hour here."""
    known = pd.read_csv(folder / "m4" / "Hourly-train.csv.gz", index_col=0)
    held_out = pd.read_csv(folder / "m4" / "Hourly-test.csv", index_col=0)
    seen, came = [], []
    for name in known.index:
        values, future = known.loc[name].dropna().to_numpy(float), held_out.loc[name].to_numpy(float)
        stamps = pd.date_range("2015-07-01", periods=len(values) + len(future), freq="h")
        seen.append(pd.DataFrame({"series": name, "hour": stamps[: len(values)], "value": values}))
        came.append(pd.DataFrame({"series": name, "hour": stamps[len(values) :], "value": future}))
    return _panel(seen, "hour"), _panel(came, "hour")


def _panel(tables: list[pd.DataFrame], time: str) -> pd.DataFrame:
    return sk.as_panel(pd.concat(tables), series="series", time=time)


def without_last(panel: pd.DataFrame, rows: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The panel without the last rows of each series, and these rows."""
    parts = sk.split(panel, validation=0, test=rows)
    return parts.train, parts.test


def scores(seen: pd.DataFrame, came: pd.DataFrame, forecast: pd.DataFrame, season: int) -> pd.DataFrame:
    """MASE and sMAPE (0 to 200) of each series; the scale is the in-sample seasonal naive error."""
    rows = {}
    for name, actual in came.groupby(level=0, sort=False):
        past = seen.loc[name].iloc[:, 0].to_numpy()
        y, f = actual.iloc[:, 0].to_numpy(), forecast.loc[name].iloc[:, 0].to_numpy()[: len(actual)]
        scale = np.abs(past[season:] - past[:-season]).mean()
        size = np.abs(y) + np.abs(f)
        smape = 200 * np.divide(np.abs(y - f), size, out=np.zeros_like(y), where=size > 0).mean()
        rows[name] = {"mase": np.abs(y - f).mean() / scale, "smape": smape}
    return pd.DataFrame(rows).T


def owa(table: pd.DataFrame) -> float:
    """The overall weighted average of the M4 competition for its hourly series."""
    means = table.mean()
    return float((means["smape"] / SMAPE_OF_NAIVE2 + means["mase"] / MASE_OF_NAIVE2) / 2)


def seasonal_naive(seen: pd.DataFrame, came: pd.DataFrame, season: int) -> pd.DataFrame:
    """Repeat the last season of each series."""
    forecast = came.copy()
    for name, actual in came.groupby(level=0, sort=False):
        forecast.loc[name] = np.resize(seen.loc[name].to_numpy()[-season:], (len(actual), 1))
    return forecast
