"""Article 003, RNN, LSTM, Seq2Seq and attention: each statement, in the article's order, through the public API."""

import functools

import keras
import numpy as np
import pandas as pd
import pytest
from written_out import B, F, T, U, normal, result, results, rnn_steps, shaken, sigmoid, softmax

import seqkit as sk

X = normal(B, T, F)
Y = normal(B, 4, 1, seed=1)
CHINESE = ["我爱你", "他住在北京", "我是学生"]
ENGLISH = ["i love you", "he lives in beijing", "i am a student"]
POEM = "床前明月光，疑是地上霜。"


def fast(rate=0.05):
    return keras.optimizers.Adam(rate)


def shape_of(shape, outputs=3, **options):
    """A plain recurrent network of one of the four shapes."""
    options = {"features": F, "cell": "simple_rnn", "memory": None, "units": U, **options}
    return shaken(sk.build_recurrent(shape, outputs=outputs, **options))


@functools.cache
def translator():
    """A Chinese-English translator of three sentences, and the losses of its training."""
    keras.utils.set_random_seed(7)
    sizes = {"units": 16, "embedding": 8, "cell": "gru", "bidirectional": False, "dropout": 0.0}
    model = sk.build_seq2seq(like=(CHINESE, ENGLISH), by=("characters", "words"), optimizer=fast(), **sizes)
    history = model.fit(CHINESE * 4, ENGLISH * 4, epochs=15, batch_size=6, verbose=0)
    return model, history


@functools.cache
def decoder(context):
    """An encoder-decoder of series without attention, and the states of its encoder and of its decoder.

    `feedback=False`: the decoder reads nothing but its own state, so that the context alone decides.
    """
    plain = {"cell": "simple_rnn", "bidirectional": False, "dropout": 0.0, "attention": "none", "feedback": False}
    model = shaken(sk.build_seq2seq(like=(X, Y), units=U, context=context, **plain))
    encoder, states = (cells.hidden for cells in sk.gates(model, X).values())
    return model, encoder, states


def weight(model, *parts):
    """The weight whose path holds these parts."""
    (found,) = [np.asarray(one) for one in model.weights if all(part in one.path for part in parts)]
    return found


def test_064_end_to_end_the_model_scales_the_raw_values_itself_but_hand_made_features_may_win():
    """64 (003), corrected: the forecast follows the units of the raw series; a linear model may win."""
    options = {"timesteps": T, "features": 1, "horizon": 4, "units": U, "transform": "none", "segment": 1}
    model = shaken(sk.build_forecaster(scaling="window", **options))
    x = X[..., :1]
    np.testing.assert_allclose(model(1000 * x + 50), 1000 * np.asarray(model(x)) + 50, rtol=1e-3, atol=1)
    questions = result("Texts, accuracy", task="TREC-6", attention="tanh")
    assert questions["accuracy"] == pytest.approx(questions["linear"], abs=0.005)
    reviews = result("Texts, accuracy", task="SST-2", attention="tanh")
    assert reviews["accuracy"] > reviews["linear"]
    beef = result("UCR archive, accuracy", set="Beef")
    assert beef["seqkit"] < beef["linear"]


def test_065_a_csv_is_cleaned_and_its_gaps_are_named(tmp_path):
    """65 (003): a month that is missing becomes NaN and is named; one that stands twice is refused."""
    months = ["2024-01-01", "2024-02-01", "2024-04-01", "2024-05-01", "2024-06-01"]
    (tmp_path / "gap.csv").write_text("month,sales\n" + "".join(f"{month},7\n" for month in months))
    with pytest.warns(sk.SeqkitWarning, match="2024-03"):
        frame = sk.read_csv(tmp_path / "gap.csv")
    assert len(frame) == 6
    assert frame.index[frame["sales"].isna()].tolist() == [pd.Timestamp("2024-03-01")]
    (tmp_path / "twice.csv").write_text("month,sales\n" + "".join(f"{month},7\n" for month in [*months, months[-1]]))
    with pytest.raises(sk.InvalidValue, match="2024-06"):
        sk.read_csv(tmp_path / "twice.csv")


