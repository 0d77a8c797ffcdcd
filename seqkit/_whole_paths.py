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
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from seqkit import _leftovers
from seqkit._disk_errors import refused_in_words

EXCHANGE = 2  # Linux's flag of renameat2
THIS_FOLDER = -100  # Linux's AT_FDCWD
WRITTEN = "written"  # in the hidden folder


@contextlib.contextmanager
def scratch_beside(where: str, path: Path) -> Iterator[Path]:
    """Yield a hidden folder beside `path`, which is deleted at the end; leftovers of killed writers are deleted first.

    Args:
        where: the function that writes, for the message.
        path: what is to be written.

    Raises:
        UnwritablePath: the disk is full, read-only or gone.
    """
    with refused_in_words(where, path):
        _leftovers.clean(path.parent)
        scratch = Path(tempfile.mkdtemp(prefix=_leftovers.prefix(), dir=path.parent))
        try:
            yield scratch
        finally:
            shutil.rmtree(scratch, ignore_errors=True)


class Together:
    """Files and folders that appear at the same moment: all are on the disk before the first is renamed.

    Where one cannot be renamed, those before it are taken back. Only a kill within these renames, a few of them in a
    row, leaves some new and some old.
    """

    def __init__(self, scratches: contextlib.ExitStack) -> None:
        """Hold the hidden folders, which are deleted at the end."""
        self._scratches = scratches
        self._waiting: list[_Waiting] = []

    def file(self, where: str, path: str | os.PathLike[str]) -> Path:
        """Return a path to write a file to. A link is followed, and the permissions of a replaced file are kept."""
        return self._path(where, Path(os.path.realpath(path)))

    def folder(self, where: str, folder: Path) -> Path:
        """Return the path of a folder to make; the parents of `folder` are made."""
        with refused_in_words(where, folder):
            folder.parent.mkdir(parents=True, exist_ok=True)
        return self._path(where, folder)

    def appear(self) -> None:
        """Give all their names, or none."""
        for one in self._waiting:
            with refused_in_words(one.where, one.target):
                _prepare(one)
        with contextlib.ExitStack() as undoing:
            for one in self._waiting:
                with refused_in_words(one.where, one.target):
                    undoing.callback(_move(one))
            undoing.pop_all()  # of these, nothing is to be undone
        for parent in {one.target.parent for one in self._waiting}:
            _to_disk(parent)

    def _path(self, where: str, target: Path) -> Path:
        scratch = self._scratches.enter_context(scratch_beside(where, target))
        (scratch / WRITTEN).mkdir()
        self._waiting.append(_Waiting(where, target, scratch / WRITTEN / target.name))
        return self._waiting[-1].written


class _Waiting(NamedTuple):
    where: str  # for messages
    target: Path
    written: Path  # in a hidden folder beside


@contextlib.contextmanager
def together() -> Iterator[Together]:
    """Yield the paths to write; they appear at the end, if nothing was raised."""
    with contextlib.ExitStack() as scratches:
        paths = Together(scratches)
        yield paths
        paths.appear()


@contextlib.contextmanager
def whole_file(where: str, path: str | os.PathLike[str]) -> Iterator[Path]:
    """Yield a path to write to; the file is then on the disk, and takes the place of `path` in one step."""
    with together() as paths:
        yield paths.file(where, path)


@contextlib.contextmanager
def whole_folder(where: str, folder: Path) -> Iterator[Path]:
    """Yield the path of a folder to make; it then takes the place of `folder`, whose parents are made.

    Linux exchanges the two in one step. Elsewhere the old one is taken away first, and a kill just then leaves it in
    the hidden folder, from where the next writer puts it back.
    """
    with together() as paths:
        yield paths.folder(where, folder)


def reserve_space(path: Path, size: int) -> None:
    """Raise the system's error if the disk has no room for a file of `size` bytes.

    HDF5 ends the process (a segmentation fault) where the disk becomes full while it writes.
    """
    if hasattr(os, "posix_fallocate"):
        with path.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, size)
        path.unlink()


def _prepare(one: _Waiting) -> None:
    """Bring a file to the disk, with the permissions of the one that it replaces."""
    if one.written.is_file():
        _to_disk(one.written)
        if one.target.exists():
            shutil.copymode(one.target, one.written)  # last, since the old one may be read-only


def _move(one: _Waiting) -> Callable[[], object]:
    """Give the path its name; what it replaces goes into the hidden folder. Return what takes this back."""
    if not one.target.exists():
        one.written.rename(one.target)
        return lambda: one.target.rename(one.written)
    if _are_exchanged(one.written, one.target):
        return lambda: _are_exchanged(one.written, one.target)
    replaced = one.written.parents[1] / _leftovers.REPLACED / one.target.name
    replaced.parent.mkdir()
    if one.written.is_file():
        shutil.copy2(one.target, replaced)  # so that the path is never without a file
        os.replace(one.written, one.target)
        return lambda: os.replace(replaced, one.target)
    one.target.rename(replaced)
    try:
        one.written.rename(one.target)
    except OSError:
        replaced.rename(one.target)
        raise
    return lambda: (one.target.rename(one.written), replaced.rename(one.target))


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
