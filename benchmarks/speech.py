"""Spoken numbers: exact words on voices that were never heard in training, beside the most frequent answer.

python benchmarks/speech.py [--seeds 0 1 2]

`data/spoken_digits.npz` is made by `make_spoken_digits.py`. A tenth of the training samples chooses the epoch; it
also chose the learning rate and `shorten`.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import keras
import numpy as np
import pandas as pd
from _results import write_section

import seqkit as sk

SOUNDS = Path(__file__).resolve().parents[1] / "data" / "spoken_digits.npz"
OPTIONS = {"cell": "gru", "units": 64, "embedding": 16, "epochs": 20, "batch_size": 16}
LEARNING_RATE = 0.003


class Spoken(NamedTuple):
    """Sounds as features `[T_i, F]`, and the words."""

    series: list[np.ndarray]
    texts: list[str]


def read_sounds() -> tuple[Spoken, Spoken]:
    """The samples of the training voices, and those of the unseen voices."""
    with np.load(SOUNDS) as file:
        series = np.split(file["frames"].astype("float32"), np.cumsum(file["lengths"])[:-1])
        texts, is_held_out = file["texts"].tolist(), file["is_held_out"]
    parts = [np.flatnonzero(is_held_out == held) for held in (False, True)]
    train, unseen = (Spoken([series[place] for place in part], [texts[place] for place in part]) for part in parts)
    return train, unseen


def measured(seed: int, train: Spoken, unseen: Spoken) -> dict[str, float]:
    """The share of unseen samples whose words are all right, and the seconds of the training."""
    optimizer = keras.optimizers.Adam(LEARNING_RATE, clipnorm=1.0)
    began = time.perf_counter()
    model = sk.train_seq2seq(*train, seed=seed, optimizer=optimizer, **OPTIONS)
    seconds = time.perf_counter() - began
    return {
        "exact": exact(model.translate(unseen.series), unseen.texts),
        "seconds": seconds,
        "epoch": model.chosen_epochs,
    }


def exact(answers: list[str], texts: list[str]) -> float:
    """The share of answers that are right."""
    return float(np.mean(np.array(answers) == np.array(texts)))


def main() -> None:
    """Train with each seed, and write the section of RESULTS.md."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    train, unseen = read_sounds()
    runs = []
    for seed in parser.parse_args().seeds:
        runs.append(measured(seed, train, unseen))
        print(seed, runs[-1], flush=True)
    scores = pd.DataFrame(runs)
    answer, _ = Counter(train.texts).most_common(1)[0]
    frequent = exact([answer] * len(unseen.texts), unseen.texts)
    rows = {
        "series to words": {
            "exact": scores["exact"].mean(),
            "lowest": scores["exact"].min(),
            "highest": scores["exact"].max(),
        },
        "the most frequent answer": dict.fromkeys(("exact", "lowest", "highest"), frequent),
    }
    write_section(
        "Spoken numbers",
        pd.DataFrame(rows).T.rename_axis("answer"),
        f"{len(unseen.texts)} numbers of one to three digits, said by voices that speak none of the {len(train.texts)} "
        f"training samples; synthetic speech. {len(runs)} seeds, {scores['seconds'].max():.0f} s or less a training.",
    )


if __name__ == "__main__":
    main()
