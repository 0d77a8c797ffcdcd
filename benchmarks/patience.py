"""How many looks at the validation loss a training waits for a lower one: what each patience finds, and what it costs.

python benchmarks/patience.py DATA

Single tables whose looks are long: 5,000 hours of ETTh1 from four rows on, of Beijing's air from three, the first rows
of three classic series, and 26,000 hours of Beijing's pm2.5, whose looks come after parts of a pass.
No test row of another benchmark is read. Each is trained with a patience of 12 looks, and its curve tells where a
shorter one would have stopped, and with which loss. Curves are kept in tables/patience_curves.csv, and what is there is
not run again.
"""

from __future__ import annotations

import argparse
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from _classic import load
from _results import commit_of, write_section
from _tries import Tries

import seqkit as sk
from seqkit.forecasting import stages
from seqkit.task import recipe

LONGEST = 12
PATIENCES = (1, 2, 3, 4, 6)
ROWS, HOURS_AHEAD = 5_000, 24
CLASSICS = {"taylor": (3_000, 48), "temperatures": (3_000, 7), "sunspots": (2_400, 12)}  # rows and horizon
AIR = ["pm2.5", "DEWP", "TEMP", "PRES", "Iws"]
MANY_ROWS = 26_000


def tables(data: Path) -> Iterator[tuple[str, pd.DataFrame, int]]:
    """Name, table and horizon."""
    hours = sk.read_csv(data / "ett" / "ETTh1.csv")
    for first in (0, 2_000, 4_000, 6_000):
        yield f"ETTh1 from row {first}", hours[first : first + ROWS], HOURS_AHEAD
    air = pd.read_csv(data / "air_quality" / "pollution.csv")
    air.index = pd.DatetimeIndex(pd.to_datetime(air[["year", "month", "day", "hour"]]))
    air = air[AIR].ffill().bfill()
    for first in (1_000, 12_000, 25_000):
        yield f"Beijing from row {first}", air[first : first + ROWS], HOURS_AHEAD
    for name, (rows, horizon) in CLASSICS.items():
        yield name, load(name, data)[:rows], horizon
    yield f"Beijing's pm2.5, {MANY_ROWS} rows", air[["pm2.5"]][:MANY_ROWS], HOURS_AHEAD


def trained(table: pd.DataFrame, horizon: int) -> tuple[dict[str, Any], dict[str, list[float]]]:
    """The loss of the untrained model and the steps between two looks, and the losses of the looks."""
    found: dict[str, Any] = {}
    rounds_of_lowest_loss, fit_windows = stages._rounds_of_lowest_loss, stages._fit_windows

    def noted(untrained: float, history: Any) -> int:
        found["untrained"] = untrained
        return rounds_of_lowest_loss(untrained, history)

    def fit(model: Any, windows: Any, way: Any, looks: Any, *rest: Any, **options: Any) -> Any:
        found.setdefault("steps", looks.steps)
        return fit_windows(model, windows, way, looks, *rest, **options)

    stages._rounds_of_lowest_loss, stages._fit_windows = noted, fit
    try:
        model = sk.train_forecaster(table, horizon=horizon, seed=0, intervals=False, verbose=0)
    finally:
        stages._rounds_of_lowest_loss, stages._fit_windows = rounds_of_lowest_loss, fit_windows
    return found, {"val_loss": model.validation_history["val_loss"]}


def stopped(losses: np.ndarray, patience: int) -> int:
    """The looks until so many in turn had no new lowest loss."""
    lowest, waited = np.inf, 0
    for number, loss in enumerate(losses, start=1):
        lowest, waited = (loss, 0) if loss < lowest else (lowest, waited + 1)
        if waited >= patience:
            return number
    return len(losses)


def summary(tries: Tries) -> pd.DataFrame:
    """Looks and lowest loss by patience, the loss over that of the longest patience."""
    curves, rows = pd.read_csv(tries.curves), {}
    for one in tries.table().itertuples(index=False):
        losses = curves[curves["table"] == one.table]["val_loss"].to_numpy()
        best = min(one.untrained, losses.min())
        row: dict[str, Any] = {"steps a look": one.steps, "looks": len(losses), "untrained": one.untrained / best}
        for patience in PATIENCES:
            looks = stopped(losses, patience)
            loss = min(one.untrained, losses[:looks].min()) / best
            row |= {f"looks, patience {patience}": looks, f"loss, patience {patience}": loss}
        rows[one.table] = row
    return pd.DataFrame(rows).T.rename_axis("table")


def shown(found: pd.DataFrame) -> pd.DataFrame:
    found = pd.concat([found, found.mean().to_frame("mean").T]).rename_axis("table")
    is_count = {name: "looks" in name or "steps" in name for name in found}
    return found.apply(lambda column: column.map(("{:.4g}" if is_count[column.name] else "{:.4f}").format))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    arguments = parser.parse_args()
    warnings.simplefilter("ignore", sk.SeqkitWarning)
    recipe.PATIENCE = recipe.LEAST_PATIENCE = LONGEST
    tries = Tries("patience", ["table"])
    for name, table, horizon in tables(arguments.data):
        if tries.missing([(name,)]):
            tries.add((name,), *trained(table, horizon))
    notes = (
        f"Losses over the lowest one that a patience of {LONGEST} looks finds, the untrained model's among them; seed "
        f"0; commit {commit_of(Path(__file__).parent)}. Chosen: as many looks as make 192 steps, 3 to 6; and 6 where "
        "looks come after parts of a pass, as in the last table."
    )
    write_section("Patience of a training", shown(summary(tries)), notes)


if __name__ == "__main__":
    main()
