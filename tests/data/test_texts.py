"""Raw strings: told from numbers, and refused by their place where they are none."""

import numpy as np
import pandas as pd
import pytest
import tensorflow as tf

from seqkit.data.texts import as_texts, is_text


@pytest.mark.parametrize(
    "texts",
    [
        ["a", "b"],
        ("a", "b"),
        np.array(["a", "b"]),
        np.array(["a", "b"], object),
        pd.Series(["a", "b"]),
        pd.Index(["a", "b"]),
    ],
)
def test_texts_of_every_kind_become_a_list(texts):
    assert is_text(texts)
    assert as_texts("fit", texts) == ["a", "b"]


@pytest.mark.parametrize("x", [[], [1, 2], np.zeros(2), pd.Series([1.0]), None, 3, {"a": 1}, [["a"]]])
def test_what_holds_no_string_is_no_text(x):
    assert not is_text(x)


@pytest.mark.parametrize(
    ("x", "error", "message"),
    [
        (None, TypeError, "fit: a list of texts is needed, got None"),
        (5, TypeError, "fit: a list of texts is needed, got 5"),
        (b"a", TypeError, "got b'a'"),
        ({"a": 1}, TypeError, "got {'a': 1}"),
        (np.array("a"), TypeError, "a list of texts is needed, got array"),
        ("a", TypeError, r"got one string. Pass \[text\]"),
        (iter(["a"]), TypeError, r"which can be read only once. Pass list\(texts\)"),
        (pd.DataFrame({"a": ["b"]}), TypeError, "one column of texts is needed, got a DataFrame. Choose a column"),
        (["a", 3], TypeError, "text number 1 is 3, an int; strings are needed"),
        (["a", None], TypeError, "text number 1 is None, a NoneType; .*An empty text is ''"),
        (["a", "b\udc80"], ValueError, r"text number 1 has half of a character pair, '\\udc80', at place 1"),
        ([], ValueError, "fit: no texts at all"),
    ],
)
def test_what_is_no_list_of_texts_is_refused_in_words(x, error, message):
    with pytest.raises(error, match=message):
        as_texts("fit", x)


def test_a_tensor_of_strings_is_read_and_wrongly_encoded_ones_are_refused():
    assert as_texts("here", tf.constant(["one", "我"])) == ["one", "我"]
    with pytest.raises(ValueError, match="here: text number 1 has half of a character pair"):
        as_texts("here", tf.constant(["one", b"\xff"]))
