"""build_regressor and the model that it builds: raw units in and out, intervals, files and endpoints."""

import functools

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from tiny_classifiers import filled_up, gappy, one_length
from tiny_regressors import BOTH, DOSES, SERIES, TINY, build

import seqkit as sk


@functools.cache
def one():
    """A regressor of one number that no test trains."""
    return build()


@functools.cache
def both():
    return build(targets=BOTH)


def calibrated(targets=DOSES):
    """By 25 samples, the five of them five times over."""
    model = build(targets=targets)
    model.calibrate(SERIES * 5, pd.concat([pd.DataFrame(targets)] * 5).squeeze("columns"))
    return model


# Shapes and names


def test_one_number_for_each_sample_gives_one_back_and_several_several():
    assert one().predict(SERIES, verbose=0).shape == (5,)
    assert both().predict(SERIES, verbose=0).shape == (5, 2)
    assert (one().targets, both().targets) == (("value",), ("dose", "days"))
    assert build(targets=BOTH.to_numpy()).targets == ("value_0", "value_1")
    column = build(targets=BOTH[["dose"]])
    assert (column.targets, column.predict(SERIES, verbose=0).shape) == (("dose",), (5, 1))
    assert build(targets=BOTH["days"]).targets == ("days",)


def test_plain_arguments_make_a_network_without_samples():
    assert sk.build_regressor(features=3, timesteps=5, targets=["a", "b"], **TINY).input_shape == (None, 5, 3)
    assert sk.build_regressor(features=3, **TINY).targets == ("value",)


def test_the_columns_of_a_table_are_read_by_their_names():
    model = both()
    turned = model.evaluate(SERIES, BOTH.assign(more=1.0)[["days", "more", "dose"]], verbose=0)
    assert turned == model.evaluate(SERIES, BOTH, verbose=0)


# Raw units


def test_an_untrained_regressor_answers_around_the_mean_in_raw_units():
    model = sk.build_regressor(like=SERIES, targets=[1e6 + dose for dose in DOSES], **TINY)
    assert np.all(np.abs(model.predict(SERIES, verbose=0) - 1e6 - np.mean(DOSES)) < 3 * np.std(DOSES))


@pytest.mark.parametrize("loss", ["mae", "mse", "huber"])
def test_the_loss_compares_scaled_targets_and_the_metrics_raw_ones(loss):
    model = build(targets=BOTH, loss=loss)
    scores = model.evaluate(SERIES, BOTH, verbose=0, return_dict=True)
    errors = model.predict(SERIES, verbose=0) - BOTH.to_numpy()
    assert scores["mae"] == pytest.approx(np.abs(errors).mean(), rel=1e-5)
    assert scores["rmse"] == pytest.approx(np.sqrt((errors**2).mean()), rel=1e-5)
    scaled = np.abs(errors / BOTH.std(ddof=0).to_numpy())
    of_each = {"mae": scaled, "mse": scaled**2, "huber": np.where(scaled < 1, scaled**2 / 2, scaled - 0.5)}[loss]
    assert scores["loss"] == pytest.approx(of_each.mean(), rel=1e-4)


def test_the_same_is_learnt_in_other_units():
    answers = []
    for factor, added in ((1.0, 0.0), (1e-12, 0.0), (4.0, 4096.0)):
        keras.utils.set_random_seed(3)
        model = sk.build_regressor(like=one_length(), targets=np.array(DOSES) * factor + added, **TINY)
        model.fit(one_length(), np.array(DOSES) * factor + added, epochs=2, verbose=0)
        answers.append((model.predict(one_length(), verbose=0) - added) / factor)
    np.testing.assert_allclose(answers[1], answers[0], rtol=1e-3)
    np.testing.assert_allclose(answers[2], answers[0], rtol=1e-3)


def test_nan_at_the_end_is_the_end_of_a_series_and_a_gap_is_skipped_where_asked():
    np.testing.assert_allclose(one().predict(filled_up(SERIES), verbose=0), one().predict(SERIES, verbose=0), rtol=1e-5)
    masked = build(missing="mask")
    assert np.isfinite(masked.predict(gappy(), verbose=0)).all()


