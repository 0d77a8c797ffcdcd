"""How the command line speaks: the library's messages in its own words, one line each, and nothing else on stderr."""

from __future__ import annotations

import contextlib
import logging
import os
import re
import shlex
import sys
import warnings
from collections.abc import Iterator, Mapping
from typing import Any, NoReturn

import click

from seqkit import _checks
from seqkit._errors import MOST_LISTED, Message, SeqkitWarning, as_python

STDERR = 2  # its file descriptor
BAD_INPUT = 2
INTERRUPTED = 130
SEPARATOR_NAMES = {"tab": "\t", r"\t": "\t"}

READING = ("freq", "timezone", "time_format", "encoding", "decimal")
TRAINING = ("timesteps", "epochs", "seed", "fill")
FLAGS = {name: f"--{name.replace('_', '-')}" for name in ("time", "start", "separator", "horizon", "origins")}
FLAGS |= {name: f"--{name.replace('_', '-')}" for name in (*READING, *TRAINING)}
FLAGS |= {"columns": "--target", "targets": "--target", "features": "--feature"}


class OneLineErrors(click.Group):
    """A group whose refusals are one line on stderr and exit code 2, never a traceback or half a file."""

    def main(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Run and exit; an error that seqkit did not mean to raise still shows its traceback."""
        kwargs["standalone_mode"] = False
        try:
            code = super().main(*args, **kwargs)
        except click.Abort:
            click.echo("Stopped.", err=True)
            sys.exit(INTERRUPTED)
        except (Message, click.ClickException, OSError) as error:
            click.echo(f"Error: {in_words(error)}", err=True)
            sys.exit(BAD_INPUT)
        sys.exit(code if isinstance(code, int) else 0)


def in_words(error: BaseException) -> str:
    """A refusal as the command line says it."""
    if isinstance(error, Message):
        return in_flags(error)
    if isinstance(error, click.UsageError) and error.ctx is not None:
        return f"{error.format_message()} See {error.ctx.command_path} --help."
    if isinstance(error, click.ClickException):
        return error.format_message()
    return f"{error.filename}: {error.strerror}." if isinstance(error, OSError) and error.strerror else str(error)


def in_flags(message: Message) -> str:
    """A message of the library without the function's name, its arguments as flags.

    Example:
        >>> from seqkit._errors import InvalidValue, keywords
        >>> in_flags(InvalidValue("read_csv: a.csv", "no time.", "Pass " + keywords(time=None, freq="MS") + "."))
        'a.csv: no time. Pass --no-time --freq MS.'
    """
    function, _, place = message.where.partition(": ")
    if not function.replace(".", "").isidentifier():  # the command line itself, as "seqkit forecast" or "--plot"
        place = message.where
    return f"{place}: {message.written(as_flags)}" if place else message.written(as_flags)


def as_flags(arguments: Mapping[str, object]) -> str:
    """Arguments of the library as flags; as Python where one of them has none.

    Example:
        >>> as_flags({"columns": ["a", "b c"], "horizon": 12, "separator": ...})
        "--target a --target 'b c' --horizon 12 --separator"
    """
    flags = [_flag(name, value) for name, value in arguments.items()]
    return as_python(arguments) if None in flags else " ".join(filter(None, flags))


def _flag(name: str, value: object) -> str | None:
    if name not in FLAGS or (value is None and name != "time"):
        return None
    if value is None:
        return "--no-time"
    if value is ...:
        return FLAGS[name]
    if isinstance(value, list):
        shown = " ".join(f"{FLAGS[name]} {_quoted(one)}" for one in value[:MOST_LISTED])
        return shown + (f" and {len(value) - MOST_LISTED} more" if len(value) > MOST_LISTED else "")
    return f"{FLAGS[name]} {_quoted(value)}"


def _quoted(value: object) -> str:
    """For a shell, on one line."""
    text = str(value)
    return shlex.quote(text if text.isprintable() else repr(text)[1:-1])


def whole_number(context: click.Context, option: click.Parameter, text: str | None) -> int | None:
    """The callback of a numeric option: the same check and words as in the library."""
    if text is None:
        return None
    where = context.command_path
    value = int(text) if re.fullmatch(r"[+-]?\d{1,300}", text) else text
    least = 0 if option.name in ("seed", "origins") else 1
    number = _checks.whole_number(where, f"--{option.name}", value, least)
    if option.name == "seed" and number > _checks.LARGEST_SEED:
        raise click.ClickException(f"{where}: --seed must be at most {_checks.LARGEST_SEED}, got {number}.")
    return number


def say(what: str) -> None:
    """A line on the way; stdout holds results alone."""
    click.echo(what, err=True)


@contextlib.contextmanager
def one_line_warnings() -> Iterator[None]:
    """Show seqkit's warnings as a line each, once, and nobody else's."""
    seen = set()

    def show(message: Warning | str, *_: Any) -> None:
        if isinstance(message, SeqkitWarning) and str(message) not in seen:
            seen.add(str(message))
            click.echo(f"Warning: {in_flags(message)}", err=True)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.filterwarnings("always", category=SeqkitWarning)
        warnings.showwarning = show  # type: ignore[assignment]
        yield


@contextlib.contextmanager
def quiet_start() -> Iterator[None]:
    """Leave stderr to our own lines while TensorFlow is imported, unless TF_CPP_MIN_LOG_LEVEL asks for its own.

    TensorFlow logs its start whatever the level (tensorflow issue 100442), in C++ and so past sys.stderr.
    """
    for name in ("tensorflow", "absl"):
        logging.getLogger(name).setLevel(logging.ERROR)
    if os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3") != "3":
        yield
        return
    sys.stderr.flush()
    kept = os.dup(STDERR)
    try:
        with open(os.devnull, "wb") as nowhere:
            os.dup2(nowhere.fileno(), STDERR)
        yield
    finally:
        os.dup2(kept, STDERR)
        os.close(kept)
