"""build_language_model: text in, the probabilities of the next word or character out, and still a keras.Model."""

import json

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from tiny_language_models import SAYING, STORY, TINY, VERSES, build, learnt, token_losses

from seqkit.language.build import build_language_model
from seqkit.language.settings import LanguageSettings
from seqkit.text.vocabulary import END, PADDING, START, UNKNOWN, Vocabulary

STILL = keras.optimizers.SGD(0.0).get_config()


@pytest.fixture(scope="module")
def reader():
    """Of one long text."""
    keras.utils.set_random_seed(7)
    return build()


@pytest.fixture(scope="module")
def sentences():
    """Of separate texts."""
    keras.utils.set_random_seed(7)
    return build(VERSES)


@pytest.fixture(scope="module")
def knows():
    return learnt()


def settings_of(**options):
    return build_language_model(**{"like": STORY, **TINY, **options}).settings


def spelt(model, text):
    """The numbers of a text, with its beginning and end."""
    vocabulary = model.vocabulary
    words = vocabulary.encode([text])[0]
    return [vocabulary.number_of(START), *words[words != PADDING], vocabulary.number_of(END)]


# What the training text decides


def test_one_string_is_read_on_and_on_and_a_list_text_by_text():
    assert settings_of().continuous
    assert settings_of().timesteps == 35
    assert settings_of(by="characters").timesteps == 100
    assert not settings_of(like=VERSES).continuous
    assert settings_of(like=VERSES).timesteps == 5  # the beginning and four words
    assert settings_of(like=VERSES, timesteps=3).timesteps == 3
    assert settings_of(like=VERSES, continuous=True).timesteps == 35


def test_marks_of_beginning_and_end_are_always_known():
    for model in (build_language_model(like=STORY, **TINY), build_language_model(vocabulary=["never", "late"], **TINY)):
        assert {START, END} <= set(model.vocabulary.words)
    assert settings_of(vocabulary=Vocabulary([START, "late", END, "too"])).words == (START, END, "late", "too")


def test_a_vocabulary_says_how_it_splits():
    vocabulary = Vocabulary(["L", "a", "t", "e"], "characters", lower=False)
    settings = settings_of(vocabulary=vocabulary)
    assert (settings.splitting, settings.lower, settings.words[2:]) == ("characters", False, ("L", "a", "t", "e"))


def test_capitals_are_kept_by_characters_alone():
    assert "N" in settings_of(by="characters").words
    assert "N" not in settings_of(by="characters", lower=True).words
    assert "never" in settings_of().words
    assert "Never" in settings_of(by="spaces", lower=False).words


def test_words_seen_once_stand_for_the_unknown_where_there_are_many():
    many = " ".join(f"word{number} the" for number in range(1001))
    assert settings_of(like=many).words == (START, END, "the")
    assert len(settings_of(like=many, least_count=1).words) == 1004
    assert settings_of(like=many, most_words=5, least_count=1).words[2] == "the"
    assert "code" in settings_of(like=SAYING).words


def test_the_graph_is_drawn_as_in_a_textbook():
    model = build_language_model(like=STORY, **{**TINY, "embedding": "one-hot"})
    words = len(model.vocabulary)
    assert model.get_layer("recurrent").recurrent[0].cell.kernel.shape == (words, 9)
    assert model.output_shape == (None, None, words)
    numbers = np.array([[2, 5, 7]])
    probabilities = keras.ops.convert_to_numpy(model(numbers))
    np.testing.assert_allclose(probabilities.sum(axis=-1), 1, rtol=1e-5)


def test_a_one_hot_word_is_a_look_up_of_its_vector():
    one_hot, looked_up = (build(STORY, embedding=size) for size in ("one-hot", 5))
    vectors = looked_up.get_layer("vectors").embeddings
    words = keras.ops.one_hot(np.array([[5, 7]]), len(one_hot.vocabulary))
    np.testing.assert_allclose(words @ vectors, looked_up.get_layer("vectors")(np.array([[5, 7]])), rtol=1e-5)


