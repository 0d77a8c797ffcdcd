"""Long files of many series: `read_csv(series=)` makes the panel that `as_panel` makes, from the cells of the file."""

import io
import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as draw

import seqkit as sk
from seqkit.data.panels import require_panel

DAYS = pd.date_range("2023-11-06", periods=13, freq="D")


def long(*lines, header="shop,day,sales"):
    return io.StringIO("\n".join([header, *lines, ""]))


def shops(rows=None, **columns):
    """Sales of three shops of 13, 7 and 5 days, and other columns."""
    parts = [pd.DataFrame({"shop": shop, "day": DAYS[-rows:]}) for shop, rows in (("b", 13), ("a", 7), ("c", 5))]
    frame = pd.concat(parts, ignore_index=True)
    return frame.assign(sales=np.arange(25.0) * 3 + 1, **columns) if rows is None else frame.iloc[:rows]


def read(frame, **options):
    return sk.read_csv(io.StringIO(frame.to_csv(index=False)), series="shop", **options)


def warned(call):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        call()
    return " ".join(str(warning.message) for warning in caught)


def test_a_long_file_is_the_panel_that_as_panel_makes():
    read_as = read(shops())
    pd.testing.assert_frame_equal(read_as, sk.as_panel(shops(), series="shop", time="day"))
    assert read_as.attrs["time_format"] == "%Y-%m-%d"


def test_rows_may_stand_in_any_order():
    shuffled = shops().sample(frac=1, random_state=3)
    pd.testing.assert_frame_equal(read(shuffled).loc[["b", "a", "c"]], read(shops()), check_index_type=False)


def test_parquet_and_excel_give_the_same_panel(tmp_path):
    shops().to_parquet(tmp_path / "shops.parquet")
    shops().to_excel(tmp_path / "shops.xlsx", index=False)
    for name in ("shops.parquet", "shops.xlsx"):
        pd.testing.assert_frame_equal(sk.read_csv(tmp_path / name, series="shop"), read(shops()), check_freq=False)


def test_names_of_series_are_the_text_of_the_file():
    panel = sk.read_csv(
        long("007,2024-01-01,3", " 7 ,2024-01-01,4", "007,2024-01-02,5", "NA,2024-01-01,6"), series="shop"
    )
    assert panel.index.unique("shop").tolist() == ["007", "7", "NA"]
    assert panel.loc["007", "sales"].tolist() == [3, 5]


def test_several_columns_name_a_series_together():
    lines = ("a,1,2024-01-01,3", "a,2,2024-01-01,4", "a,1,2024-01-02,5")
    panel = sk.read_csv(long(*lines, header="shop,item,day,sales"), series=["shop", "item"])
    assert panel.index.names == ["shop / item", "day"]
    assert panel.index.unique("shop / item").tolist() == ["a / 1", "a / 2"]


def test_a_part_of_a_name_that_looks_like_two_is_refused():
    lines = ("a / 1,b,2024-01-01,3", "a,1 / b,2024-01-02,4")
    with pytest.raises(sk.InvalidValue, match="column 'shop' holds ' / ', which joins the names .*: 'a / 1'"):
        sk.read_csv(long(*lines, header="shop,item,day,sales"), series=["shop", "item"])


def test_missing_rows_are_nan_and_one_warning_counts_them_by_series():
    frame = shops().drop([2, 3, 15])
    text = warned(lambda: read(frame))
    assert text.count("read_csv") == 1
    assert "3 rows of 2 series are missing on the grid of freq='D': 2 of 'b', 1 of 'a'" in text
    with pytest.warns(sk.SeqkitWarning, match="missing on the grid"):
        assert read(frame)["sales"].isna().groupby("shop").sum().to_dict() == {"b": 2, "a": 1, "c": 0}


@pytest.mark.parametrize(("duplicates", "value"), [("mean", 5), ("first", 3), ("last", 7)])
def test_rows_of_one_stamp_are_merged_where_that_is_asked(duplicates, value):
    file = long("a,2024-01-01,3", "b,2024-01-01,4", "a,2024-01-01,7", "a,2024-01-02,5")
    with pytest.warns(sk.SeqkitWarning, match="rows repeat a time stamp of their series: 1 in 'a'"):
        panel = sk.read_csv(file, series="shop", duplicates=duplicates)
    assert panel.loc[("a", "2024-01-01"), "sales"] == value
    assert len(panel) == 3


def test_rows_of_one_stamp_are_refused_by_series_stamp_and_line():
    file = long("a,2024-01-01,3", "b,2024-01-01,4", "a,2024-01-01,7", "a,2024-01-02,5")
    with pytest.raises(sk.InvalidValue, match=r"lines 2 and 4 have the same time stamp, 2024-01-01, in series 'a'"):
        sk.read_csv(file, series="shop")


