"""Where a table comes from: packed CSVs, Parquet, Excel, open files, and what is refused of each."""

import bz2
import csv
import datetime
import decimal
import gzip
import importlib.util
import io
import lzma
import os
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import seqkit as sk
from seqkit.data import unpacking
from seqkit.data.cell_texts import column_texts
from seqkit.data.samples import read_sequences, read_texts

CSV = "day,sales,note\n2024-01-30,3,a\n2024-01-31,5,b\n2024-02-01,7.125,c\n"
DAYS = pd.date_range("2024-01-30", periods=3, name="day")
TABLE = pd.DataFrame({"day": DAYS, "sales": [3, 5, 7.125], "note": ["a", "b", "c"]})
pytestmark = pytest.mark.filterwarnings("ignore:.*left out. 'note'")


def zipped(**files):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return stream.getvalue()


def parquet(table=TABLE):
    pytest.importorskip("pyarrow")
    stream = io.BytesIO()
    table.to_parquet(stream)
    return stream.getvalue()


def excel(*rows, **sheets):
    """A workbook with the rows on its first sheet, or with named sheets."""
    book = pytest.importorskip("openpyxl").Workbook()
    book.remove(book.active)
    for name, cells in (sheets or {"first": rows}).items():
        page = book.create_sheet(name)
        for row in cells:
            page.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def rows_of(table):
    return [list(table.columns), *(list(row) for row in table.itertuples(index=False))]


FORMS = {
    "csv": CSV.encode,
    "csv.gz": lambda: gzip.compress(CSV.encode()),
    "csv.bz2": lambda: bz2.compress(CSV.encode()),
    "csv.xz": lambda: lzma.compress(CSV.encode()),
    "zip": lambda: zipped(**{"__MACOSX/._sales.csv": "x", "sales.csv": CSV}),
    "parquet": parquet,
    "zip of a parquet": lambda: zipped(**{"sales.parquet": parquet()}),
    "xlsx": lambda: excel(*rows_of(TABLE)),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_the_same_table_from_a_path_and_from_an_open_file(tmp_path, form):
    path = tmp_path / f"sales.{form}"
    path.write_bytes(FORMS[form]())
    wanted = sk.read_csv(io.StringIO(CSV))
    assert (wanted["sales"].tolist(), wanted.index.freqstr) == ([3, 5, 7.125], "D")
    pd.testing.assert_frame_equal(sk.read_csv(path), wanted)
    assert sk.read_csv(path).attrs == wanted.attrs == {"time_format": "%Y-%m-%d"}
    with path.open("rb") as file:
        pd.testing.assert_frame_equal(sk.read_csv(file), wanted)
    pd.testing.assert_frame_equal(sk.read_csv(io.BytesIO(path.read_bytes())), wanted)


def test_texts_and_sequences_are_read_from_every_source_too(tmp_path):
    texts = pd.DataFrame({"text": ["two\nlines", " NA", "b"], "kind": ["x", "NA", "x"]})
    for source in (io.StringIO(texts.to_csv(index=False, quoting=csv.QUOTE_ALL)), io.BytesIO(parquet(texts))):
        samples = read_texts(source, text="text", label="kind")
        assert (samples.x, list(samples.y)) == (["two\nlines", " NA", "b"], ["x", "NA", "x"])
    wide = pd.DataFrame({"t0": [1.5, 2.5], "t1": [3.0, np.nan], "t2": [5.0, 6.0], "label": ["u", "v"]})
    for source in (
        io.StringIO(wide.to_csv(index=False)),
        io.BytesIO(parquet(wide)),
    ):  # read once, although looked at twice
        samples = read_sequences(source, label="auto")
        np.testing.assert_array_equal(samples.x, [[[1.5], [3], [5]], [[2.5], [np.nan], [6]]])
    book = io.BytesIO(excel(["who", "x"], ["a", 1], ["a", 2.25], ["b", 3]))
    assert [values.tolist() for values in read_sequences(book, series="who").x] == [[[1], [2.25]], [[3]]]


# Open files


def test_a_message_names_the_open_file_or_says_that_it_is_one(tmp_path):
    with pytest.raises(sk.InvalidValue, match="^read_csv: the open file: line 3, column 'x': 'z' is not a finite"):
        sk.read_csv(io.StringIO("day,x\n2024-01-01,1\n2024-01-02,z\n"), columns="x")
    (tmp_path / "bad.csv").write_text("day,x\n")
    with (tmp_path / "bad.csv").open() as file, pytest.raises(sk.InvalidValue, match=r"^read_csv: .*bad.csv: there is"):
        sk.read_csv(file)
    with pytest.raises(sk.InvalidValue, match="bad.csv: the file cannot be read .I/O operation on closed file"):
        sk.read_csv(file)


def test_an_open_file_that_gives_no_text_is_refused(tmp_path):
    class NoText:
        def read(self, size=-1):
            return 3

    with pytest.raises(sk.InvalidType, match="read.. of an open file must give text or bytes, got an int"):
        sk.read_csv(NoText())
    with (tmp_path / "new.csv").open("w") as file, pytest.raises(OSError, match="new.csv: the file cannot be read"):
        sk.read_csv(file)
    (tmp_path / "latin.csv").write_bytes("day,größe\n2024-01-01,1\n".encode("latin-1"))
    with (tmp_path / "latin.csv").open(encoding="utf-8") as file, pytest.raises(sk.InvalidValue) as caught:
        sk.read_csv(file)
    assert "cannot be decoded" in caught.value.problem
    assert "Open it with another encoding, or in binary mode" in caught.value.way_out
    with pytest.raises(sk.InvalidValue, match="opened as text this is a binary file"):
        sk.read_csv(io.StringIO("day,x\n\0"))


def test_an_open_file_that_gives_its_bytes_in_pieces_is_read_whole():
    pieces = [CSV[:20].encode(), CSV[20:].encode()]

    class Pieces:
        def read(self, size=-1):
            return pieces.pop(0) if pieces else b""

    assert sk.read_csv(Pieces())["sales"].tolist() == [3, 5, 7.125]


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="the system has no endless device")
def test_an_open_file_without_an_end_is_refused():
    with open("/dev/zero", "rb") as file, pytest.raises(sk.InvalidValue, match="it does not end within 64 MiB"):
        sk.read_csv(file)


