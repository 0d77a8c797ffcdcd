"""The command line: a CSV in; its forecast as a table, CSV and picture, and a SavedModel, out."""

from __future__ import annotations

import contextlib
import logging
import os
import re
import shlex
import shutil
import sys
import traceback
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

import click

from seqkit import _checks

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from seqkit.evaluation import Backtest
    from seqkit.models.forecaster import Forecaster

STDERR = 2  # its file descriptor
BAD_INPUT = 2
INTERRUPTED = 130
LARGEST_SEED = 2**32 - 1
PICTURES = {".png": "png", ".pdf": "pdf", ".svg": "svg", ".jpg": "jpg"}
SEPARATOR_NAMES = {"tab": "\t", r"\t": "\t"}
SHOWN_DIGITS = 6
LEAST_SHARE = 3  # the season that is forecast by default is at most this part of the rows
MOST_SHOWN_ROWS = 48  # of a forecast that is written to a file as well

READING = ("freq", "timezone", "time_format", "encoding", "decimal")
TRAINING = ("timesteps", "epochs", "seed", "fill")
FLAGS = {name: f"--{name.replace('_', '-')}" for name in ("time", "start", "separator", "horizon", "origins")}
FLAGS |= {name: f"--{name.replace('_', '-')}" for name in (*READING, *TRAINING)}
FLAGS |= {"columns": "--target", "targets": "--target"}
# A Python argument in a message, such as columns=['a', 'b'], freq="MS", horizon=12 or a bare encoding=.
QUOTED = r"'[^']*'|\"[^\"]*\""
ARGUMENT = re.compile(rf"(?<![\w-])({'|'.join(FLAGS)})=(\[(?:{QUOTED}|[^\]'\"])*\]|{QUOTED}|None\b|-?\d+\b)?")
FUNCTION = re.compile(
    r"^(?:read_csv|build_forecaster|train_forecaster|windows|split|fit|forecast|backtest|export|plot_forecast): "
)


class Files(NamedTuple):
    """What is to be written, where asked for."""

    output: str | None
    plot: str | None
    export: str | None


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
            if not _is_ours(error):
                raise
            click.echo(f"Error: {_in_words(error)}", err=True)
            sys.exit(BAD_INPUT)
        sys.exit(code if isinstance(code, int) else 0)


def _is_ours(error: Exception) -> bool:
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
    return _as_flags(str(error))


