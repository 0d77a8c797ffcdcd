"""Old spellings of arguments: they keep working for one release, with a warning that names the new one."""

from __future__ import annotations

import sys
import warnings


def warn_of_old_spelling(where: str, old: str, meaning: str, new: str) -> None:
    """FutureWarning, at the user's own line, that what `old` means here is now written `new`."""
    warnings.warn(
        f"{where}: {old} {meaning}. That is now written {new}. The old spelling works in this release only.",
        FutureWarning,
        stacklevel=_first_level_outside(),
    )


def _first_level_outside() -> int:
    """The stack level of the first call that is not seqkit's own, counted from `warn_of_old_spelling`."""
    frame, level = sys._getframe(1), 1
    while frame.f_back is not None and frame.f_globals.get("__name__", "").split(".")[0] == "seqkit":
        frame, level = frame.f_back, level + 1
    return level
