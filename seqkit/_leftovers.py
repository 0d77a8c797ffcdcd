"""Hidden folders of writers that were killed: who made one, whether it still runs, and what its folder must give back.

A folder is named `.seqkit-<machine>-<process>-<start>-...`: a process number alone may belong to another process by
now, and on a shared disk to a process of another machine.
"""

from __future__ import annotations

import contextlib
import os
import platform
import re
import shutil
import time
import zlib
from pathlib import Path

LEFTOVER = re.compile(r"\.seqkit-(?P<machine>[0-9a-f]{8})-(?P<process>\d+)-(?P<start>\d+)-\w+")
REPLACED = "replaced"  # in such a folder: what stood at the path before, under its own name
SECONDS_UNTIL_ABANDONED = 24 * 60 * 60  # where the writer cannot be asked: another machine, or no /proc
PROCESSES = Path("/proc")
START_TIME = 19  # its place in /proc/<process>/stat after the name in brackets


def prefix() -> str:
    """The name of this process's folders, up to their random end."""
    return f".seqkit-{_machine()}-{os.getpid()}-{_start_of(os.getpid()) or 0}-"


def clean(folder: Path) -> None:
    """Delete what killed writers left in a folder; a path that was taken away to be replaced is put back first."""
    with contextlib.suppress(OSError):
        for path in folder.iterdir():
            found = LEFTOVER.fullmatch(path.name)
            if found and path.is_dir() and not path.is_symlink() and _is_abandoned(path, found):
                _put_back(path)
                shutil.rmtree(path, ignore_errors=True)


def _is_abandoned(path: Path, name: re.Match[str]) -> bool:
    if name["machine"] == _machine() and PROCESSES.is_dir():
        return _start_of(int(name["process"])) != int(name["start"])
    return time.time() - path.stat().st_mtime > SECONDS_UNTIL_ABANDONED


def _put_back(path: Path) -> None:
    replaced = path / REPLACED
    for old in replaced.iterdir() if replaced.is_dir() else ():
        if not (path.parent / old.name).exists():
            old.rename(path.parent / old.name)


def _machine() -> str:
    """A name of the machine and, in containers, of the processes that can see each other."""
    parts = [platform.node()]
    with contextlib.suppress(OSError):
        parts += [(PROCESSES / "sys/kernel/random/boot_id").read_text(), os.readlink(PROCESSES / "self/ns/pid")]
    return f"{zlib.crc32(' '.join(parts).encode()):08x}"


def _start_of(process: int) -> int | None:
    """When a process started, in ticks since the machine did; None where there is none."""
    try:
        text = (PROCESSES / str(process) / "stat").read_text()
    except OSError:
        return None
    return int(text.rpartition(")")[2].split()[START_TIME])
