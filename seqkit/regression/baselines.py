"""The baselines a regressor has to beat: the mean, the median, and a linear model on plain features.

Shapes: N training samples, B samples, C targets.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from sklearn.linear_model import RidgeCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from seqkit.data.plain_features import compute_statistics, plain_features

PENALTIES = np.logspace(-3, 6, 19)
MOST_VALUES = 20_000_000  # of all training samples; longer series are read by their statistics


def predict_plainly(
    train: Sequence[np.ndarray], targets: np.ndarray, samples: Sequence[np.ndarray]
) -> dict[str, np.ndarray]:
    """What each baseline predicts, `[B, C]`, from training series with targets `[N, C]`."""
    constant = {"mean": targets.mean(axis=0), "median": np.median(targets, axis=0)}
    predicted = {name: np.tile(value, (len(samples), 1)) for name, value in constant.items()}
    return predicted | {"linear": _predict_linear(train, targets, samples)}


def _predict_linear(train: Sequence[np.ndarray], targets: np.ndarray, samples: Sequence[np.ndarray]) -> np.ndarray:
    """Ridge regression, its penalty chosen for each target by leaving out each training sample in turn."""
    both = [*train, *samples]
    is_long = sum(map(np.size, train)) > MOST_VALUES
    features = [compute_statistics(one.astype(float)) for one in both] if is_long else plain_features(both)
    ridge = RidgeCV(alphas=PENALTIES, alpha_per_target=targets.shape[1] > 1)
    scaling = StandardScaler()
    with threadpool_limits(1):  # threads gain little here, and wait for each other on a busy machine
        model = make_pipeline(StandardScaler(), ridge).fit(features[: len(train)], scaling.fit_transform(targets))
        predicted = model.predict(features[len(train) :]).reshape(len(samples), -1)
    return scaling.inverse_transform(predicted)
