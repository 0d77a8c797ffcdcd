"""Article 000, LSTM and attention: each statement, in the article's order, through the public API."""

import functools

import keras
import numpy as np
import pytest
from written_out import (
    B,
    F,
    T,
    U,
    before,
    gates_of,
    lstm_steps,
    normal,
    result,
    results,
    rnn_steps,
    shaken,
    sigmoid,
    softmax,
)

import seqkit as sk

X = normal(B, T, F)
PLAIN = {"bidirectional": False, "convolution": "none", "dropout": 0.0, "units": U, "cell": "simple_rnn"}
SENTENCES = ["我在北京", "我在上海", "我去吃饭", "他在睡觉"]
PLACES = ["place", "place", "none", "none"]


@functools.cache
def lstm():
    """Gates of an LSTM on X, and its weights."""
    return gates_of(shaken(sk.build_lstm(U, features=F, return_sequences=True)), X)


def classifier(**options):
    """A classifier of series whose steps are not scaled."""
    return shaken(sk.build_classifier(features=F, labels=["no", "yes"], scaling="none", **{**PLAIN, **options}))


def states_of(model):
    (states,) = sk.gates(model, X).values()
    return states.hidden


def linear_rnn(size, timesteps=20):
    """A recurrent layer whose state is multiplied by `size` at each timestep."""
    identity = keras.initializers.Identity(size)
    recurrent = keras.layers.SimpleRNN(U, activation="linear", recurrent_initializer=identity)
    model = keras.Sequential([keras.Input((timesteps, F)), recurrent, keras.layers.Dense(1)])
    model.compile(loss="mse")
    return model


@pytest.mark.parametrize("size", [0.5, 2.0])
def test_001_a_long_product_of_gradients_vanishes_or_explodes(size):
    """1 (000, 002): d loss / d h_1 is d loss / d h_20 times the product of 19 equal factors."""
    flow = sk.gradient_flow(linear_rnn(size), normal(B, 20, F), np.ones((B, 1))).iloc[:, 0]
    assert flow.iloc[0] / flow.iloc[-1] == pytest.approx(size**19, rel=1e-3)


def test_002_lstm_and_gru_keep_memory_where_their_gates_are_set_to_remember():
    """2 (000, 002), corrected: with Keras's biases they lose the first of 50 steps, with biases for the length not."""
    symbols = np.eye(4, dtype="float32")[np.random.default_rng(0).integers(4, size=(B, 50))]
    shares = {}
    for cell, memory in [("simple_rnn", None), ("gru", None), ("gru", 50)]:
        keras.utils.set_random_seed(1)
        sizes = {"features": 4, "outputs": 4, "timesteps": 50, "task": "classes"}
        model = sk.build_recurrent("many_to_one", cell=cell, memory=memory, **sizes)
        flow = sk.gradient_flow(model, symbols, np.zeros(B)).iloc[:, 0]
        shares[cell, memory] = flow.iloc[0] / flow.iloc[-1]
    assert shares["gru", None] < shares["simple_rnn", None] < shares["gru", 50]
    assert shares["gru", 50] > 0.01
    accuracy = {
        row["cell"]: row["accuracy, mean"] for row in results("The first of many symbols") if row["length"] == 50
    }
    assert max(accuracy["LSTM"], accuracy["GRU"]) < accuracy["SimpleRNN"] < 0.6
    assert min(accuracy["LSTM, chrono"], accuracy["GRU, chrono"]) > 0.99


@pytest.mark.parametrize("shape", ["one_to_one", "one_to_many", "many_to_one", "many_to_many"])
def test_003_an_lstm_has_the_rnns_outer_form_and_fits_in_all_structures(shape):
    """3 (000, 003): a word exchanges the cell. Sizes of inputs and outputs stay, the answers differ."""
    timesteps = {"one_to_one": None, "one_to_many": 4}.get(shape, T)
    x = X[:, 0] if shape.startswith("one") else X
    made = {
        cell: sk.build_recurrent(shape, features=F, outputs=3, timesteps=timesteps, cell=cell, memory=None, units=U)
        for cell in ("simple_rnn", "lstm", "gru")
    }
    answers = [np.asarray(shaken(model)(x)) for model in made.values()]
    assert {model.input_shape for model in made.values()} == {made["simple_rnn"].input_shape}
    assert {answer.shape for answer in answers} == {answers[0].shape}
    assert not np.allclose(answers[0], answers[1])
    assert not np.allclose(answers[1], answers[2])