def _as_flags(message: str) -> str:
    """A message of the library in the words of the command line.

    Example:
        >>> _as_flags("read_csv: a.csv: is there none: time=None, freq='MS', columns=['a', 'b c'].")
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


def _whole_number(context: click.Context, option: click.Parameter, text: str | None) -> int | None:
    """The callback of a numeric option: the same check and words as in the library."""
    if text is None:
        return None
    value = int(text) if re.fullmatch(r"[+-]?\d{1,300}", text) else text
    least = 0 if option.name in ("seed", "origins") else 1
    number = _checks.whole_number("seqkit forecast", f"--{option.name}", value, least)
    if option.name == "seed" and number > LARGEST_SEED:
        raise ValueError(f"seqkit forecast: --seed must be at most {LARGEST_SEED}, got {number}.")
    return number


@click.group(cls=OneLineErrors, invoke_without_command=True)
@click.version_option(package_name="seqkit")
@click.pass_context
def seqkit(context: click.Context) -> None:
    """Recurrent sequence models that are right by default."""
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


@seqkit.command(short_help="Forecast a CSV's next values.")
@click.argument("csv")
@click.option("--time", metavar="COL", multiple=True, help="Time column; repeat it for year, month, day, hour.")
@click.option("--no-time", is_flag=True, help="There is no time column: count the rows off (needs --freq).")
@click.option(
    "--target", metavar="COL", multiple=True, help="Column to forecast; repeat it. Default: all but the time."
)
@click.option(
    "--horizon",
    metavar="N",
    callback=_whole_number,
    help="Rows to forecast. Default: a season (12 months, 7 days, 24 hours), at most a third of the rows.",
)
@click.option("--timesteps", metavar="N", callback=_whole_number, help="Rows of the past that one forecast reads.")
@click.option("--epochs", metavar="N", callback=_whole_number, help="Most times through the data.")
@click.option("--seed", metavar="N", callback=_whole_number, help="Makes the forecast repeatable.")
@click.option(
    "--origins", metavar="N", default="3", callback=_whole_number, help="Origins of the backtest; 0 for none."
)
@click.option("--fill", type=click.Choice(["last", "mean"]), help="Fill missing values from what came before.")
@click.option("--freq", metavar="F", help="Step of the rows, as MS, W-SUN, D, h or 30min. Default: as the stamps say.")
@click.option("--start", metavar="STAMP", help="With --no-time: stamp of the first row. Default: 2000-01-01.")
@click.option("--timezone", metavar="ZONE", help="Zone of a clock with summer time, as Europe/Berlin.")
@click.option("--time-format", metavar="FORM", help="Form of the time stamps, as %d/%m/%Y.")
@click.option("--encoding", metavar="NAME", help="Where it is neither UTF-8 nor GB18030.")
@click.option("--separator", metavar="CHAR", help='Between columns; "tab" for a tab.')
@click.option("--decimal", metavar="MARK", help="Decimal mark, . or a comma, where the file does not show it.")
@click.option("--output", metavar="F.csv", help="Write the forecast there.")
@click.option("--plot", metavar="F.png", help="Draw the forecast there (.png, .pdf, .svg, .jpg).")
@click.option("--export", metavar="DIR", help="Write the trained model there, a SavedModel.")
def forecast(csv: str, output: str | None, plot: str | None, export: str | None, **given: Any) -> None:
    """Forecast the next values of the time series in CSV, in its own units and time stamps.

    A recurrent network is trained on the whole table; a backtest says how good such forecasts have been,
    beside the naive and the seasonal naive forecast.
    """
    files = Files(output, plot, export)
    _check_files(csv, files)
    with _one_line_warnings():
        frame = _read(csv, given)
        _refuse_too_few_rows(csv, frame, given["timesteps"], given["horizon"])
        _say(f"Read {len(frame)} rows, {_span(frame, given['timezone'])}: {', '.join(frame.columns)}")
        model = _train(frame, given)
        scored = _backtest(model, frame, given)
        future = model.forecast(frame)
        table = _written(future, given["timezone"])
        _show(table, scored, shorten=output is not None)
        _write(files, table, model, lambda: _picture(frame, future))


def _check_files(csv: str, files: Files) -> None:
    """Refuse, before any work, what could not be written at its end."""
    taken = {Path(csv).resolve(): "the CSV"}
    for name, path in files._asdict().items():
        if path is None:
            continue
        place = Path(path).resolve()
        if place in taken:
            raise ValueError(f"--{name}: {path} is {taken[place]} already. Name another.")
        taken[place] = f"--{name}"
        if name == "export":
            _check_folder(path)
        else:
            _check_file(f"--{name}", path)
        if files.export is not None and Path(files.export).resolve() in place.parents:
            raise ValueError(
                f"--{name}: {path} is in the folder of --export, which is replaced as a whole. Move it out."
            )
    if files.plot is not None:
        _checks.choice("--plot", "the ending", Path(files.plot).suffix.lower(), PICTURES)


def _check_file(flag: str, path: str) -> None:
    folder = Path(path).parent
    if Path(path).exists() and not Path(path).is_file():
        raise ValueError(f"{flag}: {path} is not a file. Name a file.")
    if not folder.is_dir():
        raise ValueError(f"{flag}: {path}: there is no folder {folder}. Make it first, or name another.")
    _check_writable(f"{flag}: {path}", folder)


def _check_folder(path: str) -> None:
    folder = Path(path)
    is_free = not folder.exists() or (folder.is_dir() and not any(folder.iterdir()))
    if not is_free and not (folder / "saved_model.pb").is_file():
        raise ValueError(
            f"--export: {path} exists and is not a SavedModel, so it is left alone. Name a new folder, "
            f"such as {folder / '1'}."
        )
    above = next(one for one in folder.absolute().parents if one.exists())
    if not above.is_dir():
        raise ValueError(f"--export: {path}: {above} is not a folder. Name another.")
    _check_writable(f"--export: {path}", above)


def _check_writable(where: str, folder: Path) -> None:
    if not os.access(folder, os.W_OK | os.X_OK):
        raise ValueError(f"{where}: nothing may be written in {folder}. Name another folder.")


@contextlib.contextmanager
def _one_line_warnings() -> Iterator[None]:
    """Show seqkit's warnings as a line each, once, and nobody else's."""
    seen = set()

    def show(message: Warning | str, *_: Any) -> None:
        if str(message) not in seen:
            seen.add(str(message))
            click.echo(f"Warning: {_as_flags(str(message))}", err=True)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.filterwarnings("always", category=UserWarning, module=r"seqkit\.")
        warnings.showwarning = show  # type: ignore[assignment]
        yield


def _say(what: str) -> None:
    click.echo(what, err=True)  # stdout holds results alone


def _read(csv: str, given: dict[str, Any]) -> pd.DataFrame:
    from seqkit.tables import read_csv

    if given["no_time"] and given["time"]:
        raise ValueError("seqkit forecast: --time names a time column, --no-time says there is none. Give one of them.")
    if given["start"] is not None and not given["no_time"]:
        raise ValueError("seqkit forecast: --start is for a table without time stamps. Add --no-time, or leave it out.")
    options = {name: given[name] for name in READING}
    if given["start"] is not None:
        options["start"] = given["start"]
    with warnings.catch_warnings(record=True) as said:
        frame = read_csv(
            csv,
            time=None if given["no_time"] else list(given["time"]) or "auto",
            columns=list(given["target"]) or None,
            separator=SEPARATOR_NAMES.get(given["separator"], given["separator"]),
            **options,
        )
    if given["fill"] is None:  # a refusal that says it all stands alone
        _refuse_missing(csv, frame)
    for one in said:
        warnings.warn(one.message, stacklevel=1)
    return frame


def _refuse_missing(csv: str, frame: pd.DataFrame) -> None:
    missing = frame.isna()
    rows = missing.any(axis=1)
    if rows.any():
        first = frame.index[int(rows.argmax())]
        column = missing.loc[first].idxmax()
        raise ValueError(
            f"{csv}: {int(rows.sum())} of {len(frame)} rows have missing values, the first in column {column!r} at "
            f"{_stamps(frame.loc[[first]])[0]}. Fill each from what came before with --fill last (or --fill mean), "
            "or fill them in the file."
        )


def _refuse_too_few_rows(csv: str, frame: pd.DataFrame, timesteps: int | None, horizon: int | None) -> None:
    needed = (timesteps or 1) + (horizon or 1)
    if len(frame) < needed:
        asked = {"--timesteps": timesteps, "--horizon": horizon}
        said = " and ".join(f"{flag} {value}" for flag, value in asked.items() if value)
        raise ValueError(
            f"{csv}: {said} {'needs' if len(said.split()) == 2 else 'need'} {needed} rows or more, the table has "
            f"{len(frame)}. Shorten, or add rows."
        )


@contextlib.contextmanager
def _quiet_start() -> Iterator[None]:
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


def _train(frame: pd.DataFrame, given: dict[str, Any]) -> Forecaster:
    with _quiet_start():
        from seqkit.models._forecaster_defaults import natural_period
        from seqkit.recipes import train_forecaster

    room = len(frame) - (given["timesteps"] or 0)
    season = natural_period(frame.index.freqstr)  # type: ignore[attr-defined]
    horizon = given["horizon"] or max(1, min(season, room // LEAST_SHARE))
    _say(f"Training to forecast {horizon} row{'s' * (horizon > 1)} ...")
    return train_forecaster(frame, horizon=horizon, **{name: given[name] for name in TRAINING})


def _backtest(model: Forecaster, frame: pd.DataFrame, given: dict[str, Any]) -> Backtest | str:
    """The backtest from as many of the origins as the table has rows for, or the line that says why there is none."""
    from seqkit.evaluation import backtest

    options = {name: given[name] for name in ("epochs", "seed")} | {"progress": sys.stderr.isatty()}
    asked, why_not = given["origins"], "--origins 0"
    for origins in range(asked, 0, -1):
        if origins == asked:
            _say("Backtesting ...")
        try:
            result = backtest(model, frame, origins=origins, **options)
        except ValueError as error:
            if not _is_ours(error):
                raise
            why_not = _as_flags(str(error))
        else:
            if origins < asked:
                _say(f"The backtest has {origins} of {asked} origins, as the table is too short for more.")
            return result
    return f"No backtest: {why_not}"


def _span(frame: pd.DataFrame, timezone: str | None) -> str:
    first, last = _stamps(frame.iloc[[0, -1]], timezone)
    return f"{first} to {last}, freq {frame.index.freqstr}"  # type: ignore[attr-defined]


def _stamps(table: pd.DataFrame, timezone: str | None = None) -> list[str]:
    """The table's time stamps as the file writes them, else in ISO form."""
    import pandas as pd

    from seqkit._time_format import write_stamps

    index = pd.DatetimeIndex(table.index)
    if timezone is not None:
        index = index.tz_convert(timezone)
    time_format = table.attrs.get("time_format")
    if time_format is not None:
        return write_stamps(index, time_format)
    whole_days = index.tz is None and (index == index.normalize()).all()
    return [str(stamp.date() if whole_days else stamp) for stamp in index]


