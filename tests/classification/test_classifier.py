"""build_classifier and Classifier: series or raw strings in, the user's own labels out, and still a keras.Model."""

import json

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from tiny_classifiers import (
    KINDS,
    MOODS,
    TAGS,
    TEXTS,
    TINY,
    answering,
    any_length,
    build,
    few_numbers,
    filled_up,
    one_length,
)

from seqkit.classification.build import build_classifier
from seqkit.classification.settings import ClassifierSettings
from seqkit.text.vocabulary import Vocabulary

pytestmark = pytest.mark.usefixtures(few_numbers.__name__)


@pytest.fixture(scope="module")
def series_model():
    keras.utils.set_random_seed(7)
    return build(any_length(), KINDS)


@pytest.fixture(scope="module")
def text_model():
    keras.utils.set_random_seed(7)
    return build(TEXTS, MOODS)


def settings_of(**options):
    return build_classifier(**{"labels": ["a", "b"], **TINY, **options}).settings


# What the training samples decide


def test_series_of_one_length_make_a_network_of_that_length():
    model = build_classifier(like=one_length(5, 7, 3), labels=KINDS, **TINY)
    assert model.input_shape == (None, 7, 3)
    assert model.output_shape == (None, 3)
    assert model.labels == ("fall", "level", "rise")
    assert (model.vocabulary, model.chosen_epochs, model.validation_history) == (None, None, None)


def test_series_of_different_length_make_a_network_of_any(series_model):
    assert series_model.input_shape == (None, None, 2)
    assert series_model.settings.longest == 11


def test_nan_at_the_end_is_the_end_of_a_series(series_model):
    both = [series_model.read_samples("test", series) for series in (filled_up(any_length()), any_length())]
    for one, other in zip(*both, strict=True):
        np.testing.assert_array_equal(one, other)
    assert build_classifier(like=filled_up(any_length()), labels=KINDS, **TINY).input_shape == (None, None, 2)


def test_plain_arguments_make_a_network_without_samples():
    assert build_classifier(features=3, timesteps=5, labels=["a", "b"], **TINY).input_shape == (None, 5, 3)
    assert build_classifier(features=3, labels=["a", "b"], **TINY).input_shape == (None, None, 3)
    model = build_classifier(vocabulary=["good", "bad"], labels=["a", "b"], **TINY)
    assert model.vocabulary.words == ("good", "bad")
    assert model.input_shape == (None, None)


def test_what_is_given_twice_may_agree():
    model = build_classifier(like=one_length(5, 7, 3), timesteps=7, features=3, labels=KINDS, **TINY)
    assert model.input_shape == (None, 7, 3)


def test_texts_make_a_network_of_words():
    model = build_classifier(like=TEXTS, labels=MOODS, embedding=5, **TINY)
    assert model.vocabulary.words == Vocabulary.learn(TEXTS).words
    assert model.get_layer("vectors").embeddings.shape == (len(model.vocabulary), 5)
    assert settings_of(like=TEXTS, most_words=3).words == ("film", "good", "it")
    assert settings_of(like=TEXTS, vocabulary=Vocabulary(["film", "好"])).words == ("film", "好")


def test_words_seen_once_are_rare_but_not_those_of_a_given_vocabulary():
    settings = settings_of(like=["so good", "so far"])
    assert (settings.words, settings.rare) == (("so", "far", "good"), 3)
    assert settings_of(like=["so good"], vocabulary=["far", "so"]).rare == 4


def test_series_of_one_feature_have_fixed_convolutions_by_default_of_several_learned_and_texts_phrases():
    assert settings_of(features=1, timesteps=5, convolution=None).convolution == "fixed"
    assert settings_of(features=3, timesteps=5, convolution=None).convolution == "learned"
    assert settings_of(vocabulary=["good"], convolution=None).convolution == "phrases"


def test_one_dropout_follows_every_layer_and_several_each_its_own():
    assert settings_of(features=3, units=(5, 3), dropout=0.2).dropout == (0.2, 0.2)
    assert settings_of(features=3, units=(5, 3), dropout=(0.2, 0.0)).dropout == (0.2, 0)


def test_no_attention_is_none_or_an_empty_list():
    assert settings_of(features=3, attention="none").attention == settings_of(features=3, attention=[]).attention == ()


# Inputs of every kind