def test_066_a_plain_network_says_the_same_of_the_same_frame_at_every_moment():
    """66 (003): a recurrent one knows what came before, so the same frame can mean two things."""
    film = np.repeat(X[:1, :1], 4, axis=1)  # four times the same frame
    plain, recurrent = (
        shape_of(shape, task="classes", outputs=3, timesteps=None) for shape in ("one_to_one", "many_to_many")
    )
    answers = np.asarray(plain(film[0]))
    np.testing.assert_array_equal(answers, np.repeat(answers[:1], 4, axis=0))
    moments = np.asarray(recurrent(film))[0]
    assert np.abs(np.diff(moments, axis=0)).max(axis=1)[0] > 0.01


def test_067_uses_are_language_models_translation_and_captions():
    """67 (003): each has a builder whose untrained model answers raw samples with its own words; speech: see 86."""
    sizes = {"units": 4, "embedding": 3, "cell": "simple_rnn", "dropout": 0.0}
    writer = sk.build_language_model(like=["a cat ran"], **sizes)
    assert set(writer.next_words("a", k=4)["word"]) == {"a", "cat", "ran", "[END]"}
    model, _ = translator()
    assert set(" ".join(model.translate(["我在北京"])).split()) <= set(" ".join(ENGLISH).split())
    captions = sk.build_captioner(like=(np.eye(2), ["a cat", "a dog"]), **sizes).caption(np.eye(2))
    assert set(" ".join(captions).split()) <= {"a", "cat", "dog"}


def test_068_one_in_one_out():
    """68 (003): y = h = f(U x + W h_0 + b), with zeros or a learnt state as h_0."""
    zero, learnt = (shape_of("one_to_one", None, initial_state=start, timesteps=None) for start in ("zeros", "learned"))
    x = X[:, 0]
    np.testing.assert_allclose(zero(x), rnn_steps(x[:, None], zero.get_weights())[:, 0], atol=1e-6)
    start = weight(learnt, "layer_1_hidden")
    weights = [weight(learnt, f"cell/{name}") for name in ("kernel", "recurrent_kernel", "bias")]
    np.testing.assert_allclose(learnt(x), rnn_steps(x[:, None], weights, state=start)[:, 0], atol=1e-6)


def test_069_many_in_one_out():
    """69 (003): y = V h_T + c."""
    model = shape_of("many_to_one")
    *_, kernel, bias = model.get_weights()
    np.testing.assert_allclose(model(X), rnn_steps(X, model.get_weights()[:3])[:, -1] @ kernel + bias, atol=1e-5)


def test_070_one_in_many_out():
    """70 (003): the one input is read at every timestep, and there is an output at each."""
    model, x = shape_of("one_to_many", timesteps=4), X[:, 0]
    *_, kernel, bias = model.get_weights()
    repeated = np.repeat(x[:, None], 4, axis=1)
    np.testing.assert_allclose(model(x), rnn_steps(repeated, model.get_weights()[:3]) @ kernel + bias, atol=1e-5)


def test_071_many_in_many_out_of_equal_length():
    """71 (003): to the line of a couplet a line of as many characters; the weights are set by hand."""
    known, answers, plain = "春风秋月", "夏雨冬云", {"cell": "simple_rnn", "memory": None}
    model = sk.build_recurrent("many_to_many", features=4, outputs=4, units=4, task="classes", **plain)
    model.set_weights([2 * np.eye(4), np.zeros((4, 4)), np.zeros(4), 5 * np.eye(4), np.zeros(4)])
    for line in ("春风", "秋月春风"):
        probabilities = np.asarray(model(np.eye(4, dtype="float32")[[[known.index(one) for one in line]]]))
        wanted = softmax(5 * np.tanh(2 * np.eye(4)))[[known.index(one) for one in line]]
        np.testing.assert_allclose(probabilities[0], wanted, atol=1e-5)
        says = "".join(answers[number] for number in probabilities[0].argmax(axis=1))
        assert says == {"春风": "夏雨", "秋月春风": "冬云夏雨"}[line]


