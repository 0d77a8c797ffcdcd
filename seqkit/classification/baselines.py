"""The baselines a classifier has to beat: the majority class, and a linear model on plain features.

Shapes: B samples, T timesteps, F features, K classes.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.dummy import DummyClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from seqkit.classification.model import Classifier
from seqkit.classification.settings import MULTI_LABEL_THRESHOLD
from seqkit.data.plain_features import plain_features
from seqkit.text.splitting import split_words

MOST_TERMS = 50_000  # words and pairs of words, the most frequent
MOST_SOLVER_ITERATIONS = 100
SMALLEST_PROBABILITY = 1e-7  # in every log loss

STRENGTHS = (0.01, 0.1, 1.0, 10.0, 100.0, 1000.0)  # values of C to choose from
USUAL_STRENGTH = 1.0  # scikit-learn's C, where no sample can be held back
FOLDS = 5
MOST_WORDS, MOST_VALUES = 500_000, 2_000_000  # times classes; of a larger training set a part chooses C


def predict_majority(targets: np.ndarray, samples: int, multi_label: bool) -> np.ndarray:
    """Probabilities `[B, K]` of `samples` samples: the share of each class in the training targets `[B, K]`."""
    prior = _with_each_label(DummyClassifier(strategy="prior"), multi_label)
    return _fit_and_predict(prior, np.zeros((len(targets), 1)), targets, np.zeros((samples, 1)))


def predict_linear(model: Classifier, train: list[Any], targets: np.ndarray, samples: list[Any]) -> np.ndarray:
    """Probabilities `[B, K]` by logistic regression: on TF-IDF of text, on values of series, or on their statistics.

    Held-back training samples choose how strong its penalty is.
    """
    multi_label = model.settings.multi_label
    weights = [1.0] * targets.shape[1] if multi_label else model.settings.class_weights
    solver = {"solver": "newton-cg", "max_iter": MOST_SOLVER_ITERATIONS}  # for many terms lbfgs takes far longer
    regression = LogisticRegression(class_weight=None if multi_label else dict(enumerate(weights)), **solver)
    preparation, train_features, features = _features(model.settings.is_text, train, samples)
    size = sum(map(len, train_features)) * targets.shape[1]
    step = 1 + size // (MOST_WORDS if model.settings.is_text else MOST_VALUES)
    with threadpool_limits(1):  # threads gain little here, and wait for each other on a busy machine
        folds = list(_folds(preparation, train_features, targets, step))
        regression.set_params(C=_choose_strength(regression, folds, np.array(weights), multi_label))
        train_rows, rows = preparation.fit_transform(train_features), preparation.transform(features)
        return _fit_and_predict(_with_each_label(regression, multi_label), train_rows, targets, rows)


def _features(is_text: bool, train: list[Any], samples: list[Any]) -> tuple[Any, Sequence[Any], Sequence[Any]]:
    """What learns rows from the features of training samples; these features, and those of `samples`."""
    if is_text:
        tf_idf = TfidfVectorizer(analyzer=_words_and_pairs, max_features=MOST_TERMS)
        return tf_idf, split_words(train), split_words(samples)
    features = plain_features([*train, *samples])
    return StandardScaler(), features[: len(train)], features[len(train) :]


def _words_and_pairs(tokens: Sequence[str]) -> list[str]:
    """Words and pairs of neighbours; a text without words gets one blank term, as scikit-learn refuses no terms."""
    return [*tokens, *map(" ".join, pairwise(tokens))] or [" "]


def _folds(preparation: Any, features: Sequence[Any], targets: np.ndarray, step: int) -> Iterator[tuple[Any, ...]]:
    """Rows and targets to learn from, then rows and targets held back, up to five times.

    Samples of the same labels are dealt out in turn, in an order that is always the same; with `step=2`, every second
    one. Words and scaling are learnt without the fold, as they are without the samples to be scored. A fold is left out
    where all other samples have the same labels.
    """
    labels = np.unique(targets, axis=0, return_inverse=True)[1].ravel()
    mixed = np.random.default_rng(0).permutation(len(labels))
    order = mixed[np.argsort(labels[mixed], kind="stable")][::step]
    fold_of = np.arange(len(order)) % FOLDS
    for fold in range(min(FOLDS, len(order))):
        learnt, held_back = order[fold_of != fold], order[fold_of == fold]
        if len(set(labels[learnt])) > 1:
            own = clone(preparation)
            rows = own.fit_transform([features[i] for i in learnt])
            yield rows, targets[learnt], own.transform([features[i] for i in held_back]), targets[held_back]


def _choose_strength(regression: Any, folds: list[tuple[Any, ...]], weights: np.ndarray, multi_label: bool) -> float:
    """The C that gets most held-back samples right; of equals, that with the least log loss, then the smallest.

    A sample counts by the weight of its class, as it does in the fit. Without folds, `USUAL_STRENGTH`.
    """
    regressions = [clone(regression).set_params(warm_start=True) for _ in folds]
    best, most = USUAL_STRENGTH, (-np.inf, -np.inf)
    for strength in STRENGTHS if folds else ():
        scores = np.zeros(2)
        for own, (rows, targets, held_back, truth) in zip(regressions, folds, strict=True):
            own.set_params(C=strength)
            found = _fit_and_predict(_with_each_label(own, multi_label), rows, targets, held_back)
            scores += _right_and_likely(found, truth, weights, multi_label)
        right, likely = scores.round(9).tolist()
        if (right, likely) > most:
            best, most = strength, (right, likely)
    return best


def _right_and_likely(
    probabilities: np.ndarray, truth: np.ndarray, weights: np.ndarray, multi_label: bool
) -> np.ndarray:
    """Of samples with targets `truth` `[B, K]`: how many are right and their log likelihood, by weights `[K]`."""
    likely = probabilities.clip(SMALLEST_PROBABILITY, 1 - SMALLEST_PROBABILITY)
    if multi_label:
        is_right = ((probabilities >= MULTI_LABEL_THRESHOLD) == truth).all(axis=1)
        return np.array([is_right.sum(), np.log(np.where(truth, likely, 1 - likely)).sum()])
    classes = truth.argmax(axis=1)
    is_right = probabilities.argmax(axis=1) == classes
    own = weights[classes]
    return np.array([own @ is_right, own @ np.log(likely[np.arange(len(likely)), classes])])


def _with_each_label(estimator: Any, multi_label: bool) -> Any:
    return OneVsRestClassifier(estimator) if multi_label else estimator


def _fit_and_predict(estimator: Any, train: Any, targets: np.ndarray, rows: Any) -> np.ndarray:
    """Fit the estimator to rows `train` and targets `[B, K]`, and predict probabilities `[B, K]` of `rows`."""
    multi_label = isinstance(estimator, OneVsRestClassifier)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a nearly converged solver is good enough, and constant labels are no news
        estimator.fit(train, targets if multi_label else targets.argmax(axis=1))
        found = estimator.predict_proba(rows)
    if multi_label:
        return found
    probabilities = np.zeros((len(found), targets.shape[1]))
    probabilities[:, estimator.classes_] = found
    return probabilities
