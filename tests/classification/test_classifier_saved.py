"""A classifier kept, loaded and served: the same answers, temperature and labels included."""

import json
import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf
from alone import ALONE
from said import live_words, served_words
from tiny_classifiers import (
    KINDS,
    MOODS,
    TAGS,
    TEXTS,
    answering,
    any_length,
    build,
    filled_up,
    gappy,
    one_length,
)

import seqkit as sk
from seqkit.classification.model import Classifier

NUMBERS = [7, 3, 7, 3, 7]
LOAD = """
import json, sys
import keras
import numpy as np
import seqkit

given = json.load(open(sys.argv[1] + "/asked.json"))
answers = {}
for name in ("series", "text"):
    model = keras.models.load_model(sys.argv[1] + "/" + name + ".keras")
    asked = given[name] if name == "text" else [np.array(one) for one in given[name]]
    found = keras.ops.convert_to_numpy(model(model.network_input(asked, "test")))
    config = [model.settings.to_config(), model.chosen_epochs, type(model).__name__]
    answers[name] = [found.tolist(), model.labels, model.temperature, config]
print(json.dumps(answers))
"""
SERVE = (
    ALONE
    + """
said = {}
for name, (path, given) in json.load(open(sys.argv[1])).items():
    served = tf.saved_model.load(path)
    asked = tf.constant(given, tf.string if isinstance(given[0], str) else tf.float32)
    answer = {key: value.numpy() for key, value in served.serve(asked).items()}
    default = served.signatures["serving_default"]
    argument = next(iter(default.structured_input_signature[1]))
    for key, value in default(**{argument: asked}).items():
        assert (value.numpy() == answer[key]).all(), key
    answer |= {"describe " + key: value.numpy() for key, value in served.describe().items()}
    said[name] = {key: np.asarray(value).tolist() for key, value in answer.items()} | {"argument": argument}
loaded = sorted({name.partition(".")[0] for name in sys.modules} & {"keras", "seqkit"})
print(json.dumps({"said": said, "loaded": loaded}, default=bytes.decode))
"""
)


