"""A Vocabulary brings its own choices; which arguments of a builder may stand beside it, and which may not."""

import inspect

import numpy as np
import pytest

import seqkit as sk
from seqkit import Vocabulary

TEXTS = ["so it is", "So so!"]
TINY = {"units": 2, "embedding": 3, "cell": "simple_rnn", "dropout": 0.0}
FOUR = ("by", "lower", "most_words", "least_count")
# What each builder needs beside vocabulary=, what it needs to learn one, and the shorthands that it has.
BUILDERS = {
    "build_classifier": ({"labels": ["a", "b"]}, {"like": TEXTS}, ("most_words",)),
    "build_tagger": ({"tags": ["a", "b"], "characters": 2}, {"like": TEXTS}, ("by", "most_words")),
    "build_language_model": ({}, {"like": TEXTS}, FOUR),
    "build_seq2seq": ({}, {"like": (TEXTS, TEXTS)}, FOUR),
    "build_captioner": ({}, {"like": (np.eye(2), TEXTS)}, FOUR),
}
DEFAULTS = {"by": "words", "lower": True, "most_words": 20_000, "least_count": 1}  # of few words
SHORTHANDS = [(name, shorthand) for name, (_, _, shorthands) in BUILDERS.items() for shorthand in shorthands]


def make(name, vocabulary, **options):
    needs = BUILDERS[name][0] | ({"image_shape": (2,)} if name == "build_captioner" else {})
    return getattr(sk, name)(vocabulary=vocabulary, **needs, **TINY, **options)


def learn(name, **options):
    needs, like, _ = BUILDERS[name]
    return getattr(sk, name)(**needs, **like, **TINY, **options)


def words_of(model):
    settings = model.settings
    words = settings.target_words if hasattr(settings, "target_words") else settings.words
    return tuple(word for word in words if word not in ("[START]", "[END]"))


def test_every_builder_that_takes_a_vocabulary_is_in_the_table():
    builders = {name: getattr(sk, name) for name in sk.__all__ if name.startswith("build_")}
    parameters = {name: inspect.signature(build).parameters for name, build in builders.items()}
    assert {name for name, arguments in parameters.items() if "vocabulary" in arguments} == set(BUILDERS)
    for name, (_, _, shorthands) in BUILDERS.items():
        assert {shorthand for shorthand in FOUR if shorthand in parameters[name]} == set(shorthands)


def test_vocabulary_is_public():
    assert "Vocabulary" in sk.__all__
    assert sk.Vocabulary.learn(TEXTS, by="words", lower=True, most_words=2, least_count=1).words == ("so", "!")


@pytest.mark.parametrize("name", BUILDERS)
def test_a_vocabulary_and_a_list_of_its_words_are_taken(name):
    vocabulary = Vocabulary.learn(TEXTS, most_words=3)
    model = make(name, vocabulary)
    assert words_of(model) == ("so", "!", "is")
    assert model.settings == make(name, ["so", "!", "is"]).settings


@pytest.mark.parametrize("name", ["build_tagger", "build_language_model", "build_seq2seq", "build_captioner"])
def test_a_vocabulary_says_how_texts_are_split(name):
    settings = make(name, Vocabulary(["so", "is!"], by="spaces")).settings
    assert getattr(settings, "splitting", None) == "spaces" or settings.splittings == ("spaces", "spaces")
    assert make(name, ["so", "is!"], by="spaces").settings == settings


@pytest.mark.parametrize(("name", "shorthand"), SHORTHANDS)
def test_a_shorthand_beside_a_vocabulary_is_refused(name, shorthand):
    way_out = rf"Pass it to Vocabulary.learn\(texts, {shorthand}=...\), or leave it out"
    with pytest.raises(ValueError, match=f"{name}: {shorthand}=.* stands beside vocabulary=.* {way_out}"):
        make(name, Vocabulary(["so"]), **{shorthand: DEFAULTS[shorthand]})


@pytest.mark.parametrize(("name", "shorthand"), [pair for pair in SHORTHANDS if pair[1] not in ("by", "lower")])
def test_how_many_words_to_learn_is_refused_beside_a_list_of_words(name, shorthand):
    with pytest.raises(ValueError, match=f"{name}: {shorthand}=5 chooses among words to learn.*Vocabulary.learn"):
        make(name, ["so"], **{shorthand: 5})


@pytest.mark.parametrize("name", ["build_language_model", "build_seq2seq", "build_captioner"])
def test_a_list_of_words_is_read_in_the_case_that_is_asked_for(name):
    settings = make(name, ["So", "it"], lower=False).settings
    assert not settings.lower
    assert make(name, Vocabulary(["So", "it"], lower=False)).settings == settings


@pytest.mark.parametrize(("name", "shorthand"), SHORTHANDS)
def test_a_shorthand_left_out_stands_for_its_default(name, shorthand):
    assert learn(name).settings == learn(name, **{shorthand: DEFAULTS[shorthand]}).settings


@pytest.mark.parametrize(("name", "shorthand"), [pair for pair in SHORTHANDS if pair[1] == "most_words"])
def test_a_shorthand_learns_what_the_vocabulary_learns(name, shorthand):
    assert words_of(learn(name, **{shorthand: 2})) == Vocabulary.learn(TEXTS, **{shorthand: 2}).words == ("so", "!")


def test_each_side_of_an_encoder_decoder_may_have_its_own():
    pair = make("build_seq2seq", (["one"], Vocabulary(["e", "i"], by="characters"))).settings
    assert (pair.source_words, pair.target_words[2:]) == (("one",), ("e", "i"))
    assert pair.splittings == ("words", "characters")
    for wrong in (5, "one", [], [Vocabulary(["a"])] * 3, ["one", Vocabulary(["a"])]):
        with pytest.raises(TypeError, match="build_seq2seq: vocabulary= must be a Vocabulary or a list of words, or a"):
            make("build_seq2seq", wrong)


def test_what_a_classifier_or_a_tagger_cannot_read_is_refused():
    with pytest.raises(ValueError, match="a classifier reads lower-cased words, .* by='characters' and lower=True"):
        make("build_classifier", Vocabulary(["s", "o"], by="characters"))
    with pytest.raises(ValueError, match="a tagger reads lower-cased words, .* lower=False. Learn one with lower=True"):
        make("build_tagger", Vocabulary(["so"], lower=False))


def test_a_recipe_passes_vocabulary_and_shorthands_on():
    options = {"epochs": 1, "seed": 7, **TINY}
    letters = Vocabulary.learn(["la la"], by="characters")
    model = sk.train_language_model("la la " * 7, validation=" ", vocabulary=letters, **options)
    assert model.vocabulary.words[2:] == ("a", "l", " ")
    again = sk.train_language_model("la la " * 7, validation=" ", by="characters", most_words=3, **options)
    assert again.vocabulary.by == "characters"
    with pytest.raises(ValueError, match="build_language_model: by='words' stands beside vocabulary="):
        sk.train_language_model("la la " * 7, validation="la", vocabulary=letters, by="words", **options)
