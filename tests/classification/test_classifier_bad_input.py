"""What a classifier cannot read or learn, each kind once or more: refused in words, or answered all the same."""

import functools

import numpy as np
import pandas as pd
import pytest
from tiny_classifiers import KINDS, MOODS, TEXTS, TINY, any_length, build, few_numbers, gappy, one_length

import seqkit as sk

pytestmark = pytest.mark.usefixtures(few_numbers.__name__)
LABELS = ["a", "b", "a", "b", "a"]
NAN = np.nan


@functools.cache
def reader():
    return build(TEXTS, MOODS)


@functools.cache
def watcher(missing="refuse", timesteps=None):
    return build(any_length() if timesteps is None else one_length(), KINDS, missing=missing)


@functools.cache
def tagger():
    return sk.build_classifier(features=2, labels=[["a"], ["b", "c"]], multi_label=True, scaling="none", **TINY)


def make(like=None, labels=LABELS, **options):
    return sk.build_classifier(like=one_length() if like is None else like, labels=labels, **{**TINY, **options})


def train(like=None, labels=LABELS, **options):
    return sk.train_classifier(one_length() if like is None else like, labels, **{**TINY, "epochs": 1, **options})


def fitted(y, x=None, **options):
    return watcher().fit(any_length() if x is None else x, y, verbose=0, **options)


def changed(value, step, feature=slice(None), position=1):
    series = any_length()
    series[position][step, feature] = value
    return series


