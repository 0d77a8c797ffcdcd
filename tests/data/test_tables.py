"""read_csv, split and require_regular: what is recognised, and the words for what is not."""

import csv
import hashlib
import os
import re
import threading
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seqkit.data.context import WHOLE
from seqkit.data.regular import require_regular
from seqkit.data.samples import read_texts
from seqkit.data.splits import split
from seqkit.data.tables import read_csv
from seqkit.data.time_formats import write_stamps

DATA = Path(__file__).parents[2] / "data"


def write(folder, content, name="table.csv"):
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def daily(rows, **columns):
    index = pd.date_range("2024-01-01", periods=rows, freq="D")
    return pd.DataFrame(columns or {"sales": np.arange(float(rows))}, index)


def hours(first, count, step="h", skip=()):
    stamps = [stamp for stamp in pd.date_range(first, periods=count, freq=step) if str(stamp) not in skip]
    return "time,x\n" + "".join(f"{stamp},{at}\n" for at, stamp in enumerate(stamps))


# What is recognised


def test_a_month_column_becomes_a_monthly_index_with_its_name_and_form(tmp_path):
    frame = read_csv(write(tmp_path, "month,sales\n2024-01,3\n2024-02,5\n2024-03,7\n"))
    assert (frame.index.name, frame.index.freqstr) == ("month", "MS")
    assert frame.attrs == {"time_format": "%Y-%m"}
    assert frame["sales"].tolist() == [3, 5, 7]
    assert frame.dtypes.tolist() == [np.float64]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk"])
def test_chinese_column_names_are_read_in_the_usual_encodings(tmp_path, encoding):
    text = "月份,销售额（万元）,温度(℃)\n2024年1月,3,1\n2024年2月,5,2\n"
    frame = read_csv(write(tmp_path, text.encode(encoding)))
    assert frame.columns.tolist() == ["销售额（万元）", "温度(℃)"]
    assert (frame.index.name, frame.attrs["time_format"]) == ("月份", "%Y年%-m月")


@pytest.mark.parametrize(
    "names", ["日期,销售额", "日期,价格", "时间,负荷", "年份,温度", "月份,用电量", "日期,风速", "日期,水位", "day,水位"]
)
def test_short_chinese_headers_are_read(tmp_path, names):
    path = write(tmp_path, f"{names}\n2024-01-01,3\n2024-01-02,5\n".encode("gbk"))
    assert read_csv(path).columns.tolist() == [names.split(",")[1]]


@pytest.mark.parametrize(
    ("names", "encoding"),
    [
        ("날짜,판매량", "cp949"),
        ("일자,매출", "cp949"),
        ("지역,금액", "cp949"),
        ("日付,気温の平均", "euc_jp"),
        ("年月日,降水量の合計", "euc_jp"),
        ("日付,売上高", "euc_jp"),  # without kana
        ("年月,販売数", "euc_jp"),
        ("時刻,電力使用量", "euc_jp"),
        ("วันที่,ยอดขาย", "cp874"),
        ("day,วันที่", "cp874"),
    ],
)
def test_korean_japanese_and_thai_are_not_read_as_chinese(tmp_path, names, encoding):
    path = write(tmp_path, f"{names}\n2024-01-01,3\n2024-01-02,5\n".encode(encoding))
    with pytest.raises(
        ValueError, match=f"may be gb18030 .* or {encoding}.*encoding='gb18030' or encoding='{encoding}'"
    ):
        read_csv(path)
    assert read_csv(path, encoding=encoding).columns.tolist() == [names.split(",")[1]]


@pytest.mark.parametrize(("name", "encoding"), [("Οι", "cp1253"), ("синдхи", "koi8-r"), ("哈尔滨", "gbk")])
def test_a_name_that_may_be_of_any_encoding_is_refused(tmp_path, name, encoding):
    path = write(tmp_path, f"day,{name}\n2024-01-01,3\n2024-01-02,5\n".encode(encoding))
    with pytest.raises(ValueError, match="(?i)line 1 is n.* UTF-8.* gb18030 .*Name the encoding"):
        read_csv(path)


def test_a_chinese_file_of_rare_names_is_read(tmp_path):
    cities = ["哈尔滨", "齐齐哈尔", "呼和浩特", "乌鲁木齐", "石家庄", "邯郸", "秦皇岛", "葫芦岛", "佳木斯", "鄂尔多斯"]
    path = write(tmp_path, ("city,x\n" + "".join(f"{city},1\n" for city in cities)).encode("gbk"))
    assert read_texts(path, text="city").x == cities


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="the system has no endless device")
def test_an_endless_file_is_refused():
    with pytest.raises(ValueError, match="no regular file, and it does not end within 64 MiB. Save the table"):
        read_csv("/dev/zero")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no named pipes")
