"""Coverage, width and CRPS of the default intervals: the classics, tourism monthly, M4 Hourly and ETTh1.

python benchmarks/intervals.py DATA [--held-back [ORIGINS]] [--sets classic tourism m4 ett] [--seed 0]

`train_forecaster` with its default settings; on ETTh1 the configuration of `long_horizon.py` with a horizon of 96,
whose validation rows also calibrate it. Beside it stands the seasonal naive forecast with conformal widths, of its
errors so many seasons ahead in the rows before; and on the classics ETS of statsmodels with intervals that it
simulates. The quantiles are kept in tables/intervals_SET.csv.gz, and a set that is there is not run again.

With --held-back the rows before the test rows are forecast; of a panel from so many origins, each a season before the
last one, and that is written in a section of its own: it tells whether intervals that are too wide or too narrow in the
test rows are so before them as well.
"""

from __future__ import annotations

import argparse
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import long_horizon
import numpy as np
import pandas as pd
from _classic import SERIES, load, origins
from _panels import m4_hourly, tourism_monthly, without_last
from _results import commit_of, write_section
from accuracy import best_ets
from scipy.stats import binom

import seqkit as sk
from seqkit.forecasting.conformal import conformal_quantile
from seqkit.forecasting.interval_scores import own_levels
from seqkit.forecasting.seasons import repeated_season
from seqkit.layers.quantiles import LEVELS

TABLES = Path(__file__).parent / "tables"
PANELS = {"tourism": (tourism_monthly, 24, 12), "m4": (m4_hourly, 48, 24)}
SHOWN = {80: (3, 7), 95: (1, 9)}  # the places of the bounds among the levels
METHODS = ("seqkit", "seasonal naive", "ETS")
PATHS_OF_ETS = 1000
BAND = 0.99  # of the coverage at a step
DRAWS = 1000  # of series, for the standard error of the coverage
HORIZON_OF_ETT = 96


def block(series: str, actual: np.ndarray, unit: float, quantiles: dict[str, np.ndarray]) -> pd.DataFrame:
    """The rows of one forecast: quantiles `[H, Q]` by method."""
    columns: dict[str, Any] = {"series": series, "step": np.arange(1, len(actual) + 1), "actual": actual, "unit": unit}
    for method, values in quantiles.items():
        columns |= {f"{method}|{at}": values[:, at] for at in range(len(LEVELS))}
    return pd.DataFrame(columns)


def of_forecast(forecast: pd.DataFrame, target: str) -> np.ndarray:
    """Quantiles `[H, Q]` of a forecast with all of the model's intervals."""
    levels = own_levels(LEVELS)
    lower = [f"{target}-lo-{level:g}" for level in levels[::-1]]
    return forecast[[*lower, target, *(f"{target}-hi-{level:g}" for level in levels)]].to_numpy()


