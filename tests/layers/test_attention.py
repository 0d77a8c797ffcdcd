"""Attention layers against their equations, and their weights out of trained models."""

import keras
import numpy as np
import pytest
from keras import layers, ops

from seqkit.insight.attention import attention_weights
from seqkit.layers.attention import FeatureAttention, LayerAttention, StepAttention
from seqkit.layers.query_attention import QueryAttention

B, T, S, U, V = 3, 7, 5, 2, 4


def normal(*shape):
    return np.random.default_rng(len(shape)).normal(size=shape).astype("float32")


def softmax(scores):
    exp = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return exp / exp.sum(axis=-1, keepdims=True)


def called(layer, *inputs, **options):
    outputs = layer(*inputs, return_attention_scores=True, **options)
    return [np.asarray(ops.convert_to_numpy(output)) for output in outputs]


@pytest.mark.parametrize("score", ["dense", "tanh", "weighted_tanh"])
def test_step_attention_is_its_equation(score):
    x, layer = normal(B, T, U), StepAttention(score)
    layer.build(x.shape)
    layer.set_weights([normal(*weight.shape) for weight in layer.weights])
    summed, weights = called(layer, x)
    kernel, *bias = layer.get_weights()
    expected = softmax(((np.tanh(x) if score == "tanh" else x) @ kernel)[..., 0] + (bias[0] if bias else 0))
    weighted = x * expected[..., None]
    np.testing.assert_allclose(weights, expected, atol=1e-6)
    wanted = np.tanh(weighted) if score == "weighted_tanh" else weighted
    np.testing.assert_allclose(summed, wanted.sum(axis=1), atol=1e-6)
    assert len(bias) == (score != "tanh")


def test_the_articles_example_gives_five_and_a_half():
    outputs = np.array([1.0, 4.0, 5.0, 6.0], "float32").reshape(1, 4, 1)
    layer = StepAttention("dense")
    layer.build(outputs.shape)
    layer.set_weights([np.ones((1, 1)), np.zeros(1)])
    summed, weights = called(layer, outputs)
    np.testing.assert_allclose(weights[0], [0.004, 0.090, 0.244, 0.662], atol=1e-3)
    assert summed[0, 0] == pytest.approx(5.55, abs=0.01)  # the article's round weights .2, .3, .1, .4 give 4.3


def test_padding_gets_no_weight_and_a_fully_padded_row_gets_zeros():
    mask = np.ones((B, T), bool)
    mask[0, 3:] = False
    mask[1] = False
    summed, weights = called(StepAttention(), normal(B, T, U), mask=mask)
    np.testing.assert_allclose(weights.sum(axis=1), [1, 0, 1], atol=1e-6)
    assert (weights[~mask] == 0).all()
    assert (summed[1] == 0).all()


def test_a_mask_from_below_arrives():
    x = normal(B, T, U)
    x[2, 4:] = 0
    model = keras.Sequential([keras.Input((T, U)), layers.Masking(), StepAttention(name="look")])
    weights = attention_weights(model, x)["look"]
    assert (weights[2, 4:] == 0).all()
    assert (weights[:2] > 0).all()


def test_layer_attention_fuses_by_softmax():
    outputs, layer = [normal(B, U), normal(B, U) + 1, normal(B, U) - 2], LayerAttention()
    fused, weights = called(layer, outputs)
    kernel, bias = layer.get_weights()
    stacked = np.stack(outputs, axis=1)
    expected = softmax((stacked @ kernel)[..., 0] + bias)
    np.testing.assert_allclose(weights, expected, atol=1e-6)
    np.testing.assert_allclose(fused, (stacked * expected[..., None]).sum(axis=1), atol=1e-6)


def test_layers_of_unequal_units_are_not_fused():
    with pytest.raises(ValueError, match=r"the layers must have the same units to be summed, got \[2, 4\]"):
        LayerAttention()([normal(B, U), normal(B, V)])


