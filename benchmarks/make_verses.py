"""Make data/verses.csv from the King James Bible (1611, public domain), as Debian's package bible-kjv prints it.

`python benchmarks/make_verses.py` writes it, `--check` only compares. data/README.md has the check sum.
"""

from __future__ import annotations

import argparse
import pathlib
import re
import subprocess

import pandas as pd

PLACE = pathlib.Path(__file__).resolve().parents[1] / "data" / "verses.csv"
BOOKS = {"Genesis": "Ge1:1-Ge50:26", "Psalms": "Ps1:1-Ps150:6", "Proverbs": "Prv1:1-Prv31:31", "Mark": "Mk1:1-Mk16:20"}
EACH = 300  # verses of a book, evenly spread over it


def verses() -> pd.DataFrame:
    """A row a verse: book, place in the book, text."""
    parts = []
    for book, passage in BOOKS.items():
        printed = subprocess.run(["bible", "-f", passage], capture_output=True, text=True, check=True).stdout
        rows = [line.split(" ", 1) for line in printed.splitlines() if line.strip()]
        step = len(rows) / EACH
        chosen = [rows[int(position * step)] for position in range(EACH)]
        parts += [(book, re.sub(r"^[A-Za-z]+", "", place), text.strip()) for place, text in chosen]
    return pd.DataFrame(parts, columns=["book", "verse", "text"])


def main() -> None:
    """Write or compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    made = verses().to_csv(index=False, lineterminator="\n")
    if not parser.parse_args().check:
        PLACE.write_text(made, encoding="utf-8", newline="\n")
    elif PLACE.read_text(encoding="utf-8") != made:
        raise SystemExit(f"{PLACE.name} is not what this script makes.")


if __name__ == "__main__":
    main()