def test_what_the_system_does_not_let_read_is_refused_in_words():
    with pytest.raises(OSError, match="^read_csv: x+: the file cannot be read .File name too long"):
        sk.read_csv("x" * 300)


# Packed files


BAD_FILES = {
    "a gzip file that is cut": (gzip.compress(CSV.encode())[:-9], "the gzip file cannot be read .EOFError.*or cut"),
    "no gzip file": (b"\x1f\x8b\x08" + bytes(40), "the gzip file cannot be read"),
    "a bzip2 file that is cut": (bz2.compress(CSV.encode())[:-9], "the bzip2 file cannot be read"),
    "an xz file that is cut": (
        lzma.compress(CSV.encode())[:-9],
        "the xz file cannot be read .EOFError: 'it ends early'",
    ),
    "a zip file that is cut": (zipped(a=CSV)[:60], "the zip file cannot be read"),
    "two files": (zipped(a=CSV, b=CSV), "the zip file holds 2 files: 'a', 'b'; one is needed. Unpack it"),
    "no file": (zipped(), "the zip file holds 0 files; one is needed"),
    "packed twice": (gzip.compress(gzip.compress(CSV.encode())), "this is a gzip file, a binary file"),
    "nothing": (gzip.compress(b""), "the file is empty"),
}


@pytest.mark.parametrize("trouble", BAD_FILES)
def test_a_packed_file_that_is_no_table_is_refused(trouble):
    content, message = BAD_FILES[trouble]
    with pytest.raises(sk.InvalidValue, match=message):
        sk.read_csv(io.BytesIO(content))


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress, lambda content: zipped(a=content)])
def test_a_file_that_unpacks_to_far_more_than_a_table_is_refused(monkeypatch, pack):
    monkeypatch.setattr(unpacking, "LEAST_BOUND", 1 << 20)
    monkeypatch.setattr(unpacking, "LARGEST_RATIO", 0)
    sk.read_csv(io.BytesIO(pack(CSV.encode())))
    with pytest.raises(sk.InvalidValue, match="unpacks to more than 1 MiB, as no table does. Unpack it first"):
        sk.read_csv(io.BytesIO(pack(b"day,x\n" + bytes(2 << 20))))


