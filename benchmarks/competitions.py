"""One model for the many series of two competitions: tourism monthly (366 series) and M4 Hourly (414).

python benchmarks/competitions.py DATA [--sets tourism m4] [--seeds 0 1 2]

`train_forecaster(panel, horizon=H)` trains one model on all series with its default settings, which were chosen on rows
before the held-out ones; the held-out rows are forecast once for each seed. Finished seeds are kept in
tables/competitions.csv, and are not run again. AutoETS of statsforecast (extra `benchmarks`) forecasts the
tourism series for the share on which the one model is better.
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pandas as pd
from _panels import m4_hourly, owa, scores, seasonal_naive, tourism_monthly
from _results import commit_of, write_section
from _tries import TABLES, Tries

import seqkit as sk

ETS = TABLES / "competitions_ets.csv"
CHECKOUT = Path(__file__).resolve().parents[1]


class Competition(NamedTuple):
    """A panel, and how it is scored."""

    load: Callable[[Path], tuple[pd.DataFrame, pd.DataFrame]]
    horizon: int
    season: int


SETS = {"tourism": Competition(tourism_monthly, 24, 12), "m4": Competition(m4_hourly, 48, 24)}


def ets_of(seen: pd.DataFrame, came: pd.DataFrame, season: int) -> pd.DataFrame:
    """The scores of AutoETS on each series; it takes minutes, so they are kept."""
    if not ETS.exists():
        from statsforecast.models import AutoETS

        forecast = came.copy()
        for name, actual in came.groupby(level=0, sort=False):
            found = AutoETS(season_length=season).forecast(y=seen.loc[name].to_numpy()[:, 0], h=len(actual))
            forecast.loc[name] = found["mean"][:, None]
        scores(seen, came, forecast, season).rename_axis("series").round(6).to_csv(ETS)
    return pd.read_csv(ETS, index_col="series")


def run(tries: Tries, name: str, data: Path, seed: int) -> None:
    """Train one model and score its forecasts of the held-out rows."""
    load, horizon, season = SETS[name]
    seen, came = load(data)
    start, cpu = time.perf_counter(), time.process_time()
    model = sk.train_forecaster(seen, horizon=horizon, seed=seed, verbose=0)
    seconds, cpu_seconds = time.perf_counter() - start, time.process_time() - cpu
    table = scores(seen, came, model.forecast(seen), season)
    row = {**table.mean(), "owa": owa(table), "epochs": model.chosen_epochs}
    row |= {"seconds": seconds, "cpu_seconds": cpu_seconds, "commit": commit_of(CHECKOUT), "ets": "", "better": ""}
    if name == "tourism":
        ets = ets_of(seen, came, season).reindex(table.index)
        row |= {"ets": float(ets["mase"].mean()), "better": float((table["mase"] < ets["mase"]).mean())}
    tries.add((name, seed), row, model.validation_history)


def summary(data: Path, kept: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    rows: dict[str, dict[str, str]] = {}
    for name in names:
        load, _, season = SETS[name]
        seen, came = load(data)
        naive = scores(seen, came, seasonal_naive(seen, came, season), season)
        found = kept[kept["set"] == name]
        rows[f"{name}, one model"] = {
            "MASE": f"{found['mase'].mean():.3f} ± {found['mase'].std():.3f}",
            "sMAPE": f"{found['smape'].mean():.2f} ± {found['smape'].std():.2f}",
            "OWA": f"{found['owa'].mean():.3f} ± {found['owa'].std():.3f}" if name == "m4" else "",
            "seeds": str(len(found)),
            "CPU seconds": f"{found['cpu_seconds'].mean():.0f}",
            "better than ETS on": f"{found['better'].mean():.0%}" if name == "tourism" else "",
        }
        means = naive.mean()
        rows[f"{name}, seasonal naive"] = {
            "MASE": f"{means['mase']:.3f}",
            "sMAPE": f"{means['smape']:.2f}",
            "OWA": f"{owa(naive):.3f}" if name == "m4" else "",
        }
        if name == "tourism":
            rows["tourism, AutoETS of each series"] = {"MASE": f"{found['ets'].iloc[0]:.3f}"}
    return pd.DataFrame(rows).T.fillna("").rename_axis("series, method")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--sets", nargs="+", choices=SETS, default=list(SETS))
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    arguments = parser.parse_args()
    warnings.simplefilter("ignore", sk.SeqkitWarning)
    tries = Tries("competitions", ["set", "seed"])
    for name, seed in tries.missing((name, seed) for name in arguments.sets for seed in arguments.seeds):
        run(tries, name, arguments.data, seed)
    kept = tries.table()
    notes = (
        f"Default settings, commit {', '.join(sorted(set(kept['commit'])))}; the spread is the standard deviation over "
    )
    notes += "the seeds. Published: tourism monthly DeepAR 1.409, ETS 1.526; M4 Hourly OWA of the winner .440."
    write_section("One model for the series of a competition", summary(arguments.data, kept, arguments.sets), notes)


if __name__ == "__main__":
    main()
