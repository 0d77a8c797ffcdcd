"""What a forecast is made of: parts that sum, effects that are known, a check that can fail, and what is refused."""

import functools

import numpy as np
import pandas as pd
import pytest
from test_covariates import KNOWN, PROMOTION, TINY, built, cut, effects_of, shaken, shop, shops

import seqkit as sk
from seqkit.forecasting.explained_parts import blocks_of_past, usual_value
from seqkit.forecasting.explained_words import _orders

HORIZON = TINY["horizon"]


@functools.cache
def known_ahead():
    """A model of a promotion and a price, with random weights."""
    return shaken(built(cut(shop())[0]))


def differences(found):
    return found.forecast["forecast"] - found.forecast["baseline"]


def gap(found):
    """The largest difference between the sum of the parts and that of the forecasts."""
    return float((found.parts.sum(axis=1) - differences(found)).abs().max() / found.forecast["forecast"].abs().max())


def test_the_parts_of_each_step_sum_to_the_forecast_minus_its_baseline():
    past, future = cut(shop())
    found = sk.explain(known_ahead(), past, future)
    assert found.parts.columns.tolist() == [
        *KNOWN,
        "price: past",
        "promotion: past",
        "last season",
        "2 seasons back",
    ]
    assert gap(found) < 1e-12
    assert 0 <= found.remainder <= 0.01
    assert (found.parts.abs().max() > 0).all()
    forecast = known_ahead().forecast(past, future=future)["sales"]
    np.testing.assert_allclose(found.forecast["forecast"], forecast, rtol=1e-6)
    assert found.parts.index.equals(forecast.index)
    assert found.past.index.equals(past.index[-14:])
    assert found.past["part"].tolist() == ["2 seasons back"] * 7 + ["last season"] * 7
    assert "most is due to" in found.verdict


@functools.cache
def of_calendar():
    """A model of the calendar, with its past and future rows."""
    past, future = cut(shop())
    model = shaken(built(past, calendar=("weekday", "month"), holidays="DE"))
    layer = model.get_layer("covariates")
    layer.kernel.assign(np.random.default_rng(1).normal(0, 0.02, layer.kernel.shape))
    return model, past, future


CALENDAR = ["calendar: weekday", "calendar: month", "calendar: holidays"]


def without_calendar(model, names=CALENDAR):
    """The factors of the effects, 0 for the features of these parts of the calendar."""
    features = [f"calendar: {name}" for name in model.get_layer("calendar").names]
    factor = np.array(model.get_layer("covariates").factor)
    factor[-len(features) :] *= [feature not in names for feature in features]
    return factor


def test_the_calendar_has_parts_that_sum_with_the_others():
    model, past, future = of_calendar()
    factor = np.array(model.get_layer("covariates").factor)
    found = sk.explain(model, past, future)
    assert gap(found) < 1e-12
    assert found.remainder <= 0.01
    assert [name for name in found.parts if "calendar" in name] == CALENDAR
    assert (found.parts[CALENDAR].abs().max() > 0).all()
    np.testing.assert_array_equal(model.get_layer("covariates").factor, factor)
    forecast = model.forecast(past, future=future)["sales"]
    np.testing.assert_allclose(found.forecast["forecast"], forecast, rtol=1e-6)


def test_without_a_part_of_the_calendar_the_model_reads_its_mean():
    model, past, future = of_calendar()
    found = sk.explain(model, past, future)
    layer, factor = model.get_layer("covariates"), np.array(model.get_layer("covariates").factor)
    try:
        for name in CALENDAR:
            layer.factor.assign(without_calendar(model, [name]))
            np.testing.assert_allclose(found.without[name], model.forecast(past, future=future)["sales"], rtol=1e-5)
            layer.factor.assign(factor)
        layer.factor.assign(without_calendar(model))
        alone = sk.explain(model, past, future)  # a model whose calendar tells nothing
        np.testing.assert_allclose(alone.forecast["baseline"], found.forecast["baseline"], rtol=1e-5)
        np.testing.assert_allclose(alone.parts[CALENDAR], 0, atol=1e-9)
    finally:
        layer.factor.assign(factor)


def test_the_deletion_check_takes_the_calendar_away_too():
    model, past, future = of_calendar()
    check = sk.check_explanation(model, past, windows=2, repeats=2)
    assert len(check.curve) == len(sk.explain(model, past, future).parts.columns) + 1
    np.testing.assert_allclose(check.curve.iloc[-1][["largest_first", "random", "smallest_first"]], 1, rtol=1e-4)


