"""A translator that has learnt a tiny language, and an autoencoder that knows what is ordinary."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from tiny_seq2seq import SOURCES, TARGETS, TINY, build, series

import seqkit as sk
from seqkit.seq2seq.copying import write, write_in_graph
from seqkit.text.vocabulary import UNKNOWN, Vocabulary

ENGLISH, GERMAN = ("one", "two", "three", "four", "five"), ("eins", "zwei", "drei", "vier", "fünf")


def reversed_numbers(samples, seed):
    """Texts of up to three numbers, and the same in German from the last to the first."""
    random = np.random.default_rng(seed)
    rows = [random.integers(5, size=random.integers(1, 4)) for _ in range(samples)]
    return [" ".join(ENGLISH[number] for number in row) for row in rows], [
        " ".join(GERMAN[number] for number in row[::-1]) for row in rows
    ]


@pytest.fixture(scope="module")
def translator():
    keras.utils.set_random_seed(7)
    pairs = reversed_numbers(240, 3)
    options = {"units": 24, "embedding": 12, "cell": "gru", "dropout": 0.0}
    model = sk.build_seq2seq(like=pairs, optimizer=keras.optimizers.Adam(0.02, clipnorm=1.0), **options)
    model.fit(*pairs, batch_size=24, epochs=15, verbose=0)
    return model


def test_a_language_whose_words_stand_in_another_order_is_learnt(translator):
    texts, wanted = reversed_numbers(40, 5)
    for beam in (1, 5):
        answers = translator.translate(texts, beam=beam)
        assert np.mean(np.array(answers) == np.array(wanted)) >= 0.9
    scores = translator.evaluate(texts, wanted, verbose=0, return_dict=True)
    assert scores["accuracy"] > 0.9


def test_attention_looks_at_the_word_that_is_being_said(translator):
    (alignment,) = translator.alignments(["one four three"])
    assert (alignment.source, alignment.target) == (("one", "four", "three"), ("drei", "vier", "eins"))
    assert alignment.weights.shape == (3, 3)
    assert alignment.weights.argmax(axis=1).tolist() == [2, 1, 0]
    np.testing.assert_allclose(alignment.weights.sum(axis=1), 1, atol=1e-5)
    figure = sk.plot_alignment(alignment, title="numbers")
    panel = figure.axes[0]
    assert [label.get_text() for label in panel.get_xticklabels()] == ["one", "four", "three"]
    assert [label.get_text() for label in panel.get_yticklabels()] == ["drei", "vier", "eins"]


def test_answers_come_in_the_order_of_the_texts_whatever_their_lengths(translator):
    texts = ["one two three", "two", "", "four four", "five"]
    alone = [translator.translate([text])[0] for text in texts]
    assert translator.translate(texts, batch_size=2) == alone
    assert translator.predict(texts).tolist() == alone


def test_what_has_no_token_at_all_is_answered_too(translator):
    assert len(translator.translate(["", "   ", "☃"])) == 3


def test_unknown_words_are_copied_from_where_attention_looks_most():
    model = build(by="spaces")
    tokens = np.array([[5, UNKNOWN, 4, 3, 0], [UNKNOWN, 3, 0, 0, 0]])
    weights = np.zeros((2, 5, 3), "float32")
    weights[0, 1], weights[1, 0] = [0.2, 0.1, 0.7], [0.4, 0.6, 0]  # the second looks at a word that is known
    texts = ["a b Zebra", "Quagga two"]
    names = model.vocabularies[1].names
    wanted = [f"{names[5]} zebra {names[4]}", "quagga"]
    words = model.vocabularies[0].split(texts)
    assert [write(model, *row).text for row in zip(words, tokens, weights, strict=True)] == wanted
    graph = write_in_graph(model, tf.constant(texts), tf.constant(tokens, tf.int32), tf.constant(weights))
    assert [text.decode() for text in graph.numpy()] == wanted
    plain = build(by="spaces", copy_unknown=False)
    assert write(plain, words[1], tokens[1], weights[1]).text == "[UNK]"


@pytest.mark.parametrize("by", ["spaces", "characters", ("words", "characters")])
def test_each_side_is_split_as_it_was_asked_for(by):
    model = build(by=by)
    splittings = (by, by) if isinstance(by, str) else by
    assert tuple(vocabulary.by for vocabulary in model.vocabularies) == splittings
    (alignment,) = model.alignments(["two one"], beam=2)
    assert len(alignment.source) == (7 if splittings[0] == "characters" else 2)
    between = "" if splittings[1] == "characters" else " "
    assert between.join(alignment.target) == model.translate(["two one"], beam=2)[0]


def test_vocabularies_can_be_given_and_words_be_left_out():
    model = build(least_count=2)
    assert set(model.vocabularies[0].words) == {"one", "two", "four"}
    again = sk.build_seq2seq(vocabulary=model.vocabularies, longest=(7, 5), **TINY)
    assert again.settings.target_words == model.settings.target_words
    assert again.settings.longest == (7, 5)
    assert isinstance(model.vocabularies[1], Vocabulary)


def test_the_marks_of_a_given_vocabulary_are_numbered_first():
    given = Vocabulary(["one"]), Vocabulary(["eins", "zwei", "[START]", "[END]"])
    model = sk.build_seq2seq(vocabulary=given, longest=5, **TINY)
    assert model.settings.target_words == ("[START]", "[END]", "eins", "zwei")


def test_words_seen_once_stand_for_the_unknown_where_there_are_many():
    names = [f"the name{number}" for number in range(1001)]
    model = sk.build_seq2seq(like=(names, names), **TINY)
    assert model.settings.source_words == ("the",)
    assert model.settings.target_words == ("[START]", "[END]", "the")


def named_lines(names, seed):
    """Words in any order with one name among them, and the same in another language."""
    random, lines = np.random.default_rng(seed), []
    for name in names:
        line = [f"w{number}" for number in random.integers(12, size=random.integers(5, 9))]
        line.insert(random.integers(len(line) + 1), name)
        lines.append(" ".join(line))
    return lines, [line.replace("w", "v") for line in lines]


@pytest.mark.slow
def test_names_never_seen_are_copied_through_the_attention():
    pairs, quick = named_lines([f"name{number}" for number in range(1500)], 7), keras.optimizers.Adam(0.01)
    keras.utils.set_random_seed(7)
    model = sk.build_seq2seq(like=pairs, units=32, embedding=16, dropout=0.0, optimizer=quick)
    model.fit(*pairs, epochs=12, batch_size=32, verbose=0)
    asked, wanted = named_lines(["zorro", "quito", "ann", "bob"] * 5, 8)
    right = [answer == target for answer, target in zip(model.translate(asked), wanted, strict=True)]
    assert np.mean(right) > 0.8


@pytest.mark.parametrize("train", ["seq2seq", "language model"])
def test_an_optimizer_with_a_schedule_keeps_it(train):
    rate = keras.optimizers.schedules.CosineDecay(0.01, 100)
    if train == "seq2seq":
        model = sk.train_seq2seq(*reversed_numbers(30, 3), epochs=2, optimizer=keras.optimizers.Adam(rate), **TINY)
        assert list(model.validation_history) == ["epochs", "loss", "val_loss"]
    else:
        options = {"units": 4, "embedding": 4, "optimizer": keras.optimizers.Adam(rate)}
        model = sk.train_language_model(SOURCES * 4, validation=TARGETS, epochs=2, **options)
    assert isinstance(model.optimizer._learning_rate, keras.optimizers.schedules.CosineDecay)


def test_pairs_of_like_length_stand_in_a_batch_and_none_is_lost():
    model = build()
    lengths = np.random.default_rng(7).integers(1, 4, 60)
    texts = [" ".join(["two"] * length) for length in lengths]
    seen, widths = 0, []
    for (_, previous), targets in model.batches("fit", texts, texts, 6, shuffle=True):
        assert previous.shape == targets.shape
        lengths = (targets.numpy() != 0).sum(axis=1)
        seen, widths = seen + len(lengths), [*widths, np.ptp(lengths)]
    assert seen == 60
    assert np.mean(widths) < 0.5


def test_a_sample_weight_of_zero_leaves_a_pair_out(translator):
    expected = translator.evaluate(SOURCES[1:3], TARGETS[1:3], verbose=0)
    scores = translator.evaluate(SOURCES, TARGETS, sample_weight=[0, 1, 1, 0, 0], verbose=0)
    assert scores == pytest.approx(expected, rel=1e-4)


def test_pairs_that_are_held_back_may_have_weights():
    model = build(optimizer=keras.optimizers.SGD(0.0))
    held = SOURCES, TARGETS, [0, 1, 1, 0, 0]
    watched = model.fit(SOURCES, TARGETS, validation_data=held, verbose=0).history["val_loss"]
    some = model.evaluate(SOURCES[1:3], TARGETS[1:3], verbose=0, return_dict=True)["loss"]
    assert watched == pytest.approx([some], rel=1e-4)


def test_weights_of_series_scale_their_part_of_the_loss():
    x, y = series(7), series(7, 3, 1)
    model = sk.build_seq2seq(like=(x, y), units=4)
    (loss, _), (twice, _) = (
        model.evaluate(model.batches("fit", x, y, sample_weight=[weight] * 7), verbose=0) for weight in (1, 2)
    )
    assert twice == pytest.approx(2 * loss, rel=1e-4)
    model.fit(x, y, sample_weight=np.ones(7), verbose=0)


def test_a_scheduled_probability_rises_from_zero_over_the_epochs():
    model = build(scheduled_sampling=0.5)
    rates = []
    watch = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: rates.append(float(model.network.sampling.probability))
    )
    model.fit(SOURCES, TARGETS, epochs=3, callbacks=[watch], verbose=0)
    assert rates == [0.0, 0.25, 0.5]


def test_in_a_single_epoch_scheduled_sampling_is_whole():
    model = build(scheduled_sampling=0.5)
    model.fit(SOURCES, TARGETS, epochs=1, verbose=0)
    assert float(model.network.sampling.probability) == 0.5


def test_any_keras_loss_and_optimizer_is_taken():
    model = build(loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True), optimizer="adam", lower=False)
    assert model.optimizer.clipnorm is None
    plain = build(lower=False)
    plain.set_weights(model.get_weights())
    scores = [each.evaluate(SOURCES, TARGETS, batch_size=9, verbose=0) for each in (model, plain)]
    assert scores[0] == pytest.approx(scores[1], rel=1e-4)


@pytest.mark.slow
def test_the_recipe_trains_an_autoencoder_on_all_but_a_tenth():
    x = series(20)
    model = sk.train_seq2seq(x, autoencoder=True, epochs=2, seed=7, units=4)
    assert len(model.validation_history["val_loss"]) == 2
    assert model.fit(x, validation_data=x[:3], verbose=0).history["val_loss"]


def test_the_recipe_keeps_the_epoch_at_which_held_back_pairs_were_best():
    pairs = reversed_numbers(30, 3)
    (sources, targets), quick = reversed_numbers(7, 5), keras.optimizers.Adam(0.1)
    held = sources, targets[::-1]  # what is wrong of them grows worse with training
    model = sk.train_seq2seq(
        *pairs, validation=held, epochs=6, patience=2, batch_size=7, seed=7, optimizer=quick, **TINY
    )
    curve = model.validation_history["val_loss"]
    assert model.chosen_epochs == int(np.argmin(curve)) + 1 < 6
    loss = model.evaluate(*held, verbose=0, return_dict=True)["loss"]
    assert loss == pytest.approx(min(curve), rel=1e-4)


@pytest.mark.filterwarnings("ignore:fit. .* skipped, because the loss")
def test_the_recipe_refuses_training_that_diverges_at_once():
    steep = keras.optimizers.SGD(float("inf"))  # weights that are not finite after one step
    with pytest.raises(ValueError, match="train_seq2seq: the loss is not a number from the first epoch on"):
        sk.train_seq2seq(*reversed_numbers(30, 3), epochs=2, batch_size=7, seed=7, optimizer=steep, **TINY)


def test_the_recipe_averages_its_weights_and_a_later_fit_goes_on_from_them():
    pairs, held = reversed_numbers(30, 3), reversed_numbers(7, 5)
    model = sk.train_seq2seq(*pairs, validation=held, epochs=3, batch_size=7, seed=7, **TINY)
    assert model.optimizer.use_ema
    loss = model.evaluate(*held, verbose=0, return_dict=True)["loss"]
    assert loss == pytest.approx(min(model.validation_history["val_loss"]), rel=1e-4)
    before = model.get_weights()
    model.optimizer.learning_rate = 0.0
    model.fit(*pairs, verbose=0)
    for weight_before, weight_after in zip(before, model.get_weights(), strict=True):
        np.testing.assert_allclose(weight_before, weight_after, atol=1e-6)


def test_the_bias_of_the_scores_begins_as_how_frequent_each_word_is():
    for tied in (False, True):
        model = sk.build_seq2seq(like=(["a b", "a"], ["x x x", "y"]), **{**TINY, "tied": tied})
        shares = np.exp(keras.ops.convert_to_numpy(model.network.scores.bias))
        names = dict(zip(model.vocabularies[1].names, shares, strict=True))
        assert names["x"] == pytest.approx(4 / 12)
        assert names["[END]"] == pytest.approx(3 / 12)
        assert names["y"] == pytest.approx(2 / 12)


def test_the_recipe_holds_a_tenth_back_that_it_does_not_train_on(monkeypatch):
    seen = {}

    def fit(model, sources, targets, *_, validation_data, callbacks, **__):
        seen.update(train=(sources, targets), held=validation_data)
        (best,) = (callback for callback in callbacks if isinstance(callback, keras.callbacks.EarlyStopping))
        best.best_weights = model.get_weights()
        history = keras.callbacks.History()
        history.history = {name: [0.5] for name in ("loss", "val_loss", "learning_rate")}
        return history

    monkeypatch.setattr(sk.Seq2Seq, "fit", fit)
    sources = [f"one {number}" for number in range(30)]
    assert sk.train_seq2seq(sources, sources, seed=7, **TINY).chosen_epochs == 1
    (train, wanted), (held, held_wanted) = seen["train"], seen["held"]
    assert (wanted, held_wanted) == (train, held)
    assert (len(train), len(held), {*train, *held}) == (27, 3, set(sources))


# Numbers


def waves(samples, timesteps, seed=3):
    phases = np.random.default_rng(seed).uniform(0, 6, (samples, 1))
    return (50 + 10 * np.sin(np.arange(timesteps) / 2 + phases))[..., None].astype("float32")


def test_a_series_is_continued_in_its_own_units():
    x = waves(90, 17)
    past, future = x[:, :13], x[:, 13:]
    slow = {"optimizer": keras.optimizers.Adam(0.01)}
    model = sk.build_seq2seq(like=(past, future), **{**TINY, "units": 16}, **slow)
    model.fit(past, future, epochs=12, batch_size=15, verbose=0)
    answers = model.predict(past, batch_size=40)
    assert answers.shape == (90, 4, 1)
    assert np.abs(answers - future).mean() < 0.3 * np.abs(future - future.mean()).mean()


def test_an_autoencoder_gives_its_code_and_finds_what_is_unlike_its_training():
    x = waves(90, 13)
    model = sk.build_seq2seq(like=x, autoencoder=True, **{**TINY, "units": 8}, optimizer=keras.optimizers.Adam(0.01))
    assert (model.settings.attention, model.settings.feedback) == ("none", False)
    model.fit(x, epochs=15, batch_size=15, verbose=0)
    assert model.encode(x).shape == (90, 8)
    strange = x[:9].copy()
    strange[:, 4:9] = 50
    error = model.reconstruction_error(x)
    assert error.shape == (90,)
    assert np.median(model.reconstruction_error(strange)) > 2 * np.median(error)
    np.testing.assert_allclose(np.sqrt(((model.predict(x) - x) ** 2).mean(axis=(1, 2))) / x.std(), error, rtol=1e-3)


def test_an_autoencoder_of_texts_has_a_code_and_an_error_as_well():
    model = sk.build_seq2seq(like=SOURCES, autoencoder=True, **TINY, optimizer=keras.optimizers.Adam(0.02))
    model.fit(SOURCES, epochs=30, verbose=0)
    codes = model.encode(SOURCES)
    assert codes.shape == (5, 6)
    np.testing.assert_allclose(codes[2], model.encode(SOURCES[2:3])[0], atol=1e-6)
    errors = model.reconstruction_error(SOURCES)
    for text, error in zip(SOURCES, errors, strict=True):  # evaluate's loss is of the same tokens, one text at a time
        assert error == pytest.approx(model.evaluate([text], verbose=0, return_dict=True)["loss"], rel=1e-4)
    backwards = [" ".join(reversed(text.split())) for text in SOURCES if len(text.split()) > 2]
    assert model.reconstruction_error([*backwards, "☃ ☃"]).min() > errors.max()
