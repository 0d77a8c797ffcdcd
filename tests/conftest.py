"""What every test stands on: one backend, no windows popping up, the same seed; and which tests are slow."""

import gc
import os
import sys
import tempfile
from collections import Counter
from pathlib import Path

import pytest

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ["MPLBACKEND"] = "Agg"
os.environ["XDG_STATE_HOME"] = tempfile.mkdtemp(prefix="seqkit_state_")  # what the command line remembers
# Tracing makes very many objects and little garbage; looking for garbage in them takes a fifth of the time.
gc.set_threshold(200_000, 20, 100)

# One test a line, as pytest names it; those that took more than 2.5 seconds beside other work. To measure all tests and
# write the list anew: python -m pytest -n 2 --dist loadfile -m "not browser" --note-slow 2.5
SLOW_TESTS = Path(__file__).with_name("slow_tests.txt")
SECONDS: Counter[str] = Counter()  # of each test, by its name


def pytest_addoption(parser):
    words = "write the names of the tests that take more than so many seconds into tests/slow_tests.txt"
    parser.addoption("--note-slow", type=float, metavar="SECONDS", help=words)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Mark the tests of the list as slow, beside those that are marked where they stand."""
    slow = set(SLOW_TESTS.read_text().splitlines())
    for item in items:
        if item.nodeid in slow:
            item.add_marker(pytest.mark.slow)


def pytest_runtest_logreport(report):
    if report.when == "call":
        SECONDS[report.nodeid] += report.duration


def pytest_sessionfinish(session):
    limit = session.config.getoption("--note-slow")
    if limit is not None and not hasattr(session.config, "workerinput"):  # not in a worker, which has a part of them
        names = sorted(name for name, seconds in SECONDS.items() if seconds > limit)
        SLOW_TESTS.write_text("".join(f"{name}\n" for name in names))


@pytest.fixture(autouse=True)
def same_seed():
    """Seed Keras for the test, but leave a test that never imports it as quick as it is."""
    if "keras" in sys.modules:
        sys.modules["keras"].utils.set_random_seed(7)
