"""build_tagger and Tagger: sentences or series in, the user's own tags out, and still a keras.Model."""

import json

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from tiny_taggers import (
    KNOWN,
    LENGTHS,
    PARTS,
    SENTENCES,
    TAGS,
    TINY,
    WORDS,
    build,
    filled_up,
    settings_of,
    weather,
    weeks,
)

from seqkit.tagging.answers import TaggedToken
from seqkit.tagging.build import build_tagger
from seqkit.tagging.settings import TaggerSettings
from seqkit.text.vocabulary import Vocabulary


@pytest.fixture(scope="module")
def word_model():
    keras.utils.set_random_seed(7)
    return build()


@pytest.fixture(scope="module")
def crf_model():
    keras.utils.set_random_seed(7)
    return build(output="crf")


@pytest.fixture(scope="module")
def series_model():
    keras.utils.set_random_seed(7)
    return build(weeks(), weather(weeks()))


# What the training sequences decide


def test_words_characters_and_tags_are_taken_from_the_training_sentences(word_model):
    settings = word_model.settings
    assert word_model.tags == settings.tags == KNOWN
    assert settings.words[:4] == ("the", "dog", "in", "ran")
    assert len(settings.words) == 15
    assert settings.first_rare == 2 + 5  # the, dog, in, ran, sat come twice or more
    assert set(settings.characters) == set("".join(token for row in SENTENCES for token in row))
    assert (settings.extras, settings.features, settings.spans) == ((), 0, True)
    assert word_model.vocabulary.words == settings.words
    assert {name: array.shape for name, array in word_model.input.items()} == {
        "words": (None, None), "characters": (None, None, None),
    }  # fmt: skip
    assert {name: array.shape for name, array in word_model.output.items()} == {
        "scores": (None, None, 5), "tags": (None, None), "probabilities": (None, None, 5),
    }  # fmt: skip


def test_series_make_a_network_of_any_length(series_model):
    assert series_model.input["series"].shape == (None, None, 2)
    assert series_model.tags == ("down", "same", "up")
    assert (series_model.vocabulary, series_model.settings.spans) == (None, False)


def test_plain_arguments_make_a_network_without_sequences():
    assert build_tagger(features=3, tags=["a", "b"], **TINY).input["series"].shape == (None, None, 3)
    settings = settings_of(vocabulary=["good", "bad"])
    assert (settings.words, settings.characters, settings.first_rare) == (("good", "bad"), ("d", "o", "a", "b", "g"), 4)
    assert settings_of(vocabulary=Vocabulary(["so"]), characters=False).characters == ()
    assert settings_of(like=SENTENCES, tags=TAGS, most_words=3).words == ("the", "dog", "in")


@pytest.mark.parametrize("tags", [[[7, 3], [7]], [np.array([7, 3]), [3]], [(7, 3), (7,)]])
def test_tags_may_be_numbers_and_come_back_as_they_were(tags):
    settings = build_tagger(features=2, tags=tags, **TINY).settings
    loaded = TaggerSettings.from_config(json.loads(json.dumps(settings.to_config())))
    assert settings == loaded
    assert settings.tags == (3, 7)
    assert {type(tag) for tag in loaded.tags} == {int}


def test_spans_are_kept_whole_only_where_those_of_training_are():
    assert settings_of(like=SENTENCES, tags=TAGS).spans
    broken = [["O", "I-NP", "B-VP"] if len(row) == 3 else row for row in TAGS]
    assert not settings_of(like=SENTENCES, tags=broken).spans
    assert not settings_of(features=2, tags=["NOUN", "VERB"]).spans
    assert settings_of(features=2, tags=["B-X", "I-X", "O"]).spans


# Answers


@pytest.mark.parametrize(
    "sentences",
    [np.array(SENTENCES, dtype=object), np.array(["The cat sat.", "So it is!"]), pd.Series(["The cat sat.", "ran"])],
    ids=["objects", "text", "column"],
)
def test_arrays_and_columns_of_sentences_are_read_like_lists(word_model, sentences):
    np.testing.assert_array_equal(word_model.predict(sentences), word_model.predict(list(sentences)))
    tags = word_model.predict_tags(list(sentences))
    assert word_model.evaluate(sentences, tags, verbose=0)[1] == 1
    assert word_model.predict_tags(sentences) == tags


def test_each_sequence_has_as_many_tags_as_it_has_steps_whatever_it_is_padded_to(word_model, series_model):
    for model, sequences in ((word_model, SENTENCES), (series_model, weeks())):
        together = model.predict_tags(sequences)
        assert [len(row) for row in together] == [len(sequence) for sequence in sequences]
        assert together == [model.predict_tags([sequence])[0] for sequence in sequences]
        assert together == model.predict_tags(sequences, batch_size=2)
        assert len({tag for row in together for tag in row}) > 1


