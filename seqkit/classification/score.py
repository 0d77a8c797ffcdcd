"""How good a classifier is: beside the majority class and a linear model, class by class, and a plain word on it.

Shapes: B samples, K classes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy.stats import binomtest
from sklearn import metrics

from seqkit import _checks
from seqkit._errors import InvalidType, InvalidValue
from seqkit.classification import baselines as _baselines
from seqkit.classification.answers import LEAST_PROBABILITY
from seqkit.classification.model import Classifier
from seqkit.data import labels as class_labels
from seqkit.data import series as inputs
from seqkit.data.texts import as_texts

WHERE = "score_classifier"
RIVALS = {"majority": "the majority class", "linear": "the linear baseline"}
FLOOR = 1e-7  # of a probability in the log loss, for every method alike
CHANCE = 0.05  # a lead that chance alone would give at least this often is called one that may be chance


class ClassScores(NamedTuple):
    """What samples that the classifier was not trained on showed."""

    scores: pd.DataFrame  # accuracy, balanced_accuracy, macro_f1, log_loss of classifier, majority and linear
    by_class: pd.DataFrame  # the classifier's precision, recall, f1 and support of each class
    confusion: pd.DataFrame  # counts, rows the true class, columns the predicted one
    verdict: str  # in plain words


def score_classifier(model: Classifier, x: Any, y: Any, *, train: tuple[Any, Any]) -> ClassScores:
    """Score a classifier on samples it has not seen, beside the majority class and a linear model.

    Both baselines learn from `train` alone. `majority` gives each class its share of the training samples.
    `linear` is logistic regression with scikit-learn's penalty and the classifier's own class weights: on the scaled
    values of series of one length; on each feature's mean, standard deviation, minimum, maximum, first and last
    value over the known steps, and the number of steps, where lengths differ or values are missing; on TF-IDF of
    words and pairs of words (`split_words`, the 50 000 most frequent) of text.

    Scores are scikit-learn's, fractions from 0 to 1, but for the log loss in nats. Balanced accuracy is the mean
    recall over the classes that `y` has; macro F1 leaves out classes neither in `y` nor predicted. A figure of
    `by_class` whose denominator is 0 is NaN. A class that the model was never trained on counts as an error; in the
    log loss no probability is below 1e-7, and a class without one gets that.

    With `multi_label`, accuracy asks for all labels of a sample, `scores` has `micro_f1` as well, the log loss is the
    mean over samples and classes, and baselines learn each class by itself. Off its diagonal `confusion` then counts
    the samples where the row's class was missed and the column's wrongly given.

    Args:
        model: the classifier, trained.
        x: series or texts that were held back from training.
        y: their labels.
        train: the pair `(x, y)` it was trained on.

    Returns:
        `ClassScores`. Its `verdict` says plainly where the classifier is no better than a baseline, with a 95%
        interval of its accuracy (Wilson 1927), and whether a lead in accuracy may be chance (McNemar 1947, exact).

    Raises:
        TypeError: `model` is no `Classifier`, `train` no pair, samples or labels are none.
        ValueError: labels are missing or do not pair up with samples, none of `y` is a class of the model, `train`
            holds one class alone or one unknown to the model, or the model answers NaN.

    Example:
        >>> import seqkit
        >>> x, y = np.eye(5)[:, :, None], ["low", "low", "high", "low", "high"]
        >>> model = seqkit.build_classifier(like=x[:3], labels=y[:3], units=2)
        >>> found = score_classifier(model, x[3:], y[3:], train=(x[:3], y[:3]))
        >>> found.scores["accuracy"].loc[["majority"]].to_dict(), found.by_class["support"].to_dict()
        ({'majority': 0.5}, {'high': 1, 'low': 1})
    """
    if not isinstance(model, Classifier):
        raise InvalidType(
            WHERE,
            f"model must be a Classifier, got {type(model).__name__}.",
            "Make one with train_classifier.",
            argument="model",
        )
    learnt, targets = _training(model, train)
    samples, many = _samples(model, WHERE, x), model.settings.multi_label
    classes = _classes(model, y)
    truth = class_labels.encode(WHERE, y, classes, many, len(samples)).astype(int)
    probabilities = {
        "classifier": _answered(model, samples),
        "majority": _baselines.majority(targets, len(samples), many),
        "linear": _baselines.linear(model, learnt, targets, samples),
    }
    unseen = len(classes) - len(model.labels)
    wide = {name: np.pad(one.astype(float), ((0, 0), (0, unseen))) for name, one in probabilities.items()}
    given = {name: _given(one, many) for name, one in wide.items()}
    scores = {name: _scores(truth, wide[name], given[name], many) for name in wide}
    return ClassScores(
        pd.DataFrame.from_dict(scores, orient="index").rename_axis("method"),
        _by_class(truth, given["classifier"], classes),
        _confusion(truth, given["classifier"], classes),
        _verdict(scores, truth, given) + _unseen(truth, classes, unseen),
    )


def _training(model: Classifier, train: Any) -> tuple[list[Any], np.ndarray]:
    """Training samples, and their classes as zeros and ones `[B, K]`."""
    where = f"{WHERE}: train"
    if not isinstance(train, (tuple, list)) or len(train) != 2:
        came = f"{type(train).__name__} of {len(train)}" if isinstance(train, (tuple, list)) else type(train).__name__
        problem = f"train must be the pair (x, y) of training samples, got {came}."
        raise InvalidType(WHERE, problem, "Pass train=(x, y).", "train")
    _refuse_none(where, train[1])
    samples = _samples(model, where, train[0])
    targets = class_labels.encode(where, train[1], model.labels, model.settings.multi_label, len(samples))
    if (held := int(targets.any(axis=0).sum())) < class_labels.LEAST_CLASSES:
        raise InvalidValue(
            where,
            f"two classes or more are needed, got {held} in {len(samples)} labels.",
            "Pass all that the classifier was trained on.",
        )
    return samples, targets.astype(int)


def _refuse_none(where: str, y: Any) -> None:
    if isinstance(y, str) or not isinstance(y, Iterable):
        raise InvalidType(where, f"a list of labels is needed, one for each sample, got {y!r}.")


def _samples(model: Classifier, where: str, x: Any) -> list[Any]:
    settings = model.settings
    if settings.is_text:
        return as_texts(where, x)
    return inputs.as_series(where, x, settings.features, settings.missing)


def _classes(model: Classifier, y: Any) -> list[Any]:
    """The model's classes in its order, then those in `y` that it does not know."""
    _refuse_none(WHERE, y)
    many = model.settings.multi_label
    if many and isinstance(y, np.ndarray) and y.ndim == 2:  # zeros and ones
        return list(model.labels)
    found = {label for row in class_labels.as_rows(WHERE, y, many) for label in row}
    if found.isdisjoint(model.labels):
        raise InvalidValue(
            WHERE,
            f"none of the labels, {_checks.listed(found) or 'of which there are none'}, is a class of the model, "
            f"whose classes are {_checks.listed(model.labels)}.",
            "Spell them as in training.",
        )
    return [*model.labels, *sorted(found.difference(model.labels))]