@pytest.mark.parametrize("shape", [(5,), (5, 1)])
def test_batches_of_keras_are_trained_on_whether_their_targets_have_an_axis_or_not(shape):
    model = build(one_length())
    arrays = (one_length(), np.reshape(np.array(DOSES, "float32"), shape))
    batches = tf.data.Dataset.from_tensor_slices(arrays).batch(2)
    wanted = model.evaluate(one_length(), DOSES, verbose=0)
    np.testing.assert_allclose(model.evaluate(batches, verbose=0), wanted, rtol=1e-5)
    assert np.isfinite(model.fit(batches, verbose=0).history["loss"]).all()


def test_a_missing_target_in_a_batch_of_keras_changes_no_weight():
    model = build(one_length())
    before = [np.array(weight) for weight in model.trainable_weights]
    targets = np.array([*DOSES[:4], np.nan], "float32")
    batches = tf.data.Dataset.from_tensor_slices((one_length(), targets)).batch(5)
    with pytest.warns(sk.SeqkitWarning, match="1 training step was skipped"):
        model.fit(batches, verbose=0)
    for weight, value in zip(model.trainable_weights, before, strict=True):
        np.testing.assert_array_equal(weight, value)


def test_fixed_convolutions_are_adapted_and_precomputed():
    x = one_length(features=1)
    model = sk.build_regressor(like=x, targets=DOSES, **{**TINY, "convolution": "fixed"})
    assert np.isfinite(model.fit(x, DOSES, epochs=2, verbose=0).history["loss"]).all()


# Intervals


def test_an_interval_is_as_wide_as_the_residuals_of_the_samples_that_calibrated_it():
    model = calibrated(BOTH)
    table = model.predict_interval(SERIES, levels=(80, 95))
    ends = ["", "-lo-80", "-hi-80", "-lo-95", "-hi-95"]
    assert list(table.columns) == [f"{name}{end}" for name in ("dose", "days") for end in ends]
    values = model.predict(SERIES, verbose=0)
    residuals = np.sort(np.abs(np.tile(BOTH.to_numpy() - values, (5, 1))), axis=0)
    for number, name in enumerate(BOTH):
        for level, rank in ((80, 21), (95, 25)):  # of 25: ceil(26 * .8), ceil(26 * .95)
            np.testing.assert_allclose(
                table[f"{name}-hi-{level}"], values[:, number] + residuals[rank - 1, number], rtol=1e-5
            )
            np.testing.assert_allclose(
                table[f"{name}-lo-{level}"], values[:, number] - residuals[rank - 1, number], rtol=1e-4, atol=1e-4
            )


def test_a_column_of_series_gives_the_table_its_index():
    column = pd.Series(SERIES, index=list("vwxyz"))
    assert list(calibrated().predict_interval(column, levels=80).index) == list("vwxyz")


def test_fit_forgets_the_intervals():
    model = calibrated()
    model.fit(SERIES, DOSES, verbose=0)
    assert model.intervals.count == 0
    with pytest.raises(ValueError, match=r"has no intervals.*Call model.calibrate\(x, y\)"):
        model.predict_interval(SERIES)


# Files and endpoints


def test_a_loaded_regressor_has_the_same_intervals(tmp_path):
    model = calibrated(BOTH)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    pd.testing.assert_frame_equal(loaded.predict_interval(SERIES), model.predict_interval(SERIES))


def test_the_saved_model_gives_numbers_and_bounds(tmp_path):
    model = calibrated(BOTH)
    model.export(tmp_path / "model")
    served = tf.saved_model.load(tmp_path / "model")
    answer = served.serve(tf.constant(filled_up(SERIES)))
    table = model.predict_interval(SERIES)
    assert answer["lower"].shape == answer["upper"].shape == (5, 2, 2)
    np.testing.assert_allclose(answer["value"][:, 1], table["days"], rtol=1e-5)
    np.testing.assert_allclose(answer["lower"][:, 0, 1], table["dose-lo-95"], rtol=1e-4)
    np.testing.assert_allclose(answer["upper"][:, 1, 0], table["days-hi-80"], rtol=1e-4)
    described = served.describe()
    assert [name.decode() for name in described["targets"].numpy()] == ["dose", "days"]
    assert described["levels"].numpy().tolist() == [80, 95]
    with pytest.raises(tf.errors.InvalidArgumentError, match="has 3 features, 2 are needed"):
        served.serve(tf.zeros((1, 4, 3)))


def test_a_regressor_without_intervals_serves_numbers_alone(tmp_path):
    one().export(tmp_path / "model")
    served = tf.saved_model.load(tmp_path / "model")
    assert set(served.serve(tf.constant(filled_up(SERIES)))) == {"value"}
    assert "levels" not in served.describe()
