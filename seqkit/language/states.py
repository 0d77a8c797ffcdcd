"""States that a recurrent stack carries from one batch to the next while a long text is read."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any

import keras
import numpy as np
from keras import ops

from seqkit.layers.stack import RecurrentStack


class CarriedStates:
    """One variable for each state of a stack; beside the layers, so that what is saved and served holds none.

    Shapes: `[B, units]` each, B streams.
    """

    def __init__(self, stack: RecurrentStack, streams: int) -> None:
        """Make them, all zeros."""
        self.streams, self.dtype = streams, stack.compute_dtype
        self.variables = {
            name: keras.Variable(np.zeros((streams, size), "float32"), trainable=False, name=f"carried_{name}")
            for names, size in zip(stack.state_names, stack.units, strict=True)
            for name in names
        }

    def read(self) -> dict[str, Any]:
        """What the batch before has left."""
        return {name: ops.cast(one, self.dtype) for name, one in self.variables.items()}

    def write(self, states: Mapping[str, Any]) -> None:
        """Keep the last states for the next batch; no gradient goes back through them."""
        for name, one in self.variables.items():
            one.assign(ops.cast(states[name], "float32"))

    def reset(self) -> None:
        """Back to zeros."""
        for one in self.variables.values():
            one.assign(ops.zeros(one.shape))

    @contextlib.contextmanager
    def known_to(self, model: keras.Model) -> Iterator[None]:
        """For a while the model's own, which backends without side effects need to hand them on."""
        tracker, locked = model._tracker, model._tracker.locked
        tracker.unlock()
        for one in self.variables.values():
            model._track_variable(one)
        if locked:
            tracker.lock()
        try:
            yield
        finally:
            for one in self.variables.values():
                model._untrack_variable(one)


class ResetStates(keras.callbacks.Callback):
    """Begin every epoch without a past."""

    def __init__(self, states: CarriedStates) -> None:
        super().__init__()
        self._states = states

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Set every state back to zeros."""
        self._states.reset()
