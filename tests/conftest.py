"""What every test stands on: one backend, no windows popping up, the same seed."""

import gc
import os
import sys
import tempfile

import pytest

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ["MPLBACKEND"] = "Agg"
os.environ["XDG_STATE_HOME"] = tempfile.mkdtemp(prefix="seqkit_state_")  # what the command line remembers
# Tracing makes very many objects and little garbage; looking for garbage in them takes a fifth of the time.
gc.set_threshold(200_000, 20, 100)


@pytest.fixture(autouse=True)
def same_seed():
    """Seed Keras for the test, but leave a test that never imports it as quick as it is."""
    if "keras" in sys.modules:
        sys.modules["keras"].utils.set_random_seed(7)
