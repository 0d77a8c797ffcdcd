"""The file of a training: all that the rest of it depends on, at the beginning of its latest epoch."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import keras

from seqkit._errors import InvalidType, InvalidValue, SeqkitWarning, warn
from seqkit.task import training_state
from seqkit.task.state_file import may_be_state, read_state, write_state

FORMAT = 1
BEFORE = ".before"
NOT_IN_A_NAME = r"[^a-z0-9]+"


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
        self.asked: dict[str, str] = {}  # what else must be the same in a training that goes on
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
        self.refuse_other_training("Checkpoint.load", state, training_state.trained_as(model, None, ""), ("model",))
        variables = state["variables"][: len(model.variables)]
        for variable, value in zip(model.variables, variables, strict=True):
            variable.assign(value)
        training_state.set_best_weights(model, state["callbacks"].values())

    def part(self, name: str) -> Checkpoint:
        """Return the checkpoint of one of several trainings: `run.checkpoint.fold-1` beside `run.checkpoint`."""
        part = Checkpoint(self.path.with_name(f"{self.path.name}.{re.sub(NOT_IN_A_NAME, '-', name)}"))
        part.asked = self.asked
        return part

    def asking(self, **asked: str) -> Checkpoint:
        """Return the same checkpoint, of trainings for which something else was asked, such as a seed."""
        same = Checkpoint(self.path)
        same.asked = asked
        return same

    def read(self) -> dict[str, Any] | None:
        """Read the latest state that can be read; the one before, or none at all, is named in a warning."""
        self._refuse_foreign()
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
            problem = f"{path} cannot be read: {problem.rstrip('.')}."
            warn(SeqkitWarning("Checkpoint", problem, f"{instead}.", argument="path"))
        return None

    def write(self, state: dict[str, Any]) -> None:
        """Write a state; the latest one becomes the one before, unless it could not be read."""
        self._refuse_foreign()
        if self.path.exists() and self._is_latest_good:
            os.replace(self.path, self._before)
        write_state("Checkpoint", self.path, {"format": FORMAT, **state})
        self._is_latest_good = True

    def refuse_other_training(
        self, where: str, state: dict[str, Any], wanted: dict[str, str], parts: tuple[str, ...]
    ) -> None:
        """Refuse to go on from a state that another training wrote."""
        for part in parts:
            if state["trained as"].get(part, wanted[part]) != wanted[part]:
                problem = f"{self.path} is of another training, which differs in: {part}."
                way_out = f"Name another file, or delete {self.path} and {self._before}."
                raise InvalidValue(where, problem, way_out, argument="checkpoint")

    @property
    def _before(self) -> Path:
        return self.path.with_name(self.path.name + BEFORE)

    def _refuse_foreign(self) -> None:
        """Refuse a folder, and a file that is no checkpoint, not even one that was cut off."""
        for path in (self.path, self._before):
            if path.is_dir() or (path.exists() and not may_be_state(path)):
                problem = f"{path} is {'a folder' if path.is_dir() else 'a file of another kind'}, so it is left alone."
                raise InvalidValue("Checkpoint", problem, "Name a new file, such as run.checkpoint.", argument="path")
