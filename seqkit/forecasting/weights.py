"""Weights of target values: a missing one counts in no loss and no metric, and the targets beside it do.

Shapes: B samples, H horizon, C targets.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from keras import ops

from seqkit._errors import InvalidValue

ANY_VALUE = 1.0  # in the place of a missing target: every transform accepts it; log(0) times a weight of 0 is NaN


def weights_of_values(sample_weight: Any, y_pred: Any) -> Any:
    """Weights `(B, H, C)`, from one for each window, each timestep of its horizon, or each value; None for None.

    Args:
        sample_weight: `(B,)`, `(B, 1)`, `(B, H)` or `(B, H, C)`, or None.
        y_pred: forecasts `(B, H, C)`.

    Raises:
        ValueError: weights of another shape.
    """
    if sample_weight is None:
        return None
    samples, (horizon, targets) = ops.shape(y_pred)[0], y_pred.shape[1:]
    values = horizon * targets
    # Keras forgets the rank after it has read several forms, so no branch can ask for it.
    weights = ops.reshape(ops.cast(sample_weight, "float32"), (samples, -1))
    count = ops.shape(weights)[1]  # a number where it is known, else a tensor
    if isinstance(count, int) and count not in (1, horizon, values):
        problem = f"wanted a weight for each window, or {horizon} or {horizon} x {targets} for it, got {count}."
        raise InvalidValue("fit", problem, argument="sample_weight")
    each = np.arange(values) // (values // count) if isinstance(count, int) else ops.arange(values) // (values // count)
    return ops.reshape(ops.take(weights, each, axis=1), (samples, horizon, targets))


def known_alone(y: Any, y_pred: Any, weights: Any) -> tuple[Any, Any, Any]:
    """Targets, forecasts and weights `(B, H)` with which any loss of Keras's counts the values of weight 0 as nothing.

    Where a target is missing, and another of its timestep is not, it becomes the forecast itself: its error is 0, and
    no gradient passes. A timestep has the largest weight of its values.

    Args:
        y: targets `(B, H, C)`.
        y_pred: forecasts `(B, H, C)`.
        weights: `(B, H, C)`, or None.
    """
    if weights is None:
        return y, y_pred, None
    if y_pred.shape[2] > 1:
        forecast = ops.stop_gradient(y_pred)
        y, y_pred = (ops.where(weights > 0, values, forecast) for values in (y, y_pred))
    return y, y_pred, ops.max(weights, axis=2)


def value_by_value(y: Any, y_pred: Any, weights: Any) -> tuple[Any, Any, Any]:
    """Targets and forecasts `(B, H, C, 1)` beside weights `(B, H, C)`, so that Keras's metrics weigh each value.

    Without weights, and of one target, they are as they were, and the weights `(B, H)`.
    """
    if weights is None:
        return y, y_pred, None
    if len(y_pred.shape) < 3 or y_pred.shape[2] == 1:
        return y, y_pred, weights[..., 0]
    shape = (-1, *y_pred.shape[1:], 1)
    return ops.reshape(y, shape), ops.reshape(y_pred, shape), weights


def weighed(y: np.ndarray, weights: np.ndarray | None) -> tuple[np.ndarray, np.ndarray | None]:
    """Target arrays without NaN, and weights `(B, H, C)` of 0 where there was one.

    Args:
        y: targets `(B, H, C)`.
        weights: `(B, 1)` or `(B, H)`, or None.

    Returns:
        Both as they are where no value is missing.
    """
    is_known = ~np.isnan(y)
    if is_known.all():
        return y, weights
    given = 1.0 if weights is None else weights[..., None]
    return np.where(is_known, y, ANY_VALUE), (is_known * given).astype("float32")
