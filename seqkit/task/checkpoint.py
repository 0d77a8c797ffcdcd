"""Checkpoints: a training that is killed at any moment goes on from its last epoch, to the same weights bit by bit."""

from __future__ import annotations

import contextlib
import os
import random as python_random
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras

from seqkit._errors import InvalidType, InvalidValue, SeqkitWarning, keywords, warn
from seqkit.data.orders import EpochOrder, batches_follow
from seqkit.task import training_state
from seqkit.task.fitting import with_callbacks
from seqkit.task.state_file import read_state, write_state

FORMAT = 1
BEFORE = ".before"
BITS_OF_A_SEED = 31
EXIT_CODE_OF_SIGTERM = 128 + signal.SIGTERM


class Checkpoint:
    """The file of a training that can go on: `model.fit(x, y, epochs=50, checkpoint="run.checkpoint")`.

    At the beginning of each epoch the file takes all that the rest of the training depends on: weights, optimizer,
    states of seed generators (dropout), Python's and NumPy's random states, the seed of the order of samples, the
    epoch, and what callbacks remember (the best value, how long they have waited, averages of weights). The file before
    it is kept as `run.checkpoint.before`. Run the same program again after it was killed, and `fit` goes on with the
    epoch in which it was, to the same weights, bit by bit. After a training that ended, `fit` repeats its last epoch.

    With a checkpoint, the order of samples follows from a seed and the epoch alone, so another training without one
    sees them in another order. Not kept are random numbers that a layer draws without a `keras.random.SeedGenerator`,
    and the order of a dataset that you shuffle yourself.

    Args:
        path: the file; one for each training.

    Example:
        >>> import pathlib, tempfile, numpy as np, seqkit as sk
        >>> x, y = np.ones((8, 5, 1), "float32"), np.ones((8, 1), "float32")
        >>> model = sk.build_recurrent("many_to_one", features=1, outputs=1, units=3)
        >>> checkpoint = sk.Checkpoint(pathlib.Path(tempfile.mkdtemp()) / "run.checkpoint")
        >>> history = model.fit(x, y, epochs=4, checkpoint=checkpoint, verbose=0)
        >>> checkpoint.epoch
        3
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        """Name the file, which need not exist."""
        if not isinstance(path, (str, os.PathLike)) or not str(path):
            problem = f"a file is needed, got {path!r}."
            raise InvalidType("Checkpoint", problem, "Pass a path, such as 'run.checkpoint'.", argument="path")
        self.path = Path(path)
        self._is_latest_good = True

    def __repr__(self) -> str:
        return f"Checkpoint({str(self.path)!r})"

    @property
    def epoch(self) -> int | None:
        """The epoch with which the training goes on, from 0; None where there is none yet."""
        state = self.read()
        return None if state is None else state["epoch"]

    def load(self, model: keras.Model) -> None:
        """Set the weights of a model: the best ones that a callback kept (`EarlyStopping`), else the last ones.

        Args:
            model: built and compiled as the one that was trained.

        Raises:
            ValueError: there is no such file that can be read, or it is of another model.
        """
        state = self.read()
        if state is None:
            raise InvalidValue("Checkpoint.load", f"there is no checkpoint at {self.path}.", argument="path")
        training_state.build_optimizer(model)
        self.refuse_other_training("Checkpoint.load", state, training_state.trained_as(model, None), ("model",))
        variables = state["variables"][: len(model.variables)]
        for variable, value in zip(model.variables, variables, strict=True):
            variable.assign(value)
        _set_best(model, state["callbacks"].values())

    def read(self) -> dict[str, Any] | None:
        """Read the latest state that can be read; the one before, or none at all, is named in a warning."""
        for path in (self.path, self._before):
            if not path.exists():
                continue
            try:
                state = read_state(path)
                if state["format"] == FORMAT:
                    return state
                problem = f"it has the format {state['format']}, and this release reads {FORMAT}"
            except (ValueError, KeyError, TypeError) as error:
                problem = str(error)
            self._is_latest_good = self._is_latest_good and path != self.path
            instead = "The one before is used" if path == self.path and self._before.exists() else "It counts as none"
            warn(SeqkitWarning("Checkpoint", f"{path} cannot be read: {problem}.", f"{instead}.", argument="path"))
        return None

    def write(self, state: dict[str, Any]) -> None:
        """Write a state; the latest one becomes the one before, unless it could not be read."""
        if self.path.exists() and self._is_latest_good:
            os.replace(self.path, self._before)
        write_state("Checkpoint", self.path, {"format": FORMAT, **state})
        self._is_latest_good = True

    def refuse_other_training(
        self, where: str, state: dict[str, Any], wanted: dict[str, str], parts: tuple[str, ...]
    ) -> None:
        """Refuse to go on from a state that another training wrote."""
        for part in parts:
            if state["trained as"][part] != wanted[part]:
                problem = f"{self.path} is of another training, which differs in: {part}."
                way_out = f"Name another file, or delete {self.path} and {self._before}."
                raise InvalidValue(where, problem, way_out, argument="checkpoint")

    @property
    def _before(self) -> Path:
        return self.path.with_name(self.path.name + BEFORE)


class Keeper(keras.callbacks.Callback):
    """Write a checkpoint at the beginning of each epoch, when all callbacks have seen the end of the one before.

    It is the first of all callbacks: those after it find their states as they were.
    """

    def __init__(self, checkpoint: Checkpoint, order: EpochOrder, state: dict[str, Any] | None) -> None:
        """Take the state from which to go on, or None."""
        super().__init__()
        self.checkpoint, self.order, self.state = checkpoint, order, state
        self.others: list[Any] = []
        self._at_start: dict[str, dict[str, Any]] | None = None
        self._trained_as: dict[str, str] = {}

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Go on from the state, once; then write one each time."""
        self.order.epoch = epoch
        callbacks = [*self.others, self.model.history]
        if self._at_start is None:
            training_state.build_optimizer(self.model)
            self._at_start = training_state.remembered(callbacks)
            self._trained_as = training_state.trained_as(self.model, self.params["steps"])
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
        _refuse_what_cannot_go_on(given)
        self.keeper.others = with_callbacks(given.get("callbacks"))
        added = {**given, "callbacks": [self.keeper, *self.keeper.others]}
        if self.keeper.state is None:
            return added
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
        checkpoint: a `Checkpoint`, the path of one, or None.
    """
    if checkpoint is None:
        yield Run()
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
            _set_best(model, map(vars, keeper.others))
            what = "Ctrl-C" if isinstance(stop, KeyboardInterrupt) else "an exit"
            problem = (
                f"{what} stopped the training in epoch {order.epoch + 1}. {checkpoint.path} holds those before it."
            )
            way_out = "Run the same again to go on, or take its weights with seqkit.Checkpoint(path).load(model)."
            warn(SeqkitWarning("fit", problem, way_out))
            raise


def _refuse_what_cannot_go_on(given: dict[str, Any]) -> None:
    if isinstance(given.get("callbacks"), keras.callbacks.CallbackList):
        problem = "a CallbackList cannot go with " + keywords(checkpoint=...) + ", which must come first."
        raise InvalidType("fit", problem, "Pass a list of callbacks.", argument="callbacks")
    if isinstance(given.get("x"), Iterator):
        problem = "a generator cannot go back to an epoch, as " + keywords(checkpoint=...) + " needs."
        raise InvalidType("fit", problem, "Pass arrays, a tf.data.Dataset or a keras.utils.PyDataset.", argument="x")
    if given.get("steps_per_epoch") is not None:
        ended = "steps_per_epoch makes an epoch begin where the one before ended."
        way_out = "Leave it out beside " + keywords(checkpoint=...) + "."
        raise InvalidValue("fit", ended, way_out, argument="steps_per_epoch")


def _set_best(model: keras.Model, callbacks: Any) -> None:
    """Set the best weights that a callback kept, if one did; `callbacks` are their attributes."""
    for attributes in callbacks:
        if attributes.get("best_weights") is not None:
            model.set_weights(attributes["best_weights"])


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
