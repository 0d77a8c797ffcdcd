"""How many looks at the validation loss without a gain should end a training of one table: six, three or two?

python benchmarks/patience.py DATA

16 monthly series of tourism and 16 hourly ones of M4, drawn with seed 5; the columns of ETTh1, one by one and together,
and the air of Beijing. No test row is read: the last horizon of the training rows is held back, and forecast by
`train_forecaster` with its defaults and seed 0. A look comes every 32 gradient steps, or after a whole pass where that
has more steps. Tries are kept in tables/patience.csv; a run that was stopped goes on.
"""

from __future__ import annotations

import argparse
import functools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple
from unittest import mock

import numpy as np
import pandas as pd
from _panels import m4_hourly, tourism_monthly
from _results import commit_of, write_section
from _tries import Tries

import seqkit as sk
from seqkit.forecasting import stages

PATIENCE = (6, 3, 2)
LONG_LOOK = 63  # gradient steps, above which three looks are the recipe's patience
TRAINING_ROWS_OF_ETT = 11_520  # of ETTh1, with the validation rows


class Case(NamedTuple):
    """A table, whose last `horizon` rows are held back."""

    table: pd.DataFrame
    horizon: int
    season: int  # of the MASE


def cases(folder: Path) -> Iterator[tuple[str, Callable[[], Case]]]:
    """The name of each case, and what reads it."""
    for name, read, horizon, season in (("tourism", tourism_monthly, 24, 12), ("m4", m4_hourly, 48, 24)):
        panel, _ = read(folder)
        names = list(dict.fromkeys(panel.index.get_level_values(0)))
        for series in np.random.default_rng(5).choice(names, 16, replace=False):
            yield f"{name} {series}", functools.partial(Case, panel.loc[series], horizon, season)
    hours = pd.read_csv(folder / "ett" / "ETTh1.csv", index_col=0, parse_dates=True)[:TRAINING_ROWS_OF_ETT]
    for column in hours:
        yield f"ETTh1 {column}", functools.partial(Case, hours[[column]][3_000:8_000], 24, 24)
    yield "ETTh1", functools.partial(Case, hours[:5_000], 24, 24)
    yield "ETTh1, later", functools.partial(Case, hours[6_000:11_000], 48, 24)
    air = pd.read_csv(folder / "air_quality" / "pollution.csv")
    air.index = pd.DatetimeIndex(pd.to_datetime(air[["year", "month", "day", "hour"]]))
    air = air[["pm2.5", "DEWP", "TEMP", "PRES"]].ffill().bfill()[1_000:9_000]
    yield "Beijing", functools.partial(Case, air, 24, 24)
    yield "Beijing TEMP", functools.partial(Case, air[["TEMP"]], 24, 24)


def score(case: Case, patience: int) -> dict[str, float]:
    """The first stage's gradient steps in a look, looks and lowest loss, and the error on the held-back rows."""
    known, came = case.table[: -case.horizon], case.table[-case.horizon :]
    steps_in_a_look = []

    def asked(steps: int, between: int) -> int:
        steps_in_a_look.append(steps)
        return patience

    with mock.patch.object(stages, "patience_of", asked):
        model = sk.train_forecaster(known, horizon=case.horizon, seed=0, verbose=0)
    losses = (model.validation_history or {}).get("val_loss", [])
    errors = np.abs(model.forecast(known).to_numpy() - came.to_numpy()).mean(axis=0)
    scale = known.diff(case.season).abs().mean().to_numpy()
    return {
        "steps": max(steps_in_a_look, default=0),
        "looks": len(losses),
        "validation_loss": min(losses, default=np.nan),
        "mase": float((errors / scale).mean()),
    }


def table_of(tries: pd.DataFrame) -> pd.DataFrame:
    """Sums of looks, and means of the errors over the tables, for short and for long looks."""
    tries = tries.assign(length=np.where(tries["steps"] > LONG_LOOK, f"more than {LONG_LOOK} steps", "fewer"))
    usual = tries[tries["patience"] == PATIENCE[0]].set_index("case")["validation_loss"]
    tries["other"] = tries["validation_loss"] > tries["case"].map(usual)
    groups = tries.groupby(["length", "patience"], sort=False)
    found = groups.agg(
        tables=("case", "count"), looks=("looks", "sum"), higher=("other", "sum"), mase=("mase", "mean")
    ).reset_index(level="patience")
    names = {"looks": "looks in all", "higher": "tables with a higher validation loss", "mase": "MASE, held back"}
    return found.rename(columns=names).rename_axis("a look has")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    arguments = parser.parse_args()
    tries = Tries("patience", ["case", "patience"])
    for name, read in cases(arguments.data):
        for key in tries.missing((name, patience) for patience in PATIENCE):
            tries.add(key, {"commit": commit_of(Path(__file__).parent), **score(read(), key[1])}, None)
    found = tries.table().astype({"patience": int})
    commits = ", ".join(dict.fromkeys(found["commit"].astype(str)))
    write_section("What chose the patience of a training", table_of(found), f"Seed 0; trained at commit {commits}.")


if __name__ == "__main__":
    main()
