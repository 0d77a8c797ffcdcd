"""build_classifier and Classifier: series or raw strings in, the user's own labels out, and still a keras.Model."""

import json
import subprocess
import sys

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from alone import ALONE

import seqkit as sk
from seqkit.models._classifier_network import classifier_network
from seqkit.models.classifier import Classifier, build_classifier
from seqkit.vocabulary import Vocabulary

TINY = {"units": 3, "cell": "simple_rnn", "convolution": "none", "dropout": 0.0}
LENGTHS = (11, 5, 2, 19, 3, 7, 13)
KINDS = ("rise", "fall", "rise", "level", "fall", "level", "rise")
TEXTS = ["Good film!", "bad film", "not good, is it?", "", "我喜欢 it", "unheard of", "good good good"]
MOODS = ("up", "down", "down", "up", "up", "down", "up")
LOAD = """
import json, sys
import keras
import numpy as np
import seqkit

answers = {}
for name in ("series", "text"):
    model = keras.models.load_model(sys.argv[1] + "/" + name + ".keras")
    given = json.load(open(sys.argv[1] + "/" + name + ".json"))
    found = model.predict_proba(given if name == "text" else [np.array(one) for one in given])
    config = [model.settings.to_config(), model.chosen_epochs, type(model).__name__]
    answers[name] = [found.to_numpy().tolist(), list(found.columns), model.temperature, config]
print(json.dumps(answers))
"""
SERVE = (
    ALONE
    + """
said = {}
for name, (path, given) in json.load(open(sys.argv[1])).items():
    served = tf.saved_model.load(path)
    asked = tf.constant(given, tf.string if isinstance(given[0], str) else tf.float32)
    default = served.signatures["serving_default"]
    by_name = {next(iter(default.structured_input_signature[1])): asked}
    answer = {key: value.numpy() for key, value in served.serve(asked).items()}
    for key, value in default(**by_name).items():
        assert (value.numpy() == answer[key]).all(), key
    answer |= {"describe " + key: value.numpy() for key, value in served.describe().items()}
    said[name] = {key: value.astype(str).tolist() if value.dtype == object else value.tolist() for key, value in
                  {key: np.asarray(value) for key, value in answer.items()}.items()}
loaded = sorted({name.partition(".")[0] for name in sys.modules} & {"keras", "seqkit"})
print(json.dumps({"said": said, "loaded": loaded}, default=bytes.decode))
"""
)


def any_length(features=2, lengths=LENGTHS, seed=7):
    random = np.random.default_rng(seed)
    return [random.normal(5, 3, (length, features)).astype("float32") for length in lengths]


def one_length(samples=7, timesteps=5, features=2):
    return np.stack(any_length(features, [timesteps] * samples))


def wiggled(model, seed=5):
    """The model with weights that are no longer the first ones, so that its answers differ."""
    random = np.random.default_rng(seed)
    for weight in model.trainable_weights:
        weight.assign(weight + random.normal(0, 0.5, weight.shape))
    return model


def build(like, labels, **options):
    return wiggled(build_classifier(like=like, labels=labels, **{**TINY, **options}))


def graph_of(model, x):
    """What the graph answers, eagerly, to samples stacked in one array."""
    return keras.ops.convert_to_numpy(model(model.network_input(x, "test"), training=False))


