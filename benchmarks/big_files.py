"""Large CSVs: seconds and memory of `read_csv` beside pandas' own.

python benchmarks/big_files.py [--rounds 3]

A million rows of a time stamp and four numbers, and three rows of 20,000 columns. Each reading has a process of its
own. Its memory is the peak of the process less the peak after the imports, as Linux counts it (VmHWM; `ru_maxrss` of
a young process is that of its parent).
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from _results import write_section
from first_try import last_commit

READ = """
import json, pathlib, re, sys, time, warnings
import pandas as pd
from seqkit.data.tables import read_csv

warnings.simplefilter("ignore")
path, who = sys.argv[1:]
peak = lambda: int(re.search(r"VmHWM:\\s+(\\d+)", pathlib.Path("/proc/self/status").read_text())[1]) / 1024
baseline, began = peak(), time.perf_counter()
table = read_csv(path) if who == "seqkit" else pd.read_csv(path, parse_dates=["time"], index_col="time")
seconds = time.perf_counter() - began
print(json.dumps({"seconds": seconds, "MB": peak() - baseline, "shape": table.shape, "sum": float(table.sum().sum())}))
"""
READERS = ("seqkit", "pandas")


def write_long(path: Path, rows: int, columns: int) -> None:
    values = np.round(np.random.default_rng(0).normal(size=(rows, columns)) * 90 + 500, 3)
    index = pd.date_range("2020-01-01", periods=rows, freq="min", name="time")
    pd.DataFrame(values, index, [f"x{at}" for at in range(columns)]).to_csv(path)


def write_wide(path: Path, rows: int, columns: int) -> None:
    values = np.round(np.random.default_rng(0).normal(size=(rows, columns)) * 9 + 50, 1)
    index = pd.date_range("2020-01-01", periods=rows, freq="D", name="time")
    pd.DataFrame(values, index, [f"x{at}" for at in range(columns)]).to_csv(path)


FILES = {"1,000,000 rows x 4 columns": (write_long, 1_000_000, 4), "3 rows x 20,000 columns": (write_wide, 3, 20_000)}


def main() -> None:
    """Read each file with both, and write the section of RESULTS.md."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    rows, sizes = [], []
    with tempfile.TemporaryDirectory() as folder:
        for name, (write, *shape) in FILES.items():
            path = Path(folder) / "big.csv"
            write(path, *shape)
            sizes.append(f"{name}: {path.stat().st_size / 1e6:.1f} MB")
            read = {who: [] for who in READERS}
            for _ in range(rounds):  # in turns, so that a machine that slows down slows both
                for who in READERS:
                    answer = subprocess.check_output([sys.executable, "-c", READ, str(path), who], text=True)
                    read[who].append(json.loads(answer))
            sums = {one["sum"] for ones in read.values() for one in ones}
            if max(sums) - min(sums) > 1e-9 * abs(max(sums)):
                raise SystemExit(f"{name}: what was read differs.")
            cells = {"file": name}
            for who, ones in read.items():
                cells[f"{who}, s"] = f"{np.median([one['seconds'] for one in ones]):.2f}"
                cells[f"{who}, MB"] = f"{np.median([one['MB'] for one in ones]):.0f}"
            rows.append(cells)
    notes = f"Commit {last_commit()}; medians of {rounds} rounds. Files: {'; '.join(sizes)}."
    write_section("Large CSVs", pd.DataFrame(rows).set_index("file"), notes)


if __name__ == "__main__":
    main()