@pytest.mark.parametrize(
    "kind",
    [
        np.array,
        tuple,
        lambda texts: np.array(texts, object),
        lambda texts: pd.Series(texts, index=list("gfedc")),
        lambda texts: pd.Series(texts, dtype=object),
        lambda texts: pd.Series(texts, dtype="string"),
        lambda texts: pd.Series(texts, dtype="category"),
        pd.Index,
    ],
)
def test_texts_of_every_kind_are_read_as_a_list_is(text_model, kind):
    np.testing.assert_array_equal(text_model.predict(kind(TEXTS), verbose=0), text_model.predict(TEXTS, verbose=0))
    assert settings_of(like=kind(TEXTS)).words == Vocabulary.learn(TEXTS).words


def test_chinese_is_read_by_character():
    model = build(["我喜欢", "我讨厌", "喜欢你"], ["up", "down", "up"])
    assert set(model.vocabulary.words) == set("我喜欢讨厌你")
    first, same, other = answering(model)(["我 喜欢", "我喜欢", "我讨厌"])
    assert (first == same).all()
    assert (same != other).all()


@pytest.mark.parametrize(
    "kind",
    [
        list,
        tuple,
        lambda x: x.astype("float64"),
        lambda x: x.astype(int),
        lambda x: x.tolist(),
        lambda x: [pd.DataFrame(one) for one in x],
        lambda x: pd.Series(list(x)),
        lambda x: [tf.constant(one) for one in x],
        lambda x: np.array([*x, x[0, :3]], dtype=object)[:-1],
    ],
)
def test_series_of_every_kind_are_read_as_an_array_is(series_model, kind):
    x = np.round(one_length())
    np.testing.assert_array_equal(series_model.predict(kind(x), verbose=0), series_model.predict(x, verbose=0))


def test_series_of_one_feature_may_leave_its_axis_out():
    x = one_length(features=1)
    model = build(x[..., 0], KINDS)
    assert model.input_shape == (None, 7, 1)
    for without in (x[..., 0], list(x[..., 0])):
        np.testing.assert_array_equal(model.network_input(without, "test"), x)


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
    model = build_classifier(features=2, timesteps=5, labels=labels, **TINY)
    kept = ClassifierSettings.from_config(json.loads(json.dumps(model.settings.to_config())))
    assert kept == model.settings
    assert model.labels == kept.labels == known
    assert {type(label) for label in [*model.labels, *kept.labels]} == {kind}
    assert model.labels_of(np.array([[0.1, 0.9], [0.8, 0.2]])).tolist() == [known[1], known[0]]
    assert model.encode(labels).tolist() == [[0, 1], [1, 0], [0, 1]]


# Answers


def test_probabilities_are_named_by_class_and_indexed_as_the_samples(text_model):
    column = pd.Series(TEXTS, index=[f"review {row}" for row in range(5)])
    found = text_model.predict_proba(column)
    assert list(found.columns) == ["down", "up"]
    assert found.columns.name == "class"
    assert list(found.index) == list(column.index)
    np.testing.assert_array_equal(found, text_model.predict(TEXTS, verbose=0))
    assert list(text_model.predict_proba(TEXTS).index) == list(range(5))


def test_predict_pads_its_batches_which_changes_nothing(series_model):
    found = series_model.predict(any_length(), batch_size=2, verbose=0)
    np.testing.assert_allclose(found, answering(series_model)(any_length()), rtol=1e-4, atol=1e-6)


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


def test_what_keras_takes_is_taken_too(text_model):
    numbers, targets = text_model.network_input(TEXTS, "test"), text_model.encode(MOODS)
    dataset = tf.data.Dataset.from_tensor_slices((numbers, targets)).batch(3)
    ours = text_model.evaluate(TEXTS, MOODS, verbose=0)
    assert text_model.evaluate(dataset, verbose=0) == pytest.approx(ours, rel=1e-4)
    np.testing.assert_allclose(text_model.predict(numbers, verbose=0), text_model.predict(TEXTS, verbose=0), rtol=1e-5)
    again = build(TEXTS, MOODS)
    history = again.fit(dataset, epochs=2, verbose=0, validation_data=dataset).history
    assert len(history["val_loss"]) == 2


def test_fit_learns_what_can_be_learnt():
    x = np.stack([way * np.linspace(0, steepness, 7)[:, None] for steepness in (2, 3, 5, 7) for way in (1, -1)])
    labels = ["up", "down"] * 4
    model = build_classifier(like=x, labels=labels, optimizer=keras.optimizers.Adam(0.05), **TINY)
    history = model.fit(x, labels, epochs=17, batch_size=8, validation_data=(list(x), labels), verbose=0).history
    assert history["loss"][-1] < 0.3 < history["loss"][0]
    assert history["val_accuracy"][-1] == 1
    assert model.predict_classes(x).tolist() == labels
    assert sorted(history) == ["accuracy", "loss", "val_accuracy", "val_loss"]


