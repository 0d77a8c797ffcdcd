"""How the command line speaks: the library's messages in its own words, one line each, and nothing else on stderr."""

from __future__ import annotations

import contextlib
import logging
import os
import re
import shlex
import sys
import traceback
import warnings
from collections.abc import Iterator
from typing import Any, NoReturn

import click

from seqkit import _checks

STDERR = 2  # its file descriptor
BAD_INPUT = 2
INTERRUPTED = 130
LARGEST_SEED = 2**32 - 1
SEPARATOR_NAMES = {"tab": "\t", r"\t": "\t"}

READING = ("freq", "timezone", "time_format", "encoding", "decimal")
TRAINING = ("timesteps", "epochs", "seed", "fill")
FLAGS = {name: f"--{name.replace('_', '-')}" for name in ("time", "start", "separator", "horizon", "origins")}
FLAGS |= {name: f"--{name.replace('_', '-')}" for name in (*READING, *TRAINING)}
FLAGS |= {"columns": "--target", "targets": "--target", "features": "--feature"}
# A Python argument in a message, such as columns=['a', 'b'], freq="MS", horizon=12 or a bare encoding=.
QUOTED = r"'[^']*'|\"[^\"]*\""
ARGUMENT = re.compile(rf"(?<![\w-])({'|'.join(FLAGS)})=(\[(?:{QUOTED}|[^\]'\"])*\]|{QUOTED}|None\b|-?\d+\b)?")
FUNCTION = re.compile(
    r"^(?:read_csv|build_forecaster|train_forecaster|windows|split|fit|forecast|backtest|export|plot_forecast"
    r"|read_texts|read_sequences|take_sequences|build_classifier|train_classifier|score_classifier|plot_confusion): "
)


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
        except (click.ClickException, ValueError, TypeError, OSError) as error:
            if not is_ours(error):
                raise
            click.echo(f"Error: {_in_words(error)}", err=True)
            sys.exit(BAD_INPUT)
        sys.exit(code if isinstance(code, int) else 0)


def is_ours(error: Exception) -> bool:
    """Whether seqkit meant to raise it."""
    if isinstance(error, click.ClickException | OSError):
        return True
    *_, (frame, _line) = traceback.walk_tb(error.__traceback__)
    return str(frame.f_globals.get("__name__")).startswith("seqkit.")


def _in_words(error: Exception) -> str:
    if isinstance(error, click.UsageError) and error.ctx is not None:
        return f"{error.format_message()} See {error.ctx.command_path} --help."
    if isinstance(error, click.ClickException):
        return error.format_message()
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}."
    return as_flags(str(error))


def as_flags(message: str) -> str:
    """A message of the library in the words of the command line.

    Example:
        >>> as_flags("read_csv: a.csv: is there none: time=None, freq='MS', columns=['a', 'b c'].")
        "a.csv: is there none: --no-time --freq MS, --target a --target 'b c'."
    """
    message = FUNCTION.sub("", message)
    message = re.sub(
        r"Such rows are NaN and .*: build_forecaster\(fill=\.\.\.\)", "They are filled as --fill says", message
    )
    message = re.sub(r"build_forecaster\((\w+=)\.\.\.\)", r"\1", message)
    return ARGUMENT.sub(_as_flag, message).replace("--no-time, --freq", "--no-time --freq")


def _as_flag(argument: re.Match[str]) -> str:
    name, value = argument.groups()
    if value == "None":
        return f"--no-{name}"
    names = [one[1:-1] for one in re.findall(QUOTED, value or "")]
    if names:
        return " ".join(f"{FLAGS[name]} {shlex.quote(one)}" for one in names)
    return f"{FLAGS[name]} {value}" if value else FLAGS[name]


def whole_number(context: click.Context, option: click.Parameter, text: str | None) -> int | None:
    """The callback of a numeric option: the same check and words as in the library."""
    if text is None:
        return None
    where = context.command_path
    value = int(text) if re.fullmatch(r"[+-]?\d{1,300}", text) else text
    least = 0 if option.name in ("seed", "origins") else 1
    number = _checks.whole_number(where, f"--{option.name}", value, least)
    if option.name == "seed" and number > LARGEST_SEED:
        raise ValueError(f"{where}: --seed must be at most {LARGEST_SEED}, got {number}.")
    return number


def say(what: str) -> None:
    """A line on the way; stdout holds results alone."""
    click.echo(what, err=True)


@contextlib.contextmanager
def one_line_warnings() -> Iterator[None]:
    """Show seqkit's warnings as a line each, once, and nobody else's."""
    seen = set()

    def show(message: Warning | str, *_: Any) -> None:
        if str(message) not in seen:
            seen.add(str(message))
            click.echo(f"Warning: {as_flags(str(message))}", err=True)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.filterwarnings("always", category=UserWarning, module=r"seqkit\.")
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
