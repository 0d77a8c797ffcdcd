"""Masks on a GPU: Keras's own check before the cuDNN kernel, which refuses data after padding, passes everywhere.

There is no GPU here. The check is put before each call that would use the kernel, and packing is on, as on a GPU.
"""

import contextlib
import importlib

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers
from tiny_classifiers import KINDS, any_length, gappy
from tiny_seq2seq import SOURCES, TARGETS
from tiny_taggers import SENTENCES, TAGS

import seqkit as sk

kernels = importlib.import_module("keras.src.backend.tensorflow.rnn")  # the name is a function in the package
T = 7
MASKS = {
    "right": [1, 1, 1, 0, 0, 0, 0],
    "left": [0, 0, 0, 0, 1, 1, 1],
    "both": [0, 0, 1, 1, 1, 0, 0],
    "all": [0, 0, 0, 0, 0, 0, 0],
}
SMALL = {"units": 3, "dropout": 0.0}
calls = []


@pytest.fixture(autouse=True)
def as_on_a_gpu(monkeypatch):
    """Packing as on a GPU, and Keras's check of masks before each LSTM and GRU that may use the kernel."""
    calls.clear()
    monkeypatch.setattr("seqkit.layers.packing.needs_packing", lambda: True)
    for kind in (layers.LSTM, layers.GRU):
        monkeypatch.setattr(kind, "inner_loop", checked(kind.inner_loop))


def checked(inner_loop):
    def run(self, sequences, initial_state, mask, training=False):
        calls.append(self)
        if mask is None or self.use_cudnn is False:
            return inner_loop(self, sequences, initial_state, mask, training)
        right = tf.logical_and(kernels._is_sequence_right_padded(mask), ~kernels._has_fully_masked_sequence(mask))
        asked = tf.debugging.Assert(right, ["Keras refuses this mask before the cuDNN kernel"])
        with tf.control_dependencies([asked] if asked is not None else []):
            return inner_loop(self, tf.identity(sequences), initial_state, mask, training)

    return run


def masked_numbers(padding, data):
    """One sample of each length whose padding stands where the mask says."""
    mask = np.array([MASKS[padding], [1] * T], bool)
    return np.where(mask, data, 0).astype("int32")


def batches(x, y):
    return tf.data.Dataset.from_tensors((x, y))


def recurrent(padding, cell):
    model = sk.build_recurrent("many_to_many", features=2, outputs=2, cell=cell, units=3, padding=0.0)
    x = np.ones((2, T, 2), "float32") * np.array([MASKS[padding], [1] * T])[..., None]
    return model, batches(x, np.ones((2, T, 2), "float32"))


def text_classifier(padding, cell):
    model = sk.build_classifier(like=["a b c", "b a"], labels=["x", "y"], cell=cell, embedding=5, **SMALL)
    return model, batches(masked_numbers(padding, 3), np.eye(2, dtype="float32"))


def tagger(padding, cell):
    model = sk.build_tagger(like=SENTENCES, tags=TAGS, cell=cell, embedding=5, characters=False, **SMALL)
    words = masked_numbers(padding, 3)
    return model, batches({"words": words}, np.where(words > 0, 1, -1).astype("int32"))


def language_model(padding, cell):
    model = sk.build_language_model(like=["a b c", "b a"], cell=cell, embedding=5, **SMALL)
    words = masked_numbers(padding, 4)
    return model, batches(words, words)


def seq2seq(padding, cell):
    model = sk.build_seq2seq(like=(SOURCES, TARGETS), cell=cell, embedding=5, units=4, dropout=0.0)
    source = masked_numbers(padding, 4)
    return model, batches((source, source), source)


def captioner(padding, cell):
    model = sk.build_captioner(like=(np.eye(3), ["a cat", "a dog", "two"]), cell=cell, embedding=5, **SMALL)
    said = masked_numbers(padding, 4)
    return model, batches((np.ones((2, 3), "float32"), said), said)


BUILDERS = [recurrent, text_classifier, tagger, language_model, seq2seq, captioner]


@pytest.mark.parametrize(
    ("padding", "cell"),
    [*((padding, "lstm") for padding in MASKS), pytest.param("both", "gru", marks=pytest.mark.slow)],
)
@pytest.mark.parametrize("make", BUILDERS)
def test_a_batch_padded_anywhere_is_fitted(make, padding, cell):
    model, data = make(padding, cell)
    loss = model.fit(data, epochs=1, shuffle=False, verbose=0).history["loss"][0]
    assert np.isfinite(loss)
    assert calls


@pytest.mark.parametrize("cell", ["lstm", "gru"])
@pytest.mark.parametrize("series", [any_length, gappy])
def test_series_of_any_length_and_with_gaps_are_fitted(series, cell):
    missing = "mask" if series is gappy else "refuse"
    model = sk.build_classifier(like=series(), labels=KINDS, cell=cell, missing=missing, convolution="none", **SMALL)
    assert np.isfinite(model.fit(series(), KINDS, verbose=0).history["loss"]).all()


def test_the_check_is_what_keras_refuses_without_packing(monkeypatch):
    monkeypatch.setattr("seqkit.layers.packing.needs_packing", lambda: False)
    model, data = recurrent("left", "lstm")
    with pytest.raises(tf.errors.InvalidArgumentError, match="Keras refuses this mask"):
        model.fit(data, shuffle=False, verbose=0)


def test_masks_from_below_reach_every_layer_of_the_stack():
    x = np.ones((2, T, 2), "float32") * np.array([MASKS["both"], [1] * T])[..., None]
    sequences = keras.Input((T, 2))
    stack = sk.RecurrentStack((4, 3), return_sequences=True)
    model = keras.Model(sequences, stack(layers.Masking()(sequences)))
    short = keras.ops.convert_to_numpy(stack(x[:1, 2:5]))
    np.testing.assert_allclose(model(x)[0, 2:5], short[0], atol=1e-6)
    with contextlib.suppress(AttributeError):
        assert model(x)._keras_mask is not None
