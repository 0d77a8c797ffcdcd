"""The command line: a CSV in; its forecast as a table, CSV and picture, and a SavedModel, out."""

from __future__ import annotations

import sys
import warnings
from typing import TYPE_CHECKING, Any

import click

from seqkit._errors import InvalidValue, SeqkitWarning
from seqkit.cli.files import Files, check_files, write_files
from seqkit.cli.messages import (
    READING,
    SEPARATOR_NAMES,
    TRAINING,
    in_words,
    one_line_warnings,
    quiet_start,
    say,
    whole_number,
)
from seqkit.cli.tables import as_text, show, span, stamps

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from seqkit.forecasting.model import Forecaster
    from seqkit.forecasting.score import Backtest

UNSEASONED_HORIZON = 6  # rows that are forecast by default where the calendar names no season
LEAST_SHARE = 3  # the season that is forecast by default is at most this part of the rows


@click.command(short_help="Forecast a CSV's next values.")
@click.argument("csv")
@click.option("--time", metavar="COL", multiple=True, help="Time column; repeat it for year, month, day, hour.")
@click.option("--no-time", is_flag=True, help="There is no time column: count the rows off (needs --freq).")
@click.option(
    "--target", metavar="COL", multiple=True, help="Column to read and forecast; repeat it. Default: all but the time."
)
@click.option(
    "--horizon",
    metavar="N",
    callback=whole_number,
    help="Rows to forecast. Default: a season (12 months, 7 days, 24 hours), at most a third of the rows.",
)
@click.option("--timesteps", metavar="N", callback=whole_number, help="Rows of the past that one forecast reads.")
@click.option("--epochs", metavar="N", callback=whole_number, help="Most times through the data.")
@click.option("--seed", metavar="N", callback=whole_number, help="Makes the forecast repeatable.")
@click.option("--origins", metavar="N", default="3", callback=whole_number, help="Origins of the backtest; 0 for none.")
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
    check_files(csv, files)
    with one_line_warnings():
        frame = _read(csv, given)
        _refuse_too_few_rows(csv, frame, given["timesteps"], given["horizon"])
        say(f"Read {len(frame)} rows, {span(frame, given['timezone'])}: {', '.join(frame.columns)}")
        model = _train(frame, given)
        scored = _backtest(model, frame, given)
        future = model.forecast(frame)
        table = as_text(future, given["timezone"])
        show(table, scored, shorten=output is not None)
        write_files(files, table, model, lambda: _picture(frame, future))


def _read(csv: str, given: dict[str, Any]) -> pd.DataFrame:
    from seqkit.data.tables import read_csv

    if given["no_time"] and given["time"]:
        raise click.ClickException(
            "seqkit forecast: --time names a time column, --no-time says there is none. Give one of them."
        )
    if given["start"] is not None and not given["no_time"]:
        raise click.ClickException(
            "seqkit forecast: --start is for a table without time stamps. Add --no-time, or leave it out."
        )
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
    for message in (one.message for one in said):
        if isinstance(message, SeqkitWarning) and message.argument == "fill":
            message = message.with_way_out("They are filled as --fill says.")
        warnings.warn(message, stacklevel=1)
    return frame


def _refuse_missing(csv: str, frame: pd.DataFrame) -> None:
    missing = frame.isna()
    rows = missing.any(axis=1)
    if rows.any():
        first = frame.index[int(rows.argmax())]
        column = missing.loc[first].idxmax()
        raise click.ClickException(
            f"{csv}: {int(rows.sum())} of {len(frame)} rows have missing values, the first in column {column!r} at "
            f"{stamps(frame.loc[[first]])[0]}. Fill each from what came before with --fill last (or --fill mean), "
            "or fill them in the file."
        )


def _refuse_too_few_rows(csv: str, frame: pd.DataFrame, timesteps: int | None, horizon: int | None) -> None:
    needed = (timesteps or 1) + (horizon or 1)
    if len(frame) < needed:
        asked = {"--timesteps": timesteps, "--horizon": horizon}
        said = " and ".join(f"{flag} {value}" for flag, value in asked.items() if value)
        raise click.ClickException(
            f"{csv}: {said} {'needs' if len(said.split()) == 2 else 'need'} {needed} rows or more, the table has "
            f"{len(frame)}. Shorten, or add rows."
        )


def _train(frame: pd.DataFrame, given: dict[str, Any]) -> Forecaster:
    with quiet_start():
        from seqkit.forecasting.defaults import natural_period
        from seqkit.forecasting.train import train_forecaster

    room = len(frame) - (given["timesteps"] or 0)
    season = natural_period(frame.index.freqstr)  # type: ignore[attr-defined]
    wanted = season if season > 1 else UNSEASONED_HORIZON
    horizon = given["horizon"] or max(1, min(wanted, room // LEAST_SHARE))
    say(f"Training to forecast {horizon} row{'s' * (horizon > 1)} ...")
    return train_forecaster(frame, horizon=horizon, **{name: given[name] for name in TRAINING})


def _backtest(model: Forecaster, frame: pd.DataFrame, given: dict[str, Any]) -> Backtest | str:
    """The backtest from as many of the origins as the table has rows for, or the line that says why there is none."""
    from seqkit.forecasting.score import backtest

    options = {name: given[name] for name in ("epochs", "seed")} | {"progress": sys.stderr.isatty()}
    asked, why_not = given["origins"], "--origins 0"
    for origins in range(asked, 0, -1):
        if origins == asked:
            say("Backtesting ...")
        try:
            result = backtest(model, frame, origins=origins, **options)
        except InvalidValue as error:
            why_not = in_words(error)
        else:
            if origins < asked:
                say(f"The backtest has {origins} of {asked} origins, as the table is too short for more.")
            return result
    return f"No backtest: {why_not}"


def _picture(frame: pd.DataFrame, future: pd.DataFrame) -> Figure:
    from seqkit.forecasting.plots import plot_forecast

    return plot_forecast(frame, future)
