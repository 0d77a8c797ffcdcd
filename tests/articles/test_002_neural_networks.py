"""Article 002, neural network basics: each statement, in the article's order, through the public API."""

import functools
import pathlib

import keras
import numpy as np
import pandas as pd
import pytest
from written_out import B, F, T, U, gates_of, normal, results, rnn_steps, shaken, softmax

import seqkit as sk

X = normal(B, T, F)
DATA = pathlib.Path(__file__).parents[2] / "data"
SAYING = "never too late to code, never too late to read. " * 11
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def fast(rate=0.05):
    return keras.optimizers.Adam(rate)


@functools.cache
def saying_model():
    """A language model that has learnt the article's sentence, from one-hot words."""
    keras.utils.set_random_seed(7)
    options = {"cell": "simple_rnn", "embedding": "one-hot", "units": 13, "dropout": 0.0, "timesteps": 13}
    model = sk.build_language_model(like=SAYING, optimizer=fast(0.03), **options)
    model.fit(SAYING, epochs=40, batch_size=3, verbose=0)
    return model


def number_of(model, word):
    """The number of a word; 0 is padding and 1 the unknown word."""
    return model.vocabulary.words.index(word) + 2


def test_047_the_alphabet_is_easy_forwards_and_hard_backwards():
    """47 (002): what is learnt in one order is a memory of that order."""
    keras.utils.set_random_seed(7)
    sizes = {"units": 24, "embedding": 16, "cell": "simple_rnn", "dropout": 0.0}
    model = sk.build_language_model(like=[LETTERS], by="characters", optimizer=fast(0.02), **sizes)
    model.fit([LETTERS], epochs=40, verbose=0)
    assert model.perplexity([LETTERS]) < 2
    assert model.perplexity([LETTERS[::-1]]) > 26  # worse than guessing


@pytest.mark.parametrize("length", [2, 9, 40])
def test_048_the_input_may_have_any_length(length):
    """48 (002): one network with one set of weights reads each."""
    model = shaken(sk.build_rnn(U, features=F))
    x = normal(B, length, F)
    np.testing.assert_allclose(model(x), rnn_steps(x, model.get_weights())[:, -1], atol=1e-5)


def test_049_there_is_an_output_for_each_input():
    """49 (002): y_t = V h_t + c at every timestep."""
    model = shaken(sk.build_recurrent("many_to_many", features=F, outputs=3, cell="simple_rnn", memory=None, units=U))
    cells, _ = gates_of(model, X)
    *_, kernel, bias = model.get_weights()
    np.testing.assert_allclose(model(X), cells.hidden @ kernel + bias, atol=1e-5)


def test_050_a_step_need_not_be_time():
    """50 (002): the steps of `digits.csv` are the rows of a picture."""
    table = pd.read_csv(DATA / "digits.csv").head(80)
    pictures = sk.take_sequences(table, series="picture", time="row", label="digit")
    wanted = table.filter(regex="^x").to_numpy().reshape(10, 8, 8)
    np.testing.assert_array_equal(np.stack(pictures.values), wanted)
    model = shaken(sk.build_rnn(U, features=8))
    scaled = (wanted / 16).astype("float32")
    np.testing.assert_allclose(model(scaled), rnn_steps(scaled, model.get_weights())[:, -1], atol=1e-5)


def test_051_a_one_hot_word_picks_a_row_of_the_input_weights():
    """51 (002): h_t = tanh(row of the word + h_{t-1} W + b)."""
    model, words = saying_model(), ["never", "too", "late"]
    cells, (inner, recurrent, bias) = gates_of(model, " ".join(words))
    assert inner.shape[0] == len(model.vocabulary.words) + 2
    hidden = np.zeros(len(bias))
    for step, word in enumerate(words):
        hidden = np.tanh(inner[number_of(model, word)] + hidden @ recurrent + bias)
        np.testing.assert_allclose(cells.hidden[0, step], hidden, atol=1e-5)


