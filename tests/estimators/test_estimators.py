"""The classifier and the regressor in scikit-learn's own tools: series of any length, texts, and tables."""

import pickle
import random

import joblib
import keras
import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone, is_classifier, is_regressor
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, StratifiedKFold, cross_val_predict, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

import seqkit as sk

TINY = {"cell": "simple_rnn", "units": 3, "bidirectional": False, "attention": "none", "convolution": "none"}
BRIEF = {**TINY, "folds": 0, "epochs": 1, "random_state": 0}
KINDS = np.array(["rise", "fall"])


def samples(count=20, timesteps=5, features=2):
    """Series `[B, T, F]` that rise or fall, their kinds, and how steeply."""
    numbers = np.random.default_rng(3)
    slopes = numbers.uniform(0.5, 1, count) * np.resize([1, -1], count)
    steps = np.arange(timesteps)[:, None] * np.ones(features)
    return slopes[:, None, None] * steps, np.where(slopes > 0, *KINDS), slopes


def ragged(series):
    """Series of unequal lengths."""
    return [one[: 3 + number % 3] for number, one in enumerate(series)]


@pytest.fixture(scope="module")
def classifier():
    series, kinds, _ = samples()
    learning = {"epochs": 30, "learning_rate": 0.02, "batch_size": 4}
    return sk.SeqkitClassifier(**BRIEF | learning).fit(ragged(series), kinds)


@pytest.fixture(scope="module")
def regressor():
    series, _, slopes = samples(25)
    targets = pd.DataFrame({"slope": slopes, "double": 2 * slopes})
    return sk.SeqkitRegressor(**BRIEF | {"folds": 1}).fit(series, targets)


def test_parameters_are_read_set_and_cloned():
    estimator = sk.SeqkitClassifier(units=(3, 2), callbacks=[keras.callbacks.TerminateOnNaN()])
    copied = clone(estimator.set_params(dropout=0.1))
    assert copied.get_params()["units"] == (3, 2)
    assert copied.get_params()["dropout"] == 0.1
    assert copied.callbacks[0] is not estimator.callbacks[0]
    assert repr(clone(sk.SeqkitRegressor(units=5))) == "SeqkitRegressor(units=5)"
    assert is_classifier(estimator)
    assert is_regressor(sk.SeqkitRegressor())


def test_series_of_any_length_are_classified(classifier):
    series, kinds, _ = samples()
    assert isinstance(classifier.model_, sk.Classifier)
    assert (classifier.classes_.tolist(), classifier.n_features_in_) == (["fall", "rise"], 2)
    assert classifier.score(ragged(series), kinds) == 1
    probabilities = classifier.predict_proba(series)  # an array `[B, T, F]` is series, too
    assert probabilities.shape == (20, 2)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-5)


@pytest.mark.parametrize("store", ["pickle", "joblib"])
def test_a_fitted_estimator_is_stored_whole(classifier, store, tmp_path):
    series, _, _ = samples()
    if store == "pickle":
        stored = pickle.loads(pickle.dumps(classifier))
    else:
        joblib.dump(classifier, tmp_path / "classifier.joblib")
        stored = joblib.load(tmp_path / "classifier.joblib")
    np.testing.assert_array_equal(stored.predict_proba(series), classifier.predict_proba(series))
    assert isinstance(stored.model_, sk.Classifier)


def test_texts_are_classified_beside_a_column_of_them():
    texts, moods = ["good film", "bad film", "good", "bad"], ["up", "down", "up", "down"]
    estimator = sk.SeqkitClassifier(**BRIEF | {"embedding": 4}).fit(texts, moods)
    assert not hasattr(estimator, "n_features_in_")
    assert set(estimator.predict(pd.Series(texts))) <= {"up", "down"}
    assert "film" in estimator.model_.vocabulary.words


def test_several_targets_and_their_intervals(regressor):
    series, _, _ = samples(25)
    assert regressor.predict(series).shape == (25, 2)
    assert regressor.model_.targets == ("slope", "double")
    bounds = regressor.predict_interval(series[:2], levels=[50])
    assert list(bounds.columns[:3]) == ["slope", "slope-lo-50", "slope-hi-50"]


