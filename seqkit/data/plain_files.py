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
UNUSUAL = ("#", "\0", "\n ", "\n\t")
CHARACTERS_OF_BLOCK = 1 << 20
ROWS_OF_HEAD = 20
LARGEST_CELL = csv.field_size_limit()
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

    def column(self, at: int) -> pd.Series:
        """The cells `(rows,)` of a column as they stand in the file."""
        options = {**PARSER, "usecols": [at], "dtype": object, "na_filter": False}
        tables = [pd.read_csv(io.StringIO(block), sep=self.body.separator, **options) for block in self.body.blocks()]
        return pd.concat(tables, ignore_index=True)[at]


class Body(NamedTuple):
    """The lines of a file below its header."""

    text: str
    start: int
    separator: str
    width: int

    def blocks(self) -> Iterator[str]:
        """Whole lines, a million characters or a line at a time."""
        start = self.start
        while start < len(self.text):
            end = self.text.find("\n", start + CHARACTERS_OF_BLOCK)
            end = len(self.text) if end < 0 else end
            yield self.text[start:end]
            start = end + 1


def read_plain(text: str, separator: str) -> PlainFile | None:
    """Read a plain file; None where it is not plain, or not certainly so.

    Args:
        text: the file with `\\n` at line ends and none at its end.
        separator: the character between cells.
    """
    end = text.find("\n")
    if end < 0 or separator not in SEPARATORS or any(mark in text for mark in UNUSUAL):
        return None
    try:
        header = _cells(text[:end], separator)
        head = [_cells(line, separator) for line in _first_lines(text, end + 1)]
        body = Body(text, end + 1, separator, len(header))
        if not _may_be_plain(body, head):
            return None
        parts = _columns_of_blocks(body)
    except (csv.Error, pd.errors.ParserError, UnicodeEncodeError):
        return None
    return None if parts is None else _joined(header, head, parts, body)


def _cells(line: str, separator: str) -> list[str]:
    return next(csv.reader([line], delimiter=separator, skipinitialspace=True, strict=True), [])


def _first_lines(text: str, start: int) -> Iterator[str]:
    for _ in range(ROWS_OF_HEAD):
        if start < len(text):
            end = text.find("\n", start)
            yield text[start : end if end >= 0 else len(text)]
            start = end + 1 if end >= 0 else len(text)


def _may_be_plain(body: Body, head: list[list[str]]) -> bool:
    """Whether the lines have as many separators as rows of the header's width, and the first and last hold values."""
    text, start, separator, width = body
    last_line = text[text.rfind("\n") + 1 :]
    rows = text.count("\n")
    return (
        width > 1
        and text.count(separator, start) == (width - 1) * rows
        and any(character.isdigit() for cell in head[0] for character in cell)
        and any(cell.strip() for cell in _cells(last_line, separator))
    )


def _columns_of_blocks(body: Body) -> list[list[pd.Series | np.ndarray]] | None:
    """The parts of each column, as numbers or words; none for a column that is neither."""
    parts: list[list[pd.Series | np.ndarray]] = [[] for _ in range(body.width)]
    options = {**PARSER, "sep": body.separator, "names": range(body.width), "na_values": [""], "keep_default_na": False}
    has_quotes = '"' in body.text
    for count, block in enumerate(body.blocks()):
        first_line = block[: block.find("\n")] if "\n" in block else block
        if len(_cells(first_line, body.separator)) != body.width or (has_quotes and not _quotes_are_plain(block, body)):
            return None
        for at, column in pd.read_csv(io.StringIO(block), **options).items():
            values = _numbers_or_words(column)
            if values is None or len(parts[at]) < count or (count and type(values) is not type(parts[at][0])):
                parts[at].clear()
            else:
                parts[at].append(values)
    return parts


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


def _numbers_or_words(column: pd.Series) -> np.ndarray | pd.Series | None:
    if isinstance(column.dtype, pd.StringDtype):
        words = column.str.strip()
        return words if words.str.len().max() <= LARGEST_CELL else None
    if column.dtype.kind not in "iuf":
        return None
    values = column.to_numpy("float64")
    return None if np.isinf(values).any() else values


def _joined(
    header: list[str], head: list[list[str]], parts: list[list[pd.Series | np.ndarray]], body: Body
) -> PlainFile:
    numbers, words = {}, {}
    for at, column in enumerate(parts):
        if column and isinstance(column[0], np.ndarray):
            numbers[at] = np.concatenate(column)
        elif column:
            words[at] = pd.concat(column, ignore_index=True)
        column.clear()
    return PlainFile(header, head, body.text.count("\n"), numbers, words, body)