def test_052_a_word_vector_is_the_one_hot_word_times_a_matrix():
    """52 (002): with `embedding=16` the recurrent layer reads the word's row of that matrix."""
    options = {"cell": "simple_rnn", "embedding": 16, "units": U, "dropout": 0.0}
    model = shaken(sk.build_language_model(vocabulary=["code", "read"], **options))
    vectors, *recurrent = model.get_weights()[:4]
    (cells,) = sk.gates(model, "read").values()
    numbers = [number_of(model, word) for word in ("[START]", "read")][-cells.hidden.shape[1] :]
    read = np.eye(len(vectors))[numbers] @ vectors
    np.testing.assert_allclose(cells.hidden, rnn_steps(read[None], recurrent), atol=1e-5)


def test_053_the_first_state_may_be_random():
    """53 (002, 003): "random" draws h_0 anew in training and is zero otherwise, as Keras's is always."""
    zeros, drawn = (sk.RecurrentStack(U, "simple_rnn", initial_state=start) for start in ("zeros", "random"))
    for layer in (zeros, drawn):
        layer.build(X.shape)
        layer.set_weights(zeros.get_weights())
    np.testing.assert_array_equal(drawn(X), zeros(X))
    first, second = (np.asarray(drawn(X, training=True)) for _ in range(2))
    assert np.abs(first - second).max() > 1e-4
    np.testing.assert_array_equal(zeros(X, training=True), zeros(X))


def test_054_the_last_state_goes_through_a_linear_layer_and_a_softmax_to_the_next_word():
    """54 (002): p = softmax(h W + b), and `next_words` gives the most probable ones."""
    model, text = saying_model(), "never too late to"
    cells, _ = gates_of(model, text)
    *_, kernel, bias = model.get_weights()
    probabilities = softmax(cells.hidden[0, -1] @ kernel + bias)
    found = model.next_words(text, k=3).set_index("word")["probability"]
    allowed = [number_of(model, word) for word in found.index]
    np.testing.assert_allclose(found, probabilities[allowed], atol=1e-3)
    assert found.is_monotonic_decreasing


def test_055_never_too_late_to_code_or_read():
    """55 (002): the two endings of the training text are the two most probable words."""
    found = saying_model().next_words("never too late to", k=2)
    assert sorted(found["word"]) == ["code", "read"]
    assert found["probability"].sum() > 0.95


def test_056_each_word_is_tagged_with_its_part_of_speech():
    """56 (002): lists of Chinese words to r (pronoun), v (verb) and ns (place)."""
    keras.utils.set_random_seed(7)
    words = [["我", "爱", "北京"], ["他", "去", "上海"], ["北京", "在", "她"], ["上海", "爱", "我"]] * 3
    tags = [["r", "v", "ns"]] * 2 + [["ns", "v", "r"]] * 2
    options = {"units": 4, "cell": "simple_rnn", "embedding": 6, "characters": False, "output": "softmax"}
    model = sk.build_tagger(like=words, tags=tags * 3, dropout=0.0, optimizer=fast(), **options)
    model.fit(words, tags * 3, epochs=12, verbose=0)
    assert model.predict_tags([["我", "去", "上海"], ["上海", "在", "他"]]) == [["r", "v", "ns"], ["ns", "v", "r"]]


def test_057_the_weeks_temperatures_give_each_days_weather():
    """57 (002): a tagger of series; a day is warm where its temperature is above 20 degrees."""
    keras.utils.set_random_seed(7)
    weeks = np.random.default_rng(7).uniform(5, 35, (60, 7, 1))
    weather = np.where(weeks[..., 0] > 20, "sun", "rain").tolist()
    model = sk.build_tagger(like=weeks, tags=weather, units=6, cell="simple_rnn", output="softmax", optimizer=fast())
    model.fit(weeks[:50], weather[:50], epochs=12, verbose=0)
    found = np.array(model.predict_tags(weeks[50:]))
    assert np.mean(found == np.array(weather[50:])) > 0.9


def test_058_a_picture_becomes_a_sentence():
    """58 (002, 003): three pictures, each with a stroke at another place, and their captions."""
    keras.utils.set_random_seed(7)
    pictures, captions = 5 * np.eye(3, dtype="float32"), ["a cat", "a dog", "two dogs"]
    model = sk.build_captioner(
        like=(pictures, captions), units=8, embedding=5, cell="simple_rnn", dropout=0.0, optimizer=fast()
    )
    model.fit(pictures, captions, epochs=40, verbose=0)
    assert model.caption(pictures) == captions


