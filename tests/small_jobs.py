"""Jobs of the tests of `run_jobs`, in a module of their own: worker processes import it, and no TensorFlow."""

import os
import random
import signal
import threading
import time
import warnings

import seqkit as sk


def counted(kept, number):
    """The number squared, the process, and how many jobs this process has done."""
    kept["count"] = kept.get("count", 0) + 1
    return number**2, os.getpid(), kept["count"]


def failing(kept, number, kind):
    if number == 1:
        raise sk.InvalidValue("train", "no.", "Yes.", argument="x") if kind == "ours" else ZeroDivisionError("by 0")
    return number


def killed(kept, number):
    if number == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def warning(kept, number):
    warnings.warn(sk.SeqkitWarning("train", f"{number} is odd."), stacklevel=1)


def unreadable(kept, number):
    """An error that pickles, and cannot be made again."""

    class OddError(Exception):
        def __init__(self, one, two):
            super().__init__(one)

    raise OddError("is odd", 2)


def of_a_class(kept, number):
    """A result whose class no other process can import, as one of the user's script."""

    class Found:
        value = 7

    return Found()


def threads_of_tensorflow(kept, number):
    return {name: os.environ.get(name) for name in ("TF_NUM_INTRAOP_THREADS", "OMP_NUM_THREADS")}


_now = threading.Semaphore(1)


def alone(kept, number):
    """Whether no other job of this process is at work."""
    is_alone = _now.acquire(blocking=False)
    time.sleep(0.05)
    if is_alone:
        _now.release()
    return is_alone


def trained(kept, number, others_draw):
    """The weights of a trained model; other threads may draw random numbers before its layers get their seeds."""
    import keras
    import numpy as np

    keras.utils.set_random_seed(number)
    if others_draw:
        other = threading.Thread(target=lambda: random.sample(range(100), 10))
        other.start()
        other.join()
    layers = [keras.layers.LSTM(3), keras.layers.Dropout(0.5), keras.layers.Dense(2)]
    model = keras.Sequential([keras.Input((5, 2)), *layers])
    model.compile("adam", "mse", run_eagerly=True)
    model.fit(np.ones((7, 5, 2)), np.ones((7, 2)), batch_size=2, verbose=0)
    return model.get_weights()


def with_jobs(kept, number):
    """The processes of a job and of its own jobs."""
    from seqkit.task.jobs import run_jobs

    found = run_jobs("inner", counted, [(1,), (2,)], names="ab", jobs=2, unit="part", verbose=0)
    return {os.getpid(), *(process for _, process, _ in found)}
