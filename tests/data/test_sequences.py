"""Sequences out of a long table, and into batches that are padded only as far as they must be."""

import numpy as np
import pandas as pd
import pytest

import seqkit as sk
from seqkit.data.sequences import take_sequences


def long_table():
    """Three sequences whose rows are mixed; `who` b comes first."""
    return pd.DataFrame(
        {
            "who": ["b", "c", "b", "a", "c", "b", "a"],
            "step": [3, 1, 1, 5, 2, 2, 4],
            "x": [0.5, 1.5, 2.5, 3.5, 4.5, 5.5, 6.5],
            "y": [0, 1, 2, 3, 4, 5, 6],
            "kind": ["old", "new", "old", "new", "new", "old", "new"],
        }
    )


def taken(table=None, **options):
    return take_sequences(long_table() if table is None else table, **{"series": "who", **options})


def tolist(values):
    return [array.tolist() for array in values]


# take_sequences


def test_rows_are_gathered_by_sequence_in_the_order_in_which_these_appear():
    sequences = taken(label="kind", features=["x", "y"])
    assert tolist(sequences.values) == [[[0.5, 0], [2.5, 2], [5.5, 5]], [[1.5, 1], [4.5, 4]], [[3.5, 3], [6.5, 6]]]
    assert sequences.labels.to_dict() == {"b": "old", "c": "new", "a": "new"}
    assert list(sequences.labels.index) == ["b", "c", "a"]
    assert sequences.features == ["x", "y"]
    assert {values.dtype for values in sequences.values} == {np.dtype("float32")}


def test_steps_are_sorted_by_time_within_each_sequence():
    sequences = taken(time="step", label="kind")
    assert sequences.features == ["x", "y"]
    assert tolist(sequences.values) == [[[2.5, 2], [5.5, 5], [0.5, 0]], [[1.5, 1], [4.5, 4]], [[6.5, 6], [3.5, 3]]]
    assert list(sequences.labels.index) == ["b", "c", "a"]


def test_time_stamps_sort_as_numbers_do():
    table = long_table().assign(step=lambda frame: pd.Timestamp("2024-01-31") + pd.to_timedelta(frame["step"], "D"))
    by_stamp, by_number = taken(table, time="step", label="kind"), taken(time="step", label="kind")
    assert tolist(by_stamp.values) == tolist(by_number.values)


def steps_of(steps, times=lambda step: step):
    return pd.DataFrame({"who": "b", "step": [times(step) for step in steps], "x": 1.0})


@pytest.mark.parametrize(
    "times", [lambda step: step, lambda step: pd.Timestamp("2024-01-01") + pd.Timedelta(step, "D")]
)
def test_a_gap_in_one_sequence_is_warned_of(times):
    table = pd.concat([steps_of(range(20), times).assign(who="a"), steps_of([0, 1, 2, 5, 6, 7], times)])
    with pytest.warns(
        sk.SeqkitWarning,
        match=r"sequence 'b' has no row between step (2|2024-01-03 .*) and (5|2024-01-06 .*)\..*add the missing",
    ) as warned:
        taken(table.reset_index(drop=True), time="step")
    assert len(warned) == 1


@pytest.mark.parametrize("steps", [[0, 1, 4, 9, 16], [0, 1, 2, 3, 6, 7, 8, 9, 12], [3], [5, 5.5, 6, 6.5]])
def test_steps_without_a_common_distance_are_not_warned_of(steps):
    assert len(taken(steps_of(steps), time="step").values[0]) == len(steps)


def test_without_a_label_there_are_no_labels():
    sequences = taken(features=["x"])
    assert sequences.labels is None
    assert [values.shape for values in sequences.values] == [(3, 1), (2, 1), (2, 1)]


def test_one_column_may_be_named_as_it_is():
    np.testing.assert_array_equal(taken(features="x").values[1], [[1.5], [4.5]])


@pytest.mark.parametrize(
    "kind", [{"who": "category"}, {"who": "string", "kind": "string"}, {"kind": "category"}, {"y": "Int64"}]
)
def test_every_kind_of_pandas_column_gives_the_same(kind):
    sequences, plain = taken(long_table().astype(kind), label="kind", time="step"), taken(label="kind", time="step")
    assert tolist(sequences.values) == tolist(plain.values)
    assert sequences.labels.tolist() == plain.labels.tolist()
    assert list(sequences.labels.index) == ["b", "c", "a"]


