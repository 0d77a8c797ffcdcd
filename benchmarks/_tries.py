"""Scores of a long benchmark, a row a try, written as they come, so that a run that was stopped goes on."""

from __future__ import annotations

import datetime
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pandas as pd
from _results import commit_of

import seqkit as sk

TABLES = Path(__file__).parent / "tables"


class Tries:
    """Two CSVs in tables/: `<name>.csv` a row a try, and `<name>_curves.csv`, the validation curves behind them."""

    def __init__(self, name: str, keys: list[str]) -> None:
        TABLES.mkdir(exist_ok=True)
        self.path, self.curves, self.keys = TABLES / f"{name}.csv", TABLES / f"{name}_curves.csv", keys

    def table(self) -> pd.DataFrame:
        return pd.read_csv(self.path) if self.path.exists() else pd.DataFrame(columns=self.keys)

    def missing(self, wanted: Iterable[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
        done = {tuple(str(value) for value in row) for row in self.table()[self.keys].itertuples(index=False)}
        return [one for one in wanted if tuple(str(value) for value in one) not in done]

    def replace(self, task: str, column: str, value: float) -> None:
        """Give all tries of a task this value; the other columns stay as they were written."""
        table = pd.read_csv(self.path, dtype=str)
        table.loc[table[self.keys[0]] == task, column] = f"{value:.6g}"
        table.to_csv(self.path, index=False)
        print(task, column, value, flush=True)

    def add(self, key: tuple[Any, ...], scores: dict[str, Any], history: dict[str, list[float]] | None) -> None:
        row = dict(zip(self.keys, key, strict=True))
        _append(self.path, pd.DataFrame([row | scores]))
        if history:
            _append(self.curves, pd.DataFrame({**row, **history}))
        print(row | scores, flush=True)


def _append(path: Path, rows: pd.DataFrame) -> None:
    """Under the columns that are there; one that a try has no value for stays empty."""
    if path.exists():
        columns = pd.read_csv(path, nrows=0).columns
        if set(rows) - set(columns):
            raise ValueError(f"{path.name} has no columns {sorted(set(rows) - set(columns))}. Move it away first.")
        rows = rows.reindex(columns=columns)
    rows.to_csv(path, mode="a", header=not path.exists(), index=False, float_format="%.6g")


def classify(tries: Tries, wanted: Iterable[tuple[Any, ...]], load: Callable[[str, str], Any]) -> None:
    """Train and score what is not in the table yet; the test part of a task is read once for each try.

    Args:
        tries: of which the first key names the task, and the others are arguments of `train_classifier`.
        wanted: the tries to make.
        load: samples and labels of a task's `"train"` or `"test"` part.
    """
    for key in tries.missing(wanted):
        task, *given = key
        train, started = load(task, "train"), time.perf_counter()
        model = sk.train_classifier(*train, **dict(zip(tries.keys[1:], given, strict=True)))
        seconds = time.perf_counter() - started
        found = sk.score_classifier(model, *load(task, "test"), train=train).scores["accuracy"]
        scores = {name: float(found[name]) for name in ("majority", "linear")}
        chosen = {"epochs": model.chosen_epochs, "temperature": model.temperature}
        scores |= {"accuracy": float(found["classifier"]), "seconds": seconds}
        tries.add(key, scores | chosen, model.validation_history)


def score_baseline_again(tries: Tries, tasks: Iterable[str], load: Callable[[str, str], Any]) -> None:
    """Replace the linear baseline's accuracy in all tries of the tasks; no classifier is trained.

    The baseline takes the class weights of the defaults, and reads training samples alone, so it is the same for every
    seed.
    """
    for task in tasks:
        (x, y), started = load(task, "train"), time.perf_counter()
        model = sk.build_classifier(like=x, labels=y, units=1, attention="none", convolution="none")
        scores = sk.score_classifier(model, *load(task, "test"), train=(x, y)).scores["accuracy"]
        tries.replace(task, "linear", float(scores["linear"]))
        print(f"{time.perf_counter() - started:.1f} seconds", flush=True)


def note_on_baseline() -> str:
    """What a section says after `score_baseline_again`: the command, the day and the commit."""
    script, today = Path(sys.argv[0]).name, f"{datetime.date.today():%Y-%m-%d}"
    commit = commit_of(Path(__file__).parent)
    return (
        f" The column linear was measured anew: `python benchmarks/{script} DATA --baseline`, {today}, commit {commit}."
    )
