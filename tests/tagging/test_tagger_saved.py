"""A tagger kept, loaded and served: the same tags, raw strings in and strings out."""

import json
import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf
from alone import ALONE
from said import live_words, served_words
from tiny_taggers import PARTS, SENTENCES, TAGS, build, filled_up, weather, weeks

import seqkit as sk

TEXTS = ["The dog sat, in Rome!", "", "ran", "Zürich ☃ ran on", "  "]
LOAD = """
import json, sys
import keras
import numpy as np

model = keras.models.load_model(sys.argv[1])
answers = model.predict_proba(json.loads(sys.argv[2]))
config = [model.settings.to_config(), model.chosen_epochs, type(model).__name__]
print(json.dumps([[table.to_numpy().tolist() for table in answers], model.tags, config]))
"""
SERVE = (
    ALONE
    + """
answers = {}
for name, (path, inputs) in json.load(open(sys.argv[1])).items():
    served = tf.saved_model.load(path)
    tensors = {key: tf.constant(array, tf.float32 if key == "series" else tf.string) for key, array in inputs.items()}
    answer = {key: array.numpy() for key, array in served.signatures["serving_default"](**tensors).items()}
    if name != "extra":
        for key, array in served.serve(*tensors.values()).items():
            assert (array.numpy() == answer[key]).all(), key
    if name == "text":
        for key, array in served.serve_tokens(tf.constant(answer["tokens"])).items():
            assert (array.numpy() == answer[key]).all(), key
    answer |= {"describe " + key: array.numpy() for key, array in served.describe().items()}
    answers[name] = {key: np.asarray(array).tolist() for key, array in answer.items()}
loaded = sorted({name.partition(".")[0] for name in sys.modules} & {"keras", "seqkit"})
print(json.dumps({"answers": answers, "loaded": loaded}, default=bytes.decode))
"""
)


