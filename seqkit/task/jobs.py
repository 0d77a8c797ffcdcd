"""Independent jobs, such as the trainings of a backtest: here one after the other, or side by side in processes.

joblib leads to the processes: those of this machine (loky, the default), or a cluster of Ray or Dask where the user
says so with `joblib.parallel_config`.
"""

from __future__ import annotations

import numbers
import pickle
import re
from collections.abc import Callable, Sequence
from typing import Any

import cloudpickle
import joblib

from seqkit._errors import (
    MOST_NAMES_LISTED,
    InvalidType,
    InvalidValue,
    LostWorkers,
    Message,
    first_line,
    keywords,
    warn,
)
from seqkit.task.job_engine import Engine
from seqkit.task.job_worker import IN_A_JOB, PROCESS, Outcome, work
from seqkit.task.progress import AUTO, bar

ALL_CORES = -1
MOST_OF_AN_ERROR = 200  # characters


def check_jobs(where: str, jobs: Any) -> int:
    """Return the number of jobs at once, or refuse what is neither a whole number from 1 up nor -1, for all cores."""
    is_whole = isinstance(jobs, numbers.Integral) and not isinstance(jobs, bool)
    if is_whole and (jobs >= 1 or jobs == ALL_CORES):
        return int(jobs)
    problem = f"jobs must be a whole number from 1 up, or {ALL_CORES} for all cores, got {jobs!r}."
    way_out = "Pass " + keywords(jobs=1) + " to stay in this process."
    raise (InvalidValue if is_whole else InvalidType)(where, problem, way_out, argument="jobs")


def run_jobs(
    where: str,
    function: Callable[..., Any],
    calls: Sequence[tuple[Any, ...]],
    *,
    names: Sequence[Any],
    jobs: int,
    unit: str,
    verbose: Any = AUTO,
    kept: dict[str, Any] | None = None,
) -> list[Any]:
    """Call a function with each tuple of arguments, `jobs` at once, and return the results in the order of the calls.

    A job must not depend on one before it: a training sets its own seed. What the function puts into `kept` saves a
    later job in the same process work, such as compiling, and changes no result. Worker processes have their own, which
    stays for later runs; each does one job at a time, on its share of the cores.

    Args:
        where: the function that the user called.
        function: `function(kept, *arguments)`.
        calls: the arguments of each job. They are pickled: rather tables and plain values than live models.
        names: of the jobs, for messages.
        jobs: as `check_jobs` returns it. 1 stays in this process, and so do the jobs of a job.
        unit: what a job is, for the bar and for messages: "origin".
        verbose: "auto" for a progress bar where it is seen, 0 for silence.
        kept: what the jobs of this process begin with.

    Raises:
        LostWorkers: a worker process was killed, or the engine ended otherwise.
        InvalidValue: arguments that cannot be pickled; an engine that forks.
        Exception: what a job raises. What it warns of is given here, too.
    """
    with bar(where, len(calls), unit, verbose) as shown:
        if jobs == 1 or IN_A_JOB.get():
            return _one_by_one(function, calls, {} if kept is None else kept, shown)
        outcomes: dict[int, Outcome] = {}
        packed = (
            joblib.delayed(work)(number, PROCESS, _packed(where, function, call)) for number, call in enumerate(calls)
        )
        try:
            with Engine(where, jobs, len(calls), shown).answers(packed) as answers:
                for outcome in map(pickle.loads, answers):
                    outcomes[outcome.number] = outcome
                    if outcome.error is not None:
                        break
        except Message:
            raise
        except Exception as error:  # the engine's own; what jobs raise is in their outcomes
            lost = [name for number, name in enumerate(names) if number not in outcomes]
            raise _lost_workers(where, unit, lost, error) from None
    return [_result(outcome) for _, outcome in sorted(outcomes.items())]


def _one_by_one(
    function: Callable[..., Any], calls: Sequence[tuple[Any, ...]], kept: dict[str, Any], shown: Any
) -> list[Any]:
    results = []
    for arguments in calls:
        results.append(function(kept, *arguments))
        shown.update()
    return results


def _packed(where: str, function: Callable[..., Any], arguments: tuple[Any, ...]) -> bytes:
    """Pickle here and not in joblib, so that a worker that cannot read it says so instead of ending."""
    try:
        return cloudpickle.dumps((function, arguments))
    except Exception as error:
        problem = f"what a worker process needs cannot be pickled ({_short(error)})."
        raise InvalidValue(where, problem, "Pass " + keywords(jobs=1) + ".", argument="jobs") from error


def _result(outcome: Outcome) -> Any:
    """Give the warnings of a job here; return its result, or raise its error."""
    for warning in outcome.warned:
        warn(warning)
    if outcome.error is not None:
        raise outcome.error
    return outcome.result


def _lost_workers(where: str, unit: str, lost: Sequence[Any], error: Exception) -> LostWorkers:
    signal = re.search(r"\bSIG[A-Z]+(?=\(-)", str(error))  # loky names it
    reason = (
        f"a worker process was killed by {signal[0]}" if signal else f"the worker processes are lost ({_short(error)})"
    )
    named = ", ".join(map(str, lost[:MOST_NAMES_LISTED])) + " ..." * (len(lost) > MOST_NAMES_LISTED)
    problem = f"{reason}. Without result: {unit}{'s' * (len(lost) > 1)} {named}."
    way_out = "Systems kill processes when memory is short: pass fewer jobs, or " + keywords(jobs=1) + "."
    return LostWorkers(where, problem, way_out, argument="jobs")


def _short(error: Exception) -> str:
    said = first_line(error)
    return said if len(said) <= MOST_OF_AN_ERROR else said[:MOST_OF_AN_ERROR] + " ..."
