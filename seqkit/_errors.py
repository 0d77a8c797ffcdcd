"""The errors and warnings of seqkit: where, what is wrong, the way out, and the argument that is wrong."""

from __future__ import annotations

import numbers
import sys
import warnings
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

WriteArguments = Callable[[Mapping[str, object]], str]
MOST_NAMES_LISTED = 12


@dataclass(frozen=True)
class MessageText:
    """The text of a message, with its arguments held apart: Python in an error, flags on the command line.

    Add `keywords` to strings to make one. Text is never interpreted, so a file may hold braces and `freq='MS'`. An
    f-string turns the arguments into Python for good.

    Example:
        >>> hint = "Name it, as in " + keywords(encoding="latin-1") + ", or save the file as UTF-8."
        >>> str(hint)
        "Name it, as in encoding='latin-1', or save the file as UTF-8."
        >>> hint.written(lambda arguments: " ".join(f"--{name} {value}" for name, value in arguments.items()))
        'Name it, as in --encoding latin-1, or save the file as UTF-8.'
    """

    parts: tuple[str | Mapping[str, object], ...]

    def __add__(self, text: str | MessageText) -> MessageText:
        """Append text."""
        return MessageText((*self.parts, *_message_text(text).parts))

    def __radd__(self, text: str) -> MessageText:
        """Put text in front."""
        return MessageText((text, *self.parts))

    def __str__(self) -> str:
        return self.written(as_python)

    def written(self, write: WriteArguments) -> str:
        """Return the text; `write` turns each group of arguments into text."""
        return "".join(part if isinstance(part, str) else write(part) for part in self.parts)


def _message_text(text: str | MessageText) -> MessageText:
    return text if isinstance(text, MessageText) else MessageText((text,))


def keywords(**arguments: object) -> MessageText:
    """Return arguments that a message suggests or repeats; `...` leaves the value out.

    Example:
        >>> print("Pass " + keywords(time=None, columns=["a", "b c"]) + ", or " + keywords(separator=...) + ".")
        Pass time=None, columns=['a', 'b c'], or separator=.
    """
    return MessageText((arguments,))


def as_python(arguments: Mapping[str, object]) -> str:
    """Write arguments as in a Python call."""
    return ", ".join(f"{name}={_value(value)}" for name, value in arguments.items())


def _value(value: object) -> str:
    if value is ...:
        return ""
    if isinstance(value, list):
        return f"[{listed(value)}]"
    return str(value) if isinstance(value, numbers.Number) else repr(value)  # NumPy's repr names the type


class Message(Exception):
    """The base of seqkit's errors and warnings; the text is `where: problem way_out`.

    Like any exception it can be made from one text; this text is then the problem.
    """

    where: str  # the function or class, and the part of its input: "read_csv: sales.csv", "fit: x"
    problem: str
    way_out: str  # "" where the problem already says what to do
    argument: str | None

    _keras_call_info_injected = True  # otherwise Keras replaces an error of a layer by one that has only a text

    def __init__(
        self,
        where: str,
        problem: str | MessageText = "",
        way_out: str | MessageText = "",
        argument: str | None = None,
    ):
        if not problem:
            where, problem = "", where
        self.where, self.argument = where, argument
        self._problem, self._way_out = _message_text(problem), _message_text(way_out)
        self.problem, self.way_out = str(problem).strip(), str(way_out).strip()
        super().__init__(f"{where}: {self.written()}" if where else self.written())

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the arguments of `__init__`, which makes the text again."""
        return type(self), (self.where, self._problem, self._way_out, self.argument), self.__dict__

    def with_way_out(self, way_out: str | MessageText) -> Self:
        """Return a copy with another way out."""
        return type(self)(self.where, self._problem, way_out, self.argument)

    def written(self, write: WriteArguments = as_python) -> str:
        """Return the problem and the way out; `write` turns their arguments into text."""
        return " ".join(filter(None, (text.written(write).strip() for text in (self._problem, self._way_out))))


class InvalidValue(Message, ValueError):
    """A value, a file or a table that seqkit refuses.

    Attributes:
        where: the function or class that was called, and the part of its input: `"read_csv: sales.csv"`.
        problem: what seqkit expected and what it got.
        way_out: what to do; empty where the problem already says it.
        argument: the name of the argument that is wrong; None where the problem is not about one argument.

    Example:
        >>> import numpy as np, seqkit as sk
        >>> try:
        ...     sk.reshape(np.zeros((2, 6)), timesteps=-1)
        ... except sk.InvalidValue as error:
        ...     print(error.where, error.argument, error.problem, sep=" | ")
        reshape | timesteps | timesteps must be 0 or more, got -1.
    """


class InvalidType(Message, TypeError):
    """An argument of a type that seqkit refuses, with the attributes of `InvalidValue`.

    Example:
        >>> import numpy as np, seqkit as sk
        >>> try:
        ...     sk.make_windows(np.zeros((9, 1)), timesteps=2.5, horizon=1)
        ... except sk.InvalidType as error:
        ...     print(error.problem, error.way_out, sep=" | ")
        timesteps must be a whole number, got 2.5. | Pass timesteps=1 or more.
    """


class SeqkitWarning(Message, UserWarning):
    """A warning of seqkit, with the attributes of `InvalidValue`.

    Example:
        >>> import warnings, seqkit as sk
        >>> with warnings.catch_warnings():
        ...     warnings.filterwarnings("ignore", category=sk.SeqkitWarning)  # or "error"
        >>> issubclass(sk.SeqkitWarning, UserWarning)
        True
    """


class NoSuchFile(Message, FileNotFoundError):
    """The file to read does not exist."""


class NotAFile(Message, IsADirectoryError):
    """The path to read is a folder and not a file."""


class UnreadableFile(Message, OSError):
    """The system does not let the file be read."""


class UnwritablePath(Message, OSError):
    """The system does not let the path be written: the disk is full, read-only or gone."""


class LostWorkers(Message, RuntimeError):
    """Worker processes were killed, or their engine ended, before their jobs were done."""


class PathTaken(Message, FileExistsError):
    """The path to write to holds something else."""


def listed(names: Iterable[Any], most: int = MOST_NAMES_LISTED) -> str:
    """Write names as a readable list that is cut after `most` names."""
    names = [repr(name) for name in names]
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")


def first_line(error: BaseException) -> str:
    """The kind of another library's error, and the first line that it says."""
    return f"{type(error).__name__}: {str(error).strip()}".splitlines()[0]


def warn(warning: Warning) -> None:
    """Warn at the line of the user's code that called seqkit."""
    frame, level = sys._getframe(), 1
    while frame.f_back is not None and frame.f_globals.get("__name__", "").split(".")[0] == "seqkit":
        frame, level = frame.f_back, level + 1
    warnings.warn(warning, stacklevel=level)