def test_the_clock_of_each_series_is_told_by_the_order_of_its_own_rows():
    stamps = pd.date_range("2024-10-26 20:00", periods=9, freq="h", tz="UTC").tz_convert("Europe/Berlin")
    hours = stamps.strftime("%Y-%m-%d %H:%M")
    frame = pd.DataFrame({"shop": [*"a" * 9, *"b" * 9], "hour": [*hours, *hours], "sales": np.arange(18.0)})
    panel = read(frame, timezone="Europe/Berlin")
    assert panel.index.levels[1].equals(stamps.tz_convert("UTC").rename("hour"))
    assert panel["sales"].tolist() == list(range(18))
    with pytest.warns(sk.SeqkitWarning, match="rows repeat a time stamp of their series: 2 in 'a', 'b'"):
        assert read(frame)["sales"].loc["b"].tolist() == [9, 10, 11, 12, 13.5, 15, 16, 17]


def test_stamps_that_one_series_leaves_open_are_decided_by_the_others():
    file = long("a,01/02/2024,3", "a,02/02/2024,4", "b,13/02/2024,5")
    panel = sk.read_csv(file, series="shop", freq="D")
    assert panel.index.get_level_values("day")[-1] == pd.Timestamp("2024-02-13")
    with pytest.raises(sk.InvalidValue, match="ambiguous, .*Name the format: time_format="):
        sk.read_csv(long("a,01/02/2024,3", "a,02/02/2024,4", "b,03/02/2024,5"), series="shop", freq="D")
    file = long("a,01/02/2024,3", "a,02/02/2024,4", "b,03/02/2024,5")
    assert len(sk.read_csv(file, series="shop", time_format="%m/%d/%Y")) == 3


def test_options_for_cells_work_as_for_one_series():
    file = long("a;2024-01-01;3,5;-999", "a;2024-01-02;4,5;2", "b;2024-01-01;1,5;-999", header="shop;day;sales;price")
    panel = sk.read_csv(file, series="shop", missing=-999, decimal=",")
    assert panel["sales"].tolist() == [3.5, 4.5, 1.5]
    assert panel["price"].isna().tolist() == [True, False, True]


def test_a_number_that_stands_for_missing_in_a_small_series_is_seen_beside_a_large_one():
    frame = shops()
    frame["sales"] = np.where(frame["shop"] == "b", 1000.0 * frame["sales"] - 9000, frame["sales"])
    frame.loc[[15, 17], "sales"] = -999.0
    with pytest.raises(sk.InvalidValue, match="column 'sales' holds -999 in 2 rows of one series.* missing=-999"):
        read(frame)
    assert read(frame, missing=-999)["sales"].isna().sum() == 2


def test_stamps_of_several_zones_become_utc():
    file = long("a,2024-01-13T01:00+01:00,3", "a,2024-01-13T02:00+01:00,4", "b,2024-01-13T00:00+00:00,5")
    panel = sk.read_csv(file, series="shop")
    assert str(panel.index.levels[1].tz) == "UTC"
    assert panel.xs(pd.Timestamp("2024-01-13", tz="UTC"), level=1)["sales"].tolist() == [3, 5]


def test_weeks_that_a_holiday_moved_are_moved_back():
    weeks = pd.date_range("2024-01-01", periods=13, freq="W-MON").to_series()
    weeks.iloc[5] += pd.Timedelta("1D")
    frame = pd.concat([pd.DataFrame({"shop": shop, "week": weeks, "sales": np.arange(13.0)}) for shop in "ab"])
    with pytest.warns(sk.SeqkitWarning, match="1 time stamps are beside the grid .*, such as 2024-02-06 to 2024-02-05"):
        panel = read(frame)
    assert panel.index.levels[1].freqstr == "W-MON"
    assert panel["sales"].tolist() == [*range(13)] * 2


def test_middles_of_months_are_written_back_as_in_the_file():
    months = pd.date_range("2024-01-01", periods=13, freq="MS")
    middles = (months + pd.to_timedelta(12 * months.days_in_month, unit="h")).strftime("%Y-%m-%d %H:%M")
    frame = pd.concat([pd.DataFrame({"shop": shop, "month": middles, "sales": 1.5}) for shop in "ab"])
    with pytest.warns(sk.SeqkitWarning, match="the time stamps are the middles of months"):
        panel = read(frame)
    assert (panel.index.levels[1].freqstr, panel.attrs["time_format"]) == ("MS", "%=%Y-%m-%d %H:%M")


