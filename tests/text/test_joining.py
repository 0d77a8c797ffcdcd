"""Tokens to text: spaces where a script has them, and none where it has none."""

import pytest
import tensorflow as tf

from seqkit.text.joining import as_strings, join_to_prompts, join_words
from seqkit.text.splitting import split_words
from seqkit.text.vocabulary import Vocabulary


def joined(words, by="words"):
    (text,) = as_strings(join_words([words], by))
    return text


@pytest.mark.parametrize(
    "text",
    [
        "我爱你",
        "床前明月光，疑是地上霜。",
        "他说：“你好……”。",
        "「はい」と言った。",
        "เดือน",
        "so good so far",
        "我们用 LSTM 和 GRU 模型。",
        "",
    ],
)
def test_text_in_its_own_script_comes_back_as_it_was_written(text):
    assert joined(split_words([text], lower=False)[0]) == text


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["我", "[UNK]", "你"], "我 [UNK] 你"),
        (["never", "\u2014", "\u201c", "no", "\u201d"], "never \u2014 \u201c no \u201d"),
        (["", "我", "", "爱", ""], "我爱"),
        (["我", "爱", "나"], "我爱 나"),
        ([], ""),
    ],
)
def test_spaces_stay_beside_scripts_that_have_them(words, text):
    assert joined(words) == text


def test_text_that_was_split_before_keeps_its_spaces_and_characters_have_none():
    assert joined(["我", "喜欢", "你"], "spaces") == "我 喜欢 你"
    assert joined(["s", "o", " ", "我"], "characters") == "so 我"


@pytest.mark.parametrize(
    ("prompt", "continuation", "by", "text"),
    [
        ("床前 ", "明月光", "words", "床前明月光"),
        ("so good\n", "so far", "words", "so good so far"),
        ("我们用", "LSTM", "words", "我们用 LSTM"),
        ("床 前", "明", "words", "床 前明"),
        ("", "so", "words", "so"),
        ("so", "", "words", "so"),
        ("床前", "明", "spaces", "床前 明"),
        ("so ", "far", "characters", "so far"),
    ],
)
def test_a_continuation_follows_its_prompt_as_the_script_does(prompt, continuation, by, text):
    assert as_strings(join_to_prompts([prompt], tf.constant([continuation]), by)) == [text]


def test_a_vocabulary_joins_as_its_graph_does():
    vocabulary = Vocabulary(["[START]", "[END]", "我", "爱", "lstm", "。"])
    numbers = [[2, 4, 5, 6, 3], [6, 4, 1, 7, 0]]
    assert vocabulary.join(numbers) == ["我爱 lstm", "lstm 我 [UNK] 。"]
    assert as_strings(tf.function(vocabulary.joined)(tf.constant(numbers))) == vocabulary.join(numbers)
