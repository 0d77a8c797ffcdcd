"""Models saved by earlier code (saved/make_saved.py) load with today's code and give the same outputs."""

import contextlib

import keras
import numpy as np
import pytest
from saved.make_saved import BATCH, KINDS, RELEASES, answers_of, steps_of

import seqkit as sk

SAVED_ANSWERS = {release: np.load(folder / "answers.npz") for release, folder in RELEASES.items()}
WITHOUT_CHECKSUM = "without_checksum"


def load(release, name):
    # `build_recurrent` was a plain model of Keras's then, of which seqkit does not say anything.
    is_warned = release == WITHOUT_CHECKSUM and name != "build_recurrent"
    said = pytest.warns(sk.SeqkitWarning, match=f"{name}.keras: the file has no checksum, as those of older releases")
    with said if is_warned else contextlib.nullcontext():
        return keras.models.load_model(RELEASES[release] / f"{name}.keras")


def test_every_kind_has_a_file_of_every_release_and_every_file_is_of_a_kind():
    assert {WITHOUT_CHECKSUM, sk.__version__} <= set(RELEASES)
    for release, folder in RELEASES.items():
        assert {path.stem for path in folder.glob("*.keras")} == set(KINDS)
        assert {key.partition(":")[0] for key in SAVED_ANSWERS[release]} == set(KINDS)


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("release", RELEASES)
def test_a_saved_model_answers_as_it_did_when_it_was_saved(release, name):
    answers = answers_of(name, load(release, name))
    assert answers
    for question, answer in answers.items():
        saved = SAVED_ANSWERS[release][question]
        if saved.dtype.kind == "U":
            assert answer.tolist() == saved.tolist(), question
        else:
            np.testing.assert_allclose(answer, saved, rtol=1e-6, atol=1e-6, err_msg=question)


@pytest.mark.parametrize("name", KINDS)
def test_a_saved_model_is_trained_on_from_where_it_was(name):
    model, kind = load(WITHOUT_CHECKSUM, name), KINDS[name]
    steps, before = int(SAVED_ANSWERS[WITHOUT_CHECKSUM][f"{name}: steps"]), model.get_weights()
    assert steps_of(model) == steps > 0
    assert any(np.any(momentum) for momentum in model.optimizer.variables[2:])  # after the steps and their size
    losses = model.fit(*kind.training, batch_size=BATCH, verbose=0).history["loss"]
    assert np.isfinite(losses).all()
    assert steps_of(model) == steps + steps // kind.epochs
    assert any((after != first).any() for after, first in zip(model.get_weights(), before, strict=True))
