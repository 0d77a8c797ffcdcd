"""Quantiles that cannot cross, and the loss that trains them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import layers, ops

from seqkit._errors import InvalidValue

LEVELS = (0.005, 0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975, 0.995)


@keras.saving.register_keras_serializable("seqkit")
class IncreasingQuantiles(layers.Layer):
    r"""Make quantiles of free numbers: the middle one as it is, the others by steps that are not negative.

        q_k = q_(k-1) + softplus(a_k)      above the median, and the same downwards below it

    So they cannot cross, whatever the numbers are. Shapes: input and output `[..., Q]`, Q an odd number of levels.

    Example:
        >>> import numpy as np
        >>> from seqkit.layers import IncreasingQuantiles
        >>> quantiles = IncreasingQuantiles()(np.array([[3.0, 0.0, -3.0]])).numpy()
        >>> bool((np.diff(quantiles) > 0).all())
        True
    """

    def call(self, numbers: Any) -> Any:
        """Add up the steps on either side of the median."""
        middle = numbers.shape[-1] // 2
        median = numbers[..., middle : middle + 1]
        above = ops.cumsum(ops.softplus(numbers[..., middle + 1 :]), axis=-1)
        below = ops.flip(ops.cumsum(ops.flip(ops.softplus(numbers[..., :middle]), -1), axis=-1), -1)
        return ops.concatenate([median - below, median, median + above], axis=-1)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return the shape of the input."""
        return input_shape


def pinball_loss(actual: Any, quantiles: Any, levels: Sequence[float]) -> Any:
    r"""Quantile loss `[...]`, the mean over levels (Koenker & Bassett 1978); at the level .5 half the absolute error.

        max(p (y - q), (p - 1) (y - q))

    Args:
        actual: y, `[...]`.
        quantiles: q, `[..., Q]`.
        levels: p, the Q levels between 0 and 1.
    """
    distance = actual[..., None] - quantiles
    level = ops.convert_to_tensor(list(levels), dtype=quantiles.dtype)
    return ops.mean(ops.maximum(level * distance, (level - 1) * distance), axis=-1)


def check_levels(where: str, levels: Sequence[float]) -> tuple[float, ...]:
    """Levels that rise from above 0 to below 1, mirrored around .5."""
    found = tuple(float(level) for level in levels)
    rises = all(low < high for low, high in zip((0.0, *found), (*found, 1.0), strict=True))
    if not rises or len(found) % 2 == 0 or any(abs(a + b - 1) > 1e-9 for a, b in zip(found, found[::-1], strict=True)):
        raise InvalidValue(
            where,
            f"quantiles must rise between 0 and 1, with .5 in the middle and mirrored around it, got {list(found)}.",
            f"Pass levels such as {[0.1, 0.5, 0.9]}.",
            argument="quantiles",
        )
    return found
