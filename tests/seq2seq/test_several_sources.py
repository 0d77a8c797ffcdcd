"""Sources of several texts: an article and a question, encoded apart, answered by one decoder."""

import functools

import keras
import numpy as np
import pytest
import tensorflow as tf
from said import live_words, served_words
from tiny_seq2seq import TINY, shaken

import seqkit as sk
from seqkit.seq2seq.sources import SEPARATOR

ARTICLES = ["ann is in rome .", "bob and ann slept", "the dog ran far", "no one sat"]
QUESTIONS = ["where is ann ?", "who slept ?", "what ran ?", ""]
ANSWERS = ["rome", "bob and ann", "the dog", "no one"]
PAIR = (ARTICLES, QUESTIONS)
NAMED = {"article": ARTICLES, "question": QUESTIONS}


def build(sources=PAIR, **options):
    return shaken(sk.build_seq2seq(like=(sources, ANSWERS), **{**TINY, **options}), 2.0)


@functools.cache
def built():
    """A model for the tests that change nothing in it."""
    keras.utils.set_random_seed(7)
    return build()


ARRAYS = pytest.param(tuple(map(np.array, PAIR)), marks=pytest.mark.slow, id="arrays")


@pytest.mark.parametrize("sources", [pytest.param(PAIR, id="tuple"), pytest.param(NAMED, id="dict"), ARRAYS])
def test_each_form_trains_answers_and_is_saved(sources, tmp_path):
    model = build(sources)
    assert model.settings.source_names == (
        ("article", "question") if isinstance(sources, dict) else ("text_1", "text_2")
    )
    history = model.fit(sources, ANSWERS, validation_data=(sources, ANSWERS), verbose=0).history
    assert np.isfinite([*history["loss"], *history["val_loss"]]).all()
    answers = model.translate(sources)
    assert len(answers) == 4
    model.save(tmp_path / "model.keras")
    assert keras.models.load_model(tmp_path / "model.keras").translate(sources) == answers


@pytest.mark.parametrize("bidirectional", [False, True])
def test_the_texts_are_encoded_apart(bidirectional):
    """Another question changes nothing in what the encoder makes of the article."""
    model = build(bidirectional=bidirectional)
    outputs = []
    for question in ("who slept ?", "where is bob in rome ?"):
        source = model.network_input(([ARTICLES[0]], [question]), "test")[0]
        outputs.append(np.array(model.network.encode(source).fixed["source"])[0, :5])
    np.testing.assert_allclose(*outputs, atol=1e-6)
    assert np.ptp(outputs[0]) > 0.01


def test_both_texts_change_the_answer_and_the_separator_has_no_attention():
    model = built()
    code = model.encode((ARTICLES[:1] * 2, ["who slept ?", "where is ann ?"]))
    assert np.abs(code[0] - code[1]).max() > 1e-3
    code = model.encode((ARTICLES[:2], ["who slept ?"] * 2))
    assert np.abs(code[0] - code[1]).max() > 1e-3
    for alignment in model.alignments(PAIR, beam=2):
        place = alignment.source.index(SEPARATOR)
        assert not alignment.weights[:, place].any()
        np.testing.assert_allclose(alignment.weights.sum(axis=1), 1, atol=1e-5)


def test_alone_in_a_batch_or_beside_others_each_sample_has_the_same_code():
    model = built()
    together = model.encode(PAIR)
    alone = [model.encode(([article], [question]))[0] for article, question in zip(*PAIR, strict=True)]
    np.testing.assert_allclose(together, alone, atol=1e-5)


