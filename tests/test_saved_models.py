"""Models saved by earlier code (saved/make_saved.py) load with today's code and give the same outputs."""

import contextlib

import keras
import numpy as np
import pytest
from saved.make_saved import BATCH, KINDS, RELEASES, WITHOUT_CHECKSUM, answers_of, kinds_of, steps_of

import seqkit as sk

SAVED_ANSWERS = {release: np.load(folder / "answers.npz") for release, folder in RELEASES.items()}
FILES = [(release, name) for release in sorted(RELEASES) for name in kinds_of(release)]


def load(release, name):
    # `build_recurrent` was a plain model of Keras's then, of which seqkit does not say anything.
    is_warned = release == WITHOUT_CHECKSUM and name != "build_recurrent"
    said = pytest.warns(sk.SeqkitWarning, match=f"{name}.keras: the file has no checksum, as those of older releases")
    with said if is_warned else contextlib.nullcontext():
        return keras.models.load_model(RELEASES[release] / f"{name}.keras")


def test_every_kind_has_a_file_of_every_release_that_knew_it_and_every_file_is_of_a_kind():
    assert {WITHOUT_CHECKSUM, sk.__version__} <= set(RELEASES)
    assert kinds_of(sk.__version__) == list(KINDS)
    for release, folder in RELEASES.items():
        assert {path.stem for path in folder.glob("*.keras")} == set(kinds_of(release))
        assert {key.partition(":")[0] for key in SAVED_ANSWERS[release]} == set(kinds_of(release))


@pytest.mark.parametrize(("release", "name"), FILES)
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
    release = KINDS[name].since if KINDS[name].since == sk.__version__ else WITHOUT_CHECKSUM
    model, kind = load(release, name), KINDS[name]
    steps, before = int(SAVED_ANSWERS[release][f"{name}: steps"]), model.get_weights()
    assert steps_of(model) == steps > 0
    assert any(np.any(momentum) for momentum in model.optimizer.variables[2:])  # after the steps and their size
    losses = model.fit(*kind.training, batch_size=BATCH, verbose=0).history["loss"]
    assert np.isfinite(losses).all()
    assert steps_of(model) == steps + steps // kind.epochs
    assert any((after != first).any() for after, first in zip(model.get_weights(), before, strict=True))
