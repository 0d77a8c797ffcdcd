"""Anyone's Keras model in a backtest: the same scores as a forecaster, and refusals in words."""

from __future__ import annotations

import keras
import numpy as np
import pandas as pd
import pytest

import seqkit as sk

T, H = 5, 3


def daily(rows=41, columns=("a", "b")):
    random = np.random.default_rng(3)
    values = 50 + 9 * np.sin(2 * np.pi * np.arange(rows)[:, None] / 7) + random.normal(0, 2, (rows, len(columns)))
    return pd.DataFrame(values, pd.date_range("2024-01-01", periods=rows, freq="D"), list(columns))


def last_rows(features=2, targets=(0, 1), horizon=H, bias=0.0):
    """A model that forecasts the last H rows of its window again."""
    window = keras.Input((T, features))
    return keras.Model(window, keras.ops.take(window[:, T - horizon :], list(targets), axis=2) + bias)


def trainable(*layers, horizon=H, targets=2):
    model = keras.Sequential([keras.Input((T, 2)), *layers, keras.layers.Flatten()])
    model.add(keras.layers.Dense(horizon * targets))
    model.add(keras.layers.Reshape((horizon, targets)))
    model.compile("adam", "mae")
    return model


@pytest.fixture(scope="module")
def table():
    return daily()


def test_the_last_horizons_are_scored_as_a_forecasters_are(table):
    result = sk.backtest(last_rows(), table, timesteps=T, horizon=H, origins=2, ets=False)
    assert list(result.forecasts["origin"].unique()) == [table.index[34], table.index[37]]
    first = result.forecasts[(result.forecasts["origin"] == table.index[34]) & (result.forecasts["target"] == "b")]
    np.testing.assert_allclose(first["forecast"], table["b"].iloc[32:35], rtol=1e-6)
    assert first["actual"].tolist() == table["b"].iloc[35:38].tolist()
    rows = result.forecasts[result.forecasts["target"] == "a"]
    assert result.scores.loc[("a", "forecast"), "mae"] == pytest.approx(
        (rows["forecast"] - rows["actual"]).abs().mean()
    )
    assert result.scores.loc["a"].index.tolist() == ["forecast", "naive", "seasonal_naive"]
    assert result.steps.loc["b"].shape == (H, 3)


def test_the_verdict_says_that_nobody_knows_the_training_rows(table):
    lines = sk.backtest(last_rows(), table, timesteps=T, horizon=H, origins=1, ets=False).verdict.splitlines()
    assert [line.split(":")[0] for line in lines[:2]] == ["a", "b"]
    assert lines[2].startswith("Nobody knows on which rows this Keras model was trained")


@pytest.mark.parametrize("targets", ["b", ["b"]])
def test_targets_may_be_fewer_than_the_columns(table, targets):
    model = last_rows(targets=[1])
    result = sk.backtest(model, table, timesteps=T, horizon=H, targets=targets, origins=1, ets=False)
    assert result.forecasts["target"].unique().tolist() == ["b"]
    np.testing.assert_allclose(result.forecasts["forecast"], table["b"].iloc[-6:-3], rtol=1e-6)


def test_a_refit_fits_fresh_copies_on_the_rows_before_each_origin(table):
    model = trainable(keras.layers.Normalization())
    model.layers[0].adapt(table.to_numpy()[:, None] * 1000)  # a copy adapts to its own rows
    before = model.get_weights()
    how = {"timesteps": T, "horizon": H, "refit": True, "seed": 4, "origins": 2, "ets": False}
    result = sk.backtest(model, table, epochs=2, **how)
    assert "Nobody" not in result.verdict
    for weight, earlier in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(weight, earlier)
    changed = table.copy()
    changed.iloc[38:] += 100  # after the last origin
    again = sk.backtest(model, changed, epochs=2, **how)
    pd.testing.assert_series_equal(again.forecasts["forecast"], result.forecasts["forecast"])
    longer = sk.backtest(model, table, epochs=3, **how)
    assert (longer.forecasts["forecast"] != result.forecasts["forecast"]).all()


