"""The random order of samples, where a training must be able to go on: it follows from a seed and the epoch alone."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import Any

import numpy as np

BITS_OF_A_SEED = 31

Draw = Callable[[np.random.Generator], Any]  # returns the order of a pass, of which slices are arrays


class EpochOrder:
    """Draws the order of one epoch after the other.

    Attributes:
        seed: of all orders.
        epoch: the one that has begun, from 0.
        is_followed: whether batches follow it.
        has_no_end: whether these are batches of passes without end, of which an epoch is a part.
    """

    def __init__(self, seed: int) -> None:
        """Wait for the first epoch."""
        self.seed, self.epoch, self.is_followed, self.has_no_end = seed, 0, False, False
        self._steps = self._draws = 0

    def begin(self, epoch: int, steps: int | None) -> None:
        """Go to an epoch, of so many batches if that is known."""
        self.epoch, self._steps, self._draws = epoch, steps or 0, 0

    def random(self) -> np.random.Generator:
        """Return the random numbers of the next pass of this epoch."""
        self._draws += 1
        return np.random.default_rng((self.seed, self.epoch, self._draws))

    def drawn(self, draw: Draw, batch_size: int, passes: int) -> Iterator[np.ndarray]:
        """Yield batches of so many passes, each of which `draw` makes from random numbers."""
        for _ in range(passes):
            yield from cut_in_batches(draw(self.random()), batch_size)

    def drawn_without_end(self, draw: Draw, count: int, batch_size: int) -> Iterator[np.ndarray]:
        """Yield batches of passes of `count` for all epochs from this one on; a pass goes on in the next epoch."""
        first, skipped = divmod(self.epoch * self._steps, -(-count // batch_size))
        for number in itertools.count(first):
            batches = cut_in_batches(draw(np.random.default_rng((self.seed, number))), batch_size)
            yield from itertools.islice(batches, skipped, None)
            skipped = 0


def cut_in_batches(order: Any, batch_size: int) -> Iterator[np.ndarray]:
    """Yield slices of an order one after the other."""
    return (order[first : first + batch_size] for first in range(0, len(order), batch_size))


_CURRENT: ContextVar[EpochOrder | None] = ContextVar("order of epochs", default=None)


def order_to_follow() -> EpochOrder | None:
    """Return the order that shuffled batches are to follow; by default None, and each pipeline draws its own."""
    order = _CURRENT.get()
    if order is not None:
        order.is_followed = True
    return order


@contextlib.contextmanager
def batches_follow(order: EpochOrder) -> Iterator[None]:
    """Let the shuffled batches that are made within follow this order."""
    token = _CURRENT.set(order)
    try:
        yield
    finally:
        _CURRENT.reset(token)
