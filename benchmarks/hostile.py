"""Hostile files: does anything but seqkit's own errors come, is a row lost, how long does it take, how much memory?

python benchmarks/hostile.py --files 100000 --seed 0

Each file is made from the seed and its number (_hostile_files.py) and given to `read_csv`, `read_texts` and
`read_sequences`. Where a file was made from a good table, what is read from it must be that table: as many rows, the
same texts, the same numbers. tables/hostile.csv keeps a row for each thousand files, so that a run that was stopped
goes on; tables/hostile_faults.csv names each file that went wrong, by its number.
"""

from __future__ import annotations

import argparse
import gc
import io
import resource
import signal
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from _hostile_files import Hostile, hostile_file
from _results import write_section
from first_try import last_commit

from seqkit import SeqkitWarning
from seqkit._errors import Message
from seqkit.data.samples import read_sequences, read_texts
from seqkit.data.tables import read_csv

TABLES = Path(__file__).parent / "tables"
CHUNK = 1000
LONGEST_ALLOWED = 60  # seconds
OPEN_FILES = 3  # every third file is given as an open one
READERS: dict[str, Callable[[Any], Any]] = {
    "read_csv": read_csv,
    "read_texts": lambda path: read_texts(path, text="a", label="b"),
    "read_sequences": lambda path: read_sequences(path, series="a", label="b", time="c"),
}


class Fault(NamedTuple):
    """What went wrong with a file in a reader."""

    number: int
    kind: str
    reader: str
    what: str


class TooLongError(Exception):
    """A reader did not end."""


@contextmanager
def limited() -> Iterator[None]:
    """Raise TooLongError after LONGEST_ALLOWED seconds."""

    def stop(*_: Any) -> None:
        raise TooLongError

    signal.signal(signal.SIGALRM, stop)
    signal.alarm(LONGEST_ALLOWED)
    try:
        yield
    finally:
        signal.alarm(0)


def difference(name: str, made: Hostile, came: Any) -> str:
    """How what was read differs from the good table that the file was made from; empty where it does not."""
    if made.reader != name:
        return ""
    if name == "read_texts":
        return _rows(len(came.x), len(made.texts)) or ("" if came.x == made.texts else "texts changed")
    values = came.iloc[:, 0].to_numpy() if name == "read_csv" else np.concatenate(came.x)[:, 0]
    is_same = len(values) == len(made.values) and np.allclose(values, made.values, rtol=1e-6)
    return _rows(len(values), len(made.values)) or ("" if is_same else "numbers changed")


def _rows(came: int, wanted: int) -> str:
    return "" if came == wanted else f"rows lost: {came} of {wanted}"


def outcome(name: str, made: Hostile, source: Path | io.BytesIO) -> tuple[str, bool]:
    """What is wrong, and whether the file was read."""
    try:
        with limited(), warnings.catch_warnings():
            warnings.simplefilter("error")
            warnings.simplefilter("ignore", SeqkitWarning)
            came = READERS[name](source)
    except Message:
        return "", False
    except TooLongError:
        return f"not read within {LONGEST_ALLOWED} s", False
    except Exception as error:
        return f"{type(error).__name__}: {str(error)[:150]}", False
    return difference(name, made, came), True


def peak_megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def run_chunk(seed: int, start: int, stop: int, path: Path) -> tuple[dict[str, Any], list[Fault]]:
    """One row of the table, and the faults of its files."""
    faults, longest, longest_number, read = [], 0.0, start, 0
    for number in range(start, stop):
        made = hostile_file(seed, number)
        path.write_bytes(made.content)
        for name in READERS:
            began = time.perf_counter()
            source = path if number % OPEN_FILES else io.BytesIO(made.content)
            what, is_read = outcome(name, made, source)
            seconds = time.perf_counter() - began
            read += is_read
            if seconds > longest:
                longest, longest_number = seconds, number
            if what:
                faults.append(Fault(number, made.kind, name, what))
    gc.collect()
    row = {"seed": seed, "start": start, "files": stop - start, "read": read, "faults": len(faults)}
    return row | {"longest_s": longest, "longest_number": longest_number, "peak_mb": peak_megabytes()}, faults


def rows_of(path: Path, commit: str) -> pd.DataFrame:
    table = pd.read_csv(path) if path.exists() else pd.DataFrame(columns=["commit", "seed", "start"])
    return table[table["commit"] == commit]


def append(path: Path, table: pd.DataFrame) -> None:
    table.to_csv(path, mode="a", header=not path.exists(), index=False, float_format="%.3f")


def report(commit: str, seed: int, baseline: float) -> None:
    """The section of RESULTS.md."""
    chunks = rows_of(TABLES / "hostile.csv", commit).query("seed == @seed")
    faults = rows_of(TABLES / "hostile_faults.csv", commit)
    faults = faults[faults["seed"] == seed] if len(faults) else faults
    what = faults["what"].str.partition(":")[0] if len(faults) else pd.Series(dtype=str)
    files = int(chunks["files"].sum())
    figures = {"files": f"{files}", "readings": f"{files * len(READERS)}", "read": f"{int(chunks['read'].sum())}"}
    figures |= {"rows lost": str(int((what == "rows lost").sum()))}
    figures |= {"texts or numbers changed": str(int(what.isin(["texts changed", "numbers changed"]).sum()))}
    figures |= {"anything but our own errors": str(len(faults) - sum(int(n) for n in list(figures.values())[3:]))}
    figures |= {"longest, s": f"{chunks['longest_s'].max():.2f}"}
    figures |= {"most memory above the start, MB": f"{chunks['peak_mb'].max() - baseline:.0f}"}
    counts = faults.groupby(["kind", "reader", what.rename("fault")]).size() if len(faults) else pd.Series(dtype=int)
    notes = [f"Commit {commit}.", *("- " + ", ".join(map(str, key)) + f": {count}" for key, count in counts.items())]
    table = pd.DataFrame({"": figures.values()}, index=pd.Index(figures, name="hostile files"))
    write_section("Hostile files", table, "\n".join(notes))


def main() -> None:
    """Run the chunks that are missing, and write the section of RESULTS.md."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    commit, baseline = last_commit(), peak_megabytes()
    done = set(rows_of(TABLES / "hostile.csv", commit).query("seed == @arguments.seed")["start"])
    with tempfile.TemporaryDirectory() as folder:
        for start in range(0, arguments.files, CHUNK):
            if start in done:
                continue
            stop = min(start + CHUNK, arguments.files)
            row, faults = run_chunk(arguments.seed, start, stop, Path(folder) / "hostile.csv")
            print(row, flush=True)
            if faults:
                table = pd.DataFrame(faults).assign(commit=commit, seed=arguments.seed)
                append(TABLES / "hostile_faults.csv", table)
            append(TABLES / "hostile.csv", pd.DataFrame([{"commit": commit, **row}]))
    report(commit, arguments.seed, baseline)


if __name__ == "__main__":
    main()
