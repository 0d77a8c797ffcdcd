"""The forms in which files have their time: each is read, or refused where it can be read in two ways."""

from __future__ import annotations

import pandas as pd
import pytest

from seqkit.data.samples import read_sequences
from seqkit.data.tables import read_csv

GOOD = {  # the name of a form: the stamps below a header, and the first three as they are read
    "month and short year": ("Month", ["Jan-49", "Feb-49", "Mar-49"], ["1949-01", "1949-02", "1949-03"]),
    "numbers of months and short years": ("month", ["11/85", "12/85", "1/86"], ["1985-11", "1985-12", "1986-01"]),
    "short years over a century": ("Month", ["Nov-99", "Dec-99", "Jan-00"], ["1999-11", "1999-12", "2000-01"]),
    "month before the day": ("date", ["Jan 1 2000", "Feb 1 2000", "Mar 1 2000"], ["2000-01", "2000-02", "2000-03"]),
    "month, day, year by dashes": ("date", ["Jan-1-1995", "Jan-2-1995", "Jan-3-1995"], ["1995-01-01", "1995-01-02"]),
    "no blanks, as in SAS": ("date", ["01JAN2020", "02JAN2020", "03JAN2020"], ["2020-01-01", "2020-01-02"]),
    "US days of short years": ("date", ["1/30/20", "1/31/20", "2/1/20"], ["2020-01-30", "2020-01-31", "2020-02-01"]),
    "German days of short years": ("date", ["30.01.20", "31.01.20", "01.02.20"], ["2020-01-30", "2020-01-31"]),
    "year first": ("date", ["2020-Jan-30", "2020-Jan-31", "2020-Feb-01"], ["2020-01-30", "2020-01-31"]),
    "weekday first": ("date", ["Wed 01 Jan 2020", "Thu 02 Jan 2020", "Fri 03 Jan 2020"], ["2020-01-01", "2020-01-02"]),
    "compact ISO": ("t", ["20200101T000000", "20200101T010000", "20200101T020000"], ["2020-01-01 00:00"]),
    "UTC behind": (
        "t",
        ["2020-01-01 00:00 UTC", "2020-01-01 01:00 UTC", "2020-01-01 02:00 UTC"],
        ["2020-01-01 00:00Z"],
    ),
    "half years": ("period", ["2000H1", "2000H2", "2001H1"], ["2000-01", "2000-07", "2001-01"]),
    "half years, year behind": ("period", ["H1 2000", "H2 2000", "H1 2001"], ["2000-01", "2000-07", "2001-01"]),
    "quarters before the year": ("period", ["1Q2005", "2Q2005", "3Q2005"], ["2005-01", "2005-04", "2005-07"]),
    "Roman quarters": ("quarter", ["2005 III", "2005 IV", "2006 I"], ["2005-07", "2005-10", "2006-01"]),
    "ISO weeks": ("week", ["2020-W53", "2021-W01", "2021-W02"], ["2020-12-28", "2021-01-04", "2021-01-11"]),
    "weeks by their header": ("week", ["2020-52", "2020-53", "2021-01"], ["2020-12-21", "2020-12-28", "2021-01-04"]),
    "ranges of weeks": (
        "week",
        ["2018-01-07 - 2018-01-13", "2018-01-14 - 2018-01-20", "2018-01-21 - 2018-01-27"],
        ["2018-01-07", "2018-01-14"],
    ),
    "fiscal years": ("year", ["2000-01", "2001-02", "2002-03"], ["2000", "2001", "2002"]),
    "fiscal years in full": ("season", ["1998/1999", "1999/2000", "2000/2001"], ["1998", "1999", "2000"]),
    "French months": ("mois", ["janv. 2012", "févr. 2012", "mars 2012"], ["2012-01", "2012-02", "2012-03"]),
    "German months": ("Monat", ["Dezember 2011", "Jänner 2012", "Februar 2012"], ["2011-12", "2012-01", "2012-02"]),
    "months in two lengths": ("month", ["June 2012", "July 2012", "Aug. 2012", "Sept 2012"], ["2012-06", "2012-07"]),
    "24:00": ("t", ["2020-01-01 23:00", "2020-01-01 24:00", "2020-01-02 01:00"], ["2020-01-01 23:00", "2020-01-02"]),
    "seconds since 1970": ("timestamp", ["1577836800", "1577840400", "1577844000"], ["2020-01-01 00:00"]),
    "milliseconds since 1970": ("time", ["1577836800000", "1577840400000", "1577844000000"], ["2020-01-01 00:00"]),
    "Excel's days": ("Date", ["43831", "43832", "43833"], ["2020-01-01", "2020-01-02"]),
    "Excel's hours": ("Date", ["43831.0", "43831.041667", "43831.083333"], ["2020-01-01 00:00", "2020-01-01 01:00"]),
    "decimal years": ("time", ["1949", "1949.08333333333", "1949.16666666667"], ["1949-01", "1949-02"]),
    "decimal years, rounded": ("year", ["1958.00", "1958.08", "1958.17", "1958.25"], ["1958-01", "1958-02"]),
    "quarters as decimal years": ("time", ["1960", "1960.25", "1960.5"], ["1960-01", "1960-04", "1960-07"]),
    "a Buddhist year": ("year", ["2530", "2531", "2532"], ["2530", "2531"]),
}


