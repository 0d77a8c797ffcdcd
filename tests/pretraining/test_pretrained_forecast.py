"""The pretrained network as a layer: raw series in, quantiles in their units out."""

import keras
import numpy as np
import pytest

from seqkit.layers.quantiles import LEVELS
from seqkit.pretraining.forecast import PretrainedForecast
from seqkit.pretraining.weights import load_synthetic


def layer(horizon=12, season=12, **options):
    made = PretrainedForecast(horizon, season, **options)
    load_synthetic(made.network)
    return made


def past(rows=120, level=50.0, columns=1, seed=0):
    months = np.arange(rows)[:, None]
    noise = np.random.default_rng(seed).normal(0, 1, (rows, columns))
    return (level + 10 * np.sin(2 * np.pi * months / 12) + noise)[None].astype("float32")


SEEN = past(columns=2)
QUANTILES = np.asarray(layer()(SEEN))


def test_quantiles_of_each_target_rise_and_hold_its_season():
    assert QUANTILES.shape == (1, 12, 2, len(LEVELS))
    assert (np.diff(QUANTILES, axis=-1) >= 0).all()
    season = 10 * np.sin(2 * np.pi * np.arange(120, 132) / 12)
    for column in range(2):
        assert np.corrcoef(QUANTILES[0, :, column, 5], season)[0, 1] > 0.9


def test_each_column_is_forecast_as_if_it_were_alone():
    np.testing.assert_allclose(np.asarray(layer()(SEEN[..., 1:]))[:, :, 0], QUANTILES[:, :, 1], rtol=1e-4)


def test_the_forecast_follows_the_units():
    """A series in other units, thousandths of which no rounding makes zero."""
    np.testing.assert_allclose(np.asarray(layer()(SEEN * 1000)), QUANTILES * 1000, rtol=2e-3)


def test_unknown_values_are_nan_and_a_short_series_is_one_with_unknown_steps_before_it():
    made = layer()
    padded = np.pad(SEEN, ((0, 0), (30, 0), (0, 0)), constant_values=np.nan)
    np.testing.assert_allclose(np.asarray(made(padded)), QUANTILES, rtol=1e-5)
    with_gap = SEEN.copy()
    with_gap[:, 60:63] = np.nan
    assert np.isfinite(np.asarray(made(with_gap))).all()


def test_negative_and_constant_series_have_finite_forecasts():
    made = layer()
    for values in (past(level=0.0), np.full((1, 50, 1), 7.0, "float32"), np.zeros((1, 50, 1), "float32")):
        assert np.isfinite(np.asarray(made(values))).all()


def test_other_levels_lie_between_those_of_the_network():
    few = np.asarray(layer(levels=(0.1, 0.4, 0.5, 0.6, 0.9))(SEEN))
    np.testing.assert_allclose(few[..., [0, 2, 4]], QUANTILES[..., [3, 5, 7]], rtol=1e-5)
    assert ((QUANTILES[..., 4] <= few[..., 1]) & (few[..., 1] <= QUANTILES[..., 5])).all()


def test_steps_beyond_the_network_come_from_sample_paths_and_begin_with_the_same_steps():
    longer = np.asarray(layer(horizon=100)(SEEN[..., :1]))
    assert longer.shape == (1, 100, 1, len(LEVELS))
    np.testing.assert_allclose(longer[:, :12], QUANTILES[:, :, :1], rtol=1e-5)
    assert (np.diff(longer, axis=-1) >= 0).all()
    assert longer[0, 64:, 0].std(axis=-1).min() > 0.1


def test_the_layer_comes_back_from_its_config():
    again = keras.layers.deserialize(keras.layers.serialize(layer(horizon=5, season=7, second_season=30)))
    assert (again.horizon, again.season, again.second_season, again.levels) == (5, 7, 30, LEVELS)


def test_a_horizon_of_nothing_is_refused():
    with pytest.raises(ValueError, match="PretrainedForecast: horizon must be 1 or more"):
        PretrainedForecast(0)
