"""What a CSV's columns are: values, and what is left out beside them, in one line that names the way back."""

import warnings

import numpy as np
import pandas as pd
import pytest

import seqkit as sk
from seqkit.data.time_parts import TimeParts

DAYS = pd.date_range("2023-11-06", periods=60, freq="D")
SALES = 100 + np.sin(np.arange(60.0)) * 7


def table(stamps=DAYS, **columns):
    """Sales by day, with other columns before them."""
    columns = {name: list(values) for name, values in columns.items()}
    return pd.DataFrame({"day": stamps.strftime("%Y-%m-%d"), **columns, "sales": SALES[: len(stamps)].round(2)})


def read(folder, frame, **options):
    """The columns that are read, and the text of the warnings."""
    path = folder / "table.csv"
    frame.to_csv(path, index=False)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        columns = list(sk.read_csv(path, **options).columns)
    return columns, " ".join(str(warning.message).partition("table.csv: ")[2] for warning in caught)


MONDAY_TO_SUNDAY = DAYS.day_name()
LEFT_OUT = {
    "text": ({"weekday": MONDAY_TO_SUNDAY}, "'weekday' (holds text)"),
    "addresses": (
        {"place": [f"{at} {['Oak', 'Ash', 'Elm', 'Fir', 'Yew', 'Bay'][at % 6]} Rd" for at in range(60)]},
        "'place' (holds text)",
    ),
    "one text": ({"shop": ["A1"] * 60}, "'shop' (holds text)"),
    "flags of a few rows": ({"flag": ["p", *[""] * 59]}, "'flag' (holds text)"),
    "nothing": ({"rain": [""] * 60}, "'rain' (is empty)"),
    "pandas' own index": ({"Unnamed: 0": range(60)}, "'Unnamed: 0' (counts the rows)"),
    "an index of a part of the rows": ({"id": range(7, 67)}, "'id' (counts the rows)"),
    "a counter of any name": ({"instant": range(1, 61)}, "'instant' (counts the rows)"),
    "a counter backwards": ({"No.": range(60, 0, -1)}, "'No.' (counts the rows)"),
    "year": ({"yr": DAYS.year}, "'yr' (repeats the time)"),
    "year from 0 up": ({"Yr": DAYS.year - 2023}, "'Yr' (repeats the time)"),
    "month": ({"mnth": DAYS.month}, "'mnth' (repeats the time)"),
    "weekday, Sunday first": ({"dayOfWeek": (DAYS.day_of_week + 1) % 7}, "'dayOfWeek' (repeats the time)"),
    "day of the year of any name": ({"x": DAYS.day_of_year}, "'x' (repeats the time)"),
    "ISO week": ({"week": DAYS.isocalendar().week}, "'week' (repeats the time)"),
    "weekend": ({"is_weekend": (DAYS.day_of_week > 4).astype(int)}, "'is_weekend' (repeats the time)"),
    "year and month": ({"YearMonth": DAYS.strftime("%Y%m")}, "'YearMonth' (repeats the time)"),
    "seconds since 1970": ({"unix": DAYS.as_unit("s").asi8}, "'unix' (repeats the time)"),
    "Excel's days": ({"x": (DAYS - pd.Timestamp("1899-12-30")).days}, "'x' (repeats the time)"),
    "decimal years": ({"x": (DAYS.year + (DAYS.day_of_year - 1) / 365).round(3)}, "'x' (repeats the time)"),
    "the end of the step": ({"end": (DAYS + pd.Timedelta("23h")).astype(str)}, "'end' (holds time stamps)"),
    "the time in another form": ({"again": DAYS.strftime("%d.%m.%Y")}, "'again' (holds time stamps)"),
}


@pytest.mark.parametrize("kind", LEFT_OUT)
def test_what_holds_no_values_is_left_out_in_one_line(tmp_path, kind):
    columns, said = LEFT_OUT[kind]
    assert read(tmp_path, table(**columns)) == (["sales"], said_with_way_back(said, next(iter(columns))))


def said_with_way_back(said, name):
    is_number = "counts the rows" in said or "repeats the time" in said
    way_back = f"To read one all the same, name it: use={name!r}." if is_number else None
    return f"left out: {said}. " + (way_back or "Name the columns to read in columns=['sales'].")


