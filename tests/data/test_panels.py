"""Panels: what `as_panel` takes, what it makes of it, and what it refuses in words."""

import warnings

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import seqkit as sk
from seqkit.data.panels import require_panel

DAYS = pd.date_range("2024-01-01", periods=13, freq="D")
ROWS = {"b": 13, "a": 7, "c": 5}
NAMES = {"series": "shop", "time": "day"}


def long(**columns):
    """Sales of three shops, of 13, 7 and 5 days that end alike."""
    parts = [
        pd.DataFrame({"shop": shop, "day": DAYS[-rows:], "x": 1.0 + np.arange(rows)}) for shop, rows in ROWS.items()
    ]
    return pd.concat(parts, ignore_index=True).assign(**columns)


def panel():
    return sk.as_panel(long(), **NAMES)


def named(names):
    return long()["shop"].map(dict(zip("bac", names, strict=True)))


def test_a_panel_is_indexed_by_series_and_time():
    frame = panel()
    assert frame.index.names == ["shop", "day"]
    assert frame.groupby(level=0, sort=False).size().to_dict() == ROWS
    assert frame.loc["a", "x"].tolist() == [1, 2, 3, 4, 5, 6, 7]
    assert frame.index.levels[1].freqstr == "D"


ALIKE = {
    "rows in any order": long().sample(frac=1, random_state=5),
    "polars": pl.from_pandas(long()),
    "polars, lazy": pl.from_pandas(long()).lazy(),
    "pyarrow": pa.Table.from_pandas(long()),
    "pyarrow's dictionaries": pa.Table.from_pandas(long(shop=long()["shop"].astype("category"))),
    "categories": long(shop=long()["shop"].astype("category")),
    "text as objects": long(shop=long()["shop"].astype(object)),
    "periods": long(day=long()["day"].dt.to_period("D")),
    "texts of dates": long(day=long()["day"].dt.strftime("%Y-%m-%d")),
    "Python's dates": long(day=long()["day"].dt.date),
}
INDEXED = {
    "indexed": long().set_index(["shop", "day"]),
    "swapped levels": long().set_index(["day", "shop"]),
    "periods as a level": long(day=long()["day"].dt.to_period("D")).set_index(["shop", "day"]),
    "categories as a level": long(shop=long()["shop"].astype("category")).set_index(["shop", "day"]),
}


@pytest.mark.parametrize("table", ALIKE.values(), ids=ALIKE)
def test_tables_of_every_library_give_the_same_panel(table):
    made = sk.as_panel(table, **NAMES).loc[list(ROWS)]
    pd.testing.assert_frame_equal(made, panel(), check_index_type=False)
    assert made.index.levels[0].dtype == panel().index.levels[0].dtype


@pytest.mark.parametrize("table", INDEXED.values(), ids=INDEXED)
def test_an_index_of_series_and_time_is_taken_as_it_is(table):
    made = sk.as_panel(table)
    pd.testing.assert_frame_equal(made, panel(), check_index_type=False)
    pd.testing.assert_frame_equal(sk.as_panel(table, **NAMES), made)


def test_further_levels_of_an_index_belong_to_the_name_of_the_series():
    made = sk.as_panel(long(item=7).set_index(["item", "shop", "day"]))
    assert made.index.names == ["item / shop", "day"]
    assert made.index.unique(0).tolist() == ["7 / b", "7 / a", "7 / c"]
    assert sk.as_panel(long(item=7).set_index(["item", "shop", "day"]), series="shop").columns.tolist() == ["item", "x"]


def test_an_index_of_time_alone_is_the_time():
    pd.testing.assert_frame_equal(sk.as_panel(long().set_index("day"), series="shop"), panel())


def test_levels_without_names_get_some():
    assert sk.as_panel(panel().rename_axis([None, None])).index.names == ["series", "time"]


def test_the_names_of_nixtla_are_known():
    made = sk.as_panel(long().set_axis(["unique_id", "ds", "y"], axis=1))
    assert (made.index.names, made.columns.tolist()) == (["unique_id", "ds"], ["y"])


@pytest.mark.parametrize("names", [(7, 8, 9), (0.5, 1.5, 2.5), ("x", "y", "z"), tuple(DAYS[:3])], ids=str)
def test_names_may_be_text_numbers_or_dates(names):
    assert sk.as_panel(long(shop=named(names)), **NAMES).index.unique(0).tolist() == list(names)


