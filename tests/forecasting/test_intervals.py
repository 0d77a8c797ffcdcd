"""Intervals: widths from errors, quantiles that cannot cross, and what forecasts, paths and backtests make of them."""

import functools

import keras
import numpy as np
import pandas as pd
import pytest

import seqkit as sk
from seqkit.forecasting.calibration import Scores, is_calibrated, set_intervals
from seqkit.forecasting.conformal import conformal_quantile, interval_widths
from seqkit.forecasting.interval_scores import crps, interval_table
from seqkit.forecasting.member_forecasts import MemberForecasts
from seqkit.forecasting.members import set_share
from seqkit.forecasting.parts import intervals_of
from seqkit.layers import IntervalWidths
from seqkit.layers.quantiles import LEVELS

H, SEASON = 4, 6
SIDES = np.sign(np.array(LEVELS) - 0.5)


def table(rows=72, columns=("sales",), seed=0):
    random = np.random.default_rng(seed)
    season = 10 * np.sin(np.arange(rows) * 2 * np.pi / SEASON)[:, None]
    values = 100 + season + random.normal(0, 2, (rows, len(columns)))
    return pd.DataFrame(values, pd.date_range("2024-01-01", periods=rows, freq="D", name="day"), list(columns))


def panel(*shops):
    long = [table(60, seed=seed).reset_index().assign(shop=shop) for seed, shop in enumerate(shops)]
    return sk.as_panel(pd.concat(long), series="shop", time="day")


def built(like, **options):
    return sk.build_forecaster(like=like, horizon=H, timesteps=12, season=SEASON, units=3, **options)


@functools.cache
def calibrated(columns=("sales",)):
    model = built(table(60, columns))
    model.calibrate(table(72, columns, seed=1))
    return model


# Widths


def test_a_conformal_quantile_is_the_score_at_n_plus_1_times_the_level():
    scores = np.arange(1.0, 10)  # nine
    assert [conformal_quantile(scores, level) for level in (0.5, 0.8, 0.9, 0.99)] == [5, 8, 9, 9]
    assert [conformal_quantile(scores, level) for level in (0.2, 0.1)] == [2, 1]
    assert conformal_quantile(np.array([np.nan, 3.0]), 0.9) == 3
    assert conformal_quantile(np.array([]), 0.9) == 0


def test_few_windows_move_all_widths_by_one_factor_that_is_shrunk():
    deviations = np.broadcast_to(SIDES * np.abs(np.array(LEVELS) - 0.5), (5, 3, 1, len(LEVELS)))
    errors = np.full((5, 3, 1), 2.0)
    factors = [2 / 0.25, 2 / 0.4]  # of the intervals of 50 and of 80 %
    wanted = np.exp(8 / (8 + 8) * np.log(factors).mean())
    np.testing.assert_allclose(interval_widths(errors, deviations, LEVELS, windows=8), wanted, rtol=1e-6)
    np.testing.assert_allclose(interval_widths(errors, deviations, LEVELS, windows=0), 1, rtol=1e-6)


def test_many_windows_give_each_step_and_level_its_own_width():
    random = np.random.default_rng(0)
    errors = random.normal(0, 1, (4000, 3, 1)) * np.array([1.0, 2.0, 3.0])[None, :, None]
    widths = interval_widths(errors, None, LEVELS, windows=4000)
    np.testing.assert_allclose(widths[:, 0, LEVELS.index(0.9)], [1.28, 2.56, 3.84], rtol=0.1)
    np.testing.assert_allclose(widths[:, 0, LEVELS.index(0.025)], [1.96, 3.92, 5.88], rtol=0.1)


def test_without_deviations_few_windows_are_pooled_over_a_scale_that_grows_with_the_step():
    random = np.random.default_rng(0)
    steps = np.sqrt(np.arange(1, 17))
    widths = interval_widths(random.normal(0, 1, (60, 16, 1)) * steps[None, :, None], None, LEVELS, windows=20)
    assert (np.diff(widths[:, 0, -1]) > 0).all()
    upper = widths[:, 0, LEVELS.index(0.9)]
    np.testing.assert_allclose(
        np.diff(upper) / np.diff(steps), (upper[1] - upper[0]) / (steps[1] - steps[0]), rtol=1e-4
    )


def test_unknown_errors_do_not_count():
    errors = np.random.default_rng(0).normal(0, 1, (300, 3, 1))
    gaps = np.concatenate([errors, np.full((50, 3, 1), np.nan)])
    np.testing.assert_array_equal(interval_widths(gaps, None, LEVELS, 300), interval_widths(errors, None, LEVELS, 300))


