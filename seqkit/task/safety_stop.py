"""The clock's part of a budget: it stops a training that takes much longer than its table of costs says."""

from __future__ import annotations

import time
from typing import Any

import keras

from seqkit._errors import SeqkitWarning, keywords, warn

TIMES_THE_BUDGET = 3


class SafetyStop(keras.callbacks.Callback):
    """Stop training at three times the budget, counted from here on over all fits that have this callback."""

    kept_in_checkpoint = ()  # it begins anew

    def __init__(self, where: str, seconds: float) -> None:
        """Start the clock."""
        super().__init__()
        self.where, self.seconds = where, seconds
        self._end = time.monotonic() + TIMES_THE_BUDGET * seconds
        self._has_warned = False

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Stop where the time is over."""
        if time.monotonic() < self._end:
            return
        self.model.stop_training = True
        if not self._has_warned:
            self._has_warned = True
            seconds = f"{TIMES_THE_BUDGET * self.seconds:.0f} seconds, three times the budget"
            problem = f"the clock stopped the training after {seconds}. " + keywords(seed=...) + " does not repeat it."
            way_out = "Pass a larger " + keywords(budget=...) + ", or fewer " + keywords(timesteps=...) + "."
            warn(SeqkitWarning(self.where, problem, way_out, argument="budget"))