def script(code, *arguments):
    done = subprocess.run([sys.executable, "-c", code, *map(str, arguments)], capture_output=True, text=True,
                          check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def series_model():
    keras.utils.set_random_seed(7)
    return build(any_length(), KINDS, convolution="fixed", cell="gru", units=(3, 3), attention=("tanh", "layers"))


@pytest.fixture(scope="module")
def text_model():
    keras.utils.set_random_seed(7)
    return build(TEXTS, MOODS, embedding=5, cell="lstm", most_words=7)


# What the training samples decide


def test_series_of_one_length_make_a_network_of_that_length():
    model = build_classifier(like=one_length(7, 5, 3), labels=KINDS, **TINY)
    assert model.input_shape == (None, 5, 3)
    assert model.output_shape == (None, 3)
    assert model.labels == ("fall", "level", "rise")
    assert (model.vocabulary, model.chosen_epochs, model.validation_history) == (None, None, None)


def test_series_of_different_length_make_a_network_of_any():
    model = build_classifier(like=any_length(), labels=KINDS, **TINY)
    assert model.input_shape == (None, None, 2)
    assert model.settings.longest == 19


def test_nan_at_the_end_is_the_end_of_a_series():
    padded = one_length(7, 5, 2)
    padded[2, 3:] = np.nan
    model = build(padded, KINDS)
    assert model.input_shape == (None, None, 2)
    as_list = [*padded[:2], padded[2, :3], *padded[3:]]
    np.testing.assert_array_equal(model.predict(padded, verbose=0), model.predict(as_list, verbose=0))


def test_plain_arguments_make_a_network_without_samples():
    assert build_classifier(features=3, timesteps=5, labels=["a", "b"], **TINY).input_shape == (None, 5, 3)
    assert build_classifier(features=3, labels=["a", "b"], **TINY).input_shape == (None, None, 3)
    model = build_classifier(vocabulary=["good", "bad"], labels=["a", "b"], **TINY)
    assert model.vocabulary.words == ("good", "bad")
    assert model.input_shape == (None, None)


def test_texts_make_a_network_of_words():
    model = build_classifier(like=TEXTS, labels=MOODS, embedding=5, **TINY)
    assert model.vocabulary.words == Vocabulary.learn(TEXTS).words
    assert model.get_layer("vectors").embeddings.shape == (len(model.vocabulary), 5)
    assert build_classifier(like=TEXTS, labels=MOODS, most_words=3, **TINY).vocabulary.words == ("good", "film", "it")
    given = Vocabulary(["film", "好"])
    assert build_classifier(like=TEXTS, labels=MOODS, vocabulary=given, **TINY).vocabulary.words == ("film", "好")


def test_series_have_fixed_convolutions_by_default_and_texts_none():
    plain = {"units": 3, "cell": "simple_rnn"}
    assert build_classifier(features=3, timesteps=5, labels=["a", "b"], **plain).settings.convolution == "fixed"
    assert build_classifier(vocabulary=["good"], labels=["a", "b"], **plain).settings.convolution == "none"


def test_the_articles_network_is_built_of_plain_arguments():
    settings = build_classifier(
        features=3, timesteps=5, labels=["a", "b"], units=(5, 3), dropout=(0.5, 0.1), bidirectional=False,
        attention="none", convolution="none", scaling="none",
    ).settings  # fmt: skip
    assert (settings.units, settings.dropout, settings.attention) == ((5, 3), (0.5, 0.1), ())


def test_one_dropout_follows_every_layer():
    assert build_classifier(features=3, labels=["a", "b"], **{**TINY, "units": (5, 3), "dropout": 0.2}).settings.dropout == (0.2, 0.2)  # fmt: skip  # noqa: E501


# Inputs of every kind


@pytest.mark.parametrize(
    "kind",
    [
        np.array,
        tuple,
        lambda texts: np.array(texts, object),
        lambda texts: pd.Series(texts, index=list("gfedcba")),
        lambda texts: pd.Series(texts, dtype=object),
        lambda texts: pd.Series(texts, dtype="string"),
        lambda texts: pd.Series(texts, dtype="category"),
        pd.Index,
    ],
)
def test_texts_of_every_kind_are_read_as_a_list_is(text_model, kind):
    np.testing.assert_array_equal(text_model.predict(kind(TEXTS), verbose=0), text_model.predict(TEXTS, verbose=0))
    assert build_classifier(like=kind(TEXTS), labels=MOODS, **TINY).vocabulary.words == Vocabulary.learn(TEXTS).words


def test_chinese_is_read_by_character():
    model = build(["我喜欢", "我讨厌", "喜欢你"], ["up", "down", "up"])
    assert set(model.vocabulary.words) == set("我喜欢讨厌你")
    first, same, other = model.predict(["我 喜欢", "我喜欢", "我讨厌"], verbose=0)
    assert (first == same).all()
    assert (same != other).all()


@pytest.mark.parametrize(
    "kind",
    [
        list,
        lambda x: x.astype("float64"),
        lambda x: x.tolist(),
        lambda x: [pd.DataFrame(one) for one in x],
        lambda x: pd.Series(list(x)),
        lambda x: tuple(tf.constant(one) for one in x),
    ],
)
def test_series_of_every_kind_are_read_as_an_array_is(kind):
    x = np.round(one_length())
    model = build(x, KINDS)
    np.testing.assert_array_equal(model.predict(kind(x), verbose=0), model.predict(x, verbose=0))
    np.testing.assert_array_equal(model.predict(x.astype(int), verbose=0), model.predict(x, verbose=0))


def test_series_of_one_feature_may_leave_its_axis_out():
    x = one_length(features=1)
    model = build(x[..., 0], KINDS)
    assert model.input_shape == (None, 5, 1)
    np.testing.assert_array_equal(model.predict(x[..., 0], verbose=0), model.predict(x, verbose=0))
    np.testing.assert_array_equal(model.predict(list(x[..., 0]), verbose=0), model.predict(x, verbose=0))


@pytest.mark.parametrize(
    ("labels", "known", "kind"),
    [
        (["b", "a", "b"], ("a", "b"), str),
        ([7, 3, 7], (3, 7), int),
        (np.array([7, 3, 7]), (3, 7), int),
        ([0.5, -1.5, 0.5], (-1.5, 0.5), float),
        ([True, False, True], (False, True), bool),
        (np.array([[7], [3], [7]]), (3, 7), int),
        (np.array(["b", "a", "b"]), ("a", "b"), str),
        (pd.Series(["b", "a", "b"], dtype="string", index=[5, 3, 2]), ("a", "b"), str),
        (pd.Series(["b", "a", "b"], dtype="category"), ("a", "b"), str),
        (pd.Series([True, False, True]), (False, True), bool),
        (pd.Series([7, 3, 7], dtype="Int64"), (3, 7), int),
    ],
)
def test_labels_of_every_kind_come_back_as_they_were(labels, known, kind):
    x = one_length(3)
    model = build(x, labels)
    assert model.labels == known
    assert {type(label) for label in model.labels} == {kind}
    again = Classifier.from_config(json.loads(json.dumps(model.get_config())))
    assert again.labels == known
    assert {type(label) for label in again.labels} == {kind}
    found = model.labels_of(np.array([[0.1, 0.9], [0.8, 0.2]]))
    assert found.tolist() == [known[1], known[0]]
    assert model.encode(labels).tolist() == [[0, 1], [1, 0], [0, 1]]


# Every network


ATTENTION = ["none", "dense", "tanh", "layers", ("tanh", "layers")]


@pytest.mark.parametrize("attention", ATTENTION, ids=str)
@pytest.mark.parametrize("bidirectional", [True, False])
def test_every_attention_reads_series_of_one_length_of_any_and_texts(attention, bidirectional):
    options = {"units": (3, 3), "attention": attention, "bidirectional": bidirectional}
    for like in (one_length(), any_length(), TEXTS):
        model = build(like, KINDS, **options)
        answers = model.with_attention()(model.network_input(like, "test"))
        probabilities, *weights = answers if isinstance(answers, list) else [answers]
        np.testing.assert_allclose(keras.ops.sum(probabilities, axis=1), np.ones(7), rtol=1e-5)
        assert np.ptp(probabilities, axis=0).min() > 1e-3
        assert len(weights) == (attention not in ("none", "layers"))
        if weights:
            np.testing.assert_allclose(keras.ops.sum(weights[0], axis=1), np.ones(7), rtol=1e-5)


@pytest.mark.parametrize("cell", ["lstm", "gru", "simple_rnn"])
@pytest.mark.parametrize("bidirectional", [True, False])
@pytest.mark.parametrize("attention", ["none", ("tanh", "layers")], ids=str)
def test_each_sample_of_a_padded_batch_gets_the_answer_it_gets_alone(cell, bidirectional, attention):
    series = any_length()
    model = build(series, KINDS, cell=cell, bidirectional=bidirectional, attention=attention, units=(3, 3))
    together = graph_of(model, series)
    assert np.ptp(together, axis=0).min() > 1e-3
    for row, one in enumerate(series):
        np.testing.assert_allclose(together[row], graph_of(model, [one])[0], rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("convolution", ["fixed", "learned"])
@pytest.mark.parametrize("scaling", ["standard", "series"])
def test_each_sample_of_a_padded_batch_gets_alone_what_its_convolutions_give(convolution, scaling):
    series = any_length()
    model = build(series, KINDS, convolution=convolution, scaling=scaling, bidirectional=False)
    together = graph_of(model, series)
    assert np.ptp(together, axis=0).min() > 1e-3
    for row, one in enumerate(series):
        np.testing.assert_allclose(together[row], graph_of(model, [one])[0], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("convolution", ["none", "learned"])
def test_each_text_of_a_batch_gets_the_answer_it_gets_alone(convolution):
    model = build(TEXTS, MOODS, convolution=convolution, embedding=3)
    together = graph_of(model, TEXTS)
    for row, one in enumerate(TEXTS):
        np.testing.assert_allclose(together[row], graph_of(model, [one])[0], rtol=1e-4, atol=1e-6)


def test_predict_pads_its_batches_and_changes_nothing(series_model):
    found = series_model.predict(any_length(), batch_size=3, verbose=0)
    np.testing.assert_allclose(found, graph_of(series_model, any_length()), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("scaling", ["standard", "series", "none"])
def test_scaling_is_by_the_training_series_by_each_series_or_not_at_all(scaling):
    series = any_length()
    model = build(series, KINDS, scaling=scaling)
    scaled, _, _ = model.get_layer("scaling")(series[3][None])
    joined = {"standard": np.concatenate(series), "series": series[3], "none": np.array([[-1], [1]])}[scaling]
    np.testing.assert_allclose(scaled[0], (series[3] - joined.mean(axis=0)) / joined.std(axis=0), rtol=1e-3, atol=1e-5)


def test_long_series_of_one_length_are_read_in_segments_and_attended_step_by_step():
    x = one_length(3, timesteps=67)
    model = build(x, ["a", "b", "a"], convolution="none")
    assert (model.settings.segment, model.settings.front) == (3, 2)
    assert model.get_layer("segments").output.shape[1:] == (23, 6)
    _, weights = model.with_attention()(x)
    assert weights.shape == (3, 67)
    np.testing.assert_allclose(keras.ops.sum(weights, axis=1), np.ones(3), rtol=1e-5)
    first, second = weights[0, 0], weights[0, 1:4]  # the first segment holds two steps of zeros, then one of data
    assert float(first) != pytest.approx(float(second[0]), rel=1e-3)
    np.testing.assert_allclose(second, np.full(3, second[0]), rtol=1e-6)
    assert build(x[:, :31], ["a", "b", "a"]).settings.segment == 1


# Missing values


def gappy():
    series = any_length()
    series[0][4, 1] = np.nan
    series[3][0] = np.nan
    return series


def test_a_step_with_a_missing_value_is_skipped_with_a_mask():
    model = build(gappy(), KINDS, missing="mask")
    without = [one[~np.isnan(one).any(axis=1)] for one in gappy()]
    for one, shorter in zip(gappy(), without, strict=True):
        np.testing.assert_allclose(graph_of(model, [one]), graph_of(model, [shorter]), rtol=1e-4, atol=1e-6)
    _, weights = model.with_attention()(model.network_input(gappy(), "test"))
    assert float(weights[0, 4]) == 0
    assert np.isfinite(model.predict(gappy(), verbose=0)).all()


def recurrent_of(model):
    stack = model.get_layer("recurrent")
    return [way for one in stack.recurrent for way in (one.forward_layer, one.backward_layer)]


def test_a_mask_with_gaps_is_kept_from_cudnn_which_refuses_it():
    for missing, wanted in (("mask", {False}), ("refuse", {"auto"})):
        model = build_classifier(like=one_length(), labels=KINDS, **{**TINY, "cell": "lstm"}, missing=missing)
        assert {one.use_cudnn for one in recurrent_of(model)} == wanted


def test_an_empty_text_is_one_unknown_word_for_cudnn_refuses_what_is_padding_alone(text_model):
    assert text_model.network_input(["", "  ", "zzz"], "test").tolist() == [[1], [1], [1]]
    assert np.isfinite(text_model.predict([""], verbose=0)).all()


def test_texts_are_encoded_in_parts_to_the_same_numbers(text_model, monkeypatch):
    whole = text_model.network_input(TEXTS, "test")
    monkeypatch.setattr("seqkit.models._classifier_model.TEXTS_AT_ONCE", 3)
    np.testing.assert_array_equal(text_model.network_input(TEXTS, "test"), whole)


# Answers


def test_probabilities_are_named_by_class_and_indexed_as_the_samples(text_model):
    column = pd.Series(TEXTS, index=[f"review {row}" for row in range(7)])
    found = text_model.predict_proba(column)
    assert list(found.columns) == ["down", "up"]
    assert found.columns.name == "class"
    assert list(found.index) == list(column.index)
    np.testing.assert_array_equal(found, text_model.predict(TEXTS, verbose=0))
    assert list(text_model.predict_proba(TEXTS).index) == list(range(7))


def test_the_predicted_class_is_the_most_probable(series_model):
    found = series_model.predict_classes(any_length())
    assert found.tolist() == series_model.predict_proba(any_length()).idxmax(axis=1).tolist()
    assert len(set(found)) > 1


def test_evaluate_gives_the_log_loss_and_the_share_that_is_right(series_model):
    said = series_model.evaluate(any_length(), KINDS, batch_size=3, return_dict=True, verbose=0)
    probabilities = series_model.predict_proba(any_length())
    own = [probabilities.loc[row, kind] for row, kind in enumerate(KINDS)]
    right = np.mean(series_model.predict_classes(any_length()) == np.array(KINDS))
    assert said == pytest.approx({"loss": -np.log(own).mean(), "accuracy": right}, rel=1e-4)


def test_batches_of_arrays_and_of_zeros_and_ones_are_taken_as_keras_takes_them(text_model):
    numbers, targets = text_model.network_input(TEXTS, "test"), text_model.encode(MOODS)
    dataset = tf.data.Dataset.from_tensor_slices((numbers, targets)).batch(5)
    ours = text_model.evaluate(TEXTS, MOODS, verbose=0)
    assert text_model.evaluate(dataset, verbose=0) == pytest.approx(ours, rel=1e-4)
    np.testing.assert_allclose(text_model.predict(numbers, verbose=0), text_model.predict(TEXTS, verbose=0), rtol=1e-5)
    again = build(TEXTS, MOODS, embedding=5)
    assert len(again.fit(dataset, epochs=2, verbose=0, validation_data=dataset).history["val_loss"]) == 2


def test_fit_learns_what_can_be_learnt():
    ramps = [np.linspace(0, way * 5, length)[:, None] for length in (5, 7, 11, 13) for way in (1, -1)]
    labels = ["up", "down"] * 4
    model = build_classifier(like=ramps, labels=labels, optimizer=keras.optimizers.Adam(0.05), **TINY)
    history = model.fit(ramps, labels, epochs=20, batch_size=4, validation_data=(ramps, labels), verbose=0).history
    assert history["loss"][-1] < 0.3 < history["loss"][0]
    assert history["val_accuracy"][-1] == 1
    assert model.predict_classes(ramps).tolist() == labels
    assert sorted(history) == ["accuracy", "loss", "val_accuracy", "val_loss"]


def test_a_seed_makes_fit_repeatable():
    found = []
    for _ in range(2):
        keras.utils.set_random_seed(11)
        model = build_classifier(like=TEXTS, labels=MOODS, **{**TINY, "dropout": 0.3})
        model.fit(TEXTS, MOODS, epochs=2, batch_size=3, verbose=0)
        found.append(model.predict(TEXTS, verbose=0))
    np.testing.assert_array_equal(*found)


# Weights of classes and samples


RARE = ("b",) * 2 + ("a",) * 23


def class_weights(labels=RARE, **options):
    settings = build_classifier(features=2, timesteps=5, labels=labels, **TINY, **options).settings
    return dict(zip(settings.labels, settings.class_weights, strict=True))


def test_classes_are_balanced_where_one_is_rare():
    assert class_weights() == pytest.approx({"a": 25 / (2 * 23), "b": 25 / (2 * 2)})
    assert class_weights(RARE[1:] + ("b", "b")) == {"a": 1, "b": 1}
    assert class_weights(class_weight="none") == {"a": 1, "b": 1}
    assert class_weights(("b", "a", "a"), class_weight="balanced") == pytest.approx({"a": 0.75, "b": 1.5})
    assert class_weights([["a"]] * 23 + [["b"]], multi_label=True) == {"a": 1, "b": 1}


def test_the_loss_of_a_rare_class_weighs_more():
    x = np.random.default_rng(7).normal(size=(25, 5, 2)).astype("float32")
    balanced = build(x, RARE, class_weight="balanced")
    plain = build(x, RARE, class_weight="none")
    plain.set_weights(balanced.get_weights())
    for labels, samples, weight in (("b", x[:2], 25 / 4), ("a", x[2:], 25 / 46)):
        own = balanced.evaluate(samples, [labels] * len(samples), verbose=0)[0]
        assert own == pytest.approx(weight * plain.evaluate(samples, [labels] * len(samples), verbose=0)[0], rel=1e-4)


def test_weights_of_samples_multiply_those_of_classes_also_in_validation():
    x = np.random.default_rng(7).normal(size=(25, 5, 2)).astype("float32")
    model = build(x, RARE, class_weight="balanced", optimizer=keras.optimizers.SGD(0.0))
    twice, none = np.full(25, 2.0), np.zeros(25)
    plain = model.fit(x, RARE, batch_size=25, validation_data=(x, RARE), verbose=0).history
    heavy = model.fit(x, RARE, batch_size=25, sample_weight=twice, validation_data=(x, RARE, none), verbose=0).history
    assert heavy["loss"][0] == pytest.approx(2 * plain["loss"][0], rel=1e-4)
    assert plain["val_loss"][0] == pytest.approx(plain["loss"][0], rel=1e-4)
    assert heavy["val_loss"][0] == 0


# Several labels


TAGS = [["a", "c"], [], ["b"], ("a",), {"b", "c"}, np.array(["c"]), ["a", "b", "c"]]


def test_with_multi_label_any_number_of_classes_holds():
    model = build(any_length(), TAGS, multi_label=True)
    assert model.labels == ("a", "b", "c")
    rows = [[1, 0, 1], [0, 0, 0], [0, 1, 0], [1, 0, 0], [0, 1, 1], [0, 0, 1], [1, 1, 1]]
    assert model.encode(TAGS).tolist() == model.encode(np.array(rows)).tolist() == rows
    probabilities = model.predict(any_length(), verbose=0)
    assert not np.allclose(probabilities.sum(axis=1), 1, atol=0.01)
    found = model.predict_classes(any_length())
    assert [tuple(np.array(model.labels)[row >= 0.5]) for row in probabilities] == found
    assert model.labels_of(np.array([[0.2, 0.1, 0.3], [0.5, 0.6, 0.4]])) == [(), ("a", "b")]
    history = model.fit(any_length(), TAGS, epochs=1, validation_data=(any_length(), np.array(rows)), verbose=0).history
    assert np.isfinite(history["val_loss"]).all()


def test_the_loss_of_several_labels_is_the_cross_entropy_of_each():
    model = build(any_length(), TAGS, multi_label=True)
    probabilities, targets = model.predict(any_length(), verbose=0), model.encode(TAGS)
    crossed = -np.log(np.where(targets, probabilities, 1 - probabilities)).mean()
    right = ((probabilities > 0.5) == targets).mean()
    assert model.evaluate(any_length(), TAGS, verbose=0) == pytest.approx([crossed, right], rel=1e-4)


# Temperature


def over_sure():
    """A model whose scores are far too large, samples, and labels of which it gets some wrong."""
    x = np.random.default_rng(7).normal(size=(61, 5, 2)).astype("float32")
    model = build(x, ["a", "b", "c"] * 20 + ["a"])
    labels = model.predict_classes(x)
    labels[::3] = np.random.default_rng(5).choice(["a", "b", "c"], 21)
    head = model.get_layer("scores")
    head.kernel.assign(head.kernel * 20)
    return model, x, labels


@pytest.fixture(scope="module")
def sure():
    keras.utils.set_random_seed(7)
    return over_sure()


def log_loss(model, x, labels):
    return model.evaluate(x, labels, verbose=0)[0]


def test_calibration_lowers_the_log_loss_of_a_model_surer_than_right_and_keeps_the_order(sure):
    model, x, labels = sure
    model.set_temperature(1.0)
    before, order = log_loss(model, x, labels), np.argsort(model.predict(x, verbose=0), axis=1)
    temperature = model.calibrate(x, labels)
    assert model.temperature == pytest.approx(temperature)
    assert temperature > 2
    assert log_loss(model, x, labels) < 0.7 * before
    assert (np.argsort(model.predict(x, verbose=0), axis=1) == order).mean() > 0.95  # but for probabilities of zero


def test_no_temperature_near_the_calibrated_one_is_better(sure):
    model, x, labels = sure
    temperature = model.calibrate(x, labels)
    losses = []
    for factor in (0.8, 1, 1.25):
        model.set_temperature(temperature * factor)
        losses.append(log_loss(model, x, labels))
    assert losses[1] < min(losses[0], losses[2])


def test_calibrating_again_changes_little(sure):
    model, x, labels = sure
    model.set_temperature(1.0)
    assert model.calibrate(x, labels) == pytest.approx(model.calibrate(x, labels), rel=0.02)


def test_fit_begins_at_temperature_one_but_only_once_its_input_is_right(sure):
    model, x, labels = sure
    model.set_temperature(3.0)
    with pytest.raises(ValueError, match="fit: the class 'z' is unknown"):
        model.fit(x, ["z"] * 61, verbose=0)
    assert model.temperature == 3
    model.fit(x, labels, verbose=0)
    assert model.temperature == 1


@pytest.mark.parametrize("bad", [0, -1, np.nan, np.inf])
def test_a_temperature_that_is_not_above_zero_is_refused(sure, bad):
    with pytest.raises(ValueError, match="set_temperature: a number above 0 is needed, got"):
        sure[0].set_temperature(bad)


def test_a_model_of_several_labels_is_calibrated_class_by_class():
    model = build(any_length(), TAGS, multi_label=True)
    head = model.get_layer("scores")
    head.kernel.assign(head.kernel * 30)
    before = model.evaluate(any_length(), TAGS, verbose=0)[0]
    assert model.calibrate(any_length(), TAGS) > 1
    assert model.evaluate(any_length(), TAGS, verbose=0)[0] < before


# Kept and loaded


def test_a_model_is_loaded_by_plain_keras_in_a_fresh_process(series_model, text_model, tmp_path):
    series_model.set_temperature(1.7)
    text_model.chosen_epochs = 13
    given = {"series": [one.tolist() for one in any_length()], "text": TEXTS}
    models = {"series": series_model, "text": text_model}
    for name, model in models.items():
        model.save(tmp_path / f"{name}.keras")
        (tmp_path / f"{name}.json").write_text(json.dumps(given[name]))
    found = script(LOAD, tmp_path)
    for name, model in models.items():
        probabilities, columns, temperature, config = found[name]
        np.testing.assert_allclose(probabilities, model.predict_proba(any_length() if name == "series" else TEXTS),
                                   rtol=1e-5, atol=1e-7)  # fmt: skip
        assert columns == list(model.labels)
        assert temperature == pytest.approx(model.temperature)
        assert config == json.loads(json.dumps([model.settings.to_config(), model.chosen_epochs, "Classifier"]))
    assert found["series"][2] == pytest.approx(1.7)
    series_model.set_temperature(1.0)


def test_a_loaded_model_is_trained_on(series_model, tmp_path):
    series_model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert isinstance(loaded, sk.Classifier)
    history = loaded.fit(any_length(), KINDS, epochs=1, verbose=0).history
    assert np.isfinite(history["loss"]).all()
    np.testing.assert_array_equal(loaded.get_layer("scaling").mean, series_model.get_layer("scaling").mean)


def test_a_clone_is_refused_with_the_way_out(series_model):
    with pytest.raises(TypeError, match="clone_model: it would return a plain model without Classifier's own loss"):
        keras.models.clone_model(series_model)
    again = Classifier.from_config(series_model.get_config())
    again.set_weights(series_model.get_weights())
    np.testing.assert_array_equal(graph_of(again, any_length()), graph_of(series_model, any_length()))


def test_mixed_precision_builds_and_answers_in_float32():
    keras.config.set_dtype_policy("mixed_float16")
    try:
        for like, labels in ((any_length(), KINDS), (TEXTS, MOODS)):
            convolution = "fixed" if labels is KINDS else "learned"
            model = build_classifier(like=like, labels=labels, **{**TINY, "convolution": convolution})
            assert model.get_layer("recurrent").compute_dtype == "float16"
            assert np.isfinite(model.fit(like, labels, verbose=0).history["loss"]).all()
            found = model.predict(like, verbose=0)
            assert found.dtype == np.float32
            np.testing.assert_allclose(found.sum(axis=1), 1, rtol=1e-3)
    finally:
        keras.config.set_dtype_policy("float32")


# Served


def filled_up(series):
    longest = max(len(one) for one in series)
    return np.stack([np.pad(one, ((0, longest - len(one)), (0, 0)), constant_values=np.nan) for one in series])


@pytest.fixture(scope="module")
def served(series_model, text_model, tmp_path_factory):
    """What a process without keras and seqkit answers: by model, and the live models."""
    folder = tmp_path_factory.mktemp("exports")
    numbered = build(one_length(), [7, 3, 7, 3, 7, 3, 7], convolution="learned", attention="none")
    tagged = build(any_length(), TAGS, multi_label=True, missing="mask")
    models = {
        "series": (series_model, filled_up(any_length())),
        "text": (text_model, [*TEXTS, "", "zzz 好"]),
        "numbered": (numbered, one_length()),
        "tagged": (tagged, filled_up(gappy())),
    }
    asked = {}
    for name, (model, given) in models.items():
        path = model.export(folder / name / "1")
        asked[name] = [str(path), given if isinstance(given, list) else given.tolist()]
    (folder / "asked.json").write_text(json.dumps(asked))
    found = script(SERVE, folder / "asked.json")
    return models, found["said"], found["loaded"]


@pytest.mark.parametrize("name", ["series", "text", "numbered", "tagged"])
def test_the_saved_model_answers_as_the_live_one_without_keras(served, name):
    models, said, loaded = served
    model, given = models[name]
    assert loaded == []
    found = said[name]
    wanted = model.predict(given, verbose=0)
    np.testing.assert_allclose(found["probabilities"], wanted, rtol=1e-4, atol=1e-6)
    if name == "tagged":
        held = [tuple(label for label in row if label) for row in found["classes"]]
        assert held == model.predict_classes(given)
    else:
        assert found["class"] == [str(label) for label in model.predict_classes(given)]


@pytest.mark.parametrize("name", ["series", "text", "tagged"])
def test_served_attention_sums_to_one_over_the_steps_that_are_there(served, name):
    models, said, _ = served
    model, given = models[name]
    attention = np.array(said[name]["attention"])
    np.testing.assert_allclose(attention.sum(axis=1), 1, rtol=1e-5)
    arrays = model.network_input(given, "test")
    filling = arrays == 0 if name == "text" else np.isnan(arrays).any(axis=-1)
    assert (attention[filling] == 0).all()
    assert (attention[~filling] > 0).all()


def test_served_text_names_the_token_of_each_weight(served):
    _, said, _ = served
    tokens = said["text"]["tokens"]
    assert tokens[0] == ["good", "film", "!", "", "", ""]
    assert tokens[2] == ["not", "good", ",", "is", "it", "?"]
    assert [len(one) for one in tokens] == [len(one) for one in said["text"]["attention"]]


def test_a_network_without_attention_over_steps_serves_none(served):
    assert sorted(key for key in served[1]["numbered"] if not key.startswith("describe")) == ["class", "probabilities"]


def test_describe_tells_the_labels_and_what_is_read(served):
    said = served[1]
    told = {name: [said[name][f"describe {key}"] for key in ("labels", "features", "timesteps", "multi_label")]
            for name in said}  # fmt: skip
    assert told == {
        "series": [["fall", "level", "rise"], 2, 0, False],
        "text": [["down", "up"], 0, 0, False],
        "numbered": [["3", "7"], 2, 5, False],
        "tagged": [["a", "b", "c"], 2, 0, True],
    }


def test_the_served_graph_refuses_what_the_live_model_refuses(series_model, served, tmp_path):
    models = served[0]
    exported = {
        name: tf.saved_model.load(str(models[name][0].export(tmp_path / name))) for name in ("series", "tagged")
    }
    bad = {"middle": (2, 0), "one feature": (18, slice(1))}
    for where in bad.values():
        x = filled_up(any_length())
        x[3][where] = np.nan
        with pytest.raises(tf.errors.InvalidArgumentError, match="NaN elsewhere than at the end"):
            exported["series"].serve(tf.constant(x))
        assert np.isfinite(exported["tagged"].serve(tf.constant(x))["probabilities"]).all()
    for value, name in ((np.inf, "series"), (np.inf, "tagged"), (np.nan, "series"), (np.nan, "tagged")):
        x = filled_up(any_length())
        x[1] = value
        with pytest.raises(tf.errors.InvalidArgumentError, match="missing or infinite"):
            exported[name].serve(tf.constant(x))


def test_export_compares_series_of_the_level_of_the_training_series(tmp_path):
    far = [one + 1e4 for one in any_length()]
    model = build(far, KINDS, convolution="fixed")
    loaded = tf.saved_model.load(str(model.export(tmp_path / "1")))
    np.testing.assert_allclose(
        loaded.serve(filled_up(far))["probabilities"], model.predict(far, verbose=0), rtol=1e-4, atol=1e-6
    )


# Adapting


def test_a_model_built_without_samples_must_be_adapted_first():
    model = build_classifier(features=2, timesteps=5, labels=["a", "b"], **TINY)
    x, labels = one_length(), ["a", "b", "a", "b", "a", "b", "a"]
    for where, ask in (
        ("fit", lambda: model.fit(x, labels)),
        ("evaluate", lambda: model.evaluate(x, labels)),
        ("predict", lambda: model.predict(x)),
        ("predict", lambda: model.predict_classes(x)),
        ("export", lambda: model.export("nowhere")),
    ):
        with pytest.raises(ValueError, match=f"{where}: the classifier has not seen the training series yet.*adapt"):
            ask()
    model.adapt(x)
    assert np.isfinite(model.predict(x, verbose=0)).all()
    same = build_classifier(like=x, labels=labels, **TINY)
    for name in ("mean", "spread"):
        np.testing.assert_array_equal(
            getattr(model.get_layer("scaling"), name), getattr(same.get_layer("scaling"), name)
        )


def test_without_anything_to_adapt_a_model_is_ready():
    model = build_classifier(features=2, labels=["a", "b"], scaling="series", **TINY)
    assert model.predict(any_length(), verbose=0).shape == (7, 2)


def test_padding_takes_no_part_in_what_is_adapted_to():
    model = build_classifier(like=any_length(), labels=KINDS, **{**TINY, "convolution": "fixed"})
    rows = np.concatenate(any_length())
    np.testing.assert_allclose(model.get_layer("scaling").mean[0, 0], rows.mean(axis=0), rtol=1e-5)
    longer = [np.concatenate([one, np.full((17, 2), np.nan)]) for one in any_length()]
    again = build_classifier(like=longer, labels=KINDS, **{**TINY, "convolution": "fixed"})
    for one, other in zip(model.get_layer("convolution").weights, again.get_layer("convolution").weights, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)


def test_the_network_is_made_of_plain_settings(series_model):
    network = classifier_network(series_model.settings)
    assert [type(one).__name__ for one in (network.scaling, network.convolution, network.probabilities)] == [
        "StandardScaling", "FixedConvolutions", "ClassProbabilities",
    ]  # fmt: skip
