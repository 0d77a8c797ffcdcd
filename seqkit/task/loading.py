"""What is known of the file while Keras loads a model from it."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass, field

from seqkit._errors import InvalidValue, SeqkitWarning, warn

# Environment variables that raise the limits, and the limits.
MOST_NUMBERS, DEFAULT_MOST_NUMBERS = "SEQKIT_MOST_WEIGHTS", 2**28  # of a model whose file is not known: 1 GB of float32
MOST_SETTINGS, DEFAULT_MOST_SETTINGS = "SEQKIT_MOST_BYTES_OF_SETTINGS", 2**25  # two million words

MOST_LETTERS = 300  # of another library's error


@dataclass
class Load:
    """A file that is being loaded, or none that is known.

    Attributes:
        where: for messages; empty where no file is known.
        version: of seqkit, which wrote the file; empty where it is not known.
        most_numbers: the bytes of weights in the file, which hold no more numbers than this.
        has_settings: whether the file holds settings too, not weights alone.
        is_ours: whether the whole model is one of seqkit's, and not a user's with layers of ours.
        refusals: what the layers of the model refused; Keras makes texts of them.
        notes: what they warn of. As an error, a warning would be a refusal to Keras.
    """

    where: str = ""
    version: str = ""
    most_numbers: int | None = None
    has_settings: bool = True
    is_ours: bool = False
    refusals: list[InvalidValue] = field(default_factory=list)
    notes: list[SeqkitWarning] = field(default_factory=list)

    def refuse(self, refusal: InvalidValue) -> None:
        """Raise a refusal, and keep it for who began the load."""
        self.refusals.append(refusal)
        raise refusal

    def warn(self) -> None:
        """Give the warnings, once the model is loaded."""
        for note in self.notes:
            warn(note)


_current: ContextVar[Load | None] = ContextVar("seqkit_load", default=None)


def current_load() -> Load | None:
    """The load in progress, in this thread, if its file is known."""
    return _current.get()


def first_words(error: Exception) -> str:
    """The text of an error that is not ours, in one line."""
    return " ".join(str(error).split())[:MOST_LETTERS].rstrip(".") or type(error).__name__


@contextlib.contextmanager
def loading(load: Load) -> Iterator[Load]:
    """Begin a load. A refusal of the model's own comes out as it was, without Keras's text around it."""
    token = _current.set(load)
    try:
        yield load
    except Exception as error:
        if load.refusals:
            raise load.refusals[0] from error
        raise
    finally:
        _current.reset(token)


def refuse_too_many(where: str, numbers: int) -> None:
    """Refuse settings that would build more weights than the file holds, or than the limit."""
    load = current_load() or Load()
    if load.most_numbers is not None and numbers > load.most_numbers:
        problem = f"its settings would build {numbers:,} weights, and the file has {load.most_numbers:,} bytes of them."
        raise InvalidValue(where, problem, "It is damaged, or was made to fill the memory.")
    if load.most_numbers is None:
        refuse_beyond(
            where, f"the settings would build {numbers:,} weights", numbers, MOST_NUMBERS, DEFAULT_MOST_NUMBERS
        )


def refuse_beyond(where: str, what: str, count: int, variable: str, default: int) -> None:
    """Refuse what is more than a limit, which an environment variable raises."""
    limit = int(os.environ.get(variable, default))
    if count > limit:
        way_out = f"Set {variable}={count} in the environment if you trust the file."
        raise InvalidValue(where, f"{what}, and the limit is {limit:,}.", way_out)
