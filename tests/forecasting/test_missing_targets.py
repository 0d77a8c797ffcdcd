"""A missing target value weighs nothing by itself: the other targets of its timestep count as ever."""

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf

import seqkit as sk
from seqkit.forecasting.conformal import interval_widths

SIZES = {"timesteps": 5, "horizon": 3, "units": 3, "dropout": 0.0, "transform": "none", "fill": "last"}
TARGETS = ["sales", "price"]


def table_of(rows=29, seed=7):
    values = np.random.default_rng(seed).uniform(10, 20, (rows, 2))
    return pd.DataFrame(values, pd.date_range("2024-01-01", periods=rows, freq="D"), columns=TARGETS)


def with_gap():
    """Values of the price are missing in the targets of the only window, and a sale in another step."""
    table = table_of(8)
    table.iloc[[5, 7], 1] = np.nan
    table.iloc[6, 0] = np.nan
    return table


def gradients(model, x, y, weights):
    with tf.GradientTape() as tape:
        loss = model.compute_loss(x, y, model(x, training=False), weights)
    return float(loss), tape.gradient(loss, model.trainable_variables)


def shaken(model):
    for weight in model.trainable_variables:
        weight.assign(weight + np.random.default_rng(3).normal(0, 0.1, weight.shape))
    return model


@pytest.mark.parametrize(
    ("channels", "loss"), [("joint", "mae"), ("independent", "mse"), ("independent", keras.losses.Huber(0.3))]
)
def test_a_gap_in_one_target_leaves_the_gradient_of_the_other_alone(channels, loss):
    keras.utils.set_random_seed(7)
    model = shaken(sk.build_forecaster(features=2, channels=channels, loss=loss, **SIZES))
    random = np.random.default_rng(5)
    x, y = random.uniform(10, 20, (7, 5, 2)).astype("float32"), random.uniform(10, 20, (7, 3, 2)).astype("float32")
    is_known = np.ones(y.shape, "float32")
    is_known[..., 1] = 0  # the second target is missing throughout
    found, slopes = gradients(model, x, np.where(is_known > 0, y, 1.0).astype("float32"), is_known)
    with tf.GradientTape() as tape:
        _, statistics = model.network.scale_past(x)
        scaled, forecast = (model.network.raw_units.scale(part, *statistics) for part in (y, model(x, training=False)))
        alone = keras.losses.get(loss)(scaled[..., :1], forecast[..., :1]) / 2  # of two targets
        alone = tf.reduce_mean(alone)
    expected = tape.gradient(alone, model.trainable_variables)
    assert found == pytest.approx(float(alone), rel=1e-5)
    assert max(float(tf.reduce_max(tf.abs(slope))) for slope in expected) > 0
    for ours, theirs in zip(slopes, expected, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-6)


def test_metrics_and_validation_count_each_known_value_once():
    keras.utils.set_random_seed(7)
    table = with_gap()
    model = sk.build_forecaster(like=table_of(), **SIZES)
    errors = table.to_numpy()[5:] - model.forecast(table.iloc[:5]).to_numpy()
    errors = errors[np.isfinite(errors)]
    assert len(errors) == 3
    scores = model.evaluate(table, verbose=0, return_dict=True)
    assert scores["mae"] == pytest.approx(np.abs(errors).mean(), rel=1e-4)
    assert scores["rmse"] == pytest.approx(np.sqrt(np.square(errors).mean()), rel=1e-4)
    history = model.fit(table_of(), validation_data=table, epochs=1, verbose=0).history
    after = model.evaluate(table, verbose=0, return_dict=True)
    assert history["val_mae"][0] == pytest.approx(after["mae"], rel=1e-4)
    assert history["val_loss"][0] == pytest.approx(after["loss"], rel=1e-4)


def test_arrays_with_missing_targets_are_a_table_with_gaps():
    table = with_gap()
    model = sk.build_forecaster(like=table_of(), **SIZES)
    x, y = table.to_numpy("float32")[None, :5], table.to_numpy("float32")[None, 5:]
    expected = model.evaluate(table, verbose=0, return_dict=True)
    assert model.evaluate(x, y, verbose=0, return_dict=True) == pytest.approx(expected, rel=1e-6)
    doubled = model.evaluate(x, y, sample_weight=np.full((1, 3), 2.0), verbose=0, return_dict=True)
    assert doubled["mae"] == pytest.approx(expected["mae"], rel=1e-6)
    assert doubled["loss"] == pytest.approx(2 * expected["loss"], rel=1e-6)


def test_windows_of_a_model_weigh_values_and_those_of_plain_keras_steps():
    table = with_gap()
    model = sk.build_forecaster(like=table_of(), **SIZES)
    cut = sk.make_windows(table, timesteps=5, horizon=3)
    assert next(iter(cut.dataset()))[2].numpy().tolist() == [[0, 0, 0]]
    scores = model.evaluate(cut, verbose=0, return_dict=True)
    assert scores == pytest.approx(model.evaluate(table, verbose=0, return_dict=True))
    assert next(iter(cut.dataset()))[2].shape == (1, 3)  # as before
    assert next(iter(model.windows(table).dataset()))[2].numpy().tolist() == [[[1, 0], [0, 1], [1, 0]]]


def test_the_quantile_loss_of_pretrained_weights_counts_known_values_alone():
    table = with_gap()
    model = sk.build_forecaster(features=2, timesteps=5, horizon=3, weights="synthetic")
    x, y = table.to_numpy("float32")[None, :5], table.to_numpy("float32")[None, 5:]
    one_by_one = [model.evaluate(x, np.where(np.arange(2) == at, y, np.nan), verbose=0)[0] for at in range(2)]
    assert model.evaluate(x, y, verbose=0)[0] == pytest.approx(sum(one_by_one), rel=1e-5)
    assert min(one_by_one) > 0


def test_weights_of_another_shape_are_refused():
    model = sk.build_forecaster(features=2, **SIZES)
    x, y = np.ones((7, 5, 2), "float32"), np.ones((7, 3, 2), "float32")
    with pytest.raises(sk.InvalidValue, match="wanted a weight for each window, or 3 or 3 x 2 for it, got 2"):
        model.compute_loss(x, y, model(x), np.ones((7, 2), "float32"))


def test_a_missing_error_does_not_narrow_the_interval_of_its_step():
    errors = np.random.default_rng(7).normal(0, 1, (8, 4, 1))
    gaps = errors.copy()
    gaps[:5, 3] = np.nan
    widths = [interval_widths(one, None, (0.1, 0.5, 0.9), 8)[-1] for one in (errors, gaps)]
    assert widths[1].max() > 0.6 * widths[0].max()
