"""build_forecaster and Forecaster: raw units in, raw units out, right by default, and still a keras.Model."""

import copy
import json
import pickle
import re
import subprocess
import sys
import warnings

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf

from seqkit.data.splits import split
from seqkit.data.windows import make_windows
from seqkit.forecasting.build import build_forecaster
from seqkit.forecasting.defaults import default_segment, default_timesteps, default_transform
from seqkit.forecasting.model import Forecaster
from seqkit.forecasting.seasons import Seasons, is_seasonal, natural_period
from seqkit.layers import SmoothedBaseline

TINY = {"timesteps": 7, "horizon": 3, "units": 3, "cell": "simple_rnn", "segment": 1}


def monthly(rows, start="2001-01-01", **columns):
    """A rising table with a yearly rhythm."""
    months = np.arange(rows)
    sales = (100 + months) * (1 + 0.3 * np.sin(2 * np.pi * months / 12))
    return pd.DataFrame(columns or {"sales": sales}, pd.date_range(start, periods=rows, freq="MS", name="month"))


def two_columns(rows):
    frame = monthly(rows)
    return frame.assign(price=10 + np.cos(np.arange(rows)))


def arrays(samples=11, timesteps=7, features=1, horizon=3, targets=1):
    random = np.random.default_rng(7)
    x = random.uniform(100, 200, (samples, timesteps, features)).astype("float32")
    return x, random.uniform(100, 200, (samples, horizon, targets)).astype("float32")


def statistics_of(model):
    scaling = model.get_layer("scaling")
    return np.concatenate([keras.ops.convert_to_numpy(weight).ravel() for weight in (scaling.mean, scaling.spread)])


@pytest.fixture(scope="module")
def table():
    return monthly(61)


@pytest.fixture(scope="module")
def untrained(table):
    keras.utils.set_random_seed(7)
    return build_forecaster(like=table, transform="log", **TINY)


@pytest.fixture(scope="module")
def fitted(table):
    """A model, its training table and its history; three epochs, the last batch of each smaller."""
    keras.utils.set_random_seed(7)
    train, validation, _ = split(table, validation=11, test=0, context=7)
    model = build_forecaster(like=train, optimizer=keras.optimizers.Adam(0.01), **TINY)
    history = model.fit(train, epochs=3, batch_size=16, validation_data=validation, verbose=0)
    return model, train, history


# The articles' stack


@pytest.fixture(scope="module")
def classic():
    return build_forecaster(
        timesteps=36,
        features=1,
        horizon=12,
        cell="lstm",
        units=(128, 128, 64),
        first_dropout=0.5,
        scaling="none",
        baseline="none",
        quantiles=(),
        loss="mse",
        optimizer="adam",
    )


def test_the_classic_stack_is_the_hand_written_one(classic):
    by_hand = keras.Sequential(
        [
            keras.Input((36, 1)),
            keras.layers.LSTM(128, return_sequences=True),
            keras.layers.Dropout(0.5),
            keras.layers.LSTM(128, return_sequences=True),
            keras.layers.LSTM(64),
            keras.layers.Dense(12),
        ]
    )
    assert classic.count_params() == by_hand.count_params() == 66_560 + 131_584 + 49_408 + 780
    assert [weight.shape for weight in classic.weights] == [weight.shape for weight in by_hand.weights]
    by_hand.set_weights(classic.get_weights())
    x, _ = arrays(samples=5, timesteps=36)
    x = (x - 150) / 50
    np.testing.assert_allclose(classic(x)[..., 0], by_hand(x), rtol=1e-5, atol=1e-6)


def test_the_classic_stack_has_its_layers_loss_and_optimizer(classic):
    stack = classic.get_layer("recurrent")
    assert [(type(layer), layer.units, layer.return_sequences) for layer in stack.recurrent] == [
        (keras.layers.LSTM, 128, True),
        (keras.layers.LSTM, 128, True),
        (keras.layers.LSTM, 64, False),
    ]
    assert [drop.rate if drop else None for drop in stack.drops] == [0.5, None, None]
    assert classic.get_layer("head").units == 12
    assert classic.output_shape == (None, 12, 1)
    assert classic.loss == "mse"
    assert isinstance(classic.optimizer, keras.optimizers.Adam)


def test_the_classic_stack_fits_in_batches_of_200(classic):
    x, y = arrays(samples=211, timesteps=36, horizon=12)
    x, y = (x - 150) / 50, (y - 150) / 50
    history = classic.fit(x, y[..., 0], epochs=1, batch_size=200, verbose=0)
    assert history.params["steps"] == 2
    assert np.isfinite(history.history["loss"]).all()
    assert classic.predict(x[:5], verbose=0).shape == (5, 12, 1)


# What a table decides