def test_072_a_robot_writes_a_poem():
    """72 (003): the next character again and again; what it learnt it says by heart, and Chinese without spaces."""
    keras.utils.set_random_seed(7)
    sizes = {"units": 24, "embedding": 16, "cell": "simple_rnn", "dropout": 0.0}
    model = sk.build_language_model(like=[POEM], by="characters", optimizer=fast(0.02), **sizes)
    model.fit([POEM], epochs=30, verbose=0)
    assert model.generate("床前", 20, temperature=0) == POEM


def slopes(activation):
    """The gradient by the first and the last state of a network whose sums are all near zero."""
    model = sk.build_rnn(U, features=F, activation=activation)
    inner, _, bias = model.get_weights()
    model.set_weights([0 * inner, np.eye(U), 0 * bias - (0.5 if activation == "sigmoid" else 0)])
    flow = sk.gradient_flow(model, X, np.ones((B, U))).iloc[:, 0]
    return flow.iloc[0] / flow.iloc[-1]


@pytest.mark.filterwarnings("ignore:.*cannot use the cuDNN kernel")
def test_073_a_sigmoid_is_a_switch_and_passes_at_most_a_quarter_of_a_gradient():
    """73 (003): near 0 and 1 it opens and shuts; its slope is 1/4 at most, that of tanh 1; it learns later."""
    np.testing.assert_allclose(sigmoid(np.array([-10.0, 10.0])), [0, 1], atol=1e-4)
    assert slopes("tanh") == pytest.approx(1)  # h = tanh(0)
    assert slopes("sigmoid") == pytest.approx(0.25 ** (T - 1), rel=0.05)  # h = sigmoid(0.5 - 0.5)
    for cell in ("SimpleRNN", "LSTM"):
        for length in (5, 10):
            of = {"cell": cell, "length": length}
            tanh, other = (result("Sigmoid against tanh", activation=name, **of) for name in ("tanh", "sigmoid"))
            assert tanh["learnt"] == 5  # of five seeds
            assert tanh["steps, mean"] + tanh["spread"] < other["steps, mean"] - other["spread"]


@pytest.mark.filterwarnings("ignore:.*cannot use the cuDNN kernel")
@pytest.mark.parametrize("name", ["tanh", "relu", "sigmoid"])
def test_074_activations_may_be_exchanged(name):
    """74 (003): of candidate and output of an LSTM, as in `keras.layers.LSTM`."""
    model = shaken(sk.build_lstm(U, features=F, return_sequences=True, activation=name))
    layer = keras.layers.LSTM(U, activation=name, return_sequences=True)
    layer.build(X.shape)
    layer.set_weights(model.get_weights())
    np.testing.assert_allclose(model(X), layer(X), rtol=1e-5, atol=1e-6)


def test_075_without_information_the_forget_gate_is_more_open_and_the_input_gate_less():
    """75 (003), corrected: the direction holds in a trained network, but gates are not 0 or 1."""
    keras.utils.set_random_seed(1)
    random, samples, timesteps = np.random.default_rng(0), np.arange(600), 8
    values, where = random.uniform(-1, 1, (600, timesteps)), random.integers(1, timesteps - 2, size=600)
    x = np.stack([values, np.eye(timesteps)[where]], axis=-1).astype("float32")
    y = values[samples, where][:, None].astype("float32")
    model = sk.build_recurrent("many_to_one", features=2, outputs=1, timesteps=8, units=8, optimizer=fast(0.02))
    model.fit(x, y, epochs=20, batch_size=50, verbose=0)
    (cells,) = sk.gates(model, x).values()
    share = np.abs(
        cells.cell[samples, where] - cells.cell[samples, where - 1]
    )  # how much each unit holds of the answer
    share /= share.sum(axis=1, keepdims=True)
    opened = {
        (gate, later): float((getattr(cells, gate)[samples, where + later] * share).sum(axis=1).mean())
        for gate in ("forget", "input")
        for later in (0, 2)
    }
    assert opened["forget", 0] < opened["forget", 2] < 1
    assert opened["input", 0] > opened["input", 2] > 0


