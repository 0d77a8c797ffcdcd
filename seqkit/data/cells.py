"""CSV file to cells: encoding, separator, header. Cells are text, and each row has its line number in the file."""

from __future__ import annotations

import codecs
import os
import pathlib
import re
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from seqkit._checks import did_you_mean, listed
from seqkit._errors import InvalidType, InvalidValue, NoSuchFile, NotAFile, keywords
from seqkit.data.encodings import is_mostly_common_chinese, other_than_chinese
from seqkit.data.notes import Notes
from seqkit.data.plain_files import read_plain
from seqkit.data.records import column_names, guess_separator, split_into_rows, without_separator_line
from seqkit.data.text_columns import TextColumns, numbers_of, without_missing

STREAM_BYTES = 64 << 20  # at most so much is read of what is no regular file
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

    texts: TextColumns  # (rows, columns) of str, NaN where a cell is missing
    raw: TextColumns  # (rows, columns) of str as the file has them, for texts and names: "NA" may be a word
    numbers: dict[str, np.ndarray]  # (rows,) columns known to hold plain numbers alone, NaN where a cell is empty
    readings: dict[Any, Any]  # what a column of time was read as, so that it is parsed once
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
    row are left out, and a plain file is read by pandas' parser.
    """
    if not isinstance(path, str | os.PathLike):
        raise InvalidType(where, f"path must be the name of a file, got {type(path).__name__}.", argument="path")
    where = f"{where}: {os.fspath(path)}"
    if separator is not None and not re.fullmatch(r'[^\r\n"]', str(separator)):
        problem = "separator must be one character, as in " + keywords(separator=";") + f", got {separator!r}."
        raise InvalidValue(where, problem, argument="separator")
    text = _decoded(where, _content(where, pathlib.Path(path)), encoding)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not re.search(r"[^\s\x1a]", text):
        raise InvalidValue(where, "the file is empty.", "It needs a header line and one line per row.")
    text, announced = without_separator_line(text)
    separator = separator or announced or guess_separator(where, text)
    plain = read_plain(text, separator) if notes == Notes() and header is not False else None
    if plain is not None:
        names = column_names(where, plain.header, plain.head, header)
        columns = _columns(names, plain.header, plain.body.column, plain.rows, plain.numbers, plain.words)
        return Cells(*columns, {}, np.arange(plain.rows) + 2, separator, where)
    first, rows, lines = split_into_rows(where, text.rstrip("\n\x1a"), separator, header, notes)
    names = column_names(where, first, rows, header)
    if not rows:
        raise InvalidValue(where, f"there is a header ({listed(names)}) but no row below it.", "Add rows.")
    found = {at: numbers_of([row[at] for row in rows]) for at in range(len(names))}
    numbers = {at: values for at, values in found.items() if values is not None}
    columns = _columns(
        names, first, lambda at: pd.Series([row[at] for row in rows], dtype=object), len(rows), numbers, {}
    )
    return Cells(*columns, {}, np.array(lines), separator, where)


def _columns(
    names: list[str],
    header: list[str],
    read: Callable[[int], pd.Series],
    rows: int,
    numbers: dict[int, np.ndarray],
    words: dict[int, pd.Series],
) -> tuple[TextColumns, TextColumns, dict[str, np.ndarray]]:
    """The columns as texts, as they stand in the file, and as numbers; without empty ones that have no name.

    `read(at)` gives the cells of a column; `numbers` and `words` are the columns that are known already.
    """
    places = {name: at for at, name in enumerate(names)}

    def texts_of(name: str) -> pd.Series:
        known = words.get(places[name])
        return without_missing(read(places[name]).astype("str").str.strip() if known is None else known)

    def is_empty(name: str) -> bool:
        values = numbers.get(places[name])
        return bool(texts_of(name).isna().all() if values is None else np.isnan(values).all())

    used = [name for name in names if header[places[name]] or not is_empty(name)]
    raw = TextColumns(used, rows, lambda name: read(places[name]))
    known = {name: numbers[places[name]] for name in used if places[name] in numbers}
    return TextColumns(used, rows, texts_of), raw, known


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
