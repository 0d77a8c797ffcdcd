"""How good a classifier is: scores beside two baselines, scores by class, and a verdict in plain words.

Shapes: B samples, K classes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy.stats import binomtest
from sklearn import metrics

from seqkit import _checks
from seqkit._errors import InvalidType, InvalidValue
from seqkit._shown import shown_shortly
from seqkit.classification import baselines as _baselines
from seqkit.classification.model import Classifier
from seqkit.classification.settings import MULTI_LABEL_THRESHOLD
from seqkit.data import labels as class_labels
from seqkit.data import series as inputs
from seqkit.data.texts import as_texts

WHERE = "score_classifier"
BASELINES = {"majority": "the majority class", "linear": "the linear baseline"}
SIGNIFICANCE_LEVEL = 0.05  # the verdict says "may be chance" when p is 0.05 or more


@shown_shortly
class ClassScores(NamedTuple):
    """The scores of a classifier on held-out samples.

    Example:
        >>> import numpy as np
        >>> import seqkit as sk
        >>> x, y = np.eye(5)[:, :, None], ["low", "low", "high", "low", "high"]
        >>> model = sk.build_classifier(like=x[:3], labels=y[:3], units=2)
        >>> scored = sk.score_classifier(model, x[3:], y[3:], train=(x[:3], y[:3]))
        >>> scored.scores.index.tolist(), scored.confusion.shape
        (['classifier', 'majority', 'linear'], (2, 2))
    """

    scores: pd.DataFrame  # accuracy, balanced_accuracy, macro_f1, log_loss of classifier, majority and linear
    by_class: pd.DataFrame  # the classifier's precision, recall, f1 and support of each class
    confusion: pd.DataFrame  # counts; a row for each true class, a column for each predicted class
    verdict: str  # in plain words


def score_classifier(model: Classifier, x: Any, y: Any, *, train: tuple[Any, Any]) -> ClassScores:
    """Score a classifier on held-out samples, beside the majority class and a linear model.

    Both baselines learn from `train` alone. `majority` predicts for each class its share of the training samples.
    `linear` is logistic regression with the classifier's class weights. For text, it reads TF-IDF of words and pairs of
    words (`split_words`, the 50 000 most frequent). For series of one length, it reads their scaled values. Where
    lengths differ or values are missing, it reads each feature's mean, standard deviation, minimum, maximum, first and
    last value over the timesteps without missing values, and the number of timesteps.

    The `C` of `linear` (0.01, 0.1, 1, 10, 100 or 1000; a larger one is a weaker penalty) is the one that gets most
    training samples right that are held back in five folds, by class weight; of equals, the one with the least log
    loss. The folds are the same every time, with nearly the same share of every class. A fold is left out where all
    other samples have the same labels; where every fold is, `C` is 1. One `C` is for all labels of `multi_label`. A
    training set whose words times classes are more than 500 000, or values times classes more than 2 000 000, chooses
    by every second sample, every third and so on.

    Scores are scikit-learn's: fractions from 0 to 1, and the log loss in nats. Balanced accuracy is the mean recall
    over the classes in `y`. Macro F1 leaves out classes that are neither in `y` nor predicted. A value of `by_class`
    whose denominator is 0 is NaN. A class that is new in `y` counts as an error. In the log loss no probability is
    below 1e-7; a new class has this probability.

    With `multi_label`, a sample is right when all its labels are right. `scores` then has `micro_f1` too, the log loss
    is the mean over samples and classes, and the baselines learn each class by itself. Off its diagonal, `confusion`
    then counts the samples where the row's class was missed and the column's class was predicted wrongly.

    Args:
        model: the trained classifier.
        x: held-out series or texts.
        y: their labels.
        train: the pair `(x, y)` of training samples.

    Returns:
        `ClassScores`. Its `verdict` gives the accuracy with a 95% interval (Wilson 1927). It says where the classifier
        is no better than a baseline, and whether a lead in accuracy may be chance (exact test of McNemar 1947).

    Raises:
        TypeError: `model` is not a `Classifier`, `train` is not a pair, or samples or labels have a wrong type.
        ValueError: labels are missing or do not pair up with samples; no label of `y` is a class of the model;
            `train` holds only one class, or a class unknown to the model; or the model predicts NaN.

    Example:
        >>> import seqkit
        >>> x, y = np.eye(5)[:, :, None], ["low", "low", "high", "low", "high"]
        >>> model = seqkit.build_classifier(like=x[:3], labels=y[:3], units=2)
        >>> result = score_classifier(model, x[3:], y[3:], train=(x[:3], y[:3]))
        >>> result.scores["accuracy"].loc[["majority"]].to_dict(), result.by_class["support"].to_dict()
        ({'majority': 0.5}, {'high': 1, 'low': 1})
    """
    if not isinstance(model, Classifier):
        raise InvalidType(
            WHERE,
            f"model must be a Classifier, got {type(model).__name__}.",
            "Make one with train_classifier.",
            argument="model",
        )
    train_samples, train_targets = _training_pair(model, train)

    def baselines(samples: list[Any]) -> dict[str, np.ndarray]:
        return {
            "majority": _baselines.predict_majority(train_targets, len(samples), model.settings.multi_label),
            "linear": _baselines.predict_linear(model, train_samples, train_targets, samples),
        }

    return _scored(model, x, y, baselines)


def score_alone(model: Classifier, x: Any, y: Any) -> ClassScores:
    """The scores of a classifier without any baseline, where nobody has the training samples."""
    return _scored(model, x, y, lambda samples: {})


def _scored(model: Classifier, x: Any, y: Any, baselines: Callable[[list[Any]], dict[str, np.ndarray]]) -> ClassScores:
    """The scores beside those of `baselines(samples)`, which gives probabilities `[B, K]` by name."""
    samples, multi_label = _samples(model, WHERE, x), model.settings.multi_label
    classes = _all_classes(model, y)
    targets = class_labels.encode(WHERE, y, classes, multi_label, len(samples)).astype(int)
    probabilities = {"classifier": _predict(model, samples), **baselines(samples)}
    unseen = len(classes) - len(model.labels)
    probabilities = {name: np.pad(p.astype(float), ((0, 0), (0, unseen))) for name, p in probabilities.items()}
    predicted = {name: _predicted_classes(p, multi_label) for name, p in probabilities.items()}
    scores = {name: _scores(targets, p, predicted[name], multi_label) for name, p in probabilities.items()}
    return ClassScores(
        pd.DataFrame.from_dict(scores, orient="index").rename_axis("method"),
        _by_class(targets, predicted["classifier"], classes),
        _confusion(targets, predicted["classifier"], classes),
        _verdict(scores, targets, predicted) + _sentence_on_unseen(targets, classes, unseen),
    )


def _training_pair(model: Classifier, train: Any) -> tuple[list[Any], np.ndarray]:
    """Training samples, and their labels as zeros and ones `[B, K]`."""
    where = f"{WHERE}: train"
    if not isinstance(train, (tuple, list)) or len(train) != 2:
        length = f" of {len(train)}" if isinstance(train, (tuple, list)) else ""
        problem = f"train must be the pair (x, y) of training samples, got {type(train).__name__}{length}."
        raise InvalidType(WHERE, problem, "Pass train=(x, y).", "train")
    _check_labels(where, train[1], "train")
    samples = _samples(model, where, train[0])
    targets = class_labels.encode(where, train[1], model.labels, model.settings.multi_label, len(samples))
    if (classes := int(targets.any(axis=0).sum())) < class_labels.LEAST_CLASSES:
        problem = f"two classes or more are needed, got {classes} in {len(samples)} labels."
        raise InvalidValue(where, problem, "Pass all samples that the classifier was trained on.", "train")
    return samples, targets.astype(int)


def _check_labels(where: str, y: Any, argument: str) -> None:
    if isinstance(y, str) or not isinstance(y, Iterable):
        problem = f"a list of labels is needed, one for each sample, got {y!r}."
        raise InvalidType(where, problem, argument=argument)


def _samples(model: Classifier, where: str, x: Any) -> list[Any]:
    settings = model.settings
    if settings.is_text:
        return as_texts(where, x)
    return inputs.as_series(where, x, settings.features, settings.missing, names=settings.feature_names)


def _all_classes(model: Classifier, y: Any) -> list[Any]:
    """The model's classes in its order, then the classes of `y` that are unknown to the model."""
    _check_labels(WHERE, y, "y")
    multi_label = model.settings.multi_label
    if multi_label and isinstance(y, np.ndarray) and y.ndim == 2:  # zeros and ones
        return list(model.labels)
    labels = {label for row in class_labels.as_rows(WHERE, y, multi_label) for label in row}
    if labels.isdisjoint(model.labels):
        problem = (
            f"no label is a class of the model: the labels are {_checks.listed(labels) or 'none'}, the classes are "
            f"{_checks.listed(model.labels)}."
        )
        raise InvalidValue(WHERE, problem, "Spell the labels as in training.", "y")
    return [*model.labels, *sorted(labels.difference(model.labels))]