def test_076_seq2seq_answers_with_another_length():
    """76 (003): five characters in, four words out; and series of 7 timesteps in, 4 out."""
    model, _ = translator()
    (found,) = model.alignments(["他住在北京"])
    assert (len(found.source), " ".join(found.target)) == (5, "he lives in beijing")
    series, _, _ = decoder("initial")
    assert series.predict(X, verbose=0).shape == (B, 4, 1)


def test_077_the_context_is_the_last_hidden_state():
    """77 (003): `context="initial"`."""
    model, encoder, _ = decoder("initial")
    np.testing.assert_allclose(model.encode(X), encoder[:, -1], atol=1e-5)


def test_078_the_context_is_a_transform_of_the_last_hidden_state():
    """78 (003): `context="transform"`, c = tanh(V h_T + b)."""
    model, encoder, _ = decoder("transform")
    kernel, bias = weight(model, "first_layer_1_hidden/kernel"), weight(model, "first_layer_1_hidden/bias")
    np.testing.assert_allclose(model.encode(X), np.tanh(encoder[:, -1] @ kernel + bias), atol=1e-5)


def test_079_the_context_is_a_transform_of_all_hidden_states():
    """79 (003): `context="pooled"`, a learnt mean of all of them, transformed."""
    model, encoder, _ = decoder("pooled")
    shares = softmax((np.tanh(encoder) @ weight(model, "pool/kernel"))[..., 0])
    kernel, bias = weight(model, "first_layer_1_hidden/kernel"), weight(model, "first_layer_1_hidden/bias")
    mean = (encoder * shares[..., None]).sum(axis=1)
    np.testing.assert_allclose(model.encode(X), np.tanh(mean @ kernel + bias), atol=1e-5)


def decoder_weights(model):
    return [weight(model, "decoder/recurrent", f"cell/{name}") for name in ("kernel", "recurrent_kernel", "bias")]


def test_080_the_context_is_the_decoders_first_state():
    """80 (003): s_0 = c, and from it the decoder goes on by itself."""
    model, encoder, states = decoder("initial")
    nothing = np.zeros((B, 4, 1))
    wanted = rnn_steps(nothing, decoder_weights(model), state=encoder[:, -1])
    np.testing.assert_allclose(states, wanted, atol=1e-5)


def test_081_the_context_is_read_at_every_step():
    """81 (003): `context="every step"`, s_t = f(U c + W s_{t-1} + b)."""
    model, encoder, states = decoder("every step")
    context = np.repeat(encoder[:, None, -1], 4, axis=1)
    inputs = np.concatenate([np.zeros((B, 4, 1)), context], axis=-1)
    np.testing.assert_allclose(states, rnn_steps(inputs, decoder_weights(model), state=encoder[:, -1]), atol=1e-5)


def test_082_machine_translation():
    """82 (003): the BLEU of English to German, with attention, and the published one of a GRU, in RESULTS.md."""
    row = result("Translation, BLEU", attention="general")
    assert (row["BLEU, beam 5"], row["published"]) == (38.5, 39.0)
    model, _ = translator()
    assert model.translate([CHINESE[1]], beam=3) == [ENGLISH[1]]


def test_083_chinese_to_english():
    """83 (003): three sentences, each by character in and by word out."""
    model, _ = translator()
    assert model.translate(CHINESE) == ENGLISH


def test_084_a_summary_of_a_report_follows_from_the_report():
    """84 (003): two reports that share a sentence have a line each; notebook 16 sums up unseen reports."""
    reports = ["it rained . the cat slept .", "the dog ran . it rained ."]
    options = {"units": 16, "embedding": 8, "cell": "gru", "dropout": 0.0, "bidirectional": False}
    keras.utils.set_random_seed(7)
    model = sk.build_seq2seq(like=(reports, ["cat slept", "dog ran"]), optimizer=fast(), **options)
    model.fit(reports * 8, ["cat slept", "dog ran"] * 8, epochs=5, batch_size=4, verbose=0)
    assert model.translate(reports) == ["cat slept", "dog ran"]
    exact = {source: result("Summaries", source=source)["exact"] for source in ("report", "no report")}
    assert exact["report"] > 0.9 > exact["no report"]


