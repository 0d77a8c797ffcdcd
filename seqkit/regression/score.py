"""How good a regressor is: scores beside three baselines, coverage of its intervals, and a verdict in plain words.

Shapes: B samples, C targets.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from sklearn import metrics

from seqkit._errors import InvalidType, InvalidValue
from seqkit._shown import shown_shortly
from seqkit.regression.answers import served_levels
from seqkit.regression.baselines import predict_plainly
from seqkit.regression.model import Regressor
from seqkit.regression.targets import as_targets, refuse_constant
from seqkit.regression.verdict import verdict_of

WHERE = "score_regressor"


@shown_shortly
class RegressionScores(NamedTuple):
    """The scores of a regressor on held-out samples; of several targets, all tables are indexed by target too.

    Example:
        >>> import numpy as np
        >>> import seqkit as sk
        >>> x, y = np.eye(5)[:, :, None], [3.0, 5.0, 4.0, 6.0, 2.0]
        >>> model = sk.build_regressor(like=x[:3], targets=y[:3], units=2)
        >>> scored = sk.score_regressor(model, x[3:], y[3:], train=(x[:3], y[:3]))
        >>> scored.scores.index.tolist(), scored.scores.columns.tolist()
        (['regressor', 'mean', 'median', 'linear'], ['mae', 'rmse', 'r2'])
    """

    scores: pd.DataFrame  # mae, rmse, r2 of regressor, mean, median and linear
    intervals: pd.DataFrame | None  # coverage and mean width by level; None without intervals
    verdict: str  # in plain words


def score_regressor(model: Regressor, x: Any, y: Any, *, train: tuple[Any, Any]) -> RegressionScores:
    """Score a regressor on held-out samples, beside the mean, the median and a linear model.

    The baselines learn from `train` alone. `linear` is ridge regression. For series of one length, it reads their
    scaled values, side by side. Where lengths differ or values are missing (or the series hold more than 20 million
    values), it reads each feature's mean, standard deviation, minimum, maximum, first and last value over the timesteps
    without missing values, and the number of timesteps. Its penalty, of 19 from 0.001 to 1,000,000, is the one with the
    least squared error where each training sample is left out in turn.

    Scores are scikit-learn's, in the units of the targets: mean absolute error, root mean squared error, and R2.
    `coverage` is the share of the truths inside the intervals of 80 and 95 %, as far as they are promised.

    Args:
        model: the trained regressor.
        x: held-out series.
        y: their targets.
        train: the pair `(x, y)` of training samples.

    Returns:
        `RegressionScores`. Its `verdict` says by how much of its mean absolute error the regressor beats the better of
        mean and median, and the linear model; where it does not; where the lead may be chance (paired t-test of the
        absolute errors); and where intervals hold fewer truths than promised (binomial test).

    Raises:
        TypeError: `model` is not a `Regressor`, `train` is not a pair, or samples or targets have a wrong type.
        ValueError: targets are not finite or do not pair up with samples, or the model predicts NaN.

    Example:
        >>> import seqkit
        >>> x, y = np.eye(5)[:, :, None], [3.0, 5.0, 4.0, 6.0, 2.0]
        >>> model = seqkit.build_regressor(like=x[:3], targets=y[:3], units=2)
        >>> result = score_regressor(model, x[3:], y[3:], train=(x[:3], y[:3]))
        >>> result.scores["mae"].loc[["mean", "median"]].to_dict(), result.intervals
        ({'mean': 2.0, 'median': 2.0}, None)
    """
    if not isinstance(model, Regressor):
        raise InvalidType(
            WHERE,
            f"model must be a Regressor, got {type(model).__name__}.",
            "Make one with train_regressor.",
            argument="model",
        )
    train_samples, train_targets = _training_pair(model, train)
    samples = model.read_samples(WHERE, x)
    truth = as_targets(WHERE, y, model.targets, len(samples)).values.astype("float64")
    predicted = {"regressor": _predict(model, samples), **predict_plainly(train_samples, train_targets, samples)}
    levels = served_levels(model.intervals)
    table = model.predict_interval(samples, levels) if levels else None
    found = {}
    for number, name in enumerate(model.targets):
        own = {method: values[:, number] for method, values in predicted.items()}
        found[name] = _score_target(truth[:, number], own, _coverage(table, name, levels, truth[:, number]))
    return _joined(found)


def _training_pair(model: Regressor, train: Any) -> tuple[list[np.ndarray], np.ndarray]:
    """Training series, and their targets `[N, C]`."""
    where = f"{WHERE}: train"
    if not isinstance(train, (tuple, list)) or len(train) != 2:
        length = f" of {len(train)}" if isinstance(train, (tuple, list)) else ""
        problem = f"train must be the pair (x, y) of training samples, got {type(train).__name__}{length}."
        raise InvalidType(WHERE, problem, "Pass train=(x, y).", "train")
    samples = model.read_samples(where, train[0])
    targets = as_targets(where, train[1], model.targets, len(samples))
    refuse_constant(where, targets)
    return samples, targets.values.astype("float64")


def _predict(model: Regressor, samples: list[np.ndarray]) -> np.ndarray:
    predicted = model.predict(samples, verbose=0).reshape(len(samples), -1)
    if not np.isfinite(predicted).all():
        raise InvalidValue(WHERE, "the regressor predicts NaN, as after a training that diverged.", "Train it anew.")
    return predicted.astype("float64")


def _coverage(
    table: pd.DataFrame | None, name: str, levels: tuple[float, ...], truth: np.ndarray
) -> pd.DataFrame | None:
    """The share of the truths inside the intervals of a target, and their mean width, by level."""
    if table is None:
        return None
    rows = {}
    for level in levels:
        low, high = (table[f"{name}-{side}-{level:g}"].to_numpy() for side in ("lo", "hi"))
        rows[level] = {
            "coverage": float(((low <= truth) & (truth <= high)).mean()),
            "width": float((high - low).mean()),
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("level")


def _score_target(truth: np.ndarray, predicted: Mapping[str, np.ndarray], intervals: Any) -> RegressionScores:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the R2 of one sample is not defined, which NaN says
        rows = {
            method: {
                "mae": metrics.mean_absolute_error(truth, values),
                "rmse": metrics.root_mean_squared_error(truth, values),
                "r2": metrics.r2_score(truth, values),
            }
            for method, values in predicted.items()
        }
    scores = pd.DataFrame.from_dict(rows, orient="index").rename_axis("method")
    errors = {method: np.abs(truth - values) for method, values in predicted.items()}
    return RegressionScores(scores, intervals, verdict_of(scores, errors, intervals))


def _joined(found: Mapping[str, RegressionScores]) -> RegressionScores:
    """The scores of all targets; of one target, its own."""
    if len(found) == 1:
        return next(iter(found.values()))
    tables = {name: one.intervals for name, one in found.items() if one.intervals is not None}
    return RegressionScores(
        pd.concat({name: one.scores for name, one in found.items()}, names=["target"]),
        pd.concat(tables, names=["target"]) if tables else None,
        "\n".join(f"{name}: {one.verdict}" for name, one in found.items()),
    )
