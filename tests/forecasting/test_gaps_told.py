"""fill="mask": gaps are filled looking back, and the recurrent layers are told what is known and since when."""

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf

import seqkit as sk

SIZES = {"timesteps": 6, "horizon": 2, "units": 3, "dropout": 0.0}


def table_of(rows=41, seed=7, columns=("sales", "price")):
    values = np.random.default_rng(seed).uniform(10, 20, (rows, len(columns)))
    return pd.DataFrame(values, pd.date_range("2024-01-01", periods=rows, freq="D"), columns=list(columns))


def gappy():
    table = table_of()
    table.iloc[[3, 4, 19, 38, 40], 0] = np.nan
    table.iloc[[9, 36, 37], 1] = np.nan
    return table


def panel_of():
    return sk.as_panel(pd.concat({"north": gappy(), "south": table_of(29, seed=5)}, names=["series"]))


def shaken(model):
    for weight in model.trainable_variables:
        weight.assign(weight + np.random.default_rng(3).normal(0, 0.3, weight.shape))
    return model


@pytest.mark.parametrize("segment", [1, 4])
@pytest.mark.parametrize("channels", ["joint", "independent"])
@pytest.mark.parametrize("targets", ["sales", ["sales", "price"]])
def test_a_forecast_changes_with_what_is_told_of_a_gap_and_not_with_what_stands_there(channels, targets, segment):
    options = {"channels": channels, "targets": targets, "segment": segment, **SIZES}
    told = shaken(sk.build_forecaster(like=gappy(), fill="mask", **options))
    filled = shaken(sk.build_forecaster(like=gappy(), fill="last", **options))
    looking_back = gappy().ffill()
    pd.testing.assert_frame_equal(filled.forecast(gappy()), filled.forecast(looking_back))
    assert not np.allclose(told.forecast(gappy()), told.forecast(looking_back), rtol=1e-6)
    assert told.get_layer("fill").how == "last"


def test_channels_stand_beside_the_columns_that_a_sequence_reads():
    def read(**options):
        model = sk.build_forecaster(like=gappy(), fill="mask", segment=1, **options, **SIZES)
        assert model.get_layer("recurrent").input.shape[-1] == model.settings.features_of_a_sequence
        return model.settings.features_of_a_sequence

    assert read(channels="joint") == 6
    assert read(channels="independent") == 3
    assert read(channels="independent", targets="price") == 6


def test_own_gaps_alone_are_told_of_a_target_that_is_read_by_itself():
    model = shaken(sk.build_forecaster(features=2, channels="independent", fill="mask", **SIZES))
    x = np.random.default_rng(5).uniform(10, 20, (1, 6, 2)).astype("float32")
    gap = x.copy()
    gap[0, 4, 1] = np.nan
    whole, holed = model.predict(x, verbose=0)[0], model.predict(gap, verbose=0)[0]
    np.testing.assert_array_equal(whole[:, 0], holed[:, 0])
    assert not np.allclose(whole[:, 1], holed[:, 1])


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="exports need TensorFlow")
@pytest.mark.parametrize("make", [gappy, panel_of])
def test_it_trains_saves_and_serves_tables_and_panels_with_gaps(make, tmp_path):
    table = make()
    model = sk.build_forecaster(like=table, fill="mask", channels="joint", **SIZES)
    history = model.fit(table, epochs=1, verbose=0).history
    assert np.isfinite(history["loss"]).all()
    forecast = model.forecast(table)
    assert np.isfinite(forecast.to_numpy()).all()
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert loaded.settings.fill == loaded.asked["fill"] == "mask"
    pd.testing.assert_frame_equal(loaded.forecast(table), forecast)
    model.export(tmp_path / "served")
    served = tf.saved_model.load(tmp_path / "served")
    past = table.loc["north"] if make is panel_of else table
    answer = served.serve(past.to_numpy("float32")[None])["forecast"].numpy()
    ahead = forecast.loc["north"] if make is panel_of else forecast
    np.testing.assert_allclose(answer[0], ahead, rtol=1e-5)


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="exports need TensorFlow")
def test_a_column_that_is_no_target_may_lack_throughout_a_window(tmp_path):
    table = gappy()
    table.iloc[25:, 1] = np.nan
    model = shaken(sk.build_forecaster(like=table, targets="sales", fill="mask", **SIZES))
    forecast = model.forecast(table)
    assert np.isfinite(forecast.to_numpy()).all()
    assert np.isfinite(model.fit(table, verbose=0).history["loss"]).all()
    assert np.isfinite(model.predict(table, verbose=0).to_numpy()).all()
    x = table.to_numpy("float32")[None, -6:].copy()
    np.testing.assert_allclose(model.predict(x, verbose=0)[0], model.forecast(table), rtol=1e-5)
    model.export(tmp_path / "served")
    served = tf.saved_model.load(tmp_path / "served")
    np.testing.assert_allclose(served.serve(x)["forecast"].numpy()[0], model.forecast(table), rtol=1e-5)
    x[..., 0] = np.nan
    with pytest.raises(ValueError, match="sample 0 of x has no known value in column 'sales'"):
        model.predict(x)
    with pytest.raises(tf.errors.InvalidArgumentError, match="sample 0 of past has no known value in column"):
        served.serve(x)


