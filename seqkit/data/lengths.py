"""Samples of similar length in one batch: what is padded to the longest takes memory and time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

MOST_PADDING = 2**15  # timesteps of padding in a batch, a few megabytes in each layer


def batches_by_length(lengths: Sequence[int], batch_size: int, most_padding: int = MOST_PADDING) -> list[np.ndarray]:
    """Positions of the samples, sorted by length and cut into batches; the shortest samples come first.

    A batch ends before `batch_size` where its padding would exceed `most_padding` timesteps.

    Example:
        >>> batches_by_length([2, 90_000, 3, 2], batch_size=3)
        [array([0, 3, 2]), array([1])]
        >>> batches_by_length([2, 90_000, 3], batch_size=3)
        [array([0, 2]), array([1])]
    """
    order = np.argsort(lengths, kind="stable")
    in_order = np.asarray(lengths, "int64")[order]
    batches, first = [], 0
    while first < len(order):
        some = in_order[first : first + batch_size]
        padding = np.arange(1, len(some) + 1) * some - np.cumsum(some)  # of a batch that ends with each sample
        count = int(np.searchsorted(padding, most_padding, side="right"))
        batches.append(order[first : first + count])
        first += count
    return batches
