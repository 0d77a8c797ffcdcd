"""Mixed precision: models of words train in 16 bits and answer in 32."""

import keras
import numpy as np
import pytest
import tiny_language_models
import tiny_taggers
from tiny_seq2seq import SOURCES, TARGETS, TINY

import seqkit as sk


@pytest.fixture(autouse=True)
def sixteen_bits():
    keras.config.set_dtype_policy("mixed_float16")
    yield
    keras.config.set_dtype_policy("float32")


def finite_loss(model, *samples, **options):
    assert isinstance(model.optimizer, keras.optimizers.LossScaleOptimizer)
    return np.isfinite(model.fit(*samples, verbose=0, **options).history["loss"]).all()


@pytest.mark.parametrize("options", [{}, {"tied": True, "scheduled_sampling": 0.3, "label_smoothing": 0.1}])
def test_an_encoder_decoder(options):
    model = sk.build_seq2seq(like=(SOURCES, TARGETS), **TINY, **options)
    assert finite_loss(model, SOURCES, TARGETS)
    weights = model.alignments(SOURCES, beam=2)[4].weights
    assert (weights.dtype, model.encode(SOURCES).dtype) == ("float32", "float32")
    np.testing.assert_allclose(weights.sum(axis=1), 1, rtol=1e-3)


def test_a_language_model():
    story = tiny_language_models.STORY
    model = sk.build_language_model(like=story, tied=True, **tiny_language_models.TINY)
    assert finite_loss(model, story)
    assert np.isfinite(model.perplexity(story))


def test_a_tagger():
    sentences, tags = tiny_taggers.SENTENCES, tiny_taggers.TAGS
    options = {**tiny_taggers.WORDS, "output": "crf", "bidirectional": True, "neighbours": 0.1}
    model = sk.build_tagger(like=sentences, tags=tags, **options)
    assert finite_loss(model, sentences, tags)
    probabilities = model.predict(sentences)
    assert probabilities.dtype == "float32"
    np.testing.assert_allclose(probabilities[0].sum(axis=-1)[:6], 1, rtol=1e-4)


def test_a_captioner():
    images, captions = np.random.default_rng(3).uniform(size=(6, 8, 8, 1)).astype("float32"), ["one two", "two"] * 3
    model = sk.build_captioner(like=(images, captions), units=4, embedding=5)
    assert finite_loss(model, images, captions)
    assert len(model.caption(images)) == 6


def test_a_tagger_keeps_the_averages_of_its_weights():
    pairs = tiny_taggers.SENTENCES, tiny_taggers.TAGS
    model = sk.train_tagger(*pairs, validation=pairs, epochs=3, seed=7, **tiny_taggers.WORDS)
    optimizer = model.optimizer.inner_optimizer
    assert optimizer.use_ema
    for variable, average in zip(model.trainable_variables, optimizer._model_variables_moving_average, strict=True):
        np.testing.assert_array_equal(variable, average)
