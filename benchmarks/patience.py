"""How many looks at the validation loss without a gain should end a training of one table: six or three?

python benchmarks/patience.py DATA

16 monthly series of tourism and 16 hourly ones of M4, drawn with seed 5; the columns of ETTh1, one by one and together,
and the air of Beijing. No test row is read: the last horizon of the training rows is held back, and forecast by
`train_forecaster` with its defaults and seed 0. A look comes every 32 gradient steps, or after a whole pass where that
has more steps. "3 after the first" ends a training whose first look, of 64 steps or more, is better than the next
three, and has a patience of six otherwise. Tries are kept in tables/patience.csv; a run that was stopped goes on.
"""

from __future__ import annotations

import argparse
import functools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

import numpy as np
import pandas as pd
from _panels import m4_hourly, tourism_monthly
from _results import commit_of, write_section
from _tries import Tries

import seqkit as sk
from seqkit.forecasting import stages

NEVER = 10**9
USUAL, FIRST = "6", "3 after the first"
WAYS = {USUAL: (6, NEVER), "3": (3, NEVER), FIRST: (6, stages.LONG_LOOK)}  # patience; steps of a long first look
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


def score(case: Case, way: str) -> dict[str, float]:
    """The first stage's gradient steps in a look, looks and lowest loss, and the error on the held-back rows."""
    known, came = case.table[: -case.horizon], case.table[-case.horizon :]
    steps_in_a_look = []
    fit = stages._fit_windows

    def fitted(model: Any, windows: Any, training: Any, looks: Any, *given: Any, **named: Any) -> Any:
        steps_in_a_look.append(looks.steps)
        return fit(model, windows, training, looks, *given, **named)

    patience, long_look = WAYS[way]
    changed = {"PATIENCE": patience, "LONG_LOOK": long_look, "_fit_windows": fitted}
    with mock.patch.multiple(stages, **changed):
        model = sk.train_forecaster(known, horizon=case.horizon, seed=0, verbose=0)
    losses = (model.validation_history or {}).get("val_loss", [])
    errors = np.abs(model.forecast(known).to_numpy() - came.to_numpy()).mean(axis=0)
    scale = known.diff(case.season).abs().mean().to_numpy()
    return {
        "steps": steps_in_a_look[0] if steps_in_a_look else 0,
        "looks": len(losses),
        "validation_loss": min(losses, default=np.nan),
        "mase": float((errors / scale).mean()),
    }


def table_of(tries: pd.DataFrame) -> pd.DataFrame:
    """Sums of looks, and means of the errors over the tables, for short and for long looks."""
    is_long = tries["steps"] >= stages.LONG_LOOK
    tries = tries.assign(length=np.where(is_long, f"{stages.LONG_LOOK} steps or more", "fewer steps"))
    usual = tries[tries["way"] == USUAL].set_index("case")["validation_loss"]
    tries["higher"] = tries["validation_loss"] > tries["case"].map(usual)
    groups = tries.groupby(["length", "way"], sort=False)
    found = groups.agg(
        tables=("case", "count"), looks=("looks", "sum"), higher=("higher", "sum"), mase=("mase", "mean")
    ).reset_index(level="way")
    names = {"way": "looks without a gain", "looks": "looks in all", "mase": "MASE, held back"}
    names |= {"higher": "tables with a higher validation loss"}
    return found.rename(columns=names).rename_axis("a look has")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    arguments = parser.parse_args()
    tries = Tries("patience", ["case", "way"])
    for name, read in cases(arguments.data):
        for key in tries.missing((name, way) for way in WAYS):
            done = tries.table().set_index(["case", "way"])
            if key[1] == FIRST and done.loc[(name, USUAL), "steps"] < stages.LONG_LOOK:
                continue  # nothing is asked of a short look
            tries.add(key, {"commit": commit_of(Path(__file__).parent), **score(read(), key[1])}, None)
    found = tries.table().astype({"way": str})
    commits = ", ".join(dict.fromkeys(found["commit"].astype(str)))
    write_section("What chose the patience of a training", table_of(found), f"Seed 0; trained at commit {commits}.")


if __name__ == "__main__":
    main()
