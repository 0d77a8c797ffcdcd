"""What a classifier has to beat: the majority class, and a linear model on plain features of the same samples.

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

MOST_TERMS = 50_000  # words and pairs that the linear model of text knows, the most frequent
MOST_ROUNDS = 1000  # of its solver


def majority(targets: np.ndarray, samples: int, many: bool) -> np.ndarray:
    """Probabilities `[B, K]` of so many samples: each class as often as among the training targets `[B, K]`."""
    nothing = np.zeros((len(targets) + samples, 1))
    prior = DummyClassifier(strategy="prior")
    return _learnt(prior, None, nothing[: len(targets)], targets, nothing[len(targets) :], many)


def linear(model: Classifier, learnt: list[Any], targets: np.ndarray, samples: list[Any]) -> np.ndarray:
    """Probabilities `[B, K]` by logistic regression: on TF-IDF of text, on values of series, or on their statistics."""
    many = model.settings.multi_label
    weights = None if many else dict(enumerate(model.settings.class_weights))
    regression = LogisticRegression(max_iter=MOST_ROUNDS, class_weight=weights)
    if model.settings.is_text:
        words = TfidfVectorizer(analyzer=_terms, max_features=MOST_TERMS)
        return _learnt(regression, words, split_words(learnt), targets, split_words(samples), many)
    everyone = [*learnt, *samples]
    is_regular = len({one.shape for one in everyone}) == 1 and not any(np.isnan(one).any() for one in everyone)
    rows = np.stack([(np.ravel if is_regular else statistics)(one.astype(float)) for one in everyone])
    return _learnt(regression, StandardScaler(), rows[: len(learnt)], targets, rows[len(learnt) :], many)


def _terms(tokens: Sequence[str]) -> list[str]:
    """Words and pairs of neighbours; a text without words has one term, so that there is always one to know."""
    return [*tokens, *(f"{one} {other}" for one, other in pairwise(tokens))] or [" "]


def statistics(series: np.ndarray) -> np.ndarray:
    """Of series `[T, F]`: six numbers of each feature, and T."""
    known = series[~np.isnan(series).any(axis=1)]
    of_features = (known.mean(axis=0), known.std(axis=0), known.min(axis=0), known.max(axis=0), known[0], known[-1])
    return np.concatenate([*of_features, [len(series)]])


def _learnt(estimator: Any, preparation: Any, learnt: Any, targets: np.ndarray, asked: Any, many: bool) -> np.ndarray:
    """Probabilities `[B, K]` of what is asked, by an estimator fitted to what is learnt."""
    pipeline = make_pipeline(preparation, OneVsRestClassifier(estimator) if many else estimator)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # nearly at its best is good enough to compare with
        warnings.filterwarnings("ignore", "Label .* is present in all training examples", UserWarning)
        pipeline.fit(learnt, targets if many else targets.argmax(axis=1))
    if many:
        return pipeline.predict_proba(asked)
    probabilities = np.zeros((len(asked), targets.shape[1]))
    probabilities[:, pipeline.classes_] = pipeline.predict_proba(asked)
    return probabilities
