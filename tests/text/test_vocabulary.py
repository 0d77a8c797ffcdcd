"""Text to numbers and back: one splitting, in Python and inside a graph."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from seqkit.text.splitting import separate, split_words
from seqkit.text.vocabulary import END, PADDING, START, UNKNOWN, Vocabulary

TEXTS = ["So good, so far!", "don't", "我喜欢 LSTM。", "", "🙂 good 🙂"]


@pytest.fixture(scope="module")
def vocabulary():
    return Vocabulary.learn(TEXTS)


# Splitting


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("Not bad, is it?", ["not", "bad", ",", "is", "it", "?"]),
        ("I don't; we’re so-so at rock'n'roll", ["i", "don't", ";", "we’re", "so-so", "at", "rock'n'roll"]),
        ('"Wow" (really)...', ['"', "wow", '"', "(", "really", ")", ".", ".", "."]),
        ("2 of 10 in snake_case", ["2", "of", "10", "in", "snake_case"]),
        ("100% @home #1 a/b 3.5", ["100", "%", "@", "home", "#", "1", "a", "/", "b", "3", ".", "5"]),
        ("  many \t spaces\nand\u3000wide\u00a0or fixed ", ["many", "spaces", "and", "wide", "or", "fixed"]),
        ("我喜欢它。", ["我", "喜", "欢", "它", "。"]),
        ("これはテスト", ["こ", "れ", "は", "テ", "ス", "ト"]),
        ("我用LSTM做NLP，好！", ["我", "用", "lstm", "做", "nlp", "，", "好", "！"]),
        ("한국어 사랑", ["한국어", "사랑"]),
        ("Café NAÏVE Ärger İ", ["café", "naïve", "ärger", "i̇"]),
        ("cafe\u0301 ok", ["cafe\u0301", "ok"]),  # an accent that is a character of its own stays with its letter
        ("Привет, МИР", ["привет", ",", "мир"]),
        ("good 🙂🙂 !", ["good", "🙂", "🙂", "!"]),
        ("", []),
        (" \t\n", []),
    ],
)
def test_a_text_is_split_into_words_marks_and_characters_of_unspaced_scripts(text, tokens):
    assert split_words([text]) == [tokens]


def test_texts_are_split_each_by_itself():
    assert split_words(TEXTS[:2]) == [["so", "good", ",", "so", "far", "!"], ["don't"]]
    assert split_words([]) == []
    assert split_words(np.array(["a b", "c"])) == [["a", "b"], ["c"]]


READABLE = st.characters(exclude_categories=["Cs"], exclude_characters="\0")  # what files can hold, but for NUL


@given(st.text(READABLE, max_size=20))
@settings(deadline=None, max_examples=50)
def test_what_has_been_split_stays_as_it_is(text):
    (tokens,) = split_words([text])
    assert split_words(tokens) == [[token] for token in tokens]
    assert split_words([" ".join(tokens)]) == [tokens]


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        ("one text", "split_words: a list of texts is needed, got one string. Pass \\[text\\]"),
        (["one", None], "split_words: text number 1 is None, a NoneType; strings are needed"),
        ([b"one"], "split_words: text number 0 is b'one', a bytes; strings are needed"),
    ],
)
def test_what_is_no_list_of_strings_is_not_split(texts, message):
    with pytest.raises(TypeError, match=message):
        split_words(texts)


# Learning


def test_words_are_learnt_most_frequent_first_and_then_by_the_alphabet(vocabulary):
    assert vocabulary.words[:4] == ("good", "so", "🙂", "!")
    assert set(vocabulary.words) == {"so", "good", ",", "far", "!", "don't", *"我喜欢", "lstm", "。", "🙂"}
    assert len(vocabulary) == len(vocabulary.words) + 2


def test_no_more_words_are_learnt_than_most_words():
    assert Vocabulary.learn(TEXTS, most_words=3).words == ("good", "so", "🙂")


def test_words_that_occur_less_often_than_least_count_are_left_out():
    assert Vocabulary.learn([*TEXTS, "so far"], least_count=3).words == ("so",)
    assert Vocabulary.learn([*TEXTS, "so far"], least_count=2).words == ("so", "far", "good", "🙂")


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: Vocabulary([]), ValueError, "Vocabulary: no words. Pass texts with words in them, or a lower least_"),
        (lambda: Vocabulary.learn(["", " "]), ValueError, "no words"),
        (lambda: Vocabulary.learn(TEXTS, least_count=7), ValueError, "or a lower least_count"),
        (lambda: Vocabulary(["so", "far", "so"]), ValueError, "the word 'so' is there twice. Name each word once"),
        (lambda: Vocabulary([None]), TypeError, "Vocabulary: a word must be text, got None. Use str"),
        (lambda: Vocabulary(["so", 5]), TypeError, "a word must be text, got 5"),
        (lambda: Vocabulary(["so"]).join([[-1]]), ValueError, "Vocabulary.join: -1 is the number of no word.*0 to 2"),
        (lambda: Vocabulary(["so"]).decode([[2, 3]]), ValueError, "Vocabulary.decode: 3 is the number of no word"),
        (lambda: Vocabulary("so"), TypeError, "a list of words is needed, got 'so'"),
        (lambda: Vocabulary.learn("so far"), TypeError, "a list of texts is needed, got one string"),
        (
            lambda: Vocabulary.learn(TEXTS, most_words=0),
            ValueError,
            "Vocabulary.learn: most_words must be 1 or more, got 0",
        ),
        (lambda: Vocabulary.learn(TEXTS, least_count=1.5), TypeError, "least_count must be a whole number, got 1.5"),
        (lambda: Vocabulary(["so"]).encode("so"), TypeError, "Vocabulary.encode: a list of texts is needed"),
        (lambda: Vocabulary(["so"]).encode(["so", 5]), TypeError, "Vocabulary.encode: text number 1 is 5, an int"),
    ],
)
def test_what_makes_no_vocabulary_is_refused(make, error, message):
    with pytest.raises(error, match=message):
        make()


# Numbers


def test_words_are_numbered_from_two_in_their_order_and_padded_at_the_end():
    numbers = Vocabulary(["so", "far", ","]).encode(["So far, so", "FAR"])
    assert numbers.tolist() == [[2, 3, 4, 2], [3, 0, 0, 0]]


def test_all_unknown_words_share_one_number():
    assert Vocabulary(["so"]).encode(["so unheard of 好"]).tolist() == [[2, UNKNOWN, UNKNOWN, UNKNOWN]]


def test_an_empty_text_is_padding_alone():
    assert Vocabulary(["so"]).encode(["", " "]).tolist() == [[PADDING], [PADDING]]
    assert Vocabulary(["so"]).encode([]).shape == (0, 1)


def test_numbers_are_decoded_to_the_tokens_they_were_made_from(vocabulary):
    assert vocabulary.decode(vocabulary.encode(TEXTS)) == split_words(TEXTS)
    assert vocabulary.decode(vocabulary.encode(["so unheard"])) == [["so", "[UNK]"]]


# Inside a graph


def test_the_layer_inside_a_graph_gives_the_numbers_of_encode(vocabulary):
    texts = [*TEXTS, "Unheard 好-of’s, so"]
    traced = tf.function(lambda strings: vocabulary.layer(strings), input_signature=[tf.TensorSpec([None], tf.string)])
    np.testing.assert_array_equal(traced(tf.constant(texts)), vocabulary.encode(texts))
    model = keras.Sequential([keras.Input((), dtype="string"), vocabulary.layer])
    np.testing.assert_array_equal(model(tf.constant(texts)), vocabulary.encode(texts))


def test_there_is_one_layer_so_that_graphs_share_its_table(vocabulary):
    assert vocabulary.layer is vocabulary.layer


def test_the_layer_is_saved_and_loaded_with_its_words(vocabulary, tmp_path):
    keras.Sequential([keras.Input((), dtype="string"), vocabulary.layer]).save(tmp_path / "words.keras")
    loaded = keras.models.load_model(tmp_path / "words.keras")
    np.testing.assert_array_equal(loaded(tf.constant(TEXTS)), vocabulary.encode(TEXTS))


def test_separating_keeps_the_shape_of_the_strings():
    assert separate(tf.constant([["So,far"], ["好"]])).numpy().tolist() == [[b"so , far"], [" 好 ".encode()]]


# Splittings, marks and the way back


@pytest.mark.parametrize(
    ("splitting", "lower", "tokens"),
    [
        ("words", False, ["It", "'s", "OK", "!"]),
        ("spaces", True, ["it", "'s", "ok!"]),
        ("spaces", False, ["It", "'s", "OK!"]),
        ("characters", True, ["i", "t", " ", "'", "s", " ", "o", "k", "!"]),
    ],
)
def test_a_vocabulary_splits_as_it_is_told(splitting, lower, tokens):
    text = "It 's OK!"
    vocabulary = Vocabulary.learn([text], by=splitting, lower=lower)
    assert vocabulary.split([text]) == [tokens]
    assert vocabulary.decode(vocabulary.encode([text])) == [tokens]
    assert vocabulary.join(vocabulary.encode([text])) == [
        " ".join(tokens) if splitting != "characters" else text.lower()
    ]


def test_marks_are_numbered_first_and_left_out_of_the_text():
    vocabulary = Vocabulary.learn(["b a b"], marks=(START, END))
    assert vocabulary.words == (START, END, "b", "a")
    assert [vocabulary.number_of(word) for word in (START, END, "b", "z")] == [2, 3, 4, UNKNOWN]
    assert vocabulary.join([[2, 4, 5, 3, 0]]) == ["b a"]


@pytest.mark.parametrize("splitting", ["words", "characters"])
def test_a_graph_joins_as_python_does(splitting):
    vocabulary = Vocabulary.learn(["ab cd ä"], by=splitting, marks=(START, END))
    numbers = np.array([[2, 4, 5, 3, 0], [0, 0, 0, 0, 0], [1, 6, 3, 0, 0]])
    joined = tf.function(vocabulary.joined)(numbers)
    assert [text.decode() for text in joined.numpy()] == vocabulary.join(numbers)


def test_marks_alone_are_no_vocabulary():
    with pytest.raises(ValueError, match="no words"):
        Vocabulary.learn(["rare words"], least_count=2, marks=(START, END))


def test_an_unknown_splitting_is_refused():
    with pytest.raises(ValueError, match="Vocabulary: by must be one of .* got 'sentences'"):
        Vocabulary(["a"], by="sentences")
