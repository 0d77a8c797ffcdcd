"""What chose the members of a panel's forecast, how a window weighs them, and the network's share; no test row is read.

python benchmarks/panel_members.py DATA [--sets tourism m4]

Tourism monthly at three origins, 24, 36 and 48 months before the test rows, and M4 Hourly at one, 48 hours before them.
One network is trained on the rows before each (`members=()`), and mixed by several shares with the pretrained network,
with Theta, and with both. These are weighed by their errors in the last horizon of each window, to several powers; to
the power of 0 both count the same. Scores are kept in tables/panel_members.csv, and what is there is not run again.
"""

from __future__ import annotations

import argparse
import warnings
from pathlib import Path
from typing import Any

import pandas as pd
from _panels import m4_hourly, owa, scores, seasonal_naive, tourism_monthly, without_last
from _results import commit_of, write_section
from _tries import Tries

import seqkit as sk
from seqkit.forecasting import member_forecasts
from seqkit.forecasting.members import set_share

SETS = {"tourism": (tourism_monthly, 24, 12, 12), "m4": (m4_hourly, 48, 24, 48)}  # load, horizon, season, step
ORIGINS = [("tourism", 0), ("tourism", 1), ("tourism", 2), ("m4", 0)]
SHARES = (0.0, 0.25, 0.5, 2 / 3, 0.75, 0.85, 1.0)
POWERS = (0, 2, 4, 8)


def rows_at(data: Path, name: str, origin: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The rows before an origin, and the horizon after it; later origins are earlier in time."""
    load, horizon, _, step = SETS[name]
    known, _ = load(data)
    seen, came = without_last(known, horizon + origin * step)
    return seen, came.groupby(level=0, sort=False).head(horizon)


def of_members(seen: pd.DataFrame, horizon: int, members: tuple[str, ...], power: int) -> pd.DataFrame:
    """What the members forecast, weighed in each window by their errors to such a power."""
    member_forecasts.POWER_OF_ERRORS = power
    model = sk.build_forecaster(like=seen, horizon=horizon, members=members)
    set_share(model, 0.0)
    return model.forecast(seen)


def forecasts_of(seen: pd.DataFrame, came: pd.DataFrame, horizon: int) -> dict[str, pd.DataFrame]:
    """What the trained network and the members forecast."""
    network = sk.train_forecaster(seen, horizon=horizon, seed=0, members=(), intervals=False, verbose=0)
    found = {"network": network.forecast(seen)}
    found |= {name: of_members(seen, horizon, (name,), 0) for name in ("theta", "pretrained")}
    both = ("theta", "pretrained")
    found |= {f"both, power {power}": of_members(seen, horizon, both, power) for power in POWERS}
    return {name: table.reindex(came.index) for name, table in found.items()}


def run(tries: Tries, data: Path, names: list[str]) -> None:
    """Score every mixture at every origin."""
    done = {(name, int(origin)) for name, origin in tries.table()[["set", "origin"]].itertuples(index=False)}
    for name, origin in ORIGINS:
        if (name, origin) in done or name not in names:
            continue
        _, horizon, season, _ = SETS[name]
        seen, came = rows_at(data, name, origin)
        made = forecasts_of(seen, came, horizon)
        network = made.pop("network")
        naive = scores(seen, came, seasonal_naive(seen, came, season), season)["mase"].mean()
        for member, simple in made.items():
            for share in SHARES:
                found = scores(seen, came, simple + share * (network - simple), season)
                row = {"mase": found["mase"].mean(), "owa": owa(found), "naive": naive}
                tries.add((name, origin, member, f"{share:.2f}"), row, None)


def summary(kept: pd.DataFrame) -> pd.DataFrame:
    """MASE over that of the seasonal naive forecast, by member and share, and the OWA of M4."""
    kept["task"] = kept["set"] + " " + kept["origin"].astype(str)
    kept["score"] = kept["mase"] / kept["naive"]
    table: Any = kept.pivot(index=["member", "share"], columns="task", values="score")
    table["tourism"] = table[[name for name in table if name.startswith("tourism")]].mean(axis=1)
    table["mean"] = (table["tourism"] + table["m4 0"]) / 2
    table["m4, OWA"] = kept[kept["set"] == "m4"].set_index(["member", "share"])["owa"]
    table.index = [f"{share} of the network, else {member}" for member, share in table.index]
    return table.rename_axis("mixture")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--sets", nargs="+", choices=SETS, default=list(SETS))
    arguments = parser.parse_args()
    warnings.simplefilter("ignore", sk.SeqkitWarning)
    tries = Tries("panel_members", ["set", "origin", "member", "share"])
    run(tries, arguments.data, arguments.sets)
    notes = "MASE over that of the seasonal naive forecast, one seed, on rows before the test rows; OWA with the scale "
    notes += "of the test rows; commit "
    write_section(
        "What chose the member of a panel", summary(tries.table()), notes + commit_of(Path(__file__).parent) + "."
    )


if __name__ == "__main__":
    main()
