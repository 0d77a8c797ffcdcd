"""What every test stands on: one backend, no windows popping up, the same seed."""

import os
import sys
import tempfile

import pytest

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ["MPLBACKEND"] = "Agg"
os.environ["XDG_STATE_HOME"] = tempfile.mkdtemp(prefix="seqkit_state_")  # what the command line remembers


@pytest.fixture(autouse=True)
def same_seed():
    """Seed Keras for the test, but leave a test that never imports it as quick as it is."""
    if "keras" in sys.modules:
        sys.modules["keras"].utils.set_random_seed(7)
