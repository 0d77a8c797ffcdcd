"""One long text beside 31 short ones: the memory and the time that its batch takes, live and served, at two commits.

python benchmarks/reliability/long_text.py CHECKOUT [--words 20000]

CHECKOUT is a working copy of an earlier commit. Each cell is a process of its own; the models are untrained.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from _results import commit_of, write_section

HERE = Path(__file__).resolve().parents[2]
MODELS, WAYS = ("classifier", "tagger", "language model"), ("live", "served")
WORKER = """
import inspect, json, sys, time
from pathlib import Path
import keras
import tensorflow as tf
import seqkit as sk

name, way, words, folder = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
keras.utils.set_random_seed(0)
known = ["a good film", "a bad film", "not good at all", "quite bad"] * 8
if name == "classifier":
    model = sk.build_classifier(like=known, labels=["up", "down"] * 16)
elif name == "tagger":
    split = [text.split() for text in known]
    model = sk.build_tagger(like=split, tags=[(["A", "B"] * 9)[:len(row)] for row in split])
else:
    model = sk.build_language_model(like=known)
if way == "served":
    limit = {"longest": words} if "longest" in inspect.signature(model.export).parameters else {}
    model.export(folder, **limit)
    served = tf.saved_model.load(folder)

def ask(texts):
    if way == "served":
        return served.serve(tf.constant(texts))
    return model.next_words(texts) if name == "language model" else model.predict(texts, verbose=0)

def kilobytes(key):
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(key)).split()[1])

short = ["a good film"] * 31
ask(short)
Path("/proc/self/clear_refs").write_text("5")  # the peak is that from here on
before, start = kilobytes("VmRSS"), time.perf_counter()
ask([*short[:15], "good " * words, *short[15:]])
print(json.dumps({"MB": (kilobytes("VmHWM") - before) / 1024, "s": time.perf_counter() - start}))
"""


def measure(checkout: Path, name: str, way: str, words: int) -> dict[str, float]:
    """Megabytes above those before, at the peak, and seconds."""
    environment = {**os.environ, "PYTHONPATH": str(checkout), "TF_CPP_MIN_LOG_LEVEL": "3"}
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-c", WORKER, name, way, str(words), f"{folder}/model"]
        done = subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    return dict(json.loads(done.stdout.splitlines()[-1]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkout", type=Path, help="a working copy of an earlier commit")
    parser.add_argument("--words", type=int, default=20_000)
    arguments = parser.parse_args()
    commits = {commit_of(checkout): checkout for checkout in (arguments.checkout.resolve(), HERE)}
    rows = {}
    for name in MODELS:
        for way in WAYS:
            found = {commit: measure(checkout, name, way, arguments.words) for commit, checkout in commits.items()}
            rows[f"{name}, {way}"] = {
                f"{unit} at {commit}": f"{found[commit][unit]:.{digits}f}"
                for unit, digits in (("MB", 0), ("s", 1))
                for commit in commits
            }
            print(rows, flush=True)
    notes = f"{arguments.words} words beside 31 texts of three words, exported with longest={arguments.words}."
    write_section("One long text", pd.DataFrame(rows).T.rename_axis("model"), notes, folder="CHECKOUT")


if __name__ == "__main__":
    main()