def _predict(model: Classifier, samples: list[Any]) -> np.ndarray:
    probabilities = model.predict(samples, verbose=0)
    if np.isnan(probabilities).any():
        raise InvalidValue(WHERE, "the classifier predicts NaN, as after a training that diverged.", "Train it anew.")
    return probabilities


def _predicted_classes(probabilities: np.ndarray, multi_label: bool) -> np.ndarray:
    """The predicted classes as zeros and ones `[B, K]`."""
    if multi_label:
        return (probabilities >= MULTI_LABEL_THRESHOLD).astype(int)
    return np.eye(probabilities.shape[1], dtype=int)[probabilities.argmax(axis=1)]


def _scores(
    targets: np.ndarray, probabilities: np.ndarray, predicted: np.ndarray, multi_label: bool
) -> dict[str, float]:
    macro: dict[str, Any] = {"average": "macro", "zero_division": np.nan}  # the mean leaves out undefined values
    micro: dict[str, Any] = {"average": "micro", "zero_division": np.nan}
    return {
        "accuracy": metrics.accuracy_score(targets, predicted),
        "balanced_accuracy": metrics.recall_score(targets, predicted, **macro),
        "macro_f1": metrics.f1_score(targets, predicted, **macro),
        **({"micro_f1": metrics.f1_score(targets, predicted, **micro)} if multi_label else {}),
        "log_loss": _log_loss(targets, probabilities, multi_label),
    }