def test_004_what_is_to_be_kept_is_passed_on_and_the_rest_is_cut():
    """4 (000): a unit whose forget gate is open keeps its cell state, one whose forget gate is shut loses it."""
    layer = sk.RecurrentStack(2, return_state=True)
    layer.build(X.shape)
    shut, opened = -50.0, 50.0
    bias = [shut, shut, opened, shut, 0, 0, opened, opened]  # input, forget, candidate and output gate of two units
    layer.set_weights([np.zeros((F, 8)), np.zeros((2, 8)), np.array(bias)])
    first = normal(B, 2, seed=1)
    _, hidden, cell = layer(X, initial_state=[np.zeros((B, 2), "float32"), first])
    np.testing.assert_allclose(cell, first * [1, 0], atol=1e-6)
    np.testing.assert_allclose(hidden, np.tanh(first) * [1, 0], atol=1e-6)


def test_005_the_six_formulas_are_the_cell():
    """5 (000): f, i, candidate, C, o and h, written out in NumPy, are what the layer computes."""
    cells, weights = lstm()
    for name, wanted in lstm_steps(X, weights).items():
        np.testing.assert_allclose(getattr(cells, name), wanted, atol=1e-6, err_msg=name)


def test_006_the_cell_is_drawn_with_its_gates():
    """6 (000): the diagram names each gate and state, and shows a model's values at one timestep."""
    model = shaken(sk.build_lstm(U, features=F, return_sequences=True))
    plain, filled = (
        [text.get_text() for text in figure.axes[0].texts]
        for figure in (sk.plot_cell("lstm"), sk.plot_cell(model=model, x=X, sample=1, step=3, unit=2))
    )
    names = ["$C_{t-1}$", "$h_{t-1}$", "$x_t$", "$f_t$", "$i_t$", r"$\tilde{C}_t$", "$o_t$", "$C_t$", "$h_t$"]
    assert set(names) <= set(plain)
    cells, _ = lstm()
    assert f"{cells.forget[1, 3, 2]:.2f}" == filled[filled.index("$f_t$") + 1]


def test_007_a_gate_is_a_sigmoid_and_a_pointwise_product():
    """7 (000, 001, 003): 0 lets nothing through, 1 lets all through, and between them a share."""
    cells, (inner, recurrent, bias) = lstm()
    sums = X @ inner + before(cells.hidden) @ recurrent + bias
    np.testing.assert_allclose(cells.forget, sigmoid(sums[..., U : 2 * U]), atol=1e-6)
    assert 0 < cells.forget.min() < cells.forget.max() < 1
    model = sk.build_lstm(1, features=F, return_sequences=True)
    for setting in (-200.0, 200.0):
        model.set_weights([np.zeros((F, 4)), np.zeros((1, 4)), np.array([0, 0, 1, setting])])
        (set_by_hand,) = sk.gates(model, X).values()
        np.testing.assert_array_equal(set_by_hand.output, float(setting > 0))
        np.testing.assert_allclose(set_by_hand.hidden, (setting > 0) * np.tanh(set_by_hand.cell), atol=1e-6)


def test_008_the_forget_gate_drops_from_the_old_cell_state():
    """8 (000, 001): of C_{t-1} the share f_t is left, without what is added."""
    cells, _ = lstm()
    left = cells.cell - cells.input * cells.candidate
    np.testing.assert_allclose(left, cells.forget * before(cells.cell), atol=1e-6)
    assert (np.abs(left) <= np.abs(before(cells.cell)) + 1e-6).all()


