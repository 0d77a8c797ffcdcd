"""The whole job, from a CSV to a forecast in a CSV, in a fresh process: seqkit's command beside other libraries.

python benchmarks/whole_job.py DATA --peers PYTHON [--rounds 3] [--cases "air passengers"] [--ways AutoETS ...]

PYTHON is that of a virtual environment with statsforecast, darts, neuralforecast and torch. Every process has one core
and one thread; all take turns, a round after the other, with the number of the round as their seed. Counted is all from
the start of Python: imports, reading, training, writing; seqkit's modules are compiled before, as pip has compiled all
others. seqkit's command with its defaults makes a backtest of three origins, a picture and a SavedModel as well, like
`make forecast`.

The peers do as their quick starts say: AutoETS with its season; neuralforecast's LSTM with 500 steps, NHITS with 100;
Darts' LSTMs on scaled values with the default of 100 epochs, and 2 and 5 epochs on the 5,000 hours. All of them read
two horizons. Tries are kept in tables/whole_job.csv, seqkit's by the commit that changed it last, the peers' by
version, and what is there is not run again.
"""

from __future__ import annotations

import argparse
import compileall
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from _results import write_section
from _tries import Tries
from first_try import last_commit

HERE = Path(__file__).parent
PEERS = HERE / "_whole_job_peers.py"
SEQKIT = {"seqkit, defaults": 3, "seqkit, no backtest": 0}  # origins of the backtest
PACKAGES = {
    "AutoETS": "statsforecast",
    "Darts RNNModel": "darts",
    "Darts BlockRNNModel": "darts",
    "neuralforecast LSTM": "neuralforecast",
    "neuralforecast NHITS": "neuralforecast",
}
WAYS = [*SEQKIT, *PACKAGES]
SCORES = ["wall s", "CPU s", "peak MiB", "MASE", "MAE"]
KEYS = ["case", "way", "version", "round"]
ONE_THREAD = dict.fromkeys(("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS"), "1")
ONE_THREAD |= dict.fromkeys(("MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"), "1")
EPOCHS = {"Darts RNNModel": 2, "Darts BlockRNNModel": 5}  # for the long case; 100 would take hours


class Case(NamedTuple):
    """A table, whose last `horizon` rows are held out, and its calendar."""

    table: pd.DataFrame
    horizon: int
    season: int
    freq: str
    epochs: dict[str, int]


def cases(folder: Path) -> dict[str, Case]:
    months = pd.read_csv(HERE.parent / "data" / "air_passengers.csv", index_col=0, parse_dates=True)
    hours = pd.read_csv(folder / "ett" / "ETTh1.csv", index_col=0, parse_dates=True)
    return {
        "air passengers": Case(months, 12, 12, "MS", {}),
        "5,000 hours of ETTh1": Case(hours[: 5_000 + 24], 24, 24, "h", EPOCHS),
    }


def command_of(way: str, case: Case, seed: int, peers: str) -> list[str]:
    """The command that makes forecast.csv of table.csv."""
    if way in PACKAGES:
        numbers = [case.horizon, case.season, case.freq, seed, case.epochs.get(way, 100)]
        return [peers, str(PEERS.resolve()), way, "table.csv", "forecast.csv", *map(str, numbers)]
    command = [sys.executable, "-m", "seqkit", "forecast", "table.csv", "--horizon", str(case.horizon)]
    command += ["--seed", str(seed), "--output", "forecast.csv", "--plot", "forecast.png", "--export", "model"]
    return command if SEQKIT[way] == 3 else [*command, "--origins", str(SEQKIT[way])]


