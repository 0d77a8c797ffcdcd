"""Plain files are read by pandas' parser, all others line by line, and both give the same table or the same refusal."""

import re
import warnings
from unittest import mock

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqkit.data import cells, plain_files
from seqkit.data.padded_stamps import parse_padded
from seqkit.data.plain_files import read_plain
from seqkit.data.tables import read_csv

DAYS = [f"2024-01-{day:02}" for day in range(1, 13)]
PLAIN = {
    "numbers": "time,x\n2024-01-01,1\n2024-01-02,2.5\n2024-01-03,-1e3\n",
    "no line end at the end": "time,x\n2024-01-01,1\n2024-01-02,2",
    "empty cells": "time,x,y\n2024-01-01,,3\n2024-01-02,2.5,\n2024-01-03,4,5\n",
    "an empty column without a name": "time,x,\n2024-01-01,1,\n2024-01-02,2,\n",
    "blanks beside numbers": "time,x\n2024-01-01, 1\n2024-01-02,2 \n",
    "quotation marks around cells": '"time","x"\n"2024-01-01","1"\n"2024-01-02","2"\n',
    "words": "time,x,where\n2024-01-01,1,here\n2024-01-02,2,there\n",
    "marks of missing values": "time,x\n2024-01-01,1\n2024-01-02,NA\n2024-01-03,-\n",
    "a word in a late row": "time,x\n" + "".join(f"{day},1\n" for day in DAYS) + "2024-01-13,one\n",
    "infinity": "time,x\n2024-01-01,1\n2024-01-02,inf\n",
    "too large for a float": "time,x\n2024-01-01,1\n2024-01-02,1e999\n",
    "too large for an integer": "time,x\n2024-01-01,1\n2024-01-02,99999999999999999999999\n",
    "decimal commas": "time;x\n2024-01-01;1,5\n2024-01-02;2\n",
    "thousands or decimals": "time;x\n2024-01-01;1.234\n2024-01-02;2.345\n",
    "days and months": "time,x\n01/02/2024,1\n02/02/2024,2\n",
    "a counter": "n,time,x\n" + "".join(f"{at},{day},{at * at}\n" for at, day in enumerate(DAYS)),
    "parts of the date": "year,month,x\n2024,1,5\n2024,2,6\n",
    "years": "year,x\n2001,5\n2002,6\n2003,7\n",
    "sentinels": "time,x\n" + "".join(f"{day},{-999 if at % 5 else at}\n" for at, day in enumerate(DAYS)),
    "many series": "time,shop,x\n" + "".join(f"{day},{shop},1\n" for day in DAYS for shop in (1, 2)),
    "end of the day": "time,x\n2024-01-01 23:00,1\n2024-01-01 24:00,2\n2024-01-02 01:00,3\n",
    "a name that stands twice": "time,x,x\n2024-01-01,1,2\n2024-01-02,2,3\n",
}
NOT_PLAIN = {
    "a comment": "time,x\n# note\n2024-01-01,1\n2024-01-02,2\n",
    "a wider line": "time,x\n2024-01-01,1\n2024-01-02,2,3\n",
    "a wider and a narrower line": "time,x,y\n2024-01-01,1,2,3\n2024-01-02,2\n",
    "a narrower and a wider line": "time,x,y\n2024-01-01,1\n2024-01-02,2,3,4\n",
    "an empty line": "time,x\n2024-01-01,1\n\n2024-01-02,2\n",
    "a separator in quotation marks": 'time,x,y\n2024-01-01,"1,5",2\n2024-01-02,3\n',
    "a line end in quotation marks": 'time,x\n2024-01-01,"1\n"\n2024-01-02,3\n',
    "a quotation mark in a cell": 'time,x\n2024-01-01,1"\n2024-01-02,3"\n',
    "units below the header": "time,x\nUTC,m\n2024-01-01,1\n2024-01-02,2\n2024-01-03,3\n",
    "an empty last row": "time,x\n2024-01-01,1\n2024-01-02,2\n,\n",
    "a blank before a line": "time,x\n 2024-01-01,1\n2024-01-02,2\n",
    "an end of file as in DOS": "time,x\n2024-01-01,1\n2024-01-02,2\x1a",
    "one column": "x\n1\n2\n",
    "a header alone": "time,x\n",
}


