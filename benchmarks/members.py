"""The table that chose the members of a forecast: 132 series, three origins each, none of them in the test rows.

python benchmarks/members.py DATA [--trained]

84 monthly series of tourism (12 or 24 months) and 48 hourly ones of M4 (48 hours), drawn with seed 0, without the
competitions' test rows; their own last three horizons are forecast, each from the rows before it. `--trained` makes
the slow forecasts first, for every third series: of `train_forecaster` without members, and of statsmodels' ETS, fitted
by likelihood to the whole history (tables/members_network.csv), and the errors of the first stage's folds, by which the
share of the trained network is chosen (tables/members_folds.csv). They are kept, so that a run that was stopped goes
on. All others are made at once. Combinations are means and medians in scaled units, as in the model.
"""

from __future__ import annotations

import argparse
import itertools
import time
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

import keras
import numpy as np
import pandas as pd
from _panels import m4_hourly, tourism_monthly
from _results import commit_of, write_section
from accuracy import ets

import seqkit as sk
from seqkit.forecasting.members import SHARES, shrunk_share
from seqkit.forecasting.parts import quickest
from seqkit.layers import ExponentialSmoothing, SmoothedBaseline, Theta
from seqkit.pretraining.forecast import PretrainedForecast
from seqkit.pretraining.weights import load_synthetic

TABLES = Path(__file__).parent / "tables"
SETS = {"tourism": (tourism_monthly, "MS", 24, 12, 84), "m4": (m4_hourly, "h", 48, 24, 48)}
FEWEST_MONTHS = 200  # for three horizons of 24; shorter series have horizons of 12
ORIGINS = (3, 2, 1)  # horizons before the end
LAYERS: dict[str, Any] = {"smoothed": SmoothedBaseline, "ets": ExponentialSmoothing, "theta": Theta}
KEYS = ["set", "series", "origin"]


class Case(NamedTuple):
    """A history, what came after it, and the settings of its forecaster."""

    key: tuple[str, str, int]
    past: pd.DataFrame
    came: np.ndarray
    season: int  # of the naive forecast
    slow: bool  # whether the slow forecasts are made of it
    settings: Any

    @property
    def values(self) -> np.ndarray:
        """The history."""
        return self.past.iloc[:, 0].to_numpy("float64")

    def scaled(self, values: np.ndarray) -> np.ndarray:
        """Values after the transform."""
        return np.log(np.maximum(values, 1e-9)) if self.settings.transform == ("log",) else values

    def raw(self, values: np.ndarray) -> np.ndarray:
        """Values before the transform."""
        return np.exp(np.clip(values, -80, 80)) if self.settings.transform == ("log",) else values

    def mase(self, scaled: np.ndarray) -> float:
        """The error of a forecast after the transform."""
        unit = np.abs(self.values[self.season :] - self.values[: -self.season]).mean()
        return float(np.abs(self.raw(scaled) - self.came).mean() / unit)


def cases(folder: Path) -> list[Case]:
    found, random = [], np.random.default_rng(0)
    for name, (load, step, longest, season, count) in SETS.items():
        seen, _ = load(folder)
        names = list(dict.fromkeys(seen.index.get_level_values(0)))
        for number, position in enumerate(sorted(random.choice(len(names), count, replace=False))):
            table = seen.loc[names[position]]
            table = table.set_axis(pd.DatetimeIndex(table.index, freq=step))
            horizon = 12 if name == "tourism" and len(table) < FEWEST_MONTHS else longest
            for origin in ORIGINS:
                cut = len(table) - origin * horizon
                past, came = table.iloc[:cut], table.iloc[cut : cut + horizon, 0].to_numpy("float64")
                settings = sk.build_forecaster(like=past, horizon=horizon).settings
                found.append(Case((name, names[position], origin), past, came, season, number % 3 == 0, settings))
        keras.backend.clear_session()
    return found


