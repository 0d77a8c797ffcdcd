"""CSV to labelled samples: texts a row each, series a row a step."""

from pathlib import Path

import numpy as np
import pytest

import seqkit as sk
from seqkit.data.samples import read_sequences, read_texts

DATA = Path(__file__).parents[2] / "data"
LONG = "id;t;warm;wet;kind\na;2;1,5;2;up\na;1;2,5;3;up\nb;1;1;1;down\n"


def write(folder, content, encoding="utf-8"):
    path = folder / "samples.csv"
    path.write_bytes(content.encode(encoding))
    return path


def test_texts_keep_their_commas_and_an_empty_cell_is_the_empty_text(tmp_path):
    texts = read_texts(write(tmp_path, 'said,kind\n"good, very",pos\n,neg\nbad,neg\n'), text="said", label="kind")
    assert texts.x == ["good, very", "", "bad"]
    assert list(texts.y) == ["pos", "neg", "neg"]
    assert list(texts.names) == [0, 1, 2]
    assert texts.features == []


def test_chinese_in_gb18030_is_read_as_it_is(tmp_path):
    texts = read_texts(
        write(tmp_path, "文本,类\n我喜欢这部电影,好\n我不喜欢这部电影,坏\n", "gb18030"), text="文本", label="类"
    )
    assert texts.x == ["我喜欢这部电影", "我不喜欢这部电影"]
    assert list(texts.y) == ["好", "坏"]


def test_texts_without_a_label_column_have_no_labels(tmp_path):
    assert read_texts(write(tmp_path, "said\nyes\nno\n"), text="said").y is None


def test_series_are_sorted_by_time_and_a_decimal_comma_is_read(tmp_path):
    samples = read_sequences(write(tmp_path, LONG), series="id", time="t", label="kind")
    np.testing.assert_array_equal(samples.x[0], [[2.5, 3], [1.5, 2]])
    np.testing.assert_array_equal(samples.x[1], [[1, 1]])
    assert (list(samples.y), list(samples.names), samples.features) == (["up", "down"], ["a", "b"], ["warm", "wet"])


def test_numbers_of_steps_are_sorted_as_numbers_not_as_text(tmp_path):
    rows = "".join(f"a,{step},{step * 10}\n" for step in (11, 2, 7))
    samples = read_sequences(write(tmp_path, f"id,t,x\n{rows}"), series="id", time="t")
    assert samples.x[0][:, 0].tolist() == [20, 70, 110]


def test_only_the_named_features_are_read(tmp_path):
    samples = read_sequences(write(tmp_path, LONG), series="id", time="t", label="kind", features=["wet"])
    assert (samples.features, samples.x[0].shape) == (["wet"], (2, 1))


@pytest.mark.parametrize(
    ("content", "options", "message"),
    [
        (
            "said,kind\nyes,\nno,b\n",
            {"text": "said", "label": "kind"},
            "1 rows have no label in column 'kind', .* line 2",
        ),
        ("said,kind\nyes,a\n", {"text": "sad"}, "column 'sad' is not in the table, .* Did you mean 'said'?"),
        ("", {"text": "said"}, "read_texts: .*samples.csv: the file is empty"),
    ],
)
def test_texts_are_refused_in_words(tmp_path, content, options, message):
    with pytest.raises(ValueError, match=message):
        read_texts(write(tmp_path, content), **options)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (LONG.replace("2,5", "two"), "line 3, column 'warm': 'two' is not a finite number"),
        (LONG.replace("a;1;", "a;2;"), "sequence 'a' has two rows at t"),
        (LONG.replace("3;up", "3;down"), "sequence 'a' has 2 labels in column 'kind'"),
        (LONG.replace("b;1;1;1;down", ";1;1;1;down"), "1 rows name no sequence in column 'id'"),
    ],
)
def test_series_are_refused_in_words(tmp_path, content, message):
    with pytest.raises(ValueError, match=message):
        read_sequences(write(tmp_path, content), series="id", time="t", label="kind")


WORDS = ["NA", "None", "null", "-", "?", ".", "nan"]


@pytest.mark.parametrize("word", WORDS)
def test_words_that_mean_missing_elsewhere_are_texts_labels_and_names(tmp_path, word):
    texts = read_texts(write(tmp_path, f"said,kind\n{word},yes\nwell,{word}\n"), text="said", label="kind")
    assert (texts.x, texts.y.tolist()) == ([word, "well"], ["yes", word])
    series = read_sequences(write(tmp_path, f"id,x,kind\n{word},1,{word}\nb,2,up\n"), series="id", label="kind")
    assert (series.names.tolist(), series.y.tolist()) == ([word, "b"], [word, "up"])


def test_texts_keep_their_lines_and_blanks(tmp_path):
    texts = read_texts(write(tmp_path, 'said,kind\n"first line\nsecond line",a\n" b ",c\n'), text="said")
    assert texts.x == ["first line\nsecond line", " b "]


def test_labels_and_names_have_no_blanks_at_their_ends(tmp_path):
    table = write(tmp_path, 'id,x,kind\n"a ",1," up"\na,2,up\nb,3,"down "\n')
    samples = read_sequences(table, series="id", label="kind")
    assert (samples.names.tolist(), samples.y.tolist()) == (["a", "b"], ["up", "down"])


def test_a_name_written_in_two_ways_is_warned_of(tmp_path):
    table = write(tmp_path, "id,x\n1,1\n1.0,2\n2,3\n")
    with pytest.warns(sk.SeqkitWarning, match="the series '1' and '1.0' count as two, but may be one"):
        assert len(read_sequences(table, series="id").x) == 3


def test_a_column_of_text_beside_the_features_is_left_out_with_a_word(tmp_path):
    table = write(tmp_path, "id,place,x,note\na,north,1,\na,north,2,\nb,south,3,\n")
    with pytest.warns(
        sk.SeqkitWarning, match=r"left out: 'place' \(holds text\), 'note' \(is empty\).*features=\['x'\]"
    ):
        assert read_sequences(table, series="id").features == ["x"]


def test_a_table_without_features_is_refused_in_words(tmp_path):
    table = write(tmp_path, "id,t,kind\na,1,up\na,2,up\nb,1,down\n")
    with pytest.raises(sk.InvalidValue, match="read_sequences: .*no column is left for the features"):
        read_sequences(table, series="id", time="t", label="kind")


def test_the_shipped_samples_read():
    digits = read_sequences(DATA / "digits.csv", series="picture", time="row", label="digit")
    assert (len(digits.x), digits.x[0].shape, digits.y.nunique()) == (400, (8, 8), 10)
    verses = read_texts(DATA / "verses.csv", text="text", label="book")
    assert verses.y.value_counts().to_dict() == dict.fromkeys(["Genesis", "Psalms", "Proverbs", "Mark"], 300)


def test_a_cell_that_is_no_number_names_the_features_that_are(tmp_path):
    with pytest.raises(ValueError, match=r"take only columns that hold numbers: features=\['wet'\]"):
        read_sequences(write(tmp_path, LONG.replace("2,5", "two")), series="id", time="t", label="kind")


def test_a_file_that_is_not_there_is_refused_under_the_readers_own_name(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"^read_texts: .*there is no such file"):
        read_texts(tmp_path / "none.csv", text="said")
