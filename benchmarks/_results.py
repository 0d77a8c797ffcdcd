"""Each benchmark writes its own section of RESULTS.md: what was run, when, and the table."""

from __future__ import annotations

import datetime
import re
import subprocess
import sys
from pathlib import Path

import pandas as pd

RESULTS = Path(__file__).with_name("RESULTS.md")
FIRST_LINES = "# Results\n\nMade by the scripts in this folder; each section is one command.\n"


def write_section(
    title: str, table: pd.DataFrame, notes: str, *, decimals: int = 3, folder: str = "DATA", keep_command: bool = False
) -> None:
    """Replace the section `title` by this table, or add it at the end, and print it; `folder` stands for any folder.

    With `keep_command` the section's command and date stay, as where one column alone is new.
    """
    arguments = " ".join(_without_path(argument, folder) for argument in sys.argv[1:])
    script = Path(sys.argv[0]).resolve().relative_to(Path(__file__).resolve().parent)
    command = f"python benchmarks/{script.as_posix()} {arguments}".strip()
    text = RESULTS.read_text("utf-8") if RESULTS.exists() else FIRST_LINES
    found = re.search(rf"^## {re.escape(title)}\n.*?(?=^## |\Z)", text, flags=re.M | re.S)
    made = f"`{command}`, {datetime.date.today():%Y-%m-%d}"
    if keep_command and found:
        made = found.group().splitlines()[2]
    lines = [f"## {title}", "", made, "", _markdown(table, decimals), "", notes.strip(), ""]
    section = "\n".join(lines)
    text = text[: found.start()] + section + "\n" + text[found.end() :] if found else f"{text}\n{section}"
    RESULTS.write_text(text.rstrip() + "\n", "utf-8")
    print(section)


def commit_of(checkout: Path) -> str:
    """The short name of the commit that is checked out."""
    return subprocess.check_output(["git", "rev-parse", "--short", "HEAD"], cwd=checkout, text=True).strip()


def _without_path(argument: str, folder: str) -> str:
    """The argument as others would give it: a path of this machine says nothing to them."""
    path = Path(argument)
    is_python = path.name.startswith("python") and path.is_file()
    return folder if path.is_dir() else "PYTHON" if is_python else argument


def _markdown(table: pd.DataFrame, decimals: int) -> str:
    def cell(value: object) -> str:
        return f"{value:.{decimals}f}" if isinstance(value, float) else str(value)

    header = [table.index.name or "", *map(str, table.columns)]
    rows = [[str(name), *map(cell, row)] for name, row in zip(table.index, table.itertuples(index=False), strict=True)]
    return "\n".join("| " + " | ".join(row) + " |" for row in [header, ["---"] * len(header), *rows])
