"""CPU seconds and accuracy of `train_classifier` on small sets of the UCR archive, this checkout beside another one.

python benchmarks/ucr_cost.py DATA CHECKOUT [--sets GunPoint Wine ...] [--seeds 0]

CHECKOUT is a clone of an earlier commit. Each training has a process of its own, on one thread: defaults, the set's
training part, its compilation included and the import left out. The test part is scored once. Tries are kept in
tables/ucr_cost.csv by commit, and what is there is not run again.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

from _results import commit_of, write_section
from _tries import Tries

HERE = Path(__file__).parent
SETS = ["Coffee", "Chinatown", "FaceFour", "Beef", "ArrowHead", "GunPoint", "MoteStrain", "Wine", "ItalyPowerDemand"]
SETS += ["ECG200"]
WORKER = """
import sys, time
sys.path.append(sys.argv[4])
from pathlib import Path
import seqkit as sk
from ucr import load

folder, name, seed = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
x, y = load(folder, name, "train")
begun = time.process_time()
model = sk.train_classifier(x, y, seed=seed)
seconds = time.process_time() - begun
x, y = load(folder, name, "test")
print(Path(sk.__file__).parent.parent, seconds, (model.predict_classes(x) == y).mean(), model.chosen_epochs)
"""
ONE_THREAD = {"TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1", "OMP_NUM_THREADS": "1"}


def train(checkout: Path, folder: Path, name: str, seed: int) -> dict[str, float]:
    """Train and score in a process of its own, with the seqkit of a checkout."""
    environment = {**os.environ, **ONE_THREAD, "PYTHONPATH": str(checkout), "TF_CPP_MIN_LOG_LEVEL": "3"}
    command = [sys.executable, "-c", WORKER, str(folder.resolve()), name, str(seed), str(HERE.resolve())]
    *_, last = subprocess.check_output(command, env=environment, cwd=checkout, text=True).splitlines()
    used, *numbers = last.split()
    if Path(used) != checkout:
        raise RuntimeError(f"The worker imported {used}, and {checkout} was wanted.")
    return dict(zip(("CPU seconds", "accuracy", "epochs"), map(float, numbers), strict=True))


def write(tries: Tries, commits: dict[str, str]) -> None:
    """Write both checkouts beside each other, with the ratio of their CPU seconds."""
    found = tries.table().groupby(["set", "commit"], sort=False)[["CPU seconds", "accuracy"]].mean().unstack()
    table = found.loc[:, [(score, commit) for score in ("CPU seconds", "accuracy") for commit in commits]].dropna()
    table.columns = [f"{score}, {commits[commit]}" for score, commit in table.columns]
    table.loc["mean"] = table.mean()
    before, after = (table[f"CPU seconds, {when}"] for when in ("before", "after"))
    table["ratio of seconds"] = after / before
    seeds = tries.table()["seed"].nunique()
    notes = f"train_classifier, defaults, {seeds} seed{'s' * (seeds > 1)}; "
    notes += ", ".join(f"{when} is {commit}" for commit, when in commits.items()) + ". One thread on a shared machine."
    write_section("UCR archive, cost of a training", table.rename_axis("set"), notes)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("checkout", type=Path)
    parser.add_argument("--sets", nargs="+", default=SETS, metavar="SET")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    arguments = parser.parse_args()
    checkouts = {commit_of(folder): folder.resolve() for folder in (arguments.checkout, HERE.parent)}
    commits = dict(zip(checkouts, ("before", "after"), strict=True))
    tries = Tries("ucr_cost", ["commit", "set", "seed"])
    wanted = ((commit, name, seed) for seed in arguments.seeds for name in arguments.sets for commit in checkouts)
    for commit, name, seed in tries.missing(wanted):
        tries.add((commit, name, seed), train(checkouts[commit], arguments.data, name, seed), None)
    write(tries, commits)


if __name__ == "__main__":
    main()
