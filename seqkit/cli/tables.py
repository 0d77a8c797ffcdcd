"""Tables that the command line prints: the forecast, the scores and the verdict."""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING

from seqkit.cli.harmless import echo

if TYPE_CHECKING:
    import pandas as pd

    from seqkit.forecasting.score import Backtest

SIGNIFICANT_DIGITS = 6
MOST_ROWS_WITH_FILE = 48  # rows to print when --output writes all of them


def time_span(frame: pd.DataFrame, timezone: str | None) -> str:
    """Describe the first and the last time stamp of a table, and its frequency."""
    from seqkit.data.steps import code_of

    first, last = format_stamps(frame.iloc[[0, -1]], timezone)
    return f"{first} to {last}, freq {code_of(frame.index.freq)}"  # type: ignore[attr-defined]


def format_stamps(table: pd.DataFrame, timezone: str | None = None) -> list[str]:
    """Return the time stamps in the format of the CSV file, or in ISO format where it is unknown."""
    import pandas as pd

    from seqkit.data.clocks import written
    from seqkit.data.time_formats import write_stamps

    index = pd.DatetimeIndex(table.index)
    if timezone is not None:
        index = index.tz_convert(timezone)
    time_format = table.attrs.get("time_format")
    if time_format is not None:
        return write_stamps(index, time_format)
    whole_days = index.tz is None and (index == index.normalize()).all()
    return [written(stamp) if whole_days else str(stamp) for stamp in index]


def as_text(future: pd.DataFrame, timezone: str | None) -> pd.DataFrame:
    """Return the forecast as text cells, with the time column first."""
    table = future.apply(_format_numbers)
    time = str(future.index.name or "time")
    while time in table.columns:
        time += "_"
    table.insert(0, time, format_stamps(future, timezone))
    return table.reset_index(drop=True)


def _format_numbers(values: pd.Series) -> pd.Series:
    """Format the numbers of a column with as many decimals as its largest number needs for six digits."""
    import numpy as np

    largest = float(values.abs().max())
    decimals = SIGNIFICANT_DIGITS - 1 - int(np.floor(np.log10(largest))) if largest > 0 else 0
    number_format = f".{max(decimals, 0)}f" if decimals <= 2 * SIGNIFICANT_DIGITS else f".{SIGNIFICANT_DIGITS}g"
    return values.map(lambda value: "" if np.isnan(value) else format(value, number_format))


def print_forecast(table: pd.DataFrame, shorten: bool) -> None:
    """Print the forecast."""
    echo_table(table, MOST_ROWS_WITH_FILE if shorten else None)


def print_backtest(backtest: Backtest | str) -> None:
    """Print the scores and the verdict, or the reason why there are none."""
    if isinstance(backtest, str):
        echo(f"\n{backtest}")
        return
    scores = backtest.scores.apply(lambda column: column.map("{:.4g}".format))
    echo("")
    echo_table(scores.reset_index(), None)
    echo(f"\n{backtest.verdict}")


def echo_table(table: pd.DataFrame, most_rows: int | None) -> None:
    """Print a table with aligned columns, in any script."""
    import pandas as pd

    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    with pd.option_context("display.unicode.east_asian_width", True):
        echo(table.to_string(index=False, max_rows=most_rows, line_width=width))