@pytest.mark.parametrize("units", [5, 3])
def test_tied_weights_are_the_words_vectors(units):
    model = build_language_model(like=STORY, **{**TINY, "units": units, "tied": True})
    shapes = [weight.shape for weight in model.trainable_weights]
    assert shapes.count((len(model.vocabulary), 5)) == 1
    assert ((units, 5) in shapes) == (units != 5)
    assert np.isfinite(model.fit(STORY, verbose=0).history["loss"]).all()


def test_training_begins_from_how_frequent_each_word_is():
    model = build_language_model(like=STORY, **TINY)
    counts = np.bincount(spelt(model, STORY)[1:], minlength=len(model.vocabulary)) + 1
    np.testing.assert_allclose(model.get_layer("scores").bias, np.log(counts / counts.sum()), rtol=1e-5)


def test_settings_come_back_from_json():
    settings = settings_of(units=(5, 3), dropout=(0.1, 0.0))
    assert LanguageSettings.from_config(json.loads(json.dumps(settings.to_config()))) == settings


# The state carried from batch to batch


@pytest.mark.parametrize("cell", ["lstm", "gru", "simple_rnn"])
def test_evaluating_a_long_text_in_pieces_is_reading_it_in_one_go(cell):
    model = build(units=(5, 3), cell=cell, timesteps=7)
    expected = token_losses(model, spelt(model, STORY)).mean()
    assert model.perplexity(STORY, batch_size=1) == pytest.approx(np.exp(expected), rel=1e-4)


