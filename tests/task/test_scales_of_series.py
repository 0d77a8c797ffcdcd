"""Series of any size that float32 holds give the same training, in units of their scale."""

import functools

import keras
import numpy as np
import pytest

import seqkit as sk

SERIES = np.random.default_rng(0).normal(size=(24, 9, 1))
KINDS = ["up" if first > 0 else "down" for first in SERIES[:, 0, 0]]


def classified(scaling, x):
    model = sk.build_classifier(like=x, labels=KINDS, units=3, cell="simple_rnn", scaling=scaling)
    return model.fit(x, KINDS, epochs=2, verbose=0).history["loss"]


def tagged(x):
    tags = [["up" if value > 0 else "down" for value in one[:, 0]] for one in SERIES]
    model = sk.build_tagger(like=x, tags=tags, units=3, cell="simple_rnn")
    return model.fit(x, tags, epochs=2, verbose=0).history["loss"]


def rebuilt(x):
    model = sk.build_seq2seq(like=x, autoencoder=True, units=4, cell="simple_rnn")
    return model.fit(x, epochs=2, verbose=0).history["loss"]


TRAININGS = {
    "classifier, standard": lambda x: classified("standard", x),
    "classifier, series": lambda x: classified("series", x),
    "tagger": tagged,
    "autoencoder": rebuilt,
}


@functools.cache
def _trained(name, scale):
    keras.utils.set_random_seed(1)
    return TRAININGS[name]((SERIES * scale).astype("float32"))


@pytest.mark.parametrize("name", TRAININGS)
@pytest.mark.parametrize("scale", [1e-24, pytest.param(1e24, marks=pytest.mark.slow), 1e36])
def test_a_training_does_not_depend_on_the_scale(name, scale):
    np.testing.assert_allclose(_trained(name, scale), _trained(name, 1.0), rtol=1e-3)