def test_nullable_numbers_become_plain_ones():
    frame = long(shop=named((7, 8, 9)).astype("Int64"), x=long()["x"].astype("Float64"), n=True)
    made = sk.as_panel(frame, **NAMES)
    assert made.index.levels[0].dtype == "int64"
    assert made.dtypes.tolist() == ["float64", "float64"]


@pytest.mark.parametrize("values", [np.nan, 0.0, 5.0], ids=["unknown", "zero", "constant"])
def test_a_series_may_have_one_value_or_none(values):
    made = sk.as_panel(long(x=long()["x"].where(long()["shop"] != "a", values)), **NAMES)
    assert made.loc["a", "x"].tolist() == pytest.approx([values] * 7, nan_ok=True)


def test_missing_rows_are_nan_and_one_warning_counts_them_by_series():
    with pytest.warns(sk.SeqkitWarning, match=r"3 rows of 2 series .* freq='D': 2 of 'b', 1 of 'c'\.") as caught:
        made = sk.as_panel(long().drop([3, 4, 22]), **NAMES)
    assert len(caught) == 1
    assert made.loc["b", "x"].isna().to_numpy().nonzero()[0].tolist() == [3, 4]


def test_a_single_row_each_needs_the_step_alone():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        made = sk.as_panel(long().drop_duplicates("shop"), freq="D", **NAMES)
    assert require_panel(made, "here").rows.tolist() == [1, 1, 1]


def test_fifty_thousand_series_of_one_row_are_a_panel():
    frame = pd.DataFrame({"shop": np.arange(50_000), "day": DAYS[0], "x": 1.0})
    assert len(require_panel(sk.as_panel(frame, freq="D", **NAMES), "here").names) == 50_000


BAD = {
    "no table": ([1], {}, "a table is needed, got a list"),
    "no rows": (long()[:0], NAMES, "the table has no rows"),
    "no series": (long(), {"time": "day"}, "which column names the series.*'shop', 'day', 'x'.* table.melt"),
    "no time": (long(day=1), {"series": "shop"}, "which column is the time.* no column holds dates.*time="),
    "two columns of dates": (long(due=DAYS[0]), {"series": "shop"}, "the columns 'day', 'due' hold dates.*time="),
    "two times": (long(), {"series": "shop", "time": ["day", "x"]}, "time must be one column"),
    "the same column": (long(), {"series": "shop", "time": "shop"}, "'shop' is named as series and as time"),
    "a column of the name of a level": (panel().assign(shop=1.0), {}, "'shop' names a level of the index and a column"),
    "a name twice": (pd.concat([long(), long()[["shop"]]], axis=1), NAMES, "two columns named 'shop'"),
    "texts": (long(x="n"), NAMES, "column 'x' has dtype .*, not numbers"),
    "infinite": (long(x=np.inf), NAMES, "column 'x' is infinite"),
    "names missing": (long(shop=named(("b", None, "c"))), NAMES, "7 of 25 rows name no series .* the first is row 13"),
    "names of blanks": (long(shop=named(("b", " ", "c"))), NAMES, "7 of 25 rows name no series in column 'shop'"),
    "numbers missing": (long(shop=named((1, np.nan, 3))), NAMES, "7 of 25 rows name no series in column 'shop'"),
    "names of mixed types": (long(shop=named((1, "b", 3))), NAMES, r"mixed types: numbers, text.*astype\(str\)"),
    "names that are lists": (long(shop=[[1]] * 25), NAMES, "must be text, numbers or dates, got list"),
    "names that differ in blanks": (long(shop=named(("b", "b ", "c"))), NAMES, "'b', 'b ' .* differ only in blanks"),
    "a stamp twice": (pd.concat([long(), long()[3:4]]), NAMES, "2024-01-04 stands twice in series 'b'.*series="),
    "a number as name": (pd.concat([long(), long()[3:4]]).assign(shop=7), NAMES, "stands twice in series 7"),
    "a time missing": (long(day=long()["day"].where(long().index != 4)), NAMES, "row 4 has no time in column 'day'"),
    "a time in numbers": (long(day=1), NAMES, r"must be dates, got numbers such as 1.*to_datetime.*to_timedelta"),
    "another form": (long(day=long()["day"].dt.strftime("%d/%m/%Y")), NAMES, "row 0: '01/01/2024' .*format="),
    "several time zones": (
        long(day=[*DAYS.tz_localize("UTC"), *DAYS[-7:].tz_localize("Asia/Tokyo"), *DAYS[-5:].tz_localize("UTC")]),
        NAMES,
        "several time zones.*utc=True",
    ),
    "a zone in some rows": (
        long(day=[*DAYS.tz_localize("UTC"), *DAYS, *DAYS][:25]),
        NAMES,
        "has one in some rows alone",
    ),
    "another step": (
        pd.concat([long(), pd.DataFrame({"shop": "w", "day": DAYS[::2], "x": 1.0})]),
        NAMES,
        "series 'w' has a row at every 2 steps of the others, freq='D'",
    ),
    "off the grid": (
        pd.concat([long(), pd.DataFrame({"shop": "w", "day": DAYS[:3] + pd.Timedelta("1h"), "x": 1.0})]),
        NAMES,
        "series 'w': 2024-01-01 01:00:00 is not on the grid of freq='D' of the others",
    ),
    "irregular": (
        pd.DataFrame(
            {"shop": "w", "day": DAYS[[0, 2, 3, 6, 7, 12]] + pd.to_timedelta([0, 1, 2, 0, 5, 0], "h"), "x": 1}
        ),
        NAMES,
        "the steps of series 'w' are irregular: .* follows",
    ),
    "rows far away": (
        pd.concat([long(), pd.DataFrame({"shop": "a", "day": [DAYS[0].replace(year=2224)], "x": 1.0})]),
        NAMES,
        "series 'a' has 8 rows in a span of 73",
    ),
    "series far away": (
        pd.DataFrame({"shop": [*"aab"], "day": [*pd.date_range("1990", periods=2, freq="s"), DAYS[0]], "x": 1.0}),
        NAMES,
        "series lie .* steps of freq='s' apart: 'a' at 1990-01-01 00:00:00 and 'b' at 2024",
    ),
    "no step": (long().drop_duplicates("shop"), NAMES, "no series has two rows.*freq='D'"),
    "no columns": (long(), {**NAMES, "columns": []}, "no column is left for the values"),
}


