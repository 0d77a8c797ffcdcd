"""Raw strings in tensors and in tf.data, weights of classes by label, and Keras's methods that take no strings."""

import numpy as np
import pytest
import tensorflow as tf

import seqkit as sk

TEXTS = ["warm day", "wet day", "bright day", "cold day", "clear day"] * 3
LABELS = ["sun", "rain", "sun", "rain", "sun"] * 3


@pytest.fixture(scope="module")
def model():
    plain = {"units": 3, "embedding": 2, "convolution": "none", "dropout": 0.0, "optimizer": "sgd"}
    return sk.build_classifier(like=TEXTS, labels=LABELS, **plain)


def batches(*parts, size=4):
    return tf.data.Dataset.from_tensor_slices(parts[0] if len(parts) == 1 else parts).batch(size)


def fitted(model, *data, **options):
    """The weights after an epoch from the same start."""
    start = model.get_weights()
    try:
        model.fit(*data, **{"epochs": 1, "verbose": 0, "shuffle": False, **options})
        return model.get_weights()
    finally:
        model.set_weights(start)


def assert_same(weights, others):
    for ours, theirs in zip(weights, others, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-6)


DATASETS = {
    "labels": lambda model: batches(TEXTS, LABELS),
    "zeros and ones, with weights": lambda model: batches(TEXTS, model.encode(LABELS), np.ones(15, "float32")),
}


@pytest.mark.parametrize("kind", DATASETS)
def test_a_dataset_of_raw_strings_trains_as_the_list_does(model, kind):
    from_list = fitted(model, TEXTS, LABELS, batch_size=4)
    assert_same(fitted(model, DATASETS[kind](model)), from_list)


def test_datasets_and_tensors_of_raw_strings_are_read_everywhere(model):
    probabilities = model.predict(TEXTS, verbose=0)
    np.testing.assert_allclose(model.predict(batches(TEXTS), verbose=0), probabilities, atol=1e-6)
    np.testing.assert_allclose(model.predict(tf.constant(TEXTS), verbose=0), probabilities, atol=1e-6)
    loss = model.evaluate(TEXTS, LABELS, verbose=0)
    np.testing.assert_allclose(model.evaluate(batches(TEXTS, LABELS), verbose=0), loss, rtol=1e-5)
    np.testing.assert_allclose(model.evaluate(tf.constant(TEXTS), tf.constant(LABELS), verbose=0), loss, rtol=1e-5)
    history = model.fit(TEXTS, LABELS, validation_data=batches(TEXTS, LABELS), verbose=0)
    assert np.isfinite(history.history["val_loss"]).all()


def test_weights_by_label_are_weights_by_position(model):
    assert model.labels == ("rain", "sun")
    by_label = fitted(model, TEXTS, LABELS, class_weight={"sun": 5.0})
    assert_same(by_label, fitted(model, TEXTS, LABELS, class_weight={0: 1.0, 1: 5.0}))
    assert any(np.abs(a - b).max() > 1e-6 for a, b in zip(by_label, fitted(model, TEXTS, LABELS), strict=True))


BAD = {
    "an unknown class": ({"class_weight": {"sunn": 2}}, ValueError, "class_weight names 'sunn', .*mean 'sun'"),
    "a weight below zero": ({"class_weight": {"sun": -1}}, ValueError, "of 'sun' must be a number from 0 up, got -1"),
    "a weight that is text": ({"class_weight": {"sun": "2"}}, ValueError, "must be a number from 0 up, got '2'"),
    "balanced": (
        {"class_weight": "balanced"},
        TypeError,
        "dict of label to weight.*Build with class_weight='balanced'",
    ),
    "epochs as text": ({"epochs": "2"}, TypeError, "epochs must be a whole number, got '2'"),
}


@pytest.mark.parametrize("kind", BAD)
def test_options_that_make_no_sense_are_refused_in_words(model, kind):
    options, error, message = BAD[kind]
    with pytest.raises(error, match=f"^fit: .*{message}"):
        model.fit(TEXTS, LABELS, verbose=0, **options)


@pytest.mark.parametrize(
    ("data", "options", "message"),
    [
        (lambda: batches(TEXTS, LABELS).repeat(), {}, "the dataset never ends.*Leave out repeat"),
        (lambda: batches(TEXTS, LABELS).take(0), {}, "the dataset is empty"),
        (lambda: batches(TEXTS, LABELS), {"batch_size": 4}, "batch_size cannot go with batches"),
        (lambda: batches(TEXTS), {}, "the labels are missing"),
    ],
)
def test_datasets_that_make_no_sense_are_refused_in_words(model, data, options, message):
    with pytest.raises(ValueError, match=f"^fit: .*{message}"):
        model.fit(data(), verbose=0, **options)


@pytest.mark.parametrize("method", ["train_on_batch", "test_on_batch", "predict_on_batch"])
@pytest.mark.parametrize("texts", [TEXTS, np.array(TEXTS), tf.constant(TEXTS)], ids=["list", "array", "tensor"])
def test_methods_that_take_no_strings_name_the_one_that_does(model, method, texts):
    with pytest.raises(sk.InvalidType, match=rf"^{method}: it takes arrays .*got raw strings. Use .*\(x"):
        getattr(model, method)(texts)


def test_methods_on_a_batch_take_what_the_graph_reads(model):
    numbers = model.network_input(TEXTS, "predict")
    np.testing.assert_allclose(model.predict_on_batch(numbers), model.predict(TEXTS, verbose=0), atol=1e-6)
    assert np.isfinite(model.train_on_batch(numbers, model.encode(LABELS))).all()
