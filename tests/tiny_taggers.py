"""Small sentences, series and taggers that the tests of the tagger share."""

import numpy as np

from seqkit.tagging.build import build_tagger

TINY = {"units": 3, "cell": "simple_rnn", "bidirectional": False, "dropout": 0.0, "output": "softmax"}
WORDS = {**TINY, "embedding": 5, "characters": 2}
SENTENCES = [
    ["The", "cat", "sat", "in", "Rome", "."],
    ["A", "dog", "ran"],
    ["So", "it", "is", "!"],
    ["ran"],
    ["The", "dog", "sat", "in", "the", "old", "house"],
]
TAGS = [
    ["B-NP", "I-NP", "B-VP", "B-PP", "B-NP", "O"],
    ["B-NP", "I-NP", "B-VP"],
    ["O", "B-NP", "B-VP", "O"],
    ["B-VP"],
    ["B-NP", "I-NP", "B-VP", "B-PP", "B-NP", "I-NP", "I-NP"],
]
PARTS = [
    ["D", "N", "V", "P", "N", "."],
    ["D", "N", "V"],
    ["A", "P", "V", "."],
    ["V"],
    ["D", "N", "V", "P", "D", "A", "N"],
]
KNOWN = ("B-NP", "B-PP", "B-VP", "I-NP", "O")
LENGTHS = (7, 3, 2, 11, 5)


def weeks(features=2, lengths=LENGTHS, seed=7):
    random = np.random.default_rng(seed)
    return [random.normal(5, 3, (length, features)).astype("float32") for length in lengths]


def weather(series):
    """A tag for each step: what the first feature did since the step before."""
    return [["same", *np.where(np.diff(values[:, 0]) > 0, "up", "down").tolist()] for values in series]


def filled_up(series):
    """Series in one array, with NaN after their ends."""
    longest = max(len(values) for values in series)
    return np.stack([np.pad(values, ((0, longest - len(values)), (0, 0)), constant_values=np.nan) for values in series])


def build(like=None, tags=None, **options):
    """A tiny tagger with weights that are no longer the first ones, so that its answers differ."""
    like, tags = (SENTENCES, TAGS) if like is None else (like, tags)
    model = build_tagger(like=like, tags=tags, **{**WORDS, **options})
    random = np.random.default_rng(5)
    for weight in model.trainable_weights:
        spread = 1 / np.sqrt(np.prod(weight.shape[:-1])) if len(weight.shape) > 1 else 0.1  # small ones of biases
        weight.assign(weight + random.normal(0, spread, weight.shape))
    return model


def settings_of(**options):
    """What the builder settles on."""
    return build_tagger(**{"tags": ["a", "b"], **TINY, **options}).settings
