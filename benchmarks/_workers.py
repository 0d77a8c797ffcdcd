"""Processes that a benchmark asks in turns, so that a machine that slows down slows all of them."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

ONE_THREAD_OF_THE_CPU = {"CUDA_VISIBLE_DEVICES": "-1", "JAX_PLATFORMS": "cpu", "OMP_NUM_THREADS": "1"}
ONE_THREAD_OF_THE_CPU |= {"TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1"}


def has(library: str, python: str) -> bool:
    """Whether a Python, such as one in a virtual environment of its own, has a library."""
    return subprocess.run([python, "-c", f"import {library}"], capture_output=True).returncode == 0


def version_of(library: str, python: str) -> str:
    """The version of the library there."""
    command = [python, "-c", f"import {library}; print({library}.__version__)"]
    return subprocess.check_output(command, text=True).strip()


class Worker:
    """A process that prints a first line, then the seconds of one piece of work for each line that it reads."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], folder: Path) -> None:
        """Start it, and wait until it is ready."""
        self._process = subprocess.Popen(
            command, env=environment, cwd=folder, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self.first_line = self._answer()

    def seconds(self) -> float:
        """Let it work once."""
        return float(self.answer())

    def answer(self) -> str:
        """Let it work once; return the line that it prints."""
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return self._answer()

    def end(self) -> None:
        """Let the process finish."""
        self._process.communicate()

    def _answer(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline().strip()
        if not line:
            raise RuntimeError("The worker ended; its message stands above.")
        return line


def in_turns(workers: Sequence[Worker], rounds: int) -> np.ndarray:
    """The seconds of each worker in each round, `(rounds, workers)`; the workers end."""
    times = np.array([[worker.seconds() for worker in workers] for _ in range(rounds)])
    for worker in workers:
        worker.end()
    return times
