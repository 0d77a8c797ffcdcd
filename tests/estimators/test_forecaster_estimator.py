"""The forecaster in scikit-learn's own tools: rows of one table, cut by time."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, TimeSeriesSplit, cross_val_score, cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

import seqkit as sk

TINY = {"horizon": 3, "timesteps": 7, "units": 2, "members": (), "validation_rows": 0, "epochs": 1, "intervals": False}
ESTIMATOR = sk.SeqkitForecaster(**TINY, random_state=0)


@pytest.fixture(scope="module")
def table():
    return sk.load_example("air_passengers")


@pytest.fixture(scope="module")
def fitted(table):
    return clone(ESTIMATOR).fit(table[:60])


def test_a_fitted_estimator_forecasts_what_follows_the_rows(fitted, table):
    forecast = fitted.predict(table[:100])
    pd.testing.assert_frame_equal(forecast, fitted.model_.forecast(table[:100]))
    assert forecast.index[0] == table.index[100]
    short = fitted.predict(table[60:62])  # too few rows, but right after those of training
    pd.testing.assert_frame_equal(short, fitted.model_.forecast(table[:62]))
    assert fitted.feature_names_in_.tolist() == ["passengers"]


def test_a_score_is_the_error_of_each_horizon_from_the_rows_before_it(fitted, table):
    rows = [fitted.model_.forecast(table[:60]), fitted.model_.forecast(table[:63], steps=2)]
    errors = (pd.concat(rows) - table[60:65]).abs().to_numpy()
    scale = table[:60].diff(12).abs().mean().item()
    assert fitted.score(table[60:65]) == pytest.approx(-errors.mean() / scale)
    assert fitted.score(table[:65]) == fitted.score(table[60:65])  # rows of training are not scored
    seen = (fitted.model_.forecast(table[:47]) - table[47:50]).abs().to_numpy().mean()
    assert fitted.score(table[:50]) == pytest.approx(-seen / scale)  # unless there are no others
    mae, rmse = (clone(ESTIMATOR).set_params(metric=name).fit(table[:60]) for name in ("mae", "rmse"))
    assert mae.score(table[60:65]) == pytest.approx(-errors.mean())
    assert rmse.score(table[60:65]) == pytest.approx(-np.sqrt((errors**2).mean()))


@pytest.mark.slow
def test_cross_validation_by_time_trains_on_the_rows_before_each_fold(table):
    folds = TimeSeriesSplit(2, test_size=6)
    scores = cross_val_score(ESTIMATOR, table, cv=folds, error_score="raise")
    by_hand = [clone(ESTIMATOR).fit(table.iloc[rows]).score(table.iloc[held]) for rows, held in folds.split(table)]
    np.testing.assert_allclose(scores, by_hand, rtol=1e-5)


def test_arrays_have_no_calendar_and_are_scored_alike(table):
    array = table.to_numpy("float64")
    found = cross_validate(
        ESTIMATOR, array, cv=TimeSeriesSplit(2, test_size=4, max_train_size=60), return_train_score=True
    )
    assert np.isfinite([found["test_score"], found["train_score"]]).all()
    estimator = clone(ESTIMATOR).fit(array[:60])
    assert estimator.model_.settings.season == 1
    assert estimator.predict(array[:60]).shape == (3, 1)
    with pytest.raises(ValueError, match=r"predict: fit had an array, and this is none"):
        estimator.predict(table)


@pytest.mark.slow
def test_a_pipeline_keeps_the_time_and_a_grid_is_searched(table):
    steps = (StandardScaler().set_output(transform="pandas"), clone(ESTIMATOR))
    pipeline = make_pipeline(FunctionTransformer(np.log), *steps)
    grid = {"seqkitforecaster__units": [2, 3]}
    search = GridSearchCV(pipeline, grid, cv=TimeSeriesSplit(2, test_size=3), error_score="raise").fit(table)
    forecast = search.predict(table)  # in the units of the pipeline's last table
    assert forecast.index[0] == pd.Timestamp("1961-01-01")
    assert forecast.abs().to_numpy().max() < 10


def test_a_column_that_is_known_ahead_is_read_as_it_came(table):
    rows = table[:80].assign(strike=np.resize([0.0, 0, 0, 0, 1], 80))
    estimator = clone(ESTIMATOR).set_params(future_columns="strike").fit(rows[:70])
    assert np.isfinite(estimator.score(rows[70:75]))
    ahead = estimator.predict(rows[:70], future=rows[["strike"]][70:73])
    assert list(ahead.columns) == ["passengers"]


def test_what_cannot_be_is_refused_in_words(fitted, table):
    estimator = clone(ESTIMATOR)
    with pytest.raises(ValueError, match=r"SeqkitForecaster.fit: the table holds its targets, so there is no y. Join"):
        estimator.fit(table, table)
    with pytest.raises(ValueError, match=r"score: the training rows end at 1953-12-01 00:00:00, and the rows to score"):
        fitted.score(table[62:70])
    with pytest.raises(ValueError, match=r"score: the model has seen these 9 rows, .*Pass 10 rows or more"):
        fitted.score(table[:9])
    with pytest.raises(ValueError, match=r"fit: metric must be one of 'mase', 'mae', 'rmse', got 'mape'"):
        clone(ESTIMATOR).set_params(metric="mape").fit(table)
    with pytest.raises(ValueError, match=r"fit had a DataFrame, and this is none"):
        fitted.score(table.to_numpy())
    panel = sk.as_panel(pd.concat([table.assign(shop=shop) for shop in "ab"]), series="shop")
    with pytest.raises(ValueError, match=r"fit: a table of one series is needed, got many.*train_forecaster"):
        estimator.fit(panel)
