"""Files and folders that appear whole or not at all: written in a hidden folder beside, then renamed.

A process that is killed at any moment leaves the old path or the new one. What it leaves in the hidden folder is
deleted by the next writer in the same place.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import shutil
import tempfile
from collections.abc import Iterator
from errno import EACCES, EDQUOT, EIO, ENODEV, ENOENT, ENOSPC, ENOTCONN, ENOTDIR, EPERM, EROFS, ESTALE
from pathlib import Path

from seqkit import _leftovers
from seqkit._errors import UnwritablePath

EXCHANGE = 2  # Linux's flag of renameat2
THIS_FOLDER = -100  # Linux's AT_FDCWD
FULL = (ENOSPC, EDQUOT)
FORBIDDEN = (EACCES, EPERM, EROFS)
MISSING = (ENOENT, ENOTDIR)
GONE = (EIO, ENODEV, ENOTCONN, ESTALE)


@contextlib.contextmanager
def scratch_beside(where: str, path: Path) -> Iterator[Path]:
    """Yield a hidden folder beside `path`, which is deleted at the end; leftovers of killed writers are deleted first.

    Args:
        where: the function that writes, for the message.
        path: what is to be written.

    Raises:
        UnwritablePath: the disk is full, read-only or gone.
    """
    with _refused_in_words(where, path):
        _leftovers.clean(path.parent)
        scratch = Path(tempfile.mkdtemp(prefix=_leftovers.prefix(), dir=path.parent))
        try:
            yield scratch
        finally:
            shutil.rmtree(scratch, ignore_errors=True)


@contextlib.contextmanager
def whole_file(where: str, path: str | os.PathLike[str]) -> Iterator[Path]:
    """Yield a path to write to; the file is then on the disk, and takes the place of `path` in one step.

    A link is followed, and a file that is replaced gives its permissions to the new one.
    """
    target = Path(os.path.realpath(path))
    with scratch_beside(where, target) as scratch:
        written = scratch / target.name
        yield written
        if target.exists():
            shutil.copymode(target, written)
        _to_disk(written)
        os.replace(written, target)
        _to_disk(target.parent)


def reserve_space(path: Path, size: int) -> None:
    """Raise the system's error if the disk has no room for a file of `size` bytes.

    HDF5 ends the process (a segmentation fault) where the disk becomes full while it writes.
    """
    if hasattr(os, "posix_fallocate"):
        with path.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, size)
        path.unlink()


@contextlib.contextmanager
def whole_folder(where: str, folder: Path) -> Iterator[Path]:
    """Yield the path of a folder to make; it then takes the place of `folder`, whose parents are made.

    Linux exchanges the two in one step. Elsewhere the old one is taken away first, and a kill just then leaves it in
    the hidden folder, from where the next writer puts it back.
    """
    with _refused_in_words(where, folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
    with scratch_beside(where, folder) as scratch:
        written = scratch / "written"
        yield written
        _move(written, folder, scratch)


def _move(written: Path, folder: Path, scratch: Path) -> None:
    if not folder.exists():
        written.rename(folder)
    elif not _are_exchanged(written, folder):
        replaced = scratch / _leftovers.REPLACED / folder.name
        replaced.parent.mkdir()
        folder.rename(replaced)
        try:
            written.rename(folder)
        except OSError:
            replaced.rename(folder)
            raise


def _are_exchanged(one: Path, other: Path) -> bool:
    """Exchange two paths in one step where the system can."""
    exchange = getattr(ctypes.CDLL(None), "renameat2", None) if os.name == "posix" else None
    if exchange is None:
        return False
    return exchange(THIS_FOLDER, os.fsencode(one), THIS_FOLDER, os.fsencode(other), EXCHANGE) == 0


def _to_disk(path: Path) -> None:
    """Wait until the disk has a file, or the names in a folder."""
    if path.is_dir() and os.name != "posix":
        return  # Windows opens no folders
    opened = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


@contextlib.contextmanager
def _refused_in_words(where: str, path: Path) -> Iterator[None]:
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
