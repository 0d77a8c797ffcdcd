"""Hostile files: bytes at random, and good tables that are mutated, each made anew from a seed and a number.

A good table knows what it holds. So what is read from it can be compared with the truth, also after a mutation that
leaves the cells as they are.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zipfile
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pandas as pd

Random = np.random.Generator
SEPARATORS = ",;\t|"
CSV_BYTES = b",;\t|\"'\n\r\r\n 0123456789.-+:/eEabcNA#%$()\xc3\xa9\xe2\x82\xac\x00\x1a\xef\xbb\xbf"
WORDS = ["late", "NA", "None", "null", "-", "?", "Zürich", "Łódź", "東京", "서울", "Москва", "Αθήνα"]
WORDS += ["cafe\u0301", "🙂", "a  b"]
ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32", "gb18030", "big5", "shift_jis", "euc-jp", "euc-kr"]
ENCODINGS += ["cp874", "cp1250", "cp1251", "cp1252", "cp1253", "cp1255", "cp1256", "latin-1", "koi8-r", "mac-roman"]
ENCODINGS += ["cp437", "cp037"]
STEPS = {"D": ("%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%b %d, %Y"), "MS": ("%Y-%m", "%Y-%m-%d", "%b %Y")}
STEPS |= {"h": ("%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S"), "W-SUN": ("%Y-%m-%d",)}
NUMBERS = ["1e400", "9" * 400, "0x1F", "inf", "-nan", "1e-400", "1_000", "٣", "１２", "1,2,3", "--1", "1e", "1.2.3"]
STAMPS = ["0000-00-00", "2020-02-30", "9999-12-31", "99999999", "24:00", "2020-W54", "1e9", "-1", "2020-13-01", "Total"]
STAMPS += ["31/31/2020", "2020-01-01T25:61", "2020-01-01+99:99", "12/2020/1", "2262-04-12", "Jan", "2020Q5", "٢٠٢٠-٠١"]
NAMES = ["", "a", "a", "1", "2.5", "2020", "date", "time", " ", '"', "x\ny", "#", "nan"]
STARTS = [
    b"PK\x03\x04",
    b"\xd0\xcf\x11\xe0",
    b"\x1f\x8b\x08\x00",
    b"PAR1",
    b"%PDF",
    b"\x89PNG",
    b"\xff\xfe",
    b"\xfe\xff",
]
NEARLY_NOTHING = [
    "",
    "\n",
    '"',
    '""',
    ",",
    ",,,\n,,,",
    "a",
    "a,b",
    "a,b\n",
    "a\n1",
    "\ufeff",
    "a,b\n1",
    "\r\r\r",
    "a,a\n1,2",
]
CHANCE_OF_LARGE = 0.01  # of a file that is long or wide


class Hostile(NamedTuple):
    """A file, and what its known good cells are."""

    kind: str
    content: bytes
    reader: str  # which reader its good cells are for; "" where no cell is known
    texts: list[str]  # the truth of a table of texts
    values: np.ndarray  # the truth of the first column of numbers, (rows,)


class Table(NamedTuple):
    """A good table as cells, before it is written."""

    cells: list[list[str]]  # the header first
    reader: str
    texts: list[str]
    values: np.ndarray


def hostile_file(seed: int, number: int) -> Hostile:
    """File `number` of a seed."""
    random = np.random.default_rng([seed, number])
    kinds = LARGE if random.random() < CHANCE_OF_LARGE else KINDS
    make = kinds[int(random.integers(len(kinds)))]
    return make(random)._replace(kind=make.__name__.replace("_", " "))


def series_table(random: Random) -> Table:
    """A time series on a regular grid, perhaps with a column of texts."""
    step = str(random.choice(list(STEPS)))
    rows = int(random.integers(15, 60))
    start = pd.Timestamp("2019-01-01") + pd.Timedelta(int(random.integers(400)), "D")
    index = pd.date_range(start.replace(day=1) if step == "MS" else start, periods=rows, freq=step)
    values = np.round(random.normal(size=(rows, int(random.integers(1, 4)))) * 90 + 500, 2)
    cells = [["date", *(f"x{at}" for at in range(values.shape[1]))]]
    stamps = index.strftime(str(random.choice(STEPS[step])))
    cells += [[stamp, *(f"{value:.2f}" for value in row)] for stamp, row in zip(stamps, values, strict=True)]
    if random.random() < 0.3:
        cells = [[*row, "note" if at == 0 else _text(random)] for at, row in enumerate(cells)]
    return Table(cells, "read_csv", [], values[:, 0])


def text_table(random: Random) -> Table:
    """Texts with labels."""
    texts = [_text(random) for _ in range(int(random.integers(2, 30)))]
    labels = random.choice(["NA", "None", "a", "-"] if random.random() < 0.3 else ["a", "b", "7"], len(texts)).tolist()
    return Table([["a", "b"], *map(list, zip(texts, labels, strict=True))], "read_texts", texts, np.array([]))


def long_table(random: Random) -> Table:
    """Series in long form, in order: who, label, step, value."""
    cells, values = [["a", "b", "c", "x"]], []
    for who in range(int(random.integers(2, 6))):
        for step in range(int(random.integers(1, 12))):
            values.append(round(float(random.normal() * 9), 3))
            cells.append([f"s{who}", f"k{who % 2}", str(step), f"{values[-1]:.3f}"])
    return Table(cells, "read_sequences", [], np.array(values))


def _table(random: Random) -> Table:
    return [series_table, text_table, long_table][int(random.integers(3))](random)


def _text(random: Random) -> str:
    words = random.choice(WORDS, int(random.integers(1, 5))).tolist()
    joints = ("\n", ", ", '"', "; ", "\t", "|", "'", "#")
    return (str(random.choice(joints)) if random.random() < 0.3 else " ").join(words)


def _written(random: Random, cells: list[list[str]], separator: str | None = None) -> str:
    """A CSV text: any separator, any line end, quotes where they are needed or everywhere."""
    separator = separator or str(random.choice(list(SEPARATORS)))
    everywhere, end = random.random() < 0.3, str(random.choice(["\n", "\r\n"]))
    special = (separator, '"', "\n", "\r")

    def cell(text: str) -> str:
        is_quoted = everywhere or any(mark in text for mark in special)
        return '"' + text.replace('"', '""') + '"' if is_quoted else text

    return "".join(separator.join(map(cell, row)) + end for row in cells)


def _known(table: Table, content: bytes) -> Hostile:
    return Hostile("", content, table.reader, table.texts, table.values)


def _unknown(content: bytes) -> Hostile:
    return Hostile("", content, "", [], np.array([]))


def _some(random: Random, rows: int) -> int:
    """A row between the first and the last, counted after the header."""
    return int(random.integers(2, max(rows - 1, 3)))


def random_bytes(random: Random) -> Hostile:
    return _unknown(_header(random) + random.bytes(int(random.integers(0, 2000))))


def csv_bytes(random: Random) -> Hostile:
    letters = random.choice(list(CSV_BYTES), int(random.integers(0, 2000)))
    return _unknown(_header(random) + bytes(letters.astype("uint8")))


def _header(random: Random) -> bytes:
    return b"a,b,c\n" if random.random() < 0.5 else b""


def good(random: Random) -> Hostile:
    table = _table(random)
    return _known(table, _written(random, table.cells).encode())


def framed(random: Random) -> Hostile:
    """Byte-order marks, blank lines, no last line end, Ctrl-Z."""
    table = _table(random)
    text = "\ufeff" * int(random.integers(3)) + "\n" * int(random.choice([0, 1, 30, 300]))
    text += _written(random, table.cells).rstrip("\r\n") + str(random.choice(["", "\n\n\n", "\x1a", "\r\n\r\n"]))
    return _known(table, text.encode())


def other_encoding(random: Random) -> Hostile:
    table, encoding = _table(random), str(random.choice(ENCODINGS))
    content = _written(random, table.cells).encode(encoding, "replace")
    lossless = content.decode(encoding) == _written_back(table, content.decode(encoding))
    cut = content[: len(content) - int(random.integers(3))] if random.random() < 0.2 else content
    return _known(table, cut) if lossless and cut == content else _unknown(cut)


def _written_back(table: Table, text: str) -> str:
    """The text, if no character of the table was replaced."""
    return text if text.count("?") == sum(cell.count("?") for row in table.cells for cell in row) else ""


def flipped_bytes(random: Random) -> Hostile:
    content = bytearray(good(random).content)
    for _ in range(int(random.integers(1, 6))):
        at = int(random.integers(len(content)))
        new = random.choice(list(CSV_BYTES), int(random.integers(0, 3))).astype("uint8").tobytes()
        content[at : at + int(random.integers(0, 3))] = new
    return _unknown(bytes(content))


def torn_line(random: Random) -> Hostile:
    """One line between the first and the last has a cell more or less, or an open quotation mark."""
    table, separator = _table(random), str(random.choice(list(SEPARATORS)))
    at = _some(random, len(table.cells))
    lines = [_written(random, [row], separator) for row in table.cells]
    line = lines[min(at, len(lines) - 1)]
    torn = [line.rstrip() + separator + "9\n", line.partition(separator)[0] + "\n", '"' + line, line.replace("9", '9"')]
    lines[min(at, len(lines) - 1)] = str(random.choice(torn))
    return _unknown("".join(lines).encode())


def changed_cells(random: Random, odd: list[str], column: int) -> Hostile:
    table = _table(random)
    for _ in range(int(random.integers(1, 4))):
        row = table.cells[int(random.integers(1, len(table.cells)))]
        row[column] = str(random.choice(odd))
    return _unknown(_written(random, table.cells).encode())


def odd_stamps(random: Random) -> Hostile:
    return changed_cells(random, STAMPS, 0)


def odd_numbers(random: Random) -> Hostile:
    return changed_cells(random, NUMBERS, 1)


def only_odd(random: Random) -> Hostile:
    """Columns of odd stamps and odd numbers alone."""
    rows = int(random.integers(1, 40))
    cells = [["a", "b", "c"], *random.choice(STAMPS + NUMBERS, (rows, 3)).tolist()]
    return _unknown(_written(random, cells).encode())


def control_characters(random: Random) -> Hostile:
    text = good(random).content.decode()
    at = int(random.integers(len(text)))
    return _unknown((text[:at] + chr(int(random.integers(32))) + text[at:]).encode())


def mixed_separators(random: Random) -> Hostile:
    table = _table(random)
    return _unknown("".join(_written(random, [row]) for row in table.cells).encode())


def odd_names(random: Random) -> Hostile:
    table = _table(random)
    names = random.choice(NAMES, len(table.cells[0]))
    return _unknown(_written(random, [names.tolist(), *table.cells[1:]]).encode())


def huge_line(random: Random) -> Hostile:
    long = str(random.choice(['"' + "x" * 200_000 + '"', "9" * 150_000, "1," * 30_000, '"' * 140_001, "\t" * 40_000]))
    text = good(random).content.decode()
    at = int(random.choice([0, len(text) // 2, len(text)]))
    return _unknown((text[:at] + long + text[at:]).encode())


def wide(random: Random) -> Hostile:
    columns = int(random.choice([300, 3_000]))
    cells = [["date", *(f"x{at}" for at in range(columns))]]
    cells += [[f"2020-01-0{day}", *["1.5"] * columns] for day in range(1, 5)]
    return _known(Table([], "read_csv", [], np.full(4, 1.5)), _written(random, cells).encode())


def signed(random: Random) -> Hostile:
    """The first bytes of another form of file, then anything; or a gzip file, whole or cut."""
    content = good(random).content
    zipped = gzip.compress(content, mtime=0)
    start = STARTS[int(random.integers(len(STARTS)))]
    choices = [start + content, start + random.bytes(300), zipped[: len(zipped) // 2], start]
    return _unknown(choices[int(random.integers(len(choices)))])


def packed(random: Random) -> Hostile:
    """A good table that is packed, whole or damaged."""
    made = good(random)
    pack = PACKERS[int(random.integers(len(PACKERS)))]
    content = pack(made.content)
    return made._replace(content=content) if random.random() < 0.5 else _unknown(_damaged(random, content))


def parquet(random: Random) -> Hostile:
    """A good table as Parquet, whole or damaged."""
    table, stream = _table(random), io.BytesIO()
    header, *rows = table.cells
    frame = pd.DataFrame(rows, columns=header)
    for name in header[1:]:
        if table.reader == "read_csv" and name != "note":
            frame[name] = frame[name].astype("float64")
    frame.to_parquet(stream)
    content = stream.getvalue()
    return _known(table, content) if random.random() < 0.5 else _unknown(_damaged(random, content))


def _zipped(content: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("table.csv", content)
    return stream.getvalue()


def _damaged(random: Random, content: bytes) -> bytes:
    """Bytes with some of them changed or left out, but the first and last ones, which say what they are."""
    changed = bytearray(content)
    for _ in range(int(random.integers(1, 6))):
        at = int(random.integers(4, max(len(changed) - 4, 5)))
        changed[at : at + int(random.integers(1, 4))] = random.bytes(int(random.integers(0, 4)))
    return bytes(changed)


PACKERS: list[Callable[[bytes], bytes]] = [gzip.compress, bz2.compress, lzma.compress, _zipped]


def nearly_nothing(random: Random) -> Hostile:
    texts = [
        "",
        "\n",
        '"',
        '""',
        ",",
        ",,,\n,,,",
        "a",
        "a,b",
        "a,b\n",
        "a\n1",
        "\ufeff",
        "a,b\n1",
        "\r\r\r",
        "a,a\n1,2",
    ]
    return _unknown(str(random.choice(texts)).encode() * int(random.integers(1, 4)))


KINDS: list[Callable[[Random], Hostile]] = [
    *(random_bytes, csv_bytes, good, framed, other_encoding, flipped_bytes, torn_line, odd_stamps, odd_numbers),
    *(only_odd, control_characters, mixed_separators, odd_names, signed, nearly_nothing),
    *(packed, parquet),
]
LARGE: list[Callable[[Random], Hostile]] = [huge_line, wide]