def test_rows_without_a_time_are_counted_in_each_series():
    file = long("a,3", "b,4", "a,5", header="shop,sales")
    panel = sk.read_csv(file, series="shop", time=None, freq="MS", start="2020-05-01")
    assert panel.loc[("a", "2020-06-01"), "sales"] == 5
    assert panel.loc[("b", "2020-05-01"), "sales"] == 4


def test_columns_are_chosen_as_for_one_series():
    rows = np.arange(25)
    weekday = shops()["day"].dt.day_of_week
    frame = shops(id=rows + 1, t=[*range(13), *range(7), *range(5)], weekday=weekday, town="x", price=rows * 2.5)
    text = warned(lambda: read(frame))
    for part in (
        "'id' (counts the rows)",
        "'t' (counts the rows)",
        "'weekday' (repeats the time)",
        "'town' (holds text)",
    ):
        assert part in text
    with pytest.warns(sk.SeqkitWarning, match="left out"):
        assert list(read(frame, use="weekday").columns) == ["sales", "weekday", "price"]
    assert list(read(frame, columns="price").columns) == ["price"]


def test_only_reads_some_of_the_series():
    frame = shops(region=["north"] * 20 + ["south"] * 5)
    assert read(frame, only={"region": "north"}).index.unique("shop").tolist() == ["b", "a"]


REFUSED = {
    "an unknown column": (["a,2024-01-01,3"], {"series": "shp"}, r"series 'shp' is not in the table.* mean 'shop'\?"),
    "no name": (["a,2024-01-01,3", " ,2024-01-02,4"], {}, "1 of 2 rows name no series in column 'shop', .* line 3"),
    "no time": (["a,2024-01-01,3", "b,,4", "a,2024-01-02,4"], {}, "line 3, column 'day': the time stamp is missing"),
    "no stamp": (["a,2024-01-01,3", "b,soon,4", "a,2024-01-02,4"], {}, "line 3, column 'day': 'soon' is not a time"),
    "no number": (["a,2024-01-01,3", "b,2024-01-01,four"], {"columns": "sales"}, "line 3, column 'sales': 'four'"),
    "series and column": (["a,2024-01-01,3"], {"columns": "shop"}, "'shop' is named as series and in columns"),
    "series and time": (["a,2024-01-01,3"], {"time": "shop"}, "'shop' is named as series and in time"),
    "no step": (["a,2024-01-01,3", "b,2024-01-02,4"], {}, r"no series has two rows.*freq='D'"),
    "off the grid": (
        ["a,2024-01-01,3", "a,2024-01-08,4", "a,2024-01-15,4", "b,2024-01-10,4"],
        {},
        "series 'b': 2024-01-10 00:00:00 is not on the grid of freq='W-MON' of the others",
    ),
    "rows without a step": (["a,2024-01-01,3"], {"time": None, "columns": "sales"}, "time=None needs the step"),
    "no list": (["a,2024-01-01,3"], {"series": 5}, "series must be a column's name or a list of names, got 5"),
}


@pytest.mark.parametrize("case", REFUSED, ids=REFUSED)
def test_what_is_no_panel_is_refused_in_words(case):
    lines, options, message = REFUSED[case]
    with pytest.raises((sk.InvalidValue, sk.InvalidType), match=f"^read_csv: .*{message}"):
        sk.read_csv(long(*lines), **{"series": "shop", **options})


CELLS = draw.sampled_from(["a", "b", " ", "NA", "2024-01-01", "2024-01-02", "13/02/2024", "2024", "1.5", "-999", "inf"])


@settings(deadline=None, max_examples=60)
@given(draw.lists(draw.tuples(CELLS, CELLS, CELLS), max_size=9), draw.sampled_from([None, "D"]))
def test_whatever_a_long_file_holds_it_is_a_panel_or_refused_in_words(rows, freq):
    lines = [",".join(row) for row in [("a", "2024-01-01", "3"), ("a", "2024-01-02", "4"), *rows]]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", sk.SeqkitWarning)
            panel = sk.read_csv(long(*lines), series="shop", freq=freq)
    except (sk.InvalidValue, sk.InvalidType) as error:
        assert str(error).startswith("read_csv: ")  # noqa: PT017
    else:
        assert require_panel(panel, "here").rows.sum() == len(panel)


def test_a_file_of_many_series_is_refused_with_the_way_to_all_of_them_first():
    with pytest.raises(sk.InvalidValue, match=r"Read them all, with series='shop', or one, as with only={'shop': 'b'}"):
        sk.read_csv(io.StringIO(shops().to_csv(index=False)))
