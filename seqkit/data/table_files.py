"""Parquet and Excel files as rows of texts, so that they are read, and refused, as a CSV is."""

from __future__ import annotations

import importlib.util
import io
import warnings
import zipfile
from collections.abc import Iterable
from typing import Any

from seqkit._checks import did_you_mean, listed
from seqkit._errors import InvalidValue, SeqkitWarning, keywords, warn
from seqkit.data.cell_texts import column_texts
from seqkit.data.frames import as_pandas
from seqkit.data.unpacking import damage_in_words, most_unpacked

BYTES_OF_CELL = 4  # a cell of a CSV has about so many, with its separator
MOST_ROWS_OF_SHEET = 1 << 20  # Excel's own limit
ROWS_AT_ONCE = 4096
INDEX_OF_PANDAS = "__index_level_0__"


def is_parquet(content: bytes) -> bool:
    """Whether this is a whole Parquet file."""
    return len(content) > 8 and content.startswith(b"PAR1") and content.endswith(b"PAR1")


def parquet_rows(where: str, content: bytes) -> list[list[str]]:
    """The names of the columns, then the rows; an index of pandas without a name is the column `index`."""
    _require(where, "pyarrow", "Parquet", "parquet")
    with damage_in_words(where, "Parquet"):
        import pyarrow
        from pyarrow.parquet import ParquetFile

        file = ParquetFile(io.BytesIO(content))
        _bound_cells(where, "Parquet", file.metadata.num_rows * file.metadata.num_columns, content)
        batches, size = [], 0
        for batch in file.iter_batches(ROWS_AT_ONCE):
            batches.append(batch)
            size += batch.nbytes
            _bound_cells(where, "Parquet", size // (2 * BYTES_OF_CELL), content)
        table = pyarrow.Table.from_batches(batches, file.schema_arrow)
        columns = [column_texts(as_pandas(column).tolist()) for column in table.columns]
    names = ["index" if name == INDEX_OF_PANDAS else name for name in table.column_names]
    return [names, *map(list, zip(*columns, strict=True))]


def excel_rows(where: str, content: bytes, sheet: str | None) -> list[list[str]]:
    """The rows of a sheet, the first one where none is named; blank rows are empty."""
    _require(where, "openpyxl", "Excel", "excel")
    with damage_in_words(where, "Excel"), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of styles and drawings that openpyxl does not know
        from openpyxl import load_workbook

        unpacked = sum(part.file_size for part in zipfile.ZipFile(io.BytesIO(content)).infolist())
        _bound_cells(where, "Excel", unpacked // BYTES_OF_CELL, content)
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        sheets = {page.title: page for page in book.worksheets if page.sheet_state == "visible"}
        chosen = sheets[_chosen(where, list(sheets), sheet)]
        chosen.reset_dimensions()  # a file may claim any
        rows = _rows(where, chosen.iter_rows(values_only=True), content)
    if sheet is None and len(sheets) > 1:
        way_out = "To read another, name it: " + keywords(sheet=list(sheets)[1]) + "."
        warn(SeqkitWarning(where, f"the first of {len(sheets)} sheets is read, {chosen.title!r}.", way_out, "sheet"))
    return _as_texts(rows)


def _require(where: str, module: str, form: str, extra: str) -> None:
    if importlib.util.find_spec(module) is None:
        way_out = f"Install it: pip install 'seqkit[{extra}]'. Or save the table as CSV."
        raise InvalidValue(where, f"this is a file of {form}, and {module}, which reads it, is not installed.", way_out)


def _bound_cells(where: str, form: str, cells: int, content: bytes) -> None:
    if cells > most_unpacked(len(content)) // BYTES_OF_CELL:
        problem = f"the {form} file of {len(content):,} bytes holds more cells than a table of its size does."
        raise InvalidValue(where, problem, "Save it as CSV first, if you trust it.")


def _chosen(where: str, names: list[str], sheet: str | None) -> str:
    if not names:
        raise InvalidValue(where, "the Excel file has no sheet of cells.")
    if sheet is not None and sheet not in names:
        problem = f"there is no sheet {sheet!r}. There are {listed(names)}."
        raise InvalidValue(where, problem, did_you_mean(sheet, names), "sheet")
    return names[0] if sheet is None else sheet


def _rows(where: str, rows: Iterable[tuple[Any, ...]], content: bytes) -> list[list[Any]]:
    """The rows without blank cells at their ends, and without blank rows at the end."""
    kept: list[list[Any]] = []
    cells = 0
    for at, row in enumerate(rows):
        count = next((end for end in range(len(row), 0, -1) if not _is_blank(row[end - 1])), 0)
        cells += len(row)
        _bound_cells(where, "Excel", cells if at < MOST_ROWS_OF_SHEET else 2 * most_unpacked(len(content)), content)
        kept.append(list(row[:count]))
    while kept and not kept[-1]:
        kept.pop()
    return kept


def _is_blank(cell: object) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def _as_texts(rows: list[list[Any]]) -> list[list[str]]:
    """Each row as texts, as many as the widest has; notes above and below the table keep their one cell."""
    width = max(map(len, rows), default=0)
    full = [at for at, row in enumerate(rows) if len(row) > 1]
    texts = [column_texts([row[at] if at < len(row) else None for row in rows]) for at in range(width)]
    filled = [list(row) for row in zip(*texts, strict=True)]
    for at, row in enumerate(rows):
        is_above = bool(full) and at < full[0]
        is_below = bool(full) and at > full[-1] and _is_note(row, rows[full[-1]])
        if not row or is_above or is_below:
            filled[at] = filled[at][: len(row)]
    return filled


def _is_note(row: list[Any], last: list[Any]) -> bool:
    """Whether a row of one cell below the table is text, under a column of dates or numbers."""
    return len(row) == 1 and isinstance(row[0], str) and not isinstance(last[0], str)
