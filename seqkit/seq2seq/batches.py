"""Pairs as batches for Keras: `((source, said), target)`, and the weight of each pair if there is one.

Shapes: B pairs, S tokens of the longest source, T of the longest target, end mark included.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from seqkit.task import batches as batching
from seqkit.text.numbers import marked_targets
from seqkit.text.vocabulary import PADDING

if TYPE_CHECKING:
    import tensorflow as tf

MOST_SOURCE_STEPS = 63  # that lengths of sources are told apart by, where targets are of one length


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
) -> tf.data.Dataset:
    """Batches of numbers of tokens; shuffled, pairs of like length stand in a batch.

    `said` is the target one step later, from the start mark on: what the decoder has said before, as if it had
    been right each time (teacher forcing, Williams & Zipser 1989); a target of more than `longest` tokens does not
    end.
    """
    marked, steps = marked_targets(targets, start, end, longest), batching.rounding()
    rows = sources, [row[:-1] for row in marked], [row[1:] for row in marked]
    source, said, wanted = (batching.gather_padded(one, PADDING, steps) for one in rows)
    lengths = [
        (MOST_SOURCE_STEPS + 1) * len(target) + min(len(source), MOST_SOURCE_STEPS)
        for source, target in zip(sources, targets, strict=True)
    ]
    order = batching.orders_of_like_pairs(np.array(lengths, "int32"), batch_size, shuffle=shuffle)
    return batching.pipeline(order, _pairs(source, said, wanted, weights=weights))


def series_batches(
    source: np.ndarray, target: np.ndarray, batch_size: int, shuffle: bool, weights: np.ndarray | None = None
) -> tf.data.Dataset:
    """Batches of series; before the first step nothing was said, which NaN stands for."""
    said = np.concatenate([np.full_like(target[:, :1], np.nan), target[:, :-1]], axis=1)
    order = batching.position_batches(len(source), batch_size, shuffle=shuffle)
    read = [batching.gather_whole(one) for one in (source, said, target)]
    return batching.pipeline(order, _pairs(*read, weights=weights))


def _pairs(source: batching.Take, said: batching.Take, wanted: batching.Take, *, weights: Any) -> batching.Take:
    others = [] if weights is None else [batching.gather_whole(weights)]
    return lambda positions: (
        (source(positions), said(positions)),
        wanted(positions),
        *(other(positions) for other in others),
    )
