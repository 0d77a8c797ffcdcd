"""A number that is not finite in the training data of each kind of model: what happens to it.

python benchmarks/reliability/not_finite.py

NaN, infinity and 1e39, which float32 holds as infinite, are put into x, y or the weights of the samples, in the first
batch or in the last one. "refused" is an error in words, "skipped" a training step that changed nothing, with a
warning, and "read" a value that the model takes as missing. "silent" is all else: 0 are wanted.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from _results import write_section

import seqkit as sk

SAMPLES, BATCH = 8, 3
BAD = {"NaN": np.nan, "inf": np.inf, "1e39": 1e39}
PLACES = {"first": 0, "last": SAMPLES - 1}
SMALL = {"units": 3, "dropout": 0.0}
RANDOM = np.random.default_rng(0)
SERIES = RANDOM.normal(size=(SAMPLES, 5, 2))
LABELS = ["a", "b"] * (SAMPLES // 2)
TEXTS = ["a red cat", "a dog", "two dogs", "no cat"] * (SAMPLES // 4)

Build = Callable[[], keras.Model]
# How to build it, x, y, and whether NaN in x is a missing value, which the model fills or leaves out.
MODELS: dict[str, tuple[Build, Any, Any, bool]] = {
    "forecaster": (
        lambda: sk.build_forecaster(timesteps=5, horizon=3, features=2, cell="gru", **SMALL),
        SERIES,
        RANDOM.normal(size=(SAMPLES, 3, 2)),
        False,
    ),
    "forecaster, `fill`": (
        lambda: sk.build_forecaster(timesteps=5, horizon=3, features=2, cell="gru", fill="last", **SMALL),
        SERIES,
        RANDOM.normal(size=(SAMPLES, 3, 2)),
        True,
    ),
    "classifier of series": (
        lambda: sk.build_classifier(like=SERIES, labels=LABELS, cell="gru", **SMALL),
        SERIES,
        LABELS,
        False,
    ),
    "classifier, `missing`": (
        lambda: sk.build_classifier(like=SERIES, labels=LABELS, missing="mask", cell="gru", **SMALL),
        SERIES,
        LABELS,
        True,
    ),
    "tagger of series": (
        lambda: sk.build_tagger(like=SERIES, tags=[LABELS[:5]] * SAMPLES, cell="gru", **SMALL),
        SERIES,
        [LABELS[:5]] * SAMPLES,
        False,
    ),
    "seq2seq of series": (
        lambda: sk.build_seq2seq(like=(SERIES, SERIES), cell="gru", **SMALL),
        SERIES,
        RANDOM.normal(size=(SAMPLES, 5, 2)),
        False,
    ),
    "captioner": (
        lambda: sk.build_captioner(like=(SERIES[:, 0], TEXTS), cell="gru", **SMALL),
        SERIES[:, 0],
        TEXTS,
        False,
    ),
    "seq2seq of texts": (lambda: sk.build_seq2seq(like=(TEXTS, TEXTS), cell="gru", **SMALL), TEXTS, TEXTS, False),
    "`build_lstm`": (lambda: sk.build_lstm(3, features=2), SERIES, RANDOM.normal(size=(SAMPLES, 1)), False),
    "`build_recurrent`": (
        lambda: sk.build_recurrent("many_to_one", features=2, outputs=1, cell="simple_rnn", units=3),
        SERIES,
        RANDOM.normal(size=(SAMPLES, 1)),
        False,
    ),
}


def with_bad(values: Any, bad: float, sample: int) -> Any:
    """A copy with a bad number in a sample, or None where the values are no numbers."""
    if not isinstance(values, np.ndarray):
        return None
    values = values.copy()
    values[(sample, *[0] * (values.ndim - 1))] = bad
    return values


def outcome(build: Build, data: dict[str, Any], is_missing: bool) -> str:
    """What a training of two epochs did with the bad number."""
    try:
        model = build()
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            history = model.fit(**data, batch_size=BATCH, epochs=2, shuffle=False, verbose=0).history
    except (ValueError, TypeError) as error:
        return "refused" if isinstance(error, (sk.InvalidValue, sk.InvalidType)) else f"silent: {error}"
    numbers = [*model.get_weights(), *history.values()]
    if not all(np.isfinite(array).all() for array in numbers):
        return "silent: not finite"
    if any(issubclass(one.category, sk.SeqkitWarning) and "skipped" in str(one.message) for one in caught):
        return "skipped"
    return "read" if is_missing else "silent: finite"


def main() -> None:
    keras.utils.set_random_seed(0)
    rows = []
    for name, (build, x, y, takes_missing) in MODELS.items():
        parts = {"x": x, "y": y, "sample_weight": np.ones(SAMPLES)}
        for part, values in parts.items():
            for word, bad in BAD.items():
                row = {"model": name, "part": part, "value": word}
                for batch, sample in PLACES.items():
                    changed = with_bad(values, bad, sample)
                    is_missing = takes_missing and part == "x" and word == "NaN"
                    data = {**parts, part: changed}
                    row[f"{batch} batch"] = "-" if changed is None else outcome(build, data, is_missing)
                rows.append(row)
                print(row, flush=True)
    table = pd.DataFrame(rows)
    table = table[table["first batch"] != "-"]  # texts and labels hold no numbers
    cells = table[[f"{batch} batch" for batch in PLACES]].to_numpy().ravel()
    words = ("refused", "skipped", "read", "silent")
    told = ", ".join(f"{sum(cell.startswith(word) for cell in cells)} {word}" for word in words)
    write_section("Numbers that are not finite", table.set_index("model"), f"{len(cells)} trainings: {told}.")


if __name__ == "__main__":
    main()
