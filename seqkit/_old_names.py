"""Old spellings of arguments, which work for one more release with a warning that names the new spelling."""

from seqkit._errors import warn


def warn_of_old_spelling(where: str, old: str, meaning: str, new: str) -> None:
    """Warn that the old spelling is now written `new` (FutureWarning)."""
    text = f"{where}: {old} {meaning}. That is now written {new}. The old spelling works in this release only."
    warn(FutureWarning(text))
