"""An encoder-decoder saved, loaded and served: the same answers."""

import json
import os
import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf
from alone import ALONE
from said import live_words, served_words
from tiny_seq2seq import SOURCES, TINY, build, series, shaken

import seqkit as sk

ASKED = [*SOURCES, "", "zzz two", "three " * 20, "我"]
SERVE = (
    ALONE
    + """
folder = sys.argv[1]
served = tf.saved_model.load(folder + "/text")
asked = tf.constant(json.load(open(folder + "/asked.json")))
answers = {str(beam): served.translate(asked, tf.constant(beam), tf.constant(1.0)) for beam in (1, 3)}
answers = {beam: [text.decode() for text in answer["text"].numpy()] for beam, answer in answers.items()}
answer = served.signatures["serving_default"](text=asked)
answers["serve"] = [text.decode() for text in answer["text"].numpy()]
answers["alignment"] = answer["alignment"].numpy().sum(axis=-1).max().item()
try:
    served.translate(asked, tf.constant(0), tf.constant(1.0))
except tf.errors.InvalidArgumentError as refused:
    answers["beam 0"] = str(refused)
series = tf.saved_model.load(folder + "/series")
answer = series.serve(tf.constant(np.load(folder + "/series.npy")))
answers["series"] = {name: np.asarray(value).tolist() for name, value in answer.items()}
answers["loaded"] = sorted({name.partition(".")[0] for name in sys.modules} & {"keras", "seqkit"})
print(json.dumps(answers))
"""
)


@pytest.fixture(scope="module")
def translator():
    keras.utils.set_random_seed(7)
    return shaken(build(least_count=2, longest=(8, 5), cell="lstm", bidirectional=True), 4.0, seed=1)


@pytest.fixture(scope="module")
def autoencoder():
    keras.utils.set_random_seed(7)
    return shaken(sk.build_seq2seq(like=series(), autoencoder=True, **TINY))


@pytest.fixture(scope="module")
def served(translator, tmp_path_factory):
    folder = tmp_path_factory.mktemp("served") / "model"
    translator.export(folder, longest=11)
    return tf.saved_model.load(folder)