def test_009_a_cell_can_hold_the_gender_until_a_new_pronoun_comes():
    """9 (000): with weights set by hand, the cell of a language model holds it; notebook 07 trains one that does."""
    words = ["he", "she", "said", "that", "it", "rained"]
    model = sk.build_language_model(vocabulary=words, embedding="one-hot", units=1, dropout=0.0)
    numbers = [list(model.vocabulary.words).index(word) + 2 for word in ("he", "she")]
    inner, recurrent, bias, *output = model.get_weights()
    inner, bias = np.zeros_like(inner), np.array([-20.0, 20.0, 0.0, 20.0])  # write nothing, keep all, show all
    inner[numbers, 0], inner[numbers, 1], inner[numbers, 2] = 40, -40, (9, -9)  # a pronoun: forget, write +1 or -1
    model.set_weights([inner, np.zeros_like(recurrent), bias, *output])
    (cells,) = sk.gates(model, "he said that it rained she said that").values()
    he, she = slice(1, 6), slice(6, None)  # after the mark of the beginning
    np.testing.assert_allclose(cells.cell[0, he, 0], 1, atol=1e-3)
    np.testing.assert_allclose(cells.cell[0, she, 0], -1, atol=1e-3)
    assert cells.forget[0, 6, 0] < 1e-3 < 0.999 < cells.forget[0, 5, 0]


def test_010_of_the_input_gate_a_sigmoid_decides_and_a_tanh_proposes():
    """10 (000, 001, 003): at the first timestep, where there is no old state, C is sigmoid times tanh."""
    cells, (inner, _, bias) = lstm()
    decides, _, proposes, _ = np.split(X[:, 0] @ inner + bias, 4, axis=-1)
    np.testing.assert_allclose(cells.input[:, 0], sigmoid(decides), atol=1e-6)
    np.testing.assert_allclose(cells.candidate[:, 0], np.tanh(proposes), atol=1e-6)
    np.testing.assert_allclose(cells.cell[:, 0], sigmoid(decides) * np.tanh(proposes), atol=1e-6)


def test_011_the_new_cell_state_is_forget_times_old_plus_input_times_candidate():
    """11 (000, 001, 003): C_t = f_t C_{t-1} + i_t C~_t."""
    cells, _ = lstm()
    wanted = cells.forget * before(cells.cell) + cells.input * cells.candidate
    np.testing.assert_allclose(cells.cell, wanted, atol=1e-6)


def test_012_the_output_gate_times_tanh_of_the_cell_is_the_hidden_state():
    """12 (000, 001, 003): h_t = o_t tanh(C_t), which stays between -1 and 1."""
    cells, _ = lstm()
    np.testing.assert_allclose(cells.hidden, cells.output * np.tanh(cells.cell), atol=1e-6)
    assert np.abs(cells.hidden).max() < 1


def test_013_four_sets_of_weights_one_for_each_gate():
    """13 (000, 003): U, W and b four times; taken apart they give the same network by hand."""
    assert sk.build_lstm(64, features=8).count_params() == 4 * 64 * (8 + 64 + 1) == 18_688
    cells, weights = lstm()
    parts = {"W_o": np.eye(U), "b_o": np.zeros(U)}
    for kind, weight in zip("WRb", weights, strict=True):
        for gate, part in zip(("i", "f", "g", "og"), np.split(weight, 4, axis=-1), strict=True):
            parts[f"{kind}_{gate}"] = part
    by_hand = sk.lstm_by_hand(X, np.zeros((B, U)), parts)
    np.testing.assert_allclose(by_hand.hidden, cells.hidden, atol=1e-6)


@pytest.mark.filterwarnings("ignore:.*cannot use the cuDNN kernel")
def test_014_of_five_activations_the_last_has_no_weights():
    """14 (000): three sigmoids, two tanhs; the one on the cell state has no weights of its own."""
    cells, weights = lstm()
    linear = sk.build_lstm(U, features=F, return_sequences=True, activation="linear")
    assert [weight.shape for weight in linear.get_weights()] == [weight.shape for weight in weights]
    linear.set_weights(weights)
    (other,) = sk.gates(linear, X).values()
    np.testing.assert_allclose(np.tanh(other.candidate[:, 0]), cells.candidate[:, 0], atol=1e-6)
    np.testing.assert_allclose(other.hidden, other.output * other.cell, atol=1e-6)


def test_015_the_cell_state_runs_on_like_a_conveyor_belt():
    """15 (000, 001): C_T is the sum of what was added, each times the forget gates that it passed, and nothing else."""
    cells, _ = lstm()
    added = cells.input * cells.candidate
    belt = sum(added[:, t] * cells.forget[:, t + 1 :].prod(axis=1) for t in range(T))
    np.testing.assert_allclose(cells.cell[:, -1], belt, atol=1e-6)