def _answered(model: Classifier, samples: list[Any]) -> np.ndarray:
    probabilities = model.predict(samples, verbose=0)
    if np.isnan(probabilities).any():
        raise InvalidValue(WHERE, "the classifier answers NaN, as after a training that diverged.", "Train it anew.")
    return probabilities


def _given(probabilities: np.ndarray, many: bool) -> np.ndarray:
    """The classes given, as zeros and ones `[B, K]`."""
    if many:
        return (probabilities >= LEAST_PROBABILITY).astype(int)
    return np.eye(probabilities.shape[1], dtype=int)[probabilities.argmax(axis=1)]


def _scores(truth: np.ndarray, probabilities: np.ndarray, given: np.ndarray, many: bool) -> dict[str, float]:
    over: dict[str, Any] = {"average": "macro", "zero_division": np.nan}  # what is undefined is left out of the mean
    micro = {"micro_f1": metrics.f1_score(truth, given, average="micro", zero_division=np.nan)} if many else {}
    return {
        "accuracy": metrics.accuracy_score(truth, given),
        "balanced_accuracy": metrics.recall_score(truth, given, **over),
        "macro_f1": metrics.f1_score(truth, given, **over),
        **micro,
        "log_loss": _log_loss(truth, probabilities, many),
    }


def _log_loss(truth: np.ndarray, probabilities: np.ndarray, many: bool) -> float:
    if many:
        kept = np.clip(probabilities, FLOOR, 1 - FLOOR)
        return metrics.log_loss(truth.ravel(), kept.ravel(), labels=[0, 1])
    kept = np.maximum(probabilities, FLOOR)
    kept /= kept.sum(axis=1, keepdims=True)
    return metrics.log_loss(truth.argmax(axis=1), kept, labels=range(truth.shape[1]))


