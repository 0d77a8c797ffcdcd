"""The first command of a new user, on 195 files as people have them.

python benchmarks/first_try_files.py FOLDER
python benchmarks/first_try.py FOLDER [--full] [--only vega_stocks.csv ...] [--before COMMIT]

Each file of first_try/files.csv is given to `seqkit forecast FILE --origins 0` as it is. The list says what should
happen, and was committed before the mends. A forecast counts as right if its first time stamp and its columns are
right, a refusal if its message has the words that lead out. One epoch is trained, since only the reading is judged;
`--full` trains as the command does. tables/first_try.csv, or first_try_full.csv, keeps a row a file and commit; a file
that the commit has already is not run again.
"""

from __future__ import annotations

import argparse
import subprocess
from pathlib import Path
from typing import Any

import pandas as pd
from _commands import Came, Commands, Wanted, fault
from _results import write_section

HERE = Path(__file__).parent
FILES = HERE / "first_try" / "files.csv"
TABLES = {False: HERE / "tables" / "first_try.csv", True: HERE / "tables" / "first_try_full.csv"}  # by --full
SECONDS_EACH, SECONDS_EACH_FULL = 300, 3600


def read_table(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, dtype=str, keep_default_na=False)


def last_commit() -> str:
    """The commit that changed seqkit last."""
    command = ["git", "log", "-1", "--format=%h", "--", "seqkit"]
    return subprocess.check_output(command, cwd=HERE.parent, text=True).strip()


def results(commit: str, files: pd.DataFrame, full: bool = False) -> pd.Series:
    """What is not as it should be at a commit, indexed by file; empty where all is."""
    if not TABLES[full].exists():
        return pd.Series(dtype=str)
    table = read_table(TABLES[full]).drop_duplicates(["commit", "file"], keep="last")
    rows = files.merge(table[table["commit"] == commit], on="file", suffixes=("", "_came"))
    faults = [fault(wanted_of(row), came_of(row)) for row in rows.itertuples()]
    return pd.Series(faults, index=rows["file"], dtype=str)


def wanted_of(row: Any) -> Wanted:
    return Wanted(row.wanted, row.first, row.columns, row.words)


def came_of(row: Any) -> Came:
    return Came(row.outcome, row.first_came, row.columns_came, int(row.rows), row.line, float(row.seconds))


def run(folder: Path, files: pd.DataFrame, commit: str, full: bool) -> None:
    """Run what has no row yet, and append its row at once."""
    done = set(results(commit, files, full).index)
    commands = Commands(SECONDS_EACH_FULL if full else SECONDS_EACH)
    training = [] if full else ["--epochs", "1"]
    for row in files[~files["file"].isin(done)].itertuples():
        came = commands.forecast(folder / str(row.file), ["--origins", "0", *training])
        print(row.file, fault(wanted_of(row), came) or "right", flush=True)
        one = pd.DataFrame([{"commit": commit, "file": row.file, **came._asdict()}])
        one.to_csv(TABLES[full], mode="a", header=not TABLES[full].exists(), index=False, float_format="%.1f")
    commands.end()


def counts(files: pd.DataFrame, before: pd.Series, now: pd.Series) -> pd.DataFrame:
    """How many files of each source do what they should."""
    source = files.set_index("file")["source"].str.partition(":")[0]
    right = {"files": source.groupby(source).size()}
    for name, table in (("before", before), ("now", now)):
        right[name] = (table == "").groupby(source).sum().reindex(right["files"].index)
    table = pd.DataFrame(right).rename_axis("source")
    table.loc["all"] = table.sum()
    return table


def main() -> None:
    """Run, count, and write the section of RESULTS.md."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--only", nargs="+")
    parser.add_argument("--before", help="the commit to compare with, which has its rows in the table")
    arguments = parser.parse_args()
    files, commit = read_table(FILES), last_commit()
    chosen = files[files["file"].isin(arguments.only)] if arguments.only else files
    run(arguments.folder, chosen, commit, arguments.full)
    now = results(commit, files, arguments.full)
    missing = set(files["file"]) - set(now.index)
    if missing:
        raise SystemExit(f"{len(missing)} files have no row at {commit} yet.")
    before = results(arguments.before or commit, files, arguments.full)
    notes = [f"before: {arguments.before or commit}; now: {commit}. What is not as it should be now:", ""]
    notes += [f"- {file}: {line}" for file, line in now[now != ""].items()]
    title = "First try on files as they are" + (", trained in full" if arguments.full else "")
    write_section(title, counts(files, before, now), "\n".join(notes), folder="FOLDER")


if __name__ == "__main__":
    main()
