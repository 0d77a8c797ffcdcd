"""Texts from random initialisation, no word vectors: question types and sentiment, with and without attention.

python benchmarks/texts.py DATA [--tasks TREC-6 SST-2] [--seeds 0 1 2 3 4] [--baseline]

`train_classifier` with its defaults on the training sentences of DATA/sentences; the test sentences are scored once.
Tries are kept in tables/texts.csv and the validation curves, with the epochs they chose, in tables/texts_curves.csv;
what is there is not run again. With --baseline the linear baseline alone is scored anew. Published: BLSTM with
attention and word vectors (Zhou et al. 2016), an LSTM with labels of phrases and word vectors (Tai et al. 2015).
"""

from __future__ import annotations

import argparse
import functools
from pathlib import Path
from typing import NamedTuple

import pandas as pd
from _results import write_section
from _tries import Tries, classify, note_on_baseline, score_baseline_again


class Task(NamedTuple):
    """Files of DATA/sentences, the accuracy asked for and the published one."""

    train: str
    test: str
    asked: float
    published: float


TASKS = {
    "TREC-6": Task("TREC.train.all", "TREC.test.all", 0.90, 0.938),
    "SST-2": Task("stsa.binary.train", "stsa.binary.test", 0.80, 0.849),
}
ATTENTION = ("tanh", "none")


def load(folder: Path, task: str, part: str) -> tuple[list[str], list[str]]:
    """Sentences of the "train" or "test" part and their classes; the first word of a line is the class."""
    lines = (folder / "sentences" / getattr(TASKS[task], part)).read_text("latin-1").splitlines()
    return [line.split(" ", 1)[1] for line in lines], [line.split(" ", 1)[0] for line in lines]


def write(tries: Tries, again: str = "") -> None:
    """`again`: what to say of a column that was measured anew, by itself."""
    rows = []
    for (task, attention), found in tries.table().groupby(["task", "attention"], sort=False):
        scores = found["accuracy"]
        of_linear = {"majority": found["majority"].mean(), "linear": found["linear"].mean()}
        published = {"asked": TASKS[task].asked, "published": TASKS[task].published}
        spread = {"accuracy": scores.mean(), "spread": scores.std(), "least": scores.min(), "most": scores.max()}
        counted = {"seeds": len(found), "epochs": f"{found['epochs'].min()} to {found['epochs'].max()}"}
        rows.append({"task": task, "attention": attention, **spread, **of_linear, **published, **counted})
    write_section(
        "Texts, accuracy",
        pd.DataFrame(rows).set_index("task"),
        "train_classifier, defaults, no word vectors. Spread: standard deviation over the seeds. Linear: TF-IDF and "
        f"logistic regression, its C chosen on training sentences. Published figures use word vectors.{again}",
        keep_command=bool(again),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--tasks", nargs="+", default=list(TASKS), choices=list(TASKS), metavar="TASK")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2, 3, 4])
    parser.add_argument("--baseline", action="store_true", help="score the linear baseline alone anew, train nothing")
    arguments = parser.parse_args()
    tries = Tries("texts", ["task", "attention", "seed"])
    if arguments.baseline:
        score_baseline_again(tries, arguments.tasks, functools.partial(load, arguments.data))
        write(tries, note_on_baseline())
        return
    for seed in arguments.seeds:
        wanted = [(task, attention, seed) for task in arguments.tasks for attention in ATTENTION]
        classify(tries, wanted, functools.partial(load, arguments.data))
        write(tries)


if __name__ == "__main__":
    main()
