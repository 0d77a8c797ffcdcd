"""CarriedStates: the states that a recurrent stack carries from one batch to the next in a long text."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any

import keras
import numpy as np
from keras import ops

from seqkit.layers.stack import RecurrentStack


class CarriedStates:
    """One variable `[B, units]` for each state of a stack, B streams.

    The variables belong to no layer, so that saved and served models do not hold them.
    """

    def __init__(self, stack: RecurrentStack, streams: int) -> None:
        """Make the variables, all zeros."""
        self.streams, self.dtype = streams, stack.compute_dtype
        self.variables = {
            name: keras.Variable(np.zeros((streams, size), "float32"), trainable=False, name=f"carried_{name}")
            for names, size in zip(stack.state_names, stack.units, strict=True)
            for name in names
        }

    def read(self) -> dict[str, Any]:
        """Return the last states of the batch before."""
        return {name: ops.cast(variable, self.dtype) for name, variable in self.variables.items()}

    def write(self, states: Mapping[str, Any]) -> None:
        """Keep the last states for the next batch; gradients do not flow back through them."""
        for name, variable in self.variables.items():
            variable.assign(ops.cast(states[name], "float32"))

    def reset(self) -> None:
        """Set every state to zeros."""
        for variable in self.variables.values():
            variable.assign(ops.zeros(variable.shape))

    @contextlib.contextmanager
    def tracked_by(self, model: keras.Model) -> Iterator[None]:
        """Make the model track the variables inside the `with` block.

        Backends without side effects, such as JAX, update only the variables that the model tracks.
        """
        tracker, was_locked = model._tracker, model._tracker.locked
        tracker.unlock()
        for variable in self.variables.values():
            model._track_variable(variable)
        if was_locked:
            tracker.lock()
        try:
            yield
        finally:
            for variable in self.variables.values():
                model._untrack_variable(variable)


class ResetStates(keras.callbacks.Callback):
    """Sets the carried states to zeros at the beginning of every epoch."""

    def __init__(self, states: CarriedStates) -> None:
        super().__init__()
        self._states = states

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Reset the states."""
        self._states.reset()