def test_quantiles_cannot_cross_and_their_median_is_the_forecast():
    layer = IntervalWidths(LEVELS)
    forecast = np.random.default_rng(0).normal(size=(5, H, 2)).astype("float32")
    assert np.array_equal(keras.ops.convert_to_numpy(layer(forecast)), forecast)
    layer.widths.assign(np.random.default_rng(1).normal(0, 2, (H, 2, len(LEVELS))))
    quantiles = keras.ops.convert_to_numpy(layer.quantiles(forecast))
    assert (np.diff(quantiles, axis=-1) >= 0).all()
    np.testing.assert_array_equal(quantiles[..., len(LEVELS) // 2], forecast)
    assert not layer.trainable_weights


# Calibration


def test_calibrated_intervals_hold_their_share_of_held_out_rows():
    model = built(table(60))
    model.calibrate(table(2000, seed=1))
    fresh = table(2000, seed=2)
    quantiles = model.predict_quantiles(fresh)[:-H, :, 0]
    came = np.stack([fresh["sales"].to_numpy()[12 + at : 12 + H + at] for at in range(len(quantiles))])
    for low, high, level in ((3, 7, 0.8), (1, 9, 0.95)):
        inside = (came >= quantiles[..., low]) & (came <= quantiles[..., high])
        assert inside.mean() == pytest.approx(level, abs=0.05)


def test_a_model_is_not_calibrated_before_and_says_so():
    model = built(table())
    assert model.quantile_levels == ()
    for call in (
        lambda: model.forecast(table(), levels=(80,)),
        lambda: model.predict_quantiles(table()),
        lambda: model.sample_paths(table()),
    ):
        with pytest.raises(ValueError, match=r"not calibrated\. Call model\.calibrate\(table\)"):
            call()


def test_a_model_without_quantiles_cannot_be_calibrated():
    model = built(table(), quantiles=())
    with pytest.raises(ValueError, match="calibrate: this model was built without quantiles"):
        model.calibrate(table())


def test_the_quantiles_of_the_pretrained_network_need_no_calibration():
    model = sk.build_forecaster(like=table(), horizon=H, weights="synthetic")
    with pytest.raises(ValueError, match="calibrate: the quantiles of this model are those of its network"):
        model.calibrate(table())


def test_other_levels_are_chosen_at_the_builder():
    model = built(table(), quantiles=(0.1, 0.5, 0.9))
    model.calibrate(table())
    assert model.quantile_levels == (0.1, 0.5, 0.9)
    assert list(model.forecast(table(), levels=(80,)).columns) == ["sales", "sales-lo-80", "sales-hi-80"]
    with pytest.raises(ValueError, match="a level of 95 % is beyond the outermost quantiles of the model, 80 %"):
        model.forecast(table(), levels=(95,))
    with pytest.raises(ValueError, match="quantiles must rise"):
        built(table(), quantiles=(0.1, 0.5))


def test_the_recipe_calibrates_unless_it_is_told_not_to():
    options = {"horizon": H, "timesteps": 12, "season": SEASON, "units": 3, "epochs": 1, "seed": 0, "verbose": 0}
    model = sk.train_forecaster(table(), **options)
    assert is_calibrated(model)
    assert not is_calibrated(sk.train_forecaster(table(), intervals=False, **options))
    alone = sk.train_forecaster(table(), members=(), **options)
    forecast = alone.forecast(table(), levels=(80, 95))
    assert (forecast["sales-lo-95"] <= forecast["sales-lo-80"]).all()
    assert (forecast["sales-lo-80"] < forecast["sales-hi-80"]).all()


def test_each_series_of_a_panel_has_intervals():
    model = built(panel("a", "b"))
    model.calibrate(panel("a", "b"))
    forecast = model.forecast(panel("a", "b"), levels=(80,))
    assert forecast.shape == (2 * H, 3)
    assert (forecast["sales-lo-80"] < forecast["sales-hi-80"]).all()


# Forecasts


def test_bounds_stand_beside_each_target_and_do_not_move_the_forecast():
    model = calibrated(("sales", "visits"))
    frame = table(columns=("sales", "visits"))
    forecast = model.forecast(frame, levels=(80, 95))
    ends = ["", "-lo-80", "-hi-80", "-lo-95", "-hi-95"]
    assert list(forecast.columns) == [f"{target}{end}" for target in ("sales", "visits") for end in ends]
    np.testing.assert_allclose(forecast[["sales", "visits"]], model.forecast(frame), rtol=1e-6)
    quantiles = model.predict_quantiles(frame)[-1]
    np.testing.assert_allclose(forecast["visits-hi-95"], quantiles[:, 1, LEVELS.index(0.975)], rtol=1e-6)


def test_intervals_reach_as_far_as_the_horizon():
    problem = f"intervals reach as far as the horizon, {H} rows, got steps=9. Build with horizon=9"
    with pytest.raises(ValueError, match=problem):
        calibrated().forecast(table(), steps=9, levels=(80,))
    assert len(calibrated().forecast(table(), steps=2, levels=(80,))) == 2


@pytest.mark.parametrize("transform", ["none", "log"])
def test_saved_and_exported_the_quantiles_are_the_same(transform, tmp_path):
    import tensorflow as tf

    model = built(table(), transform=transform)
    model.calibrate(table(seed=1))
    wanted = model.predict_quantiles(table())[-1:]
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(loaded.predict_quantiles(table())[-1:], wanted)
    model.export(tmp_path / "1")
    served = tf.saved_model.load(tmp_path / "1")
    answer = served.serve(table().to_numpy("float32")[None])
    np.testing.assert_allclose(answer["quantiles"], wanted, rtol=1e-5)
    np.testing.assert_allclose(answer["forecast"][..., 0], wanted[..., 0, len(LEVELS) // 2], rtol=1e-5)
    np.testing.assert_allclose(served.describe()["levels"], LEVELS)


def test_an_export_calls_the_graph_of_forecasts_where_there_is_no_gpu(tmp_path, monkeypatch):
    model, traced, quantiles = calibrated(), [], IntervalWidths.quantiles
    expected = model.forecast(table(), levels=(80,))

    def noted(layer, *given):
        traced.append(layer)
        return quantiles(layer, *given)

    monkeypatch.setattr(IntervalWidths, "quantiles", noted)
    for has_gpu in (False, True):
        monkeypatch.setattr("seqkit.forecasting.parts.has_gpu", lambda has_gpu=has_gpu: has_gpu)
        model.export(tmp_path / "served")
        assert len(traced) == has_gpu
    pd.testing.assert_frame_equal(model.forecast(table(), levels=(80,)), expected)


# Paths


def test_paths_have_the_quantiles_of_their_steps_and_their_neighbours_go_together():
    model = calibrated()
    paths = model.sample_paths(table(), 4000, seed=3)
    assert paths.shape == (H, 4000)
    bounds = model.forecast(table(), levels=(80,))
    found = paths.quantile([0.1, 0.9], axis=1).T
    np.testing.assert_allclose(found, bounds[["sales-lo-80", "sales-hi-80"]], rtol=0.01)
    assert np.corrcoef(paths.to_numpy())[0, 1] == pytest.approx(0.85, abs=0.05)
    pd.testing.assert_frame_equal(paths, model.sample_paths(table(), 4000, seed=3))
    assert not paths.equals(model.sample_paths(table(), 4000, seed=4))


def test_paths_of_several_targets_and_of_a_panel():
    two = calibrated(("sales", "visits")).sample_paths(table(columns=("sales", "visits")), 5)
    assert two.columns.names == ["target", "path"]
    assert two.shape == (H, 10)
    model = built(panel("a", "b"))
    model.calibrate(panel("a", "b"))
    assert model.sample_paths(panel("a", "b"), 5).groupby("shop").sum().shape == (2, 5)


# Backtests


def backtest_rows():
    return pd.DataFrame(
        {
            "step": [1, 2, 3] * 2,
            "target": "sales",
            "actual": [10.0, 11, 12, 10, 11, np.nan],
            "forecast": 10.0,
            "naive": 9.0,
            "lo-80": 9.0,
            "hi-80": 11.5,
        }
    )


def test_the_table_of_intervals_counts_what_lies_inside_by_thirds():
    found = interval_table(backtest_rows(), {"sales": 2.0}, period=2)
    assert found.index.tolist() == [(80.0, "1"), (80.0, "2"), (80.0, "3"), (80.0, "all")]
    assert found["coverage"].tolist() == [1, 1, 0, 0.8]
    assert found["rows"].tolist() == [2, 2, 1, 5]
    assert found["least"].iloc[-1] == pytest.approx(0.2836, abs=1e-3)  # binom.test(4, 5) of R
    assert found["most"].iloc[-1] == pytest.approx(0.9949, abs=1e-3)
    np.testing.assert_allclose(found["width"], 2.5)
    naive = 2 * 1.2816 * 2
    np.testing.assert_allclose(found["naive_width"].iloc[:3], [naive, naive, naive * np.sqrt(2)], rtol=1e-3)


def test_the_crps_of_a_forecast_without_quantiles_is_its_absolute_error():
    rows = backtest_rows().dropna()
    found = crps(rows, ["forecast", "naive"])
    assert found["naive"] == pytest.approx((rows["actual"] - 9).abs().sum() / rows["actual"].sum(), rel=1e-6)
    assert found["forecast"] < found["naive"]


def test_a_backtest_tells_the_coverage_of_a_model_with_intervals_alone():
    model = calibrated()
    model.trained_until = "2024-01-02"
    result = sk.backtest(model, table(72, seed=1), origins=2, refit=False, ets=False, verbose=0)
    assert set(result.intervals.index.get_level_values("level")) == {80, 95}
    assert result.intervals.loc[(80, "all"), "rows"] == 2 * H
    assert "scaled_crps" in result.scores
    assert "Intervals: " in result.verdict
    plain = built(table(60))
    plain.trained_until = "2024-01-02"
    without = sk.backtest(plain, table(72, seed=1), origins=2, refit=False, ets=False, verbose=0)
    assert without.intervals is None
    assert "scaled_crps" not in without.scores


# Pictures


def test_a_forecast_is_drawn_with_its_intervals_and_without_a_panel_for_a_bound():
    forecast = calibrated().forecast(table(), levels=(80, 95))
    figure = sk.plot_forecast(table(), forecast)
    assert len(figure.axes) == 1
    labels = figure.axes[0].get_legend_handles_labels()[1]
    assert labels[:2] == ["95 %", "80 %"]
    assert len(figure.axes[0].collections) == 2


def test_widths_are_set_times_a_ratio():
    model = built(table())
    errors = np.random.default_rng(0).normal(0, 1, (200, H, 1))
    set_intervals(model, Scores(errors, None, 200))
    full = model.get_layer("intervals").get_weights()[0]
    set_intervals(model, Scores(errors, None, 200), ratio=0.5)
    np.testing.assert_allclose(model.get_layer("intervals").get_weights()[0], full / 2)


@pytest.mark.parametrize("transform", ["asinh", "log"])
def test_a_ratio_of_the_pretrained_member_does_not_multiply_the_forecast_without_bound(transform, monkeypatch):
    ratios = [0.1, 0.2, 0.3, 0.4, 0.5, 1, 1.5, 3, 100, 1e4, 1e5]  # of its median; that of the forecast is about 100
    raw = 0.2 * np.array(ratios, "float32")

    def quantiles(layer, past, level, spread):
        of_window = np.broadcast_to(raw[:, None, None, None], (len(LEVELS), 1, H, 1))
        return layer.raw_units.scale(keras.ops.convert_to_tensor(of_window), level, spread)

    monkeypatch.setattr(MemberForecasts, "_pretrained_quantiles", quantiles)
    model = built(table(), transform=transform, members=("theta", "pretrained"))
    set_share(model, 1.0)
    layer = intervals_of(model)
    layer.widths.assign(np.full(layer.widths.shape, 1.5))
    layer.windows.assign(20.0)
    found = model.predict_quantiles(table())[-1, 0, 0]
    middle = len(LEVELS) // 2
    assert found[middle] == pytest.approx(100, rel=0.2)
    assert found[-1] == pytest.approx(found[middle] + 1.5 * 3 * (raw[-1] - raw[middle]), rel=1e-4)
    if transform == "log":
        assert found[middle + 1] == pytest.approx(found[middle] * 1.5**1.5, rel=1e-3)
    assert (np.diff(found) >= 0).all()
    assert found[0] >= 0


def test_after_more_training_a_model_is_not_calibrated_any_more():
    model = built(table())
    model.calibrate(table())
    model.fit(table(), epochs=1, verbose=0)
    assert model.quantile_levels == ()


@pytest.mark.parametrize("options", [{"quantiles": ()}, {"preset": "article"}])
def test_the_recipe_trains_a_model_without_quantiles(options):
    model = sk.train_forecaster(table(), horizon=H, timesteps=12, epochs=1, seed=0, verbose=0, **options)
    assert not is_calibrated(model)
    assert np.isfinite(model.forecast(table())).all(axis=None)
