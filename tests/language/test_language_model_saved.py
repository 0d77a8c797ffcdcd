"""A language model kept, loaded and served: the same answers, raw strings in and out; and on another backend."""

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
from tiny_language_models import STORY, VERSES, build

from seqkit.language.model import LanguageModel

PROMPTS = ["The cat", "", "zebra far", "the dog ran far too far", "  "]
CHOICES = [(0.0, 1000, 1.0), (1.0, 1000, 1.0), (1.0, 2, 1.0), (1.0, 1000, 0.3)]  # temperature, top_k, top_p
SERVE = (
    ALONE
    + """
prompts = tf.constant(json.loads(sys.argv[2]))
answers = {}
for name in ("words", "characters"):
    served = tf.saved_model.load(sys.argv[1] + "/" + name)
    following = served.next_words(prompts, tf.constant(3))
    written = [
        served.generate(
            text=prompts,
            steps=tf.constant(7),
            temperature=tf.constant(t),
            seed=tf.constant(5),
            top_k=tf.constant(k),
            top_p=tf.constant(p),
        )["text"]
        for t, k, p in json.loads(sys.argv[3])
    ]
    described = served.describe()
    answers[name] = {
        "words": following["words"].numpy().tolist(),
        "probabilities": following["probabilities"].numpy().tolist(),
        "served": served.signatures["serving_default"](text=prompts)["probabilities"].numpy().tolist(),
        "written": [texts.numpy().tolist() for texts in written],
        "vocabulary": described["words"].numpy().tolist(),
        "continuous": bool(described["continuous"]),
    }
loaded = sorted({name.partition(".")[0] for name in sys.modules} & {"keras", "seqkit"})
print(json.dumps({"answers": answers, "loaded": loaded}, default=bytes.decode))
"""
)
JAX = """
import json, sys
import keras
from seqkit.language.build import build_language_model

keras.utils.set_random_seed(7)
text = "never too late to code, never too late to read. " * 11
model = build_language_model(like=text, units=13, embedding=5, dropout=0.0, optimizer=keras.optimizers.Adam(0.03))
before = model.perplexity(text)
model.fit(text, epochs=41, batch_size=3, verbose=0)
after, written = model.perplexity(text), model.generate("never too", 2, temperature=0)
following = sorted(model.next_words("never too late to", 2)["word"])
print(json.dumps([keras.backend.backend(), before, after, written, following]))
"""


def script(code, *arguments, **variables):
    command = [sys.executable, "-c", code, *map(str, arguments)]
    environment = {**os.environ, **variables}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def models():
    keras.utils.set_random_seed(7)
    return {
        "words": build(VERSES, units=(5, 3), cell="lstm"),
        "characters": build(STORY, by="characters", tied=True),
    }


def test_a_loaded_model_answers_as_before_and_is_trained_on(models, tmp_path):
    model = models["words"]
    model.chosen_epochs = 13
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert isinstance(loaded, LanguageModel)
    assert (loaded.settings, loaded.chosen_epochs) == (model.settings, 13)
    assert loaded.perplexity(VERSES) == pytest.approx(model.perplexity(VERSES), rel=1e-5)
    assert loaded.generate("the", 5, seed=3) == model.generate("the", 5, seed=3)
    assert np.isfinite(loaded.fit(VERSES, verbose=0).history["loss"]).all()


def test_a_model_is_kept_in_the_midst_of_a_continuous_fit(tmp_path):
    model = build(timesteps=7)
    keep = keras.callbacks.ModelCheckpoint(tmp_path / "model.keras")
    best = keras.callbacks.EarlyStopping("loss", restore_best_weights=True)
    model.fit(STORY, batch_size=3, epochs=2, callbacks=[keep, best], verbose=0)
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert loaded.perplexity(STORY) == pytest.approx(model.perplexity(STORY), rel=1e-5)


def test_a_clone_is_refused_with_the_way_out(models):
    with pytest.raises(TypeError, match="clone_model: it would return a plain model without LanguageModel's own loss"):
        keras.models.clone_model(models["words"])


