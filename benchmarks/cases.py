"""Small files made after public bug reports: does each what its table says?

python benchmarks/cases.py CASES [--only c01_mid_month.csv ...] [--before COMMIT]

CASES is the folder of the files. cases.csv says how each is read and what should happen: `forecast` runs
`seqkit forecast FILE --origins 0 --epochs 1`, `read` is `read_csv` alone, `texts` and `series` are `read_texts` and
`read_sequences`, then `seqkit classify`. A forecast is right if its first time stamp, its columns and its length (a
season) are, texts and series if the first of them and the classes are, a refusal if its message has the words that
lead out. tables/cases.csv keeps a row a file and commit; a file that the commit has already is not run again.
"""

from __future__ import annotations

import argparse
import time
import warnings
from pathlib import Path
from typing import Any

import pandas as pd
from _commands import OTHERWISE, Came, Commands, Wanted, fault, message_of
from _results import write_section
from first_try import last_commit, read_table

from seqkit import InvalidType, InvalidValue
from seqkit.data.samples import Samples, read_sequences, read_texts
from seqkit.data.tables import read_csv

HERE = Path(__file__).parent
CASES, TABLE = HERE / "cases.csv", HERE / "tables" / "cases.csv"
SECONDS_EACH = 300
KINDS = {"c": "time", "f": "time", "g": "time", "v": "values", "s": "series", "k": "classes"}
READ_IN_PYTHON = ("read", "texts", "series")


def came_of_case(commands: Commands, case: Any, folder: Path) -> Came:
    """Run a case in its reader; texts and series are classified too, where they can be read."""
    path, options = folder / case.file, str(case.options).split()
    if case.reader not in READ_IN_PYTHON:
        return commands.forecast(path, ["--origins", "0", "--epochs", "1", *options])
    began = time.perf_counter()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        came = read_in_python(case, path, dict(zip(options[::2], options[1::2], strict=True)))
    said = [str(warning.message) for warning in caught]
    if came.outcome == "forecast" and case.reader != "read":
        code, error = commands.run(["classify", str(path), *options, "--epochs", "1"])
        came = came if code == 0 else came._replace(outcome="failed", line=f"seqkit classify: {error.strip()[-200:]}")
        said.append(message_of(error))
    line = came.line or " ".join(said)
    return came._replace(line=line.replace(f"{path.parent}/", ""), seconds=time.perf_counter() - began)


def read_in_python(case: Any, path: Path, options: dict[str, str]) -> Came:
    """Read a case with `read_csv`, `read_texts` or `read_sequences`; options are written as flags."""
    arguments = {name.removeprefix("--"): value for name, value in options.items()}
    try:
        if case.reader == "read":
            frame = read_csv(path)
            return Came("forecast", str(frame.index[0].date()), ";".join(frame.columns), len(frame), "", 0.0)
        samples = read_texts(path, **arguments) if case.reader == "texts" else read_sequences(path, **arguments)
    except (InvalidValue, InvalidType) as error:
        return Came("refused", "", "", 0, str(error), 0.0)
    except Exception as error:
        return Came("failed", "", "", 0, f"{type(error).__name__}: {error}", 0.0)
    labels = ";".join(sorted({str(label) for label in samples.y}))  # type: ignore[union-attr]
    return Came("forecast", first_of(samples, case), labels, len(samples.x), "", 0.0)


def first_of(samples: Samples, case: Any) -> str:
    """The first texts, or the first values of the first series by name, as many as the case names."""
    if case.reader == "texts":
        return " / ".join(map(str, samples.x[: len(str(case.first).split(" / "))]))
    first = min(range(len(samples.x)), key=lambda at: (len(str(samples.names[at])), str(samples.names[at])))
    values = samples.x[first][: len(str(case.first).split()), 0]  # type: ignore[index]
    return " ".join(f"{value:.4g}" for value in values)


def results(commit: str, cases: pd.DataFrame) -> pd.Series:
    """What is not as it should be at a commit, indexed by file; empty where all is."""
    if not TABLE.exists():
        return pd.Series(dtype=str)
    table = read_table(TABLE).drop_duplicates(["commit", "file"], keep="last")
    both = cases.merge(table[table["commit"] == commit], on="file", suffixes=("", "_came"))
    faults = [
        fault(
            Wanted(row.wanted, row.first, row.columns, row.words, row.rows),
            Came(row.outcome, row.first_came, row.columns_came, int(row.rows_came), row.line, 0.0),
        )
        for row in both.itertuples()
    ]
    return pd.Series([_said(row, found) for row, found in zip(both.itertuples(), faults, strict=True)], both["file"])


def _said(row: Any, found: str) -> str:
    """A case of texts or series that may be either is right only where a warning has its words."""
    is_silent = row.reader in READ_IN_PYTHON and row.wanted == "either" and row.outcome == "forecast"
    words = str(row.words).split(OTHERWISE)
    return f"no word about {row.words}" if is_silent and not any(word in row.line for word in words) else found


def main() -> None:
    """Run, count, and write the section of RESULTS.md."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", nargs="+")
    parser.add_argument("--before", help="the commit to compare with, which has its rows in the table")
    arguments = parser.parse_args()
    cases, commit, commands = read_table(CASES), last_commit(), Commands(SECONDS_EACH)
    done = set(results(commit, cases).index)
    for case in cases[~cases["file"].isin(done)].itertuples():
        if arguments.only and case.file not in arguments.only:
            continue
        came = came_of_case(commands, case, arguments.folder)
        print(case.file, came.outcome, came.first, came.line[:100], flush=True)
        one = pd.DataFrame([{"commit": commit, "file": case.file, **came._asdict()}])
        one.to_csv(TABLE, mode="a", header=not TABLE.exists(), index=False, float_format="%.1f")
    commands.end()
    report(cases, commit, arguments.before or commit)


def report(cases: pd.DataFrame, commit: str, before: str) -> None:
    """The section of RESULTS.md, once each case has a row."""
    now, then = results(commit, cases), results(before, cases)
    if len(now) < len(cases):
        raise SystemExit(f"{len(cases) - len(now)} files have no row at {commit} yet.")
    kind = cases.set_index("file").index.str[0].map(KINDS)
    table = pd.DataFrame({"files": 1, "before": then == "", "now": now == ""}, cases["file"]).groupby(kind).sum()
    table.loc["all"] = table.sum()
    notes = [f"before: {before}; now: {commit}. What is not as it should be now:", ""]
    notes += [f"- {file}: {line}" for file, line in now[now != ""].items()]
    write_section("Cases after public bug reports", table.rename_axis("about"), "\n".join(notes), folder="CASES")


if __name__ == "__main__":
    main()
