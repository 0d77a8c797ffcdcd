"""Sequences out of a long table, and into batches that are padded only as far as they must be."""

import keras
import numpy as np
import pandas as pd
import pytest

from seqkit.data.sequences import take_sequences
from seqkit.task.batches import pad
from seqkit.task.batches import padded_batches as batches

LENGTHS = (5, 3, 11, 2, 7, 13, 1)


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


def test_sequences_are_stacked_and_filled_up_at_the_end():
    padded = pad([np.ones((2, 3)), np.full((5, 3), 7.0)])
    assert padded.shape == (2, 5, 3)
    assert np.isnan(padded).sum() == 3 * 3
    assert np.isnan(padded[0, 2:]).all()
    assert pad([np.array([2, 3]), np.array([5])], 0).tolist() == [[2, 3], [5, 0]]


# batches


def numbered(features=2):
    """Sequences of LENGTHS filled with their own number from 1."""
    shape = (features,) if features else ()
    return [
        np.full((length, *shape), row + 1, "float32" if features else "int32") for row, length in enumerate(LENGTHS)
    ]


def drawn(dataset):
    """Which sequences each batch holds."""
    return [batch[0].numpy()[:, 0].reshape(len(batch[0]), -1)[:, 0].astype(int).tolist() for batch in dataset]


def test_every_sequence_is_there_once_in_an_epoch_with_its_target_and_weight():
    targets = np.arange(1, 8, dtype="float32")[:, None] * 10
    weights = np.arange(1, 8, dtype="float32") * 100
    dataset = batches(numbered(), targets, batch_size=3, shuffle=True, weights=weights)
    assert int(dataset.cardinality()) == 3
    seen = [number for batch in drawn(dataset) for number in batch]
    assert sorted(seen) == [1, 2, 3, 4, 5, 6, 7]
    for x, y, weight in dataset:
        np.testing.assert_array_equal(x.numpy()[:, 0, 0] * 10, y.numpy()[:, 0])
        np.testing.assert_array_equal(x.numpy()[:, 0, 0] * 100, weight.numpy())


def test_a_batch_is_as_long_as_its_own_longest_rounded_up_to_eight():
    shapes = [batch.shape for (batch,) in batches(numbered(), None, batch_size=2)]
    assert shapes == [(2, 8, 2), (2, 16, 2), (2, 16, 2), (1, 8, 2)]
    exact = [np.ones((8, 3), "float32"), np.ones((5, 3), "float32")]
    assert [batch.shape for (batch,) in batches(exact, None, batch_size=2)] == [(2, 8, 3)]


def test_each_sequence_keeps_its_length_and_values():
    for features, filling in ((2, np.nan), (0, 0)):
        values = numbered(features)
        (batch,) = next(iter(batches(values, None, batch_size=7, padding=filling)))
        batch = batch.numpy()
        assert batch.shape[:2] == (7, 16)
        assert batch.dtype == values[0].dtype
        for row, sequence in zip(batch, values, strict=True):
            np.testing.assert_array_equal(row[: len(sequence)], sequence)
            np.testing.assert_array_equal(row[len(sequence) :], np.full_like(row[len(sequence) :], filling))


def test_sequences_of_one_length_are_not_padded():
    values = list(np.arange(5 * 3 * 2, dtype="float32").reshape(5, 3, 2))
    stacked = [batch.numpy() for (batch,) in batches(values, None, batch_size=2, length=3)]
    assert [batch.shape for batch in stacked] == [(2, 3, 2), (2, 3, 2), (1, 3, 2)]
    np.testing.assert_array_equal(np.concatenate(stacked), values)


def test_without_shuffling_the_order_is_kept():
    assert drawn(batches(numbered(), None, batch_size=3)) == [[1, 2, 3], [4, 5, 6], [7]]


def test_an_epoch_of_several_passes_holds_every_sequence_as_often_each_time_in_a_new_order():
    dataset = batches(numbered(), None, batch_size=3, shuffle=True, passes=5)
    assert int(dataset.cardinality()) == 15
    numbers = drawn(dataset)
    orders = [[*numbers[first], *numbers[first + 1], *numbers[first + 2]] for first in range(0, 15, 3)]
    assert all(sorted(order) == [1, 2, 3, 4, 5, 6, 7] for order in orders)
    assert len({tuple(order) for order in orders}) > 1


def test_the_order_differs_between_epochs_and_repeats_with_the_seed():
    orders = []
    for _ in range(2):
        keras.utils.set_random_seed(5)
        dataset = batches(numbered(), None, batch_size=7, shuffle=True)
        orders.append([drawn(dataset)[0] for _ in range(3)])
    assert orders[0] == orders[1]
    assert len({tuple(order) for order in orders[0]}) > 1
    keras.utils.set_random_seed(11)
    assert [drawn(batches(numbered(), None, batch_size=7, shuffle=True))[0] for _ in range(3)] != orders[0]