# Parquet and Excel


def test_stamps_keep_their_zone_and_all_of_their_digits():
    for step in ("h", "250ms", "100us", "7ns"):
        stamps = pd.date_range("2024-03-30 22:00", periods=30, freq=step, tz="Europe/Berlin")
        frame = sk.read_csv(io.BytesIO(parquet(pd.DataFrame({"sales": np.arange(30.0)}, stamps))))
        assert (frame.index == stamps).all()


def test_an_index_of_pandas_and_missing_values_are_read():
    table = pd.DataFrame({"sales": [1.5, None, 3], "open": [True, None, False]}, DAYS)
    frame = sk.read_csv(io.BytesIO(parquet(table)))
    np.testing.assert_array_equal(frame, [[1.5, 1], [np.nan, np.nan], [3, 0]])
    assert (frame.index.name, frame.index.freqstr) == ("day", "D")


def test_numbers_written_as_text_are_read_as_in_a_csv():
    table = TABLE.assign(price=["$ 1.50", "$ 2.50", None]).drop(columns="sales")
    frame = sk.read_csv(io.BytesIO(parquet(table)))
    np.testing.assert_array_equal(frame[["price"]], [[1.5], [2.5], [np.nan]])


def test_a_number_of_three_decimals_is_never_taken_for_thousands():
    table = TABLE.assign(sales=[1.234, 2.345, 3.456], rain=["1,2", "2,25", "2,5"])
    with pytest.raises(sk.InvalidValue, match="column 'sales': '1.2340' is not a finite number .decimal mark ','"):
        sk.read_csv(io.BytesIO(parquet(table)))


def test_a_refusal_names_the_row_also_below_cells_of_several_lines():
    table = TABLE.assign(note="two\nlines", sales=["3", "5", "x"])
    with pytest.raises(sk.InvalidValue, match="line 4, column 'sales': 'x' is not"):
        sk.read_csv(io.BytesIO(parquet(table)), columns="sales")
    rows = rows_of(table)
    with pytest.raises(sk.InvalidValue, match="line 6, column 'sales': 'x' is not"):
        sk.read_csv(io.BytesIO(excel([], [], *rows)), columns="sales")


def test_notes_around_an_excel_table_are_left_out():
    rows = [["Sales of the shop"], ["in thousands"], [], *rows_of(TABLE), ["2024-02-02", 9], [], ["Source: the shop"]]
    rows[-3][0] = DAYS[-1] + pd.Timedelta(1, "D")
    with pytest.warns(sk.SeqkitWarning, match="left out, since they hold no row: lines 1, 2, 10"):
        frame = sk.read_csv(io.BytesIO(excel(*rows)))
    assert frame["sales"].tolist() == [3, 5, 7.125, 9]


def test_a_sheet_is_chosen_by_its_name():
    content = excel(first=rows_of(TABLE), second=[["day", "x"], [DAYS[0], 2], [DAYS[1], 3]])
    with pytest.warns(sk.SeqkitWarning, match="the first of 2 sheets is read, 'first'.*sheet='second'"):
        assert sk.read_csv(io.BytesIO(content)).columns.tolist() == ["sales"]
    assert sk.read_csv(io.BytesIO(content), sheet="second")["x"].tolist() == [2, 3]
    with pytest.raises(
        sk.InvalidValue, match="there is no sheet 'secnd'. There are 'first', 'second'. Did you mean 'sec"
    ):
        sk.read_csv(io.BytesIO(content), sheet="secnd")


