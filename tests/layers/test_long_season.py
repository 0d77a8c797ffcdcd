"""The longer season of a baseline: as it is where its seasons agree, none where they do not, and never a trend."""

import numpy as np
import pytest
from keras import ops

import seqkit as sk
from seqkit.forecasting.member_forecasts import MemberForecasts
from seqkit.forecasting.parts import members_of
from seqkit.layers import ExponentialSmoothing, SmoothedBaseline, Theta
from seqkit.layers.exponential_smoothing import DECAY_OF_LONG_SEASONS
from seqkit.layers.season_shapes import shrunk_season_shape

DAY, WEEK = 4, 28
NARROW = 0.1  # a kernel that averages over no neighbour
EACH = pytest.mark.parametrize("kind", [SmoothedBaseline, ExponentialSmoothing, Theta])


def week_of(seed):
    shape = np.repeat(np.random.default_rng(seed).normal(size=WEEK // DAY), DAY)
    return shape - shape.mean()


def shape_of(values, width=NARROW):
    past = np.atleast_2d(values).astype("float32")[..., None]
    found = shrunk_season_shape(past, WEEK, DECAY_OF_LONG_SEASONS, np.float32(width))
    return ops.convert_to_numpy(found)[..., 0]


def forecast_of(layer, values):
    return ops.convert_to_numpy(layer(np.atleast_2d(values).astype("float32")[..., None]))[..., 0]


@pytest.mark.parametrize("seasons", [1, 2, 5])
def test_seasons_that_agree_are_taken_as_they_are(seasons):
    np.testing.assert_allclose(shape_of(np.tile(week_of(0), seasons))[0], week_of(0), atol=1e-5)


def test_a_trend_is_no_season():
    values = np.tile(week_of(0), 3) + 0.3 * np.arange(3 * WEEK)
    np.testing.assert_allclose(shape_of(values)[0], week_of(0), atol=1e-4)
    np.testing.assert_allclose(shape_of(0.3 * np.arange(3 * WEEK)), 0, atol=1e-4)


@pytest.mark.parametrize("seasons", [2, 4, 8])
def test_noise_is_shrunk_to_nearly_nothing(seasons):
    values = np.random.default_rng(1).normal(size=(50, seasons * WEEK))
    assert np.square(shape_of(values)).mean() < 0.1 / seasons  # 1 / seasons as it is


def test_the_shape_is_that_of_james_and_stein():
    """Of two seasons with equal weights, a and b: their mean, times 1 - (a - b)^2 / (a + b)^2 in the mean."""
    first, second = week_of(2), week_of(2) + 0.5 * week_of(3)
    past = np.concatenate([first, second]).astype("float32")[None, :, None]
    found = ops.convert_to_numpy(shrunk_season_shape(past, WEEK, 0.0, np.float32(NARROW)))[0, :, 0]
    mean = (first + second) / 2
    noise, size = np.square(first - second).mean() / 4, np.square(mean).mean()
    np.testing.assert_allclose(found, mean * (1 - noise / size), atol=1e-4)


@EACH
def test_a_random_walk_has_no_long_season(kind):
    """A shape of its two halves would be repeated; without one the forecast is nearly that of the short season."""
    walks = np.random.default_rng(5).normal(size=(40, 2 * WEEK)).cumsum(axis=1)
    without = forecast_of(kind(WEEK, DAY), walks)
    layers = kind(WEEK, DAY, WEEK, shrunk=True), kind(WEEK, DAY, WEEK)
    near, far = (np.abs(forecast_of(layer, walks) - without).mean() for layer in layers)
    assert near < 0.5 * far


@EACH
def test_a_long_season_that_is_there_is_forecast(kind):
    forecast = forecast_of(kind(WEEK, DAY, WEEK, shrunk=True), 10 + np.tile(week_of(7), 4))[0]
    np.testing.assert_allclose(forecast, 10 + week_of(7), atol=0.5 * np.abs(week_of(7)).max())
    assert np.corrcoef(forecast, week_of(7))[0, 1] > 0.9


def test_a_forecaster_of_a_panel_shrinks_the_long_season_of_its_baseline_and_its_members():
    table = sk.load_example("air_passengers")
    panel = sk.as_panel(table.reset_index().assign(line="a"), series="line", time="month")
    options = {"horizon": 3, "timesteps": 48, "season": (12, 24), "members": ("theta",), "units": 2}
    for like, expected in ((panel, True), (table, False)):
        model = sk.build_forecaster(like=like, **options)
        assert members_of(model)._layers_of_members[0].shrunk is expected
        assert model.get_layer("baseline").shrunk is expected


def test_a_forecaster_of_a_panel_from_before_does_not_shrink():
    panel = sk.as_panel(sk.load_example("air_passengers").reset_index().assign(line="a"), series="line", time="month")
    model = sk.build_forecaster(like=panel, horizon=3, timesteps=48, season=(12, 24), members="theta", units=2)
    config = model.get_config()
    assert config["settings"].pop("shrinks_long_season")
    old = type(model).from_config(config)
    assert not old.get_layer("baseline").shrunk
    assert not members_of(old)._layers_of_members[0].shrunk


def test_members_know_whether_they_shrink():
    layer = MemberForecasts(("theta", "smoothed"), 3, DAY, WEEK, shrunk=True)
    assert MemberForecasts.from_config(layer.get_config()).shrunk
    assert [member.shrunk for member in layer._layers_of_members] == [True, True]