def test_probabilities_sum_to_one_and_are_zero_after_the_end(crf_model):
    probabilities = crf_model.predict(SENTENCES)
    assert probabilities.shape == (5, 7, 5)
    steps = np.arange(7)[None] < np.array([len(row) for row in SENTENCES])[:, None]
    np.testing.assert_allclose(probabilities.sum(axis=-1), steps, atol=1e-5)
    tables = crf_model.predict_proba(SENTENCES)
    assert [table.shape for table in tables] == [(len(row), 5) for row in SENTENCES]
    assert (tables[0].columns.tolist(), tables[0].columns.name) == (list(KNOWN), "tag")
    np.testing.assert_allclose(tables[1], probabilities[1, :3], atol=1e-6)


def test_with_softmax_the_tag_of_a_step_is_its_most_probable(word_model):
    for tags, table in zip(word_model.predict_tags(SENTENCES), word_model.predict_proba(SENTENCES), strict=True):
        assert tags == table.idxmax(axis=1).tolist()


def test_with_a_crf_no_span_goes_on_that_has_not_begun(crf_model):
    random = np.random.default_rng(3)
    words = [token for row in SENTENCES for token in row]
    for row in crf_model.predict_tags([random.choice(words, 11).tolist() for _ in range(40)]):
        for before, tag in zip(["O", *row], row, strict=False):
            assert tag != "I-NP" or before in ("B-NP", "I-NP")


def test_a_string_is_split_and_its_tokens_tagged_as_they_are_written(word_model):
    tagged = word_model.tag("The dog sat, in Rome!")
    assert [pair.token for pair in tagged] == ["The", "dog", "sat", ",", "in", "Rome", "!"]
    assert [pair.tag for pair in tagged] == word_model.predict_tags([[pair.token for pair in tagged]])[0]
    assert isinstance(tagged[0], TaggedToken)
    assert word_model.tag(["The dog sat, in Rome!", ""]) == [tagged, []]
    assert word_model.tag("") == word_model.tag([]) == []


def test_raw_strings_are_sentences_too(word_model):
    assert word_model.predict_tags(["A dog ran", "So it is!"]) == word_model.predict_tags(SENTENCES[1:3])
    spaced = build(by="spaces", characters=False)
    assert [pair.token for pair in spaced.tag("do n't, so")] == ["do", "n't,", "so"]


def test_capitals_change_the_characters_but_not_the_word(word_model):
    lower, capital = (word_model.network_input([[word]], "test") for word in ("dog", "Dog"))
    assert lower["words"].tolist() == capital["words"].tolist()
    assert lower["characters"].tolist() != capital["characters"].tolist()
    plain = build(characters=False)
    assert plain.predict([["dog"]]).tolist() == plain.predict([["DOG"]]).tolist()


def test_sentences_without_tokens_and_words_never_seen_are_answered(word_model):
    assert word_model.predict_tags([[], ["Zürich", "☃"], []])[::2] == [[], []]
    assert np.isfinite(word_model.predict([["☃" * 77]])).all()
    arrays = word_model.network_input([[], ["Zürich"]], "test")
    assert arrays["words"].tolist() == [[1], [1]]


def test_series_may_be_one_array_filled_up_with_nan(series_model):
    assert series_model.predict_tags(filled_up(weeks())) == series_model.predict_tags(weeks())
    assert series_model.predict(weeks()).shape == (5, 11, 3)


def test_what_keras_takes_is_taken_too(series_model):
    arrays = series_model.network_input(weeks(), "test")
    places = {tag: place for place, tag in enumerate(series_model.tags)}
    targets = np.full((5, 11), -1)
    for row, tags in zip(targets, weather(weeks()), strict=True):
        row[: len(tags)] = [places[tag] for tag in tags]
    dataset = tf.data.Dataset.from_tensor_slices((arrays, targets)).batch(5)
    ours = series_model.evaluate(weeks(), weather(weeks()), verbose=0)
    assert series_model.evaluate(dataset, verbose=0) == pytest.approx(ours, rel=1e-4)
    outputs = series_model.predict(dataset.map(lambda x, y: x), verbose=0)
    np.testing.assert_allclose(outputs["probabilities"], series_model.predict(weeks()), atol=1e-6)


def test_evaluate_gives_nats_a_step_and_the_share_that_is_right(series_model):
    scores = series_model.evaluate(weeks(), weather(weeks()), return_dict=True, verbose=0)
    tables, predicted = series_model.predict_proba(weeks()), series_model.predict_tags(weeks())
    logs = [np.log(table.loc[step, tag]) for table, row in zip(tables, weather(weeks()), strict=True)
            for step, tag in enumerate(row)]  # fmt: skip
    right = [
        prediction == tag
        for rows in zip(predicted, weather(weeks()), strict=True)
        for prediction, tag in zip(*rows, strict=True)
    ]
    assert scores == pytest.approx({"loss": -np.mean(logs), "accuracy": np.mean(right)}, rel=1e-4)
    assert len(right) == sum(LENGTHS)