def test_only_excel_has_sheets():
    for content in (CSV.encode(), parquet()):
        with pytest.raises(sk.InvalidValue, match="only an Excel file has sheets. Leave sheet= out"):
            sk.read_csv(io.BytesIO(content), sheet="a")


@pytest.mark.parametrize(
    ("module", "form", "extra"), [("pyarrow", "Parquet", "parquet"), ("openpyxl", "Excel", "excel")]
)
def test_a_missing_extra_is_refused_with_the_line_that_installs_it(monkeypatch, module, form, extra):
    content = b"PAR1 rows PAR1" if form == "Parquet" else zipped(**{"xl/workbook.xml": ""})
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == module else found(name))
    with pytest.raises(sk.InvalidValue, match=rf"file of {form}, and {module}, .*pip install 'seqkit\[{extra}\]'"):
        sk.read_csv(io.BytesIO(content))


def test_a_damaged_file_is_refused_whatever_its_library_raises():
    pytest.importorskip("pyarrow")
    with pytest.raises(sk.InvalidValue, match="the Parquet file cannot be read .*It may be damaged"):
        sk.read_csv(io.BytesIO(b"PAR1" + os.urandom(64) + b"PAR1"))
    pytest.importorskip("openpyxl")
    with pytest.raises(sk.InvalidValue, match="the Excel file cannot be read .*It may be damaged"):
        sk.read_csv(io.BytesIO(zipped(**{"xl/workbook.xml": "<"})))


def test_a_small_file_of_very_many_cells_is_refused():
    pa = pytest.importorskip("pyarrow")
    from pyarrow import parquet as pq

    stream = io.BytesIO()
    pq.write_table(pa.table({"day": pa.nulls(1 << 25, pa.float64())}), stream)
    with pytest.raises(sk.InvalidValue, match="the Parquet file of .* bytes holds more cells than a table of its size"):
        sk.read_csv(io.BytesIO(stream.getvalue()))
    with pytest.raises(sk.InvalidValue, match="the Excel file of .* bytes holds more cells than a table of its size"):
        sk.read_csv(io.BytesIO(with_row_number(excel(*rows_of(TABLE)), 2**40)))


def with_row_number(content, number):
    """A workbook whose last row says that it is a row much further down."""
    old = zipfile.ZipFile(io.BytesIO(content))
    pages = {name: old.read(name) for name in old.namelist()}
    name = "xl/worksheets/sheet1.xml"
    pages[name] = pages[name].replace(b'<row r="4"', f'<row r="{number}"'.encode())
    assert str(number).encode() in pages[name]
    return zipped(**pages)


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        ([2012.0, None, float("nan"), 2013], ["2012", "", "", "2013"]),
        ([1.5, 1e-7, 1.234, -1.234, float("inf")], ["1.5", "1e-07", "1.2340", "-1.2340", "inf"]),
        ([decimal.Decimal("2.500"), decimal.Decimal("3")], ["2.5000", "3"]),
        ([True, None, "no"], ["TRUE", "", "no"]),
        ([datetime.datetime(2024, 1, 1), pd.NaT], ["2024-01-01", ""]),
        ([datetime.datetime(2024, 1, 1), pd.Timestamp(2024, 1, 1, 6)], ["2024-01-01 00:00:00", "2024-01-01 06:00:00"]),
        ([datetime.date(2024, 1, 1), datetime.time(6, 30)], ["2024-01-01", "06:30:00"]),
        ([b"M\xc3\xbc", "NA"], ["Mü", "NA"]),
    ],
)
def test_a_column_of_values_is_written_as_a_csv_has_it(values, texts):
    assert column_texts(values) == texts
