"""Summaries: reports of matches in one line, exact on unseen reports, beside what ignores the report.

python benchmarks/summaries.py [--seeds 0 1 2]

The reports are made here. Their sentences stand in any order, some do not matter, and one may name a third team. The
summary says who won, which no sentence of the report does. "no report" is the same model; each of its sources is the
same word.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter

import numpy as np
import pandas as pd
from _results import write_section

import seqkit as sk

TEAMS = ["badgers", "cranes", "falcons", "hornets", "lions", "otters", "ravens", "tigers"]
DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
ASIDES = [
    "the sun was out .",
    "a dog ran over the grass .",
    "the lights went out twice .",
    "the {} watched from the stands .",
    "next week the {} are here .",
]
MOST_GOALS, ASIDES_EACH, TRAINING, UNSEEN = 4, 2, 3000, 500
OPTIONS = {"cell": "gru", "units": 64, "embedding": 32, "epochs": 15, "batch_size": 32, "dropout": 0.1}


def report(random: np.random.Generator) -> tuple[str, str]:
    """A report and its summary."""
    home, away, third = random.choice(TEAMS, 3, replace=False)
    day, (goals, others) = random.choice(DAYS), random.integers(0, MOST_GOALS + 1, 2)
    sentences = [f"on {day} the {home} played the {away} .", f"the {home} scored {goals} , the {away} {others} ."]
    sentences += [aside.format(third) for aside in random.choice(ASIDES, ASIDES_EACH, replace=False)]
    verb = "beat" if goals > others else "lost to" if goals < others else "drew with"
    return " ".join(random.permutation(sentences)), f"{home} {verb} {away} on {day}"


def reports(count: int, seed: int) -> tuple[list[str], list[str]]:
    """Reports, and their summaries."""
    random = np.random.default_rng(seed)
    texts, summaries = zip(*(report(random) for _ in range(count)), strict=True)
    return list(texts), list(summaries)


def measured(seed: int, is_source_read: bool) -> dict[str, float]:
    """The share of unseen reports whose summary is right word for word, and the seconds of the training."""
    texts, summaries = reports(TRAINING, 1)
    unseen, wanted = reports(UNSEEN, 2)
    if not is_source_read:
        texts, unseen = ["report"] * len(texts), ["report"] * len(unseen)
    began = time.perf_counter()
    model = sk.train_seq2seq(texts, summaries, seed=seed, **OPTIONS)
    seconds = time.perf_counter() - began
    return {"exact": float(np.mean(np.array(model.translate(unseen)) == np.array(wanted))), "seconds": seconds}


def most_frequent() -> float:
    """The share of unseen reports whose summary is the most frequent one of training."""
    (answer, _), (_, wanted) = Counter(reports(TRAINING, 1)[1]).most_common(1)[0], reports(UNSEEN, 2)
    return float(np.mean(np.array(wanted) == answer))


def main() -> None:
    """Train with each seed, and write the section of RESULTS.md."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    seeds = parser.parse_args().seeds
    rows, slowest = {}, 0.0
    for name, is_source_read in {"report": True, "no report": False}.items():
        runs = pd.DataFrame([measured(seed, is_source_read) for seed in seeds])
        scores, slowest = runs["exact"], max(slowest, runs["seconds"].max())
        rows[name] = {"exact": scores.mean(), "lowest": scores.min(), "highest": scores.max()}
        print(name, rows[name], runs["seconds"].round().tolist(), flush=True)
    rows["the most frequent summary"] = dict.fromkeys(("exact", "lowest", "highest"), most_frequent())
    write_section(
        "Summaries",
        pd.DataFrame(rows).T.rename_axis("source"),
        f"{UNSEEN} unseen reports, {TRAINING} to train; {len(seeds)} seeds, {slowest:.0f} s or less a training.",
    )


if __name__ == "__main__":
    main()