def run(way: str, case: Case, seed: int, peers: str) -> dict[str, float]:
    """Let a process do the job in a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        case.table[: -case.horizon].to_csv(Path(folder) / "table.csv")
        environment = {**os.environ, **ONE_THREAD, "PYTHONPATH": str(HERE.parent.resolve())}
        environment |= {"CUDA_VISIBLE_DEVICES": "-1", "TF_CPP_MIN_LOG_LEVEL": "3"}
        begun = time.perf_counter()
        with (Path(folder) / "log.txt").open("w") as log:
            command = command_of(way, case, seed, peers)
            process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
            _, status, used = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise RuntimeError(f"{way} ended with {process.returncode}: {(Path(folder) / 'log.txt').read_text()}")
        forecast = pd.read_csv(Path(folder) / "forecast.csv", index_col=0)
    used_seconds = used.ru_utime + used.ru_stime
    return {"wall s": seconds, "CPU s": used_seconds, "peak MiB": used.ru_maxrss / 1024, **errors(forecast, case)}


def errors(forecast: pd.DataFrame, case: Case) -> dict[str, float]:
    """Mean absolute error, and the same over that of the seasonal naive forecast in the known rows; column means."""
    known, came = case.table[: -case.horizon], case.table[-case.horizon :]
    error = np.abs(forecast[list(came)].to_numpy() - came.to_numpy()).mean(axis=0)
    scale = known.diff(case.season).abs().mean().to_numpy()
    return {"MASE": float((error / scale).mean()), "MAE": float(error.mean())}


def versions(peers: str) -> dict[str, str]:
    ask = "import importlib.metadata as m, sys; print(*map(m.version, sys.argv[1:]))"
    names = list(dict.fromkeys(PACKAGES.values()))
    found = subprocess.check_output([peers, "-c", ask, *names], text=True).split()
    of_package = dict(zip(names, found, strict=True))
    return dict.fromkeys(SEQKIT, last_commit()) | {way: of_package[name] for way, name in PACKAGES.items()}


def write(tries: Tries, name: str, case: Case, version_of: dict[str, str]) -> None:
    """Write the medians of a case, with the error of the seasonal naive forecast."""
    table = tries.table()
    is_wanted = (table["case"] == name) & (table["version"].astype(str) == table["way"].map(version_of))
    groups = table[is_wanted].groupby("way")
    medians = groups[SCORES].median().reindex([way for way in version_of if way in groups.groups])
    spread = groups["MASE"].agg(lambda errors: f"{errors.min():.2f} to {errors.max():.2f}")
    shown = medians.apply(lambda column: column.map("{:.0f}".format if column.name == "peak MiB" else "{:.2f}".format))
    shown.insert(0, "version", [version_of[way] for way in shown.index])
    shown["MASE, lowest to highest"] = spread
    season = case.table[: -case.horizon][-case.season :]
    naive = errors(pd.concat([season] * -(-case.horizon // case.season))[: case.horizon], case)
    counts = sorted({len(group) for _, group in groups})
    columns = case.table.shape[1]
    notes = (
        f"{len(case.table) - case.horizon} rows, {columns} column{'s' * (columns > 1)}, the next {case.horizon} held "
    )
    notes += f"out. Rounds in turns: {' or '.join(map(str, counts))}, of which medians; one core of a shared machine, "
    notes += "one thread. "
    notes += f"Seasonal naive: MASE {naive['MASE']:.2f}, MAE {naive['MAE']:.2f}."
    if case.epochs:
        notes += " " + ", ".join(f"{way}: {epochs} epochs" for way, epochs in case.epochs.items()) + ", not 100."
    write_section(f"Whole job, {name}", shown.rename_axis("way"), notes)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--peers", required=True, metavar="PYTHON", help="the Python that has the other libraries")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--cases", nargs="+", metavar="CASE")
    parser.add_argument("--ways", nargs="+", default=WAYS, choices=WAYS, metavar="WAY")
    arguments = parser.parse_args()
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:1])  # the processes inherit it
    compileall.compile_dir(HERE.parent / "seqkit", quiet=1)
    all_cases, version_of = cases(arguments.data), versions(arguments.peers)
    tries = Tries("whole_job", KEYS)
    wanted: list[tuple[Any, ...]] = [
        (name, way, version_of[way], number)
        for number in range(1, arguments.rounds + 1)
        for name in arguments.cases or all_cases
        for way in arguments.ways
    ]
    for key in tries.missing(wanted):
        name, way, _, seed = key
        tries.add(key, run(way, all_cases[name], seed, arguments.peers), None)
    for name in arguments.cases or all_cases:
        write(tries, name, all_cases[name], version_of)


if __name__ == "__main__":
    main()