def test_streams_are_read_side_by_side_each_from_a_beginning_of_its_own(reader):
    numbers = spelt(reader, STORY)
    length = -(-(len(numbers) - 1) // 3)
    cuts = [numbers[first : first + length + 1] for first in range(0, len(numbers) - 1, length)]
    expected = np.concatenate([token_losses(reader, stream) for stream in cuts])
    assert reader.perplexity(STORY, batch_size=3) == pytest.approx(np.exp(expected.mean()), rel=1e-4)


def test_training_carries_the_state_as_well():
    model = build(timesteps=7, optimizer=keras.optimizers.SGD(0.0))
    for _ in range(2):  # each epoch begins without a past
        history = model.fit(STORY, batch_size=2, epochs=2, verbose=0).history
        expected = model.evaluate(STORY, batch_size=2, verbose=0, return_dict=True)
        for name in ("loss", "perplexity"):
            assert history[name] == pytest.approx([expected[name]] * 2, rel=1e-4)


def test_texts_of_a_continuous_model_are_read_one_after_another(reader):
    first, second = spelt(reader, SAYING), spelt(reader, "too late")
    losses = token_losses(reader, first + second)
    expected = np.delete(losses, len(first) - 1)  # that another text begins is not predicted
    assert reader.perplexity([SAYING, "too late"], batch_size=1) == pytest.approx(np.exp(expected.mean()), rel=1e-4)


class Meddle(keras.callbacks.Callback):
    """Ask the model this and that while it trains."""

    def on_train_batch_end(self, batch, logs=None):
        if batch == 1:
            self.model.predict([SAYING, "late"], verbose=0)
            self.model.perplexity("too late to read")
            self.model.generate("never", 3, seed=1)


def test_asking_a_model_while_it_trains_changes_nothing():
    weights = []
    for callbacks in ([], Meddle()):
        keras.utils.set_random_seed(11)
        model = build_language_model(like=STORY, **{**TINY, "timesteps": 7})
        model.fit(STORY, batch_size=3, epochs=2, callbacks=callbacks, validation_data=STORY, verbose=0)
        weights.append(model.get_weights())
    for undisturbed, disturbed in zip(*weights, strict=True):
        np.testing.assert_array_equal(undisturbed, disturbed)


def test_predict_and_calls_never_see_a_carried_state(reader):
    before = reader.predict(SAYING, verbose=0)
    reader.evaluate(STORY, verbose=0)
    np.testing.assert_array_equal(reader.predict(SAYING, verbose=0), before)
    np.testing.assert_allclose(reader(reader.network_input(SAYING, "test")), before, rtol=1e-5)


def test_a_model_holds_no_carried_states_after_a_fit(reader):
    names = [weight.path for weight in build_language_model(like=STORY, **TINY).weights]
    model = build_language_model(like=STORY, **TINY)
    model.fit(STORY, validation_data=STORY, batch_size=2, verbose=0)
    assert len(model.weights) == len(names)
    assert not [weight.path for weight in model.weights if "carried" in weight.path]


def test_another_batch_size_takes_states_of_its_own():
    model = build(timesteps=3, optimizer=keras.optimizers.SGD(0.0))
    for streams in (2, 5):
        history = model.fit(STORY, batch_size=streams, verbose=0, validation_data=SAYING).history
        expected = model.perplexity(STORY, batch_size=streams)
        assert history["perplexity"] == pytest.approx([expected], rel=1e-4)
    assert history["val_perplexity"] == pytest.approx([model.perplexity(SAYING)], rel=1e-4)


# Separate texts


def test_the_perplexity_is_over_all_tokens_of_all_texts_ends_included(sentences):
    losses = np.concatenate([token_losses(sentences, spelt(sentences, text)) for text in VERSES])
    assert sentences.perplexity(VERSES) == pytest.approx(np.exp(losses.mean()), rel=1e-4)
    assert sentences.perplexity(VERSES, batch_size=3) == pytest.approx(np.exp(losses.mean()), rel=1e-4)
    assert len(losses) == 5 + 5 + 5 + 4  # marks of punctuation and ends among them


def test_every_token_counts_alike_however_long_the_texts_of_its_batch_are():
    texts = ["a", "the cat sat", " ".join(["the dog ran"] * 13)]
    model = build(VERSES, timesteps=60)
    scores = model.evaluate(texts, batch_size=1, verbose=0, return_dict=True)
    total = tokens = 0
    for text in texts:
        numbers = [*model.vocabulary.encode([text])[0], model.vocabulary.number_of(END)]
        shares = model.predict([text], verbose=0)[0]
        total += np.sum(np.log([shares[step, number] for step, number in enumerate(numbers)]))
        tokens += len(numbers)
    assert scores["perplexity"] == pytest.approx(np.exp(-total / tokens), rel=1e-4)


def test_the_perplexity_of_the_nearly_impossible_is_not_cut_off():
    model = build(VERSES)
    bias = np.zeros(len(model.vocabulary), "float32")
    bias[model.vocabulary.number_of("dog")] = 60
    model.get_layer("scores").bias.assign(bias)
    assert np.log(model.perplexity(["the cat"])) == pytest.approx(60, abs=3)


def test_barred_words_are_never_next_however_improbable_the_others():
    model = build(VERSES)
    bias = np.full(len(model.vocabulary), -300, "float32")
    bias[model.vocabulary.number_of("the")] = 300
    model.get_layer("scores").bias.assign(bias)
    table = model.next_words("a cat", k=1000)
    assert len(table) == len(model.vocabulary) - len(model.never)
    assert not set(table["word"]) & {"", "[UNK]", START}


def test_an_unknown_word_counts_as_one_token_like_any_other(sentences):
    numbers = spelt(sentences, "the zebra sat")
    assert numbers.count(UNKNOWN) == 1
    expected = np.exp(token_losses(sentences, numbers).mean())
    assert sentences.perplexity("the zebra sat") == pytest.approx(expected, rel=1e-4)
    assert sentences.perplexity("the yak sat") == pytest.approx(expected, rel=1e-4)


def test_texts_longer_than_timesteps_are_read_in_pieces_with_their_number_told():
    model = build(VERSES, timesteps=3)
    with pytest.warns(
        UserWarning, match="evaluate: 4 of 4 texts are longer than timesteps=3.*timesteps=5 to read them"
    ):
        perplexity = model.perplexity(VERSES)
    pieces = [spelt(model, text)[first : first + 4] for text in VERSES for first in (0, 3)]
    losses = np.concatenate([token_losses(model, piece) for piece in pieces if len(piece) > 1])
    assert perplexity == pytest.approx(np.exp(losses.mean()), rel=1e-4)


@pytest.mark.parametrize("kind", [tuple, np.array, pd.Series, lambda texts: pd.Series(texts, dtype="string")])
def test_texts_of_every_kind_are_read_as_a_list_is(sentences, kind):
    np.testing.assert_array_equal(
        sentences.network_input(kind(VERSES), "test"), sentences.network_input(VERSES, "test")
    )
    assert settings_of(like=kind(VERSES)).words == sentences.vocabulary.words


def test_what_keras_takes_is_taken_too(sentences):
    rows = [spelt(sentences, text) for text in VERSES]
    padded = np.array([row + [PADDING] * (7 - len(row)) for row in rows], "int32")
    dataset = tf.data.Dataset.from_tensor_slices((padded[:, :-1], padded[:, 1:])).batch(3)
    scores = sentences.evaluate(dataset, verbose=0, return_dict=True)
    assert scores["perplexity"] == pytest.approx(sentences.perplexity(VERSES), rel=1e-4)
    array_scores = sentences.evaluate(padded[:, :-1], padded[:, 1:], verbose=0, return_dict=True)
    assert array_scores == pytest.approx(
        {"loss": np.log(scores["perplexity"]), "perplexity": scores["perplexity"]}, rel=1e-4
    )
    model = build(VERSES)
    history = model.fit(padded[:, :-1], padded[:, 1:], validation_data=(padded[:, :-1], padded[:, 1:]), verbose=0)
    assert len(history.history["val_perplexity"]) == 1


def test_weights_of_samples_are_kept(sentences):
    rows = np.array([spelt(sentences, text)[:5] for text in VERSES[:2]], "int32")
    both, second = (
        sentences.evaluate(x[:, :-1], x[:, 1:], sample_weight=weight, verbose=0, return_dict=True)["perplexity"]
        for x, weight in ((rows, np.array([0.0, 3.0])), (rows[1:], None))
    )
    assert both == pytest.approx(second, rel=1e-4)


# What comes next


def test_it_learns_the_saying_and_both_ways_to_end_it(knows):
    table = knows.next_words("Never too late to", k=2)
    assert sorted(table["word"]) == ["code", "read"]
    assert table["probability"].sum() > 0.9
    assert knows.generate("never too", 2, temperature=0) == "never too late to"
    assert knows.perplexity(STORY) < 1.5


def test_the_next_words_are_the_most_probable_of_predict(sentences):
    probabilities = sentences.predict("the cat", verbose=0)[0, -1]
    table = sentences.next_words("the cat", k=3)
    best = [word for word in np.argsort(-probabilities) if word not in sentences.never][:3]
    assert list(table["word"]) == [sentences.vocabulary.words[number - 2] for number in best]
    np.testing.assert_allclose(table["probability"], probabilities[best], rtol=1e-4)


def test_every_word_may_come_next_but_padding_the_unknown_and_the_beginning(sentences):
    table = sentences.next_words("the cat", k=1000)
    assert sorted(table["word"]) == sorted(set(sentences.vocabulary.words) - {START})
    assert END in set(table["word"])


def test_prompts_side_by_side_answer_as_each_alone(sentences):
    prompts = ["the cat", "", "zebra", "far too far the dog ran"]
    for table, prompt in zip(sentences.next_words(prompts, k=4), prompts, strict=True):
        alone = sentences.next_words(prompt, k=4)
        assert list(table["word"]) == list(alone["word"])
        np.testing.assert_allclose(table["probability"], alone["probability"], rtol=1e-4)


def test_a_prompt_is_read_whole_however_long_it_is(reader):
    assert reader.settings.timesteps == 35
    prompt = "read " + "too late to " * 47
    numbers = keras.ops.convert_to_numpy(reader.network_input(prompt, "test"))
    assert numbers.shape == (1, 1 + 3 * 47)
    whole, its_end = (np.asarray(reader(prompt_numbers))[0, -1, 3:] for prompt_numbers in (numbers, numbers[:, -5:]))
    probabilities = reader.next_words(prompt, k=3)["probability"]
    np.testing.assert_allclose(probabilities, np.sort(whole)[::-1][:3], rtol=1e-4)
    assert np.abs(np.sort(its_end)[::-1][:3] - probabilities).max() > 1e-5


def test_the_empty_prompt_is_the_beginning_of_a_text(reader, sentences):
    for model in (reader, sentences):
        assert model.network_input("", "test").tolist() == [[model.vocabulary.number_of(START)]]
    assert reader.network_input("late", "test").tolist() == [[reader.vocabulary.number_of("late")]]  # from the midst
    beginning = sentences.vocabulary.number_of(START), sentences.vocabulary.number_of("far")
    assert sentences.network_input("far", "test").tolist() == [list(beginning)]


# Writing on


def test_writing_on_reads_each_word_from_the_state_the_one_before_left(sentences):
    words = sentences.generate("the", 7, temperature=0).split()
    text = "the"
    for word in words[1:]:
        table = sentences.next_words(text, k=1)
        assert table["word"][0] == word
        text = f"{text} {word}"


def test_a_seed_makes_writing_repeatable_and_another_writes_something_else(sentences):
    texts = {sentences.generate("", 11, seed=seed) for seed in (3, 3, 3, 5, 7)}
    assert len(texts) == 3
    first = sentences.generate(["the", "a cat"], 5, seed=3)
    assert first == sentences.generate(["the", "a cat"], 5, seed=3)
    keras.utils.set_random_seed(1)
    text = sentences.generate("", 11)
    keras.utils.set_random_seed(1)
    assert sentences.generate("", 11) == text


def test_words_are_drawn_as_often_as_they_are_probable(sentences):
    expected = sentences.next_words("the", k=5).set_index("word")["probability"]
    drawn = pd.Series([text.split()[1:] for text in sentences.generate(["the"] * 5000, 1, seed=1)])
    shares = drawn.map(lambda words: words[0] if words else END).value_counts(normalize=True)
    possible = sentences.next_words("the", k=1000)["probability"].sum()
    np.testing.assert_allclose(shares[expected.index], expected / possible, atol=0.02)


def test_a_low_temperature_and_few_candidates_leave_the_most_probable(sentences):
    best = sentences.generate("the", 7, temperature=0)
    for options in ({"temperature": 0.001}, {"top_k": 1}, {"top_p": 1e-6}):
        assert sentences.generate("the", 7, seed=3, **options) == best


def test_candidates_are_the_k_best_or_those_that_reach_p(sentences):
    table = sentences.next_words("the", k=1000)
    share = (table["probability"] / table["probability"].sum()).cumsum()
    for options, expected in (({"top_k": 3}, 3), ({"top_p": float(share[2] - 0.001)}, 3)):
        texts = sentences.generate(["the"] * 500, 1, seed=1, **options)
        words = {text.split()[1] if " " in text else END for text in texts}
        assert words == set(table["word"][:expected])


def test_the_unknown_the_beginning_and_padding_are_never_written(sentences):
    model = build(VERSES)
    bias = np.zeros(len(model.vocabulary), "float32")
    bias[list(model.never)] = 50
    model.get_layer("scores").bias.assign(bias)
    texts = model.generate(["the", "zebra"], 23, temperature=2.0, seed=1)
    texts += model.generate(["the", "zebra"], 23, temperature=1e9, top_k=2**31, seed=1)
    assert not any("[" in text for text in texts)
    assert model.generate("the", 23, temperature=0)


def test_an_unknown_word_of_the_prompt_stays_as_it_was(sentences):
    assert sentences.generate("A ZEBRA ", 3, temperature=0).startswith("A ZEBRA ")


def test_writing_stops_at_the_end_of_the_text():
    model = build(VERSES)
    model.get_layer("scores").bias.assign(np.eye(len(model.vocabulary))[model.vocabulary.number_of(END)] * 50)
    assert model.generate(["the", ""], 7, seed=1) == ["the", ""]


def test_characters_are_joined_without_spaces():
    model = learnt("abcde " * 37, by="characters")
    assert model.generate("abc", 9, temperature=0) == "abcde abcde "
    assert model.next_words("ab", 1)["word"][0] == "c"
