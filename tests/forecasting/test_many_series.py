"""One forecaster for many series: a panel goes wherever a table goes."""

import warnings

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf

import seqkit as sk

T, H = 7, 3
LENGTHS = {"north": 41, "south": 29, "west": 23}
TINY = {"horizon": H, "timesteps": T, "units": 3, "season": 1, "segment": 1}


def panel(lengths=LENGTHS, start="2024-01-01", **columns):
    """Waves of other sizes and lengths, which end on other days."""
    parts = []
    for at, (name, rows) in enumerate(lengths.items()):
        days = pd.date_range(start, periods=rows, freq="D")
        values = 10.0 ** (at + 1) * (2 + np.sin(np.arange(rows) / 2 + at))
        parts.append(
            pd.DataFrame({"shop": name, "day": days, "sales": values} | {c: v * values for c, v in columns.items()})
        )
    return sk.as_panel(pd.concat(parts), series="shop", time="day", freq="D")


@pytest.fixture(scope="module")
def model():
    trained = sk.build_forecaster(like=panel(), **TINY)
    trained.fit(panel(), epochs=2, verbose=0)
    return trained


def of(frame, name):
    return frame.xs(name, level=0)["sales"].to_numpy()


def test_a_forecast_goes_on_after_the_last_row_of_each_series(model):
    future = model.forecast(panel())
    assert future.index.names == ["shop", "day"]
    assert future.index.unique(0).tolist() == list(LENGTHS)
    for name, rows in LENGTHS.items():
        days = pd.date_range("2024-01-01", periods=rows + H, freq="D")[rows:]
        assert future.loc[name].index.tolist() == days.tolist()
    assert np.isfinite(future["sales"]).all()


def test_a_series_is_forecast_alike_whatever_others_stand_beside_it(model):
    future = model.forecast(panel())
    for name in LENGTHS:
        alone = model.forecast(panel().loc[[name]])
        np.testing.assert_allclose(of(alone, name), of(future, name), rtol=1e-5)
    other_order = model.forecast(panel().loc[["west", "north", "south"]])
    np.testing.assert_allclose(of(other_order, "north"), of(future, "north"), rtol=1e-5)


def test_a_forecast_is_that_of_the_window_alone(model):
    window = of(panel(), "south")[-T:].reshape(1, T, 1)
    np.testing.assert_allclose(
        model.predict(window, verbose=0)[0, :, 0], of(model.forecast(panel()), "south"), rtol=1e-5
    )


def test_series_never_seen_in_training_are_forecast(model):
    new = panel({"east": 19, "harbour": 13}, start="2031-05-01")
    future = model.forecast(new)
    assert future.index.unique(0).tolist() == ["east", "harbour"]
    assert np.isfinite(future["sales"]).all()
    level = of(new, "harbour").mean()
    assert np.abs(of(future, "harbour") / level - 1).max() < 0.6  # in the units of the series


def test_beyond_the_horizon_forecasts_become_input(model):
    long, short = model.forecast(panel(), steps=8), model.forecast(panel())
    assert len(long) == 8 * len(LENGTHS)
    np.testing.assert_allclose(of(long, "west")[:H], of(short, "west"), rtol=1e-5)
    known = pd.concat([panel(), short]).sort_index(level=0, sort_remaining=True)
    again = model.forecast(sk.as_panel(known))
    np.testing.assert_allclose(of(long, "west")[H : 2 * H], of(again, "west"), rtol=1e-4)


def test_series_that_are_too_short_are_named_and_forecast_by_the_last_value(model):
    short = panel({"north": 41, "tiny": 4, "one": 1})
    with pytest.warns(
        sk.SeqkitWarning, match="fewer rows than timesteps=7, .* in 2 of 3 series: 'tiny', 'one'"
    ) as caught:
        future = model.forecast(short)
    assert len(caught) == 1
    for name in ("tiny", "one"):
        assert of(future, name).tolist() == [of(short, name)[-1]] * H
    np.testing.assert_allclose(of(future, "north"), of(model.forecast(panel()), "north"), rtol=1e-5)


def test_short_series_repeat_their_season_where_they_have_one():
    lengths = {"long": 60, "short": 9}
    seasonal = sk.build_forecaster(like=panel(lengths), horizon=4, timesteps=14, units=3, season=7)
    with pytest.warns(sk.SeqkitWarning, match="'short'"):
        future = seasonal.forecast(panel(lengths))
    assert of(future, "short").tolist() == of(panel(lengths), "short")[2:6].tolist()


