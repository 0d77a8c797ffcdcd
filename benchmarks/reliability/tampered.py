"""Load model files that were damaged or tampered with, each in a process of its own: what happens.

python benchmarks/reliability/tampered.py

Each process is a fork of this one, which has imported TensorFlow and used nothing of it. It is ended at 2 GB or 20 s.
"""

from __future__ import annotations

import argparse
import contextlib
import multiprocessing
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd
import tensorflow as tf  # noqa: F401  # before the forks

import seqkit as sk

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from _damaged_files import CANARY_MODULE, ways
from _results import write_section

FORK = multiprocessing.get_context("fork")
MOST_BYTES, MOST_SECONDS = 2 * 10**9, 20
CANARIES = (Path("canary"), Path("/tmp/canary"))
ROWS = 40
TEXTS = ["good film", "bad film", "not good", "not bad", "so so film"] * 2
MOODS = ["up", "down", "so", "up", "down"] * 2
SENTENCES, TAGS = [["Ann", "saw", "Rome"], ["a", "dog"]] * 3, [["B", "O", "C"], ["O", "C"]] * 3
IMAGES = np.random.default_rng(0).normal(size=(6, 5)).astype("float32")
CAPTIONS = ["a cat", "a dog", "two dogs"] * 2
OUTCOMES = {
    "refused": "refused in words",
    "other error": "refused by Keras",
    "unchanged": "loaded, same answers",
    "told": "loaded with other answers and a warning",
    "changed": "loaded with other answers",
    "executed": "ran code or wrote elsewhere",
    "exceeded": "beyond 2 GB or 20 s",
}
NOTES = """
Every file is made from a small good one and loaded with plain `keras.saving.load_model`; ZIP and HDF5 themselves are
whole, except in cut files. **Refused in words**: `sk.InvalidValue`, which names the file. **Same answers**: bit for
bit. **Without checksum**: the same changes, and every mark of the checksum taken away, so that the file looks like one
of an older release. It loads with a warning, or is refused by the builder's checks; SECURITY.md promises no more. Most
memory is that of the process, of which TensorFlow takes about 0.4 GB. The ways are in `benchmarks/_damaged_files.py`.
"""


def sales() -> pd.DataFrame:
    days = np.arange(ROWS)
    table = {"sold": 100 + days + 9 * np.sin(days), "price": 10 + np.cos(days)}
    return pd.DataFrame(table, pd.date_range("2001-01-01", periods=ROWS, freq="D", name="day"))


def forecaster() -> Any:
    return sk.build_forecaster(like=sales(), horizon=3, timesteps=14, units=8)


def classifier() -> Any:
    return sk.build_classifier(like=TEXTS, labels=MOODS, units=4, embedding=4, convolution="none")


MODELS: dict[str, tuple[Callable[[], Any], tuple[Any, ...], Callable[[Any], Any]]] = {
    "forecaster": (forecaster, (sales(),), lambda model: model.forecast(sales()).to_numpy()),
    "classifier": (classifier, (TEXTS, MOODS), lambda model: model.predict_proba(TEXTS).sort_index(axis=1).to_numpy()),
    "tagger": (
        lambda: sk.build_tagger(like=SENTENCES, tags=TAGS, units=4, embedding=4, characters=False),
        (SENTENCES, TAGS),
        lambda model: np.array([" ".join(tags) for tags in model.predict_tags(SENTENCES)]),
    ),
    "language_model": (
        lambda: sk.build_language_model(like=TEXTS, units=4, embedding=4),
        (TEXTS,),
        lambda model: np.array(model.generate(TEXTS, 3, seed=1)),
    ),
    "captioner": (
        lambda: sk.build_captioner(like=(IMAGES, CAPTIONS), units=4, embedding=4),
        (IMAGES, CAPTIONS),
        lambda model: np.array(model.caption(IMAGES)),
    ),
}
OTHERS = {"retrained": "forecaster", "not_finite": "forecaster"}  # more good files, and whose kind they are