def test_a_served_model_answers_with_any_beam_what_the_live_one_answers(translator, served):
    asked = [*SOURCES, "", "zzz two"]
    for beam in (1, 2):
        answer = served.translate(tf.constant(asked), tf.constant(beam), tf.constant(0.5))
        assert [text.decode() for text in answer["text"].numpy()] == translator.translate(
            asked, beam=beam, length_penalty=0.5
        )


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:translate. 1 of 9 texts have more than longest=8")
def test_a_saved_model_needs_tensorflow_alone_and_says_what_the_live_one_says(translator, autoencoder, tmp_path):
    translator.export(tmp_path / "text")
    autoencoder.export(tmp_path / "series")
    (tmp_path / "asked.json").write_text(json.dumps(ASKED))
    np.save(tmp_path / "series.npy", series())
    command = [sys.executable, "-c", SERVE, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    answers = json.loads(done.stdout.splitlines()[-1])
    assert answers["loaded"] == []
    for beam in (1, 3):
        assert answers[str(beam)] == translator.translate(ASKED, beam=beam)
    assert answers["serve"] == translator.translate(ASKED)
    assert len(set(answers["serve"])) > 2
    assert answers["alignment"] == pytest.approx(1, abs=1e-5)
    assert "beam must be 1 or more" in answers["beam 0"]
    output = answers["series"]
    np.testing.assert_allclose(output["answer"], autoencoder.predict(series()), rtol=1e-4)
    np.testing.assert_allclose(output["code"], autoencoder.encode(series()), rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(output["reconstruction_error"], autoencoder.reconstruction_error(series()), rtol=1e-4)


def test_a_served_model_refuses_what_is_no_length_penalty(served):
    for penalty in (np.nan, -1.0):
        with pytest.raises(tf.errors.InvalidArgumentError, match="length_penalty must be a number from 0 up"):
            served.translate(tf.constant(["one"]), tf.constant(2), tf.constant(penalty, tf.float32))


def test_served_sources_are_refused_in_the_words_of_the_live_model(translator, served):
    for texts in ([], ["one", "two\0 one"]):
        said = served_words(lambda texts=texts: served.serve(tf.constant(texts, tf.string)))
        assert said == live_words(lambda texts=texts: translator.translate(texts))
    said = served_words(lambda: served.translate(tf.constant(["one"]), tf.constant(0), tf.constant(1.0)))
    assert said == live_words(lambda: translator.translate(["one"], beam=0))
    with pytest.raises(tf.errors.InvalidArgumentError, match="text number 0 has 12 tokens, and longest=11 are served"):
        served.serve(tf.constant(["one " * 12]))


def test_a_served_autoencoder_of_texts_gives_code_and_error(tmp_path):
    model = shaken(sk.build_seq2seq(like=SOURCES, autoencoder=True, **TINY), 4.0)
    model.export(tmp_path / "model")
    asked = [*SOURCES, "", "three zzz"]
    served = tf.saved_model.load(tmp_path / "model")
    answer = served.serve(tf.constant(asked))
    np.testing.assert_allclose(answer["code"], model.encode(asked), rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(answer["reconstruction_error"], model.reconstruction_error(asked), rtol=1e-4)


def test_a_served_model_says_how_many_tokens_it_left_out(translator, served):
    assert translator.settings.longest[0] == 8
    texts = tf.constant(["one", "one two seven four " + "two " * 6, ""])
    assert served.serve(texts)["left_out"].numpy().tolist() == [0, 2, 0]


def test_a_served_series_with_missing_values_is_refused(autoencoder, tmp_path):
    autoencoder.export(tmp_path / "model")
    served = tf.saved_model.load(tmp_path / "model")
    x = series()
    x[1, 2, 0] = np.nan
    for given in (x, series()[:, :-1], series()[..., :1], series()[:0]):
        said = served_words(lambda given=given: served.serve(tf.constant(given, tf.float32)))
        assert said == live_words(lambda given=given: autoencoder.predict(given))


def test_a_kept_model_is_loaded_with_its_words_and_trained_on(translator, autoencoder, tmp_path):
    translator.chosen_epochs = 13
    translator.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert isinstance(loaded, sk.Seq2Seq)
    assert (loaded.settings, loaded.chosen_epochs) == (translator.settings, 13)
    assert loaded.translate(SOURCES, beam=2) == translator.translate(SOURCES, beam=2)
    assert np.isfinite(loaded.fit(SOURCES, SOURCES, verbose=0).history["loss"]).all()
    autoencoder.save(tmp_path / "series.keras")
    loaded = keras.models.load_model(tmp_path / "series.keras")
    np.testing.assert_allclose(loaded.predict(series()), autoencoder.predict(series()), rtol=1e-5)


def test_translating_before_training_does_not_change_what_is_saved(translator, tmp_path):
    translator.translate(SOURCES[:1], beam=2)
    translator.encode(SOURCES[:1])
    shapes = [weight.shape for weight in translator.weights]
    translator.save(tmp_path / "model.keras")
    assert [weight.shape for weight in keras.models.load_model(tmp_path / "model.keras").weights] == shapes


@pytest.mark.slow
def test_a_model_kept_under_another_backend_is_the_same(translator, tmp_path):
    translator.save(tmp_path / "model.keras")
    code = (
        "import sys, json, keras, seqkit, numpy as np; m = keras.models.load_model(sys.argv[1]); "
        "s, t = np.array([[2, 3, 4]]), np.array([[2, 4]]); "
        "answers = m.translate(['one two'], beam=2); "
        "print(json.dumps([keras.backend.backend(), np.asarray(m([s, t])).tolist(), answers]))"
    )
    pytest.importorskip("jax")
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "model.keras")],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "KERAS_BACKEND": "jax"},
    )
    assert done.returncode == 0, done.stderr
    backend, scores, answers = json.loads(done.stdout.splitlines()[-1])
    assert (backend, answers) == ("jax", translator.translate(["one two"], beam=2))
    numbers = np.array([[2, 3, 4]]), np.array([[2, 4]])
    np.testing.assert_allclose(scores, keras.ops.convert_to_numpy(translator(list(numbers))), rtol=1e-4, atol=1e-5)
