"""Where a table comes from: the name of a file, or an open one; a CSV, also packed, Parquet or Excel."""

from __future__ import annotations

import contextlib
import io
import os
import pathlib
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any, NamedTuple

import numpy as np

from seqkit._checks import did_you_mean, type_name
from seqkit._errors import InvalidType, InvalidValue, Message, NoSuchFile, NotAFile, UnreadableFile, keywords
from seqkit.data.cell_texts import as_csv
from seqkit.data.table_files import excel_rows, is_parquet, parquet_rows
from seqkit.data.unpacking import is_excel, most_unpacked, unpacked

Origin = str | os.PathLike[str] | IO[str] | IO[bytes]
STREAM_BYTES = 64 << 20  # at most so much is read of what is no regular file


class Source(NamedTuple):
    """A table as text, or as bytes to be decoded. Every message about it begins with `where`."""

    where: str
    content: str | bytes
    starts: np.ndarray | None = None  # (rows,) the line of the text at which each row of Parquet or Excel begins

    def row_numbers(self, lines: np.ndarray) -> np.ndarray:
        """The numbers that messages name: the lines of a CSV, the rows of Excel, those of Parquet from the names on."""
        return lines if self.starts is None else np.searchsorted(self.starts, lines, side="right")


def read_source(where: str, origin: Origin | Source, sheet: str | None = None) -> Source:
    """Read what a user names, and unpack it.

    Args:
        where: the function, for messages.
        origin: a path, an open file of text or of bytes, or what was read before.
        sheet: the sheet of an Excel file; the first one if None.
    """
    if isinstance(origin, Source):
        return origin
    where, content = _opened(where, origin)
    content = unpacked(where, content) if isinstance(content, bytes) else content
    if isinstance(content, bytes) and is_excel(content):
        return Source(where, *as_csv(excel_rows(where, content, sheet)))
    if sheet is not None:
        raise InvalidValue(where, "only an Excel file has sheets.", "Leave " + keywords(sheet=...) + " out.", "sheet")
    if isinstance(content, bytes) and is_parquet(content):
        return Source(where, *as_csv(parquet_rows(where, content)))
    return Source(where, content)


def _opened(where: str, origin: Any) -> tuple[str, str | bytes]:
    """Where the table is, for messages, and what the file holds."""
    if hasattr(origin, "read"):
        name = getattr(origin, "name", None)
        where = f"{where}: {name if isinstance(name, str) else 'the open file'}"
        with _in_words(where):
            return where, _read_open(where, origin)
    if not isinstance(origin, str | os.PathLike):
        problem = f"path must be the name of a file or an open file, got {type_name(origin)}."
        raise InvalidType(where, problem, argument="path")
    path = pathlib.Path(os.fsdecode(origin))
    where = f"{where}: {os.fsdecode(origin)}"
    with _in_words(where):
        return where, _read_path(where, path)


@contextmanager
def _in_words(where: str) -> Iterator[None]:
    """Turn an error of the system, or of an open file, into our own."""
    try:
        yield
    except Message:
        raise
    except UnicodeError as error:
        way_out = "Open it with another encoding, or in binary mode."
        raise InvalidValue(where, f"the text cannot be decoded ({error}).", way_out, "encoding") from None
    except OSError as error:
        raise UnreadableFile(where, f"the file cannot be read ({error.strerror or error}).", "", "path") from None
    except ValueError as error:  # of a file that is closed
        raise InvalidValue(where, f"the file cannot be read ({error}).", argument="path") from None


def _read_path(where: str, path: pathlib.Path) -> bytes:
    if path.is_dir():
        raise NotAFile(where, "this is a directory.", "Name one of the files in it.", "path")
    if not path.exists():
        file_names = [file.name for file in path.parent.iterdir()] if path.parent.is_dir() else []
        way_out = f"Check the path.{did_you_mean(path.name, file_names)}"
        raise NoSuchFile(where, "there is no such file.", way_out, "path")
    if path.is_file():
        return path.read_bytes()
    with path.open("rb") as stream:  # a pipe or a device, which may never end
        return _read_bounded(where, stream, STREAM_BYTES)


def _read_open(where: str, file: IO[Any]) -> str | bytes:
    if isinstance(file, io.BytesIO | io.StringIO):
        return file.read()
    return _read_bounded(where, file, most_unpacked(_size(file)))


def _size(file: IO[Any]) -> int:
    """The bytes of a regular file, packed or not; 0 of anything else."""
    with contextlib.suppress(AttributeError, OSError, TypeError):
        status = os.fstat(file.fileno())
        return status.st_size if stat.S_ISREG(status.st_mode) else 0
    return 0


def _read_bounded(where: str, stream: IO[Any], most: int) -> Any:
    """All that the stream gives, in one piece or in several, as a pipe does."""
    content: Any = stream.read(most + 1)
    if not isinstance(content, str | bytes):
        raise InvalidType(where, f"read() of an open file must give text or bytes, got {type_name(content)}.")
    pieces: list[Any] = [content]
    size = len(content)
    while pieces[-1] and size <= most:
        pieces.append(stream.read(most + 1 - size))
        size += len(pieces[-1])
    if size > most:
        problem = f"this is no regular file, and it does not end within {most >> 20} MiB."
        raise InvalidValue(where, problem, "Save the table as a file first.", argument="path")
    return content[:0].join(pieces)
