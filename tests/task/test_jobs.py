"""Jobs in other processes: the same results, errors in their own words, and processes that end are told."""

from __future__ import annotations

import io
import os
import random
import sys
import threading
from concurrent.futures import Future
from types import SimpleNamespace

import joblib
import numpy as np
import pytest
import small_jobs
from tqdm import tqdm

import seqkit as sk
from seqkit.task import dask_run, jobs
from seqkit.task.jobs import check_jobs, run_jobs

# loky ends workers while its own thread may still hand out a job, which that thread then no longer finds (KeyError).
pytestmark = pytest.mark.filterwarnings("ignore:Exception in thread ExecutorManagerThread")


def run(function, *arguments, count=5, at_once=2, **options):
    calls = [(number, *arguments) for number in range(count)]
    options = {"names": list("abcdefgh")[:count], "unit": "origin", "verbose": 0, **options}
    return run_jobs("backtest", function, calls, jobs=at_once, **options)


# What jobs= is


@pytest.mark.parametrize("wrong", [0, -2])
def test_a_number_of_jobs_that_cannot_be_is_refused(wrong):
    words = f"backtest: jobs must be a whole number from 1 up, or -1 for all cores, got {wrong}. Pass jobs=1"
    with pytest.raises(sk.InvalidValue, match=words):
        check_jobs("backtest", wrong)


@pytest.mark.parametrize("wrong", [1.5, True, "2", None, [1]])
def test_jobs_that_are_no_number_are_refused(wrong):
    with pytest.raises(sk.InvalidType, match="jobs must be a whole number from 1 up, or -1 for all cores, got"):
        check_jobs("backtest", wrong)


# Results


def test_results_stand_in_the_order_of_the_calls_and_one_job_at_once_stays_here():
    here, there = run(small_jobs.counted, at_once=1), run(small_jobs.counted)
    assert [square for square, _, _ in here] == [square for square, _, _ in there] == [0, 1, 4, 9, 16]
    assert {process for _, process, _ in here} == {os.getpid()}
    processes = [process for _, process, _ in there]
    assert os.getpid() not in processes
    assert len(set(processes)) <= 2
    assert max(count for _, _, count in there) > 1  # what a job keeps is there for the next one of its process


def test_what_jobs_here_begin_with_is_given():
    assert [count for _, _, count in run(small_jobs.counted, at_once=1, kept={"count": 7})] == [8, 9, 10, 11, 12]


def test_a_result_may_be_of_a_class_of_the_users_script():
    assert [found.value for found in run(small_jobs.of_a_class, count=2)] == [7, 7]


def test_a_bar_counts_the_jobs(monkeypatch):
    shown = tqdm(total=5, file=io.StringIO())
    monkeypatch.setattr(jobs, "bar", lambda *args, **options: shown)
    run(small_jobs.counted)
    assert shown.n == 5


def test_a_worker_has_its_share_of_the_cores():
    (threads,) = set(map(tuple, (found.items() for found in run(small_jobs.threads_of_tensorflow))))
    share = str(max(1, joblib.cpu_count() // 2))
    assert dict(threads) == {"TF_NUM_INTRAOP_THREADS": share, "OMP_NUM_THREADS": share}


def test_no_more_processes_start_than_there_are_jobs():
    (found,) = run(small_jobs.counted, count=1, at_once=9)
    assert found[:2] == (0, os.getpid())


def test_a_process_does_one_job_at_a_time():
    with joblib.parallel_config(backend="threading"):
        assert run(small_jobs.alone) == [True] * 5


def test_a_training_in_a_thread_beside_others_that_draw_random_numbers_is_the_one_of_the_main_thread():
    here = run(small_jobs.trained, False, count=2, at_once=1)
    with joblib.parallel_config(backend="threading"):
        there = run(small_jobs.trained, True, count=2)
    for weights, same in zip(here, there, strict=True):
        np.testing.assert_equal(weights, same)
    assert random.sample.__self__ is random.seed.__self__  # afterwards all threads share their random numbers again


def test_jobs_of_a_job_stay_in_its_process():
    with joblib.parallel_config(backend="threading"):  # other processes would have to import TensorFlow
        assert [len(processes) for processes in run(small_jobs.with_jobs)] == [1] * 5


# What goes wrong


def test_an_error_of_a_job_is_raised_as_it_is():
    with pytest.raises(sk.InvalidValue, match="^train: no. Yes.$") as caught:
        run(small_jobs.failing, "ours")
    assert caught.value.argument == "x"


def test_an_error_that_nobody_foresaw_says_its_lines():
    with pytest.raises(ZeroDivisionError, match="by 0") as caught:
        run(small_jobs.failing, "another")
    assert "small_jobs.py" in caught.value.__notes__[0]


def test_an_error_that_cannot_be_sent_is_told():
    with pytest.raises(RuntimeError, match="^OddError: is odd"):
        run(small_jobs.unreadable)


def test_warnings_of_jobs_are_given_here():
    with pytest.warns(sk.SeqkitWarning) as caught:
        run(small_jobs.warning)
    assert [str(warning.message) for warning in caught] == [f"train: {number} is odd." for number in range(5)]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_a_killed_worker_is_told_with_what_is_lost_and_the_next_run_works():
    words = (
        "backtest: a worker process was killed by SIGKILL. Without result: origins? .*b.*: pass fewer jobs, or jobs=1."
    )
    with pytest.raises(RuntimeError, match=words) as caught:
        run(small_jobs.killed)
    assert caught.value.__suppress_context__  # no traceback of joblib's
    assert caught.value.argument == "jobs"
    assert len(run(small_jobs.counted)) == 5


def test_what_cannot_be_pickled_is_refused():
    with pytest.raises(sk.InvalidValue, match="cannot be pickled .*lock.*Pass jobs=1"):
        run(small_jobs.counted, threading.Lock())


def test_an_engine_that_forks_is_refused():
    with joblib.parallel_config(backend="multiprocessing"), pytest.raises(sk.InvalidValue, match="waits forever"):
        run(small_jobs.counted)


# Dask, of which joblib does not hear everything


class Dask:
    """joblib's backend of Dask, without Dask: tasks stay as they are."""

    def __init__(self, client, wait_for_workers_timeout=10, **submit_kwargs):
        self.client, self.wait_for_workers_timeout = client, wait_for_workers_timeout
        self.submit_kwargs = submit_kwargs

    def submit(self, task, callback):
        return Future()

    def stop_call(self):
        self.is_stopped = True


def watched(workers, **options):
    """The backend of a run, and what joblib is told by it."""
    told: list = []
    backend = dask_run.dask_of_one_run(Dask(SimpleNamespace(ncores=lambda: workers), **options))
    future = backend.submit("task", told.append)
    return backend, future, told


def test_dask_says_that_it_has_given_a_task_up():
    backend, future, told = watched({"worker": 1}, retries=2)
    error = RuntimeError("killed")
    future.set_exception(error)
    backend.stop_call()
    assert told == [error]
    assert backend.is_stopped
    assert backend.submit_kwargs == {"retries": 2}


def test_dask_says_that_it_has_no_workers_left(monkeypatch):
    monkeypatch.setattr(dask_run, "SECONDS_BETWEEN_LOOKS", 0.01)
    monkeypatch.setattr(dask_run, "SECONDS_WITHOUT_WORKERS", 0.02)
    _, future, told = watched({})
    with pytest.raises(TimeoutError, match="no worker"):
        future.result(timeout=20)
    assert len(told) == 1
