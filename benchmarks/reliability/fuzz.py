"""Fuzz what reads other people's input: tables, texts, series, windows, vocabularies and the command line.

python benchmarks/reliability/fuzz.py [--minutes 60]

Atheris (`pip install atheris`) draws the bytes and follows which lines of seqkit they reach; tests/fuzz_targets.py says
what is called with them. Any exception but seqkit's own refusals, any Python warning, and more than ten seconds for one
input is a finding. Each kind of finding is kept once in tables/fuzz_findings/; tests/fuzz_corpus/ holds those that were
mended. What has been drawn is kept in a folder beside, so that a run that was stopped goes on.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
import time
import traceback
from pathlib import Path
from typing import Any

import pandas as pd

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(HERE.parent), str(ROOT / "tests")]
FINDINGS = HERE.parent / "tables" / "fuzz_findings"
DRAWN = ROOT / "out" / "fuzz_drawn"
COUNTS = HERE.parent / "tables" / "fuzz.json"
LONGEST = 10.0  # seconds that one input may take
LARGEST = 3000  # bytes of one input


class Counts:
    """What was tried, kept in a file, since the fuzzer ends the process by itself."""

    def __init__(self) -> None:
        known = json.loads(COUNTS.read_text()) if COUNTS.exists() else {}
        self.numbers: dict[str, float] = {"inputs": 0, "seconds": 0.0, **known}
        self.kept_at = time.monotonic()

    def add(self, target: str) -> None:
        """One more input."""
        self.numbers["inputs"] += 1
        self.numbers[target] = self.numbers.get(target, 0) + 1
        if time.monotonic() - self.kept_at > 5:
            self.keep()

    def keep(self) -> None:
        """Write the file."""
        self.numbers["seconds"] += time.monotonic() - self.kept_at
        self.kept_at = time.monotonic()
        COUNTS.write_text(json.dumps(self.numbers, indent=1))


def name_of(error: BaseException) -> str:
    """A finding of the same kind has the same name: the exception, and the last line of seqkit it came through."""
    frames = [
        frame for frame in traceback.extract_tb(error.__traceback__) if f"{os.sep}seqkit{os.sep}" in frame.filename
    ]
    place = f"{Path(frames[-1].filename).stem}-{frames[-1].lineno}" if frames else "outside"
    return f"{type(error).__name__}-{place}"


def keep_finding(name: str, data: bytes, what: str) -> None:
    FINDINGS.mkdir(parents=True, exist_ok=True)
    path = FINDINGS / f"{name}.bin"
    if not path.exists():
        path.write_bytes(data)
        path.with_suffix(".txt").write_text(what)
        print("FINDING", name, what.splitlines()[-1], flush=True)


def fuzz(minutes: float) -> None:
    """Draw for so many minutes; does not return."""
    import atheris

    with atheris.instrument_imports(include=["seqkit.data", "seqkit.text", "seqkit.cli"]):
        import fuzz_targets
    counts = Counts()

    def one_input(data: bytes) -> None:
        started = time.monotonic()
        try:
            fuzz_targets.try_one(data)
        except Exception as error:
            keep_finding(name_of(error), data, traceback.format_exc())
        seconds = time.monotonic() - started
        if seconds > LONGEST:
            keep_finding(f"slow-{hashlib.sha256(data).hexdigest()[:8]}", data, f"{seconds:.0f} seconds")
        counts.add(fuzz_targets.TARGETS[data[0] % len(fuzz_targets.TARGETS)].__name__ if data else "csv")

    DRAWN.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(seeds()):
        (DRAWN / f"seed-{number}").write_bytes(seed)
    how = [
        f"-max_total_time={minutes * 60:.0f}",
        f"-max_len={LARGEST}",
        "-timeout=300",
        "-rss_limit_mb=8000",
        "-verbosity=0",
    ]
    atheris.Setup([sys.argv[0], *how, str(DRAWN)], one_input)
    atheris.Fuzz()


def seeds() -> list[bytes]:
    """Good tables, a few lines each, for every target."""
    tables = [path.read_bytes()[:1500] for path in sorted((ROOT / "data").glob("*.csv"))]
    tables += [
        b"t;x\n01.02.2020;1,5\n02.02.2020;2,5\n03.02.2020;3,5\n",
        "时间\t值\n2020年1月\t3\n2020年2月\t4\n".encode(),
    ]
    return [
        bytes([target]) + choices + table for target in range(7) for choices in (b"\0", b"\0\0\0\0") for table in tables
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--draw", action="store_true", help=argparse.SUPPRESS)  # the process that Atheris ends
    arguments = parser.parse_args()
    if arguments.draw:
        fuzz(arguments.minutes)
    subprocess.run([sys.executable, __file__, "--draw", "--minutes", str(arguments.minutes)], check=False)
    from _results import write_section

    write_section("Fuzzing", summary(json.loads(COUNTS.read_text())), NOTES)


NOTES = """
Inputs that Atheris drew, by what was called with them. Findings: kinds of faults (the exception and its line) that are
not mended; those that were are in tests/fuzz_corpus/, and `pytest tests/data/test_fuzz_corpus.py` calls them again.
"""


def summary(numbers: dict[str, Any]) -> pd.DataFrame:
    inputs = {name: int(count) for name, count in numbers.items() if name not in ("inputs", "seconds")}
    rows = {**inputs, "all": int(numbers["inputs"]), "minutes": round(numbers["seconds"] / 60)}
    rows["findings, not mended"] = len(list(FINDINGS.glob("*.bin")))
    rows["findings, mended"] = len(list((ROOT / "tests" / "fuzz_corpus").glob("*.bin")))
    return pd.DataFrame({"count": rows}).rename_axis("what")


if __name__ == "__main__":
    main()
