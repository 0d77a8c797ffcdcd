"""The temperature at which probabilities are as often right as they say."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import log_expit, log_softmax

LEAST = 1e-7  # probability that is told from zero in float32
LIMITS = (np.log(0.05), np.log(20.0))


class Fitted(NamedTuple):
    """The best temperature, and the mean log loss there."""

    temperature: float
    loss: float


def fit_temperature(probabilities: np.ndarray, targets: np.ndarray, temperature: float, many: bool) -> Fitted:
    """Minimise the log loss over the temperature (Guo et al. 2017, section 4.2).

    The targets give one sample's worth of doubt to every class (Platt 1999, section 2.2): else samples that are all
    classified right would ask for certainty.

    Args:
        probabilities: `[B, K]`, given at `temperature`.
        targets: zeros and ones `[B, K]`.
        temperature: what scores were divided by.
        many: whether any number of classes holds.
    """
    doubt = 1 / (len(targets) + 2)
    targets = targets * (1 - 2 * doubt) + doubt if many else targets * (1 - doubt) + doubt / targets.shape[1]
    clipped = np.clip(probabilities.astype("float64"), LEAST, 1 - LEAST)
    # The scores, but for a constant that softmax takes away.
    scores = temperature * (np.log(clipped / (1 - clipped)) if many else np.log(clipped))

    def log_loss(log_temperature: Any) -> float:
        divided = scores / np.exp(log_temperature)
        if many:
            return float(-(targets * log_expit(divided) + (1 - targets) * log_expit(-divided)).mean())
        return float(-(targets * log_softmax(divided, axis=1)).sum(axis=1).mean())

    best = minimize_scalar(log_loss, bounds=LIMITS, method="bounded")
    return Fitted(float(np.exp(best.x)), float(best.fun))
