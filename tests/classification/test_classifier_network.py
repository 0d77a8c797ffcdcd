"""The classifier's graph: every cell, attention and convolution, and a padded batch as each sample alone."""

import keras
import numpy as np
import pytest
from tiny_classifiers import KINDS, MOODS, TEXTS, TINY, answering, any_length, build, few_numbers, gappy, one_length

from seqkit.classification.build import build_classifier

pytestmark = pytest.mark.usefixtures(few_numbers.__name__)
ATTENTION = ["none", "dense", "tanh", "weighted_tanh", "layers", "features", ("tanh", "layers", "features")]


def all_alike(model, samples, rtol=1e-4):
    """Whether each sample of a batch gets the answer it gets alone, and not all get the same."""
    answer = answering(model)
    together = answer(samples)
    assert np.ptp(together, axis=0).min() > 1e-3
    for row, one in enumerate(samples):
        np.testing.assert_allclose(together[row], answer([one])[0], rtol=rtol, atol=1e-6)


# A padded batch


@pytest.mark.parametrize("bidirectional", [True, False])
@pytest.mark.parametrize("cell", ["lstm", "gru", "simple_rnn"])
def test_each_series_of_a_padded_batch_gets_the_answer_it_gets_alone(cell, bidirectional):
    options = {"cell": cell, "bidirectional": bidirectional, "units": (3, 3), "attention": ("tanh", "layers")}
    all_alike(build(any_length(), KINDS, **options), any_length())


@pytest.mark.parametrize("bidirectional", [True, False])
@pytest.mark.parametrize("attention", ["none", "dense", "layers"])
def test_each_series_of_a_padded_batch_gets_alone_what_its_attention_gives(attention, bidirectional):
    options = {"units": (3, 3), "attention": attention, "bidirectional": bidirectional}
    all_alike(build(any_length(), KINDS, **options), any_length())


@pytest.mark.parametrize("scaling", ["standard", "series"])
@pytest.mark.parametrize("convolution", ["fixed", "learned"])
def test_each_series_of_a_padded_batch_gets_alone_what_its_convolutions_give(convolution, scaling):
    all_alike(build(any_length(), KINDS, convolution=convolution, scaling=scaling), any_length(), rtol=1e-3)


@pytest.mark.parametrize("convolution", ["none", "learned", "phrases"])
def test_each_text_of_a_batch_gets_the_answer_it_gets_alone(convolution):
    all_alike(build(TEXTS, MOODS, convolution=convolution, bidirectional=True), TEXTS, rtol=1e-3)


# Attention


@pytest.mark.parametrize(
    ("like", "attention"), [(one_length(), "dense"), (TEXTS, "tanh"), *((any_length(), one) for one in ATTENTION)]
)
def test_every_attention_gives_probabilities_and_weights_that_sum_to_one(like, attention):
    model = build(like, KINDS, units=(3, 3), attention=attention)
    answers = model.with_attention()(model.network_input(like, "test"))
    probabilities, *weights = answers if isinstance(answers, list) else [answers]
    np.testing.assert_allclose(np.sum(probabilities, axis=1), np.ones(5), rtol=1e-5)
    assert np.ptp(probabilities, axis=0).min() > 1e-3
    assert len(weights) == (attention not in ("none", "layers", "features"))
    if weights:
        np.testing.assert_allclose(np.sum(weights[0], axis=1), np.ones(5), rtol=1e-5)
        assert np.ptp(weights[0]) > 1e-3


def test_a_single_step_or_word_has_all_the_weight():
    series = build(one_length(timesteps=1), KINDS)
    text = build(TEXTS, MOODS)
    for model, like in ((series, one_length(timesteps=1)), (text, ["good", "zzz"])):
        _, weights = model.with_attention()(model.network_input(like, "test"))
        assert (np.array(weights) == 1).all()


def test_without_attention_the_last_step_decides():
    model = build(one_length(), KINDS, attention="none")
    hidden = model.get_layer("recurrent").output
    assert hidden.shape == (None, 3)
    assert not any("attention" in layer.name for layer in model.layers)


def test_long_series_of_one_length_are_read_in_segments_and_attended_step_by_step():
    x = one_length(3, timesteps=67)
    model = build(x, ["a", "b", "a"], bidirectional=True)
    assert (model.settings.segment, model.settings.leading_zeros) == (3, 2)
    assert model.get_layer("segments").output.shape[1:] == (23, 6)
    _, weights = model.with_attention()(x)
    assert weights.shape == (3, 67)
    np.testing.assert_allclose(np.sum(weights, axis=1), np.ones(3), rtol=1e-5)
    first, second = weights[0, 0], weights[0, 1:4]  # the first segment holds two steps of zeros, then one of data
    assert float(first) != pytest.approx(float(second[0]), rel=1e-3)
    np.testing.assert_allclose(second, np.full(3, second[0]), rtol=1e-6)


