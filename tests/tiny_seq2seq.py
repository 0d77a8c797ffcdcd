"""Small pairs and encoder-decoders for the tests of several files."""

import numpy as np

from seqkit.seq2seq.build import build_seq2seq

TINY = {"units": 6, "embedding": 5, "dropout": 0.0, "cell": "simple_rnn", "bidirectional": False}  # quick to trace
SOURCES = ["one two three", "two four", "seven one", "two", "four two one four"]
TARGETS = ["drei zwei eins", "vier zwei", "eins sieben", "zwei", "vier eins zwei vier"]


def shaken(model, size=1.0, seed=5):
    """The model with changed initial weights, so that its answers differ."""
    random = np.random.default_rng(seed)
    for weight in model.trainable_weights:
        deviation = size / np.sqrt(max(1.0, np.prod(weight.shape[:-1])))
        weight.assign(weight + random.normal(0, deviation, weight.shape))
    return model


def build(**options):
    """A tiny translator with the vocabulary of `SOURCES` and `TARGETS`."""
    return shaken(build_seq2seq(like=(SOURCES, TARGETS), **{**TINY, **options}), 2.0)


def series(samples=7, timesteps=5, features=2, seed=3):
    return np.random.default_rng(seed).normal(5, 3, (samples, timesteps, features)).astype("float32")


def tokens(*rows):
    """Numbers of words, right-padded."""
    longest = max(len(row) for row in rows)
    return np.array([[*row, *[0] * (longest - len(row))] for row in rows], "int32")
