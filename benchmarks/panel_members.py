"""What chose the member of a panel's forecast and the share of the trained network; no test row is read.

python benchmarks/panel_members.py DATA

Tourism monthly at three origins, 24, 36 and 48 months before the test rows, and M4 Hourly at one, 48 hours before them.
One network is trained on the rows before each (`members=()`), and mixed by several shares with the pretrained network,
or with the mean of that and Theta. Scores are kept in tables/panel_members.csv, and what is there is not run again.
"""

from __future__ import annotations

import argparse
import warnings
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd
from _panels import m4_hourly, owa, scores, seasonal_naive, tourism_monthly, without_last
from _results import commit_of, write_section
from _tries import Tries

import seqkit as sk
from seqkit.layers import Theta

SETS = {"tourism": (tourism_monthly, 24, 12, 12), "m4": (m4_hourly, 48, 24, 48)}  # load, horizon, season, step
ORIGINS = [("tourism", 0), ("tourism", 1), ("tourism", 2), ("m4", 0)]
SHARES = (0.0, 0.25, 1 / 3, 0.5, 2 / 3, 0.75, 0.85, 1.0)


def rows_at(data: Path, name: str, origin: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The rows before an origin, and the horizon after it; later origins are earlier in time."""
    load, horizon, _, step = SETS[name]
    known, _ = load(data)
    seen, came = without_last(known, horizon + origin * step)
    return seen, came.groupby(level=0, sort=False).head(horizon)


def theta(seen: pd.DataFrame, came: pd.DataFrame, horizon: int) -> pd.DataFrame:
    """Theta's forecast of the latest window of each series, as the member makes it."""
    settings, forecast = sk.build_forecaster(like=seen, horizon=horizon).settings, came.astype("float64")
    is_log = "log" in settings.transform
    for name, actual in came.groupby(level=0, sort=False):
        past = seen.loc[name].to_numpy("float64")[-settings.timesteps :, 0]
        past = np.log(past) if is_log else past
        level, spread = past.mean(), past.std() + 1e-9
        layer = Theta(horizon, settings.season, settings.long_season)
        found = keras.ops.convert_to_numpy(layer(((past - level) / spread)[None, :, None]))[0, :, 0] * spread + level
        forecast.loc[name] = (np.exp(found) if is_log else found)[: len(actual), None]
    return forecast


def forecasts_of(seen: pd.DataFrame, came: pd.DataFrame, horizon: int) -> dict[str, pd.DataFrame]:
    """What the trained network and the two members forecast."""
    network = sk.train_forecaster(seen, horizon=horizon, seed=0, members=(), verbose=0)
    pretrained = sk.build_forecaster(like=seen, horizon=horizon, weights="synthetic")
    found = {"network": network.forecast(seen), "pretrained": pretrained.forecast(seen)}
    return {name: table.reindex(came.index) for name, table in found.items()} | {"theta": theta(seen, came, horizon)}


def run(tries: Tries, data: Path) -> None:
    """Score every mixture at every origin."""
    done = {(name, int(origin)) for name, origin in tries.table()[["set", "origin"]].itertuples(index=False)}
    for name, origin in ORIGINS:
        if (name, origin) in done:
            continue
        _, horizon, season, _ = SETS[name]
        seen, came = rows_at(data, name, origin)
        made = forecasts_of(seen, came, horizon)
        members = {"pretrained": made["pretrained"], "theta + pretrained": (made["theta"] + made["pretrained"]) / 2}
        naive = scores(seen, came, seasonal_naive(seen, came, season), season)["mase"].mean()
        for member, simple in members.items():
            for share in SHARES:
                found = scores(seen, came, simple + share * (made["network"] - simple), season)
                row = {"mase": found["mase"].mean(), "owa": owa(found), "naive": naive}
                tries.add((name, origin, member, f"{share:.2f}"), row, None)


def summary(kept: pd.DataFrame) -> pd.DataFrame:
    """MASE over that of the seasonal naive forecast, by member and share."""
    kept["task"] = kept["set"] + " " + kept["origin"].astype(str)
    kept["score"] = kept["mase"] / kept["naive"]
    table: Any = kept.pivot(index=["member", "share"], columns="task", values="score")
    table["tourism"] = table[[name for name in table if name.startswith("tourism")]].mean(axis=1)
    table["mean"] = (table["tourism"] + table["m4 0"]) / 2
    table.index = [f"{share} of the network, else {member}" for member, share in table.index]
    return table.rename_axis("mixture")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    arguments = parser.parse_args()
    warnings.simplefilter("ignore", sk.SeqkitWarning)
    tries = Tries("panel_members", ["set", "origin", "member", "share"])
    run(tries, arguments.data)
    notes = "MASE over that of the seasonal naive forecast, one seed, on rows before the test rows; commit "
    write_section(
        "What chose the member of a panel", summary(tries.table()), notes + commit_of(Path(__file__).parent) + "."
    )


if __name__ == "__main__":
    main()