def test_several_columns_are_left_out_in_one_line(tmp_path):
    columns, said = read(tmp_path, table(id=range(60), month=DAYS.month, weekday=MONDAY_TO_SUNDAY))
    assert columns == ["sales"]
    assert said == (
        "left out: 'id' (counts the rows), 'month' (repeats the time), 'weekday' (holds text). To read one all the "
        "same, name it: use='id'."
    )


def test_a_date_beside_its_year_month_and_day_is_the_time(tmp_path):
    frame = table(year=DAYS.year, month=DAYS.month, day_of_month=DAYS.day).rename(columns={"day": "date"})
    assert read(tmp_path, frame)[0] == ["sales"]


def test_the_start_of_a_week_is_the_time_and_its_end_is_left_out(tmp_path):
    weeks = pd.date_range("2024-01-01", periods=20, freq="W-MON")
    frame = table(weeks).rename(columns={"day": "week_start"})
    frame.insert(0, "week_end", (weeks + pd.Timedelta("6D")).strftime("%Y-%m-%d"))
    assert read(tmp_path, frame) == (
        ["sales"],
        "left out: 'week_end' (holds time stamps). Name the columns to read in columns=['sales'].",
    )


KEPT = {
    "the only column of numbers": {"day": DAYS.strftime("%Y-%m-%d"), "id": range(60)},
    "a count that skips": {"day": DAYS.strftime("%Y-%m-%d"), "total": [*range(59), 60], "sales": SALES},
    "1, 2, 3 of a few rows": {"day": DAYS[:5].strftime("%Y-%m-%d"), "ill": range(1, 6), "sales": SALES[:5]},
    "the year of another day": {"day": DAYS.strftime("%Y-%m-%d"), "year": 2019, "sales": SALES},
    "a holiday at weekends": {"day": DAYS.strftime("%Y-%m-%d"), "off": (DAYS.day_of_week > 4) * 1, "sales": SALES},
}


@pytest.mark.parametrize("kind", KEPT)
def test_values_are_never_left_out(tmp_path, kind):
    frame = pd.DataFrame(KEPT[kind])
    assert read(tmp_path, frame) == (list(frame.columns[1:]), "")


def test_a_column_that_is_named_is_read(tmp_path):
    frame = table(id=range(60), month=DAYS.month)
    assert read(tmp_path, frame, columns=["month", "sales"]) == (["month", "sales"], "")
    assert read(tmp_path, frame, columns="sales", use="month") == (["sales", "month"], "")
    assert read(tmp_path, frame, use="month")[0] == ["month", "sales"]


def test_one_bad_cell_does_not_make_a_column_text(tmp_path):
    frame = table(price=["1.5"] * 40 + ["many"] + ["2.5"] * 19)
    with pytest.raises(sk.InvalidValue, match="line 42, column 'price': 'many' is not a finite number"):
        read(tmp_path, frame)


@pytest.mark.parametrize("zone", [None, "UTC"])
def test_parts_of_the_time_are_those_of_the_stamps(zone):
    hours = pd.date_range("2024-02-27", periods=60, freq="h", tz=zone)
    assert TimeParts(hours).repeat_in("x", hours.hour.to_numpy() + 1.0)
    assert not TimeParts(hours).repeat_in("x", np.roll(hours.hour.to_numpy(), 1) + 1.0)


# One series of many


def shops(*names):
    return pd.concat([table().assign(shop=name, sales=SALES + at) for at, name in enumerate(names)])


def test_only_reads_one_series_of_a_long_file(tmp_path):
    path = tmp_path / "shops.csv"
    shops(3, 4, 5).to_csv(path, index=False)
    frame = sk.read_csv(path, only={"shop": 4})
    assert list(frame.columns) == ["sales"]
    np.testing.assert_allclose(frame["sales"], SALES + 1)
    assert sk.read_csv(path, only={"shop": 4.0}).equals(frame)
    assert sk.read_csv(path, only={"shop": "4"}).equals(frame)


@pytest.mark.parametrize(
    ("only", "message"),
    [
        ({"shop": "nort"}, "no row has 'nort' in column 'shop', which holds 'north', 'south'. Did you mean 'north'?"),
        ({"shp": "north"}, "column 'shp' is not in the table.*Did you mean 'shop'?"),
        ("north", r"only must name a column and its value, got 'north'. Pass it as in only=\{'shop': 3\}"),
        ({}, r"only must name a column and its value, got \{\}"),
    ],
)
def test_what_chooses_no_series_is_refused_in_words(tmp_path, only, message):
    path = tmp_path / "shops.csv"
    shops("north", "south").to_csv(path, index=False)
    with pytest.raises((ValueError, TypeError), match=f"^read_csv: .*{message}"):
        sk.read_csv(path, only=only)


