"""The scale on which a panel with a few zeros is read, asinh (the default) or as it is; no test row is read.

python benchmarks/panel_scales.py DATA

Tourism monthly at three origins, 24, 36 and 48 months before the test rows: `train_forecaster` with its default members
and without any. Scores are kept in tables/panel_scales.csv, and what is there is not run again.
"""

from __future__ import annotations

import argparse
import warnings
from pathlib import Path
from typing import Any

import pandas as pd
from _panels import scores
from _results import commit_of, write_section
from _tries import Tries
from panel_members import rows_at

import seqkit as sk

ORIGINS = (0, 1, 2)
SCALES = ("none", "asinh")
MEMBERS = {"the network alone": (), "with its members": ("theta", "pretrained")}


def run(tries: Tries, data: Path, origin: int, scale: str, members: str) -> None:
    """Train and score one model."""
    seen, came = rows_at(data, "tourism", origin)
    options: dict[str, Any] = {"members": MEMBERS[members], "transform": scale}
    model = sk.train_forecaster(seen, horizon=24, seed=0, verbose=0, intervals=False, **options)
    found = scores(seen, came, model.forecast(seen).reindex(came.index), 12).mean()
    tries.add((origin, scale, members), found.to_dict(), None)


def summary(kept: pd.DataFrame) -> pd.DataFrame:
    """MASE by origin and scale."""
    table = kept.pivot(index=["members", "scale"], columns="origin", values="mase")
    table["mean"] = table.mean(axis=1)
    table.index = pd.Index([f"{members}, {scale}" for members, scale in table.index], name="model, scale")
    return table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    arguments = parser.parse_args()
    warnings.simplefilter("ignore", sk.SeqkitWarning)
    tries = Tries("panel_scales", ["origin", "scale", "members"])
    wanted = [(origin, scale, members) for origin in ORIGINS for scale in SCALES for members in MEMBERS]
    for origin, scale, members in tries.missing(wanted):
        run(tries, arguments.data, origin, scale, members)
    notes = f"Tourism monthly, MASE, seed 0; commit {commit_of(Path(__file__).parent)}."
    write_section("The scale of a panel with a few zeros", summary(tries.table()), notes)


if __name__ == "__main__":
    main()