def _written(future: pd.DataFrame, timezone: str | None) -> pd.DataFrame:
    """The forecast as the text of its cells, the time column first."""
    table = future.apply(_rounded)
    time = str(future.index.name or "time")
    while time in table.columns:
        time += "_"
    table.insert(0, time, _stamps(future, timezone))
    return table.reset_index(drop=True)


def _rounded(values: pd.Series) -> pd.Series:
    """Numbers as text with as many decimals as the column's largest needs for six digits."""
    import numpy as np

    largest = float(values.abs().max())
    decimals = SHOWN_DIGITS - 1 - int(np.floor(np.log10(largest))) if largest > 0 else 0
    form = f".{max(decimals, 0)}f" if decimals <= 2 * SHOWN_DIGITS else f".{SHOWN_DIGITS}g"
    return values.map(lambda value: "" if np.isnan(value) else format(value, form))


def _show(table: pd.DataFrame, scored: Backtest | str, shorten: bool) -> None:
    _echo_table(table, MOST_SHOWN_ROWS if shorten else None)
    if isinstance(scored, str):
        click.echo(f"\n{scored}")
        return
    scores = scored.scores.apply(lambda column: column.map("{:.4g}".format))
    click.echo("")
    _echo_table(scores.reset_index(), None)
    click.echo(f"\n{scored.verdict}")