def test_a_seed_makes_fit_repeatable():
    found = []
    for seed in (11, 11):
        keras.utils.set_random_seed(seed)
        model = build_classifier(like=one_length(), labels=KINDS, **{**TINY, "dropout": 0.3})
        model.fit(one_length(), KINDS, batch_size=2, verbose=0)
        found.append(np.concatenate([weight.ravel() for weight in model.get_weights()]))
    np.testing.assert_array_equal(*found)


def test_texts_are_encoded_in_parts_to_the_same_numbers(text_model, monkeypatch):
    whole = text_model.network_input(TEXTS, "test")
    monkeypatch.setattr("seqkit.text.token_numbers.TEXTS_PER_BATCH", 2)
    np.testing.assert_array_equal(text_model.network_input(TEXTS, "test"), whole)


# Weights of classes and samples


RARE = ("b",) * 2 + ("a",) * 23


def class_weights(labels=RARE, **options):
    settings = settings_of(features=2, timesteps=5, labels=labels, **options)
    return dict(zip(settings.labels, settings.class_weights, strict=True))


def test_classes_are_weighed_by_one_over_the_square_root_of_their_size_where_one_is_rare():
    mean = (23**0.5 + 2**0.5) / 25
    assert class_weights() == pytest.approx({"a": 23**-0.5 / mean, "b": 2**-0.5 / mean})
    assert class_weights((*RARE, "b")) == {"a": 1, "b": 1}
    assert class_weights(class_weight="none") == {"a": 1, "b": 1}
    assert class_weights(("b", "a", "a"), class_weight="balanced") == pytest.approx({"a": 0.75, "b": 1.5})
    assert class_weights([["a"]] * 23 + [["b"]], multi_label=True) == {"a": 1, "b": 1}
    assert class_weights(class_weight={"b": 5}) == {"a": 1, "b": 5}


@pytest.fixture(scope="module")
def balanced():
    """A model of a rare class, its samples, and the log loss of each sample."""
    keras.utils.set_random_seed(7)
    x = np.random.default_rng(7).normal(size=(25, 5, 2)).astype("float32")
    model = build(x, RARE, class_weight="balanced", optimizer=keras.optimizers.SGD(0.0))
    probabilities = answering(model)(x)
    return model, x, -np.log((probabilities * model.encode(RARE)).sum(axis=1))


def test_the_loss_of_a_rare_class_weighs_more(balanced):
    model, x, losses = balanced
    for label, part, weight in (("b", slice(2), 25 / 4), ("a", slice(2, 25), 25 / 46)):
        found = model.evaluate(x[part], [label] * len(x[part]), verbose=0)[0]
        assert found == pytest.approx(weight * losses[part].mean(), rel=1e-4)


def test_weights_of_samples_multiply_those_of_classes_also_in_validation(balanced):
    model, x, losses = balanced
    own = np.where(np.array(RARE) == "b", 25 / 4, 25 / 46) * losses
    weights = np.arange(25.0)
    history = model.fit(
        x, RARE, batch_size=25, sample_weight=weights, validation_data=(x, RARE, 2 * weights), verbose=0
    ).history
    assert history["loss"][0] == pytest.approx((own * weights).mean(), rel=1e-4)
    assert history["val_loss"][0] == pytest.approx((own * 2 * weights).mean(), rel=1e-4)
    plain = model.fit(x, RARE, batch_size=25, validation_data=(x, RARE), verbose=0).history
    assert plain["loss"][0] == pytest.approx(own.mean(), rel=1e-4)
    assert plain["val_loss"][0] == pytest.approx(own.mean(), rel=1e-4)


# Several labels


@pytest.fixture(scope="module")
def tagger():
    keras.utils.set_random_seed(7)
    return build(any_length(), TAGS, multi_label=True)


def test_with_multi_label_any_number_of_classes_holds(tagger):
    rows = [[1, 0, 1], [0, 0, 0], [0, 1, 0], [0, 1, 1], [1, 1, 1]]
    assert tagger.labels == ("a", "b", "c")
    assert tagger.encode(TAGS).tolist() == tagger.encode(np.array(rows)).tolist() == rows
    probabilities = tagger.predict(any_length(), verbose=0)
    assert not np.allclose(probabilities.sum(axis=1), 1, atol=0.01)
    held = [tuple(np.array(tagger.labels)[row >= 0.5]) for row in probabilities]
    assert tagger.predict_classes(any_length()) == held
    assert tagger.labels_of(np.array([[0.2, 0.1, 0.3], [0.5, 0.6, 0.4]])) == [(), ("a", "b")]