def outcome(path, **options):
    """The table or the refusal, and the warnings."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            result = read_csv(path, **options)
        except ValueError as error:
            result = str(error)
    return result, [str(warning.message) for warning in caught]


def assert_same_both_ways(path, **options):
    fast, fast_warnings = outcome(path, **options)
    with mock.patch.object(cells, "read_plain", return_value=None):
        careful, careful_warnings = outcome(path, **options)
    assert fast_warnings == careful_warnings
    if isinstance(careful, str):
        assert fast == careful
    else:
        pd.testing.assert_frame_equal(fast, careful, check_exact=True, check_freq=True)
        assert fast.attrs == careful.attrs


@pytest.mark.parametrize("text", PLAIN.values(), ids=PLAIN)
@pytest.mark.parametrize("options", [{}, {"time_format": "%Y-%m-%d"}, {"decimal": ","}, {"missing": "none"}], ids=str)
def test_plain_files_give_what_the_careful_reader_gives(tmp_path, text, options):
    assert read_plain(text, ";" if ";" in text else ",") is not None
    (tmp_path / "table.csv").write_text(text)
    assert_same_both_ways(tmp_path / "table.csv", **options)


@pytest.mark.parametrize("text", NOT_PLAIN.values(), ids=NOT_PLAIN)
def test_unusual_files_are_left_to_the_careful_reader(text):
    assert read_plain(text, ",") is None


CELL = st.sampled_from(
    ["", "1", "1.5", "-3", "1e5", " 7", "8 ", "NA", "-", "nan", "inf", '"2"', '"a"', '"a,b"', '"a\nb"', '""', "1,5"]
    + [
        "1.234",
        "-999",
        "TRUE",
        "x",
        "\t",
        "#",
        "12345678901234567890",
        "0x1",
        "1_0",
        "+5",
        "5.",
        ".5",
        "２",
        'a"b',
        '"',
    ]
)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(CELL, CELL), min_size=1, max_size=6),
    st.sampled_from([",", ";", "\t"]),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.sampled_from(["", "\n", "\n\n"]),
    st.sampled_from([10, 1 << 19]),
)
def test_any_cells_give_the_same_both_ways(tmp_path_factory, pairs, separator, line_end, last, characters):
    lines = [
        ["time", "x", "y"],
        *([day, *pair] for day, pair in zip(DAYS, pairs, strict=False)),
        [DAYS[-1], "4", "5.5"],
    ]
    path = tmp_path_factory.mktemp("any") / "table.csv"
    path.write_bytes((line_end.join(separator.join(line) for line in lines) + last).encode())
    with (
        mock.patch.object(plain_files, "CHARACTERS_OF_BLOCK", characters),
        mock.patch.object(plain_files, "CHARACTERS_OF_COLUMN", 1),
    ):
        assert_same_both_ways(path)


FORMATS = [
    "%Y-%m-%d",
    "%d/%m/%Y %H:%M",
    "%m/%d/%Y",
    "%Y%m%d%H",
    "%Y-%m-%dT%H:%M:%S",
    "%Y",
    "%Y-%m",
    "%d.%m.%Y %H:%M:%S",
]
NUMBER = st.integers(0, 99).map("{:02}".format)


@settings(max_examples=80, deadline=None)
@given(st.sampled_from(FORMATS), st.lists(st.tuples(st.integers(1500, 2400), *[NUMBER] * 5), min_size=1, max_size=4))
def test_padded_stamps_are_those_of_pandas(time_format, rows):
    texts = []
    for row in rows:
        parts = dict(zip("YmdHMS", map(str, row), strict=True))
        texts.append(re.sub("%(.)", lambda code, parts=parts: parts[code[1]], time_format))
    texts = pd.Series(texts, dtype="str")
    stamps = parse_padded(texts, time_format)
    if stamps is not None:
        wanted = pd.to_datetime(texts, format=time_format, errors="coerce")
        pd.testing.assert_series_equal(stamps, wanted, check_dtype=bool(wanted.notna().any()))


@pytest.mark.parametrize(
    ("text", "time_format"),
    [
        ("2020-1-01", "%Y-%m-%d"),
        ("2020-01-01  1:00", "%Y-%m-%d %H:%M"),
        ("2020-01-0１", "%Y-%m-%d"),
        ("2020-01-01x", "%Y-%m-%d"),
        ("01-Jan-2020", "%d-%b-%Y"),
    ],
)
def test_stamps_that_are_not_padded_are_left_to_pandas(text, time_format):
    assert parse_padded(pd.Series([text], dtype="str"), time_format) is None


def test_padded_stamps_need_a_format_with_each_part_once():
    assert parse_padded(pd.Series(["2020-01"], dtype="str"), "%Y-%d") is None
    assert parse_padded(pd.Series(["2020-2020"], dtype="str"), "%Y-%Y") is None


def test_a_wide_file_is_read_in_blocks_of_several_lines(tmp_path):
    table = pd.DataFrame(np.arange(3000.0).reshape(3, 1000), pd.Index(DAYS[:3], name="time"))
    table.columns = [f"x{at}" for at in range(1000)]
    table.to_csv(tmp_path / "wide.csv")
    pd.testing.assert_frame_equal(
        read_csv(tmp_path / "wide.csv"), table.set_axis(pd.DatetimeIndex(DAYS[:3], name="time", freq="D").as_unit("us"))
    )


@pytest.mark.parametrize("cell", ["0." + "3" * 200_000, "1" * 200_000, "word " * 40_000])
def test_cells_of_any_length_give_the_same_both_ways(tmp_path, cell):
    rows = [[f"{day:%Y-%m-%d}", "2", "4"] for day in pd.date_range("2024-01-01", periods=plain_files.ROWS_OF_HEAD + 2)]
    rows[-2][1] = cell
    text = "\n".join(map(",".join, [["time", "x", "y"], *rows]))
    assert read_plain(text, ",") is not None
    (tmp_path / "table.csv").write_text(text)
    assert_same_both_ways(tmp_path / "table.csv")


def test_200_empty_lines_before_the_header_are_skipped(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("\n" * 250 + "time,x\n2024-01-01,1\n2024-01-02,2\n")
    assert read_csv(path)["x"].tolist() == [1, 2]
