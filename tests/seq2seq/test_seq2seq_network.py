"""The network on numbers of words: whole targets and single steps agree; each context reaches the decoder."""

import keras
import numpy as np
import pytest
from keras import ops
from tiny_seq2seq import build, series, tokens

from seqkit.seq2seq.build import build_seq2seq
from seqkit.seq2seq.decoding import decode_tokens, decode_values
from seqkit.seq2seq.loss import TokenCrossEntropy
from seqkit.seq2seq.network import Encoded
from seqkit.seq2seq.sampling import ScheduledSampling

SOURCE = tokens([2, 3, 5, 4], [4, 2], [6, 1, 3])
PREVIOUS = tokens([2, 4, 5, 6, 7], [2, 8], [2, 5, 1])
WAYS = {
    "general": {"cell": "lstm", "bidirectional": True},
    "additive, deep": {"attention": "additive", "units": (6, 4), "context": "transform", "cell": "lstm"},
    "dot, pooled": {"attention": "dot", "context": "pooled", "cell": "gru", "bidirectional": True},
    "none, every step": {"attention": "none", "context": "every step", "tied": True},
}
ways = pytest.mark.parametrize("options", WAYS.values(), ids=WAYS)


def numpy(value):
    return ops.convert_to_numpy(value)


@ways
def test_step_by_step_says_what_the_whole_at_once_says(options):
    model = build(**options)
    network = model.network
    encoded = network.encode(SOURCE)
    whole = network.decode(PREVIOUS, encoded)
    states, steps = encoded.states, []
    for step in range(PREVIOUS.shape[1]):
        decoded = network.decode(PREVIOUS[:, step : step + 1], Encoded(states, encoded.fixed))
        states, steps = decoded.states, [*steps, decoded]
    scores = np.concatenate([numpy(network.score(decoded.outputs)) for decoded in steps], axis=1)
    np.testing.assert_allclose(scores, numpy(network.score(whole.outputs)), atol=1e-5)
    np.testing.assert_allclose(scores, numpy(model([SOURCE, PREVIOUS])), atol=1e-5)
    if whole.weights is not None:
        weights = np.concatenate([numpy(decoded.weights) for decoded in steps], axis=1)
        np.testing.assert_allclose(weights, numpy(whole.weights), atol=1e-5)


@pytest.mark.parametrize("options", [{}, WAYS["none, every step"]], ids=["general", "none, every step"])
def test_greedy_decoding_says_what_the_graph_holds_most_probable(options):
    model = build(**options)
    decoded = numpy(decode_tokens(model.network, SOURCE, 1, 0.0).tokens)
    previous = np.concatenate([np.full((3, 1), 2), decoded[:, :-1]], axis=1).astype("int32")
    scores = numpy(model([SOURCE, previous]))
    scores[..., [0, 2]] = -np.inf  # padding and the start mark are never decoded
    assert (scores.argmax(axis=-1)[decoded != 0] == decoded[decoded != 0]).all()


def test_padding_of_the_source_changes_nothing():
    model = build()
    padded = np.pad(SOURCE, ((0, 0), (0, 3)))
    np.testing.assert_allclose(numpy(model([padded, PREVIOUS])), numpy(model([SOURCE, PREVIOUS])), atol=1e-5)


def test_attention_never_looks_at_padding():
    network = build().network
    weights = numpy(network.decode(PREVIOUS, network.encode(SOURCE)).weights)
    np.testing.assert_allclose(weights.sum(axis=-1), 1, atol=1e-5)
    assert not weights[1, :, 2:].any()


def test_the_context_reaches_the_decoder_in_each_of_the_named_ways():
    last = {}
    for context in ("initial", "transform", "pooled", "every step"):
        network = build(context=context, cell="gru", bidirectional=True).network
        states, fixed = network.encode(SOURCE)
        last[context] = numpy(states["layer_1_hidden"])
        outputs = numpy(fixed["source"])
        assert last[context].shape == (3, 6)
        ends = np.stack([outputs[row, length - 1, :3] for row, length in enumerate((4, 2, 3))])
        ends = np.concatenate([ends, outputs[:, 0, 3:]], axis=-1)  # where each direction has read all
        if context in ("initial", "every step"):
            np.testing.assert_allclose(last[context], ends, atol=1e-6)
        if context in ("transform", "pooled"):
            summary = ends if context == "transform" else numpy(network.pooling(outputs, mask=SOURCE != 0))
            dense = network.state_transforms["layer_1_hidden"]
            wanted = np.tanh(summary @ numpy(dense.kernel) + numpy(dense.bias))
            np.testing.assert_allclose(last[context], wanted, atol=1e-5)
        assert ("context" in fixed) == (context == "every step")


