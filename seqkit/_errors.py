"""Refusals and warnings as objects: where, what is wrong, the way out, and the argument it is about."""

from __future__ import annotations

import numbers
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

Write = Callable[[Mapping[str, object]], str]
MOST_LISTED = 12  # names of a list in a message


@dataclass(frozen=True)
class Words:
    """Text and, held apart from it, arguments: Python in a message, flags on the command line.

    Text is never interpreted, so a file may hold braces and `freq='MS'`. Made by adding `keywords` to strings; in an
    f-string it is Python for good.

    Example:
        >>> hint = "Name it, as in " + keywords(encoding="latin-1") + ", or save the file as UTF-8."
        >>> str(hint)
        "Name it, as in encoding='latin-1', or save the file as UTF-8."
        >>> hint.written(lambda arguments: " ".join(f"--{name} {value}" for name, value in arguments.items()))
        'Name it, as in --encoding latin-1, or save the file as UTF-8.'
    """

    parts: tuple[str | Mapping[str, object], ...]

    def __add__(self, other: str | Words) -> Words:
        """This and then other words."""
        return Words((*self.parts, *_words(other).parts))

    def __radd__(self, other: str) -> Words:
        """Other words and then this."""
        return Words((*_words(other).parts, *self.parts))

    def __str__(self) -> str:
        return self.written(as_python)

    def written(self, write: Write) -> str:
        """The text, each group of arguments in it as `write` has it."""
        return "".join(one if isinstance(one, str) else write(one) for one in self.parts)


def _words(text: str | Words) -> Words:
    return text if isinstance(text, Words) else Words((text,))


def keywords(**arguments: object) -> Words:
    """Arguments that a message suggests or repeats; `...` stands for one without its value.

    Example:
        >>> print("Pass " + keywords(time=None, columns=["a", "b c"]) + ", or " + keywords(separator=...) + ".")
        Pass time=None, columns=['a', 'b c'], or separator=.
    """
    return Words((arguments,))


def as_python(arguments: Mapping[str, object]) -> str:
    """Arguments as they stand in a call."""
    return ", ".join(f"{name}={_value(value)}" for name, value in arguments.items())


def _value(value: object) -> str:
    if value is ...:
        return ""
    if isinstance(value, list):
        return f"[{listed(value)}]"
    return str(value) if isinstance(value, numbers.Number) else repr(value)  # NumPy's repr names the type


class Message(Exception):
    """What every refusal and warning of seqkit holds; its text is `where: problem way_out`.

    Like any exception it can be made of its text alone, as those do who add to it; that is the problem then.
    """

    where: str  # the function or class, and what is meant by it: "read_csv: sales.csv", "fit: x"
    problem: str
    way_out: str  # "" where the problem says it
    argument: str | None

    _keras_call_info_injected = True  # else Keras replaces what a layer refuses by an error of the text alone

    def __init__(self, where: str, problem: str | Words = "", way_out: str | Words = "", argument: str | None = None):
        if not problem:
            where, problem = "", where
        self.where, self.argument = where, argument
        self._problem, self._way_out = _words(problem), _words(way_out)
        self.problem, self.way_out = str(problem).strip(), str(way_out).strip()
        super().__init__(f"{where}: {self.written()}" if where else self.written())

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the parts, from which the text is made."""
        return type(self), (self.where, self._problem, self._way_out, self.argument), self.__dict__

    def with_way_out(self, way_out: str | Words) -> Self:
        """The same with another way out."""
        return type(self)(self.where, self._problem, way_out, self.argument)

    def written(self, write: Write = as_python) -> str:
        """The problem and the way out, their arguments as `write` has them."""
        return " ".join(filter(None, (one.written(write).strip() for one in (self._problem, self._way_out))))


class InvalidValue(Message, ValueError):
    """A value, a file or a table that seqkit refuses.

    Attributes:
        where: the function or class that was called, and the part of its input: `"read_csv: sales.csv"`.
        problem: what was wanted and what came.
        way_out: what to do about it; empty where the problem says it.
        argument: the name of the argument it is about, where it is about one.

    Example:
        >>> import numpy as np, seqkit as sk
        >>> try:
        ...     sk.reshape(np.zeros((2, 6)), timesteps=-1)
        ... except sk.InvalidValue as error:
        ...     print(error.where, error.argument, error.problem, sep=" | ")
        reshape | timesteps | timesteps must be 0 or more, got -1.
    """


class InvalidType(Message, TypeError):
    """An argument of a type that seqkit refuses; its attributes are those of `InvalidValue`.

    Example:
        >>> import numpy as np, seqkit as sk
        >>> try:
        ...     sk.make_windows(np.zeros((9, 1)), timesteps=2.5, horizon=1)
        ... except sk.InvalidType as error:
        ...     print(error.problem, error.way_out, sep=" | ")
        timesteps must be a whole number, got 2.5. | Pass timesteps=1 or more.
    """


class SeqkitWarning(Message, UserWarning):
    """What seqkit does and says so; its attributes are those of `InvalidValue`.

    Example:
        >>> import warnings, seqkit as sk
        >>> with warnings.catch_warnings():
        ...     warnings.filterwarnings("ignore", category=sk.SeqkitWarning)  # or "error"
    """


class NoSuchFile(Message, FileNotFoundError):
    """A file to read that is not there."""


class NotAFile(Message, IsADirectoryError):
    """A folder where a file to read is needed."""


class PlaceTaken(Message, FileExistsError):
    """A place to write to that holds something else."""


def listed(names: Iterable[Any], most: int = MOST_LISTED) -> str:
    """Names as a readable list, cut after `most`."""
    names = [repr(name) for name in names]
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")
