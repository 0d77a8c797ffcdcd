"""The folder of a SavedModel: an export never replaces anything but a SavedModel."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from seqkit._errors import InvalidType, PathTaken

SAVED_MODEL_FILES = {"saved_model.pb", "fingerprint.pb", "variables", "assets"}


def checked_folder(where: str, path: Any) -> Path:
    """Return the folder to write to, or refuse it."""
    if not isinstance(path, (str, os.PathLike)) or not str(path):
        raise InvalidType(where, f"a folder to write to is needed, got {path!r}.", "Pass a path, such as 'model/1'.")
    folder = Path(path)
    refuse_to_replace(where, folder)
    return folder


def refuse_to_replace(where: str, folder: Path) -> None:
    """Refuse the path of a file, and a folder that holds anything but a SavedModel."""
    if not folder.exists():
        return
    names = {path.name for path in folder.iterdir()} if folder.is_dir() else set()
    other_names = sorted(names - SAVED_MODEL_FILES)
    if folder.is_dir() and (not names or ("saved_model.pb" in names and not other_names)):
        return
    content = f" (it holds {other_names[0]!r})" if other_names else ""
    raise PathTaken(
        where,
        f"{folder} exists and is not a SavedModel{content}, so it is left alone.",
        f"Name a new folder, such as {folder / '1'}.",
    )
