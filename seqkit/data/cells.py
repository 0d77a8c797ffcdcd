"""CSV file to cells: separator, header. Cells are text, and each row has its line number in the file."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from seqkit._checks import listed
from seqkit._errors import InvalidValue, keywords
from seqkit.data.decoding import decoded, warn_of_control_characters
from seqkit.data.notes import Notes
from seqkit.data.plain_files import PlainFile, read_plain
from seqkit.data.records import Rows, column_names, guess_separator, split_into_rows, without_separator_line
from seqkit.data.sources import Origin, Source, read_source
from seqkit.data.text_columns import TextColumns, as_values, holds_nothing, numbers_of

Columns = tuple[TextColumns, TextColumns, dict[str, np.ndarray]]


class Cells(NamedTuple):
    """A CSV as text. Every message about it begins with `where`."""

    texts: TextColumns  # (rows, columns) of str, NaN where a cell is missing
    raw: TextColumns  # (rows, columns) of str as the file has them, for texts and names: "NA" may be a word
    numbers: dict[str, np.ndarray]  # (rows,) columns known to hold plain numbers alone, NaN where a cell is empty
    readings: dict[Any, Any]  # what a column of time was read as, so that it is parsed once
    lines: np.ndarray  # (rows,) 1-based line of the file
    separator: str
    where: str


def read_cells(
    path: Origin | Source,
    *,
    encoding: str | None,
    separator: str | None,
    header: bool | None = None,
    notes: Notes | None = None,
    sheet: str | None = None,
    where: str = "read_csv",
) -> Cells:
    """Read a CSV without interpreting its cells; refuse a file that is not a table.

    With `header=False` the first line is a row, and the columns are `column 1`, `column 2` ...; with `header=True` it
    holds the names, although they are numbers. With `notes`, lines before the header and after the last
    row are left out, and a plain file is read by pandas' parser.
    """
    source = read_source(where, path, sheet)
    where = source.where
    if separator is not None and not re.fullmatch(r'[^\r\n"]', str(separator)):
        problem = "separator must be one character, as in " + keywords(separator=";") + f", got {separator!r}."
        raise InvalidValue(where, problem, argument="separator")
    text = decoded(where, source.content, encoding)
    source = source._replace(content="")  # as large as the text
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text, announced = without_separator_line(text)
    if not re.search(r"[^\s\x1a]", text):
        raise InvalidValue(where, "the file is empty.", "It needs a header line and one line per row.")
    separator = (None if source.starts is None else ",") or separator or announced or guess_separator(where, text)
    plain = read_plain(text, separator) if notes == Notes() and header is not False else None
    if plain is not None:
        columns, lines = _plain_columns(where, plain, header), np.arange(plain.rows) + 2
    else:
        text = text.rstrip("\n\x1a")
        rows = split_into_rows(where, text, separator, header, notes)
        columns, lines = _careful_columns(where, rows, header), np.array(rows.lines)
    warn_of_control_characters(where, text)
    return Cells(*columns, {}, source.row_numbers(lines), separator, where)


def _plain_columns(where: str, plain: PlainFile, is_header: bool | None) -> Columns:
    names = column_names(where, plain.header, plain.head, is_header)
    return _columns(names, plain.header, plain.body.column, plain.rows, plain.numbers, plain.words)


def _careful_columns(where: str, table: Rows, is_header: bool | None) -> Columns:
    header, rows, _ = table
    names = column_names(where, header, rows, is_header)
    if not rows:
        raise InvalidValue(where, f"there is a header ({listed(names)}) but no row below it.", "Add rows.")
    found = {at: numbers_of([row[at] for row in rows]) for at in range(len(names))}
    numbers = {at: values for at, values in found.items() if values is not None}

    def read(at: int) -> pd.Series:
        return pd.Series([row[at] for row in rows], dtype=object)

    return _columns(names, header, read, len(rows), numbers, {})


def _columns(
    names: list[str],
    header: list[str],
    read: Callable[[int], pd.Series],
    rows: int,
    numbers: dict[int, np.ndarray],
    words: dict[int, pd.Series],
) -> Columns:
    """The columns as texts, as they stand in the file, and as numbers; without empty ones that have no name.

    `read(at)` gives the cells of a column; `numbers` and `words` are the columns that are known already.
    """
    places = {name: at for at, name in enumerate(names)}

    def texts_of(name: str) -> pd.Series:
        known = words.get(places[name])
        return as_values(read(places[name]).astype("str").str.strip() if known is None else known)

    def is_empty(name: str) -> bool:
        at = places[name]
        if at in numbers:
            return bool(np.isnan(numbers[at]).all())
        return holds_nothing(words[at] if at in words else read(at))

    used = [name for name in names if header[places[name]] or not is_empty(name)]
    raw = TextColumns(used, rows, lambda name: read(places[name]))
    known = {name: numbers[places[name]] for name in used if places[name] in numbers}
    return TextColumns(used, rows, texts_of), raw, known
