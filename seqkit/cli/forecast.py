"""`seqkit forecast`: a CSV of a time series in; a forecast as table, CSV and plot, and a SavedModel out."""

from __future__ import annotations

import sys
import warnings
from typing import TYPE_CHECKING, Any

import click

from seqkit._errors import InvalidValue, SeqkitWarning
from seqkit.cli.files import Files, check_files, write_files
from seqkit.cli.gaps import choose_filling, refuse_use, without_long_gaps
from seqkit.cli.messages import (
    LINE_OPTIONS,
    READING_OPTIONS,
    SEPARATOR_NAMES,
    TRAINING_OPTIONS,
    by_column,
    error_line,
    log_errors_alone,
    one_line_warnings,
    one_or_two_numbers,
    say,
    whole_number,
)
from seqkit.cli.tables import as_text, print_results, time_span

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from seqkit.forecasting.model import Forecaster
    from seqkit.forecasting.score import Backtest

SIZES = ("horizon", "timesteps")


@click.command(short_help="Forecast a CSV's next values.")
@click.argument("csv")
@click.option("--time", metavar="COL", multiple=True, help="Time column; repeat it for year, month, day, hour.")
@click.option("--no-time", is_flag=True, help="There is no time column: number the rows (needs --freq).")
@click.option(
    "--target", metavar="COL", multiple=True, help="Column to forecast; repeat it. Default: all that hold values."
)
@click.option(
    "--use", metavar="COL", multiple=True, help="Column to read beside these, but not to forecast; repeat it."
)
@click.option(
    "--only", metavar="COL=VALUE", multiple=True, callback=by_column, help="Read only these rows: one series of many."
)
@click.option(
    "--horizon",
    metavar="N",
    callback=whole_number,
    help="Rows to forecast. Default: a season (12 months, 7 days, 24 hours), at most a third of the rows.",
)
@click.option("--timesteps", metavar="N", callback=whole_number, help="Rows of the past that one forecast reads.")
@click.option(
    "--season",
    metavar="N[,M]",
    callback=one_or_two_numbers,
    help="Rows of a season, or of a short and a long one; 1 for none. Default: the calendar's that the rows show.",
)
@click.option("--epochs", metavar="N", callback=whole_number, help="Most epochs: passes through the data.")
@click.option("--seed", metavar="N", callback=whole_number, help="Makes the forecast repeatable.")
@click.option("--origins", metavar="N", default="3", callback=whole_number, help="Origins of the backtest; 0 for none.")
@click.option(
    "--fill",
    type=click.Choice(["last", "mean", "none"]),
    help="Fill missing values from earlier rows, or refuse any. Default: last for at most 2 % of the rows.",
)
@click.option("--freq", metavar="F", help="Step of the rows: MS, W-SUN, D, h, 30min. Default: from the time stamps.")
@click.option("--start", metavar="STAMP", help="With --no-time: time stamp of the first row. Default: 2000-01-01.")
@click.option("--timezone", metavar="ZONE", help="Time zone of stamps with summer time, such as Europe/Berlin.")
@click.option(
    "--duplicates",
    type=click.Choice(["refuse", "mean", "first", "last"]),
    default="refuse",
    help="Rows of the same time stamp: refuse them, or take their mean, the first or the last.",
)
@click.option("--time-format", metavar="FORMAT", help="Format of the time stamps, such as %d/%m/%Y.")
@click.option("--header/--no-header", default=None, help="Whether the first line holds the names of the columns.")
@click.option("--skip-rows", metavar="N", callback=whole_number, help="Lines before the header. Default: found.")
@click.option("--skip-footer", metavar="N", callback=whole_number, help="Lines after the last row. Default: found.")
@click.option(
    "--missing",
    metavar="NUMBER",
    multiple=True,
    help='A number that stands for missing values, such as -999; "none" if all numbers are values. May be repeated.',
)
@click.option("--encoding", metavar="NAME", help="Encoding of the file, if neither UTF-8 nor GB18030.")
@click.option("--separator", metavar="CHAR", help='Between columns; "tab" for a tab.')
@click.option("--decimal", metavar="MARK", help="Decimal mark, . or a comma, if the file leaves it open.")
@click.option("--output", metavar="F.csv", help="Write the forecast there.")
@click.option("--plot", metavar="F.png", help="Draw the forecast there (.png, .pdf, .svg, .jpg).")
@click.option("--export", metavar="DIR", help="Write the trained model there, a SavedModel.")
def forecast(csv: str, output: str | None, plot: str | None, export: str | None, **options: Any) -> None:
    """Forecast the next values of the time series in CSV, in its own units and time stamps.

    A recurrent network is trained on the whole table. A backtest compares its past forecasts with the naive and the
    seasonal naive forecast.
    """
    files = Files(output, plot, export)
    check_files(csv, files)
    with one_line_warnings():
        frame, options["fill"] = _read(csv, options)
        _refuse_too_few_rows(csv, frame, options["timesteps"], options["horizon"])
        say(f"Read {len(frame)} rows, {time_span(frame, options['timezone'])}: {', '.join(frame.columns)}")
        model = _train(frame, options)
        backtest = _backtest(model, frame, options)
        future = model.forecast(frame)
        table = as_text(future, options["timezone"])
        print_results(table, backtest, shorten=output is not None)
        write_files(files, table, model, lambda: _forecast_plot(frame, future))