def test_085_reading_comprehension_encodes_text_and_question_apart():
    """85 (003): the encoder's outputs of the text are the same beside any question, and the answer needs both."""
    texts, questions = ["ann is in rome", "bob slept"], ["where is ann", "who slept"]
    options = {"units": U * 2, "embedding": 3, "dropout": 0.0, "cell": "simple_rnn"}
    model = shaken(sk.build_seq2seq(like=((texts, questions), ["rome", "bob"]), **options))
    codes = [model.encode(([text], [question]))[0] for text in texts for question in questions]
    assert min(np.abs(one - other).max() for place, one in enumerate(codes) for other in codes[:place]) > 1e-3
    sources = [model.network_input(([texts[0]], [question]), "test")[0] for question in questions]
    outputs = [np.array(model.network.encode(source).fixed["source"])[0, :4] for source in sources]
    np.testing.assert_allclose(*outputs, atol=1e-6)
    assert (
        result("Reading comprehension", inputs="both")["exact"]
        > result("Reading comprehension", inputs="texts alone")["exact"]
    )


def test_086_speech_recognition_writes_the_words_of_a_series_of_any_length():
    """86 (003): two tones of different length are told apart, and voices never heard, in RESULTS.md."""
    heard, guessed = (result("Spoken numbers", answer=of) for of in ("series to words", "the most frequent answer"))
    assert heard["lowest"] > 0.7 > 0.1 > guessed["exact"]
    tones = {"high": np.array([0.0, 5.0]), "low": np.array([5.0, 0.0])}
    said = ["high", "low", "high low", "low high"]
    series = [np.concatenate([np.tile(tones[word], (n, 1)) for word in text.split()]) for text in said for n in (5, 8)]
    texts = [text for text in said for _ in (5, 8)]
    keras.utils.set_random_seed(7)
    options = {"units": 16, "embedding": 8, "cell": "gru", "dropout": 0.0, "bidirectional": False}
    model = sk.build_seq2seq(like=(series, texts), optimizer=fast(0.02), **options)
    model.fit(series * 4, texts * 4, epochs=12, batch_size=8, verbose=0)
    assert model.translate(series) == texts


def test_087_an_autoencoder_has_its_input_as_output():
    """87 (003): the code is the only way through, and the error is the distance of the answer from the input."""
    options = {"cell": "simple_rnn", "bidirectional": False, "dropout": 0.0}
    model = shaken(sk.build_seq2seq(like=X, autoencoder=True, units=U, **options))
    assert model.encode(X).shape == (B, U)
    far = (model.predict(X, verbose=0) - X) / X.std(axis=(0, 1))
    np.testing.assert_allclose(model.reconstruction_error(X), np.sqrt((far**2).mean(axis=(1, 2))), rtol=1e-4)


def test_088_the_autoencoder_of_texts_is_a_translator_into_its_own_language():
    """88 (003): its targets in training are its sources, word for word."""
    sizes = {"units": U, "embedding": 3, "cell": "simple_rnn", "bidirectional": False, "dropout": 0.0}
    auto = shaken(sk.build_seq2seq(like=ENGLISH, autoencoder=True, **sizes))
    (source, said), wanted = next(iter(auto.batches("fit", ENGLISH, None)))
    for read, told, says in zip(np.asarray(source), np.asarray(said), np.asarray(wanted), strict=True):
        words = read[read > 0] + 2  # the target has two marks more, of its beginning and its end
        np.testing.assert_array_equal(says[: len(words)], words)  # then the end mark
        np.testing.assert_array_equal(told[1 : len(words) + 1], words)  # after the start mark


def test_089_one_context_for_all_words_is_worse_than_attention():
    """89 (003): BLEU and exact dates with and without attention, in RESULTS.md."""
    with_it, without = (result("Translation, BLEU", attention=kind)["BLEU, beam 5"] for kind in ("general", "none"))
    assert (with_it, without) == (38.5, 23.9)
    with_it, without = (result("Dates to ISO 8601", attention=kind)["exact"] for kind in ("general", "none"))
    assert (with_it, without) == (1.0, 0.972)