def _echo_table(table: pd.DataFrame, most_rows: int | None) -> None:
    import pandas as pd

    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    with pd.option_context("display.unicode.east_asian_width", True):
        click.echo(table.to_string(index=False, max_rows=most_rows, line_width=width))


def _picture(frame: pd.DataFrame, future: pd.DataFrame) -> Figure:
    from seqkit.insight.plots import plot_forecast

    return plot_forecast(frame, future)


def _write(files: Files, table: pd.DataFrame, model: Forecaster, picture: Callable[[], Figure]) -> None:
    """Write every file beside its place and rename at the end, so that none is ever half there."""
    with contextlib.ExitStack() as stack:
        scratch = {path: _beside(path, stack) for path in (files.output, files.plot) if path is not None}
        if files.output is not None:
            table.to_csv(scratch[files.output], index=False, encoding="utf-8", lineterminator="\n")
        if files.plot is not None:
            picture().savefig(scratch[files.plot], format=PICTURES[Path(files.plot).suffix.lower()])
        if files.export is not None:
            model.export(files.export)
        for path, written in scratch.items():
            os.replace(written, Path(path).resolve())
    if any(files):
        click.echo(f"\nWrote {', '.join(filter(None, files))}")


def _beside(path: str, stack: contextlib.ExitStack) -> Path:
    """A hidden name in the same folder, removed at the end if it still is there."""
    place = Path(path).resolve()
    scratch = place.with_name(f".{place.name}.{os.getpid()}")
    stack.callback(scratch.unlink, missing_ok=True)
    return scratch


def main() -> NoReturn:
    """The console script."""
    seqkit.main(prog_name="seqkit")