def test_a_column_known_ahead_may_lack_throughout_windows_and_series():
    table = table_of(columns=("sales", "price", "cost"))
    table.iloc[:20, 1] = np.nan
    panel = pd.concat({"a": table, "b": table.assign(price=np.nan)}, names=["shop", "day"])
    known = {"targets": "sales", "future_columns": ["price", "cost"], "fill": "mask", **SIZES}
    for data in (table, panel):
        model = sk.build_forecaster(like=data, **known)
        assert np.isfinite(model.fit(data, epochs=2, verbose=0).history["loss"]).all()
        shaken(model)
        assert np.isfinite(model.predict(data, verbose=0).to_numpy()).all()


def test_windows_without_a_known_target_are_left_out_of_training_alone():
    table = gappy()
    table.iloc[20:30] = np.nan
    model = sk.build_forecaster(like=table, fill="mask", **SIZES)
    starts = model.windows(table).starts
    assert set(range(len(table) - 7)) - set(starts) == {19, 20, 21, 22, 23, 24}  # no sale is known in row 19
    assert np.isfinite(model.fit(table, verbose=0).history["loss"]).all()
    with pytest.raises(ValueError, match="row 2024-01-20 .* begins 6 rows without a known value"):
        model.predict(table)
    assert np.isfinite(model.forecast(table)).all(axis=None)


@pytest.mark.slow
def test_the_recipe_and_a_backtest_keep_the_mask():
    table = gappy()[["sales"]].iloc[:36]
    options = {"horizon": 2, "timesteps": 6, "units": 3, "epochs": 1, "seed": 0, "verbose": 0}
    model = sk.train_forecaster(table, fill="mask", **options)
    assert model.settings.tells_gaps
    result = sk.backtest(model, table, origins=2, epochs=1, seed=0, verbose=0, progress=False, ets=False)
    assert np.isfinite(result.scores.to_numpy("float64")).any()


def test_a_pretrained_member_is_told_what_is_known():
    table = gappy()[["sales"]]
    how = {"like": table, "members": "pretrained", **SIZES}
    told, filled = (sk.build_forecaster(fill=fill, **how) for fill in ("mask", "last"))
    for model in (told, filled):
        model.get_layer("members").share.assign(0.0)
    alone = sk.build_forecaster(like=table, timesteps=6, horizon=2, season=1, weights="synthetic")
    np.testing.assert_allclose(told.forecast(table), alone.forecast(table), rtol=1e-3)
    assert not np.allclose(filled.forecast(table), alone.forecast(table), rtol=1e-3)


@pytest.mark.parametrize("make", [gappy, panel_of])
def test_a_missing_value_without_fill_is_refused_with_its_place_and_all_ways_out(make):
    table = make()
    model = sk.build_forecaster(like=table, **SIZES)
    place = "column 'sales', row 2024-01-04 00:00:00" + (" of series 'north'" if make is panel_of else "")
    for call in (model.fit, model.forecast):
        with pytest.raises(
            sk.InvalidValue, match=f"{place}. Build with fill='last', fill='mean' or fill='mask'"
        ) as one:
            call(table)
        assert one.value.argument == "fill"


def test_rows_that_a_file_lacks_become_gaps_and_the_message_names_the_choices(tmp_path):
    table_of().drop(index=pd.to_datetime(["2024-01-05", "2024-01-06"])).to_csv(tmp_path / "sales.csv")
    with pytest.warns(sk.SeqkitWarning, match=r"2 rows are missing.*fill='last'.*fill='mean'.*fill='mask'"):
        table = sk.read_csv(tmp_path / "sales.csv")
    model = sk.build_forecaster(like=table, fill="mask", **SIZES)
    assert np.isfinite(model.forecast(table)).all(axis=None)
    with pytest.raises(ValueError, match="is missing on the grid .*Rows that lack are then NaN"):
        sk.build_forecaster(like=table.drop(index=table.index[4]).set_axis(table.index.delete(4).rename(None)), **SIZES)