def test_a_copy_is_compiled_like_the_model(table):
    model = trainable()
    model.compile(keras.optimizers.SGD(0.0), "mse")
    how = {"timesteps": T, "horizon": H, "refit": True, "seed": 4, "origins": 1}
    one, two = (sk.backtest(model, table, epochs=epochs, **how).forecasts["forecast"] for epochs in (1, 2))
    pd.testing.assert_series_equal(one, two)  # the rate is zero


# Refusals


@pytest.mark.parametrize(
    ("sizes", "words"),
    [
        ({}, "a Keras model does not say timesteps and horizon. Pass timesteps=24, horizon=6"),
        ({"timesteps": T}, "does not say horizon"),
        ({"horizon": H}, "does not say timesteps"),
        ({"timesteps": 0, "horizon": H}, "timesteps must be 1 or more, got 0"),
        ({"timesteps": T, "horizon": 2.5}, "horizon must be a whole number"),
        ({"timesteps": T, "horizon": H, "targets": "c"}, "target 'c' is not in the table"),
        ({"timesteps": T, "horizon": H, "targets": []}, "targets is empty"),
        ({"timesteps": 7, "horizon": H}, r"reads \(None, 5, 2\), and timesteps=7 of the table's 2 columns make"),
        ({"timesteps": T, "horizon": 4}, r"must have the shape \(1, 4, 2\), \[1, horizon, targets\], got \(1, 3, 2\)"),
        (
            {"timesteps": T, "horizon": H, "targets": "a"},
            r"shape \(1, 3, 1\), .* got \(1, 3, 2\). Pass its own horizon=",
        ),
        ({"timesteps": T, "horizon": H, "origins": 13}, "leave 2 of 41 rows before the first origin, 5 or more"),
        ({"timesteps": T, "horizon": H, "jobs": 0}, "jobs must be a whole number from 1 up, or -1"),
    ],
)
def test_sizes_that_do_not_fit_are_refused(table, sizes, words):
    with pytest.raises((ValueError, TypeError), match=words):
        sk.backtest(last_rows(), table, **sizes)


def test_a_table_of_other_columns_is_refused():
    with pytest.raises(sk.InvalidValue, match=r"reads \(None, 5, 2\), and timesteps=5 of the table's 3 columns make"):
        sk.backtest(last_rows(), daily(columns=("a", "b", "c")), timesteps=T, horizon=H)


def test_a_flat_output_is_refused_with_the_layer_that_mends_it(table):
    model = keras.Sequential([keras.Input((T, 2)), keras.layers.Flatten(), keras.layers.Dense(H * 2)])
    words = r"shape \(1, 3, 2\).*got \(1, 6\). End the model with keras.layers.Reshape\(\(3, 2\)\)"
    with pytest.raises(sk.InvalidValue, match=words):
        sk.backtest(model, table, timesteps=T, horizon=H)


def test_several_inputs_or_outputs_are_refused(table):
    window, other = keras.Input((T, 2)), keras.Input((T, 2))
    with pytest.raises(sk.InvalidValue, match="must have one input, got 2"):
        sk.backtest(keras.Model([window, other], window + other), table, timesteps=T, horizon=H)
    with pytest.raises(sk.InvalidValue, match="must have one output.*got a list of 2"):
        sk.backtest(keras.Model(window, [window + 1, window - 1]), table, timesteps=T, horizon=H)


def test_a_model_that_does_not_take_windows_is_refused(table):
    class Picky(keras.Model):
        def call(self, x):
            raise NotImplementedError("images alone")

    with pytest.raises(sk.InvalidValue, match=r"does not take a window of shape \(1, 5, 2\): NotImplementedError: "):
        sk.backtest(Picky(), table, timesteps=T, horizon=H)


