"""Samples that are tables are read by the names of their columns, in every model of series."""

import numpy as np
import pandas as pd
import pytest

import seqkit as sk
from seqkit.data.series import as_series


def tables(count=12, seed=0):
    random = np.random.default_rng(seed)
    return [pd.DataFrame({"temp": random.normal(20, 3, 8), "load": random.normal(500, 50, 8)}) for _ in range(count)]


def swapped(samples):
    return [sample[["load", "temp"]] for sample in samples]


def test_columns_come_in_the_order_of_the_first_table():
    samples = tables(3)
    mixed = [samples[0], *swapped(samples[1:]), samples[0].to_numpy()]
    for series, sample in zip(as_series("here", mixed, None), [*samples, samples[0]], strict=True):
        np.testing.assert_array_equal(series, sample.to_numpy("float32"))


def test_columns_of_other_names_are_refused():
    samples = tables(3)
    samples[2] = samples[2].rename(columns={"load": "power"})
    with pytest.raises(ValueError, match=r"series 2 has the columns 'temp', 'power', and 'temp', 'load' are needed"):
        as_series("here", samples, None)


def test_columns_that_are_numbers_are_no_names():
    first, second = (pd.DataFrame(np.ones((4, 2)), columns=names) for names in ([0, 1], [5, 6]))
    assert [series.shape for series in as_series("here", [first, second], None)] == [(4, 2), (4, 2)]


MODELS = {
    "classifier": lambda x: sk.build_classifier(like=x, labels=["hot", "cold"] * 6, units=2),
    "regressor": lambda x: sk.build_regressor(like=x, targets=np.arange(12.0), units=2),
    "tagger": lambda x: sk.build_tagger(like=x, tags=[["on", "off"] * 4] * 12, units=2),
}


@pytest.mark.parametrize("kind", MODELS)
def test_a_model_keeps_the_names(kind, tmp_path):
    import keras

    samples = tables()
    model = MODELS[kind](samples)
    assert model.settings.feature_names == ("temp", "load")
    answers = model.predict(samples[:2], verbose=0)
    model.save(tmp_path / "model.keras")
    for one in (model, keras.saving.load_model(tmp_path / "model.keras")):
        np.testing.assert_array_equal(one.predict(swapped(samples[:2]), verbose=0), answers)
    with pytest.raises(ValueError, match="'heat'"):
        model.predict([samples[0].rename(columns={"temp": "heat"})], verbose=0)


def test_an_estimator_keeps_the_names():
    samples = tables()
    regressor = sk.SeqkitRegressor(units=2, epochs=1, folds=0, random_state=0).fit(samples, np.arange(12.0))
    np.testing.assert_array_equal(regressor.predict(swapped(samples)), regressor.predict(samples))