def test_a_category_that_names_no_row_is_no_sequence():
    table = long_table().astype({"who": pd.CategoricalDtype(["a", "z", "b", "c"])})
    assert list(taken(table, label="kind").labels.index) == ["b", "c", "a"]


def test_missing_values_of_a_feature_are_kept():
    table = long_table().astype({"y": "Int64"})
    table.loc[1, ["x", "y"]] = [np.nan, pd.NA]
    sequences = taken(table, features=["x", "y"])
    assert np.isnan(sequences.values[1]).tolist() == [[True, True], [False, False]]


def test_truth_values_are_zeros_and_ones():
    sequences = taken(long_table().assign(y=lambda frame: frame["y"] > 2), features=["y"])
    assert tolist(sequences.values)[0] == [[0], [0], [1]]


def test_a_table_is_left_as_it_is():
    table = long_table()
    taken(table, time="step", label="kind")
    pd.testing.assert_frame_equal(table, long_table())


def changed(column, row, value):
    table = long_table().astype({column: object} if isinstance(value, str) or value is None else {})
    table.loc[row, column] = value
    return table


@pytest.mark.parametrize(
    ("table", "options", "error", "message"),
    [
        (None, {"series": None}, ValueError, "column None is not in the table, whose columns are 'who', 'step'"),
        (None, {"series": "whom"}, ValueError, "column 'whom' is not in the table.*Did you mean 'who'"),
        (None, {"time": "steps"}, ValueError, "column 'steps' is not in the table.*Did you mean 'step'"),
        (None, {"label": "class"}, ValueError, "column 'class' is not in the table"),
        (None, {"features": ["x", "z"]}, ValueError, "column 'z' is not in the table, whose columns are 'who', 'step'"),
        (None, {"features": ["x", "x"]}, ValueError, "column 'x' is named twice"),
        (None, {"time": "who"}, ValueError, "column 'who' is named twice"),
        (None, {"features": []}, ValueError, "no column is left for the features. Name one or more in features="),
        (None, {"features": ["x", "kind"]}, ValueError, "column 'kind' holds (str|object), numbers are needed"),
        (None, {}, ValueError, "column 'kind' holds .*Name the features in features="),
        (long_table()[:0], {}, ValueError, "the table has no rows. Pass a table with a row for each step"),
        ([[1, 2]], {}, TypeError, "a DataFrame with a row for each step is needed, got list"),
        (changed("step", 5, 1), {"time": "step", "label": "kind"}, ValueError,
         "sequence 'b' has two rows at step 1. Keep one of them"),
        (changed("step", 4, np.nan), {"time": "step", "label": "kind"}, ValueError,
         "1 rows have no time in column 'step', the first of sequence 'c'"),
        (changed("kind", 6, "old"), {"label": "kind"}, ValueError, "sequence 'a' has 2 labels in column 'kind'. Give"),
        (changed("kind", 6, None), {"label": "kind"}, ValueError, "sequence 'a' has 2 labels in column 'kind'"),
        (changed("x", 2, np.inf), {"label": "kind"}, ValueError,
         "column 'x' has a value that is infinite or too large for float32. Set it to NaN"),
        (changed("x", 2, -1e300), {"label": "kind"}, ValueError, "column 'x' has a value that is infinite or too"),
        (long_table().assign(who=7), {"label": "kind"}, ValueError, "sequence 7 has 2 labels"),
        (changed("who", 3, None), {"label": "kind"}, ValueError, "1 rows name no sequence in column 'who'"),
        (long_table().assign(day=pd.Timestamp("2024-01-31")), {"label": "kind"}, ValueError,
         "column 'day' holds datetime64.*numbers are needed"),
    ],
)  # fmt: skip
def test_what_makes_no_sequences_is_refused_in_words(table, options, error, message):
    with pytest.raises(error, match=f"^take_sequences: .*{message}"):
        taken(table, **options)


# pad