def of_layers(all_cases: list[Case]) -> list[dict[str, np.ndarray]]:
    """Forecasts of the layers that are not trained, in scaled units; windows of one size at once."""
    found: list[dict[str, np.ndarray]] = [{} for _ in all_cases]
    groups: dict[tuple[int, ...], list[int]] = {}
    for number, case in enumerate(all_cases):
        sizes = case.settings
        groups.setdefault((sizes.timesteps, sizes.horizon, sizes.season, sizes.long_season), []).append(number)
    for (timesteps, *sizes), numbers in groups.items():
        windows = np.stack([all_cases[number].scaled(all_cases[number].values)[-timesteps:] for number in numbers])
        level, spread = windows.mean(axis=1, keepdims=True), windows.std(axis=1, keepdims=True) + 1e-9
        past = keras.Input((timesteps, 1))
        model = keras.Model(past, [kind(*sizes)(past) for kind in LAYERS.values()])
        for name, forecast in zip(
            LAYERS, model.predict((windows - level)[..., None] / spread[..., None], verbose=0), strict=True
        ):
            for number, values in zip(numbers, forecast[..., 0] * spread + level, strict=True):
                found[number][name] = values
    return found


def of_network(all_cases: list[Case]) -> list[np.ndarray]:
    """Forecasts of the pretrained network, in scaled units; it reads the raw window, as in the model."""
    found: dict[int, np.ndarray] = {}
    groups: dict[tuple[int, ...], list[int]] = {}
    for number, case in enumerate(all_cases):
        sizes = case.settings
        groups.setdefault((sizes.timesteps, sizes.horizon, sizes.season, sizes.long_season), []).append(number)
    for (timesteps, *sizes), numbers in groups.items():
        windows = np.stack([all_cases[number].values[-timesteps:] for number in numbers])
        layer = PretrainedForecast(*sizes)
        load_synthetic(layer.network)
        quantiles = keras.ops.convert_to_numpy(layer(windows[..., None]))
        found |= dict(zip(numbers, quantiles[:, :, 0, quantiles.shape[-1] // 2], strict=True))
    return [case.scaled(found[number]) for number, case in enumerate(all_cases)]


def slow_cases(all_cases: list[Case], name: str) -> list[Case]:
    """Those whose rows are missing; the latest origin of each series first, so that a part has many series."""
    done = set(slow_rows(name))
    return [case for case in sorted(all_cases, key=lambda case: case.key[2]) if case.slow and case.key not in done]


def add_rows(name: str, case: Case, columns: dict[str, Any]) -> None:
    """Append the rows of one case to its table."""
    path, rows = TABLES / f"members_{name}.csv", pd.DataFrame(dict(zip(KEYS, case.key, strict=True)) | columns)
    rows.to_csv(path, mode="a", header=not path.exists(), index=False, float_format="%.6g")


def slow_rows(name: str) -> dict[tuple[str, str, int], pd.DataFrame]:
    """The rows that are made already, by case."""
    path = TABLES / f"members_{name}.csv"
    return dict(iter(pd.read_csv(path).groupby(KEYS))) if path.exists() else {}


def make_network(all_cases: list[Case]) -> None:
    """Forecasts of `train_forecaster` without members, and of statsmodels' ETS."""
    earlier: Any = True
    for case in slow_cases(all_cases, "network"):
        start, horizon = time.perf_counter(), len(case.came)
        earlier = sk.train_forecaster(case.past, horizon=horizon, seed=0, members=(), reuse=earlier, verbose=0)
        forecast = quickest(earlier).forecast(case.past).iloc[:, 0].to_numpy()
        columns = {"step": np.arange(horizon), "network": forecast, "epochs": earlier.chosen_epochs, "share": None}
        columns |= {"seconds": time.perf_counter() - start, "statsmodels ETS": ets(case.values, case.season, horizon)}
        add_rows("network", case, columns)


def make_folds(all_cases: list[Case]) -> None:
    """The error of each fold of the first stage, by the share of the trained network; the second stage is left out."""
    found: dict[float, np.ndarray] = {}

    def keep(errors: dict[float, np.ndarray], first: float = 0.0) -> float:
        if first:  # of the pretrained member
            return shrunk_share(errors, first)
        found.update(errors)
        return 0.0

    earlier: Any = True
    with mock.patch("seqkit.forecasting.members.shrunk_share", keep):
        for case in slow_cases(all_cases, "folds"):
            found.clear()
            earlier = sk.train_forecaster(case.past, horizon=len(case.came), seed=0, reuse=earlier, verbose=0)
            add_rows("folds", case, found or {share: [np.nan] for share in (0.0, *SHARES)})


def candidates(case: Case, members: dict[str, np.ndarray], slow: dict[str, pd.DataFrame]) -> dict[str, float]:
    """MASE of each candidate."""
    naive = case.scaled(np.resize(case.values[-case.season :], len(case.came)))
    found = {"seasonal naive": naive, **members}
    for count in range(2, len(members) + 1):
        for names in itertools.combinations(members, count):
            values = np.stack([members[name] for name in names])
            found["mean of " + " + ".join(names)] = values.mean(axis=0)
            if count > 2:
                found["median of " + " + ".join(names)] = np.median(values, axis=0)
    scores = {name: case.mase(values) for name, values in found.items()}
    if "network" in slow:
        trained = case.scaled(slow["network"]["network"].to_numpy())
        scores["trained"] = case.mase(trained)
        scores["statsmodels ETS"] = case.mase(case.scaled(slow["network"]["statsmodels ETS"].to_numpy()))
        for name, values in found.items():
            if name.startswith("mean of") or name == "theta":
                for share in (0.25, 0.5):
                    scores[f"{share} trained, else {name}"] = case.mase(share * trained + (1 - share) * values)
        if "folds" in slow:
            simple = found["mean of theta + pretrained"]
            for name, rule in RULES.items():
                share = rule({share: slow["folds"][str(share)].to_numpy() for share in (0.0, *SHARES)})
                scores[f"share by folds, {name}"] = case.mase(simple + share * (trained - simple))
    return scores


def _by_windows(errors: dict[float, np.ndarray]) -> float:
    """The best share times k / (k + 4), 0 within one standard error."""
    count = len(errors[0.0])
    best = min(errors, key=lambda share: float(errors[share].mean()))
    return best * count / (count + 4) if shrunk_share(errors) else 0.0


def _best(errors: dict[float, np.ndarray]) -> float:
    return min(errors, key=lambda share: float(errors[share].mean()))


RULES = {"1 - (e / g)^2 (the recipe)": shrunk_share, "k / (k + 4)": _by_windows, "the best": _best}


def summary(scores: pd.DataFrame) -> pd.DataFrame:
    """Mean over the series and its standard error, by set and together, and the paired difference to the best."""
    by_series = scores.groupby(KEYS[:2]).mean().drop(columns="origin").dropna(axis=1)
    best = by_series.mean().idxmin()
    rows: dict[str, dict[str, Any]] = {}
    for name in by_series.mean().sort_values().index:
        parts = {kind: by_series.loc[kind, name] for kind in SETS} | {"all": by_series[name]}
        rows[name] = {kind: f"{part.mean():.3f} ± {part.sem():.3f}" for kind, part in parts.items()}
        worse = by_series[name] - by_series[best]
        rows[name]["above the best"] = f"{worse.mean():.3f} ± {worse.sem():.3f}"
    return pd.DataFrame(rows).T.rename_axis("candidate")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--trained", action="store_true")
    arguments = parser.parse_args()
    all_cases = cases(arguments.data)
    if arguments.trained:
        make_network(all_cases)
        make_folds(all_cases)
    slow = {name: slow_rows(name) for name in ("network", "folds")}
    members = of_layers(all_cases)
    for found, forecast in zip(members, of_network(all_cases), strict=True):
        found["pretrained"] = forecast
    rows = []
    for case, found in zip(all_cases, members, strict=True):
        made = {name: tables[case.key] for name, tables in slow.items() if case.key in tables}
        rows.append(dict(zip(KEYS, case.key, strict=True)) | candidates(case, found, made))
    scores = pd.DataFrame(rows)
    scores.to_csv(TABLES / "members.csv", index=False, float_format="%.4f")
    about = "MASE, mean over series of the mean over origins, and its standard error; differences are paired. "
    about += f"Commit {commit_of(Path(__file__).parent)}. "
    fast = scores.drop(columns=[name for name in scores if scores[name].isna().any()])
    write_section("What chose the members of a forecast", summary(fast), f"{about}132 series, three origins each.")
    if slow["network"]:
        some = scores.dropna()
        notes = f"{about}{some['series'].nunique()} of these series, {len(some)} origins; seed 0."
        write_section("What chose the share of the trained network", summary(some), notes)


if __name__ == "__main__":
    main()
