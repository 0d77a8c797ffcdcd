"""Members that each window of a panel weighs by itself: by what they would have forecast of its last steps."""

import keras
import numpy as np
import pandas as pd
import pytest

import seqkit as sk
from seqkit.forecasting.member_forecasts import MemberForecasts, has_fold
from seqkit.forecasting.members import members_of, set_share
from seqkit.layers import SmoothedBaseline, Theta

H = 3
BOTH = ("theta", "smoothed")


def random_past(timesteps=24, columns=2):
    return np.random.default_rng(0).normal(size=(4, timesteps, columns)).cumsum(axis=1).astype("float32")


def simple(layer, past, **options):
    layer(past, np.zeros((len(past), H, past.shape[2]), "float32"), **options)
    return keras.ops.convert_to_numpy(layer.mean_of_members(past, **options)[0])


def panel(shops=3, rows=72):
    random, months = np.random.default_rng(1), np.arange(rows)
    wave = np.sin(2 * np.pi * months / 12)
    sales = [100 * (shop + 1) * (1 + 0.3 * wave) * np.exp(random.normal(0, 0.1, rows)) for shop in range(shops)]
    stamps = pd.date_range("2015-01-01", periods=rows, freq="MS")
    tables = [pd.DataFrame({"shop": f"s{shop}", "month": stamps, "sales": own}) for shop, own in enumerate(sales)]
    return sk.as_panel(pd.concat(tables), series="shop", time="month")


def test_the_weights_are_the_errors_in_the_last_horizon_to_the_power_of_minus_four():
    past = random_past()
    kinds = Theta(H, 4), SmoothedBaseline(H, 4)
    ahead = np.stack([np.asarray(kind(past)) for kind in kinds])
    before = np.stack([np.asarray(kind(past[:, :-H])) for kind in (Theta(H, 4), SmoothedBaseline(H, 4))])
    weights = np.abs(before - past[:, -H:]).mean(axis=2, keepdims=True) ** -4
    expected = (ahead * weights / weights.sum(axis=0)).sum(axis=0)
    found = simple(MemberForecasts(BOTH, H, 4, judged=True), past)
    np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-3)


def test_a_member_that_was_right_about_the_last_steps_counts_alone():
    """The season goes on in the last steps of the window, and Theta alone knows it."""
    past = np.tile(np.array([0.0, 3.0, -2.0, 5.0], "float32"), 8)[None, :, None]
    layer = MemberForecasts(("theta", "pretrained"), H, 4, transforms=("none",), judged=True)
    known = {"raw": past, "level": np.zeros((1, 1, 1), "float32"), "spread": np.ones((1, 1, 1), "float32")}
    theta = np.asarray(Theta(H, 4)(past))
    np.testing.assert_allclose(simple(layer, past, **known), theta, atol=1e-2)


def test_a_window_with_too_few_steps_before_its_last_horizon_weighs_all_members_equally():
    past = random_past(timesteps=9)
    judged, equal = (MemberForecasts(BOTH, H, 4, judged=which) for which in (True, False))
    np.testing.assert_allclose(simple(judged, past), simple(equal, past), rtol=1e-5)


def test_unknown_steps_leave_a_forecast():
    past = random_past()
    raw = past.copy()
    raw[:2, -H:] = np.nan
    layer = MemberForecasts(("theta", "pretrained"), H, 4, transforms=("none", "none"), judged=True)
    known = {"raw": raw, "level": np.zeros((4, 1, 2), "float32"), "spread": np.ones((4, 1, 2), "float32")}
    assert np.isfinite(simple(layer, past, **known)).all()
    holes = np.where(np.isnan(raw), np.nan, past)
    layer = MemberForecasts(BOTH, H, 4, judged=True)
    layer(holes, np.zeros((4, H, 2), "float32"))
    weights = np.asarray(layer._weights_in_window(holes, None, None, None))
    np.testing.assert_allclose(weights[:, :2], 0.5)


@pytest.mark.parametrize(
    ("timesteps", "horizon", "season", "long_season", "expected"),
    [
        (24, 3, 4, 1, True),
        (24, 12, 1, 1, True),
        (24, 13, 1, 1, False),  # fewer steps than a horizon
        (24, 3, 12, 1, False),  # one whole season left of two
        (24, 3, 20, 1, True),  # not even the whole window has two
        (504, 48, 24, 168, True),
        (192, 48, 24, 168, False),  # the long season is lost
    ],
)
def test_a_window_is_judged_where_it_has_the_same_seasons_without_its_last_horizon(
    timesteps, horizon, season, long_season, expected
):
    assert has_fold(timesteps, horizon, season, long_season) is expected


@pytest.mark.parametrize(
    ("members", "judged", "expected"),
    [(("theta", "pretrained"), True, 1), (("theta", "pretrained"), False, 12), (("pretrained",), True, 12)],
)
def test_the_pretrained_member_knows_the_short_season_alone_where_another_knows_both(members, judged, expected):
    layer = MemberForecasts(members, H, 4, 12, transforms=("none",), judged=judged)
    assert layer.pretrained.second_season == expected


def test_the_recipe_judges_the_members_of_a_panel_and_what_it_saves_forecasts_the_same(tmp_path):
    table = panel()
    options = {"horizon": H, "timesteps": 36, "units": 3, "cell": "simple_rnn", "intervals": False}
    model = sk.train_forecaster(table, **options, epochs=1, seed=0, verbose=0)
    layer = members_of(model)
    assert model.settings.members == ("theta", "pretrained")
    assert layer.judged
    assert layer.pretrained_share is None
    set_share(model, 0.5)
    model.save(tmp_path / "model.keras")
    forecast = model.forecast(table)
    pd.testing.assert_frame_equal(keras.models.load_model(tmp_path / "model.keras").forecast(table), forecast)


def test_a_single_table_and_a_model_from_before_are_not_judged():
    shop = panel().loc["s0"]
    assert not sk.build_forecaster(like=shop, horizon=H, timesteps=36, units=3, members="theta").settings.judges_members
    model = sk.build_forecaster(like=panel(), horizon=H, timesteps=36, units=3, members=BOTH)
    config = model.get_config()
    assert config["settings"].pop("judges_members")
    assert not members_of(type(model).from_config(config)).judged


def test_steps_that_are_unknown_judge_no_member():
    """What fills a gap in scaled units may be anything; the weights stay those of the known steps."""
    past = random_past()
    raw, filled = past.copy(), past.copy()
    raw[:, -2], filled[:, -2] = np.nan, 50.0
    layer = MemberForecasts(("theta", "pretrained"), H, 4, transforms=("none", "none"), judged=True)
    known = {"raw": raw, "level": np.zeros((4, 1, 2), "float32"), "spread": np.ones((4, 1, 2), "float32")}
    layer(past, np.zeros((4, H, 2), "float32"), **known)
    found = [np.asarray(layer._weights_in_window(scaled, *known.values())) for scaled in (past, filled)]
    np.testing.assert_allclose(*found, rtol=1e-4)
    assert (np.abs(found[0] - 0.5) > 0.01).any()
