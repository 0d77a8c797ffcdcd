"""Messages of the command line: those of the library with flags for arguments, each on one line of stderr."""

from __future__ import annotations

import contextlib
import logging
import os
import re
import shlex
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NoReturn

import click

from seqkit import _checks
from seqkit._errors import MOST_NAMES_LISTED, Message, SeqkitWarning, as_python
from seqkit.cli.harmless import echo

EXIT_CODE_OF_BAD_INPUT = 2
EXIT_CODE_OF_INTERRUPTION = 130
LARGE_FILE = 10  # megabytes
SEPARATOR_NAMES = {"tab": "\t", r"\t": "\t"}

READING_OPTIONS = ("only", "freq", "timezone", "duplicates", "time_format", "encoding", "decimal", "header", "sheet")
LINE_OPTIONS = ("skip_rows", "skip_footer")
TRAINING_OPTIONS = ("timesteps", "season", "epochs", "seed", "fill", "checkpoint")
FLAGS = {
    name: f"--{name.replace('_', '-')}"
    for name in ("time", "start", "separator", "horizon", "origins", "budget", "ets")
}
FLAGS |= {name: f"--{name.replace('_', '-')}" for name in (*READING_OPTIONS, *LINE_OPTIONS, *TRAINING_OPTIONS)}
FLAGS |= {"columns": "--target", "targets": "--target", "features": "--feature", "use": "--use", "missing": "--missing"}
FLAGS |= {name: f"--{name}" for name in ("text", "series", "label", "future")}
FLAGS |= {"categories": "--categories", "future_columns": "--future-columns", "static_columns": "--static"}
FLAGS |= {name: f"--{name}" for name in ("calendar", "holidays")}