@pytest.mark.parametrize(("timesteps", "segment"), [(31, 1), (32, 1), (33, 2), (64, 2), (97, 4)])
def test_no_more_than_32_steps_are_read_of_series_of_one_length(timesteps, segment):
    assert build_classifier(features=2, timesteps=timesteps, labels=["a", "b"], **TINY).settings.segment == segment


def test_series_of_any_length_are_read_step_by_step():
    assert build(any_length(lengths=(67, 5, 7, 3, 2)), KINDS).settings.segment == 1


# Dropout


@pytest.mark.parametrize("like", [one_length(), TEXTS], ids=["series", "text"])
def test_dropout_is_for_training_alone(like):
    model = build(like, KINDS, units=(3, 3), dropout=(0.5, 0.5))
    x = model.network_input(like, "test")
    np.testing.assert_array_equal(model(x), model(x, training=False))
    assert (np.array(model(x, training=True)) != np.array(model(x, training=False))).any()


def test_what_is_said_of_phrases_is_dropped_like_the_last_layer_in_training():
    model = build(TEXTS, KINDS, units=(3, 3), dropout=(0.2, 0.7), convolution="phrases")
    assert model.get_layer("dropped_phrases").rate == 0.7
    assert "dropped_phrases" not in {layer.name for layer in build(TEXTS, KINDS, convolution="phrases").layers}


# Scaling


@pytest.mark.parametrize("scaling", ["standard", "series", "none"])
def test_scaling_is_by_the_training_series_by_each_series_or_not_at_all(scaling):
    series = any_length()
    model = build(series, KINDS, scaling=scaling)
    scaled, _, _ = model.get_layer("scaling")(series[3][None])
    by = {"standard": np.concatenate(series), "series": series[3], "none": np.array([[-1], [1]])}[scaling]
    np.testing.assert_allclose(scaled[0], (series[3] - by.mean(axis=0)) / by.std(axis=0), rtol=1e-3, atol=1e-5)


# Missing values


def test_a_step_with_a_missing_value_is_skipped_with_a_mask():
    model = build(gappy(), KINDS, missing="mask", bidirectional=True)
    answer = answering(model)
    for one in gappy():
        shorter = one[~np.isnan(one).any(axis=1)]
        np.testing.assert_allclose(answer([one]), answer([shorter]), rtol=1e-4, atol=1e-6)
    _, weights = model.with_attention()(model.network_input(gappy(), "test"))
    assert float(weights[0, 4]) == 0 < float(weights[0, 3])


def test_series_of_one_length_may_have_gaps_with_a_mask():
    x = one_length()
    x[2, 3] = np.nan
    model = build(x, KINDS, missing="mask", attention="none")
    assert model.input_shape == (None, None, 2)
    np.testing.assert_allclose(model(x)[2], model(np.delete(x, 3, axis=1))[2], rtol=1e-4)


def recurrent_of(model):
    stack = model.get_layer("recurrent")
    return [way for one in stack.recurrent for way in (one.forward_layer, one.backward_layer)]


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_a_mask_with_gaps_is_kept_from_cudnn_which_refuses_it(cell):
    for missing, wanted in (("mask", {False}), ("refuse", {"auto"})):
        options = {**TINY, "cell": cell, "bidirectional": True, "missing": missing}
        model = build_classifier(like=one_length(), labels=KINDS, **options)
        assert {one.use_cudnn for one in recurrent_of(model)} == wanted


def test_an_empty_text_is_one_unknown_word_for_cudnn_refuses_what_is_padding_alone():
    model = build(TEXTS, MOODS)
    assert model.network_input(["", "  ", "zzz"], "test").tolist() == [[1], [1], [1]]


# Precision


def test_mixed_precision_reads_in_16_bits_and_answers_in_32():
    keras.config.set_dtype_policy("mixed_float16")
    try:
        for like, labels, convolution in ((one_length(), KINDS, "fixed"), (TEXTS, MOODS, "learned")):
            model = build(like, labels, convolution=convolution)
            assert model.get_layer("recurrent").compute_dtype == "float16"
            found = model(model.network_input(like, "test"))
            assert found.dtype == "float32"
            np.testing.assert_allclose(np.sum(found, axis=1), np.ones(5), rtol=1e-3)
            assert isinstance(model.optimizer, keras.optimizers.LossScaleOptimizer)
    finally:
        keras.config.set_dtype_policy("float32")
