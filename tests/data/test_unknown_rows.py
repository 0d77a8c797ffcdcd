"""Unknown rows before the first ones of a table, and of each series of a panel."""

import numpy as np
import pandas as pd

from seqkit.data.panels import require_panel
from seqkit.data.unknown_rows import with_unknown_rows, with_unknown_rows_of_each


def days(start, values):
    return pd.DataFrame({"y": np.array(values, float)}, pd.date_range(start, periods=len(values), freq="D", name="day"))


def test_a_table_reaches_back_on_its_own_grid():
    longer = with_unknown_rows(days("2024-01-03", [1, 2]), 2)
    assert longer.index.equals(pd.date_range("2024-01-01", periods=4, freq="D"))
    assert longer.index.freqstr == "D"
    np.testing.assert_array_equal(longer["y"], [np.nan, np.nan, 1, 2])


def test_a_table_of_months_reaches_back_whole_months():
    months = pd.DataFrame({"y": [1.0]}, pd.date_range("2024-03-31", periods=1, freq="ME"))
    assert [str(stamp.date()) for stamp in with_unknown_rows(months, 2).index] == [
        "2024-01-31",
        "2024-02-29",
        "2024-03-31",
    ]


def test_nothing_changes_where_no_row_lacks():
    table = days("2024-01-03", [1, 2])
    assert with_unknown_rows(table, 0) is table
    assert with_unknown_rows(table, -3) is table


def test_each_series_of_a_panel_reaches_back_from_its_own_start():
    parts = {"b": days("2024-01-05", [1, 2, 3]), "a": days("2024-01-02", [4])}
    panel = require_panel(pd.concat(parts, names=["shop"]), "test")
    longer = with_unknown_rows_of_each(panel, 2)
    again = require_panel(longer.frame, "test")  # it is still a panel, on the same grid
    assert again.names.tolist() == ["b", "a"]
    assert again.rows.tolist() == [5, 3] == longer.rows.tolist()
    assert again.first.tolist() == [0, 5] == longer.first.tolist()
    np.testing.assert_array_equal(longer.frame["y"], [np.nan, np.nan, 1, 2, 3, np.nan, np.nan, 4])
    stamps = longer.frame.index.get_level_values(1)
    assert stamps[0] == pd.Timestamp("2024-01-03")
    assert stamps[5] == pd.Timestamp("2023-12-31")