def naive_quantiles(values: np.ndarray, horizon: int, season: int) -> np.ndarray:
    """The last season repeated, with the quantiles of its errors so many seasons ahead."""
    forecast, found = repeated_season(values, horizon, season), np.zeros((horizon, len(LEVELS)))
    for step in range(horizon):
        lag = season * (step // season + 1)
        errors = values[lag:] - values[:-lag] if len(values) > lag else np.zeros(1)
        found[step] = [forecast[step] + conformal_quantile(errors, level) for level in LEVELS]
    return np.sort(found, axis=1)


def ets_quantiles(values: np.ndarray, horizon: int, season: int) -> np.ndarray:
    """Of paths that the fitted model simulates."""
    fit = best_ets(values, season)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        paths = fit.simulate(horizon, repetitions=PATHS_OF_ETS, error="add", random_state=0)
    found = np.quantile(np.asarray(paths), LEVELS, axis=1).T
    found[:, len(LEVELS) // 2] = fit.forecast(horizon)
    return np.sort(found, axis=1)


def unit_of(values: np.ndarray, season: int) -> float:
    return float(np.abs(values[season:] - values[:-season]).mean())


def classic(folder: Path, held_back: int, seed: int) -> Iterator[pd.DataFrame]:
    for name, series in SERIES.items():
        table, first = load(name, folder), 4 if held_back else 1
        for cut in origins(len(table), series.horizon, range(first, first + 3)):
            seen, came = table.iloc[:cut], table["y"].to_numpy()[cut : cut + series.horizon]
            model = sk.train_forecaster(seen, horizon=series.horizon, seed=seed, verbose=0)
            values, sizes = seen["y"].to_numpy(), (series.horizon, series.season)
            found = {"seqkit": of_forecast(model.forecast(seen, levels=own_levels(LEVELS)), "y")}
            found |= {"seasonal naive": naive_quantiles(values, *sizes), "ETS": ets_quantiles(values, *sizes)}
            yield block(name, came, unit_of(values, series.season), found)
            print(name, cut, flush=True)


def panel(name: str, folder: Path, held_back: int, seed: int) -> Iterator[pd.DataFrame]:
    read, horizon, season = PANELS[name]
    known, test = read(folder)
    for origin in range(max(held_back, 1)):
        seen, came = without_last(known, horizon + origin * season) if held_back else (known, test)
        model = sk.train_forecaster(seen, horizon=horizon, seed=seed, verbose=0)
        forecast, target = model.forecast(seen, levels=own_levels(LEVELS)), came.columns[0]
        for series, actual in came.groupby(level=0, sort=False):
            values, rows = seen.loc[series, target].to_numpy(), actual.loc[series, target].to_numpy()[:horizon]
            found = {"seqkit": of_forecast(forecast.loc[series], target)[: len(rows)]}
            found["seasonal naive"] = naive_quantiles(values, len(rows), season)
            yield block(str(series), rows, unit_of(values, season), found).assign(origin=origin)


def ett(folder: Path, held_back: int, seed: int) -> Iterator[pd.DataFrame]:
    """Every 24th window of the part, all columns; held back, the validation rows of an earlier part."""
    parts = long_horizon.load(folder, "ETTh1", long_horizon.HELD_BACK["earlier"] if held_back else long_horizon.HOURS)
    model, _ = long_horizon.train(parts, HORIZON_OF_ETT, seed)
    if held_back:  # the first half of the part calibrates, the second is scored
        half = long_horizon.TIMESTEPS + (len(parts["validation"]) - long_horizon.TIMESTEPS) // 2
        parts["test"] = parts["validation"].iloc[half - long_horizon.TIMESTEPS :]
        parts["validation"] = parts["validation"].iloc[:half]
    model.calibrate(parts["validation"])
    windows = sk.make_windows(parts["test"], timesteps=long_horizon.TIMESTEPS, horizon=HORIZON_OF_ETT)
    for at in range(0, len(windows), 24):
        past, came = windows[at]
        quantiles = model.predict_quantiles(past[None])[0]
        for column, name in enumerate(long_horizon.COLUMNS):
            found = {
                "seqkit": quantiles[:, column],
                "seasonal naive": naive_quantiles(past[:, column], HORIZON_OF_ETT, 24),
            }
            yield block(name, came[:, column], unit_of(past[:, column], 24), found).assign(window=at)


WAYS: dict[str, Callable[[Path, int, int], Iterator[pd.DataFrame]]] = {
    "classic": classic,
    "tourism": lambda *given: panel("tourism", *given),
    "m4": lambda *given: panel("m4", *given),
    "ett": ett,
}


def scores(rows: pd.DataFrame, method: str) -> dict[str, Any]:
    """Coverage pooled over all rows, with its standard error over series; width and CRPS in naive errors."""
    quantiles = rows[[f"{method}|{at}" for at in range(len(LEVELS))]].to_numpy()
    actual, unit = rows["actual"].to_numpy(), rows["unit"].to_numpy()
    distance = actual[:, None] - quantiles
    loss = np.maximum(np.array(LEVELS) * distance, (np.array(LEVELS) - 1) * distance).mean(axis=1)
    usable = np.isfinite(quantiles).all(axis=1) & (unit > 0)
    is_apart = np.ones(len(rows), "bool") if "window" not in rows else rows["window"].to_numpy() % HORIZON_OF_ETT == 0
    found: dict[str, Any] = {"rows": int(usable.sum())}
    for level, (low, high) in SHOWN.items():
        inside = pd.Series((actual >= quantiles[:, low]) & (actual <= quantiles[:, high]))[usable]
        by_series = inside.groupby(rows["series"].to_numpy()[usable]).mean().to_numpy()
        draws = np.random.default_rng(0).choice(by_series, (DRAWS, len(by_series))).mean(axis=1)
        found[f"within {level} %"] = f"{100 * inside.mean():.1f} ± {100 * draws.std():.1f}"
        by_step = inside[is_apart[usable]].groupby(rows["step"].to_numpy()[usable & is_apart]).agg(["sum", "size"])
        least, most = binom.interval(BAND, by_step["size"], level / 100)
        found[f"steps in the band, {level} %"] = f"{by_step['sum'].between(least, most).mean():.0%}"
        found[f"width, {level} %"] = f"{((quantiles[:, high] - quantiles[:, low]) / unit)[usable].mean():.2f}"
    return found | {"CRPS": f"{(2 * loss / unit)[usable].mean():.3f}"}


def rows_of(name: str, arguments: argparse.Namespace) -> pd.DataFrame:
    """The quantiles of a set, made once."""
    kind = f"_held_back_{arguments.held_back}" if arguments.held_back else ""
    path = TABLES / f"intervals_{name}{kind}.csv.gz"
    if not path.exists():
        made = WAYS[name](arguments.data, arguments.held_back, arguments.seed)
        pd.concat(made, ignore_index=True).to_csv(path, index=False, float_format="%.5g")
    return pd.read_csv(path)


def of_origins(name: str, rows: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    """The rows of a set by their origin, where it has several."""
    if "origin" not in rows or rows["origin"].nunique() == 1:
        yield name, rows
        return
    for origin, part in rows.groupby("origin"):
        yield f"{name} {origin}", part


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--held-back", nargs="?", type=int, const=1, default=0, metavar="ORIGINS")
    parser.add_argument("--sets", nargs="+", choices=WAYS, default=list(WAYS))
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    warnings.simplefilter("ignore", sk.SeqkitWarning)
    table: dict[str, Any] = {}
    for name in arguments.sets:
        for part, rows in of_origins(name, rows_of(name, arguments)):
            table |= {f"{part}, {method}": scores(rows, method) for method in METHODS if f"{method}|0" in rows}
        print(pd.DataFrame(table).T.to_string(), flush=True)
    notes = f"Seed {arguments.seed}; commit {commit_of(Path(__file__).parent)}. "
    if arguments.held_back:
        notes += (
            "Rows before the test rows; the origins of a panel are numbered from the latest one. Columns as above. In "
            "the 24 months of the test the errors of tourism are smaller than in any 24 months before them: there 86.4 "
            "% lie within the intervals of 80 %."
        )
    else:
        notes += (
            f"Coverage in percent, pooled, and its standard error over series drawn anew; the share of steps whose "
            f"coverage lies in the binomial band of {BAND:.0%}, where rows of a step count as independent, of ETTh1 "
            "those of its 7 columns in windows that do not overlap; widths and "
            f"CRPS (twice the mean quantile loss over {len(LEVELS)} levels) in errors of the seasonal naive forecast "
            "in the rows before."
        )
    title = "Intervals before the test rows" if arguments.held_back else "Intervals"
    write_section(title, pd.DataFrame(table).T.fillna("").rename_axis("set, method"), notes)


if __name__ == "__main__":
    main()
