"""CSV to table, with a regular time index, float columns, and NaN for gaps; a long file to a panel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from pandas.tseries.offsets import BaseOffset

from seqkit._checks import whole_number
from seqkit._errors import InvalidValue, keywords
from seqkit.data.category_cells import refuse_unknown_categories, values_of_cells
from seqkit.data.cells import Cells, read_cells
from seqkit.data.clocks import localised, merge_doubles
from seqkit.data.columns import value_columns
from seqkit.data.grid import counted_grid, regular_grid, warn_of_gaps
from seqkit.data.long_files import Reading, read_panel
from seqkit.data.many_series import keep_only, refuse_many_series
from seqkit.data.notes import Notes
from seqkit.data.sideways import refuse_sideways
from seqkit.data.snapping import snapped
from seqkit.data.sources import Origin
from seqkit.data.stamps import Stamps, read_stamps
from seqkit.data.steps import code_of, step_of
from seqkit.data.time_columns import as_list, time_columns
from seqkit.data.time_formats import format_on_grid


def read_csv(
    path: Origin,
    *,
    time: str | Sequence[str] | None = "auto",
    columns: str | Sequence[str] | None = None,
    use: str | Sequence[str] | None = None,
    only: Mapping[str, object] | None = None,
    series: str | Sequence[str] | None = None,
    freq: str | BaseOffset | None = None,
    start: str | pd.Timestamp = "2000-01-01",
    timezone: str | None = None,
    duplicates: str = "refuse",
    time_format: str | None = None,
    encoding: str | None = None,
    separator: str | None = None,
    decimal: str | None = None,
    header: bool | None = None,
    skip_rows: int | None = None,
    skip_footer: int | None = None,
    missing: float | str | Sequence[float] | None = None,
    sheet: str | None = None,
    categories: str | Sequence[str] | None = None,
) -> pd.DataFrame:
    r"""Read a CSV of a time series, with one or more columns, or of many series, and put it on a regular time index.

    The function recognises the time column, the step and the format of the file. Where the file is ambiguous, a
    message names the argument that decides. Rows that are missing on the grid become NaN, with one warning that names
    them. No value is filled.

    Args:
        path: The file, or an open one, of text or of bytes. Its first line holds the column names. A CSV may be packed
            by gzip, bzip2, xz or zip; Parquet needs the extra `parquet`, Excel (.xlsx) the extra `excel`.
        time: "auto" (the only column that reads as time, or columns named year, month, day, hour), a column,
            a list of columns (year, month, ... or date and clock), or None: no time column, count the rows.
        columns: The value columns, a name or a list. If None, all except the time and what holds no values: text,
            a counter of the rows, a part of the time, an empty column. One warning names what is left out.
        use: Columns to read beside these, although they count the rows or repeat the time.
        only: In a long file of many series, the one to read, by column and value, as in `{"shop": 3}`.
        series: The column of a long file that names the series of each row; several columns together name it, joined
            by " / ". The rows may stand in any order. All series have one step, that of the longest if `freq` is None.
        freq: The step as a pandas frequency ("MS", "W-SAT", "30min"); found from the stamps if None.
        start: With `time=None`, the stamp of the first row.
        timezone: The zone of local stamps with summer time, such as "Europe/Berlin". The index is then in UTC.
        duplicates: Rows of the same stamp: "refuse" them, or take their "mean", the "first" or the "last". An hour that
            stands twice on a night when clocks go back is averaged, with a warning.
        time_format: The format of the stamps as for strptime ("%d/%m/%Y"), where several formats fit; "epoch" (seconds
            or milliseconds since 1970), "excel" (days since 1899-12-30) or "decimal-year" (1958.25) for numbers.
        encoding: UTF-8 and GB18030 are recognised; name any other encoding.
        separator: Comma, semicolon, tab and bar are recognised; name any other single character.
        decimal: The decimal mark, "." or ",", where the file does not show it.
        header: Whether the first line holds the names; found from the lines below if None.
        skip_rows: Lines of the file before the header; found if None, and named in a warning.
        skip_footer: Lines after the last row; found if None, and named in a warning.
        missing: A number, or several, that stand for missing values, such as -999; "none" if every number is a value.
        sheet: The sheet of an Excel file; the first one if None, named in a warning where there are others.
        categories: Columns of words to read too, such as a region; they become pandas categories. An empty cell is a
            gap. Numbers among words are refused; a column of numbers alone is kept as it is written, as in "007".

    Returns:
        A float64 table `(rows, columns)` in the file's units, and categories as dtype category. Its index ascends, has
        a `freq`, and has the name of the time column ("time" if there is no single one). `attrs["time_format"]` is the
        format of the file's stamps, as for strftime; it is set only if writing with it gives the same text. With
        `series`, a panel as from `as_panel`: its index has two levels, the series and the time, and the name of a
        series is the text in the file, so that 007 stays "007"; the series are in the order of their first rows.

    Raises:
        ValueError: The file is not such a table; the message names the file, line and column, and the way out.
        FileNotFoundError, IsADirectoryError: There is no such file.

    Example:
        >>> import pathlib, tempfile
        >>> path = pathlib.Path(tempfile.mkdtemp()) / "sales.csv"
        >>> _ = path.write_text("month,sales\n2024-01,3\n2024-02,5\n")
        >>> read_csv(path).index.freqstr
        'MS'
    """
    notes = Notes(_lines(skip_rows, "skip_rows"), _lines(skip_footer, "skip_footer"))
    cells = read_cells(path, encoding=encoding, separator=separator, header=header, notes=notes, sheet=sheet)
    cells = keep_only(cells, only)
    how = Reading(
        [] if columns is None else as_list(cells.where, "columns", columns),
        [] if use is None else as_list(cells.where, "use", use),
        *(time, time_format, freq, start, timezone, duplicates, decimal, missing),
        [] if categories is None else as_list(cells.where, "categories", categories),
    )
    how.used.extend(name for name in how.categories if name not in (*how.used, *how.chosen))
    if not how.chosen:
        refuse_sideways(cells.where, cells.texts.columns)
    if series is not None:
        return read_panel(cells, as_list(cells.where, "series", series), how)
    return _read_series(cells, how)


def _read_series(cells: Cells, how: Reading) -> pd.DataFrame:
    """The table of a file of one series."""
    if len(cells.texts) < 2 and how.freq is None:
        way_out = "Add rows, or name the step: " + keywords(freq="D") + "."
        raise InvalidValue(cells.where, "2 rows or more are needed to see a step in time, got 1.", way_out)
    stamps, time_names = None, []
    if how.time is not None:
        time_names = time_columns(cells, how.time, how.time_format, [*how.chosen, *how.used])
        stamps = read_stamps(cells, time_names, how.time_format)
        refuse_many_series(cells, time_names, stamps.stamps)
    refuse_unknown_categories(cells, how, time_names)
    names = value_columns(cells, how.chosen, how.used, time_names, None if stamps is None else stamps.stamps)
    if stamps is not None and how.timezone is not None:
        stamps = Stamps(localised(cells.where, stamps.stamps, how.timezone), None)
    values = values_of_cells(cells, names, how)
    where, lines = cells.where, cells.lines
    del cells  # the text of the file, which may be large
    if stamps is None:
        return values.set_axis(counted_grid(where, len(values), how.freq, how.start))
    frame = _on_grid(where, lines, values.set_axis(stamps.stamps), how.freq, how.duplicates)
    if stamps.time_format is not None:
        index = pd.DatetimeIndex(frame.index)
        frame.attrs["time_format"] = format_on_grid(stamps.stamps, index, stamps.time_format)
    return frame.rename_axis(time_names[0] if len(time_names) == 1 else "time")


def _lines(count: int | None, name: str) -> int | None:
    return None if count is None else whole_number("read_csv", name, count, least=0)


def _on_grid(
    where: str, lines: np.ndarray, values: pd.DataFrame, freq: str | BaseOffset | None, duplicates: str
) -> pd.DataFrame:
    if not values.index.is_monotonic_increasing:
        order = np.argsort(pd.DatetimeIndex(values.index).asi8, kind="stable")
        values, lines = values.iloc[order], lines[order]
    lines_of_stamps = lines[~values.index.duplicated()]
    values = merge_doubles(where, values, lines, duplicates)
    stamps = pd.DatetimeIndex(values.index)
    step = step_of(stamps)[0] if freq is None else freq
    if step is None:
        stamps = snapped(where, stamps)
        values = values.set_axis(stamps)
    grid = regular_grid(where, stamps, lines_of_stamps, step)
    if grid.equals(stamps):
        return values.set_axis(grid)
    warn_of_gaps(where, grid.difference(stamps), str(code_of(grid.freq)))
    return values.reindex(grid)
