"""CSV file to cells: encoding, separator, header. Cells are text, and each row has its line number in the file."""

from __future__ import annotations

import codecs
import csv
import io
import os
import pathlib
import re
from collections import Counter
from typing import NamedTuple

import numpy as np
import pandas as pd

from seqkit._checks import did_you_mean, listed
from seqkit._errors import InvalidType, InvalidValue, NoSuchFile, NotAFile, keywords
from seqkit.data.encodings import is_mostly_common_chinese, other_than_chinese
from seqkit.data.notes import Notes, Record, without_notes

STREAM_BYTES = 64 << 20  # at most so much is read of what is no regular file
ROWS_TO_JUDGE = 20
PLAIN_NUMBER = r"[+-]?\d+(?:[.,]\d+)?"
SEPARATORS = ("\t", ";", "|", ",")

# The texts that pandas reads as missing, and the marks of statistical offices.
MISSING = {"", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>"}
MISSING |= {"N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null"}
MISSING |= {"?", "-", "--", "\u2013", "\u2014", ".", "..", "...", ":", "\\N", "na", "n.a."}
MISSING |= {"#DIV/0!", "#VALUE!", "#REF!", "#NUM!", "#NAME?"}

SIGNATURES = {
    b"PK\x03\x04": "an Excel or zip file",
    b"\xd0\xcf\x11\xe0": "an old Excel file",
    b"\x1f\x8b": "a gzip file",
    b"PAR1": "a Parquet file",
    b"%PDF": "a PDF",
    b"\x89PNG": "a picture",
}


class Cells(NamedTuple):
    """A CSV as text. Every message about it begins with `where`."""

    texts: pd.DataFrame  # (rows, columns) of str, NaN where a cell is missing
    raw: pd.DataFrame  # (rows, columns) of str as the file has them, for texts and names: "NA" may be a word
    lines: np.ndarray  # (rows,) 1-based line of the file
    separator: str
    where: str


def read_cells(
    path: str | os.PathLike[str],
    *,
    encoding: str | None,
    separator: str | None,
    header: bool | None = None,
    notes: Notes | None = None,
    where: str = "read_csv",
) -> Cells:
    """Read a CSV without interpreting its cells; refuse a file that is not a table.

    With `header=False` the first line is a row, and the columns are `column 1`, `column 2` ...; with `header=True` it
    holds the names, although they are numbers. With `notes`, lines before the header and after the last
    row are left out.
    """
    if not isinstance(path, str | os.PathLike):
        raise InvalidType(where, f"path must be the name of a file, got {type(path).__name__}.", argument="path")
    where = f"{where}: {os.fspath(path)}"
    if separator is not None and not re.fullmatch(r'[^\r\n"]', str(separator)):
        problem = "separator must be one character, as in " + keywords(separator=";") + f", got {separator!r}."
        raise InvalidValue(where, problem, argument="separator")
    text = _decoded(where, _content(where, pathlib.Path(path)), encoding)
    text = text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n\x1a")
    if not text.strip():
        raise InvalidValue(where, "the file is empty.", "It needs a header line and one line per row.")
    text, announced = _without_separator_line(text)
    separator = separator or announced or _guess_separator(where, text)
    records = _records(where, text, separator)
    if notes is not None:
        records = without_notes(where, records, *notes)
    cells, rows, lines = _header_and_rows(where, records, separator)
    if header is False:
        first_line = len(text) - len(text.lstrip("\n")) + 1
        cells, rows, lines = [""] * len(cells), [cells, *rows], [first_line, *lines]
    names = _column_names(where, cells, may_be_numbers=header is True or _is_above_other_cells(cells, rows))
    if not rows:
        raise InvalidValue(where, f"there is a header ({listed(names)}) but no row below it.", "Add rows.")
    raw = pd.DataFrame({name: [row[at] for row in rows] for at, name in enumerate(names)}, dtype=object)
    texts = pd.DataFrame({name: [row[at].strip() for row in rows] for at, name in enumerate(names)}, dtype="str")
    texts = texts.mask(texts.isin(MISSING))
    unused = [name for name, cell in zip(names, cells, strict=True) if not cell and texts[name].isna().all()]
    return Cells(texts.drop(columns=unused), raw.drop(columns=unused), np.array(lines), separator, where)


def _content(where: str, path: pathlib.Path) -> bytes:
    if path.is_dir():
        raise NotAFile(where, "this is a directory.", "Name one of the files in it.", "path")
    if not path.exists():
        file_names = [file.name for file in path.parent.iterdir()] if path.parent.is_dir() else []
        way_out = f"Check the path.{did_you_mean(path.name, file_names)}"
        raise NoSuchFile(where, "there is no such file.", way_out, "path")
    if path.is_file():
        return path.read_bytes()
    with path.open("rb") as stream:  # a pipe or a device, which may never end
        content = stream.read(STREAM_BYTES + 1)
    if len(content) > STREAM_BYTES:
        problem = f"this is no regular file, and it does not end within {STREAM_BYTES >> 20} MiB."
        raise InvalidValue(where, problem, "Save the table as a file first.", argument="path")
    return content


def _decoded(where: str, content: bytes, encoding: str | None) -> str:
    if encoding is not None:
        return _decoded_as(where, content, encoding)
    _refuse_binary(where, content)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
    try:
        text = content.decode("gb18030")
    except UnicodeDecodeError:
        text = ""
    if not is_mostly_common_chinese(text):
        examples = keywords(encoding="latin-1") + " or " + keywords(encoding="cp1252")
        raise InvalidValue(
            where,
            f"line {line} is neither UTF-8 nor GB18030.",
            "Name the encoding, as in " + examples + ", or save the file as UTF-8.",
            argument="encoding",
        )
    if other := other_than_chinese(content):
        raise InvalidValue(
            where,
            f"line {line} is not UTF-8; the file may be gb18030 (Chinese) or {other}.",
            "Name the encoding: " + keywords(encoding="gb18030") + " or " + keywords(encoding=other) + ".",
            argument="encoding",
        )
    return text


def _decoded_as(where: str, content: bytes, encoding: str) -> str:
    try:
        text = content.decode(encoding)
    except (LookupError, TypeError):
        examples = ("utf-8", "utf-16", "gb18030", "gbk", "big5", "latin-1", "cp1252", "shift_jis", "euc-kr")
        problem = keywords(encoding=encoding) + f" is not an encoding of Python. It has {listed(examples)} and others."
        raise InvalidValue(where, problem, did_you_mean(encoding, examples), argument="encoding") from None
    except UnicodeError as error:
        raise InvalidValue(
            where,
            "the file is not " + keywords(encoding=encoding) + f" ({error}).",
            "Name another, or leave " + keywords(encoding=...) + " out.",
            argument="encoding",
        ) from None
    if "\0" in text:
        problem = "read as " + keywords(encoding=encoding) + " this is a binary file."
        raise InvalidValue(where, problem, "Save it as CSV text.", "encoding")
    return text.removeprefix("\ufeff")


def _refuse_binary(where: str, content: bytes) -> None:
    for signature, kind in SIGNATURES.items():
        if content.startswith(signature):
            raise InvalidValue(where, f"this is {kind}, a binary file, not CSV text.", "Save the table as CSV first.")
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        way_out = "Pass " + keywords(encoding="utf-16") + ", or save the file as UTF-8."
        raise InvalidValue(where, "this is UTF-16 text.", way_out, "encoding")
    if re.search(rb"[\x00-\x08\x0e-\x19\x1b-\x1f\x7f]", content):
        raise InvalidValue(
            where,
            "this is a binary file, not CSV text.",
            "Save the table as CSV first; if it is UTF-16 text, pass " + keywords(encoding="utf-16-le") + ".",
        )


def _without_separator_line(text: str) -> tuple[str, str | None]:
    """The text with Excel's first line `sep=;` left blank, so that lines keep their numbers, and its separator."""
    text = text.lstrip("\ufeff")
    line = re.match(r'"?sep=([^\n"])"?[ ]*(?=\n)', text, flags=re.IGNORECASE)
    return (text[line.end() :], line[1]) if line else (text, None)


def _guess_separator(where: str, text: str) -> str:
    """The separator that splits each of the first 200 lines into the same number of cells; a comma if none does."""
    sample = text.lstrip("\n").split("\n", maxsplit=200)[:200]
    widths = {}
    try:
        for separator in SEPARATORS:
            rows = [row for row in csv.reader(sample, delimiter=separator, skipinitialspace=True) if row]
            widths[separator] = [len(row) for row in rows]
    except csv.Error as error:
        problem = f"the first lines cannot be split into cells ({error})."
        raise InvalidValue(where, problem, "Look for an unclosed quotation mark.") from None
    candidates = [separator for separator in SEPARATORS if widths[separator][0] > 1]
    regular = [separator for separator in candidates if len(set(widths[separator])) == 1]
    return regular[0] if regular else max(candidates, key=lambda separator: widths[separator][0], default=",")


def _records(where: str, text: str, separator: str) -> list[Record]:
    """The lines of the file as cells, with their numbers; blank lines have none."""
    reader = csv.reader(io.StringIO(text), delimiter=separator, skipinitialspace=True, strict=True)
    records, line = [], 1
    try:
        for row in reader:
            records.append((line, row))
            line = reader.line_num + 1
    except csv.Error as error:
        raise InvalidValue(
            where, f"line {line} cannot be split into cells ({error}).", "Look for an unclosed quotation mark."
        ) from None
    return records


def _header_and_rows(where: str, records: list[Record], separator: str) -> tuple[list[str], list[list[str]], list[int]]:
    """Header, rows and the line of each row. Blank lines are skipped, except in a table of one column."""
    header = next(cells for _, cells in records if cells)
    start = next(at for at, (_, cells) in enumerate(records) if cells) + 1
    rows = [(line, cells or [""]) for line, cells in records[start:] if cells or len(header) == 1]
    for line, cells in rows:
        _check_width(where, line, cells, header, separator)
    while len(header) > 1 and rows and not any(cell.strip() for cell in rows[-1][1]):
        rows.pop()
    return header, [cells for _, cells in rows], [line for line, _ in rows]


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


def _column_names(where: str, header: list[str], may_be_numbers: bool) -> list[str]:
    names = [cell.strip() or f"column {at}" for at, cell in enumerate(header, start=1)]
    for name, count in Counter(names).items():
        if count > 1:
            raise InvalidValue(where, f"the header names the column {name!r} twice.", "Rename one of them.")
    if not may_be_numbers and all(re.fullmatch(r"[-+\d.,:/ ]*\d[-+\d.,:/ ]*", name) for name in names):
        raise InvalidValue(
            where, f"the first line, {listed(names)}, looks like data.", "Put a line of column names above it."
        )
    return names
