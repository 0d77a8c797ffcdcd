"""Columns of categories: what the model learns of words, what it is given, what is served, and what is refused."""

import keras
import numpy as np
import pandas as pd
import pytest

import seqkit as sk
from seqkit.forecasting.categories_served import input_names
from seqkit.forecasting.refits import refit_options

TINY = {"timesteps": 14, "horizon": 5, "units": 3, "cell": "simple_rnn", "segment": 1, "first_dropout": 0.0}
GIFT, HALF = np.log(0.75), np.log(1.5)


def shop(rows=240, seed=0, level=100.0):
    """Daily sales under two kinds of promotion, of which one sells half more and the other a quarter less."""
    random, days = np.random.default_rng(seed), np.arange(rows)
    kind = random.choice(np.array([None, "half", "gift"], object), rows, p=[0.6, 0.2, 0.2])
    effect = np.select([kind == "half", kind == "gift"], [HALF, GIFT], 0.0) + 0.02 * random.normal(size=rows)
    sales = level * (1 + 0.2 * np.sin(2 * np.pi * days / 7)) * np.exp(effect)
    index = pd.date_range("2022-01-03", periods=rows, freq="D", name="day")
    return pd.DataFrame({"sales": sales, "kind": pd.Categorical(kind)}, index)


def shops(rows=(60, 57, 71)):
    """Three series in two regions."""
    parts = {f"s{at}": shop(count, at, 10.0 ** (at + 1)) for at, count in enumerate(rows)}
    long = pd.concat(parts, names=["shop"]).reset_index()
    long["region"] = long["shop"].map({"s0": "north", "s1": "south", "s2": "north"})
    return sk.as_panel(long, series="shop", time="day", categories=["region", "kind"])


def cut(frame, last=5):
    return frame.iloc[:-last], frame.iloc[-last:][["kind"]]


def built(table, **options):
    return sk.build_forecaster(like=table, **{"targets": "sales", "future_columns": "kind", **TINY, **options})


def shaken(model, seed=1):
    """The model with random weights, so that every input counts."""
    random = np.random.default_rng(seed)
    for weight in model.trainable_variables:
        weight.assign(random.normal(0, 0.1, weight.shape))
    return model


def words_of(column, last):
    """The words of the last rows as a request has them."""
    return column.astype(object).fillna("").to_numpy()[None, -last:].astype(str)


@pytest.fixture(scope="module")
def model():
    return shaken(built(cut(shop(60))[0]))


# What is learnt


def test_an_untrained_model_is_the_one_without_the_category():
    past, future = cut(shop(60))
    plain = sk.build_forecaster(like=past[["sales"]], **TINY)
    pd.testing.assert_frame_equal(built(past).forecast(past, future=future), plain.forecast(past[["sales"]]))


def test_the_effect_of_each_kind_is_learnt_and_the_forecast_is_better_for_it():
    table = shop()
    past, future = cut(table)
    model = built(past)
    assert model.settings.words == {"kind": ("gift", "half")}
    model.fit(past, epochs=15, verbose=0)
    forecasts = [model.forecast(past, future=future.assign(kind=kind))["sales"] for kind in ("", "gift", "half")]
    effects = [float(np.log(one / forecasts[0]).mean()) for one in forecasts[1:]]
    np.testing.assert_allclose(effects, [GIFT, HALF], atol=0.15)
    plain = sk.build_forecaster(like=past[["sales"]], **TINY)
    plain.fit(past[["sales"]], epochs=15, verbose=0)
    scored = table.iloc[-60:]
    with_kind, without = model.predict(scored, verbose=0), plain.predict(scored[["sales"]], verbose=0)
    actual = table["sales"].reindex(with_kind.index.get_level_values("day"))
    error = np.abs(with_kind["sales"].to_numpy() / actual.to_numpy() - 1).mean()
    assert error < 0.6 * np.abs(without.loc[with_kind.index, "sales"].to_numpy() / actual.to_numpy() - 1).mean()


def regional(rows=60):
    """Series of noise around 100, and ten more on Mondays in the north, ten less in the south."""
    random, parts = np.random.default_rng(0), {}
    for at in range(6):
        step = np.where(np.arange(rows) % 7 == 0, 1.0 if at % 2 else -1.0, 0.0)
        sales = 100 + 10 * step + random.normal(size=rows)
        index = pd.date_range("2022-01-03", periods=rows, freq="D", name="day")
        parts[f"s{at}"] = pd.DataFrame({"sales": sales, "region": "north" if at % 2 else "south"}, index)
    return sk.as_panel(pd.concat(parts, names=["shop"]).reset_index(), series="shop", time="day", categories="region")