def test_with_a_crf_evaluate_gives_the_log_likelihood_of_the_tags_together(crf_model):
    scores = crf_model.evaluate(SENTENCES[1:4], TAGS[1:4], verbose=0, return_dict=True)
    arrays = crf_model.network_input(SENTENCES[1:4], "test")
    targets = np.full((3, 4), -1)
    for row, tags in zip(targets, TAGS[1:4], strict=True):
        row[: len(tags)] = [KNOWN.index(tag) for tag in tags]
    likelihoods = crf_model.get_layer("crf").log_likelihood(crf_model(arrays)["scores"], targets, targets >= 0)
    assert scores["loss"] == pytest.approx(-float(np.sum(likelihoods)) / 8, rel=1e-4)


def test_a_sample_weight_of_zero_leaves_a_sequence_out(series_model):
    unweighted = series_model.evaluate(weeks()[1:3], weather(weeks())[1:3], verbose=0)
    weighted = series_model.evaluate(weeks(), weather(weeks()), sample_weight=[0, 1, 1, 0, 0], verbose=0)
    assert weighted == pytest.approx(unweighted, rel=1e-4)


def test_every_step_counts_alike_in_the_accuracy_however_long_its_batch_is(series_model):
    series, tags = weeks(), weather(weeks())
    accuracy = series_model.evaluate(series, tags, batch_size=1, verbose=0, return_dict=True)["accuracy"]
    correct = [
        tag == true_tag
        for row, true_tags in zip(series_model.predict_tags(series), tags, strict=True)
        for tag, true_tag in zip(row, true_tags, strict=True)
    ]
    assert accuracy == pytest.approx(np.mean(correct))


def test_a_given_vocabulary_says_how_raw_strings_are_split():
    model = build_tagger(vocabulary=Vocabulary(["so", "good,"], "spaces"), tags=["a", "b"], **TINY)
    assert [pair.token for pair in model.tag("So good, it")] == ["So", "good,", "it"]


def test_batches_hold_sequences_of_like_length_and_every_one_once():
    lengths = np.random.default_rng(3).integers(1, 60, 101)
    series = [np.full((length, 1), place, "float32") for place, length in enumerate(lengths)]
    tags = [["a"] * length for length in lengths]
    model = build_tagger(features=1, tags=["a", "b"], scaling="none", **TINY)
    orders = []
    for _ in range(2):
        batches = list(model.batches("test", series, tags, 8, shuffle=True))
        orders.append(np.concatenate([arrays["series"][:, 0, 0] for arrays, _ in batches]).astype(int).tolist())
        assert max(np.ptp((targets.numpy() >= 0).sum(axis=1)) for _, targets in batches) < 20
    assert sorted(orders[0]) == sorted(orders[1]) == list(range(101))
    assert orders[0] != orders[1]


# Learning


@pytest.mark.parametrize("output", ["crf", "softmax"])
def test_fit_learns_what_can_be_learnt(output):
    series = weeks(1, (7, 5, 3) * 7)
    options = {**TINY, "cell": "gru", "units": 11, "output": output, "optimizer": keras.optimizers.Adam(0.03)}
    model = build_tagger(like=series, tags=weather(series), **options)
    held = {"validation_data": (series, weather(series)), "validation_freq": 40}
    history = model.fit(series, weather(series), epochs=40, verbose=0, **held).history
    assert sorted(history) == ["accuracy", "loss", "val_accuracy", "val_loss"]
    assert history["loss"][-1] < 0.3 < history["loss"][0]
    assert history["val_accuracy"][-1] > 0.9


def test_an_extra_feature_is_read_beside_the_words():
    x = {"words": SENTENCES, "extra": PARTS}
    model = build(x, TAGS)
    assert model.settings.extras[:2] == ("N", "V")
    assert model.network_input(x, "test")["extra"].shape == (5, 7)
    unknown_parts = {"words": SENTENCES, "extra": [["?"] * len(row) for row in PARTS]}
    assert np.abs(model.predict(x) - model.predict(unknown_parts)).max() > 1e-3
    assert np.isfinite(model.fit(x, TAGS, validation_data=(x, TAGS), verbose=0).history["val_loss"]).all()


def test_a_seed_makes_fit_repeatable():
    weights = []
    for seed in (11, 11):
        keras.utils.set_random_seed(seed)
        model = build_tagger(like=SENTENCES, tags=TAGS, **{**WORDS, "dropout": 0.3})
        model.fit(SENTENCES, TAGS, batch_size=2, verbose=0)
        weights.append(np.concatenate([weight.ravel() for weight in model.get_weights()]))
    np.testing.assert_array_equal(*weights)