@functools.cache
def of_words():
    """A model of words known ahead, of the past, and of each shop, with its past and future rows."""
    panel = shops().drop(columns="price")
    kinds = np.where(panel["promotion"] > 0, np.resize(["gift", "half price"], len(panel)), "none")
    panel = panel.assign(
        kind=pd.Categorical(kinds), weather=pd.Categorical(np.resize(["sun", "rain", "sun"], len(panel)))
    )
    panel["region"] = pd.Categorical(panel.index.get_level_values(0).map({"s0": "north", "s1": "south", "s2": "south"}))
    rows_left = panel.groupby(level=0).cumcount(ascending=False)
    past, future = panel[rows_left >= HORIZON], panel[rows_left < HORIZON]
    known = {"targets": "sales", "future_columns": ["kind", "promotion"], "static_columns": "region"}
    return shaken(sk.build_forecaster(like=past, **known, **TINY)), past, future[["kind", "promotion"]]


def test_words_have_parts_that_sum_with_those_of_numbers():
    model, past, future = of_words()
    found = sk.explain(model, past, future)
    assert {"kind", "kind: past", "promotion", "weather: past", "region"} <= set(found.parts)
    assert gap(found) < 1e-12
    assert (found.parts[["kind", "weather: past", "region"]].abs().max() > 0).all()
    forecast = model.forecast(past, future=future)["sales"]
    np.testing.assert_allclose(found.forecast["forecast"], forecast.reindex(found.forecast.index), rtol=1e-5)
    assert found.reference["kind"].tolist() == ["none"] * 3
    assert found.reference["region"].isna().all()


def test_a_word_that_is_usual_moves_nothing_and_another_one_as_far_as_the_forecast_moves():
    model, past, future = of_words()
    found = sk.explain(model, past, future, series="s1", reference={"region": "south", "promotion": 0})
    usual = (future["kind"] == "none").reindex(found.parts.index)
    np.testing.assert_allclose(found.parts["kind"][usual], 0, atol=1e-4)
    assert found.reference.loc["s1", "region"] == "south"
    np.testing.assert_allclose(found.parts.get("region", 0), 0, atol=1e-4)
    plain = future.assign(kind=pd.Categorical(["none"] * len(future), future["kind"].cat.categories))
    without = model.forecast(past, future=plain)["sales"].reindex(found.without.index)
    np.testing.assert_allclose(found.without["kind"], without, rtol=1e-5)


def test_a_reference_that_is_no_word_of_the_column_is_refused():
    model, past, future = of_words()
    with pytest.raises(ValueError, match="reference of 'kind' must be one of its words.*got 'gifts'.*Did you mean"):
        sk.explain(model, past, future, reference={"kind": "gifts"})


def test_the_deletion_check_removes_words_too():
    model, past, _ = of_words()
    assert "matter" in sk.check_explanation(model, past, windows=2, repeats=2).verdict


@pytest.mark.parametrize(("columns", "orders"), [(1, 1), (3, 6), (6, 12)])
def test_few_columns_of_words_are_put_in_in_all_orders_and_more_in_two_each(columns, orders):
    found = _orders(columns)
    assert len(set(found)) == orders
    assert all(sorted(order) == list(range(columns)) for order in found)
    assert len({order.index(0) for order in found}) == columns  # each column stands in each place


def test_the_effect_of_a_known_promotion_is_the_one_of_the_model():
    past, future = cut(shop())
    model = built(past)
    layer = model.get_layer("covariates")
    kernel = np.array([[0.0], [PROMOTION]], "float32") / (10 * np.array(layer.factor)[:, None])
    layer.kernel.assign(kernel)
    np.testing.assert_allclose(effects_of(model), [0, PROMOTION], atol=1e-6)
    future = future.assign(promotion=[0.0, 1, 0, 1, 0])
    found = sk.explain(model, past, future)
    effect = found.forecast["forecast"] / found.without["promotion"]
    np.testing.assert_allclose(effect, 1.3 ** future["promotion"], rtol=1e-4)
    assert (found.parts["promotion"][future["promotion"] == 0] == 0).all()
    assert (found.parts["promotion"][future["promotion"] == 1] > 0).all()
    np.testing.assert_allclose(found.parts["price"], 0, atol=1e-6)
    assert found.reference.loc["reference", "promotion"] == 0
    assert found.reference.loc["reference", "sales"] == pytest.approx(past["sales"][-14:].mean())


