"""The jobs of fit_beside.py: sizes and data, by NumPy alone, so that every worker reads the same."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import numpy as np

EMBEDDING, TEXT_UNITS, FILTERS, WIDTHS, CLASSES = 300, 64, 100, (3, 4, 5), 6


class Job(NamedTuple):
    """One model and the samples of one epoch; `steps` batches, none of them partial."""

    batch: int
    steps: int
    epochs: int  # of one turn
    timesteps: int = 0  # 0 for texts
    horizon: int = 0
    features: int = 7
    segment: int = 1
    is_stack: bool = False  # LSTM 128, dropout 0.5, LSTM 128, LSTM 64, nothing scaled; else a GRU of 32 units


JOBS = {
    "hourly": Job(batch=32, steps=60, epochs=5, timesteps=168, horizon=24, segment=24),
    "a row a step": Job(batch=32, steps=10, epochs=8, timesteps=168, horizon=24),
    "classic stack": Job(batch=200, steps=6, epochs=3, timesteps=30, horizon=1, features=1, is_stack=True),
    "long segments": Job(batch=32, steps=30, epochs=5, timesteps=720, horizon=96, segment=24),
    "texts": Job(batch=32, steps=40, epochs=1),
}


def rows_of(job: Job, folder: Path) -> np.ndarray:
    """Rows of ETTh1 `[N, F]`, standardised, for exactly the windows of one epoch."""
    count = job.batch * job.steps + job.timesteps + job.horizon - 1
    path = folder / "ett" / "ETTh1.csv"
    rows = np.loadtxt(path, "float32", delimiter=",", skiprows=1, usecols=range(1, 8), max_rows=count)[
        :, -job.features :
    ]
    return (rows - rows.mean(axis=0)) / rows.std(axis=0)


def texts_of(job: Job, folder: Path) -> tuple[list[str], np.ndarray]:
    """Questions of TREC for one epoch, and their classes."""
    lines = (folder / "sentences" / "TREC.train.all").read_text("latin-1").splitlines()[: job.batch * job.steps]
    labels, texts = zip(*(line.split(" ", 1) for line in lines), strict=True)
    return list(texts), np.array(labels, "int64")


def numbers_of(texts: list[str]) -> tuple[list[np.ndarray], int]:
    """Texts as numbers of lower-cased words, 0 for padding and 1 for unknown words, and how many numbers there are."""
    words = [re.findall(r"\w+|[^\w\s]", text.lower()) for text in texts]
    number_of = {word: number for number, word in enumerate(sorted({word for row in words for word in row}), start=2)}
    return [np.array([number_of[word] for word in row], "int32") for row in words], len(number_of) + 2