def test_fifty_thousand_series_of_one_row_are_forecast_by_it(model):
    names = np.arange(50_000)
    rows = pd.DataFrame({"shop": names, "day": pd.Timestamp("2024-01-01"), "sales": names + 1.0})
    with pytest.warns(sk.SeqkitWarning, match="in 50000 of 50000 series: 0, 1, 2"):
        future = model.forecast(sk.as_panel(rows, series="shop", time="day", freq="D"))
    assert np.array_equal(future["sales"], np.repeat(names + 1.0, H))


def test_series_of_one_value_are_forecast_by_it():
    frame = panel()
    frame.loc["south", "sales"], frame.loc["west", "sales"] = 5.0, 0.0
    trained = sk.build_forecaster(like=frame, **TINY)
    losses = trained.fit(frame, epochs=1, verbose=0).history["loss"]
    assert np.isfinite(losses).all()
    future = trained.forecast(frame)
    np.testing.assert_allclose(of(future, "south"), 5.0, rtol=1e-5)
    np.testing.assert_allclose(of(future, "west"), 0.0, atol=1e-5)


def test_a_series_without_a_known_value_has_no_forecast_and_is_named():
    frame = panel()
    frame.loc["south", "sales"] = np.nan
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # none of NumPy's about a mean of nothing
        filling = sk.build_forecaster(like=frame, fill="last", **TINY)
    with pytest.warns(
        sk.SeqkitWarning, match="no known value in so many, in 1 of 3 series: 'south'.* NaN where no value is known"
    ):
        future = filling.forecast(frame)
    assert np.isnan(of(future, "south")).all()
    assert np.isfinite(of(future, "north")).all()


def test_missing_values_need_a_way_to_fill_and_are_named_by_series(model):
    frame = panel()
    frame.iloc[50, 0] = np.nan
    with pytest.raises(
        sk.InvalidValue, match="column 'sales', row 2024-01-10 00:00:00 of series 'south'. Build with fill"
    ):
        model.forecast(frame)


def test_predictions_are_indexed_by_series_origin_and_time(model):
    predicted = model.predict(panel(), verbose=0)
    assert predicted.index.names == ["shop", "origin", "day"]
    origins = predicted.index.droplevel("day").unique()
    assert len(origins) == sum(rows - T + 1 for rows in LENGTHS.values())
    last = predicted.loc["south"].loc[pd.Timestamp("2024-01-29"), "sales"]  # its last row
    assert last.index.tolist() == pd.date_range("2024-01-30", periods=H).tolist()
    np.testing.assert_allclose(last, of(model.forecast(panel()), "south"), rtol=1e-5)


def test_windows_and_evaluate_know_the_borders_of_series(model):
    windows = model.windows(panel())
    assert len(windows) == sum(rows - T - H + 1 for rows in LENGTHS.values())
    test = sk.split(panel(), validation=0, test=H).test
    assert len(model.windows(test)) == len(LENGTHS)
    scores = model.evaluate(test, verbose=0, return_dict=True)
    held = pd.concat([panel().loc[[name]].iloc[:-H] for name in LENGTHS])
    errors = (model.forecast(sk.as_panel(held))["sales"] - test["sales"]).abs()
    np.testing.assert_allclose(scores["mae"], errors.mean(), rtol=1e-4)


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="only TensorFlow serves a SavedModel here")
def test_a_loaded_and_a_served_model_give_the_same_numbers(model, tmp_path):
    future = model.forecast(panel())
    model.save(tmp_path / "shops.keras")
    loaded = keras.saving.load_model(tmp_path / "shops.keras")
    pd.testing.assert_frame_equal(loaded.forecast(panel()), future)
    model.export(tmp_path / "served")
    served = tf.saved_model.load(tmp_path / "served")
    for name in LENGTHS:
        past = of(panel(), name).astype("float32").reshape(1, -1, 1)
        np.testing.assert_allclose(served.serve(past)["forecast"][0, :, 0], of(future, name), rtol=1e-4)


def test_columns_may_stand_in_another_order_and_only_targets_are_forecast():
    frame = panel(price=0.5)
    trained = sk.build_forecaster(like=frame, targets="price", **TINY)
    future = trained.forecast(frame)
    assert future.columns.tolist() == ["price"]
    pd.testing.assert_frame_equal(trained.forecast(frame[["price", "sales"]]), future)


def test_time_may_have_a_zone_and_names_may_be_numbers(model):
    frame = panel().tz_localize("Asia/Tokyo", level=1).rename(index={"north": 7, "south": 8, "west": 9}, level=0)
    future = model.forecast(frame)
    assert (future.index.unique(0).tolist(), str(future.index.levels[1].tz)) == ([7, 8, 9], "Asia/Tokyo")
    np.testing.assert_allclose(future["sales"], model.forecast(panel())["sales"], rtol=1e-5)