def test_a_pipe_that_ends_is_read(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    writer = threading.Thread(target=(tmp_path / "pipe").write_text, args=["day,a\n2024-01-01,3\n2024-01-02,5\n"])
    writer.start()
    frame = read_csv(tmp_path / "pipe")
    writer.join()
    assert frame["a"].tolist() == [3, 5]


@pytest.mark.parametrize("first", ["sep=;\n", '"sep=;"\n', "\ufeff\ufeffsep=;\n", "\ufeff\ufeff"])
def test_excels_separator_line_and_byte_order_marks_are_no_header(tmp_path, first):
    frame = read_csv(write(tmp_path, first + "day;a\n2024-01-01;1,5\n2024-01-02;5\n"))
    assert (frame.index.name, frame["a"].tolist()) == ("day", [1.5, 5])


def test_lines_keep_their_numbers_below_excels_separator_line(tmp_path):
    with pytest.raises(ValueError, match="line 4, column 'a': 'x'"):
        read_csv(write(tmp_path, "sep=;\nday;a\n2024-01-01;1,5\n2024-01-02;x\n"), columns=["a"])


def test_blank_lines_before_the_header_are_skipped(tmp_path):
    assert read_csv(write(tmp_path, "\n" * 300 + "day,a\n2024-01-01,3\n2024-01-02,5\n"))["a"].tolist() == [3, 5]


@pytest.mark.parametrize("character", ["\x01", "\x07", "\x0b", "\x1b", "\x7f"])
def test_a_control_character_stays_and_is_named_by_its_line(tmp_path, character):
    content = f"day,a{character}b\n2024-01-01,3\n2024-01-02,5\n"
    with pytest.warns(UserWarning, match=f"line 1 has the control character {re.escape(repr(character))}. It stays"):
        assert read_csv(write(tmp_path, "\ufeff" + content)).columns.tolist() == [f"a{character}b"]
    with pytest.warns(UserWarning, match="line 1 has the control character .*, the first of 2."):
        read_csv(write(tmp_path, content.replace("day", "day\x02")))
    match = r"line 3, column 'a': '5\\x08' is not a finite number"
    with pytest.warns(UserWarning, match="line 3 has the control"), pytest.raises(ValueError, match=match):
        read_csv(write(tmp_path, "day,a\n2024-01-01,3\n2024-01-02,5\x08\n"))


def test_only_nul_makes_a_file_binary(tmp_path):
    with pytest.raises(ValueError, match="this is a binary file, not CSV text"):
        read_csv(write(tmp_path, "day,a\n2024-01-01,3\n2024-01-02,5\0\n"))


def test_a_file_that_was_cut_within_a_character_says_so(tmp_path):
    content = "day,a\n2024-01-01,3\n2024-01-02,é".encode()
    with pytest.raises(ValueError, match="line 3 is neither UTF-8 .*The file may be cut, since its last"):
        read_csv(write(tmp_path, content[:-1]))


def test_two_byte_order_marks_alone_are_an_empty_file(tmp_path):
    with pytest.raises(ValueError, match="the file is empty"):
        read_csv(write(tmp_path, "\ufeff\ufeff"))


def test_a_cell_may_be_longer_than_the_csv_module_allows(tmp_path):
    limit, words = csv.field_size_limit(), "word " * 40_000 + "end"
    assert read_texts(write(tmp_path, f'text,label\n"{words}",a\nshort,b\n'), text="text").x == [words, "short"]
    with pytest.raises(ValueError, match=r"line 2, column 'a': '3{1000} ...' is not a finite number"):
        read_csv(write(tmp_path, "day,a\n2024-01-01," + "3" * 200_000 + "\n2024-01-02,1\n"), columns="a")
    with pytest.raises(ValueError, match="names a column '3{20}' and 199,981 characters more. Look for an unclosed"):
        read_csv(write(tmp_path, "day," + "3" * 200_000 + "x\n2024-01-01,1\n2024-01-02,1\n"))
    with pytest.raises(ValueError, match="line 2 cannot be split into cells.*unclosed quotation mark"):
        read_csv(write(tmp_path, 'day,a\n2024-01-01,"' + "3" * 200_000 + "\n2024-01-02,1\n"))
    assert csv.field_size_limit() == limit


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16", "big5"])
def test_any_other_encoding_is_read_when_it_is_named(tmp_path, encoding):
    name = "電力" if encoding == "big5" else "größe"
    path = write(tmp_path, f"day,{name}\n2024-01-01,3\n2024-01-02,5\n".encode(encoding))
    assert read_csv(path, encoding=encoding).columns.tolist() == [name]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|", " , "])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_separators_and_line_ends_are_recognised(tmp_path, separator, newline):
    rows = ["day,a,b", "2024-01-01,1.5,2", "2024-01-02,2.5,NA", ""]
    text = newline.join(rows).replace(",", separator)
    frame = read_csv(write(tmp_path, text))
    assert frame["a"].tolist() == [1.5, 2.5]
    assert np.isnan(frame["b"].iloc[1])


@pytest.mark.parametrize("word", ["", "NA", "NaN", "null", "-", "?", " ", ":", "\\N", "\u2013"])
def test_words_for_missing_become_nan(tmp_path, word):
    frame = read_csv(write(tmp_path, f"day,a\n2024-01-01,1\n2024-01-02,{word}\n2024-01-03,3\n"))
    assert frame["a"].isna().tolist() == [False, True, False]


@pytest.mark.parametrize(
    ("cells", "values"),
    [
        (["1,5", "2,25"], [1.5, 2.25]),
        (["1.234,5", "2"], [1234.5, 2]),
        (["1.234.567", "0,5"], [1234567, 0.5]),
        (["-1,5e3", "+,5"], [-1500, 0.5]),
        (["\u22121,5", "2,25"], [-1.5, 2.25]),
        (["\u22121,234.5", "7"], [-1234.5, 7]),
        (["1,234.5", "7"], [1234.5, 7]),
        (["1,234,567", "1.5"], [1234567, 1.5]),
        (["1.5", "2.25"], [1.5, 2.25]),
        (["0.123", "1.234"], [0.123, 1.234]),
    ],
)
def test_the_decimal_mark_is_told_from_the_file(tmp_path, cells, values):
    text = "day;a\n" + "".join(f"2024-01-0{at};{cell}\n" for at, cell in enumerate(cells, start=1))
    assert read_csv(write(tmp_path, text))["a"].tolist() == values


def test_a_decimal_mark_that_is_named_decides(tmp_path):
    path = write(tmp_path, "day;a\n2024-01-01;1.234\n2024-01-02;2.345\n")
    assert read_csv(path, decimal=",")["a"].tolist() == [1234, 2345]
    assert read_csv(path, decimal=".")["a"].tolist() == [1.234, 2.345]


@pytest.mark.parametrize(
    ("stamps", "freq", "time_format"),
    [
        ("2024-01-31 2024-02-29 2024-03-31", "ME", "%Y-%m-%d"),
        ("2024-01-01 2024-04-01 2024-07-01", "QS-JAN", "%Y-%m-%d"),
        ("2024-02-01 2024-05-01 2024-08-01", "QS-FEB", "%Y-%m-%d"),
        ("2024-03-31 2024-06-30 2024-12-31 2025-03-31 2025-06-30", "QE-DEC", "%Y-%m-%d"),
        ("2024-01-31 2024-04-30 2024-07-31", "QE-OCT", "%Y-%m-%d"),
        ("2021-12-31 2022-12-31 2023-12-31", "YE-DEC", "%Y-%m-%d"),
        ("1850 1851 1852", "YS-JAN", "%Y"),
        ("1850 1860 1870", "10YS-JAN", "%Y"),
        ("202401 202402 202403", "MS", "%Y%m"),
        ("20240101 20240102 20240103", "D", "%Y%m%d"),
        ("2024/1/1 2024/1/2 2024/1/13", "D", "%Y/%-m/%-d"),
        ("01.02.2024 02.02.2024 03.02.2024", "D", "%d.%m.%Y"),
        ("01/12/2024 01/13/2024 01/14/2024", "D", "%m/%d/%Y"),
        ("12/01/2024 13/01/2024 14/01/2024", "D", "%d/%m/%Y"),
        ("01/01/2021 01/01/2022 01/01/2023", "YS-JAN", "%d/%m/%Y"),
        ("2020Q1 2020Q2 2020Q3", "QS-JAN", "%YQ%q"),
        ("2020-Q2 2020-Q3 2020-Q4", "QS-JAN", "%Y-Q%q"),
        ("Jan_1960 Feb_1960 Mar_1960", "MS", "%b %Y"),
        ("2024年1月5日 2024年1月6日 2024年1月7日", "D", "%Y年%-m月%-d日"),
        ("2024-01-06 2024-01-13 2024-01-20", "W-SAT", "%Y-%m-%d"),
        ("2024-01-01 2024-01-15 2024-01-29", "2W-MON", "%Y-%m-%d"),
        ("2024-01-04 2024-01-05 2024-01-08 2024-01-09", "B", "%Y-%m-%d"),
        ("2024-01-01_00:00 2024-01-01_00:15 2024-01-01_00:30", "15min", "%Y-%m-%d %H:%M"),
        ("2024-01-01T08:00:00 2024-01-02T08:00:00 2024-01-03T08:00:00", "D", "%Y-%m-%dT%H:%M:%S"),
        ("2024-01-01T00:00:00Z 2024-01-01T06:00:00Z 2024-01-01T12:00:00Z", "6h", "%Y-%m-%dT%H:%M:%SZ"),
        ("1/5/2024_1:00_PM 1/13/2024_1:00_PM 1/21/2024_1:00_PM", "8D", "%-m/%-d/%Y %-I:%M %p"),
        ("2024-01-01 2024-01-01_12:00 2024-01-02", "12h", None),
        ("2024-01-02 2024-01-01 2024-01-03", "D", "%Y-%m-%d"),
        ("2024-01-01 2024-02-01", "MS", "%Y-%m-%d"),
    ],
)
@pytest.mark.filterwarnings("ignore:.*missing on the grid")
def test_forms_and_steps_of_time_are_recognised_and_written_back(tmp_path, stamps, freq, time_format):
    texts = [stamp.replace("_", " ") for stamp in stamps.split()]
    text = "when,x\n" + "".join(f"{stamp},{at}\n" for at, stamp in enumerate(texts))
    frame = read_csv(write(tmp_path, text))
    assert frame.index.freqstr == freq
    assert frame.attrs.get("time_format") == time_format
    assert frame.index.is_monotonic_increasing
    if time_format:
        assert set(texts) <= set(write_stamps(frame.index, time_format))


def test_differing_offsets_become_utc(tmp_path):
    path = write(tmp_path, "t,x\n2024-03-31T01:00:00+01:00,1\n2024-03-31T03:00:00+02:00,2\n")
    index = read_csv(path).index
    assert str(index.tz) == "UTC"
    assert (index.freqstr, index[0].hour) == ("h", 0)


@pytest.mark.parametrize("names", ["year,month,day,hour", "Year,MONTH,Day,Hour", "年,月,日,时"])
def test_time_in_columns_of_parts_is_joined(tmp_path, names):
    frame = read_csv(write(tmp_path, f"No,{names},x\n1,2024,1,1,0,5\n2,2024,1,1,1,6\n"), columns="x")
    assert (frame.index.name, frame.index.freqstr, list(frame)) == ("time", "h", ["x"])


@pytest.mark.parametrize(
    ("header", "rows", "freq"),
    [
        ("year,month", ["2024,1", "2024,2"], "MS"),
        ("year,month,day", ["2024,1,31", "2024,2,1"], "D"),
        ("year,quarter", ["2024,1", "2024,2"], "QS-JAN"),
    ],
)
def test_fewer_parts_make_a_coarser_index(tmp_path, header, rows, freq):
    text = f"{header},x\n" + "".join(f"{row},7\n" for row in rows)
    assert read_csv(write(tmp_path, text)).index.freqstr == freq


def test_date_and_clock_in_two_columns_are_joined_when_named(tmp_path):
    path = write(tmp_path, "date,clock,x\n2024-01-01,10:00,1\n2024-01-01,11:00,2\n")
    assert read_csv(path, time=["date", "clock"]).index.freqstr == "h"


def test_without_a_time_column_rows_are_counted_off(tmp_path):
    path = write(tmp_path, "Month,Sales\n1-01,266.0\n1-02,145.9\n1-03,183.1\n")
    frame = read_csv(path, time=None, freq="MS", columns=["Sales"], start="1990-01-01")
    assert frame.index.strftime("%Y-%m").tolist() == ["1990-01", "1990-02", "1990-03"]
    assert frame.index.name == "time"


def test_chosen_columns_come_in_the_order_asked_and_text_elsewhere_is_no_matter(tmp_path):
    path = write(tmp_path, "day,a,wind,b\n2024-01-01,1,NW,3\n2024-01-02,2,SE,4\n")
    assert read_csv(path, columns=["b", "a"]).columns.tolist() == ["b", "a"]


def test_missing_rows_become_nan_and_are_named_once(tmp_path):
    path = write(tmp_path, "day,x\n2024-01-01,1\n2024-01-02,2\n2024-01-05,5\n2024-01-06,6\n")
    with pytest.warns(UserWarning, match=r"2 rows are missing .* 2024-01-03, 2024-01-04\. .*fill=") as caught:
        frame = read_csv(path)
    assert len(caught) == 1
    assert caught[0].filename == __file__
    assert frame["x"].isna().tolist() == [False, False, True, True, False, False]
    assert frame.index.freqstr == "D"


def test_a_zone_turns_local_stamps_with_summer_time_into_utc(tmp_path):
    spring = hours("2024-03-30 22:00", 8, skip=["2024-03-31 02:00:00"])
    index = read_csv(write(tmp_path, spring), timezone="Europe/Berlin").index
    assert (len(index), index.freqstr, str(index[0])) == (7, "h", "2024-03-30 21:00:00+00:00")
    autumn = "t,x\n" + "".join(f"2024-10-27 0{hour}:00,1\n" for hour in (0, 1, 2, 2, 3, 4))
    assert len(read_csv(write(tmp_path, autumn), timezone="Europe/Berlin")) == 6


def test_a_named_frequency_decides_where_the_stamps_leave_it_open(tmp_path):
    path = write(tmp_path, "t,x\n2024-01-01 00:00,1\n2024-01-01 03:00,2\n2024-01-01 04:00,3\n")
    with pytest.warns(UserWarning, match="2 rows are missing"):
        assert len(read_csv(path, freq="h")) == 5


def test_the_order_of_day_and_month_can_be_named(tmp_path):
    path = write(tmp_path, "day,x\n01/02/2024,1\n01/03/2024,2\n")
    assert read_csv(path, time_format="%d/%m/%Y").index.freqstr == "MS"
    assert read_csv(path, time_format="%m/%d/%Y").index.freqstr == "D"


def test_every_file_of_data_is_what_its_readme_says():
    sums = dict(re.findall(r"`(\w+\.csv)` \| `([0-9a-f]{64})`", (DATA / "README.md").read_text(encoding="utf-8")))
    assert sorted(sums) == sorted(path.name for path in DATA.glob("*.csv"))
    for name, expected in sums.items():
        assert hashlib.sha256((DATA / name).read_bytes()).hexdigest() == expected, name


def test_every_series_of_data_reads():
    for name in sorted({path.name for path in DATA.glob("*.csv")} - {"digits.csv", "verses.csv"}):  # labelled samples
        with warnings.catch_warnings():
            warnings.simplefilter("error" if name != "co2.csv" else "ignore")
            frame = read_csv(DATA / name)
        texts = write_stamps(frame.index[:2], frame.attrs["time_format"])
        assert (DATA / name).read_text().splitlines()[1].startswith(texts[0] + ",")


def test_the_weeks_without_co2_are_named():
    with pytest.warns(UserWarning, match=r"59 rows are missing on the grid of freq='W-SAT': 1958-05-10"):
        assert read_csv(DATA / "co2.csv").isna().sum().item() == 59


# What is refused

DAY = "day,x\n2024-01-01,1\n2024-01-02,2\n"

BAD_FILES = {
    "an empty file": (b"", "the file is empty"),
    "a byte order mark only": (b"\xef\xbb\xbf\n\x1a", "the file is empty"),
    "blank lines only": (b"\n \n", "the file is empty"),
    "a header only": (b"day,x\n", r"header \('day', 'x'\) but no row"),
    "one row": (b"day,x\n2024-01-01,1\n", "2 rows or more are needed.* got 1"),
    "a zip file that is cut": (b"PK\x03\x04\x14\x00\x06", "zip file cannot be read .*damaged or cut.*or as CSV"),
    "a part of a Parquet file": (b"PAR1\x15\x04", "a part of a Parquet file.*Save the table as CSV"),
    "a binary file": (bytes(range(256)), "a binary file, not CSV text.*encoding="),
    "UTF-16": (DAY.encode("utf-16"), "UTF-16 text. Pass encoding='utf-16'"),
    "latin-1": (
        "day,Größe,é\n2024-01-01,1,2\n".encode("latin-1"),
        "line 1 is neither UTF-8 nor GB18030.*encoding=",
    ),
    "one bad byte": (DAY.encode() + b"2024-01-03,\xff\n", "line 4 is neither UTF-8 nor GB18030"),
    "no header": (b"2024-01-01,1\n2024-01-02,2\n", "the first line, '2024-01-01', '1', looks like data"),
    "a name twice": (b"day,x,x\n2024-01-01,1,2\n2024-01-02,1,2\n", "names the column 'x' twice"),
    "a line too long": (DAY + "2024-01-03,3,4\n", "line 4 has 3 cells, but the header has 2.*semicolons"),
    "a line too short": (
        "day;x;y\n2024-01-01;1;2\n2024-01-02\n",
        "line 3 has 1 cells, but the header has 3",
    ),
    "an open quote": (
        'day,x\n2024-01-01,1\n2024-01-02,"2\n',
        "line 3 cannot be split into cells.*quotation mark",
    ),
    "an unusual separator": ("day:x\n2024-01-01:1\n2024-01-02:2\n", "no time column.*separator="),
    "a time column alone": (
        "day\n2024-01-01\n2024-01-02\n",
        "'day' is the time and there is no other column.*separator=",
    ),
    "no time column": ("a,b\n1.5,2\n2.5,3\n", "no time column: none of 'a', 'b'.*time=None, freq="),
    "one column of counts": ("Y\n22262\n21756\n", "no time column.*time=None, freq=.*30min"),
    "two time columns": (
        "sold,sent,x\n2024-01-01,2024-01-05,1\n2024-01-02,2024-01-03,2\n",
        "ambiguous: 'sold' and 'sent' read as time.*time='sold'",
    ),
    "a date beside parts of another": (
        "year,month,day,date,x\n2024,1,1,2024-01-09,1\n2024,1,2,2024-01-01,2\n",
        "ambiguous: 'date' and 'year', 'month', 'day' .*time='date'",
    ),
    "a month without a year": (
        "Month,Sales\n1-01,2\n1-02,3\n",
        r"'1-01' names no year.*time=None, freq='MS'.*'Sales'",
    ),
    "a month without a year below an empty cell": (
        "Month,x\n,2\n1/2,3\n",
        "line 3, column 'Month': '1/2' names no year",
    ),
    "a day or a month first": (
        "day,x\n01/02/2024,1\n02/02/2024,2\n",
        "line 2.*'01/02/2024' is ambiguous, %d/%m/%Y or %m/%d/%Y.*time_format=",
    ),
    "a stamp that is none": (
        DAY + "2024-01-32,3\n",
        "line 4, column 'day': '2024-01-32' is not a time stamp",
    ),
    "a clock of 25 hours": (
        "t,x\n2024-01-01 22:00,1\n2024-01-01 23:00,2\n2024-01-01 25:00,3\n",
        "line 4, column 't': '2024-01-01 25:00' is not a time stamp",
    ),
    "a stamp missing": (
        "day,x\n2024-01-01,1\n,2\n2024-01-03,3\n",
        "line 3, column 'day': .*not a time stamp|line 3.*missing",
    ),
    "a date of parts that is none": (
        "year,month,x\n2024,1,5\n2024,13,6\n",
        "line 3: year='2024', month='13' is not",
    ),
    "a stamp twice": (DAY + "2024-01-02,3\n", "lines 3 and 4 have the same time stamp, 2024-01-02"),
    "irregular steps": (
        "t,x\n2024-01-01,1\n2024-01-08,2\n2024-01-15,3\n2024-01-20,4\n",
        "line 5: the steps are irregular: 2024-01-20 follows 2024-01-15.*freq=",
    ),
    "a year mistyped": (DAY + "2204-01-03,3\n", "line 4: 2204-01-03 follows 2024-01-02.*Correct the stamp"),
    "text among numbers": (
        "day,x,y\n2024-01-01,1,2\n\n2024-01-02,abc,3\n",
        r"line 4, column 'x': 'abc' is not a finite number\. .*columns=\['y'\]",
    ),
    "an infinity": (DAY + "2024-01-03,-inf\n", "line 4, column 'x': '-inf' is not a finite number"),
    "an overflow": (DAY + "2024-01-03,1e999\n", "line 4, column 'x': '1e999' is not a finite number"),
    "only an empty column": (
        "day,y\n2024-01-01,\n2024-01-02,NA\n",
        "column 'y' is empty in every row.*columns=",
    ),
    "a mark of thousands or decimals": (
        'day,x\n2024-01-01,"1,234"\n2024-01-02,"2,345"\n',
        "decimal='.' or decimal=','",
    ),
    "thousands or decimals after semicolons": (
        "day;x\n2024-01-01;1.234\n2024-01-02;7\n",
        "decimal='.' or decimal=','",
    ),
    "both decimal marks": (
        "day;x\n2024-01-01;1,5\n2024-01-02;2.5\n",
        "line 3, column 'x': '2.5' is not a finite number .decimal mark ','",
    ),
}


@pytest.mark.parametrize("trouble", BAD_FILES)
def test_a_bad_file_is_refused_in_words(tmp_path, trouble):
    content, message = BAD_FILES[trouble]
    path = write(tmp_path, content)
    with pytest.raises(ValueError, match=message) as caught:
        read_csv(path)
    assert str(caught.value).startswith(f"read_csv: {path}: ")
    assert caught.value.__cause__ is None


BAD_ARGUMENTS = {
    "an unknown time column": ({"time": "dya"}, "time 'dya' is not in the table.*Did you mean 'day'"),
    "a column that is no time": ({"time": "x"}, "line 2, column 'x': '1' is not a time stamp"),
    "an unknown column": ({"columns": "xx"}, "column 'xx' is not in the table.*Did you mean 'x'"),
    "a column named twice": ({"columns": ["x", "x"]}, "column 'x' is named twice"),
    "no columns": ({"columns": []}, "columns must be a column's name or a list"),
    "a number for a column": ({"time": 0}, "time must be a column's name or a list"),
    "counting off without a step": ({"time": None, "columns": "x"}, "time=None needs the step.*freq="),
    "a start that is no stamp": (
        {"time": None, "freq": "D", "columns": "x", "start": "soon"},
        "start='soon'",
    ),
    "a start that is not known": ({"time": None, "freq": "D", "columns": "x", "start": "NaT"}, "start='NaT' is not a"),
    "a start that is another one each time": (
        {"time": None, "freq": "D", "columns": "x", "start": "now"},
        "start='now' is not a time stamp.*it names no date",
    ),
    "a frequency beyond all time": ({"freq": "9999999999999999999D"}, "freq='9999999999999999999D' is not a step"),
    "a former frequency": ({"freq": "M"}, "freq='M' is not a step.*Did you mean 'MS' or 'ME'"),
    "a frequency backwards": ({"freq": "-1D"}, "freq='-1D' is not a step"),
    "a number for a frequency": ({"freq": 5}, "freq=5 is not a step"),
    "another frequency": ({"freq": "MS"}, "line 3: 2024-01-02 is not on the grid of freq='MS'"),
    "an unknown encoding": ({"encoding": "utf8000"}, "encoding='utf8000' is not an encoding.*'utf-8'"),
    "another encoding": ({"encoding": "utf-32"}, "the file is not encoding='utf-32'"),
    "an encoding of bytes": ({"encoding": "base64"}, "encoding='base64' is not an encoding"),
    "another separator": ({"separator": ";"}, "no time column.*read with ';': pass separator="),
    "a long separator": ({"separator": ", "}, "separator must be one character"),
    "an unknown decimal mark": ({"decimal": "'"}, "decimal must be '.' or ','"),
    "a zone for whole days": (
        {"timezone": "Europe/Berlin"},
        "timezone='Europe/Berlin' is for stamps with a time of day",
    ),
    "a form that is no text": ({"time_format": 5}, "time_format=5 cannot be used"),
    "half a quarter": ({"time_format": "Q%q"}, "time_format='Q%q' cannot be used"),
    "another form of time": (
        {"time_format": "%d/%m/%Y"},
        "no time column|is not a time stamp of the form %d/%m/%Y",
    ),
    "a form that is none": ({"time_format": "%Y-%K"}, "time_format='%Y-%K' cannot be used"),
}


@pytest.mark.parametrize("trouble", BAD_ARGUMENTS)
def test_a_bad_argument_is_refused_in_words(tmp_path, trouble):
    arguments, message = BAD_ARGUMENTS[trouble]
    path = write(tmp_path, DAY)
    with pytest.raises((ValueError, TypeError), match=message) as caught:
        read_csv(path, **arguments)
    assert str(caught.value).startswith(f"read_csv: {path}: ")


def test_a_file_that_is_not_there_is_refused_with_the_nearest_name(tmp_path):
    write(tmp_path, DAY, "sales.csv")
    with pytest.raises(FileNotFoundError, match="no such file.*Did you mean 'sales.csv'"):
        read_csv(tmp_path / "sale.csv")
    with pytest.raises(FileNotFoundError, match="no such file"):
        read_csv(tmp_path / "nowhere" / "sale.csv")


def test_a_directory_and_the_number_of_an_open_file_are_refused(tmp_path):
    with pytest.raises(IsADirectoryError, match="this is a directory. Name one of the files"):
        read_csv(tmp_path)
    with pytest.raises(TypeError, match="path must be the name of a file or an open file, got an int"):
        read_csv(5)


@pytest.mark.parametrize(
    ("zone", "message"),
    [
        ("Europe/Berlim", "is not a time zone.*Did you mean 'Europe/Berlin'"),
        ("Europe/Berlin", "not those of a clock"),
    ],
)
def test_a_zone_that_is_none_or_does_not_fit_is_refused(tmp_path, zone, message):
    path = write(tmp_path, hours("2024-03-30 22:00", 8))
    with pytest.raises(ValueError, match=message):
        read_csv(path, timezone=zone)


def test_a_zone_for_stamps_with_offsets_is_refused(tmp_path):
    path = write(tmp_path, "t,x\n2024-01-01T00:00Z,1\n2024-01-01T01:00Z,2\n")
    with pytest.raises(ValueError, match="name their offset from UTC already"):
        read_csv(path, timezone="Europe/Berlin")


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.one_of(
        st.binary(max_size=60),
        st.text('0129-:/.,;"\n \tTZae年月', max_size=60),
        st.lists(st.text("019-/.:Q+Z ", max_size=8), min_size=2, max_size=5).map(
            lambda rows: "t,x\n" + ",1\n".join(rows) + ",2"
        ),
    )
)
@pytest.mark.filterwarnings("ignore:.*(missing on the grid|left out, since|control character)")
def test_whatever_the_file_holds_it_is_read_or_refused_in_words(tmp_path, content):
    path = write(tmp_path, content)
    try:
        frame = read_csv(path)
    except ValueError as error:
        assert str(error).startswith(f"read_csv: {path}: ")  # noqa: PT017
        assert error.__cause__ is None  # noqa: PT017
    else:
        assert frame.index.freq is not None