def test_a_static_category_reaches_the_head_of_the_network():
    panel = regional()
    model = sk.build_forecaster(like=panel, targets="sales", static_columns="region", head="dense", **TINY)
    assert {name: tuple(part.shape) for name, part in model.input.items()} == {
        "past": (None, 14, 1),
        "static": (None, 1),
    }
    shaken(model)
    forecast = model.forecast(panel)
    assert not np.allclose(model.forecast(panel.assign(region="north")), forecast)
    without = panel.drop(columns="region")
    static = panel["region"].groupby(level=0).first().to_frame()
    pd.testing.assert_frame_equal(model.forecast(without, static=static), forecast)
    pd.testing.assert_frame_equal(model.forecast(without, static=static.astype(object)), forecast)
    model.fit(panel, epochs=1, verbose=0)


def test_a_category_of_the_past_alone_is_read_by_the_network():
    past = shop(60)
    model = shaken(sk.build_forecaster(like=past, **TINY))
    assert model.settings.targets == ("sales",)
    assert model.settings.features_of_a_sequence == 3
    assert model.input.shape == (None, 14, 2)
    forecast = model.forecast(past)
    other = past.assign(kind="gift")
    assert not np.allclose(model.forecast(other), forecast)
    with pytest.raises(ValueError, match="needs the future of 'kind'"):
        model.forecast(past, steps=6)


def test_many_words_are_learnt_vectors():
    words = [f"w{number}" for number in range(40)]
    past = shop(60).assign(kind=pd.Categorical(np.resize(words, 60)))
    model = shaken(built(past))
    assert model.get_layer("known_categories").widths == [8]
    future = pd.DataFrame({"kind": ["w1"] * 5}, pd.date_range("2022-03-04", periods=5, freq="D"))
    other = future.assign(kind="w2")
    assert not np.allclose(model.forecast(past, future=future), model.forecast(past, future=other))


# Tables and panels


def test_windows_hold_codes_and_a_table_of_texts_is_read_too(model):
    table = shop(60)
    x, _ = model.windows(table)[3]
    codes = table["kind"].map({"gift": 1.0, "half": 2.0}).astype(float).fillna(0.0)
    np.testing.assert_array_equal(x["past"][:, 1], codes[3:17])
    np.testing.assert_array_equal(x["future"][:, 0], codes[17:22])
    past, future = cut(table)
    forecast = model.forecast(past, future=future)
    texts = past.assign(kind=past["kind"].astype(object)), future.assign(kind=future["kind"].astype(object).fillna(""))
    pd.testing.assert_frame_equal(model.forecast(texts[0], future=texts[1]), forecast)
    polars = pytest.importorskip("polars")
    frame = polars.from_pandas(texts[0].reset_index())
    pd.testing.assert_frame_equal(model.forecast(frame, future=future), forecast, check_names=False)


def test_texts_are_categories_where_they_are_named():
    past = shop(60)
    named = built(past.assign(kind=past["kind"].astype(object)), categories="kind")
    assert named.settings == built(past).settings
    wider = built(past, categories={"kind": ["half", "gift", "club"]})
    assert wider.settings.words == {"kind": ("half", "gift", "club")}
    assert np.isfinite(wider.forecast(past, future=future_of("club"))).all(axis=None)


def future_of(word):
    return pd.DataFrame({"kind": [word] * 5}, pd.date_range("2022-03-04", periods=5, freq="D"))


def test_a_panel_is_split_trained_and_forecast_with_its_categories():
    panel = shops()
    assert panel.dtypes.map(str).to_dict() == {"sales": "float64", "kind": "category", "region": "category"}
    parts = sk.split(panel, validation=0, test=5)
    model = shaken(built(parts.train, static_columns="region"))
    ahead = model.forecast(parts.train, future=parts.test[["kind"]])
    predicted = model.predict(panel, verbose=0)
    np.testing.assert_allclose(predicted.groupby("shop").tail(5), ahead.to_numpy(), rtol=1e-5)
    assert len(model.windows(parts.test)) == 3  # with the rows before, in words and codes alike
    assert np.isfinite(model.evaluate(parts.test, verbose=0))[0]


def test_rows_that_a_series_lacks_are_gaps_of_its_categories():
    long = shops().reset_index().drop(index=3)
    with pytest.warns(sk.SeqkitWarning, match="1 rows of 1 series are missing"):
        panel = sk.as_panel(long, series="shop", time="day")
    assert panel["kind"].dtype == "category"
    assert panel["region"].isna().sum() == 1
    model = built(panel, static_columns="region", fill="last")
    assert np.isfinite(model.forecast(panel, future=ahead_of(panel))).all(axis=None)


