"""`seqkit forecast`: a CSV of a time series in; a forecast as table, CSV and plot, and a SavedModel out."""

from __future__ import annotations

import time as clock
from typing import TYPE_CHECKING, Any

import click

from seqkit.cli.ahead import names, read_future, settle_known
from seqkit.cli.files import Files, check_files, write_files
from seqkit.cli.many import clearest_and_worst, is_panel
from seqkit.cli.messages import by_column, one_line_warnings, one_or_two_numbers, percents, say, whole_number
from seqkit.cli.network import say_what_the_network_changed
from seqkit.cli.reading import read, refuse_too_few_rows
from seqkit.cli.reports import report_of_forecast
from seqkit.cli.tables import as_text, print_backtest, print_forecast, size_and_span
from seqkit.cli.training import (
    backtest_of,
    budget_of_a_training,
    drop_levels_without_intervals,
    load,
    refuse_beside_model,
    train,
)

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from seqkit.forecasting.score import Backtest


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
    "--future-columns",
    metavar="COL[,COL]",
    callback=names,
    help="Columns that are known ahead, such as a planned price: their effects are learnt. Needs --future.",
)
@click.option(
    "--future",
    metavar="F.csv",
    help="The columns of --future-columns for the rows to forecast, with the same time column.",
)
@click.option(
    "--static",
    "static_columns",
    metavar="COL[,COL]",
    callback=names,
    help="Columns with one value a series, such as its size, that tell series apart.",
)
@click.option(
    "--categories",
    metavar="COL[,COL]",
    callback=names,
    help="Columns of words to read too, such as a region; --future-columns and --static may name them as well.",
)
@click.option(
    "--unseen",
    type=click.Choice(["refuse", "unknown"]),
    help="A word of --categories that the training has not seen: refuse it, or take it as a gap. Default: refuse.",
)
@click.option(
    "--calendar",
    metavar="PART[,PART]",
    callback=names,
    help="Parts of the calendar whose effects are learnt: hour, weekday, month, year.",
)
@click.option(
    "--holidays",
    metavar="COUNTRY",
    help="Public holidays whose effect is learnt, such as DE or DE-BY (extra holidays).",
)
@click.option(
    "--series",
    metavar="COL",
    multiple=True,
    help="Column that names the series of a long file; repeat it. One model forecasts all series.",
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
@click.option(
    "--levels",
    metavar="P[,P]",
    callback=percents,
    help="Intervals of so many percent beside each forecast, such as 80,95: columns sales-lo-80, sales-hi-80 ...",
)
@click.option("--timesteps", metavar="N", callback=whole_number, help="Rows of the past that one forecast reads.")
@click.option(
    "--season",
    metavar="N[,M]",
    callback=one_or_two_numbers,
    help="Rows of a season, or of a short and a long one; 1 for none. Default: the calendar's that the rows show.",
)
@click.option(
    "--budget",
    metavar="TIME",
    default="2m",
    help="Most time to train, backtest and all: 30s, 2m, 1h; none for no limit. It is told in gradient steps, so that "
    "--seed repeats a forecast on any machine. Default: 2m.",
)
@click.option("--epochs", metavar="N", callback=whole_number, help="Most epochs: passes through the data.")
@click.option("--seed", metavar="N", callback=whole_number, help="Makes the forecast repeatable.")
@click.option("--origins", metavar="N", default="3", callback=whole_number, help="Origins of the backtest; 0 for none.")
@click.option(
    "--ets/--no-ets",
    default=None,
    help="Exponential smoothing beside the backtest. Default: where statsmodels is installed (extra baselines).",
)
@click.option(
    "--fill",
    type=click.Choice(["last", "mean", "mask", "none"]),
    help="Fill missing values from earlier rows; mask: and tell the network which are missing, and since when; or "
    "refuse any. Default: last for at most 2 % of the rows.",
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
@click.option("--sheet", metavar="NAME", help="Sheet of an Excel file. Default: the first.")
@click.option("--model", metavar="F.keras", help="Forecast with this model, which --save wrote, and train nothing.")
@click.option("--save", metavar="F.keras", help="Keep the trained model there, for --model.")
@click.option("--checkpoint", metavar="FILE", help="Go on from there where the same command was killed; written too.")
@click.option("--quiet", is_flag=True, help="Print results, warnings and errors alone.")
@click.option("--output", metavar="F.csv", help="Write the forecast there.")
@click.option("--plot", metavar="F.png", help="Draw the forecast there (.png, .pdf, .svg, .jpg).")
@click.option(
    "--report",
    metavar="F.html",
    help="Write a page there that any browser opens: all that is found (extra report).",
)
@click.option("--export", metavar="DIR", help="Write the trained model there, a SavedModel.")
@click.option("--force", is_flag=True, help="Replace files that seqkit did not write.")
def forecast(
    csv: str,
    output: str | None,
    plot: str | None,
    report: str | None,
    export: str | None,
    save: str | None,
    **options: Any,
) -> None:
    """Forecast the next values of the time series in CSV, or of each series, in its own units and time stamps.

    A recurrent network is trained on the whole table. A backtest compares its past forecasts with the naive and the
    seasonal naive forecasts, and with exponential smoothing (ETS) where statsmodels is installed.
    """
    from seqkit.forecasting.described import described

    start = clock.monotonic()
    files = Files(output, plot, export, save, report)
    check_files(csv, files, options["checkpoint"], options["force"])
    refuse_beside_model(options)
    budget_of_a_training(options)  # refuses a wrong one before any work
    with one_line_warnings() as warned:
        known = load(options)
        settle_known(options)
        frame, options["fill"] = read(csv, options)
        refuse_too_few_rows(csv, frame, options["timesteps"], options["horizon"])
        say(f"Read {size_and_span(frame, options['timezone'])}: {', '.join(frame.columns)}")
        planned = read_future(frame, options)
        model = train(frame, options, planned) if known is None else known
        if known is None:
            drop_levels_without_intervals(model, options)
        say(f"The model: {described(model)}.")
        asked: dict[str, Any] = {} if planned is None else {"future": planned}
        levels = {"levels": options["levels"]} if options["levels"] else {}
        future = model.forecast(frame, **asked, **levels)
        say_what_the_network_changed(model, frame, future, **asked)
        table = as_text(future, options["timezone"])
        print_forecast(table, shorten=output is not None or is_panel(frame))
        waiting = Files(plot=plot if is_panel(frame) else None, report=report)  # for the backtest, which they show
        first = files._replace(report=None, plot=None if waiting.plot else plot)
        write_files(first, table, model, lambda: _picture(frame, future))
        backtest = backtest_of(model, frame, options)
        print_backtest(backtest)
        write_files(
            waiting,
            table,
            model,
            lambda: _picture(frame, future, backtest),
            lambda: report_of_forecast(model, frame, asked, backtest, warned, options),
        )
        say(f"It took {clock.monotonic() - start:.0f} seconds.")


def _picture(frame: pd.DataFrame, future: pd.DataFrame, backtest: Backtest | str | None = None) -> Figure:
    """The forecast; of many series the clearest and the worst of the backtest, or without one a few."""
    from seqkit.forecasting.plots import plot_forecast

    series, title = clearest_and_worst(backtest) or (None, None)
    return plot_forecast(frame, future, series=series, title=title)
