"""The choice of the cells' activation and of the initial state, in every builder that has recurrent layers."""

import warnings

import keras
import numpy as np
import pandas as pd
import pytest

import seqkit as sk
from seqkit.layers import RecurrentStack

VERSES = ["The cat sat.", "A dog ran."]
SERIES = np.random.default_rng(7).normal(5, 2, (4, 7, 2)).astype("float32")
IMAGES = np.ones((2, 5), "float32")
TAGS = [["a", "b", "a", "b"]] * 2
MONTHS = pd.date_range("2001-01-01", periods=61, freq="MS", name="month")
TABLE = pd.DataFrame({"sales": 100.0 + np.arange(61) + 7 * np.cos(np.arange(61))}, MONTHS)
SMALL = {"units": 4, "cell": "simple_rnn"}
WITH_FIRST_STATE = {
    "build_forecaster": {"like": TABLE, "horizon": 3, "timesteps": 7},
    "build_classifier": {"like": SERIES, "labels": ["a", "b", "a", "b"]},
    "build_tagger": {"like": VERSES, "tags": TAGS, "embedding": 3, "characters": False},
    "build_recurrent": {"shape": "many_to_one", "features": 2, "outputs": 1},
}
BUILDERS = WITH_FIRST_STATE | {
    "build_language_model": {"like": VERSES, "embedding": 3},
    "build_seq2seq": {"like": (VERSES, VERSES), "embedding": 3},
    "build_captioner": {"like": (IMAGES, VERSES), "embedding": 3},
}


def build(name, **options):
    return getattr(sk, name)(**{**BUILDERS[name], **SMALL, **options})


def stacks(model):
    return [layer for layer in model._flatten_layers() if isinstance(layer, RecurrentStack)]


@pytest.mark.parametrize("name", BUILDERS)
def test_every_recurrent_layer_has_the_activation_also_after_loading(name, tmp_path):
    model = build(name, activation="relu")
    model.save(tmp_path / "model.keras")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        loaded = keras.models.load_model(tmp_path / "model.keras")
    for one in (model, loaded):
        assert stacks(one)
        cells = [getattr(layer, "forward_layer", layer) for stack in stacks(one) for layer in stack.recurrent]
        assert {cell.activation for cell in cells} == {keras.activations.relu}


@pytest.mark.parametrize("name", BUILDERS)
def test_an_activation_that_keras_does_not_know_is_refused(name):
    with pytest.raises(ValueError, match="activation"):
        build(name, activation="rellu")


@pytest.mark.parametrize("name", BUILDERS)
def test_a_gated_cell_with_another_activation_warns_once_that_it_is_slower_on_a_gpu(name):
    with pytest.warns(sk.SeqkitWarning, match="cuDNN") as caught:
        build(name, activation="relu", cell="gru")
    assert {warning.filename for warning in caught} == {__file__}


@pytest.mark.parametrize("name", WITH_FIRST_STATE)
def test_the_initial_state_is_learned_where_it_is_asked_for_also_after_loading(name, tmp_path):
    model, zeros = build(name, initial_state="learned"), build(name)
    assert len(model.trainable_weights) > len(zeros.trainable_weights)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert {stack.initial_state for stack in stacks(loaded)} == {"learned"}
    for weight, wanted in zip(loaded.weights, model.weights, strict=True):
        np.testing.assert_array_equal(weight, wanted)


@pytest.mark.parametrize("name", WITH_FIRST_STATE)
def test_an_unknown_initial_state_is_refused_with_the_choices(name):
    with pytest.raises(ValueError, match="initial_state must be one of 'zeros', 'random', 'learned'"):
        build(name, initial_state="ones")


def test_a_refit_of_a_forecaster_keeps_both():
    model = build("build_forecaster", activation="relu", initial_state="learned")
    assert {"activation": "relu", "initial_state": "learned"}.items() <= model.asked.items()
