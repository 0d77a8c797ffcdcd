"""Processes that were forked after a model was made: TensorFlow's threads stay in the parent, and a child waits."""

from __future__ import annotations

import os

import keras

_process: int | None = None  # the one that made the first model


def refuse_in_a_fork(where: str) -> None:
    """Refuse a verb in a process that was forked after seqkit had made a model; the first call notes the process.

    Raises:
        RuntimeError: in a forked process, where TensorFlow would wait forever.
    """
    global _process
    if _process is None:
        _process = os.getpid()
    if _process != os.getpid() and keras.backend.backend() == "tensorflow":
        raise RuntimeError(
            f"{where}: this process was forked from one that had made a model, and TensorFlow waits forever in it. "
            "Start processes with multiprocessing.get_context('spawn'), and load the model in each of them."
        )