def test_016_attention_suppresses_the_unimportant_but_need_not_explain_the_answer():
    """16 (000): a step that scores high outweighs the others. On TREC-6 the least attended steps matter most."""
    model = classifier(attention="dense")
    kernel = 5 * np.eye(U, 1)
    model.get_layer("attention").set_weights([kernel, np.zeros(1)])
    (weights,) = sk.attention_weights(model, X).values()
    scores = (states_of(model) @ kernel)[..., 0]
    np.testing.assert_allclose(np.argsort(weights, axis=1), np.argsort(scores, axis=1))
    assert (weights.max(axis=1) > 1.4 / T).all()
    assert (weights.min(axis=1) < 0.1 / T).all()
    kept, drop = {}, "Deletion: do attended steps matter"
    for task in ("TREC-6", "SST-2"):
        row = result(drop, task=task)
        kept[task] = row["drop, most attended"] - row["drop, least attended"]
    assert kept["TREC-6"] < 0 < kept["SST-2"]


def test_017_attention_weighs_the_features_of_the_input():
    """17 (000): each feature is multiplied by a weight between 0 and 1 before the recurrent layer reads it."""
    model = classifier(attention="features")
    (weights,) = sk.attention_weights(model, X).values()
    assert weights.shape == (B, F)
    assert 0 < weights.min() < weights.max() < 1
    recurrent = [weight for weight in model.weights if "simple_rnn" in weight.path]
    wanted = rnn_steps(X * weights[:, None], [np.asarray(weight) for weight in recurrent])
    np.testing.assert_allclose(states_of(model), wanted, atol=1e-5)


def test_018_attention_over_the_places_of_an_image():
    """18 (000): each word of a caption weighs the places of the encoder's map by a softmax of query and place."""
    images, captions = normal(2, 8, 8, 1), ["a b", "b"]
    model = sk.build_captioner(like=(images, captions), units=4, embedding=3, attention="dot", dropout=0.0)
    maps = model.attention_maps(images)
    places = model.get_layer("encoder").predict(images, verbose=0)  # (B, H, W, E)
    for image_map, (height, width) in zip(maps, [places.shape[1:3]] * 2, strict=True):
        assert image_map.weights.shape == (len(image_map.words), height, width)
        np.testing.assert_allclose(image_map.weights.sum(axis=(1, 2)), 1, rtol=1e-5)
    model.get_layer("encoder").set_weights([0 * weight for weight in model.get_layer("encoder").get_weights()])
    for image_map in model.attention_maps(images):  # places that are all alike have equal weights
        np.testing.assert_allclose(image_map.weights, 1 / (height * width), rtol=1e-5)


def test_019_average_and_maximum_go_through_a_dense_layer_to_weights_from_0_to_1():
    """19 (000): a = sigmoid(W mean + W max + b) for features; softmax instead for steps."""
    layer = sk.layers.FeatureAttention()
    layer.build(X.shape)
    kernel, bias = normal(F, F, seed=1), normal(F, seed=2)
    layer.set_weights([kernel, bias])
    _, weights = layer(X, return_attention_scores=True)
    np.testing.assert_allclose(weights, sigmoid((X.mean(1) + X.max(1)) @ kernel + bias), atol=1e-6)


def test_020_dense_softmax_and_the_weighted_sum_of_all_steps():
    """20 (000): the first form of attention, up to the probabilities of the classes."""
    model = classifier(attention="dense")
    kernel, bias = model.get_layer("attention").get_weights()
    hidden = states_of(model)
    wanted = softmax((hidden @ kernel)[..., 0] + bias)
    (weights,) = sk.attention_weights(model, X).values()
    np.testing.assert_allclose(weights, wanted, atol=1e-6)
    np.testing.assert_allclose(weights.sum(axis=1), 1, atol=1e-6)
    inner, outer = model.get_layer("scores").get_weights()
    answer = softmax((hidden * wanted[..., None]).sum(axis=1) @ inner + outer)
    np.testing.assert_allclose(model(X), answer, atol=1e-5)