def make_good_files(folder: Path) -> None:
    """A trained model of each kind and its answers; a forecaster trained otherwise, and one that holds NaN."""
    for seed, name in enumerate([*MODELS, *OTHERS]):
        keras.utils.set_random_seed(seed)
        build, training, ask = MODELS[OTHERS.get(name, name)]
        model = build()
        model.fit(*training, epochs=2, verbose=0)
        np.save(folder / f"{name}.npy", ask(model))
        if name == "not_finite":
            model.set_weights([np.full_like(weight, np.nan) for weight in model.get_weights()])
        keras.saving.save_model(model, folder / f"{name}.keras")


def load(say: Callable[[Any], None], path: Path, name: str, good: Path) -> None:
    """Load a file and say what came of it."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", sk.SeqkitWarning)
        try:
            model = keras.saving.load_model(path)
            answers = MODELS[OTHERS.get(name, name)][2](model)
        except sk.InvalidValue as error:
            say(("refused", str(error)))
            return
        except Exception as error:
            say(("other error", f"{type(error).__name__}: {error}"))
            return
    is_told = any("checksum" in str(warning.message) for warning in caught)
    if np.array_equal(answers, np.load(good.with_suffix(".npy"))):
        say(("unchanged", ""))
    else:
        say(("told" if is_told else "changed", ""))


def in_a_process(work: Callable[..., None], *arguments: Any) -> tuple[str, str, float, float]:
    """What a process says, in how many seconds, and with how much memory at most."""
    ours, theirs = FORK.Pipe()
    process = FORK.Process(target=work, args=(theirs.send, *arguments))
    started, most = time.perf_counter(), 0
    process.start()
    theirs.close()
    said = ("other error", "the process ended")
    while time.perf_counter() - started < MOST_SECONDS and most < MOST_BYTES:
        most = max(most, memory_of(process.pid))
        if ours.poll(0.02):
            with contextlib.suppress(EOFError):
                said = ours.recv()
            break
    else:
        said = ("exceeded", "")
    process.kill()
    process.join()
    return *said, time.perf_counter() - started, most / 1e9


def memory_of(number: int | None) -> int:
    """The most bytes in memory of a process; 0 where it has ended."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{number}/status").read_text().splitlines():
            if line.startswith("VmHWM"):
                return int(line.split()[1]) * 1024
    return 0


def tried(folder: Path, only: str | None) -> pd.DataFrame:
    """What each way of damage leads to."""
    process = FORK.Process(target=make_good_files, args=(folder,))
    process.start()
    process.join()
    rows = []
    for name, way in ways().items():
        if only not in (None, name):
            continue
        good, bad = folder / f"{way.model}.keras", folder / "bad.keras"
        way.change(good, bad)
        outcome, words, seconds, memory = in_a_process(load, bad, way.model, good)
        found = [canary for canary in CANARIES if canary.exists()]
        for canary in found:
            canary.unlink()
        outcome = "executed" if found else outcome
        rows.append({"way": name, "group": way.group, "outcome": outcome, "seconds": seconds, "GB": memory})
        print(f"{name:30} {outcome:12} {seconds:5.1f} s {memory:4.1f} GB  {words[:200]}", flush=True)
    return pd.DataFrame(rows)


def summary(table: pd.DataFrame) -> pd.DataFrame:
    """How often each outcome came, a row a group, and in all."""
    counted = pd.crosstab(table["group"], table["outcome"]).reindex(columns=list(OUTCOMES), fill_value=0)
    counted = counted.reindex(table["group"].unique())
    counted.insert(0, "files", counted.sum(axis=1))
    groups = table.groupby("group", sort=False)
    counted["most seconds"] = groups["seconds"].max().round(1)
    counted["most GB"] = groups["GB"].max().round(2)
    total = counted.sum()
    total[["most seconds", "most GB"]] = counted[["most seconds", "most GB"]].max()
    counted.loc["all"] = total
    whole = {name: counted[name].astype(int) for name in ["files", *OUTCOMES]}
    return counted.assign(**whole).rename(columns=OUTCOMES)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", help="one way alone, without a table")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, contextlib.chdir(name):
        Path(f"{CANARY_MODULE}.py").write_text("open('canary', 'w').close()\ndef run(*_): pass\nclass Run: pass\n")
        sys.path.insert(0, name)
        table = tried(Path(name), arguments.only)
    if arguments.only is None:
        write_section("Damaged model files", summary(table), NOTES, decimals=2)


if __name__ == "__main__":
    main()
