"""Batches for Keras: `((source, previous), target)`, and the weight of each pair if there is one.

`previous` is the target one timestep later, so that the decoder reads the right tokens or values before each timestep
(teacher forcing, Williams & Zipser 1989).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from seqkit.task import batches as batching
from seqkit.text.token_numbers import mark_targets
from seqkit.text.vocabulary import PADDING

if TYPE_CHECKING:
    import tensorflow as tf

LONGEST_SORTED_SOURCE = 63  # tokens; longer sources are sorted as if they had this length


def token_batches(
    sources: Sequence[np.ndarray],
    targets: Sequence[np.ndarray],
    *,
    start: int,
    end: int,
    longest: int,
    batch_size: int,
    shuffle: bool,
    weights: np.ndarray | None = None,
    source_padding: float = PADDING,
) -> tf.data.Dataset:
    """Batches of sources, numbers of tokens or series, and of numbers of tokens as targets.

    If shuffled, a batch holds pairs of similar length.

    The start mark comes before a target and the end mark after it. A target of more than `longest` tokens is cut and
    has no end mark.
    """
    marked, multiple = mark_targets(targets, start, end, longest), batching.length_multiple()
    columns = (sources, [tokens[:-1] for tokens in marked], [tokens[1:] for tokens in marked])
    # Pairs are sorted by the length of the target, and at equal length by that of the source.
    sort_keys = [
        (LONGEST_SORTED_SOURCE + 1) * len(target) + min(len(source), LONGEST_SORTED_SOURCE)
        for source, target in zip(sources, targets, strict=True)
    ]
    order = batching.batches_of_similar_length_in_pools(np.array(sort_keys, "int32"), batch_size, shuffle=shuffle)
    paddings = (source_padding, PADDING, PADDING)
    gathers = [batching.gather_padded(*column, multiple) for column in zip(columns, paddings, strict=True)]
    return _pair_batches(order, gathers, weights)


def series_batches(
    source: np.ndarray, target: np.ndarray, batch_size: int, shuffle: bool, weights: np.ndarray | None = None
) -> tf.data.Dataset:
    """Batches of series; NaN stands before the first timestep of a target."""
    previous = np.concatenate([np.full_like(target[:, :1], np.nan), target[:, :-1]], axis=1)
    order = batching.position_batches(len(source), batch_size, shuffle=shuffle)
    return _pair_batches(order, [batching.gather_rows(values) for values in (source, previous, target)], weights)


def _pair_batches(
    order: tf.data.Dataset, gathers: Sequence[batching.Gather], weights: np.ndarray | None
) -> tf.data.Dataset:
    gather_source, gather_previous, gather_target = gathers
    gather_weights = None if weights is None else batching.gather_rows(weights)

    def gather(positions: tf.Tensor) -> tuple:
        batch = (gather_source(positions), gather_previous(positions)), gather_target(positions)
        return batch if gather_weights is None else (*batch, gather_weights(positions))

    return batching.pipeline(order, gather)
