"""A padded sample gets from every builder, through two recurrent layers, the numbers that it gets alone.

From 3.16 on Keras's recurrent layers drop masks, so that a second layer would read the padding (keras #23235).
"""

import keras
import numpy as np
import pytest
from keras import layers, ops
from tiny_seq2seq import SOURCES, TARGETS
from tiny_taggers import SENTENCES, TAGS

import seqkit as sk

T, F = 3, 2
UNITS = (4, 3)
WORDS = np.array([[3, 2, 4]])
SERIES = np.random.default_rng(7).normal(size=(1, T, F)).astype("float32")
SMALL = {"units": UNITS, "embedding": 5, "dropout": 0.0}


def padded(values, side, filler=0):
    gap = np.full_like(values, filler)[:, :2]
    return np.concatenate([values, gap] if side == "right" else [gap, values], axis=1)


def recurrent(shape):
    def answers(cell):
        model = sk.build_recurrent(shape, features=F, outputs=2, cell=cell, units=UNITS, padding=0.0)
        return SERIES, model

    return answers


def plain(build, **options):
    """A plain network has no padding of its own; its layers take the mask of what is put before them."""

    def answers(_cell):
        sequences = keras.Input((None, F))
        stack = build(UNITS, features=F, **options).get_layer("recurrent")
        return SERIES, keras.Model(sequences, stack(layers.Masking()(sequences)))

    return answers


def text_classifier(cell):
    return WORDS, sk.build_classifier(like=["a b c", "b a"], labels=["x", "y"], cell=cell, **SMALL)


def tagger(cell):
    model = sk.build_tagger(like=SENTENCES, tags=TAGS, cell=cell, characters=False, **SMALL)
    return WORDS, lambda words: model({"words": words})["scores"]


def language_model(cell):
    return WORDS, sk.build_language_model(like=["a b c", "b a"], cell=cell, **SMALL)


def seq2seq(cell):
    options = SMALL | {"units": (4, 4)}
    model = sk.build_seq2seq(like=(SOURCES, TARGETS), cell=cell, **options)
    return WORDS, lambda source: model((source, WORDS))


def captioner(cell):
    model = sk.build_captioner(like=(np.eye(3), ["a cat", "a dog", "two"]), cell=cell, **SMALL)
    return WORDS, lambda said: model((np.ones((1, 3), "float32"), said))


BUILDERS = {
    "build_recurrent, many to one": recurrent("many_to_one"),
    "build_recurrent, many to many": recurrent("many_to_many"),
    "build_lstm": plain(sk.build_lstm, return_state=True),
    "build_lstm, peepholes": plain(sk.build_lstm, peepholes=True, bidirectional=True),
    "build_gru": plain(sk.build_gru, return_sequences=True),
    "build_rnn": plain(sk.build_rnn, bidirectional=True, return_sequences=True),
    "build_classifier": text_classifier,
    "build_tagger": tagger,
    "build_language_model": language_model,
    "build_seq2seq": seq2seq,
    "build_captioner": captioner,
}


PADDED_AT_THE_END = ("build_language_model", "build_captioner")  # they read what is said so far, from its beginning
CASES = [
    (name, side) for name in BUILDERS for side in ("right", "left") if side == "right" or name not in PADDED_AT_THE_END
]


@pytest.mark.parametrize("cell", ["lstm", "gru"])
@pytest.mark.parametrize(("name", "side"), CASES)
def test_padding_changes_nothing_through_two_recurrent_layers(name, side, cell):
    sample, model = BUILDERS[name](cell)
    alone = keras.tree.flatten(model(sample))
    together = keras.tree.flatten(model(padded(sample, side)))
    steps = slice(-T, None) if side == "left" else slice(T)
    for expected, answer in zip(alone, together, strict=True):
        answer = ops.convert_to_numpy(answer)
        answer = answer[:, steps] if answer.shape[1] == T + 2 else answer
        np.testing.assert_allclose(answer, ops.convert_to_numpy(expected), atol=1e-6)


@pytest.mark.parametrize("attention", ["none", "tanh"])
def test_series_of_different_length_change_nothing_for_each_other(attention):
    model = sk.build_classifier(
        like=[SERIES[0], SERIES[0, :2]], labels=["x", "y"], units=UNITS, attention=attention, convolution="none"
    )
    np.testing.assert_allclose(model(padded(SERIES, "right", np.nan)), model(SERIES), atol=1e-6)