def test_what_is_fed_at_every_step_is_the_last_hidden_state_and_is_read():
    network = build(context="every step", cell="gru").network
    encoded = network.encode(SOURCE)
    np.testing.assert_allclose(numpy(encoded.fixed["context"]), numpy(encoded.states["layer_1_hidden"]), atol=1e-6)
    without_context = encoded._replace(fixed={**encoded.fixed, "context": 0 * encoded.fixed["context"]})
    outputs, changed = (numpy(network.decode(PREVIOUS, source).outputs) for source in (encoded, without_context))
    assert (np.abs(outputs - changed).max(axis=-1) > 1e-4).all()


def test_tied_weights_are_the_vectors_of_the_words():
    model = build(tied=True)
    network = model.network
    outputs = numpy(network.decode(PREVIOUS, network.encode(SOURCE)).outputs)
    wanted = outputs @ numpy(network.target_embedding.embeddings).T + numpy(network.scores.bias)
    np.testing.assert_allclose(numpy(model([SOURCE, PREVIOUS])), wanted, atol=1e-5)


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_the_loss_of_tokens_is_cross_entropy_smoothed_over_all_words(smoothing):
    random = np.random.default_rng(7)
    scores, wanted = random.normal(0, 2, (2, 3, 5)).astype("float32"), np.array([[1, 4, 2], [3, 1, 0]])
    logs = scores - np.log(np.exp(scores).sum(axis=-1, keepdims=True))
    shares = (1 - smoothing) * np.eye(5)[wanted] + smoothing / 5
    loss = TokenCrossEntropy(smoothing, reduction=None)(wanted, scores)
    np.testing.assert_allclose(numpy(loss), -(shares * logs).sum(axis=-1), rtol=1e-5)


def test_padding_of_the_target_counts_for_nothing():
    model = build()
    wanted = tokens([4, 5, 3], [8, 3])
    losses = []
    for extra in (0, 4):
        padded = np.pad(wanted, ((0, 0), (0, extra)))
        scores = np.random.default_rng(7).normal(0, 1, (2, 7, 9)).astype("float32")[:, : padded.shape[1]]
        losses.append(float(model.compute_loss(None, padded, scores)))
    assert losses[0] == pytest.approx(losses[1], rel=1e-5)


def test_scheduled_sampling_tells_the_model_its_own_answers_in_training_alone():
    layer = ScheduledSampling()
    scores = np.random.default_rng(7).normal(0, 1, (3, 5, 9)).astype("float32")
    np.testing.assert_array_equal(layer(PREVIOUS, scores, training=False), PREVIOUS)
    np.testing.assert_array_equal(layer(PREVIOUS, scores, training=True), PREVIOUS)  # the probability begins at 0
    layer.probability.assign(1.0)
    mixed = numpy(layer(PREVIOUS, scores, training=True))
    predictions = scores.argmax(axis=-1)
    assert (mixed[:, 0] == 2).all()
    np.testing.assert_array_equal(mixed[0, 1:], predictions[0, :-1])
    assert not mixed[1, 2:].any()  # padding stays
    values = series(3, 5, 2)
    mixed = numpy(layer(values, values + 1, training=True))
    np.testing.assert_array_equal(mixed[:, 1:], values[:, :-1] + 1)


@pytest.mark.parametrize("feedback", [True, False])
def test_values_are_told_to_the_step_after_or_not_at_all(feedback):
    x, y = series(7, 5, 2), series(7, 3, 1, seed=4)
    model = build_seq2seq(like=(x, y), units=4, cell="gru", feedback=feedback)
    values = numpy(decode_values(model.network, x))
    previous = np.concatenate([np.full((7, 1, 1), np.nan), values[:, :-1]], axis=1).astype("float32")
    np.testing.assert_allclose(values, numpy(model([x, previous])), rtol=1e-4)
    changed = numpy(model([x, previous + 1]))
    assert np.allclose(values, changed, rtol=1e-4) == (not feedback)


def test_the_loss_of_values_is_in_standard_deviations_and_the_metric_in_raw_units():
    x, y = series(7, 5, 2), series(7, 3, 1, seed=4)
    model = build_seq2seq(like=(x, y), units=4)
    away = y + 2
    assert float(model.compute_loss(None, y, away)) == pytest.approx((2 / y.std()) ** 2, rel=1e-3)
    assert keras.ops.shape(model([x, y])) == (7, 3, 1)