def test_a_table_decides_season_timesteps_segment_and_transform(table):
    settings = build_forecaster(horizon=3, like=table, units=3).settings
    assert (settings.season, settings.timesteps, settings.segment) == (12, 48, 12)
    assert (settings.columns, settings.targets, settings.transform) == (("sales",), ("sales",), ("log",))
    assert (settings.frequency, settings.time) == ("MS", "month")


def test_arguments_overrule_the_table(table):
    model = build_forecaster(
        horizon=3, like=table, units=(5, 3), timesteps=14, season=7, segment=2, transform="asinh", cell="gru"
    )
    settings = model.settings
    assert (settings.season, settings.timesteps, settings.segment) == (7, 14, 2)
    assert (settings.transform, settings.cell, settings.units) == (("asinh",), "gru", (5, 3))
    assert model.input_shape == (None, 14, 1)


def test_a_straight_line_has_no_season():
    settings = build_forecaster(horizon=3, like=monthly(61, sales=np.arange(61.0)), units=3).settings
    assert (settings.season, settings.transform) == (1, ("none",))


def test_each_column_gets_the_transform_its_values_allow():
    frame = two_columns(61).assign(change=np.arange(61) - 30.0)
    assert build_forecaster(like=frame, targets="sales", **TINY).settings.transform == ("log", "log", "none")


GROWING = np.exp(np.linspace(1, 6, 60))


@pytest.mark.parametrize(
    ("values", "transform"),
    [
        ([0, *GROWING], "asinh"),  # one zero among values that vary with their level
        ([np.nan, 0, *GROWING], "asinh"),
        ([-1, *GROWING], "none"),
        ([0, *(20 + 5 * np.sin(np.arange(60.0)))], "none"),  # a temperature does not vary with its level
        ([*[0, 0, 0], *GROWING[:40]], "none"),  # zeros are no exception
        ([0.0, *(GROWING / 1e4)], "none"),  # asinh of small values is no log
        ([0.0] * 64, "none"),
        ([np.nan] * 64, "none"),
    ],
)
def test_a_few_zeros_leave_a_column_on_a_scale_like_that_of_logs(values, transform):
    assert default_transform(np.array(values, float)[:, None]) == (transform,)


@pytest.mark.parametrize(
    ("frequency", "period"),
    [
        ("MS", 12), ("ME", 12), ("BMS", 12), ("QS", 4), ("QE-NOV", 4), ("W-SAT", 52), ("D", 7), ("B", 5), ("h", 24),
        ("30min", 48), ("YS", 1), ("2MS", 6), ("7D", 1), ("7h", 1), ("2D", 1), (None, 1),
    ],
)  # fmt: skip
def test_the_natural_period_is_the_calendar_cycle_above_the_frequency(frequency, period):
    assert natural_period(frequency) == period


def test_a_season_is_seen_under_a_trend_and_gaps_and_not_where_there_is_none():
    values = monthly(61)["sales"].to_numpy()
    assert is_seasonal(values, 12)
    assert not is_seasonal(values, 7)
    assert not is_seasonal(values[:23], 12)
    assert not is_seasonal(np.full(61, 5.0), 12)
    assert not is_seasonal(np.random.default_rng(7).normal(size=211), 12)
    assert is_seasonal(np.append(np.nan, values[1:]), 12)


@pytest.mark.parametrize(
    ("rows", "timesteps"), [(211, 96), (61, 48), (40, 24), (34, 24), (33, 12), (15, 12), (14, 5), (5, 2)]
)
def test_a_window_reads_as_many_seasons_as_leave_windows_to_learn_from(rows, timesteps):
    assert default_timesteps(rows, horizon=3, period=12, shown=Seasons(12, 1)) == timesteps


def test_a_segment_is_a_season_where_the_window_holds_two_whole_ones():
    segments = [default_segment(timesteps, period) for timesteps, period in ((24, 12), (12, 12), (25, 12), (5, 1))]
    assert segments == [12, 1, 1, 1]


def test_a_long_window_is_cut_where_no_period_divides_it_too():
    segments = {timesteps: default_segment(timesteps, 24) for timesteps in (96, 97, 100, 101, 336, 720, 7919)}
    assert segments == {96: 24, 97: 7, 100: 7, 101: 7, 336: 24, 720: 24, 7919: 495}
    assert [default_segment(timesteps, 1) for timesteps in (96, 720)] == [1, 45]


def test_the_level_of_the_window_fills_up_the_first_segment():
    x, y = arrays(timesteps=101)
    model = build_forecaster(timesteps=101, features=1, horizon=3, units=3, scaling="none", baseline="none")
    segments = keras.Model(model.input, model.get_layer("segments").output)
    found = keras.ops.convert_to_numpy(segments(x))[:, :, 0:7]
    assert (model.settings.segment, model.settings.leading_zeros) == (7, 4)
    np.testing.assert_array_equal(found.reshape(11, -1), np.pad(x[..., 0], ((0, 0), (4, 0))))
    assert np.isfinite(model.fit(x, y, verbose=0).history["loss"]).all()