def test_feature_attention_reads_mean_and_maximum_of_what_is_data():
    x, layer = normal(B, T, U), FeatureAttention()
    mask = np.ones((B, T), bool)
    mask[1, 4:] = False
    mask[2] = False
    weighed, weights = called(layer, x, mask=mask)
    kernel, bias = layer.get_weights()
    pooled = [x[0].mean(0) + x[0].max(0), x[1, :4].mean(0) + x[1, :4].max(0), np.zeros(U)]
    expected = 1 / (1 + np.exp(-(np.array(pooled) @ kernel + bias)))
    np.testing.assert_allclose(weights, expected, atol=1e-6)
    np.testing.assert_allclose(weighed, x * expected[:, None], atol=1e-6)


def query_scores(score, layer, query, source):
    weights = {weight.path.split("/")[-2] + "/" + weight.name: np.asarray(weight) for weight in layer.weights}
    if score == "dot":
        return query @ source.transpose(0, 2, 1)
    if score == "general":
        return (query @ weights["query/kernel"]) @ source.transpose(0, 2, 1)
    queries = (query @ weights["query/kernel"])[:, :, None]
    keys = (source @ weights["source/kernel"] + weights["source/bias"])[:, None]
    return (np.tanh(queries + keys) * weights["attention/scale"]).sum(axis=-1)


@pytest.mark.parametrize("score", ["additive", "dot", "general"])
def test_query_attention_is_its_equation(score):
    query, source = normal(B, T, V if score == "dot" else U), normal(B, S, V)
    layer = QueryAttention(score)
    context, weights = called(layer, query, source)
    expected = softmax(query_scores(score, layer, query, source))
    np.testing.assert_allclose(weights, expected, atol=1e-5)
    np.testing.assert_allclose(context, expected @ source, atol=1e-5)


@pytest.mark.parametrize("score", ["additive", "general"])
def test_query_attention_leaves_padding_out(score):
    mask = np.ones((B, S), bool)
    mask[0, 2:] = False
    mask[1] = False
    context, weights = called(QueryAttention(score), normal(B, T, U), normal(B, S, V), source_mask=mask)
    np.testing.assert_allclose(weights.sum(axis=-1), np.array([1, 0, 1])[:, None] * np.ones((B, T)), atol=1e-6)
    assert (weights[0, :, 2:] == 0).all()
    assert (context[1] == 0).all()


def test_dot_needs_equal_units():
    with pytest.raises(ValueError, match="units, got 2 and 4"):
        QueryAttention("dot")(normal(B, T, U), normal(B, S, V))


def test_an_unknown_score_lists_the_choices():
    with pytest.raises(
        ValueError, match="score must be one of 'dense', 'tanh', 'weighted_tanh', got 'tahn'. Did you mean 'tanh'"
    ):
        StepAttention("tahn")


def test_a_flat_input_is_refused():
    with pytest.raises(ValueError, match="return_sequences=True, got shape"):
        StepAttention()(normal(B, U))


def test_weights_come_out_of_keras_own_attention_too():
    steps = keras.Input((T, U))
    heads = layers.MultiHeadAttention(2, 3, name="heads")(steps, steps)
    model = keras.Model(steps, StepAttention(name="look")(heads))
    weights = attention_weights(model, normal(B, T, U))
    assert {name: scores.shape for name, scores in weights.items()} == {"heads": (B, 2, T, T), "look": (B, T)}


def test_our_own_inner_attention_is_not_listed_twice():
    query, source = keras.Input((T, U)), keras.Input((S, V))
    model = keras.Model([query, source], QueryAttention(name="align")(query, source))
    assert list(attention_weights(model, [normal(B, T, U), normal(B, S, V)])) == ["align"]


def test_a_model_without_attention_is_refused():
    model = keras.Sequential([keras.Input((T, U)), layers.GRU(U)])
    with pytest.raises(ValueError, match="no attention layer, its layers are GRU"):
        attention_weights(model, normal(B, T, U))