def ahead_of(panel):
    rows = {
        name: pd.DataFrame(
            {"kind": ["gift"] * 5}, pd.date_range(rows.index[-1][1], periods=6, freq="D", name="day")[1:]
        )
        for name, rows in panel.groupby(level=0)
    }
    return pd.concat(rows, names=["shop"])


@pytest.mark.slow
def test_a_recipe_and_a_backtest_know_the_words():
    table = shop(80)
    model = sk.train_forecaster(table, targets="sales", future_columns="kind", epochs=2, seed=0, verbose=0, **TINY)
    assert refit_options(model)["categories"] == {"kind": ["gift", "half"]}
    result = sk.backtest(model, table, origins=2, epochs=1, seed=0, verbose=0, ets=False)
    assert "knew 'kind' ahead" in result.verdict
    panel = sk.backtest(
        built(shops(), static_columns="region"), shops(), origins=1, epochs=1, seed=0, verbose=0, ets=False
    )
    assert np.isfinite(panel.forecasts["forecast"]).all()


# Refusals


def test_an_unseen_word_is_refused_by_name_and_date_or_unknown(model):
    past, _ = cut(shop(60))
    future = pd.DataFrame({"kind": ["gift", "club", "half", "", None]}, cut(shop(60))[1].index)
    with pytest.raises(ValueError, match="'kind' has the category 'club' at 2022-02-28 .* it knows 'gift', 'half'"):
        model.forecast(past, future=future)
    with pytest.raises(ValueError, match="has the category 'club' at 2022-01-03"):
        model.forecast(past.assign(kind="club"), future=future.assign(kind="gift"))
    lenient = built(past, unseen="unknown")
    lenient.set_weights(model.get_weights())
    gap = future.assign(kind=["gift", "", "half", "", ""])
    pd.testing.assert_frame_equal(lenient.forecast(past, future=future), model.forecast(past, future=gap))
    with pytest.raises(ValueError, match="unseen must be one of 'refuse', 'unknown', got 'ignore'"):
        built(past, unseen="ignore")


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        (lambda kind: pd.Categorical([3] + ["a"] * 59), "category column 'kind' holds the number 3 at 2022-01-03"),
        (lambda kind: pd.Categorical(np.arange(60) % 2), "category column 'kind' holds the number 0 at 2022-01-03"),
        (lambda kind: ["a"] * 59 + [3.5], "holds the number 3.5 at 2022-03-03 .*among words such as 'a'"),
        (lambda kind: np.arange(60), "column 'kind' is a category, and it holds numbers, of dtype int64"),
        (lambda kind: pd.Categorical([None] * 60), "the category column 'kind' has no known value"),
        (lambda kind: pd.Categorical([" "] * 60), "the category column 'kind' has no known value"),
    ],
)
def test_columns_that_hold_no_words_are_refused(kind, message):
    table = shop(60)
    table["kind"] = kind(table["kind"])
    with pytest.raises((ValueError, TypeError), match=message):
        built(table, categories="kind")


def test_other_wrong_categories_are_refused():
    table = shop(60)
    with pytest.raises(ValueError, match="'kind' is a target and a category"):
        sk.build_forecaster(like=table, targets="kind", **TINY)
    with pytest.raises(ValueError, match="categories 'region' is not in the table"):
        built(table, categories="region")
    with pytest.raises(ValueError, match=r"categories\['kind'\] lacks 'half', which the table holds"):
        built(table, categories={"kind": ["gift"]})
    with pytest.raises(TypeError, match=r"categories\['kind'\] must be a list of words, got 'gift'"):
        built(table, categories={"kind": "gift"})
    with pytest.raises(ValueError, match="column 'kind' has dtype .*, not numbers.*are categories: table"):
        built(table.assign(kind=table["kind"].astype(object)))
    with pytest.raises(ValueError, match=r"categories='kind' names columns of words, and arrays hold numbers"):
        sk.build_forecaster(features=2, categories="kind", **TINY)
    with pytest.raises(ValueError, match="beside weights='synthetic'"):
        sk.build_forecaster(like=table, targets="sales", horizon=5, weights="synthetic")
    with pytest.raises((ValueError, TypeError), match="column 'kind' has dtype category"):
        sk.build_forecaster(like=table[["sales"]].assign(kind=1.0 + np.arange(60) % 3), **TINY).forecast(table)
    with pytest.raises(ValueError, match="column 'kind' has dtype category, not numbers"):
        sk.make_windows(table, timesteps=3, horizon=2)


