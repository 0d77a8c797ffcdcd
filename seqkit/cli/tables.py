"""Tables that the command line prints: the forecast, the scores and the verdict."""

from __future__ import annotations

import math
import shutil
import sys
from typing import TYPE_CHECKING

from seqkit.cli.harmless import echo
from seqkit.cli.many import extent_of, is_panel, names_by_column

if TYPE_CHECKING:
    import pandas as pd

    from seqkit.forecasting.score import Backtest

SIGNIFICANT_DIGITS = 6
MOST_ROWS_SHORTENED = 48  # rows to print when --output writes all of them, or of many series


def size_and_span(frame: pd.DataFrame, timezone: str | None) -> str:
    """Describe the rows and the series of a table, its first and its last time stamp, and its frequency."""
    from seqkit.data.own_stamps import own_stamps

    extent = extent_of(frame)
    count = f" of {len(extent.rows)} series" if is_panel(frame) else ""
    stamps = frame.index.get_level_values(-1)
    first, last = own_stamps(frame.iloc[[int(stamps.argmin()), int(stamps.argmax())]], timezone)
    return f"{len(frame)} rows{count}, {first} to {last}, freq {extent.frequency}"


def as_text(future: pd.DataFrame, timezone: str | None) -> pd.DataFrame:
    """Return the forecast as text cells, with the columns that name the series and the time first."""
    from seqkit.data.own_stamps import own_stamps

    table = future.apply(_format_numbers)
    first = names_by_column(future) if is_panel(future) else {}
    first[str(future.index.names[-1] or "time")] = own_stamps(future, timezone)
    for at, (name, texts) in enumerate(first.items()):
        while name in table.columns:
            name += "_"
        table.insert(at, name, texts)
    return table.reset_index(drop=True)


def _format_numbers(values: pd.Series) -> pd.Series:
    """Format the numbers of a series' column with as many decimals as its largest number needs for six digits."""
    import pandas as pd

    sizes = values.abs()
    largest = sizes.groupby(level=0).transform("max") if values.index.nlevels > 1 else [sizes.max()] * len(sizes)
    texts = [_formatted(value, size) for value, size in zip(values, largest, strict=True)]
    return pd.Series(texts, values.index, dtype="str")


def _formatted(value: float, largest: float) -> str:
    if math.isnan(value):
        return ""
    decimals = SIGNIFICANT_DIGITS - 1 - math.floor(math.log10(largest)) if largest > 0 else 0
    return format(value, f".{max(decimals, 0)}f" if decimals <= 2 * SIGNIFICANT_DIGITS else f".{SIGNIFICANT_DIGITS}g")


def print_forecast(table: pd.DataFrame, shorten: bool) -> None:
    """Print the forecast, or its first and last rows."""
    echo_table(table, MOST_ROWS_SHORTENED if shorten else None)


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