# Raw units


def test_an_untrained_model_forecasts_the_smoothed_baseline_of_the_logs(table):
    model = build_forecaster(horizon=13, like=table, units=3, timesteps=29)
    past = table.to_numpy("float32")[None, -29:]
    baseline = np.exp(SmoothedBaseline(13, season=12)(np.log(past)))
    np.testing.assert_allclose(model.forecast(table), baseline[0], rtol=1e-5)


@pytest.mark.parametrize("scaling", ["window", "standard", "none"])
@pytest.mark.parametrize("transform", ["log", "asinh", "none"])
def test_an_untrained_model_around_the_last_value_forecasts_it(table, scaling, transform):
    model = build_forecaster(like=table, baseline="last", scaling=scaling, transform=transform, **TINY)
    np.testing.assert_allclose(model.forecast(table), np.full((3, 1), table.iloc[-1, 0]), rtol=1e-5)


def test_forecasts_grow_with_the_units_of_the_table(fitted):
    model, train, _ = fitted  # window scaling of logs: thousands instead of ones is a shift
    np.testing.assert_allclose(model.forecast(1000 * train), 1000 * model.forecast(train), rtol=1e-4)


def test_the_loss_is_in_scaled_units_and_the_metrics_in_raw_ones():
    frame = two_columns(29)
    model = build_forecaster(like=frame, targets="price", baseline="none", transform="log", loss="mae", **TINY)
    windows = make_windows(frame, timesteps=7, horizon=3, targets="price")
    x, y = np.stack([window.x for window in windows]), np.stack([window.y for window in windows])
    predicted = model(x).numpy()
    past = np.log(x[:, :, 1:])
    spread = past.std(axis=1, keepdims=True)  # levels cancel in a difference
    expected = {
        "loss": np.abs((np.log(y) - np.log(predicted)) / spread).mean(),
        "mae": np.abs(y - predicted).mean(),
        "rmse": np.sqrt(((y - predicted) ** 2).mean()),
    }
    assert model.evaluate(frame, verbose=0, return_dict=True) == pytest.approx(expected, rel=1e-4)


# fit


def test_fit_learns_and_records_losses_and_metrics_for_both_tables(fitted):
    history = fitted[2].history
    assert set(history) == {"loss", "mae", "rmse", "val_loss", "val_mae", "val_rmse"}
    assert history["loss"][-1] < history["loss"][0]


def test_fit_remembers_the_last_row_it_has_seen_and_not_the_validation_rows(fitted, table):
    model, train, _ = fitted
    assert model.trained_until == train.index[-1].isoformat() == "2005-02-01T00:00:00"
    assert train.index[-1] < table.index[-1]


def test_a_checkpoint_in_the_middle_of_fit_knows_what_it_was_trained_on(table, tmp_path):
    model = build_forecaster(like=table.iloc[:31], **TINY)
    checkpoint = keras.callbacks.ModelCheckpoint(tmp_path / "best.keras")
    model.fit(table.iloc[:31], callbacks=[checkpoint], verbose=0)
    assert keras.models.load_model(tmp_path / "best.keras").trained_until == table.index[30].isoformat()


def test_fit_takes_y_without_its_last_axis_where_there_is_one_target():
    x, y = arrays()
    model = build_forecaster(features=1, **TINY)
    keras.utils.set_random_seed(11)
    assert model.test_on_batch(x, y) == model.evaluate(x, y[..., 0], verbose=0)


def test_the_loss_of_ready_made_batches_takes_no_y_of_another_shape():
    x, y = arrays()
    model = build_forecaster(features=1, **TINY)
    predicted = model(x)
    assert model.compute_loss(x, y[..., 0], predicted) == model.compute_loss(x, y, predicted)
    with pytest.raises(ValueError, match=r"y must have the shape \(samples, 3, 1\), .* got \(11, 1, 1\)"):
        model.compute_loss(x, y[:, :1], predicted)  # it would be broadcast


X, Y = arrays()


