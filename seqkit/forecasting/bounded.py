"""Scaled targets within bounds: a flat window, whose spread is nearly zero, does not outweigh others in the loss."""

from __future__ import annotations

from typing import Any

from keras import ops

MOST_SPREADS = 10.0  # between the level of a window and its targets


def within_bounds(targets: Any, forecasts: Any, weights: Any = None) -> tuple[Any, Any]:
    """Shrink a window's scaled targets and forecasts alike, so that no target is more than 10 spreads from the level.

    Other windows stay as they are. The loss of a window that is flat before a jump was as large as that of thousands.

    Args:
        targets: in scaled units, `[B, H, C]`.
        forecasts: in scaled units, `[B, H, C]`.
        weights: `[B, H, C]`, or None; values of weight 0 are unknown.
    """
    distance = ops.abs(targets)
    if weights is not None:
        distance = ops.where(ops.cast(weights, "bool"), distance, 0.0)
    farthest = ops.max(distance, axis=1, keepdims=True)  # (B, 1, C)
    share = MOST_SPREADS / ops.maximum(farthest, MOST_SPREADS)
    return targets * share, forecasts * share
