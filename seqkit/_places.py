"""Where a SavedModel may be written: never over anything that is not one."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from seqkit._errors import InvalidType, PlaceTaken

MODEL_FILES = {"saved_model.pb", "fingerprint.pb", "variables", "assets"}


def checked_place(where: str, path: Any) -> Path:
    """The folder to write to, or a refusal."""
    if not isinstance(path, (str, os.PathLike)) or not str(path):
        raise InvalidType(where, f"a folder to write to is needed, got {path!r}.", "Pass a path, such as 'model/1'.")
    target = Path(path)
    refuse_to_replace(where, target)
    return target


def refuse_to_replace(where: str, target: Path) -> None:
    """Refuse a place where there is a file, or a folder with anything but a SavedModel in it."""
    if target.is_dir():
        found = {one.name for one in target.iterdir()}
        foreign = sorted(found - MODEL_FILES)
        if not found or ("saved_model.pb" in found and not foreign):
            return
        holds = f" (it holds {foreign[0]!r})" if foreign else ""
    elif not target.exists():
        return
    else:
        holds = ""
    raise PlaceTaken(
        where,
        f"{target} exists and is not a SavedModel{holds}, so it is left alone.",
        f"Name a new folder, such as {target / '1'}.",
    )
