"""Budgets: the table of costs beside the clock, and the command by rows: seconds, error, and the longest silence.

python benchmarks/budget.py costs
python benchmarks/budget.py rows [--most 1000000] [--budget 2m] [--unlimited 100000]

"costs" compares the seconds of a gradient step by the table of seqkit/forecasting/schedule.py with those of one core.
"rows" makes hourly series with a day, a week and noise, holds out the last day, and runs `seqkit forecast FILE` in a
terminal of its own. A silence is a time without a character of output; the line that stood before it is named.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import pty
import re
import select
import struct
import sys
import tempfile
import termios
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from _results import write_section

HORIZON = 24
CASES: dict[str, dict[str, Any]] = {
    "months": {"timesteps": 96, "features": 1, "horizon": 12, "segment": 12},
    "hours, 7 columns": {"timesteps": 192, "features": 7, "horizon": 24, "segment": 24},
    "a row a step": {"timesteps": 168, "features": 7, "horizon": 24, "segment": 1},
    "30 segments": {"timesteps": 720, "features": 7, "horizon": 96, "segment": 24},
    "the articles' stack": {"timesteps": 30, "features": 7, "horizon": 6, "preset": "stacked_lstm"},
    "a week of half hours": {"timesteps": 1344, "features": 1, "horizon": 336, "segment": 48},
    "a year of days": {"timesteps": 1463, "features": 1, "horizon": 365, "segment": 7},
    "100 columns": {"timesteps": 192, "features": 100, "horizon": 24, "segment": 24},
    "128 units": {"timesteps": 672, "features": 1, "horizon": 24, "segment": 24, "units": 128},
}


def costs() -> None:
    """Compare the table of costs with the CPU seconds of one core."""
    import seqkit as sk
    from seqkit.forecasting.schedule import seconds_of_a_step
    from seqkit.task.recipe import several_steps_at_once

    rows = {}
    for name, case in CASES.items():
        model = sk.build_forecaster(**case)
        settings = model.settings
        count = 32 * 64 + settings.timesteps + settings.horizon - 1
        table = np.random.default_rng(0).random((count, len(settings.columns))) + 1
        windows = sk.make_windows(table, timesteps=settings.timesteps, horizon=settings.horizon)
        with several_steps_at_once(model):
            model.fit(windows.dataset(32), epochs=1, verbose=0)
            start = time.process_time()
            model.fit(windows.dataset(32), epochs=2, verbose=0)
            measured = (time.process_time() - start) / 128
        by_table = seconds_of_a_step(settings)
        rows[name] = {"table, ms": 1e3 * by_table, "measured, ms": 1e3 * measured, "ratio": by_table / measured}
        print(name, rows[name], flush=True)
    table = pd.DataFrame(rows).T.rename_axis("case")
    write_section(
        "Cost of a gradient step", table, "32 windows a step, several steps at once, CPU seconds of one core."
    )


def series(rows: int) -> pd.DataFrame:
    index = pd.date_range("2000-01-03", periods=rows, freq="h")
    random = np.random.default_rng(rows)
    noise = np.convolve(random.normal(size=rows + 9), np.ones(10) / 3, "valid")
    values = 100 + 10 * np.sin(2 * np.pi * index.hour / 24) - 8 * (index.day_of_week > 4) + noise
    return pd.DataFrame({"load": values.round(3)}, index=index.rename("time"))


def watched(command: list[str]) -> Iterator[tuple[float, str]]:
    """Run a command in a terminal of its own; yield the seconds and the characters that came."""
    start = time.monotonic()
    process, terminal = pty.fork()
    if process == 0:
        os.environ["COLUMNS"] = "80"
        fcntl.ioctl(sys.stderr, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))  # a bar needs columns
        os.execv(command[0], command)
    while True:
        select.select([terminal], [], [])
        try:
            came = os.read(terminal, 65536)
        except OSError:  # the terminal is closed
            break
        yield time.monotonic() - start, came.decode("utf-8", "replace")
    os.waitpid(process, 0)


def one_run(path: Path, output: Path, budget: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "seqkit", "forecast", str(path), "--origins", "0", "--seed", "0"]
    command += ["--horizon", str(HORIZON), "--budget", budget, "--output", str(output)]
    last, line, silences, printed = 0.0, "the start of Python", [], float("nan")
    for seconds, text in watched(command):
        silences.append((seconds - last, line))
        last = seconds
        line = next((part for part in reversed(re.split(r"[\r\n]+", text)) if part.strip()), line)
        if "Wrote" in text:
            printed = seconds
    longest = max(silences)
    others = max(silence for silence in silences if "..." not in silence[1])
    return {"seconds": printed, "longest silence": longest, "without a named step": others}


def _short(line: str) -> str:
    return line.strip()[:60].replace("|", "/")


def error_of(output: Path, table: pd.DataFrame) -> float:
    return float(np.abs(pd.read_csv(output)["load"].to_numpy() - table["load"].to_numpy()[-HORIZON:]).mean())


def unlimited(path: Path, output: Path, table: pd.DataFrame) -> str:
    """The error and the seconds without a budget."""
    seconds = one_run(path, output, "none")["seconds"]
    return f"{error_of(output, table):.3f} in {seconds:.1f} s"


def by_rows(most: int, budget: str, most_unlimited: int) -> None:
    """Run the command on series of 100 to `most` rows, those of up to `most_unlimited` without a budget as well."""
    rows = {}
    with tempfile.TemporaryDirectory() as folder:
        path, output = Path(folder) / "table.csv", Path(folder) / "forecast.csv"
        for count in [size for size in (100, 1_000, 10_000, 100_000, 1_000_000) if size <= most]:
            table = series(count)
            table.iloc[:-HORIZON].to_csv(path)
            run = one_run(path, output, budget)
            error = error_of(output, table)
            (silence, line), (other, beside) = run["longest silence"], run["without a named step"]
            rows[count] = {
                "seconds to the forecast": f"{run['seconds']:.1f}",
                "error": f"{error:.3f}",
                "without a budget": unlimited(path, output, table) if count <= most_unlimited else "-",
                "longest silence, s": f"{silence:.1f}",
                "after the line": _short(line),
                "longest beside named steps, s": f"{other:.1f}",
                "then after the line": _short(beside),
            }
            print(count, rows[count], flush=True)
    table = pd.DataFrame(rows).T.rename_axis("rows")
    write_section(f"The command by rows, budget {budget}", table, "Hourly series made here; no backtest; one run each.")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["costs", "rows"])
    parser.add_argument("--most", type=int, default=1_000_000)
    parser.add_argument("--budget", default="2m")
    parser.add_argument("--unlimited", type=int, default=0, help="most rows to train without a budget as well")
    arguments = parser.parse_args()
    if arguments.what == "costs":
        costs()
    else:
        by_rows(arguments.most, arguments.budget, arguments.unlimited)


if __name__ == "__main__":
    main()