# split


@given(
    rows=st.integers(1, 97),
    validation=st.integers(0, 31),
    test=st.integers(0, 31),
    context=st.integers(0, 41),
)
def test_parts_share_no_target_row_and_leave_none_out(rows, validation, test, context):
    frame = daily(rows)
    if rows < validation + test + max(context, 1):
        with pytest.raises(ValueError, match=f"need {validation + test + max(context, 1)} rows or more, got {rows}"):
            split(frame, validation=validation, test=test, context=context)
        return
    parts = split(frame, validation=validation, test=test, context=context)
    target_stamps = [parts.train.index]
    for part, size in ((parts.validation, validation), (parts.test, test)):
        target_stamps.append(part.index[part.index >= part.attrs["targets_from"]] if size else part.index)
        assert len(part) == (size + context if size else 0)
        assert len(target_stamps[-1]) == size
        assert part.index.freqstr == "D"
    joined = target_stamps[0].append(target_stamps[1:])
    assert joined.equals(frame.index)


def test_parts_keep_what_the_table_knows_about_its_file(tmp_path):
    frame = read_csv(write(tmp_path, DAY + "2024-01-03,3\n"))
    parts = split(frame, validation=1, test=1, context=1)
    known = {name: value for name, value in parts.test.attrs.items() if name != WHOLE}
    assert known == {"time_format": "%Y-%m-%d", "targets_from": pd.Timestamp("2024-01-03")}
    assert parts.train.attrs == frame.attrs == {"time_format": "%Y-%m-%d"}


