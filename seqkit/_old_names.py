"""Old spellings of arguments, which work for one more release with a warning that names the new spelling."""

from __future__ import annotations

import sys
import warnings


def warn_of_old_spelling(where: str, old: str, meaning: str, new: str) -> None:
    """Warn, at the line of the user's code, that the old spelling is now written `new` (FutureWarning)."""
    warnings.warn(
        f"{where}: {old} {meaning}. That is now written {new}. The old spelling works in this release only.",
        FutureWarning,
        stacklevel=_first_level_outside_seqkit(),
    )


def _first_level_outside_seqkit() -> int:
    """Return the stack level of the first call outside seqkit, counted from `warn_of_old_spelling`."""
    frame, level = sys._getframe(1), 1
    while frame.f_back is not None and frame.f_globals.get("__name__", "").split(".")[0] == "seqkit":
        frame, level = frame.f_back, level + 1
    return level