@pytest.mark.parametrize("form", GOOD)
def test_a_form_of_time_is_read(tmp_path, form):
    header, texts, stamps = GOOD[form]
    path = tmp_path / "table.csv"
    path.write_text(f"{header},x\n" + "".join(f"{text},{at * at}\n" for at, text in enumerate(texts)))
    index = read_csv(path).index
    assert len(index) == len(texts)
    for stamp, wanted in zip(index, stamps, strict=False):
        assert stamp == pd.Timestamp(wanted)


COLUMNS = {  # columns of time, two rows, and the stamps
    "year and month in words": ("Year,Month", ["2012,December", "2013,January"], ["2012-12", "2013-01"]),
    "month before year": ("month,year", ["Dec,2012", "Jan,2013"], ["2012-12", "2013-01"]),
    "day, month, year": ("Day,Month,Year", ["31,Jan,2020", "1,Feb,2020"], ["2020-01-31", "2020-02-01"]),
    "year and quarter": ("year,quarter", ["2012,Q4", "2013,Q1"], ["2012-10", "2013-01"]),
    "year and week": ("year,week", ["2020,53", "2021,1"], ["2020-12-28", "2021-01-04"]),
    "year and day of the year": ("year,doy", ["2020,366", "2021,1"], ["2020-12-31", "2021-01-01"]),
    "periods of a bureau": ("Year,Period", ["2012,M12", "2013,M01"], ["2012-12", "2013-01"]),
    "quarters of a bureau": ("Year,Period", ["2012,Q04", "2013,Q01"], ["2012-10", "2013-01"]),
    "years as floats": ("year,month", ["2012.0,12.0", "2013.0,1.0"], ["2012-12", "2013-01"]),
    "date and clock": ("Date,Time", ["12/31/2004,22.00.00", "12/31/2004,23.00.00", "1/1/2005,0.00.00"], []),
    "date and hour": ("date,hour", ["2020-01-01,22", "2020-01-01,23", "2020-01-02,0"], ["2020-01-01 22:00"]),
    "date and hour to 24": (
        "date,HE",
        ["2020-01-01,23", "2020-01-01,24", "2020-01-02,1"],
        ["2020-01-01 23:00", "2020-01-02 00:00", "2020-01-02 01:00"],
    ),
}


@pytest.mark.filterwarnings("ignore:.*missing on the grid")
@pytest.mark.parametrize("form", COLUMNS)
def test_the_time_in_several_columns_is_found(tmp_path, form):
    header, rows, stamps = COLUMNS[form]
    path = tmp_path / "table.csv"
    path.write_text(f"{header},x\n" + "".join(f"{row},{at * at}\n" for at, row in enumerate(rows)))
    frame = read_csv(path)
    assert list(frame.columns) == ["x"]
    assert frame["x"].dropna().tolist() == [at * at for at in range(len(rows))]
    for stamp, wanted in zip(frame.index, stamps, strict=False):
        assert stamp == pd.Timestamp(wanted)


