"""The processes that do jobs: joblib's loky on this machine, or the cluster that `joblib.parallel_config` names."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterable, Iterator
from typing import Any

import joblib
from joblib.parallel import LokyBackend, MultiprocessingBackend, get_active_backend

from seqkit._errors import InvalidValue
from seqkit.task.dask_run import dask_of_one_run, is_dask


class Engine(joblib.Parallel):
    """joblib's processes, whose progress moves a bar."""

    def __init__(self, where: str, jobs: int, most: int, shown: Any) -> None:
        """Take the engine that the user named, or loky; it does `jobs` at once, of `most` in all.

        Raises:
            InvalidValue: the engine forks.
        """
        backend, _ = get_active_backend()
        if type(backend) is MultiprocessingBackend:
            problem = "joblib's multiprocessing forks this process, and TensorFlow waits forever in a fork."
            raise InvalidValue(where, problem, "Use loky, joblib's default, or Ray or Dask.", argument="jobs")
        backend = dask_of_one_run(backend) if is_dask(backend) else backend
        if isinstance(backend, LokyBackend):
            jobs = backend.effective_n_jobs(jobs)
        gives_each = getattr(backend, "supports_return_generator", False)
        returns = "generator_unordered" if gives_each else "list"
        super().__init__(min(jobs, most), backend=backend, batch_size=1, return_as=returns)
        self._shown = shown

    def print_progress(self) -> None:
        """Move the bar; joblib calls this when a job is done."""
        self._shown.update(self.n_completed_tasks - self._shown.n)

    @contextlib.contextmanager
    def answers(self, jobs: Iterable[Any]) -> Iterator[Iterable[Any]]:
        """Yield the answers as they come; afterwards no job goes on.

        joblib warns of a process that it replaces, such as one whose memory has grown, and of jobs that are ended.
        """
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", ".*(worker stopped|tasks (which|have been))", UserWarning)
            answers = self(jobs)
            try:
                yield answers
            finally:
                if hasattr(answers, "close"):
                    answers.close()