def test_021_outputs_1_4_5_6_give_5_55_and_the_articles_round_weights_4_3():
    """21 (000): e1 / (e1 + e4 + e5 + e6) and so on; the article's .2, .3, .1, .4 are an illustration."""
    outputs = np.array([1.0, 4.0, 5.0, 6.0], "float32")
    layer = sk.layers.StepAttention("dense")
    layer.build((1, 4, 1))
    layer.set_weights([np.ones((1, 1)), np.zeros(1)])
    summed, weights = layer(outputs.reshape(1, 4, 1), return_attention_scores=True)
    np.testing.assert_allclose(weights[0], np.exp(outputs) / np.exp(outputs).sum(), rtol=1e-5)
    np.testing.assert_allclose(weights[0], [0.004, 0.09, 0.244, 0.662], atol=1e-3)
    assert float(summed[0, 0]) == pytest.approx(5.55, abs=0.01)
    assert outputs @ [0.2, 0.3, 0.1, 0.4] == pytest.approx(4.3)


def test_022_without_attention_only_the_last_output_counts():
    """22 (000): the probabilities are those of h_T alone."""
    model = classifier(attention="none")
    inner, outer = model.get_layer("scores").get_weights()
    np.testing.assert_allclose(model(X), softmax(states_of(model)[:, -1] @ inner + outer), atol=1e-5)


@pytest.mark.parametrize("attention", ["none", "dense"])
def test_023_four_characters_are_classified_with_and_without_attention(attention):
    """23 (000): 我在北京, read by character."""
    keras.utils.set_random_seed(3)
    options = {**PLAIN, "embedding": 8, "attention": attention, "optimizer": keras.optimizers.Adam(0.05)}
    model = sk.build_classifier(like=SENTENCES, labels=PLACES, **options)
    model.fit(SENTENCES, PLACES, epochs=15, verbose=0)
    assert list(model.predict_classes(SENTENCES)) == PLACES
    if attention != "none":
        (weights,) = sk.attention_weights(model, ["我在北京"]).values()
        assert weights.shape == (1, 4)
        assert weights.sum() == pytest.approx(1)


def test_024_attention_over_the_last_step_of_each_layer():
    """24 (000): the second form, softmax_l(w h_l + b) over the layers' last hidden states."""
    model = classifier(attention="layers", units=(U, U, U))
    kernel, bias = model.get_layer("layer_attention").get_weights()
    last = np.stack([states.hidden[:, -1] for states in sk.gates(model, X).values()], axis=1)
    (weights,) = sk.attention_weights(model, X).values()
    np.testing.assert_allclose(weights, softmax((last @ kernel)[..., 0] + bias), atol=1e-6)
    inner, outer = model.get_layer("scores").get_weights()
    fused = (last * weights[..., None]).sum(axis=1)
    np.testing.assert_allclose(model(X), softmax(fused @ inner + outer), atol=1e-5)


def test_025_first_the_weights_then_tanh_then_the_sum():
    """25 (000): the third form taken literally, sum_t tanh(a_t h_t); "tanh" is that of Zhou et al. 2016."""
    model = classifier(attention="weighted_tanh")
    hidden = states_of(model)
    (weights,) = sk.attention_weights(model, X).values()
    inner, outer = model.get_layer("scores").get_weights()
    wanted = softmax(np.tanh(hidden * weights[..., None]).sum(axis=1) @ inner + outer)
    np.testing.assert_allclose(model(X), wanted, atol=1e-5)


def test_026_an_lstm_has_variants_such_as_peepholes():
    """26 (000): gates that see the cell state; with peepholes of zero it is the LSTM, with others it is not."""
    model = sk.build_lstm(U, features=F, return_sequences=True, peepholes=True)
    cells, weights = lstm()
    model.set_weights([*weights, np.zeros((3, U))])
    np.testing.assert_allclose(model(X), cells.hidden, atol=1e-6)
    sees = normal(3, U, seed=1)
    model.set_weights([*weights, sees])
    i, _, g, o = np.split(X[:, 0] @ weights[0] + weights[2], 4, axis=-1)
    cell = sigmoid(i) * np.tanh(g)  # the peepholes of i and f see a state of zero at first, that of o the new one
    np.testing.assert_allclose(model(X)[:, 0], sigmoid(o + sees[2] * cell) * np.tanh(cell), atol=1e-6)
    assert np.abs(model(X) - cells.hidden)[:, 1:].max() > 0.01
