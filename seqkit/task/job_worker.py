"""What a worker process does with a job of `run_jobs`: one at a time, on its share of the cores, without noise.

Whatever a job raises or warns of comes back as a value, so an error that the engine raises is about its processes.
"""

from __future__ import annotations

import contextvars
import os
import pickle
import threading
import traceback
import uuid
import warnings
from typing import Any, NamedTuple

import cloudpickle

from seqkit._errors import Message, SeqkitWarning
from seqkit.task.own_random import own_random_numbers

PROCESS = uuid.uuid4().hex  # of this process; a cluster may have the same process number twice
CORES_GIVEN = "OMP_NUM_THREADS"  # loky, Ray and Dask tell a worker its share of the cores by it
TENSORFLOW_THREADS = ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS")
IN_A_JOB = contextvars.ContextVar("in_a_job", default=False)

_one_at_a_time = threading.Lock()  # Keras has one seed for the whole process
_kept: dict[str, dict[str, Any]] = {}  # by function


class Outcome(NamedTuple):
    """What came of a job."""

    number: int
    result: Any
    error: Exception | None
    warned: list[Warning]


def work(number: int, home: str, call: bytes) -> bytes:
    """Do a job in a worker process.

    Args:
        number: of the job.
        home: `PROCESS` of the process that asks.
        call: the function and its arguments, pickled.

    Returns:
        The `Outcome`, pickled.
    """
    with _one_at_a_time, own_random_numbers(), warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", SeqkitWarning)
        if home != PROCESS:
            _take_share_of_machine()
        result, error = contextvars.Context().run(_answer, call)
    warned = [warning.message for warning in caught if isinstance(warning.message, Warning)]
    return _pickled(Outcome(number, result, error, warned))


def _take_share_of_machine() -> None:
    """Tell TensorFlow, before it starts, how many threads it may have, and not to take all of a GPU's memory."""
    share = os.environ.get(CORES_GIVEN, "1")
    for name in TENSORFLOW_THREADS:
        os.environ.setdefault(name, share)
    os.environ.setdefault("TF_FORCE_GPU_ALLOW_GROWTH", "true")


def _answer(call: bytes) -> tuple[Any, Exception | None]:
    IN_A_JOB.set(True)
    try:
        function, arguments = pickle.loads(call)
        kept = _kept.setdefault(f"{function.__module__}.{function.__qualname__}", {})
        return function(kept, *arguments), None
    except Exception as error:
        if not isinstance(error, Message):  # ours say what is wrong; others may be faults, to be found by their lines
            error.add_note("In a worker process:\n" + "".join(traceback.format_tb(error.__traceback__)).rstrip())
        return None, error


def _pickled(outcome: Outcome) -> bytes:
    try:
        data = cloudpickle.dumps(outcome)  # which sends classes of the user's script, too
        pickle.loads(data)  # an error with arguments of its own may be written and not read
    except Exception as error:
        said = outcome.error or error
        stand_in = RuntimeError(f"{type(said).__name__}: {said}")
        return pickle.dumps(Outcome(outcome.number, None, stand_in, []))
    return data
