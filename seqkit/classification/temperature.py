"""The temperature that makes probabilities agree with how often the model is right."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import log_expit, log_softmax

SMALLEST_PROBABILITY = 1e-7  # float32 does not resolve 1 - p below it
LOG_TEMPERATURE_RANGE = (np.log(0.05), np.log(20.0))


class FittedTemperature(NamedTuple):
    """The best temperature, and the mean log loss at it."""

    temperature: float
    loss: float


def fit_temperature(
    probabilities: np.ndarray, targets: np.ndarray, temperature: float, multi_label: bool
) -> FittedTemperature:
    """Minimise the log loss over the temperature (Guo et al. 2017, section 4.2).

    The targets are smoothed: one sample's worth of doubt goes to every class (Platt 1999, section 2.2). Without it,
    the best temperature for samples that are all classified right would be 0.

    Args:
        probabilities: `[B, K]`, predicted at `temperature`.
        targets: zeros and ones `[B, K]`.
        temperature: the number that divided the scores.
        multi_label: whether a sample may have any number of classes.
    """
    doubt = 1 / (len(targets) + 2)
    targets = targets * (1 - 2 * doubt) + doubt if multi_label else targets * (1 - doubt) + doubt / targets.shape[1]
    clipped = np.clip(probabilities.astype("float64"), SMALLEST_PROBABILITY, 1 - SMALLEST_PROBABILITY)
    # The scores up to a constant, which softmax removes.
    scores = temperature * (np.log(clipped / (1 - clipped)) if multi_label else np.log(clipped))

    def log_loss(log_temperature: Any) -> float:
        divided = scores / np.exp(log_temperature)
        if multi_label:
            return float(-(targets * log_expit(divided) + (1 - targets) * log_expit(-divided)).mean())
        return float(-(targets * log_softmax(divided, axis=1)).sum(axis=1).mean())

    best = minimize_scalar(log_loss, bounds=LOG_TEMPERATURE_RANGE, method="bounded")
    return FittedTemperature(float(np.exp(best.x)), float(best.fun))
