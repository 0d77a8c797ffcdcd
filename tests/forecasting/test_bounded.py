"""Flat windows do not outweigh all others in the loss."""

import keras
import numpy as np
import pandas as pd
import pytest

import seqkit as sk
from seqkit.forecasting.bounded import MOST_SPREADS, within_bounds

SIZES = {"timesteps": 12, "horizon": 4, "units": 3, "season": 1}


def test_only_windows_beyond_the_bound_shrink_and_keep_their_shape():
    targets = np.array([[[1.0], [-2.0]], [[5.0], [-400.0]]], "float32")
    forecasts = np.array([[[3.0], [7.0]], [[80.0], [0.0]]], "float32")
    bounded, moved = (keras.ops.convert_to_numpy(part) for part in within_bounds(targets, forecasts))
    np.testing.assert_array_equal(bounded[0], targets[0])
    np.testing.assert_array_equal(moved[0], forecasts[0])
    np.testing.assert_allclose(bounded[1], targets[1] * MOST_SPREADS / 400)
    np.testing.assert_allclose(moved[1], forecasts[1] * MOST_SPREADS / 400)


def test_unknown_steps_do_not_count():
    targets = np.array([[[1.0], [-400.0]]], "float32")
    weights = np.array([[[1.0], [0.0]]], "float32")
    np.testing.assert_array_equal(within_bounds(targets, targets, weights)[0], targets)


def jump(rows=60):
    """All zeros, and then not."""
    values = np.zeros(rows)
    values[rows // 2 :] = 5 + np.sin(np.arange(rows - rows // 2))
    return pd.DataFrame({"y": values}, pd.date_range("2024", periods=rows, freq="D"))


@pytest.mark.parametrize("loss", ["mae", "mse"])
@pytest.mark.parametrize("known", [True, False])  # whether the builder sees the table, and so a least spread
def test_a_series_of_zeros_that_jumps_trains(loss, known):
    table = jump()
    model = sk.build_forecaster(**SIZES, loss=loss, **({"like": table} if known else {"features": 1}))
    windows = sk.make_windows(table.to_numpy(), timesteps=12, horizon=4).dataset()
    history = model.fit(table if known else windows, epochs=2, shuffle=known, verbose=0).history
    assert max(history["loss"]) <= (MOST_SPREADS if loss == "mae" else MOST_SPREADS**2)
    assert np.isfinite(model.predict(np.zeros((1, 12, 1), "float32"), verbose=0)).all()


def test_flat_windows_of_an_array_do_not_outweigh_the_others():
    random = np.random.default_rng(7)
    x, y = random.normal(size=(40, 12, 1)).astype("float32"), random.normal(size=(40, 4, 1)).astype("float32")
    x[:3] = x[:3, :1]  # flat before a target that is not
    keras.utils.set_random_seed(7)
    model = sk.build_forecaster(**SIZES, features=1)
    whole = model.evaluate(x, y, return_dict=True, verbose=0)["loss"]
    others = model.evaluate(x[3:], y[3:], return_dict=True, verbose=0)["loss"]
    assert whole < others + MOST_SPREADS * 3 / 40


def test_unscaled_values_have_no_bound():
    x, y = np.zeros((2, 12, 1), "float32"), np.full((2, 4, 1), 300.0, "float32")
    for scaling in ("none", "window"):
        model = sk.build_forecaster(**SIZES, features=1, scaling=scaling, baseline="none")
        loss = model.evaluate(x, y, return_dict=True, verbose=0)["loss"]
        assert loss > 250 if scaling == "none" else loss <= MOST_SPREADS + 1