def test_the_reference_can_be_chosen():
    past, future = cut(shop())
    found = sk.explain(known_ahead(), past, future, reference={"promotion": 1, "price": 4.0})
    assert found.reference.loc["reference", ["promotion", "price"]].tolist() == [1, 4]
    assert gap(found) < 1e-12
    assert (found.parts["promotion"][future["promotion"] == 1] == 0).all()


def test_series_of_a_panel_are_explained_each_after_its_own_last_row():
    panel = shops()
    past = panel[panel.groupby(level=0).cumcount(ascending=False) >= HORIZON].assign(size=0.0)
    past["size"] = past.index.get_level_values(0).map({"s0": 1.0, "s1": 2.0, "s2": 4.0}).astype(float)
    future = panel[panel.groupby(level=0).cumcount(ascending=False) < HORIZON][KNOWN]
    model = shaken(built(past, static_columns="size"))
    found = sk.explain(model, past, future)
    forecast = model.forecast(past, future=future)["sales"]
    np.testing.assert_allclose(found.forecast["forecast"], forecast.reindex(found.forecast.index), rtol=1e-5)
    assert found.parts.index.names == ["shop", "day"]
    assert gap(found) < 1e-12
    assert "size" in found.parts
    assert found.reference["size"].tolist() == pytest.approx([7 / 3] * 3)
    alone = sk.explain(model, past, future.loc[["s1"]], series="s1")
    np.testing.assert_allclose(alone.parts, found.parts.loc[["s1"]], rtol=1e-3, atol=1e-4)
    shorter = past.drop(past.loc[["s0"]].index[:-9])
    with pytest.warns(sk.SeqkitWarning, match="1 of 3 series: 's0'.*left out"):
        assert sk.explain(model, shorter, future).reference.index.tolist() == ["s1", "s2"]


def test_several_targets_have_rows_each_and_missing_values_stay_missing():
    frame = pd.concat([shop()[["sales"]], shop(seed=3)[["sales"]].rename(columns={"sales": "visits"})], axis=1)
    model = shaken(sk.build_forecaster(like=frame, fill="last", **TINY))
    frame.iloc[-4, 0] = np.nan
    found = sk.explain(model, frame)
    assert found.parts.index.names == ["target", "day"]
    assert found.parts.columns.tolist() == ["visits: past", "sales: past", "last season", "2 seasons back"]
    assert found.parts.loc["sales", "sales: past"].isna().all()
    assert gap(found) < 1e-12
    assert np.isnan(found.past.loc["sales", "value"].iloc[-4])


@pytest.mark.slow
@pytest.mark.parametrize("options", [{"weights": "synthetic"}, {"members": ["theta", "pretrained"], "units": 2}])
def test_pretrained_and_simple_members_are_explained_too(options):
    frame = shop(60)[["sales"]]
    model = sk.build_forecaster(like=frame, horizon=3, season=7, **options)
    found = sk.explain(model, frame)
    assert gap(found) < 1e-12
    assert found.remainder <= 0.01
    assert len(found.past) <= 60


def test_a_window_that_never_changes_has_no_parts_of_any_size():
    frame = shop()[["sales"]] * 0 + 5.0
    model = shaken(sk.build_forecaster(like=shop()[["sales"]], **TINY))
    found = sk.explain(model, frame)
    assert (found.parts == 0).all(axis=None)
    assert found.verdict.startswith("Nothing in the input moves the forecast")


def test_blocks_of_the_past_are_seasons_or_grow_with_their_age():
    model = sk.build_forecaster(like=shop()[["sales"]], horizon=2, timesteps=17, season=7, units=2)
    assert blocks_of_past(model.settings) == {
        "last season": slice(10, 17),
        "2 seasons back": slice(3, 10),
        "3 seasons back": slice(0, 3),
    }
    model = sk.build_forecaster(like=shop()[["sales"]], horizon=2, timesteps=11, season=1, units=2)
    assert blocks_of_past(model.settings) == {
        "last row": slice(10, 11),
        "rows 2 to 3 back": slice(8, 10),
        "rows 4 to 9 back": slice(2, 8),
        "rows 10 to 11 back": slice(0, 2),
    }


def test_a_column_of_two_values_is_usually_at_the_more_frequent():
    assert usual_value(np.array([0, 1, 0, np.nan, 0]), False) == 0
    assert usual_value(np.array([1.0, 0, 1, 0]), False) == 0
    assert usual_value(np.array([1.0, 3, 8]), False) == 4
    assert usual_value(np.array([1.0, 3]), True) == 2
    assert np.isnan(usual_value(np.array([np.nan]), False))