def test_a_category_that_is_the_same_in_all_rows_is_named():
    with pytest.warns(sk.SeqkitWarning, match="category column 'kind' is the same in all rows"):
        sk.build_forecaster(like=shop(60).assign(kind=pd.Categorical(["gift"] * 60)), **TINY)
    with pytest.warns(sk.SeqkitWarning, match="future column 'kind' is constant in the training rows"):
        built(shop(60).assign(kind=pd.Categorical(["gift"] * 60)))


def test_a_static_category_that_changes_in_time_or_lacks_is_refused_by_the_series():
    panel = shops()
    moved = panel.assign(region=panel["region"].where(np.arange(len(panel)) != 70, "north"))
    with pytest.raises(ValueError, match="'region' changes in time in series 's1', from 'north' to 'south'"):
        built(moved, static_columns="region")
    is_second = panel.index.get_level_values(0) == "s1"
    with pytest.raises(ValueError, match="static column 'region' has no known value in series 's1'"):
        built(panel.assign(region=panel["region"].mask(is_second)), static_columns="region")


# Saved and served


def test_it_is_saved_and_served_with_an_input_of_strings_for_each_category(tmp_path):
    panel = shops().assign(price=1.0)
    panel["price"] += np.arange(len(panel)) % 5
    options = {"future_columns": ["kind", "price"], "static_columns": "region", "members": "theta"}
    past, _, test = sk.split(panel, validation=0, test=5)
    model = shaken(built(past, **options))
    forecast = model.forecast(past, future=test[["kind", "price"]])
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert loaded.settings == model.settings
    pd.testing.assert_frame_equal(loaded.forecast(past, future=test[["price", "kind"]]), forecast)
    model.export(tmp_path / "exported")
    import tensorflow as tf

    served = tf.saved_model.load(str(tmp_path / "exported"))
    numbers = past.loc["s1"][["sales", "price"]].to_numpy("float32")[None]
    inputs = {"past": numbers, "future": test.loc["s1"][["price"]].to_numpy("float32")[None]}
    inputs |= {"kind": words_of(panel.loc["s1"]["kind"], 20), "region": np.array(["south"])}
    np.testing.assert_allclose(served.serve(**inputs)["forecast"][0], forecast.loc["s1"], rtol=1e-4)
    described = {name: value.numpy() for name, value in served.describe().items()}
    assert described["columns"].tolist() == [b"sales", b"price"]
    assert described["future_columns"].tolist() == [b"price"]
    assert described["category_inputs"].tolist() == [b"kind", b"region"]
    assert described["category_kinds"].tolist() == [b"future", b"static"]
    assert b'"region": ["north", "south"]' in described["known_words"]
    with pytest.raises(TypeError, match="missing a required argument: 'region'"):
        served.serve(**{name: value for name, value in inputs.items() if name != "region"})
    for name, wrong, message in (
        ("region", np.array(["east"]), "has the category .*east.* in sample 0, .* it knows .*north"),
        ("region", np.array([""]), "has no word in sample 0"),
        ("region", np.array(["north", "south"]), r"region must have the shape \(1,\), .* got \(2,\)"),
        ("kind", inputs["kind"][:, 2:], r"kind must have the shape \(1, 19 or more\).* got \(1, 18\)"),
        ("future", inputs["future"][:, 1:], r"future must have the shape \(1, 5, 1\), .* got \(1, 4, 1\)"),
        ("past", numbers[..., :1], r"past must have the shape \(samples, 14 or more timesteps, 2 features\)"),
    ):
        with pytest.raises(tf.errors.InvalidArgumentError, match=message):
            served.serve(**{**inputs, name: wrong})
    with pytest.raises(ValueError, match="reads categories, as strings, which cannot be written as LiteRT"):
        model.export(tmp_path / "model.tflite", format="litert")


def test_a_category_of_the_past_alone_is_served_beside_it_and_the_unknown_is_a_gap(tmp_path):
    past = shop(60)
    model = shaken(sk.build_forecaster(like=past.rename(columns={"kind": "kind of day"}), unseen="unknown", **TINY))
    model.export(tmp_path / "exported")
    import tensorflow as tf

    served = tf.saved_model.load(str(tmp_path / "exported"))
    words = words_of(past["kind"], 14)
    numbers = past[["sales"]].to_numpy("float32")[None]
    answer = served.serve(past=numbers, kind_of_day=np.where(words == "gift", "club", words))["forecast"][0]
    renamed = past.assign(kind=past["kind"].mask(past["kind"] == "gift")).rename(columns={"kind": "kind of day"})
    np.testing.assert_allclose(answer, model.forecast(renamed), rtol=1e-5)


