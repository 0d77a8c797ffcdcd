"""Many commands of seqkit in one process, each bounded in time, and whether they did what a table says.

A command is run as the console script runs it. Only TensorFlow is imported once for all of them.
"""

from __future__ import annotations

import csv
import json
import os
import re
import selectors
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

WORKER = Path(__file__).with_name("_command_worker.py")
NO_GPU = {"CUDA_VISIBLE_DEVICES": "-1", "TF_CPP_MIN_LOG_LEVEL": "3"}
EXIT_CODE_OF_REFUSAL = 2
OTHERWISE = "|"  # between texts of which any one is right


class Wanted(NamedTuple):
    """What a table wants of a file; empty texts are not checked."""

    wanted: str  # "forecast", "refused" or "either"
    first: str  # the first time stamp of the forecast, in any of these forms
    columns: str  # the forecast columns, separated by semicolons
    words: str  # a pattern in the message of a refusal
    rows: str = ""  # rows of the forecast: a season, where the table is long enough


class Came(NamedTuple):
    """What a command did."""

    outcome: str  # "forecast", "refused", or "failed" where it is neither: a traceback, or no end
    first: str
    columns: str
    rows: int
    line: str  # the error, or else the warnings
    seconds: float


class Commands:
    """A process that runs commands; it is started anew after one that does not end."""

    def __init__(self, limit: float) -> None:
        self._limit, self._process = limit, None

    def forecast(self, file: Path, arguments: Sequence[str]) -> Came:
        """Run `seqkit forecast FILE ARGUMENTS --output F.csv`."""
        with tempfile.TemporaryDirectory() as folder:
            output = Path(folder) / "out.csv"
            started = time.perf_counter()
            code, error = self.run(["forecast", str(file), *arguments, "--output", str(output)])
            seconds = time.perf_counter() - started
            line = message_of(error).replace(f"{file.parent}/", "")
            if code or not output.exists():
                line = line or error.strip().rpartition("\n")[2]
                return Came("refused" if code == EXIT_CODE_OF_REFUSAL else "failed", "", "", 0, line, seconds)
            header, *rows = list(csv.reader(output.open(encoding="utf-8")))
        return Came("forecast", rows[0][0], ";".join(header[1:]), len(rows), line, seconds)

    def run(self, arguments: Sequence[str]) -> tuple[int, str]:
        """Exit code and stderr; -1 where the command did not end in time, or ended the process."""
        process = self._process = self._process or self._started()
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(list(arguments)) + "\n")
        process.stdin.flush()
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ)
            answer = process.stdout.readline() if selector.select(self._limit) else ""
        if not answer:
            process.kill()
            process.wait()
            self._process = None
            return -1, f"no end within {self._limit:.0f} s, or the process ended"
        code, error = json.loads(answer)
        return code, error

    def end(self) -> None:
        """Let the process finish."""
        if self._process is not None:
            self._process.communicate()

    def _started(self) -> subprocess.Popen[str]:
        command, environment = [sys.executable, str(WORKER)], {**os.environ, **NO_GPU}
        return subprocess.Popen(
            command, env=environment, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8"
        )


def message_of(error: str) -> str:
    """The line of the error, or else those of the warnings."""
    for start in ("Error: ", "Warning: "):
        found = [line.removeprefix(start) for line in error.splitlines() if line.startswith(start)]
        if found:
            return " ".join(found)
    return ""


def fault(wanted: Wanted, came: Came) -> str:
    """What is not as wanted, in one line; empty where all is."""
    if came.outcome == "failed":
        return f"failed: {came.line}"
    if came.outcome == "refused":
        if wanted.wanted == "forecast":
            return f"refused: {came.line}"
        found = re.search(wanted.words, came.line, flags=re.IGNORECASE)
        return "" if found else f"refused without {wanted.words!r}: {came.line}"
    if wanted.wanted == "refused":
        return f"forecast {came.columns} from {came.first}"
    if wanted.first and came.first not in wanted.first.split(OTHERWISE):
        return f"forecast from {came.first}, not {wanted.first.partition(OTHERWISE)[0]}"
    if wanted.columns and came.columns != wanted.columns:
        return f"forecast {came.columns}, not {wanted.columns}"
    if wanted.rows and came.rows != int(wanted.rows):
        return f"forecast {came.rows} rows, not {wanted.rows}"
    return ""