def test_without_the_largest_parts_the_forecast_moves_more_than_without_others():
    check = sk.check_explanation(known_ahead(), shop(), windows=7)
    assert check.curve.index.tolist() == list(range(7))
    np.testing.assert_allclose(check.curve.iloc[0], 0, atol=1e-6)
    np.testing.assert_allclose(check.curve.iloc[-1][["largest_first", "random", "smallest_first"]], 1, rtol=1e-5)
    assert check.area > 0.05
    assert (check.curve["largest_first"] >= check.curve["smallest_first"] - 1e-6).all()
    assert check.verdict.startswith("Large parts matter more than random ones: in 7 windows")


def test_the_check_reads_panels():
    model = shaken(built(shops()))
    parts = 2 * len(KNOWN) + len(blocks_of_past(model.settings))
    assert sk.check_explanation(model, shops(), windows=3, repeats=2).curve.shape == (parts + 1, 4)


def test_the_picture_has_the_past_the_forecast_and_its_parts():
    past, future = cut(shop())
    found = sk.explain(known_ahead(), past, future)
    figure = sk.plot_explanation(found, rows=10, title="shop")
    left, right = figure.axes
    assert {line.get_label() for line in left.lines} == {"history", "forecast", "baseline"}
    assert len(left.patches) == 10
    total = next(line for line in right.lines if line.get_label() == "sum")
    np.testing.assert_allclose(total.get_ydata(), differences(found))
    heights = sum(np.array([bar.get_height() for bar in bars]) for bars in right.containers)
    np.testing.assert_allclose(heights, differences(found), atol=1e-6)


def test_the_picture_of_a_panel_has_the_series_that_are_asked_for():
    panel = shops()
    past = panel[panel.groupby(level=0).cumcount(ascending=False) >= HORIZON]
    future = panel[panel.groupby(level=0).cumcount(ascending=False) < HORIZON][KNOWN]
    found = sk.explain(shaken(built(past)), past, future)
    assert len(sk.plot_explanation(found).axes) == 6
    assert sk.plot_explanation(found, series="s2").axes[0].get_ylabel() == "s2"
    with pytest.raises(ValueError, match="series 's9' is not in the result"):
        sk.plot_explanation(found, series=["s1", "s9"])


PAST, FUTURE = cut(shop())


@pytest.mark.parametrize(
    ("call", "problem"),
    [
        (lambda: sk.explain("model", PAST), "explain: model must be a forecaster, got str"),
        (lambda: sk.explain(known_ahead(), PAST), "the model needs the future of 'price', 'promotion'"),
        (lambda: sk.explain(known_ahead(), PAST, FUTURE[:3]), "future lacks the row of"),
        (lambda: sk.explain(known_ahead(), PAST, FUTURE, series="a"), "explain: series='a' is for a panel"),
        (lambda: sk.explain(known_ahead(), PAST, FUTURE, reference=3), "explain: reference must be values by column"),
        (
            lambda: sk.explain(known_ahead(), PAST, FUTURE, reference={"prices": 3}),
            "explain: reference has 'prices', .* Did you mean 'price'?",
        ),
        (
            lambda: sk.explain(known_ahead(), PAST, FUTURE, reference={"price": np.nan}),
            "explain: the reference of 'price' must be a",
        ),
        (lambda: sk.check_explanation(3, PAST), "check_explanation: model must be a forecaster, got int"),
        (lambda: sk.check_explanation(known_ahead(), PAST, repeats=1), "repeats must be 2 or more"),
        (lambda: sk.plot_explanation(PAST), "plot_explanation: result must be what explain returned"),
        (
            lambda: sk.plot_explanation(sk.explain(known_ahead(), PAST, FUTURE), series="a"),
            "plot_explanation: the result is of one series",
        ),
    ],
)
def test_what_cannot_be_explained_is_refused(call, problem):
    with pytest.raises((ValueError, TypeError), match=problem):
        call()


def test_unknown_series_and_panels_without_a_window_are_refused():
    panel = shops()
    model = built(panel)
    with pytest.raises(ValueError, match="explain: series 's' is not in the table"):
        sk.explain(model, panel, panel[KNOWN], series="s")
    later = shops((70, 70, 70))[KNOWN]
    short = panel[panel.groupby(level=0).cumcount() < 5]
    with pytest.raises(ValueError, match="explain: fewer rows than timesteps=14.*naive one, which has no parts"):
        sk.explain(model, short, later)
