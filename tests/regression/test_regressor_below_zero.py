"""A regressor whose targets are never below zero answers nothing below zero, live, loaded and served."""

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from tiny_classifiers import filled_up
from tiny_regressors import SERIES, build

import seqkit as sk

LEFT = pd.DataFrame({"cycles": [0.0, 0.0, 30.0, 20.0, 10.0], "change": [0.0, 0.0, -3.0, 2.0, 1.0]})


def far_below(targets=LEFT):
    """A regressor whose answers would lie far below zero, with intervals."""
    model = build(targets=targets)
    bias = model.get_layer("scaled").bias
    bias.assign(bias - 5.0)
    model.intervals.calibrate(np.tile(np.linspace(-4.0, 4.0, 25)[:, None], (1, len(model.targets))))
    return model


def test_only_targets_with_zeros_and_nothing_below_are_bounded():
    assert build(targets=LEFT).settings.at_least_zero == (True, False)
    assert build(targets=LEFT + 1.0).settings.at_least_zero == (False, False)
    assert sk.build_regressor(features=3, units=2).settings.at_least_zero == ()


def test_no_answer_and_no_interval_lies_below_zero(tmp_path):
    model = far_below()
    table = model.predict_interval(SERIES)
    bounds = table.filter(like="cycles")
    assert (bounds[["cycles", "cycles-lo-80", "cycles-lo-95"]] == 0).all(axis=None)
    assert (bounds["cycles-hi-95"] > 0).all()
    assert (table[["change", "change-lo-80"]] < 0).all(axis=None)
    model.save(tmp_path / "model.keras")
    pd.testing.assert_frame_equal(keras.models.load_model(tmp_path / "model.keras").predict_interval(SERIES), table)
    model.export(tmp_path / "model")
    served = tf.saved_model.load(tmp_path / "model")
    answer = served.serve(tf.constant(filled_up(SERIES)))
    np.testing.assert_allclose(answer["value"], table[["cycles", "change"]], rtol=1e-5)
    np.testing.assert_allclose(answer["lower"][:, 0], table[["cycles-lo-80", "cycles-lo-95"]], rtol=1e-5)
    np.testing.assert_allclose(answer["lower"][:, 1], table[["change-lo-80", "change-lo-95"]], rtol=1e-5)


def test_an_answer_below_zero_still_has_a_gradient_in_training():
    model = far_below(LEFT["cycles"])
    before = model.get_layer("scaled").bias.numpy()
    model.fit(SERIES, LEFT["cycles"], verbose=0)
    assert (model.predict(SERIES, verbose=0) == 0).all()
    assert (model.get_layer("scaled").bias.numpy() > before).all()


def test_a_file_with_too_few_marks_is_refused():
    config = build(targets=LEFT).settings.to_config()
    with pytest.raises(ValueError, match="at_least_zero must have a mark for each of 2 targets, got 1"):
        type(build(targets=LEFT).settings).from_config({**config, "at_least_zero": [True]})
