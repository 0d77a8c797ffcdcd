"""TensorFlow starts quietly, whoever imports it after seqkit, unless TF_CPP_MIN_LOG_LEVEL asks for its lines.

TensorFlow's C++ code writes lines about oneDNN, CUDA and the CPU to stderr, past `sys.stderr`, and into notebooks.
Some come before it reads TF_CPP_MIN_LOG_LEVEL (tensorflow issue 100442), so no variable stops them. While TensorFlow is
imported, stderr is therefore a file; what is no start-up line is written on afterwards. Later lines, such as that of
cuInit, obey the variable. Python's own logging is left as it is.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import re
import sys
import tempfile
from collections.abc import Iterator, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

LEVEL, ERRORS_TOO = "TF_CPP_MIN_LOG_LEVEL", "3"
STDERR_DESCRIPTOR = 2
START_UP_LINE = re.compile(
    rb"^(WARNING: All log messages before absl::InitializeLog|[IWE]\d{4} |To enable the following instructions).*\n?",
    re.MULTILINE,
)


def start_tensorflow_quietly() -> None:
    """Hide the start-up lines of TensorFlow, once it is imported."""
    if "tensorflow" not in sys.modules:
        sys.meta_path.insert(0, _TensorFlowFinder())


class _TensorFlowFinder(MetaPathFinder):
    def __init__(self) -> None:
        self.asks_others = False

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Find TensorFlow as others do, and have it run quietly."""
        if fullname != "tensorflow" or self.asks_others:
            return None
        self.asks_others = True
        try:
            spec = importlib.util.find_spec(fullname)
        finally:
            self.asks_others = False
        if spec is None or spec.loader is None:
            return spec
        run = spec.loader.exec_module

        def run_quietly(module: ModuleType) -> None:
            is_quiet = os.environ.setdefault(LEVEL, ERRORS_TOO) == ERRORS_TOO
            with without_start_up_lines() if is_quiet else contextlib.nullcontext():
                run(module)

        spec.loader.exec_module = run_quietly  # type: ignore[method-assign]
        return spec


@contextlib.contextmanager
def without_start_up_lines() -> Iterator[None]:
    """Keep start-up lines of C++ code out of stderr; other text comes out at the end."""
    try:
        stderr = os.dup(STDERR_DESCRIPTOR)
    except OSError:  # there is none, as under pythonw
        yield
        return
    if sys.stderr is not None:
        sys.stderr.flush()
    with tempfile.TemporaryFile() as lines:
        os.dup2(lines.fileno(), STDERR_DESCRIPTOR)
        try:
            yield
        finally:
            if sys.stderr is not None:
                sys.stderr.flush()
            os.dup2(stderr, STDERR_DESCRIPTOR)
            os.close(stderr)
            lines.seek(0)
            if rest := START_UP_LINE.sub(b"", lines.read()):
                os.write(STDERR_DESCRIPTOR, rest)
