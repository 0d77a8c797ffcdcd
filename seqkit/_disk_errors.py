"""Errors of the disk in words: full, read-only, or gone."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from errno import EACCES, EDQUOT, EIO, ENODEV, ENOENT, ENOSPC, ENOTCONN, ENOTDIR, EPERM, EROFS, ESTALE
from pathlib import Path

from seqkit._errors import UnwritablePath

FULL = (ENOSPC, EDQUOT)
FORBIDDEN = (EACCES, EPERM, EROFS)
MISSING = (ENOENT, ENOTDIR)
GONE = (EIO, ENODEV, ENOTCONN, ESTALE)


@contextlib.contextmanager
def refused_in_words(where: str, path: Path) -> Iterator[None]:
    """Raise `UnwritablePath` instead of an error of the disk; other errors come as they are."""
    try:
        yield
    except Exception as error:
        refusal = _refusal(where, path, error)
        if refusal is None:
            raise
        raise refusal from error


def _refusal(where: str, path: Path, error: Exception) -> UnwritablePath | None:
    """Say why nothing could be written, or None for a fault that is not the disk's."""
    number = _error_number(error)
    if number is None:
        return None
    unchanged = f" What {path} held before is unchanged." if path.exists() else ""
    if number in FULL:
        problem, way_out = f"the disk of {path.parent} is full.", "Free some space, or name another disk."
    elif number in FORBIDDEN:
        problem, way_out = f"you may not write in {path.parent}.", "Name another folder, or have it made writable."
    elif number in MISSING and not path.parent.is_dir():
        problem, way_out = f"there is no folder {path.parent}.", "Make it first, or name another."
    elif number in (*GONE, *MISSING):
        problem, way_out = (
            f"the disk of {path.parent} does not answer, or was taken away.",
            "Mount it again, or name another.",
        )
    else:
        problem, way_out = f"the system does not let {path} be written ({os.strerror(number)}).", "Name another path."
    return UnwritablePath(where, problem + unchanged, way_out)


def _error_number(error: Exception) -> int | None:
    """The system's number of an error; HDF5 and TensorFlow have only its text, each within an error of its own."""
    if isinstance(error, UnwritablePath):
        return None
    if isinstance(error, OSError) and error.errno is not None:
        return error.errno
    if isinstance(error, (OSError, RuntimeError)) or type(error).__module__.startswith("tensorflow."):
        return next((number for number in (*FULL, *FORBIDDEN, *GONE) if os.strerror(number) in str(error)), None)
    return None