class OneLineErrors(click.Group):
    """A group that prints an error as one line on stderr and exits with code 2, without a traceback."""

    def main(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Run and exit; an error that seqkit did not raise on purpose still shows its traceback."""
        kwargs["standalone_mode"] = False
        try:
            code = super().main(*args, **kwargs)
        except click.Abort:
            echo("Stopped.", err=True)
            sys.exit(EXIT_CODE_OF_INTERRUPTION)
        except (Message, click.ClickException, OSError) as error:
            echo(f"Error: {error_line(error)}", err=True)
            sys.exit(EXIT_CODE_OF_BAD_INPUT)
        sys.exit(code if isinstance(code, int) else 0)


def error_line(error: BaseException) -> str:
    """Return the line that the command line prints for an error."""
    if isinstance(error, Message):
        return with_flags(error)
    if isinstance(error, click.UsageError) and error.ctx is not None:
        return f"{error.format_message()} See {error.ctx.command_path} --help."
    if isinstance(error, click.ClickException):
        return error.format_message()
    return f"{error.filename}: {error.strerror}." if isinstance(error, OSError) and error.strerror else str(error)


def with_flags(message: Message, write: Callable[[Mapping[str, object]], str] | None = None) -> str:
    """Return a message of the library without the name of the function, and with flags for arguments.

    `write` turns arguments into text, by default `as_flags`.

    Example:
        >>> from seqkit._errors import InvalidValue, keywords
        >>> with_flags(InvalidValue("read_csv: a.csv", "no time.", "Pass " + keywords(time=None, freq="MS") + "."))
        'a.csv: no time. Pass --no-time --freq MS.'
    """
    function, _, where = message.where.partition(": ")
    if not function.replace(".", "").isidentifier():  # an error of the command line: "seqkit forecast", "--plot"
        where = message.where
    text = message.written(write or as_flags)
    return f"{where}: {text}" if where else text


def as_flags(arguments: Mapping[str, object]) -> str:
    """Write arguments of the library as flags; write them as Python where one of them has no flag.

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
    if isinstance(value, Mapping):
        value = [f"{column}={chosen}" for column, chosen in value.items()]
    if isinstance(value, tuple):  # numbers of one option, such as --season 24,168
        value = ",".join(map(str, value))
    if isinstance(value, list):
        flags = " ".join(f"{FLAGS[name]} {_quoted(column)}" for column in value[:MOST_NAMES_LISTED])
        return flags + (f" and {len(value) - MOST_NAMES_LISTED} more" if len(value) > MOST_NAMES_LISTED else "")
    return f"{FLAGS[name]} {_quoted(value)}"


def _quoted(value: object) -> str:
    """Quote a value for a shell, on one line."""
    text = str(value)
    return shlex.quote(text if text.isprintable() else repr(text)[1:-1])


def whole_number(context: click.Context, option: click.Parameter, text: str | None) -> int | None:
    """Check the text of a numeric option like the library does (a click callback)."""
    if text is None:
        return None
    where = context.command_path
    value = int(text) if re.fullmatch(r"[+-]?\d{1,300}", text) else text
    least = 0 if option.name in ("seed", "origins") else 1
    number = _checks.whole_number(where, f"--{option.name}", value, least)
    if option.name == "seed" and number > _checks.LARGEST_SEED:
        raise click.ClickException(f"{where}: --seed must be at most {_checks.LARGEST_SEED}, got {number}.")
    return number


def one_or_two_numbers(context: click.Context, option: click.Parameter, text: str | None) -> int | list[int] | None:
    """Read `N` or `N,M` (a click callback)."""
    if text is None:
        return None
    numbers = [whole_number(context, option, part.strip()) or 0 for part in text.split(",")]
    return numbers[0] if len(numbers) == 1 else numbers


def percents(context: click.Context, option: click.Parameter, text: str | None) -> tuple[float, ...]:
    """Read `N` or `N,M,...` as percents that rise between 0 and 100 (a click callback)."""
    if text is None:
        return ()
    try:
        levels = [float(part) for part in text.split(",")]
    except ValueError:
        levels = [0.0]
    if levels != sorted({level for level in levels if 0 < level < 100}):
        problem = f"--{option.name} must be percents that rise between 0 and 100, such as 80,95, got {text!r}."
        raise click.ClickException(f"{context.command_path}: {problem}")
    return tuple(levels)


def by_column(context: click.Context, option: click.Parameter, texts: tuple[str, ...]) -> dict[str, str] | None:
    """Read `COL=VALUE` options as a dict (a click callback)."""
    pairs = dict(text.partition("=")[::2] for text in texts)
    if not all("=" in text for text in texts) or "" in pairs:
        where = context.command_path
        raise click.ClickException(
            f"{where}: --{option.name} must be COL=VALUE, as in --{option.name} shop=3, got {texts[0]!r}."
        )
    return pairs or None


def say(line: str) -> None:
    """Print a line about the progress on stderr, unless `--quiet` is set; stdout holds only results."""
    context = click.get_current_context(silent=True)
    if context is None or not context.params.get("quiet"):
        echo(line, err=True)


def say_what_takes_long(path: str) -> None:
    """Name a file that is read for more than a second, before it is read."""
    with contextlib.suppress(OSError):
        megabytes = os.path.getsize(path) / 1e6
        if megabytes >= LARGE_FILE:
            say(f"Reading {path}, {megabytes:.0f} MB ...")


def verbose_of(options: dict[str, Any]) -> Any:
    """The `verbose` of trainings: silence with `--quiet`, else a bar where somebody sees it."""
    return 0 if options["quiet"] else "auto"


@contextlib.contextmanager
def one_line_warnings() -> Iterator[list[str]]:
    """Print each warning of seqkit once, on one line, and hide all other warnings; yields the lines so far."""
    printed = set()
    lines: list[str] = []

    def show(message: Warning | str, *_: Any) -> None:
        if isinstance(message, SeqkitWarning) and str(message) not in printed:
            printed.add(str(message))
            lines.append(with_flags(message))
            echo(f"Warning: {lines[-1]}", err=True)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.filterwarnings("always", category=SeqkitWarning)
        warnings.showwarning = show  # type: ignore[assignment]
        yield lines


def log_errors_alone() -> None:
    """Log only the errors of TensorFlow's Python code; `seqkit._quiet_start` hides what its C++ code writes."""
    for name in ("tensorflow", "absl"):
        logging.getLogger(name).setLevel(logging.ERROR)