BAD = {
    # Labels
    "one class": (
        lambda: make(labels=["a"] * 5),
        ValueError,
        "build_classifier: two classes or more.* got 'a' alone in 5",
    ),
    "one class, trained": (lambda: train(labels=[7] * 5), ValueError, "two classes or more are needed, got 7 alone"),
    "no labels": (lambda: make(labels=[]), ValueError, "got none alone in 0 labels"),
    "labels not given": (
        lambda: make(labels=None),
        ValueError,
        "give labels=, those of the training samples, or a list",
    ),
    "a label None": (
        lambda: make(labels=["a", None, "b", None, "a"]),
        ValueError,
        "2 of 5 labels are missing, the first at position 1. Leave those samples out, or name a class",
    ),
    "a label NaN": (
        lambda: make(labels=[1.0, 2.0, NAN, 1.0, 2.0]),
        ValueError,
        "1 of 5 labels are missing.*position 2",
    ),
    "a label NA": (
        lambda: make(labels=pd.Series(["a", pd.NA, "b", "a", "a"], dtype="string")),
        ValueError,
        "1 of 5 labels are missing",
    ),
    "a label missing, trained": (
        lambda: train(labels=["a", None, "b", "b", "a"]),
        ValueError,
        "1 of 5 labels are missing",
    ),
    "labels of mixed types": (
        lambda: make(labels=["a", 1, "b", 2, "a"]),
        TypeError,
        "labels are of mixed types, 'a' is text and 1 a number. Make all of them strings",
    ),
    "labels that are no labels": (
        lambda: make(labels=list(pd.date_range("2024", periods=5))),
        TypeError,
        "a label is a string or a number, got Timestamp",
    ),
    "one string of labels": (
        lambda: make(labels="walk"),
        TypeError,
        "a list of labels is needed, got one string, 'walk'",
    ),
    "a table of labels": (
        lambda: make(labels=pd.DataFrame({"is": LABELS})),
        TypeError,
        "got a DataFrame. Choose a column",
    ),
    "labels in zeros and ones": (
        lambda: make(labels=np.eye(2)[[0, 1, 0, 1, 0]]),
        ValueError,
        r"wanted a label for each sample, got numbers of shape \(5, 2\).*argmax",
    ),
    "labels in zeros and ones, fitted": (lambda: fitted(np.eye(3)[[0, 1, 2, 0, 1]]), ValueError, "argmax"),
    "several labels each": (
        lambda: make(labels=[["a", "b"], ["b"]] * 2 + [["a"]]),
        TypeError,
        r"each sample has one label, got \['a', 'b'\] at position 0. For several labels pass multi_label=True",
    ),
    "one label each with multi_label": (
        lambda: make(multi_label=True),
        TypeError,
        "with multi_label each sample has a list of labels, got 'a' at position 0",
    ),
    "zeros and ones with multi_label": (
        lambda: make(labels=np.eye(3)[[0, 1, 2, 0, 1]], multi_label=True),
        ValueError,
        r"for multi_label with \[np.flatnonzero",
    ),
    "class weights with multi_label": (
        lambda: tagger().fit(any_length(3), [["a"], ["b"], []], class_weight={0: 2.0}),
        ValueError,
        "fit: class_weight needs one class for each sample",
    ),
    "no samples": (lambda: sk.train_classifier([], []), ValueError, "train_classifier: no samples at all"),
    "a table of labels, trained": (
        lambda: sk.train_classifier(any_length(), pd.DataFrame({"is": LABELS})),
        TypeError,
        "train_classifier: one column of labels is needed",
    ),
    "numbers for zeros and ones": (lambda: tagger().encode(np.array([[0, 2, 1]])), ValueError, "numbers of shape"),
    "an unknown class": (
        lambda: fitted(["rise", "fal", "rise", "level", "fall"]),
        ValueError,
        "fit: the class 'fal' is unknown to the model, whose classes are 'fall'.*Did you mean 'fall'",
    ),
    "an unknown class in validation": (
        lambda: fitted(KINDS, validation_data=(any_length(), ("rise", "jump", "rise", "fall", "fall"))),
        ValueError,
        "fit: validation_data: the class 'jump' is unknown",
    ),
    "an unknown class, evaluated": (
        lambda: watcher().evaluate(any_length(), [7, 3, 7, 3, 7]),
        ValueError,
        "evaluate: the class 7 is unknown",
    ),
    "an unknown class, calibrated": (
        lambda: watcher().calibrate(any_length(), LABELS),
        ValueError,
        "calibrate: the class 'a' is unknown",
    ),
    "labels left out": (
        lambda: watcher().fit(any_length()),
        ValueError,
        r"fit: the labels are missing. Pass fit\(x, y\)",
    ),
    "labels of texts left out": (lambda: reader().fit(TEXTS), ValueError, "fit: the labels are missing"),
    "labels left out, evaluated": (
        lambda: watcher().evaluate(any_length()),
        ValueError,
        "evaluate: the labels are missing",
    ),
    # Counts
    "fewer labels": (
        lambda: fitted(KINDS[:3]),
        ValueError,
        "fit: 5 samples and 3 labels. They must pair up one to one",
    ),
    "more labels": (lambda: reader().fit(TEXTS, MOODS * 2), ValueError, "fit: 5 samples and 10 labels"),
    "fewer labels, trained": (
        lambda: train(labels=LABELS[:3]),
        ValueError,
        "train_classifier: 5 samples and 3 labels. They must pair up",
    ),
    "fewer weights": (
        lambda: fitted(KINDS, sample_weight=[1, 2, 3]),
        ValueError,
        r"sample_weight must be one number for each of 5 samples, got the shape \(3,\)",
    ),
    "validation without labels": (
        lambda: fitted(KINDS, validation_data=(any_length(),)),
        ValueError,
        r"validation_data must be a pair \(x, y\)",
    ),
    "validation split": (lambda: fitted(KINDS, validation_split=0.2), ValueError, "Pass validation_data="),
    # Texts
    "one string": (lambda: make("good film"), TypeError, "build_classifier: a list of texts is needed, got one string"),
    "one string, predicted": (lambda: reader().predict("good"), TypeError, r"predict: .*got one string. Pass \[text\]"),
    "one string, trained": (lambda: train("good film"), TypeError, "train_classifier: a list of texts is needed"),
    "a missing text": (
        lambda: reader().predict(["good", None]),
        TypeError,
        "predict: text number 1 is None, a NoneType; strings are needed. An empty text is ''",
    ),
    "a NaN among texts": (
        lambda: make(pd.Series(["a b", NAN, "c", "d", "e"])),
        TypeError,
        "text number 1 is nan, a float; strings are needed. An empty text is ''",
    ),
    "a NA among texts": (
        lambda: make(pd.Series(["a b", pd.NA, "c", "d", "e"], dtype="string")),
        TypeError,
        "text number 1 is <NA>",
    ),
    "a number among texts": (
        lambda: reader().fit([*TEXTS[:4], 7], MOODS),
        TypeError,
        r"fit: text number 4 is 7, an int; strings are needed\.$",
    ),
    "bytes among texts": (lambda: reader().predict([b"good"]), TypeError, "text number 0 is b'good', a bytes"),
    "series to a reader": (
        lambda: reader().predict(any_length()),
        TypeError,
        "text number 0 is array.*a ndarray; strings",
    ),
    "an array to a reader": (lambda: reader().predict(one_length()), TypeError, "text number 0 is .*a list; strings"),
    "a table of texts": (
        lambda: reader().predict(pd.DataFrame({"text": TEXTS})),
        TypeError,
        "predict: one column of texts is needed, got a DataFrame. Choose a column",
    ),
    "no texts": (lambda: reader().predict([]), ValueError, "predict: no texts at all. Pass one or more"),
    "texts without a word": (lambda: make(["", " ", "", "", ""]), ValueError, "Vocabulary: no words"),
    "words never found": (
        lambda: make(TEXTS, vocabulary=["film", "Good"]),
        ValueError,
        "the word 'Good' of vocabulary= is never found.*it is read as 'good'",
    ),
    "words that are several": (lambda: make(TEXTS, vocabulary=["not bad"]), ValueError, "it is read as 'not', 'bad'"),
    "a reserved word": (lambda: make(TEXTS, vocabulary=["", "good"]), ValueError, "the empty word is that of padding"),
    "a word twice": (lambda: make(TEXTS, vocabulary=["good", "good"]), ValueError, "the word 'good' is there twice"),
    "one string of words": (
        lambda: make(TEXTS, vocabulary="good"),
        TypeError,
        "a list of words is needed, got 'good'",
    ),
    # Series
    "a table": (
        lambda: make(pd.DataFrame(one_length()[0])),
        TypeError,
        r"build_classifier: series are needed as an array.*got a DataFrame. seqkit.take_sequences takes them",
    ),
    "a table, predicted": (lambda: watcher().predict(pd.DataFrame(one_length()[0])), TypeError, "got a DataFrame"),
    "a table, trained": (
        lambda: train(pd.DataFrame(one_length()[0])),
        TypeError,
        "got a DataFrame. See seqkit.take_seq",
    ),
    "text to a watcher": (
        lambda: watcher().predict(TEXTS),
        TypeError,
        "predict: series of numbers are needed, got text",
    ),
    "nothing to predict": (lambda: watcher().predict(None), TypeError, "predict: series are needed .* got None"),
    "no series": (lambda: watcher().predict([]), ValueError, "predict: no samples at all. Pass one or more"),
    "an empty array": (lambda: make(np.zeros((0, 7, 2))), ValueError, "no samples at all"),
    "no steps": (
        lambda: make([*any_length()[:4], np.zeros((0, 2))]),
        ValueError,
        "series 4 has no steps. Leave it out",
    ),
    "no steps in any": (lambda: make(np.zeros((5, 0, 2))), ValueError, "series 0 has no steps"),
    "no features": (lambda: make(np.zeros((5, 7, 0))), ValueError, "series 0 has no known value. Leave it out"),
    "nothing but NaN": (
        lambda: watcher().predict(changed(NAN, slice(None))),
        ValueError,
        "series 1 has no known value",
    ),
    "NaN inside": (
        lambda: watcher().predict(changed(NAN, 1)),
        ValueError,
        'predict: series 1 has missing values, the first at step 1. Fill them, or build with missing="mask"',
    ),
    "NaN in one feature": (
        lambda: make(changed(NAN, 2, 0)),
        ValueError,
        "series 1 has missing values, the first at step 2",
    ),
    "NaN at the beginning": (lambda: fitted(KINDS, changed(NAN, 0)), ValueError, "fit: series 1 has missing values"),
    "NaN at every step": (
        lambda: make(changed(NAN, slice(None), 0), missing="mask"),
        ValueError,
        "series 1 has no step where every feature is known. Leave it out",
    ),
    "infinite": (
        lambda: watcher().predict(changed(-np.inf, 2, 1)),
        ValueError,
        "predict: series 1 is infinite, or too large for float32, at step 2, feature 1",
    ),
    "infinite, masked": (lambda: watcher("mask").predict(changed(np.inf, 2, 1)), ValueError, "series 1 is infinite"),
    "infinite array": (lambda: make(np.full((5, 7, 2), np.inf)), ValueError, "series 0 is infinite"),
    "too large for float32": (
        lambda: make(one_length().astype(float) * 1e300),
        ValueError,
        "series 0 is infinite, or too large for float32, at step 0",
    ),
    "too large in a list": (lambda: watcher().predict([np.full((3, 2), 1e300)]), ValueError, "too large for float32"),
    "features that differ": (
        lambda: make([*any_length()[:4], np.ones((3, 5))]),
        ValueError,
        r"series 4 has 5 features, 2 are needed. All must be \[timesteps, 2\]",
    ),
    "other features": (
        lambda: watcher().predict(np.ones((5, 7, 3))),
        ValueError,
        "series 0 has 3 features, 2 are needed",
    ),
    "one series alone": (
        lambda: watcher().predict(one_length()[0]),
        ValueError,
        r"series 0 has 1 features, 2 are needed.*One series alone is x\[None\]",
    ),
    "too many axes": (lambda: make(np.zeros((5, 7, 2, 3))), ValueError, "got 4-D of shape"),
    "too many axes in a list": (lambda: make([np.zeros((5, 7, 2))]), ValueError, r"series 0 has shape \(5, 7, 2\)"),
    "unequal rows": (lambda: watcher().predict([[[1, 2], [3]]]), ValueError, "series 0 is a list of unequal rows"),
    "text inside series": (
        lambda: watcher().predict(np.full((5, 7, 2), "a").astype(object)),
        TypeError,
        "series 0 holds object, numbers are needed",
    ),
    "another length": (
        lambda: watcher(timesteps=7).predict(any_length()),
        ValueError,
        "series 1 has 3 steps, the model was built for 7. Build it with like= a list that holds",
    ),
    # Arguments
    "nothing to read": (
        lambda: sk.build_classifier(labels=LABELS),
        ValueError,
        "give like=<the training samples>, or feat",
    ),
    "timesteps against like": (
        lambda: make(timesteps=5),
        ValueError,
        "timesteps=5, but the series of like= have 7 steps. Leave timesteps out",
    ),
    "timesteps of unequal series": (lambda: make(any_length(), timesteps=7), ValueError, "have 2, 3, 5, 7, 11 steps"),
    "features against like": (lambda: make(features=5), ValueError, "series 0 has 2 features, 5 are needed"),
    "features 0": (
        lambda: sk.build_classifier(features=0, labels=LABELS),
        ValueError,
        "features must be 1 or more, got 0",
    ),
    "timesteps fractional": (
        lambda: sk.build_classifier(features=2, timesteps=2.5, labels=LABELS),
        TypeError,
        "timesteps must be a whole number, got 2.5",
    ),
    "most_words": (
        lambda: make(TEXTS, most_words=0),
        ValueError,
        "build_classifier: most_words must be 1 or more, got 0",
    ),
    "embedding": (lambda: make(TEXTS, embedding=True), TypeError, "embedding must be a whole number, got True"),
    "attention": (
        lambda: make(attention="tan"),
        ValueError,
        "attention must be one of 'dense', 'tanh', 'weighted_tanh', 'layers', 'features', 'none', got 'tan'. Did you",
    ),
    "attention None": (lambda: make(attention=None), ValueError, "attention must be one of .*got None"),
    "attention twice over steps": (
        lambda: make(attention=("tanh", "dense")),
        ValueError,
        "choose one of 'dense', 'tanh', 'weighted_tanh', and combine it with .layers. and .features. alone",
    ),
    "attention and none": (
        lambda: make(attention=("tanh", "none")),
        ValueError,
        "combine it with .layers. and .features. alone",
    ),
    "attention over the features of text": (
        lambda: make(TEXTS, attention="features"),
        ValueError,
        "weighs the features of series, but the samples are texts",
    ),
    "attention over one layer": (
        lambda: make(attention="layers"),
        ValueError,
        r"needs two layers or more of the same units, got units=\(3,\). Pass units=\(64, 64\)",
    ),
    "attention over unequal layers": (
        lambda: make(attention=("tanh", "layers"), units=(5, 3)),
        ValueError,
        r"of the same units, got units=\(5, 3\)",
    ),
    "cell": (
        lambda: make(cell="LSMT"),
        ValueError,
        "cell must be one of 'simple_rnn', 'lstm', 'gru', 'peephole_lstm', got 'LSMT'. Did you",
    ),
    "convolution": (lambda: make(convolution="fixd"), ValueError, "convolution must be one of .*Did you mean 'fixed'"),
    "fixed convolution of text": (
        lambda: make(TEXTS, convolution="fixed"),
        ValueError,
        'convolution="fixed" reads series of numbers, but the samples are texts. Use "phrases", "learned"',
    ),
    "scaling": (lambda: make(scaling="standart"), ValueError, "scaling must be one of .*Did you mean 'standard'"),
    "missing": (lambda: make(missing="skip"), ValueError, "missing must be one of 'refuse', 'mask', got 'skip'"),
    "class_weight": (lambda: make(class_weight=None), ValueError, "class_weight must be one of .*got None"),
    "class_weight of no class": (
        lambda: make(class_weight={"zebra": 2}),
        ValueError,
        "class_weight names 'zebra', the",
    ),
    "class_weight of several classes": (
        lambda: make(labels=[["a"], ["b"]], multi_label=True, class_weight={"a": 2}),
        ValueError,
        "build_classifier: a class_weight for each class needs one class for each sample",
    ),
    "dropout": (lambda: make(dropout=1.7), ValueError, "dropout must be from 0 to below 1, got 1.7"),
    "dropout of text": (
        lambda: make(dropout="half"),
        TypeError,
        "dropout must be a number from 0 to below 1, got 'half'",
    ),
    "dropouts": (lambda: make(dropout=(0.1, 0.2)), ValueError, "dropout has 2 numbers for 1 layers"),
    "units": (lambda: make(units=0), ValueError, "build_classifier: units must be 1 or more, got 0"),
    "folds": (lambda: train(folds=6), ValueError, "train_classifier: folds must be from 0 to 5, got 6"),
    "folds fractional": (lambda: train(folds=2.5), TypeError, "folds must be a whole number, got 2.5"),
    "epochs": (lambda: train(epochs=0), ValueError, "train_classifier: epochs must be 1 or more, got 0"),
    "batch size": (lambda: train(batch_size=0), ValueError, "train_classifier: batch_size must be 1 or more, got 0"),
    "batch size, fitted": (
        lambda: fitted(KINDS, batch_size=0),
        ValueError,
        "^fit: batch_size must be 1 or more, got 0",
    ),
    "batch size, predicted": (
        lambda: watcher().predict(any_length(), batch_size=2.5),
        TypeError,
        "predict: batch_size must be a whole number, got 2.5",
    ),
    "seed": (lambda: train(seed=-1), ValueError, "train_classifier: seed must be 0 or more, got -1"),
    "a word that is none": (lambda: train(unit=5), TypeError, "unit"),
}