def test_059_a_sentence_has_a_sentiment():
    """59 (002): reviews to praise and blame, also of words in another order."""
    keras.utils.set_random_seed(7)
    reviews = ["a good film", "good and fine", "a bad film", "bad and dull"]
    options = {"units": 6, "embedding": 6, "cell": "simple_rnn", "convolution": "none", "dropout": 0.0}
    model = sk.build_classifier(like=reviews, labels=["praise"] * 2 + ["blame"] * 2, optimizer=fast(), **options)
    model.fit(reviews, ["praise"] * 2 + ["blame"] * 2, epochs=15, verbose=0)
    assert list(model.predict_classes(["film good", "dull film"])) == ["praise", "blame"]


def test_060_the_steps_run_one_after_another_so_longer_sequences_take_longer():
    """60 (002): seconds of training by length, in `first_symbol.py`; beside convolutions, in `sequential.py`."""
    for cell in ("SimpleRNN", "LSTM", "GRU"):
        rows = [row for row in results("The first of many symbols") if row["cell"] == cell]
        seconds = {row["length"]: row["seconds"] for row in rows}
        assert seconds[200] > seconds[50] > seconds[10]
        assert seconds[200] > 5 * seconds[10]
    for cell in ("SimpleRNN", "LSTM"):
        ratios = {
            row["length"]: row["ratio, median"] for row in results("Sequential, hence slow") if row["cell"] == cell
        }
        assert ratios[200] > ratios[50] > ratios[10] > 1
        assert ratios[200] > 1.5


def flow_of(size, activation, x):
    """The gradient by each state of one unit that is multiplied by `size` at each timestep."""
    start = keras.initializers.Constant(size)
    recurrent = keras.layers.SimpleRNN(1, activation=activation, recurrent_initializer=start)
    model = keras.Sequential([keras.Input(x.shape[1:]), recurrent])
    model.compile(loss=lambda y, predicted: keras.ops.sum(predicted, axis=-1))
    return sk.gradient_flow(model, x, np.ones((len(x), 1))).iloc[:, 0].to_numpy()


@pytest.mark.parametrize("size", [0.8, 1.2])
def test_061_a_factor_above_1_explodes_and_one_below_1_decays_exponentially(size):
    """61 (002), corrected: exactly so without squashing. With tanh the factor is size (1 - h^2) and may decay."""
    flow = flow_of(size, "linear", X)
    np.testing.assert_allclose(flow, size ** np.arange(T - 1.0, -1, -1), rtol=1e-4)
    squashed = flow_of(size, "tanh", 3 * X)
    assert squashed[0] < 1


def test_062_exploding_is_rare_and_vanishing_usual():
    """62 (002): with Keras's first weights every measured network vanishes; it takes large ones of relu to explode."""
    for row in results("The first of many symbols"):
        assert row["gradient, first / last step"] < 1
    for row in results("Clipping where the gradient explodes"):  # 1.2 times the identity, relu
        assert row["gradient, first / last step"] > 1


@pytest.mark.parametrize(("build", "gates"), [(sk.build_rnn, 1), (sk.build_gru, 3), (sk.build_lstm, 4)])
def test_063_the_variants_are_gru_lstm_and_bidirectional(build, gates):
    """63 (002): a gate has a set of weights, and two directions are two layers, joined."""
    biases = 2 if build is sk.build_gru else 1  # the GRU of Keras has one for the input and one for the state
    one, two = (build(U, features=F, bidirectional=both) for both in (False, True))
    assert one.count_params() == gates * U * (F + U + biases)
    assert two.count_params() == 2 * one.count_params()
    shaken(two)
    one.set_weights(two.get_weights()[:3])
    np.testing.assert_allclose(two(X)[:, :U], one(X), atol=1e-6)
    one.set_weights(two.get_weights()[3:])
    np.testing.assert_allclose(two(X)[:, U:], one(X[:, ::-1]), atol=1e-6)