def test_090_each_output_step_has_its_own_context_with_weights_that_sum_to_1():
    """90 (003): a row of weights for each word that is said."""
    model, _ = translator()
    (found,) = model.alignments(["他住在北京"])
    assert found.target == ("he", "lives", "in", "beijing")
    np.testing.assert_allclose(found.weights.sum(axis=1), 1, atol=1e-5)
    assert np.abs(np.diff(found.weights, axis=0)).max() > 0.1
    axes, *_ = sk.plot_alignment(found).axes
    assert [label.get_text() for label in axes.get_yticklabels()] == list(found.target)


def test_091_the_articles_context_is_a_sum_with_weights_6_2_1_1():
    """91 (003): C_1 = .6 h_1 + .2 h_2 + .1 h_3 + .1 h_4, from scores whose softmax these weights are."""
    weights, hidden = np.array([0.6, 0.2, 0.1, 0.1]), np.eye(4, dtype="float32")[None]
    query = np.log(weights).astype("float32").reshape(1, 1, 4)  # its dot product with h_i is log a_i
    context, found = sk.layers.QueryAttention("dot")(query, hidden, return_attention_scores=True)
    np.testing.assert_allclose(found[0, 0], weights, atol=1e-6)
    np.testing.assert_allclose(context[0, 0], weights @ hidden[0], atol=1e-6)


@pytest.mark.parametrize("score", ["dot", "general", "additive"])
def test_092_a_function_and_softmax_compare_the_state_with_every_hidden_state(score):
    """92 (003): s_i = F(q, h_i), a = softmax(s), c = sum_i a_i h_i; with "dot" the nearest state weighs most."""
    query, source = normal(B, 3, U), normal(B, T, U, seed=1)
    layer = sk.layers.QueryAttention(score)
    layer.build(query.shape, source.shape)
    for number, one in enumerate(layer.weights):
        one.assign(normal(*one.shape, seed=number))
    context, weights = (np.asarray(one) for one in layer(query, source, return_attention_scores=True))
    part = {one.path.split("/", 1)[-1]: np.asarray(one) for one in layer.weights}
    if score == "additive":
        projected = [query @ part["query/kernel"], source @ part["source/kernel"] + part["source/bias"]]
        scores = (np.tanh(projected[0][:, :, None] + projected[1][:, None]) * part["attention/scale"]).sum(axis=-1)
    else:
        scores = (query @ part["query/kernel"] if score == "general" else query) @ source.transpose(0, 2, 1)
    np.testing.assert_allclose(weights, softmax(scores), atol=1e-5)
    np.testing.assert_allclose(context, weights @ source, atol=1e-5)


def test_093_one_context_is_a_bottleneck_for_long_sentences():
    """93 (003): the share of words that are right, by length, in `benchmarks/sentence_length.py`."""
    rows = results("Translation by length of the sentence")
    right = {
        way: {row["words"]: float(str(row[f"words right, {way}"]).split(" ± ")[0]) for row in rows}
        for way in ("attention", "one context")
    }
    assert (right["attention"][4], right["one context"][4]) == (1.0, 0.999)
    assert (right["attention"][20], right["one context"][20]) == (0.958, 0.305)
    one = [right["one context"][words] for words in sorted(right["one context"])]
    assert one == sorted(one, reverse=True)  # each longer sentence is worse


def test_094_gradient_descent_runs_until_the_loss_converges():
    """94 (003, 004): the loss falls, then hardly moves; `plot_history` draws it."""
    _, history = translator()
    losses = history.history["loss"]
    assert losses[-1] < 0.1 * losses[0]
    assert abs(losses[-1] - losses[-2]) < 0.1 * abs(losses[1] - losses[0])
    lines = sk.plot_history(history).axes[0].get_lines()
    np.testing.assert_allclose(lines[0].get_ydata(), losses)