@pytest.fixture(scope="module")
def exports(models, tmp_path_factory):
    """The folder of the SavedModels, by name of the model."""
    folder = tmp_path_factory.mktemp("exports")
    for name, model in models.items():
        model.export(folder / name)
    return folder


@pytest.fixture(scope="module")
def served(exports):
    """What a process without keras and seqkit answers, by model."""
    output = script(SERVE, exports, json.dumps(PROMPTS), json.dumps(CHOICES))
    assert output["loaded"] == []
    return output["answers"]


@pytest.mark.parametrize("name", ["words", "characters"])
def test_the_saved_model_answers_as_the_live_one_without_keras(models, served, name):
    model, answers = models[name], served[name]
    for table, words, probabilities in zip(
        model.next_words(PROMPTS, 3), answers["words"], answers["probabilities"], strict=True
    ):
        assert list(table["word"]) == words
        np.testing.assert_allclose(table["probability"], probabilities, rtol=1e-4)
    live = [model.generate(PROMPTS, 7, temperature=t, top_k=k, top_p=p, seed=5) for t, k, p in CHOICES]
    assert answers["written"] == live
    assert len(set(answers["written"][1])) > 1
    assert answers["vocabulary"] == ["", "[UNK]", *model.vocabulary.words]
    assert answers["continuous"] == model.settings.continuous
    shares = np.array(answers["served"])
    assert not shares[:, list(model.never)].any()
    best = [[answers["vocabulary"][number] for number in row] for row in np.argsort(-shares)[:, :3]]
    assert best == answers["words"]


def test_the_served_graph_refuses_what_the_live_model_refuses(models, exports):
    served = tf.saved_model.load(exports / "characters")
    text = tf.constant(["late"])
    with pytest.raises(tf.errors.InvalidArgumentError, match="k must be 1 or more"):
        served.next_words(text, tf.constant(0))
    rest = tf.constant(1), tf.constant(5), tf.constant(1.0)
    with pytest.raises(tf.errors.InvalidArgumentError, match="top_k must be 1 or more"):
        served.generate(text, tf.constant(3), tf.constant(1.0), tf.constant(1), tf.constant(0), tf.constant(1.0))
    with pytest.raises(tf.errors.InvalidArgumentError, match="top_p must be a number from above 0 to 1, got 0; 1"):
        served.generate(text, tf.constant(3), tf.constant(1.0), tf.constant(1), tf.constant(5), tf.constant(0.0))
    with pytest.raises(tf.errors.InvalidArgumentError, match="steps must be 1 or more"):
        served.generate(text, tf.constant(0), tf.constant(1.0), *rest)
    with pytest.raises(tf.errors.InvalidArgumentError, match="temperature must be a number of 0 or more, got -1"):
        served.generate(text, tf.constant(3), tf.constant(-1.0), *rest)
    for texts in ([], ["late", "never\0 too"]):
        said = served_words(lambda texts=texts: served.serve(tf.constant(texts, tf.string)))
        assert said == live_words(lambda texts=texts: models["characters"].next_words(texts))
    said = served_words(lambda: served.generate(text, tf.constant(3), tf.constant(-0.5), *rest))
    assert said == live_words(lambda: models["characters"].generate("late", 3, temperature=-0.5))
    with pytest.raises(tf.errors.InvalidArgumentError, match="text number 0 has 10001 tokens, and longest=10000 are s"):
        served.next_words(tf.constant(["l" * 10_001]), tf.constant(1))
    with pytest.raises(tf.errors.InvalidArgumentError, match="steps must be at most 10000, got 10001"):
        served.generate(text, tf.constant(10_001), tf.constant(1.0), *rest)
    word_count = len(models["characters"].vocabulary) - len(models["characters"].never)
    assert served.next_words(text, tf.constant(1000))["words"].shape == (1, word_count)


@pytest.mark.slow
def test_it_learns_on_another_backend():
    backend, before, after, written, following = script(JAX, KERAS_BACKEND="jax")
    assert backend == "jax"
    assert after < 1.5 < before
    assert (written, following) == ("never too late to", ["code", "read"])