def _by_class(truth: np.ndarray, given: np.ndarray, classes: list[Any]) -> pd.DataFrame:
    columns = metrics.precision_recall_fscore_support(truth, given, zero_division=np.nan)
    names = ("precision", "recall", "f1", "support")
    return pd.DataFrame(dict(zip(names, columns, strict=True)), index=pd.Index(classes, name="class"))


def _confusion(truth: np.ndarray, given: np.ndarray, classes: list[Any]) -> pd.DataFrame:
    right = np.diag((truth * given).sum(axis=0))
    wrong = (truth * (1 - given)).T @ (given * (1 - truth))  # missed, and what was given wrongly
    return pd.DataFrame(right + wrong, pd.Index(classes, name="true"), pd.Index(classes, name="predicted"))


def _verdict(scores: Mapping[str, Mapping[str, float]], truth: np.ndarray, given: Mapping[str, np.ndarray]) -> str:
    right = {name: (one == truth).all(axis=1) for name, one in given.items()}
    own, samples = scores["classifier"], len(truth)
    interval = binomtest(int(right["classifier"].sum()), samples).proportion_ci(method="wilson")
    compared = "; it ".join(_compared(own, scores[name], rival) for name, rival in RIVALS.items())
    by_chance = [
        f"over {rival} (p = {p:.2g})"
        for name, rival in RIVALS.items()
        if own["accuracy"] > scores[name]["accuracy"] and (p := _mcnemar(right["classifier"], right[name])) >= CHANCE
    ]
    said = (
        f"On {samples} sample{'s' * (samples > 1)} the classifier's accuracy is {own['accuracy']:.1%} (95% interval "
        f"{interval.low:.1%} to {interval.high:.1%}) and its balanced accuracy {own['balanced_accuracy']:.1%}. "
        f"It {compared}."
    )
    return said + (f" The lead in accuracy {' and '.join(by_chance)} may be chance." if by_chance else "")


def _compared(own: Mapping[str, float], other: Mapping[str, float], rival: str) -> str:
    accuracy, balanced = (round(100 * (own[name] - other[name]), 9) for name in ("accuracy", "balanced_accuracy"))
    if accuracy > 0 and balanced > 0:
        return f"beats {rival} by {accuracy:.1f} points of accuracy and {balanced:.1f} of balanced accuracy"
    if accuracy <= 0 and balanced <= 0:
        figures = f"{other['accuracy']:.1%} and {other['balanced_accuracy']:.1%}"
        return f"is no better than {rival}, whose figures are {figures}"
    return f"is {_place(accuracy)} {rival} in accuracy and {_place(balanced)} it in balanced accuracy"


def _place(lead: float) -> str:
    return f"{abs(lead):.1f} points {'above' if lead > 0 else 'below'}" if lead else "level with"


def _mcnemar(own: np.ndarray, other: np.ndarray) -> float:
    """How often chance alone would divide the samples that one of two got right as unequally, or more so."""
    won = int((own & ~other).sum())
    return float(binomtest(won, won + int((other & ~own).sum())).pvalue)


def _unseen(truth: np.ndarray, classes: list[Any], unseen: int) -> str:
    if not unseen:
        return ""
    count, names = int(truth[:, -unseen:].any(axis=1).sum()), _checks.listed(classes[-unseen:])
    belong = "sample belongs" if count == 1 else "samples belong"
    return f" {count} {belong} to a class never seen in training ({names}), which counts as an error."