def test_a_long_file_of_many_series_names_the_column_and_the_way_to_one(tmp_path):
    path = tmp_path / "shops.csv"
    shops("north", "south", "west").to_csv(path, index=False)
    message = r"many series: column 'shop' names 3 of them, 'north', 'south', 'west'. .*only=\{'shop': 'north'\}"
    with pytest.raises(sk.InvalidValue, match=message):
        sk.read_csv(path)


def test_two_columns_may_name_the_series(tmp_path):
    path = tmp_path / "shops.csv"
    frame = pd.concat([shops("north", "south").assign(product=product) for product in ("tea", "salt")])
    frame.iloc[7:].to_csv(path, index=False)
    message = r"columns 'shop', 'product' name 4 of them, \('north', 'tea'\).* and .*only=\{'shop': 'north', 'product'"
    with pytest.raises(sk.InvalidValue, match=message.replace(" and ", "")):
        sk.read_csv(path)
    assert list(sk.read_csv(path, only={"shop": "south", "product": "tea"}).columns) == ["sales"]


def test_an_hour_beside_the_day_names_no_series(tmp_path):
    path = tmp_path / "hours.csv"
    pd.concat([table(hour=[hour] * 60) for hour in range(24)]).to_csv(path, index=False)
    with pytest.raises(sk.InvalidValue) as refused:
        sk.read_csv(path)
    assert "'hour' names" not in str(refused.value)


def test_rows_that_stand_twice_are_not_many_series(tmp_path):
    path = tmp_path / "twice.csv"
    pd.concat([table(flag=(SALES > 100) * 1), table(flag=[1] * 60)[3:5]]).to_csv(path, index=False)
    with pytest.raises(sk.InvalidValue, match="have the same time stamp, 2023-11-09"):
        sk.read_csv(path)


# Tables of another shape

MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
CYCLES = {
    "month": ("year", ["1990", "1991", "1992"], MONTHS),
    "month by number": ("year", ["1990", "1991", "1992"], [str(month) for month in range(1, 13)]),
    "quarter": ("year", ["1990", "1991", "1992"], ["Q1", "Q2", "Q3", "Q4"]),
    "weekday": ("week", ["2024-01-01", "2024-01-08", "2024-01-15"], ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]),
    "hour": ("day", ["2024-01-01", "2024-01-02", "2024-01-03"], [f"h{hour}" for hour in range(24)]),
}


@pytest.mark.parametrize("cycle", CYCLES)
def test_a_column_for_each_part_of_a_cycle_is_asked_about(tmp_path, cycle):
    time, stamps, names = CYCLES[cycle]
    frame = pd.DataFrame({time: stamps} | {name: [at + 0.5, 1.5, 2.5] for at, name in enumerate(names)})
    part = cycle.split()[0]
    with pytest.raises(sk.InvalidValue, match=rf"a column for each {part} \('{names[0]}', .*one series.* columns=\["):
        read(tmp_path, frame)
    assert read(tmp_path, frame, columns=names)[0] == names


@pytest.mark.parametrize(
    "header",
    [
        "month,2016,2017,2018",
        "series,2016-01,2016-02,2016-03",
        "Country,Code,1960,1961,1962,1963",
        "x,Q1 2020,Q2 2020,Q3 2020",
    ],
)
def test_a_table_on_its_side_is_refused_in_words(tmp_path, header):
    path = tmp_path / "wide.csv"
    row = ",".join("1.5" for _ in header.split(",")[1:])
    path.write_text(f"{header}\na,{row}\nb,{row}\n")
    with pytest.raises(sk.InvalidValue, match=r"the table lies on its side: the time is in the header.*\.T, or name"):
        sk.read_csv(path)


def test_columns_that_are_named_by_numbers_are_no_time(tmp_path):
    frame = table().rename(columns={"sales": "1000"}).assign(**{"925": SALES, "850": SALES * 2})
    assert read(tmp_path, frame) == (["1000", "925", "850"], "")