def test_a_saved_model_takes_the_texts_by_name(tmp_path):
    model = build(NAMED)
    model.export(tmp_path / "served")
    served = tf.saved_model.load(tmp_path / "served")
    answers = served.serve({name: tf.constant(texts) for name, texts in NAMED.items()})
    assert [text.decode() for text in answers["text"].numpy()] == model.translate(NAMED)
    translated = served.translate(
        {name: tf.constant(texts) for name, texts in NAMED.items()}, tf.constant(1), tf.constant(1.0)
    )
    assert [text.decode() for text in translated["text"].numpy()] == model.translate(NAMED, beam=1)
    for texts in ({**NAMED, "question": ["where"]}, {**NAMED, "article": [f"so {SEPARATOR}"] * len(ANSWERS)}):
        given = {name: tf.constant(column) for name, column in texts.items()}
        said = served_words(lambda given=given: served.serve(given))
        assert said == live_words(lambda texts=texts: model.translate(texts))


def test_the_recipe_takes_several_sources():
    articles, questions, answers = (texts * 5 for texts in (ARTICLES, QUESTIONS, ANSWERS))
    model = sk.train_seq2seq({"article": articles, "question": questions}, answers, epochs=1, **TINY)
    assert model.settings.source_names == ("article", "question")
    assert len(model.predict((articles, questions), verbose=0)) == 20


@pytest.mark.parametrize("vocabulary", [["the", "ann", "where"], (["ann", "where"], ["rome"])])
def test_a_vocabulary_of_ones_own_goes_with_several_texts(vocabulary):
    model = build(vocabulary=vocabulary)
    assert len(model.translate(PAIR)) == 4


def test_a_dict_of_one_text_names_the_input_of_the_saved_model(tmp_path):
    model = build({"article": ARTICLES})
    model.export(tmp_path / "served")
    served = tf.saved_model.load(tmp_path / "served")
    text = served.serve({"article": tf.constant(ARTICLES)})["text"]
    assert [one.decode() for one in text.numpy()] == model.translate({"article": ARTICLES})


def test_string_tensors_are_read():
    model = built()
    assert model.translate(tuple(map(tf.constant, PAIR))) == model.translate(PAIR)
    one = sk.build_seq2seq(like=(ARTICLES, ANSWERS), **TINY)
    assert one.translate(tf.constant(ARTICLES)) == one.translate(ARTICLES)
    assert one.predict(tf.constant(ARTICLES), verbose=0).tolist() == one.translate(ARTICLES)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: built().translate(ARTICLES), "reads 2 texts of each sample, 'text_1', 'text_2', got list"),
        (
            lambda: built().translate(list(zip(*PAIR, strict=True))[:2]),
            r"got list. Pass a tuple .* \(\[article\], \[question\]\)",
        ),
        (lambda: build({"an article": ARTICLES, "q": QUESTIONS}), "the text 'an article' of a sample names an input"),
        (lambda: build({"beam": ARTICLES, "q": QUESTIONS}), "the text 'beam' of a sample"),
        (lambda: build({1: ARTICLES, 2: QUESTIONS}), "the text 1 of a sample"),
        (lambda: build(NAMED).translate({"article": ARTICLES}), "got a dict of 'article'"),
        (lambda: built().fit((ARTICLES, QUESTIONS[:3]), ANSWERS), r"differ in length: \{'text_1': 4, 'text_2': 3\}"),
        (lambda: built().fit(PAIR, ANSWERS[:3]), "4 sources and 3 targets"),
        (
            lambda: build(([*ARTICLES[:3], f"a {SEPARATOR} b"], QUESTIONS)),
            "text number 3 of 'text_1' has the character",
        ),
        (lambda: built().translate((ARTICLES, [None] * 4)), "text_2: text number 0 is None"),
        (lambda: sk.build_seq2seq(like=PAIR, autoencoder=True, **TINY), "an autoencoder writes its source again"),
        (
            lambda: sk.build_seq2seq(like=(ARTICLES, ANSWERS), **TINY).translate(PAIR),
            "reads one text of each sample, got 2 lists of texts",
        ),
    ],
)
def test_other_sources_are_refused_in_words(call, message):
    with pytest.raises((TypeError, ValueError), match=message):
        call()
