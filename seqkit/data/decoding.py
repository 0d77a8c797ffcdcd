"""Bytes of a CSV to text: its encoding, where none is named, and what is no text."""

from __future__ import annotations

import codecs

from seqkit._checks import did_you_mean, listed
from seqkit._errors import InvalidValue, SeqkitWarning, keywords, warn
from seqkit.data.encodings import is_chinese_by_chance_utf8, rival_of_chinese

SIGNATURES = {
    b"PK\x03\x04": "a zip file",
    b"\xd0\xcf\x11\xe0": "an old Excel file",
    b"\x1f\x8b": "a gzip file",
    b"PAR1": "a part of a Parquet file",
    b"%PDF": "a PDF",
    b"\x89PNG": "a picture",
}

NUL, BYTE_ORDER_MARK = "\0", "\ufeff"
CONTROL_CHARACTERS = "".join(chr(code) for code in [*range(32), 127] if code not in b"\0\t\n\r")
BLOCK = 1 << 20  # characters; a copy of the whole text may be too large


def decoded(where: str, content: str | bytes, encoding: str | None) -> str:
    """The text of a file without a byte-order mark, by the named encoding or the recognised one."""
    if isinstance(content, str):
        text = content
    elif encoding is None:
        text = _decoded_by_guess(where, content)
    else:
        text = _decoded_as(where, content, encoding)
    if NUL in text:
        opened = "opened as text" if encoding is None else "read as " + keywords(encoding=encoding)
        raise InvalidValue(where, opened + " this is a binary file.", "Save it as CSV text.", "encoding")
    return text.removeprefix(BYTE_ORDER_MARK)


def _decoded_by_guess(where: str, content: bytes) -> str:
    _refuse_binary(where, content)
    line, is_cut = 1, False
    try:
        text = content.decode("utf-8")
        if not is_chinese_by_chance_utf8(text):
            return text
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        is_cut = error.end == len(content) and error.reason == "unexpected end of data"
    try:
        text = content.decode("gb18030")
    except UnicodeDecodeError:
        rival: str | None = ""
        problem = f"line {line} is neither UTF-8 nor GB18030."
    else:
        rival = rival_of_chinese(content, text)
        problem = f"line {line} is neither UTF-8 nor GB18030 for certain."
    if rival is None:
        return text
    if rival:
        problem = f"line {line} is not UTF-8; the file may be gb18030 (Chinese) or {rival}."
        way_out = "Name the encoding: " + keywords(encoding="gb18030") + " or " + keywords(encoding=rival) + "."
        raise InvalidValue(where, problem, way_out, "encoding")
    examples = keywords(encoding="latin-1") + " or " + keywords(encoding="cp1252")
    way_out = "Name the encoding, as in " + examples + ", or save the file as UTF-8."
    if is_cut:
        way_out += " The file may be cut, since its last character is not whole."
    raise InvalidValue(where, problem, way_out, "encoding")


def _decoded_as(where: str, content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
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


def _refuse_binary(where: str, content: bytes) -> None:
    for signature, kind in SIGNATURES.items():
        if content.startswith(signature):
            raise InvalidValue(where, f"this is {kind}, a binary file, not CSV text.", "Save the table as CSV first.")
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        way_out = "Pass " + keywords(encoding="utf-16") + ", or save the file as UTF-8."
        raise InvalidValue(where, "this is UTF-16 text.", way_out, "encoding")
    if NUL.encode() in content:
        raise InvalidValue(
            where,
            "this is a binary file, not CSV text.",
            "Save the table as CSV first; if it is UTF-16 text, pass " + keywords(encoding="utf-16-le") + ".",
        )


def warn_of_control_characters(where: str, text: str) -> None:
    """Name the first control character, by its line, in a text whose lines end in line feeds."""
    counts = [_control_characters(text[start : start + BLOCK]) for start in range(0, len(text), BLOCK)]
    if not any(counts):
        return
    start = next(at for at, count in enumerate(counts) if count) * BLOCK
    at = next(at for at in range(start, len(text)) if text[at] in CONTROL_CHARACTERS)
    line = text.count("\n", 0, at) + 1
    problem = f"line {line} has the control character {text[at]!r}"
    problem += f", the first of {sum(counts)}." if sum(counts) > 1 else "."
    warn(SeqkitWarning(where, problem, "It stays in its cell. Remove it if it is no part of the text.", "encoding"))


def _control_characters(text: str) -> int:
    """How many there are; bytes are faster to search than text."""
    content = text.encode("utf-8", "surrogatepass")
    return len(content) - len(content.translate(None, CONTROL_CHARACTERS.encode()))