def _read(csv: str, options: dict[str, Any]) -> tuple[pd.DataFrame, str | None]:
    """Return the table to forecast, and how to fill its missing values."""
    named = [*options["target"], *options["use"]]
    refuse_use(options["target"], options["use"])
    with warnings.catch_warnings(record=True) as caught:
        frame = without_long_gaps(csv, _read_table(csv, options), named, {name: options[name] for name in SIZES})
    refuse_use(options["target"], options["use"], list(frame.columns))
    with warnings.catch_warnings(record=True) as caught_filling:  # an error comes alone, without warnings before it
        fill = choose_filling(csv, frame, options["fill"])
    for message in (warning.message for warning in caught):
        if isinstance(message, SeqkitWarning) and message.argument == "fill":  # of the rows that the grid lacks
            if caught_filling:
                continue
            message = message.with_way_out("They are filled as --fill says.")
        warnings.warn(message, stacklevel=1)
    for warning in caught_filling:
        warnings.warn(warning.message, stacklevel=1)
    return frame, fill


def _read_table(csv: str, options: dict[str, Any]) -> pd.DataFrame:
    from seqkit.data.tables import read_csv

    if options["no_time"] and options["time"]:
        raise click.ClickException(
            "seqkit forecast: --time names a time column, --no-time says there is none. Give one of them."
        )
    if options["start"] is not None and not options["no_time"]:
        raise click.ClickException(
            "seqkit forecast: --start is for a table without time stamps. Add --no-time, or leave it out."
        )
    reading = {name: options[name] for name in (*READING_OPTIONS, *LINE_OPTIONS)}
    if options["start"] is not None:
        reading["start"] = options["start"]
    return read_csv(
        csv,
        time=None if options["no_time"] else list(options["time"]) or "auto",
        columns=list(options["target"]) or None,
        use=list(options["use"]) or None,
        separator=SEPARATOR_NAMES.get(options["separator"], options["separator"]),
        missing="none" if options["missing"] == ("none",) else list(options["missing"]) or None,
        **reading,
    )


def _refuse_too_few_rows(csv: str, frame: pd.DataFrame, timesteps: int | None, horizon: int | None) -> None:
    needed = (timesteps or 1) + (horizon or 1)
    if len(frame) < needed:
        flags = [f"{flag} {value}" for flag, value in (("--timesteps", timesteps), ("--horizon", horizon)) if value]
        raise click.ClickException(
            f"{csv}: {' and '.join(flags)} {'needs' if len(flags) == 1 else 'need'} {needed} rows or more, the table "
            f"has {len(frame)}. Shorten, or add rows."
        )


def _train(frame: pd.DataFrame, options: dict[str, Any]) -> Forecaster:
    log_errors_alone()
    from seqkit.data.steps import code_of
    from seqkit.forecasting.defaults import default_horizon
    from seqkit.forecasting.train import train_forecaster

    rows = len(frame) - (options["timesteps"] or 0)
    horizon = options["horizon"] or default_horizon(code_of(frame.index.freq), rows)  # type: ignore[attr-defined]
    say(f"Training to forecast {horizon} row{'s' * (horizon > 1)} ...")
    training = {name: options[name] for name in TRAINING_OPTIONS}
    if options["use"]:
        training["targets"] = [name for name in frame.columns if name not in options["use"]]
    return train_forecaster(frame, horizon=horizon, **training)


def _backtest(model: Forecaster, frame: pd.DataFrame, options: dict[str, Any]) -> Backtest | str:
    """Backtest from as many origins as the table has rows for, or return the reason why there is no backtest."""
    from seqkit.forecasting.score import backtest

    training = {name: options[name] for name in ("epochs", "seed")} | {"progress": sys.stderr.isatty()}
    most, reason = options["origins"], "--origins 0"
    if most:
        say("Backtesting ...")
    for origins in range(most, 0, -1):
        try:
            result = backtest(model, frame, origins=origins, **training)
        except InvalidValue as error:
            reason = error_line(error)
        else:
            if origins < most:
                say(f"The backtest has {origins} of {most} origins, because the table is too short for more.")
            return result
    return f"No backtest: {reason}"


def _forecast_plot(frame: pd.DataFrame, future: pd.DataFrame) -> Figure:
    from seqkit.forecasting.plots import plot_forecast

    return plot_forecast(frame, future)