@pytest.mark.parametrize("case", BAD, ids=BAD)
def test_what_is_no_panel_is_refused_in_words(case):
    table, options, message = BAD[case]
    with pytest.raises((sk.InvalidValue, sk.InvalidType), match=f"^as_panel: .*{message}"):
        sk.as_panel(table, **options)


UNFIT = {
    "no rows": (panel()[:0], "the panel has no rows"),
    "swapped levels": (panel().swaplevel(), "the second level of the index must be time stamps.*seqkit.as_panel"),
    "three levels": (pd.concat({"i": panel()}), "the index has 3 levels; .*seqkit.as_panel"),
    "two blocks": (panel().iloc[[*range(3), *range(13, 25), *range(3, 13)]], "series 'b' are not in one block"),
    "rows out of order": (panel().iloc[[1, 0, *range(2, 25)]], "2024-01-01 00:00:00 follows 2024-01-02 .* series 'b'"),
    "a stamp twice": (panel().iloc[[0, *range(25)]], "2024-01-01 00:00:00 stands twice in series 'b'"),
    "a missing row": (panel().drop(("b", DAYS[4])), "series 'b' lacks rows after 2024-01-04 .*seqkit.as_panel"),
    "no time": (panel().set_axis(pd.MultiIndex.from_product([["a"], range(25)])), "must be time stamps"),
}


@pytest.mark.parametrize("case", UNFIT, ids=UNFIT)
def test_a_panel_that_was_changed_is_refused_with_the_way_back(case):
    frame, message = UNFIT[case]
    with pytest.raises(sk.InvalidValue, match=f"^split: .*{message}"):
        sk.split(frame, validation=1, test=1)


def test_periods_as_second_level_are_their_first_stamps():
    frame = panel()
    periods = frame.set_axis(frame.index.set_levels(frame.index.levels[1].to_period("D"), level=1))
    pd.testing.assert_frame_equal(require_panel(periods, "here").frame, frame)


def test_one_series_of_a_panel_is_a_table_on_a_regular_index():
    series = require_panel(panel(), "here").series(1)
    assert (series.index[0], series.index.freqstr, series["x"].tolist()) == (DAYS[6], "D", [1, 2, 3, 4, 5, 6, 7])