def script(code, *arguments):
    command = [sys.executable, "-c", code, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def models():
    """By name: a model, samples, and the same samples for the SavedModel."""
    keras.utils.set_random_seed(7)
    numbered = [[len(tag) for tag in row] for row in weather(weeks())]
    parts = {"words": SENTENCES[1:3], "extra": PARTS[1:3]}
    rows = {"tokens": [[*SENTENCES[1], ""], SENTENCES[2]], "extra": [[*PARTS[1], ""], PARTS[2]]}
    return {
        "text": (build(output="crf"), TEXTS, {"text": TEXTS}),
        "extra": (build({"words": SENTENCES, "extra": PARTS}, TAGS), parts, rows),
        "series": (build(weeks(), numbered), weeks(), {"series": filled_up(weeks()).tolist()}),
    }


def test_a_model_is_loaded_by_plain_keras_in_a_fresh_process(models, tmp_path):
    model = models["text"][0]
    model.chosen_epochs = 13
    model.save(tmp_path / "model.keras")
    answers, tags, config = script("import seqkit\n" + LOAD, tmp_path / "model.keras", json.dumps(TEXTS))
    for table, expected in zip(answers, model.predict_proba(TEXTS), strict=True):
        np.testing.assert_allclose(np.reshape(table, expected.shape), expected, rtol=1e-4, atol=1e-6)
    assert tags == list(model.tags)
    assert config == json.loads(json.dumps([model.settings.to_config(), 13, "Tagger"]))
    model.chosen_epochs = None


def test_a_loaded_model_keeps_its_scaling_and_is_trained_on(models, tmp_path):
    model = models["series"][0]
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert isinstance(loaded, sk.Tagger)
    assert loaded.predict_tags(weeks()) == model.predict_tags(weeks())
    assert np.isfinite(loaded.fit(weeks(), model.predict_tags(weeks()), verbose=0).history["loss"]).all()


def test_a_clone_is_refused_with_the_way_out(models):
    model = models["series"][0]
    with pytest.raises(TypeError, match="clone_model: it would return a plain model without Tagger's own loss"):
        keras.models.clone_model(model)
    again = sk.Tagger.from_config(model.get_config())
    again.set_weights(model.get_weights())
    assert again.predict_tags(weeks()) == model.predict_tags(weeks())


@pytest.fixture(scope="module")
def exported(models, tmp_path_factory):
    folder = tmp_path_factory.mktemp("exports")
    return {name: model.export(folder / name / "1") for name, (model, _, _) in models.items()}


@pytest.fixture(scope="module")
def served(models, exported, tmp_path_factory):
    """What a process without keras and seqkit answers, by model."""
    questions = tmp_path_factory.mktemp("questions") / "questions.json"
    questions.write_text(json.dumps({name: [str(exported[name]), models[name][2]] for name in models}))
    output = script(SERVE, questions)
    assert output["loaded"] == []
    return output["answers"]


@pytest.mark.parametrize("name", ["text", "extra", "series"])
def test_the_saved_model_answers_as_the_live_one_without_keras(models, served, name):
    model, samples, _ = models[name]
    np.testing.assert_allclose(served[name]["probabilities"], model.predict(samples), rtol=1e-4, atol=1e-6)
    tags = [[tag for tag in row if tag] for row in served[name]["tags"]]
    assert tags == [[str(tag) for tag in row] for row in model.predict_tags(samples)]
    assert len({tag for row in tags for tag in row}) > 1


def test_served_text_comes_back_as_its_tokens_the_empty_one_as_none(served):
    tokens = [[token for token in row if token] for row in served["text"]["tokens"]]
    assert tokens == [["The", "dog", "sat", ",", "in", "Rome", "!"], [], ["ran"], ["Zürich", "☃", "ran", "on"], []]
    assert [[bool(tag) for tag in row] for row in served["text"]["tags"]] == [
        [bool(token) for token in row] for row in served["text"]["tokens"]
    ]


def test_describe_tells_the_tags_and_what_is_read(served):
    assert served["text"]["describe tags"] == ["B-NP", "B-PP", "B-VP", "I-NP", "O"]
    assert (served["text"]["describe splitting"], served["text"]["describe features"]) == ("words", 0)
    assert (served["series"]["describe tags"], served["series"]["describe features"]) == (["2", "4"], 2)


def test_an_empty_token_stands_at_the_end_alone(exported):
    served = tf.saved_model.load(str(exported["text"]))
    with pytest.raises(tf.errors.InvalidArgumentError, match="token 0 of sentence 0 is empty. Leave it out"):
        served.serve_tokens(tf.constant([["", "so"]]))


def test_served_sentences_are_refused_in_the_words_of_the_live_model(models, exported):
    model, served = models["text"][0], tf.saved_model.load(str(exported["text"]))
    for texts in ([], ["so", "good\0 ran"]):
        said = served_words(lambda texts=texts: served.serve(tf.constant(texts, tf.string)))
        assert said == live_words(lambda texts=texts: model.predict_tags(texts))
    for tokens in ([["so", "good"], ["ran\0", "on"]], [["so", "on"], ["", "on"]]):
        said = served_words(lambda tokens=tokens: served.serve_tokens(tf.constant(tokens)))
        assert said == live_words(lambda tokens=tokens: model.predict_tags(tokens))
    with pytest.raises(tf.errors.InvalidArgumentError, match="sentence 0 has 10001 tokens, and longest=10000 are serv"):
        served.serve_tokens(tf.constant([["so"] * 10_001]))


def test_served_sentences_are_answered_in_groups_of_similar_length(tmp_path, monkeypatch):
    monkeypatch.setattr("seqkit.task.serving.MOST_TIMESTEPS", 7)
    model, texts = build(), ["so good", "the dog sat in Rome " * 3, "", "ran on", "so"]
    model.export(tmp_path / "grouped")
    served = tf.saved_model.load(str(tmp_path / "grouped"))
    answer = served.serve(tf.constant(texts))
    np.testing.assert_allclose(answer["probabilities"], model.predict(texts), rtol=1e-4, atol=1e-6)
    assert answer["tokens"].shape == answer["tags"].shape == (5, 15)


def test_nothing_but_empty_strings_is_answered(exported):
    served = tf.saved_model.load(str(exported["text"]))
    outputs = served.serve(tf.constant(["", " "]))
    assert outputs["tags"].numpy().tolist() == [[b""], [b""]]
    assert not outputs["probabilities"].numpy().any()


def test_the_served_graph_refuses_what_the_live_model_refuses(models, exported):
    model = models["series"][0]
    served = tf.saved_model.load(str(exported["series"]))
    for value, step in ((np.nan, 2), (np.inf, 0), (np.nan, 0)):
        series = filled_up(weeks())
        series[0, step, 1] = value
        said = served_words(lambda series=series: served.serve(tf.constant(series)))
        assert said == live_words(lambda series=series: model.predict(series))


def test_the_served_graph_refuses_an_extra_feature_of_another_width(tmp_path):
    model = build({"words": SENTENCES, "extra": PARTS}, TAGS)
    model.export(tmp_path / "model")
    served = tf.saved_model.load(str(tmp_path / "model"))
    with pytest.raises(tf.errors.InvalidArgumentError, match="tokens and extra must be of one shape"):
        served.serve({"tokens": tf.constant([["so", "good"]]), "extra": tf.constant([["ADV"]])})
