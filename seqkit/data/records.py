"""The text of a table file to its header and rows, line by line: separator, lines, names of columns."""

from __future__ import annotations

import csv
import io
import re
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from seqkit._checks import listed
from seqkit._errors import InvalidValue, keywords
from seqkit.data.notes import LOOKS_LIKE_DATA, Notes, Record, without_notes
from seqkit.data.plain_files import SEPARATORS

LINES_TO_JUDGE, ROWS_TO_JUDGE = 200, 20
LONGEST_NAME = 1000
PLAIN_NUMBER = r"[+-]?\d+(?:[.,]\d+)?"


class Rows(NamedTuple):
    """The cells of a file as they stand in it."""

    header: list[str]
    rows: list[list[str]]
    lines: list[int]  # 1-based line of each row in the file


def without_separator_line(text: str) -> tuple[str, str | None]:
    """The text with Excel's first line `sep=;` left blank, so that lines keep their numbers, and its separator."""
    text = text.lstrip("\ufeff")
    line = re.match(r'"?sep=([^\n"])"?[ ]*(?=\n)', text, flags=re.IGNORECASE)
    return (text[line.end() :], line[1]) if line else (text, None)


@contextmanager
def cells_of_any_length() -> Iterator[None]:
    """Lift the limit of Python's csv module, 131,072 characters, which is one of the whole process."""
    limit = csv.field_size_limit(sys.maxsize)
    try:
        yield
    finally:
        csv.field_size_limit(limit)


@cells_of_any_length()
def guess_separator(where: str, text: str) -> str:
    """The separator that splits each of the first 200 lines into the same number of cells; a comma if none does."""
    sample = _first_lines(text)
    widths = {}
    try:
        for separator in SEPARATORS:
            rows = [row for row in csv.reader(sample, delimiter=separator, skipinitialspace=True) if row]
            widths[separator] = [len(row) for row in rows]
    except csv.Error as error:
        raise _no_cells(where, "the first lines", error) from None
    candidates = [separator for separator in SEPARATORS if widths[separator][0] > 1]
    regular = [separator for separator in candidates if len(set(widths[separator])) == 1]
    return regular[0] if regular else max(candidates, key=lambda separator: widths[separator][0], default=",")


def _first_lines(text: str) -> list[str]:
    """The first lines from the first that is not empty, without a copy of the others."""
    start = next((at for at, character in enumerate(text) if character != "\n"), 0)
    end = start - 1
    for _ in range(LINES_TO_JUDGE):
        end = text.find("\n", end + 1)
        if end < 0:
            return text[start:].split("\n")
    return text[start:end].split("\n")


def _no_cells(where: str, lines: str, error: csv.Error) -> ValueError:
    problem = f"{lines} cannot be split into cells ({error})."
    return InvalidValue(where, problem, "Look for an unclosed quotation mark.")


@cells_of_any_length()
def _records(where: str, text: str, separator: str) -> list[Record]:
    """The lines of the file as cells, with their numbers; blank lines have none."""
    reader = csv.reader(io.StringIO(text), delimiter=separator, skipinitialspace=True, strict=True)
    records, line = [], 1
    try:
        for row in reader:
            records.append((line, row))
            line = reader.line_num + 1
    except csv.Error as error:
        raise _no_cells(where, f"line {line}", error) from None
    return records


def split_into_rows(where: str, text: str, separator: str, header: bool | None, notes: Notes | None) -> Rows:
    """The header, the rows and the line of each row. Blank lines are skipped, except in a table of one column."""
    records = _records(where, text, separator)
    if notes is not None:
        records = without_notes(where, records, *notes)
    rows = _header_and_rows(where, records, separator)
    if header is False:
        first_line = len(text) - len(text.lstrip("\n")) + 1
        rows = Rows([""] * len(rows.header), [rows.header, *rows.rows], [first_line, *rows.lines])
    return rows


def _header_and_rows(where: str, records: list[Record], separator: str) -> Rows:
    header = next((cells for _, cells in records if cells), None)
    if header is None:
        raise InvalidValue(where, "the file holds no cells.", "It needs a header line and one line per row.")
    start = next(at for at, (_, cells) in enumerate(records) if cells) + 1
    rows = [(line, cells or [""]) for line, cells in records[start:] if cells or len(header) == 1]
    for line, cells in rows:
        _check_width(where, line, cells, header, separator)
    while len(header) > 1 and rows and not any(cell.strip() for cell in rows[-1][1]):
        rows.pop()
    return Rows(header, [cells for _, cells in rows], [line for line, _ in rows])


def _check_width(where: str, line: int, row: list[str], header: list[str], separator: str) -> None:
    if len(row) == len(header):
        return
    hint = " If the comma is a decimal mark, separate the columns by semicolons." if separator == "," else ""
    problem = f"line {line} has {len(row)} cells, but the header has {len(header)} (separator {separator!r})."
    raise InvalidValue(where, problem, "Correct the line, or name another " + keywords(separator=...) + f".{hint}")


def _is_above_other_cells(header: list[str], rows: list[list[str]]) -> bool:
    """Whether numbers in the header stand above cells that are no numbers, so that they are names."""
    for at, name in enumerate(header):
        cells = [row[at].strip() for row in rows[:ROWS_TO_JUDGE]]
        numbers = [cell for cell in (name.strip(), *cells) if re.fullmatch(PLAIN_NUMBER, cell)]
        if cells and numbers == [name.strip()]:
            return True
    return False


def column_names(where: str, header: list[str], rows: list[list[str]], is_header: bool | None) -> list[str]:
    """The names in the header, `column 1` ... where it has none; refuse numbers, unless they stand above other cells.

    Args:
        where: the function and the file, for messages.
        header: the cells of the header.
        rows: the first rows.
        is_header: whether the user says that it is a header.
    """
    may_be_numbers = is_header is True or _is_above_other_cells(header, rows)
    names = [cell.strip() or f"column {at}" for at, cell in enumerate(header, start=1)]
    longest = max(names, key=len)
    if len(longest) > LONGEST_NAME:
        problem = f"the header names a column {longest[:20]!r} and {len(longest) - 20:,} characters more."
        raise InvalidValue(where, problem, "Look for an unclosed quotation mark, or put a line of names above.")
    for name, count in Counter(names).items():
        if count > 1:
            raise InvalidValue(where, f"the header names the column {name!r} twice.", "Rename one of them.")
    if not may_be_numbers and all(re.fullmatch(LOOKS_LIKE_DATA, name) for name in names):
        raise InvalidValue(
            where, f"the first line, {listed(names)}, looks like data.", "Put a line of column names above it."
        )
    return names
