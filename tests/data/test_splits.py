"""The split of a panel: each series is cut at its own end."""

import numpy as np
import pandas as pd
import pytest

import seqkit as sk
from seqkit.data.panel_windows import cut_panel_windows

LENGTHS = {"b": 23, "a": 17, "c": 11}


def panel(**lengths):
    parts = [
        pd.DataFrame(
            {"shop": name, "day": pd.date_range("2024-01-01", periods=rows), "x": 100.0 * at + np.arange(rows)}
        )
        for at, (name, rows) in enumerate((LENGTHS | lengths).items())
    ]
    return sk.as_panel(pd.concat(parts), series="shop", time="day")


def rows_of(frame):
    return {name: rows.droplevel(0)["x"].tolist() for name, rows in frame.groupby(level=0, sort=False)}


def test_validation_and_test_are_the_last_rows_of_each_series():
    frame = panel()
    parts = sk.split(frame, validation=3, test=2)
    whole = rows_of(frame)
    assert rows_of(parts.train) == {name: rows[:-5] for name, rows in whole.items()}
    assert rows_of(parts.validation) == {name: rows[-5:-2] for name, rows in whole.items()}
    assert rows_of(parts.test) == {name: rows[-2:] for name, rows in whole.items()}


def test_nothing_is_in_two_tables_and_nothing_is_lost():
    parts = sk.split(panel(), validation=3, test=2)
    assert sorted(np.concatenate([part["x"] for part in parts])) == sorted(panel()["x"])


def test_with_context_the_tables_show_the_rows_before():
    parts = sk.split(panel(), validation=3, test=2, context=4)
    assert rows_of(parts.test)["a"] == rows_of(panel())["a"][-6:]
    assert rows_of(parts.validation)["a"] == rows_of(panel())["a"][-9:-2]


@pytest.mark.parametrize("context", [0, 4])
def test_windows_of_a_part_reach_back_by_themselves_and_have_its_rows_as_targets(context):
    parts = sk.split(panel(), validation=3, test=2, context=context)
    windows = cut_panel_windows(parts.test, 7, 1, [0], where="here")
    assert [float(y[0, 0]) for _, y in windows] == [21, 22, 115, 116, 209, 210]
    assert [float(x[0, 0]) for x, _ in windows] == [14, 15, 108, 109, 202, 203]


def test_windows_reach_no_further_back_than_their_series():
    windows = cut_panel_windows(sk.split(panel(), validation=3, test=2).validation, 7, 1, [0], where="here")
    of_c = [(float(x[0, 0]), float(y[0, 0])) for x, y in windows if y[0, 0] >= 200]
    assert of_c == [(200, 207), (201, 208)]  # its row 6 has only 6 rows before it


def test_a_part_that_was_changed_has_no_rows_before_it():
    test = sk.split(panel(), validation=3, test=2).test * 2
    with pytest.raises(sk.InvalidValue, match="need 8 rows of a series, and the longest of 3 series has 2"):
        cut_panel_windows(test, 7, 1, [0], where="here")


def test_a_series_that_is_too_short_stays_whole_in_training_and_is_named():
    frame = panel(d=5, e=6)
    with pytest.warns(
        sk.SeqkitWarning, match="fewer than 6 rows in 1 of 5 series: 'd'. All of their rows are training"
    ):
        parts = sk.split(frame, validation=3, test=2)
    assert rows_of(parts.train)["d"] == rows_of(frame)["d"]
    assert len(rows_of(parts.train)["e"]) == 1
    assert [list(rows_of(part)) for part in parts[1:]] == [["b", "a", "c", "e"]] * 2


def test_parts_of_no_rows_are_empty():
    parts = sk.split(panel(), validation=0, test=2)
    assert [len(part) for part in parts] == [45, 0, 6]
    assert len(sk.split(panel(), validation=0, test=0).train) == len(panel())


def test_too_few_rows_in_every_series_are_refused():
    message = "validation=20, test=9 .* need 30 rows of a series, and the longest of 3 series has 23"
    with pytest.raises(sk.InvalidValue, match=message):
        sk.split(panel(), validation=20, test=9)