@pytest.mark.parametrize(
    ("x", "y", "message"),
    [
        (X[:, :5], Y, "x [samples, timesteps, features] must have the shape (samples, 7, 1), got (11, 5, 1)"),
        (X[..., 0], Y, "must have the shape (samples, 7, 1), got (11, 7)"),
        (np.repeat(X, 2, 2), Y, "must have the shape (samples, 7, 1), got (11, 7, 2)"),
        (X, Y[:, :2], "y [samples, horizon, targets] must have the shape (samples, 3, 1), got (11, 2, 1)"),
        (X, Y[:5], "x has 11 samples and y 5. They must pair up one to one"),
        (X[:0], Y[:0], "holds no samples, got shape (0, 7, 1)"),
        (X.astype(object), Y, "must hold numbers, got dtype object"),
        (np.where(X > 190, np.nan, X), Y, "Build with fill='last', fill='mean' or fill='mask'"),
        (np.where(X > 190, np.inf, X), Y, "infinite value in column 0"),
        (np.where(X > 190, 0, X), Y, "a log needs values above zero, got column 0, row"),
        (X, np.where(Y > 190, 1e39, Y.astype("float64")), "y has infinite values, or some too large for float32"),
        (X, np.where(Y > 190, 0, Y), "a log needs values above zero, got 0.0 in y"),
    ],
)
def test_arrays_that_do_not_fit_are_refused_in_words(x, y, message):
    model = build_forecaster(features=1, transform="log", **TINY)
    for call in (model.fit, model.evaluate):
        with pytest.raises(ValueError, match=re.escape(message)):
            call(x, y, verbose=0)
    with pytest.raises(ValueError, match="fit: validation_data: .*" + re.escape(message)):
        model.fit(X, Y, validation_data=(x, y), verbose=0)


@pytest.mark.parametrize(
    "cut", [{"timesteps": 5}, {"horizon": 1}, {"targets": "price"}, {"targets": ["price", "sales"]}]
)
def test_windows_cut_for_another_model_are_refused(cut):
    frame = two_columns(29)
    model = build_forecaster(like=frame, **TINY)
    with pytest.raises(ValueError, match="the windows have timesteps=.*; the model needs timesteps=7, horizon=3"):
        model.fit(make_windows(frame, **{"timesteps": 7, "horizon": 3, **cut}), verbose=0)


def test_windows_with_missing_values_are_refused_without_fill():
    values = np.arange(29.0)[:, None]
    values[5] = np.nan
    model = build_forecaster(features=1, **TINY)
    with pytest.raises(ValueError, match="1 rows have missing values, the first in column 0, row 5"):
        model.fit(make_windows(values, timesteps=7, horizon=3), verbose=0)


def test_a_seed_makes_fit_repeatable(table):
    weights = []
    for _ in range(2):
        keras.utils.set_random_seed(13)
        model = build_forecaster(like=table, dropout=0.5, **TINY)
        model.fit(table, epochs=2, verbose=0)
        weights.append(np.concatenate([array.ravel() for array in model.get_weights()]))
    np.testing.assert_array_equal(*weights)


def test_two_models_in_a_row_share_no_optimizer(table):
    first, second = (build_forecaster(like=table, **TINY) for _ in range(2))
    assert first.optimizer is not second.optimizer
    assert not set(map(id, first.variables)) & set(map(id, second.variables))


# Tables by name


def test_a_forecast_continues_the_table(fitted, table):
    model = fitted[0]
    future = model.forecast(table)
    assert future.index.equals(pd.date_range("2006-02-01", periods=3, freq="MS"))
    assert (future.index.name, future.index.freqstr) == ("month", "MS")
    assert future.columns.tolist() == ["sales"]
    assert future.dtypes.tolist() == [np.float64]
    assert future.shape == (3, 1)


def test_steps_beyond_the_horizon_feed_forecasts_back_in_blocks(fitted, table):
    model = fitted[0]
    future = model.forecast(table, steps=7)
    assert len(future) == 7
    grown = table
    for first in (0, 3):
        block = model.forecast(grown)
        np.testing.assert_allclose(block, future.iloc[first : first + 3], rtol=1e-5)
        grown = pd.concat([grown, block]).asfreq("MS")
    np.testing.assert_allclose(model.forecast(grown)[:1], future.iloc[6:], rtol=1e-5)
    pd.testing.assert_frame_equal(model.forecast(table, steps=2), future.iloc[:2], rtol=1e-6)


def test_steps_beyond_the_horizon_are_refused_where_a_column_is_no_target():
    frame = two_columns(29)
    model = build_forecaster(like=frame, targets="sales", **TINY)
    assert model.forecast(frame).columns.tolist() == ["sales"]
    with pytest.raises(ValueError, match=r"steps=4 is beyond the horizon of 3. That needs the future of 'price'"):
        model.forecast(frame, steps=4)


@pytest.mark.parametrize(("steps", "error"), [(0, ValueError), (-1, ValueError), (1.5, TypeError), (True, TypeError)])
def test_no_steps_are_refused(untrained, table, steps, error):
    with pytest.raises(error, match=f"forecast: steps must be .*, got {steps}"):
        untrained.forecast(table, steps=steps)


def test_predict_gives_a_forecast_for_each_row_it_can_start_after(fitted, table):
    model = fitted[0]
    rows = table.iloc[:13]
    predicted = model.predict(rows, verbose=0)
    assert predicted.index.names == ["origin", "month"]
    assert predicted.shape == (7 * 3, 1)
    for last in (7, 11, 13):
        origin = rows.index[last - 1]
        forecast = predicted.loc[origin]
        assert forecast.index.tolist() == pd.date_range(origin, periods=4, freq="MS")[1:].tolist()
        np.testing.assert_allclose(forecast, model.forecast(rows.iloc[:last]), rtol=1e-5)