def script(code, *arguments):
    command = [sys.executable, "-c", code, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def models():
    """By name: a model, and what it is asked."""
    keras.utils.set_random_seed(7)
    numbered = {"scaling": "series", "attention": "none"}
    watcher = {"convolution": "fixed", "units": (3, 3), "attention": ("tanh", "layers")}
    return {
        "series": (build(any_length(), KINDS, **watcher), filled_up(any_length())),
        "text": (build(TEXTS, MOODS, embedding=5, cell="lstm", most_words=7), [*TEXTS, " ", "zzz 好"]),
        "numbered": (build(one_length(), NUMBERS, **numbered), one_length()),
        "tagged": (build(any_length(), TAGS, multi_label=True, missing="mask"), filled_up(gappy())),
    }


# Kept


def test_a_model_is_loaded_by_plain_keras_in_a_fresh_process(models, tmp_path):
    (series, padded), (text, texts) = models["series"], models["text"]
    series.set_temperature(1.7)
    text.chosen_epochs = 13
    for name in ("series", "text"):
        models[name][0].save(tmp_path / f"{name}.keras")
    asked = {"series": [one.tolist() for one in any_length()], "text": texts}
    (tmp_path / "asked.json").write_text(json.dumps(asked))
    found = script(LOAD, tmp_path)
    for name, given in (("series", padded), ("text", texts)):
        model = models[name][0]
        probabilities, labels, temperature, config = found[name]
        np.testing.assert_allclose(probabilities, answering(model)(given), rtol=1e-4, atol=1e-6)
        assert labels == list(model.labels)
        assert temperature == pytest.approx(model.temperature)
        assert config == json.loads(json.dumps([model.settings.to_config(), model.chosen_epochs, "Classifier"]))
    assert found["series"][2] == pytest.approx(1.7)
    series.set_temperature(1.0)


def test_a_loaded_model_is_trained_on(models, tmp_path):
    model = models["numbered"][0]
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert isinstance(loaded, sk.Classifier)
    assert loaded.labels == (3, 7)
    assert np.isfinite(loaded.fit(one_length(), NUMBERS, verbose=0).history["loss"]).all()


def test_a_model_of_the_training_level_keeps_it(models, tmp_path):
    model = models["series"][0]
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    for name in ("scaling", "convolution", "probabilities"):
        for one, other in zip(loaded.get_layer(name).weights, model.get_layer(name).weights, strict=True):
            np.testing.assert_array_equal(one, other)


def test_a_clone_is_refused_with_the_way_out(models):
    model, given = models["numbered"]
    with pytest.raises(TypeError, match="clone_model: it would return a plain model without Classifier's own loss"):
        keras.models.clone_model(model)
    again = Classifier.from_config(model.get_config())
    again.set_weights(model.get_weights())
    np.testing.assert_array_equal(again(given), model(given))


# Served


@pytest.fixture(scope="module")
def exported(models, tmp_path_factory):
    folder = tmp_path_factory.mktemp("exports")
    return {name: model.export(folder / name / "1") for name, (model, _) in models.items()}


@pytest.fixture(scope="module")
def served(models, exported, tmp_path_factory):
    """What a process without keras and seqkit answers, by model."""
    questions = tmp_path_factory.mktemp("questions") / "asked.json"
    given = {name: asked if isinstance(asked, list) else asked.tolist() for name, (_, asked) in models.items()}
    questions.write_text(json.dumps({name: [str(path), given[name]] for name, path in exported.items()}))
    found = script(SERVE, questions)
    assert found["loaded"] == []
    return found["said"]


@pytest.mark.parametrize("name", ["series", "text", "numbered", "tagged"])
def test_the_saved_model_answers_as_the_live_one_without_keras(models, served, name):
    model, given = models[name]
    probabilities = answering(model)(given)
    np.testing.assert_allclose(served[name]["probabilities"], probabilities, rtol=1e-4, atol=1e-6)
    if name == "tagged":
        held = [tuple(label for label in row if label) for row in served[name]["classes"]]
        assert held == model.labels_of(probabilities)
    else:
        assert served[name]["class"] == [str(label) for label in model.labels_of(probabilities)]
    assert np.ptp(probabilities, axis=0).min() > 1e-3


@pytest.mark.parametrize("name", ["series", "text", "tagged"])
def test_served_attention_sums_to_one_over_the_steps_that_are_there(models, served, name):
    model, given = models[name]
    attention, arrays = np.array(served[name]["attention"]), model.network_input(given, "test")
    filling = arrays == 0 if name == "text" else np.isnan(arrays).any(axis=-1)
    assert attention.shape == filling.shape
    np.testing.assert_allclose(attention.sum(axis=1), 1, rtol=1e-5)
    assert (attention[filling] == 0).all()
    assert (attention[~filling] > 0).all()


def test_served_text_names_the_token_of_each_weight(served):
    tokens = served["text"]["tokens"]
    assert tokens[0] == ["good", "film", "!", "", "", ""]
    assert tokens[2] == ["not", "good", ",", "is", "it", "?"]
    assert [len(one) for one in tokens] == [len(one) for one in served["text"]["attention"]]


def test_each_saved_model_takes_and_returns_by_name(served):
    named = {name: sorted(key for key in said if not key.startswith("describe")) for name, said in served.items()}
    assert named == {
        "series": ["argument", "attention", "class", "probabilities"],
        "text": ["argument", "attention", "class", "probabilities", "tokens"],
        "numbered": ["argument", "class", "probabilities"],
        "tagged": ["argument", "attention", "classes", "probabilities"],
    }
    assert {name: said["argument"] for name, said in served.items()} == {
        "series": "series", "text": "text", "numbered": "series", "tagged": "series",
    }  # fmt: skip


def test_describe_tells_the_labels_and_what_is_read(served):
    told = {
        name: [said[f"describe {key}"] for key in ("labels", "features", "timesteps", "multi_label")]
        for name, said in served.items()
    }
    assert told == {
        "series": [["fall", "level", "rise"], 2, 0, False],
        "text": [["down", "up"], 0, 0, False],
        "numbered": [["3", "7"], 2, 7, False],
        "tagged": [["a", "b", "c"], 2, 0, True],
    }


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize(("step", "feature"), [(2, slice(None)), (0, slice(None)), (1, 1), (slice(None), slice(None))])
def test_the_served_graph_refuses_what_the_live_model_refuses(models, exported, value, step, feature):
    for name in ("series", "tagged"):
        model, served = models[name][0], tf.saved_model.load(str(exported[name]))
        x = filled_up(any_length())
        x[3, step, feature] = value
        if name == "tagged" and np.isnan(value) and step != slice(None):  # missing="mask"
            assert np.isfinite(served.serve(tf.constant(x))["probabilities"]).all()
        else:
            said = served_words(lambda served=served, x=x: served.serve(tf.constant(x)))
            assert said == live_words(lambda model=model, x=x: model.predict(x, verbose=0))


@pytest.mark.parametrize("shape", [(2, 14, 2), (2, 3, 2), (2, 7, 1), (2, 7, 4), (2, 0, 2)])
def test_the_served_graph_refuses_other_sizes_than_those_of_training(models, exported, shape):
    model, served = models["numbered"][0], tf.saved_model.load(str(exported["numbered"]))
    said = live_words(lambda: model.predict(np.zeros(shape), verbose=0))
    for serve in (served.serve, lambda series: served.signatures["serving_default"](series=series)):
        assert served_words(lambda serve=serve: serve(tf.zeros(shape))) == said


def test_texts_of_no_words_at_all_are_answered(models, exported):
    served = tf.saved_model.load(str(exported["text"]))
    answer = served.serve(tf.constant(["", " "]))
    np.testing.assert_allclose(answer["probabilities"], answering(models["text"][0])(["", " "]), rtol=1e-4)
    assert answer["attention"].numpy().tolist() == [[1], [1]]


@pytest.mark.parametrize("texts", [[], ["good", "bad\0 film"], ["我\0"]])
def test_served_texts_are_refused_in_the_words_of_the_live_model(models, exported, texts):
    model, served = models["text"][0], tf.saved_model.load(str(exported["text"]))
    said = served_words(lambda: served.serve(tf.constant(texts, tf.string)))
    assert said == live_words(lambda: model.predict(texts, verbose=0))


def test_a_served_text_has_a_limit_which_export_sets(models, exported, tmp_path):
    served = tf.saved_model.load(str(exported["text"]))
    with pytest.raises(tf.errors.InvalidArgumentError, match="text number 1 has 10001 tokens, and longest=10000 are "):
        served.serve(tf.constant(["good", "good " * 10_001]))
    model = models["text"][0]
    model.export(tmp_path / "short", longest=3)
    served = tf.saved_model.load(str(tmp_path / "short"))
    assert served.serve(tf.constant(["good film !"]))["tokens"].shape == (1, 3)
    with pytest.raises(tf.errors.InvalidArgumentError, match="text number 0 has 4 tokens, and longest=3 are served"):
        served.serve(tf.constant(["so good film !"]))
    with pytest.raises(TypeError, match="export: longest= limits the tokens of a text, and this model reads no texts"):
        models["series"][0].export(tmp_path / "series", longest=3)


def test_long_served_texts_are_answered_in_groups_of_similar_length(models, tmp_path, monkeypatch):
    monkeypatch.setattr("seqkit.task.serving.MOST_TIMESTEPS", 7)
    model, texts = models["text"][0], [*TEXTS, " ", "good film " * 11, "bad", "bad film"]
    model.export(tmp_path / "grouped")
    served = tf.saved_model.load(str(tmp_path / "grouped"))
    answer = served.serve(tf.constant(texts))
    np.testing.assert_allclose(answer["probabilities"], answering(model)(texts), rtol=1e-4, atol=1e-6)
    attention = model.with_attention().predict_on_batch(model.network_input(texts, "test"))[1]
    np.testing.assert_allclose(answer["attention"], attention, rtol=1e-4, atol=1e-6)
    assert answer["tokens"].shape == answer["attention"].shape == (len(texts), 22)


def test_another_format_is_keras_own(models, tmp_path):
    with pytest.raises(ValueError, match="format"):
        models["numbered"][0].export(tmp_path / "model", format="nonsense")