def _log_loss(targets: np.ndarray, probabilities: np.ndarray, multi_label: bool) -> float:
    if multi_label:
        clipped = np.clip(probabilities, _baselines.SMALLEST_PROBABILITY, 1 - _baselines.SMALLEST_PROBABILITY)
        return metrics.log_loss(targets.ravel(), clipped.ravel(), labels=[0, 1])
    clipped = np.maximum(probabilities, _baselines.SMALLEST_PROBABILITY)
    clipped /= clipped.sum(axis=1, keepdims=True)
    return metrics.log_loss(targets.argmax(axis=1), clipped, labels=range(targets.shape[1]))


def _by_class(targets: np.ndarray, predicted: np.ndarray, classes: list[Any]) -> pd.DataFrame:
    columns = metrics.precision_recall_fscore_support(targets, predicted, zero_division=np.nan)
    names = ("precision", "recall", "f1", "support")
    return pd.DataFrame(dict(zip(names, columns, strict=True)), index=pd.Index(classes, name="class"))


def _confusion(targets: np.ndarray, predicted: np.ndarray, classes: list[Any]) -> pd.DataFrame:
    right = np.diag((targets * predicted).sum(axis=0))
    wrong = (targets * (1 - predicted)).T @ (predicted * (1 - targets))  # classes missed, by classes predicted instead
    return pd.DataFrame(right + wrong, pd.Index(classes, name="true"), pd.Index(classes, name="predicted"))


def _verdict(scores: Mapping[str, Mapping[str, float]], targets: np.ndarray, predicted: Mapping[str, Any]) -> str:
    is_right = {method: (classes == targets).all(axis=1) for method, classes in predicted.items()}
    classifier, samples = scores["classifier"], len(targets)
    interval = binomtest(int(is_right["classifier"].sum()), samples).proportion_ci(method="wilson")
    shown = {method: name for method, name in BASELINES.items() if method in scores}
    comparisons = "; it ".join(_compare(classifier, scores[method], name) for method, name in shown.items())
    leads = {
        name: _mcnemar_p(is_right["classifier"], is_right[method])
        for method, name in shown.items()
        if classifier["accuracy"] > scores[method]["accuracy"]
    }
    by_chance = [f"over {name} (p = {p:.2g})" for name, p in leads.items() if p >= SIGNIFICANCE_LEVEL]
    verdict = (
        f"On {samples} sample{'s' * (samples > 1)} the classifier's accuracy is {classifier['accuracy']:.1%} (95% "
        f"interval {interval.low:.1%} to {interval.high:.1%}) and its balanced accuracy "
        f"{classifier['balanced_accuracy']:.1%}."
    )
    verdict += f" It {comparisons}." if comparisons else ""
    return verdict + (f" The lead in accuracy {' and '.join(by_chance)} may be chance." if by_chance else "")


def _compare(classifier: Mapping[str, float], baseline: Mapping[str, float], name: str) -> str:
    accuracy, balanced = (
        round(100 * (classifier[score] - baseline[score]), 9) for score in ("accuracy", "balanced_accuracy")
    )
    if accuracy > 0 and balanced > 0:
        return f"beats {name} by {accuracy:.1f} points of accuracy and {balanced:.1f} of balanced accuracy"
    if accuracy <= 0 and balanced <= 0:
        figures = f"{baseline['accuracy']:.1%} and {baseline['balanced_accuracy']:.1%}"
        return f"is no better than {name}, whose figures are {figures}"
    return f"is {_above_or_below(accuracy)} {name} in accuracy and {_above_or_below(balanced)} it in balanced accuracy"


def _above_or_below(lead: float) -> str:
    return f"{abs(lead):.1f} points {'above' if lead > 0 else 'below'}" if lead else "level with"


def _mcnemar_p(classifier: np.ndarray, baseline: np.ndarray) -> float:
    """The p-value of McNemar's exact test: of samples that only one method gets right, half should go to each."""
    won, lost = int((classifier & ~baseline).sum()), int((baseline & ~classifier).sum())
    return float(binomtest(won, won + lost).pvalue)


def _sentence_on_unseen(targets: np.ndarray, classes: list[Any], unseen: int) -> str:
    if not unseen:
        return ""
    count, names = int(targets[:, -unseen:].any(axis=1).sum()), _checks.listed(classes[-unseen:])
    belong = "sample belongs" if count == 1 else "samples belong"
    return f" {count} {belong} to a class never seen in training ({names}), which counts as an error."
