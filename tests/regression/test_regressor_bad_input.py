"""What a regressor cannot read or learn: refused in words."""

import functools

import numpy as np
import pandas as pd
import pytest
from tiny_classifiers import one_length
from tiny_regressors import BOTH, DOSES, SERIES, TINY, build

import seqkit as sk
from seqkit.regression.settings import RegressorSettings

NAN = np.nan


@functools.cache
def model():
    return build()


@functools.cache
def calibrated():
    made = build()
    made.calibrate(SERIES, DOSES)
    return made


def make(targets=DOSES, like=SERIES, **options):
    return sk.build_regressor(like=like, targets=targets, **{**TINY, **options})


def train(y=DOSES, x=SERIES, **options):
    return sk.train_regressor(x, y, **{**TINY, "epochs": 1, **options})


def score(x=SERIES, y=DOSES, train=(SERIES, DOSES), of=None):
    return sk.score_regressor(of or model(), x, y, train=train)


def doses(*last):
    return [*DOSES[: 5 - len(last)], *last]


BAD = {
    # Targets
    "not given": (lambda: make(None), ValueError, "build_regressor: give targets=, the numbers of the training series"),
    "missing": (lambda: make(doses(NAN)), ValueError, r"the target of sample 4 is missing \(1 of 5 samples\). Leave"),
    "None": (lambda: train(doses(None)), ValueError, "train_regressor: the target of sample 4 is missing"),
    "NA": (
        lambda: make(pd.Series(doses(pd.NA), dtype="Float64")),
        ValueError,
        "the target of sample 4 is missing",
    ),
    "missing in a table": (
        lambda: make(BOTH.assign(days=doses(NAN))),
        ValueError,
        "the target 'days' of sample 4 is missing",
    ),
    "infinite": (
        lambda: make(doses(np.inf)),
        ValueError,
        "the target of sample 4 is infinite, or too large for float32",
    ),
    "too large": (lambda: make(doses(1e300)), ValueError, "or too large for float32. Leave it out, or divide"),
    "text": (lambda: make(doses("high")), TypeError, "the targets must be numbers, got <U"),
    "text among numbers": (
        lambda: make(pd.Series(doses("3.5"), dtype=object)),
        TypeError,
        "the target of sample 4 is '3.5', a str. Numbers are needed",
    ),
    "classes": (lambda: make(np.array(DOSES) > 100), TypeError, "got bool. Classes are for build_classifier"),
    "dates": (lambda: make(pd.date_range("2024", periods=5)), TypeError, "must be numbers, got datetime64"),
    "one string": (lambda: make("dose"), TypeError, "a list of numbers is needed, got one string, 'dose'"),
    "unequal rows": (lambda: make([[1.0, 2.0], [3.0]]), TypeError, "must be numbers, one or several for each sample"),
    "three axes": (lambda: make(np.ones((5, 2, 2))), ValueError, r"targets are \[samples\] or .* got 3-D"),
    "no targets": (lambda: make(np.ones((5, 0))), ValueError, "there are no targets"),
    "one name twice": (
        lambda: make(pd.DataFrame(np.ones((5, 2)), columns=["a", "a"])),
        ValueError,
        "the target 'a' is there twice",
    ),
    "all alike": (lambda: make([7.0] * 5), ValueError, "every target 'value' is 7, so there is nothing to learn"),
    "alike in float32": (lambda: make([1e9 + one for one in (0, 1, 2, 3, 4)]), ValueError, "nothing to learn"),
    "hardly different": (
        lambda: make([1e8 + 8 * one for one in range(5)]),
        ValueError,
        "varies by 11.3 around 1e.08, which float32 does not resolve. Subtract a constant",
    ),
    "one sample": (lambda: make([1.0], SERIES[:1]), ValueError, "2 samples or more are needed to learn from, got 1"),
    "no samples": (lambda: train([], []), ValueError, "2 samples or more are needed"),
    "fewer": (lambda: make(DOSES[:3]), ValueError, "adapt: 5 samples and 3 targets. They must pair up"),
    "fewer, trained": (lambda: train(DOSES[:3]), ValueError, "train_regressor: 5 samples and 3 targets"),
    "fewer, fitted": (lambda: model().fit(SERIES, DOSES[:3], verbose=0), ValueError, "fit: 5 samples and 3 targets"),
    "left out": (lambda: model().fit(SERIES), ValueError, r"fit: the targets are missing. Pass fit\(x, y\)"),
    "several for one": (
        lambda: model().fit(SERIES, BOTH.to_numpy()),
        ValueError,
        "fit: 1 targets are needed, 'value', got 2 for each sample",
    ),
    "a column that is not there": (
        lambda: build(targets=BOTH).fit(SERIES, BOTH.rename(columns={"days": "day"})),
        ValueError,
        "the targets are 'dose', 'days', the columns 'dose', 'day'. Did you mean 'day'",
    ),
    "numbers without series": (
        lambda: sk.build_regressor(features=2, targets=[1.0, 2.0]),
        TypeError,
        "without like=, targets= is a name or a list of names",
    ),
    "class weights": (
        lambda: model().fit(SERIES, DOSES, class_weight={0: 1.0}),
        ValueError,
        "class_weight is a weight for each class, and targets are numbers. Pass sample_weight=",
    ),
    # Series
    "texts": (lambda: make(like=["a", "b", "c", "d", "e"]), ValueError, "got text. Texts are read by build_classifier"),
    "a table": (lambda: make(like=pd.DataFrame(SERIES[0])), TypeError, "got a DataFrame. seqkit.take_sequences"),
    "a table, trained": (lambda: train(x=pd.DataFrame(SERIES[0])), TypeError, "series are needed, got a DataFrame"),
    "NaN inside": (
        lambda: model().predict([np.array([[1.0, 2.0], [NAN, 1.0], [3.0, 4.0]])]),
        ValueError,
        'predict: series 0 has missing values, the first at step 1. Fill them, or build with missing="mask"',
    ),
    "infinite series": (lambda: model().predict(np.full((1, 3, 2), np.inf)), ValueError, "series 0 is infinite"),
    "other features": (lambda: model().predict(np.ones((2, 3, 5))), ValueError, "has 5 features, 2 are needed"),
    "another length": (
        lambda: build(one_length()).predict(SERIES),
        ValueError,
        "series 1 has 3 steps, the model was built for 7",
    ),
    "nothing to read": (lambda: sk.build_regressor(), ValueError, "give like=<the training series>, or features="),
    # Arguments
    "loss": (
        lambda: make(loss="mea"),
        ValueError,
        "loss must be one of 'mae', 'mse', 'huber', got 'mea'. Did you mean",
    ),
    "no loss": (lambda: make(loss=None), ValueError, "loss must be one of .*got None"),
    "cell": (lambda: make(cell="LSMT"), ValueError, "cell must be one of .*Did you mean 'lstm'"),
    "convolution": (
        lambda: make(convolution="phrases"),
        ValueError,
        "convolution must be one of 'none', 'fixed', 'learn",
    ),
    "scaling": (lambda: make(scaling="standart"), ValueError, "scaling must be one of .*Did you mean 'standard'"),
    "missing=": (lambda: make(missing="skip"), ValueError, "missing must be one of 'refuse', 'mask', got 'skip'"),
    "folds": (lambda: train(folds=6), ValueError, "train_regressor: folds must be from 0 to 5, got 6"),
    "epochs": (lambda: train(epochs=0), ValueError, "train_regressor: epochs must be 1 or more, got 0"),
    # Intervals
    "not calibrated": (lambda: model().predict_interval(SERIES), ValueError, r"no intervals.*model.calibrate\(x, y\)"),
    "too few": (
        lambda: calibrated().predict_interval(SERIES),
        ValueError,
        "a level of 95 % needs 19 samples to calibrate with, and there were 5, which promise 83.3 % at most. Ask",
    ),
    "falling levels": (lambda: calibrated().predict_interval(SERIES, (80, 50)), ValueError, "levels must rise"),
    "no levels": (lambda: calibrated().predict_interval(SERIES, ()), ValueError, "levels must rise"),
    "a level as text": (
        lambda: calibrated().predict_interval(SERIES, "80"),
        ValueError,
        "levels must rise between|numbers",
    ),
    "a share": (lambda: calibrated().predict_interval(SERIES, 0.8), ValueError, "levels are in percent, got"),
    "calibrated by NaN": (
        lambda: model().calibrate(SERIES, doses(NAN)),
        ValueError,
        "calibrate: the target of sample 4",
    ),
    # Scores
    "scored, no regressor": (lambda: score(of=3), TypeError, "model must be a Regressor, got int. Make one with"),
    "scored without a pair": (lambda: score(train=SERIES), TypeError, r"must be the pair \(x, y\).*got list of 5"),
    "scored by NaN": (lambda: score(y=doses(NAN)), ValueError, "score_regressor: the target of sample 4 is missing"),
    "scored beside one value": (lambda: score(train=(SERIES, [1.0] * 5)), ValueError, "score_regressor: train: every"),
}


@pytest.mark.parametrize("what", BAD)
def test_what_cannot_be_is_refused_in_words(what):
    ask, kind, message = BAD[what]
    with pytest.raises(kind, match=message):
        ask()


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("targets", (), "there are no targets"),
        ("targets", ("a", "a"), "the target 'a' is there twice"),
        ("is_one", True, "one number for each sample cannot be 2 targets"),
        ("segment", 0, "segment must be 1 or more"),
        ("convolution", "phrases", "convolution must be one of"),
        ("attention", ("tan",), "attention must be one of"),
    ],
)
def test_damaged_settings_of_a_file_are_refused(name, value, message):
    config = build(targets=BOTH).settings.to_config()
    with pytest.raises(ValueError, match=message):
        RegressorSettings.from_config({**config, name: value})