def test_predict_on_arrays_gives_an_array(fitted, table):
    model = fitted[0]
    x = table.to_numpy()[None, -7:]
    predicted = model.predict(x, verbose=0)
    assert (predicted.shape, predicted.dtype) == ((1, 3, 1), np.float32)
    np.testing.assert_allclose(predicted[0], model.forecast(table), rtol=1e-5)


def test_a_series_and_columns_in_another_order_are_told_apart_by_name(untrained, table):
    pd.testing.assert_frame_equal(untrained.forecast(table["sales"]), untrained.forecast(table))
    frame = two_columns(29)
    model = build_forecaster(like=frame, **TINY)
    pd.testing.assert_frame_equal(model.forecast(frame[["price", "sales"]]), model.forecast(frame))


def test_only_the_last_timesteps_rows_make_the_forecast(untrained, table):
    pd.testing.assert_frame_equal(untrained.forecast(table.iloc[-7:]), untrained.forecast(table))
    for call in (untrained.forecast, untrained.predict):
        with pytest.raises(ValueError, match=f"{call.__name__}: the model reads timesteps=7 rows, the table has 6"):
            call(table.iloc[-6:])


def test_other_columns_are_refused_by_name(untrained, table):
    renamed = table.rename(columns={"sales": "slaes"})
    message = "the model was built for the columns 'sales'; the table lacks 'sales' and adds 'slaes'"
    for call in (untrained.fit, untrained.evaluate, untrained.predict, untrained.forecast):
        with pytest.raises(ValueError, match=f"{call.__name__}: {message}"):
            call(renamed)
    with pytest.raises(ValueError, match="the table adds 'price'. Pass table\\[\\['sales'\\]\\]"):
        untrained.forecast(two_columns(29))


def test_another_frequency_is_refused(untrained, table):
    daily = table.set_axis(pd.date_range("2001-01-01", periods=61, freq="D"))
    with pytest.raises(ValueError, match="forecast: the model was built for the frequency 'MS', the table has 'D'"):
        untrained.forecast(daily)


def test_zero_and_below_are_refused_under_a_log(untrained, table):
    low = table.copy()
    low.iloc[13] = 0
    for call in (untrained.fit, untrained.forecast):
        with pytest.raises(ValueError, match="above zero, got column 'sales', row 2002-02-01.*transform=\"asinh\""):
            call(low)


def test_a_model_of_arrays_still_forecasts_a_table_of_the_same_columns():
    frame = monthly(29).set_axis([0], axis=1)
    future = build_forecaster(features=1, **TINY).forecast(frame)
    assert future.index[0] == frame.index[-1] + frame.index.freq


# Missing values


@pytest.fixture(scope="module")
def gappy():
    frame = two_columns(47)
    frame.iloc[13, 0] = frame.iloc[45, 1] = np.nan
    return frame


def test_missing_values_are_refused_without_fill(gappy):
    model = build_forecaster(like=gappy, **TINY)
    for call in (model.fit, model.evaluate, model.predict, model.forecast):
        with pytest.raises(ValueError, match="2 rows have missing values, the first in column 'sales', row 2002-02-01"):
            call(gappy)


def test_fill_is_remembered_and_missing_targets_weigh_nothing(gappy, tmp_path):
    model = build_forecaster(like=gappy, fill="last", **TINY)
    assert model.settings.transform == ("log", "log")
    history = model.fit(gappy, verbose=0).history
    assert np.isfinite([*history["loss"], *history["mae"]]).all()
    filled = gappy.ffill()
    pd.testing.assert_frame_equal(model.forecast(gappy), model.forecast(filled))
    model.save(tmp_path / "model.keras")
    pd.testing.assert_frame_equal(
        keras.models.load_model(tmp_path / "model.keras").forecast(gappy), model.forecast(filled)
    )


def test_a_missing_target_changes_neither_loss_nor_metrics_whatever_stands_there():
    frame = monthly(10)  # one window
    gap = frame.copy()
    gap.iloc[8] = np.nan
    model = build_forecaster(like=frame, fill="last", **TINY)
    predicted = model.forecast(frame.iloc[:7]).to_numpy()[[0, 2], 0]
    error = np.abs(frame["sales"].to_numpy()[[7, 9]] - predicted).mean()
    scores = model.evaluate(gap, verbose=0, return_dict=True)
    assert scores["mae"] == pytest.approx(error, rel=1e-4)
    assert np.isfinite(scores["loss"])


