"""Series in, words out: an encoder that shortens the series, and a decoder that writes."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from tiny_seq2seq import TINY, shaken

import seqkit as sk

LENGTHS, FEATURES = (13, 5, 11, 2, 7), 3
WORDS = ["one two", "three", "two one one", "four", "two"]


def recordings(seed=0, lengths=LENGTHS):
    random = np.random.default_rng(seed)
    return [random.normal((100, 0, -5), (30, 0.1, 2), (length, FEATURES)).astype("float32") for length in lengths]


def build(series=None, **options):
    like = (recordings() if series is None else series, WORDS)
    return shaken(sk.build_seq2seq(like=like, **{**TINY, **options}), 2.0)


def test_series_of_any_length_train_are_answered_and_saved(tmp_path):
    model, series = build(), recordings()
    assert (model.settings.shorten, model.settings.longest, model.settings.features) == (4, (0, 5), (3, 5))
    history = model.fit(series, WORDS, validation_data=(series, WORDS), verbose=0).history
    assert np.isfinite([*history["loss"], *history["val_loss"]]).all()
    scores = model.evaluate(series, WORDS, verbose=0, return_dict=True)
    answers = model.predict(series, verbose=0)
    assert answers.tolist() == model.translate(series)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert loaded.translate(series) == answers.tolist()
    assert loaded.evaluate(series, WORDS, verbose=0, return_dict=True) == pytest.approx(scores)


@pytest.mark.parametrize("options", [{}, {"attention": "none"}], ids=["attention", "none"])
def test_a_saved_model_writes_what_the_live_model_does(options, tmp_path):
    model, series = build(**options), recordings()
    model.export(tmp_path / "served")
    served = tf.saved_model.load(tmp_path / "served")
    padded = np.full((len(series), max(LENGTHS) + 3, FEATURES), np.nan, "float32")
    for row, one in zip(padded, series, strict=True):
        row[: len(one)] = one
    answers = served.serve(tf.constant(padded))
    assert [text.decode() for text in answers["text"].numpy()] == model.translate(series)
    assert ("alignment" in answers) == (not options)
    greedy = served.translate(tf.constant(padded), tf.constant(1), tf.constant(1.0))
    assert [text.decode() for text in greedy["text"].numpy()] == model.translate(series, beam=1)
    described = served.describe()
    assert (int(described["features"]), int(described["shorten"])) == (FEATURES, 4)
    padded[0, 3] = np.nan
    with pytest.raises(tf.errors.InvalidArgumentError, match="series . (has missing values|is infinite)"):
        served.serve(tf.constant(padded))


@pytest.mark.parametrize("options", [{}, {"bidirectional": True}, {"cell": "gru", "units": (4, 6)}, {"shorten": 3}])
def test_padding_changes_nothing(options):
    model, series = build(**options), recordings()
    together, alone = model.encode(series), [model.encode([one])[0] for one in series]
    np.testing.assert_allclose(together, alone, atol=1e-5)
    assert np.ptp(together, axis=0).max() > 0.01
    losses = [model.evaluate([one], [text], verbose=0)[0] for one, text in zip(series, WORDS, strict=True)]
    tokens = np.array([len(text.split()) + 1 for text in WORDS])
    assert model.evaluate(series, WORDS, verbose=0)[0] == pytest.approx(np.average(losses, weights=tokens), abs=1e-4)


def test_the_encoder_reads_joined_timesteps_scaled_by_the_training_series():
    """A SimpleRNN by hand over [x_1 x_2 x_3 x_4], [x_5 ...], each feature scaled, zeros at the end."""
    model, series = build(), recordings()
    every = np.concatenate(series)
    inner, recurrent, bias = (np.asarray(weight) for weight in model.weights if weight.path.startswith("encoder/"))
    for one, found in zip(series, model.encode(series), strict=True):
        scaled = (one - every.mean(axis=0)) / every.std(axis=0)
        scaled = np.concatenate([scaled, np.zeros((-len(one) % 4, FEATURES))])
        state = np.zeros(6)
        for joined in scaled.reshape(-1, 4 * FEATURES):
            state = np.tanh(joined @ inner + state @ recurrent + bias)
        np.testing.assert_allclose(found, state, atol=1e-4)


@pytest.mark.parametrize("shorten", [1, 4, 20])
def test_attention_looks_at_joined_timesteps(shorten):
    model, series = build(shorten=shorten), recordings()
    for one, alignment in zip(series, model.alignments(series, beam=2), strict=True):
        assert alignment.source == tuple(map(str, range(0, len(one), shorten)))
        assert alignment.weights.shape == (len(alignment.target), len(alignment.source))
        np.testing.assert_allclose(alignment.weights.sum(axis=1), 1, atol=1e-5)


@pytest.mark.slow
def test_the_recipe_learns_which_word_a_curve_says():
    """A word is a rising or a falling piece of a curve; there are one to three of them."""
    random = np.random.default_rng(1)
    pieces = {"up": np.linspace(0, 1, 8), "down": np.linspace(1, 0, 8)}
    said = [random.choice(list(pieces), random.integers(1, 4)).tolist() for _ in range(160)]
    series = [np.concatenate([pieces[word] for word in words])[:, None] for words in said]
    series = [1000 + 50 * (one + random.normal(0, 0.05, one.shape)) for one in series]
    texts = [" ".join(words) for words in said]
    optimizer = keras.optimizers.Adam(0.02)
    options = {"units": 16, "embedding": 8, "cell": "gru", "dropout": 0.0, "optimizer": optimizer}
    model = sk.train_seq2seq(series[:120], texts[:120], epochs=12, seed=0, batch_size=16, **options)
    right = np.mean(np.array(model.translate(series[120:])) == np.array(texts[120:]))
    assert right > 0.9


def test_a_model_without_statistics_is_refused_until_it_has_them():
    model = sk.Seq2Seq.from_config(build().get_config())
    with pytest.raises(ValueError, match="has not seen the training series"):
        model.translate(recordings())
    model.adapt(recordings(), WORDS)
    assert len(model.translate(recordings())) == len(WORDS)


def test_words_may_be_listed_or_written_by_character():
    assert build(vocabulary=["one", "two"]).settings.target_words == ("[START]", "[END]", "one", "two")
    assert set(build(by="characters").translate(recordings(1))[0]) <= set("".join(WORDS))
    assert build(longest=2).settings.longest == (0, 2)


def with_gap():
    series = recordings()
    series[2][4, 1] = np.nan
    return series


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: build(shorten=0), "shorten must be 1 or more, got 0"),
        (lambda: sk.build_seq2seq(like=(WORDS, WORDS), shorten=4), "shorten=4 joins timesteps .* Leave it out"),
        (lambda: sk.build_seq2seq(like=(np.zeros((5, 4, 1)),) * 2, shorten=4), "shorten=4 joins timesteps"),
        (lambda: build(copy_unknown=True), "needs texts and attention"),
        (lambda: build(longest=(9, 5)), "longest must be a whole number"),
        (lambda: build(with_gap()), "series 2 has missing values, the first at step 4. Fill them"),
        (lambda: build(recordings()[:4]), "4 sources and 5 targets"),
        (lambda: build().fit(recordings(), ["one", "", "two", "", "one"]), "2 of 5 pairs have an empty target"),
        (lambda: build().translate([np.zeros((4, 2))]), "series 0 has 2 features, 3 are needed"),
        (lambda: build().translate(WORDS), "series of numbers are needed, got text"),
        (lambda: sk.build_seq2seq(like=(WORDS, recordings())), "the sources are texts, the targets are not"),
        (lambda: sk.build_seq2seq(like=(WORDS, WORDS), **TINY).translate(recordings()), "strings are needed"),
    ],
)
def test_what_cannot_be_is_refused_in_words(call, message):
    with pytest.raises((TypeError, ValueError), match=message):
        call()