@pytest.mark.parametrize("rows", [7, 8])
def test_both_sides_of_the_fewest_rows(rows):
    arguments = {"validation": 3, "test": 2, "context": 3}
    if rows == 8:
        assert [len(part) for part in split(daily(rows), **arguments)] == [3, 6, 5]
        return
    with pytest.raises(ValueError, match="validation=3, test=2 and context=3 need 8 rows or more, got 7. Shorten"):
        split(daily(rows), **arguments)


@pytest.mark.parametrize("name", ["validation", "test", "context"])
@pytest.mark.parametrize("value", [-1, 1.5, True, float("nan"), "3", None])
def test_a_count_that_is_no_whole_number_is_refused(name, value):
    arguments = {"validation": 2, "test": 2, "context": 2} | {name: value}
    with pytest.raises((ValueError, TypeError), match=f"split: {name} must be"):
        split(daily(17), **arguments)


# require_regular


def test_a_regular_table_without_a_frequency_gets_it_and_keeps_the_rest():
    frame = pd.DataFrame({"a": [1, 2, 3]}, pd.DatetimeIndex(["2024-01-01", "2024-02-01", "2024-03-01"], name="month"))
    regular = require_regular(frame, "here")
    assert (regular.index.freqstr, regular.index.name) == ("MS", "month")
    assert frame.index.freq is None
    assert regular["a"].tolist() == [1, 2, 3]