def test_a_gap_as_long_as_a_window_is_refused(table):
    gap = table.copy()
    gap.iloc[13:20] = np.nan
    model = build_forecaster(like=gap, fill="last", **TINY)
    for call in (model.fit, model.predict):
        with pytest.raises(ValueError, match="row 2002-02-01 .* begins 7 rows without a known value, a whole window"):
            call(gap)
    assert np.isfinite(model.forecast(gap)).all(axis=None)  # its last window has no gap
    with pytest.raises(ValueError, match="forecast: column 'sales', row 2002-02-01"):
        model.forecast(gap.iloc[:20])
    x = gap.to_numpy()[None, 13:20]
    with pytest.raises(ValueError, match="sample 0 of x has no known value in column 'sales'"):
        model.predict(x)


def test_a_gap_one_row_shorter_than_a_window_is_filled(table):
    gap = table.copy()
    gap.iloc[13:19] = np.nan
    model = build_forecaster(like=gap, fill="mean", **TINY)
    assert np.isfinite(model.predict(gap, verbose=0)).all(axis=None)


def test_a_column_without_one_known_value_is_refused():
    with pytest.raises(ValueError, match="build_forecaster: column 'empty' has no known value. Leave it out"):
        build_forecaster(like=monthly(29).assign(empty=np.nan), fill="last", **TINY)


# scaling="standard"


def test_standard_scaling_without_its_statistics_is_refused(tmp_path):
    model = build_forecaster(features=1, scaling="standard", **TINY)
    for call in (model.fit, model.evaluate, model.predict):
        with pytest.raises(ValueError, match=f'{call.__name__}: scaling="standard" needs the mean and spread of the'):
            call(X)
    with pytest.raises(ValueError, match="Build with like=train, or call model.adapt\\(train\\) first"):
        model.export(tmp_path / "exported")
    assert not list(tmp_path.iterdir())


def test_standard_scaling_is_adapted_to_the_table_it_is_built_like(table):
    model = build_forecaster(like=table, scaling="standard", transform="log", **TINY)
    logs = np.log(table["sales"])
    np.testing.assert_allclose(statistics_of(model), [logs.mean(), logs.std(ddof=0)], rtol=1e-5)


def test_validation_rows_do_not_change_standard_scaling(table):
    train, validation, _ = split(table, validation=11, test=0, context=7)
    model = build_forecaster(like=train, scaling="standard", **TINY)
    before = statistics_of(model)
    model.fit(train, validation_data=1000 * validation, verbose=0)
    np.testing.assert_array_equal(statistics_of(model), before)


def test_standard_scaling_can_be_adapted_to_rows_of_an_array():
    model = build_forecaster(features=2, scaling="standard", **TINY)
    rows = np.arange(22.0).reshape(11, 2)
    model.adapt(rows)
    np.testing.assert_allclose(statistics_of(model), [*rows.mean(axis=0), *rows.std(axis=0)], rtol=1e-5)
    with pytest.raises(ValueError, match=r"adapt: rows must have the shape \(rows, 2\), got \(11, 1\)"):
        model.adapt(rows[:, :1])


# Hard series


@pytest.mark.parametrize("level", [0.0, 5.0, -3000.0])
def test_a_constant_series_is_said_to_be_one_and_forecast(level):
    frame = monthly(29, sales=np.full(29, level))
    with pytest.warns(UserWarning, match="column 'sales' is constant; its forecast is that constant"):
        model = build_forecaster(like=frame, **TINY)
    if level == 5.0:
        model.fit(frame, verbose=0)
    np.testing.assert_allclose(model.forecast(frame), level, rtol=1e-3, atol=1e-3)


def test_a_series_that_float32_cannot_resolve_is_warned_of():
    with pytest.warns(UserWarning, match="column 'sales' varies by .* around 1e\\+09, less than float32 resolves"):
        build_forecaster(like=monthly(29, sales=1e9 + np.sin(np.arange(29))), **TINY)


# Still a keras.Model

LOAD_ALONE = """
import json, sys
import seqkit, keras
import pandas as pd
model = keras.models.load_model(sys.argv[1])
future = model.forecast(pd.read_pickle(sys.argv[2]))
print(json.dumps([type(model).__name__, model.trained_until, future["sales"].tolist(), str(future.index[0])]))
"""


def test_a_saved_model_loads_in_another_process_after_import_seqkit(fitted, table, tmp_path):
    model = fitted[0]
    model.save(tmp_path / "model.keras")
    table.to_pickle(tmp_path / "table.pickle")
    command = [sys.executable, "-c", LOAD_ALONE, str(tmp_path / "model.keras"), str(tmp_path / "table.pickle")]
    process = subprocess.run(command, capture_output=True, text=True, check=False)
    assert process.returncode == 0, process.stderr
    name, trained_until, forecast, first = json.loads(process.stdout.splitlines()[-1])
    assert (name, trained_until, first) == ("Forecaster", model.trained_until, "2006-02-01 00:00:00")
    np.testing.assert_allclose(forecast, model.forecast(table)["sales"], rtol=1e-6)


