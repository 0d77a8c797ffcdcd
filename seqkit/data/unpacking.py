"""Packed files: gzip, bzip2, xz, and zip with one file in it, unpacked to a size that is bounded."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import re
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from reprlib import repr as shortened

from seqkit._checks import listed
from seqkit._errors import InvalidValue, Message

LEAST_BOUND = 64 << 20  # bytes
LARGEST_RATIO = 100  # of the unpacked bytes to the packed ones; tables of text reach 5 to 30
XZ_MEMORY = 256 << 20
PARTS_OF_EXCEL = ("[Content_Types].xml", "xl/workbook.xml")


def most_unpacked(packed: int) -> int:
    """The most bytes that a table may have that is packed in so many."""
    return max(LEAST_BOUND, LARGEST_RATIO * packed)


def unpacked(where: str, content: bytes) -> bytes:
    """The file that is packed in this one; a file that is not packed, or Excel's, as it is.

    Raises:
        InvalidValue: the file is damaged, or it unpacks to far more than a table of its size does.
    """
    form = next((form for form, (start, _) in FORMS.items() if re.match(start, content, re.DOTALL)), None)
    if form is None or is_excel(content):
        return content
    most = most_unpacked(len(content))
    with damage_in_words(where, form):
        text = FORMS[form][1](where, content, most + 1)
    if len(text) > most:
        problem = f"the {form} file of {len(content):,} bytes unpacks to more than {most >> 20} MiB, as no table does."
        raise InvalidValue(where, problem, "Unpack it first, if you trust it.")
    return text


@contextmanager
def damage_in_words(where: str, form: str) -> Iterator[None]:
    """Turn an error of another library into our own; for bytes that are damaged, they raise dozens of kinds."""
    try:
        yield
    except Message:
        raise
    except Exception as error:
        problem = f"the {form} file cannot be read ({type(error).__name__}: {shortened(str(error))})."
        raise InvalidValue(where, problem, "It may be damaged or cut. Save the table anew, or as CSV.") from None


def is_excel(content: bytes) -> bool:
    """Whether this is an Excel file, which is a zip file of several parts."""
    if not content.startswith(b"PK"):
        return False
    try:
        names = zipfile.ZipFile(io.BytesIO(content)).namelist()
    except Exception:  # of a damaged file, which is then refused in words
        return False
    return any(name in names for name in PARTS_OF_EXCEL)


def _from_gzip(where: str, content: bytes, most: int) -> bytes:
    return gzip.GzipFile(fileobj=io.BytesIO(content)).read(most)


def _from_bzip2(where: str, content: bytes, most: int) -> bytes:
    return bz2.BZ2File(io.BytesIO(content)).read(most)


def _from_xz(where: str, content: bytes, most: int) -> bytes:
    unpacker = lzma.LZMADecompressor(memlimit=XZ_MEMORY)
    text = unpacker.decompress(content, max_length=most)
    if not unpacker.eof and len(text) < most:
        raise EOFError("it ends early")
    return text


def _from_zip(where: str, content: bytes, most: int) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = [name for name in archive.namelist() if not name.endswith("/") and not name.startswith("__MACOSX/")]
        if len(names) != 1:
            problem = f"the zip file holds {len(names)} files{': ' if names else ''}{listed(names)}; one is needed."
            raise InvalidValue(where, problem, "Unpack it, and name one of them.")
        with archive.open(names[0]) as file:
            return file.read(most)


FORMS: dict[str, tuple[bytes, Callable[[str, bytes, int], bytes]]] = {  # how they begin, and what unpacks them
    "gzip": (rb"\x1f\x8b\x08", _from_gzip),
    "bzip2": (rb"BZh[1-9](1AY&SY|\x17rE8P\x90)", _from_bzip2),
    "xz": (rb"\xfd7zXZ\x00", _from_xz),
    "zip": (rb"PK(\x03\x04|\x05\x06)", _from_zip),
}
