"""Small series, texts and classifiers that the tests of the classifier share."""

import functools

import keras
import numpy as np
import pytest
import tensorflow as tf

from seqkit.classification.build import build_classifier
from seqkit.layers import FixedConvolutions

TINY = {"units": 3, "cell": "simple_rnn", "convolution": "none", "dropout": 0.0, "bidirectional": False}
LENGTHS = (7, 3, 2, 11, 5)
KINDS = ("rise", "fall", "rise", "level", "fall")
TEXTS = ["Good film!", "bad film", "not good, is it?", "", "我喜欢 it"]
MOODS = ("up", "down", "down", "up", "up")
TAGS = [["a", "c"], [], ("b",), {"b", "c"}, np.array(["a", "b", "c"])]


def any_length(features=2, lengths=LENGTHS, seed=7):
    random = np.random.default_rng(seed)
    return [random.normal(5, 3, (length, features)).astype("float32") for length in lengths]


def one_length(samples=5, timesteps=7, features=2):
    return np.stack(any_length(features, [timesteps] * samples))


def gappy():
    """Series with missing values at their beginning and in their middle."""
    series = any_length()
    series[0][4, 1] = np.nan
    series[3][0] = np.nan
    return series


def filled_up(series):
    """Series in one array, with NaN after their ends."""
    longest = max(len(one) for one in series)
    return np.stack([np.pad(one, ((0, longest - len(one)), (0, 0)), constant_values=np.nan) for one in series])


def build(like, labels, **options):
    """A tiny classifier with weights that are no longer the first ones, so that its answers differ."""
    model = build_classifier(like=like, labels=labels, **{**TINY, **options})
    random = np.random.default_rng(5)
    for weight in model.trainable_weights:
        weight.assign(weight + random.normal(0, 1 / np.sqrt(np.prod(weight.shape[:-1])), weight.shape))
    return model


@pytest.fixture
def few_numbers(monkeypatch):
    """Fixed convolutions of 168 numbers, which are quicker to trace than 5000."""
    few = functools.partial(FixedConvolutions, numbers=168)
    monkeypatch.setattr("seqkit.task.series_network.FixedConvolutions", few)


def traced(model):
    """The function from stacked samples to what the model answers, traced once for all shapes by TensorFlow."""
    if keras.backend.backend() != "tensorflow":
        return lambda x: keras.tree.map_structure(keras.ops.convert_to_numpy, model(x, training=False))
    kind = model.input.dtype
    signature = [tf.TensorSpec(model.input_shape, kind)]
    graph = tf.function(lambda x: model(x, training=False), input_signature=signature)
    return lambda x: keras.tree.map_structure(keras.ops.convert_to_numpy, graph(tf.constant(x, kind)))


def answering(model, reader=None):
    """As `traced`, of samples as the user has them; `reader` is the classifier where `model` is its graph alone."""
    graph = traced(model)
    return lambda x: graph((reader or model).network_input(x, "test"))