def test_columns_whose_names_are_no_arguments_have_inputs_like_them():
    assert input_names(["region", "kind of day", "past", "2nd", "class", 3, "kind_of_day", "\u5730"]) == {
        "region": "region",
        "kind of day": "kind_of_day",
        "past": "past_2",
        "2nd": "category_2nd",
        "class": "class_",
        3: "category_3",
        "kind_of_day": "kind_of_day_2",
        "\u5730": "category_",
    }


# CSV files


def written(path, text):
    path.write_text(text)
    return path


def test_a_csv_keeps_named_columns_as_categories(tmp_path):
    rows = "\n".join(f"2024-01-{day:02},{day % 5},{'ab'[day % 2] if day != 4 else ''}" for day in range(1, 12))
    path = written(tmp_path / "sales.csv", f"day,sales,kind\n{rows}\n")
    frame = sk.read_csv(path, categories="kind")
    assert frame.dtypes.map(str).to_dict() == {"sales": "float64", "kind": "category"}
    assert frame["kind"].tolist()[:3] == ["b", "a", "b"]
    assert frame["kind"].isna().sum() == 1
    chosen = sk.read_csv(path, columns="sales", categories=["kind"])
    pd.testing.assert_frame_equal(chosen, frame)
    with pytest.raises(ValueError, match="categories 'kinds' is not in the table"):
        sk.read_csv(path, categories="kinds")
    with pytest.raises(ValueError, match="'day' is named in categories, and it is the time"):
        sk.read_csv(path, time="day", categories="day")
    mixed = written(tmp_path / "mixed.csv", path.read_text().replace("2024-01-03,3,b", "2024-01-03,3,0"))
    with pytest.raises(ValueError, match="line 4: the category column 'kind' holds the number '0' among words such"):
        sk.read_csv(mixed, categories="kind")
    numbered = written(tmp_path / "numbered.csv", path.read_text().replace(",a", ",007").replace(",b", ",1"))
    assert sk.read_csv(numbered, categories="kind")["kind"].cat.categories.tolist() == ["007", "1"]
    empty = written(tmp_path / "empty.csv", path.read_text().replace(",a", ",").replace(",b", ","))
    with pytest.raises(ValueError, match="the category column 'kind' is empty in every row"):
        sk.read_csv(empty, categories="kind")


def test_a_long_csv_keeps_categories_and_the_first_of_two_rows_of_a_stamp(tmp_path):
    lines = [f"{shop},2024-01-{day:02},{day},{shop}-land" for shop in "ab" for day in range(1, 8)]
    lines.insert(3, "a,2024-01-03,9,z-land")
    path = written(tmp_path / "long.csv", "shop,day,sales,land\n" + "\n".join(lines) + "\n")
    with pytest.warns(sk.SeqkitWarning, match="rows repeat a time stamp"):
        panel = sk.read_csv(path, series="shop", categories="land", duplicates="mean")
    assert panel["land"].unique().tolist() == ["a-land", "b-land"]
    with pytest.raises(ValueError, match="'shop' is named as series and in categories"):
        sk.read_csv(path, series="shop", categories="shop")


def test_gaps_that_are_told_stand_beside_words():
    past, future = cut(shop(60))
    past.iloc[20:23, 0] = np.nan
    model = shaken(built(past, fill="mask"))
    assert model.settings.features_of_a_sequence == 7
    assert np.isfinite(model.forecast(past, future=future)).all(axis=None)


def test_words_stand_beside_the_calendar_and_are_served_with_it(tmp_path):
    import tensorflow as tf

    past, future = cut(shop(60))
    both = shaken(built(past, calendar="weekday"))
    wanted = both.forecast(past, future=future)["sales"]
    both.export(tmp_path / "1")
    served = tf.saved_model.load(tmp_path / "1")
    kinds = np.concatenate([words_of(past["kind"], 14), words_of(future["kind"], 5)], axis=1)
    answer = served.serve(
        past=past[["sales"]].to_numpy("float32")[None], time=tf.constant([past.index[-1].isoformat()]), kind=kinds
    )
    np.testing.assert_allclose(answer["forecast"].numpy().ravel(), wanted, rtol=1e-5)