def test_a_table_in_a_pipeline_is_one_feature_over_time():
    series, kinds, _ = samples(features=1)
    table = pd.DataFrame(series[:, :, 0]).add_prefix("hour_")
    pipeline = make_pipeline(StandardScaler().set_output(transform="pandas"), sk.SeqkitClassifier(**BRIEF))
    pipeline.fit(table, kinds)
    assert pipeline[-1].n_features_in_ == 5
    assert pipeline[-1].feature_names_in_.tolist() == [f"hour_{number}" for number in range(5)]
    assert pipeline[-1].model_.settings.timesteps == 5
    assert pipeline.predict(table).shape == (20,)


def test_cross_validation_splits_lists_of_series():
    series, kinds, _ = samples()
    scores = cross_val_score(sk.SeqkitClassifier(**BRIEF), ragged(series), kinds, cv=StratifiedKFold(2))
    assert scores.shape == (2,)
    assert np.isfinite(scores).all()


@pytest.mark.slow
def test_a_grid_is_searched_over_arrays_in_a_pipeline():
    series, _, slopes = samples()
    pipeline = make_pipeline(FunctionTransformer(np.abs), sk.SeqkitRegressor(**BRIEF))
    search = GridSearchCV(pipeline, {"seqkitregressor__units": [2, 3]}, cv=2, error_score="raise").fit(series, slopes)
    assert search.best_params_["seqkitregressor__units"] in (2, 3)
    assert search.predict(series).shape == (20,)


def test_a_seed_gives_the_same_again_and_leaves_other_random_numbers_alone():
    series, _, slopes = samples()
    np.random.seed(5)  # noqa: NPY002
    random.seed(5)
    expected = (np.random.RandomState(5).random(), random.Random(5).random())
    first = sk.SeqkitRegressor(**BRIEF | {"random_state": np.random.RandomState(3)}).fit(series, slopes)
    assert (np.random.random(), random.random()) == expected  # noqa: NPY002
    second = cross_val_predict(
        sk.SeqkitRegressor(**BRIEF | {"random_state": np.random.RandomState(3)}),
        series,
        slopes,
        cv=[(np.arange(20), np.arange(20))],
    )
    np.testing.assert_array_equal(first.predict(series), second)


def test_a_callback_sees_the_training_and_the_parameter_stays_as_it_was():
    series, kinds, _ = samples()
    losses = []
    watching = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: losses.append(logs["loss"]))
    estimator = sk.SeqkitClassifier(**BRIEF | {"callbacks": [watching], "epochs": 2}).fit(series, kinds)
    assert len(losses) == 2
    assert estimator.callbacks == [watching]
    assert getattr(watching, "_model", None) is None


def test_a_class_has_the_weight_of_a_dict():
    series, kinds, _ = samples()
    weighed = sk.SeqkitClassifier(**BRIEF | {"class_weight": {"rise": 3}}).fit(series, kinds)
    assert weighed.model_.settings.class_weights == (1, 3)
    plain = sk.SeqkitClassifier(**BRIEF | {"class_weight": None}).fit(series, kinds)
    assert plain.model_.settings.class_weights == (1, 1)


def test_what_is_no_sample_is_refused_in_words(classifier):
    series, kinds, slopes = samples()
    estimator = sk.SeqkitClassifier(**BRIEF)
    with pytest.raises(NotFittedError):
        estimator.predict(series)
    with pytest.raises(ValueError, match=r"SeqkitClassifier.fit: it requires y to be passed"):
        estimator.fit(series, None)
    with pytest.raises(ValueError, match=r"SeqkitClassifier.fit: 1 sample alone tells nothing. Pass two samples"):
        estimator.fit(series[:1], kinds[:1])
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        estimator.fit(series, kinds[1:])
    with pytest.raises(ValueError, match="Unknown label type: continuous"):
        estimator.fit(series, slopes)
    with pytest.raises(ValueError, match="Input y contains NaN"):
        sk.SeqkitRegressor(**BRIEF).fit(series, np.full(20, np.nan))
    with pytest.raises(ValueError, match=r"fit had series, and these are a table \[samples, timesteps\]"):
        classifier.predict(series[:, :, 0])
    with pytest.raises(ValueError, match=r"SeqkitClassifier.predict: series 0 has 1 features, 2 are needed"):
        classifier.predict([one[:, :1] for one in series])
    with pytest.raises(ValueError, match=r"build_classifier: cell must be one of"):
        sk.SeqkitClassifier(**BRIEF | {"cell": "lsmt"}).fit(series, kinds)
