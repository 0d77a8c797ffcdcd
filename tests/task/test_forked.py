"""A process that was forked after a model was made is told so; TensorFlow would let it wait forever."""

from __future__ import annotations

import os
import signal
import sys

import numpy as np
import pytest

import seqkit as sk

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no fork")
WAY_OUT = "multiprocessing.get_context('spawn')"
VERBS = {
    "predict": lambda model, x: model.predict(x, verbose=0),
    "predict on a batch": lambda model, x: model(x),
    "evaluate": lambda model, x: model.evaluate(x, x[:, 0], verbose=0),
    "fit": lambda model, x: model.fit(x, x[:, 0], verbose=0),
    "build": lambda model, x: sk.build_lstm(3, features=1, timesteps=5, outputs=1),
}


def said_in_a_fork(call) -> str:
    """What a forked process says of a call; it is killed where it waits."""
    reads, writes = os.pipe()
    child = os.fork()
    if child == 0:
        signal.alarm(20)
        try:
            call()
            said = "nothing"
        except BaseException as error:
            said = f"{type(error).__name__}: {error}"
        os.write(writes, said.encode())
        os._exit(0)
    os.close(writes)
    with os.fdopen(reads) as answer:
        said = answer.read()
    os.waitpid(child, 0)
    return said


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
@pytest.mark.parametrize("verb", VERBS)
def test_a_fork_is_refused_in_words(verb):
    x = np.ones((4, 5, 1), "float32")
    model = sk.build_lstm(3, features=1, timesteps=5, outputs=1)
    said = said_in_a_fork(lambda: VERBS[verb](model, x))
    assert said.startswith("RuntimeError: ")
    assert WAY_OUT in said


def test_a_process_that_made_the_model_goes_on():
    model = sk.build_lstm(3, features=1, timesteps=5, outputs=1)
    assert model.predict(np.ones((4, 5, 1), "float32"), verbose=0).shape == (4, 1)
