"""A `fit` that goes on: it keeps a checkpoint, and begins with the epoch in which it was killed."""

from __future__ import annotations

import contextlib
import random as python_random
import signal
import threading
import zlib
from collections.abc import Iterator
from typing import Any

import keras
import numpy as np

from seqkit._errors import InvalidType, InvalidValue, SeqkitWarning, keywords, warn
from seqkit.data.orders import BITS_OF_A_SEED, EpochOrder, batches_follow
from seqkit.task import training_state
from seqkit.task.checkpoint import Checkpoint
from seqkit.task.fitting import with_callbacks

EXIT_CODE_OF_SIGTERM = 128 + signal.SIGTERM


class Keeper(keras.callbacks.Callback):
    """Write a checkpoint at the beginning of each epoch, when all callbacks have seen the end of the one before.

    It is the first of all callbacks: those after it find their states as they were.
    """

    def __init__(self, checkpoint: Checkpoint, order: EpochOrder, state: dict[str, Any] | None) -> None:
        """Take the state from which to go on, or None."""
        super().__init__()
        self.checkpoint, self.order, self.state = checkpoint, order, state
        self.others: list[Any] = []
        self.data = ""
        self._at_start: dict[str, dict[str, Any]] | None = None
        self._trained_as: dict[str, str] = {}

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Go on from the state, once; then write one each time."""
        self.order.begin(epoch, self.params["steps"])
        callbacks = [*self.others, self.model.history]
        if self._at_start is None:
            training_state.build_optimizer(self.model)
            self._at_start = training_state.remembered(callbacks)
            self._trained_as = training_state.trained_as(self.model, self.params["steps"], self.data)
            self._trained_as |= self.checkpoint.asked
            if self.state is not None:
                self._go_on(callbacks, self.state)
                return
        self.checkpoint.write(
            {
                "epoch": epoch,
                "trained as": self._trained_as,
                "seed": self.order.seed,
                "callbacks": training_state.changed(training_state.remembered(callbacks), self._at_start),
                **training_state.variables_and_random_numbers(self.model),
            }
        )

    def _go_on(self, callbacks: list[Any], state: dict[str, Any]) -> None:
        self.checkpoint.refuse_other_training("fit", state, self._trained_as, tuple(self._trained_as))
        training_state.restore_variables_and_random_numbers(self.model, state)
        training_state.restore_callbacks(callbacks, state["callbacks"])


class Run:
    """What a call of `fit` adds to Keras's arguments; nothing without a checkpoint."""

    def __init__(self, keeper: Keeper | None = None) -> None:
        """Take the callback that keeps the checkpoint."""
        self.keeper = keeper

    def added_to(self, given: dict[str, Any]) -> dict[str, Any]:
        """Return the arguments of `fit` with the callback, and with the epoch from which to go on."""
        if self.keeper is None:
            return given
        _refuse_what_cannot_go_on(given, self.keeper.order)
        self.keeper.others = with_callbacks(given.get("callbacks"))
        self.keeper.data = _checksum(given, self.keeper.order)
        added = {**given, "callbacks": [self.keeper, *self.keeper.others]}
        if self.keeper.state is None:
            return added
        known = {"data": self.keeper.data, **self.keeper.checkpoint.asked}
        self.keeper.checkpoint.refuse_other_training("fit", self.keeper.state, known, tuple(known))
        epoch, epochs = self.keeper.state["epoch"], given.get("epochs", 1)
        if epoch >= epochs:
            problem = f"{self.keeper.checkpoint.path} has {epoch} epochs behind it, and epochs is {epochs}."
            raise InvalidValue("fit", problem, "Pass more epochs, or another file.", argument="epochs")
        return {**added, "initial_epoch": epoch}


@contextlib.contextmanager
def training_run(model: keras.Model, checkpoint: Any) -> Iterator[Run]:
    """Surround a `fit`: shuffled batches made within can go on, and Ctrl-C and SIGTERM say where the states are.

    Args:
        model: what is trained.
        checkpoint: a `Checkpoint`, the path of one, None, or the run that surrounds this one.
    """
    if checkpoint is None or isinstance(checkpoint, Run):
        yield checkpoint or Run()
        return
    if keras.backend.backend() != "tensorflow":
        raise InvalidValue("fit", "a checkpoint needs the TensorFlow backend of Keras.", argument="checkpoint")
    checkpoint = checkpoint if isinstance(checkpoint, Checkpoint) else Checkpoint(checkpoint)
    state = checkpoint.read()
    order = EpochOrder(python_random.getrandbits(BITS_OF_A_SEED) if state is None else state["seed"])
    keeper = Keeper(checkpoint, order, state)
    with batches_follow(order), _sigterm_as_exit():
        try:
            yield Run(keeper)
        except (KeyboardInterrupt, SystemExit) as stop:
            training_state.set_best_weights(model, map(vars, keeper.others))
            is_sigterm = isinstance(stop, SystemExit) and stop.code == EXIT_CODE_OF_SIGTERM
            what = "Ctrl-C" if isinstance(stop, KeyboardInterrupt) else "SIGTERM" if is_sigterm else "an exit"
            problem = f"{what} stopped the training in epoch {order.epoch + 1}. "
            problem += f"{checkpoint.path} holds the epochs before it."
            way_out = "Run the same again to go on, or take its weights with seqkit.Checkpoint(path).load(model)."
            warn(SeqkitWarning("fit", problem, way_out))
            raise


def _refuse_what_cannot_go_on(given: dict[str, Any], order: EpochOrder) -> None:
    if isinstance(given.get("callbacks"), keras.callbacks.CallbackList):
        problem = "a CallbackList cannot go with " + keywords(checkpoint=...) + ", which must come first."
        raise InvalidType("fit", problem, "Pass a list of callbacks.", argument="callbacks")
    if isinstance(given.get("x"), Iterator):
        problem = "a generator cannot go back to an epoch, as " + keywords(checkpoint=...) + " needs."
        raise InvalidType("fit", problem, "Pass arrays, a tf.data.Dataset or a keras.utils.PyDataset.", argument="x")
    if given.get("steps_per_epoch") is not None and not order.has_no_end:
        ended = "steps_per_epoch makes an epoch begin where the one before ended."
        way_out = "Leave it out beside " + keywords(checkpoint=...) + "."
        raise InvalidValue("fit", ended, way_out, argument="steps_per_epoch")


def _checksum(given: dict[str, Any], order: EpochOrder) -> str:
    """Of the arrays, or of the first batch that follows the order; nothing of batches that the user made."""
    x = given["x"]
    parts = [x, given.get("y"), given.get("sample_weight")]
    if hasattr(x, "element_spec"):
        if not order.is_followed:
            return ""
        order.begin(0, given.get("steps_per_epoch"))
        parts = list(x.take(1))
    checksum = 0
    for leaf in keras.tree.flatten(parts):
        array = keras.ops.convert_to_numpy(leaf) if keras.ops.is_tensor(leaf) else leaf
        if isinstance(array, np.ndarray) and array.dtype != object:
            checksum = zlib.crc32(array.tobytes(), checksum)
    return f"{checksum:08x}"


@contextlib.contextmanager
def _sigterm_as_exit() -> Iterator[None]:
    """Turn SIGTERM into an exit of Python, which cleans up, unless the program handles the signal itself."""
    is_free = signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    if threading.current_thread() is not threading.main_thread() or not is_free:
        yield
        return

    def leave(*_: Any) -> None:
        raise SystemExit(EXIT_CODE_OF_SIGTERM)

    signal.signal(signal.SIGTERM, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
