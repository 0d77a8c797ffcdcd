"""The baselines a classifier has to beat: the majority class, and a linear model on plain features.

Shapes: B samples, T timesteps, F features, K classes.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from sklearn.dummy import DummyClassifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from seqkit.classification.model import Classifier
from seqkit.text.vocabulary import split_words

MOST_TERMS = 50_000  # words and pairs of words, the most frequent
MOST_SOLVER_ITERATIONS = 1000


def predict_majority(targets: np.ndarray, samples: int, multi_label: bool) -> np.ndarray:
    """Probabilities `[B, K]` of `samples` samples: the share of each class in the training targets `[B, K]`."""
    constant = np.zeros((len(targets) + samples, 1))
    prior = DummyClassifier(strategy="prior")
    return _fit_and_predict(prior, None, constant[: len(targets)], targets, constant[len(targets) :], multi_label)


def predict_linear(model: Classifier, train: list[Any], targets: np.ndarray, samples: list[Any]) -> np.ndarray:
    """Probabilities `[B, K]` by logistic regression: on TF-IDF of text, on values of series, or on their statistics."""
    multi_label = model.settings.multi_label
    weights = None if multi_label else dict(enumerate(model.settings.class_weights))
    regression = LogisticRegression(max_iter=MOST_SOLVER_ITERATIONS, class_weight=weights)
    if model.settings.is_text:
        tf_idf = TfidfVectorizer(analyzer=_words_and_pairs, max_features=MOST_TERMS)
        return _fit_and_predict(regression, tf_idf, split_words(train), targets, split_words(samples), multi_label)
    all_series = [*train, *samples]
    has_one_shape = len({series.shape for series in all_series}) == 1
    is_regular = has_one_shape and not any(np.isnan(series).any() for series in all_series)
    features_of = np.ravel if is_regular else compute_statistics
    rows = np.stack([features_of(series.astype(float)) for series in all_series])
    train_rows, rows = rows[: len(train)], rows[len(train) :]
    return _fit_and_predict(regression, StandardScaler(), train_rows, targets, rows, multi_label)


def _words_and_pairs(tokens: Sequence[str]) -> list[str]:
    """Words and pairs of neighbours; a text without words gets one blank term, as scikit-learn refuses no terms."""
    return [*tokens, *map(" ".join, pairwise(tokens))] or [" "]


def compute_statistics(series: np.ndarray) -> np.ndarray:
    """Six statistics of each feature of series `[T, F]`, and T."""
    steps = series[~np.isnan(series).any(axis=1)]  # without missing values
    statistics = (steps.mean(axis=0), steps.std(axis=0), steps.min(axis=0), steps.max(axis=0), steps[0], steps[-1])
    return np.concatenate([*statistics, [len(series)]])


def _fit_and_predict(
    estimator: Any, preparation: Any, train: Any, targets: np.ndarray, samples: Any, multi_label: bool
) -> np.ndarray:
    """Fit the estimator to `train`, and predict probabilities `[B, K]` of `samples`."""
    pipeline = make_pipeline(preparation, OneVsRestClassifier(estimator) if multi_label else estimator)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # a nearly converged solver is good enough for a baseline
        warnings.filterwarnings("ignore", "Label .* is present in all training examples", UserWarning)
        pipeline.fit(train, targets if multi_label else targets.argmax(axis=1))
    if multi_label:
        return pipeline.predict_proba(samples)
    probabilities = np.zeros((len(samples), targets.shape[1]))
    probabilities[:, pipeline.classes_] = pipeline.predict_proba(samples)
    return probabilities
