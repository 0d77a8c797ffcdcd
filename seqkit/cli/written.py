"""Which files the command line wrote itself: their checksums are kept in the user's folder of state.

A file that was changed since, or that something else wrote, is not replaced without `--force`.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Iterable
from pathlib import Path

from seqkit._errors import UnwritablePath
from seqkit._whole_paths import whole_file

MOST = 1000  # files remembered; the oldest are forgotten, and then need --force


def is_ours(path: str | Path) -> bool:
    """Whether the file is as the command line wrote it."""
    return _known().get(_name(path)) == _checksum(path)


def remember(paths: Iterable[str | Path]) -> None:
    """Keep the checksums of files that were just written; where no state can be kept, they need --force next time."""
    known = _known()
    for path in paths:
        known.pop(_name(path), None)  # the newest stand last
        known[_name(path)] = _checksum(path)
    record = _record()
    with contextlib.suppress(OSError, UnwritablePath):
        record.parent.mkdir(parents=True, exist_ok=True)
        with whole_file("seqkit", record) as written:
            written.write_text(json.dumps(dict(list(known.items())[-MOST:]), indent=1), "utf-8")


def _record() -> Path:
    import platformdirs

    return platformdirs.user_state_path("seqkit", appauthor=False) / "written.json"


def _known() -> dict[str, str]:
    try:
        known = json.loads(_record().read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}


def _name(path: str | Path) -> str:
    return str(Path(path).resolve())


def _checksum(path: str | Path) -> str:
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