def test_a_forecast_of_nan_is_refused(table):
    with pytest.raises(sk.InvalidValue, match="forecast after 2024-02-01 00:00:00 is not finite"):
        sk.backtest(last_rows(bias=float("nan")), table, timesteps=T, horizon=H)


def test_missing_values_in_a_window_are_refused_and_elsewhere_are_none_of_its_business():
    table = daily()
    table.iloc[3, 0] = np.nan  # before every window
    sk.backtest(last_rows(), table, timesteps=T, horizon=H)
    with pytest.raises(sk.InvalidValue, match="1 rows that the model reads .*column 'a', row 2024-01-04"):
        sk.backtest(trainable(), table, timesteps=T, horizon=H, refit=True, epochs=1)
    table.iloc[30, 1] = np.nan
    with pytest.raises(sk.InvalidValue, match="1 rows that the model reads .*column 'b', row 2024-01-31"):
        sk.backtest(last_rows(), table, timesteps=T, horizon=H)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "nothing says for how many epochs. Pass epochs=20"),
        ({"epochs": 0}, "epochs must be 1 or more, got 0"),
        ({"epochs": 2, "budget": "1m"}, "budget is of train_forecaster"),
        ({"epochs": 2, "origins": 12}, "leave 5 of 41 rows before the first origin, 8 or more"),
    ],
)
def test_a_refit_that_lacks_something_is_refused(table, options, words):
    with pytest.raises(sk.InvalidValue, match=words):
        sk.backtest(trainable(), table, timesteps=T, horizon=H, refit=True, **options)


def test_models_that_cannot_be_copied_are_refused(table):
    class Wide(keras.Model):
        def __init__(self, width):
            super().__init__()
            self.dense = keras.layers.Dense(width)

        def call(self, x):
            return self.dense(x)

    wide, sizes = Wide(2), {"timesteps": T, "horizon": H, "refit": True, "epochs": 1}
    with pytest.raises(sk.InvalidValue, match="compiled like the model, and the model is not compiled"):
        sk.backtest(wide, table, **sizes)
    wide.compile("adam", "mae")
    with pytest.raises(sk.InvalidValue, match="copies the model by its config, and that fails: .*refit=False"):
        sk.backtest(wide, table, **sizes)


def test_a_normalization_behind_other_layers_is_refused(table):
    model = trainable(keras.layers.Dense(2), keras.layers.Normalization(name="scale"))
    with pytest.raises(sk.InvalidValue, match="layer 'scale' was adapted to rows that nobody knows"):
        sk.backtest(model, table, timesteps=T, horizon=H, refit=True, epochs=1)


def test_a_loss_that_does_not_fit_the_windows_is_refused(table):
    model = trainable(targets=1)
    model.compile("adam", "categorical_crossentropy")
    words = r"cannot be fitted on windows of shape \(5, 2\) and targets of shape \(3, 2\)"
    with pytest.raises(sk.InvalidValue, match=words):
        sk.backtest(model, table, timesteps=T, horizon=H, refit=True, epochs=1)


def test_a_forecaster_knows_its_own_sizes(table):
    model = sk.build_forecaster(like=table, timesteps=8, horizon=H, units=2)
    model.trained_until = table.index[20].isoformat()
    for name, other in {"timesteps": 9, "horizon": 4, "targets": ["b", "a"]}.items():
        with pytest.raises(sk.InvalidValue, match=f"the model has {name}=.* of its own, got {name}=") as caught:
            sk.backtest(model, table, refit=False, **{name: other})
        assert caught.value.argument == name
    own = {"timesteps": 8, "horizon": H, "targets": ["a", "b"]}
    assert len(sk.backtest(model, table, refit=False, origins=1, ets=False, **own).forecasts) == 2 * H


def test_what_is_no_model_is_refused(table):
    with pytest.raises(TypeError, match="model must be a Forecaster or another keras.Model, got a str"):
        sk.backtest("model", table)