def test_missing_values_are_allowed():
    frame = daily(3, a=[1.0, np.nan, 3.0])
    assert require_regular(frame, "here") is frame
    nullable = require_regular(frame.assign(b=pd.array([1, None, 3], dtype="Int64")), "here")
    assert nullable["b"].isna().tolist() == [False, True, False]


BAD_TABLES = {
    "a series": (daily(3)["sales"], r"DataFrame .* got Series. Pass series.to_frame\(\)"),
    "an array": (np.zeros((3, 2)), "DataFrame .* got ndarray"),
    "no time": (pd.DataFrame({"a": [1, 2]}), "needs a DatetimeIndex, got RangeIndex. read_csv sets one"),
    "many series": (
        pd.concat({"a": daily(3)}),
        "one series is needed, got an index of two levels, as of many. Pass one, as frame.loc",
    ),
    "a name twice": (pd.concat([daily(3), daily(3)], axis=1), "two columns named 'sales'"),
    "text": (daily(2, a=["x", "y"]), "column 'a' has dtype .*not numbers"),
    "objects": (daily(2, a=np.array([1, 2], dtype=object)), "column 'a' has dtype object, not numbers"),
    "an infinity": (daily(3, a=[1.0, np.inf, 2.0]), "column 'a' is infinite at 2024-01-02"),
    "no columns": (daily(3)[[]], "the table has no columns"),
    "a missing row": (
        daily(7).drop(pd.Timestamp("2024-01-03")),
        "2024-01-03 00:00:00 is missing on the grid.*asfreq",
    ),
    "a descending index": (
        daily(7)[::-1].set_axis(pd.DatetimeIndex(list(daily(7).index[::-1]))),
        "must ascend",
    ),
    "a doubled row": (pd.concat([daily(3), daily(3)]), "must ascend"),
    "a falling step": (daily(5)[::-1], "must ascend"),
    "irregular steps": (daily(11).iloc[[0, 2, 4, 5, 7]], "irregular at 2024-01-06"),
    "one row": (daily(3).iloc[:1].set_axis(pd.DatetimeIndex(["2024-01-01"])), "1 rows are too few to see a step"),
}


@pytest.mark.parametrize("trouble", BAD_TABLES)
def test_a_table_that_is_not_regular_is_refused_in_words(trouble):
    table, message = BAD_TABLES[trouble]
    with pytest.raises((ValueError, TypeError), match=f"here: .*{message}"):
        require_regular(table, "here")
