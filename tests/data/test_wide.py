"""Series in wide form: a row for each series, a column for each step, with or without a header."""

import numpy as np
import pytest

import seqkit as sk

RNG = np.random.default_rng(3)
VALUES = RNG.normal(size=(12, 5)).round(3)
CLASSES = ["up", "down", "flat"] * 4
STEPS = ["t0", "t1", "t2", "t3", "t4"]


def lines(rows, header=None, separator=","):
    cells = ([header] if header else []) + [[str(cell) for cell in row] for row in rows]
    return "\n".join(separator.join(row) for row in cells) + "\n"


def write(folder, text):
    (folder / "wide.csv").write_text(text)
    return folder / "wide.csv"


def rows(first=None, last=None):
    return [
        [*([first[at]] if first else []), *values, *([last[at]] if last else [])] for at, values in enumerate(VALUES)
    ]


NUMBERS = [str(at % 3 + 1) for at in range(12)]
LAYOUTS = {
    "the label first": (lines(rows(first=CLASSES), ["label", *STEPS]), "label"),
    "the label last": (lines(rows(last=CLASSES), [*STEPS, "gesture"]), "gesture"),
    "a label by name, of numbers": (lines(rows(last=NUMBERS), [*STEPS, "class"]), "class"),
    "numbers as names": (lines(rows(first=CLASSES), ["y", "0", "1", "2", "3", "4"]), "y"),
    "no header, the label first": (lines(rows(first=NUMBERS)), "column 1"),
    "no header, tabs": (lines(rows(first=NUMBERS), separator="\t"), "column 1"),
    "no header, the label last": (lines(rows(last=CLASSES)), "column 6"),
    "only numbers as names": (lines(rows(first=NUMBERS), [str(at) for at in range(6)]), "0"),
    "stamps as names": (lines(rows(last=CLASSES), [*(f"2024-01-0{day}" for day in range(1, 6)), "label"]), "label"),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_row_for_each_series_is_recognised_with_its_label(tmp_path, layout):
    text, label = LAYOUTS[layout]
    samples = sk.read_sequences(write(tmp_path, text), label="auto")
    np.testing.assert_allclose(np.stack(samples.x)[:, :, 0], VALUES, rtol=1e-6)
    assert (samples.y.name, samples.features, len(samples.names)) == (label, ["value"], 12)
    assert samples.y.tolist() in (CLASSES, NUMBERS)


def test_steps_are_in_the_order_of_their_numbers(tmp_path):
    text = lines(rows(last=CLASSES), ["x10", "x9", "x2", "x11", "x1", "label"])
    samples = sk.read_sequences(write(tmp_path, text), label="label")
    np.testing.assert_allclose(samples.x[0][:, 0], VALUES[0, [4, 2, 1, 0, 3]], rtol=1e-6)


def test_columns_of_several_prefixes_are_features(tmp_path):
    header = ["id", "acc_x_0", "acc_x_1", "acc_x_2", "acc_y_0", "acc_y_1", "acc_y_2", "label"]
    table = [[f"s{at}", *range(at, at + 6), "ab"[at % 2]] for at in range(6)]
    samples = sk.read_sequences(write(tmp_path, lines(table, header)), label="auto")
    assert samples.features == ["acc_x", "acc_y"]
    assert samples.x[1].tolist() == [[1, 4], [2, 5], [3, 6]]
    assert samples.names.tolist() == [f"s{at}" for at in range(6)]


def test_missing_steps_at_the_end_make_a_shorter_series(tmp_path):
    table = rows(last=CLASSES)
    table[2][3:5] = ["", "NaN"]
    samples = sk.read_sequences(write(tmp_path, lines(table, [*STEPS, "label"])), label="label")
    assert [len(series) for series in samples.x[:4]] == [5, 5, 3, 5]


def test_a_name_for_each_row_does_not_make_series_of_one_step(tmp_path):
    table = [[f"s{at}", *row] for at, row in enumerate(rows(last=CLASSES))]
    path = write(tmp_path, lines(table, ["id", *STEPS, "label"]))
    samples = sk.read_sequences(path, series="id", label="label")
    assert {series.shape for series in samples.x} == {(5, 1)}
    assert samples.y["s1"] == "down"


def test_without_a_label_every_numbered_column_is_a_step(tmp_path):
    samples = sk.read_sequences(write(tmp_path, lines(rows(), STEPS)))
    assert (samples.y, len(samples.x), samples.x[0].shape) == (None, 12, (5, 1))


def test_a_column_that_is_no_step_is_left_out_with_a_word(tmp_path):
    path = write(tmp_path, lines([[7, *row] for row in rows(last=CLASSES)], ["age", *STEPS, "label"]))
    with pytest.warns(sk.SeqkitWarning, match="left out: 'age', which are no numbered steps"):
        samples = sk.read_sequences(path, label="label")
    assert samples.x[0].shape == (5, 1)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (lines(rows(last=CLASSES), ["width", "length", "depth", "mass", "age", "kind"]), "no steps of series.*series="),
        (
            lines(rows(first=NUMBERS, last=NUMBERS)),
            "which column holds the classes: 'column 1', 'column 7'",
        ),
        (lines(rows(), STEPS), "which column holds the classes: 't0', 't4'"),
        (lines(rows(first=["a", *CLASSES[1:-1], ""]), ["label", *STEPS]), "1 rows have no label in column 'label'"),
    ],
)
def test_what_is_not_clear_is_asked_in_words(tmp_path, text, message):
    with pytest.raises(sk.InvalidValue, match=f"read_sequences: .*{message}"):
        sk.read_sequences(write(tmp_path, text), label="auto")