@pytest.mark.slow
def test_a_recipe_trains_on_all_series_and_repeats_itself():
    frame = panel()
    one, two = (sk.train_forecaster(frame, epochs=1, validation_rows=0, seed=3, verbose=0, **TINY) for _ in range(2))
    pd.testing.assert_frame_equal(one.forecast(frame), two.forecast(frame))
    assert one.trained_until == "2024-02-10T00:00:00"


def test_the_default_horizon_is_that_of_the_series_in_the_middle():
    lengths = {"new": 1, "young": 5, "a": 40, "b": 41, "c": 43}
    assert sk.build_forecaster(like=panel(lengths), timesteps=T).settings.horizon == 7


VERBS = ("fit", "evaluate", "predict", "forecast", "windows")


@pytest.mark.parametrize("verb", VERBS)
def test_one_series_is_refused_by_a_model_of_many_and_a_panel_by_a_model_of_one(model, verb):
    one = panel().loc["north"]
    with pytest.raises(sk.InvalidValue, match=rf"^{verb}: .*for many series, and the table has one.*pd.concat\({{"):
        getattr(model, verb)(one)
    of_one = sk.build_forecaster(like=one, **TINY)
    with pytest.raises(sk.InvalidValue, match=rf"^{verb}: .*for one series, and the table is a panel.*like=panel"):
        getattr(of_one, verb)(panel())
    assert len(model.forecast(pd.concat({"north": one}, names=["shop"]))) == H


@pytest.mark.parametrize("verb", VERBS)
def test_an_empty_panel_is_refused(model, verb):
    with pytest.raises(sk.InvalidValue, match=f"^{verb}: the panel has no rows"):
        getattr(model, verb)(panel()[:0])


@pytest.mark.parametrize("verb", VERBS)
def test_a_long_table_is_refused_with_the_way_to_a_panel(model, verb):
    with pytest.raises(sk.InvalidValue, match=f"^{verb}: .*goes through as_panel"):
        getattr(model, verb)(panel().reset_index())


UNFIT = {
    "another step": (panel().iloc[::2], "lacks rows after|frequency 'D', the table has '2D'"),
    "other columns": (panel().rename(columns={"sales": "x"}), "the table lacks 'sales' and adds 'x'"),
    "swapped levels": (panel().swaplevel(), "second level of the index must be time stamps.*seqkit.as_panel"),
    "three levels": (pd.concat({"i": panel()}), "the index has 3 levels|goes through as_panel"),
    "values that a log refuses": (panel() * -1, "a log needs values above zero, got .* of series 'north'"),
}


@pytest.mark.parametrize("case", UNFIT, ids=UNFIT)
def test_a_panel_that_does_not_fit_is_refused(model, case):
    frame, message = UNFIT[case]
    with pytest.raises(sk.InvalidValue, match=f"^forecast: .*({message})"):
        model.forecast(frame)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"horizon": 41}, "timesteps=1 and horizon=41 need 42 rows or more, the longest series has 41"),
        ({"horizon": 2, "timesteps": 40}, "timesteps=40 and horizon=2 need 42 rows or more, the longest series has 41"),
        ({"horizon": 2, "targets": "price"}, "target 'price' is not in the table"),
    ],
)
def test_sizes_that_no_series_holds_are_refused(options, message):
    with pytest.raises(sk.InvalidValue, match=f"^build_forecaster: {message}"):
        sk.build_forecaster(like=panel(), **options)


def test_a_panel_has_defaults_of_its_own_and_arguments_win():
    settings = sk.build_forecaster(like=panel(), horizon=H, timesteps=T).settings
    assert (settings.head, settings.units, settings.dropout) == ("segments", (128,), (0.5,))
    settings = sk.build_forecaster(like=panel(), horizon=H, timesteps=T, head="dense", units=8, dropout=[0.1]).settings
    assert (settings.head, settings.units, settings.dropout) == ("dense", (8,), (0.1,))


def test_hours_of_many_series_are_read_over_two_weeks():
    hours = pd.date_range("2024-01-01", periods=600, freq="h")
    values = 5 + np.sin(2 * np.pi * np.arange(600) / 24)
    frame = pd.concat([pd.DataFrame({"id": name, "hour": hours, "load": values}) for name in "ab"])
    model = sk.build_forecaster(like=sk.as_panel(frame, series="id", time="hour"), horizon=24)
    assert model.settings.timesteps == 336


def test_a_model_that_a_recipe_trained_on_a_panel_is_saved_and_loaded(tmp_path):
    model = sk.train_forecaster(panel(), epochs=1, seed=0, verbose=0, **TINY)
    model.save(tmp_path / "many.keras")
    loaded = keras.saving.load_model(tmp_path / "many.keras")
    pd.testing.assert_frame_equal(loaded.forecast(panel()), model.forecast(panel()))
    assert loaded.optimizer.get_config()["learning_rate"] == model.optimizer.get_config()["learning_rate"]
