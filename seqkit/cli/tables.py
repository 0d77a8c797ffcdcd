"""What the command line shows: the forecast as text, the scores and the verdict."""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    import pandas as pd

    from seqkit.forecasting.score import Backtest

SHOWN_DIGITS = 6
MOST_SHOWN_ROWS = 48  # of a forecast that is written to a file as well


def span(frame: pd.DataFrame, timezone: str | None) -> str:
    """First and last stamp of a table, and its step."""
    first, last = stamps(frame.iloc[[0, -1]], timezone)
    return f"{first} to {last}, freq {frame.index.freqstr}"  # type: ignore[attr-defined]


def stamps(table: pd.DataFrame, timezone: str | None = None) -> list[str]:
    """The table's time stamps as the file writes them, else in ISO form."""
    import pandas as pd

    from seqkit.data.time_formats import write_stamps

    index = pd.DatetimeIndex(table.index)
    if timezone is not None:
        index = index.tz_convert(timezone)
    time_format = table.attrs.get("time_format")
    if time_format is not None:
        return write_stamps(index, time_format)
    whole_days = index.tz is None and (index == index.normalize()).all()
    return [str(stamp.date() if whole_days else stamp) for stamp in index]


def as_text(future: pd.DataFrame, timezone: str | None) -> pd.DataFrame:
    """The forecast as the text of its cells, the time column first."""
    table = future.apply(_rounded)
    time = str(future.index.name or "time")
    while time in table.columns:
        time += "_"
    table.insert(0, time, stamps(future, timezone))
    return table.reset_index(drop=True)


def _rounded(values: pd.Series) -> pd.Series:
    """Numbers as text with as many decimals as the column's largest needs for six digits."""
    import numpy as np

    largest = float(values.abs().max())
    decimals = SHOWN_DIGITS - 1 - int(np.floor(np.log10(largest))) if largest > 0 else 0
    form = f".{max(decimals, 0)}f" if decimals <= 2 * SHOWN_DIGITS else f".{SHOWN_DIGITS}g"
    return values.map(lambda value: "" if np.isnan(value) else format(value, form))


def show(table: pd.DataFrame, scored: Backtest | str, shorten: bool) -> None:
    """Print the forecast, the scores and the verdict."""
    echo_table(table, MOST_SHOWN_ROWS if shorten else None)
    if isinstance(scored, str):
        click.echo(f"\n{scored}")
        return
    scores = scored.scores.apply(lambda column: column.map("{:.4g}".format))
    click.echo("")
    echo_table(scores.reset_index(), None)
    click.echo(f"\n{scored.verdict}")


def echo_table(table: pd.DataFrame, most_rows: int | None) -> None:
    """Print a table, its columns straight in any script."""
    import pandas as pd

    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    with pd.option_context("display.unicode.east_asian_width", True):
        click.echo(table.to_string(index=False, max_rows=most_rows, line_width=width))
