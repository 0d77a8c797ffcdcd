"""The random order of samples, where a training must be able to go on: it follows from a seed and the epoch alone."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar

import numpy as np


class EpochOrder:
    """Draws the order of one epoch after the other.

    Attributes:
        seed: of all orders.
        epoch: the one that begins.
    """

    def __init__(self, seed: int) -> None:
        """Begin with epoch 0."""
        self.seed, self.epoch = seed, 0

    def random(self) -> np.random.Generator:
        """Return the random numbers of the epoch, from their start."""
        return np.random.default_rng((self.seed, self.epoch))

    def permuted(self, count: int, batch_size: int, passes: int | None) -> Iterator[np.ndarray]:
        """Yield batches of the positions 0 to `count` - 1, each position once in each pass; None passes without end."""
        random, done = self.random(), 0
        while passes is None or done < passes:
            order = random.permutation(count)
            yield from (order[first : first + batch_size] for first in range(0, count, batch_size))
            done += 1


_CURRENT: ContextVar[EpochOrder | None] = ContextVar("order of epochs", default=None)


def current_order() -> EpochOrder | None:
    """Return the order that shuffled batches are to follow; by default None, and each pipeline draws its own."""
    return _CURRENT.get()


@contextlib.contextmanager
def batches_follow(order: EpochOrder) -> Iterator[None]:
    """Let the shuffled batches that are made within follow this order."""
    token = _CURRENT.set(order)
    try:
        yield
    finally:
        _CURRENT.reset(token)
