"""Where a SavedModel may be written: never over anything that is not one."""

from __future__ import annotations

from pathlib import Path

MODEL_FILES = {"saved_model.pb", "fingerprint.pb", "variables", "assets"}


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
    raise FileExistsError(
        f"{where}: {target} exists and is not a SavedModel{holds}, so it is left alone. Name a new folder, "
        f"such as {target / '1'}."
    )