def test_a_loaded_model_is_compiled_and_the_same_in_every_setting(fitted, table, tmp_path):
    model = fitted[0]
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert loaded.settings == model.settings
    assert loaded.get_config() == model.get_config()
    assert loaded.evaluate(table, verbose=0) == pytest.approx(model.evaluate(table, verbose=0), rel=1e-6)
    assert loaded.optimizer.iterations == model.optimizer.iterations


def test_settings_given_as_numpy_numbers_are_saved(table, tmp_path):
    options = {
        **TINY,
        "horizon": np.int64(3),
        "units": (np.int64(3),),
        "season": np.int64(2),
        "dropout": np.float32(0.5),
    }
    model = build_forecaster(like=table, **options)
    model.optimizer.build(model.trainable_variables)  # or Keras warns on loading that it never trained
    model.save(tmp_path / "model.keras")
    assert keras.models.load_model(tmp_path / "model.keras").settings.season == 2


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))])
def test_a_copied_model_forecasts_the_same(fitted, table, copied):
    model = fitted[0]
    again = copied(model)
    assert again is not model
    assert again.trained_until == model.trained_until
    pd.testing.assert_frame_equal(again.forecast(table), model.forecast(table))


def test_a_clone_is_refused_with_the_way_out(untrained, table):
    with pytest.raises(TypeError, match="clone_model: .* Use Forecaster.from_config\\(model.get_config\\(\\)\\)"):
        keras.models.clone_model(untrained)
    again = Forecaster.from_config(untrained.get_config())
    again.set_weights(untrained.get_weights())
    pd.testing.assert_frame_equal(again.forecast(table), untrained.forecast(table))


def test_mixed_precision_trains_and_forecasts_in_float32(table):
    keras.config.set_dtype_policy("mixed_float16")
    try:
        model = build_forecaster(like=1000 * table, scaling="standard", **TINY)  # beyond what 16 bits hold
        history = model.fit(1000 * table, verbose=0).history
        assert model.get_layer("recurrent").compute_dtype == "float16"
        assert np.isfinite(history["loss"]).all()
        predicted = model.predict(1000 * table.to_numpy()[None, -7:], verbose=0)
    finally:
        keras.config.set_dtype_policy("float32")
    assert predicted.dtype == np.float32
    assert np.isfinite(predicted).all()


def test_building_says_nothing_where_nothing_is_wrong(table):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        build_forecaster(like=table, bidirectional=True, **{**TINY, "units": (5, 3), "cell": "gru"})


# Bad arguments


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"horizon": 0}, ValueError, "horizon must be 1 or more, got 0"),
        ({"horizon": True}, TypeError, "horizon must be a whole number, got True"),
        ({"timesteps": -7}, ValueError, "timesteps must be 1 or more, got -7"),
        ({"timesteps": 7.5}, TypeError, "timesteps must be a whole number, got 7.5"),
        ({"timesteps": 59}, ValueError, "timesteps=59 and horizon=3 need 62 rows or more, the table has 61"),
        ({"season": 0}, ValueError, "season must be 1 or more, got 0"),
        ({"season": 11}, ValueError, "season=11 does not fit in timesteps=7. Use timesteps=11 or more, or season=1"),
        ({"segment": 8}, ValueError, "segment=8 is longer than the window of timesteps=7. Use 7 at most, or 1"),
        ({"segment": 0}, ValueError, "segment must be 1 or more, got 0"),
        ({"cell": "ltsm"}, ValueError, "cell must be one of 'simple_rnn', 'lstm', 'gru', 'peephole_lstm', got"),
        ({"scaling": "minmax"}, ValueError, "scaling must be one of 'window', 'standard', 'none', got 'minmax'"),
        ({"baseline": "naive"}, ValueError, "baseline must be one of 'smoothed', 'last', 'none', got 'naive'"),
        ({"transform": "logs"}, ValueError, "transform must be one of 'none', 'log', 'asinh', got 'logs'."),
        ({"fill": "next"}, ValueError, "fill must be one of 'last', 'mean', 'mask', got 'next'"),
        ({"dropout": 1.7}, ValueError, "dropout must be from 0 to below 1, got 1.7"),
        ({"dropout": (0.1, 0.2)}, ValueError, "dropout has 2 numbers for 1 layers"),
        ({"units": 0}, ValueError, "units must be 1 or more, got 0"),
        ({"targets": "slaes"}, ValueError, "target 'slaes' is not in the table, whose columns are 'sales'. Did you"),
        ({"targets": ["sales", "sales"]}, ValueError, "target 'sales' is named twice"),
        ({"targets": []}, ValueError, "targets is empty. Name one or more of 'sales'"),
        ({"features": 2}, ValueError, "features=2, but the table has 1 columns ('sales')"),
        ({"like": None}, ValueError, "give like=<the training table>, or timesteps= and features="),
        ({"like": None, "features": 1, "timesteps": None}, ValueError, "give timesteps=, the rows of an input window"),
        ({"like": np.zeros((61, 1))}, TypeError, "a pandas DataFrame with a time index is needed, got ndarray"),
    ],
)
def test_bad_arguments_are_refused_in_words(table, options, error, message):
    with pytest.raises(error) as refused:
        build_forecaster(**{"like": table, **TINY, **options})
    assert str(refused.value).startswith("build_forecaster: ")
    assert message in str(refused.value)