AMBIGUOUS = {  # a header, its stamps, and what the refusal says
    "months or days": ("date", [f"2001{day:02}" for day in range(1, 13)], "ambiguous, %Y%m or %y%m%d"),
    "years or months": ("period", [f"20{month:02}" for month in range(1, 13)], "ambiguous, %Y or %y%m"),
    "a counter beside even values": ("total", [str(1600 + 5 * at) for at in range(20)], "no time column"),
    "days that Excel swapped": (
        "date",
        [f"{d:02}/01/2020" if d > 12 else f"01/{d:02}/2020" for d in range(1, 32)],
        "the rows jump back to .* Day and month are swapped",
    ),
    "two forms": ("date", ["13/01/2020", "2020-01-14", "15/01/2020"], "line 3, column 'date': '2020-01-14' is not"),
    "two forms, half each": (
        "day",
        [*(f"{day}.01.2020" for day in range(13, 30)), *(f"2020-02-{day}" for day in range(13, 30))],
        "line 19, column 'day': '2020-02-13' is not a time stamp of the form %d.%m.%Y",
    ),
    "a total": ("month", ["2020-01", "2020-02", "Total"], "line 4, column 'month': 'Total' is not a time stamp"),
}


@pytest.mark.parametrize("trouble", AMBIGUOUS)
def test_what_reads_in_two_ways_is_refused(tmp_path, trouble):
    header, texts, message = AMBIGUOUS[trouble]
    path = tmp_path / "table.csv"
    path.write_text(f"{header},x\n" + "".join(f"{text},{at * at}\n" for at, text in enumerate(texts)))
    with pytest.raises(ValueError, match=message):
        read_csv(path)


def test_a_mean_of_the_year_among_periods_is_refused(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("Year,Period,x\n2012,M12,1\n2012,M13,2\n2013,M01,3\n")
    with pytest.raises(ValueError, match="line 3, column 'Period': M13 is the mean of a year"):
        read_csv(path)


def test_a_form_of_numbers_that_is_named_is_obeyed(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("n,x\n43831,1\n43832,2\n")
    with pytest.raises(ValueError, match="no time column"):
        read_csv(path)
    assert read_csv(path, time="n", time_format="excel").index[0] == pd.Timestamp("2020-01-01")


def test_milliseconds_are_written_back_as_the_file_has_them(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("t,x\n2021-03-01 00:00:00.000,1\n2021-03-01 00:00:00.020,2\n")
    assert read_csv(path).attrs["time_format"] == "%Y-%m-%d %H:%M:%S.%3f"


STEPS = {
    "codes": ["t0", "t2", "t10", "t19"],
    "numbers with a unit": ["2 s", "9 s", "10 s", "100 s"],
    "clocks": ["8:00", "9:00", "10:00", "11:30"],
    "days": ["09/01/2020", "10/01/2020", "13/01/2020", "02/02/2020"],
    "US days": ["9/30/2020", "10/1/2020", "10/2/2020", "10/13/2020"],
    "numbers": ["9", "10", "11.5", "100"],
    "days that are few, but in order by either reading": ["01/01/2020", "02/01/2020", "03/01/2020", "04/01/2020"],
}


@pytest.mark.parametrize("steps", STEPS)
def test_the_steps_of_a_sequence_are_sorted_as_time(tmp_path, steps):
    texts = STEPS[steps]
    rows = [f"a,{text},{at},yes" for at, text in enumerate(texts)] + [
        f"b,{text},{at},no" for at, text in enumerate(texts)
    ]
    path = tmp_path / "table.csv"
    path.write_text("id,time,x,label\n" + "\n".join(rows[::-1]) + "\n")
    samples = read_sequences(path, series="id", time="time", label="label")
    assert [values[:, 0].tolist() for values in samples.x] == [[0, 1, 2, 3]] * 2


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        (["05/01/2020", "01/06/2020", "02/07/2020"], "may have the day first or the month first"),
        (["first", "second", "third"], "such as 'third', are neither numbers nor times of one form"),
    ],
)
def test_steps_without_one_order_are_refused(tmp_path, texts, message):
    path = tmp_path / "table.csv"
    rows = [f"a,{text},{at},yes" for at, text in enumerate(texts)] + [
        f"b,{text},{at},no" for at, text in enumerate(texts)
    ]
    path.write_text("id,time,x,label\n" + "\n".join(rows[::-1]) + "\n")
    with pytest.raises(ValueError, match=message):
        read_sequences(path, series="id", time="time", label="label")


@pytest.mark.parametrize("year", ["2001.5", "inf", "1e400"])
def test_a_part_of_a_date_that_is_no_whole_number_is_refused(tmp_path, year):
    path = tmp_path / "table.csv"
    path.write_text(f"year,month,x\n2001,1,3\n{year},2,4\n2001,3,5\n")
    with pytest.raises(ValueError, match="line 3: year='.*', month='2' is not a time stamp"):
        read_csv(path)