@pytest.mark.parametrize(("ask", "error", "message"), BAD.values(), ids=BAD)
def test_bad_input_is_refused_in_words(ask, error, message):
    with pytest.raises(error, match=message):
        ask()


# Answered all the same


def test_empty_texts_are_allowed():
    model = build(["", "good film", "", "bad film", ""], LABELS)
    history = model.fit(["", "good", ""], ["a", "b", "b"], verbose=0).history
    assert np.isfinite(history["loss"]).all()
    probabilities = model.predict_proba(["", "   "])
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-5)
    np.testing.assert_array_equal(probabilities.iloc[0], probabilities.iloc[1])


def test_missing_values_are_answered_with_a_mask():
    probabilities = watcher("mask").predict(gappy(), verbose=0)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-5)


def test_a_class_with_a_single_sample_is_learnt_without_holding_anything_back():
    model = train(labels=["a", "b", "a", "b", "c"], epochs=3)
    assert (model.labels, model.validation_history, model.chosen_epochs) == (("a", "b", "c"), None, 3)


def test_a_class_of_validation_may_be_missing_there():
    history = fitted(KINDS, validation_data=(any_length()[:2], ["rise", "rise"])).history
    assert np.isfinite(history["val_loss"]).all()


def test_a_feature_that_never_changes_is_read():
    x = one_length()
    x[..., 1] = 7
    assert np.isfinite(make(x)(x)).all()


def test_a_masked_value_of_a_series_is_missing():
    values = np.ma.array(np.random.default_rng(0).normal(size=(4, 5, 2)))
    values[2, 3, 1] = np.ma.masked
    for samples in (values, list(values)):
        with pytest.raises(ValueError, match="build_classifier: series 2 has missing values, the first at step 3"):
            sk.build_classifier(like=samples, labels=[0, 1, 0, 1])
