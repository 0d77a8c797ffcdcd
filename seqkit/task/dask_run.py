"""joblib's backend of Dask for one run: it says what Dask has given up, where joblib's own would wait forever.

joblib 1.6 does not hear of a task that ends by an error of Dask's, such as one whose workers are killed, may miss
answers in the second run of a backend, and waits for workers that never come back.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import Any

SECONDS_WITHOUT_WORKERS = 60
SECONDS_BETWEEN_LOOKS = 2


def is_dask(backend: Any) -> bool:
    """Whether this is joblib's backend of Dask."""
    return type(backend).__name__ == "DaskDistributedBackend"


def dask_of_one_run(backend: Any) -> Any:
    """Make the user's backend anew, with a watch over its tasks."""
    known = {"client": backend.client, "wait_for_workers_timeout": backend.wait_for_workers_timeout}
    fresh = type(backend)(**known, **backend.submit_kwargs)
    watch = _Watch(fresh)
    fresh.submit, fresh.stop_call = watch.submit, watch.stop_call
    return fresh


class _Watch:
    """Ends tasks by an error once Dask has none of its workers left for a minute."""

    def __init__(self, backend: Any) -> None:
        self._client, self._submit, self._stop_call = backend.client, backend.submit, backend.stop_call
        self._tasks: set[Future[Any]] = set()
        self._run_is_over = threading.Event()
        self._thread: threading.Thread | None = None

    def submit(self, task: Any, callback: Callable[[Any], None]) -> Future[Any]:
        """Give Dask a task; tell joblib of its error, too."""
        future = self._submit(task, callback)
        self._tasks.add(future)
        future.add_done_callback(partial(self._say_error, callback))
        if self._thread is None:
            self._thread = threading.Thread(target=self._look, daemon=True)
            self._thread.start()
        return future

    def stop_call(self) -> None:
        """End the watch with the run."""
        self._run_is_over.set()
        self._stop_call()

    def _say_error(self, callback: Callable[[Any], None], future: Future[Any]) -> None:
        self._tasks.discard(future)
        error = future.exception()
        if error is not None:
            callback(error)

    def _look(self) -> None:
        seconds = 0
        while not self._run_is_over.wait(SECONDS_BETWEEN_LOOKS):
            seconds = 0 if self._has_workers() else seconds + SECONDS_BETWEEN_LOOKS
            if seconds >= SECONDS_WITHOUT_WORKERS:
                for future in list(self._tasks):
                    future.set_exception(TimeoutError(f"Dask has had no worker for {seconds} seconds"))
                return

    def _has_workers(self) -> bool:
        try:
            return bool(self._client.ncores())
        except Exception:  # the scheduler itself is gone
            return False
