"""Plain files: one line a row, each with the same number of cells. pandas' parser reads them fast, block by block.

Whatever is unusual makes a file not plain, so that the careful reader decides: comments, lines of another width,
blanks before the first cell, line ends or separators inside quotation marks.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

SEPARATORS = ("\t", ";", "|", ",")
END_OF_FILE = "\x1a"  # of DOS
UNUSUAL = ("#", "\0", "\n ", "\n\t")
CHARACTERS_OF_BLOCK, CHARACTERS_OF_COLUMN = 1 << 19, 2000  # a block has both or more
ROWS_OF_HEAD = 20
OLD_PANDAS = tuple(map(int, pd.__version__.split(".")[:2])) < (3, 1)  # rounds in the last digit, unless told not to
PARSER: dict[str, Any] = {"header": None, "index_col": False, "skipinitialspace": True, "low_memory": False}
PARSER |= {"float_precision": "high"} if OLD_PANDAS else {}


class PlainFile(NamedTuple):
    """A plain file, and what its columns hold, by their positions."""

    header: list[str]
    head: list[list[str]]  # the first rows
    rows: int
    numbers: dict[int, np.ndarray]  # (rows,) columns of plain numbers and empty cells alone, NaN where empty
    words: dict[int, pd.Series]  # (rows,) columns of texts alone, without blanks at their ends, NaN where empty
    body: Body


class Body(NamedTuple):
    """The lines of a file below its header."""

    text: str
    start: int
    stop: int
    separator: str
    width: int
    rows: int

    def blocks(self) -> Iterator[str]:
        """Whole lines; some hundreds at a time in a wide file, since each block has a cost for each column."""
        start, characters = self.start, max(CHARACTERS_OF_BLOCK, CHARACTERS_OF_COLUMN * self.width)
        while start < self.stop:
            end = self.text.find("\n", start + characters, self.stop)
            end = self.stop if end < 0 else end
            yield self.text[start:end]
            start = end + 1

    def column(self, at: int) -> pd.Series:
        """The cells `(rows,)` of a column as they stand in the file."""
        options = {**PARSER, "usecols": [at], "dtype": object, "na_filter": False}
        tables = [pd.read_csv(io.StringIO(block), sep=self.separator, **options) for block in self.blocks()]
        return pd.concat(tables, ignore_index=True)[at]


def read_plain(text: str, separator: str) -> PlainFile | None:
    r"""Read a plain file; None where it is not plain, or not certainly so.

    Args:
        text: the file with `\n` at line ends.
        separator: the character between cells.
    """
    if separator not in SEPARATORS or "\n" not in text or any(mark in text for mark in UNUSUAL):
        return None
    stop = len(text) - text.endswith("\n")  # a copy without it would take as much memory again
    start = text.find("\n") + 1
    try:
        header = _cells(text[: start - 1], separator)
        body = Body(text, start, stop, separator, len(header), text.count("\n", start, stop) + 1)
        head = [_cells(line, separator) for line in _first_lines(body)]
        if not _may_be_plain(body, head):
            return None
        columns = _columns_of_blocks(body)
    except (csv.Error, pd.errors.ParserError, UnicodeEncodeError):
        return None
    if columns is None:
        return None
    words = {at: pd.concat(blocks, ignore_index=True) for at, blocks in columns.words.items()}
    return PlainFile(header, head, body.rows, columns.numbers, words, body)


def _cells(line: str, separator: str) -> list[str]:
    return next(csv.reader([line], delimiter=separator, skipinitialspace=True, strict=True), [])


def _first_lines(body: Body) -> Iterator[str]:
    start = body.start
    for _ in range(min(ROWS_OF_HEAD, body.rows)):
        end = body.text.find("\n", start, body.stop)
        yield body.text[start : end if end >= 0 else body.stop]
        start = end + 1


def _may_be_plain(body: Body, head: list[list[str]]) -> bool:
    """Whether the lines have as many separators as rows of the header's width, and the first and last hold values."""
    text, start, stop, separator, width, rows = body
    last_line = text[text.rfind("\n", 0, stop) + 1 : stop]
    return (
        width > 1
        and text.count(separator, start, stop) == (width - 1) * rows
        and not last_line.endswith(END_OF_FILE)
        and any(cell.strip() for cell in _cells(last_line, separator))
        and any(character.isdigit() for cell in head[0] for character in cell)
    )


def _columns_of_blocks(body: Body) -> Columns | None:
    """Read block by block, so that no column stands in memory twice; None where a line is not plain."""
    columns = Columns(body.rows)
    options = {**PARSER, "sep": body.separator, "names": range(body.width), "na_values": [""], "keep_default_na": False}
    has_quotes = '"' in body.text
    for block in body.blocks():
        first_line = block[: block.find("\n")] if "\n" in block else block
        if len(_cells(first_line, body.separator)) != body.width or (has_quotes and not _quotes_are_plain(block, body)):
            return None
        columns.add(pd.read_csv(io.StringIO(block), **options))
    return columns if columns.filled == body.rows else None


class Columns:
    """The columns of a file that hold numbers alone or words alone, by their positions."""

    def __init__(self, rows: int) -> None:
        self.rows = rows
        self.filled = 0
        self.numbers: dict[int, np.ndarray] = {}
        self.words: dict[int, list[pd.Series]] = {}

    def add(self, table: pd.DataFrame) -> None:
        """Add the rows of the next block; forget a column that is not as in the blocks before."""
        stop = self.filled + len(table)
        for at, (_, column) in enumerate(table.items()):
            values, words = _as_numbers(column), _as_words(column)
            if values is not None and (at in self.numbers or not self.filled):
                self.numbers.setdefault(at, np.empty(self.rows))[self.filled : stop] = values
            elif words is not None and (at in self.words or not self.filled):
                self.words.setdefault(at, []).append(words)
            else:
                self.numbers.pop(at, None)
                self.words.pop(at, None)
        self.filled = stop


def _as_numbers(column: pd.Series) -> np.ndarray | None:
    values = column.to_numpy("float64") if column.dtype.kind in "iuf" else None
    return None if values is None or np.isinf(values).any() else values


def _as_words(column: pd.Series) -> pd.Series | None:
    return column.str.strip() if isinstance(column.dtype, pd.StringDtype) else None


def _quotes_are_plain(block: str, body: Body) -> bool:
    """Whether quotation marks enclose whole cells, without separators and line ends in them.

    The parser takes a line with too few cells without a word, so that each separator must be known to separate.
    """
    codes = np.frombuffer(block.encode("utf-8"), "uint8")
    separates = (codes == ord(body.separator)) | (codes == ord("\n"))
    quotes = np.flatnonzero(codes == ord('"'))
    if len(quotes) % 2:
        return False
    opening, closing = quotes[::2], quotes[1::2]
    bounded = np.concatenate([[True], separates, [True]])
    before = np.cumsum(separates)
    return bool((bounded[opening] & bounded[closing + 2]).all() and (before[opening] == before[closing]).all())