def test_as_many_rows_as_one_window_needs_are_enough(table):
    assert build_forecaster(like=table, **{**TINY, "timesteps": 58}).settings.timesteps == 58


def test_a_series_that_stands_still_at_zero_does_not_blow_up_the_loss():
    values = np.array([1.0] * 20 + [2.0] * 20)  # the log of 1 is 0, so its level gives no floor
    table = pd.DataFrame({"y": values}, index=pd.date_range("2024-01-01", periods=40, freq="D"))
    model = build_forecaster(like=table, horizon=3, timesteps=5, units=3, segment=1)
    assert model.evaluate(table, verbose=0, return_dict=True)["loss"] < 50


def test_a_random_walk_has_no_season():
    rng = np.random.default_rng(3)
    walks = [50 + np.cumsum(rng.normal(size=200)) for _ in range(20)]
    assert sum(is_seasonal(walk, 7) for walk in walks) <= 3


def test_one_weight_a_sample_weighs_every_step_of_its_horizon():
    x, y = arrays()
    model = build_forecaster(features=1, **TINY)
    weights = np.r_[np.ones(len(x) - 1), 0.0]
    weighed = model.evaluate(x, y, sample_weight=weights, verbose=0, return_dict=True)["mae"]
    assert weighed == pytest.approx(model.evaluate(x[:-1], y[:-1], verbose=0, return_dict=True)["mae"], rel=1e-5)


def test_what_keras_does_to_arrays_alone_is_refused_for_tables(table):
    model = build_forecaster(like=table, **TINY)
    with pytest.raises(ValueError, match="validation_split is for arrays. Cut the table by time"):
        model.fit(table, validation_split=0.2)
    with pytest.raises(ValueError, match="sample_weight is for arrays"):
        model.fit(table, sample_weight=np.ones(3))


def test_what_a_model_has_seen_is_known_of_like_windows_and_arrays_too(table):
    model = build_forecaster(like=table.iloc[:40], **TINY)
    assert model.trained_until == table.index[39].isoformat()
    model.fit(model.windows(table), verbose=0)
    assert model.trained_until == table.index[-1].isoformat()
    longer = table.reindex(pd.date_range(table.index[0], periods=len(table) + 1, freq=table.index.freq)).ffill()
    model.fit(model.windows(longer).dataset(), shuffle=False, verbose=0)
    assert model.trained_until == longer.index[-1].isoformat()
    model.fit(model.windows(table).dataset().take(1), verbose=0)
    assert model.trained_until == "unknown"


def test_a_generator_of_batches_is_fitted_without_a_warning():
    def batches():
        while True:
            yield np.ones((4, 5, 1), "float32"), np.ones((4, 2, 1), "float32")

    model = build_forecaster(timesteps=5, features=1, horizon=2, units=3)
    assert len(model.fit(batches(), steps_per_epoch=2, epochs=3, verbose=0).history["loss"]) == 3


@pytest.mark.parametrize("carrier", ["arrays", "tensors", "batches", "one column"])
def test_a_weight_for_each_window_weighs_all_its_steps_whatever_carries_it(carrier):
    random = np.random.default_rng(7)
    x, y = random.normal(5, 1, (4, 5, 1)).astype("float32"), random.normal(5, 1, (4, 4, 1)).astype("float32")
    model, weights = build_forecaster(timesteps=5, features=1, horizon=4, units=3), np.float32([3, 0, 1, 2])
    expected = model.evaluate(x, y, sample_weight=np.repeat(weights[:, None], 4, axis=1), verbose=0)
    options = {"sample_weight": weights[:, None] if carrier == "one column" else weights}
    data = (x, y)
    if carrier == "tensors":
        data, options = (tf.constant(x), tf.constant(y)), {"sample_weight": tf.constant(weights), "batch_size": 4}
    if carrier == "batches":
        data, options = (tf.data.Dataset.from_tensors((x, y, weights)),), {}
    assert model.evaluate(*data, **options, verbose=0) == pytest.approx(expected, rel=1e-5)


def test_validation_data_may_be_a_generator_of_batches():
    def batches():
        while True:
            yield np.ones((4, 5, 1), "float32"), np.ones((4, 2, 1), "float32")

    model = build_forecaster(timesteps=5, features=1, horizon=2, units=3)
    options = {"steps_per_epoch": 2, "validation_steps": 3, "validation_data": batches(), "verbose": 0}
    assert np.isfinite(model.fit(batches(), **options).history["val_loss"]).all()
