"""Values of any size: the same forecast in units of the scale, or a refusal in words."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import seqkit as sk
from seqkit.forecasting.checks import LARGEST_IN_FLOAT32

SMALL = {"horizon": 4, "timesteps": 24, "season": 12, "units": 3}


def signed(rows: int = 60) -> pd.DataFrame:
    months = np.arange(rows)
    values = 2 * np.sin(2 * np.pi * months / 12) + np.cos(months / 7)
    return pd.DataFrame({"flow": values}, pd.date_range("2015", periods=rows, freq="MS"))


def forecasts(table: pd.DataFrame, scales: tuple[float, ...]) -> list[pd.DataFrame]:
    """The forecasts of the table times each scale, in units of the scale."""
    model: sk.Forecaster | bool = True
    found = []
    for scale in scales:
        model = sk.train_forecaster(table * scale, epochs=4, seed=3, verbose=0, reuse=model, **SMALL)
        found.append(model.forecast(table * scale) / scale)
    return found


@pytest.mark.slow
def test_a_signed_series_is_forecast_alike_at_every_scale():
    expected, *others = forecasts(signed(), (1.0, 1e-12, 1e-7, 1e12))
    for other in others:
        np.testing.assert_allclose(other, expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("scale", [1e-12, 1e12])
def test_the_season_is_seen_at_every_scale(scale):
    assert sk.build_forecaster(like=signed(120) * scale, horizon=12).settings.season == 12


@pytest.mark.parametrize("scaling", ["window", "standard"])
@pytest.mark.parametrize("scale", [1e-30, 1e-20, 1e20, 1e30])
def test_a_spread_beyond_float32_is_refused_with_the_way_out(scale, scaling):
    way_out = "Multiply it by a power of ten" if scale < 1 else "Divide it by a power of ten"
    with pytest.raises(ValueError, match=f"'flow' varies by .* cannot hold the square of that. {way_out}"):
        sk.build_forecaster(like=signed() * scale, scaling=scaling, **SMALL)


@pytest.mark.parametrize("value", [1e39, -1e39])
def test_a_value_that_float32_does_not_hold_is_refused(value):
    model = sk.build_forecaster(like=signed(), **SMALL)
    table = signed()
    table.iloc[-1] = value
    for verb in (model.forecast, model.predict, model.fit):
        with pytest.raises(ValueError, match=r"column 'flow', row 2019-12-01.* is larger than float32 holds, 3.4e\+38"):
            verb(table)
    assert abs(value) > LARGEST_IN_FLOAT32


@pytest.mark.slow
def test_positive_values_of_any_size_are_forecast_on_a_log_scale():
    expected, *others = forecasts(np.exp(signed() / 10), (1.0, 1e-30, 1e30))
    for other in others:
        np.testing.assert_allclose(other, expected, rtol=1e-3)


@pytest.mark.parametrize("scale", [1e-12, 1e12])
def test_a_classifier_by_series_scaling_sees_shapes_at_every_scale(scale):
    shapes = [np.sin(np.arange(12)[:, None] * rate) for rate in (0.5, 1.5) * 6]
    plain, scaled = (
        sk.build_classifier(like=series, labels=["slow", "quick"] * 6, scaling="series", units=3)
        for series in (shapes, [shape * scale for shape in shapes])
    )
    scaled.set_weights(plain.get_weights())
    np.testing.assert_allclose(
        scaled.predict([shape * scale for shape in shapes], verbose=0), plain.predict(shapes, verbose=0), atol=1e-5
    )