def test_the_loss_of_several_labels_is_the_cross_entropy_of_each(tagger):
    probabilities, targets = tagger.predict(any_length(), verbose=0), tagger.encode(TAGS)
    crossed = -np.log(np.where(targets, probabilities, 1 - probabilities)).mean()
    right = ((probabilities > 0.5) == targets).mean()
    assert tagger.evaluate(any_length(), TAGS, verbose=0) == pytest.approx([crossed, right], rel=1e-4)


def test_a_model_of_several_labels_is_calibrated_class_by_class(tagger):
    head = tagger.get_layer("scores")
    kernel = keras.ops.convert_to_numpy(head.kernel)
    head.kernel.assign(kernel * 30)
    before = tagger.evaluate(any_length(), TAGS, verbose=0)[0]
    assert tagger.calibrate(any_length(), TAGS) > 1
    assert tagger.evaluate(any_length(), TAGS, verbose=0)[0] < before
    head.kernel.assign(kernel)
    tagger.set_temperature(1.0)


# Temperature


@pytest.fixture(scope="module")
def sure():
    """A model whose scores are far too large, samples, and labels of which it gets some wrong."""
    keras.utils.set_random_seed(7)
    x = np.random.default_rng(7).normal(size=(61, 5, 2)).astype("float32")
    model = build(x, ["a", "b", "c"] * 20 + ["a"])
    labels = model.predict_classes(x)
    labels[::3] = np.random.default_rng(5).choice(["a", "b", "c"], 21)
    head = model.get_layer("scores")
    head.kernel.assign(head.kernel * 7)
    return model, x, labels


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
    np.testing.assert_array_equal(np.argsort(model.predict(x, verbose=0), axis=1), order)


def test_no_temperature_near_the_calibrated_one_is_better(sure):
    model, x, labels = sure
    temperature, losses = model.calibrate(x, labels), []
    for factor in (0.7, 1, 1.4):
        model.set_temperature(temperature * factor)
        losses.append(log_loss(model, x, labels))
    assert losses[1] < min(losses[0], losses[2])


def test_calibrating_does_not_depend_on_the_temperature_before(sure):
    model, x, labels = sure
    found = []
    for before in (1.0, 0.1, 17.0):
        model.set_temperature(before)
        found.append(model.calibrate(x, labels))
    assert found == pytest.approx([found[0]] * 3, rel=1e-3)


def test_a_temperature_stays_where_calibration_fails(sure):
    model, x, labels = sure
    model.set_temperature(3.0)
    with pytest.raises(ValueError, match="calibrate: 61 samples and 60 labels. They must pair up"):
        model.calibrate(x, labels[:-1])
    assert model.temperature == 3


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


# Adapting


def test_a_model_built_without_samples_must_be_adapted_first():
    model = build_classifier(features=2, timesteps=7, labels=KINDS, **TINY)
    for where, ask in (
        ("fit", lambda: model.fit(one_length(), KINDS)),
        ("evaluate", lambda: model.evaluate(one_length(), KINDS)),
        ("predict", lambda: model.predict(one_length())),
        ("predict", lambda: model.predict_classes(one_length())),
        ("export", lambda: model.export("nowhere")),
    ):
        with pytest.raises(ValueError, match=f"{where}: the classifier has not seen the training series yet.*adapt"):
            ask()
    model.adapt(one_length())
    assert np.isfinite(model(one_length())).all()
    same = build_classifier(like=one_length(), labels=KINDS, **TINY)
    for one, other in zip(model.get_layer("scaling").weights, same.get_layer("scaling").weights, strict=True):
        np.testing.assert_array_equal(one, other)


def test_without_anything_to_adapt_a_model_is_ready():
    model = build_classifier(features=2, labels=["a", "b"], scaling="series", **TINY)
    model.refuse_unadapted("test")
    assert np.isfinite(model(model.network_input(any_length(), "test"))).all()


def test_padding_takes_no_part_in_what_is_adapted_to():
    longer = [np.concatenate([one, np.full((17, 2), np.nan)]) for one in any_length()]
    model, again = (build_classifier(like=like, labels=KINDS, **{**TINY, "convolution": "fixed"})
                    for like in (any_length(), longer))  # fmt: skip
    rows = np.concatenate(any_length())
    np.testing.assert_allclose(model.get_layer("scaling").mean[0, 0], rows.mean(axis=0), rtol=1e-5)
    for one, other in zip(model.get_layer("convolution").weights, again.get_layer("convolution").weights, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)
